package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/transparency"
)

// patience is how long one witness may take to answer. They are asked side by side.
const patience = 10 * time.Second

// Client asks the witnesses of a policy for their cosignatures.
type Client struct {
	Log    *transparency.Log
	Policy *Policy
	HTTP   *http.Client // nil: one that waits ten seconds

	mu     sync.Mutex
	states map[string]*state // by the witness's name
	note   string            // newest checkpoint, with what was collected for it
}

type state struct {
	size int64 // leaves in the newest tree it has cosigned, as far as we know
	down bool
}

// Status is what is known of one witness.
type Status struct {
	Name string
	Size int64
	Down bool
}

// Status lists all witnesses in the order of the policy.
func (c *Client) Status() []Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Status, len(c.Policy.Witnesses))
	for i, w := range c.Policy.Witnesses {
		all[i] = Status{Name: w.Name}
		if st := c.states[w.Name]; st != nil {
			all[i].Size, all[i].Down = st.size, st.down
		}
	}
	return all
}

// Collect shows the newest checkpoint to all witnesses that have not cosigned it and publishes it when the policy is
// content. A witness that is down is passed over, and asked again by the next call. done is false while the policy asks for
// more.
//
// Errors: transparency.ErrRolledBack when a witness has cosigned a larger tree than the database holds, or
// transparency.ErrForked when one has cosigned another of the same size.
func (c *Client) Collect(ctx context.Context) (done bool, err error) {
	head, err := c.Log.Head(ctx)
	if err != nil || head == nil {
		return false, err
	}
	published, err := c.Log.Published(ctx)
	if err != nil {
		return false, err
	}
	c.start(head, published)
	if err := c.askAll(ctx, head, func(w Named) bool { return !c.has(w) }); err != nil {
		return false, err
	}
	c.mu.Lock()
	grown := c.note
	c.mu.Unlock()
	return c.Log.Publish(ctx, grown)
}

// Fresh says whether there is a checkpoint that this client has not begun to collect for.
func (c *Client) Fresh(ctx context.Context) (bool, error) {
	head, err := c.Log.Head(ctx)
	if err != nil || head == nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !strings.HasPrefix(c.note, head.Note), nil
}

// Compare asks every witness at which size it is, and refuses a database that is behind one of them. Those that do not
// answer are passed over. What they cosign anew, with today's date, goes out with the next Collect. Errors: transparency.ErrRolledBack, transparency.ErrForked.
func (c *Client) Compare(ctx context.Context) error {
	head, err := c.Log.Head(ctx)
	if err != nil || head == nil {
		return err
	}
	published, err := c.Log.Published(ctx)
	if err != nil {
		return err
	}
	c.start(head, published)
	return c.askAll(ctx, head, func(Named) bool { return true })
}

// askAll asks witnesses side by side. Only what says that the log must not go on is an error.
func (c *Client) askAll(ctx context.Context, head *transparency.Checkpoint, which func(w Named) bool) error {
	answers := make([]error, len(c.Policy.Witnesses))
	var all sync.WaitGroup
	for i, w := range c.Policy.Witnesses {
		if w.URL != "" && which(w) {
			all.Go(func() { answers[i] = c.ask(ctx, w, head) })
		}
	}
	all.Wait()
	for i, err := range answers {
		if errors.Is(err, transparency.ErrRolledBack) || errors.Is(err, transparency.ErrForked) {
			return fmt.Errorf("witness %s: %w", c.Policy.Witnesses[i].Name, err)
		}
	}
	return nil
}

// start begins to collect for a checkpoint, with the cosignatures that are published for it already.
func (c *Client) start(head *transparency.Checkpoint, published string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.HasPrefix(c.note, head.Note) {
		return
	}
	c.note = head.Note
	if strings.HasPrefix(published, head.Note) {
		c.note = published
	}
}

// has says whether a witness's cosignature is collected.
func (c *Client) has(w Named) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := note.Open([]byte(c.note), note.VerifierList(w.Verifier))
	return err == nil
}

// ask shows a checkpoint to one witness. Told that it is at another size than we thought, it asks once more from there.
func (c *Client) ask(ctx context.Context, w Named, head *transparency.Checkpoint) error {
	c.mu.Lock()
	if c.states == nil {
		c.states = map[string]*state{}
	}
	if c.states[w.Name] == nil {
		c.states[w.Name] = &state{}
	}
	st := c.states[w.Name]
	from := min(st.size, head.Size)
	c.mu.Unlock()
	lines, err := c.show(ctx, w, head, from)
	var at *conflict
	if errors.As(err, &at) {
		if at.size == from {
			return transparency.ErrForked // the same size and another root: the answer leaves nothing else
		}
		if err := c.reaches(ctx, at.size); err != nil {
			return err
		}
		if at.size > head.Size {
			return nil // another replica was faster; the next call has the newer checkpoint
		}
		from = at.size
		lines, err = c.show(ctx, w, head, from)
		if errors.As(err, &at) && at.size == from {
			return transparency.ErrForked
		}
	}
	if errors.Is(err, errOther) {
		return transparency.ErrForked
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	st.down = err != nil
	if err != nil {
		return err
	}
	collected := transparency.Checkpoint{Note: c.note}
	grown, err := collected.AddSignatures(lines, w.Verifier)
	if err != nil {
		st.down = true
		return err
	}
	if strings.HasPrefix(c.note, head.Note) {
		c.note = grown
	}
	st.size = head.Size
	return nil
}

// reaches reads the newest checkpoint anew and compares it with a size that a witness has cosigned.
func (c *Client) reaches(ctx context.Context, size int64) error {
	head, err := c.Log.Head(ctx)
	if err != nil {
		return err
	}
	if head == nil || head.Size < size {
		return transparency.ErrRolledBack
	}
	return nil
}

// conflict is a witness's answer that it is at another size.
type conflict struct{ size int64 }

func (e *conflict) Error() string { return fmt.Sprintf("the witness is at %d leaves", e.size) }

// errOther is a witness's answer that our tree does not begin with the one that it has cosigned. The proof that we send holds
// for our tree, so the witness has another.
var errOther = errors.New("the witness has cosigned another tree")

// show posts one request and gives the signature lines of the answer.
func (c *Client) show(ctx context.Context, w Named, head *transparency.Checkpoint, from int64) ([]byte, error) {
	proof, err := c.Log.ProveGrowth(ctx, head, from)
	if err != nil {
		return nil, err
	}
	body := (&request{Old: from, Proof: proof, Checkpoint: []byte(head.Note)}).marshal()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(w.URL, "/")+"/add-checkpoint", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask witness %s: %w", w.Name, err)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask witness %s: %w", w.Name, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("ask witness %s: %w", w.Name, err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return answer, nil
	case http.StatusConflict:
		size, err := strconv.ParseInt(strings.TrimSuffix(string(answer), "\n"), 10, 64)
		if err != nil || size < 0 {
			return nil, fmt.Errorf("witness %s does not say at which size it is", w.Name)
		}
		return nil, &conflict{size}
	case http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%w: %s", errOther, w.Name)
	}
	return nil, fmt.Errorf("witness %s answers %d", w.Name, resp.StatusCode)
}

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// LogInfo is what a server says about its log. None of it counts but where a signature bears it out.
type LogInfo struct {
	Origin    string  `json:"origin"`
	VKey      string  `json:"vkey"`
	Signed    int64   `json:"signed"`
	Published int64   `json:"published"`
	BatchedOn *string `json:"batched_on"`
	Every     int64   `json:"batch_every_seconds"`
}

// LogInfo asks a server about its log.
func (c *Client) LogInfo(ctx context.Context) (*LogInfo, error) {
	var info LogInfo
	return &info, c.get(ctx, publicAPI+"/log", &info)
}

// Overdue says whether the newest batch is older than a ticket allows. day is the day now.
func (i *LogInfo) Overdue(day time.Time) bool {
	if i.BatchedOn == nil {
		return false
	}
	on, err := time.Parse(time.DateOnly, *i.BatchedOn)
	return err != nil || day.UTC().After(on.Add(time.Duration(i.Every)*time.Second).AddDate(0, 0, seal.TicketGrace))
}

// LogSource reads the files of a server's log.
type LogSource struct{ *Client }

// Read fetches one file. What is not there wraps transparency.ErrNoTile.
func (s LogSource) Read(ctx context.Context, path string) ([]byte, error) {
	content, status, err := s.fetch(ctx, "/log/"+path)
	if err == nil && status == http.StatusNotFound {
		return nil, fmt.Errorf("%w: %s", transparency.ErrNoTile, path)
	}
	if err == nil && status != http.StatusOK {
		return nil, &StrangerError{Server: s.server, Status: status}
	}
	return content, err
}

// Script fetches a file of page code as a browser gets it.
func (c *Client) Script(ctx context.Context, name string) ([]byte, error) {
	content, status, err := c.fetch(ctx, "/static/"+name)
	if err == nil && status != http.StatusOK {
		return nil, &StrangerError{Server: c.server, Status: status}
	}
	return content, err
}

func (c *Client) fetch(ctx context.Context, path string) (content []byte, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+path, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("User-Agent", "answerable")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, &UnreachableError{Server: c.server, Err: err}
	}
	defer resp.Body.Close()
	content, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(content) > maxAnswer {
		return nil, 0, &UnreachableError{Server: c.server, Err: errors.Join(err)}
	}
	return content, resp.StatusCode, nil
}

// Placed is a submission in its place in the log.
type Placed struct {
	transparency.Submission
	Index int64
	Leaf  transparency.Leaf
}

// Ledger is what the leaves of a log come to, from an index on.
type Ledger struct {
	From        int64
	Submissions map[[32]byte]*Placed          // by leaf hash
	Anchors     map[seal.Commitment][]*Placed // by anchor
	Withdrawn   map[seal.Commitment]bool      // by anchor; only those that the writer made
	Shredded    map[string]bool               // by epoch
	Epochs      map[string]string             // the clinic's id by epoch
	TicketKeys  []string                      // of all epochs
	Code        []*transparency.Code          // the newest last
	Oddities    []string                      // sentences about leaves that cannot be right

	panels keyring.Panels
}

// ReadLedger reads the leaves of a checkpoint from an index on, and checks each against the tree.
func ReadLedger(ctx context.Context, source transparency.Source, c *transparency.Checkpoint, from int64) (*Ledger, error) {
	l := &Ledger{
		From: from, Submissions: map[[32]byte]*Placed{}, Anchors: map[seal.Commitment][]*Placed{},
		Withdrawn: map[seal.Commitment]bool{}, Shredded: map[string]bool{}, Epochs: map[string]string{},
	}
	if err := transparency.Walk(ctx, source, c, from, l.add); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Ledger) add(index int64, leaf transparency.Leaf) error {
	var err error
	switch leaf.Kind() {
	case transparency.KindSubmission:
		err = l.addSubmission(index, leaf)
	case transparency.KindWithdrawn:
		err = l.addWithdrawn(leaf)
	case transparency.KindShred:
		err = l.addShred(leaf)
	case transparency.KindPanel:
		if !l.panels.Add(leaf) && l.From == 0 {
			err = errors.New("it is no list of members that follows the one before")
		}
	case transparency.KindEpoch:
		err = l.addEpoch(leaf)
	case transparency.KindCode:
		var code *transparency.Code
		if code, err = transparency.ParseCode(leaf); err == nil {
			l.Code = append(l.Code, code)
		}
	default:
		if !transparency.Known(leaf.Kind()) {
			err = errors.New("its kind is unknown")
		}
	}
	if err != nil {
		l.Oddities = append(l.Oddities, fmt.Sprintf("leaf %d: %v", index, err))
	}
	return nil
}

func (l *Ledger) addSubmission(index int64, leaf transparency.Leaf) error {
	s, err := transparency.ParseSubmission(leaf)
	if err != nil {
		return err
	}
	p := &Placed{Submission: *s, Index: index, Leaf: leaf}
	l.Submissions[leaf.Hash()] = p
	l.Anchors[s.Anchor] = append(l.Anchors[s.Anchor], p)
	return nil
}

// addWithdrawn believes a withdrawal only with the token that nobody but the writer had. One whose submission lies before
// From cannot be judged and counts for nothing.
func (l *Ledger) addWithdrawn(leaf transparency.Leaf) error {
	w, err := transparency.ParseWithdrawn(leaf)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(l.Anchors[w.Anchor], func(p *Placed) bool { return w.Undoes(&p.Submission) }) {
		l.Withdrawn[w.Anchor] = true
		return nil
	}
	if l.From > 0 && l.Anchors[w.Anchor] == nil {
		return nil
	}
	return errors.New("it takes a message back without the token that only the message's writer had")
}

// excuse believes withdrawals that a server names before they have their place in the log, each with the token that only
// its writer had. Others count for nothing.
func (l *Ledger) excuse(leaves []string) {
	for _, leaf := range leaves {
		_ = l.addWithdrawn(transparency.Leaf(leaf))
	}
}

// addShred believes that an epoch was destroyed only when its panel has signed it: a server that dropped files could write
// any other leaf.
func (l *Ledger) addShred(leaf transparency.Leaf) error {
	epoch, ok := l.panels.Shredded(leaf)
	if ok {
		l.Shredded[epoch] = true
		return nil
	}
	if l.From > 0 {
		return nil // the panel stands further up
	}
	return errors.New("it says that an epoch was destroyed, and not enough of its panel have signed that")
}

func (l *Ledger) addEpoch(leaf transparency.Leaf) error {
	record, err := keyring.ParseRecord(firstLines(leaf, "dealer "))
	if err != nil {
		return err
	}
	l.Epochs[record.ID] = record.ClinicID
	if !slices.Contains(l.TicketKeys, record.TicketKey) {
		l.TicketKeys = append(l.TicketKeys, record.TicketKey)
	}
	return nil
}

// firstLines gives the lines before the first that begins with a word.
func firstLines(leaf transparency.Leaf, word string) string {
	text, _, _ := strings.Cut(string(leaf), "\n"+word)
	return strings.TrimSuffix(text, "\n") + "\n"
}

// Ticket checks a ticket against the ticket keys that stand in the log's epochs. Errors wrap seal.ErrTicket.
func (l *Ledger) Ticket(ticket string) (*seal.Ticket, error) {
	for _, key := range l.TicketKeys {
		if t, err := seal.VerifyTicket(ticket, key); err == nil {
			return t, nil
		}
	}
	return nil, seal.ErrTicket
}

// Undelivered lists the leaves of an epoch for which there is no file among those delivered, nor a reason in the log: the
// writer took it back, or the panel destroyed the epoch.
func (l *Ledger) Undelivered(epoch string, delivered map[[32]byte]bool) []*Placed {
	var missing []*Placed
	for hash, p := range l.Submissions {
		if p.Epoch == epoch && !delivered[hash] && !l.Withdrawn[p.Anchor] && !l.Shredded[epoch] {
			missing = append(missing, p)
		}
	}
	slices.SortFunc(missing, func(a, b *Placed) int { return int(a.Index - b.Index) })
	return missing
}

// Unlisted lists the leaves of a clinic's epochs that stand in the log and that a server does not even list.
func (l *Ledger) Unlisted(clinicID string, listed []string) []*Placed {
	var missing []*Placed
	for epoch, clinic := range l.Epochs {
		if clinic == clinicID && !slices.Contains(listed, epoch) {
			missing = append(missing, l.Undelivered(epoch, nil)...)
		}
	}
	return missing
}

// Pinned is what somebody who follows a log keeps of it: its key and the newest checkpoint they have checked. As a file it
// is the key, an empty line and the checkpoint.
type Pinned struct {
	VKey       string
	Checkpoint *transparency.Checkpoint
}

// ErrPinned means that a file does not hold a log's key and checkpoint.
var ErrPinned = errors.New("this file does not hold a log's key and a checkpoint")

// ReadPinned reads such a file; nil when there is none.
func ReadPinned(path string) (*Pinned, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint file: %w", err)
	}
	vkey, checkpoint, ok := strings.Cut(string(content), "\n\n")
	verifier, err := note.NewVerifier(vkey)
	if !ok || err != nil {
		return nil, ErrPinned
	}
	c, err := transparency.ParseCheckpoint([]byte(checkpoint), verifier)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPinned, err)
	}
	return &Pinned{vkey, c}, nil
}

// Write replaces the file.
func (p *Pinned) Write(path string) error {
	return transparency.WriteDurably(path, []byte(p.VKey+"\n\n"+p.Checkpoint.Note))
}

// Newest fetches a log's checkpoint and checks its signature, and that it extends the one pinned.
func Newest(ctx context.Context, source transparency.Source, vkey string, before *transparency.Checkpoint) (*transparency.Checkpoint, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, errors.New("the log's key does not read")
	}
	signed, err := source.Read(ctx, "checkpoint")
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	now, err := transparency.ParseCheckpoint(signed, verifier)
	if err != nil || before == nil {
		return now, err
	}
	return now, transparency.CheckGrowth(ctx, source, before, now)
}

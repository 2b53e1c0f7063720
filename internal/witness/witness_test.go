package witness

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	formats "github.com/transparency-dev/formats/note"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/postgres/pgtest"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const origin = "words.example/answerable"

func keys(t testing.TB, name string) (skey, vkey string) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return skey, vkey
}

func newLog(t testing.TB, db *bun.DB) *transparency.Log {
	t.Helper()
	skey, vkey := keys(t, origin)
	l := &transparency.Log{DB: db, VKey: vkey, Memory: &transparency.Memory{}}
	var errs [2]error
	l.Signer, errs[0] = note.NewSigner(skey)
	l.Verifier, errs[1] = note.NewVerifier(vkey)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return l
}

// grow appends n leaves and signs.
func grow(t testing.TB, l *transparency.Log, n int) *transparency.Checkpoint {
	t.Helper()
	ctx := context.Background()
	err := l.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			if err := transparency.Append(ctx, tx, transparency.NewLeaf(transparency.KindPanel, rand.Text())); err != nil {
				return err
			}
		}
		return l.Sign(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Keep(ctx); err != nil {
		t.Fatal(err)
	}
	head, err := l.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// running is a witness behind an address, with a switch.
type running struct {
	*Server
	url  string
	dir  string
	skey string
	down *bool
}

func run(t testing.TB, name string, logs ...string) *running {
	t.Helper()
	skey, vkey := keys(t, name)
	dir := t.TempDir()
	s, err := NewServer(skey, vkey, dir, logs)
	if err != nil {
		t.Fatal(err)
	}
	down := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			panic(http.ErrAbortHandler)
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return &running{s, server.URL, dir, skey, &down}
}

// post sends a request as it is.
func (r *running) post(t testing.TB, body []byte) (status int, contentType, answer string) {
	t.Helper()
	resp, err := http.Post(r.url+"/add-checkpoint", "text/plain", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
}

func policyOf(t testing.TB, quorum string, witnesses ...*running) *Policy {
	t.Helper()
	text := "# who watches us\n"
	var names []string
	for i, w := range witnesses {
		name := fmt.Sprintf("w%d", i)
		text += fmt.Sprintf("witness %s %s %s\n", name, w.VKey(), w.url)
		names = append(names, name)
	}
	text += "group all-of-them " + quorum + " " + strings.Join(names, " ") + "\nquorum all-of-them\n"
	p, err := ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWitnessesCosignWhatExtendsAndPublish(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	one, two, three := run(t, "one.example/w", l.VKey), run(t, "two.example/w", l.VKey), run(t, "three.example/w", l.VKey)
	p := policyOf(t, "2", one, two, three)
	l.Witnessed = p.Satisfied
	c := &Client{Log: l, Policy: p}

	published := func() *transparency.Checkpoint {
		t.Helper()
		text, err := l.Published(ctx)
		if err != nil || text == "" {
			return &transparency.Checkpoint{}
		}
		out, err := transparency.ParseCheckpoint([]byte(text), l.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	collect := func(want bool) {
		t.Helper()
		if done, err := c.Collect(ctx); err != nil || done != want {
			t.Errorf("collected: %v, %v; want %v", done, err, want)
		}
	}
	grow(t, l, 3)
	collect(true)
	out := published()
	if out.Size != 3 || strings.Count(out.Note, "\n— ") != 4 {
		t.Errorf("published %q", out.Note)
	}
	for _, w := range []*running{one, two, three} {
		v, err := formats.NewVerifierForCosignatureV1(w.VKey())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := note.Open([]byte(out.Note), note.VerifierList(v)); err != nil {
			t.Errorf("the cosignature of %s does not hold: %v", v.Name(), err)
		}
	}

	// One that is down delays nothing, and is visible.
	*two.down = true
	grow(t, l, 300)
	collect(true)
	if out := published(); out.Size != 303 || strings.Count(out.Note, "\n— ") != 3 {
		t.Errorf("with one down: published %q", out.Note)
	}
	for _, st := range c.Status() {
		if st.Down != (st.Name == "w1") || st.Size != map[bool]int64{true: 3, false: 303}[st.Down] {
			t.Errorf("status %+v", st)
		}
	}
	// Two that are down keep the newest back; what was published stays.
	*three.down = true
	grow(t, l, 5)
	collect(false)
	if out := published(); out.Size != 303 {
		t.Errorf("with two down: published %d", out.Size)
	}
	// They come back, one after the other, from far behind.
	*two.down = false
	collect(true)
	*three.down = false
	collect(true)
	if out := published(); out.Size != 308 || strings.Count(out.Note, "\n— ") != 4 {
		t.Errorf("with all back: published %q", out.Note)
	}
	// A restarted server knows nothing of its witnesses and is told.
	c = &Client{Log: l, Policy: p}
	grow(t, l, 1)
	collect(true)
	if out := published(); out.Size != 309 || strings.Count(out.Note, "\n— ") != 4 {
		t.Errorf("after a restart: published %q", out.Note)
	}
	// What they have cosigned is cosigned anew, each once.
	if err := c.Compare(ctx); err != nil {
		t.Error(err)
	}
	collect(true)
	if out := published(); out.Size != 309 || strings.Count(out.Note, "\n— ") != 4 {
		t.Errorf("after a comparison: published %q", out.Note)
	}
}

// A database that was set back agrees with itself. The witnesses remember.
func TestWitnessesTellThatADatabaseWasSetBack(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	w := run(t, "one.example/w", l.VKey)
	p := policyOf(t, "1", w)
	old := grow(t, l, 4)
	grow(t, l, 2)
	if _, err := (&Client{Log: l, Policy: p}).Collect(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := l.DB.NewRaw(`DELETE FROM log_leaf WHERE index >= 4`).Exec(ctx)
	if err == nil {
		_, err = l.DB.NewRaw(`UPDATE log_checkpoint SET size = 4, root = ?, signed = ?, published_size = NULL, published = NULL`, old.Root[:], old.Note).Exec(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	restarted := *l
	restarted.Memory = &transparency.Memory{}
	if err := restarted.Open(ctx); err != nil {
		t.Fatalf("the database agrees with itself: %v", err)
	}
	if err := (&Client{Log: &restarted, Policy: p}).Compare(ctx); !errors.Is(err, transparency.ErrRolledBack) {
		t.Errorf("got %v, want ErrRolledBack", err)
	}
	// As long again, with other leaves.
	grow(t, &restarted, 2)
	if _, err := (&Client{Log: &restarted, Policy: p}).Collect(ctx); !errors.Is(err, transparency.ErrForked) {
		t.Errorf("got %v, want ErrForked", err)
	}
	// Longer than before: the witness is shown a proof that starts at its size, and refuses it.
	grow(t, &restarted, 1)
	if err := (&Client{Log: &restarted, Policy: p}).Compare(ctx); !errors.Is(err, transparency.ErrForked) {
		t.Errorf("with more leaves than before: got %v, want ErrForked", err)
	}
}

func TestAnswersAreThoseOfTheSpecification(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	other := newLog(t, pgtest.New(t)) // the same origin, another key
	w := run(t, "one.example/w", l.VKey)
	first, second := grow(t, l, 5), grow(t, l, 6)
	proof := func(from *transparency.Checkpoint) tlog.TreeProof {
		t.Helper()
		p, err := l.ProveGrowth(ctx, second, from.Size)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	body := func(old int64, p tlog.TreeProof, c *transparency.Checkpoint) []byte {
		return (&request{old, p, []byte(c.Note)}).marshal()
	}
	stranger, _ := keys(t, "stranger.example")
	signer, err := note.NewSigner(stranger)
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := note.Sign(&note.Note{Text: "stranger.example\n0\n" + first.Root.String() + "\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	step := func(what string, body []byte, wantStatus int, wantType, want string) {
		t.Helper()
		status, contentType, answer := w.post(t, body)
		if status != wantStatus || wantType != "" && contentType != wantType || want != "" && answer != want {
			t.Errorf("%s: got %d, %s, %q; want %d, %s, %q", what, status, contentType, answer, wantStatus, wantType, want)
		}
	}
	const size = "text/x.tlog.size"
	step("an unknown log", (&request{0, nil, unknown}).marshal(), 404, "", "")
	step("another key", body(0, nil, grow(t, other, 1)), 403, "", "")
	step("rubbish", []byte("hello"), 400, "", "")
	step("an old size that is larger", body(6, nil, first), 400, "", "")
	step("a size it is not at", body(3, nil, first), 409, size, "0\n")
	step("a proof from nothing", body(0, proof(first), first), 422, "", "")
	step("the first", body(0, nil, first), 200, "", "")
	step("from nothing again", body(0, nil, second), 409, size, "5\n")
	step("without a proof", body(5, nil, second), 422, "", "")
	spoilt := proof(first)
	spoilt[0][0] ^= 1
	step("with a wrong proof", body(5, spoilt, second), 422, "", "")
	step("the first again", body(5, nil, first), 200, "", "")
	step("the second", body(5, proof(first), second), 200, "", "")
	step("back to the first", body(5, nil, first), 409, size, "11\n")
	if status, _, answer := w.post(t, body(11, nil, second)); status != 200 || strings.Count(answer, "\n") != 1 || !strings.HasPrefix(answer, "— one.example/w ") {
		t.Errorf("the newest again: %d, %q", status, answer)
	}
	fork := *second
	fork.Root[0] ^= 1
	text, err := note.Sign(&note.Note{Text: strings.Replace(strings.SplitAfter(second.Note, "\n\n")[0], second.Root.String(), fork.Root.String(), 1)[:len(strings.SplitAfter(second.Note, "\n\n")[0])-1]}, l.Signer)
	if err != nil {
		t.Fatal(err)
	}
	step("another tree of the same size", (&request{11, nil, text}).marshal(), 409, size, "11\n")
	if resp, err := http.Get(w.url + "/add-checkpoint"); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a GET: %v, %v", resp, err)
	}

	// Its memory is what counts: with the file spoilt it signs nothing, and restarted it goes on.
	again, err := NewServer(w.skey, keyOf(t, w.skey), w.dir, []string{l.VKey})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.add(body(0, nil, second)); err == nil || !strings.HasPrefix(err.Error(), "11") {
		t.Errorf("after a restart: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "*.checkpoint"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	step("with its memory spoilt", body(11, nil, second), 500, "", "")
}

// keyOf works out a verifier key again.
func keyOf(t testing.TB, skey string) string {
	t.Helper()
	_, v, err := formats.NewEd25519SignerVerifier(skey)
	if err != nil {
		t.Fatal(err)
	}
	_, vkey := keys(t, v.Name())
	return vkey // the name counts for nothing here
}

func TestWitnessAnswersRacesOneAfterTheOther(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	w := run(t, "one.example/w", l.VKey)
	first := grow(t, l, 1)
	w.post(t, (&request{0, nil, []byte(first.Note)}).marshal())
	var heads []*transparency.Checkpoint
	for range 8 {
		heads = append(heads, grow(t, l, 1))
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	accepted := 0
	for _, head := range heads {
		p, err := l.ProveGrowth(ctx, head, 1)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if _, err := w.add((&request{1, p, []byte(head.Note)}).marshal()); err == nil {
				mu.Lock()
				accepted++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if accepted != 1 {
		t.Errorf("%d of eight requests from one size were cosigned, want 1", accepted)
	}
}

func TestPoliciesThatTheSpecificationForbids(t *testing.T) {
	_, log := keys(t, origin)
	_, a := keys(t, "a.example/w")
	_, b := keys(t, "b.example/w")
	good := "log " + log + "\nwitness A " + a + "\n\twitness B " + b + " https://b.example \n# a comment\ngroup g any A B\nquorum g\n"
	p, err := ParsePolicy(good)
	if err != nil || len(p.Logs) != 1 || len(p.Witnesses) != 2 || p.Witnesses[0].URL != "" || p.Witnesses[1].URL != "https://b.example" {
		t.Fatalf("%+v, %v", p, err)
	}
	if p.Satisfied("nothing") {
		t.Error("a policy with a quorum is content with nothing")
	}
	if p, err := ParsePolicy("quorum none\n"); err != nil || !p.Satisfied("") {
		t.Errorf("quorum none: %v", err)
	}
	for what, text := range map[string]string{
		"no quorum":              "witness A " + a + "\n",
		"two quorums":            "witness A " + a + "\nquorum A\nquorum A\n",
		"a key twice":            "witness A " + a + "\nwitness B " + a + "\nquorum A\n",
		"a log twice":            "log " + log + "\nlog " + log + "\nquorum none\n",
		"a name twice":           "witness A " + a + "\nwitness A " + b + "\nquorum A\n",
		"a member twice":         "witness A " + a + "\ngroup g 2 A A\nquorum g\n",
		"a threshold of nothing": "witness A " + a + "\ngroup g 0 A\nquorum g\n",
		"a threshold too large":  "witness A " + a + "\ngroup g 2 A\nquorum g\n",
		"an unknown member":      "group g any A\nquorum g\n",
		"an unknown quorum":      "witness A " + a + "\nquorum B\n",
		"none in a group":        "group g any none\nquorum g\n",
		"an unknown word":        "witnesses A " + a + "\nquorum none\n",
		"a key that is none":     "witness A hello\nquorum A\n",
		"a carriage return":      "quorum none\r\n",
		"a comment after a word": "quorum none # really\n",
	} {
		if _, err := ParsePolicy(text); !errors.Is(err, ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", what, err)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("old 0\n\norigin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— origin AAAA\n"))
	f.Add([]byte("old 12\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\nx\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseRequest(body)
		if err == nil && !bytes.Equal(r.marshal(), body) {
			t.Errorf("%q is read, but not as it is written", body)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("witness A a.example/w+11111111+BAAA https://a.example\ngroup g 1 A\nquorum g\n")
	f.Add("# x\n\tquorum\t none \n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(text)
		if err == nil && p.Satisfied("") && !strings.Contains(text, "none") {
			t.Errorf("%q is content with nothing", text)
		}
	})
}

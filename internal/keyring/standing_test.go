package keyring_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/transparency"
)

// standingVectors are logs, what they say of one panel, and what servers that show less of it leave out, for the verifiers of
// both languages.
type standingVectors struct {
	ClinicID string            `json:"clinic_id"`
	Texts    map[string]string `json:"texts"`
	Logs     []standingLog     `json:"logs"`
	Fits     []fitCase         `json:"fits"`
}

type standingLog struct {
	Name     string   `json:"name"`
	Leaves   []string `json:"leaves"`
	Lists    int      `json:"lists"`    // how many count
	Rotation string   `json:"rotation"` // "k days retained", or "" for none
	Revoked  []string `json:"revoked"`
	Epochs   []string `json:"epochs"`   // "id: rotation when it was logged"
	Shown    []string `json:"shown"`    // what a server shows
	Withheld []string `json:"withheld"` // and leaves out
	Waits    bool     `json:"waits"`    // a rotation that is shown is not in the log yet
}

type fitCase struct {
	Rotation string `json:"rotation"`
	K        int    `json:"k"`
	N        int    `json:"n"`
	Days     string `json:"days"`
	Want     string `json:"want"` // "", "number" or "term"
}

func rotationWords(r *keyring.Rotation) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%d %d %d", r.K, r.Days, r.RetainDays)
}

func buildStandingVectors(t *testing.T) *standingVectors {
	t.Helper()
	const clinic, elsewhere = "6f1f3f5e-7d1b-4c58-9a25-0c6c0b6d1f10", "11111111-2222-4333-8444-555555555555"
	a, b, c, d, x := member(t, 1), member(t, 2), member(t, 3), member(t, 4), member(t, 9)
	v := &standingVectors{ClinicID: clinic, Texts: map[string]string{}}
	text := func(name string, leaf transparency.Leaf) [32]byte {
		v.Texts[name] = string(leaf)
		return leaf.Hash()
	}
	day := func(s string) time.Time {
		out, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	manifest := func(name string, m *keyring.Manifest, by ...keyringtest.Reviewer) [32]byte {
		return text(name, m.Leaf(signedBy(m.Lines(), keyring.SignManifest, by...)))
	}
	m1 := manifestOf(clinic, nil, nil, 2, a, b, c)
	h1 := manifest("list 1", m1, a, b, c)
	m2 := manifestOf(clinic, m1, &h1, 2, a, b, d)
	h2 := manifest("list 2", m2, a, b, d)
	manifest("list 2, signed by one", m2, a)
	stranger := manifestOf(clinic, nil, nil, 1, x)
	manifest("list 1 of a stranger", stranger, x)
	manifest("list 1 elsewhere", manifestOf(elsewhere, nil, nil, 1, x), x)
	decide := func(name string, r keyring.Resolution, by ...keyringtest.Reviewer) {
		if r.ClinicID == "" {
			r.ClinicID = clinic
		}
		text(name, keyring.DecisionLeaf(r.Lines(), signedBy(r.Lines(), keyring.SignDecision, by...)))
	}
	rotate := func(on string, k, days, retain int) keyring.Resolution {
		return keyring.Resolution{Kind: keyring.KindRotation, Day: day(on), Rotation: keyring.Rotation{K: k, Days: days, RetainDays: retain}}
	}
	decide("two open", rotate("2026-12-05", 2, 0, 180), a, b)
	decide("two open, signed by one", rotate("2026-12-05", 2, 0, 180), a)
	decide("two open, signed by one and a stranger", rotate("2026-12-05", 2, 0, 180), a, x)
	decide("two open, signed by those of list 1", rotate("2026-12-05", 2, 0, 180), b, c)
	decide("one opens, of before", rotate("2026-12-01", 1, 0, 180), a, b)
	decide("one opens, of the same day", rotate("2026-12-05", 1, 7, 90), a, b)
	decide("one opens, of later", rotate("2026-12-06", 1, 7, 90), a, c)
	decide("one opens, elsewhere", keyring.Resolution{Kind: keyring.KindRotation, ClinicID: elsewhere, Day: day("2026-12-06"), Rotation: keyring.Rotation{K: 1, RetainDays: 90}}, a, b)
	decide("december called back", keyring.Resolution{Kind: keyring.KindRevoke, Day: day("2026-12-07"), Epochs: []string{"2026-12-aaaa"}}, a, b)
	decide("december called back, signed by one", keyring.Resolution{Kind: keyring.KindRevoke, Day: day("2026-12-07"), Epochs: []string{"2026-12-aaaa"}}, a)
	key := member(t, 40).Identity.Recipient().String()
	epoch := func(name, id string, panel [32]byte, dealer keyringtest.Reviewer, acks ...keyringtest.Reviewer) {
		r := &keyring.Record{ClinicID: clinic, ID: id, Recipient: key, NotBefore: day("2026-12-01"), NotAfter: day("2026-12-31"), RetainUntil: day("2027-06-29"),
			K: 1, N: 3, Wraps: [32]byte{1}, Manifest: panel, TicketKey: "clinic.example/answerable/ticket+00000000+AA=="}
		text(name, keyring.RecordLeaf(r.Lines(), signedBy(r.Lines(), keyring.SignDeal, dealer)[0], signedBy(r.Lines(), keyring.SignAck, acks...)))
	}
	epoch("december", "2026-12-aaaa", h1, a, b, c)
	epoch("december, acknowledged by one", "2026-12-aaaa", h1, a, b)
	epoch("december, dealt by a stranger", "2026-12-aaaa", h1, x, a, b)
	epoch("december of list 2", "2026-12-bbbb", h2, a, b, d)
	v.Texts["a message"] = string(transparency.Submission{Epoch: "2026-12-aaaa"}.Leaf())
	v.Texts["no leaf"] = "answerable/leaf/v1\npanel\n"

	add := func(l standingLog) {
		for _, list := range []*[]string{&l.Revoked, &l.Epochs, &l.Shown, &l.Withheld} {
			*list = append([]string{}, *list...)
		}
		v.Logs = append(v.Logs, l)
	}
	add(standingLog{Name: "an empty log"})
	add(standingLog{Name: "a panel that has decided nothing", Leaves: []string{"list 1", "december"}, Lists: 1, Epochs: []string{"2026-12-aaaa: "}, Shown: []string{"list 1"}})
	add(standingLog{Name: "leaves that count for nothing", Leaves: []string{"no leaf", "list 1 elsewhere", "december", "two open", "list 1", "a message", "list 1 of a stranger", "list 2, signed by one", "two open, signed by one", "two open, signed by one and a stranger", "one opens, elsewhere", "december, acknowledged by one", "december, dealt by a stranger", "december called back, signed by one"},
		Lists: 1, Shown: []string{"list 1"}})
	add(standingLog{Name: "a decision holds for the keys after it", Leaves: []string{"list 1", "december", "two open", "list 2", "december of list 2"}, Lists: 2, Rotation: "2 0 180",
		Epochs: []string{"2026-12-aaaa: ", "2026-12-bbbb: 2 0 180"}, Shown: []string{"list 1", "list 2", "two open"}})
	add(standingLog{Name: "a key of the list before, and a decision by it", Leaves: []string{"list 1", "list 2", "december", "two open, signed by those of list 1"}, Lists: 2, Shown: []string{"list 1", "list 2"}})
	add(standingLog{Name: "a key twice", Leaves: []string{"list 1", "december", "two open", "december"}, Lists: 1, Rotation: "2 0 180", Epochs: []string{"2026-12-aaaa: "}, Shown: []string{"list 1", "two open"}})
	add(standingLog{Name: "an older decision is written after a newer one", Leaves: []string{"list 1", "two open", "one opens, of before"}, Lists: 1, Rotation: "2 0 180", Shown: []string{"list 1", "two open", "one opens, of before"}})
	add(standingLog{Name: "a decision is written again after the next", Leaves: []string{"list 1", "one opens, of the same day", "two open", "one opens, of the same day"}, Lists: 1, Rotation: "2 0 180", Shown: []string{"list 1", "two open"}})
	add(standingLog{Name: "the panel changes its mind", Leaves: []string{"list 1", "two open", "one opens, of later"}, Lists: 1, Rotation: "1 7 90", Shown: []string{"list 1", "one opens, of later"}})
	add(standingLog{Name: "a decision is hidden", Leaves: []string{"list 1", "one opens, of before", "two open"}, Lists: 1, Rotation: "2 0 180", Shown: []string{"list 1", "one opens, of before"}, Withheld: []string{"rotation"}})
	add(standingLog{Name: "a list is hidden", Leaves: []string{"list 1", "list 2"}, Lists: 2, Shown: []string{"list 1"}, Withheld: []string{"list 2"}})
	add(standingLog{Name: "all lists are hidden", Leaves: []string{"list 1", "list 2"}, Lists: 2, Withheld: []string{"list 1", "list 2"}})
	add(standingLog{Name: "that a key was called back is hidden", Leaves: []string{"list 1", "december", "december called back"}, Lists: 1, Revoked: []string{"2026-12-aaaa"}, Epochs: []string{"2026-12-aaaa: "}, Shown: []string{"list 1"}, Withheld: []string{"revoke"}})
	add(standingLog{Name: "a key was called back, and that is shown", Leaves: []string{"list 1", "december", "december called back"}, Lists: 1, Revoked: []string{"2026-12-aaaa"}, Epochs: []string{"2026-12-aaaa: "}, Shown: []string{"list 1", "december called back"}})
	add(standingLog{Name: "a decision is not in the log yet", Leaves: []string{"list 1"}, Lists: 1, Shown: []string{"list 1", "two open"}, Waits: true})
	add(standingLog{Name: "a decision that is shown is not signed by enough", Leaves: []string{"list 1"}, Lists: 1, Shown: []string{"list 1", "two open, signed by one"}})
	add(standingLog{Name: "a decision that is shown is older than the one in the log", Leaves: []string{"list 1", "two open"}, Lists: 1, Rotation: "2 0 180", Shown: []string{"list 1", "two open", "one opens, of before"}})

	v.Fits = []fitCase{
		{"", 1, 3, "2026-12-01 2026-12-31 2027-06-29", ""},
		{"", 2, 3, "2026-12-01 2026-12-31 2027-06-29", "number"},
		{"", 1, 3, "2026-12-01 2026-12-31 2036-12-28", ""},
		{"", 1, 3, "2026-12-01 2026-12-31 2036-12-29", "term"},
		{"2 0 180", 2, 3, "2026-12-01 2026-12-31 2027-06-29", ""},
		{"2 0 180", 1, 3, "2026-12-01 2026-12-31 2027-06-29", "number"},
		{"2 0 180", 3, 3, "2026-12-01 2026-12-31 2027-06-29", "number"},
		{"5 0 180", 3, 3, "2026-12-01 2026-12-31 2027-06-29", ""},
		{"2 0 180", 2, 3, "2026-12-01 2026-12-31 2027-06-30", "term"},
		{"2 0 180", 2, 3, "2026-12-01 2026-12-31 2027-06-28", "term"},
		{"2 0 180", 2, 3, "2026-12-25 2027-01-30 2027-07-29", ""},
		{"2 0 180", 2, 3, "2026-12-25 2027-01-31 2027-07-30", "term"},
		{"1 7 90", 1, 3, "2026-12-01 2026-12-07 2027-03-07", ""},
		{"1 7 90", 1, 3, "2026-12-01 2026-12-03 2027-03-03", ""},
		{"1 7 90", 1, 3, "2026-12-01 2026-12-08 2027-03-08", "term"},
	}
	return v
}

// Somebody who has the log tells what the panel has signed from what anybody else wrote there, and finds out what a server
// leaves out.
func TestStandingVectors(t *testing.T) {
	const path = "testdata/standing.json"
	v := buildStandingVectors(t)
	want, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if stored, err := os.ReadFile(path); err != nil || string(stored) != string(want)+"\n" {
		t.Fatalf("%s is not what this test builds (%v): run it with -update", path, err)
	}
	for _, l := range v.Logs {
		s := &keyring.Standing{ClinicID: v.ClinicID}
		for _, name := range l.Leaves {
			s.Add(transparency.Leaf(v.Texts[name]))
		}
		got := v.reads(s)
		if got.Lists != l.Lists || got.Rotation != l.Rotation || !slices.Equal(got.Revoked, l.Revoked) || !slices.Equal(got.Epochs, l.Epochs) {
			t.Errorf("%s: got %+v", l.Name, got)
		}
		withheld, waits := v.shown(s, l)
		if !slices.Equal(withheld, l.Withheld) || waits != l.Waits {
			t.Errorf("%s: withheld %v, waits %v", l.Name, withheld, waits)
		}
	}
	for _, f := range v.Fits {
		if got := f.fits(t); got != f.Want {
			t.Errorf("%+v: got %q", f, got)
		}
	}
}

// reads is what a standing says, as the vectors put it.
func (v *standingVectors) reads(s *keyring.Standing) standingLog {
	got := standingLog{Rotation: rotationWords(s.Rotation()), Revoked: []string{}, Epochs: []string{}}
	var withheld *keyring.WithheldError
	if err := s.Withheld(nil, nil); errors.As(err, &withheld) {
		got.Lists = len(slices.DeleteFunc(withheld.What, func(w string) bool { return !strings.HasPrefix(w, "list ") }))
	}
	for _, id := range []string{"2026-12-aaaa", "2026-12-bbbb"} {
		if s.Revoked(id) {
			got.Revoked = append(got.Revoked, id)
		}
		if e := s.Epoch(id); e != nil {
			got.Epochs = append(got.Epochs, id+": "+rotationWords(e.Decided))
		}
	}
	return got
}

func (v *standingVectors) shown(s *keyring.Standing, l standingLog) (withheld []string, waits bool) {
	var lists [][32]byte
	var lines []string
	var decided []keyring.SignedLines
	for _, name := range l.Shown {
		leaf := transparency.Leaf(v.Texts[name])
		if leaf.Kind() == transparency.KindPanel {
			lists = append(lists, leaf.Hash())
			continue
		}
		d := keyring.SplitDecision(leaf)
		lines, decided = append(lines, d.Lines), append(decided, d)
	}
	var e *keyring.WithheldError
	if err := s.Withheld(lists, lines); errors.As(err, &e) {
		if !strings.Contains(err.Error(), "does not show: ") {
			return []string{err.Error()}, false
		}
		withheld = e.What
	}
	return append([]string{}, withheld...), s.Waits(decided)
}

func (f *fitCase) fits(t *testing.T) string {
	t.Helper()
	var rotation *keyring.Rotation
	if f.Rotation != "" {
		rotation = &keyring.Rotation{}
		if _, err := fmt.Sscan(f.Rotation, &rotation.K, &rotation.Days, &rotation.RetainDays); err != nil {
			t.Fatal(err)
		}
	}
	r := &keyring.Record{K: f.K, N: f.N}
	for i, word := range strings.Fields(f.Days) {
		at, err := time.Parse(time.DateOnly, word)
		if err != nil {
			t.Fatal(err)
		}
		*[]*time.Time{&r.NotBefore, &r.NotAfter, &r.RetainUntil}[i] = at
	}
	switch err := rotation.Fits(r); {
	case errors.Is(err, keyring.ErrNumber):
		return "number"
	case errors.Is(err, keyring.ErrTerm):
		return "term"
	default:
		return ""
	}
}

// A writer's terminal takes a key past its last day only while the log has none that follows, and none that the panel called
// back or that is not there.
func TestKeysOutOfTheirTimeAreHeldAgainstTheLog(t *testing.T) {
	p, c := newPanel(t)
	standing := func() *keyring.Standing {
		s := &keyring.Standing{ClinicID: p.ClinicID}
		for _, leaf := range logged(t, p) {
			s.Add(leaf)
		}
		return s
	}
	reason := func(r *keyring.Record, on time.Time) string {
		var broken *keyring.ChainError
		if errors.As(standing().InUse(r, on), &broken) {
			return broken.Reason
		}
		return ""
	}
	if got := standing().Days(monday); got != -1 {
		t.Errorf("without a key: %d days", got)
	}
	first := p.Deal(t, monday)
	if got := standing().Days(first.NotAfter.AddDate(0, 0, -14)); got != 14 || !keyring.Few(got) || keyring.Few(got+1) {
		t.Errorf("fourteen days before the last: %d", got)
	}
	if last, over := standing().Days(first.NotAfter), standing().Days(first.NotAfter.AddDate(0, 0, 1)); last != 0 || over != -1 {
		t.Errorf("on the last day and after it: %d, %d", last, over)
	}
	late := first.NotAfter.AddDate(0, 0, 5)
	if got := reason(first, late); got != "" {
		t.Errorf("with nothing after it: %q", got)
	}
	unlogged := p.NewOffer(t, first.NotAfter.AddDate(0, 0, 1)).Record
	if got := reason(unlogged, late); got != keyring.BrokenUnlogged {
		t.Errorf("not in the log: %q", got)
	}
	second := p.Deal(t, first.NotAfter.AddDate(0, 0, 1))
	for on, want := range map[time.Time]string{late: keyring.BrokenDays, first.NotAfter.AddDate(0, 0, 1): "", first.NotAfter: ""} {
		if got := reason(first, on); got != want {
			t.Errorf("on %s, with one after it: %q, want %q", on.Format(time.DateOnly), got, want)
		}
	}
	if got := standing().Days(first.NotAfter); got != 31 {
		t.Errorf("with one after it: %d days", got)
	}
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{second.ID}}), "")
	if got := standing().Days(first.NotAfter); got != 0 {
		t.Errorf("when that was called back: %d days", got)
	}
	if got := reason(second, late); got != keyring.BrokenRevoked {
		t.Errorf("called back: %q", got)
	}
	if got := reason(first, late); got != "" {
		t.Errorf("when the one after it was called back: %q", got)
	}
}

// A decision about keys puts away what was offered under the one before, and none that was proposed before it takes its place.
func TestNewestRotationRulesWhatIsNotInTheLogYet(t *testing.T) {
	p, c := newPanel(t)
	rotation := func(k int) string {
		return lines(p, c, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: k, RetainDays: 170}})
	}
	old := rotation(1)
	draft, err := p.Keys.Decide(t.Context(), p.ClinicID, old, "", sign(p.Reviewers[0], old))
	if err != nil {
		t.Fatal(err)
	}
	o := p.NewOffer(t, monday)
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	c.pass(1)
	decide(t, p, rotation(2), "")
	if got := states(t, p)[o.Record.ID]; got != keyring.StateAbandoned {
		t.Errorf("a key that one opens is %s after the panel decided on two", got)
	}
	if err := p.Send(p.NewOffer(t, monday)); !errors.Is(err, keyring.ErrRecord) || !errors.Is(err, keyring.ErrNumber) {
		t.Errorf("another is offered: %v", err)
	}
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, draft.ID, sign(p.Reviewers[1], old)); !errors.Is(err, keyring.ErrDecision) {
		t.Errorf("an older proposal is made after it: %v", err)
	}
}

func FuzzStanding(f *testing.F) {
	content, err := os.ReadFile("testdata/standing.json")
	if err != nil {
		f.Fatal(err)
	}
	var v standingVectors
	if err := json.Unmarshal(content, &v); err != nil {
		f.Fatal(err)
	}
	known := map[string]bool{}
	for _, text := range v.Texts {
		known[text] = true
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := &keyring.Standing{ClinicID: v.ClinicID}
		s.Add(transparency.Leaf(v.Texts["list 1"]))
		before := v.reads(s)
		s.Add(transparency.Leaf(text))
		after := v.reads(s)
		// Nobody here can sign, so that whatever counts was signed when the vectors were made.
		if !known[text] && fmt.Sprint(before) != fmt.Sprint(after) {
			t.Error("it counts what nobody signed")
		}
	})
}

package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

var update = flag.Bool("update", false, "write the vectors anew")

// chainVectors are chains that hold and chains that do not, for the verifiers of both languages. Texts are named once;
// the cases put them together.
type chainVectors struct {
	ClinicID string            `json:"clinic_id"`
	Texts    map[string]string `json:"texts"`
	Cases    []chainCase       `json:"cases"`
}

type chainCase struct {
	Name        string   `json:"name"`
	Manifests   []string `json:"manifests"`
	Epoch       string   `json:"epoch"`
	Revocations []string `json:"revocations"`
	InsteadOf   string   `json:"instead_of,omitzero"`
	Fingerprint string   `json:"fingerprint"`
	Today       string   `json:"today"`
	Want        string   `json:"want"` // a reason, or "" when it holds
	Recipient   string   `json:"recipient,omitzero"`
}

// member makes a reviewer whose keys are the same on every run.
func member(t *testing.T, n byte) keyringtest.Reviewer {
	t.Helper()
	seed := [32]byte(bytes.Repeat([]byte{n}, 32))
	identity, err := seal.IdentityFromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	key := account.SigningKey(seed)
	return keyringtest.Reviewer{ID: account.ReviewerID(key.Public().(ed25519.PublicKey)), Identity: identity, Key: key}
}

func manifestOf(clinicID string, before *keyring.Manifest, previous *[32]byte, m int, reviewers ...keyringtest.Reviewer) *keyring.Manifest {
	out := &keyring.Manifest{ClinicID: clinicID, Version: 1, Previous: previous, M: m}
	if before != nil {
		out.Version = before.Version + 1
	}
	for _, r := range reviewers {
		out.Reviewers = append(out.Reviewers, keyring.Member{ID: r.ID, Recipient: r.Identity.Recipient().String(), VerifyKey: r.Key.Public().(ed25519.PublicKey)})
	}
	slices.SortFunc(out.Reviewers, func(a, b keyring.Member) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func signedBy(lines string, how func(ed25519.PrivateKey, string) []byte, reviewers ...keyringtest.Reviewer) []keyring.Signature {
	var out []keyring.Signature
	for _, r := range reviewers {
		out = append(out, keyring.Signature{ReviewerID: r.ID, Signature: how(r.Key, lines)})
	}
	return out
}

func buildChainVectors(t *testing.T) *chainVectors {
	t.Helper()
	const clinic, elsewhere = "6f1f3f5e-7d1b-4c58-9a25-0c6c0b6d1f10", "11111111-2222-4333-8444-555555555555"
	a, b, c, d, x := member(t, 1), member(t, 2), member(t, 3), member(t, 4), member(t, 9)
	v := &chainVectors{ClinicID: clinic, Texts: map[string]string{}}
	text := func(name string, leaf transparency.Leaf) [32]byte {
		v.Texts[name] = string(leaf)
		return leaf.Hash()
	}
	manifest := func(name string, m *keyring.Manifest, by ...keyringtest.Reviewer) [32]byte {
		return text(name, m.Leaf(signedBy(m.Lines(), keyring.SignManifest, by...)))
	}
	m1 := manifestOf(clinic, nil, nil, 2, a, b, c)
	h1 := manifest("v1", m1, a, b, c)
	m2 := manifestOf(clinic, m1, &h1, 2, a, b, c, d)
	h2 := manifest("v2 adds one", m2, a, b, d)
	m3 := manifestOf(clinic, m2, &h2, 2, a, b, d)
	h3 := manifest("v3 loses one", m3, b, d)
	manifest("v1 signed by two of three", m1, a, b)
	forged := manifestOf(clinic, nil, nil, 1, x)
	manifest("v1 of a stranger", forged, x)
	manifest("v2 signed by one of the old", m2, a, d)
	manifest("v2 not signed by who is new", m2, a, b)
	swap := func(n int, m *keyring.Manifest) *keyring.Manifest {
		out := *m
		out.Reviewers = slices.Clone(m.Reviewers)
		for i, r := range out.Reviewers {
			if r.ID == []string{a.ID, b.ID, c.ID, d.ID}[n] {
				out.Reviewers[i].Recipient = x.Identity.Recipient().String()
			}
		}
		return &out
	}
	manifest("v2 with another key for one who stays", swap(2, m2), a, b, d)
	manifest("v2 with another key for one who stays, signed by all the others", swap(2, m2), a, b, c, d)
	manifest("v2 with another key for who is new", swap(3, m2), a, b, c)
	stolen := manifestOf(clinic, m1, &h1, 1, x)
	hs := manifest("v2 a stranger alone", stolen, x)
	skipped := manifestOf(clinic, m2, &h1, 2, a, b, d)
	manifest("v3 after v1", skipped, a, b)
	other := manifestOf(elsewhere, nil, nil, 2, a, b, c)
	manifest("v1 of another clinic", other, a, b, c)
	v.Texts["v1 with a signature twice"] = v.Texts["v1"] + v.Texts["v1"][strings.LastIndex(v.Texts["v1"], "\nsignature ")+1:]
	v.Texts["v1 with a byte more"] = v.Texts["v1"] + "\n"
	v.Texts["v1 with another m"] = strings.Replace(v.Texts["v1"], "\n2\n"+m1.Reviewers[0].ID, "\n1\n"+m1.Reviewers[0].ID, 1)

	day := func(s string) time.Time {
		out, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	key := member(t, 40).Identity.Recipient().String()
	record := func(clinicID string, panel [32]byte) *keyring.Record {
		return &keyring.Record{ClinicID: clinicID, ID: "2026-12-abcd", Recipient: key, NotBefore: day("2026-12-01"), NotAfter: day("2026-12-31"),
			RetainUntil: day("2027-06-30"), K: 1, N: 3, Wraps: [32]byte{1}, Manifest: panel, TicketKey: "clinic.example/answerable/ticket+00000000+AA=="}
	}
	epoch := func(name string, r *keyring.Record, dealer keyringtest.Reviewer, acks ...keyringtest.Reviewer) {
		lines := r.Lines()
		text(name, keyring.RecordLeaf(lines, signedBy(lines, keyring.SignDeal, dealer)[0], signedBy(lines, keyring.SignAck, acks...)))
	}
	good := record(clinic, h1)
	epoch("epoch of v1", good, a, b, c)
	epoch("epoch of v2", record(clinic, h2), a, b, d)
	epoch("epoch of v3", record(clinic, h3), a, b, d)
	epoch("epoch with one ack", good, a, b)
	epoch("epoch dealt by a stranger", good, x, b, c)
	epoch("epoch acked by a stranger", good, a, b, x)
	epoch("epoch of the stranger's panel", record(clinic, hs), x, x)
	epoch("epoch of another clinic", record(elsewhere, h1), a, b, c)
	swapped := record(clinic, h1)
	swapped.Recipient = x.Identity.Recipient().String()
	v.Texts["epoch with another recipient"] = strings.Replace(v.Texts["epoch of v1"], key, swapped.Recipient, 1)
	lines := good.Lines()
	text("epoch whose dealer signed as if acking", keyring.RecordLeaf(lines, signedBy(lines, keyring.SignAck, a)[0], signedBy(lines, keyring.SignAck, b, c)))
	v.Texts["epoch with an ack twice"] = func() string {
		one := v.Texts["epoch with one ack"]
		return one + one[strings.LastIndex(one, "\nack ")+1:]
	}()
	v.Texts["epoch with a byte more"] = v.Texts["epoch of v1"] + " "
	together := record(clinic, h1)
	together.K, together.Shares = 2, [32]byte{2}
	epoch("epoch that two open", together, a, b, c)
	line := "\n2/3 " + strings.Split(strings.Split(together.Lines(), "\n2/3 ")[1], "\n")[0] + "\n"
	v.Texts["epoch that two open, without its parts"] = strings.Replace(v.Texts["epoch that two open"], line, "\n2/3\n", 1)
	v.Texts["epoch that two open, with other parts"] = strings.Replace(v.Texts["epoch that two open"], line, strings.Replace(line, "A", "B", 1), 1)
	v.Texts["epoch that one opens, with parts"] = strings.Replace(v.Texts["epoch of v1"], "\n1/3\n", strings.Replace(line, "2/3", "1/3", 1), 1)
	revoke := func(name, id string, by ...keyringtest.Reviewer) {
		r := keyring.Resolution{Kind: keyring.KindRevoke, ClinicID: clinic, Day: day("2026-12-03"), Epochs: []string{id}}
		text(name, keyring.DecisionLeaf(r.Lines(), signedBy(r.Lines(), keyring.SignDecision, by...)))
	}
	revoke("revoked by two", good.ID, a, c)
	revoke("revoked by one", good.ID, a)
	revoke("another revoked by two", "2026-11-zzzz", a, c)
	before := record(clinic, h1)
	before.ID, before.NotBefore, before.NotAfter = "2026-11-zzzz", day("2026-11-01"), day("2026-11-30")
	epoch("another epoch, of the days before", before, a, b, c)
	epoch("another epoch, with one ack", before, a, b)
	long := *before
	long.NotBefore, long.NotAfter = day("2026-10-01"), day("2026-10-31")
	epoch("another epoch, of long ago", &long, a, b, c)
	later := *before
	later.NotBefore, later.NotAfter = day("2026-11-25"), day("2026-11-30")
	epoch("another epoch, of days that come", &later, a, b, c)

	pin := keyring.Fingerprint(m1.Lines())
	add := func(name, want string, manifests []string, epoch, today, fingerprint string, revocations ...string) {
		cs := chainCase{Name: name, Manifests: manifests, Epoch: epoch, Revocations: append([]string{}, revocations...), Fingerprint: fingerprint, Today: today, Want: want}
		if want == "" {
			cs.Recipient = key
		}
		v.Cases = append(v.Cases, cs)
	}
	one, today := []string{"v1"}, "2026-12-10"
	add("the first panel", "", one, "epoch of v1", today, pin)
	add("nobody pinned it", "", one, "epoch of v1", today, "")
	add("one joined since", "", []string{"v1", "v2 adds one"}, "epoch of v1", today, pin)
	add("dealt to the new panel", "", []string{"v1", "v2 adds one"}, "epoch of v2", today, pin)
	add("one left and a key for those who stayed", "", []string{"v1", "v2 adds one", "v3 loses one"}, "epoch of v3", today, pin)
	add("one left and the key is of before", keyring.BrokenRecord, []string{"v1", "v2 adds one", "v3 loses one"}, "epoch of v2", today, pin)
	add("another panel than on the poster", keyring.BrokenFingerprint, []string{"v1 of a stranger"}, "epoch of v1", today, pin)
	add("not all signed the first list", keyring.BrokenPanel, []string{"v1 signed by two of three"}, "epoch of v1", today, pin)
	add("no list at all", keyring.BrokenPanel, nil, "epoch of v1", today, pin)
	add("too few of the old panel", keyring.BrokenPanel, []string{"v1", "v2 signed by one of the old"}, "epoch of v1", today, pin)
	add("who is new did not sign", keyring.BrokenPanel, []string{"v1", "v2 not signed by who is new"}, "epoch of v1", today, pin)
	add("another key beside the name of one who stays", keyring.BrokenPanel, []string{"v1", "v2 with another key for one who stays"}, "epoch of v1", today, pin)
	add("another key beside the name of one who stays, whoever signs", keyring.BrokenPanel, []string{"v1", "v2 with another key for one who stays, signed by all the others"}, "epoch of v1", today, pin)
	add("another key beside the name of who is new", keyring.BrokenPanel, []string{"v1", "v2 with another key for who is new"}, "epoch of v1", today, pin)
	add("a stranger took over", keyring.BrokenPanel, []string{"v1", "v2 a stranger alone"}, "epoch of the stranger's panel", today, pin)
	add("a list is dropped", keyring.BrokenPanel, []string{"v1", "v3 loses one"}, "epoch of v3", today, pin)
	add("a list follows the wrong one", keyring.BrokenPanel, []string{"v1", "v2 adds one", "v3 after v1"}, "epoch of v1", today, pin)
	add("the lists in another order", keyring.BrokenPanel, []string{"v2 adds one", "v1"}, "epoch of v1", today, pin)
	add("another clinic's list", keyring.BrokenPanel, []string{"v1 of another clinic"}, "epoch of v1", today, pin)
	add("a signature twice", keyring.BrokenPanel, []string{"v1 with a signature twice"}, "epoch of v1", today, pin)
	add("a byte more in the list", keyring.BrokenPanel, []string{"v1 with a byte more"}, "epoch of v1", today, pin)
	add("another number of signatures needed", keyring.BrokenPanel, []string{"v1 with another m"}, "epoch of v1", today, pin)
	add("too few acknowledged", keyring.BrokenSignatures, one, "epoch with one ack", today, pin)
	add("one acknowledged twice", keyring.BrokenRecord, one, "epoch with an ack twice", today, pin)
	add("dealt by a stranger", keyring.BrokenSignatures, one, "epoch dealt by a stranger", today, pin)
	add("acknowledged by a stranger", keyring.BrokenSignatures, one, "epoch acked by a stranger", today, pin)
	add("the dealer's signature is an acknowledgement", keyring.BrokenSignatures, one, "epoch whose dealer signed as if acking", today, pin)
	add("the recipient is swapped", keyring.BrokenSignatures, one, "epoch with another recipient", today, pin)
	add("a panel that is not in the chain", keyring.BrokenRecord, one, "epoch of v2", today, pin)
	add("another clinic's epoch", keyring.BrokenRecord, one, "epoch of another clinic", today, pin)
	add("a byte more in the epoch", keyring.BrokenRecord, one, "epoch with a byte more", today, pin)
	add("opened by two", "", one, "epoch that two open", today, pin)
	add("opened by two, without the parts", keyring.BrokenRecord, one, "epoch that two open, without its parts", today, pin)
	add("opened by two, with parts that nobody signed", keyring.BrokenSignatures, one, "epoch that two open, with other parts", today, pin)
	add("opened by one, with parts", keyring.BrokenRecord, one, "epoch that one opens, with parts", today, pin)
	add("no epoch", keyring.BrokenRecord, one, "", today, pin)
	add("a list for an epoch", keyring.BrokenRecord, one, "v1", today, pin)
	add("the panel called it back", keyring.BrokenRevoked, one, "epoch of v1", today, pin, "revoked by two")
	add("one alone cannot call it back", "", one, "epoch of v1", today, pin, "revoked by one")
	add("another was called back", "", one, "epoch of v1", today, pin, "another revoked by two")
	add("the day before, where a clock is ahead", "", one, "epoch of v1", "2026-11-30", pin)
	add("before its days", keyring.BrokenDays, one, "epoch of v1", "2026-11-29", pin)
	add("early, after another was called back, which is not shown", keyring.BrokenDays, one, "epoch of v1", "2026-11-20", pin, "another revoked by two")
	instead := func(name, want, of string, revocations ...string) {
		add(name, want, one, "epoch of v1", "2026-11-20", pin, revocations...)
		v.Cases[len(v.Cases)-1].InsteadOf = of
	}
	instead("early, in the place of one that was called back", "", "another epoch, of the days before", "another revoked by two")
	instead("early, in the place of one that was not called back", keyring.BrokenDays, "another epoch, of the days before")
	instead("early, in the place of one that one alone called back", keyring.BrokenDays, "another epoch, of the days before", "revoked by one")
	instead("early, in the place of one that too few acknowledged", keyring.BrokenDays, "another epoch, with one ack", "another revoked by two")
	instead("early, in the place of one of long ago", keyring.BrokenDays, "another epoch, of long ago", "another revoked by two")
	instead("early, in the place of one whose days have not come either", keyring.BrokenDays, "another epoch, of days that come", "another revoked by two")
	instead("early, in the place of no epoch", keyring.BrokenDays, "v1", "another revoked by two")
	add("fourteen days late, and a day for clocks", "", one, "epoch of v1", "2027-01-15", pin)
	add("too late", keyring.BrokenDays, one, "epoch of v1", "2027-01-16", pin)
	return v
}

func (v *chainVectors) chain(cs chainCase) *keyring.Chain {
	c := &keyring.Chain{ClinicID: v.ClinicID, Epoch: v.Texts[cs.Epoch], InsteadOf: v.Texts[cs.InsteadOf]}
	for _, name := range cs.Manifests {
		c.Manifests = append(c.Manifests, v.Texts[name])
	}
	for _, name := range cs.Revocations {
		c.Revocations = append(c.Revocations, v.Texts[name])
	}
	return c
}

func TestChainVectors(t *testing.T) {
	v := buildChainVectors(t)
	want, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "chain.json")
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, append(want, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(path)
	if err != nil || string(stored) != string(want)+"\n" {
		t.Fatalf("%s is not what this test builds (%v): run it with -update", path, err)
	}
	for _, cs := range v.Cases {
		today, err := time.Parse(time.DateOnly, cs.Today)
		if err != nil {
			t.Fatal(err)
		}
		r, err := v.chain(cs).Verify(cs.Fingerprint, today)
		var broken *keyring.ChainError
		switch {
		case cs.Want == "" && (err != nil || r.Recipient != cs.Recipient):
			t.Errorf("%s: got %v", cs.Name, err)
		case cs.Want != "" && (!errors.As(err, &broken) || broken.Reason != cs.Want || broken.Error() == ""):
			t.Errorf("%s: got %v, want the reason %s", cs.Name, err, cs.Want)
		}
	}
}

// What the server hands out is what it has in the log, and it holds.
func TestChainOfARealPanelHolds(t *testing.T) {
	p, c := newPanel(t)
	if chain, err := p.Keys.Chain(t.Context(), p.ClinicID); err != nil || chain.Epoch != "" {
		t.Errorf("without a key: %+v, %v", chain, err)
	}
	old := p.Deal(t, monday)
	p.Reviewers = append(p.Reviewers, p.Enrol(t))
	p.SignManifest(t, 2)
	fresh := p.Deal(t, monday)
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{old.ID}}), "")
	chain, err := p.Keys.Chain(t.Context(), p.ClinicID)
	if err != nil || len(chain.Manifests) != 2 || len(chain.Revocations) != 1 {
		t.Fatalf("got %+v, %v", chain, err)
	}
	first, err := p.Keys.Manifests(t.Context(), p.DB, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := chain.Verify(keyring.Fingerprint(first[0].Lines), c.at)
	if err != nil || r.Recipient != fresh.Recipient {
		t.Errorf("got %v, %v", r, err)
	}
}

// A key that begins early because another was called back is shown with that one, so that a writer can check it.
func TestChainShowsInWhosePlaceAKeyStands(t *testing.T) {
	p, c := newPanel(t)
	old := p.Deal(t, monday)
	next := p.Deal(t, old.NotAfter.AddDate(0, 0, 1))
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{old.ID}}), "")
	chain, err := p.Keys.Chain(t.Context(), p.ClinicID)
	if err != nil || !strings.Contains(chain.InsteadOf, "\n"+old.ID+"\n") {
		t.Fatalf("got %+v, %v", chain, err)
	}
	if r, err := chain.Verify("", c.at); err != nil || r.ID != next.ID {
		t.Errorf("got %v, %v", r, err)
	}
	chain.InsteadOf = ""
	if _, err := chain.Verify("", c.at); err == nil {
		t.Error("a revocation alone lets any key begin early")
	}
}

// The calendar opens a form early for exactly as long as writers accept the key, and no day longer.
func TestAKeyBeginsEarlyOnlyWhileWritersAcceptIt(t *testing.T) {
	p, c := newPanel(t)
	old := p.Deal(t, monday)
	next := p.Deal(t, old.NotAfter.AddDate(0, 0, 40))
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{old.ID}}), "")
	last := old.NotAfter.AddDate(0, 0, 14)
	early := 0
	for ; c.today().Before(next.NotBefore); c.pass(1) {
		active, err := p.Keys.Active(t.Context(), p.ClinicID)
		if open := err == nil; open == c.today().After(last) {
			t.Fatalf("on %s the form is open: %v, %v", c.today().Format(time.DateOnly), open, err)
		}
		if errors.Is(err, keyring.ErrNoEpoch) {
			if opens, err := p.Keys.OpensAgain(t.Context(), p.ClinicID); err != nil || opens == nil || !opens.Equal(next.NotBefore) {
				t.Fatalf("it opens again on %v, %v", opens, err)
			}
			continue
		}
		early++
		chain, err := p.Keys.Chain(t.Context(), p.ClinicID)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := chain.Verify("", c.at); err != nil || r.ID != active.ID || r.ID != next.ID {
			t.Fatalf("on %s the calendar says %s, and writers say %v, %v", c.today().Format(time.DateOnly), active.ID, r, err)
		}
	}
	if early < 14 {
		t.Fatalf("the key was in use early on %d days", early)
	}
	if active, err := p.Keys.Active(t.Context(), p.ClinicID); err != nil || active.ID != next.ID {
		t.Errorf("on its own first day: %v, %v", active, err)
	}
}

// A form that is closed says when it opens only where a key in the log does open it.
func TestNobodyKnowsWhenAFormOpensWithoutAKeyInTheLog(t *testing.T) {
	p, c := newPanel(t)
	p.Deal(t, monday)
	c.pass(90)
	if opens, err := p.Keys.OpensAgain(t.Context(), p.ClinicID); opens != nil || err != nil {
		t.Errorf("no key: %v, %v", opens, err)
	}
	if err := p.Send(p.NewOffer(t, c.today().AddDate(0, 0, 5))); err != nil {
		t.Fatal(err)
	}
	if opens, err := p.Keys.OpensAgain(t.Context(), p.ClinicID); opens != nil || err != nil {
		t.Errorf("a key that nobody has checked: %v, %v", opens, err)
	}
}

func FuzzChain(f *testing.F) {
	stored, err := os.ReadFile(filepath.Join("testdata", "chain.json"))
	if err != nil {
		f.Fatal(err)
	}
	var v chainVectors
	if err := json.Unmarshal(stored, &v); err != nil {
		f.Fatal(err)
	}
	for _, cs := range v.Cases {
		c := v.chain(cs)
		if len(c.Manifests) > 0 {
			f.Add(c.Manifests[0], c.Epoch)
		}
	}
	known := slices.Collect(maps.Values(v.Texts))
	day := time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, manifest, epoch string) {
		c := keyring.Chain{ClinicID: v.ClinicID, Manifests: []string{manifest}, Epoch: epoch}
		// Nobody here can sign, so that whatever holds was signed when the vectors were made.
		if _, err := c.Verify("", day); err == nil && !(slices.Contains(known, manifest) && slices.Contains(known, epoch)) {
			t.Error("it takes what nobody signed")
		}
	})
}

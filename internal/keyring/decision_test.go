package keyring_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/transparency"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func (c *clock) pass(days int)    { c.at = c.at.AddDate(0, 0, days) }
func (c *clock) today() time.Time { return c.at.Truncate(24 * time.Hour) }

// newPanel is newPlace on a Monday, able to shred.
func newPanel(t *testing.T) (*keyringtest.Place, *clock) {
	t.Helper()
	p, c := newPlace(t)
	c.at = monday
	p.Keys.OnShred = (&intake.Store{DB: p.DB, Keys: p.Keys, Now: c.now}).Shred
	return p, c
}

func lines(p *keyringtest.Place, c *clock, r keyring.Resolution) string {
	r.ClinicID, r.Day = p.ClinicID, c.today()
	return r.Lines()
}

func sign(r keyringtest.Reviewer, lines string) keyring.Signature {
	return keyring.Signature{ReviewerID: r.ID, Signature: keyring.SignDecision(r.Key, lines)}
}

// decide has two members sign.
func decide(t testing.TB, p *keyringtest.Place, lines, body string) *keyring.Decision {
	t.Helper()
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, lines, body, sign(p.Reviewers[0], lines))
	if err != nil {
		t.Fatal(err)
	}
	if d, err = p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], lines)); err != nil {
		t.Fatal(err)
	}
	if d.State != keyring.DecisionMade {
		t.Fatalf("after two signatures the decision is %s", d.State)
	}
	return d
}

func states(t testing.TB, p *keyringtest.Place) map[string]string {
	t.Helper()
	epochs, err := p.Keys.Epochs(context.Background(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range epochs {
		out[e.ID] = e.Effective
	}
	return out
}

func TestDecisionIsMadeByMSignaturesAndLogged(t *testing.T) {
	p, c := newPanel(t)
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindSupport, Without: true})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil || d.State != keyring.DecisionDraft || d.Needed != 2 {
		t.Fatalf("got %+v, %v, want a draft that needs 2", d, err)
	}
	if latest, err := p.Keys.LatestDecision(t.Context(), p.ClinicID, keyring.KindSupport); latest != nil || err != nil {
		t.Errorf("a draft counts as made: %v %v", latest, err)
	}
	again, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil || again.ID != d.ID || again.State != keyring.DecisionDraft {
		t.Errorf("the same proposal again: %+v, %v", again, err)
	}
	made := decide(t, p, text, "")
	if len(made.Signatures) != 2 || made.MadeOn == nil {
		t.Errorf("made with %d signatures", len(made.Signatures))
	}
	var leaf transparency.Entry
	if err := p.DB.NewSelect().Model(&leaf).Where("leaf_hash = ?", made.LeafHash).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := string(keyring.DecisionLeaf(text, made.Signatures)); string(leaf.Leaf) != want || strings.Count(want, "\nsignature ") != 2 {
		t.Errorf("the log holds\n%s\nwant\n%s", leaf.Leaf, want)
	}
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[2], text)); err != nil {
		t.Errorf("one who signs a moment too late: %v", err)
	}
}

func TestDecisionsThatAreRefused(t *testing.T) {
	p, c := newPanel(t)
	record := p.Deal(t, monday)
	stranger := keyringtest.NewReviewer(t)
	support := lines(p, c, keyring.Resolution{Kind: keyring.KindSupport, Without: true})
	elsewhere := strings.Replace(support, p.ClinicID, "6f1f3f5e-0000-4000-8000-000000000000", 1)
	old := keyring.Resolution{Kind: keyring.KindSupport, ClinicID: p.ClinicID, Day: c.today().AddDate(0, 0, -15)}
	quorum := lines(p, c, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: 4, RetainDays: 90}})
	unknown := lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{"2026-01-aaaa"}})
	early := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{record.ID}, Effective: c.today().AddDate(0, 0, 35)})
	charter := lines(p, c, keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(map[string]string{"chosen": "a"})})
	for name, tt := range map[string]struct {
		lines, body string
		by          keyring.Signature
		want        error
	}{
		"not a leaf":                 {"support\n", "", sign(p.Reviewers[0], "support\n"), keyring.ErrDecision},
		"another clinic":             {elsewhere, "", sign(p.Reviewers[0], elsewhere), keyring.ErrDecision},
		"a day long past":            {old.Lines(), "", sign(p.Reviewers[0], old.Lines()), keyring.ErrDecision},
		"no member":                  {support, "", sign(stranger, support), keyring.ErrNotMember},
		"signed by another":          {support, "", keyring.Signature{ReviewerID: p.Reviewers[0].ID, Signature: keyring.SignDecision(p.Reviewers[1].Key, support)}, keyring.ErrSignature},
		"signed with another label":  {support, "", keyring.Signature{ReviewerID: p.Reviewers[0].ID, Signature: keyring.SignManifest(p.Reviewers[0].Key, support)}, keyring.ErrSignature},
		"text beside":                {support, "x", sign(p.Reviewers[0], support), keyring.ErrDecision},
		"more than the panel":        {quorum, "", sign(p.Reviewers[0], quorum), keyring.ErrDecision},
		"an epoch of nobody":         {unknown, "", sign(p.Reviewers[0], unknown), keyring.ErrDecision},
		"shredding before its time":  {early, "", sign(p.Reviewers[0], early), keyring.ErrDecision},
		"a charter without its text": {charter, "", sign(p.Reviewers[0], charter), keyring.ErrDecision},
		"a charter with holes":       {charter, `{"chosen":"a","peers":"","paid":"","barred":"","more":""}`, sign(p.Reviewers[0], charter), keyring.ErrDecision},
		"a line too many":            {support + "x\n", "", sign(p.Reviewers[0], support+"x\n"), keyring.ErrDecision},
	} {
		if _, err := p.Keys.Decide(t.Context(), p.ClinicID, tt.lines, tt.body, tt.by); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	if n, err := p.DB.NewSelect().Model((*keyring.Decision)(nil)).Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d refused decisions are kept, %v", n, err)
	}
}

func TestCharterIsKeptAsSigned(t *testing.T) {
	p, c := newPanel(t)
	parts := map[string]string{"chosen": "At an open meeting.", "peers": "All three use the clinic.", "paid": "The city fund.", "barred": "Staff.", "more": ""}
	body, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(parts)})
	decide(t, p, text, string(body))
	latest, err := p.Keys.LatestDecision(t.Context(), p.ClinicID, keyring.KindCharter)
	if err != nil || latest == nil || latest.Body != string(body) {
		t.Errorf("got %+v, %v", latest, err)
	}
}

// Two replicas whose clocks disagree over midnight: what one serves, the other takes, or says that the key has changed. No
// key that has not begun on a replica is taken there, and none is taken on both sides of its day of grace.
func TestReplicasOverMidnightAgreeOrSaySo(t *testing.T) {
	p, c := newPanel(t)
	first := p.Deal(t, monday)
	second := p.Deal(t, monday.AddDate(0, 0, 31))
	midnight := c.today().AddDate(0, 0, 31)
	behind, ahead := *p.Keys, *p.Keys
	behind.Now = func() time.Time { return midnight.Add(-time.Minute) }
	ahead.Now = func() time.Time { return midnight.Add(time.Minute) }
	for _, served := range []struct {
		by, to *keyring.Store
		id     string
		taken  bool
	}{{&behind, &ahead, first.ID, true}, {&ahead, &behind, second.ID, false}, {&behind, &behind, first.ID, true}, {&ahead, &ahead, second.ID, true}} {
		e, err := served.by.Active(t.Context(), p.ClinicID)
		if err != nil || e.ID != served.id {
			t.Fatalf("served %v, %v, want %s", e, err, served.id)
		}
		if _, err := served.to.Accepting(t.Context(), p.DB, p.ClinicID, e.ID); (err == nil) != served.taken || err != nil && !errors.Is(err, keyring.ErrNoEpoch) {
			t.Errorf("%s is taken elsewhere: %v", e.ID, err)
		}
	}
	// Nothing has to run at midnight for this: no row has changed.
	if n, err := p.DB.NewSelect().Model((*keyring.Epoch)(nil)).Where("state <> ?", keyring.StateLogged).Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d rows have changed, %v", n, err)
	}
}

func TestWhatNobodyCompletesIsPutAway(t *testing.T) {
	p, c := newPanel(t)
	o := p.NewOffer(t, monday)
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindSupport, Without: true})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	c.pass(14)
	if err := p.Keys.Sweep(t.Context(), p.ClinicID); err != nil {
		t.Fatal(err)
	}
	if got := states(t, p)[o.Record.ID]; got != keyring.StateOffered {
		t.Errorf("after 14 days it is %s", got)
	}
	c.pass(1)
	if err := p.Keys.Sweep(t.Context(), p.ClinicID); err != nil {
		t.Fatal(err)
	}
	if got := states(t, p)[o.Record.ID]; got != keyring.StateAbandoned {
		t.Errorf("after 15 days it is %s", got)
	}
	if _, err := p.Ack(0, o); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("an abandoned epoch can be acknowledged: %v", err)
	}
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], text)); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("a dropped decision can be signed: %v", err)
	}
}

func FuzzParseResolution(f *testing.F) {
	r := keyring.Resolution{Kind: keyring.KindRevoke, ClinicID: "c", Day: monday.Truncate(24 * time.Hour), Epochs: []string{"2026-11-aaaa", "2026-12-bbbb"}}
	f.Add(r.Lines())
	r.Kind, r.Effective, r.Epochs = keyring.KindShred, r.Day, r.Epochs[:1]
	f.Add(r.Lines())
	r.Kind, r.Charter = keyring.KindCharter, keyring.HashCharter(nil)
	f.Add(r.Lines())
	r.Kind, r.Rotation = keyring.KindRotation, keyring.Rotation{K: 2, Days: 7, RetainDays: 90}
	f.Add(r.Lines())
	r.Kind = keyring.KindSupport
	f.Add(r.Lines())
	f.Fuzz(func(t *testing.T, text string) {
		r, err := keyring.ParseResolution(text)
		if err != nil && !errors.Is(err, keyring.ErrDecision) {
			t.Errorf("got %v, want ErrDecision", err)
		}
		if err == nil && r.Lines() != text {
			t.Error("it reads what it would not write")
		}
	})
}

func TestOpeningTogetherIsAskedForAndAnswered(t *testing.T) {
	p, c := newPanel(t)
	alone := p.Deal(t, monday)
	asker, colleague := p.Reviewers[0], p.Reviewers[1]
	text := func(epoch string) string {
		r := keyring.OpeningRequest{ClinicID: p.ClinicID, EpochID: epoch, Requester: asker.ID, Recipient: colleague.Identity.Recipient().String(), Day: c.today()}
		return r.Lines()
	}
	by := func(r keyringtest.Reviewer, lines string) keyring.Signature {
		return keyring.Signature{ReviewerID: r.ID, Signature: keyring.SignOpening(r.Key, lines)}
	}
	if _, err := p.Keys.RequestOpening(t.Context(), p.ClinicID, text(alone.ID), by(asker, text(alone.ID))); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("an epoch that each opens alone: got %v, want ErrStale", err)
	}
	if _, err := p.DB.NewRaw(`UPDATE epoch SET quorum_k = 2 WHERE id = ?`, alone.ID).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	request := text(alone.ID)
	if _, err := p.Keys.RequestOpening(t.Context(), p.ClinicID, request, by(colleague, request)); !errors.Is(err, keyring.ErrOpening) {
		t.Errorf("asked in another's name: got %v, want ErrOpening", err)
	}
	forged := keyring.Signature{ReviewerID: asker.ID, Signature: keyring.SignOpening(colleague.Key, request)}
	if _, err := p.Keys.RequestOpening(t.Context(), p.ClinicID, request, forged); !errors.Is(err, keyring.ErrSignature) {
		t.Errorf("signed by another: got %v, want ErrSignature", err)
	}
	o, err := p.Keys.RequestOpening(t.Context(), p.ClinicID, request, by(asker, request))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Keys.RequestOpening(t.Context(), p.ClinicID, request, by(asker, request)); err != nil || again.ID != o.ID {
		t.Errorf("the same request again: %v", err)
	}
	if leaves := logged(t, p); leaves[len(leaves)-1].Kind() != transparency.KindOpen {
		t.Error("the request is not in the log")
	}
	share := []byte("a sealed share")
	answer := func(r keyringtest.Reviewer, file []byte) error {
		return p.Keys.AnswerOpening(t.Context(), p.ClinicID, o.ID, share, keyring.Signature{ReviewerID: r.ID, Signature: keyring.SignShare(r.Key, request, file)})
	}
	if err := answer(asker, share); !errors.Is(err, keyring.ErrNotMember) {
		t.Errorf("the asker's own answer: %v", err)
	}
	if err := answer(colleague, []byte("another")); !errors.Is(err, keyring.ErrSignature) {
		t.Errorf("another file than was signed: %v", err)
	}
	for _, share = range [][]byte{[]byte("one that was spoilt"), []byte("a sealed share")} {
		if err := answer(colleague, share); err != nil {
			t.Fatal(err)
		}
	}
	for r, want := range map[string]string{asker.ID: string(share), p.Reviewers[2].ID: ""} {
		openings, err := p.Keys.Openings(t.Context(), p.ClinicID, r)
		if err != nil || len(openings) != 1 || len(openings[0].Answers) != 1 || string(openings[0].Answers[0].File) != want {
			t.Errorf("%s is shown %+v, %v", r, openings, err)
		}
	}
	if _, err := p.Keys.AddWraps(t.Context(), p.ClinicID, asker.ID, []keyring.LateWrap{{EpochID: alone.ID, ReviewerID: colleague.ID, File: share,
		Signature: keyring.SignWrap(asker.Key, alone.ID, colleague.ID, share)}}); !errors.Is(err, keyring.ErrQuorum) {
		t.Errorf("its key is handed on by one alone: %v", err)
	}
	c.pass(8)
	if err := p.Keys.Sweep(t.Context(), p.ClinicID); err != nil {
		t.Fatal(err)
	}
	if err := answer(p.Reviewers[2], share); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("after a week: %v", err)
	}
}

package keyring_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

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

func TestRotationRulesTheNextEpochs(t *testing.T) {
	p, c := newPanel(t)
	plan, err := p.Keys.Plan(t.Context(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Rotation.K != 1 || len(plan.Terms) != 4 || plan.WarnDays == nil || plan.CoveredUntil != nil {
		t.Fatalf("with no key at all: %+v", plan)
	}
	first, second := plan.Terms[0], plan.Terms[1]
	if day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC); !first.NotBefore.Equal(c.today()) || !first.NotAfter.Equal(day) ||
		!second.NotBefore.Equal(day.AddDate(0, 0, 1)) || !second.NotAfter.Equal(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("terms %v", plan.Terms)
	}
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: 2, Days: 1, RetainDays: 30}}), "")
	if plan, err = p.Keys.Plan(t.Context(), p.ClinicID); err != nil {
		t.Fatal(err)
	}
	if plan.Rotation.K != 2 || len(plan.Terms) != 22 {
		t.Fatalf("a key a day, opened by two: k %d, %d terms, want 2 and 22", plan.Rotation.K, len(plan.Terms))
	}
	for i, term := range plan.Terms {
		if want := c.today().AddDate(0, 0, i); !term.NotBefore.Equal(want) || !term.NotAfter.Equal(want) || !term.RetainUntil.Equal(want.AddDate(0, 0, 30)) {
			t.Errorf("term %d: %v", i, term)
		}
	}
	o := p.NewOffer(t, monday)
	if err := p.Send(o); !errors.Is(err, keyring.ErrRecord) {
		t.Errorf("an epoch opened by one: got %v, want ErrRecord", err)
	}
}

func TestPlanKnowsWhatIsDealtAndWarns(t *testing.T) {
	p, c := newPanel(t)
	p.Deal(t, monday) // 31 days
	plan, err := p.Keys.Plan(t.Context(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Terms) != 3 || !plan.Terms[0].NotBefore.Equal(c.today().AddDate(0, 0, 31)) || plan.WarnDays != nil {
		t.Errorf("terms %v, warning %v", plan.Terms, plan.WarnDays)
	}
	c.pass(20)
	if plan, err = p.Keys.Plan(t.Context(), p.ClinicID); err != nil {
		t.Fatal(err)
	}
	if plan.WarnDays == nil || *plan.WarnDays != 10 || !plan.CoveredUntil.Equal(monday.Truncate(24*time.Hour).AddDate(0, 0, 30)) {
		t.Errorf("ten days before the end: %v until %v", plan.WarnDays, plan.CoveredUntil)
	}
	// Someone joins: their panel needs keys of its own, from today.
	p.Reviewers = append(p.Reviewers, p.Enrol(t))
	p.SignManifest(t, 2)
	if plan, err = p.Keys.Plan(t.Context(), p.ClinicID); err != nil {
		t.Fatal(err)
	}
	if !plan.Terms[0].NotBefore.Equal(c.today()) {
		t.Errorf("the new panel's keys begin on %v", plan.Terms[0].NotBefore)
	}
}

func TestTwoBrowsersThatDealTheSameDays(t *testing.T) {
	p, _ := newPanel(t)
	first, second := p.NewOffer(t, monday), p.NewOffer(t, monday.AddDate(0, 0, 30))
	if err := p.Send(first); err != nil {
		t.Fatal(err)
	}
	if err := p.Send(second); !errors.Is(err, keyring.ErrTaken) {
		t.Errorf("one day in common: got %v, want ErrTaken", err)
	}
	if err := p.Send(p.NewOffer(t, monday.AddDate(0, 0, 31))); err != nil {
		t.Errorf("the days after: %v", err)
	}
}

func TestRevocationLetsTheNextBeginAtOnce(t *testing.T) {
	p, c := newPanel(t)
	now, next := p.Deal(t, monday), p.Deal(t, monday.AddDate(0, 0, 31))
	c.pass(3)
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{now.ID}}), "")
	if got := states(t, p); got[now.ID] != keyring.StateRevoked || got[next.ID] != keyring.StateActive {
		t.Errorf("after the revocation: %v", got)
	}
	if _, err := p.Keys.Accepting(t.Context(), p.DB, p.ClinicID, now.ID); !errors.Is(err, keyring.ErrNoEpoch) {
		t.Errorf("a revoked key takes words: %v", err)
	}
	c.pass(60)
	if got := states(t, p); got[next.ID] != keyring.StateActive {
		t.Errorf("in its own time: %v", got)
	}
}

// A key called back on its first day is replaced by one for the same days. Which of the two has the lesser id is chance.
func TestReplacementForTheSameDaysIsUsed(t *testing.T) {
	for range 8 {
		p, c := newPanel(t)
		now, next := p.Deal(t, monday), p.Deal(t, monday.AddDate(0, 0, 31))
		decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{now.ID}}), "")
		instead := p.Deal(t, monday)
		got := states(t, p)
		if got[now.ID] != keyring.StateRevoked || got[instead.ID] != keyring.StateActive || got[next.ID] != keyring.StateLogged {
			t.Errorf("%s instead of %s, then %s: %v", instead.ID, now.ID, next.ID, got)
		}
	}
}

func TestRevocationDoesNotReopenWhatCameBefore(t *testing.T) {
	p, c := newPanel(t)
	before := p.Deal(t, monday)
	c.pass(31)
	now := p.Deal(t, c.at)
	c.pass(2)
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{now.ID}}), "")
	if _, err := p.Keys.Active(t.Context(), p.ClinicID); !errors.Is(err, keyring.ErrNoEpoch) {
		t.Errorf("got %v with %v, want no key", err, states(t, p))
	}
	if got := states(t, p)[before.ID]; got != keyring.StateClosed {
		t.Errorf("the one before is %s", got)
	}
}

func TestSomebodyLeaves(t *testing.T) {
	p, c := newPanel(t)
	now := p.Deal(t, monday)
	offered := p.NewOffer(t, monday.AddDate(0, 0, 31))
	if err := p.Send(offered); err != nil {
		t.Fatal(err)
	}
	leaver := p.Reviewers[2]
	m, err := p.Keys.ProposeManifest(t.Context(), p.ClinicID, 2, leaver.ID)
	if err != nil || len(m.Reviewers) != 2 || m.Member(leaver.ID) != nil {
		t.Fatalf("got %v, %v", m, err)
	}
	p.Reviewers = p.Reviewers[:2]
	for _, r := range p.Reviewers {
		if _, err := p.Keys.SignManifest(t.Context(), p.ClinicID, r.ID, m.Version, keyring.SignManifest(r.Key, m.Lines())); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Keys.RequireMember(t.Context(), p.ClinicID, leaver.ID); !errors.Is(err, keyring.ErrNotMember) {
		t.Errorf("who left still has a seat: %v", err)
	}
	if got := states(t, p)[offered.Record.ID]; got != keyring.StateAbandoned {
		t.Errorf("what was offered to the old panel is %s", got)
	}
	if file, err := p.Keys.WrapFor(t.Context(), offered.Record.ID, leaver.ID); file != nil || err != nil {
		t.Errorf("a wrap of an abandoned key is left: %v", err)
	}
	if _, err := p.Ack(0, offered); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("the old panel's offer can be acknowledged: %v", err)
	}
	late := sign(leaver, lines(p, c, keyring.Resolution{Kind: keyring.KindSupport}))
	if _, err := p.Keys.Decide(t.Context(), p.ClinicID, lines(p, c, keyring.Resolution{Kind: keyring.KindSupport}), "", late); !errors.Is(err, keyring.ErrNotMember) {
		t.Errorf("who left can decide: %v", err)
	}
	fresh := p.Deal(t, c.at)
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{now.ID}}), "")
	if got := states(t, p); got[fresh.ID] != keyring.StateActive || got[now.ID] != keyring.StateRevoked {
		t.Errorf("after the change: %v", got)
	}
}

// A signature given by somebody who has left meanwhile no longer counts.
func TestSignaturesOfThoseWhoLeftDoNotCount(t *testing.T) {
	p, c := newPanel(t)
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindSupport, Without: true})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[2], text))
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Keys.ProposeManifest(t.Context(), p.ClinicID, 2, p.Reviewers[2].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Reviewers[:2] {
		if _, err := p.Keys.SignManifest(t.Context(), p.ClinicID, r.ID, m.Version, keyring.SignManifest(r.Key, m.Lines())); err != nil {
			t.Fatal(err)
		}
	}
	if d, err = p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[0], text)); err != nil || d.State != keyring.DecisionDraft {
		t.Fatalf("got %+v, %v, want a draft still", d, err)
	}
	if d, err = p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], text)); err != nil || d.State != keyring.DecisionMade {
		t.Errorf("got %+v, %v, want it made", d, err)
	}
}

func TestNewcomerGetsThePastFromAColleague(t *testing.T) {
	p, c := newPanel(t)
	past := p.Deal(t, monday)
	giver := p.Reviewers[1]
	newcomer := p.Enrol(t)
	p.Reviewers = append(p.Reviewers, newcomer)
	p.SignManifest(t, 2)
	missing, err := p.Keys.MissingWraps(t.Context(), p.ClinicID, giver.ID)
	if err != nil || !maps.EqualFunc(missing, map[string][]string{newcomer.ID: {past.ID}}, slices.Equal[[]string]) {
		t.Fatalf("missing %v, %v", missing, err)
	}
	file := []byte("a sealed key")
	good := keyring.LateWrap{EpochID: past.ID, ReviewerID: newcomer.ID, File: file, Signature: keyring.SignWrap(giver.Key, past.ID, newcomer.ID, file)}
	other, forged, stranger := good, good, good
	other.File = []byte("another")
	forged.Signature = keyring.SignWrap(newcomer.Key, past.ID, newcomer.ID, file)
	stranger.ReviewerID = keyringtest.NewReviewer(t).ID
	for name, tt := range map[string]struct {
		wrap keyring.LateWrap
		want error
	}{"swapped file": {other, keyring.ErrSignature}, "another's signature": {forged, keyring.ErrSignature}, "no member": {stranger, keyring.ErrNotMember}} {
		if _, err := p.Keys.AddWraps(t.Context(), p.ClinicID, giver.ID, []keyring.LateWrap{tt.wrap}); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	for _, want := range []int{1, 0} { // the second time as after an interruption
		if n, err := p.Keys.AddWraps(t.Context(), p.ClinicID, giver.ID, []keyring.LateWrap{good}); n != want || err != nil {
			t.Errorf("added %d, %v, want %d", n, err, want)
		}
	}
	if missing, err = p.Keys.MissingWraps(t.Context(), p.ClinicID, giver.ID); len(missing) != 0 || err != nil {
		t.Errorf("still missing %v, %v", missing, err)
	}
	c.pass(31 + 14 + 200)
	shred(t, p, c, past)
	if _, err := p.Keys.AddWraps(t.Context(), p.ClinicID, giver.ID, []keyring.LateWrap{good}); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("a shredded epoch gets a wrap: %v", err)
	}
}

// A dealer, or whoever can write to the database, may leave a member a copy that does not open. Its receiver says so, and a
// colleague gives the key again; the copy before is kept until the key is destroyed.
func TestCopyThatDoesNotOpenIsGivenAgain(t *testing.T) {
	ctx := t.Context()
	p, c := newPanel(t)
	past := p.Deal(t, monday)
	giver, holder := p.Reviewers[1], p.Reviewers[2]
	bad, err := p.Keys.WrapFor(ctx, past.ID, holder.ID)
	if err != nil {
		t.Fatal(err)
	}
	give := func(file string) int {
		t.Helper()
		n, err := p.Keys.AddWraps(ctx, p.ClinicID, giver.ID, []keyring.LateWrap{{EpochID: past.ID, ReviewerID: holder.ID, File: []byte(file), Signature: keyring.SignWrap(giver.Key, past.ID, holder.ID, []byte(file))}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	refuse := func(by keyringtest.Reviewer, file []byte) error {
		return p.Keys.RefuseWrap(ctx, p.ClinicID, past.ID, keyring.Signature{ReviewerID: holder.ID, Signature: keyring.SignRefusal(by.Key, past.ID, holder.ID, file)})
	}
	if give("nobody asked") != 0 {
		t.Error("a copy that counts is replaced")
	}
	if err := refuse(giver, bad.File); !errors.Is(err, keyring.ErrSignature) {
		t.Errorf("somebody else says it does not open: %v", err)
	}
	if err := refuse(holder, []byte("another file")); !errors.Is(err, keyring.ErrSignature) {
		t.Errorf("another file than the one here: %v", err)
	}
	for range 2 {
		if err := refuse(holder, bad.File); err != nil {
			t.Fatal(err)
		}
	}
	missing, err := p.Keys.MissingWraps(ctx, p.ClinicID, giver.ID)
	if err != nil || !maps.EqualFunc(missing, map[string][]string{holder.ID: {past.ID}}, slices.Equal[[]string]) {
		t.Fatalf("missing %v, %v", missing, err)
	}
	if none, err := p.Keys.MissingWraps(ctx, p.ClinicID, holder.ID); len(none) != 0 || err != nil {
		t.Errorf("who holds none is asked to give: %v, %v", none, err)
	}
	if give("the key again") != 1 || give("and again") != 0 {
		t.Error("it is not given once")
	}
	now, err := p.Keys.WrapFor(ctx, past.ID, holder.ID)
	if err != nil || string(now.File) != "the key again" || now.FromID == nil || *now.FromID != giver.ID {
		t.Errorf("now %+v, %v", now, err)
	}
	if n, err := p.DB.NewSelect().Model((*keyring.Wrap)(nil)).Where("reviewer_id = ?", holder.ID).Count(ctx); n != 2 || err != nil {
		t.Errorf("%d copies are kept, %v", n, err)
	}
	c.pass(31 + 14 + 200)
	shred(t, p, c, past)
	if n, err := p.DB.NewSelect().Model((*keyring.Wrap)(nil)).Where("epoch_id = ?", past.ID).Count(ctx); n != 0 || err != nil {
		t.Errorf("%d copies outlive their key, %v", n, err)
	}
	if err := refuse(holder, bad.File); !errors.Is(err, keyring.ErrStale) {
		t.Errorf("of a key that is gone: %v", err)
	}
}

func shred(t testing.TB, p *keyringtest.Place, c *clock, r *keyring.Record) {
	t.Helper()
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{r.ID}, Effective: c.today().AddDate(0, 0, 35)})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	if got := states(t, p)[r.ID]; got != keyring.StateShredPending {
		t.Fatalf("after one signature it is %s", got)
	}
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], text)); err != nil {
		t.Fatal(err)
	}
}

func TestShreddingDestroysWrapsAndFiles(t *testing.T) {
	p, c := newPanel(t)
	gone, kept := p.Deal(t, monday), p.Deal(t, monday.AddDate(0, 0, 31))
	for i, e := range []*keyring.Record{gone, gone, kept} {
		hash := sha256.Sum256([]byte{byte(i)})
		row := &intake.Submission{LeafHash: hash[:], ClinicID: p.ClinicID, EpochID: e.ID, File: make([]byte, 18043), FileHash: hash[:],
			Anchor: hash[:], Withdraw: hash[:], Leaf: hash[:], Ticket: "t", BatchDay: monday}
		if _, err := p.DB.NewInsert().Model(row).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.DB.NewRaw(`INSERT INTO delivery VALUES (?, ?)`, hash[:], monday).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(201)
	shred(t, p, c, gone)
	if got := states(t, p); got[gone.ID] != keyring.StateShredded {
		t.Errorf("it is %s", got[gone.ID])
	}
	for table, want := range map[string]int{"submission": 1, "delivery": 1, "wrap": 3} {
		var n int
		if err := p.DB.NewRaw(`SELECT count(*) FROM ?`, bun.Ident(table)).Scan(t.Context(), &n); err != nil || n != want {
			t.Errorf("%s holds %d rows, %v, want %d of the other epoch", table, n, err, want)
		}
	}
}

// Three members sign at the same moment on two replicas, two of them the last signature: the key is destroyed once, the log says it
// once, and whoever came a moment too late is told what became of it.
func TestOfTwoLastSignaturesOnTwoReplicasOneDestroys(t *testing.T) {
	p, c := newPanel(t)
	gone := p.Deal(t, monday)
	c.pass(201)
	var destroyed atomic.Int32
	counted := func(of *keyring.Store) *keyring.Store {
		of.OnShred = func(ctx context.Context, tx bun.Tx, clinicID, epochID string) error {
			destroyed.Add(1)
			return (&intake.Store{DB: p.DB, Keys: of, Now: c.now}).Shred(ctx, tx, clinicID, epochID)
		}
		return of
	}
	replicas := []*keyring.Store{counted(p.Keys), counted(&keyring.Store{DB: p.DB, Accounts: p.Keys.Accounts, TicketKey: p.TicketKey, Now: c.now})}
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{gone.ID}, Effective: c.today().AddDate(0, 0, 35)})
	draft, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	var last sync.WaitGroup
	for n, r := range p.Reviewers[1:3] {
		last.Go(func() {
			made, err := replicas[n].SignDecision(t.Context(), p.ClinicID, draft.ID, sign(r, text))
			if err != nil || made.State != keyring.DecisionMade {
				t.Errorf("replica %d: %+v, %v", n, made, err)
			}
		})
	}
	last.Wait()
	if n := destroyed.Load(); n != 1 {
		t.Errorf("destroyed %d times", n)
	}
	if got := states(t, p)[gone.ID]; got != keyring.StateShredded {
		t.Errorf("it is %s", got)
	}
	n, err := p.DB.NewSelect().Model((*transparency.Entry)(nil)).Where("convert_from(leaf, 'UTF8') LIKE ?", "%\nshred\n%").Count(t.Context())
	if err != nil || n != 1 {
		t.Errorf("the log says it %d times, %v", n, err)
	}
}

// A key of an older list ended when a newer list's key began: somebody who left may hold it. Destroying the newer one must
// not give it back its days.
func TestShreddingANewerListsKeyReopensNoOlderOne(t *testing.T) {
	p, c := newPanel(t)
	older := p.Deal(t, monday)
	p.Reviewers = append(p.Reviewers, p.Enrol(t))
	p.SignManifest(t, 2)
	newer := p.NewOffer(t, monday)
	newer.Record.NotAfter = newer.Record.NotBefore.AddDate(0, 0, 2)
	newer.Record.RetainUntil = newer.Record.NotAfter
	newer.Sign(p.Reviewers[0])
	if err := p.Send(newer); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if _, err := p.Ack(n, newer); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(2)
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{newer.Record.ID}}), "")
	c.pass(1)
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{newer.Record.ID}, Effective: c.today().AddDate(0, 0, 35)})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	check := func(newerState string) {
		t.Helper()
		if got := states(t, p); got[newer.Record.ID] != newerState || got[older.ID] != keyring.StateClosed {
			t.Errorf("the newer one is %s, want %s; the older one is %s, want closed", got[newer.Record.ID], newerState, got[older.ID])
		}
	}
	check(keyring.StateShredPending)
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], text)); err != nil {
		t.Fatal(err)
	}
	check(keyring.StateShredded)
}

func TestAKeyInUseIsNotShredded(t *testing.T) {
	p, c := newPanel(t)
	o := p.NewOffer(t, monday)
	o.Record.RetainUntil = o.Record.NotAfter
	o.Sign(p.Reviewers[0])
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if _, err := p.Ack(n, o); err != nil {
			t.Fatal(err)
		}
	}
	propose := func() error {
		text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{o.Record.ID}, Effective: c.today().AddDate(0, 0, 35)})
		_, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
		return err
	}
	c.pass(40) // its days and its time are over, and nothing follows it
	if err := propose(); !errors.Is(err, keyring.ErrDecision) {
		t.Errorf("late and in use: got %v, want ErrDecision", err)
	}
	c.pass(10)
	if err := propose(); err != nil {
		t.Errorf("closed: %v", err)
	}
}

// The form closes lateDays after the last key's own days, and keys of an older list count only while they are used.
func TestWarningsSayWhenTheFormCloses(t *testing.T) {
	p, c := newPanel(t)
	first := p.Deal(t, monday)
	p.Deal(t, monday.AddDate(0, 0, 31))
	p.Reviewers = append(p.Reviewers, p.Enrol(t))
	p.SignManifest(t, 2)
	p.Deal(t, monday) // the new list's: until day 30; the old list's second one is never used
	begun := first.NotBefore
	for _, want := range []struct{ day, warn, covered, open int }{
		{0, -1, 30, 44}, {15, -1, 30, 44}, {16, 14, 30, 44}, {30, 0, 30, 44}, {31, 0, -1, 44}, {44, 0, -1, 44}, {45, 0, -1, -1}, {60, 0, -1, -1},
	} {
		c.at = monday.AddDate(0, 0, want.day)
		plan, err := p.Keys.Plan(t.Context(), p.ClinicID)
		if err != nil {
			t.Fatal(err)
		}
		since := func(day *time.Time) int {
			if day == nil {
				return -1
			}
			return int(day.Sub(begun) / (24 * time.Hour))
		}
		warn := -1
		if plan.WarnDays != nil {
			warn = *plan.WarnDays
		}
		if covered, open := since(plan.CoveredUntil), since(plan.OpenUntil); warn != want.warn || covered != want.covered || open != want.open {
			t.Errorf("day %d: warning %d, covered until day %d, open until day %d, want %+v", want.day, warn, covered, open, want)
		}
		if _, err := p.Keys.Active(t.Context(), p.ClinicID); (err == nil) != (plan.OpenUntil != nil) {
			t.Errorf("day %d: the plan says open until %v, and Active says %v", want.day, plan.OpenUntil, err)
		}
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

// Random schedules of days passing, offers, acknowledgements good and bad, changes of the panel, revocations and shredding,
// on two replicas. Whatever happens, states go only forward, at most one epoch is active, none without enough
// acknowledgements by the panel it was dealt to, none longer in grace than a day, and a shredded one holds nothing. A seed
// repeats its schedule exactly. Over all seeds every state is seen and every way from one to the next is gone.
func TestStateMachineHoldsOnRandomSchedules(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(16) {
		p, c := newPanel(t)
		replica := *p
		replica.Keys = &keyring.Store{DB: p.DB, Accounts: p.Keys.Accounts, TicketKey: p.TicketKey, Now: c.now, OnShred: p.Keys.OnShred}
		w := &walk{p: p, replica: &replica, c: c, rand: rand.New(rand.NewPCG(seed, 1)), at: map[string]string{}, grace: map[string]string{}, seen: seen}
		for range 50 {
			w.step(t)
			w.check(t)
			if t.Failed() {
				t.Fatalf("with seed %d", seed)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%5d %s", seen[name], name)
	}
	for _, name := range slices.Concat(mustBeSeen, mustBeGone()) {
		if seen[name] == 0 {
			t.Errorf("no schedule came to: %s", name)
		}
	}
}

// ways are the steps that an epoch's state may take between two looks: the calendar can pass several at once.
var ways = map[string][]string{
	"":                        {keyring.StateOffered},
	keyring.StateOffered:      {keyring.StateLogged, keyring.StateActive, keyring.StateAbandoned},
	keyring.StateLogged:       {keyring.StateActive, keyring.StateRevoked},
	keyring.StateActive:       {keyring.StateGrace, keyring.StateClosed, keyring.StateRevoked},
	keyring.StateGrace:        {keyring.StateClosed},
	keyring.StateClosed:       {keyring.StateShredPending},
	keyring.StateRevoked:      {keyring.StateShredPending},
	keyring.StateShredPending: {keyring.StateShredded},
}

// allowed are further steps, which are right and which no schedule has to take: two of the above at once, or rare ones.
var allowed = map[string][]string{
	keyring.StateOffered: {keyring.StateClosed, keyring.StateGrace}, // acknowledged after its days
	keyring.StateLogged:  {keyring.StateGrace, keyring.StateClosed},
	keyring.StateGrace:   {keyring.StateRevoked},
	keyring.StateClosed:  {keyring.StateShredded, keyring.StateRevoked}, // called back: proposed while it was in use
	keyring.StateRevoked: {keyring.StateShredded},
}

// mustBeSeen are things that the schedules have to do.
var mustBeSeen = []string{
	"an ack is refused", "an ack is taken", "an offer is refused", "somebody joins", "somebody leaves",
	"a shredding is refused", "the form is closed",
}

func mustBeGone() (steps []string) {
	for from, to := range ways {
		for _, state := range to {
			steps = append(steps, from+" > "+state)
		}
	}
	slices.Sort(steps)
	return steps
}

type walk struct {
	p, replica *keyringtest.Place
	c          *clock
	rand       *rand.Rand
	offers     []*keyringtest.Offer
	at         map[string]string // epoch to the state at the last look
	grace      map[string]string // epoch to the one day on which it was seen in grace
	shredded   []string
	seen       map[string]int // what has happened, over all seeds
}

// note counts what the server did with a request. What it refuses, as it must some of the time, is no failure: the
// invariants are.
func (w *walk) note(what string, err error) {
	if err != nil {
		w.seen[what+" is refused"]++
		return
	}
	w.seen[what+" is taken"]++
}

// on is one of the two replicas.
func (w *walk) on() *keyringtest.Place {
	w.replica.Reviewers = w.p.Reviewers
	return []*keyringtest.Place{w.p, w.replica}[w.rand.IntN(2)]
}

// step does one thing.
func (w *walk) step(t *testing.T) {
	switch w.rand.IntN(12) {
	case 0, 1:
		w.c.pass(1 + w.rand.IntN(3))
	case 2:
		w.c.pass(w.rand.IntN(25))
	case 3, 4:
		w.offer(t)
	case 5, 6, 7:
		w.acknowledge()
	case 8:
		w.changePanel(t)
	case 9:
		if id := w.any(t, keyring.StateActive, keyring.StateLogged, keyring.StateOffered, keyring.StateGrace); id != "" {
			w.decide(t, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{id}}, 2)
		}
	case 10, 11:
		w.shred(t)
	}
}

// offer deals what the plan misses, for few days and kept for few; some are wrong.
func (w *walk) offer(t *testing.T) {
	place := w.on()
	plan, err := place.Keys.Plan(t.Context(), place.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Terms) == 0 {
		return
	}
	o := place.NewOffer(t, plan.Terms[0].NotBefore)
	o.Record.NotAfter = o.Record.NotBefore.AddDate(0, 0, w.rand.IntN(12))
	o.Record.RetainUntil = o.Record.NotAfter.AddDate(0, 0, w.rand.IntN(10))
	o.Sign(place.Reviewers[0])
	if w.rand.IntN(5) == 0 {
		o.Dealer.Signature = slices.Clone(o.Dealer.Signature)
		o.Dealer.Signature[0] ^= 1
	}
	err = place.Send(o)
	w.note("an offer", err)
	if err == nil {
		w.offers = append(w.offers, o)
	}
}

// acknowledge lets one or two members sign one of the newest offers, at once on both replicas when two do. Some signatures
// are another's, and fail.
func (w *walk) acknowledge() {
	if len(w.offers) == 0 {
		return
	}
	o := w.offers[len(w.offers)-1-w.rand.IntN(min(2, len(w.offers)))]
	w.on() // the replica knows who sits
	if w.rand.IntN(4) == 0 {
		bad := keyring.Signature{ReviewerID: w.p.Reviewers[1].ID, Signature: keyring.SignAck(w.p.Reviewers[0].Key, o.Record.Lines())}
		_, err := w.replica.Keys.AckEpoch(context.Background(), w.p.ClinicID, o.Record.ID, bad)
		w.note("an ack", err)
		return
	}
	if w.rand.IntN(2) == 0 {
		_, err := w.p.Ack(w.rand.IntN(len(w.p.Reviewers)), o)
		w.note("an ack", err)
		return
	}
	errs := make([]error, 2)
	var both sync.WaitGroup
	for n, place := range []*keyringtest.Place{w.p, w.replica} {
		both.Go(func() { _, errs[n] = place.Ack(n, o) })
	}
	both.Wait()
	for _, err := range errs {
		w.note("an ack", err)
	}
}

// changePanel lets somebody join, or somebody leave who is not one of the first two.
func (w *walk) changePanel(t *testing.T) {
	p := w.p
	if n := len(p.Reviewers); n > 2 && w.rand.IntN(2) == 0 {
		gone := p.Reviewers[n-1]
		draft, err := p.Keys.ProposeManifest(t.Context(), p.ClinicID, 2, gone.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.Reviewers = slices.Clone(p.Reviewers[:n-1])
		for _, r := range p.Reviewers[:2] {
			if _, err := p.Keys.SignManifest(t.Context(), p.ClinicID, r.ID, draft.Version, keyring.SignManifest(r.Key, draft.Lines())); err != nil {
				t.Fatal(err)
			}
		}
		w.seen["somebody leaves"]++
		return
	}
	p.Reviewers = append(slices.Clone(p.Reviewers), p.Enrol(t))
	p.SignManifest(t, 2)
	w.seen["somebody joins"]++
}

// shred tries one that is over, or one that is not and must be refused; half the time the second signature stays away.
func (w *walk) shred(t *testing.T) {
	id := w.any(t, keyring.StateShredPending, keyring.StateClosed, keyring.StateRevoked)
	if w.rand.IntN(6) == 0 {
		id = w.any(t, keyring.StateActive)
	}
	if id == "" {
		return
	}
	r := keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{id}, Effective: w.c.today().AddDate(0, 0, 35)}
	if w.decide(t, r, 1+w.rand.IntN(2)) {
		w.shredded = append(w.shredded, id)
	}
}

// any draws one of the epochs that are in one of these states. Ids are random, so the order is that in which they were dealt.
func (w *walk) any(t *testing.T, wanted ...string) string {
	now := states(t, w.p)
	var ids []string
	for _, o := range w.offers {
		if slices.Contains(wanted, now[o.Record.ID]) {
			ids = append(ids, o.Record.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[w.rand.IntN(len(ids))]
}

// decide lets so many members sign, and reports whether it is decided.
func (w *walk) decide(t *testing.T, r keyring.Resolution, signers int) bool {
	text := lines(w.p, w.c, r)
	d, err := w.p.Keys.Decide(t.Context(), w.p.ClinicID, text, "", sign(w.p.Reviewers[0], text))
	if r.Kind == keyring.KindShred {
		w.note("a shredding", err)
	}
	if err != nil {
		return false
	}
	if signers > 1 {
		d, err = w.replica.Keys.SignDecision(t.Context(), w.p.ClinicID, d.ID, sign(w.p.Reviewers[1], text))
	}
	return err == nil && d.State == keyring.DecisionMade
}

func (w *walk) check(t *testing.T) {
	t.Helper()
	ctx, p := t.Context(), w.p
	epochs, err := w.replica.Keys.Epochs(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	today := w.c.today().Format(time.DateOnly)
	active, logged := 0, false
	for _, e := range epochs {
		w.moved(t, &e)
		logged = logged || e.LeafHash != nil
		switch e.Effective {
		case keyring.StateActive:
			active++
		case keyring.StateGrace:
			if day, seen := w.grace[e.ID]; seen && day != today {
				t.Errorf("%s is in grace on %s and on %s", e.ID, day, today)
			}
			w.grace[e.ID] = today
		}
		if inLog := e.Effective != keyring.StateOffered && e.Effective != keyring.StateAbandoned; inLog != (e.LeafHash != nil) {
			t.Errorf("%s is %s and its leaf is %x", e.ID, e.Effective, e.LeafHash)
		}
		if e.LeafHash == nil {
			continue
		}
		if acks, err := p.Keys.Acks(ctx, p.DB, e.ID); err != nil || len(acks) < 2 {
			t.Errorf("%s is %s with %d acknowledgements, %v", e.ID, e.Effective, len(acks), err)
		}
	}
	if active > 1 {
		t.Errorf("%d epochs are active on %s: %v", active, today, states(t, p))
	}
	if active == 0 && logged {
		w.seen["the form is closed"]++
	}
	for _, id := range w.shredded {
		if left, err := p.DB.NewSelect().Model((*keyring.Wrap)(nil)).Where("epoch_id = ?", id).Count(ctx); left != 0 || err != nil {
			t.Errorf("%s was shredded and %d wraps of it are left, %v", id, left, err)
		}
		if _, err := p.Keys.Accepting(ctx, p.DB, p.ClinicID, id); !errors.Is(err, keyring.ErrNoEpoch) {
			t.Errorf("%s was shredded and takes words: %v", id, err)
		}
	}
}

// moved compares an epoch with the last look: it has stayed, or gone a way that there is.
func (w *walk) moved(t *testing.T, e *keyring.Epoch) {
	t.Helper()
	from := w.at[e.ID]
	if from == e.Effective {
		return
	}
	// The one way back: a key that stood in before its days, and one made in the place of the revoked one takes over.
	stoodIn := from == keyring.StateActive && e.Effective == keyring.StateLogged && e.NotBefore.After(w.c.today())
	if !stoodIn && !slices.Contains(ways[from], e.Effective) && !slices.Contains(allowed[from], e.Effective) {
		t.Errorf("%s went from %q to %s", e.ID, from, e.Effective)
	}
	w.seen[from+" > "+e.Effective]++
	w.at[e.ID] = e.Effective
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

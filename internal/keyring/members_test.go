package keyring_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
)

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

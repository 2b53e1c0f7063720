package client

import (
	"errors"
	"slices"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/keyring"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// A panel that keeps words for a shorter time from one key on may destroy that before an older one. What a writer changed under it is
// gone then, and what they allowed first must not count again; whoever destroys it is told so before.
func TestWhatAWriterForbadeUnderAYoungerKeyIsNotAllowedAgainWhenThatIsDestroyed(t *testing.T) {
	w := newTeam(t, 3)
	w.keys.OnShred = w.intake.Shred
	ctx := t.Context()
	receipt, leaf := w.tells("my_words_public")
	w.batch()
	old := w.newest()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.later(30 * 24 * time.Hour)
	must(t, w.panel[0].SignIn(ctx))
	today := w.now().Truncate(24 * time.Hour)
	young, _, err := w.panel[0].Deal(ctx, testClinic, Term{today, today.AddDate(0, 0, 29), today.AddDate(0, 0, 59)}) // kept for 30 days
	must(t, err)
	for _, r := range w.panel {
		must(t, r.SignIn(ctx))
		_, err := r.Ack(ctx, testClinic)
		must(t, err)
	}
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_only", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	b, c := w.on(0, leaf)
	if b.Row(c).LaterGone {
		t.Error("something is said to be gone before anything is")
	}
	if _, err = b.Tend(ctx); err != nil || w.counts != 0 {
		t.Fatalf("after less is allowed %d are counted, %v", w.counts, err)
	}
	for epoch, want := range map[string][]OlderKey{young: {{old, 1}}, old: nil, "2026-01-none": nil} {
		if older, err := b.OlderKeys(ctx, testClinic, epoch); err != nil || !slices.Equal(older, want) {
			t.Errorf("older than %s and not empty: %v, %v", epoch, older, err)
		}
	}

	w.later(61 * 24 * time.Hour)
	for _, r := range w.panel {
		must(t, r.SignIn(ctx))
	}
	shred := keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{young}, Effective: w.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 35)}
	d, err := w.panel[0].Decide(ctx, testClinic, shred, "")
	must(t, err)
	_, err = w.panel[1].SignDecision(ctx, testClinic, d)
	must(t, err)

	b, c = w.on(0, leaf)
	for _, v := range b.Verdicts(c) {
		if !slices.Contains(v.Why, coding.LaterGone) {
			t.Errorf("as a %s only %v forbids it", v.Form, v.Why)
		}
	}
	if !b.Row(c).LaterGone {
		t.Error("who sees its row is not told")
	}
	if tended, err := b.Tend(ctx); err != nil || tended.Coded != 0 || w.counts != 0 {
		t.Errorf("it is counted again: %+v, %d, %v", tended, w.counts, err)
	}
	w.does(2, leaf, func(b *Bench, c *Case) error {
		return b.Check(ctx, c, coding.FormParaphrase, "Somebody was held.", false, "")
	})
	b, c = w.on(0, leaf)
	var forbidden *ForbiddenError
	if _, err := b.Share(ctx, c); !errors.As(err, &forbidden) || !slices.Equal(forbidden.Why, []string{coding.LaterGone}) {
		t.Errorf("it is shared: %v", err)
	}
	if err := b.Keep(ctx, c, "nobody can know"); err != nil {
		t.Errorf("it is not kept: %v", err)
	}
}

// On the day on which a key follows another, messages of both come into the log in any order. The older key is destroyed in its time.
func TestWhatLiesUnderAnOlderKeyChangedNothing(t *testing.T) {
	day := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	const older, own, younger = "2026-10-aaaa", "2026-11-bbbb", "2026-12-cccc"
	l := &Ledger{
		Submissions: map[[32]byte]*Placed{}, Withdrawn: map[[32]byte]bool{}, Shredded: map[keyring.EpochOf]bool{{ClinicID: "c", ID: older}: true},
		begins: map[string]time.Time{older: day(10), own: day(11), younger: day(12)},
	}
	for i, epoch := range []string{own, younger, own, older} {
		l.Submissions[[32]byte{byte(i)}] = &Placed{Submission: transparency.Submission{Epoch: epoch}, Index: int64(i)}
	}
	if last := l.lastGone("c", own); last != -1 {
		t.Errorf("an older key that was destroyed in its time holds back what came in before place %d", last)
	}
	l.Shredded[keyring.EpochOf{ClinicID: "c", ID: younger}] = true
	for epoch, want := range map[string]int64{own: 1, older: 3, "of no known day": 3} {
		if last := l.lastGone("c", epoch); last != want {
			t.Errorf("of %s the last is at %d, want %d", epoch, last, want)
		}
	}
}

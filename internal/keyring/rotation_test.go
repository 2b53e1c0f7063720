package keyring_test

import (
	"errors"
	"testing"
	"time"

	"answerable/internal/keyring"
)

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

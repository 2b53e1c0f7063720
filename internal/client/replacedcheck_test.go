package client

import (
	"errors"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// A decision rested on any check that there ever was, so words went out that their checker had replaced.
func TestNothingGoesOutOnACheckThatItsCheckerReplaced(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	_, leaf := w.tells("my_words_to_clinic")
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	looks := func(words string, guess bool) {
		w.does(2, leaf, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormQuote, words, guess, "") })
	}
	stands := func(want string) {
		t.Helper()
		if b, c := w.on(1, leaf); c.Stage(b.Today) != want {
			t.Errorf("it stands at %s, want %s", c.Stage(b.Today), want)
		}
	}
	stays := func() {
		t.Helper()
		w.does(1, leaf, func(b *Bench, c *Case) error {
			if id, err := b.Release(ctx, c); !errors.Is(err, ErrUndecided) {
				t.Errorf("finding %q, %v", id, err)
			}
			return nil
		})
	}

	looks("Nurse Smith held somebody down.", false)
	b, c := w.on(0, leaf)
	looks("Somebody was held down.", false)
	if _, err := b.Share(ctx, c); err != nil { // by a program that asks nobody
		t.Fatal(err)
	}
	stands(StageChecked)
	w.later(3 * 24 * time.Hour)
	stands(StageChecked)
	stays()
	_, c = w.on(1, leaf)
	old := w.posts(leaf, c.standing().Hash, "Nurse Smith held somebody down.") // by a program of before
	if got := w.held(1, old); got != Differs {
		t.Errorf("words that were replaced before they went out: %s", got)
	}
	must(t, w.panel[1].TakeBack(ctx, testClinic, old))

	w.does(0, leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	stands(StageObjecting)
	w.later(3 * 24 * time.Hour)
	stands(StageReady)
	looks("Somebody was held down.", true)
	stands(StageChecked)
	stays()
	looks("Somebody was hurt.", false)
	stands(StageChecked)
	stays()

	w.does(0, leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	w.later(3 * 24 * time.Hour)
	w.does(1, leaf, func(b *Bench, c *Case) error { _, err := b.Release(ctx, c); return err })
	held, err := w.bench(1).Findings(ctx)
	if err != nil || len(held) != 1 || held[0].Words != "Somebody was hurt." || held[0].Holding != Holds {
		t.Errorf("in the clear is %+v, %v", held, err)
	}
}

// Two can decide on one day, and their files have no order: one by a check that was replaced is no reason to forget the other. The
// cases are those of ui/test/casework.test.ts.
func TestOfTwoDecisionsOfOneDayTheOneThatHoldsStands(t *testing.T) {
	const today = "2026-11-25"
	// Both of a day, by ra and by rd: on the check that stands, or on one that is not here any more.
	decided := func(byRa, byRd string) *Case {
		c := readyCase("ra")
		other := *c.Sharings[0].Body
		c.Sharings[0].Body.Check, other.Check = byRa, byRd
		c.Sharings = append(c.Sharings, dated(&other, "rd", "e", "2026-11-22", 0))
		return c
	}
	replaced := func(given string) *Case {
		c := decided("hc", "old")
		c.Checks = append(c.Checks, dated(&coding.Check{Outgoing: c.Checks[0].Body.Outgoing}, "rc", "hd", "2026-11-24", 1))
		c.Finding, c.given = given != "", []string{given}
		return c
	}
	kept := decided("hc", "old")
	kept.Sharings = append(kept.Sharings, dated(&coding.Sharing{Decision: coding.Keep}, "rd", "k", "2026-11-22", 1))
	for name, one := range map[string]struct {
		c                *Case
		want, stands, by string
	}{
		"the first holds":                       {decided("hc", "old"), StageReady, "d", "ra"},
		"the second holds":                      {decided("old", "hc"), StageReady, "e", "rd"},
		"both hold":                             {decided("hc", "hc"), StageReady, "e", "rd"},
		"none holds":                            {decided("old", "old"), StageChecked, "e", "rd"},
		"both hold, and one has stepped back":   {decided("hc", "hc").stepBack("rd"), StageReady, "d", "ra"},
		"one holds, and has stepped back":       {decided("old", "hc").stepBack("rd"), StageChecked, "", ""},
		"none holds any more":                   {replaced(""), StageChecked, "e", "rd"},
		"none holds any more, and one went out": {replaced("d"), StageReleased, "d", "ra"},
		"one of them keeps it":                  {kept, StageKept, "k", "rd"},
	} {
		stands, by := "", ""
		if s := one.c.standing(); s != nil {
			stands, by = s.Hash, s.By
		}
		if got := one.c.Stage(today); got != one.want || stands != one.stands || by != one.by {
			t.Errorf("%s: %s by %q of %q, want %s by %q of %q", name, got, stands, by, one.want, one.stands, one.by)
		}
	}
}

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

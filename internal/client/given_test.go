package client

import (
	"errors"
	"strings"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// A server that says that a message was given out cannot end the days in which members object, nor have anybody sign that it is closed or
// that the clinic was told.
func TestAServerCannotEndTheDaysInWhichMembersObject(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("my_words_to_clinic")
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		must(t, b.Check(ctx, c, coding.FormQuote, "They held me down.", false, ""))
		_, err := b.Share(ctx, c)
		return err
	})
	w.later(24 * time.Hour)
	epoch := w.newest()
	lies := func() {
		w.changes("a finding", "/epochs/"+epoch+"/work", func(body string) string {
			return strings.NewReplacer(`"finding":false`, `"finding":true`, `"handed_over":false`, `"handed_over":true`).Replace(body)
		})
	}
	lies()
	for who := range 3 {
		b, c := w.on(who, leaf)
		if got := c.Stage(b.Today); got != StageObjecting || b.Unsigned != 1 {
			t.Errorf("member %d: %s, told of %d", who, got, b.Unsigned)
		}
		must(t, b.ownUp(ctx))
	}
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Object(ctx, c, "Not like this.") })
	if b, c := w.on(2, leaf); c.Stage(b.Today) != StageObjected || b.Unsigned != 1 {
		t.Errorf("once somebody objects: %s, told of %d", c.Stage(b.Today), b.Unsigned)
	} else {
		must(t, b.ownUp(ctx))
	}
	w.holdsActs(receipt, "received", "assessed")

	// A new decision, and a true finding of it, which every member finds signed.
	w.setMeddler(nil)
	w.later(24 * time.Hour)
	w.does(2, leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	w.later(3 * 24 * time.Hour)
	w.does(2, leaf, func(b *Bench, c *Case) error { _, err := b.Release(ctx, c); return err })
	for who := range 3 {
		if b, c := w.on(who, leaf); c.Stage(b.Today) != StageReleased || b.Unsigned != 0 {
			t.Errorf("member %d: %s, told of %d", who, c.Stage(b.Today), b.Unsigned)
		}
	}
	w.keeps(1)
	if b, c := w.offlineOn(1, leaf); c.Stage(b.Today) != StageReleased || b.Unsigned != 0 || b.Outdated {
		t.Errorf("without a network: %s, told of %d, outdated %v", c.Stage(b.Today), b.Unsigned, b.Outdated)
	}
	w.changes("no list", "/findings", func(string) string { return `{"findings":[]}` })
	if b, c := w.on(1, leaf); c.Stage(b.Today) != StageReady || b.Unsigned != 1 {
		t.Errorf("with no list of findings: %s, told of %d", c.Stage(b.Today), b.Unsigned)
	}
	w.setMeddler(nil)

	// Taken back, it is decided anew, and nobody is accused.
	findings, err := w.bench(0).Findings(ctx)
	must(t, err)
	must(t, w.panel[0].TakeBack(ctx, testClinic, findings[0].ID))
	if b, c := w.on(1, leaf); c.Stage(b.Today) != StageTakenBack || b.Unsigned != 0 {
		t.Errorf("taken back: %s, told of %d", c.Stage(b.Today), b.Unsigned)
	} else {
		var back *StageError
		if _, err := b.Release(ctx, c); !errors.As(err, &back) || back.Stage != StageTakenBack || back.Next == "" {
			t.Errorf("it goes out again: %v", err)
		}
		c.takenBack = nil // a program of before does not know
		var refused *Problem
		if _, err := b.Release(ctx, c); !errors.As(err, &refused) || !refused.Kind("taken-back") {
			t.Errorf("the server lets it out again: %v", err)
		}
	}
	w.keeps(0)
	b, c := w.offlineOn(0, leaf)
	if c.Stage(b.Today) != StageTakenBack {
		t.Errorf("without a network: %s", c.Stage(b.Today))
	}
	w.does(1, leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	if b, c := w.on(2, leaf); c.Stage(b.Today) != StageObjecting {
		t.Errorf("decided anew: %s", c.Stage(b.Today))
	}
}

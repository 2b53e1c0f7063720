package client

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// The table is that of ui/test/casework.test.ts, too.
func TestWhoHasAPartKeepsAndSharesAtTheStagesOfThePage(t *testing.T) {
	raw, err := os.ReadFile("testdata/stages.json")
	must(t, err)
	var table []struct {
		Stage                string
		Claimed, Keep, Share bool
	}
	must(t, json.Unmarshal(raw, &table))
	for _, row := range table {
		c := &Case{}
		if row.Claimed {
			c.Parts = []Part{{nil, "ra", review.RoleCoder}}
		}
		keep, share := decidedAt(row.Stage, keptFrom), decidedAt(row.Stage, sharedFrom)
		if got := c.mine("ra") && keep == nil; got != row.Keep {
			t.Errorf("%s, claimed %t: kept %t", row.Stage, row.Claimed, got)
		}
		if got := c.mine("ra") && share == nil; got != row.Share {
			t.Errorf("%s, claimed %t: shared %t", row.Stage, row.Claimed, got)
		}
		var stage *StageError
		if errors.As(errors.Join(keep, share), &stage) && (stage.Stage != row.Stage || stage.Error() == "" || stage.Next == "") {
			t.Errorf("%s: it is not said what to do: %+v", row.Stage, stage)
		}
	}
}

// decidesNot tries what decides, and holds that it is refused at a stage.
func (w *team) decidesNot(who int, leaf, stage string) {
	w.t.Helper()
	b, c := w.on(who, leaf)
	_, share := b.Share(w.t.Context(), c)
	for name, err := range map[string]error{"keep": b.Keep(w.t.Context(), c, "It is for us."), "share": share} {
		var at *StageError
		if c.Stage(b.Today) != stage || !errors.As(err, &at) || at.Stage != stage {
			w.t.Errorf("%s at %s, want %s: %v", name, c.Stage(b.Today), stage, err)
		}
	}
}

// A keep after a release left the finding standing, and made every program say that the server shows no signature for it.
func TestWhatIsDecidedIsDecidedAnewOnlyWhereThePageLetsThem(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	_, leaf := w.tells("my_words_to_clinic")
	w.batch()
	w.claims(0, leaf, review.RoleCoder)
	w.decidesNot(0, leaf, StageCoding)
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if _, err := b.Share(ctx, c); !errors.Is(err, ErrNoCheck) {
			t.Errorf("shared at %s: %v", c.Stage(b.Today), err)
		}
		return b.Check(ctx, c, coding.FormQuote, "They held me down.", false, "")
	})
	w.keeps(1)
	b, c := w.offlineOn(1, leaf)
	must(t, b.Keep(ctx, c, "Not now."))
	w.does(2, leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	w.later(24 * time.Hour)
	w.decidesNot(2, leaf, StageObjecting)
	w.waitsStill(1, 1, "sharing", "decided already to share it")
	w.keeps(0)
	b, c = w.offlineOn(0, leaf)
	must(t, b.Object(ctx, c, "Not like this."))
	w.later(2 * 24 * time.Hour) // the two whole days were not begun anew
	w.decidesNot(2, leaf, StageReady)
	w.does(2, leaf, func(b *Bench, c *Case) error { _, err := b.Release(ctx, c); return err })

	w.decidesNot(2, leaf, StageReleased)
	var at *StageError
	b, c = w.on(2, leaf)
	if err := b.Object(ctx, c, "Too late."); !errors.As(err, &at) || at.Stage != StageReleased {
		t.Errorf("an objection to what is out: %v", err)
	}
	w.waitsStill(1, 1, "sharing", "in the clear already")
	w.waitsStill(0, 1, "sharing", "in the clear already")
	b, c = w.on(2, leaf)
	for _, decision := range []string{coding.Keep, coding.Object} { // by a program that asks nobody
		body := &coding.Sharing{Decision: decision, Words: "why", Wishes: c.wishes(), Consensus: []string{}}
		if decision == coding.Object {
			body.Of = c.standing().Hash
		}
		var refused *Problem
		if _, err := b.send(ctx, c, body); !errors.As(err, &refused) || !refused.Kind("given-out") {
			t.Errorf("the server takes it that a member would %s: %v", decision, err)
		}
	}
	for who := range 3 {
		if b, c := w.on(who, leaf); c.Stage(b.Today) != StageReleased || b.Unsigned != 0 {
			t.Errorf("member %d: %s, told of %d", who, c.Stage(b.Today), b.Unsigned)
		}
	}

	// Taken back, what waited can be sent, and it is decided anew.
	findings, err := w.bench(0).Findings(ctx)
	must(t, err)
	must(t, w.panel[0].TakeBack(ctx, testClinic, findings[0].ID))
	if sent := results(w.pushes(0)); !slices.Equal(sent, []string{"sharing done"}) {
		t.Errorf("the objection: %v", sent)
	}
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if c.Stage(b.Today) != StageObjected {
			t.Errorf("after the objection: %s", c.Stage(b.Today))
		}
		return b.Keep(ctx, c, "It is for us.")
	})
	w.decidesNot(2, leaf, StageKept)
}

// waitsStill pushes what waits, though it was looked at, and holds that one step stays in the folder, and why.
func (w *team) waitsStill(who, step int, what, why string) {
	w.t.Helper()
	sent := w.pushes(who, step)
	if !slices.Equal(results(sent), []string{what + " " + SentKept}) || !strings.Contains(sent[0].Why, why) || sent[0].Next == "" {
		w.t.Errorf("member %d sent %+v, want %s kept: %s", who, sent, what, why)
	}
}

package client

import (
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// A colleague who signs something else in between had their words signed by who looked at others.
func TestAHashNamesWhatWouldBeSignedAndNothingElse(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	_, leaf := w.tells("panel_summary_to_clinic")
	w.batch()
	if b, c := w.on(0, leaf); b.ToSign(ctx, c) != (ToSign{}) {
		t.Errorf("before anything: %+v", b.ToSign(ctx, c))
	}
	w.agrees(leaf)
	b, c := w.on(0, leaf)
	before := b.ToSign(ctx, c)
	body, err := b.ToAgree(ctx, c, nil)
	must(t, err)
	if hash, err := HashOf(body); err != nil || before != (ToSign{Agree: hash}) {
		t.Errorf("agreed on: %+v, want %s, %v", before, hash, err)
	}
	body.Seriousness++
	if hash, _ := HashOf(body); hash == before.Agree {
		t.Error("something else is named the same")
	}

	w.claims(2, leaf, review.RoleChecker)
	var shares []string
	for _, words := range []string{"Nurse Smith held somebody down.", "Somebody was held down."} {
		w.does(2, leaf, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormParaphrase, words, false, "") })
		b, c := w.on(0, leaf)
		check, err := b.ToShare(c)
		must(t, err)
		if check.Body.Words != words || b.ToSign(ctx, c).Share != check.Hash {
			t.Errorf("to share is %+v, named %s", check, b.ToSign(ctx, c).Share)
		}
		shares = append(shares, check.Hash)
	}
	if shares[0] == shares[1] {
		t.Error("other words are named the same")
	}
	w.does(0, leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	if b, c := w.on(0, leaf); b.ToSign(ctx, c).Share != "" || b.ToSign(ctx, c).Release != "" {
		t.Errorf("while members may object: %+v", b.ToSign(ctx, c))
	}
	w.later(3 * 24 * time.Hour)
	b, c = w.on(0, leaf)
	decision, out, err := b.ToRelease(c)
	if err != nil || out.Words != "Somebody was held down." || b.ToSign(ctx, c).Release != decision.Hash {
		t.Errorf("to release is %+v by %+v, %v", out, decision, err)
	}
}

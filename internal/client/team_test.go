package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/coding"
	"answerable/internal/intake"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// team is a panel at work, each member with a folder of their own.
type team struct {
	*place
	panel  []*Reviewer
	dirs   []string
	counts int // facts that are counted now
}

func newTeam(t *testing.T, n int) *team {
	w := &team{place: newPlace(t)}
	w.review.OnCoded = func(_ context.Context, _ bun.Tx, _ string, f review.Facts) (time.Time, error) {
		w.counts++
		return f.Month, nil
	}
	w.review.OnUncoded = func(context.Context, bun.Tx, string, review.Facts) (bool, error) {
		w.counts--
		return false, nil
	}
	w.panel = w.newPanel(n, 2)
	w.newEpoch(w.panel)
	for range w.panel {
		w.dirs = append(w.dirs, t.TempDir())
	}
	return w
}

// tells sends a message with a share level and gives its receipt and leaf hash in hex.
func (w *team) tells(level string, more ...seal.Answer) (seal.Receipt, string) {
	w.t.Helper()
	c := w.client()
	receipt, err := c.NewReceipt()
	must(w.t, err)
	answers := append([]seal.Answer{{Q: "words", A: "they held me down and laughed"}, {Q: "service", A: "ward"}, {Q: "share_level", A: level}}, more...)
	if !slices.ContainsFunc(more, func(a seal.Answer) bool { return a.Q == "hold_until" }) {
		answers = append(answers, seal.Answer{Q: "hold_until", A: "now"})
	}
	accepted, err := c.Submit(w.t.Context(), testClinic, receipt, "en", answers)
	must(w.t, err)
	return receipt, leafHex(accepted)
}

func leafHex(a *Acceptance) string { return fmt.Sprintf("%x", a.LeafHash) }

// submitFile sends a file as it is.
func (w *team) submitFile(epoch string, file []byte) {
	w.t.Helper()
	r := intake.Request{Epoch: epoch, File: file}
	rand.Read(r.Anchor[:])
	rand.Read(r.Withdraw[:])
	_, err := w.intake.Submit(w.t.Context(), w.clinicID, r)
	must(w.t, err)
}

// bench is a member's desk as it is now; the member signs in anew, for days may have passed.
func (w *team) bench(who int) *Bench {
	w.t.Helper()
	must(w.t, w.panel[who].SignIn(w.t.Context()))
	b, pulled, err := w.panel[who].Bench(w.t.Context(), testClinic, w.dirs[who], func(int, int) {})
	must(w.t, err)
	if pulled.Undelivered+pulled.Missing+pulled.Refused != 0 || pulled.Log != "" || b.Unread+len(b.Wrong) != 0 {
		w.t.Errorf("member %d pulled %+v, %d review files do not hold, nor do codes: %+v", who, pulled, b.Unread, b.Wrong)
	}
	return b
}

// on gives a member's desk and a message on it.
func (w *team) on(who int, leaf string) (*Bench, *Case) {
	w.t.Helper()
	b := w.bench(who)
	c, err := b.Case(leaf)
	must(w.t, err)
	return b, c
}

// does lets a member do something with a message.
func (w *team) does(who int, leaf string, step func(*Bench, *Case) error) {
	w.t.Helper()
	b, c := w.on(who, leaf)
	if err := step(b, c); err != nil {
		w.t.Fatalf("member %d: %v", who, err)
	}
}

func foundHere() *coding.Found {
	f := Blank()
	f.No = slices.DeleteFunc(f.No, func(theme string) bool { return theme == "force" })
	f.Yes, f.Seriousness = []string{"force"}, 2
	return f
}

func (w *team) claims(who int, leaf, role string) {
	w.t.Helper()
	w.does(who, leaf, func(b *Bench, c *Case) error {
		return errors.Join(b.Declare(c), b.Claim(w.t.Context(), c, role))
	})
}

// agrees brings a message to where members 0 and 1 agree.
func (w *team) agrees(leaf string) {
	w.t.Helper()
	for who := range 2 {
		w.claims(who, leaf, review.RoleCoder)
		w.does(who, leaf, func(b *Bench, c *Case) error { return b.Code(w.t.Context(), c, foundHere()) })
	}
	for who := range 2 {
		w.does(who, leaf, func(b *Bench, c *Case) error {
			settled, err := b.Agree(w.t.Context(), c, nil)
			if settled != (who == 1) {
				w.t.Errorf("settled after %d: %v", who, settled)
			}
			return err
		})
	}
}

// holdsActs wants these acts about a receipt among those kept, and no other code.
func (w *team) holdsActs(receipt seal.Receipt, codes ...string) {
	w.t.Helper()
	kept, err := w.review.Acts(w.t.Context(), w.clinicID)
	must(w.t, err)
	key := receipt.Derive(testOrigin).ActionsKey
	for _, code := range transparency.ActCodes {
		tag := transparency.ActionTag(key, code, 0)
		has := slices.ContainsFunc(kept, func(a review.Act) bool { return string(a.Tag) == string(tag[:]) && a.Code == code })
		if has != slices.Contains(codes, code) {
			w.t.Errorf("the act %s is kept: %v", code, has)
		}
	}
}

// differ lets the first two members code a message so that they do not agree, each with these notes.
func (w *team) differ(leaf string, notes ...string) {
	w.t.Helper()
	for who := range 2 {
		w.claims(who, leaf, review.RoleCoder)
		found := foundHere()
		found.Seriousness = 3 * who
		w.does(who, leaf, func(b *Bench, c *Case) error {
			if len(c.Codings) != 0 {
				w.t.Error("a coding is seen before both are in")
			}
			err := b.Code(w.t.Context(), c, found)
			for _, text := range notes {
				err = errors.Join(err, b.Note(w.t.Context(), c, text))
			}
			return err
		})
	}
}

package client

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// inClear are the themes of a message's codes that lie in the clear, as the server counts them; "" for none.
func (w *team) inClear(leaf string) string {
	w.t.Helper()
	hash, err := hex.DecodeString(leaf)
	must(w.t, err)
	themes, err := w.review.AgreedThemes(w.t.Context(), hash)
	must(w.t, err)
	return strings.Join(themes, " ")
}

// tends lets a member's program do what it does at sign-in, with what it says of codes before.
func (w *team) tends(who int) (*Tended, []WrongCodes) {
	w.t.Helper()
	b := w.hostileBench(who)
	wrong := b.Wrong
	tended, err := b.Tend(w.t.Context())
	must(w.t, err)
	return tended, wrong
}

func TestCodesThatTwoAgreeOnNoMoreComeOutOfTheClear(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	w.codesApart(leaf)
	w.agreesOn(leaf, "force")
	if got := w.inClear(leaf); got != "force" || w.counts != 1 {
		t.Fatalf("agreed on force: %q, %d counted", got, w.counts)
	}
	again := func(who int) {
		w.does(who, leaf, func(b *Bench, c *Case) error {
			_, err := b.Agree(ctx, c, foundThemes([]string{"force", "voice"}))
			return err
		})
	}
	again(1)
	if got := w.inClear(leaf); got != "" || w.counts != 0 {
		t.Errorf("once one thinks again: %q, %d counted", got, w.counts)
	}
	again(0)
	if got := w.inClear(leaf); got != "force voice" || w.counts != 1 {
		t.Errorf("once the other does, too: %q, %d counted", got, w.counts)
	}

	// A program that takes nothing out: a colleague's does, and says nothing against anybody.
	w.does(1, leaf, func(b *Bench, c *Case) error {
		body := coding.Proposal(plainOf(c.Codings))
		body.Found = *foundThemes([]string{"force"})
		_, err := b.send(ctx, c, body)
		return err
	})
	if tended, wrong := w.tends(2); tended.Disagreed != 1 || tended.Coded != 0 || len(wrong) != 0 || w.inClear(leaf) != "" {
		t.Errorf("by a colleague: %+v, told of %+v, %q in the clear", tended, wrong, w.inClear(leaf))
	}
	if tended, _ := w.tends(2); tended.Disagreed != 0 {
		t.Errorf("once more: %+v", tended)
	}
}

func TestWhatIsCountedStaysCountedWhenItsCodersStepBack(t *testing.T) {
	w := newTeam(t, 3)
	_, leaf := w.tells("count_me")
	w.batch()
	w.agrees(leaf)
	for _, coder := range []int{0, 1} {
		w.does(coder, leaf, func(b *Bench, c *Case) error { return b.Recuse(t.Context(), c) })
	}
	if tended, wrong := w.tends(2); tended.Disagreed != 0 || len(wrong) != 0 || w.inClear(leaf) != "force" || w.counts != 1 {
		t.Errorf("%+v, told of %+v, %q in the clear, %d counted", tended, wrong, w.inClear(leaf), w.counts)
	}
}

// A member with a program of their own can post what they like once two coders agree, and a server can show what it likes.
// Everybody's program finds out what no two coders agreed on.
func TestCodesThatNobodyAgreedOnAreFoundOutAndTakenOut(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	epoch := w.newest()
	_, leaf := w.tells("count_me")
	_, above := w.tells("panel_only")
	_, apart := w.tells("count_me")
	w.batch()
	w.agrees(leaf)
	w.agrees(above)
	day := w.bench(0).Today
	posts := func(leaf string, change func(*review.Facts)) {
		t.Helper()
		b, c := w.on(1, leaf)
		must(t, w.review.Uncode(ctx, w.clinicID, b.ID, c.Leaf))
		agreed, _ := c.Settled()
		facts := factsOf(c.Card, agreed)
		change(&facts)
		signature, err := review.SignCoded(b.key, w.clinicID, c.Leaf, &facts)
		must(t, err)
		by, err := w.accounts.Reviewer(ctx, w.clinics.DB, b.ID)
		must(t, err)
		must(t, w.review.Code(ctx, w.clinicID, by, c.Leaf, facts, signature))
	}
	dayOf := func(wrong []WrongCodes) []WrongCodes {
		for i := range wrong {
			if wrong[i].Day != "" && wrong[i].Day <= day {
				wrong[i].Day = ""
			}
		}
		return wrong
	}
	for name, change := range map[string]func(*review.Facts){
		"themes":      func(f *review.Facts) { f.Themes = []string{"voice"} },
		"seriousness": func(f *review.Facts) { f.Seriousness = 0 },
		"service":     func(f *review.Facts) { f.Service = "another" },
		"role":        func(f *review.Facts) { f.Role = "worker" },
		"repair":      func(f *review.Facts) { f.Repair = []string{"apology"} },
	} {
		posts(leaf, change)
		tended, wrong := w.tends(2)
		want := []WrongCodes{{By: w.panel[1].ID, Signed: true}}
		if got := w.inClear(leaf); !reflect.DeepEqual(dayOf(wrong), want) || tended.Disagreed != 1 || got != "" {
			t.Errorf("%s: %+v, told of %+v, %q in the clear", name, tended, wrong, got)
		}
	}
	if tended, wrong := w.tends(0); tended.Coded != 1 || len(wrong) != 0 || w.inClear(leaf) != "force" || w.counts != 1 {
		t.Errorf("counted anew: %+v, told of %+v, %q in the clear", tended, wrong, w.inClear(leaf))
	}

	// What a writer does not allow to be counted, in the codes that were agreed on: who has the message open sees it, as a terminal has.
	posts(above, func(*review.Facts) {})
	if tended, wrong := w.tends(2); tended.Uncoded != 1 || len(wrong) != 0 || w.inClear(above) != "" {
		t.Errorf("above the ladder: %+v, told of %+v", tended, wrong)
	}

	// The server changes them, or says that they are another's; and what it does not show, nobody takes out for it.
	_, err := w.clinics.DB.NewRaw(`UPDATE coded SET facts = replace(facts, '"force"', '"voice"')`).Exec(ctx)
	must(t, err)
	if tended, wrong := w.tends(2); !reflect.DeepEqual(dayOf(wrong), []WrongCodes{{By: w.panel[0].ID}}) || tended.Disagreed != 1 {
		t.Errorf("changed: %+v, told of %+v", tended, wrong)
	}
	w.tends(0)
	_, err = w.clinics.DB.NewRaw(`UPDATE coded SET author_id = ?`, w.panel[2].ID).Exec(ctx)
	must(t, err)
	if tended, wrong := w.tends(2); !reflect.DeepEqual(dayOf(wrong), []WrongCodes{{By: w.panel[2].ID}}) || tended.Disagreed != 1 {
		t.Errorf("of another: %+v, told of %+v", tended, wrong)
	}
	w.tends(0)
	w.changes("hidden", "/epochs/"+epoch+"/work", list(t, "messages", func(messages []any) []any {
		for _, m := range messages {
			delete(m.(map[string]any), "codes")
		}
		return messages
	}))
	tended, wrong := w.tends(2)
	if got := w.inClear(leaf); !reflect.DeepEqual(dayOf(wrong), []WrongCodes{{}}) || tended.Disagreed != 0 || got != "force" {
		t.Errorf("hidden: %+v, told of %+v, %q in the clear", tended, wrong, got)
	}
	w.setMeddler(nil)

	// Who reads it as the third is shown nothing, and takes nothing out.
	w.codesApart(apart)
	w.claims(2, apart, review.RoleThird)
	w.agreesOn(apart, "force")
	if tended, wrong := w.tends(2); len(wrong) != 0 || tended.Disagreed != 0 || w.inClear(apart) != "force" {
		t.Errorf("for the third: %+v, told of %+v, %q in the clear", tended, wrong, w.inClear(apart))
	}
	if b, c := w.on(2, apart); c.role(b.ID) != review.RoleThird || !c.Coded || c.codes != nil || b.holdCodes(c) != Shut {
		t.Errorf("the third is shown %+v", c.codes)
	}
}

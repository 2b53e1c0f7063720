package client

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

func TestDifferingCodingsWaitForWordsOrAThird(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	_, leaf := w.tells("panel_only")
	w.batch()
	w.differ(leaf)
	w.does(0, leaf, func(b *Bench, c *Case) error {
		if c.Stage(b.Today) != StageDiffers {
			t.Errorf("stage %s", c.Stage(b.Today))
		}
		if _, err := b.Agree(ctx, c, nil); !errors.Is(err, ErrDiffer) {
			t.Errorf("agreeing to nothing: %v", err)
		}
		return b.Note(ctx, c, "Why 0?")
	})
	w.claims(2, leaf, review.RoleThird)
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.Code(ctx, c, foundHere()) })
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if _, err := b.Agree(ctx, c, foundThemes([]string{"force", "voice"})); !errors.Is(err, ErrNobodys) || len(c.Consensuses) != 0 {
			t.Errorf("agreeing on what nobody found: %v", err)
		}
		return nil
	})
	between := foundHere()
	between.Seriousness = 1
	for _, who := range []int{0, 2} {
		w.does(who, leaf, func(b *Bench, c *Case) error {
			if who == 2 && (len(c.Notes) != 1 || c.Notes[0].Body.Text != "Why 0?") {
				t.Errorf("notes %+v", c.Notes)
			}
			settled, err := b.Agree(ctx, c, between)
			if settled != (who == 2) {
				t.Errorf("settled after %d: %v", who, settled)
			}
			return err
		})
	}
	if w.counts != 0 {
		t.Error("a message for the panel alone is counted")
	}
	// A checker who is no coder; and a share level that allows nothing.
	w.claims(3, leaf, review.RoleChecker)
	w.does(3, leaf, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormTheme, "", false, "") })
	w.does(3, leaf, func(b *Bench, c *Case) error {
		var forbidden *ForbiddenError
		if _, err := b.Share(ctx, c); !errors.As(err, &forbidden) || !slices.Contains(forbidden.Why, coding.NotAllowed) {
			t.Errorf("sharing what is for the panel alone: %v", err)
		}
		return b.Keep(ctx, c, "It is for us alone.")
	})
	if b, c := w.on(1, leaf); c.Stage(b.Today) != StageKept {
		t.Errorf("stage %s", c.Stage(b.Today))
	}
}

func TestTheThirdReadsAloneAndWhereCodersAreGoneAnotherFollowsAndWhatWasKeptIsTakenUpWhereWishesChanged(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_only")
	w.batch()
	w.differ(leaf, "I found so much.")
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if err := errors.Join(b.Declare(c), b.MayCompare(c)); !errors.Is(err, ErrReadsAlone) {
			t.Errorf("who has declared and not coded: %v", err)
		}
		return nil
	})
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.MayCompare(c) })
	w.claims(2, leaf, review.RoleThird)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if len(c.Codings)+len(c.Notes) != 0 || c.Stage(b.Today) != StageDiffers {
			t.Errorf("the third sees %d codings and %d notes, at %s", len(c.Codings), len(c.Notes), c.Stage(b.Today))
		}
		if err := b.MayCompare(c); !errors.Is(err, ErrReadsAlone) {
			t.Errorf("the third: %v", err)
		}
		return errors.Join(b.Code(ctx, c, foundHere()), b.MayCompare(c))
	})
	for _, who := range []int{0, 2} {
		w.does(who, leaf, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	}
	if b, c := w.on(1, leaf); c.Stage(b.Today) != StageOneLeft {
		t.Errorf("stage %s", c.Stage(b.Today))
	}
	w.claims(3, leaf, review.RoleThird)
	w.does(3, leaf, func(b *Bench, c *Case) error { return b.Code(ctx, c, foundHere()) })
	for _, who := range []int{1, 3} {
		w.does(who, leaf, func(b *Bench, c *Case) error { _, err := b.Agree(ctx, c, foundHere()); return err })
	}
	w.does(1, leaf, func(b *Bench, c *Case) error {
		if c.Stage(b.Today) != StageNoChecker {
			t.Errorf("stage %s", c.Stage(b.Today))
		}
		return b.Keep(ctx, c, "Nobody is left to look.")
	})
	w.does(1, leaf, func(b *Bench, c *Case) error {
		if err := b.Object(ctx, c, "Again?"); !errors.Is(err, ErrKept) {
			t.Errorf("taken up though nothing changed: %v", err)
		}
		return nil
	})
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "count_me", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	w.does(1, leaf, func(b *Bench, c *Case) error { return b.Object(ctx, c, "They allow more.") })
	if b, c := w.on(1, leaf); c.Stage(b.Today) != StageNoChecker || c.closed() {
		t.Errorf("taken up again, it stands at %s", c.Stage(b.Today))
	}
}

func TestOnceTwoAgreeWhoHasNotCodedSeesWhatTheyFoundAndIsNoThird(t *testing.T) {
	w := newTeam(t, 3)
	_, leaf := w.tells("count_me")
	w.batch()
	w.agrees(leaf)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if err := b.Declare(c); err != nil {
			return err
		}
		if err := b.Claim(t.Context(), c, review.RoleThird); !errors.Is(err, ErrAgreed) {
			t.Errorf("a third of what is agreed: %v", err)
		}
		return b.MayCompare(c)
	})

	// Two who differ, and agree while the third reads: they see that, and nothing of what it is.
	_, leaf = w.tells("count_me")
	w.batch()
	w.differ(leaf)
	w.claims(2, leaf, review.RoleThird)
	if b, c := w.on(2, leaf); c.Stage(b.Today) != StageDiffers {
		t.Errorf("before they agree the third is told %s", c.Stage(b.Today))
	}
	for who := range 2 {
		w.does(who, leaf, func(b *Bench, c *Case) error { _, err := b.Agree(t.Context(), c, foundHere()); return err })
	}
	if b, c := w.on(2, leaf); c.Stage(b.Today) != StageAgreed || len(c.Codings)+len(c.Consensuses) != 0 {
		t.Errorf("once they agree the third is told %s, with %d codings", c.Stage(b.Today), len(c.Codings))
	}
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.HandBack(t.Context(), c) })
	w.claims(2, leaf, review.RoleChecker)
}

// The cases are those of ui/test/casework.test.ts and ui/test/reviewwork.test.ts.
func TestWhoHasSeenWhatOthersFoundIsNoThirdUnlessNobodyElseIsLeft(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	w.agrees(leaf)
	for who := 2; who < 4; who++ {
		w.does(who, leaf, func(b *Bench, c *Case) error { return b.Declare(c) })
	}
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.Compare(c) })
	w.does(0, leaf, func(b *Bench, c *Case) error {
		other := foundHere()
		other.Seriousness = 3 // what no coding says: they agree no more, and nobody can sign the same
		_, err := b.Agree(ctx, c, other)
		return err
	})
	third := func(who int) error {
		b, c := w.on(who, leaf)
		return b.Claim(ctx, c, review.RoleThird)
	}
	if err := third(2); !errors.Is(err, ErrHasSeen) {
		t.Errorf("who has compared: %v", err)
	}
	must(t, third(3))
	w.does(3, leaf, func(b *Bench, c *Case) error { return b.HandBack(ctx, c) })
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	if err := third(2); !errors.Is(err, ErrHasSeen) {
		t.Errorf("where another is left: %v", err)
	}
	w.does(3, leaf, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	must(t, third(2))
}

// The page offers it where nobody with a part is left: ui/test/casework.test.ts.
func TestWhatWasKeptIsTakenUpByAMemberWhoHadNoPartInIt(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_only")
	w.batch()
	w.agrees(leaf)
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Keep(ctx, c, "They allow no more.") })
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "count_me", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	w.does(2, leaf, func(b *Bench, c *Case) error {
		must(t, b.Declare(c))
		if err := b.Object(ctx, c, "They allow more."); !errors.Is(err, ErrNoSay) {
			t.Errorf("without a part: %v", err)
		}
		return errors.Join(b.Claim(ctx, c, review.RoleChecker), b.Object(ctx, c, "They allow more."))
	})
	if b, c := w.on(1, leaf); c.closed() || c.Stage(b.Today) != StageAgreed {
		t.Errorf("taken up, it stands at %s", c.Stage(b.Today))
	}
}

// What a coding leaves open nobody could contradict, so it would agree with everything. It is not signed, with a network or without, and
// nor is an agreement that leaves the same open.
func TestACodingThatDoesNotAnswerTodaysListIsNotSigned(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	w.keeps(1)
	open, misspelt, own := foundHere(), foundHere(), foundHere()
	open.No = slices.DeleteFunc(open.No, func(theme string) bool { return theme == "voice" })
	misspelt.Involved = []string{"nurze"}
	own.Own = []string{"force.x_nowhere.attic"}
	refused := func(err error) {
		t.Helper()
		if !errors.As(err, new(*coding.AnswersError)) {
			t.Errorf("got %v", err)
		}
	}
	b, c := w.offlineOn(1, leaf)
	must(t, errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder)))
	for _, found := range []*coding.Found{open, misspelt, own} {
		refused(b.Code(ctx, c, found))
	}
	if waiting, _ := b.Waits(); waiting != 1 || len(c.Codings) != 0 {
		t.Errorf("%d steps wait, codings %+v", waiting, c.Codings)
	}
	must(t, b.Code(ctx, c, foundHere()))
	w.pushes(1)
	w.claims(0, leaf, review.RoleCoder)
	b, c = w.on(0, leaf)
	for _, found := range []*coding.Found{open, misspelt, own} {
		refused(b.Code(ctx, c, found))
	}
	must(t, b.Code(ctx, c, foundThemes([]string{"force", "voice"})))
	b, c = w.on(0, leaf)
	_, err := b.Agree(ctx, c, open)
	refused(err)
	_, err = b.Agree(ctx, c, misspelt)
	refused(err)
	if len(c.Consensuses) != 0 {
		t.Errorf("signed: %+v", c.Consensuses)
	}
	_, err = b.Agree(ctx, c, foundHere())
	must(t, err)
}

// Another client may leave a theme open in a coding of the same list: it does not agree with one that answers it.
func TestACodingThatLeavesAThemeOpenDoesNotAgree(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	for who := range 2 {
		w.claims(who, leaf, review.RoleCoder)
	}
	b, c := w.on(0, leaf)
	open := foundHere()
	open.No = slices.DeleteFunc(open.No, func(theme string) bool { return theme == "voice" })
	_, err := b.send(ctx, c, &coding.Coding{Found: *open})
	must(t, err)
	w.does(1, leaf, func(b *Bench, c *Case) error { return b.Code(ctx, c, foundHere()) })
	b, c = w.on(0, leaf)
	if _, err := b.Proposal(c); c.alike() || !errors.Is(err, ErrDiffer) {
		t.Errorf("alike: %v, %v", c.alike(), err)
	}
}

// Twin of the test of the page's blind.
func TestWhoHasACodingToDoIsGivenNoTextOfAColleague(t *testing.T) {
	note := func(by string, body *coding.Note) Dated[*coding.Note] {
		return Dated[*coding.Note]{Coded: coding.Coded[*coding.Note]{By: by, Body: body}}
	}
	for _, role := range []string{review.RoleCoder, review.RoleThird} {
		c := &Case{Parts: []Part{{nil, "me", role}}}
		mine := &coding.Note{Text: "mine", Asked: true, Form: coding.FormTheme, Themes: []string{"voice"}}
		c.Notes = []Dated[*coding.Note]{
			note("anna", &coding.Note{Text: "force, 3, clearly"}),
			note("anna", &coding.Note{Text: "they were held", Asked: true, Form: coding.FormQuote, Words: "held down", MustNot: []string{"do_not_call_police"}, Had: []string{"h"}}),
			note("anna", &coding.Note{Text: "only this", Asked: true, Form: coding.FormTheme, Themes: []string{"force"}}),
			note("anna", &coding.Note{Text: "force, 3: we wait no longer", Over: "o"}),
			note("anna", &coding.Note{Text: "they do not say it", Over: "p", Unsent: true}),
			note("me", mine),
		}
		c.blind("me")
		var got []coding.Note
		for _, n := range c.Notes {
			got = append(got, *n.Body)
		}
		want := []coding.Note{{Asked: true, Had: []string{"h"}}, {Asked: true}, {Over: "o"}, {Over: "p", Unsent: true}, *mine}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", role, got)
		}
	}
}

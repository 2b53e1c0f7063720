package client

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// codesApart has members 0 and 1 code a message: one finds force, the other voice too.
func (w *team) codesApart(leaf string) {
	w.t.Helper()
	for who, yes := range [][]string{{"force"}, {"force", "voice"}} {
		w.claims(who, leaf, review.RoleCoder)
		w.does(who, leaf, func(b *Bench, c *Case) error { return b.Code(w.t.Context(), c, foundThemes(yes)) })
	}
}

// agreesOn has both coders agree on these themes, whatever they agreed on before.
func (w *team) agreesOn(leaf string, yes ...string) {
	w.t.Helper()
	for who := range 2 {
		w.does(who, leaf, func(b *Bench, c *Case) error {
			_, err := b.Agree(w.t.Context(), c, foundThemes(yes))
			return err
		})
	}
}

func foundThemes(yes []string) *coding.Found {
	f := Blank()
	f.No = slices.DeleteFunc(f.No, func(theme string) bool { return slices.Contains(yes, theme) })
	f.Yes, f.Seriousness = yes, 2
	return f
}

// What a writer allows and forbids is sealed with their words, and so is what coders found in them.
func TestNoWishAndNoThemeIsGivenToWhoHasNotDeclared(t *testing.T) {
	w := newTeam(t, 3)
	_, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "hide", A: "the_date"}, seal.Answer{Q: "must_not", A: "do_not_call_police"})
	w.batch()
	w.agrees(leaf)
	b, c := w.on(2, leaf)
	out, wishes, err := b.Plan(c, coding.FormTheme)
	if !errors.Is(err, ErrNotDeclared) || out.Themes != nil || wishes.Hide != nil || wishes.MustNot != nil || wishes.ShareLevel != "" {
		t.Errorf("before a declaration: %v, %+v, %+v", err, out, wishes)
	}
	if _, err := b.ToShare(c); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("what was checked: %v", err)
	}
	if _, err := b.NoContact(c); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("whether they are to be contacted: %v", err)
	}
	must(t, b.Declare(c))
	out, wishes, err = b.Plan(c, coding.FormTheme)
	if err != nil || !slices.Equal(out.Themes, []string{"force"}) || !slices.Equal(wishes.Hide, []string{"the_date"}) || !slices.Equal(wishes.MustNot, []string{"do_not_call_police"}) {
		t.Errorf("after it: %v, %+v, %+v", err, out, wishes)
	}
}

func TestThemesAreShownCheckedAndDecidedOnLikeWords(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"}, seal.Answer{Q: "must_not", A: "do_not_call_police"})
	w.batch()
	b, c := w.on(2, leaf)
	must(t, b.Declare(c))
	var early *ForbiddenError
	if err := b.ShowFirst(ctx, c, coding.FormTheme, "", "Only this:", went); !errors.As(err, &early) || !slices.Equal(early.Why, []string{coding.NotAgreed}) {
		t.Errorf("themes are shown that nobody agrees on: %v", err)
	}
	w.codesApart(leaf)
	w.agreesOn(leaf, "force")
	w.claims(2, leaf, review.RoleChecker)
	b, c = w.on(2, leaf)
	must(t, b.ShowFirst(ctx, c, coding.FormTheme, "", "Only this:", func(ctx context.Context, reply *SealedReply) error { return b.PostReply(ctx, b.clinic, reply) }))
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	answers, _, err := m.Read(ctx)
	must(t, err)
	if len(answers) != 1 || answers[0].Text != "Only this:\n\n- Force and being locked up" {
		t.Errorf("the writer reads %+v", answers)
	}
	w.later(24 * time.Hour)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_summary_to_clinic", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormTheme, "", false, "") })

	w.agreesOn(leaf, "force", "voice")
	w.does(2, leaf, func(b *Bench, c *Case) error {
		var forbidden *ForbiddenError
		if err := b.Check(ctx, c, coding.FormTheme, "", false, ""); !errors.As(err, &forbidden) || !slices.Equal(forbidden.Why, []string{coding.NotShown}) {
			t.Errorf("themes that the writer was not shown: %v", err)
		}
		if _, err := b.Share(ctx, c); !errors.Is(err, ErrNoCheck) || c.Stage(b.Today) != StageAgreed {
			t.Errorf("a check of other themes counts: %v, %s", err, c.Stage(b.Today))
		}
		return nil
	})
	w.agreesOn(leaf, "force")
	w.does(2, leaf, func(b *Bench, c *Case) error {
		must(t, b.Check(ctx, c, coding.FormTheme, "", false, ""))
		_, err := b.Share(ctx, c)
		return err
	})
	w.later(3 * 24 * time.Hour)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		_, err := b.Release(ctx, c)
		return err
	})
	findings, err := w.review.Findings(ctx, w.clinicID, w.panel[0].ID)
	must(t, err)
	if len(findings) != 1 || findings[0].Words != "" || !slices.Equal(findings[0].Themes, []string{"force"}) || len(findings[0].MustNot) > 0 {
		t.Errorf("out goes %+v", findings)
	}
}

// What a writer says must not happen goes along with words: it is shown to them, checked and decided on with those, and where
// more comes since, nothing goes out without it.
func TestWhatMustNotHappenGoesAlongWithTheWordsAsItWasDecided(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	const words = "Somebody was held down."
	receipt, leaf := w.tells("my_words_public", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"},
		seal.Answer{Q: "must_not", A: "do_not_call_police\ndo_not_contact_me\ndo_not_put_in_my_notes"})
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	b, c := w.on(2, leaf)
	must(t, b.ShowFirst(ctx, c, coding.FormQuote, words, "Only this:", func(ctx context.Context, reply *SealedReply) error { return b.PostReply(ctx, b.clinic, reply) }))
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	answers, _, err := m.Read(ctx)
	must(t, err)
	if shown := "Only this:\n\n" + words + "\n\n" + coding.MustNotLead + "\n\n- Do not call police\n- Do not put it in my notes"; len(answers) != 1 || answers[0].Text != shown {
		t.Errorf("the writer reads %+v", answers)
	}
	w.later(24 * time.Hour)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "my_words_public", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	decide := func() {
		t.Helper()
		w.does(2, leaf, func(b *Bench, c *Case) error {
			must(t, b.Check(ctx, c, coding.FormQuote, words, false, ""))
			_, err := b.Share(ctx, c)
			return err
		})
		w.later(3 * 24 * time.Hour)
	}
	decide()
	b, c = w.on(2, leaf)
	if got := c.check().Body.MustNot; !slices.Equal(got, []string{"do_not_call_police", "do_not_put_in_my_notes"}) || c.Stage(b.Today) != StageReady {
		t.Errorf("checked with %v, %s", got, c.Stage(b.Today))
	}
	// Another client's check and decision leave one out: they count for nothing here.
	check, err := b.send(ctx, c, &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormQuote, Words: words}})
	must(t, err)
	less := c.wishes()
	less.MustNot = []string{"do_not_contact_me"}
	_, hashes := c.Settled()
	_, err = b.send(ctx, c, &coding.Sharing{Decision: coding.Share, Form: coding.FormQuote, Words: words, Wishes: less, Consensus: hashes, Check: check, Shown: c.yesTo(c.outgoing(coding.FormQuote, words))})
	must(t, err)
	w.later(3 * 24 * time.Hour)
	b, c = w.on(2, leaf)
	if _, err := b.Release(ctx, c); err == nil || !strings.Contains(err.Error(), "decision") && !errors.As(err, new(*ForbiddenError)) {
		t.Errorf("words go out without what must not happen: %v", err)
	}
	decide()
	w.does(2, leaf, func(b *Bench, c *Case) error {
		_, err := b.Release(ctx, c)
		return err
	})
	findings, err := w.review.Findings(ctx, w.clinicID, w.panel[0].ID)
	must(t, err)
	if len(findings) != 1 || findings[0].Words != words || !slices.Equal(findings[0].MustNot, []string{"do_not_call_police", "do_not_put_in_my_notes"}) || len(findings[0].Themes) > 0 {
		t.Errorf("out goes %+v", findings)
	}
}

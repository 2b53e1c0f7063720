package client

import (
	"errors"
	"slices"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// What a writer was shown is in the answer to them and in a signed note of it, both from the same words. After their yes no other words
// are let through a check, decided on or put into the clear, by this client or by what another's signed.
func TestNoOtherWordsGoOutThanTheWriterWasShownFirst(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("my_words_public", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	const words, other = "Somebody was held down.", "Somebody was held down on Tuesday."
	forbids := func(why string) func(error) {
		return func(err error) {
			t.Helper()
			var forbidden *ForbiddenError
			if !errors.As(err, &forbidden) || !slices.Contains(forbidden.Why, why) {
				t.Errorf("got %v, want %s", err, why)
			}
		}
	}
	unseen := forbids(coding.NotShown)

	b, c := w.on(2, leaf)
	unseen(b.Check(ctx, c, coding.FormParaphrase, words, false, ""))
	if _, err := b.ShowFirst(ctx, c, coding.FormTheme, "", " \n"); !errors.Is(err, ErrNoLead) {
		t.Errorf("a theme is shown in no words: %v", err)
	}
	reply, err := b.ShowFirst(ctx, c, coding.FormParaphrase, words, "This would go out:\n")
	must(t, err)
	must(t, b.PostReply(ctx, b.clinic, reply))
	must(t, b.Contacted(ctx, b.clinic, reply))
	unseen(b.Check(ctx, c, coding.FormParaphrase, words, false, "")) // they have not come back

	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	answers, _, err := m.Read(ctx)
	must(t, err)
	if len(answers) != 1 || answers[0].Text != "This would go out:\n\n"+words || !answers[0].Signed {
		t.Errorf("the writer reads %+v", answers)
	}
	w.later(24 * time.Hour)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "my_words_public", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()

	b, c = w.on(2, leaf)
	unseen(b.Check(ctx, c, coding.FormParaphrase, other, false, ""))
	unseen(b.Check(ctx, c, coding.FormQuote, words, false, "")) // the same words, said to be the writer's
	unseen(b.Check(ctx, c, coding.FormTheme, "", false, ""))
	// Another client lets other words through and decides on them: it counts for nothing here.
	named := c.shown(coding.FormParaphrase, words)
	check, err := b.send(ctx, c, &coding.Check{Form: coding.FormParaphrase, Words: other})
	must(t, err)
	_, err = b.Share(ctx, c)
	unseen(err)
	_, hashes := c.Settled()
	decides := func(form, words, check, shown string) {
		t.Helper()
		_, err := b.send(ctx, c, &coding.Sharing{Decision: coding.Share, Form: form, Words: words, Wishes: c.Wishes(), Consensus: hashes, Check: check, Shown: shown})
		must(t, err)
	}
	decides(coding.FormParaphrase, other, check, named[0])
	w.later(3 * 24 * time.Hour)
	b, c = w.on(2, leaf)
	if stage := c.Stage(b.Today); stage != StageChecked {
		t.Errorf("a decision on other words: %s", stage)
	}
	if _, err := b.Release(ctx, c); !errors.Is(err, ErrUndecided) {
		t.Errorf("other words go out: %v", err)
	}

	// The very words do, with the note that they were a yes to.
	must(t, b.Check(ctx, c, coding.FormParaphrase, words, false, ""))
	_, err = b.Share(ctx, c)
	must(t, err)
	if got := c.standing().Body.Shown; got != named[0] {
		t.Errorf("the decision names %q, want %q", got, named[0])
	}
	w.later(3 * 24 * time.Hour)
	b, c = w.on(2, leaf)
	_, err = b.Release(ctx, c)
	must(t, err)
}

func TestWhatDidNotGoToTheWriterAfterAllCountsAsShownNoMore(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	w.batch()
	w.claims(0, leaf, review.RoleCoder)
	b, c := w.on(0, leaf)
	if err := b.NotSent(ctx, c); !errors.Is(err, ErrNotShown) {
		t.Errorf("got %v", err)
	}
	if _, err := b.ShowFirst(ctx, c, coding.FormQuote, "x", "lead"); !errors.As(err, new(*ForbiddenError)) {
		t.Errorf("a writer is shown more than they allow: %v", err)
	}
	_, err := b.ShowFirst(ctx, c, coding.FormParaphrase, "Somebody was hurt.", "lead")
	must(t, err)
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "is anybody there?"}})
	must(t, err)
	w.batch()
	b, c = w.on(0, leaf)
	if len(c.shown(coding.FormParaphrase, "Somebody was hurt.")) != 1 || len(coding.Waits(c.noted(), c.back)) != 1 {
		t.Fatal("it does not count as shown")
	}
	must(t, b.NotSent(ctx, c))
	if len(c.shown(coding.FormParaphrase, "Somebody was hurt.")) != 0 || len(coding.Waits(c.noted(), c.back)) != 0 {
		t.Error("what was never sent counts as shown, or the clock stands still for it")
	}
}

func TestAnAnswerSaysWhetherItsWriterWishedForNone(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_only")
	_, other := w.tells("panel_only", seal.Answer{Q: "must_not", A: "do_not_contact_me"})
	w.batch()
	w.claims(0, leaf, review.RoleCoder)
	w.claims(0, other, review.RoleCoder)
	forbidden := func(leaf string) bool {
		t.Helper()
		b, c := w.on(0, leaf)
		reply, err := b.sealReply(b.opener, leaf, "x", "")
		must(t, err)
		if c.NoContact() != reply.NoContact() {
			t.Errorf("%v by the message, %v by the answer", c.NoContact(), reply.NoContact())
		}
		return reply.NoContact()
	}
	if forbidden(leaf) || !forbidden(other) {
		t.Error("who may be answered is not told apart")
	}
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Write(ctx, "en", []seal.Answer{{Q: "must_not", A: "do_not_contact_me"}}) // and who says so later
	must(t, err)
	w.batch()
	if !forbidden(leaf) {
		t.Error("what a writer said later does not count")
	}
}

package client

import (
	"errors"
	"net/http"
	"slices"
	"strings"
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
	named := c.shown(c.outgoing(coding.FormParaphrase, words))
	check, err := b.send(ctx, c, &coding.Check{Outgoing: c.outgoing(coding.FormParaphrase, other)})
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
	if len(c.shown(c.outgoing(coding.FormParaphrase, "Somebody was hurt."))) != 1 || len(coding.Waits(c.noted(), c.back)) != 1 {
		t.Fatal("it does not count as shown")
	}
	must(t, b.NotSent(ctx, c))
	if len(c.shown(c.outgoing(coding.FormParaphrase, "Somebody was hurt."))) != 0 || len(coding.Waits(c.noted(), c.back)) != 0 {
		t.Error("what was never sent counts as shown, or the clock stands still for it")
	}
}

// What is shown without a network is said to the panel once it went, and not before: a writer who sends something more meanwhile keeps both
// back, and both are let go together.
func TestWithoutANetworkTheNoteOfAShowingGoesAfterItOrNotAtAll(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	w.batch()
	w.keeps(1)
	b, c := w.offlineOn(1, leaf)
	must(t, b.Declare(c))
	const words = "Somebody was held down."
	shows := func() {
		t.Helper()
		b, c := w.offlineOn(1, leaf)
		_, err := b.ShowFirst(ctx, c, coding.FormParaphrase, words+"\r\n", "This would go out:")
		must(t, err)
		must(t, b.Note(ctx, c, "by itself"))
	}
	shows()
	b, c = w.offlineOn(1, leaf)
	if err := b.NotSent(ctx, c); !errors.As(err, new(*ShowingWaitsError)) {
		t.Errorf("what waits is taken back as if it went: %v", err)
	}
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "one thing more"}})
	must(t, err)
	w.batch()
	if got, want := results(w.pushes(1)), []string{"note done", "reply kept", "note kept"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if _, c := w.on(1, leaf); len(c.Notes) != 1 || c.Notes[0].Body.Asked {
		t.Errorf("the panel reads of what nobody was shown: %+v", c.Notes)
	}
	waits, err := Waiting(w.dirs[1], w.panel[1])
	must(t, err)
	must(t, Drop(w.dirs[1], w.panel[1], waits[1].N))
	if left, err := Waiting(w.dirs[1], w.panel[1]); err != nil || len(left) != 0 {
		t.Errorf("let go, there waits %+v, %v", left, err)
	}

	w.keeps(1)
	shows()
	b = w.bench(1)
	answered := false
	w.setMeddler(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if answered && strings.HasSuffix(r.URL.Path, "/reviews") && r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		answered = answered || strings.HasSuffix(r.URL.Path, "/replies")
		next.ServeHTTP(rw, r)
	})
	_, err = b.Push(ctx, PushOptions{Hour: w.again(b)}, func(*Sent) {})
	w.setMeddler(nil)
	if !answered || err == nil {
		t.Fatalf("a push that was to be cut off after its answer: %v", err)
	}
	if got, want := results(w.pushes(1)), []string{"note done"}; !slices.Equal(got, want) {
		t.Errorf("after the answer went, %v, want %v", got, want)
	}
	b, c = w.on(1, leaf)
	if len(c.shown(c.outgoing(coding.FormParaphrase, words))) != 1 {
		t.Errorf("words that came with a carriage return are other words: %+v", c.Notes)
	}
	must(t, b.NotSent(ctx, c))
}

// Somebody who says that a writer was asked who never wished it stops what goes out, and no longer than they or their colleagues let it.
func TestWhoWasAskedCanBeShownTheWords(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("panel_summary_to_clinic")
	w.batch()
	w.claims(0, leaf, review.RoleCoder)
	w.claims(1, leaf, review.RoleCoder)
	b, c := w.on(0, leaf)
	if err := b.MayShow(c, coding.FormParaphrase); !errors.Is(err, ErrNotAskFirst) {
		t.Errorf("got %v", err)
	}
	hash, err := b.send(ctx, c, &coding.Note{Text: "x", Asked: true})
	must(t, err)
	unsaid := &coding.Note{Text: "x", Over: hash, Unsent: true}
	b, c = w.on(1, leaf)
	must(t, b.MayShow(c, coding.FormParaphrase))
	_, err = b.send(ctx, c, unsaid)
	must(t, err)
	if !c.unseen(c.outgoing(coding.FormParaphrase, "x")) {
		t.Error("a colleague says for another that nothing was sent")
	}
	b, c = w.on(0, leaf)
	_, err = b.send(ctx, c, unsaid)
	must(t, err)
	if c.unseen(c.outgoing(coding.FormParaphrase, "x")) {
		t.Error("what its author took back stops what goes out")
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

package client

import (
	"context"
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
	if err := b.ShowFirst(ctx, c, coding.FormTheme, "", " \n", went); !errors.Is(err, ErrNoLead) {
		t.Errorf("a theme is shown in no words: %v", err)
	}
	must(t, b.ShowFirst(ctx, c, coding.FormParaphrase, words, "This would go out:\n", func(ctx context.Context, reply *SealedReply) error {
		return errors.Join(b.PostReply(ctx, b.clinic, reply), b.Contacted(ctx, b.clinic, reply))
	}))
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
		_, err := b.send(ctx, c, &coding.Sharing{Decision: coding.Share, Form: form, Words: words, Wishes: c.wishes(), Consensus: hashes, Check: check, Shown: shown})
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

// Days have no order within, so the note of a showing names what had come by then: only what came after can be an answer to it.
func TestWhatAWriterSentOnTheDayBeforeTheyWereShownTheWordsIsNoAnswer(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	writes := func() {
		t.Helper()
		_, err := m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "is anybody there?"}})
		must(t, err)
		w.batch()
	}
	writes()
	w.claims(0, leaf, review.RoleCoder)
	b, c := w.on(0, leaf)
	const words = "Somebody was hurt."
	must(t, b.ShowFirst(ctx, c, coding.FormParaphrase, words, "lead", went))
	b, c = w.on(0, leaf)
	if !c.unseen(c.outgoing(coding.FormParaphrase, words)) || len(b.Pauses(c)) != 1 || b.Pauses(c)[0].To != "" {
		t.Errorf("what came before counts as the answer: %+v, %+v", c.back, c.Notes)
	}
	writes()
	if b, c = w.on(0, leaf); c.unseen(c.outgoing(coding.FormParaphrase, words)) || b.Pauses(c)[0].To != b.Today {
		t.Errorf("what came after on the same day is no answer: %+v, %+v", c.back, c.Notes)
	}
	here := func(leaf string) bool {
		return slices.ContainsFunc(c.back, func(one coding.Came) bool { return one.Leaf == leaf })
	}
	if had := c.Notes[0].Body.Had; len(had) != 1 || len(c.back) != 2 || !here(had[0]) {
		t.Errorf("the note names %v of %+v", had, c.back)
	}
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
	if err := b.ShowFirst(ctx, c, coding.FormQuote, "x", "lead", went); !errors.As(err, new(*ForbiddenError)) {
		t.Errorf("a writer is shown more than they allow: %v", err)
	}
	must(t, b.ShowFirst(ctx, c, coding.FormParaphrase, "Somebody was hurt.", "lead", went))
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "is anybody there?"}})
	must(t, err)
	w.batch()
	b, c = w.on(0, leaf)
	if len(c.shown(c.outgoing(coding.FormParaphrase, "Somebody was hurt."))) != 1 {
		t.Fatal("it does not count as shown")
	}
	must(t, b.NotSent(ctx, c))
	if len(c.shown(c.outgoing(coding.FormParaphrase, "Somebody was hurt."))) != 0 || len(coding.Waits(c.noted(), c.back)) != 0 {
		t.Error("what was never sent counts as shown, or the clock stands still for it")
	}
}

// went takes an answer as if it were in its mailbox.
func went(context.Context, *SealedReply) error { return nil }

// With a network, too, nothing is noted before the answer went; and what follows from one that went is owed until it stands.
func TestTheNoteOfAShowingFollowsItsAnswerAndIsOwed(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	w.batch()
	w.claims(0, leaf, review.RoleCoder)
	notes := func() int {
		t.Helper()
		_, c := w.on(0, leaf)
		return len(c.Notes)
	}
	shows := func(b *Bench, c *Case, post func(context.Context, *SealedReply) error) error {
		return b.ShowFirst(ctx, c, coding.FormParaphrase, "Somebody was hurt.", "lead", post)
	}
	away := errors.New("the server is away")
	b, c := w.on(0, leaf)
	if err := shows(b, c, func(context.Context, *SealedReply) error { return away }); !errors.Is(err, away) || notes() != 0 {
		t.Errorf("an answer that did not go: %v, %d notes", err, notes())
	}
	b, c = w.on(0, leaf)
	before := -1
	must(t, shows(b, c, func(context.Context, *SealedReply) error { before = notes(); return nil }))
	if before != 0 || notes() != 1 {
		t.Errorf("%d notes before the answer went, %d after", before, notes())
	}

	// The network goes right after the answer: neither the act nor the note is lost.
	b, c = w.on(0, leaf)
	server := b.server
	var unnoted *UnnotedError
	err := shows(b, c, func(ctx context.Context, reply *SealedReply) error {
		must(t, b.PostReply(ctx, testClinic, reply))
		b.server = "http://127.0.0.1:1"
		if err := b.Contacted(ctx, testClinic, reply); err == nil {
			t.Error("there is a network")
		}
		return b.OweContacted(b.own.root.Name(), testClinic, reply)
	})
	b.server = server
	if !errors.As(err, &unnoted) || unnoted.Lost != nil || notes() != 1 {
		t.Errorf("got %v, %d notes", err, notes())
	}
	w.later(8 * 24 * time.Hour) // into another week
	if got, want := results(w.pushes(0)), []string{"note done", "reply done"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	b, c = w.on(0, leaf)
	if len(c.Notes) != 2 || b.answered(c) != 1 {
		t.Errorf("%d notes, answered %d times", len(c.Notes), b.answered(c))
	}
	if waiting, _ := b.Waits(); waiting != 0 {
		t.Errorf("%d steps wait", waiting)
	}
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	if answers, _, err := m.Read(ctx); err != nil || len(answers) != 1 {
		t.Errorf("the writer reads %d answers, %v", len(answers), err)
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
		must(t, b.ShowFirst(ctx, c, coding.FormParaphrase, words+"\r\n", "This would go out:", nil))
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
	_, err = m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "yes, those"}})
	must(t, err)
	w.batch()
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

// What somebody who has left says of a writer, without words, binds until two who are there have read that the writer does not say
// it.
func TestTwoSetAsideTheBareWordOfSomebodyWhoLeftAndNotAWish(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	_, leaf := w.tells("panel_summary_to_clinic")
	_, wished := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	w.batch()
	for who := range 3 {
		w.does(who, leaf, func(b *Bench, c *Case) error { return b.Declare(c) })
	}
	says := func(who int) {
		t.Helper()
		w.does(who, leaf, func(b *Bench, c *Case) error {
			_, err := b.send(ctx, c, &coding.Note{Text: "x", Asked: true})
			return err
		})
	}
	binds := func(who int) bool { _, c := w.on(who, leaf); return c.showsFirst() }
	setsAside := func(who int, leaf string, done bool, want error) {
		t.Helper()
		b, c := w.on(who, leaf)
		must(t, b.Declare(c))
		if got, err := b.SetAside(ctx, c); got != done || !errors.Is(err, want) {
			t.Errorf("member %d: %v, %v", who, got, err)
		}
	}
	says(0)
	setsAside(1, leaf, false, ErrNotBound) // its author can take it back
	setsAside(1, wished, false, ErrWished)
	says(2)
	setsAside(2, leaf, false, nil) // their own, and the other's stands
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	if !binds(1) {
		t.Error("what was said binds no longer once its author is gone")
	}
	setsAside(1, leaf, false, nil)
	setsAside(1, leaf, false, nil) // one is one, however often
	if !binds(1) || !binds(2) {
		t.Error("one alone sets it aside")
	}
	setsAside(2, leaf, true, nil)
	if binds(1) || binds(2) || binds(3) {
		t.Error("it binds though two have set it aside")
	}
	setsAside(3, leaf, false, ErrNotBound)
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
		said, err := b.NoContact(c)
		must(t, err)
		if said != reply.NoContact() {
			t.Errorf("%v by the message, %v by the answer", said, reply.NoContact())
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

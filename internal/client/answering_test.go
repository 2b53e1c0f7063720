package client

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// The vectors are those of ui/test/answering.test.ts, too.
func TestAnAnswerThatDidNotGoHidesNoLaterOne(t *testing.T) {
	raw, err := os.ReadFile("testdata/answers.json")
	must(t, err)
	var vectors struct {
		Cases []struct {
			Name     string
			Answered map[int]string
			Weeks    []string
		}
	}
	must(t, json.Unmarshal(raw, &vectors))
	key := [32]byte(bytes.Repeat([]byte{8}, 32))
	for _, v := range vectors.Cases {
		answered := map[[32]byte]string{{1}: "2026-01-05"} // another message's
		for n, week := range v.Answered {
			answered[transparency.ActionTag(key, transparency.ActContacted, n)] = week
		}
		if got := answersTo(key, answered); !slices.Equal(got, v.Weeks) {
			t.Errorf("%s: %v, want %v", v.Name, got, v.Weeks)
		}
	}
}

func TestWhoHasDeclaredWaitsForNoAnswerThatCannotBeSealed(t *testing.T) {
	c := &Case{Card: coding.NewCard(seal.KindSubmission, "", nil), message: &seal.Plaintext{}}
	c.Card.Receipt, c.Card.Actions = "r", "a"
	if !c.mayAnswer(false) || c.mayAnswer(true) {
		t.Error("without a way to answer: it waits for who has declared, or tells the others")
	}
	c.message.ReplyTo = new("age1pq1")
	if !c.mayAnswer(true) {
		t.Error("with a way to answer nobody waits")
	}
}

// The cases are those of ui/test/answering.test.ts. 2026-11-25 is a Wednesday.
func TestTheFirstAnswerIsTheReplyAndOneAfterTheDecisionTheFeedback(t *testing.T) {
	for _, tt := range []struct {
		name    string
		weeks   []string
		decided string
		clock   string
		told    string
	}{
		{"nobody answered", nil, "", ClockReply, ""},
		{"nobody answered, and it is decided", nil, "2026-11-25", ClockReply, ""},
		{"answered before the decision", []string{"2026-11-16"}, "", ClockFeedback, ""},
		{"answered in an earlier week", []string{"2026-11-16"}, "2026-11-25", ClockFeedback, ""},
		{"answered for the first time in its week", []string{"2026-11-23"}, "2026-11-25", ClockFeedback, ""},
		{"answered again in its week", []string{"2026-11-16", "2026-11-23"}, "2026-11-25", "", "2026-11-23"},
		{"answered twice in its week", []string{"2026-11-23", "2026-11-23"}, "2026-11-25", "", "2026-11-23"},
		{"answered for the first time in a later week", []string{"2026-11-30"}, "2026-11-25", "", "2026-11-30"},
		{"decided on a Monday", []string{"2026-11-23"}, "2026-11-23", ClockFeedback, ""},
	} {
		if clock, told := clockOf(tt.weeks, tt.decided), toldIn(tt.weeks, tt.decided); clock != tt.clock || told != tt.told {
			t.Errorf("%s: %q, told %q", tt.name, clock, told)
		}
	}
}

// Who has not declared is told by no clock what a writer wishes.
func TestWhoeverWroteWaitsForAnAnswerUnlessTheyWishForNone(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("panel_only")
	_, quiet := w.tells("panel_only", seal.Answer{Q: "must_not", A: "do_not_contact_me"})
	w.batch()
	day := w.now().Format(time.DateOnly)
	b, c := w.on(1, quiet)
	reply := &Answering{Due{ClockReply, w.now().AddDate(0, 0, 7).Format(time.DateOnly), 7}, false}
	for _, hash := range []string{quiet, leaf} {
		one, err := b.Case(hash)
		must(t, err)
		if got := b.Row(one).Answering; got == nil || *got != *reply || b.Row(one).Day != day {
			t.Errorf("to who has not declared %+v, want %+v", got, reply)
		}
	}
	must(t, b.Declare(c))
	if got := b.Row(c).Answering; got != nil {
		t.Errorf("somebody who is not to be contacted waits: %+v", got)
	}
	b, c = w.on(0, leaf)
	must(t, b.Declare(c))
	if got := b.Row(c).Answering; got == nil || got.Clock != ClockReply || !got.Sure {
		t.Errorf("to who has declared: %+v", got)
	}
	w.keeps(0)
	must(t, w.answers(b, c, "We have read it."))
	b, c = w.on(0, leaf)
	if got := b.Row(c).Answering; got == nil || got.Clock != ClockFeedback || got.Left != 90 {
		t.Errorf("once they were answered: %+v", got)
	}

	w.claims(0, leaf, review.RoleCoder)
	w.claims(1, leaf, review.RoleCoder)
	w.agrees(leaf)
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Keep(ctx, c, "They allow no more.") })
	w.later(7 * 24 * time.Hour)
	b, c = w.on(0, leaf)
	if got := b.Row(c).Answering; got == nil || got.Clock != ClockFeedback || got.Left != 83 {
		t.Errorf("once it is kept: %+v", got)
	}
	w.keeps(0)
	must(t, w.answers(b, c, "We keep it with us, as you wished."))
	if b, c = w.on(0, leaf); b.Row(c).Answering != nil {
		t.Errorf("once they were told: %+v", b.Row(c).Answering)
	}

	// What was to be given out can be objected to for two whole days. Before they have passed nobody can say that it was.
	given := &Case{Finding: true, given: []string{"h"}, Sharings: []Dated[*coding.Sharing]{dated(&coding.Sharing{Decision: coding.Share}, "r", "h", "2026-11-25", 0)}}
	if got := given.decidedOn(); got != "2026-11-28" {
		t.Errorf("decided on %q", got)
	}
	if given.Finding = false; given.decidedOn() != "" {
		t.Error("decided before anything is out")
	}
}

func TestAPracticeOfBeforeHasTheDefaultClocksOfAnAnswer(t *testing.T) {
	p := Practice{review.PracticeSetting{Taken: 3, Coded: 14, Decided: 21, Feedback: 60}}
	p.withDefaults()
	if p.Reply != 7 || p.Feedback != 60 {
		t.Errorf("it has %d and %d", p.Reply, p.Feedback)
	}
}

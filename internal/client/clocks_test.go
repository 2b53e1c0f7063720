package client

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// The days are those of ui/test/casework.test.ts.
func TestClocksCountThePanelsWorkingDaysAndWhatPutsThemOff(t *testing.T) {
	p := Practice{review.PracticeSetting{Taken: 3, Coded: 14, Decided: 21, Reply: 7, Feedback: 90, WorkingDays: []int{1, 2, 3, 4, 5}, Holidays: []string{"2026-11-23"}}}
	every := p
	every.WorkingDays = nil
	for _, tt := range []struct {
		p       *Practice
		arrived string
		clock   string
		paused  int
		want    Due
	}{
		{&p, "2026-11-20", ClockTaken, 0, Due{ClockTaken, "2026-11-26", 1}},
		{&p, "2026-11-20", ClockTaken, 9, Due{ClockTaken, "2026-11-26", 1}},
		{&p, "2026-11-13", ClockTaken, 0, Due{ClockTaken, "2026-11-18", -4}},
		{&every, "2026-11-20", ClockTaken, 0, Due{ClockTaken, "2026-11-23", -2}},
		{&p, "2026-11-02", ClockCoded, 0, Due{ClockCoded, "2026-11-16", -9}},
		{&p, "2026-11-02", ClockCoded, 10, Due{ClockCoded, "2026-11-26", 1}},
		{&p, "2026-11-02", ClockDecided, 2, Due{ClockDecided, "2026-11-25", 0}},
		{&p, "2026-11-20", ClockReply, 5, Due{ClockReply, "2026-11-27", 2}},
		{&p, "2026-11-02", ClockFeedback, 3, Due{ClockFeedback, "2027-02-03", 70}},
	} {
		if got := tt.p.due(tt.arrived, tt.clock, "2026-11-25", tt.paused); got == nil || *got != tt.want {
			t.Errorf("%s from %s, put off by %d: %+v, want %+v", tt.clock, tt.arrived, tt.paused, got, tt.want)
		}
	}
	if p.due("2026-11-02", "", "2026-11-25", 0) != nil {
		t.Error("a clock runs where none does")
	}
}

// The days are those of ui/test/clocks.test.ts, too.
func TestWhatIsMissedIsLateOnDaysOffToo(t *testing.T) {
	raw, err := os.ReadFile("testdata/taken.json")
	must(t, err)
	var vectors struct {
		Arrived, Day string
		Taken        int
		WorkingDays  []int `json:"working_days"`
		Cases        []struct {
			Today string
			Off   []string
			Left  int
		}
	}
	must(t, json.Unmarshal(raw, &vectors))
	if len(vectors.Cases) == 0 {
		t.Fatal("no cases")
	}
	for _, v := range vectors.Cases {
		p := Practice{review.PracticeSetting{Taken: vectors.Taken, WorkingDays: vectors.WorkingDays, Holidays: v.Off}}
		if got := p.due(vectors.Arrived, ClockTaken, v.Today, 0); got == nil || *got != (Due{ClockTaken, vectors.Day, v.Left}) {
			t.Errorf("on %s, with %v off: %+v, want %d", v.Today, v.Off, got, v.Left)
		}
	}
}

// The table is that of ui/test/clocks.test.ts, too.
func TestEveryStageHasTheClockThatThePageShows(t *testing.T) {
	raw, err := os.ReadFile("testdata/stages.json")
	must(t, err)
	var table []struct {
		Stage   string
		Claimed bool
		Clock   string
	}
	must(t, json.Unmarshal(raw, &table))
	stages := map[string]bool{}
	for _, row := range table {
		c := &Case{}
		if row.Claimed {
			c.Parts = []Part{{nil, "ra", review.RoleCoder}}
		}
		if got := c.clock(row.Stage); got != row.Clock {
			t.Errorf("%s, claimed %t: %q, want %q", row.Stage, row.Claimed, got, row.Clock)
		}
		stages[row.Stage] = true
	}
	for _, stage := range []string{
		StageBeside, StageTooFew, StageCoding, StageDiffers, StageCompared, StageOneLeft, StageNoThird, StageNoChecker, StageAgreed, StageChecked,
		StageObjecting, StageObjected, StageReady, StageTakenBack, StageKept, StageReleased,
	} {
		if !stages[stage] {
			t.Errorf("the table has no %s", stage)
		}
	}
}

// The cases are those of ui/test/rowclocks.test.ts, too.
func TestWhoHasThePartThatAMessageWaitsForIsNamedOnceItsTimeIsOver(t *testing.T) {
	raw, err := os.ReadFile("testdata/silent.json")
	must(t, err)
	var vectors struct {
		Cases []struct {
			Stage  string
			Left   int
			Parts  [][2]string
			Silent []string
		}
	}
	must(t, json.Unmarshal(raw, &vectors))
	if len(vectors.Cases) == 0 {
		t.Fatal("no cases")
	}
	for _, v := range vectors.Cases {
		row := &Row{Stage: v.Stage, Due: &Due{ClockCoded, "", v.Left}}
		for _, p := range v.Parts {
			row.Parts = append(row.Parts, Part{nil, p[0], p[1]})
		}
		if got := row.Silent(); !slices.Equal(got, v.Silent) {
			t.Errorf("%s, %d left, %v: %v, want %v", v.Stage, v.Left, v.Parts, got, v.Silent)
		}
	}
	if got := (&Row{Stage: StageKept, Parts: []Part{{nil, "ra", review.RoleChecker}}}).Silent(); got != nil {
		t.Errorf("without a clock: %v", got)
	}
}

// A step back drops the claim, and the coding stays.
func TestAMessageWhoseOnlyCoderHasSteppedBackIsTaken(t *testing.T) {
	for _, tt := range []struct {
		parts []Part
		want  string
	}{
		{nil, ClockTaken},
		{[]Part{{nil, "ra", partRecused}}, ClockTaken},
		{[]Part{{nil, "ra", partCoded}, {nil, "ra", partRecused}}, ClockCoded},
	} {
		if got := (&Case{Parts: tt.parts}).clock(StageCoding); got != tt.want {
			t.Errorf("with %v it is %q, want %q", tt.parts, got, tt.want)
		}
	}
}

// The server is never told: what begins and ends a pause is sealed like every note.
func TestTheClocksStandStillWhileAWriterIsShownFirstWhatGoesOut(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic", seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
	_, plain := w.tells("panel_summary_to_clinic")
	w.batch()
	w.claims(0, leaf, review.RoleCoder)
	w.claims(0, plain, review.RoleCoder)
	shows := func(b *Bench, c *Case) error {
		return b.ShowFirst(ctx, c, coding.FormParaphrase, "Somebody was held down.", "This would go out:", went)
	}
	if b, c := w.on(1, leaf); !errors.Is(shows(b, c), ErrNotDeclared) || !errors.Is(b.WaitOver(ctx, c, "x"), ErrNotDeclared) {
		t.Error("somebody who has not declared begins or ends a wait")
	}
	b, c := w.on(0, plain)
	if err := shows(b, c); !errors.Is(err, ErrNotAskFirst) || len(c.Notes) != 0 {
		t.Errorf("a clock stands still for somebody who did not ask to see it first: %v", err)
	}
	b, c = w.on(0, leaf)
	if err := b.WaitOver(ctx, c, "x"); !errors.Is(err, ErrNoWait) {
		t.Errorf("a wait ends that never began: %v", err)
	}
	before, asked := *b.Row(c).Due, b.Today
	must(t, shows(b, c))

	w.later(5 * 24 * time.Hour)
	b, c = w.on(0, leaf)
	row := b.Row(c)
	if !slices.Equal(row.Pauses, []coding.Pause{{From: asked}}) || row.Due.Clock != ClockCoded || row.Due.Left != before.Left {
		t.Errorf("while the panel waits: %+v, %+v, and %+v before", row.Pauses, row.Due, before)
	}
	if b, c := w.on(1, leaf); len(b.Row(c).Pauses) != 0 || b.Row(c).Due.Left != before.Left-5 {
		t.Errorf("who has not declared is shown %+v", b.Row(c))
	}

	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_summary_to_clinic", AskMeFirst: true, Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	b, c = w.on(0, leaf)
	answered := b.Today
	if row = b.Row(c); !slices.Equal(row.Pauses, []coding.Pause{{From: asked, To: answered}}) {
		t.Errorf("after the writer came back: %+v", row.Pauses)
	}

	// They want to see it once more, and the panel does not wait for ever.
	w.later(2 * 24 * time.Hour)
	b, c = w.on(0, leaf)
	must(t, shows(b, c))
	again := b.Today
	w.later(3 * 24 * time.Hour)
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.WaitOver(ctx, c, "They do not come back.") })
	b, c = w.on(0, leaf)
	row = b.Row(c)
	if !slices.Equal(row.Pauses, []coding.Pause{{From: asked, To: answered}, {From: again, To: b.Today}}) || row.Due.Left != before.Left-2 {
		t.Errorf("in the end: %+v, %+v", row.Pauses, row.Due)
	}
}

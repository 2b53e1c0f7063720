package promise_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"answerable/internal/promise"
)

func TestAnAnswerSaysAllThatItHasTo(t *testing.T) {
	o := newOffice(t)
	h := o.handOver(o.finding("theme"))
	a := promise.Answer{Words: strings.Repeat("x", promise.MaxWords+1), Role: "r\x00", Promises: []promise.Draft{{}, {What: "something", Due: day("2026-11-23")}, {What: "w", Who: "w", How: "h", Due: day("2029-01-01")}}}
	_, err := o.store.Answer(t.Context(), o.ClinicID, h, a)
	var faults promise.Faults
	want := promise.Faults{{"role", "text"}, {"power", "empty"}, {"words", "long"}, {"who2", "empty"}, {"due2", "early"}, {"how2", "empty"}, {"due3", "far"}}
	if !errors.As(err, &faults) || !slices.Equal(faults, want) {
		t.Errorf("got %v, want %v", faults, want)
	}
	first := o.answer(h, anAnswer("2026-12-01"))
	if again := o.answer(h, anAnswer("2026-12-01")); again != first || len(o.account("2026-11-23").Promises) != 1 {
		t.Error("an answer that was sent twice is there twice")
	}
	more, role := anAnswer("2026-12-01"), anAnswer("2026-12-01")
	more.Promises = append(more.Promises, promise.Draft{What: "A second lock goes too.", Who: "ward manager", Due: day("2026-12-02"), How: "Look at the door."})
	role.Role = "director"
	if second := o.answer(h, more); second == first || o.answer(h, more) != second || o.answer(h, role) == first {
		t.Error("the same words with another promise or by another role were taken for the same answer")
	}
	if n := len(o.account("2026-11-23").Promises); n != 4 {
		t.Errorf("%d promises are kept of the 4 that were made", n)
	}
	more.Words = "A fourth answer today."
	_, err = o.store.Answer(t.Context(), o.ClinicID, h, more)
	if !errors.As(err, &faults) || !slices.Equal(faults, promise.Faults{{"words", "often"}}) {
		t.Errorf("a fourth answer on one day: %v", err)
	}
	if o.answer(h, anAnswer("2026-12-01")) != first {
		t.Error("an answer that was kept is not found again once there is no room")
	}
	for n := 3; n < promise.MaxAnswers; n++ {
		_, err = o.store.On(day("2026-11-23").AddDate(0, 0, n/promise.MaxAnswersADay)).Answer(t.Context(), o.ClinicID, h, promise.Answer{Role: "r", Power: "p", Words: strings.Repeat("x", n)})
		o.must(err)
	}
	_, err = o.store.On(day("2027-11-23")).Answer(t.Context(), o.ClinicID, h, promise.Answer{Role: "r", Power: "p", Words: "One too many."})
	if !errors.As(err, &faults) || !slices.Equal(faults, promise.Faults{{"words", "full"}}) {
		t.Errorf("an answer without end: %v", err)
	}
	_, err = o.store.Answer(t.Context(), o.ClinicID, "x", anAnswer("2026-12-01"))
	o.want("to nothing", err, promise.ErrGone)
	_, err = o.store.HandOver(t.Context(), o.ClinicID, o.Reviewers[0].ID, uuid.NewString())
	o.want("handing nothing over", err, promise.ErrGone)
	p := o.account("2026-11-23").Promises[0]
	_, err = o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-11-30"), " ")
	if !errors.As(err, &faults) || !slices.Equal(faults, promise.Faults{{"reason", "empty"}, {"due", "early"}}) && !slices.Equal(faults, promise.Faults{{"reason", "empty"}}) {
		t.Errorf("moving a date to an earlier one without a reason: %v", err)
	}
}

func TestPromptsFitTheThemes(t *testing.T) {
	for _, themes := range [][]string{nil, {"force"}, {"force", "bias", "money", "access"}, {"nothing_known"}, {"ending", "treatment"}} {
		got := promise.PromptsFor(themes)
		if len(got) != 3 || got[0] == got[1] || got[1] == got[2] || got[0] == got[2] || slices.Min(got) < 1 || slices.Max(got) > promise.Prompts {
			t.Errorf("%v: %v", themes, got)
		}
	}
	if got := promise.PromptsFor([]string{"force"}); !slices.Equal(got, []int{7, 8, 5}) {
		t.Errorf("force: %v", got)
	}
}

package promise_test

import (
	"testing"

	"answerable/internal/promise"
)

// TestMeasuresAreOfFindingsThatWereDue has findings of two days that are over, and two that still have time.
func TestMeasuresAreOfFindingsThatWereDue(t *testing.T) {
	o := newOffice(t)
	bare := promise.Answer{Role: "nurse", Power: "None.", Words: "We read it."}
	handed := func(on string, themes []string, answeredOn string, a promise.Answer) {
		t.Helper()
		h, err := o.store.On(day(on)).HandOverPast(t.Context(), o.ClinicID, o.Reviewers[0].ID, themes, false, false)
		o.must(err)
		if answeredOn != "" {
			_, err = o.store.On(day(answeredOn)).Answer(t.Context(), o.ClinicID, h, a)
			o.must(err)
		}
	}
	if m := o.account("2026-11-23").Measures; m.AnswerDays != nil || m.OverdueDays != nil || m.Of != 0 || m.Of90 != 0 || m.KeptOf != [2]int{} {
		t.Errorf("of nothing: %+v", m)
	}
	handed("2026-06-01", []string{"good_care"}, "2026-06-11", bare) // good things alone: no concern
	handed("2026-06-01", []string{"voice", "good_care"}, "2026-06-21", anAnswer("2026-08-01"))
	handed("2026-06-01", nil, "2026-07-01", bare) // for the clinic only: never said to be praise
	handed("2026-06-01", nil, "", bare)
	handed("2026-09-20", nil, "2026-10-05", bare)
	handed("2026-09-20", []string{"force"}, "", bare)
	before := o.account("2026-11-23").Measures
	handed("2026-11-20", nil, "", bare)
	handed("2026-11-20", []string{"force"}, "2026-11-21", anAnswer("2027-01-01"))
	m := o.account("2026-11-23").Measures
	if m.Answered90 != 1 || m.Of90 != 2 || m.Changed != 1 || m.Of != 3 || m.AnswerOf != 6 || m.KeptOf != [2]int{0, 1} {
		t.Errorf("got %+v", m)
	}
	if m.AnswerDays == nil || *m.AnswerDays != 20 || m.OverdueDays == nil || *m.OverdueDays != 114 {
		t.Errorf("days to an answer %v, days late %v", m.AnswerDays, m.OverdueDays)
	}
	if m.Of90 != before.Of90 || m.Of != before.Of || m.AnswerOf != before.AnswerOf {
		t.Errorf("a hand-over with time left moved a number: %+v, before %+v", m, before)
	}
}

package promise_test

import (
	"testing"

	"answerable/internal/promise"
	"answerable/internal/review"
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

// Words go out without themes, so whether everybody may read thanks or a concern is known from what two coders agreed on.
func TestAnswersToThanksAreNoAnswersToConcerns(t *testing.T) {
	for name, c := range map[string]struct {
		form   string
		themes []string
		of     int
	}{
		"thanks":                           {"public", []string{"good_care"}, 0},
		"thanks beside a concern":          {"public", []string{"good_care", "voice"}, 1},
		"nothing counted":                  {"public", nil, 1},
		"thanks that the clinic alone has": {"paraphrase", []string{"good_care"}, 1},
	} {
		o := newOffice(t)
		id := o.finding(c.form)
		if c.themes != nil {
			canonical, err := (&review.Facts{Themes: c.themes}).Canonical()
			o.must(err)
			row := &review.Coded{LeafHash: o.leaf[id], Facts: string(canonical), AuthorID: o.Reviewers[0].ID, Signature: make([]byte, 64), CountedIn: day("2026-11-01")}
			_, err = o.DB.NewInsert().Model(row).Exec(t.Context())
			o.must(err)
		}
		o.answer(o.handOver(id), anAnswer("2027-02-01"))
		if m := o.account("2027-01-31").Measures; m.Of != c.of || m.AnswerOf != 1 {
			t.Errorf("%s: of %d answers to concerns, want %d", name, m.Of, c.of)
		}
	}
}

// A report of before cannot tell that a promise was broken after, and what happens years later is no repeat of it.
func TestItHappenedAgainIsCountedForAYearAfterAPromiseWasKept(t *testing.T) {
	o := newOffice(t)
	handed := func(on string) string {
		t.Helper()
		h, err := o.store.On(day(on)).HandOverPast(t.Context(), o.ClinicID, o.Reviewers[0].ID, nil, false, false)
		o.must(err)
		return h
	}
	o.answer(o.handOver(o.finding("theme")), anAnswer("2026-12-01"))
	o.must(o.store.Claim(t.Context(), o.ClinicID, o.only("2026-11-23").ID, "The lock is gone."))
	o.on("2026-12-12")
	o.bothJudge(o.only("2026-12-12"), promise.Kept)
	linked := []string{handed("2026-12-12"), handed("2026-12-13"), handed("2027-12-12"), handed("2027-12-13")}
	o.on("2027-12-14")
	p := o.only("2027-12-14")
	for _, h := range linked {
		o.must(o.store.Repeat(t.Context(), o.ClinicID, o.Reviewers[1].ID, p.ID, h))
	}
	if a := o.account("2027-12-14"); a.Counts.Repeats != 2 || a.Promises[0].AfterKept != 2 || len(a.Promises[0].Repeats) != 4 {
		t.Errorf("of four that are tied %d are counted: %+v", a.Counts.Repeats, a.Promises[0].Repeats)
	}
	o.bothJudge(p, promise.Kept) // the look back: the year begins anew
	later := handed("2028-12-13")
	o.on("2028-12-14")
	o.must(o.store.Repeat(t.Context(), o.ClinicID, o.Reviewers[1].ID, p.ID, later))
	if a := o.account("2028-12-14"); a.Counts.Repeats != 3 {
		t.Errorf("after it was still kept: %d are counted", a.Counts.Repeats)
	}
}

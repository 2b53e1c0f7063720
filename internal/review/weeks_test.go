package review_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"answerable/internal/review"
	"answerable/internal/transparency"
)

func TestWeeksShowWorkAndRestAndWhatWasHandedBackWithoutAName(t *testing.T) {
	d := newDesk(t)
	size := 3
	now := func() *review.Weeks {
		t.Helper()
		w, err := d.store.Weeks(t.Context(), d.ClinicID)
		if err != nil || len(w.Weeks) != 16 || len(w.Members) != size {
			t.Fatalf("weeks %+v, %v", w, err)
		}
		return w
	}
	of := func(w *review.Weeks, who int) review.MemberWeeks {
		i := slices.IndexFunc(w.Members, func(m review.MemberWeeks) bool { return m.ReviewerID == d.Reviewers[who].ID })
		return w.Members[i]
	}
	const thisWeek = 11
	monday := transparency.WeekOf(d.at.UTC().Truncate(24 * time.Hour))
	if w := now(); !w.Weeks[thisWeek].Monday.Equal(monday) || w.Weeks[thisWeek].Ended || !w.Weeks[thisWeek-1].Ended {
		t.Errorf("this week is %+v", w.Weeks[thisWeek])
	}

	other := d.another()
	d.want("taking", errors.Join(d.take(0, review.RoleCoder), d.take(1, review.RoleCoder), d.store.Take(t.Context(), d.ClinicID, d.Reviewers[0].ID, other, review.RoleCoder)), nil)
	d.want("handing back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, other), nil)
	d.want("handing back what is not held", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, other), nil)
	if got := now(); !slices.Equal(of(got, 0).Finished, make([]int, len(got.Weeks))) {
		t.Errorf("what was only taken, and can be handed back, is counted: %v", of(got, 0).Finished)
	}
	d.want("coding", d.put(0, review.KindCoding, 0), nil)
	w := now()
	if got := [2]int{of(w, 0).Finished[thisWeek], of(w, 1).Finished[thisWeek]}; got != [2]int{1, 0} {
		t.Errorf("finished this week: %v", got)
	}
	d.want("handing back what is coded", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, d.leaf), nil)
	if again := now(); of(again, 0).Finished[thisWeek] != 1 {
		t.Errorf("handing back shows in the member's own column: %v", of(again, 0).Finished)
	}
	var names int
	err := d.DB.NewRaw(`SELECT count(*) FROM information_schema.columns WHERE table_name = 'handback_week' AND column_name NOT IN ('clinic_id', 'week', 'count')`).Scan(t.Context(), &names)
	if err != nil || names != 0 {
		t.Errorf("the table of what was handed back knows more than how often: %d more columns, %v", names, err)
	}

	rest := func(who int, week time.Time, rests bool) error {
		return d.store.Rest(t.Context(), d.ClinicID, d.Reviewers[who].ID, week, rests)
	}
	d.want("resting", errors.Join(rest(1, monday, true), rest(1, monday, true), rest(2, monday.AddDate(0, 0, 28), true)), nil)
	for what, day := range map[string]time.Time{"a week that was": monday.AddDate(0, 0, -7), "a Tuesday": monday.AddDate(0, 0, 1), "five weeks ahead": monday.AddDate(0, 0, 35)} {
		d.want(what, rest(1, day, true), review.ErrRestWeek)
	}
	w = now()
	if !of(w, 1).Rests[thisWeek] || !of(w, 2).Rests[15] {
		t.Errorf("rest: %+v", w.Members)
	}
	d.want("not resting after all", rest(1, monday, false), nil)

	d.days(7)
	w = now()
	if of(w, 1).Rests[thisWeek-1] || of(w, 0).Finished[thisWeek-1] != 1 || w.Weeks[thisWeek-1].HandedBack != nil {
		t.Errorf("a week later, on a panel of three: %+v", w)
	}
	d.Enrol(t)
	size = 4
	w = now()
	if n := w.Weeks[thisWeek-1].HandedBack; n == nil || *n != 2 || w.Weeks[thisWeek].HandedBack != nil || *w.Weeks[0].HandedBack != 0 {
		t.Errorf("on a panel of four: %+v", w.Weeks)
	}
	d.want("putting weeks away", d.store.Sweep(t.Context(), d.ClinicID), nil)
	if n := [2]int{d.rows("handback_week"), d.rows("rest_week")}; n != [2]int{1, 1} {
		t.Errorf("weeks that are shown are gone: %v", n)
	}
	d.days(7 * 20)
	d.want("putting weeks away much later", d.store.Sweep(t.Context(), d.ClinicID), nil)
	if n := [2]int{d.rows("handback_week"), d.rows("rest_week")}; n != [2]int{} {
		t.Errorf("weeks that nobody is shown are kept: %v", n)
	}
}

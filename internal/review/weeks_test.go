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
	now := func() *review.Weeks {
		t.Helper()
		w, err := d.store.Weeks(t.Context(), d.ClinicID)
		if err != nil || len(w.Weeks) != 16 || len(w.Members) != 3 {
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
	w := now()
	if got := [2]int{of(w, 0).Taken[thisWeek], of(w, 2).Taken[thisWeek]}; got != [2]int{1, 0} {
		t.Errorf("taken this week: %v", got)
	}
	if got := w.Weeks[thisWeek].HandedBack; got != 0 {
		t.Errorf("what was handed back in a week that goes on is shown: %d", got)
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
	if !of(w, 1).Rests[thisWeek] || of(w, 1).Taken[thisWeek] != 1 || !of(w, 2).Rests[15] {
		t.Errorf("rest: %+v", w.Members)
	}
	d.want("not resting after all", rest(1, monday, false), nil)

	d.days(7)
	w = now()
	if of(w, 1).Rests[thisWeek-1] || of(w, 0).Taken[thisWeek-1] != 1 || w.Weeks[thisWeek-1].HandedBack != 1 {
		t.Errorf("a week later: %+v", w)
	}
	d.days(7 * 20)
	d.want("handing back much later", errors.Join(d.store.Take(t.Context(), d.ClinicID, d.Reviewers[2].ID, other, review.RoleCoder), d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[2].ID, other)), nil)
	if n := d.rows("handback_week"); n != 1 {
		t.Errorf("%d weeks of what was handed back are kept, though one is shown", n)
	}
}

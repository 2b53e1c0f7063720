package figures

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// This test is inside the package: the ledger is not for others.

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

func ledgerPlan(months int) *Plan {
	p := DefaultPlan("6f1f3f5e-0000-4000-8000-000000000001", date(2024, 1, 1), []string{"ward"})
	p.Months = months
	return p
}

func TestLedgerRefusesWithTheReason(t *testing.T) {
	plan := ledgerPlan(3)
	made := ledger{{date(2024, 1, 1), date(2024, 3, 31)}}
	for name, tt := range map[string]struct {
		period Period
		today  time.Time
		want   string
	}{
		"the same again":         {Period{date(2024, 1, 1), date(2024, 3, 31)}, date(2025, 1, 1), "Releases never overlap; the next may begin on 2024-04-01"},
		"ends before it starts":  {Period{date(2024, 4, 1), date(2024, 3, 1)}, date(2025, 1, 1), "before it starts"},
		"a running total":        {Period{date(2024, 1, 1), date(2024, 6, 30)}, date(2025, 1, 1), "is not one of the plan's periods"},
		"between two periods":    {Period{date(2024, 2, 1), date(2024, 4, 30)}, date(2025, 1, 1), "The next one begins on 2024-04-01"},
		"in the middle of one":   {Period{date(2024, 4, 2), date(2024, 6, 30)}, date(2025, 1, 1), "do not begin on 2024-04-02"},
		"before the plan":        {Period{date(2023, 10, 1), date(2023, 12, 31)}, date(2025, 1, 1), "before the plan's first day"},
		"not over":               {Period{date(2024, 4, 1), date(2024, 6, 30)}, date(2024, 6, 1), "may be released from 2024-07-30 on"},
		"too early by one day":   {Period{date(2024, 4, 1), date(2024, 6, 30)}, date(2024, 7, 29), "30 days after its end"},
		"the next one, in order": {Period{date(2024, 4, 1), date(2024, 6, 30)}, date(2024, 7, 30), ""},
		"one left out":           {Period{date(2024, 7, 1), date(2024, 9, 30)}, date(2025, 7, 30), ""},
	} {
		err := made.admit(plan, tt.period, tt.today)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, ErrPeriod) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// Whatever is asked for, in whatever order, under plans that change: no report stands in two releases, so that nothing
// can be taken off anything. A ledger that admits all is shown to leak, so that this test could fail.
func TestNoSequenceOfReleasesSharesAReport(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 13))
	today := date(2030, 1, 1)
	admitted, doubled := 0, 0
	for range 300 {
		plan := ledgerPlan([]int{3, 6, 12}[r.IntN(3)])
		plans := []*Plan{plan} // the newest first
		var made, careless ledger
		for range 30 {
			if r.IntN(6) == 0 { // the plan changes from here on
				next := *plan
				next.Version++
				next.Months = []int{3, 6, 12}[r.IntN(3)]
				next.From = date(2024, 1+3*r.IntN(16), 1)
				if mayFollow(&next, plans, made, today) == nil {
					plan, plans = &next, append([]*Plan{&next}, plans...)
				}
			}
			first := date(2024, 1+r.IntN(48), 1)
			period := Period{first, first.AddDate(0, []int{1, 3, 6, 12}[r.IntN(4)], -1)}
			if r.IntN(2) == 0 { // as often as not, one that the plan has
				first = plan.From.AddDate(0, plan.Months*r.IntN(6), 0)
				period = Period{first, first.AddDate(0, plan.Months, -1)}
			}
			careless = append(careless, period)
			if made.admit(inForce(plans, first), period, today) == nil {
				made = append(made, period)
				admitted++
			}
		}
		times := func(l ledger) (most int) {
			for month := date(2023, 1, 1); month.Before(date(2030, 1, 1)); month = month.AddDate(0, 1, 0) {
				n := 0
				for _, p := range l {
					if !month.Before(p.First) && !month.After(p.Last) {
						n++
					}
				}
				most = max(most, n)
			}
			return most
		}
		if times(made) > 1 {
			t.Fatalf("a month is in two releases: %v", made)
		}
		if times(careless) > 1 {
			doubled++
		}
		// What is agreed late is counted where no release is.
		for range 20 {
			month := date(2024, 1+r.IntN(48), 1)
			if open := made.openMonth(month); open.Before(month) || times(append(ledger{{open, open}}, made...)) > 1 {
				t.Fatalf("a report of %s is counted in %s, which is released: %v", month, open, made)
			}
		}
	}
	if admitted < 600 || doubled < 290 {
		t.Errorf("admitted %d releases; %d sequences would have leaked without a ledger", admitted, doubled)
	}
}

// The published way to leak by a running total: 12 in January, 14 in February, so February brought 2. The ledger refuses
// the second, and what periods of their own would show is rounded besides.
func TestRunningTotalsAreRefused(t *testing.T) {
	raw, err := os.ReadFile("testdata/disclosure.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		ID            string
		First, Second int
		Derived       json.RawMessage
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	e := list[len(list)-1]
	if e.ID != "cumulative-periods" || fmt.Sprint(e.Second-e.First) != string(e.Derived) || fmt.Sprint(Round(e.Second)-Round(e.First)) == string(e.Derived) {
		t.Errorf("%+v", e)
	}
	plan := ledgerPlan(3)
	made := ledger{{date(2024, 1, 1), date(2024, 3, 31)}}
	longer := ledgerPlan(6)
	longer.Version = 2
	if err := mayFollow(longer, []*Plan{plan}, made, date(2025, 1, 1)); !errors.Is(err, ErrPlan) {
		t.Errorf("a longer period over a released one: %v", err)
	}
	if err := made.admit(longer, Period{date(2024, 1, 1), date(2024, 6, 30)}, date(2025, 1, 1)); !errors.Is(err, ErrPeriod) || !strings.Contains(err.Error(), "Their difference would be a smaller group") {
		t.Errorf("a running total: %v", err)
	}
}

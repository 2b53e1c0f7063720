package figures_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"answerable/internal/figures"
)

func TestRoundingFollowsThePublishedRules(t *testing.T) {
	e := examples(t)["nhs-hes-1to7-round5"]
	rule := figures.Rule{K: e.K}
	for _, pair := range e.Rounded {
		if pair[1] == figures.Hidden {
			if report, err := figures.Audit(rule, tableOf([][]int{{pair[0]}}), figures.NewPattern(1, 1)); err != nil || report.Safe() {
				t.Errorf("%d may be shown, %v", pair[0], err)
			}
			continue
		}
		if got := figures.Round(pair[0]); got != pair[1] {
			t.Errorf("%d is rounded to %d, want %d", pair[0], got, pair[1])
		}
	}
	if len(e.Rounded) != 41 {
		t.Errorf("%d pairs", len(e.Rounded))
	}
}

func TestTotalsAreSumsOfWhatIsShown(t *testing.T) {
	e := examples(t)["opensafely-round5-after-redact7"]
	table := tableOf(e.Counts)
	p := &figures.Protected{Rule: figures.Rule{K: e.K}, Layers: []*figures.Table{table}, Hidden: figures.NewPattern(4, 2)}
	p.Hidden[0][0] = true
	got := p.Show(0)
	for i, row := range e.Shown {
		for j, want := range row {
			if got.Counts[i][j] != want {
				t.Errorf("cell %d,%d is shown as %d, want %d", i, j, got.Counts[i][j], want)
			}
		}
	}
	for j, want := range e.ColTotals {
		if got.ColTotals[j] != want {
			t.Errorf("column %d totals %d, want %d", j, got.ColTotals[j], want)
		}
	}
}

// Whatever is shown of random tables: multiples of five, nothing of k or less but 0, and totals that add up.
func TestShownTablesAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	for range 200 {
		p, err := figures.Protect(rules[r.IntN(len(rules))], randomTable(r, 1+r.IntN(12), 1+r.IntN(12)))
		if err != nil {
			continue
		}
		s := p.Show(0)
		total := 0
		for i, row := range s.Counts {
			sum, any := 0, false
			for j, n := range row {
				if n == figures.Hidden {
					continue
				}
				if n%figures.Base != 0 || n != 0 && n < p.Rule.K || n == 0 && p.Rule.Zeros || p.Hidden[i][j] {
					t.Fatalf("%d is shown under %+v", n, p.Rule)
				}
				sum, any = sum+n, true
			}
			if want := sum; any && s.RowTotals[i] != want || !any && s.RowTotals[i] != figures.Hidden {
				t.Fatalf("row %d totals %d, want %d", i, s.RowTotals[i], want)
			}
			total += sum
		}
		if total != max(0, s.Total) {
			t.Fatalf("the table totals %d, want %d", s.Total, total)
		}
		for _, n := range s.ColTotals {
			total -= max(0, n)
		}
		if total != 0 {
			t.Fatal("rows and columns have different totals")
		}
	}
}

func TestPercentAndMedianComeFromWhatIsShown(t *testing.T) {
	s := &figures.Shown{Counts: [][]int{{15, 25, 20}, {figures.Hidden, 25, 20}, {0, 0, 0}, {30, 0, 30}}, RowTotals: []int{60, 45, 0, 60}}
	if got, ok := s.Percent(0, 1); got != 42 || !ok { // 25 of 60 is 41.7
		t.Errorf("got %d %v", got, ok)
	}
	if got, ok := s.Median(0); got != 1 || !ok {
		t.Errorf("got column %d %v", got, ok)
	}
	for _, row := range []int{1, 2} {
		if _, ok := s.Percent(row, 1); ok {
			t.Errorf("row %d has a percentage", row)
		}
		if _, ok := s.Median(row); ok {
			t.Errorf("row %d has a median", row)
		}
	}
	if _, ok := s.Median(3); ok {
		t.Error("the middle between two columns is given as one of them")
	}
}

// Both published ways to leak by subtraction: two groupings of the same people, and a count that runs on.
func TestDifferencesOfTwoReleasesTellOnPeople(t *testing.T) {
	e := examples(t)["handbook-differencing-age-bands"]
	var derived struct{ Male, Female int }
	if err := json.Unmarshal(e.Derived, &derived); err != nil {
		t.Fatal(err)
	}
	if got := e.B.Male[0] - e.A.Male[0]; got != derived.Male {
		t.Errorf("%d men of 20 to 24, want %d", got, derived.Male)
	}
	if got := e.B.Female[0] - e.A.Female[0]; got != derived.Female {
		t.Errorf("%d women of 20 to 24, want %d", got, derived.Female)
	}
}

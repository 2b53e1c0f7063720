package figures_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"answerable/internal/figures"
)

var rules = []figures.Rule{{K: 10}, {K: 10, Zeros: true}, {K: 5}, {K: 5, Zeros: true}}

// mustBeSafe judges by linear programming that no small cell is recoverable, or known to be k or less.
func mustBeSafe(t *testing.T, p *figures.Protected) (small int) {
	t.Helper()
	for _, table := range p.Layers {
		var eq *equations
		for i, row := range table.Counts {
			for j, n := range row {
				if n > p.Rule.K || n == 0 && !p.Rule.Zeros {
					continue
				}
				small++
				if !p.Hidden[i][j] {
					t.Fatalf("a cell of %d is shown", n)
				}
				if eq == nil {
					eq = newEquations(table, p.Hidden)
				}
				b := eq.linear(t, [2]int{i, j})
				if b.low == b.high || b.high <= p.Rule.K || b.high-b.low < p.Rule.K || b.low > n || b.high < n {
					t.Fatalf("%v: cell %d,%d is %d, and known to be in %v", table.Counts, i, j, n, b)
				}
			}
		}
	}
	return small
}

func TestNoSmallCellCanBeWorkedOut(t *testing.T) {
	for _, rule := range rules {
		r := rand.New(rand.NewPCG(5, 3))
		safe, refused, small := 0, 0, 0
		for range 100 {
			table := randomTable(r, 1+r.IntN(12), 1+r.IntN(12))
			if len(table.Rows)*len(table.Cols) <= 25 { // one report may stand in several rows
				table.Reports = someReports(r, table)
			}
			p, err := figures.Protect(rule, table)
			var unsafe *figures.Unsafe
			if errors.As(err, &unsafe) {
				refused++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			safe++
			small += mustBeSafe(t, p)
			mustNotSayAll(t, p)
		}
		t.Logf("%+v: %d tables safe with %d small cells, %d refused", rule, safe, small, refused)
		if safe < 60 || small < 250 {
			t.Errorf("%+v: only %d tables were safe, with %d small cells; %d refused", rule, safe, small, refused)
		}
	}
}

func TestSmallTablesAreSafeHoweverOneTries(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 4))
	checked := 0
	for range 800 {
		table := randomTable(r, 2+r.IntN(2), 2+r.IntN(2))
		for i := range table.Counts {
			for j := range table.Counts[i] {
				table.Counts[i][j] %= 30
			}
		}
		p, err := figures.Protect(figures.Rule{K: 5, Zeros: r.IntN(2) == 0}, table)
		if err != nil {
			continue
		}
		for c, b := range bruteForce(p.Layers[0], p.Hidden) {
			n := p.Layers[0].Counts[c[0]][c[1]]
			if n > 5 || n == 0 && !p.Rule.Zeros {
				continue
			}
			checked++
			if b.high-b.low < 5 || b.high <= 5 {
				t.Fatalf("%v hides %v: cell %v is %d, and known to be in %v", p.Layers[0].Counts, p.Hidden, c, n, b)
			}
		}
	}
	if checked < 300 {
		t.Errorf("looked at %d cells", checked)
	}
}

// Layers and their sum are one system of equations here: a small cell of any layer must stay safe though all are shown.
func TestLayersAndTheirSumAreOneSystem(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	safe, small := 0, 0
	for range 300 {
		a := randomTable(r, 2+r.IntN(5), 2+r.IntN(5))
		b := randomTable(r, len(a.Rows), len(a.Cols))
		b.Rows, b.Cols = a.Rows, a.Cols
		p, err := figures.Protect(figures.Rule{K: 10, Zeros: r.IntN(2) == 0}, a, b)
		var unsafe *figures.Unsafe
		if errors.As(err, &unsafe) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		safe++
		small += mustBeSafe(t, p)
		// Where the sum is shown both layers are, and the other way round, so no difference between tables is new.
		sum := p.Sum()
		shown := p.ShowSum()
		for i, row := range sum.Counts {
			for j := range row {
				first, second := p.Show(0).Counts[i][j], p.Show(1).Counts[i][j]
				if (first == figures.Hidden) != (shown.Counts[i][j] == figures.Hidden) || (second == figures.Hidden) != p.Hidden[i][j] {
					t.Fatalf("cell %d,%d is hidden in one layer and shown in another", i, j)
				}
				if first != figures.Hidden && first+second != shown.Counts[i][j] {
					t.Fatalf("%d and %d are shown as %d", first, second, shown.Counts[i][j])
				}
			}
		}
	}
	if safe < 60 || small < 300 {
		t.Errorf("%d pairs were safe, with %d small cells", safe, small)
	}
}

// Where a report may stand in several rows, layers bound one another: no cell of their sum is above all reports. Here both
// layers and all bounds are one linear programme.
func TestLayersOfAnswersAreOneSystem(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 26))
	safe, small := 0, 0
	for range 3000 {
		a := randomTable(r, 2+r.IntN(3), 2+r.IntN(2))
		b := randomTable(r, len(a.Rows), len(a.Cols))
		b.Rows, b.Cols = a.Rows, a.Cols
		a.Reports, b.Reports = someReports(r, a), someReports(r, b)
		p, err := figures.Protect(figures.Rule{K: 10, Zeros: r.IntN(2) == 0}, a, b)
		if err != nil {
			continue
		}
		eq := bothLayers(p)
		if eq == nil {
			continue
		}
		safe++
		for l, table := range p.Layers {
			for i, row := range table.Counts {
				for j, n := range row {
					if n > 10 || n == 0 && !p.Rule.Zeros {
						continue
					}
					small++
					if got := eq.linear(t, [2]int{i + l*100, j}); got.high-got.low < 10 || got.high <= 10 {
						t.Fatalf("%v and %v of %v and %v reports: cell %d,%d of layer %d is %d, and known to be in %v", p.Layers[0].Counts, p.Layers[1].Counts, a.Reports, b.Reports, i, j, l, n, got)
					}
				}
			}
		}
	}
	if safe < 100 || small < 300 {
		t.Errorf("%d pairs were safe, with %d small cells", safe, small)
	}
}

func TestPublishedExampleNeedsThreeMoreCells(t *testing.T) {
	e := examples(t)["acro-synthetic-2d-unsafe"]
	p, err := figures.Protect(figures.Rule{K: e.K}, tableOf(e.Counts))
	if err != nil {
		t.Fatal(err)
	}
	if p.Primary != len(e.Primary) || p.Secondary != e.Secondary {
		t.Errorf("hid %d small cells and %d more, want %d and %d", p.Primary, p.Secondary, len(e.Primary), e.Secondary)
	}
}

// leastHidden tries every pattern and gives the least count that must be hidden beside the small cells.
func leastHidden(rule figures.Rule, t *figures.Table) int {
	rows, cols := len(t.Rows), len(t.Cols)
	least := math.MaxInt
	for bits := range 1 << (rows * cols) {
		hidden := figures.NewPattern(rows, cols)
		sum, possible := 0, true
		for c := range rows * cols {
			i, j := c/cols, c%cols
			hidden[i][j] = bits>>c&1 == 1
			if hidden[i][j] {
				sum += t.Counts[i][j]
			} else if t.Counts[i][j] > 0 && t.Counts[i][j] <= rule.K {
				possible = false
			}
		}
		if !possible || sum >= least {
			continue
		}
		if report, err := figures.Audit(rule, t, hidden); err == nil && report.Safe() {
			least = sum
		}
	}
	return least
}

// How much is hidden, beside the least that any choice of cells could hide, found by trying them all.
func TestLittleMoreIsHiddenThanMustBe(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	rule := figures.Rule{K: 5}
	hidden, least, best, tables := 0, 0, 0, 0
	for tables < 60 {
		table := figures.NewTable([]string{"a", "b", "c"}, []string{"d", "e", "f", "g"}[:3+r.IntN(2)])
		for i := range table.Counts {
			for j := range table.Counts[i] {
				table.Counts[i][j] = int(60 * math.Exp(-4*r.Float64()))
			}
		}
		p, err := figures.Protect(rule, table)
		if err != nil || p.Primary == 0 || len(p.Layers[0].Rows) < 3 {
			continue
		}
		tables++
		n := int(math.Round(p.HiddenShare() * float64(table.Total())))
		b := leastHidden(rule, p.Layers[0])
		if n < b {
			t.Fatalf("%d hidden, less than the least %d", n, b)
		}
		if n == b {
			best++
		}
		hidden, least = hidden+n, least+b
	}
	ratio := float64(hidden) / float64(least)
	t.Logf("hidden counts: %d, least possible %d (ratio %.3f); the best choice in %d of %d tables", hidden, least, ratio, best, tables)
	if ratio > 1.15 || best < tables/2 {
		t.Errorf("hides %.3f times what must be hidden, and the least in %d of %d tables", ratio, best, tables)
	}
}

func TestProtectRefusesWhatNothingHides(t *testing.T) {
	for name, counts := range map[string][][]int{
		"all zero":              {{0, 0}, {0, 0}},
		"fewer than 2k in all":  {{5, 6}, {4, 5}},
		"one row, too few":      {{5, 6, 9}},
		"one cell, too few":     {{20}},
		"one row, only one set": {{20, 0}},
	} {
		_, err := figures.Protect(figures.Rule{K: 10, Zeros: true}, tableOf(counts))
		var unsafe *figures.Unsafe
		if !errors.As(err, &unsafe) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// A zero that is shown holds the cell across from it still.
	table := tableOf([][]int{{9, 30}, {30, 0}})
	_, err := figures.Protect(figures.Rule{K: 10}, table)
	var unsafe *figures.Unsafe
	if !errors.As(err, &unsafe) || len(unsafe.Cells) != 1 || unsafe.Cells[0] != "ra / ca" {
		t.Errorf("got %v", err)
	}
}

// 200 x 200 is far more than any clinic releases; it is made safe all the same, and 401 lines are refused.
func TestLargeTablesAreMadeSafe(t *testing.T) {
	p, err := figures.Protect(figures.Rule{K: 10, Zeros: true}, skewed(rand.New(rand.NewPCG(5, 27)), 200, 200))
	if err != nil || p.Primary < 10_000 {
		t.Fatalf("%v small cells, %v", p, err)
	}
	if _, err := figures.Protect(figures.Rule{K: 10}, skewed(rand.New(rand.NewPCG(5, 27)), 401, 2)); !errors.Is(err, figures.ErrTable) {
		t.Errorf("401 rows: %v", err)
	}
}

func TestOneRowNeedsNoHiding(t *testing.T) {
	p, err := figures.Protect(figures.Rule{K: 10, Zeros: true}, tableOf([][]int{{25, 3, 40, 0, 22}}))
	if err != nil {
		t.Fatal(err)
	}
	got := p.Show(0)
	if len(got.Cols) != 3 || got.Cols[2] != figures.Other || got.Total != 90 || p.Primary+p.Secondary != 0 {
		t.Errorf("shown as %+v", got)
	}
}

func TestSmallLinesAreMergedUntilTheyHideEachOther(t *testing.T) {
	rows := []string{"a", "b", "c", "d", "e"}
	table := &figures.Table{Rows: rows, Cols: []string{"x", "y"}, Counts: [][]int{{2, 1}, {300, 200}, {9, 9}, {40, 60}, {15, 8}}}
	p, err := figures.Protect(figures.Rule{K: 10}, table)
	if err != nil {
		t.Fatal(err)
	}
	merged := p.Layers[0]
	// a and c are small and total 21 together, which is more than 20; e stays.
	if len(merged.Rows) != 4 || merged.Rows[3] != figures.Other || merged.At(3, 2) != 21 || merged.Total() != table.Total() {
		t.Errorf("merged to %v %v", merged.Rows, merged.Counts)
	}
	// One small line takes the next smallest with it.
	table.Counts[2] = []int{90, 90}
	if p, err = figures.Protect(figures.Rule{K: 10}, table); err != nil {
		t.Fatal(err)
	}
	if merged := p.Layers[0]; merged.At(len(merged.Rows)-1, 2) != 26 {
		t.Errorf("merged to %v %v", merged.Rows, merged.Counts)
	}
	// What is called so already goes with them, and its name stands once.
	table.Rows = []string{figures.Other, "b", "c", "d", "e"}
	if p, err = figures.Protect(figures.Rule{K: 10}, table); err != nil {
		t.Fatal(err)
	}
	if err := p.Layers[0].Check(); err != nil {
		t.Error(err)
	}
}

// Twelve answers in a merged line may be those of three reports.
func TestMergedLinesOfAnswersAreNotShown(t *testing.T) {
	counts := [][]int{{45, 35}, {7, 4}, {6, 9}, {40, 60}}
	for _, reports := range [][]int{nil, {60, 70}} {
		table := tableOf(counts)
		table.Reports = reports
		p, err := figures.Protect(figures.Rule{K: 10}, table)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*figures.Shown{p.Show(0), p.ShowSum()} {
			last := len(s.Rows) - 1
			if hidden := s.Counts[last][0] == figures.Hidden; s.Rows[last] != figures.Other || hidden != (reports != nil) {
				t.Errorf("with %v reports, the merged line is shown as %v", reports, s.Counts[last])
			}
		}
	}
}

// Twenty-six answers in a column may be those of nine reports: each of its cells is then known to be nine or less.
func TestColumnsAreSmallByReportsNotByAnswers(t *testing.T) {
	table := tableOf([][]int{{9, 60, 44}, {9, 70, 50}, {8, 50, 61}})
	for _, tt := range []struct {
		reports []int
		cols    int
	}{{nil, 3}, {[]int{9, 90, 80}, 2}} {
		table.Reports = tt.reports
		p, err := figures.Protect(figures.Rule{K: 10}, table)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Layers[0].Cols; len(got) != tt.cols {
			t.Errorf("with reports %v the columns are %v", tt.reports, got)
		}
	}
}

func TestEverybodyInOneColumnIsHiddenOrNamed(t *testing.T) {
	counts := [][]int{{45, 0, 0}, {30, 40, 50}, {35, 45, 30}}
	if got := tableOf(counts).Classes(); len(got) != 1 || got[0] != "ra" {
		t.Errorf("lines that sit in one cell: %v", got)
	}
	p, err := figures.Protect(figures.Rule{K: 10, Zeros: true}, tableOf(counts))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Hidden[0][0] || !p.Hidden[0][1] || !p.Hidden[0][2] {
		t.Errorf("that all of a row sit in one column can be seen: %v", p.Hidden)
	}
	mustBeSafe(t, p)
}

// Whoever has to mend a plan must see what stood in the way, also where a layer is too small to show any of it.
func TestTooFewReportsAreNamedByCell(t *testing.T) {
	large := tableOf([][]int{{60, 50}, {40, 70}})
	for name, tt := range map[string]struct {
		layers []*figures.Table
		want   []string
	}{
		"one table": {[]*figures.Table{tableOf([][]int{{9, 0}, {4, 2}})}, []string{"ra / ca", "rb / ca", "rb / cb"}},
		"a layer":   {[]*figures.Table{large, tableOf([][]int{{0, 12}, {0, 8}})}, []string{"ra / cb", "rb / cb"}},
		"all zero":  {[]*figures.Table{tableOf([][]int{{0, 0}, {0, 0}})}, []string{"total / total"}},
	} {
		_, err := figures.Protect(sensitive, tt.layers...)
		var unsafe *figures.Unsafe
		if !errors.As(err, &unsafe) || !slices.Equal(unsafe.Cells, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
			continue
		}
		if !strings.Contains(err.Error(), "too few reports") || !strings.Contains(err.Error(), tt.want[0]) {
			t.Errorf("%s: says %q", name, err)
		}
	}
}

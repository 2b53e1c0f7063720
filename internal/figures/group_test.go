package figures_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"answerable/internal/figures"
)

var sensitive = figures.Rule{K: 10, Zeros: true}

// "Everybody at the day clinic wrote of force" tells on each of them, however many they are.
func TestThatEverybodySaidItIsNotShown(t *testing.T) {
	for name, most := range map[string]int{"all": 60, "all but one": 59, "all but k": 50} {
		table := tableOf([][]int{{most, 20}, {30, 25}, {25, 22}})
		table.Reports = []int{60, 50}
		p, err := figures.Protect(sensitive, table)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !p.Hidden[0][0] {
			t.Errorf("%s: %d of 60 are shown", name, most)
			continue
		}
		if mustNotSayAll(t, p) != 1 {
			t.Errorf("%s: the judge does not know it", name)
		}
	}
	table := tableOf([][]int{{49, 20}, {30, 25}, {25, 22}})
	table.Reports = []int{60, 50}
	if p, err := figures.Protect(sensitive, table); err != nil || p.Hidden[0][0] {
		t.Errorf("all but k and one: %v", err)
	}
}

// Where all reports of a time sit in one column, the columns are merged into one without a name, so that a table says neither
// which one it is nor that the others are empty. A row that nearly all stand in says it of each of them, and is not shown.
func TestAWholeTableInOneColumnNamesNoColumn(t *testing.T) {
	for name, tt := range map[string]struct {
		counts  [][]int
		reports []int // nil where each report stands in one row
		rows    []string
		hidden  int // rows
	}{
		"several answers":          {[][]int{{40, 0, 0}, {35, 0, 0}, {30, 0, 0}}, []int{80, 0, 0}, []string{"ra", "rb", "rc"}, 0},
		"one answer":               {[][]int{{0, 40}, {0, 35}, {0, 30}}, nil, []string{"ra", "rb", "rc"}, 0},
		"and nearly all say it":    {[][]int{{78, 0, 0}, {35, 0, 0}, {30, 0, 0}}, []int{80, 0, 0}, []string{"rb", figures.Other}, 1},
		"but for one in another":   {[][]int{{40, 1, 0}, {35, 0, 0}, {30, 0, 0}}, []int{80, 1, 0}, []string{"ra", "rb", "rc"}, 0},
		"and one row has them all": {[][]int{{80, 0, 0}, {0, 0, 0}, {0, 0, 0}}, []int{80, 0, 0}, []string{figures.Other}, 1},
	} {
		table := tableOf(tt.counts)
		table.Reports = tt.reports
		p, err := figures.Protect(sensitive, table)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		shown, hidden := p.Show(0), 0
		for _, row := range shown.Counts {
			if row[0] == figures.Hidden {
				hidden++
			}
		}
		if !slices.Equal(shown.Cols, []string{figures.Other}) || !slices.Equal(shown.Rows, tt.rows) || hidden != tt.hidden {
			t.Errorf("%s: shown as %+v", name, shown)
		}
	}
}

// The audit judges a table that somebody else made by the same rule.
func TestAuditFindsThatEverybodySaidIt(t *testing.T) {
	table := tableOf([][]int{{60, 20}, {30, 25}, {25, 22}})
	table.Reports = []int{60, 50}
	hidden := figures.NewPattern(3, 2)
	faults := func() (list []figures.Fault) {
		report, err := figures.Audit(sensitive, table, hidden)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			list = append(list, f.Fault)
		}
		return list
	}
	if got := faults(); !slices.Equal(got, []figures.Fault{figures.FaultShown}) {
		t.Errorf("shown: %v", got)
	}
	table.Counts[1][0], table.Counts[1][1], table.Reports[1] = 56, 12, 22
	for _, c := range [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
		hidden[c[0]][c[1]] = true
	}
	if got := faults(); !slices.Contains(got, figures.FaultAll) {
		t.Errorf("known to be nearly all: %v", got)
	}
}

// A line that nearly all reports stand in is merged as a small one is, in every table that has these rows alike: its total
// is the same in all of them, and would say in one what another hides.
func TestALineOfNearlyEverybodyIsInNoLinkedTable(t *testing.T) {
	byService := tableOf([][]int{{58, 47}, {30, 25}, {35, 31}, {40, 38}})
	byService.Reports = []int{60, 50}
	byWhen := tableOf([][]int{{40, 35, 30}, {18, 17, 20}, {22, 21, 23}, {26, 26, 26}})
	byWhen.Reports = []int{42, 36, 32}
	alone := tableOf([][]int{{105}, {55}, {66}, {78}})
	alone.Reports = []int{110}
	for name, table := range map[string]*figures.Table{"service": byService, "when": byWhen, "alone": alone} {
		p, err := figures.Protect(sensitive, table)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := p.Layers[0].Rows; !slices.Equal(got, []string{"rc", "rd", figures.Other}) {
			t.Errorf("%s: the rows are %v", name, got)
		}
		if s := p.Show(0); s.RowTotals[len(s.RowTotals)-1] != figures.Hidden {
			t.Errorf("%s: the merged line is shown", name)
		}
		mustNotSayAll(t, p)
	}
}

// manyAnswers are reports at random, each with some of several answers, counted by answer and column.
func manyAnswers(r *rand.Rand, rows, cols int) *figures.Table {
	t := randomTable(r, rows, cols)
	t.Reports = make([]int, cols)
	likely := make([]float64, rows)
	for i := range likely {
		likely[i] = []float64{0.05, 0.3, 0.5, 0.9, 0.98, 1}[r.IntN(6)]
	}
	for j := range cols {
		t.Reports[j] = r.IntN(80)
		for i := range rows {
			t.Counts[i][j] = 0
			for range t.Reports[j] {
				if r.Float64() < likely[i] {
					t.Counts[i][j]++
				}
			}
		}
	}
	return t
}

func TestNobodyLearnsThatEverybodySaidIt(t *testing.T) {
	for _, rule := range rules {
		r := rand.New(rand.NewPCG(5, 41))
		safe, refused, nearly := 0, 0, 0
		for range 200 {
			tables := []*figures.Table{manyAnswers(r, 2+r.IntN(5), 1+r.IntN(4))}
			if r.IntN(3) == 0 {
				more := manyAnswers(r, len(tables[0].Rows), len(tables[0].Cols))
				tables = append(tables, more)
			}
			p, err := figures.Protect(rule, tables...)
			var unsafe *figures.Unsafe
			if errors.As(err, &unsafe) {
				refused++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			safe++
			nearly += mustNotSayAll(t, p)
			mustBeSafe(t, p)
		}
		t.Logf("%+v: %d tables safe with %d cells of nearly all, %d refused", rule, safe, nearly, refused)
		if safe < 80 || nearly < 20 {
			t.Errorf("%+v: only %d tables were safe, with %d cells of nearly all; %d refused", rule, safe, nearly, refused)
		}
	}
}

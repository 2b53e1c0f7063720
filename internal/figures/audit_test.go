package figures_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"answerable/internal/figures"
)

// example is a published or made example of testdata/disclosure.json.
type example struct {
	ID        string   `json:"id"`
	Counts    [][]int  `json:"counts"`
	Hidden    [][2]int `json:"hidden"`
	Intervals [][4]int `json:"intervals"`
	Exact     [][2]int `json:"exact"`
	ColsOnly  bool     `json:"cols_only"`
	K         int      `json:"k"`
	Primary   [][2]int `json:"primary"`
	Secondary int      `json:"secondary"`
	Shown     [][]int  `json:"shown"`
	ColTotals []int    `json:"col_totals"`
	Rounded   [][2]int `json:"rounded"`
	A, B      struct {
		Bands        []string
		Male, Female []int
	}
	Derived json.RawMessage `json:"derived"`
}

func examples(t testing.TB) map[string]example {
	t.Helper()
	raw, err := os.ReadFile("testdata/disclosure.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []example
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	byID := map[string]example{}
	for _, e := range list {
		byID[e.ID] = e
	}
	return byID
}

func tableOf(counts [][]int) *figures.Table {
	t := &figures.Table{Counts: counts}
	for i := range counts {
		t.Rows = append(t.Rows, "r"+string(rune('a'+i)))
	}
	for j := range counts[0] {
		t.Cols = append(t.Cols, "c"+string(rune('a'+j)))
	}
	return t
}

func TestAuditGivesThePublishedIntervals(t *testing.T) {
	checked := 0
	for id, e := range examples(t) {
		if e.Intervals == nil {
			continue
		}
		checked++
		table := tableOf(e.Counts)
		hidden := figures.NewPattern(len(table.Rows), len(table.Cols))
		for _, c := range e.Hidden {
			hidden[c[0]][c[1]] = true
		}
		if e.ColsOnly { // the table prints no totals of rows
			for i := range hidden {
				hidden[i][len(table.Cols)] = true
			}
		}
		report, err := figures.Audit(figures.Rule{K: 10}, table, hidden)
		if err != nil {
			t.Fatal(err)
		}
		got := map[[2]int]figures.Interval{}
		exact := 0
		for _, in := range report.Hidden {
			got[[2]int{in.Row, in.Col}] = in
			if in.Low == in.High && in.Col < len(table.Cols) {
				exact++
			}
		}
		for _, want := range e.Intervals {
			in := got[[2]int{want[0], want[1]}]
			if in.Low != want[2] || in.High != want[3] {
				t.Errorf("%s: cell %d,%d is in [%d, %d], want [%d, %d]", id, want[0], want[1], in.Low, in.High, want[2], want[3])
			}
		}
		if exact != len(e.Exact) {
			t.Errorf("%s: %d cells are exactly recoverable, want %d", id, exact, len(e.Exact))
		}
	}
	if checked != 3 {
		t.Errorf("looked at %d examples", checked)
	}
}

// The example's authors protect the leaking cell by hiding more; then it can be anything from 0 to 78.
func TestAuditAfterThePublishedRepair(t *testing.T) {
	e := examples(t)["sdctable-4x4-hidden-leak"]
	table := tableOf(e.Counts)
	hidden := figures.NewPattern(4, 4)
	for _, c := range append(e.Hidden, [2]int{1, 1}) {
		hidden[c[0]][c[1]] = true
	}
	report, err := figures.Audit(figures.Rule{K: 10}, table, hidden)
	if err != nil {
		t.Fatal(err)
	}
	eq := newEquations(table, hidden)
	for _, in := range report.Hidden {
		if want := eq.linear(t, [2]int{in.Row, in.Col}); in.Low != want.low || in.High != want.high {
			t.Errorf("cell %d,%d is in [%d, %d], want %v", in.Row, in.Col, in.Low, in.High, want)
		}
		if in.Low == in.High {
			t.Errorf("cell %d,%d is still exactly recoverable", in.Row, in.Col)
		}
	}
}

// 300 tables up to 12 x 12, hidden at random, totals and the grand total among what is hidden.
func TestAuditEqualsLinearProgramming(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	cells, unbounded := 0, 0
	for n := range 300 {
		table := randomTable(r, 1+r.IntN(12), 1+r.IntN(12))
		hidden := randomPattern(r, table, n%2 == 0)
		if n%3 == 0 && len(table.Rows)*len(table.Cols) <= 25 { // one report may stand in several rows
			table.Reports = someReports(r, table)
		}
		report, err := figures.Audit(figures.Rule{K: 10}, table, hidden)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Hidden) == 0 {
			continue
		}
		eq := newEquations(table, hidden)
		for _, x := range r.Perm(len(report.Hidden))[:min(6, len(report.Hidden))] {
			in := report.Hidden[x]
			cells++
			if in.High == figures.Unbounded {
				unbounded++
			}
			if want := eq.linear(t, [2]int{in.Row, in.Col}); in.Low != want.low || in.High != want.high {
				t.Fatalf("table %d %v, hidden %v: cell %d,%d is in [%d, %d], want %v", n, table.Counts, hidden, in.Row, in.Col, in.Low, in.High, want)
			}
		}
	}
	if cells < 1000 || unbounded < 50 || unbounded > cells/2 {
		t.Errorf("looked at %d cells, %d of them without an upper bound", cells, unbounded)
	}
}

func TestAuditEqualsTryingEveryTable(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2))
	cells := 0
	for range 600 {
		table := randomTable(r, 1+r.IntN(3), 1+r.IntN(4))
		for i := range table.Counts {
			for j := range table.Counts[i] {
				table.Counts[i][j] %= 7
			}
		}
		hidden := randomPattern(r, table, false)
		report, err := figures.Audit(figures.Rule{K: 5}, table, hidden)
		if err != nil {
			t.Fatal(err)
		}
		want := bruteForce(table, hidden)
		if len(want) != len(report.Hidden) {
			t.Fatalf("%d hidden cells, want %d", len(report.Hidden), len(want))
		}
		for _, in := range report.Hidden {
			cells++
			if b := want[[2]int{in.Row, in.Col}]; in.Low != b.low || in.High != b.high {
				t.Fatalf("%v, hidden %v: cell %d,%d is in [%d, %d], want %v", table.Counts, hidden, in.Row, in.Col, in.Low, in.High, b)
			}
		}
	}
	if cells < 1000 {
		t.Errorf("looked at %d cells", cells)
	}
}

func TestFaultsAreNamed(t *testing.T) {
	// The one cell that is small has, by turns, nothing to hide behind, one cell, and too little.
	for _, tt := range []struct {
		name   string
		rule   figures.Rule
		counts [][]int
		hidden [][2]int
		want   figures.Fault
	}{
		{"in plain sight", figures.Rule{K: 10}, [][]int{{3, 40}, {40, 40}}, nil, figures.FaultShown},
		{"alone", figures.Rule{K: 10}, [][]int{{3, 40}, {40, 40}}, [][2]int{{0, 0}}, figures.FaultExact},
		{"behind tiny ones", figures.Rule{K: 10}, [][]int{{3, 4}, {4, 40}}, [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}}, figures.FaultLow},
		{"behind a narrow one", figures.Rule{K: 10}, [][]int{{9, 5}, {5, 2}}, [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}}, figures.FaultNarrow},
		{"a zero in plain sight", figures.Rule{K: 10, Zeros: true}, [][]int{{0, 40}, {40, 40}}, nil, figures.FaultShown},
		{"safe", figures.Rule{K: 10}, [][]int{{3, 40}, {40, 40}}, [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}}, ""},
		{"a zero that may show", figures.Rule{K: 10}, [][]int{{0, 40}, {40, 40}}, nil, ""},
	} {
		hidden := figures.NewPattern(2, 2)
		for _, c := range tt.hidden {
			hidden[c[0]][c[1]] = true
		}
		report, err := figures.Audit(tt.rule, tableOf(tt.counts), hidden)
		if err != nil {
			t.Fatal(err)
		}
		got := figures.Fault("")
		for _, f := range report.Findings {
			if f.Row == 0 && f.Col == 0 {
				got = f.Fault
			}
		}
		if got != tt.want || (tt.want == "") != report.Safe() {
			t.Errorf("%s: got %q, safe %v, want %q", tt.name, got, report.Safe(), tt.want)
		}
	}
}

// A small cell may be known to be at most k+1, and to within k; no closer by one.
func TestFaultsBeginWhereTheRuleSays(t *testing.T) {
	for _, tt := range []struct {
		counts [][]int
		want   figures.Fault
	}{
		{[][]int{{3, 7}, {7, 40}}, figures.FaultLow},   // 0 to 10
		{[][]int{{3, 8}, {8, 40}}, ""},                 // 0 to 11
		{[][]int{{9, 5}, {5, 4}}, figures.FaultNarrow}, // 5 to 14
		{[][]int{{9, 5}, {5, 5}}, ""},                  // 4 to 14
	} {
		hidden := figures.NewPattern(2, 2)
		for i := range 2 {
			hidden[i][0], hidden[i][1] = true, true
		}
		report, err := figures.Audit(figures.Rule{K: 10}, tableOf(tt.counts), hidden)
		if err != nil {
			t.Fatal(err)
		}
		got := figures.Fault("")
		for _, f := range report.Findings {
			if f.Row == 0 && f.Col == 0 {
				got = f.Fault
			}
		}
		if got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.counts, got, tt.want)
		}
	}
}

func TestWhatIsNoTableIsRefusedWithASentence(t *testing.T) {
	good := func() *figures.Table { return tableOf([][]int{{1, 2}, {3, 4}}) }
	for name, tt := range map[string]struct {
		spoil func(t *figures.Table)
		want  string
	}{
		"a negative count": {func(t *figures.Table) { t.Counts[0][1] = -1 }, `row "ra", column "cb" is -1`},
		"a huge count":     {func(t *figures.Table) { t.Counts[0][1] = 1 << 40 }, "a whole number from 0 to"},
		"a short row":      {func(t *figures.Table) { t.Counts[1] = t.Counts[1][:1] }, `row "rb" has 1 cells`},
		"a missing row":    {func(t *figures.Table) { t.Counts = t.Counts[:1] }, "2 names of rows and 1 rows"},
		"a name twice":     {func(t *figures.Table) { t.Rows[1] = "ra" }, `"ra" stands on two lines`},
		"no rows":          {func(t *figures.Table) { t.Rows, t.Counts = nil, nil }, "no rows"},
		"too many columns": {func(t *figures.Table) { t.Cols = make([]string, 500) }, "at most 400"},
	} {
		table := good()
		tt.spoil(table)
		_, err := figures.Protect(figures.Rule{K: 10}, table)
		if !errors.Is(err, figures.ErrTable) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := figures.Audit(figures.Rule{K: 10}, table, figures.NewPattern(2, 2)); !errors.Is(err, figures.ErrTable) {
			t.Errorf("%s, audited: got %v", name, err)
		}
	}
	for _, k := range []int{-1, 0, 4, 5000} {
		if _, err := figures.Protect(figures.Rule{K: k}, good()); !errors.Is(err, figures.ErrRule) {
			t.Errorf("k of %d: got %v", k, err)
		}
	}
	if _, err := figures.Audit(figures.Rule{K: 10}, good(), figures.NewPattern(3, 2)); !errors.Is(err, figures.ErrTable) {
		t.Error("a pattern for another table is taken")
	}
	if _, err := figures.Protect(figures.Rule{K: 10}); !errors.Is(err, figures.ErrTable) {
		t.Error("no table at all is taken")
	}
	if _, err := figures.Protect(figures.Rule{K: 10}, good(), tableOf([][]int{{1, 2, 3}})); !errors.Is(err, figures.ErrTable) {
		t.Error("layers with different lines are taken")
	}
}

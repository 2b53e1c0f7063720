package figures_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/figures"
	"answerable/internal/taxonomy"
)

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func defaultPlan() *figures.Plan {
	return figures.DefaultPlan("6f1f3f5e-0000-4000-8000-000000000001", day("2026-02-14"), []string{"ward", "day_clinic"})
}

func TestDefaultPlanIsSoundAndReadsBack(t *testing.T) {
	p := defaultPlan()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	if !p.From.Equal(day("2026-01-01")) || p.K != figures.K || p.Months != 3 {
		t.Errorf("begins %s with k %d and %d months", p.From, p.K, p.Months)
	}
	back, err := figures.ParsePlan(p.Lines())
	if err != nil || back.Lines() != p.Lines() || back.Hash() != p.Hash() {
		t.Errorf("read back as %v, %v", back, err)
	}
	for _, theme := range slices.Concat(taxonomy.Themes(), taxonomy.Good()) {
		if !slices.Contains(p.Dimensions[0].Codes, theme.Code) {
			t.Errorf("theme %s is in no table", theme.Code)
		}
	}
}

// Every code that coders can agree on has its place in the plan that a clinic begins with.
func TestAgreedCodesHaveTheirPlace(t *testing.T) {
	p := defaultPlan()
	listed := map[string]bool{}
	for _, d := range p.Dimensions {
		for _, code := range d.Codes {
			listed[d.Key+" "+code] = true
		}
	}
	known := 0
	check := func(c figures.Coded) {
		t.Helper()
		for key, codes := range figures.FactsOf(c) {
			for _, code := range codes {
				if known++; !listed[key+" "+code] {
					t.Errorf("%s is not listed in %s", code, key)
				}
			}
		}
	}
	for _, theme := range taxonomy.Themes() {
		check(figures.Coded{Themes: []string{theme.Code}, Service: "ward", Seriousness: 3})
	}
	for _, theme := range taxonomy.Good() {
		facts := figures.FactsOf(figures.Coded{Good: []string{theme.Items[0].Code}})
		if !slices.Equal(facts["theme"], []string{theme.Code}) {
			t.Errorf("an item of %s counts as %v", theme.Code, facts["theme"])
		}
	}
	if known < 30 {
		t.Errorf("looked at %d answers", known)
	}
	for key, codes := range figures.FactsOf(figures.Coded{Service: taxonomy.NotSure, Who: []string{taxonomy.Skip}, Repair: []string{""}, Seriousness: -1}) {
		if len(codes) != 0 {
			t.Errorf("nothing known counts as %s: %v", key, codes)
		}
	}
}

func TestPlansThatTellOnSomebodyAreRefused(t *testing.T) {
	e := examples(t)["handbook-differencing-age-bands"]
	bands := func(list []string) (codes []string) {
		for _, b := range list {
			codes = append(codes, "age."+strings.NewReplacer("<", "under_", "+", "_up").Replace(b))
		}
		return codes
	}
	dim := func(key string, codes ...string) figures.Dimension { return figures.Dimension{Key: key, Codes: codes} }
	table := func(key, rows, cols string) figures.TablePlan {
		return figures.TablePlan{Key: key, Rows: rows, Cols: cols}
	}
	for name, tt := range map[string]struct {
		change func(p *figures.Plan)
		want   string
	}{
		"two groupings of one thing": {func(p *figures.Plan) {
			p.Dimensions = append(p.Dimensions, dim("age_a", bands(e.A.Bands)...), dim("age_b", bands(e.B.Bands)...))
			p.Tables = append(p.Tables, table("x", "theme", "age_a"), table("y", "theme", "age_b"))
		}, "Two groupings of the same thing tell"},
		"a part and the whole": {func(p *figures.Plan) {
			p.Dimensions = append(p.Dimensions, dim("kind", "kind.concern", "kind.praise"))
			p.Tables = append(p.Tables[1:], figures.TablePlan{Key: "x", Rows: "theme", Cols: "service", Layers: "kind"})
		}, "both sort by theme and service"},
		"a loop": {func(p *figures.Plan) {
			p.Dimensions = []figures.Dimension{dim("a", "a1"), dim("b", "b1"), dim("c", "c1")}
			p.Tables = []figures.TablePlan{table("x", "a", "b"), table("y", "b", "c"), table("z", "c", "a")}
		}, "close a loop"},
		"reports and answers": {func(p *figures.Plan) {
			p.Dimensions = append(p.Dimensions, dim("role", "role.nurse"))
			p.Tables = append(p.Tables, table("x", "service", "role"))
		}, "do not count the same"},
		"answers across":          {func(p *figures.Plan) { p.Tables[1] = table("x", "service", "theme") }, "put it in the rows"},
		"one dimension twice":     {func(p *figures.Plan) { p.Tables[2] = table("x", "service", "service") }, "one dimension twice"},
		"an unknown dimension":    {func(p *figures.Plan) { p.Tables[1].Cols = "weather" }, "no dimension of this plan"},
		"an unused dimension":     {func(p *figures.Plan) { p.Tables = p.Tables[:2] }, "no table uses"},
		"a table twice":           {func(p *figures.Plan) { p.Tables[1].Key = p.Tables[0].Key }, "is there twice"},
		"seven tables":            {func(p *figures.Plan) { p.Tables = slices.Repeat(p.Tables, 3)[:7] }, "it has 7 tables"},
		"a table of nothing":      {func(p *figures.Plan) { p.Tables[0].Rows = "" }, "has no rows"},
		"no tables":               {func(p *figures.Plan) { p.Tables = nil }, "it has 0 tables"},
		"the middle of a month":   {func(p *figures.Plan) { p.From = day("2026-01-15") }, "the first of a month"},
		"a month at a time":       {func(p *figures.Plan) { p.Months = 1 }, "3, 6 or 12"},
		"no delay":                {func(p *figures.Plan) { p.DelayDays = 29 }, "from 30"},
		"a k of four":             {func(p *figures.Plan) { p.K = 4 }, "k is 4"},
		"a code that is reserved": {func(p *figures.Plan) { p.Dimensions[1].Codes[0] = "none" }, "always there"},
		"a code with a line":      {func(p *figures.Plan) { p.Dimensions[1].Codes[0] = "a\nb" }, "is not a code"},
		"a dimension twice":       {func(p *figures.Plan) { p.Dimensions[1].Key = "theme" }, "is there twice"},
		"version nought":          {func(p *figures.Plan) { p.Version = 0 }, "counted from 1"},
	} {
		p := defaultPlan()
		tt.change(p)
		if err := p.Check(); !errors.Is(err, figures.ErrPlan) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// Three tables around a circle do give bounds that no audit of one of them sees: here the third way to sort gives the second away.
func TestALoopTellsMoreThanItsTables(t *testing.T) {
	// Eight counts n[a][b][c]; the reader knows all three two-way margins, with the cells of the first hidden.
	n := [2][2][2]int{{{4, 0}, {0, 1}}, {{2, 0}, {0, 6}}}
	var ab, bc, ca [2][2]int
	for a := range 2 {
		for b := range 2 {
			for c := range 2 {
				ab[a][b] += n[a][b][c]
				bc[b][c] += n[a][b][c]
				ca[c][a] += n[a][b][c]
			}
		}
	}
	table := tableOf([][]int{{ab[0][0], ab[0][1]}, {ab[1][0], ab[1][1]}})
	hidden := figures.NewPattern(2, 2)
	for i := range 2 {
		for j := range 2 {
			hidden[i][j] = true
		}
	}
	alone := bruteForce(table, hidden)[[2]int{0, 0}]
	low, high := 1000, -1
	for x := range 30 { // n[0][0][0]; with y = n[0][0][1] all others follow from bc and ca
		for y := range 30 {
			m := [2][2][2]int{}
			m[0][0][0], m[0][0][1] = x, y
			m[0][1][0], m[0][1][1] = ca[0][0]-x, ca[1][0]-y
			m[1][0][0], m[1][0][1] = bc[0][0]-x, bc[0][1]-y
			m[1][1][0], m[1][1][1] = bc[1][0]-m[0][1][0], bc[1][1]-m[0][1][1]
			if slices.Min([]int{m[0][1][0], m[0][1][1], m[1][0][0], m[1][0][1], m[1][1][0], m[1][1][1]}) >= 0 {
				low, high = min(low, x+y), max(high, x+y)
			}
		}
	}
	if low != ab[0][0] || high != low || alone.low == alone.high {
		t.Errorf("the first table alone leaves %v, the loop [%d, %d]", alone, low, high)
	}
}

func TestPeriodsFitTheirReports(t *testing.T) {
	for reports, want := range map[int]int{400: 3, 160: 3, 159: 6, 80: 6, 79: 12, 20: 12} {
		if months, ok := figures.SuggestMonths(reports); !ok || months != want {
			t.Errorf("%d reports a year: got %d months, %v, want %d", reports, months, ok, want)
		}
	}
	if _, ok := figures.SuggestMonths(19); ok {
		t.Error("19 reports a year are counted in public")
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(defaultPlan().Lines())
	f.Add("answerable/plan/v1\nc\n1\n2026-01-01 3 30 10\ndimension a one x\ndimension b one y\ntable t - a b -\n")
	f.Add("answerable/plan/v1\nc\n1\n2026-01-01 3 30 10\ndimension a many\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := figures.ParsePlan(text)
		if err != nil {
			return
		}
		if p.Lines() != text || p.Check() != nil {
			t.Errorf("%q reads as another plan", text)
		}
	})
}

func TestATableWithLayersSharesNoDimension(t *testing.T) {
	layered := figures.TablePlan{Key: "layered", Rows: "theme", Cols: "service", Layers: "seriousness", Zeros: true}
	check := func(tables ...figures.TablePlan) error {
		p := defaultPlan()
		p.Tables, p.Dimensions = tables, append(p.Dimensions, figures.Dimension{Key: "when", Codes: []string{"when.this_year"}})
		p.Dimensions = slices.DeleteFunc(p.Dimensions, func(d figures.Dimension) bool {
			return !slices.ContainsFunc(tables, func(t figures.TablePlan) bool {
				return d.Key == t.Rows || d.Key == t.Cols || d.Key == t.Layers
			})
		})
		return p.Check()
	}
	for _, tables := range [][]figures.TablePlan{
		{layered, {Key: "by_when", Rows: "theme", Cols: "when", Zeros: true}},
		{{Key: "alone", Rows: "theme", Zeros: true}, layered},
	} {
		if err := check(tables...); !errors.Is(err, figures.ErrPlan) || !strings.Contains(err.Error(), "layers") {
			t.Errorf("%v: %v", tables, err)
		}
	}
	if err := check(layered); err != nil {
		t.Errorf("a table with layers by itself: %v", err)
	}
}

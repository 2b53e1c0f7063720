package figures_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"answerable/internal/figures"
)

type chartExamples struct {
	XmR []struct {
		Values               []float64
		Screen               bool
		Centre, Lower, Upper float64
		Digits               int
	} `json:"xmr"`
	Shift struct {
		Sides   []int `json:"sides"`
		EndFlag []int `json:"end_flag"`
	} `json:"shift"`
	Two struct {
		Cases []struct {
			Close, Side []int
			InWindow    []int `json:"in_window"`
		}
		PartOf []struct{ Close, Side, Expected []int } `json:"part_of"`
	} `json:"two_in_three"`
	Trend struct {
		Cases []struct {
			Values  []float64
			InTrend []int `json:"in_trend"`
		}
	}
	Anhoej struct{ Limits map[string][2]int } `json:"anhoej"`
	P, U   struct {
		Counts               []float64
		Of                   float64
		Centre, Lower, Upper float64
		Digits               int
	}
	T struct{ Days, Transformed []float64 }
	G struct {
		Cases                []float64
		Centre, Lower, Upper float64
		Outside              []int
	}
}

func charts(t testing.TB) *chartExamples {
	t.Helper()
	raw, err := os.ReadFile("testdata/charts.json")
	if err != nil {
		t.Fatal(err)
	}
	e := new(chartExamples)
	if err := json.Unmarshal(raw, e); err != nil {
		t.Fatal(err)
	}
	return e
}

// near reports whether two numbers agree to so many digits after the point.
func near(got, want float64, digits int) bool {
	return math.Abs(got-want) <= 0.5000001*math.Pow(10, -float64(digits))
}

func bools(flags []int) []bool {
	out := make([]bool, len(flags))
	for i, f := range flags {
		out[i] = f != 0
	}
	return out
}

func TestXmRGivesThePublishedLimits(t *testing.T) {
	list := charts(t).XmR
	for _, want := range list {
		c, err := figures.XmR(want.Values, want.Screen)
		if err != nil {
			t.Fatal(err)
		}
		p := c.Points[0]
		if !near(c.Centre, want.Centre, want.Digits) || !near(p.Lower, want.Lower, want.Digits) || !near(p.Upper, want.Upper, want.Digits) {
			t.Errorf("screen %v: got %v, %v to %v, want %v, %v to %v", want.Screen, c.Centre, p.Lower, p.Upper, want.Centre, want.Lower, want.Upper)
		}
		if c.Points[4].Signal != figures.SignalOutside || c.Points[0].Signal != "" || c.Trial || !c.Limits {
			t.Errorf("screen %v: the leap is %q", want.Screen, c.Points[4].Signal)
		}
	}
	if len(list) != 2 {
		t.Errorf("%d examples", len(list))
	}
}

func TestRulesOfMakingDataCount(t *testing.T) {
	e := charts(t)
	// The published flag stands at a run's seventh point and later; ours on the whole run.
	want := bools(e.Shift.EndFlag)
	for i := len(want) - 1; i >= 6; i-- {
		for x := i - 6; want[i] && x < i; x++ {
			want[x] = true
		}
	}
	if got := figures.InShift(e.Shift.Sides); !slices.Equal(got, want) {
		t.Errorf("shift: got %v, want %v", got, want)
	}
	for _, c := range e.Two.Cases {
		want := bools(c.InWindow)
		for i, near := range c.Close {
			want[i] = want[i] && near != 0
		}
		if got := figures.InTwoInThree(bools(c.Close), c.Side); !slices.Equal(got, want) {
			t.Errorf("two in three of %v on %v: got %v, want %v", c.Close, c.Side, got, want)
		}
	}
	for _, c := range e.Two.PartOf {
		if got := figures.InTwoInThree(bools(c.Close), c.Side); !slices.Equal(got, bools(c.Expected)) {
			t.Errorf("two in three of %v: got %v, want %v", c.Close, got, c.Expected)
		}
	}
	for _, c := range e.Trend.Cases {
		if got := figures.InTrend(c.Values); !slices.Equal(got, bools(c.InTrend)) {
			t.Errorf("trend of %v: got %v, want %v", c.Values, got, c.InTrend)
		}
	}
	if len(e.Two.Cases) != 4 || len(e.Two.PartOf) != 2 || len(e.Trend.Cases) != 5 {
		t.Error("examples are missing")
	}
}

// Outside goes before trend, trend before two in three, two in three before shift.
func TestAPointHasTheFirstSignalThatHolds(t *testing.T) {
	flat := []float64{10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 11}
	got, err := figures.XmR(append(slices.Clone(flat), 11, 12, 13, 14, 15, 16, 40), true)
	if err != nil {
		t.Fatal(err)
	}
	last := got.Points[len(got.Points)-1].Signal
	if last != figures.SignalOutside || got.Points[17].Signal != figures.SignalTrend {
		t.Errorf("got %q and %q", last, got.Points[17].Signal)
	}
	shift, err := figures.XmR(append(slices.Clone(flat), 11.4, 11.3, 11.4, 11.3, 11.4, 11.3, 11.4, 11.3), true)
	if err != nil {
		t.Fatal(err)
	}
	if s := shift.Points[20].Signal; s != figures.SignalShift {
		t.Errorf("got %q, want a shift", s)
	}
}

func TestAnhoejLimitsArePublishedOnes(t *testing.T) {
	limits := charts(t).Anhoej.Limits
	for n, want := range limits {
		useful, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		if run, crossings := figures.AnhoejLimits(useful); run != want[0] || crossings != want[1] {
			t.Errorf("%d points: got %d and %d, want %v", useful, run, crossings, want)
		}
	}
	if len(limits) != 34 {
		t.Errorf("%d limits", len(limits))
	}
}

func TestRunChartSignals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []float64
		want   figures.Runs
	}{
		{"one point", []float64{5}, figures.Runs{}},
		{"all on the centre line", []float64{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, figures.Runs{}},
		{"eleven points, half and half", []float64{1, 1, 1, 1, 1, 5, 9, 9, 9, 9, 9},
			figures.Runs{Judged: true, Useful: 10, Longest: 5, MaxLongest: 6, Crossings: 1, MinCrossings: 2, Signal: true}},
		{"twelve points up and down", []float64{1, 9, 1, 9, 1, 9, 1, 9, 1, 9, 1, 9},
			figures.Runs{Judged: true, Useful: 12, Longest: 1, MaxLongest: 7, Crossings: 11, MinCrossings: 3}},
		{"nine that say nothing yet", []float64{1, 1, 1, 1, 1, 9, 9, 9, 9},
			figures.Runs{Judged: false, Useful: 4, Longest: 4, MaxLongest: 5}},
		{"a line that splits nothing", []float64{0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0},
			figures.Runs{Judged: false, Useful: 11, Longest: 11, MaxLongest: 6, MinCrossings: 2}},
		{"points on the line do not end a run", []float64{1, 1, 1, 5, 1, 1, 5, 9, 9, 9, 9, 9},
			figures.Runs{Judged: true, Useful: 10, Longest: 5, MaxLongest: 6, Crossings: 1, MinCrossings: 2, Signal: true}},
	} {
		c, err := figures.RunChart(tt.values)
		if err != nil {
			t.Fatal(err)
		}
		if c.Runs != tt.want || c.Limits {
			t.Errorf("%s: got %+v, want %+v", tt.name, c.Runs, tt.want)
		}
	}
}

func TestFewPointsGiveTrialLimitsOrNone(t *testing.T) {
	values := []float64{4, 7, 5, 6, 4, 7, 5, 6, 4, 7, 5, 6}
	for _, tt := range []struct {
		n             int
		limits, trial bool
	}{{1, false, true}, {2, true, true}, {11, true, true}, {12, true, false}} {
		parts := make([]figures.Part, tt.n)
		for i := range parts {
			parts[i] = figures.Part{Count: values[i], Of: 20}
		}
		made := map[string]*figures.Chart{}
		var errs [5]error
		made["xmr"], errs[0] = figures.XmR(values[:tt.n], true)
		made["p"], errs[1] = figures.PChart(parts)
		made["u"], errs[2] = figures.UChart(parts)
		made["t"], errs[3] = figures.TChart(values[:tt.n])
		made["g"], errs[4] = figures.GChart(values[:tt.n])
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		for kind, c := range made {
			if c.Kind != kind || c.Limits != tt.limits || c.Trial != tt.trial {
				t.Errorf("%s of %d points: limits %v, trial %v", kind, tt.n, c.Limits, c.Trial)
			}
			for _, p := range c.Points {
				if math.IsNaN(p.Lower) || math.IsNaN(p.Upper) || p.Lower > p.Upper {
					t.Errorf("%s of %d points: limits %v to %v", kind, tt.n, p.Lower, p.Upper)
				}
			}
		}
	}
}

func TestAllPointsOnTheCentreLineSignalNothing(t *testing.T) {
	same := slices.Repeat([]float64{6}, 15)
	parts := slices.Repeat([]figures.Part{{Count: 6, Of: 20}}, 15)
	nobody := slices.Repeat([]figures.Part{{Count: 0, Of: 20}}, 15)
	for name, make := range map[string]func() (*figures.Chart, error){
		"run":         func() (*figures.Chart, error) { return figures.RunChart(same) },
		"xmr":         func() (*figures.Chart, error) { return figures.XmR(same, true) },
		"p":           func() (*figures.Chart, error) { return figures.PChart(parts) },
		"u":           func() (*figures.Chart, error) { return figures.UChart(parts) },
		"p of nobody": func() (*figures.Chart, error) { return figures.PChart(nobody) },
		"u of none":   func() (*figures.Chart, error) { return figures.UChart(nobody) },
		"g":           func() (*figures.Chart, error) { return figures.GChart(same) },
	} {
		c, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if c.Runs.Signal || c.Runs.Judged || c.Laney {
			t.Errorf("%s: %+v", name, c.Runs)
		}
		for _, p := range c.Points {
			if p.Signal != "" || math.IsNaN(p.Upper) {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}

func TestPAndUGiveThePublishedLimits(t *testing.T) {
	e := charts(t)
	parts := func(counts []float64, of float64) (list []figures.Part) {
		for _, n := range counts {
			list = append(list, figures.Part{Count: n, Of: of})
		}
		return list
	}
	u, err := figures.UChart(parts(e.U.Counts, e.U.Of))
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Points[0]; !near(u.Centre, e.U.Centre, 2) || !near(got.Lower, e.U.Lower, 2) || !near(got.Upper, e.U.Upper, 2) || u.Laney {
		t.Errorf("u: got %v, %v to %v (Laney %v)", u.Centre, got.Lower, got.Upper, u.Laney)
	}
	// The published p chart varies more than chance (two of its points lie outside), and so the guard widens ours; the
	// published limits are those of Laney's over sigma z.
	p, err := figures.PChart(parts(e.P.Counts, e.P.Of))
	if err != nil {
		t.Fatal(err)
	}
	z := make([]float64, len(e.P.Counts))
	for i, n := range e.P.Counts {
		z[i] = (n/e.P.Of - p.Centre) / math.Sqrt(p.Centre*(1-p.Centre)/e.P.Of)
	}
	ranges := 0.0
	for i := 1; i < len(z); i++ {
		ranges += math.Abs(z[i] - z[i-1])
	}
	wider := ranges / float64(len(z)-1) / 1.128
	reach := (p.Points[0].Upper - p.Centre) / wider
	if lower, upper := p.Centre-reach, p.Centre+reach; !p.Laney || wider <= 1 || p.Points[0].Lower != 0 ||
		!near(p.Centre, e.P.Centre, 4) || !near(lower, e.P.Lower, 4) || !near(upper, e.P.Upper, 4) {
		t.Errorf("p: got %v, %v to %v before the guard (Laney %v, %v)", p.Centre, lower, upper, p.Laney, wider)
	}
}

// Chance alone keeps ordinary limits; months that differ in more than chance get wider ones, and fewer false alarms.
func TestOverDispersionIsGuardedAgainst(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 9))
	outside := func(c *figures.Chart) (n int) {
		for _, p := range c.Points {
			if p.Signal == figures.SignalOutside {
				n++
			}
		}
		return n
	}
	laney, wild, guarded := 0, 0, 0
	for range 200 {
		calm, stormy := make([]figures.Part, 24), make([]figures.Part, 24)
		for i := range calm {
			of := 30 + float64(r.IntN(30))
			calm[i] = figures.Part{Count: poisson(r, 0.8*of), Of: of}
			stormy[i] = figures.Part{Count: poisson(r, of*0.8*math.Exp(0.7*r.NormFloat64())), Of: of}
		}
		quiet, err := figures.UChart(calm)
		if err != nil {
			t.Fatal(err)
		}
		if quiet.Laney {
			laney++
		}
		loud, err := figures.UChart(stormy)
		if err != nil {
			t.Fatal(err)
		}
		if loud.Laney {
			guarded += outside(loud)
			for _, p := range loud.Points {
				if half := 3 * math.Sqrt(loud.Centre/45); math.Abs(p.Value-loud.Centre) > half {
					wild++
				}
			}
		}
	}
	if laney > 20 || wild < 1000 || guarded > wild/5 {
		t.Errorf("%d of 200 calm series are taken for stormy; %d points lie outside ordinary limits and %d outside ours", laney, wild, guarded)
	}
}

func poisson(r *rand.Rand, mean float64) float64 {
	n, left := -1.0, mean
	for ; left > 0; n++ {
		left -= r.ExpFloat64()
	}
	return n
}

func TestTChartTransformsAsPublished(t *testing.T) {
	e := charts(t).T
	for i, want := range e.Transformed { // the book rounds the exponent
		if got := math.Pow(e.Days[i], 0.2777); !near(got, want, 5) {
			t.Errorf("value %d is %v, want %v", i, got, want)
		}
	}
	c, err := figures.TChart(e.Days)
	if err != nil {
		t.Fatal(err)
	}
	sum, ranges := 0.0, 0.0
	for i, d := range e.Days {
		y := math.Pow(d, 1/3.6)
		sum += y
		if i > 0 {
			ranges += math.Abs(y - math.Pow(e.Days[i-1], 1/3.6))
		}
	}
	n := float64(len(e.Days))
	centre, reach := sum/n, 2.66*ranges/(n-1)
	if !near(c.Centre, math.Pow(centre, 3.6), 6) || !near(c.Points[0].Upper, math.Pow(centre+reach, 3.6), 6) || c.Points[0].Lower != 0 {
		t.Errorf("got %v, %v to %v", c.Centre, c.Points[0].Lower, c.Points[0].Upper)
	}
	if c, err = figures.TChart([]float64{30, 0, 12, 0, 44, 9}); err != nil || math.IsNaN(c.Centre) || c.Points[1].Value != 0 {
		t.Errorf("two on one day: %+v, %v", c, err)
	}
}

func TestGChartGivesTheFormulasLimits(t *testing.T) {
	e := charts(t).G
	c, err := figures.GChart(e.Cases)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Points[0]; c.Centre != e.Centre || got.Lower != e.Lower || !near(got.Upper, e.Upper, 4) {
		t.Errorf("got %v, %v to %v, want %v, %v to %v", c.Centre, got.Lower, got.Upper, e.Centre, e.Lower, e.Upper)
	}
	for i, p := range c.Points {
		if (p.Signal == figures.SignalOutside) != slices.Contains(e.Outside, i) {
			t.Errorf("point %d: signal %q", i, p.Signal)
		}
	}
}

func TestWhatIsNoSeriesIsRefusedWithASentence(t *testing.T) {
	nan := math.NaN()
	for name, make := range map[string]func() (*figures.Chart, error){
		"no points":           func() (*figures.Chart, error) { return figures.RunChart(nil) },
		"not a number":        func() (*figures.Chart, error) { return figures.XmR([]float64{1, nan}, true) },
		"too many":            func() (*figures.Chart, error) { return figures.RunChart(make([]float64, 10001)) },
		"infinity":            func() (*figures.Chart, error) { return figures.GChart([]float64{math.Inf(1)}) },
		"a negative count":    func() (*figures.Chart, error) { return figures.UChart([]figures.Part{{Count: -1, Of: 3}}) },
		"a part of nothing":   func() (*figures.Chart, error) { return figures.UChart([]figures.Part{{Count: 0, Of: 0}}) },
		"a part not a number": func() (*figures.Chart, error) { return figures.PChart([]figures.Part{{Count: nan, Of: 3}}) },
		"more than all":       func() (*figures.Chart, error) { return figures.PChart([]figures.Part{{Count: 4, Of: 3}}) },
		"no parts":            func() (*figures.Chart, error) { return figures.PChart(nil) },
		"days below none":     func() (*figures.Chart, error) { return figures.TChart([]float64{3, -1}) },
		"cases below none":    func() (*figures.Chart, error) { return figures.GChart([]float64{3, -1}) },
	} {
		if c, err := make(); !errors.Is(err, figures.ErrSeries) {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
}

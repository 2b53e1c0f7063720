package figures

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrSeries means that numbers are not a series that can be charted: its message says what to mend.
var ErrSeries = errors.New("this is not a series to chart")

// Kinds of charts.
const (
	KindRun = "run" // median and runs only
	KindXmR = "xmr" // single values and their moving range
	KindP   = "p"   // proportions
	KindU   = "u"   // rates
	KindT   = "t"   // days between rare events
	KindG   = "g"   // cases between rare events
)

// Few points say little: limits from fewer than TrialPoints are called trial limits, and runs are not judged below
// RunPoints that lie off the centre line.
const (
	TrialPoints = 12
	RunPoints   = 10
	maxPoints   = 10000
)

// Chart is limits and signals over a series of values, in order of time. It says nothing about how it looks.
type Chart struct {
	Kind   string  `json:"kind"`
	Centre float64 `json:"centre"`
	Points []Point `json:"points"`
	Limits bool    `json:"limits"` // false for a run chart, and where there are too few points for any
	Trial  bool    `json:"trial"`  // limits from fewer than TrialPoints points

	// Dispersion is the variance of the standardised points of a p or u chart: about 1 when chance alone moves them.
	// Above MaxDispersion the limits are Laney's, and Laney is true.
	Dispersion float64 `json:"dispersion,omitzero"`
	Laney      bool    `json:"laney,omitzero"`

	Runs Runs `json:"runs"` // of the points about the median
}

// Point is one value with its limits and what stands out about it.
type Point struct {
	Value  float64 `json:"value"`
	Lower  float64 `json:"lower"` // 0 where Limits is false, as is Upper
	Upper  float64 `json:"upper"`
	Signal Signal  `json:"signal,omitzero"`
}

// Signal is what stands out about a point. A point has one: the first of these that holds.
type Signal string

// Signals, by rank. The order is that of the Making Data Count rules as NHSRplotthedots applies them.
const (
	SignalOutside Signal = "outside" // beyond a limit
	SignalTrend   Signal = "trend"   // one of seven that rise, or fall, one after the other
	SignalNear    Signal = "near"    // one of two in three that lie in the outer third on one side
	SignalShift   Signal = "shift"   // one of seven on one side of the centre
)

// window is how many points make a trend, or a shift.
const window = 7

func checkSeries(values []float64) error {
	if len(values) == 0 || len(values) > maxPoints {
		return fmt.Errorf("%w: it has %d points, and must have from 1 to %d", ErrSeries, len(values), maxPoints)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%w: point %d is not a number", ErrSeries, i+1)
		}
	}
	return nil
}

// Runs is what Anhøj's rules say about a series: whether it wanders less than chance would.
type Runs struct {
	Judged       bool `json:"judged"` // RunPoints or more lie off the median; otherwise there is no verdict
	Useful       int  `json:"useful"` // points that do not lie on the median
	Longest      int  `json:"longest"`
	MaxLongest   int  `json:"max_longest"` // a longer run is a signal
	Crossings    int  `json:"crossings"`
	MinCrossings int  `json:"min_crossings"` // fewer are a signal
	Signal       bool `json:"signal"`
}

// AnhoejLimits are the longest run, and the fewest crossings of the median, that chance explains among so many useful
// points: round(log2 n) + 3, half to even, and the 5th percentile of a binomial distribution of n-1 trials with odds of one half.
// Source: Anhøj and Olesen (2014), "Run charts revisited", PLoS ONE 9(11) e113825; as computed by qicharts2.
func AnhoejLimits(useful int) (maxLongest, minCrossings int) {
	if useful < 2 {
		return useful, 0
	}
	return int(math.RoundToEven(math.Log2(float64(useful)))) + 3, binomialQuantile(0.05, useful-1)
}

// binomialQuantile is the least x with P(X <= x) >= p, for X of n trials with odds of one half.
func binomialQuantile(p float64, n int) int {
	all, _ := math.Lgamma(float64(n) + 1)
	sum := 0.0
	for x := range n {
		hits, _ := math.Lgamma(float64(x) + 1)
		misses, _ := math.Lgamma(float64(n-x) + 1)
		if sum += math.Exp(all - hits - misses - float64(n)*math.Ln2); sum >= p {
			return x
		}
	}
	return n
}

// runsAbout applies Anhøj's rules to values about their median. Points on the line neither end a run nor lengthen it. Where the
// others all lie on one side, more than half are on the line, which then splits nothing: a place where most months have no report
// would show a signal for ever.
func runsAbout(values []float64, centre float64) (r Runs) {
	run, last := 0, 0
	for _, v := range values {
		side := sign(v - centre)
		if side == 0 {
			continue
		}
		r.Useful++
		if side != last && last != 0 {
			r.Crossings++
			run = 0
		}
		run, last = run+1, side
		r.Longest = max(r.Longest, run)
	}
	r.MaxLongest, r.MinCrossings = AnhoejLimits(r.Useful)
	r.Judged = r.Useful >= RunPoints && r.Crossings > 0
	r.Signal = r.Judged && (r.Longest > r.MaxLongest || r.Crossings < r.MinCrossings)
	return r
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// RunChart is the median of a series, and its runs: the chart to begin with, for it asks nothing of how values are
// distributed.
func RunChart(values []float64) (*Chart, error) {
	if err := checkSeries(values); err != nil {
		return nil, err
	}
	c := &Chart{Kind: KindRun, Centre: median(values), Points: points(values)}
	c.Runs = runsAbout(values, c.Centre)
	return c, nil
}

func points(values []float64) []Point {
	list := make([]Point, len(values))
	for i, v := range values {
		list[i].Value = v
	}
	return list
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// movingRanges are the differences between neighbours, without their sign.
func movingRanges(values []float64) []float64 {
	var ranges []float64
	for i := 1; i < len(values); i++ {
		ranges = append(ranges, math.Abs(values[i]-values[i-1]))
	}
	return ranges
}

// Constants of a moving range of two: 2.66 is 3 / 1.128 (as published), and 3.267 the factor of its upper limit.
// Source: Montgomery, Introduction to Statistical Quality Control, table of factors for n = 2.
const (
	xmrFactor    = 2.66
	rangeFactor  = 3.267
	rangeDivisor = 1.128
)

// XmR charts single values: their mean, give or take 2.66 times the mean moving range. With screen, moving ranges at or
// above 3.267 times their mean are left out of it, once, so that one leap does not widen all limits.
// Source: the rules of NHS England's Making Data Count, as NHSRplotthedots computes them.
func XmR(values []float64, screen bool) (*Chart, error) {
	if err := checkSeries(values); err != nil {
		return nil, err
	}
	c := &Chart{Kind: KindXmR, Centre: mean(values), Points: points(values), Trial: len(values) < TrialPoints}
	c.Runs = runsAbout(values, median(values))
	if len(values) < 2 {
		return c, nil
	}
	c.Limits = true
	reach := xmrFactor * meanRange(values, screen)
	for i := range c.Points {
		c.Points[i].Lower, c.Points[i].Upper = c.Centre-reach, c.Centre+reach
	}
	c.signal()
	return c, nil
}

func meanRange(values []float64, screen bool) float64 {
	ranges := movingRanges(values)
	amr := mean(ranges)
	if !screen || amr == 0 {
		return amr
	}
	kept := slices.DeleteFunc(ranges, func(r float64) bool { return r >= rangeFactor*amr })
	return mean(kept) // never empty: not all can be more than three times their mean
}

// signal marks the points by the four rules of Making Data Count.
func (c *Chart) signal() {
	values, sides, near := c.values(), make([]int, len(c.Points)), make([]bool, len(c.Points))
	for i, p := range c.Points {
		sides[i] = sign(p.Value - c.Centre)
		outer := 2.0 / 3 * (p.Upper - c.Centre)
		near[i] = math.Abs(p.Value-c.Centre) > outer && !p.outside()
	}
	trend, shift, twoInThree := inTrend(values), inShift(sides), inTwoInThree(near, sides)
	for i := range c.Points {
		switch p := &c.Points[i]; {
		case p.outside():
			p.Signal = SignalOutside
		case trend[i]:
			p.Signal = SignalTrend
		case twoInThree[i]:
			p.Signal = SignalNear
		case shift[i]:
			p.Signal = SignalShift
		}
	}
}

func (p *Point) outside() bool { return p.Value < p.Lower || p.Value > p.Upper }

func (c *Chart) values() []float64 {
	values := make([]float64, len(c.Points))
	for i, p := range c.Points {
		values[i] = p.Value
	}
	return values
}

// inShift marks the points that belong to seven or more on one side.
func inShift(sides []int) []bool {
	in := make([]bool, len(sides))
	for start, end := 0, 0; start < len(sides); start = end {
		for end = start + 1; end < len(sides) && sides[end] == sides[start]; end++ {
		}
		for i := start; sides[start] != 0 && end-start >= window && i < end; i++ {
			in[i] = true
		}
	}
	return in
}

// inTrend marks the points that belong to seven or more that strictly rise, or strictly fall.
func inTrend(values []float64) []bool {
	in := make([]bool, len(values))
	for end := window - 1; end < len(values); end++ {
		way := sign(values[end] - values[end-1])
		all := way != 0
		for i := end - window + 2; i <= end; i++ {
			all = all && sign(values[i]-values[i-1]) == way
		}
		for i := end - window + 1; all && i <= end; i++ {
			in[i] = true
		}
	}
	return in
}

// inTwoInThree marks the points near a limit that belong to three in a row on one side of which two or more are near.
func inTwoInThree(near []bool, sides []int) []bool {
	in := make([]bool, len(near))
	for i := 0; i+2 < len(near); i++ {
		count := 0
		for x := i; x < i+3; x++ {
			if near[x] {
				count++
			}
		}
		if count < 2 || sides[i] == 0 || sides[i] != sides[i+1] || sides[i] != sides[i+2] {
			continue
		}
		for x := i; x < i+3; x++ {
			in[x] = in[x] || near[x]
		}
	}
	return in
}

package figures

import (
	"fmt"
	"math"
)

// MaxDispersion is the variance of standardised points above which ordinary limits of a p or u chart are too narrow. Real
// series of complaints put most of their points outside of them, and a reader learns to look away.
const MaxDispersion = 1.5

// Part is one point of a p or u chart: a count, and what it is a part of (p) or how much there was of that in which it
// could happen (u: visits, bed days, hundreds of sessions).
type Part struct {
	Count, Of float64
}

// PChart charts proportions: p, give or take 3 sqrt(p(1-p)/n), within 0 and 1, where p is all counts over all n. Where
// the points vary more than that, the limits are wider by Laney's sigma z.
// Sources: Montgomery, Introduction to Statistical Quality Control, section 7.2; Laney (2002), "Improved control charts for
// attributes", Quality Engineering 14(4).
func PChart(parts []Part) (*Chart, error) {
	for i, part := range parts {
		if part.Count > part.Of {
			return nil, fmt.Errorf("%w: point %d is %v of %v, more than all", ErrSeries, i+1, part.Count, part.Of)
		}
	}
	return attributes(KindP, parts, 1, func(centre, of float64) float64 { return math.Sqrt(centre * (1 - centre) / of) })
}

// UChart charts rates: u, give or take 3 sqrt(u/n), not below 0, where u is all counts over all n; with Laney's sigma z as
// for PChart. Sources: Montgomery, section 7.3; Laney (2002).
func UChart(parts []Part) (*Chart, error) {
	return attributes(KindU, parts, math.Inf(1), func(centre, of float64) float64 { return math.Sqrt(centre / of) })
}

func attributes(kind string, parts []Part, most float64, deviation func(centre, of float64) float64) (*Chart, error) {
	counts, all := 0.0, 0.0
	values := make([]float64, len(parts))
	for i, part := range parts {
		if !(part.Count >= 0) || !(part.Of > 0) {
			return nil, fmt.Errorf("%w: point %d is %v of %v: a count is 0 or more, and what it is of more than 0", ErrSeries, i+1, part.Count, part.Of)
		}
		if part.Count != math.Trunc(part.Count) {
			return nil, fmt.Errorf("%w: point %d counts %v: a count is a whole number. Give what was counted, not a rate", ErrSeries, i+1, part.Count)
		}
		counts, all = counts+part.Count, all+part.Of
		values[i] = part.Count / part.Of
	}
	if err := checkSeries(values); err != nil {
		return nil, err
	}
	c := &Chart{Kind: kind, Centre: counts / all, Points: points(values), Limits: len(parts) > 1, Trial: len(parts) < TrialPoints}
	c.Runs = runsAbout(values, median(values))
	if !c.Limits {
		return c, nil
	}
	deviations := make([]float64, len(parts))
	for i, part := range parts {
		deviations[i] = deviation(c.Centre, part.Of)
	}
	wider := c.disperse(values, deviations)
	for i := range c.Points {
		reach := 3 * wider * deviations[i]
		p := &c.Points[i]
		p.Lower, p.Upper = math.Max(0, c.Centre-reach), math.Min(most, c.Centre+reach)
		if p.outside() {
			p.Signal = SignalOutside
		}
	}
	return c, nil
}

// disperse compares how far points lie from the centre with how far chance would put them, and gives the factor by which
// limits must be wider: 1, or Laney's sigma z, the mean moving range of the standardised points over 1.128.
func (c *Chart) disperse(values, deviations []float64) (wider float64) {
	z := make([]float64, len(values))
	for i, v := range values {
		if deviations[i] == 0 { // nobody, or everybody: every point lies on the centre
			return 1
		}
		z[i] = (v - c.Centre) / deviations[i]
	}
	centre := mean(z)
	for _, v := range z {
		c.Dispersion += (v - centre) * (v - centre) / float64(len(z)-1)
	}
	if c.Dispersion <= MaxDispersion {
		return 1
	}
	c.Laney = true
	return math.Max(1, mean(movingRanges(z))/rangeDivisor)
}

// tPower makes days between events that happen at a steady rate look normal.
// Source: Nelson (1994), "A control chart for parts-per-million nonconforming items", J. of Quality Technology 26(3).
const tPower = 3.6

// TChart charts days between rare events: each to the power of 1/3.6, charted as single values with leaps screened, and the
// limits brought back. Two on one day are 0 days apart, which is taken as a tenth of one, as qicharts does. A point below
// the lower limit says that such events come closer together. Sources: Nelson (1994); Montgomery, section 7.3.5; qicharts2.
func TChart(days []float64) (*Chart, error) {
	if err := notNegative(days); err != nil {
		return nil, err
	}
	transformed := make([]float64, len(days))
	for i, d := range days {
		transformed[i] = math.Pow(math.Max(d, 0.1), 1/tPower)
	}
	x, err := XmR(transformed, true)
	if err != nil {
		return nil, err
	}
	c := &Chart{Kind: KindT, Centre: math.Pow(x.Centre, tPower), Points: points(days), Limits: x.Limits, Trial: x.Trial, Runs: x.Runs}
	for i := range c.Points {
		p := &c.Points[i]
		p.Lower, p.Upper = math.Pow(math.Max(0, x.Points[i].Lower), tPower), math.Pow(math.Max(0, x.Points[i].Upper), tPower)
		if x.Points[i].Signal == SignalOutside {
			p.Signal = SignalOutside
		}
	}
	return c, nil
}

// GChart charts the number of cases between rare events: centre line at the median, limits at the mean, give or take
// 3 sqrt(m(m+1)) where m is the mean, not below 0. Sources: Benneyan (2001), "Number-between g-type statistical quality
// control charts for monitoring adverse events", Health Care Management Science 4; qicharts2.
func GChart(cases []float64) (*Chart, error) {
	if err := notNegative(cases); err != nil {
		return nil, err
	}
	c := &Chart{Kind: KindG, Centre: median(cases), Points: points(cases), Limits: len(cases) > 1, Trial: len(cases) < TrialPoints}
	c.Runs = runsAbout(cases, c.Centre)
	if !c.Limits {
		return c, nil
	}
	m := mean(cases)
	reach := 3 * math.Sqrt(m*(m+1))
	for i := range c.Points {
		p := &c.Points[i]
		p.Lower, p.Upper = math.Max(0, m-reach), m+reach
		if p.outside() {
			p.Signal = SignalOutside
		}
	}
	return c, nil
}

func notNegative(values []float64) error {
	if err := checkSeries(values); err != nil {
		return err
	}
	for i, v := range values {
		if v < 0 {
			return fmt.Errorf("%w: point %d is %v, and nothing lies less than 0 apart", ErrSeries, i+1, v)
		}
	}
	return nil
}

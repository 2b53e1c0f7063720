package agreement

import (
	"math"
	"slices"
)

// State says whether a summary holds a number.
type State string

// States of a summary.
const (
	Enough      State = "enough"
	TooFew      State = "too-few"      // fewer than FewUnits units have two codes: nothing can be said
	NoVariation State = "no-variation" // all codes are the same, such as "no" by everyone: there was nothing to disagree about
)

// Reading is what an alpha allows. Source: Krippendorff, Content Analysis: 0.800 to rely on, 0.667 for tentative conclusions.
type Reading string

// Readings of an alpha.
const (
	Rely      Reading = "rely"
	Tentative Reading = "tentative"
	Retrain   Reading = "retrain" // publish no breakdown by item; talk, and train
)

func readingOf(alpha float64) Reading {
	switch {
	case alpha >= 0.8:
		return Rely
	case alpha >= 2.0/3:
		return Tentative
	}
	return Retrain
}

// Summary is what is shown about one question: never an alpha without the number of units and the plain agreement, for a
// rare code gives a low alpha beside a high agreement, and that is to be expected.
type Summary struct {
	State      State   `json:"state"`
	Units      int     `json:"units"`   // with two codes or more
	Percent    float64 `json:"percent"` // plain agreement, from 0 to 1
	Alpha      float64 `json:"alpha"`   // 0 unless State is Enough
	Reading    Reading `json:"reading,omitzero"`
	HasRange   bool    `json:"has_range"` // Low and High are given
	Low        float64 `json:"low"`       // 95 % bootstrap interval
	High       float64 `json:"high"`
	Prevalence []Share `json:"prevalence"` // of codes in those units, by code
}

// Share is how large a part of all codes is one.
type Share struct {
	Code float64 `json:"code"`
	Part float64 `json:"part"`
}

// Summarise gives what is shown about one question. The seed makes the interval repeatable. Errors wrap ErrRatings.
func Summarise(r Ratings, metric Metric, seed uint32) (*Summary, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	t := newTally(r)
	if err := checkMetric(metric, t.codes); err != nil {
		return nil, err
	}
	s := &Summary{State: TooFew, Units: len(t.units), Prevalence: t.prevalence()}
	s.Percent, _ = Percent(r)
	if s.Units < FewUnits {
		return s, nil
	}
	alpha, ok := t.alpha(metric, nil)
	if !ok {
		s.State = NoVariation
		return s, nil
	}
	s.State, s.Alpha, s.Reading = Enough, alpha, readingOf(alpha)
	if s.Units >= IntervalUnits {
		s.Low, s.High, s.HasRange = t.bootstrap(metric, seed)
	}
	return s, nil
}

func (t *tally) prevalence() []Share {
	counts, all := make([]float64, len(t.codes)), 0.0
	for _, unit := range t.units {
		for _, place := range unit {
			counts[place]++
			all++
		}
	}
	shares := []Share{}
	for i, n := range counts {
		if n > 0 {
			shares = append(shares, Share{t.codes[i], n / all})
		}
	}
	return shares
}

// rounds of resampling.
const rounds = 1000

// bootstrap draws as many units as there are, with replacement, rounds times, and gives the 2.5th and 97.5th percentile of
// their alphas (nearest rank). A draw without variation has no alpha and is left out; when that happens to more than half,
// no interval is given. Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, percentile interval.
func (t *tally) bootstrap(metric Metric, seed uint32) (low, high float64, ok bool) {
	random := generator(seed)
	var alphas []float64
	draw := make([]int, len(t.units))
	for range rounds {
		for i := range draw {
			draw[i] = random.below(len(t.units))
		}
		if alpha, ok := t.alpha(metric, draw); ok {
			alphas = append(alphas, alpha)
		}
	}
	if 2*len(alphas) < rounds {
		return 0, 0, false
	}
	slices.Sort(alphas)
	at := func(p float64) float64 { return alphas[int(math.Ceil(p*float64(len(alphas))))-1] }
	return at(0.025), at(0.975), true
}

// generator is mulberry32: small enough to be the same in every language, and good enough to draw units. It is no source
// of secrets. FORMAT.md spells it out.
type generator uint32

func (g *generator) next() uint32 {
	*g += 0x6d2b79f5
	x := uint32(*g)
	x = (x ^ x>>15) * (x | 1)
	x ^= x + (x^x>>7)*(x|61)
	return x ^ x>>14
}

// below is a number from 0 to n-1.
func (g *generator) below(n int) int { return int(uint64(g.next()) * uint64(n) >> 32) }

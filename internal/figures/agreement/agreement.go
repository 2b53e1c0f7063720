// Package agreement says how far coders agree who read the same reports without seeing each other's codes: Krippendorff's
// alpha as the headline (it takes coders who rotate, and gaps), Cohen's and Fleiss' kappa and Gwet's AC1 as detail, and plain agreement
// always beside them.
//
// It promises the same numbers as its twin in the reviewer's browser, ui/src/agreement.ts: codings are sealed, so the
// panel's figures are worked out where they are readable, and both are held to the vectors in testdata. The resampling
// that gives an interval draws from a generator that FORMAT.md spells out, so an interval can be worked out again.
//
// It leaves the codes to others: what a coder answered is a number here, and nothing says whose.
package agreement

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Missing is the code of a unit that a coder did not read.
var Missing = math.NaN()

// Ratings are codes by unit (a report and a question), then by coder. Every unit has the same coders, in the same order.
type Ratings [][]float64

// Edges of what a number can mean.
const (
	FewUnits      = 10 // below this nothing is said
	IntervalUnits = 30 // from here on an interval is given

	maxUnits  = 100_000
	maxCoders = 100
	maxCodes  = 1000 // different ones; distances between all pairs are worked out
)

// ErrRatings means that numbers are not codings that can be compared: its message says what to mend.
var ErrRatings = errors.New("these codings cannot be compared")

// Metric says how far apart two codes are.
type Metric string

// Metrics, as in Krippendorff, Content Analysis, chapter on reliability.
const (
	Nominal  Metric = "nominal"  // the same or not
	Ordinal  Metric = "ordinal"  // ranks: by how many codings lie between
	Interval Metric = "interval" // the square of the difference
	Ratio    Metric = "ratio"    // the square of the difference over the sum; codes of 0 and more
)

// Check refuses what cannot be compared. Errors wrap ErrRatings.
func (r Ratings) Check() error {
	if len(r) == 0 || len(r) > maxUnits {
		return fmt.Errorf("%w: there are %d units, and there must be from 1 to %d", ErrRatings, len(r), maxUnits)
	}
	coders := len(r[0])
	if coders == 0 || coders > maxCoders {
		return fmt.Errorf("%w: there are %d coders, and there must be from 1 to %d", ErrRatings, coders, maxCoders)
	}
	for i, unit := range r {
		if len(unit) != coders {
			return fmt.Errorf("%w: unit %d has %d places for codes, and the first has %d", ErrRatings, i+1, len(unit), coders)
		}
		if slices.ContainsFunc(unit, func(v float64) bool { return math.IsInf(v, 0) }) {
			return fmt.Errorf("%w: unit %d holds a code that is no number", ErrRatings, i+1)
		}
	}
	if n := len(codesOf(r)); n > maxCodes {
		return fmt.Errorf("%w: there are %d different codes, and at most %d are compared", ErrRatings, n, maxCodes)
	}
	return nil
}

// given are the codes of a unit that were given.
func given(unit []float64) []float64 {
	var codes []float64
	for _, v := range unit {
		if !math.IsNaN(v) {
			codes = append(codes, v)
		}
	}
	return codes
}

// codesOf are all different codes, in order.
func codesOf(r Ratings) []float64 {
	seen := map[float64]bool{}
	var codes []float64
	for _, unit := range r {
		for _, v := range given(unit) {
			if !seen[v] {
				seen[v] = true
				codes = append(codes, v)
			}
		}
	}
	slices.Sort(codes)
	return codes
}

// tally is the ratings as places in the list of codes, units with fewer than two codes left out.
type tally struct {
	codes []float64
	units [][]int
}

func newTally(r Ratings) *tally {
	t := &tally{codes: codesOf(r)}
	for _, unit := range r {
		codes := given(unit)
		if len(codes) < 2 {
			continue
		}
		places := make([]int, len(codes))
		for i, v := range codes {
			places[i], _ = slices.BinarySearch(t.codes, v)
		}
		t.units = append(t.units, places)
	}
	return t
}

// Percent is how often two codes of one unit are the same, over all units with two codes or more: the mean over units of
// the part of their pairs that agree. ok is false when there is no such unit.
func Percent(r Ratings) (agree float64, ok bool) {
	t := newTally(r)
	if len(t.units) == 0 {
		return 0, false
	}
	for _, unit := range t.units {
		same, pairs := 0.0, 0.0
		for i := range unit {
			for j := range i {
				pairs++
				if unit[i] == unit[j] {
					same++
				}
			}
		}
		agree += same / pairs
	}
	return agree / float64(len(t.units)), true
}

// Alpha is Krippendorff's: 1 - Do/De over the coincidences of codes within units with two codes or more. ok is false when
// no such unit is there, or when all their codes are the same, which leaves nothing to disagree about.
// Source: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability". Errors wrap ErrRatings.
func Alpha(r Ratings, metric Metric) (alpha float64, ok bool, err error) {
	if err := r.Check(); err != nil {
		return 0, false, err
	}
	t := newTally(r)
	if err := checkMetric(metric, t.codes); err != nil {
		return 0, false, err
	}
	alpha, ok = t.alpha(metric, nil)
	return alpha, ok, nil
}

func checkMetric(metric Metric, codes []float64) error {
	switch metric {
	case Nominal, Ordinal, Interval:
		return nil
	case Ratio:
		if len(codes) > 0 && codes[0] < 0 {
			return fmt.Errorf("%w: a code below 0 has no ratio to another", ErrRatings)
		}
		return nil
	}
	return fmt.Errorf("%w: the metric %q is not one of nominal, ordinal, interval, ratio", ErrRatings, metric)
}

// alpha works on the units whose places are given, which may name one twice; nil stands for all.
func (t *tally) alpha(metric Metric, units []int) (float64, bool) {
	n := len(t.codes)
	coincide := make([]float64, n*n)
	add := func(unit []int) {
		weight := 1 / float64(len(unit)-1)
		for i, a := range unit {
			for j, b := range unit {
				if i != j {
					coincide[a*n+b] += weight
				}
			}
		}
	}
	if units == nil {
		for _, unit := range t.units {
			add(unit)
		}
	}
	for _, u := range units {
		add(t.units[u])
	}
	margin := make([]float64, n)
	all := 0.0
	for a := range n {
		for b := range n {
			margin[a] += coincide[a*n+b]
		}
		all += margin[a]
	}
	observed, expected := 0.0, 0.0
	for a := range n {
		for b := a + 1; b < n; b++ {
			distance := t.distance(metric, margin, a, b)
			observed += coincide[a*n+b] * distance
			expected += margin[a] * margin[b] * distance
		}
	}
	if expected == 0 {
		return 0, false
	}
	return 1 - (all-1)*observed/expected, true
}

// distance is the square of how far apart two codes are, given by their places a < b.
func (t *tally) distance(metric Metric, margin []float64, a, b int) float64 {
	x, y := t.codes[a], t.codes[b]
	switch metric {
	case Ordinal:
		between := -(margin[a] + margin[b]) / 2
		for g := a; g <= b; g++ {
			between += margin[g]
		}
		return between * between
	case Interval:
		return (x - y) * (x - y)
	case Ratio:
		return (x - y) / (x + y) * ((x - y) / (x + y))
	}
	return 1
}

// Weights say how much a disagreement counts in Cohen's kappa.
type Weights string

// Weights: every disagreement alike, by the difference of the codes, or by its square.
const (
	Plain     Weights = "plain"
	Linear    Weights = "linear"
	Quadratic Weights = "quadratic"
)

func (w Weights) of(a, b float64) float64 {
	switch {
	case w == Linear:
		return math.Abs(a - b)
	case w == Quadratic:
		return (a - b) * (a - b)
	case a == b:
		return 0
	}
	return 1
}

// Cohen is the kappa of two coders, by their places, over the units both coded: 1 less the weighted disagreement over the
// one to be expected from how often each gives each code. ok is false when they share no unit, or when chance alone would
// have them agree always.
// Sources: Cohen (1960), "A coefficient of agreement for nominal scales"; Cohen (1968) for weights. Errors wrap ErrRatings.
func Cohen(r Ratings, first, second int, weights Weights) (kappa float64, ok bool, err error) {
	if err := r.Check(); err != nil {
		return 0, false, err
	}
	if coders := len(r[0]); min(first, second) < 0 || max(first, second) >= coders || first == second {
		return 0, false, fmt.Errorf("%w: coders %d and %d are not two of %d", ErrRatings, first+1, second+1, coders)
	}
	if weights != Plain && weights != Linear && weights != Quadratic {
		return 0, false, fmt.Errorf("%w: the weights %q are not one of plain, linear, quadratic", ErrRatings, weights)
	}
	codes := codesOf(r)
	one, two := make([]float64, len(codes)), make([]float64, len(codes))
	both, observed := 0.0, 0.0
	for _, unit := range r {
		a, b := unit[first], unit[second]
		if math.IsNaN(a) || math.IsNaN(b) {
			continue
		}
		both++
		observed += weights.of(a, b)
		i, _ := slices.BinarySearch(codes, a)
		j, _ := slices.BinarySearch(codes, b)
		one[i]++
		two[j]++
	}
	expected := 0.0
	for i, a := range codes {
		for j, b := range codes {
			expected += one[i] * two[j] * weights.of(a, b)
		}
	}
	if expected == 0 {
		return 0, false, nil
	}
	return 1 - both*observed/expected, true, nil
}

// AC1 is Gwet's coefficient, which stays near plain agreement where nearly all say the same; with coders who rotate, and gaps. ok is
// false when no unit has two codes, or when all codes are the same.
// Source: Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement". Errors wrap ErrRatings.
func AC1(r Ratings) (ac1 float64, ok bool, err error) {
	if err := r.Check(); err != nil {
		return 0, false, err
	}
	agree, ok := Percent(r)
	codes := codesOf(r)
	if !ok || len(codes) == 1 {
		return 0, false, nil
	}
	shares := make([]float64, len(codes))
	units := 0.0
	for _, unit := range r {
		list := given(unit)
		if len(list) == 0 {
			continue
		}
		units++
		for _, v := range list {
			place, _ := slices.BinarySearch(codes, v)
			shares[place] += 1 / float64(len(list))
		}
	}
	chance := 0.0
	for _, share := range shares {
		chance += share / units * (1 - share/units) / float64(len(codes)-1)
	}
	return (agree - chance) / (1 - chance), true, nil
}

// Fleiss is the kappa of any number of coders who all coded every unit. ok is false when all codes are the same.
// Source: Fleiss (1971), "Measuring nominal scale agreement among many raters". Errors wrap ErrRatings.
func Fleiss(r Ratings) (kappa float64, ok bool, err error) {
	if err := r.Check(); err != nil {
		return 0, false, err
	}
	coders := float64(len(r[0]))
	if coders < 2 {
		return 0, false, fmt.Errorf("%w: one coder agrees with nobody", ErrRatings)
	}
	codes := codesOf(r)
	shares := make([]float64, len(codes))
	observed := 0.0
	for i, unit := range r {
		counts := make([]float64, len(codes))
		for _, v := range given(unit) {
			place, _ := slices.BinarySearch(codes, v)
			counts[place]++
		}
		if float64(len(given(unit))) != coders {
			return 0, false, fmt.Errorf("%w: unit %d lacks a code, and Fleiss' kappa takes no gaps", ErrRatings, i+1)
		}
		squares := 0.0
		for c, n := range counts {
			squares += n * n
			shares[c] += n / coders / float64(len(r))
		}
		observed += (squares - coders) / (coders * (coders - 1)) / float64(len(r))
	}
	expected := 0.0
	for _, share := range shares {
		expected += share * share
	}
	if len(codes) == 1 {
		return 0, false, nil
	}
	return (observed - expected) / (1 - expected), true, nil
}

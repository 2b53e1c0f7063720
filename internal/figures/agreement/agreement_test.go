package agreement_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"answerable/internal/figures/agreement"
)

// rows are ratings as JSON has them.
type rows [][]*float64

func (r rows) ratings() agreement.Ratings {
	out := make(agreement.Ratings, len(r))
	for i, unit := range r {
		out[i] = make([]float64, len(unit))
		for j, v := range unit {
			out[i][j] = agreement.Missing
			if v != nil {
				out[i][j] = *v
			}
		}
	}
	return out
}

type vectors struct {
	Published []struct {
		Comment            string
		Ratings            rows
		Alpha              map[agreement.Metric][2]float64
		Fleiss, Cohen, AC1 *[2]float64
	}
	Seeded []struct {
		Comment string
		Seed    uint32
		Ratings rows
		Want    map[agreement.Metric]agreement.Summary
	}
	Refuse []struct {
		Comment string
		Metric  agreement.Metric
		Ratings rows
	}
}

func load(t testing.TB) *vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/agreement.json")
	if err != nil {
		t.Fatal(err)
	}
	v := new(vectors)
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
	return v
}

var metrics = []agreement.Metric{agreement.Nominal, agreement.Ordinal, agreement.Interval, agreement.Ratio}

func TestPublishedAgreement(t *testing.T) {
	checked := 0
	for _, v := range load(t).Published {
		check := func(what string, got float64, ok bool, err error, want [2]float64) {
			checked++
			if !ok || err != nil || math.Abs(got-want[0]) > want[1] {
				t.Errorf("%s, %s: got %v %v %v, want %v", v.Comment, what, got, ok, err, want)
			}
		}
		r := v.Ratings.ratings()
		for metric, want := range v.Alpha {
			alpha, ok, err := agreement.Alpha(r, metric)
			check(string(metric), alpha, ok, err, want)
		}
		if v.Fleiss != nil {
			kappa, ok, err := agreement.Fleiss(r)
			check("fleiss", kappa, ok, err, *v.Fleiss)
		}
		if v.Cohen != nil {
			kappa, ok, err := agreement.Cohen(r, 0, 1, agreement.Plain)
			check("cohen", kappa, ok, err, *v.Cohen)
		}
		if v.AC1 != nil {
			ac1, ok, err := agreement.AC1(r)
			check("AC1", ac1, ok, err, *v.AC1)
		}
	}
	if checked != 9 {
		t.Errorf("checked %d numbers", checked)
	}
}

func summaries(t testing.TB, r agreement.Ratings, seed uint32) map[agreement.Metric]agreement.Summary {
	t.Helper()
	got := map[agreement.Metric]agreement.Summary{}
	for _, metric := range metrics {
		s, err := agreement.Summarise(r, metric, seed)
		if err != nil {
			t.Fatal(err)
		}
		got[metric] = *s
	}
	return got
}

// The same vectors are run in TypeScript: an interval with a seed is the same interval in both.
func TestSeededSummariesAreTheSameInBothLanguages(t *testing.T) {
	list := load(t).Seeded
	for _, v := range list {
		got := summaries(t, v.Ratings.ratings(), v.Seed)
		for metric, want := range v.Want {
			s := got[metric]
			if s.State != want.State || s.Units != want.Units || s.Reading != want.Reading || s.HasRange != want.HasRange ||
				!close(s.Percent, want.Percent) || !close(s.Alpha, want.Alpha) || !close(s.Low, want.Low) || !close(s.High, want.High) || !sameShares(s.Prevalence, want.Prevalence) {
				t.Errorf("%s, %s: got %+v, want %+v", v.Comment, metric, s, want)
			}
		}
		if len(v.Want) != len(metrics) {
			t.Errorf("%s: %d metrics", v.Comment, len(v.Want))
		}
	}
	if len(list) != 6 {
		t.Errorf("%d vectors", len(list))
	}
}

func close(a, b float64) bool { return math.Abs(a-b) <= 1e-9 }

func sameShares(a, b []agreement.Share) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Code != b[i].Code || !close(a[i].Part, b[i].Part) {
			return false
		}
	}
	return true
}

// alphaByPairs is alpha from its definition: the mean distance of pairs within units, each unit by its weight, over that of
// all pairs of codes there are.
func alphaByPairs(r agreement.Ratings, distance func(a, b float64) float64) float64 {
	var all []float64
	within, weight := 0.0, 0.0
	for _, unit := range r {
		var codes []float64
		for _, v := range unit {
			if !math.IsNaN(v) {
				codes = append(codes, v)
			}
		}
		if len(codes) < 2 {
			continue
		}
		all = append(all, codes...)
		for i, a := range codes {
			for j, b := range codes {
				if i != j {
					within += distance(a, b) / float64(len(codes)-1)
				}
			}
		}
		weight += float64(len(codes))
	}
	between := 0.0
	for i, a := range all {
		for j, b := range all {
			if i != j {
				between += distance(a, b)
			}
		}
	}
	n := float64(len(all))
	return 1 - (within/weight)/(between/(n*(n-1)))
}

func randomRatings(r *rand.Rand, units, coders, codes int, gaps float64) agreement.Ratings {
	out := make(agreement.Ratings, units)
	for i := range out {
		out[i] = make([]float64, coders)
		truth := r.IntN(codes)
		for j := range out[i] {
			switch {
			case r.Float64() < gaps:
				out[i][j] = agreement.Missing
			case r.IntN(3) == 0:
				out[i][j] = float64(r.IntN(codes))
			default:
				out[i][j] = float64(truth)
			}
		}
	}
	return out
}

func TestAlphaIsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 10))
	for range 100 {
		ratings := randomRatings(r, 3+r.IntN(20), 2+r.IntN(4), 2+r.IntN(4), 0.3*r.Float64())
		for metric, distance := range map[agreement.Metric]func(a, b float64) float64{
			agreement.Nominal: func(a, b float64) float64 {
				if a == b {
					return 0
				}
				return 1
			},
			agreement.Interval: func(a, b float64) float64 { return (a - b) * (a - b) },
			agreement.Ratio: func(a, b float64) float64 {
				if a == b {
					return 0
				}
				return (a - b) * (a - b) / (a + b) / (a + b)
			},
		} {
			got, ok, err := agreement.Alpha(ratings, metric)
			if err != nil {
				t.Fatal(err)
			}
			if want := alphaByPairs(ratings, distance); ok && !close(got, want) {
				t.Fatalf("%s of %v: got %v, want %v", metric, ratings, got, want)
			}
		}
	}
}

func TestWeightedKappaIsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 11))
	for range 100 {
		ratings := randomRatings(r, 5+r.IntN(30), 2, 4, 0)
		for weights, distance := range map[agreement.Weights]func(a, b float64) float64{
			agreement.Linear:    func(a, b float64) float64 { return math.Abs(a - b) },
			agreement.Quadratic: func(a, b float64) float64 { return (a - b) * (a - b) },
		} {
			observed, expected := 0.0, 0.0
			for _, u := range ratings {
				observed += distance(u[0], u[1]) / float64(len(ratings))
				for _, v := range ratings {
					expected += distance(u[0], v[1]) / float64(len(ratings)) / float64(len(ratings))
				}
			}
			got, ok, err := agreement.Cohen(ratings, 0, 1, weights)
			if err != nil || ok != (expected > 0) || ok && !close(got, 1-observed/expected) {
				t.Fatalf("%s of %v: got %v %v %v, want %v", weights, ratings, got, ok, err, 1-observed/expected)
			}
		}
		// With two codes, and for all with plain weights, kappa is (Po - Pe) / (1 - Pe).
		plain, ok, err := agreement.Cohen(ratings, 0, 1, agreement.Plain)
		po, _ := agreement.Percent(ratings)
		pe := 0.0
		for code := range 4 {
			var one, two float64
			for _, u := range ratings {
				if u[0] == float64(code) {
					one++
				}
				if u[1] == float64(code) {
					two++
				}
			}
			pe += one * two / float64(len(ratings)) / float64(len(ratings))
		}
		if err != nil || ok && !close(plain, (po-pe)/(1-pe)) {
			t.Fatalf("plain: got %v, want %v", plain, (po-pe)/(1-pe))
		}
	}
}

func TestWhatCannotBeSaidIsNotSaid(t *testing.T) {
	everyone := make(agreement.Ratings, 40)
	alone := make(agreement.Ratings, 40)
	for i := range everyone {
		everyone[i] = []float64{0, 0}
		alone[i] = []float64{1, agreement.Missing}
	}
	s, err := agreement.Summarise(everyone, agreement.Nominal, 1)
	if err != nil || s.State != agreement.NoVariation || s.Percent != 1 || s.Units != 40 || s.HasRange {
		t.Errorf("everyone says no: %+v, %v", s, err)
	}
	for name, kappa := range map[string]func() (float64, bool, error){
		"alpha":  func() (float64, bool, error) { return agreement.Alpha(everyone, agreement.Ordinal) },
		"cohen":  func() (float64, bool, error) { return agreement.Cohen(everyone, 0, 1, agreement.Plain) },
		"fleiss": func() (float64, bool, error) { return agreement.Fleiss(everyone) },
		"AC1":    func() (float64, bool, error) { return agreement.AC1(everyone) },
	} {
		if v, ok, err := kappa(); ok || v != 0 || err != nil {
			t.Errorf("%s of what never varies: %v %v %v", name, v, ok, err)
		}
	}
	if s, err = agreement.Summarise(alone, agreement.Nominal, 1); err != nil || s.State != agreement.TooFew || s.Units != 0 {
		t.Errorf("one coder: %+v, %v", s, err)
	}
	if _, ok := agreement.Percent(alone); ok {
		t.Error("one coder agrees with nobody, and has a percentage")
	}
	if s, err = agreement.Summarise(everyone[:9], agreement.Nominal, 1); err != nil || s.State != agreement.TooFew {
		t.Errorf("nine units: %+v, %v", s, err)
	}
	mixed := randomRatings(rand.New(rand.NewPCG(5, 12)), 29, 2, 3, 0)
	if s, err = agreement.Summarise(mixed, agreement.Nominal, 1); err != nil || s.State != agreement.Enough || s.HasRange {
		t.Errorf("29 units: %+v, %v", s, err)
	}
	mixed = append(mixed, []float64{0, 1})
	if s, err = agreement.Summarise(mixed, agreement.Nominal, 1); err != nil || !s.HasRange || s.Low > s.Alpha || s.High < s.Alpha {
		t.Errorf("30 units: %+v, %v", s, err)
	}
}

func TestWhatCannotBeComparedIsRefused(t *testing.T) {
	for _, v := range load(t).Refuse {
		metric := v.Metric
		if metric == "" {
			metric = agreement.Nominal
		}
		if _, err := agreement.Summarise(v.Ratings.ratings(), metric, 1); !errors.Is(err, agreement.ErrRatings) {
			t.Errorf("%s: got %v", v.Comment, err)
		}
		if _, _, err := agreement.Alpha(v.Ratings.ratings(), metric); !errors.Is(err, agreement.ErrRatings) {
			t.Errorf("%s, alpha: got %v", v.Comment, err)
		}
	}
	pair := agreement.Ratings{{1, 2}, {1, 1}}
	for name, kappa := range map[string]func() (float64, bool, error){
		"infinity": func() (float64, bool, error) {
			return agreement.Alpha(agreement.Ratings{{1, math.Inf(1)}}, agreement.Nominal)
		},
		"a coder with themselves": func() (float64, bool, error) { return agreement.Cohen(pair, 1, 1, agreement.Plain) },
		"a coder who is not here": func() (float64, bool, error) { return agreement.Cohen(pair, 0, 2, agreement.Plain) },
		"weights nobody knows":    func() (float64, bool, error) { return agreement.Cohen(pair, 0, 1, "heavy") },
		"one coder by Fleiss":     func() (float64, bool, error) { return agreement.Fleiss(agreement.Ratings{{1}}) },
		"a gap by Fleiss":         func() (float64, bool, error) { return agreement.Fleiss(agreement.Ratings{{1, agreement.Missing}}) },
	} {
		if _, _, err := kappa(); !errors.Is(err, agreement.ErrRatings) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

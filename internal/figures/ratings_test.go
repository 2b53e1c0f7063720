package figures_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"answerable/internal/figures"
	"answerable/internal/figures/agreement"
)

func TestRatingsReadNumbersWordsAndGaps(t *testing.T) {
	r, err := figures.ReadRatings(strings.NewReader("message;ann;bo\nm1;0;1\nm2;NA;2.5\nm3;;0\n"), agreement.Ordinal)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Coders, []string{"ann", "bo"}) || r.Codes != nil || len(r.Ratings) != 3 || !math.IsNaN(r.Ratings[1][0]) || r.Ratings[1][1] != 2.5 || !math.IsNaN(r.Ratings[2][0]) {
		t.Errorf("got %+v", r)
	}
	words, err := figures.ReadRatings(strings.NewReader(",ann,bo\nm1,yes,no\nm2,no,no\n"), agreement.Nominal)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(words.Codes, []string{"no", "yes"}) || words.Ratings[0][0] != 1 || words.Ratings[1][0] != 0 || words.Name(1) != "yes" || r.Name(2.5) != "2.5" {
		t.Errorf("got %+v", words)
	}
}

func TestWhatIsNoRatingsSaysWhichCellToMend(t *testing.T) {
	for name, tt := range map[string]struct {
		text   string
		metric agreement.Metric
		want   string
	}{
		"words that have no order": {",ann,bo\nm1,yes,no\n", agreement.Ordinal, `row "m1", column "ann" is "yes"`},
		"no number":                {",ann,bo\nm1,1,Inf\n", agreement.Interval, `column "bo" is "Inf"`},
		"a coder twice":            {",ann,ann\nm1,1,2\n", agreement.Nominal, "column 3 has no name of its own"},
		"a line too short":         {",ann,bo\nm1,1\n", agreement.Nominal, "line 2 has 2 cells"},
		"nothing but names":        {",ann,bo\n", agreement.Nominal, "a line for each row"},
		"another encoding":         {",ann\nm\xe9,1\n", agreement.Nominal, "UTF-8"},
	} {
		if _, err := figures.ReadRatings(strings.NewReader(tt.text), tt.metric); !errors.Is(err, agreement.ErrRatings) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func FuzzRatings(f *testing.F) {
	f.Add([]byte(",a,b\nm1,1,2\nm2,,3\n"), "ordinal")
	f.Add([]byte(";a;b\nm1;yes;no\n"), "nominal")
	f.Fuzz(func(t *testing.T, raw []byte, metric string) {
		r, err := figures.ReadRatings(bytes.NewReader(raw), agreement.Metric(metric))
		if err != nil {
			return
		}
		if err := r.Check(); err != nil {
			t.Fatalf("codings that are none are read: %v", err)
		}
		if len(r.Ratings) > 40 {
			return
		}
		s, err := agreement.Summarise(r.Ratings, agreement.Metric(metric), 1)
		if err == nil && !(s.Percent >= 0 && s.Percent <= 1 && s.Alpha <= 1+1e-9) {
			t.Fatalf("got %+v", s)
		}
	})
}

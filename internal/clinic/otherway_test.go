package clinic

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestOtherWaysAreKeptInOrderAndReplaced(t *testing.T) {
	ctx := t.Context()
	s, _ := newStore(t)
	c := riverside()
	if err := s.Add(ctx, c); err != nil {
		t.Fatal(err)
	}
	lines := []string{"Letter box | A locked box | The tenants' union | In the hall, day and night", "Advocate | A person | The city | 555 0100"}
	var ways []OtherWay
	for _, line := range lines {
		w, err := SplitOtherWay("  " + line + " ")
		if err != nil {
			t.Fatal(err)
		}
		ways = append(ways, w)
	}
	for _, set := range [][]OtherWay{ways, {ways[1]}, nil} {
		if err := s.SetOtherWays(ctx, c.ID, set); err != nil {
			t.Fatal(err)
		}
		kept, err := s.BySlug(ctx, c.Slug)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, w := range kept.OtherWays {
			got = append(got, w.Line())
		}
		for _, w := range set {
			want = append(want, w.Line())
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnotherWaySaysWhoRunsIt(t *testing.T) {
	s, _ := newStore(t)
	c := riverside()
	if err := s.Add(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var problem *Problem
	for _, line := range []string{"", "Box", "Box | A box | | Hall", "Box | A box | Union", "a|b|c|d|e", "a | b | " + strings.Repeat("é", 151) + " | d", "a\nb | b | c | d"} {
		if _, err := SplitOtherWay(line); !errors.As(err, &problem) {
			t.Errorf("%.20q: got %v, want a Problem", line, err)
		}
	}
	good := OtherWay{Name: "Box", What: "A box", RunBy: "Union", Reach: "Hall"}
	for name, ways := range map[string][]OtherWay{"nobody runs it": {good, {Name: "x", What: "y", Reach: "z"}}, "too many": slices.Repeat([]OtherWay{good}, 11)} {
		if err := s.SetOtherWays(t.Context(), c.ID, ways); !errors.As(err, &problem) {
			t.Errorf("%s: got %v, want a Problem", name, err)
		}
	}
	if kept, err := s.BySlug(t.Context(), c.Slug); err != nil || len(kept.OtherWays) != 0 {
		t.Errorf("what was refused left %v, %v", kept.OtherWays, err)
	}
}

package seal

import (
	"slices"
	"testing"
)

func TestNearWordVectors(t *testing.T) {
	var v struct {
		Comment string
		Near    []struct {
			Typed string
			Words []string
		}
	}
	load(t, "near.json", &v)
	if len(v.Near) < 6 {
		t.Fatal("no vectors")
	}
	for _, c := range v.Near {
		if got := Near(c.Typed, "en"); !slices.Equal(got, c.Words) {
			t.Errorf("%s: got %q, want %q", c.Typed, got, c.Words)
		}
	}
}

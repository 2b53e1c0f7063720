//go:build long

package client

import "testing"

// TestOnManyWaysNothingGoesOutThatMustNot takes more ways than the test of every day, and says of what goes wrong most easily that
// it happened.
func TestOnManyWaysNothingGoesOutThatMustNot(t *testing.T) {
	_, did := walks(t, 80, 100, 124)
	for _, what := range mustHappen {
		if did[what] == 0 {
			t.Errorf("%s never happened, so nothing is known of it: %v", what, did)
		}
	}
}

// mustHappen is what a way says nothing without.
var mustHappen = []string{"shown", "answered on the day", "taken back", "objected", "late third", "out as shown", "thought again", "looked again"}

package web

import (
	"testing"

	"answerable/internal/promise"
)

func TestAPromiseThatWasNotKeptIsNeverFoldedAway(t *testing.T) {
	t.Parallel()
	for state, want := range map[promise.State]bool{promise.StateKept: true, promise.StatePartly: false, promise.StateNotKept: false, promise.StateClaimed: false, promise.StateOverdue: false} {
		p := &promise.Standing{State: state}
		if foldedAway(p, foldAbove+1) != want || foldedAway(p, foldAbove) {
			t.Errorf("%s among many: %v, among few: %v", state, foldedAway(p, foldAbove+1), foldedAway(p, foldAbove))
		}
	}
}

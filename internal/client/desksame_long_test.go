//go:build long

package client

import "testing"

// More ways than those of TestWorkWithoutANetworkComesToTheSameState.
func TestLongWorkWithoutANetworkComesToTheSameState(t *testing.T) {
	sameStates(t, 100, 130)
}

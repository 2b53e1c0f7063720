//go:build long

package web

import "testing"

func TestLongTesseraFindsNothingWrongAt100000(t *testing.T) {
	h := newHouse(t)
	address := h.listen()
	h.growLog(100_000)
	if err := h.fsck(address); err != nil {
		t.Error(err)
	}
}

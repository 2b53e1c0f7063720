package client

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"answerable/internal/transparency"
)

// The vectors are those of ui/test/publicacts.test.ts, too.
func TestWhichNumbersOfAnActAreOwed(t *testing.T) {
	raw, err := os.ReadFile("testdata/actnumbers.json")
	must(t, err)
	var vectors struct {
		Cases []struct {
			Name        string
			All, Fresh  int
			Stand, Owed []int
		}
	}
	must(t, json.Unmarshal(raw, &vectors))
	if len(vectors.Cases) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range vectors.Cases {
		got := times{v.All, v.Fresh}.owed(func(n int) bool { return slices.Contains(v.Stand, n) })
		if !slices.Equal(got, v.Owed) {
			t.Errorf("%s: %v, want %v", v.Name, got, v.Owed)
		}
	}
}

// A receipt outlives what was told with it, and acts outlive both: what comes later is said to be received like what came first.
func TestALaterMessageIsReceivedInPublicOnceTheFirstIsGone(t *testing.T) {
	w := newTeam(t, 3)
	receipt, _ := w.tells("count_me")
	w.batch()
	tend := func(who int) {
		t.Helper()
		_, err := w.bench(who).Tend(t.Context())
		must(t, err)
	}
	tend(0)
	w.later(10 * 24 * time.Hour) // the first message's act is older than anything that is here by then
	w.tells("count_me")
	w.batch()
	tend(0)
	w.losesFirst(receipt)
	w.more(receipt)
	for who := range 3 {
		tend(who)
	}
	acts, err := w.review.Acts(t.Context(), w.clinicID)
	must(t, err)
	key := receipt.Derive(testOrigin).ActionsKey
	var own []int
	for n := range 5 {
		tag := transparency.ActionTag(key, transparency.ActReceived, n)
		for _, a := range acts {
			if [32]byte(a.Tag) == tag {
				own = append(own, n)
			}
		}
	}
	if !slices.Equal(own, []int{0, 1}) || w.actsByCode()[transparency.ActReceived] != 3 {
		t.Errorf("under the numbers %v of the receipt, of %v", own, w.actsByCode())
	}
}

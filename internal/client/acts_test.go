package client

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"answerable/internal/transparency"
)

// Whoever holds the receipt's key finds the acts under its tags, signed by a member; nobody else's, and no forged one.
func TestAWriterFindsTheActsOnTheOwnMessages(t *testing.T) {
	l := newSignedLog(t)
	own, other := [32]byte{7}, [32]byte{8}
	act := func(key [32]byte, by hostileMember, code string, n, day int) string {
		a := transparency.Action{Tag: transparency.ActionTag(key, code, n), Code: code, Day: time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC), ReviewerID: by.id}
		a.Sign(by.key)
		return string(a.Leaf())
	}
	ledger := newLedger()
	for i, leaf := range []string{
		l.v.Leaves["list 1"], l.v.Leaves["epoch"],
		act(own, l.two, transparency.ActAssessed, 0, 9), act(own, l.one, transparency.ActContacted, 1, 14), act(other, l.one, transparency.ActReceived, 0, 9),
		act(own, l.one, transparency.ActReceived, 0, 9), act(own, l.stranger, transparency.ActClosed, 0, 15), act(own, l.three, transparency.ActContacted, 0, 7),
	} {
		must(t, ledger.add(int64(i), transparency.Leaf(leaf)))
	}
	var got []string
	for _, a := range ledger.OwnActs(own) {
		got = append(got, fmt.Sprintf("%d %s %s", a.Index, a.Code, a.Day.Format(time.DateOnly)))
	}
	if want := []string{"7 contacted 2026-12-07", "5 received 2026-12-09", "2 assessed 2026-12-09", "3 contacted 2026-12-14"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(ledger.Oddities) != 1 || ledger.Oddities[0].Index != 6 {
		t.Errorf("the act of a stranger is no oddity: %v", ledger.Oddities)
	}
}

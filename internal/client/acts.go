package client

import (
	"slices"

	"answerable/internal/transparency"
)

// Act is what a member of a panel owned up to in public, in its place in the log.
type Act struct {
	transparency.Action
	Index int64
}

// mostActs is how many acts of one code are looked for on one receipt.
const mostActs = 100

func (l *Ledger) acted(index int64, leaf transparency.Leaf) {
	a, err := transparency.ParseAction(leaf)
	if err != nil {
		return // checked before
	}
	if l.acts == nil {
		l.acts = map[[32]byte]Act{}
	}
	l.acts[a.Tag] = Act{*a, index}
}

// OwnActs are the acts on the messages of one receipt, whose key this is, by day and then in the order in which acts usually
// come. Nobody but the writer and the panel can tell them from others. The twin of ui/src/ownacts.ts.
func (l *Ledger) OwnActs(actions [32]byte) []Act {
	var own []Act
	for _, code := range transparency.ActCodes {
		for n := range mostActs {
			if a, ok := l.acts[transparency.ActionTag(actions, code, n)]; ok {
				own = append(own, a)
			}
		}
	}
	slices.SortStableFunc(own, func(a, b Act) int { return a.Day.Compare(b.Day) })
	return own
}

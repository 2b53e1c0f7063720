package web

import (
	"sync"
	"time"
)

// Tries a minute: of everybody together, and at one mailbox. 88 bits stand behind a mailbox, so trying words is hopeless
// at any speed; the limits keep tries from costing everybody the database.
const (
	triesOfAll = 600
	triesOfOne = 20
)

// gate counts tries in the running minute and forgets them with it. It knows no addresses: people share them, and a list of
// them would say who came. Each replica counts for itself.
type gate struct {
	mu     sync.Mutex
	minute int64
	all    int
	one    map[[32]byte]int
}

func (g *gate) allow(mailbox [32]byte, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if minute := now.Unix() / 60; minute != g.minute || g.one == nil {
		g.minute, g.all, g.one = minute, 0, map[[32]byte]int{}
	}
	if g.all >= triesOfAll || g.one[mailbox] >= triesOfOne {
		return false
	}
	g.all++
	g.one[mailbox]++
	return true
}

// room says whether anybody gets through at all, without counting: what a try costs is not spent on one that will not.
func (g *gate) room(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return now.Unix()/60 != g.minute || g.all < triesOfAll
}

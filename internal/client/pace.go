package client

import (
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"filippo.io/age"

	"answerable/internal/coding"
)

// sittingEnds is how long somebody has to read nothing for a sitting to be over. Twin of SITTING_ENDS in ui/src/panel/pace.ts,
// where a sitting ends with the page, too.
const sittingEnds = 4 * time.Hour

// gravest is the seriousness after which a pause begins.
const gravest = 3

// Pace counts stories in one sitting, in the way of ui/src/panel/pace.ts. It stays in the reviewer's own part of a folder: a server
// that had it would know who reads what, and how it weighs on them. It is there to help, and no lock: who begins a new folder begins a
// new sitting.
type Pace struct {
	Practice Practice
	own      *notebook
	now      time.Time
	sitting  sitting
}

type sitting struct {
	Last      time.Time `json:"last"`
	Opened    []string  `json:"opened"`  // leaf hashes in hex
	Serious   []string  `json:"serious"` // of those, coded with seriousness 3
	SeriousAt time.Time `json:"serious_at"`
}

// NewPace reads what a folder knows: nothing before a panel's practice was fetched. Errors: ErrNothingPulled, ErrOwn, ErrFolder.
func NewPace(dir string, identity *age.HybridIdentity, now time.Time) (*Pace, error) {
	n, err := notebookIn(dir, identity)
	if err != nil {
		return nil, err
	}
	return n.pace(now)
}

func (n *notebook) pace(now time.Time) (*Pace, error) {
	o, err := n.read()
	if err != nil {
		return nil, err
	}
	p := &Pace{Practice: o.Practice, own: n, now: now, sitting: o.Sitting}
	if now.Sub(p.sitting.Last) > sittingEnds || p.sitting.Last.After(now) {
		p.sitting = sitting{}
	}
	return p, nil
}

// RestError says why somebody should not open one more story now. Hard is whether it stops them, or only says so.
type RestError struct {
	Reason string
	Hard   bool
}

func (e *RestError) Error() string { return e.Reason }

// Brake says what speaks against one more story now; nil when nothing does. A story that is open already may be finished.
func (p *Pace) Brake(leaf string) *RestError {
	if p.Practice.Sitting == 0 || slices.Contains(p.sitting.Opened, leaf) {
		return nil
	}
	rest := func(reason string, args ...any) *RestError {
		return &RestError{fmt.Sprintf(reason, args...), p.Practice.Hard}
	}
	if left := time.Duration(p.Practice.Gap)*time.Minute - p.now.Sub(p.sitting.SeriousAt); left > 0 {
		return rest("take %d more minutes away from this first: the last story was of the gravest kind", int(math.Ceil(left.Minutes())))
	}
	if len(p.sitting.Serious) >= p.Practice.Serious {
		return rest("you have read %d stories of the gravest kind in this sitting, which is enough; rest, and come back in some hours", len(p.sitting.Serious))
	}
	if len(p.sitting.Opened) >= p.Practice.Sitting {
		return rest("you have read %d stories in this sitting, which is enough; rest, and come back in some hours", len(p.sitting.Opened))
	}
	return nil
}

// Opened counts a story; opening it again does not count again.
func (p *Pace) Opened(leaf string) error {
	if !slices.Contains(p.sitting.Opened, leaf) {
		p.sitting.Opened = append(p.sitting.Opened, leaf)
	}
	p.sitting.Last = p.now
	return p.write()
}

// Coded counts a coding. One of seriousness 3 begins the pause.
func (p *Pace) Coded(leaf string, seriousness int) error {
	if seriousness >= gravest {
		p.sitting.SeriousAt = p.now
		if !slices.Contains(p.sitting.Serious, leaf) {
			p.sitting.Serious = append(p.sitting.Serious, leaf)
		}
	}
	return p.Opened(leaf)
}

// Weigh counts a story of the gravest kind, whoever found it so, and begins the pause: somebody who did not code it, or found it less
// grave, has read it all the same. A terminal has no moment at which a story is put away, so each step on it that shows what was found
// is one. Errors: ErrOwn, ErrFolder, ErrRaced.
func (b *Bench) Weigh(c *Case) error {
	if !c.grave() {
		return nil
	}
	pace, err := b.own.pace(b.Now())
	if err != nil {
		return err
	}
	return pace.Coded(hex.EncodeToString(c.Leaf[:]), gravest)
}

// grave says whether somebody found a story to be of the gravest kind, as far as its reader is told.
func (c *Case) grave() bool {
	return slices.ContainsFunc(c.Codings, func(f Dated[*coding.Coding]) bool { return f.Body.Seriousness >= gravest }) ||
		slices.ContainsFunc(c.Consensuses, func(f Dated[*coding.Consensus]) bool { return f.Body.Seriousness >= gravest })
}

func (p *Pace) write() error {
	return p.own.change(func(o *own) error {
		o.Sitting = p.sitting
		return nil
	})
}

// keepPractice lets later commands without a network know the panel's caps.
func (b *Bench) keepPractice() error {
	had, err := b.own.read()
	if err != nil || reflect.DeepEqual(had.Practice, b.Practice) {
		return err
	}
	return b.own.change(func(o *own) error {
		o.Practice = b.Practice
		return nil
	})
}

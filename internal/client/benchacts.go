package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/big"
	"time"

	"answerable/internal/coding"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Chances, one in so many for each reviewer and day, that a decoy or junk is said to be assessed, and then closed: the number of
// these acts in public must not tell how many messages are none.
const (
	coverAssessed = 8
	coverClosed   = 24
)

// ownUp makes the acts public that were done and are not in the log yet: an act of each message received, one more where it
// does not open or was opened by several together, and for each writer one where two coders agree on a message, and one where
// the panel keeps it or a finding of it stands that a member signed, and one where the clinic was handed that in a week that is over, by
// somebody who wrote about it. They are posted in a random order: cards name their leaves, and acts in the same order, or those of one
// receipt in a row, would tell whose they are.
func (b *Bench) ownUp(ctx context.Context) error {
	acts := b.owed()
	for _, c := range b.cases {
		c.fresh = false // from here on its own act stands, or was lost
	}
	if err := shuffle(acts); err != nil {
		return err
	}
	for _, a := range acts {
		if err := b.act(ctx, a.key, a.code, a.n); err != nil {
			return err
		}
	}
	return nil
}

// owedAct is the n-th act of a code under a key that tags acts.
type owedAct struct {
	key  [32]byte
	code string
	n    int
}

// owed are the acts that were done and are not in the log, nor on their way.
func (b *Bench) owed() (acts []owedAct) {
	for key, did := range b.done() {
		for code, done := range did {
			for _, n := range done.owed(func(n int) bool { return b.tags[transparency.ActionTag(key, code, n)] }) {
				acts = append(acts, owedAct{key, code, n})
			}
		}
	}
	return acts
}

// times is how often an act was done on the messages of a receipt that are here, and how often of it on fresh ones: those that
// got their first card just now.
type times struct{ all, fresh int }

func (d times) and(c *Case) times {
	d.all++
	if c.fresh && c.Card.Actions != "" { // a key of one file has one act of each code
		d.fresh++
	}
	return d
}

// owed are the numbers that do not stand yet. Of fresh messages earlier ones of their receipt may be gone, and the tags that are
// taken stand for those. Twin of owedNumbers in ui/src/panel/publicacts.ts.
func (d times) owed(stands func(n int) bool) (owed []int) {
	before := 0
	for d.fresh > 0 && stands(before) {
		before++
	}
	if d.fresh > 0 {
		d.all = max(d.all, before+d.fresh)
	}
	for n := range d.all {
		if !stands(n) {
			owed = append(owed, n)
		}
	}
	return owed
}

// done counts the acts on all messages, by the key that tags them and by code.
func (b *Bench) done() map[[32]byte]map[string]times {
	count := map[[32]byte]map[string]times{}
	for _, c := range b.ordered() {
		if count[c.actions] == nil {
			count[c.actions] = map[string]times{}
		}
		did := count[c.actions]
		did[transparency.ActReceived] = did[transparency.ActReceived].and(c)
		if c.Card.Of == coding.OfJunk {
			did[transparency.ActUndecryptable] = did[transparency.ActUndecryptable].and(c)
		}
		if record, err := b.opener.record(c.Epoch); err == nil && record.K > 1 {
			did[transparency.ActOpenedByQuorum] = did[transparency.ActOpenedByQuorum].and(c)
		}
		if c.signedAlike() != nil {
			did[transparency.ActAssessed] = times{all: 1}
		}
		if c.Handed && c.isGiven() && c.wrote(b.ID) {
			did[transparency.ActActed] = times{all: 1}
		}
		if c.closed() && c.wrote(b.ID) {
			did[transparency.ActClosed] = times{all: 1}
		}
		if c.Card.Of == seal.KindDecoy || c.Card.Of == coding.OfJunk {
			b.cover(c, did)
		}
	}
	return count
}

// shuffle puts acts into an order that nobody can guess.
func shuffle(acts []owedAct) error {
	for i := len(acts) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return err
		}
		acts[i], acts[j.Int64()] = acts[j.Int64()], acts[i]
	}
	return nil
}

func (b *Bench) cover(c *Case, did map[string]times) {
	assessed := b.tags[transparency.ActionTag(c.actions, transparency.ActAssessed, 0)]
	switch {
	case !assessed && b.chance(c, transparency.ActAssessed, coverAssessed):
		did[transparency.ActAssessed] = times{all: 1}
	case assessed && b.chance(c, transparency.ActClosed, coverClosed):
		did[transparency.ActClosed] = times{all: 1}
	}
}

// chance is one in so many, the same however often somebody signs in on one day.
func (b *Bench) chance(c *Case, code string, oneIn uint32) bool {
	text := "answerable/v1/cover\n" + base64.RawURLEncoding.EncodeToString(c.actions[:]) + "\n" + code + "\n" + b.Today + "\n" + b.ID + "\n"
	hash := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint32(hash[:4])%oneIn == 0
}

// act owns up to an act in public. A tag that is taken is no error: a colleague did the same just now.
func (b *Bench) act(ctx context.Context, key [32]byte, code string, n int) error {
	if b.tags[transparency.ActionTag(key, code, n)] {
		return nil
	}
	_, err := b.try(ctx, key, code, n)
	return err
}

// try posts an act. taken says that another act stands under its tag; the very same one is no error.
func (b *Bench) try(ctx context.Context, key [32]byte, code string, n int) (taken bool, err error) {
	tag := transparency.ActionTag(key, code, n)
	day, err := time.Parse(time.DateOnly, b.Today)
	if err != nil {
		return false, err
	}
	if transparency.Weekly(code) {
		day = transparency.WeekOf(day)
	}
	a := &transparency.Action{Tag: tag, Code: code, Day: day, ReviewerID: b.ID}
	a.Sign(b.key)
	err = b.post(ctx, b.path("acts"), map[string]string{"leaf": string(a.Leaf())}, nil)
	var p *Problem
	if taken = errors.As(err, &p) && p.Kind(problemTagTaken); taken {
		err = nil
	}
	if err == nil {
		b.tags[tag] = true
	}
	return taken, err
}

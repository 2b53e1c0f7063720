package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Tended counts what a client did for the panel by itself.
type Tended struct {
	Cards   int `json:"cards"`   // made for the colleagues
	Coded   int `json:"coded"`   // messages whose codes are counted from now on
	Uncoded int `json:"uncoded"` // or are not any more, at their writer's wish
	Taken   int `json:"taken"`   // findings taken back at their writer's wish
}

// Tend does what every reviewer's client does at sign-in: it makes the cards that are missing, owns up to the acts, counts what may be
// counted, and takes back what a writer has taken back. What somebody stepped back from takes what came later with it.
func (b *Bench) Tend(ctx context.Context) (*Tended, error) {
	t := &Tended{}
	if err := b.forgetRecused(ctx); err != nil {
		return t, err
	}
	for _, c := range b.ordered() {
		if c.Carded {
			continue
		}
		if _, err := b.send(ctx, c, c.Card); err != nil && !isGone(err) {
			return t, err
		}
		t.Cards++
	}
	for _, c := range b.ordered() {
		if err := b.count(ctx, c, t); err != nil && !isGone(err) {
			return t, err
		}
	}
	if err := b.retract(ctx, t); err != nil {
		return t, err
	}
	return t, b.ownUp(ctx)
}

func isGone(err error) bool {
	var p *Problem
	return errors.As(err, &p) && (p.Kind("message-gone") || p.Kind("recused"))
}

// forgetRecused steps back from further messages of writers whose first message this reviewer stepped back from, and takes
// all of them off this machine. What belongs to such a message is known from what it says itself, from a colleague's card, or
// from the mailbox that was noted when the reviewer stepped back.
func (b *Bench) forgetRecused(ctx context.Context) error {
	boxes := b.recusedBoxes()
	for _, c := range b.ordered() {
		if c.message == nil || c.Card.Of == seal.KindSubmission || c.Card.Of == seal.KindDecoy {
			continue
		}
		of := c.message.Mailbox != nil && boxes[*c.message.Mailbox]
		for _, thread := range []string{c.thread, deref(c.message.Thread)} {
			first, err := seal.ParseCommitment(thread)
			of = of || err == nil && b.recused[first]
		}
		if of {
			if err := b.recuse(ctx, c); err != nil {
				return err
			}
		}
	}
	for leaf := range b.recused {
		b.forget(leaf)
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// recusedBoxes are the mailboxes noted in the folder, of messages that this reviewer stepped back from.
func (b *Bench) recusedBoxes() map[string]bool {
	boxes := map[string]bool{}
	paths, err := filepath.Glob(filepath.Join(globEscape(b.dir), "*"+recusedExt))
	if err != nil {
		return boxes
	}
	for _, path := range paths {
		if box, err := os.ReadFile(path); err == nil {
			boxes[string(box)] = true
		}
	}
	return boxes
}

// forget takes a message off this machine.
func (b *Bench) forget(leaf [32]byte) {
	base := filepath.Join(b.dir, hex.EncodeToString(leaf[:]))
	for _, ext := range []string{ageExt, leafExt, declaredExt} {
		_ = os.Remove(base + ext) // most often it is not there
	}
	delete(b.cases, leaf)
}

// count puts the codes of a message into the clear where two agree, its writer allows it and everything is read, and takes them out
// where its writer does not allow it any more. What is missing on this machine alone takes nothing out, or a member who cannot
// open an old epoch would undo what the others do at every sign-in.
func (b *Bench) count(ctx context.Context, c *Case, t *Tended) error {
	if c.message == nil || c.Card.Of != seal.KindSubmission {
		return nil
	}
	if c.Coded && len(coding.Against(c.Wishes(), coding.FormCount)) > 0 {
		t.Uncoded++
		c.Coded = false
		return b.post(ctx, b.path("coded", "retraction"), map[string][]byte{"leaf": c.Leaf[:]}, nil)
	}
	agreed, hashes := c.Settled()
	own := slices.ContainsFunc(c.Consensuses, func(f Dated[*coding.Consensus]) bool {
		return f.By == b.ID && slices.Contains(hashes, f.Hash)
	})
	if c.Coded || agreed == nil || !own || len(b.verdict(c, coding.FormCount).Why) > 0 {
		return nil
	}
	facts := factsOf(c.Card, agreed)
	signature, err := review.SignCoded(b.key, b.clinicID, c.Leaf, &facts)
	if err != nil {
		return err
	}
	in := struct {
		Leaf      []byte       `json:"leaf"`
		Facts     review.Facts `json:"facts"`
		Signature []byte       `json:"signature"`
	}{c.Leaf[:], facts, signature}
	if err := b.post(ctx, b.path("coded"), in, nil); err != nil {
		return err
	}
	t.Coded++
	c.Coded = true
	return nil
}

// factsOf lifts out of a consensus what is counted. A role counts where the writer picked one.
func factsOf(card *coding.Card, agreed *coding.Consensus) review.Facts {
	f := review.Facts{
		Taxonomy: agreed.Taxonomy, Service: card.Service, Themes: agreed.Yes, Items: agreed.Items, Good: agreed.Good,
		Seriousness: agreed.Seriousness, Involved: agreed.Involved, Repair: agreed.Repair,
	}
	if len(card.Roles) == 1 {
		f.Role = card.Roles[0]
	}
	return f
}

// finding is a finding that stands.
type finding struct {
	ID   string `json:"id"`
	Leaf []byte `json:"leaf"`
	Form string `json:"form"`
}

// retract takes findings back whose writers do not allow them any more.
func (b *Bench) retract(ctx context.Context, t *Tended) error {
	var out struct {
		Findings []finding `json:"findings"`
	}
	if err := b.get(ctx, b.path("findings"), &out); err != nil {
		return err
	}
	for _, f := range out.Findings {
		if len(f.Leaf) != 32 || b.cases[[32]byte(f.Leaf)] == nil {
			continue
		}
		c := b.cases[[32]byte(f.Leaf)]
		if len(coding.Against(c.Wishes(), f.Form)) == 0 {
			continue
		}
		if err := b.post(ctx, b.path("findings", f.ID, "retraction"), struct{}{}, nil); err != nil && !isGone(err) {
			return err
		}
		c.Finding = false
		t.Taken++
	}
	return nil
}

// Chances, one in so many for each reviewer and day, that a decoy or junk is said to be assessed, and then closed: the number of
// these acts in public must not tell how many messages are none.
const (
	coverAssessed = 8
	coverClosed   = 24
)

// ownUp makes the acts public that were done and are not in the log yet: an act of each message received, one more where it does
// not open or was opened by several together, and one for each writer whose message two coders agree on. They are posted in a
// random order: cards name their leaves, and acts in the same order, or those of one receipt in a row, would tell whose they are.
func (b *Bench) ownUp(ctx context.Context) error {
	acts := b.owed()
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
		for code, times := range did {
			for n := range times {
				if !b.tags[transparency.ActionTag(key, code, n)] {
					acts = append(acts, owedAct{key, code, n})
				}
			}
		}
	}
	return acts
}

// done counts the acts on all messages, by the key that tags them and by code.
func (b *Bench) done() map[[32]byte]map[string]int {
	count := map[[32]byte]map[string]int{}
	for _, c := range b.ordered() {
		if count[c.actions] == nil {
			count[c.actions] = map[string]int{}
		}
		did := count[c.actions]
		did[transparency.ActReceived]++
		if c.Card.Of == coding.OfJunk {
			did[transparency.ActUndecryptable]++
		}
		if record, err := b.recordOf(c.Epoch); err == nil && record.K > 1 {
			did[transparency.ActOpenedByQuorum]++
		}
		if agreed, _ := c.Settled(); agreed != nil {
			did[transparency.ActAssessed]++
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

func (b *Bench) cover(c *Case, did map[string]int) {
	assessed := b.tags[transparency.ActionTag(c.actions, transparency.ActAssessed, 0)]
	switch {
	case !assessed && b.chance(c, transparency.ActAssessed, coverAssessed):
		did[transparency.ActAssessed] = 1
	case assessed && b.chance(c, transparency.ActClosed, coverClosed):
		did[transparency.ActClosed] = 1
	}
}

// chance is one in so many, the same however often somebody signs in on one day.
func (b *Bench) chance(c *Case, code string, oneIn uint32) bool {
	text := "answerable/v1/cover\n" + base64.RawURLEncoding.EncodeToString(c.actions[:]) + "\n" + code + "\n" + b.Today + "\n" + b.ID + "\n"
	hash := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint32(hash[:4])%oneIn == 0
}

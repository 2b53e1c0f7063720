package client

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// Tended counts what a client did for the panel by itself.
type Tended struct {
	Cards     int `json:"cards"`     // made for the colleagues
	Coded     int `json:"coded"`     // messages whose codes are counted from now on
	Uncoded   int `json:"uncoded"`   // or are not any more, at their writer's wish
	Disagreed int `json:"disagreed"` // or are not as they were, as no two coders agree on that; what two agree on now is in Coded too
	Taken     int `json:"taken"`     // findings taken back at their writer's wish
}

// cardsNeeded is by how many members' cards others go who have not opened a message: one alone could hide it from them.
const cardsNeeded = 2

// Tend does what every reviewer's client does at sign-in: it makes the cards that are missing, owns up to the acts, counts what may be
// counted, and takes back what a writer has taken back, and codes that no two coders agree on. What somebody stepped back from takes
// what came later with it. Cards and acts carry the server's day: where that is not this machine's own, they are owed still.
func (b *Bench) Tend(ctx context.Context) (*Tended, error) {
	t := &Tended{}
	if err := b.forgetRecused(ctx); err != nil || b.offline != nil {
		return t, err // the rest goes by what the server knows now, and is done when what waits is sent
	}
	signs := b.dated(mostApart) == nil
	for _, c := range b.ordered() {
		if !signs || c.carders[b.ID] || len(c.carders) >= cardsNeeded {
			continue
		}
		if seen := b.seen.checkpoint; seen != nil && seen.Size > 0 {
			c.Card.Log = coding.Sighting(seen.Size, seen.Root)
		}
		first := len(c.carders) == 0
		_, err := b.send(ctx, c, c.Card)
		if err != nil && !isGone(err) {
			return t, err
		}
		c.fresh = first && err == nil
		t.Cards++
	}
	for _, c := range b.ordered() {
		if err := b.count(ctx, c, t); err != nil && !isGone(err) {
			return t, err
		}
	}
	if err := b.retract(ctx, t); err != nil || !signs {
		return t, err
	}
	return t, b.ownUp(ctx)
}

func isGone(err error) bool {
	var p *Problem
	return errors.As(err, &p) && (p.Kind("message-gone") || p.Kind("recused"))
}

// count puts the codes of a message into the clear where two agree, its writer allows it and everything is read. Before that it
// takes out what may not lie there. What a writer sent later is never counted: they are, with what they told first.
func (b *Bench) count(ctx context.Context, c *Case, t *Tended) error {
	if c.Coded {
		if err := b.takeOut(ctx, c, t); err != nil {
			return err
		}
	}
	if c.message == nil || c.beside() {
		return nil
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
	hash, err := facts.Hash()
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
	c.Coded, c.codes = true, &servedCodes{hash[:], b.ID, signature}
	return nil
}

// factsOf lifts out of a consensus what is counted.
func factsOf(card *coding.Card, agreed *coding.Consensus) review.Facts {
	return review.Facts{
		Taxonomy: agreed.Taxonomy, Service: card.Service, Role: agreed.Role, Themes: agreed.Yes, Items: agreed.Items, Good: agreed.Good,
		Seriousness: agreed.Seriousness, Involved: agreed.Involved, Repair: agreed.Repair,
	}
}

// retract takes findings back whose writers do not allow them any more.
func (b *Bench) retract(ctx context.Context, t *Tended) error {
	findings, err := b.findings(ctx, b.clinic)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if len(f.Leaf) != 32 || b.cases[[32]byte(f.Leaf)] == nil {
			continue
		}
		c := b.cases[[32]byte(f.Leaf)]
		decision := c.decisionOf(&f)
		gone := decision != nil && c.forbids(decision.Body, coding.Outgoing{Form: decision.Body.Form, Words: decision.Body.Words})
		if !gone && !c.beside() && len(coding.Against(c.wishes(), f.Form)) == 0 {
			continue
		}
		if err := b.TakeBack(ctx, b.clinic, f.ID); err != nil && !isGone(err) {
			return err
		}
		c.Finding, c.given, c.takenBack = false, nil, append(c.takenBack, base64.RawURLEncoding.EncodeToString(f.Sharing))
		t.Taken++
	}
	return nil
}

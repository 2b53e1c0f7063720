package client

import (
	"context"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// What came of holding codes that lie in the clear, besides Holds, Differs and Shut.
const (
	Outgrown Holding = "outgrown" // two coders had agreed on them, and do not any more
	Hidden   Holding = "hidden"   // the server does not show whose they are
)

// servedCodes is who put codes into the clear, and what they signed of them, as a server gives it.
type servedCodes struct {
	FactsHash []byte `json:"facts_hash"` // of review.Facts
	By        string `json:"by"`
	Signature []byte `json:"signature"`
}

// WrongCodes are codes in the clear that no two coders ever agreed on, or that are not shown with the signature of whose they are.
type WrongCodes struct {
	By     string // whose they are said to be; "" where the server does not say
	Day    string // of the message, YYYY-MM-DD
	Signed bool   // By did sign them
}

// holdCodes holds the codes of a message that lie in the clear against what its coders agree on. Twin of holdCodes in
// ui/src/panel/heldcodes.ts.
func (b *Bench) holdCodes(c *Case) Holding {
	if c.Card == nil || c.mustCode(b.ID) || c.Card.Of == coding.OfJunk {
		return Shut // it is not open, or who still reads alone is given nothing to hold them against
	}
	if c.codes == nil {
		return Hidden
	}
	if !b.signedCodes(c) {
		return Differs
	}
	hash := [32]byte(c.codes.FactsHash)
	signers := map[string]bool{}
	for _, f := range c.Consensuses {
		if c.coder(f.By) && c.factsAre(f.Body, hash) {
			signers[f.By] = true
		}
	}
	agreed := c.signedAlike()
	switch {
	case !signers[c.codes.By]:
		return Differs
	case agreed != nil && c.factsAre(agreed, hash):
		return Holds
	case len(signers) >= 2:
		return Outgrown
	}
	return Differs
}

// signedCodes says whether the member did sign the codes whose they are said to be.
func (b *Bench) signedCodes(c *Case) bool {
	return c.codes != nil && len(c.codes.FactsHash) == 32 &&
		review.VerifyCoded(b.keyOf(c.codes.By), b.clinicID, c.Leaf, [32]byte(c.codes.FactsHash), c.codes.Signature)
}

// factsAre says whether the facts of an agreement have this hash.
func (c *Case) factsAre(agreed *coding.Consensus, hash [32]byte) bool {
	facts := factsOf(c.Card, agreed)
	got, err := facts.Hash()
	return err == nil && got == hash
}

// wrongCodes are those of all messages here.
func (b *Bench) wrongCodes() (wrong []WrongCodes) {
	for _, c := range b.ordered() {
		if !c.Coded {
			continue
		}
		switch b.holdCodes(c) {
		case Hidden:
			wrong = append(wrong, WrongCodes{Day: c.Day})
		case Differs:
			wrong = append(wrong, WrongCodes{By: c.codes.By, Day: c.Day, Signed: b.signedCodes(c)})
		}
	}
	return wrong
}

// takeOut takes codes out of the clear that are of no first message, that their writer does not allow to be counted any more, or that
// no two coders agree on as they are. What is missing on this machine alone takes nothing out, or a member who cannot open an old epoch
// would undo what the others do at every sign-in.
func (b *Bench) takeOut(ctx context.Context, c *Case, t *Tended) error {
	held := b.holdCodes(c)
	switch {
	case c.message != nil && (c.beside() || len(coding.Against(c.wishes(), coding.FormCount)) > 0):
		t.Uncoded++
	case held == Outgrown, held == Differs:
		t.Disagreed++
	default:
		return nil
	}
	c.Coded, c.codes = false, nil
	return b.post(ctx, b.path("coded", "retraction"), map[string][]byte{"leaf": c.Leaf[:]}, nil)
}

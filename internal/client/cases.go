package client

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// Parts that are no roles: who has sent a coding, and who has stepped back.
const (
	partCoded   = "coded"
	partRecused = "recused"
)

// workAnswer is how an epoch's messages stand.
type workAnswer struct {
	Today    string        `json:"today"`
	Messages []workMessage `json:"messages"`
	Parts    []workPart    `json:"parts"`
}

// workPart is a part with what its reviewer signed for it: a step back, or the envelope of a coding. A claim is signed by nobody.
type workPart struct {
	Part
	Signature []byte `json:"signature,omitempty"`
	FileHash  []byte `json:"file_hash,omitempty"` // of a coding, which may be held back
	Day       string `json:"day,omitempty"`       // of a coding
}

type workMessage struct {
	Leaf    []byte `json:"leaf"`
	Day     string `json:"day"`
	Coded   bool   `json:"coded_in_clear"`
	Finding bool   `json:"finding"`
	Handed  bool   `json:"handed_over"`
	Agreed  bool   `json:"agreement_sent"` // an older server never says so

	TakenBack [][]byte `json:"taken_back,omitempty"` // an older server gives none

	Codes *servedCodes `json:"codes"` // an older server gives none
}

// takenBack are the decisions whose findings were taken back, as the server says: base64url of their hashes.
func (m *workMessage) takenBack() (decisions []string) {
	for _, hash := range m.TakenBack {
		decisions = append(decisions, base64.RawURLEncoding.EncodeToString(hash))
	}
	return decisions
}

// work lists an epoch's messages and opens them.
func (b *Bench) work(ctx context.Context, epoch string) error {
	var out workAnswer
	if err := b.get(ctx, b.path("epochs", epoch, "work"), &out); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, out.Today); err != nil {
		return errors.New("the server's day does not read")
	}
	b.Today = out.Today
	for _, m := range out.Messages {
		if len(m.Leaf) != 32 {
			continue
		}
		c := &Case{
			Leaf: [32]byte(m.Leaf), Epoch: epoch, Day: m.Day, Coded: m.Coded, Finding: m.Finding, Handed: m.Handed, codes: m.Codes, takenBack: m.takenBack(),
			agreed: m.Agreed, sent: map[string]int{}, carders: map[string]bool{}, members: b.members(),
		}
		if _, waits := b.unsent[c.Leaf]; waits {
			b.unsent[c.Leaf] = c // what was done on it before the step back is sent before that; nothing else sees it
			continue
		}
		if err := b.open(c); err != nil {
			b.whole = false // its file, or the key of this epoch, is not here
			continue
		}
		b.cases[c.Leaf] = c
	}
	for i := range out.Parts {
		p := &out.Parts[i]
		b.signed = b.signed || len(p.Signature) > 0
		c := b.held(p.Leaf)
		switch {
		case c == nil:
		case b.proven(c, p):
			c.Parts = append(c.Parts, p.Part)
		case (p.Part.Part == partCoded || p.Part.Part == partRecused) && !slices.ContainsFunc(b.Unproven, func(had Unproven) bool { return had == Unproven{p.Reviewer, p.Part.Part} }):
			b.Unproven = append(b.Unproven, Unproven{p.Reviewer, p.Part.Part})
		}
	}
	return nil
}

// WrongCard is a card that its author stored for a message of a day, and that says something else than the message does: by an older list
// of codes, by mistake, or on purpose.
type WrongCard struct{ By, Day string }

// wrongCards are those of colleagues: everything is opened here, and nothing of it goes by their cards. Twin of
// ui/src/panel/contradictions.ts.
func (b *Bench) wrongCards() (all []WrongCard) {
	for _, c := range b.ordered() {
		for _, f := range c.cards {
			if one := (WrongCard{f.By, c.Day}); f.By != b.ID && !b.bearsOut(c, f.Body) && !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	return all
}

// bearsOut says whether a message is as a card of it says.
func (b *Bench) bearsOut(c *Case, card *coding.Card) bool {
	return card.SaysAs(c.Card) && b.mayName(c, card.Thread)
}

// mayName says whether a card of a message may name another as its first: what the message itself names, or a first one of its
// receipt. Of one that is not here nobody can say, for its maker may have had it.
func (b *Bench) mayName(c *Case, thread string) bool {
	if thread == "" || c.message != nil && thread == deref(c.message.Thread) {
		return true
	}
	leaf, err := seal.ParseCommitment(thread)
	if err != nil || !c.beside() || c.message == nil || c.Card.Of == seal.KindDecoy {
		return false
	}
	if first := b.cases[leaf]; first != nil {
		return !first.beside() && first.Card.Receipt != "" && first.Card.Receipt == c.Card.Receipt
	}
	receipt := b.reminded(leaf, b.recused[leaf])
	return receipt == "" || receipt == c.Card.Receipt
}

// Unproven is what a server says that a member did on a message, and shows no signature of theirs for: partCoded or partRecused.
type Unproven struct{ Reviewer, Part string }

// proven says whether a part counts. That somebody has sent a coding closes a seat, and that somebody has stepped back leaves fewer to
// read: both count with the signature of whose they are, a coding's with its envelope, which is given before the sealed file is, and while
// its author was on the panel. A claim
// is signed by nobody: it is the server's word, of members alone. Twin of ui/src/panel/proven.ts.
func (b *Bench) proven(c *Case, p *workPart) bool {
	switch p.Part.Part {
	case partCoded:
		day, err := time.Parse(time.DateOnly, p.Day)
		if err != nil || len(p.FileHash) != sha256.Size || !b.wrote(c, p.Reviewer, p.Day) {
			return false
		}
		e := review.Envelope{ClinicID: b.clinicID, LeafHash: c.Leaf, Kind: review.KindCoding, FileHash: [32]byte(p.FileHash), Day: day}
		return e.Verify(b.keyOf(p.Reviewer), p.Signature)
	case partRecused:
		return review.VerifyRecusal(b.keyOf(p.Reviewer), b.clinicID, c.Leaf, p.Reviewer, p.Signature)
	}
	return slices.Contains(c.members, p.Reviewer)
}

// held is a message that is open, or one whose step back waits to be sent; nil for any other.
func (b *Bench) held(leaf []byte) *Case {
	if len(leaf) != 32 {
		return nil
	}
	return cmp.Or(b.cases[[32]byte(leaf)], b.unsent[[32]byte(leaf)])
}

// errElsewhere means that a server lists a message under another epoch than its leaf names: what is written about it would be
// sealed to that epoch's key.
var errElsewhere = errors.New("the message belongs to another epoch than the server says")

// open opens a message and makes its card. What is the file that its leaf names and does not open is junk. Its error means that the
// file or the epoch's key is not here, of which nothing can be said.
func (b *Bench) open(c *Case) error {
	key, err := b.opener.epochKey(c.Epoch)
	if err != nil {
		return err
	}
	if c.actions, err = seal.CoverActions(key, c.Leaf); err != nil {
		return err
	}
	named := &Opened{}
	p, err := b.opener.read(hex.EncodeToString(c.Leaf[:]), named)
	if named.Epoch != "" && named.Epoch != c.Epoch {
		return errElsewhere
	}
	var junk junkError
	if errors.As(err, &junk) {
		c.Card = coding.NewCard(coding.OfJunk, "", nil)
		return nil
	}
	if err != nil {
		return err
	}
	c.message = p
	c.Card = coding.NewCard(p.T, "", p.Answers)
	if p.T == seal.KindDecoy {
		return nil
	}
	c.Card.Tie(deref(p.Mailbox), deref(p.Actions))
	if own, err := seal.ParseCommitment(c.Card.Actions); err == nil {
		c.actions = own
	}
	return nil
}

// tie joins the messages of one writer, by the mailbox that they share: it is known to their writer and the panel alone. What a message
// says of its thread ties nothing. Leaf hashes are public, so anybody can say one. Of several first messages each has all that came
// later, which names the one with the least leaf hash.
func (b *Bench) tie() {
	told := map[string][]*Case{}
	for _, c := range b.ordered() {
		if c.message != nil && c.message.Mailbox != nil {
			told[*c.message.Mailbox] = append(told[*c.message.Mailbox], c)
		}
	}
	for _, all := range told {
		var firsts, later []*Case
		for _, c := range all {
			if c.beside() {
				later = append(later, c)
			} else {
				firsts = append(firsts, c)
			}
		}
		for _, c := range later {
			if len(firsts) == 0 {
				c.others = without(later, c)
				continue
			}
			c.first, c.Card.Thread = firsts[0], seal.Commitment(firsts[0].Leaf).String()
		}
		for _, c := range firsts {
			c.others, c.later = without(firsts, c), later
		}
	}
}

func without(all []*Case, c *Case) []*Case {
	return slices.DeleteFunc(slices.Clone(all), func(one *Case) bool { return one == c })
}

// ordered are all cases by leaf hash, which tells nothing of time.
func (b *Bench) ordered() []*Case {
	out := make([]*Case, 0, len(b.cases))
	for _, c := range b.cases {
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y *Case) int { return slices.Compare(x.Leaf[:], y.Leaf[:]) })
	return out
}

// Case gives a message by its hash in hex. Errors: ErrNoMessage.
func (b *Bench) Case(leaf string) (*Case, error) {
	hash, err := hex.DecodeString(leaf)
	if err != nil || len(hash) != 32 {
		return nil, ErrNoMessage
	}
	c := b.cases[[32]byte(hash)]
	if c == nil || c.message == nil || c.Card.Of == seal.KindDecoy {
		return nil, ErrNoMessage
	}
	return c, nil
}

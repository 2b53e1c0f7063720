package client

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Packet is the file that a writer keeps: what the mailbox's page made of a receipt, without the receipt.
type Packet struct {
	V         int            `json:"v"`
	T         string         `json:"t"`
	Origin    string         `json:"origin"`
	Clinic    string         `json:"clinic"`
	ClinicID  string         `json:"clinic_id"`
	Day       string         `json:"day"`       // on which it was made, by the writer's clock
	VKey      string         `json:"vkey"`      // of the log
	Manifests []string       `json:"manifests"` // leaves of the panel's lists, the first one first
	Proofs    []string       `json:"proofs"`    // c2sp.org/tlog-proof@v1, one for each message in the log
	Acts      []string       `json:"acts"`      // the same for what the panel says in the log that it did
	Tickets   []string       `json:"tickets"`
	Written   []string       `json:"written"`
	Answers   []packetAnswer `json:"answers"`
}

type packetAnswer struct {
	seal.Reply `json:",inline"`
	Holds      bool `json:"holds"` // as the page found it; looked at again here
}

// ErrPacket means that a kept file does not hold together.
var ErrPacket = errors.New("this file does not hold together")

// CheckedPacket is what a kept file proves.
type CheckedPacket struct {
	Origin      string   `json:"origin"`
	Fingerprint string   `json:"fingerprint"` // of the panel's first list, to be compared with the poster's
	Leaves      []string `json:"leaves"`      // leaf hashes of the messages, in hex
	Acts        []string `json:"acts"`        // codes of what members of the panel signed that they did; about what, is the page's word
	Tickets     int      `json:"tickets"`     // promises that nothing in the file shows to be kept
	Answers     int      `json:"answers"`     // signed by the panel, each to one of these messages
	Unsigned    int      `json:"unsigned"`    // that the page already said were nobody's
}

// CheckPacket checks a kept file by itself: every proof against the log's key, and every answer against the panel's lists
// and the messages. Tickets are checked against the log: see Ledger.Ticket. A file that was saved just after telling holds
// nothing but those, and names no key. Errors wrap ErrPacket.
func CheckPacket(file []byte, vkey string) (*CheckedPacket, error) {
	var p Packet
	if err := json.Unmarshal(file, &p, json.RejectUnknownMembers(true)); err != nil || p.V != 1 || p.T != "packet" {
		return nil, fmt.Errorf("%w: it is no file that the mailbox's page made", ErrPacket)
	}
	out := &CheckedPacket{Origin: p.Origin, Leaves: []string{}, Acts: []string{}, Tickets: len(p.Tickets)}
	if p.VKey == "" && len(p.Tickets) > 0 && len(p.Proofs)+len(p.Acts)+len(p.Answers) == 0 {
		return out, nil
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil || p.VKey != vkey {
		return nil, fmt.Errorf("%w: it is of a log with another key", ErrPacket)
	}
	anchors, err := p.checkProofs(verifier, out)
	if err != nil {
		return nil, err
	}
	members, err := p.members(out)
	if err != nil {
		return nil, err
	}
	if err := p.checkActs(verifier, members, out); err != nil {
		return nil, err
	}
	return out, p.checkAnswers(anchors, members, out)
}

// members are the signing keys of everybody who is or was on the panel by the file's lists.
func (p *Packet) members(out *CheckedPacket) (map[string]ed25519.PublicKey, error) {
	keys := map[string]ed25519.PublicKey{}
	if len(p.Manifests) == 0 {
		return keys, nil
	}
	chain := keyring.Chain{ClinicID: p.ClinicID, Manifests: p.Manifests}
	members, err := chain.Members("")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPacket, err)
	}
	for _, m := range members {
		keys[m.ID] = m.VerifyKey
	}
	out.Fingerprint = chain.Fingerprint()
	return keys, nil
}

func (p *Packet) checkActs(verifier note.Verifier, members map[string]ed25519.PublicKey, out *CheckedPacket) error {
	for i, text := range p.Acts {
		proof, err := transparency.ParseProof([]byte(text), nil, verifier)
		if err != nil {
			return fmt.Errorf("%w: act %d: %w", ErrPacket, i+1, err)
		}
		act, err := transparency.ParseAction(proof.Leaf)
		if err != nil || proof.Checkpoint.Origin != p.Origin || !act.Verify(members[act.ReviewerID]) {
			return fmt.Errorf("%w: act %d is nothing that a member of the panel signed", ErrPacket, i+1)
		}
		out.Acts = append(out.Acts, act.Code)
	}
	return nil
}

func (p *Packet) checkProofs(verifier note.Verifier, out *CheckedPacket) (anchors []seal.Commitment, err error) {
	for i, text := range p.Proofs {
		proof, err := transparency.ParseProof([]byte(text), nil, verifier)
		if err != nil {
			return nil, fmt.Errorf("%w: proof %d: %w", ErrPacket, i+1, err)
		}
		leaf, err := transparency.ParseSubmission(proof.Leaf)
		if err != nil || proof.Checkpoint.Origin != p.Origin {
			return nil, fmt.Errorf("%w: proof %d is of something else", ErrPacket, i+1)
		}
		anchors = append(anchors, leaf.Anchor)
		out.Leaves = append(out.Leaves, fmt.Sprintf("%x", proof.Leaf.Hash()))
	}
	return anchors, nil
}

func (p *Packet) checkAnswers(anchors []seal.Commitment, members map[string]ed25519.PublicKey, out *CheckedPacket) error {
	for i := range p.Answers {
		a := &p.Answers[i]
		err := a.Verify(p.Origin, anchors, func(id string) ed25519.PublicKey { return members[id] })
		switch {
		case err == nil:
			out.Answers++
		case !a.Holds:
			out.Unsigned++
		default:
			return fmt.Errorf("%w: answer %d was changed, or answers a message that is not in it", ErrPacket, i+1)
		}
	}
	return nil
}

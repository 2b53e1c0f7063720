package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// PublicEpoch is an epoch as everybody can see it. Days are YYYY-MM-DD.
type PublicEpoch struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	NotBefore string `json:"not_before"`
	NotAfter  string `json:"not_after"`
	Recipient string `json:"recipient"`
}

// Epochs lists a clinic's epochs.
func (c *Client) Epochs(ctx context.Context, clinic string) ([]PublicEpoch, error) {
	epochs := []PublicEpoch{}
	err := c.get(ctx, clinicPath(publicAPI, clinic, "epochs"), &epochs)
	return epochs, err
}

// panelEpochs is what a signed-in reviewer sees.
type panelEpochs struct {
	Origin    string       `json:"origin"`
	TicketKey string       `json:"ticket_key"`
	Previous  []byte       `json:"previous"` // leaf hash a new record must name, null for the first
	Epochs    []panelEpoch `json:"epochs"`
	Withdrawn []string     `json:"withdrawn"` // leaves of what was taken back and waits for its place in the log
}

type panelEpoch struct {
	ID              string      `json:"id"`
	State           string      `json:"state"`
	Record          string      `json:"record"`
	Dealer          string      `json:"dealer"`
	DealerSignature []byte      `json:"dealer_signature"`
	Acks            []signature `json:"acks"`
	Wrap            []byte      `json:"wrap"`      // the reviewer's own; null when they have none
	WrapFrom        *signature  `json:"wrap_from"` // the colleague who handed it on; null when it was dealt
	Files           int         `json:"files"`
}

func (r *Reviewer) epochs(ctx context.Context, clinic string) (*panelEpochs, error) {
	var e panelEpochs
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "epochs"), &e); err != nil {
		return nil, err
	}
	return &e, nil
}

// Term is when an epoch is in use and how long what it sealed is kept. Days, UTC.
type Term struct{ NotBefore, NotAfter, RetainUntil time.Time }

// Deal makes an epoch: a key pair in memory, one wrap for every reviewer of the newest manifest, and the record signed
// by this reviewer as its dealer. Where the panel opens its epochs together, each wrap holds a part of the key. The private
// half is never written anywhere, unless a kit is asked for, and is gone when this returns.
// Errors wrap ErrPanel when the clinic has no valid panel or has decided otherwise, ErrUnread, ErrWithheld, ErrNotLogged, and ErrKit when a kit is asked for that cannot be; what OnKit
// answers comes back too, and the epoch is there then.
func (r *Reviewer) Deal(ctx context.Context, clinic string, t Term) (id string, p *Panel, err error) {
	if p, err = r.seatedPanel(ctx, clinic); err != nil {
		return "", nil, err
	}
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return "", nil, err
	}
	k, err := r.openBy(ctx, clinic, p)
	if err != nil {
		return "", nil, err
	}
	record, identity, wraps, err := deal(p, known, t, k)
	if err != nil {
		return "", nil, err
	}
	if err := p.fits(record); err != nil {
		return "", nil, err
	}
	in := struct {
		Record    string `json:"record"`
		Signature []byte `json:"signature"`
		Wraps     []wrap `json:"wraps"`
	}{record.Lines(), keyring.SignDeal(r.key, record.Lines()), wraps}
	var kit *Kit
	if r.OnKit != nil {
		if kit, err = newKit(record, identity, p.Current); err != nil {
			return "", nil, err
		}
	}
	if err := r.post(ctx, clinicPath(panelAPI, clinic, "epochs"), in, nil); err != nil || kit == nil {
		return record.ID, p, err
	}
	return record.ID, p, r.OnKit(kit)
}

type wrap struct {
	Reviewer string `json:"reviewer"`
	File     []byte `json:"file"`
}

func deal(p *Panel, known *panelEpochs, t Term, k int) (*keyring.Record, *age.HybridIdentity, []wrap, error) {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("make epoch key: %w", err)
	}
	record := &keyring.Record{
		ClinicID: p.Current.ClinicID, ID: keyring.NewEpochID(t.NotBefore), Recipient: identity.Recipient().String(),
		NotBefore: t.NotBefore, NotAfter: t.NotAfter, RetainUntil: t.RetainUntil,
		K: k, N: len(p.Current.Reviewers), Manifest: p.Leaf, TicketKey: known.TicketKey,
	}
	if known.Previous != nil {
		if len(known.Previous) != 32 {
			return nil, nil, nil, errors.New("the server names no leaf as the epoch before")
		}
		record.Previous = (*[32]byte)(known.Previous)
	}
	files, err := wrapFor(record, identity, p.Current)
	if err != nil {
		return nil, nil, nil, err
	}
	var wraps []wrap
	for i, member := range p.Current.Reviewers {
		wraps = append(wraps, wrap{Reviewer: member.ID, File: files[i]})
	}
	record.Wraps = keyring.HashWraps(files)
	if _, err := keyring.ParseRecord(record.Lines()); err != nil {
		return nil, nil, nil, err
	}
	return record, identity, wraps, nil
}

// wrapFor seals an epoch's key, or its parts, to each reviewer in the order of the manifest. The record is told of the
// parts.
func wrapFor(record *keyring.Record, identity *age.HybridIdentity, panel *keyring.Manifest) (files [][]byte, err error) {
	var recipients []string
	for _, member := range panel.Reviewers {
		recipients = append(recipients, member.Recipient)
	}
	if record.K > 1 {
		files, record.Shares, err = seal.WrapEpochShares(record.ID, identity, recipients, record.K)
		return files, err
	}
	for _, recipient := range recipients {
		file, err := seal.WrapEpochKey(record.ID, identity, recipient)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

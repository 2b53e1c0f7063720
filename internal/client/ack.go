package client

import (
	"context"
	"fmt"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// Acked is an epoch that this reviewer acknowledged, with its state afterwards.
type Acked struct {
	ID    string `json:"id"`
	State string `json:"state"`
	K     int    `json:"k"` // reviewers needed to open it, of
	N     int    `json:"n"`
}

// Ack acknowledges every offered epoch that this reviewer has not acknowledged yet: it opens their own wrap, recomputes
// the recipient, compares it with the record and checks the dealer's signature, then signs. Where several open an epoch it
// finds its own part named in the record instead. How many open it and its days must be what the panel decided. The first
// epoch that does not hold stops it; errors wrap seal.ErrWrap, ErrPanel, ErrUnread, ErrWithheld or ErrNotLogged.
func (r *Reviewer) Ack(ctx context.Context, clinic string) ([]Acked, error) {
	p, err := r.heldPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return nil, err
	}
	acked := []Acked{}
	for _, e := range known.Epochs {
		if !r.mustAck(e) || e.State != keyring.StateOffered && ofAnEarlierPanel(p, e.Record) {
			continue
		}
		record, err := r.checkOffer(p, &e)
		if err != nil {
			return acked, fmt.Errorf("epoch %s: %w", e.ID, err)
		}
		in := struct {
			Signature []byte `json:"signature"`
		}{keyring.SignAck(r.key, e.Record)}
		out := Acked{}
		if err := r.post(ctx, clinicPath(panelAPI, clinic, "epochs", e.ID, "acks"), in, &out); err != nil {
			return acked, fmt.Errorf("epoch %s: %w", e.ID, err)
		}
		acked = append(acked, Acked{ID: e.ID, State: out.State, K: record.K, N: record.N})
	}
	return acked, nil
}

func (r *Reviewer) mustAck(e panelEpoch) bool {
	switch e.State {
	case keyring.StateOffered, keyring.StateLogged, keyring.StateActive:
	default:
		return false
	}
	for _, ack := range e.Acks {
		if ack.Reviewer == r.ID {
			return false
		}
	}
	return true
}

// ofAnEarlierPanel reports whether an epoch in use was dealt before the panel changed: it has the acks it ever gets.
func ofAnEarlierPanel(p *Panel, record string) bool {
	r, err := keyring.ParseRecord(record)
	return err == nil && r.Manifest != p.Leaf
}

// checkOffer opens the reviewer's own wrap and holds it against the record, and the record against the panel.
func (r *Reviewer) checkOffer(p *Panel, e *panelEpoch) (*keyring.Record, error) {
	record, err := keyring.ParseRecord(e.Record)
	if err != nil {
		return nil, err
	}
	if p.Current == nil || record.Manifest != p.Leaf || record.ClinicID != p.Current.ClinicID || record.ID != e.ID || record.N != len(p.Current.Reviewers) {
		return nil, fmt.Errorf("%w: the record is for another panel", ErrPanel)
	}
	if !keyring.VerifyDeal(p.Current, e.Record, keyring.Signature{ReviewerID: e.Dealer, Signature: e.DealerSignature}) {
		return nil, fmt.Errorf("%w: nobody on the panel signed the record as its dealer", ErrPanel)
	}
	if p.standing.Revoked(record.ID) {
		return nil, fmt.Errorf("%w: the panel has called this key back", ErrPanel)
	}
	if err := p.fits(record); err != nil {
		return nil, err
	}
	if record.K > 1 {
		_, err = seal.OpenEpochShare(e.Wrap, r.identity, quorumOf(record), placeOf(p.Current, r.ID))
		return record, err
	}
	_, err = seal.OpenEpochKey(e.Wrap, r.identity, record.ID, record.Recipient)
	return record, err
}

package client

import (
	"context"
	"errors"
	"fmt"

	"answerable/internal/keyring"
)

// ErrUnproven means that the key which the server names could not be shown to be the panel's. Nothing was sealed to it.
var ErrUnproven = errors.New("this key could not be shown to be the panel's")

// prove walks from the panel's first list of members to the epoch that the server names. What the server hands out is
// leaves with their signatures; nothing else of it is believed. Without a fingerprint the first list is pinned by nobody.
func (c *Client) prove(ctx context.Context, clinic string, e *Epoch) error {
	chain, err := c.chain(ctx, clinic)
	if err != nil {
		return err
	}
	record, err := chain.Verify(c.Fingerprint, c.Now())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if record.ID != e.ID || record.Recipient != e.Recipient || record.TicketKey != e.TicketKey {
		return fmt.Errorf("%w: the key is not the one that the panel signed", ErrUnproven)
	}
	return nil
}

// chain fetches what the panel's lists and keys are walked on.
func (c *Client) chain(ctx context.Context, clinic string) (*keyring.Chain, error) {
	var answer struct {
		ClinicID    string   `json:"clinic_id"`
		Manifests   []string `json:"manifests"`
		Epoch       string   `json:"epoch"`
		Revocations []string `json:"revocations"`
	}
	if err := c.get(ctx, clinicPath(publicAPI, clinic, "chain"), &answer); err != nil {
		return nil, err
	}
	return &keyring.Chain{ClinicID: answer.ClinicID, Manifests: answer.Manifests, Epoch: answer.Epoch, Revocations: answer.Revocations}, nil
}

// ProvenEpoch is Epoch with the chain behind it walked. When the key changes between the two answers, it asks once more.
// Errors: ErrUnproven and those of Epoch.
func (c *Client) ProvenEpoch(ctx context.Context, clinic string) (*Epoch, error) {
	for try := 0; ; try++ {
		e, err := c.Epoch(ctx, clinic)
		if err != nil {
			return nil, err
		}
		err = c.prove(ctx, clinic, e)
		if err == nil {
			return e, nil
		}
		if try > 0 || !errors.Is(err, ErrUnproven) {
			return nil, err
		}
	}
}

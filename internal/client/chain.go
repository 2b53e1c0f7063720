package client

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrUnproven means that the key which the server names could not be shown to be the panel's. Nothing was sealed to it.
var ErrUnproven = errors.New("this key could not be shown to be the panel's")

// prove walks from the panel's first list of members to the epoch that the server names. What the server hands out is
// leaves with their signatures; nothing else of it is believed. The log, read before, says whether it leaves a list or a
// revocation out, and whether the key is past its time. Without a fingerprint the first list is pinned by nobody.
func (c *Client) prove(ctx context.Context, clinic string, e *Epoch) error {
	leaves, err := c.keyLeaves(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	chain, err := c.chain(ctx, clinic)
	if err != nil {
		return err
	}
	record, err := chain.Verify(c.Fingerprint, c.Now())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	standing := standingOf(chain.ClinicID, leaves)
	if err := errors.Join(standing.WithheldChain(chain), standing.InUse(record, c.Now())); err != nil {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if record.ID != e.ID || record.Recipient != e.Recipient || record.TicketKey != e.TicketKey {
		return fmt.Errorf("%w: the key is not the one that the panel signed", ErrUnproven)
	}
	return nil
}

// provenTries is how often a key is looked at that does not hold: it may change between two answers, and needs a second to
// get into the log.
const provenTries = 3

// ProvenEpoch is Epoch with the chain behind it walked.
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
		if try+1 == provenTries || !errors.Is(err, ErrUnproven) {
			return nil, err
		}
		if err := c.Wait(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

package intake

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"answerable/internal/seal"
)

// MostMessages is how many messages one receipt is looked through for: nobody sends more.
const MostMessages = 100

// Further is what a further message is made of: the keys of its place among the receipt's messages, the epoch it is sealed
// to, and the first message's leaf hash in base64url where that is here.
type Further struct {
	Keys   *seal.Keys
	Epoch  string
	Thread *string
}

// SealFurther is the way back for people without script: it seals a further message of a receipt in memory, at the next
// place that is free. Two devices that send at once get two places. write makes the plaintext.
// Errors: *seal.TooLongError, keyring.ErrNoEpoch and those of Submit.
func (s *Store) SealFurther(ctx context.Context, clinicID string, r seal.Stretched, write func(Further) *seal.Plaintext) (*Acceptance, error) {
	epoch, err := s.active(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	thread, err := s.thread(ctx, clinicID, r)
	if err != nil {
		return nil, err
	}
	for message := uint(1); message < MostMessages; message++ {
		keys := r.Message(message)
		file, err := seal.Seal(write(Further{keys, epoch.ID, thread}), epoch.Recipient)
		if err != nil {
			return nil, err
		}
		accepted, err := s.store(ctx, clinicID, Request{
			Epoch: epoch.ID, File: file, Anchor: keys.AnchorToken.Commitment(), Withdraw: keys.WithdrawToken.Commitment(),
		})
		if !errors.Is(err, ErrAnchorUsed) && !errors.Is(err, ErrWithdrawUsed) {
			return accepted, err
		}
	}
	return nil, ErrAnchorUsed
}

func (s *Store) thread(ctx context.Context, clinicID string, r seal.Stretched) (*string, error) {
	first, err := s.known(ctx, clinicID, r.Message(0).AnchorToken.Commitment())
	if first == nil || err != nil {
		return nil, err
	}
	hash := base64.RawURLEncoding.EncodeToString(first.LeafHash)
	return &hash, nil
}

// Own looks for the messages of a receipt that are here, and gives the anchors of all that it may have and the last day of
// the longest retention among those found; a zero day when there are none.
func (s *Store) Own(ctx context.Context, clinicID string, r seal.Stretched) (anchors []seal.Commitment, until time.Time, err error) {
	for message := uint(0); message < MostMessages; message++ {
		anchor := r.Message(message).AnchorToken.Commitment()
		anchors = append(anchors, anchor)
		found, err := s.known(ctx, clinicID, anchor)
		if err != nil {
			return nil, time.Time{}, err
		}
		if found == nil && message > 0 {
			used, err := s.withdrawn(ctx, clinicID, anchor)
			if err != nil {
				return nil, time.Time{}, err
			}
			if !used {
				return anchors, until, nil
			}
		}
		if found != nil && found.Until.After(until) {
			until = found.Until
		}
	}
	return anchors, until, nil
}

// WithdrawAll takes back all messages of a receipt, and gives how many are gone and the ticket of the last.
// Errors: ErrNothingToWithdraw.
func (s *Store) WithdrawAll(ctx context.Context, clinicID string, r seal.Stretched) (gone int, last *Acceptance, err error) {
	for message := uint(0); message < MostMessages; message++ {
		keys := r.Message(message)
		accepted, err := s.Withdraw(ctx, clinicID, keys.AnchorToken.Commitment(), keys.WithdrawToken)
		if errors.Is(err, ErrNothingToWithdraw) {
			if message == 0 {
				continue // its epoch may be destroyed already, and later ones not
			}
			break
		}
		if err != nil {
			return gone, last, err
		}
		gone, last = gone+1, accepted
	}
	if gone == 0 {
		return 0, nil, ErrNothingToWithdraw
	}
	return gone, last, nil
}

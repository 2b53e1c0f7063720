package intake

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
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

// places are the anchors of all messages that a receipt may have, in their order, and what takes each back.
func places(r seal.Stretched) (anchors []seal.Commitment, tokens []seal.Token) {
	for message := range uint(MostMessages) {
		anchor, withdraw := r.Place(message)
		anchors, tokens = append(anchors, anchor.Commitment()), append(tokens, withdraw)
	}
	return anchors, tokens
}

// Own gives the anchors of all messages that a receipt may have, and the last day of the longest retention among those that are
// here; a zero day when there are none.
func (s *Store) Own(ctx context.Context, clinicID string, r seal.Stretched) (anchors []seal.Commitment, until time.Time, err error) {
	anchors, _ = places(r)
	err = postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		for _, model := range []any{(*Pending)(nil), (*Submission)(nil)} { // pending first: a batch in between moves rows only forward
			var last *time.Time
			err := tx.NewSelect().Model(model).ColumnExpr("max(epoch.retain_until)").Join("JOIN epoch ON epoch.id = ?TableAlias.epoch_id").
				Where("?TableAlias.clinic_id = ?", clinicID).Where("?TableAlias.anchor IN ?", bun.Tuple(bytesOf(anchors))).Scan(ctx, &last)
			if err != nil {
				return fmt.Errorf("look for a receipt's messages: %w", err)
			}
			if last != nil && last.After(until) {
				until = *last
			}
		}
		return nil
	})
	return anchors, until, err
}

// WithdrawAll takes back all messages of a receipt that are here, and gives what was taken back, now or before. A message whose
// key was destroyed leaves a gap, and those after it are found all the same. Errors: ErrNothingToWithdraw.
func (s *Store) WithdrawAll(ctx context.Context, clinicID string, r seal.Stretched) (gone []*Acceptance, err error) {
	anchors, tokens := places(r)
	here, err := s.here(ctx, clinicID, anchors)
	if err != nil {
		return nil, err
	}
	for i, anchor := range anchors {
		if !here[anchor] {
			continue
		}
		accepted, err := s.Withdraw(ctx, clinicID, anchor, tokens[i])
		if errors.Is(err, ErrNothingToWithdraw) {
			continue // it was destroyed meanwhile
		}
		if err != nil {
			return gone, err
		}
		gone = append(gone, accepted)
	}
	if len(gone) == 0 {
		return nil, ErrNothingToWithdraw
	}
	return gone, nil
}

// here says which messages a clinic has, or had until they were taken back.
func (s *Store) here(ctx context.Context, clinicID string, anchors []seal.Commitment) (map[seal.Commitment]bool, error) {
	found := map[seal.Commitment]bool{}
	err := postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		for _, model := range []any{(*Pending)(nil), (*Submission)(nil), (*Withdrawal)(nil)} {
			var some [][]byte
			err := tx.NewSelect().Model(model).Column("anchor").
				Where("clinic_id = ?", clinicID).Where("anchor IN ?", bun.Tuple(bytesOf(anchors))).Scan(ctx, &some)
			if err != nil {
				return fmt.Errorf("look for a receipt's messages: %w", err)
			}
			for _, anchor := range some {
				found[seal.Commitment(anchor)] = true
			}
		}
		return nil
	})
	return found, err
}

func bytesOf(anchors []seal.Commitment) [][]byte {
	out := make([][]byte, len(anchors))
	for i := range anchors {
		out[i] = anchors[i][:]
	}
	return out
}

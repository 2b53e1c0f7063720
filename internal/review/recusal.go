package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/seal"
)

// Recusal is a reviewer's own step back from a message. It cannot be taken back: what was shown before cannot either.
type Recusal struct {
	bun.BaseModel `bun:"table:recusal"`

	LeafHash   []byte `bun:"leaf_hash,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`

	// Both null where a client left none.
	Reminder          []byte `bun:"reminder"`
	ReminderSignature []byte `bun:"reminder_signature"`
}

// Reminder is what a reviewer keeps, sealed to themselves, of a message they step back from: what their own client needs to know
// its writer's later messages by. Every one has the size of a small message, whether it holds anything or not.
type Reminder struct{ File, Signature []byte }

// Recuse steps back from a message for good. A claim on it goes; a coding that was sent stays. The same again is no error.
// reminder may be nil. Errors: ErrGone, ErrSignature, *seal.ShapeError.
func (s *Store) Recuse(ctx context.Context, clinicID string, by *account.Reviewer, leaf [32]byte, signature []byte, reminder *Reminder) error {
	if !VerifyRecusal(by.VerifyKey, clinicID, leaf, by.ID, signature) {
		return ErrSignature
	}
	row := &Recusal{LeafHash: leaf[:], ReviewerID: by.ID, Signature: signature}
	if reminder != nil {
		if err := reminder.check(by, clinicID, leaf); err != nil {
			return err
		}
		row.Reminder, row.ReminderSignature = reminder.File, reminder.Signature
	}
	err := s.onMessage(ctx, clinicID, by.ID, leaf, func(ctx context.Context, tx bun.Tx) error {
		if _, err := dropClaim(ctx, tx, by.ID, leaf); err != nil {
			return err
		}
		if err := dropDraft(ctx, tx, by.ID, leaf); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("keep recusal: %w", err)
		}
		return nil
	})
	if errors.Is(err, ErrRecused) {
		return nil
	}
	return err
}

func (r *Reminder) check(by *account.Reviewer, clinicID string, leaf [32]byte) error {
	if err := checkSize(r.File); err != nil {
		return err
	}
	if !VerifyReminder(by.VerifyKey, clinicID, leaf, by.ID, seal.FileHash(r.File), r.Signature) {
		return ErrSignature
	}
	return nil
}

// Recusals gives what a reviewer signed to step back, sorted by leaf hash: the only files that may be missing among those
// delivered to them.
func (s *Store) Recusals(ctx context.Context, clinicID, reviewerID string) ([]Recusal, error) {
	var rows []Recusal
	err := s.db(ctx).NewSelect().Model(&rows).
		Join("JOIN submission ON submission.leaf_hash = recusal.leaf_hash").
		Where("submission.clinic_id = ?", clinicID).
		Where("recusal.reviewer_id = ?", reviewerID).
		Order("recusal.leaf_hash").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list recusals: %w", err)
	}
	return rows, nil
}

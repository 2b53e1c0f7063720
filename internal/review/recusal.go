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

// KeptReminder is a reminder that outlives the message it was left for. Nothing in the row names that, and there is no day.
type KeptReminder struct {
	bun.BaseModel `bun:"table:kept_reminder"`

	ClinicID   string `bun:"clinic_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	FileHash   []byte `bun:"file_hash,pk"`
	File       []byte `bun:"file"`
	Signature  []byte `bun:"signature"`
}

// Recuse steps back from a message for good. A claim on it goes; a coding that was sent stays. The same again is no error.
// reminder and kept may be nil; kept stays when the message goes, and where it is gone already. Errors: ErrGone, ErrSignature,
// *seal.ShapeError.
func (s *Store) Recuse(ctx context.Context, clinicID string, by *account.Reviewer, leaf [32]byte, signature []byte, reminder, kept *Reminder) error {
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
	if kept != nil {
		if err := s.keep(ctx, clinicID, by, kept); err != nil {
			return err
		}
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
	if errors.Is(err, ErrRecused) || kept != nil && errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// keep keeps a reminder by its reviewer alone. The same again is no error.
func (s *Store) keep(ctx context.Context, clinicID string, by *account.Reviewer, r *Reminder) error {
	if err := checkSize(r.File); err != nil {
		return err
	}
	hash := seal.FileHash(r.File)
	if !VerifyKept(by.VerifyKey, clinicID, by.ID, hash, r.Signature) {
		return ErrSignature
	}
	row := &KeptReminder{ClinicID: clinicID, ReviewerID: by.ID, FileHash: hash[:], File: r.File, Signature: r.Signature}
	if _, err := s.db(ctx).NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("keep reminder: %w", err)
	}
	return nil
}

// Kept gives what a reviewer keeps of messages that they stepped back from, those that are gone among them, in order of file hash, which
// tells nothing of time.
func (s *Store) Kept(ctx context.Context, clinicID, reviewerID string) ([]KeptReminder, error) {
	var rows []KeptReminder
	err := s.db(ctx).NewSelect().Model(&rows).
		Where("clinic_id = ?", clinicID).
		Where("reviewer_id = ?", reviewerID).
		Order("file_hash").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list reminders: %w", err)
	}
	return rows, nil
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

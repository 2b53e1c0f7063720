package review

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/intake"
	"answerable/internal/transparency"
)

// Act is an act that stands in the log or waits for its place there. It names no message.
type Act struct {
	bun.BaseModel `bun:"table:act"`

	Tag        []byte    `bun:"tag,pk"`
	ClinicID   string    `bun:"clinic_id"`
	Code       string    `bun:"code"`
	ActedOn    time.Time `bun:"acted_on,type:date"`
	ActionLeaf []byte    `bun:"action_leaf"`
}

// Do owns up to an act: its leaf waits for the batch in the same transaction. The same leaf again is no error. Errors:
// transparency.ErrLeaf, ErrSignature, ErrDay, ErrTag when the tag is taken, and then the client takes the next one.
func (s *Store) Do(ctx context.Context, clinicID string, by *account.Reviewer, leaf transparency.Leaf) error {
	a, err := transparency.ParseAction(leaf)
	if err != nil {
		return err
	}
	if a.ReviewerID != by.ID || !a.Verify(by.VerifyKey) {
		return ErrSignature
	}
	day := s.today()
	if transparency.Weekly(a.Code) {
		day = transparency.WeekOf(day)
	}
	hash := leaf.Hash()
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := intake.HoldClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var had Act
		err := tx.NewSelect().Model(&had).Where("tag = ?", a.Tag[:]).Where("clinic_id = ?", clinicID).Scan(ctx)
		switch {
		case err == nil && string(had.ActionLeaf) == string(hash[:]):
			return nil
		case err == nil:
			return ErrTag
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("look up act: %w", err)
		}
		if !a.Day.Equal(day) {
			return ErrDay
		}
		row := &Act{Tag: a.Tag[:], ClinicID: clinicID, Code: a.Code, ActedOn: a.Day, ActionLeaf: hash[:]}
		res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep act: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrTag, err)
		}
		return transparency.Append(ctx, tx, leaf)
	})
}

// Acts lists the acts of a clinic, all that there ever were, in order of their tags. A writer may go on long after what they
// told first is gone, so any tag may still be needed.
func (s *Store) Acts(ctx context.Context, clinicID string) ([]Act, error) {
	var rows []Act
	err := s.db(ctx).NewSelect().Model(&rows).
		Where("clinic_id = ?", clinicID).
		Order("tag").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list acts: %w", err)
	}
	return rows, nil
}

package intake

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Destroyed remembers the commitments of a message whose key was destroyed, so that nobody uses them again: they stand in the log.
type Destroyed struct {
	bun.BaseModel `bun:"table:destroyed"`

	Anchor   []byte `bun:"anchor,pk"`
	ClinicID string `bun:"clinic_id"`
	Withdraw []byte `bun:"withdraw"`
}

// Shred destroys every file sealed to an epoch of a clinic. It is keyring.Store's OnShred: the wraps that would open them
// go in the same transaction. Leaves stay in the log, and say nothing about what was told.
func (s *Store) Shred(ctx context.Context, tx bun.Tx, clinicID, epochID string) error {
	for _, model := range []any{(*Pending)(nil), (*Submission)(nil)} {
		ofEpoch := func(q bun.QueryBuilder) bun.QueryBuilder {
			return q.Where("clinic_id = ?", clinicID).Where("epoch_id = ?", epochID)
		}
		if err := s.beforeGone(ctx, tx, model, clinicID, ofEpoch); err != nil {
			return err
		}
		remembered := tx.NewSelect().Model(model).Column("anchor", "clinic_id", "withdraw").ApplyQueryBuilder(ofEpoch).Order("anchor")
		if _, err := tx.NewRaw(`INSERT INTO destroyed (anchor, clinic_id, withdraw) ? ON CONFLICT DO NOTHING`, remembered).Exec(ctx); err != nil {
			return fmt.Errorf("remember commitments: %w", err)
		}
		if _, err := tx.NewDelete().Model(model).ApplyQueryBuilder(ofEpoch).Exec(ctx); err != nil {
			return fmt.Errorf("destroy files: %w", err)
		}
	}
	return nil
}

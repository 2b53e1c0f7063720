package intake

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

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
		if _, err := tx.NewDelete().Model(model).ApplyQueryBuilder(ofEpoch).Exec(ctx); err != nil {
			return fmt.Errorf("destroy files: %w", err)
		}
	}
	return nil
}

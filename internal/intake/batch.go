package intake

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/transparency"
)

// Batch moves everything pending to its final place and its leaves into the log, all in one transaction and sorted by
// leaf hash, so that neither row order nor transaction ids tell who wrote first. It returns how many files it moved.
//
// It runs READ COMMITTED on purpose and locks pending in a statement of its own: the SELECT then sees every message that
// was acknowledged before the lock was given. Without the lock, one that commits between the SELECT and the TRUNCATE
// would be dropped though acknowledged.
func (s *Store) Batch(ctx context.Context) (files int, err error) {
	err = s.DB.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, func(ctx context.Context, tx bun.Tx) error {
		files, err = s.batch(ctx, tx)
		return err
	})
	return files, err
}

func (s *Store) batch(ctx context.Context, tx bun.Tx) (int, error) {
	// Behind a long reader, such as a dump, the lock would wait, and every writer behind it. Then the next tick tries again.
	if _, err := tx.NewRaw(`SET LOCAL lock_timeout = '2s'`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("limit wait for pending: %w", err)
	}
	if _, err := tx.NewRaw(`LOCK TABLE pending IN ACCESS EXCLUSIVE MODE`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("lock pending: %w", err)
	}
	res, err := tx.NewRaw(`
		INSERT INTO submission (leaf_hash, clinic_id, epoch_id, file, file_hash, anchor, withdraw, leaf, ticket, batch_day)
		SELECT leaf_hash, clinic_id, epoch_id, file, file_hash, anchor, withdraw, leaf, ticket, ?::date
		FROM pending
		ORDER BY leaf_hash`, s.Now().UTC().Format(time.DateOnly)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("move pending files: %w", err)
	}
	if _, err := tx.NewRaw(`TRUNCATE pending`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("empty pending: %w", err)
	}
	if _, err := transparency.Sequence(ctx, tx); err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// BatchIfDue runs a batch when none has run in the interval that now lies in. Intervals are whole ones of UTC, so that
// every replica agrees on them and a restart does not start a new one; the start of the interval is what is kept, so that
// a longer interval chosen later goes on from there. ran is false when another replica was first.
func (s *Store) BatchIfDue(ctx context.Context, every time.Duration) (files int, ran bool, err error) {
	slot := s.Now().Truncate(every).Unix()
	err = s.DB.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw(`UPDATE instance SET batch_slot = ? WHERE batch_slot < ?`, slot, slot).Exec(ctx)
		if err != nil {
			return fmt.Errorf("take batch slot: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		ran = true
		files, err = s.batch(ctx, tx)
		return err
	})
	return files, ran && err == nil, err
}

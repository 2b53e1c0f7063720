package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/transparency"
)

// Batch moves everything pending to its final place and its leaves into the log, all in one transaction and sorted by
// leaf hash, so that neither row order nor transaction ids tell who wrote first. It returns how many files it moved. No
// decoys are added: it is for an operator who cannot wait.
//
// It runs READ COMMITTED on purpose and locks pending in a statement of its own: the SELECT then sees every message that
// was acknowledged before the lock was given. Without the lock, one that commits between the SELECT and the TRUNCATE
// would be dropped though acknowledged.
func (s *Store) Batch(ctx context.Context) (files int, err error) {
	err = s.DB.RunInTx(ctx, readCommitted, func(ctx context.Context, tx bun.Tx) error {
		files, err = s.batch(ctx, tx, s.Now(), nil)
		return err
	})
	return files, errors.Join(err, s.keep(ctx, err))
}

// batch does the work. Where the store has no Log, a server signs the leaves soon after.
func (s *Store) batch(ctx context.Context, tx bun.Tx, day time.Time, decoys []company) (int, error) {
	// Behind a long reader, such as a dump, the lock would wait, and every writer behind it. Then the next tick tries again.
	if _, err := tx.NewRaw(`SET LOCAL lock_timeout = '2s'`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("limit wait for pending: %w", err)
	}
	if err := transparency.Lock(ctx, tx); err != nil {
		return 0, err
	}
	if _, err := tx.NewRaw(`LOCK TABLE pending IN ACCESS EXCLUSIVE MODE`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("lock pending: %w", err)
	}
	if err := s.addDecoys(ctx, tx, day, decoys); err != nil {
		return 0, err
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
	if s.Log != nil {
		if err := s.Log.Sign(ctx, tx); err != nil {
			return 0, err
		}
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// keep lets the log remember what a batch has signed, once that is committed.
func (s *Store) keep(ctx context.Context, failed error) error {
	if s.Log == nil || failed != nil {
		return nil
	}
	return s.Log.Keep(ctx)
}

// BatchIfDue runs a batch when none has run in the interval that now lies in, and adds decoys to it. Intervals are whole
// ones of UTC, so that every replica agrees on them and a restart does not start a new one; the start of the interval is
// what is kept, so that a longer interval chosen later goes on from there. ran is false when another replica was first.
func (s *Store) BatchIfDue(ctx context.Context, every time.Duration) (files int, ran bool, err error) {
	slot := s.Now().Truncate(every).Unix()
	if due, err := s.Due(ctx, every); err != nil || !due {
		return 0, false, err
	}
	day := s.Now().Add(-every) // the words of this batch are from the interval that has just ended
	decoys, err := s.drawDecoys(ctx, day)
	if err != nil {
		return 0, false, err
	}
	err = s.DB.RunInTx(ctx, readCommitted, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw(`UPDATE instance SET batch_slot = ? WHERE batch_slot < ?`, slot, slot).Exec(ctx)
		if err != nil {
			return fmt.Errorf("take batch slot: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		ran = true
		files, err = s.batch(ctx, tx, day, decoys)
		return err
	})
	if err != nil || !ran {
		return 0, false, err
	}
	s.Decoys.keepDrawn(decoys)
	return files, true, s.keep(ctx, nil)
}

// Due says whether no batch has run in the interval that now lies in.
func (s *Store) Due(ctx context.Context, every time.Duration) (due bool, err error) {
	slot := s.Now().Truncate(every).Unix()
	if err := s.DB.NewRaw(`SELECT EXISTS (SELECT FROM instance WHERE batch_slot < ?)`, slot).Scan(ctx, &due); err != nil {
		return false, fmt.Errorf("look for due batch: %w", err)
	}
	return due, nil
}

// BatchedOn is the day on which the newest batch's interval began; false before the first.
func (s *Store) BatchedOn(ctx context.Context) (day time.Time, ran bool, err error) {
	var slot int64
	if err := s.DB.NewRaw(`SELECT coalesce(max(batch_slot), 0) FROM instance`).Scan(ctx, &slot); err != nil {
		return day, false, fmt.Errorf("read day of batch: %w", err)
	}
	return time.Unix(slot, 0).UTC().Truncate(24 * time.Hour), slot > 0, nil
}

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// clinicRole is the role of the database that sees the rows of one clinic only. Migrations make it.
const clinicRole = "answerable_clinic"

// ErrOtherClinic means that work for one clinic began inside work for another.
var ErrOtherClinic = errors.New("work for one clinic began inside work for another")

type wallKey struct{}

// wall is the transaction of one clinic that a context stands in.
type wall struct {
	clinicID string
	tx       bun.Tx
}

// InClinic runs act in one READ COMMITTED transaction that sees and changes the rows of one clinic only: besides the WHERE
// of every query, the database itself keeps the clinics apart, by row-level security. The context that act gets carries
// the transaction, and Within finds it there. Inside work for the same clinic it runs as a part of it; inside work for
// another it is ErrOtherClinic.
//
// Role and clinic are set for this transaction alone, so that a pooler may stand in between.
func InClinic(ctx context.Context, db *bun.DB, clinicID string, act func(ctx context.Context, tx bun.Tx) error) error {
	if w, inside := ctx.Value(wallKey{}).(*wall); inside {
		if w.clinicID != clinicID {
			return ErrOtherClinic
		}
		return w.tx.RunInTx(ctx, nil, act)
	}
	// The wall is in the context before the transaction begins: Bun hands that context to transactions within.
	w := &wall{clinicID: clinicID}
	ctx = context.WithValue(ctx, wallKey{}, w)
	return db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, func(ctx context.Context, tx bun.Tx) error {
		w.tx = tx
		_, err := tx.NewRaw(`SELECT set_config('role', ?, true), set_config('answerable.clinic', ?, true)`, clinicRole, clinicID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("enter clinic: %w", err)
		}
		return act(ctx, tx)
	})
}

// Within gives the transaction of the clinic that ctx stands in, or db when it stands in none.
func Within(ctx context.Context, db *bun.DB) bun.IDB {
	if w, inside := ctx.Value(wallKey{}).(*wall); inside {
		return w.tx
	}
	return db
}

// LockClinic lets one act on a clinic's keys, figures, promises or bundles happen at a time, on all replicas, until the
// transaction ends. Messages that come in do not wait for it.
func LockClinic(ctx context.Context, tx bun.IDB, clinicID string) error {
	if _, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE`, clinicID).Exec(ctx); err != nil {
		return fmt.Errorf("lock clinic: %w", err)
	}
	return nil
}

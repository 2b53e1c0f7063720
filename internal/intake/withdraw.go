package intake

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// ErrNothingToWithdraw means that no message of this clinic has this anchor and this token: wrong words, words of another
// clinic, or a message whose key was shredded, and the file with it.
var ErrNothingToWithdraw = errors.New("there is no such message to take back")

// Withdrawal remembers the commitments of a message that its writer took back, so that nobody uses them again: the token
// is public from then on. The message and its sealed file are gone.
type Withdrawal struct {
	bun.BaseModel `bun:"table:withdrawal"`

	Anchor   []byte `bun:"anchor,pk"`
	ClinicID string `bun:"clinic_id"`
	Withdraw []byte `bun:"withdraw"`
	Ticket   string `bun:"ticket"`
}

// Withdraw takes a message back: its row and its sealed file are gone when it returns, and a leaf with the token itself,
// which only the writer can know, says so in the log. A message that still waits for its batch keeps its place in the log
// without a file, and the leaf about the withdrawal follows one batch later. The same withdrawal again gets the same
// answer. Errors: ErrNothingToWithdraw.
func (s *Store) Withdraw(ctx context.Context, clinicID string, anchor seal.Commitment, token seal.Token) (*Acceptance, error) {
	leaf := transparency.Withdrawn{Anchor: anchor, Token: token}.Leaf()
	row := &Withdrawal{Anchor: anchor[:], ClinicID: clinicID}
	commitment := sha256.Sum256(token[:])
	row.Withdraw = commitment[:]
	var err error
	row.Ticket, err = seal.IssueTicket(s.Tickets, seal.Ticket{
		Origin: s.Origin, LeafHash: leaf.Hash(), LogBy: s.Now().UTC().AddDate(0, 0, seal.TicketGrace),
	})
	if err != nil {
		return nil, err
	}
	err = postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		if err := HoldClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		removed, err := s.remove(ctx, tx, row)
		if err != nil {
			return err
		}
		if !removed {
			return recallWithdrawal(ctx, tx, row)
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("remember withdrawal: %w", err)
		}
		return transparency.Append(ctx, tx, leaf)
	})
	if err != nil {
		return nil, err
	}
	return &Acceptance{LeafHash: leaf.Hash(), Ticket: row.Ticket}, nil
}

// HoldClinic holds off acts on a clinic's keys and figures until the transaction ends, and no message or count beside it.
// Whatever locks messages and may change counts takes it first: those acts wait for the log with the clinic in their hands,
// and a batch waits for messages with the log in its own.
func HoldClinic(ctx context.Context, tx bun.Tx, clinicID string) error {
	if _, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR SHARE`, clinicID).Exec(ctx); err != nil {
		return fmt.Errorf("hold clinic: %w", err)
	}
	return nil
}

// remove deletes the message; false when there is no such one. The statement on pending comes before that on submissions and
// holds off a batch, as in store, so that a message on its way between the tables is not missed.
func (s *Store) remove(ctx context.Context, tx bun.Tx, row *Withdrawal) (bool, error) {
	for _, model := range []any{(*Pending)(nil), (*Submission)(nil)} {
		ofRow := func(q bun.QueryBuilder) bun.QueryBuilder {
			return q.Where("clinic_id = ?", row.ClinicID).Where("anchor = ?", row.Anchor).Where("withdraw = ?", row.Withdraw)
		}
		if err := s.beforeGone(ctx, tx, model, row.ClinicID, ofRow); err != nil {
			return false, err
		}
		res, err := tx.NewDelete().Model(model).ApplyQueryBuilder(ofRow).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("delete message: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return true, err
		}
	}
	return false, nil
}

// beforeGone tells OnGone which delivered messages are about to go, while nobody else can act on them.
func (s *Store) beforeGone(ctx context.Context, tx bun.Tx, model any, clinicID string, which func(bun.QueryBuilder) bun.QueryBuilder) error {
	if _, delivered := model.(*Submission); !delivered || s.OnGone == nil {
		return nil
	}
	var leaves [][]byte
	err := tx.NewSelect().Model(model).Column("leaf_hash").ApplyQueryBuilder(which).Order("leaf_hash").For("UPDATE").Scan(ctx, &leaves)
	if err != nil {
		return fmt.Errorf("list what goes: %w", err)
	}
	return s.OnGone(ctx, tx, clinicID, leaves)
}

// WaitingWithdrawals gives the leaves of a clinic's messages that were taken back and whose place in the log comes with the
// next batch, sorted by leaf hash: the file is gone at once, so the panel needs them to tell a withdrawal from a message that
// was dropped. A message that is not in the log yet is nobody's to miss, so its withdrawal is not told before the batch.
func WaitingWithdrawals(ctx context.Context, db bun.IDB, clinicID string) ([]transparency.Leaf, error) {
	var leaves []transparency.Leaf
	err := db.NewRaw(`
		SELECT later.leaf
		FROM withdrawal
		JOIN log_waiting AS later
		  ON split_part(convert_from(later.leaf, 'UTF8'), E'\n', 2) = 'withdrawn'
		 AND split_part(convert_from(later.leaf, 'UTF8'), E'\n', 3) = encode(withdrawal.anchor, 'base64')
		WHERE withdrawal.clinic_id = ?
		  AND NOT EXISTS (
		    SELECT FROM log_waiting AS earlier
		    WHERE split_part(convert_from(earlier.leaf, 'UTF8'), E'\n', 2) = 'submission'
		      AND split_part(convert_from(earlier.leaf, 'UTF8'), E'\n', 5) = encode(withdrawal.anchor, 'base64'))
		ORDER BY later.leaf_hash`, clinicID).Scan(ctx, &leaves)
	if err != nil {
		return nil, fmt.Errorf("list waiting withdrawals: %w", err)
	}
	return leaves, nil
}

// recallWithdrawal reads the ticket of a withdrawal that was made before.
func recallWithdrawal(ctx context.Context, tx bun.Tx, row *Withdrawal) error {
	err := tx.NewSelect().Model(row).Column("ticket").
		Where("clinic_id = ?", row.ClinicID).Where("anchor = ?", row.Anchor).Where("withdraw = ?", row.Withdraw).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNothingToWithdraw
	}
	if err != nil {
		return fmt.Errorf("look up withdrawal: %w", err)
	}
	return nil
}

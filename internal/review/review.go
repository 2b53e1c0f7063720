// Package review is the panel's work. It hands sealed files to the peers who may open them and keeps what they decide.
//
// It promises that a reviewer is given whole epochs, never one file, so that the server does not learn whose words are
// being read; and that nobody outside the panel is given anything.
//
// It opens nothing: only reviewers' browsers and terminals can.
package review

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/intake"
	"answerable/internal/postgres"
)

// PageSize is how many files one page of a delivery holds: about 1.2 MB of the small bucket as base64.
const PageSize = 50

// Delivery says on which day the panel first fetched a file.
type Delivery struct {
	bun.BaseModel `bun:"table:delivery"`

	LeafHash    []byte    `bun:"leaf_hash,pk"`
	DeliveredOn time.Time `bun:"delivered_on,type:date"`
}

// Store hands files out and keeps the panel's work.
type Store struct {
	DB  *bun.DB
	Now func() time.Time

	// OnCoded counts the facts of a message, in the transaction that puts them into the clear, and gives the month it counted them
	// in: f.Month, or a later one where a release holds that. nil counts nothing.
	OnCoded func(ctx context.Context, tx bun.Tx, clinicID string, f Facts) (month time.Time, err error)
	// OnUncoded takes the facts out of the counts of f.Month again, before their row goes. That a release holds the month is no
	// error: its numbers stay, and stays is true. nil does nothing.
	OnUncoded func(ctx context.Context, tx bun.Tx, clinicID string, f Facts) (stays bool, err error)
}

// db is the transaction of the clinic that ctx stands in, or the whole database.
func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

// Deliver gives the next page of an epoch's files in order of leaf hash, starting after the leaf hash given (nil for the
// first page), and marks them delivered. What the reviewer has stepped back from is left out. more says whether another page
// follows.
func (s *Store) Deliver(ctx context.Context, clinicID, epochID, reviewerID string, after []byte) (files []intake.Submission, more bool, err error) {
	return s.deliver(ctx, clinicID, epochID, reviewerID, after, false)
}

// DeliverUncarded is Deliver for those files only of which the reviewer made no card, and fewer than two others did.
func (s *Store) DeliverUncarded(ctx context.Context, clinicID, epochID, reviewerID string, after []byte) (files []intake.Submission, more bool, err error) {
	return s.deliver(ctx, clinicID, epochID, reviewerID, after, true)
}

func (s *Store) deliver(ctx context.Context, clinicID, epochID, reviewerID string, after []byte, unread bool) (files []intake.Submission, more bool, err error) {
	query := s.db(ctx).NewSelect().Model(&files).
		Where("clinic_id = ?", clinicID).
		Where("epoch_id = ?", epochID).
		Where(notRecused, reviewerID).
		Order("leaf_hash").
		Limit(PageSize + 1)
	if after != nil {
		query = query.Where("leaf_hash > ?", after)
	}
	if unread {
		query = query.Where(uncarded, KindCard, cardsNeeded, KindCard, reviewerID)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list files: %w", err)
	}
	if len(files) > PageSize {
		files, more = files[:PageSize], true
	}
	return files, more, s.markDelivered(ctx, files)
}

// cardsNeeded is by how many members a message has to be opened before others go by their cards: one alone could hide it from them.
const cardsNeeded = 2

// uncarded is a condition on a message: the reader made no card of it, and too few others did.
const uncarded = `(SELECT count(DISTINCT author_id) FROM review_file AS card WHERE card.leaf_hash = submission.leaf_hash AND card.kind = ?) < ?
	AND NOT EXISTS (SELECT FROM review_file AS card WHERE card.leaf_hash = submission.leaf_hash AND card.kind = ? AND card.author_id = ?)`

// notRecused is a condition on a message: the reviewer has not stepped back from it.
const notRecused = `NOT EXISTS (SELECT FROM recusal WHERE recusal.leaf_hash = submission.leaf_hash AND recusal.reviewer_id = ?)`

// markDelivered writes down that files were fetched. A writer may take one back meanwhile: of that nothing is written down.
func (s *Store) markDelivered(ctx context.Context, files []intake.Submission) error {
	if len(files) == 0 {
		return nil
	}
	leaves := make([][]byte, 0, len(files))
	for _, f := range files {
		leaves = append(leaves, f.LeafHash)
	}
	_, err := s.db(ctx).NewRaw(`INSERT INTO delivery (leaf_hash, delivered_on)
		SELECT leaf_hash, ?::date FROM submission WHERE leaf_hash IN ? ORDER BY leaf_hash FOR KEY SHARE
		ON CONFLICT DO NOTHING`, s.Now().UTC().Format(time.DateOnly), bun.Tuple(leaves)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("mark delivered: %w", err)
	}
	return nil
}

// CountFiles says how many files each epoch of a clinic holds for a reviewer of its panel, by epoch id.
func (s *Store) CountFiles(ctx context.Context, clinicID, reviewerID string) (map[string]int, error) {
	var rows []struct {
		EpochID string `bun:"epoch_id"`
		Files   int    `bun:"files"`
	}
	err := s.db(ctx).NewSelect().Model((*intake.Submission)(nil)).
		Column("epoch_id").
		ColumnExpr("count(*) AS files").
		Where("clinic_id = ?", clinicID).
		Where(notRecused, reviewerID).
		Group("epoch_id").
		Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count files: %w", err)
	}
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.EpochID] = r.Files
	}
	return counts, nil
}

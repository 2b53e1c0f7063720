package review

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Claim is a reviewer's part in reading a message.
type Claim struct {
	bun.BaseModel `bun:"table:claim"`

	LeafHash   []byte    `bun:"leaf_hash,pk"`
	ReviewerID string    `bun:"reviewer_id,pk"`
	Role       string    `bun:"role"`
	ClaimedOn  time.Time `bun:"claimed_on,type:date"`
}

// Take claims a part in a message. Of two who claim the last part at once, one gets ErrClaimed. The same claim again is no
// error. Errors: ErrGone, ErrRecused, ErrKind, ErrEarly for a third before two codings are in, ErrNotYours for a checker
// who has coded it, ErrWeek for who has enough for one week.
func (s *Store) Take(ctx context.Context, clinicID, reviewerID string, leaf [32]byte, role string) error {
	return s.onMessage(ctx, clinicID, reviewerID, leaf, func(ctx context.Context, tx bun.Tx) error {
		board, err := boardOf(ctx, tx, leaf)
		if err != nil {
			return err
		}
		if has, claimed := board.Roles[reviewerID]; claimed && has == role {
			return nil
		}
		if err := board.MayTake(reviewerID, role); err != nil {
			return err
		}
		if err := s.weekFull(ctx, tx, clinicID, reviewerID, leaf); err != nil {
			return err
		}
		row := &Claim{LeafHash: leaf[:], ReviewerID: reviewerID, Role: role, ClaimedOn: s.today()}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (leaf_hash, reviewer_id) DO UPDATE").
			Set("role = EXCLUDED.role").Set("claimed_on = EXCLUDED.claimed_on").Exec(ctx)
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		return nil
	})
}

// HandBack gives a claim up, and with it the draft of whoever has coded nothing, which would name them. There is no reason and no
// record of who did: it is counted for the whole panel's week. A coding that was sent stays, and so does a check, and their author has
// taken the message all the same.
func (s *Store) HandBack(ctx context.Context, clinicID, reviewerID string, leaf [32]byte) error {
	return s.onMessage(ctx, clinicID, reviewerID, leaf, func(ctx context.Context, tx bun.Tx) error {
		coded, err := tx.NewSelect().Model((*File)(nil)).
			Where("leaf_hash = ?", leaf[:]).Where("author_id = ?", reviewerID).Where("kind = ?", KindCoding).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for coding: %w", err)
		}
		if !coded {
			if err := dropDraft(ctx, tx, reviewerID, leaf); err != nil {
				return err
			}
		}
		dropped, err := dropClaim(ctx, tx, reviewerID, leaf)
		if err != nil || !dropped {
			return err
		}
		_, err = tx.NewDelete().Model((*File)(nil)).
			Where("leaf_hash = ?", leaf[:]).Where("author_id = ?", reviewerID).Where("kind = ?", KindDraft).
			Where("NOT EXISTS (SELECT FROM review_file AS sent WHERE sent.leaf_hash = file.leaf_hash AND sent.author_id = file.author_id AND sent.kind IN (?, ?, ?))",
				KindCoding, KindCheck, KindSharing).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete draft: %w", err)
		}
		return s.countHandback(ctx, tx, clinicID)
	})
}

func dropDraft(ctx context.Context, tx bun.Tx, reviewerID string, leaf [32]byte) error {
	_, err := tx.NewDelete().Model((*File)(nil)).
		Where("leaf_hash = ?", leaf[:]).Where("author_id = ?", reviewerID).Where("kind = ?", KindDraft).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete draft: %w", err)
	}
	return nil
}

func dropClaim(ctx context.Context, tx bun.Tx, reviewerID string, leaf [32]byte) (dropped bool, err error) {
	res, err := tx.NewDelete().Model((*Claim)(nil)).Where("leaf_hash = ?", leaf[:]).Where("reviewer_id = ?", reviewerID).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("hand back: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// EndParts ends the claims of a reviewer on a clinic's messages for which they have sent no coding. It is keyring.Store's OnSeat: who leaves
// the panel and comes back takes parts anew, since others may have coded meanwhile. A claim with a coding stays beside it, and says
// whether that was one of the first two.
func (s *Store) EndParts(ctx context.Context, tx bun.Tx, clinicID, reviewerID string) error {
	_, err := tx.NewDelete().Model((*Claim)(nil)).
		Where("claim.reviewer_id = ?", reviewerID).
		Where("EXISTS (SELECT FROM submission WHERE submission.leaf_hash = claim.leaf_hash AND submission.clinic_id = ?)", clinicID).
		Where("NOT EXISTS (SELECT FROM review_file AS sent WHERE sent.leaf_hash = claim.leaf_hash AND sent.author_id = claim.reviewer_id AND sent.kind = ?)", KindCoding).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("end claims: %w", err)
	}
	return nil
}

// seated is a condition on a claim: its reviewer still sits on the message's panel. Whoever has left has no claims.
const seated = `EXISTS (SELECT FROM submission JOIN panel_member AS seat ON seat.clinic_id = submission.clinic_id
	WHERE submission.leaf_hash = claim.leaf_hash AND seat.reviewer_id = claim.reviewer_id AND seat.left_on IS NULL)`

// TakenInWeek are the messages that a reviewer took in the last seven days, by leaf hash: what counts when they take one more. Those that
// they handed back with nothing sent are not among them. Only they are told which.
func (s *Store) TakenInWeek(ctx context.Context, clinicID, reviewerID string) (leaves [][]byte, err error) {
	return s.takenInWeek(ctx, s.db(ctx), clinicID, reviewerID)
}

func (s *Store) takenInWeek(ctx context.Context, db bun.IDB, clinicID, reviewerID string) (leaves [][]byte, err error) {
	err = db.NewRaw(`SELECT leaf_hash FROM `+taken+` AS taken JOIN submission USING (leaf_hash)
		WHERE submission.clinic_id = ? AND taken.reviewer_id = ? AND taken.taken_on > ? ORDER BY leaf_hash`,
		clinicID, reviewerID, s.today().AddDate(0, 0, -week)).Scan(ctx, &leaves)
	if err != nil {
		return nil, fmt.Errorf("list what was taken: %w", err)
	}
	return leaves, nil
}

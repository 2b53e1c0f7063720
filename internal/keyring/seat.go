package keyring

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"
	"github.com/uptrace/bun"

	"answerable/internal/account"
)

// Membership is a reviewer's seat on a clinic's panel.
type Membership struct {
	bun.BaseModel `bun:"table:panel_member"`

	ClinicID   string     `bun:"clinic_id,pk"`
	ReviewerID string     `bun:"reviewer_id,pk"`
	JoinedOn   time.Time  `bun:"joined_on,type:date"`
	LeftOn     *time.Time `bun:"left_on,type:date"`
}

// Enrol lets the holder of an invitation join a panel, or the stewards, with two public keys. The signature over
// account.EnrolText shows that they hold the private halves. Keys that are known already take a further seat. Errors:
// ErrRecord for a recipient that is no age1pq1 key, account.ErrInvitation, account.ErrKnown, ErrSignature; ErrSeated when
// these keys sit there already, and then the invitation stays good for somebody else.
func (s *Store) Enrol(ctx context.Context, invitation, recipient string, key ed25519.PublicKey, signature []byte) (*account.Reviewer, error) {
	if _, err := age.ParseHybridRecipient(recipient); err != nil {
		return nil, fmt.Errorf("%w: the recipient is not an age1pq1 key", ErrRecord)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, account.EnrolText(invitation, recipient), signature) {
		return nil, ErrSignature
	}
	var reviewer *account.Reviewer
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		clinicID, err := s.Accounts.SpendInvitation(ctx, tx, invitation)
		if err != nil {
			return err
		}
		reviewer, err = s.Accounts.Register(ctx, tx, recipient, key)
		if err != nil {
			return err
		}
		if clinicID == "" {
			return s.joinStewards(ctx, tx, reviewer.ID)
		}
		return s.takeSeat(ctx, tx, clinicID, reviewer.ID)
	})
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	return reviewer, nil
}

func (s *Store) joinStewards(ctx context.Context, tx bun.Tx, reviewerID string) error {
	added, err := s.Accounts.AddSteward(ctx, tx, reviewerID)
	if err == nil && !added {
		return ErrSeated
	}
	return err
}

// takeSeat sits a reviewer down at a panel. One who left may come back.
func (s *Store) takeSeat(ctx context.Context, tx bun.Tx, clinicID, reviewerID string) error {
	seat := &Membership{ClinicID: clinicID, ReviewerID: reviewerID, JoinedOn: s.today()}
	res, err := tx.NewInsert().Model(seat).
		On("CONFLICT (clinic_id, reviewer_id) DO UPDATE").
		Set("left_on = NULL").
		Where("membership.left_on IS NOT NULL").
		Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrSeated
	}
	return s.emptied(ctx, tx, clinicID, reviewerID)
}

// emptied lets nothing stand that belongs to a seat which ended.
func (s *Store) emptied(ctx context.Context, tx bun.Tx, clinicID, reviewerID string) error {
	if s.OnSeat == nil {
		return nil
	}
	return s.OnSeat(ctx, tx, clinicID, reviewerID)
}

// Members lists who sits on a clinic's panel now, sorted by id.
func (s *Store) Members(ctx context.Context, db bun.IDB, clinicID string) ([]account.Reviewer, error) {
	var members []account.Reviewer
	err := db.NewSelect().Model(&members).
		Join("JOIN panel_member AS seat ON seat.reviewer_id = reviewer.id").
		Where("seat.clinic_id = ?", clinicID).
		Where("seat.left_on IS NULL").
		OrderExpr(`reviewer.id COLLATE "C"`).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return members, nil
}

// Seat is a membership that lasts, and whether the signed list in force names it.
type Seat struct {
	Membership
	Listed bool
}

// Seats lists who has joined a panel and not left, sorted by id.
func (s *Store) Seats(ctx context.Context, clinicID string) ([]Seat, error) {
	var rows []Membership
	err := s.db(ctx).NewSelect().Model(&rows).
		Where("clinic_id = ?", clinicID).
		Where("left_on IS NULL").
		OrderExpr(`reviewer_id COLLATE "C"`).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list seats: %w", err)
	}
	_, panel, err := s.Current(ctx, s.db(ctx), clinicID)
	if err != nil && !errors.Is(err, ErrNoPanel) {
		return nil, err
	}
	seats := make([]Seat, 0, len(rows))
	for _, row := range rows {
		seats = append(seats, Seat{row, panel != nil && panel.Member(row.ReviewerID) != nil})
	}
	return seats, nil
}

// ClinicsOf lists the clinics on whose panels a reviewer sits.
func (s *Store) ClinicsOf(ctx context.Context, reviewerID string) ([]string, error) {
	var ids []string
	err := s.db(ctx).NewSelect().Model((*Membership)(nil)).
		Column("clinic_id").
		Where("reviewer_id = ?", reviewerID).
		Where("left_on IS NULL").
		Order("clinic_id").
		Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list clinics of reviewer: %w", err)
	}
	return ids, nil
}

// RequireMember answers ErrNotMember unless the reviewer sits on the clinic's panel.
func (s *Store) RequireMember(ctx context.Context, clinicID, reviewerID string) error {
	found, err := s.db(ctx).NewSelect().Model((*Membership)(nil)).
		Where("clinic_id = ?", clinicID).
		Where("reviewer_id = ?", reviewerID).
		Where("left_on IS NULL").
		Exists(ctx)
	if err != nil {
		return fmt.Errorf("check membership: %w", err)
	}
	if !found {
		return ErrNotMember
	}
	return nil
}

// RequireListed answers ErrNotListed unless the signed list in force names the reviewer: the panel lets people in, and not
// an invitation.
func (s *Store) RequireListed(ctx context.Context, clinicID, reviewerID string) error {
	_, panel, err := s.Current(ctx, s.db(ctx), clinicID)
	if errors.Is(err, ErrNoPanel) || err == nil && panel.Member(reviewerID) == nil {
		return ErrNotListed
	}
	return err
}

// seat makes the panel what its newest manifest says. Epochs that were offered to an earlier panel are abandoned: one of
// their wraps may be in the hands of somebody who has left, or somebody new has none.
func (s *Store) seat(ctx context.Context, tx bun.Tx, old, m *Manifest) error {
	for _, r := range old.members() {
		if m.Member(r.ID) != nil {
			continue
		}
		_, err := tx.NewUpdate().Model((*Membership)(nil)).
			Set("left_on = ?", s.today()).
			Where("clinic_id = ?", m.ClinicID).
			Where("reviewer_id = ?", r.ID).
			Exec(ctx)
		if err != nil {
			return err
		}
		if err := s.emptied(ctx, tx, m.ClinicID, r.ID); err != nil {
			return err
		}
	}
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).
		Set("state = ?", StateAbandoned).
		Where("clinic_id = ?", m.ClinicID).
		Where("state = ?", StateOffered).
		Where("manifest_version < ?", m.Version).
		Exec(ctx)
	if err != nil {
		return err
	}
	return dropAbandonedWraps(ctx, tx, m.ClinicID)
}

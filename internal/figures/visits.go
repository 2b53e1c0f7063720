package figures

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Visits is how many visits there were at a clinic in a quarter, as the clinic tells its panel: what a rate of reports is of.
// Nobody can check it, and no release holds it.
type Visits struct {
	bun.BaseModel `bun:"table:visits"`

	ClinicID   string    `bun:"clinic_id,pk"`
	Quarter    time.Time `bun:"quarter,pk,type:date"` // its first day
	Visits     int       `bun:"visits"`
	ReviewerID string    `bun:"reviewer_id"` // who wrote it down
}

// maxVisits bounds the visits of a quarter.
const maxVisits = 100_000_000

// ErrVisits means that a number of visits, or its quarter, cannot be: its message says what to mend.
var ErrVisits = errors.New("these visits cannot be kept")

// Visits lists a clinic's visits, the oldest quarter first. For the panel only.
func (s *Store) Visits(ctx context.Context, clinicID string) (list []Visits, err error) {
	if err := s.db(ctx).NewSelect().Model(&list).Where("clinic_id = ?", clinicID).Order("quarter").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list visits: %w", err)
	}
	return list, nil
}

// SetVisits keeps how many visits a quarter had that is over; what was kept of it before gives way. Errors: ErrVisits,
// keyring.ErrNotMember.
func (s *Store) SetVisits(ctx context.Context, v Visits) error {
	switch {
	case !v.Quarter.Equal(quarter(v.Quarter)):
		return fmt.Errorf("%w: a quarter begins on the first of January, April, July or October", ErrVisits)
	case v.Quarter.AddDate(0, 3, 0).After(s.today()):
		return fmt.Errorf("%w: this quarter is not over yet", ErrVisits)
	case v.Visits < 1 || v.Visits > maxVisits:
		return fmt.Errorf("%w: a quarter has from 1 to %d visits", ErrVisits, maxVisits)
	}
	if err := s.Keys.RequireMember(ctx, v.ClinicID, v.ReviewerID); err != nil {
		return err
	}
	_, err := s.db(ctx).NewInsert().Model(&v).
		On("CONFLICT (clinic_id, quarter) DO UPDATE").
		Set("visits = EXCLUDED.visits").
		Set("reviewer_id = EXCLUDED.reviewer_id").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep visits: %w", err)
	}
	return nil
}

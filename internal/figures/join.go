package figures

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/review"
)

// CountIn joins the panel's work to the figures: what two coders agreed on is counted in the transaction in which it comes
// into the clear, and taken out of the counts when it goes.
func CountIn(s *review.Store) {
	s.OnCoded = func(ctx context.Context, tx bun.Tx, clinicID string, f review.Facts) (time.Time, error) {
		return CountCoded(ctx, tx, clinicID, codedOf(&f))
	}
	s.OnUncoded = func(ctx context.Context, tx bun.Tx, clinicID string, f review.Facts) (bool, error) {
		return UncountCoded(ctx, tx, clinicID, f.Month, codedOf(&f))
	}
}

// codedOf is what figures know of a report.
func codedOf(f *review.Facts) Coded {
	return Coded{
		Day: f.Month, Service: f.Service, Role: f.Role, Themes: f.Themes, Items: f.Items, Good: f.Good,
		Seriousness: f.Seriousness, Who: f.Involved, Repair: f.Repair, Version: f.Taxonomy,
	}
}

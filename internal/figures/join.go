package figures

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/review"
)

// CountIn joins the panel's work to the figures: what two coders agreed on is counted in the transaction in which it comes
// into the clear, and taken out of the counts when it goes.
func CountIn(s *review.Store) {
	s.OnCoded = func(ctx context.Context, tx bun.Tx, clinicID string, f review.Facts) (time.Time, error) {
		return f.Month, CountCoded(ctx, tx, clinicID, codedOf(&f))
	}
	s.OnUncoded = func(ctx context.Context, tx bun.Tx, clinicID string, f review.Facts) error {
		return UncountCoded(ctx, tx, clinicID, codedOf(&f))
	}
}

// codedOf is what figures know of a report. They find by themselves in which month it is counted when its own is released.
func codedOf(f *review.Facts) Coded {
	return Coded{
		Day: f.Month, Service: f.Service, Role: f.Role, Themes: f.Themes, Items: slices.Concat(f.Items, f.Good),
		Seriousness: f.Seriousness, Who: f.Involved, Repair: f.Repair, Version: f.Taxonomy,
	}
}

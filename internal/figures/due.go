package figures

import (
	"context"
	"slices"
	"time"
)

// Due is a period that has begun and has no release yet, nor a draft that waits for signatures.
type Due struct {
	Period
	Plan int       // version
	From time.Time // the first day on which it may be drafted
}

// maxDue is how many periods are listed at most: a clinic that never releases is not reminded of every year.
const maxDue = 40

// Due lists a clinic's periods that are not in its ledger, the newest first; none before anything was counted.
func (s *Store) Due(ctx context.Context, clinicID string) ([]Due, error) {
	plans, err := plansOf(ctx, s.db(ctx), clinicID)
	if err != nil {
		return nil, err
	}
	made, err := ledgerOf(ctx, s.db(ctx), clinicID, s.oldestDraft())
	if err != nil {
		return nil, err
	}
	slices.Reverse(plans)
	var due []Due
	for i, p := range plans {
		for first := p.From; !first.After(s.today()); first = first.AddDate(0, p.Months, 0) {
			if i+1 < len(plans) && !first.Before(plans[i+1].From) {
				break
			}
			period := Period{First: first, Last: first.AddDate(0, p.Months, -1)}
			if !slices.ContainsFunc(made, period.overlaps) {
				due = append(due, Due{period, p.Version, period.Last.AddDate(0, 0, p.DelayDays)})
			}
		}
	}
	slices.Reverse(due)
	return due[:min(len(due), maxDue)], nil
}

package figures

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Due is a period that has begun and has no release yet, nor a draft that waits for signatures.
type Due struct {
	Period
	Plan int       // version
	From time.Time // the first day on which it may be drafted
	Few  bool      // so far fewer reports are counted in it than the plan needs, so a draft would be refused
}

// maxDue is how many periods are listed at most: a clinic that never releases is not reminded of every year.
const maxDue = 40

// Due lists a clinic's periods that are not in its ledger, the newest first; none before anything was counted. It is for the panel, which
// may know what is counted.
func (s *Store) Due(ctx context.Context, clinicID string) ([]Due, error) {
	due, err := s.Unreleased(ctx, clinicID)
	if err != nil || len(due) == 0 {
		return due, err
	}
	plans, err := plansOf(ctx, s.db(ctx), clinicID)
	if err != nil {
		return nil, err
	}
	counted, err := s.reportsByMonth(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	for i := range due {
		d := &due[i]
		at := slices.IndexFunc(plans, func(p *Plan) bool { return p.Version == d.Plan })
		d.Few = counted.within(d.Period) < plans[at].enough()
	}
	return due, nil
}

// Unreleased is Due without a look at what is counted: Few is false.
func (s *Store) Unreleased(ctx context.Context, clinicID string) ([]Due, error) {
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
				due = append(due, Due{Period: period, Plan: p.Version, From: period.Last.AddDate(0, 0, p.DelayDays)})
			}
		}
	}
	slices.Reverse(due)
	return due[:min(len(due), maxDue)], nil
}

// monthly is how many reports are counted in each month, by its first day.
type monthly map[string]int

func (m monthly) within(p Period) (n int) {
	for month := p.First; !month.After(p.Last); month = month.AddDate(0, 1, 0) {
		n += m[month.Format(time.DateOnly)]
	}
	return n
}

// reportsByMonth is for the panel only, as all that is not released.
func (s *Store) reportsByMonth(ctx context.Context, clinicID string) (monthly, error) {
	var cells []Cell
	err := s.db(ctx).NewSelect().Model(&cells).
		Column("month").
		ColumnExpr("sum(reports) AS reports").
		Where("clinic_id = ?", clinicID).
		Where("table_key = ?", reportsKey).
		Group("month").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("count reports of each month: %w", err)
	}
	counted := monthly{}
	for _, c := range cells {
		counted[c.Month.UTC().Format(time.DateOnly)] = c.Reports
	}
	return counted, nil
}

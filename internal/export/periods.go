package export

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/figures"
)

// sources are the releases that a bundle is made of, and its period.
type sources struct {
	first, last     time.Time
	release, before *figures.Release
	plans           []*figures.Plan
}

// sources finds what is asked for. Only whole periods are given out, each as it was released: of a part of one, or of two that
// overlap, somebody could work out a smaller group.
func (s *Store) sources(ctx context.Context, clinicID string, asked Asked) (*sources, error) {
	releases, err := s.Figures.Released(ctx, clinicID) // the newest first
	if err != nil {
		return nil, err
	}
	src := &sources{}
	if src.plans, err = s.Figures.Plans(ctx, clinicID); err != nil {
		return nil, err
	}
	periods, err := s.periods(ctx, clinicID, releases, src.plans)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(periods, func(p figures.Period) bool { return p.First.Equal(asked.First) })
	if i < 0 || !asked.Last.IsZero() && !periods[i].Last.Equal(asked.Last) {
		return nil, refusal(asked, periods)
	}
	src.first, src.last = periods[i].First, periods[i].Last
	if !asked.AsOf.After(src.last) {
		return nil, fmt.Errorf("%w: promises can stand in it as of any day from %s to yesterday", ErrPeriod, src.last.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	for _, r := range releases {
		switch p := r.Period(); {
		case p.First.Equal(src.first):
			src.release = r
		case src.before == nil && p.Last.Before(src.first):
			src.before = r
		}
	}
	if src.release == nil {
		src.before = nil // words stand alone
	}
	return src, nil
}

// Periods are those that a bundle can be made of, the newest first: what is released, and what is over without a release, of
// which there are words only.
func (s *Store) Periods(ctx context.Context, clinicID string) ([]figures.Period, error) {
	releases, err := s.Figures.Released(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	plans, err := s.Figures.Plans(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	return s.periods(ctx, clinicID, releases, plans)
}

func (s *Store) periods(ctx context.Context, clinicID string, releases []*figures.Release, plans []*figures.Plan) (periods []figures.Period, err error) {
	for _, r := range releases {
		periods = append(periods, r.Period())
	}
	due, err := s.Figures.Unreleased(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	for _, d := range due {
		if !s.today().Before(d.From) {
			periods = append(periods, d.Period)
		}
	}
	if len(plans) == 0 { // nothing was ever counted: the quarters of the default plan
		p := figures.DefaultPlan(clinicID, s.today(), nil)
		for first := p.From.AddDate(0, -p.Months, 0); len(periods) < 4; first = first.AddDate(0, -p.Months, 0) {
			if last := first.AddDate(0, p.Months, -1); !s.today().Before(last.AddDate(0, 0, p.DelayDays)) {
				periods = append(periods, figures.Period{First: first, Last: last})
			}
		}
	}
	slices.SortFunc(periods, func(a, b figures.Period) int { return b.First.Compare(a.First) })
	return periods, nil
}

// refusal says why what is asked for cannot be had, and what can.
func refusal(asked Asked, periods []figures.Period) error {
	if len(periods) == 0 {
		return fmt.Errorf("%w: no period is over yet, with the 30 days after it. Come back then", ErrPeriod)
	}
	var can []string
	for _, p := range periods[:min(4, len(periods))] {
		can = append(can, p.String())
	}
	way := "Ask for a whole one: " + strings.Join(can, "; ")
	last := asked.Last
	if last.IsZero() {
		last = asked.First
	}
	for _, p := range periods {
		if !asked.First.After(p.Last) && !p.First.After(last) {
			return fmt.Errorf("%w: these days share some with %s and are not the same. The difference of the two would be a smaller group of reports. %s", ErrPeriod, p, way)
		}
	}
	return fmt.Errorf("%w: no period begins on %s, or it is not over yet with the days after it. %s", ErrPeriod, asked.First.Format(time.DateOnly), way)
}

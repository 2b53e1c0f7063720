package promise

import (
	"context"
	"fmt"
	"slices"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/review"
)

// Calendar is the days on which a panel and its clinic are taken to work, where their day ends, and how long they have.
type Calendar struct {
	WorkingDays []int    // 1 is Monday, 7 Sunday; none means every day
	Holidays    []string // as in 2026-12-25
	Zone        *time.Location
	Clocks      []clinic.ClocksFrom // as decided, the oldest first

	clinicID string
}

// Today is the clinic's own day.
func (c *Calendar) Today(now time.Time) time.Time {
	y, m, d := now.In(c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (c *Calendar) works(day time.Time) bool {
	weekday := int(day.Weekday())
	if weekday == 0 {
		weekday = 7
	}
	return (len(c.WorkingDays) == 0 || slices.Contains(c.WorkingDays, weekday)) && !slices.Contains(c.Holidays, day.Format(time.DateOnly))
}

// maxLook bounds how far ahead a working day is looked for: a list of days off may name every day.
const maxLook = 3660

// Add is the nth working day after a day.
func (c *Calendar) Add(day time.Time, n int) time.Time {
	for looked := 0; n > 0 && looked < maxLook; looked++ {
		day = day.AddDate(0, 0, 1)
		if c.works(day) {
			n--
		}
	}
	return day
}

// Between counts the working days after one day up to and with another; 0 when that lies before.
func (c *Calendar) Between(from, to time.Time) (n int) {
	for day := from.AddDate(0, 0, 1); !day.After(to) && n < maxLook; day = day.AddDate(0, 0, 1) {
		if c.works(day) {
			n++
		}
	}
	return n
}

// Calendar is a clinic's: the days of its panel's practice, and its own time zone.
func (s *Store) Calendar(ctx context.Context, clinicID string) (*Calendar, error) {
	practice, err := s.practice(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	var name string
	if err := s.db(ctx).NewRaw(`SELECT time_zone FROM clinic WHERE id = ?`, clinicID).Scan(ctx, &name); err != nil {
		return nil, fmt.Errorf("read time zone: %w", err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("know time zone: %w", err)
	}
	clocks, err := s.clocks(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	return &Calendar{WorkingDays: practice.WorkingDays, Holidays: practice.Holidays, Zone: zone, Clocks: clocks, clinicID: clinicID}, nil
}

func (s *Store) clocks(ctx context.Context, clinicID string) ([]clinic.ClocksFrom, error) {
	return (&clinic.Store{DB: s.DB, Now: s.Now}).Clocks(ctx, clinicID)
}

func (s *Store) practice(ctx context.Context, clinicID string) (*review.Practice, error) {
	practice, _, err := (&review.Store{DB: s.DB, Now: s.Now}).Practice(ctx, clinicID)
	return practice, err
}

// practiceBefore is how a panel worked before a day: the newest that was set on an earlier one, for of two things of one day nobody
// knows which was first.
func (s *Store) practiceBefore(ctx context.Context, clinicID string, on time.Time) (*review.Practice, error) {
	_, history, err := (&review.Store{DB: s.DB, Now: s.Now}).Practice(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(history, func(p review.Practice) bool { return p.SetOn.Before(on) }); i >= 0 {
		return &history[i], nil
	}
	return review.DefaultPractice(), nil
}

// Today is a clinic's own day.
func (s *Store) Today(ctx context.Context, clinicID string) (time.Time, error) {
	c, err := s.Calendar(ctx, clinicID)
	if err != nil {
		return time.Time{}, err
	}
	return c.Today(s.Now()), nil
}

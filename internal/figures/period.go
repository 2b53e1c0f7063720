package figures

import (
	"errors"
	"fmt"
	"time"
)

// ErrPeriod means that nothing can be released for a period: its message says why, and when something can be.
var ErrPeriod = errors.New("nothing can be released for this period")

// Period is the days of a release, both ends included: whole months, as its plan cuts them.
type Period struct {
	First, Last time.Time
}

func (p Period) String() string {
	return p.First.Format(time.DateOnly) + " to " + p.Last.Format(time.DateOnly)
}

// overlaps reports whether two periods share a day.
func (p Period) overlaps(other Period) bool {
	return !p.First.After(other.Last) && !other.First.After(p.Last)
}

// periodFrom is the plan's period that begins on a day. Errors wrap ErrPeriod.
func (p *Plan) periodFrom(first time.Time) (Period, error) {
	if first.Before(p.From) {
		return Period{}, fmt.Errorf("%w: %s is before the plan's first day, %s", ErrPeriod, first.Format(time.DateOnly), p.From.Format(time.DateOnly))
	}
	months := (first.Year()-p.From.Year())*12 + int(first.Month()) - int(p.From.Month())
	if first.Day() != 1 || months%p.Months != 0 {
		next := p.From.AddDate(0, (months/p.Months+1)*p.Months, 0)
		return Period{}, fmt.Errorf("%w: the plan's periods of %d months do not begin on %s. The next one begins on %s", ErrPeriod, p.Months, first.Format(time.DateOnly), next.Format(time.DateOnly))
	}
	return Period{First: first, Last: first.AddDate(0, p.Months, -1)}, nil
}

// ledger is the periods of a clinic that are released or drafted, in any order. They never share a day, and so no report
// is counted in two releases, and no difference between releases is a smaller group of reports than a release.
type ledger []Period

// admit refuses a period that may not be released under a plan on a day. Errors wrap ErrPeriod.
func (l ledger) admit(p *Plan, period Period, today time.Time) error {
	cut, err := p.periodFrom(period.First)
	if err != nil {
		return err
	}
	if period.Last.Before(period.First) {
		return fmt.Errorf("%w: it ends on %s, before it starts", ErrPeriod, period.Last.Format(time.DateOnly))
	}
	if !cut.Last.Equal(period.Last) {
		return fmt.Errorf("%w: %s is not one of the plan's periods. The one that begins then ends on %s", ErrPeriod, period, cut.Last.Format(time.DateOnly))
	}
	for _, made := range l {
		if made.overlaps(period) {
			return fmt.Errorf("%w: %s shares days with %s, which is released or drafted. Their difference would be a smaller group. Releases never overlap; the next may begin on %s", ErrPeriod, period, made, made.Last.AddDate(0, 0, 1).Format(time.DateOnly))
		}
	}
	if ready := period.Last.AddDate(0, 0, p.DelayDays); today.Before(ready) {
		return fmt.Errorf("%w: %s may be released from %s on, %d days after its end", ErrPeriod, period, ready.Format(time.DateOnly), p.DelayDays)
	}
	return nil
}

// openMonth is the month in which a report of a month is counted: its own, or the first that no release holds yet. What is
// agreed late goes into the next release, for a release never changes.
func (l ledger) openMonth(month time.Time) time.Time {
	for moved := true; moved; {
		moved = false
		for _, made := range l {
			if !month.Before(made.First) && !month.After(made.Last) {
				month, moved = made.Last.AddDate(0, 0, 1), true
			}
		}
	}
	return month
}

func monthOf(day time.Time) time.Time {
	day = day.UTC()
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}

package notice

import (
	"fmt"
	"strings"
	"time"
)

// Schedule is an hour of each day, or of one day of each week, in UTC.
type Schedule struct {
	Weekly bool
	Day    time.Weekday
	Hour   int
}

// ParseSchedule reads "daily 9" or "monday 9".
func ParseSchedule(text string) (Schedule, error) {
	var day string
	var s Schedule
	if n, err := fmt.Sscanf(text, "%s %d", &day, &s.Hour); n != 2 || err != nil || s.Hour < 0 || s.Hour > 23 || text != fmt.Sprintf("%s %d", day, s.Hour) {
		return s, fmt.Errorf("%q is no hour for notices", text)
	}
	if day == "daily" {
		return s, nil
	}
	s.Weekly = true
	for s.Day = time.Sunday; s.Day <= time.Saturday; s.Day++ {
		if strings.ToLower(s.Day.String()) == day {
			return s, nil
		}
	}
	return s, fmt.Errorf("%q is no day for notices", day)
}

// Next is the first hour of the schedule after a moment.
func (s Schedule) Next(after time.Time) time.Time {
	after = after.UTC()
	next := time.Date(after.Year(), after.Month(), after.Day(), s.Hour, 0, 0, 0, time.UTC)
	for !next.After(after) || s.Weekly && next.Weekday() != s.Day {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// DayName is the day of the week as ParseSchedule reads it; empty for each day.
func (s Schedule) DayName() string {
	if !s.Weekly {
		return ""
	}
	return strings.ToLower(s.Day.String())
}

package clinic

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Clocks are how long a clinic and its panel have, as the panel decides it with its settings.
type Clocks struct {
	Answer   int `json:"answer" bun:"answer"`       // working days from hand-over until the clinic has answered
	Judge    int `json:"judge" bun:"judge"`         // days until the panel has judged what it can judge
	LookBack int `json:"look_back" bun:"look_back"` // days after a promise was judged kept until the panel asks again
}

// DefaultClocks hold until a panel decides on others.
func DefaultClocks() Clocks { return Clocks{Answer: 20, Judge: 30, LookBack: 90} }

// ClocksFrom are clocks and the first day for which they hold.
type ClocksFrom struct {
	bun.BaseModel `bun:"table:clocks"`

	ClinicID  string    `bun:"clinic_id,pk"`
	HoldsFrom time.Time `bun:"holds_from,pk,type:date"`
	Clocks    `bun:",extend"`
}

// clocksAfterDays is how long after a decision its clocks hold from: by then the day of the decision is over in every time zone,
// so that nothing which happened has its day moved.
const clocksAfterDays = 2

func (c Clocks) check() error {
	for _, bound := range []struct {
		value, low, high int
		reason           string
	}{
		{c.Answer, 5, 40, "A clinic has 5 to 40 working days to answer."},
		{c.Judge, 7, 60, "A panel has 7 to 60 days to judge a promise."},
		{c.LookBack, 30, 180, "A panel asks again 30 to 180 days after a promise was kept."},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return &Problem{bound.reason}
		}
	}
	return nil
}

// setClocks keeps the clocks of settings that a panel decided on a day.
func (s *Store) setClocks(ctx context.Context, tx bun.Tx, clinicID string, c Clocks, on time.Time) error {
	row := &ClocksFrom{ClinicID: clinicID, HoldsFrom: on.AddDate(0, 0, clocksAfterDays), Clocks: c}
	_, err := tx.NewInsert().Model(row).On("CONFLICT (clinic_id, holds_from) DO UPDATE").
		Set("answer = EXCLUDED.answer").Set("judge = EXCLUDED.judge").Set("look_back = EXCLUDED.look_back").Exec(ctx)
	if err != nil {
		return fmt.Errorf("set clocks: %w", err)
	}
	return nil
}

// Clocks gives all that a clinic's panel decided on, the oldest first. Before the first of them the default holds.
func (s *Store) Clocks(ctx context.Context, clinicID string) ([]ClocksFrom, error) {
	var rows []ClocksFrom
	if err := s.db(ctx).NewSelect().Model(&rows).Where("clinic_id = ?", clinicID).Order("holds_from").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read clocks: %w", err)
	}
	return rows, nil
}

// ClocksOn are the clocks of what happens on a day, of all that Clocks gave.
func ClocksOn(all []ClocksFrom, day time.Time) Clocks {
	c := DefaultClocks()
	for _, one := range all {
		if !one.HoldsFrom.After(day) {
			c = one.Clocks
		}
	}
	return c
}

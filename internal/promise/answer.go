package promise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Longest texts, in bytes.
const (
	MaxWords = 16384
	MaxText  = 4096
	MaxRole  = 400
	// MaxPromises is how many promises one answer carries.
	MaxPromises = 5
)

// Draft is a promise as the clinic writes it.
type Draft struct {
	What, Who, How string
	Due            time.Time // zero where none was given
}

func (d *Draft) empty() bool { return d.What == "" && d.Who == "" && d.How == "" && d.Due.IsZero() }

// Answer is what a clinic says to a finding. Promises that say nothing at all are left out; one that says something says all.
type Answer struct {
	Role, Power, Words string
	Promises           []Draft
}

// Fault is something in an answer that a person can put right. Field is role, power, words, or what, who, how or due with the
// number of the promise behind it, from 1; Kind is empty, long, text, early or far.
type Fault struct{ Field, Kind string }

// Faults is an error that names all of them.
type Faults []Fault

func (f Faults) Error() string { return fmt.Sprintf("%d fields are not as they have to be", len(f)) }

func (f *Faults) text(field, text string, limit int) {
	switch {
	case strings.TrimSpace(text) == "":
		*f = append(*f, Fault{field, "empty"})
	case len(text) > limit:
		*f = append(*f, Fault{field, "long"})
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		*f = append(*f, Fault{field, "text"})
	}
}

func (f *Faults) day(field string, due, today time.Time) {
	switch {
	case due.IsZero():
		*f = append(*f, Fault{field, "empty"})
	case !due.After(today):
		*f = append(*f, Fault{field, "early"})
	case due.After(today.AddDate(0, 0, maxAheadDays)):
		*f = append(*f, Fault{field, "far"})
	}
}

func (a *Answer) check(today time.Time) error {
	var faults Faults
	faults.text("role", a.Role, MaxRole)
	faults.text("power", a.Power, MaxText)
	faults.text("words", a.Words, MaxWords)
	for i, d := range a.Promises {
		if d.empty() {
			continue
		}
		n := fmt.Sprint(i + 1)
		faults.text("what"+n, d.What, MaxText)
		faults.text("who"+n, d.Who, MaxRole)
		faults.day("due"+n, d.Due, today)
		faults.text("how"+n, d.How, MaxText)
	}
	if len(a.Promises) > MaxPromises {
		faults = append(faults, Fault{"words", "long"})
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// Answer keeps a clinic's answer and its promises, in one transaction. An answer never changes; another can follow. The same
// answer on the same day gives the same id. Errors: Faults, ErrGone, ErrTakenBack.
func (s *Store) Answer(ctx context.Context, clinicID, handoverID string, a Answer) (id string, err error) {
	err = s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		today := cal.Today(s.Now())
		if err := a.check(today); err != nil {
			return err
		}
		h, err := handover(ctx, tx, clinicID, handoverID)
		if err != nil {
			return err
		}
		if h.TakenBack {
			return ErrTakenBack
		}
		err = tx.NewSelect().Model((*Response)(nil)).Column("id").
			Where("handover_id = ?", h.ID).Where("responded_on = ?", today).Where("words = ?", a.Words).Limit(1).Scan(ctx, &id)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return err // sent twice
		}
		row := &Response{ID: uuid.NewString(), ClinicID: clinicID, HandoverID: h.ID, Role: a.Role, Power: a.Power, Words: a.Words, RespondedOn: today}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
		for _, d := range a.Promises {
			if d.empty() {
				continue
			}
			p := &Promise{ID: uuid.NewString(), ClinicID: clinicID, ResponseID: row.ID, What: d.What, Who: d.Who, How: d.How, MadeOn: today, DueOn: d.Due}
			if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
				return fmt.Errorf("keep promise: %w", err)
			}
		}
		id = row.ID
		return nil
	})
	return id, err
}

// Show lets everybody read an answer and its promises, or nobody but clinic and panel, as a member of the panel who has looked
// whether it could point at somebody. Errors: ErrGone.
func (s *Store) Show(ctx context.Context, clinicID, reviewerID, responseID string, shown bool) error {
	if uuid.Validate(responseID) != nil {
		return ErrGone
	}
	return s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		update := tx.NewUpdate().Model((*Response)(nil)).Where("id = ?", responseID).Where("clinic_id = ?", clinicID)
		if shown {
			update = update.Set("shown_on = coalesce(shown_on, ?)", cal.Today(s.Now())).Set("shown_by = coalesce(shown_by, ?)", reviewerID)
		} else {
			update = update.Set("shown_on = NULL").Set("shown_by = NULL")
		}
		res, err := update.Exec(ctx)
		if err != nil {
			return fmt.Errorf("show answer: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrGone
		}
		return nil
	})
}

package promise

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	// Answers to one finding: so many on one day, and so many ever. A bundle holds all of a period.
	MaxAnswersADay = 3
	MaxAnswers     = 30
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
// number of the promise behind it, from 1; Kind is empty, long, text, early, far, often (for today) or full.
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
// answer with the same promises on the same day gives the same id. Errors: Faults, ErrGone, ErrTakenBack.
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
		if h.TakenBackOn != nil {
			return ErrTakenBack
		}
		if id, err = sentBefore(ctx, tx, h.ID, today, &a); err != nil || id != "" {
			return err
		}
		if err := answerable(ctx, tx, h.ID, today); err != nil {
			return err
		}
		row := &Response{ID: uuid.NewString(), ClinicID: clinicID, HandoverID: h.ID, Role: a.Role, Power: a.Power, Words: a.Words, RespondedOn: today}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
		for _, d := range drafts(a.Promises) {
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

// sentBefore finds the same answer with the same promises among those of a day; "" for none.
func sentBefore(ctx context.Context, tx bun.Tx, handoverID string, today time.Time, a *Answer) (id string, err error) {
	var same []Response
	err = tx.NewSelect().Model(&same).Where("handover_id = ?", handoverID).Where("responded_on = ?", today).
		Where("role = ?", a.Role).Where("power = ?", a.Power).Where("words = ?", a.Words).Scan(ctx)
	if err != nil {
		return "", fmt.Errorf("look for the same answer: %w", err)
	}
	said := drafts(a.Promises)
	for _, r := range same {
		var promises []Promise
		if err := tx.NewSelect().Model(&promises).Where("response_id = ?", r.ID).Scan(ctx); err != nil {
			return "", fmt.Errorf("look for the same promises: %w", err)
		}
		var kept []Draft
		for _, p := range promises {
			kept = append(kept, Draft{p.What, p.Who, p.How, p.DueOn})
		}
		if slices.EqualFunc(drafts(kept), said, Draft.equal) {
			return r.ID, nil
		}
	}
	return "", nil
}

// answerable says that a finding takes another answer. Errors: Faults of words.
func answerable(ctx context.Context, tx bun.Tx, handoverID string, today time.Time) error {
	var days []time.Time
	err := tx.NewSelect().Model((*Response)(nil)).Column("responded_on").Where("handover_id = ?", handoverID).Scan(ctx, &days)
	if err != nil {
		return fmt.Errorf("count answers: %w", err)
	}
	if len(days) >= MaxAnswers {
		return Faults{{"words", "full"}}
	}
	if others := slices.DeleteFunc(days, func(on time.Time) bool { return !on.Equal(today) }); len(others) >= MaxAnswersADay {
		return Faults{{"words", "often"}}
	}
	return nil
}

// drafts are those that say something, in an order of their own.
func drafts(all []Draft) (out []Draft) {
	for _, d := range all {
		if !d.empty() {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Draft) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Who, b.Who), cmp.Compare(a.How, b.How), a.Due.Compare(b.Due))
	})
	return out
}

func (d Draft) equal(other Draft) bool {
	return d.What == other.What && d.Who == other.Who && d.How == other.How && d.Due.Equal(other.Due)
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

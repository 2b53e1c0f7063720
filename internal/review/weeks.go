package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/transparency"
)

// RestWeek is a week in which a member said that they rest. No reason is asked.
type RestWeek struct {
	bun.BaseModel `bun:"table:rest_week"`

	ClinicID   string    `bun:"clinic_id,pk"`
	ReviewerID string    `bun:"reviewer_id,pk"`
	Week       time.Time `bun:"week,pk,type:date"` // its Monday
}

// HandbackWeek is how many parts were handed back on a panel in a week. It names nobody.
type HandbackWeek struct {
	bun.BaseModel `bun:"table:handback_week"`

	ClinicID string    `bun:"clinic_id,pk"`
	Week     time.Time `bun:"week,pk,type:date"` // its Monday
	Count    int       `bun:"count"`
}

// So many weeks are shown, this one the last of those that were, and so many that come.
const (
	weeksPast   = 12
	weeksComing = 4
)

// On a panel of fewer members what was handed back is told to nobody: each knows what they did not hand back themselves.
const fewestForHandbacks = 4

// ErrRestWeek is the error of a week in which nobody can rest any more, or yet.
var ErrRestWeek = errors.New("a week to rest in is this one or one of the next four, named by its Monday")

// Weeks is how the work lies on a panel over weeks.
type Weeks struct {
	Weeks   []Week
	Members []MemberWeeks // those who sit on the panel, by id
}

// Week is one of the weeks that are shown. What was handed back is told of weeks that have ended, and on panels that are not small:
// of this one, a colleague could see the number grow and know who just left the desk.
type Week struct {
	Monday     time.Time
	Ended      bool
	HandedBack *int // nil where it is not told
}

// MemberWeeks is a member's part in each of the weeks, in their order.
type MemberWeeks struct {
	ReviewerID string
	Finished   []int  // codings and checks sent, on messages that are still here: handing something back changes none of them
	Rests      []bool // said that they rest
}

// Weeks says how stories, rest and what was handed back lay on a panel, for all of it to see.
func (s *Store) Weeks(ctx context.Context, clinicID string) (*Weeks, error) {
	now := transparency.WeekOf(s.today())
	first := now.AddDate(0, 0, -7*(weeksPast-1))
	w := &Weeks{}
	for i := range weeksPast + weeksComing {
		monday := first.AddDate(0, 0, 7*i)
		w.Weeks = append(w.Weeks, Week{Monday: monday, Ended: monday.Before(now)})
	}
	if err := s.addMembers(ctx, clinicID, w); err != nil || len(w.Members) < fewestForHandbacks {
		return w, err
	}
	return w, s.countHandedBack(ctx, clinicID, w)
}

// at is the place of a week among those that are shown; -1 for none of them.
func (w *Weeks) at(monday time.Time) int {
	for i, week := range w.Weeks {
		if week.Monday.Equal(monday) {
			return i
		}
	}
	return -1
}

func (s *Store) countHandedBack(ctx context.Context, clinicID string, w *Weeks) error {
	var rows []HandbackWeek
	if err := s.db(ctx).NewSelect().Model(&rows).Where("clinic_id = ?", clinicID).Scan(ctx); err != nil {
		return fmt.Errorf("count what was handed back: %w", err)
	}
	counts := map[int]int{}
	for _, row := range rows {
		counts[w.at(row.Week)] = row.Count
	}
	for i := range w.Weeks {
		if n := counts[i]; w.Weeks[i].Ended {
			w.Weeks[i].HandedBack = &n
		}
	}
	return nil
}

func (s *Store) addMembers(ctx context.Context, clinicID string, w *Weeks) error {
	var rows []struct {
		ReviewerID string    `bun:"reviewer_id"`
		Week       time.Time `bun:"week"` // of a row without work or rest, the zero time
		Finished   int       `bun:"finished"`
		Rests      bool      `bun:"rests"`
	}
	err := s.db(ctx).NewRaw(`
		SELECT seat.reviewer_id,
		       coalesce(part.week, '0001-01-01'::date) AS week,
		       count(part.week) FILTER (WHERE NOT part.rests) AS finished,
		       coalesce(bool_or(part.rests), false) AS rests
		FROM panel_member AS seat
		LEFT JOIN (
		    SELECT file.author_id AS reviewer_id, date_trunc('week', file.written_on)::date AS week, false AS rests
		    FROM review_file AS file
		    JOIN submission ON submission.leaf_hash = file.leaf_hash
		    WHERE submission.clinic_id = ? AND file.kind IN ('coding', 'check') AND file.n = 0
		    UNION ALL
		    SELECT reviewer_id, week, true FROM rest_week WHERE clinic_id = ?
		) AS part ON part.reviewer_id = seat.reviewer_id
		WHERE seat.clinic_id = ? AND seat.left_on IS NULL
		GROUP BY seat.reviewer_id, part.week
		ORDER BY seat.reviewer_id`, clinicID, clinicID, clinicID).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("list weeks: %w", err)
	}
	for _, row := range rows {
		if n := len(w.Members); n == 0 || w.Members[n-1].ReviewerID != row.ReviewerID {
			w.Members = append(w.Members, MemberWeeks{row.ReviewerID, make([]int, len(w.Weeks)), make([]bool, len(w.Weeks))})
		}
		member := &w.Members[len(w.Members)-1]
		if i := w.at(row.Week); i >= 0 {
			member.Finished[i], member.Rests[i] = row.Finished, row.Rests
		}
	}
	return nil
}

// Rest says that a member rests in a week, or does not after all. It stops nobody: whoever rests may still take something. The same
// again is no error. Error: ErrRestWeek.
func (s *Store) Rest(ctx context.Context, clinicID, reviewerID string, monday time.Time, rests bool) error {
	now := transparency.WeekOf(s.today())
	if monday.Before(now) || monday.After(now.AddDate(0, 0, 7*weeksComing)) || !transparency.WeekOf(monday).Equal(monday) {
		return ErrRestWeek
	}
	row := &RestWeek{ClinicID: clinicID, ReviewerID: reviewerID, Week: monday}
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if rests {
			_, err = tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		} else {
			_, err = tx.NewDelete().Model(row).WherePK().Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("keep week of rest: %w", err)
		}
		return nil
	})
}

// countHandback counts a part that was handed back for the whole panel: no name, no message, no day.
func (s *Store) countHandback(ctx context.Context, tx bun.Tx, clinicID string) error {
	now := transparency.WeekOf(s.today())
	row := &HandbackWeek{ClinicID: clinicID, Week: now, Count: 1}
	_, err := tx.NewInsert().Model(row).On("CONFLICT (clinic_id, week) DO UPDATE").Set("count = handback_week.count + 1").Exec(ctx)
	if err != nil {
		return fmt.Errorf("count what was handed back: %w", err)
	}
	return nil
}

// Sweep deletes the rows of weeks that are shown no more, also on a panel on which nothing happens.
func (s *Store) Sweep(ctx context.Context, clinicID string) error {
	first := transparency.WeekOf(s.today()).AddDate(0, 0, -7*(weeksPast-1))
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, of := range []any{(*RestWeek)(nil), (*HandbackWeek)(nil)} {
			if _, err := tx.NewDelete().Model(of).Where("clinic_id = ?", clinicID).Where("week < ?", first).Exec(ctx); err != nil {
				return fmt.Errorf("forget weeks: %w", err)
			}
		}
		return nil
	})
}

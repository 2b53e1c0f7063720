package promise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/review"
)

// Forms of a finding: one whose writer lets everybody read it, and one that has themes and no words.
const (
	formPublic = "public"
	formTheme  = "theme"
)

// HandOver gives a finding to its clinic; from then on the clinic's clock runs. The same again gives the same id. Errors:
// ErrGone for a finding that does not stand, or on a message that the member has stepped back from.
func (s *Store) HandOver(ctx context.Context, clinicID, reviewerID, findingID string) (id string, err error) {
	if uuid.Validate(findingID) != nil {
		return "", ErrGone
	}
	err = s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		var had Handover
		err := tx.NewSelect().Model(&had).Where("clinic_id = ?", clinicID).Where("finding_id = ?", findingID).Scan(ctx)
		if err == nil {
			id = had.ID
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for hand-over: %w", err)
		}
		findings, err := (&review.Store{DB: s.DB, Now: s.Now}).Findings(ctx, clinicID, reviewerID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(findings, func(f review.Finding) bool { return f.ID == findingID })
		if i < 0 {
			return ErrGone
		}
		f := &findings[i]
		row := s.newHandover(clinicID, reviewerID, cal)
		row.FindingID, row.Public, row.Themes = &f.ID, f.Form == formPublic, append([]string{}, f.Themes...)
		if row.Public { // its words go out without themes, and its codes are counted
			agreed, err := (&review.Store{DB: s.DB, Now: s.Now}).AgreedThemes(ctx, f.LeafHash)
			if err != nil {
				return err
			}
			row.Praise = goodAlone(agreed)
		}
		if f.Form != formTheme { // one of a release before, which kept themes beside words
			row.Themes = []string{}
		}
		if row.LateTaken, row.LateDecided, err = s.panelLate(ctx, tx, cal, f); err != nil {
			return err
		}
		id = row.ID
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("hand over: %w", err)
		}
		return nil
	})
	return id, err
}

func (s *Store) newHandover(clinicID, reviewerID string, cal *Calendar) *Handover {
	today := cal.Today(s.Now())
	return &Handover{
		ID: uuid.NewString(), ClinicID: clinicID, Themes: []string{}, HandedOn: today, HandedBy: reviewerID, AnswerBy: cal.Add(today, clinic.ClocksOn(cal.Clocks, today).Answer),
	}
}

// HandOverPast keeps a hand-over whose finding is not kept any more, as it is once the key of its message is destroyed: for a
// demo, and for bringing old records in. Themes are those of a finding that everybody may read, nil for others.
func (s *Store) HandOverPast(ctx context.Context, clinicID, reviewerID string, themes []string, lateTaken, lateDecided bool) (id string, err error) {
	err = s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		row := s.newHandover(clinicID, reviewerID, cal)
		row.Public, row.Themes, row.LateTaken, row.LateDecided = themes != nil, append([]string{}, themes...), lateTaken, lateDecided
		row.Praise = goodAlone(themes)
		id = row.ID
		_, err := tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	return id, err
}

// panelLate holds the panel's own work on a finding against the deadlines that it gave itself: when was the message first taken
// or coded, and when was it first decided how far it may go. Both clocks begin with the day of its batch, and are those that
// held before it: nothing that a panel decides later makes it less late. Times in which it waited for the writer stand in sealed
// notes, and are to be known to nobody else, so they count too: the public sentence says so.
func (s *Store) panelLate(ctx context.Context, tx bun.Tx, cal *Calendar, f *review.Finding) (taken, decided bool, err error) {
	var days struct {
		Arrived time.Time  `bun:"arrived"`
		Taken   *time.Time `bun:"taken"`
		Decided *time.Time `bun:"decided"`
	}
	err = tx.NewRaw(`
		SELECT submission.batch_day AS arrived,
		       least((SELECT min(claimed_on) FROM claim WHERE claim.leaf_hash = submission.leaf_hash),
		             (SELECT min(written_on) FROM review_file AS f WHERE f.leaf_hash = submission.leaf_hash AND f.kind = ?)) AS taken,
		       (SELECT min(written_on) FROM review_file AS f WHERE f.leaf_hash = submission.leaf_hash AND f.kind = ?) AS decided
		FROM submission
		WHERE submission.leaf_hash = ?`, review.KindCoding, review.KindSharing, f.LeafHash).Scan(ctx, &days)
	if err != nil {
		return false, false, fmt.Errorf("read the panel's days: %w", err)
	}
	practice, err := s.practiceBefore(ctx, cal.clinicID, days.Arrived)
	if err != nil {
		return false, false, err
	}
	then := &Calendar{WorkingDays: practice.WorkingDays, Holidays: practice.Holidays, Zone: cal.Zone}
	taken = days.Taken != nil && days.Taken.After(then.Add(days.Arrived, practice.Taken))
	decided = days.Decided != nil && days.Decided.After(days.Arrived.AddDate(0, 0, practice.Decided))
	return taken, decided, nil
}

// handover locks nothing: it is read by acts that hold the clinic.
func handover(ctx context.Context, tx bun.Tx, clinicID, id string) (*Handover, error) {
	var h Handover
	if uuid.Validate(id) != nil {
		return nil, ErrGone
	}
	err := tx.NewSelect().Model(&h).Where("id = ?", id).Where("clinic_id = ?", clinicID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("find hand-over: %w", err)
	}
	return &h, nil
}

// Repeat ties a finding that was handed over to an earlier promise, as a member of the panel: it happened again. The same again
// is no error. Errors: ErrGone, also for a finding that came before the promise was made.
func (s *Store) Repeat(ctx context.Context, clinicID, reviewerID, promiseID, handoverID string) error {
	return s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		h, err := handover(ctx, tx, clinicID, handoverID)
		if err != nil {
			return err
		}
		p, err := s.at(ctx, tx, clinicID, promiseID, cal)
		if err != nil {
			return err
		}
		if h.HandedOn.Before(p.MadeOn) || p.HandoverID == h.ID {
			return ErrGone
		}
		row := &Repeat{PromiseID: p.ID, HandoverID: h.ID, LinkedOn: cal.Today(s.Now()), LinkedBy: reviewerID}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("tie to promise: %w", err)
		}
		return nil
	})
}

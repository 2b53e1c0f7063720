package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"answerable/internal/postgres"

	"github.com/uptrace/bun"
)

// How far ahead keys are made. Fewer, and an empty month of volunteers closes the form; more, and a key that leaks opens
// more of the future.
const (
	futureEpochs = 3
	futureDays   = 21
	warningDays  = 14
	// shortMonth joins a rest of a month that is too short to be worth a key to the month after.
	shortMonth = 7
)

// Plan says which epochs a clinic still needs, for a reviewer's browser or terminal to deal. The server makes none.
type Plan struct {
	Rotation     Rotation
	Manifest     *StoredManifest
	Panel        *Manifest
	Previous     *[32]byte  // leaf hash a new record names as the one before; nil for the first
	Terms        []Term     // missing, by start
	CoveredUntil *time.Time // the last day up to which keys in the log are used on their own days; nil when today has none
	OpenUntil    *time.Time // the last day on which a key takes words, late days included; nil when today has none
	WarnDays     *int       // days until CoveredUntil, when those are few; nil otherwise. 0 in the late days and after
}

// Term is the time of one epoch.
type Term struct{ NotBefore, NotAfter, RetainUntil time.Time }

// needed is how many reviewers open an epoch: never more than there are.
func (r Rotation) needed(panel *Manifest) int { return min(r.K, len(panel.Reviewers)) }

// end is the last day of an epoch that begins on a day.
func (r Rotation) end(begins time.Time) time.Time {
	if r.Days > 0 {
		return begins.AddDate(0, 0, r.Days-1)
	}
	end := time.Date(begins.Year(), begins.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	if end.Sub(begins) < (shortMonth-1)*24*time.Hour {
		end = time.Date(begins.Year(), begins.Month()+2, 0, 0, 0, 0, 0, time.UTC)
	}
	return end
}

// Rotation is how a clinic's key changes, as its panel decided last; a month and one reviewer when it has not decided.
func (s *Store) Rotation(ctx context.Context, clinicID string) (Rotation, error) {
	return s.rotation(ctx, s.db(ctx), clinicID)
}

func (s *Store) rotation(ctx context.Context, db bun.IDB, clinicID string) (Rotation, error) {
	decided, err := s.decided(ctx, db, clinicID)
	if err != nil {
		return Rotation{}, err
	}
	if decided != nil {
		return *decided, nil
	}
	r := Rotation{K: 1}
	if err := db.NewRaw(`SELECT retention_days FROM clinic WHERE id = ?`, clinicID).Scan(ctx, &r.RetainDays); err != nil {
		return r, fmt.Errorf("read retention: %w", err)
	}
	return r, nil
}

// Decided is how a clinic's key changes, as its panel decided last; nil when it has not.
func (s *Store) Decided(ctx context.Context, clinicID string) (*Rotation, error) {
	return s.decided(ctx, s.db(ctx), clinicID)
}

// decided is the newest rotation of a clinic's panel; nil when it has signed none.
func (s *Store) decided(ctx context.Context, db bun.IDB, clinicID string) (*Rotation, error) {
	d, err := s.latestDecision(ctx, db, clinicID, KindRotation)
	if d == nil || err != nil {
		return nil, err
	}
	made, err := ParseResolution(d.Lines)
	if err != nil {
		return nil, err
	}
	return &made.Rotation, nil
}

// Plan works out which epochs are missing. Errors: ErrNoPanel.
func (s *Store) Plan(ctx context.Context, clinicID string) (*Plan, error) {
	if err := s.Sweep(ctx, clinicID); err != nil {
		return nil, err
	}
	stored, panel, err := s.Current(ctx, s.db(ctx), clinicID)
	if err != nil {
		return nil, err
	}
	p := &Plan{Manifest: stored, Panel: panel}
	if p.Rotation, err = s.rotation(ctx, s.db(ctx), clinicID); err != nil {
		return nil, err
	}
	p.Rotation.K = p.Rotation.needed(panel)
	if p.Previous, err = s.lastLogged(ctx, s.db(ctx), clinicID); err != nil {
		return nil, err
	}
	epochs, err := s.epochs(ctx, s.db(ctx), clinicID)
	if err != nil {
		return nil, err
	}
	p.fill(epochs, s.today())
	return p, nil
}

// current reports whether an epoch was dealt to the panel as it is now, so that every member holds a wrap and nobody else.
func (p *Plan) current(e Epoch) bool {
	return e.ManifestVersion == p.Manifest.Version && (e.State == StateOffered || e.State == StateLogged)
}

func (p *Plan) fill(epochs []Epoch, today time.Time) {
	mine := slices.DeleteFunc(slices.Clone(epochs), func(e Epoch) bool { return !p.current(e) })
	p.Terms = p.missing(mine, today)
	p.CoveredUntil, p.OpenUntil = lookAhead(epochs, today)
	days := 0
	if p.CoveredUntil != nil {
		days = int(p.CoveredUntil.Sub(today) / (24 * time.Hour))
	}
	if days <= warningDays {
		p.WarnDays = &days
	}
}

// lookAhead asks the calendar about each day to come: until when keys are used on their own days, and until when one takes
// words at all, if no other enters the log. Each is nil when it is not so today.
func lookAhead(epochs []Epoch, today time.Time) (covered, open *time.Time) {
	ahead := slices.Clone(epochs)
	onItsDays := true
	for day := today; ; day = day.AddDate(0, 0, 1) {
		applyCalendar(ahead, day)
		i := slices.IndexFunc(ahead, func(e Epoch) bool { return e.Effective == StateActive })
		if i < 0 {
			return covered, open
		}
		open = &day
		if onItsDays = onItsDays && !day.After(ahead[i].NotAfter); onItsDays {
			covered = &day
		}
	}
}

// OpensAgain is the first day to come on which a key in the log takes words, as far as keys in the log reach: nil when none
// does. It is asked while no key is in use; another key may still enter the log and open the form earlier.
func (s *Store) OpensAgain(ctx context.Context, clinicID string) (*time.Time, error) {
	epochs, err := s.epochs(ctx, s.db(ctx), clinicID)
	if err != nil {
		return nil, err
	}
	return opensAgain(epochs, s.today()), nil
}

// opensAgain looks at the days to come on which a key begins: the calendar changes for the better on no others. epochs are
// sorted by start.
func opensAgain(epochs []Epoch, today time.Time) *time.Time {
	ahead := slices.Clone(epochs)
	for _, e := range epochs {
		if e.State != StateLogged || !e.NotBefore.After(today) {
			continue
		}
		applyCalendar(ahead, e.NotBefore)
		if slices.ContainsFunc(ahead, func(e Epoch) bool { return e.Effective == StateActive }) {
			return &e.NotBefore
		}
	}
	return nil
}

// cover is the first day from a day on that no epoch has.
func cover(epochs []Epoch, day time.Time) time.Time {
	for {
		i := slices.IndexFunc(epochs, func(e Epoch) bool { return !e.NotBefore.After(day) && !e.NotAfter.Before(day) })
		if i < 0 {
			return day
		}
		day = epochs[i].NotAfter.AddDate(0, 0, 1)
	}
}

func (p *Plan) missing(epochs []Epoch, today time.Time) []Term {
	from := cover(epochs, today)
	future := 0
	for _, e := range epochs {
		if e.NotBefore.After(today) && e.NotBefore.Before(from) {
			future++
		}
	}
	var terms []Term
	for future < futureEpochs || from.Before(today.AddDate(0, 0, futureDays+1)) {
		t := Term{NotBefore: from, NotAfter: p.Rotation.end(from)}
		// An epoch that was dealt apart from the others, in a terminal, ends the gap before it.
		for _, e := range epochs {
			if e.NotBefore.After(from) && !e.NotBefore.After(t.NotAfter) {
				t.NotAfter = e.NotBefore.AddDate(0, 0, -1)
			}
		}
		t.RetainUntil = t.NotAfter.AddDate(0, 0, p.Rotation.RetainDays)
		terms = append(terms, t)
		if t.NotBefore.After(today) {
			future++
		}
		from = cover(epochs, t.NotAfter.AddDate(0, 0, 1))
	}
	return terms
}

// unclaimed refuses a record whose days another epoch of the same panel has already: two browsers may deal at once, and
// the slower one goes on calmly.
func (s *Store) unclaimed(ctx context.Context, tx bun.Tx, r *Record, panel *Manifest) error {
	taken, err := tx.NewSelect().Model((*Epoch)(nil)).
		Where("clinic_id = ?", r.ClinicID).
		Where("manifest_version = ?", panel.Version).
		Where("state IN (?, ?)", StateOffered, StateLogged).
		Where("not_before <= ?", r.NotAfter).
		Where("not_after >= ?", r.NotBefore).
		Exists(ctx)
	if err != nil {
		return err
	}
	if taken {
		return ErrTaken
	}
	return nil
}

// Sweep puts away what nobody completed in time: offered epochs and drafts of decisions after draftDays, requests to open
// after openingDays. Any replica may call it at any time.
func (s *Store) Sweep(ctx context.Context, clinicID string) error {
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		old := s.today().AddDate(0, 0, -draftDays)
		_, abandonErr := tx.NewUpdate().Model((*Epoch)(nil)).
			Set("state = ?", StateAbandoned).
			Where("clinic_id = ?", clinicID).
			Where("state = ?", StateOffered).
			Where("offered_on < ?", old).
			Exec(ctx)
		_, dropErr := tx.NewUpdate().Model((*Decision)(nil)).
			Set("state = ?", DecisionDropped).
			Where("clinic_id = ?", clinicID).
			Where("state = ?", DecisionDraft).
			Where("proposed_on < ?", old).
			Exec(ctx)
		_, openErr := tx.NewDelete().Model((*Opening)(nil)).
			Where("clinic_id = ?", clinicID).
			Where("requested_on < ?", s.today().AddDate(0, 0, -openingDays)).
			Exec(ctx)
		return errors.Join(abandonErr, dropErr, openErr, dropAbandonedWraps(ctx, tx, clinicID))
	})
	if err != nil {
		return fmt.Errorf("sweep keys: %w", err)
	}
	return nil
}

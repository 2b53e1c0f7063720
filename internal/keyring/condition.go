package keyring

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// mayPropose refuses what cannot be taken now, and whoever is not on the panel.
func (s *Store) mayPropose(ctx context.Context, tx bun.Tx, clinicID string, r *Resolution, body, reviewerID string) error {
	if err := s.mayDecide(ctx, tx, clinicID, r, false); err != nil {
		return err
	}
	if r.Kind == KindSettings {
		if err := s.checkSettings(ctx, tx, clinicID, body); err != nil {
			return err
		}
	}
	_, panel, err := s.Current(ctx, tx, clinicID)
	if err == nil && panel.Member(reviewerID) == nil {
		return ErrNotMember
	}
	return err
}

// mayDecide refuses what cannot be taken now, when it is proposed and again when it is signed. A revocation that was
// proposed in time stands though one of its epochs has ended by itself since.
func (s *Store) mayDecide(ctx context.Context, tx bun.Tx, clinicID string, r *Resolution, proposed bool) error {
	if r.ClinicID != clinicID {
		return fmt.Errorf("%w: it names another clinic", ErrDecision)
	}
	if r.Day.After(s.today().AddDate(0, 0, 1)) || r.Day.Before(s.today().AddDate(0, 0, -draftDays)) {
		return fmt.Errorf("%w: its day is not one of the last %d", ErrDecision, draftDays)
	}
	epochs, err := s.epochs(ctx, tx, clinicID)
	if err != nil {
		return err
	}
	for _, id := range r.Epochs {
		i := slices.IndexFunc(epochs, func(e Epoch) bool { return e.ID == id })
		if i < 0 {
			return fmt.Errorf("%w: epoch %s is not one of this clinic", ErrDecision, id)
		}
		if proposed && r.Kind == KindRevoke {
			continue
		}
		if err := s.mayEnd(ctx, tx, r, &epochs[i]); err != nil {
			return err
		}
	}
	switch r.Kind {
	case KindRotation:
		return s.mayRotate(ctx, tx, r)
	case KindSettings:
		return s.maySet(ctx, tx, r)
	}
	return nil
}

// maySet refuses settings that were written without knowing the newest: they would undo what others decided meanwhile.
func (s *Store) maySet(ctx context.Context, tx bun.Tx, r *Resolution) error {
	d, err := s.latestDecision(ctx, tx, r.ClinicID, KindSettings)
	if err != nil {
		return err
	}
	newest := [32]byte{}
	if d != nil {
		newest = sha256.Sum256([]byte(d.Lines))
	}
	if r.After != newest && (d == nil || d.Lines != r.Lines()) {
		return fmt.Errorf("%w: other settings have been decided meanwhile; look at them and propose yours again", ErrDecision)
	}
	return nil
}

// checkSettings asks whoever keeps clinics whether settings can be taken.
func (s *Store) checkSettings(ctx context.Context, tx bun.Tx, clinicID, body string) error {
	if s.Settings == nil {
		return errors.New("nothing here takes settings")
	}
	if err := s.Settings.CheckSettings(ctx, tx, clinicID, body); err != nil {
		return fmt.Errorf("%w: %w", ErrDecision, err)
	}
	return nil
}

// mayRotate refuses what a panel cannot do, and what would bring an older decision back: whoever has only the log takes the
// newest by the day of its proposal.
func (s *Store) mayRotate(ctx context.Context, tx bun.Tx, r *Resolution) error {
	_, panel, err := s.Current(ctx, tx, r.ClinicID)
	if err != nil {
		return err
	}
	if r.Rotation.K > len(panel.Reviewers) {
		return fmt.Errorf("%w: %d cannot be needed of a panel of %d", ErrDecision, r.Rotation.K, len(panel.Reviewers))
	}
	d, err := s.latestDecision(ctx, tx, r.ClinicID, KindRotation)
	if d == nil || err != nil {
		return err
	}
	made, err := ParseResolution(d.Lines)
	if err != nil {
		return err
	}
	if r.Day.Before(made.Day) {
		return fmt.Errorf("%w: it was proposed before what is decided now; propose it again", ErrDecision)
	}
	return nil
}

func (s *Store) mayEnd(ctx context.Context, tx bun.Tx, r *Resolution, e *Epoch) error {
	if r.Kind == KindRevoke {
		switch e.Effective {
		case StateOffered, StateLogged, StateActive, StateGrace:
			return nil
		}
		return fmt.Errorf("%w: epoch %s takes no words already", ErrDecision, e.ID)
	}
	switch {
	case e.State != StateLogged && e.State != StateRevoked && e.State != StateShredPending:
		return fmt.Errorf("%w: epoch %s holds nothing that could be shredded", ErrDecision, e.ID)
	case e.Effective == StateActive || e.Effective == StateGrace || e.Effective == StateLogged:
		return fmt.Errorf("%w: epoch %s is in use or will be, and is kept until %s", ErrDecision, e.ID, e.RetainUntil.Format(time.DateOnly))
	case !s.today().After(e.RetainUntil):
		return fmt.Errorf("%w: epoch %s is kept until %s", ErrDecision, e.ID, e.RetainUntil.Format(time.DateOnly))
	}
	var horizon int
	if err := tx.NewRaw(`SELECT backup_days FROM clinic WHERE id = ?`, e.ClinicID).Scan(ctx, &horizon); err != nil {
		return err
	}
	if want := r.Day.AddDate(0, 0, horizon); !r.Effective.Equal(want) {
		return fmt.Errorf("%w: copies are kept for %d days, so it takes effect on %s", ErrDecision, horizon, want.Format(time.DateOnly))
	}
	return nil
}

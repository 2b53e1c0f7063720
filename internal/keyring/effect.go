package keyring

import (
	"context"
	"errors"

	"github.com/uptrace/bun"
)

// takeEffect does what was decided, in the transaction in which it enters the log.
func (s *Store) takeEffect(ctx context.Context, tx bun.Tx, d *Decision, r *Resolution) error {
	switch r.Kind {
	case KindRevoke:
		return s.revoke(ctx, tx, r)
	case KindShred:
		return s.shred(ctx, tx, r)
	case KindRotation:
		return s.abandonUnfit(ctx, tx, r)
	case KindSettings:
		if err := s.checkSettings(ctx, tx, d.ClinicID, d.Body); err != nil {
			return err
		}
		return s.Settings.ApplySettings(ctx, tx, d.ClinicID, d.Body, d.ProposedBy, s.today())
	}
	return nil
}

// abandonUnfit puts away what was offered under the decision before: nobody acknowledges it any more.
func (s *Store) abandonUnfit(ctx context.Context, tx bun.Tx, r *Resolution) error {
	epochs, err := s.epochs(ctx, tx, r.ClinicID)
	if err != nil {
		return err
	}
	for _, e := range epochs {
		record, err := ParseRecord(e.Record)
		if err != nil {
			return err
		}
		if e.State != StateOffered || r.Rotation.Fits(record) == nil {
			continue
		}
		if _, err := tx.NewUpdate().Model(&e).Set("state = ?", StateAbandoned).WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return dropAbandonedWraps(ctx, tx, r.ClinicID)
}

// revoke ends epochs at once. One that was only offered is abandoned.
func (s *Store) revoke(ctx context.Context, tx bun.Tx, r *Resolution) error {
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).
		Set("state = CASE state WHEN ? THEN ? ELSE ? END", StateOffered, StateAbandoned, StateRevoked).
		Set("revoked_on = CASE state WHEN ? THEN NULL ELSE ?::date END", StateOffered, s.today()).
		Where("id IN (?)", bun.List(r.Epochs)).
		Where("state IN (?, ?)", StateOffered, StateLogged).
		Exec(ctx)
	if err != nil {
		return err
	}
	return dropAbandonedWraps(ctx, tx, r.ClinicID)
}

// dropAbandonedWraps destroys the wraps of keys that never took words.
func dropAbandonedWraps(ctx context.Context, tx bun.IDB, clinicID string) error {
	_, err := tx.NewRaw(`
		DELETE FROM wrap
		USING epoch
		WHERE epoch.id = wrap.epoch_id AND epoch.clinic_id = ? AND epoch.state = ?`, clinicID, StateAbandoned).Exec(ctx)
	return err
}

func (s *Store) announceShred(ctx context.Context, tx bun.Tx, r *Resolution) error {
	if r.Kind != KindShred {
		return nil
	}
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).Set("state = ?", StateShredPending).Where("id = ?", r.Epochs[0]).Exec(ctx)
	return err
}

// shred destroys an epoch's wraps and, through OnShred, its files. What the log says of them stays.
func (s *Store) shred(ctx context.Context, tx bun.Tx, r *Resolution) error {
	id := r.Epochs[0]
	for _, model := range []any{(*Opening)(nil), (*Wrap)(nil)} {
		if _, err := tx.NewDelete().Model(model).Where("epoch_id = ?", id).Exec(ctx); err != nil {
			return err
		}
	}
	if s.OnShred == nil {
		return errors.New("nothing here can destroy an epoch's files")
	}
	if err := s.OnShred(ctx, tx, r.ClinicID, id); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).
		Set("state = ?", StateShredded).Set("shredded_on = ?", s.today()).Where("id = ?", id).Exec(ctx)
	return err
}

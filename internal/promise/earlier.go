package promise

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// LogEarlier writes into the log what members decided of promises before judgements stood there, from the signatures that are
// kept; what is there already is left. A round of which a signer is not on the list in force stays out, for nobody could hold it
// against a list at that place: `left` counts those.
func (s *Store) LogEarlier(ctx context.Context) (left int, err error) {
	var clinics []string
	if err := s.DB.NewRaw(`SELECT DISTINCT clinic_id FROM promise ORDER BY clinic_id`).Scan(ctx, &clinics); err != nil {
		return 0, fmt.Errorf("list clinics with promises: %w", err)
	}
	for _, clinicID := range clinics {
		n, err := s.logEarlierOf(ctx, clinicID)
		if err != nil {
			return left, err
		}
		left += n
	}
	return left, nil
}

func (s *Store) logEarlierOf(ctx context.Context, clinicID string) (left int, err error) {
	err = s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		_, panel, err := (&keyring.Store{DB: s.DB, Now: s.Now}).Current(ctx, tx, clinicID)
		if errors.Is(err, keyring.ErrNoPanel) {
			return nil
		}
		if err != nil {
			return err
		}
		var judged []string
		err = tx.NewRaw(`SELECT id FROM promise WHERE clinic_id = ? AND EXISTS (
			SELECT FROM promise_event AS e WHERE e.promise_id = promise.id AND e.kind = ?) ORDER BY id`, clinicID, KindJudged).Scan(ctx, &judged)
		if err != nil {
			return fmt.Errorf("list judged promises: %w", err)
		}
		for _, id := range judged {
			p, err := s.at(ctx, tx, clinicID, id, cal)
			if err != nil {
				return err
			}
			n, err := logEarlierRounds(ctx, tx, p, panel)
			if err != nil {
				return err
			}
			left += n
		}
		return nil
	})
	return left, err
}

func logEarlierRounds(ctx context.Context, tx bun.Tx, p *Standing, panel *keyring.Manifest) (left int, err error) {
	for _, e := range p.Events {
		if e.Kind != KindJudged {
			continue
		}
		d, err := decidedOf(ctx, tx, p, *e.Round, *e.Verdict)
		if err != nil {
			return left, err
		}
		leaf := d.Leaf()
		hash := leaf.Hash()
		var there bool
		if err := tx.NewRaw(`SELECT EXISTS (SELECT FROM log_leaf WHERE leaf_hash = ?)`, hash[:]).Scan(ctx, &there); err != nil {
			return left, fmt.Errorf("look for judgement: %w", err)
		}
		if there {
			continue
		}
		if len(d.By) < judgesNeeded || slices.ContainsFunc(d.By, func(w Said) bool {
			member := panel.Member(w.ReviewerID)
			return member == nil || !d.Verify(member.VerifyKey, w)
		}) {
			left++
			continue
		}
		if err := transparency.Append(ctx, tx, leaf); err != nil {
			return left, err
		}
	}
	return left, nil
}

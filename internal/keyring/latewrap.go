package keyring

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"answerable/internal/postgres"

	"github.com/uptrace/bun"
)

const (
	labelWrap    = "answerable/v1/wrap"
	labelRefused = "answerable/v1/wrap-refused"
)

// ErrQuorum means that an epoch is opened by several together, so that nobody can hand its key on alone.
var ErrQuorum = errors.New("this epoch is opened by several together; its key cannot be handed on")

// LateWrap is an epoch's key, sealed by a colleague for a member who was not there when it was dealt.
type LateWrap struct {
	EpochID, ReviewerID string
	File                []byte
	Signature           []byte // of the colleague, over wrapLines
}

// wrapLines is what the colleague signs, so that the receiver knows who handed the key on.
func wrapLines(epochID, receiver string, file []byte) string {
	hash := sha256.Sum256(file)
	return epochID + "\n" + receiver + "\n" + base64.StdEncoding.EncodeToString(hash[:]) + "\n"
}

// SignWrap signs a late wrap as the colleague who made it.
func SignWrap(key ed25519.PrivateKey, epochID, receiver string, file []byte) []byte {
	return signLines(key, labelWrap, wrapLines(epochID, receiver, file))
}

// VerifyWrap reports whether a member of m handed the key on. The receiver also recomputes the epoch's recipient.
func VerifyWrap(m *Manifest, epochID, receiver string, file []byte, from Signature) bool {
	r := m.Member(from.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelWrap, wrapLines(epochID, receiver, file), from.Signature)
}

// SignRefusal signs, as its receiver, that a wrap does not open.
func SignRefusal(key ed25519.PrivateKey, epochID, receiver string, file []byte) []byte {
	return signLines(key, labelRefused, wrapLines(epochID, receiver, file))
}

// RefuseWrap takes down that a member's newest wrap does not open, so that a colleague can give the key again. Nobody but the
// member can tell; the wrap is kept. Said again it changes nothing. Errors: ErrNotMember, ErrStale when there is no such wrap,
// ErrQuorum, ErrSignature, which also means that it is about another file than the one kept here.
func (s *Store) RefuseWrap(ctx context.Context, clinicID, epochID string, by Signature) error {
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		_, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		member := panel.Member(by.ReviewerID)
		if member == nil {
			return ErrNotMember
		}
		if err := s.mayHandOn(ctx, tx, clinicID, epochID); err != nil {
			return err
		}
		var w Wrap
		err = tx.NewSelect().Model(&w).Where("epoch_id = ?", epochID).Where("reviewer_id = ?", by.ReviewerID).Order("number DESC").Limit(1).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrStale
		}
		if err != nil {
			return err
		}
		if !verifyLines(member.VerifyKey, labelRefused, wrapLines(epochID, by.ReviewerID, w.File), by.Signature) {
			return ErrSignature
		}
		_, err = tx.NewUpdate().Model(&w).Set("refused = ?", by.Signature).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("refuse wrap: %w", err)
	}
	return nil
}

// mayHandOn refuses epochs whose keys nobody hands on. Errors: ErrStale, ErrQuorum.
func (s *Store) mayHandOn(ctx context.Context, tx bun.Tx, clinicID, epochID string) error {
	var epochs []Epoch
	err := tx.NewSelect().Model(&epochs).
		Where("id = ?", epochID).
		Where("clinic_id = ?", clinicID).
		Where("state IN (?)", bun.List(handedOn)).
		Scan(ctx)
	if err != nil {
		return err
	}
	if len(epochs) == 0 {
		return ErrStale
	}
	if epochs[0].QuorumK > 1 {
		return ErrQuorum
	}
	return nil
}

// handedOn are the states of epochs whose keys a member can be given: those with files to read, or files to come.
var handedOn = []string{StateLogged, StateRevoked}

// MissingWraps lists, by member, the epochs whose key giver holds and that member does not, by start. Who has said that theirs
// does not open holds none.
func (s *Store) MissingWraps(ctx context.Context, clinicID, giver string) (map[string][]string, error) {
	var rows []struct{ ReviewerID, EpochID string }
	err := s.db(ctx).NewRaw(`
		SELECT seat.reviewer_id, epoch.id AS epoch_id
		FROM epoch
		JOIN wrap AS mine ON mine.epoch_id = epoch.id AND mine.reviewer_id = ? AND mine.refused IS NULL
		CROSS JOIN panel_member AS seat
		WHERE epoch.clinic_id = ? AND epoch.state IN (?) AND epoch.quorum_k = 1
		AND seat.clinic_id = epoch.clinic_id AND seat.left_on IS NULL
		AND NOT EXISTS (SELECT FROM wrap WHERE wrap.epoch_id = epoch.id AND wrap.reviewer_id = seat.reviewer_id AND wrap.refused IS NULL)
		ORDER BY epoch.not_before, epoch.id`, giver, clinicID, bun.List(handedOn)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list missing wraps: %w", err)
	}
	_, panel, err := s.Current(ctx, s.db(ctx), clinicID)
	if err != nil {
		return nil, err
	}
	missing := map[string][]string{}
	for _, row := range rows {
		if panel.Member(row.ReviewerID) != nil {
			missing[row.ReviewerID] = append(missing[row.ReviewerID], row.EpochID)
		}
	}
	return missing, nil
}

// AddWraps stores wraps that a member made for others. One that is there already is left as it is, so that work that was
// interrupted can be sent again; beside one that does not open a new one is kept. Errors: ErrNotMember, ErrSignature, ErrStale for an epoch that is not handed on,
// ErrQuorum, ErrRecord for a file that is no wrap.
func (s *Store) AddWraps(ctx context.Context, clinicID, giver string, wraps []LateWrap) (added int, err error) {
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		added = 0
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		_, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if panel.Member(giver) == nil {
			return ErrNotMember
		}
		for _, w := range wraps {
			n, err := s.addWrap(ctx, tx, clinicID, panel, giver, w)
			if err != nil {
				return err
			}
			added += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("add wraps: %w", err)
	}
	return added, nil
}

func (s *Store) addWrap(ctx context.Context, tx bun.Tx, clinicID string, panel *Manifest, giver string, w LateWrap) (int, error) {
	if panel.Member(w.ReviewerID) == nil {
		return 0, ErrNotMember
	}
	if len(w.File) == 0 || len(w.File) > maxWrap {
		return 0, fmt.Errorf("%w: the wrap for %s is empty or too large", ErrRecord, w.ReviewerID)
	}
	if !VerifyWrap(panel, w.EpochID, w.ReviewerID, w.File, Signature{giver, w.Signature}) {
		return 0, ErrSignature
	}
	if err := s.mayHandOn(ctx, tx, clinicID, w.EpochID); err != nil {
		return 0, err
	}
	res, err := tx.NewRaw(`
		INSERT INTO wrap (epoch_id, reviewer_id, number, file, from_id, signature)
		SELECT ?, ?, coalesce(max(number) + 1, 0), ?, ?, ?
		FROM wrap
		WHERE epoch_id = ? AND reviewer_id = ?
		ON CONFLICT (epoch_id, reviewer_id) WHERE refused IS NULL DO NOTHING`,
		w.EpochID, w.ReviewerID, w.File, giver, w.Signature, w.EpochID, w.ReviewerID).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

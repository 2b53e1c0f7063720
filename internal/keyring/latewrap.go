package keyring

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

const labelWrap = "answerable/v1/wrap"

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

// handedOn are the states of epochs whose keys a member can be given: those with files to read, or files to come.
var handedOn = []string{StateLogged, StateRevoked}

// MissingWraps lists, by member, the epochs whose key giver holds and that member does not, by start.
func (s *Store) MissingWraps(ctx context.Context, clinicID, giver string) (map[string][]string, error) {
	var rows []struct{ ReviewerID, EpochID string }
	err := s.db(ctx).NewRaw(`
		SELECT seat.reviewer_id, epoch.id AS epoch_id
		FROM epoch
		JOIN wrap AS mine ON mine.epoch_id = epoch.id AND mine.reviewer_id = ?
		CROSS JOIN panel_member AS seat
		WHERE epoch.clinic_id = ? AND epoch.state IN (?) AND epoch.quorum_k = 1
		AND seat.clinic_id = epoch.clinic_id AND seat.left_on IS NULL
		AND NOT EXISTS (SELECT FROM wrap WHERE wrap.epoch_id = epoch.id AND wrap.reviewer_id = seat.reviewer_id)
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
// interrupted can be sent again. Errors: ErrNotMember, ErrSignature, ErrStale for an epoch that is not handed on,
// ErrQuorum, ErrRecord for a file that is no wrap.
func (s *Store) AddWraps(ctx context.Context, clinicID, giver string, wraps []LateWrap) (added int, err error) {
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		added = 0
		if err := lockClinic(ctx, tx, clinicID); err != nil {
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
	var epochs []Epoch
	err := tx.NewSelect().Model(&epochs).
		Where("id = ?", w.EpochID).
		Where("clinic_id = ?", clinicID).
		Where("state IN (?)", bun.List(handedOn)).
		Scan(ctx)
	if err != nil {
		return 0, err
	}
	if len(epochs) == 0 {
		return 0, ErrStale
	}
	if epochs[0].QuorumK > 1 {
		return 0, ErrQuorum
	}
	row := &Wrap{EpochID: w.EpochID, ReviewerID: w.ReviewerID, File: w.File, FromID: &giver, Signature: w.Signature}
	res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

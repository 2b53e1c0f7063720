package figures

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// ParseRelease reads a release's lines, as newRelease writes them, and gives the clinic. Errors wrap transparency.ErrLeaf.
func ParseRelease(text string) (clinicID string, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 9 || transparency.Leaf(text).Kind() != transparency.KindRelease || lines[8] != "" {
		return "", fmt.Errorf("%w: not the lines of a release", transparency.ErrLeaf)
	}
	version, err := strconv.Atoi(lines[3])
	if err != nil || version < 1 || strconv.Itoa(version) != lines[3] {
		return "", fmt.Errorf("%w: the plan's version does not read", transparency.ErrLeaf)
	}
	for _, line := range []string{lines[4], lines[7]} {
		if hash, err := base64.StdEncoding.Strict().DecodeString(line); err != nil || len(hash) != sha256.Size {
			return "", fmt.Errorf("%w: a line is not 32 bytes in base64", transparency.ErrLeaf)
		}
	}
	first, last, _ := strings.Cut(lines[5], " ")
	for _, day := range []string{first, last, lines[6]} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return "", fmt.Errorf("%w: a day does not read", transparency.ErrLeaf)
		}
	}
	if last < first {
		return "", fmt.Errorf("%w: its last day is before its first", transparency.ErrLeaf)
	}
	return lines[2], nil
}

// SignRelease signs a release's lines as a member of the panel.
func SignRelease(key ed25519.PrivateKey, lines string) []byte {
	return ed25519.Sign(key, []byte(labelRelease+"\n"+lines))
}

// VerifyRelease reports whether a member of m signed the release.
func VerifyRelease(m *keyring.Manifest, lines string, s keyring.Signature) bool {
	r := m.Member(s.ReviewerID)
	return r != nil && len(r.VerifyKey) == ed25519.PublicKeySize && ed25519.Verify(r.VerifyKey, []byte(labelRelease+"\n"+lines), s.Signature)
}

// ReleaseLeaf is a release's lines with its signatures, sorted by reviewer, as it enters the log.
func ReleaseLeaf(lines string, signatures []keyring.Signature) transparency.Leaf {
	sorted := slices.SortedFunc(slices.Values(signatures), func(a, b keyring.Signature) int { return strings.Compare(a.ReviewerID, b.ReviewerID) })
	var b strings.Builder
	b.WriteString(lines)
	for _, s := range sorted {
		fmt.Fprintf(&b, "signature %s %s\n", s.ReviewerID, base64.StdEncoding.EncodeToString(s.Signature))
	}
	return transparency.Leaf(b.String())
}

// Sign adds a reviewer's signature. With as many as the panel needs, the draft is released and enters the log, in one
// transaction. Errors: ErrStale, ErrSignature, ErrTampered, keyring.ErrNotMember, keyring.ErrNoPanel.
func (s *Store) Sign(ctx context.Context, clinicID, id string, by keyring.Signature) (*Release, error) {
	if err := s.Sweep(ctx, clinicID); err != nil { // before the act, which takes back what it did when it is refused
		return nil, err
	}
	var r *Release
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var err error
		if r, err = s.draftOf(ctx, tx, clinicID, id); err != nil {
			return err
		}
		_, panel, err := s.Keys.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		switch _, err := r.Read(); {
		case err != nil:
			return err
		case panel.Member(by.ReviewerID) == nil:
			return keyring.ErrNotMember
		case !VerifyRelease(panel, r.Lines, by):
			return ErrSignature
		}
		row := &ReleaseSignature{ReleaseID: r.ID, ReviewerID: by.ReviewerID, Signature: by.Signature}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, r); err != nil || len(r.Signatures) < r.Needed {
			return err
		}
		return s.publish(ctx, tx, r)
	})
	if err != nil {
		return nil, fmt.Errorf("sign release: %w", err)
	}
	return r, nil
}

// draftOf locks a draft that waits for signatures. Error: ErrStale.
func (s *Store) draftOf(ctx context.Context, tx bun.Tx, clinicID, id string) (*Release, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrStale
	}
	r := new(Release)
	err := tx.NewSelect().Model(r).Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("state = ?", StateDraft).
		Where("drafted_on >= ?", s.oldestDraft()).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrStale
	}
	return r, err
}

func (s *Store) publish(ctx context.Context, tx bun.Tx, r *Release) error {
	leaf := ReleaseLeaf(r.Lines, r.Signatures)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return err
	}
	hash, today := leaf.Hash(), s.today()
	r.State, r.LeafHash, r.ReleasedOn = StateReleased, hash[:], &today
	_, err := tx.NewUpdate().Model(r).Column("state", "leaf_hash", "released_on").WherePK().Exec(ctx)
	return err
}

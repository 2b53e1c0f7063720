// Package keyring keeps the community-review key: who sits on a panel, which epoch people seal to today, and the wraps
// through which each reviewer holds an epoch's private half.
//
// It promises that no private key is ever here: epochs are dealt in a reviewer's terminal or browser, and the server
// stores recipients and wraps only. No epoch takes words before enough reviewers have opened their own wrap, recomputed
// the recipient and signed, and before all of that stands in the log.
//
// It leaves sealing and wrapping to seal, and sign-in to account. FORMAT.md is the specification of what is signed.
package keyring

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// States of an epoch. Those of the first group are stored; the calendar makes the second group out of "logged".
const (
	StateOffered      = "offered"
	StateLogged       = "logged" // in the log, its time has not come
	StateAbandoned    = "abandoned"
	StateRevoked      = "revoked"
	StateShredPending = "shred-pending"
	StateShredded     = "shredded"

	StateActive = "active"
	StateGrace  = "grace" // one whole day for forms that were open when the key changed
	StateClosed = "closed"
)

// lateDays is how long the last key stays in use when nobody made a successor. After that the form closes: the server
// never makes a key.
const lateDays = 14

// Errors a visitor or reviewer can act on.
var (
	ErrNoEpoch   = errors.New("no epoch takes words now")
	ErrNoPanel   = errors.New("this clinic has no signed panel manifest")
	ErrNotMember = errors.New("not on this clinic's panel")
	ErrNotListed = errors.New("no signed list of this clinic's panel names them yet")
	ErrSeated    = errors.New("this invitation leads where one sits already")
	ErrSignature = errors.New("the signature does not hold")
	ErrTaken     = errors.New("another key of this panel has some of these days")
	ErrStale     = errors.New("the panel or its epochs have changed meanwhile")
)

// Store keeps panels and epochs. TicketKey is the verifier key of this server's tickets.
type Store struct {
	DB        *bun.DB
	Accounts  *account.Store
	TicketKey string
	Now       func() time.Time

	// OnShred destroys the files sealed to an epoch, in the transaction that destroys its wraps. Files are kept above
	// this package, so the program hands it down.
	OnShred func(ctx context.Context, tx bun.Tx, clinicID, epochID string) error

	// OnSeat ends what a reviewer has taken on a clinic's panel and not done, in the transaction in which their seat ends, and in that
	// in which they take it again: nothing of the time before is theirs. Where nothing above this package can be taken, it is nil.
	OnSeat func(ctx context.Context, tx bun.Tx, clinicID, reviewerID string) error

	// Settings takes what a panel decides about its form and its own work, in the transaction in which that is decided. Both are
	// kept beside and above this package, so the program hands it down.
	Settings interface {
		CheckSettings(ctx context.Context, tx bun.Tx, clinicID, body string) error
		ApplySettings(ctx context.Context, tx bun.Tx, clinicID, body, proposer string, on time.Time) error
	}
}

// db is the transaction of the clinic that ctx stands in, or the whole database.
func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// StoredManifest is a manifest in its chain, with the signatures so far.
type StoredManifest struct {
	bun.BaseModel `bun:"table:panel_manifest"`

	ClinicID string `bun:"clinic_id,pk"`
	Version  int    `bun:"version,pk"`
	State    string `bun:"state"` // "draft" until it is complete, then "logged"
	Lines    string `bun:"lines"`
	LeafHash []byte `bun:"leaf_hash"`

	LoggedOn *time.Time `bun:"logged_on,type:date"` // nil for drafts, and for those logged before days were kept

	Signatures []Signature `bun:"-"`
}

// ManifestSignature is one reviewer's signature of a manifest.
type ManifestSignature struct {
	bun.BaseModel `bun:"table:panel_manifest_signature"`

	ClinicID   string `bun:"clinic_id,pk"`
	Version    int    `bun:"version,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`
}

// Manifests gives a clinic's chain, oldest first, a draft last.
func (s *Store) Manifests(ctx context.Context, db bun.IDB, clinicID string) ([]StoredManifest, error) {
	var chain []StoredManifest
	if err := db.NewSelect().Model(&chain).Where("clinic_id = ?", clinicID).Order("version").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list manifests: %w", err)
	}
	var signatures []ManifestSignature
	if err := db.NewSelect().Model(&signatures).Where("clinic_id = ?", clinicID).Order("version", "reviewer_id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list manifest signatures: %w", err)
	}
	for _, sig := range signatures {
		for i := range chain {
			if chain[i].Version == sig.Version {
				chain[i].Signatures = append(chain[i].Signatures, Signature{sig.ReviewerID, sig.Signature})
			}
		}
	}
	return chain, nil
}

// Current gives the newest logged manifest; ErrNoPanel when there is none yet.
func (s *Store) Current(ctx context.Context, db bun.IDB, clinicID string) (*StoredManifest, *Manifest, error) {
	var stored StoredManifest
	err := db.NewSelect().Model(&stored).
		Where("clinic_id = ?", clinicID).
		Where("state = 'logged'").
		Order("version DESC").
		Limit(1).
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, ErrNoPanel
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find manifest: %w", err)
	}
	m, err := ParseManifest(stored.Lines)
	return &stored, m, err
}

// ProposeManifest drafts the next manifest from those who sit on the panel now, without those named, and with m signatures
// needed. A steward or a member proposes; only the members' signatures make it valid. A draft before it is replaced, with
// its signatures.
func (s *Store) ProposeManifest(ctx context.Context, clinicID string, m int, without ...string) (*Manifest, error) {
	var proposal *Manifest
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		members, err := s.Members(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		proposal = &Manifest{ClinicID: clinicID, Version: 1, M: m}
		for _, r := range members {
			if slices.Contains(without, r.ID) {
				continue
			}
			proposal.Reviewers = append(proposal.Reviewers, Member{ID: r.ID, Recipient: r.Recipient, VerifyKey: r.VerifyKey})
		}
		stored, old, err := s.Current(ctx, tx, clinicID)
		if err != nil && !errors.Is(err, ErrNoPanel) {
			return err
		}
		if old != nil {
			previous := [32]byte(stored.LeafHash)
			proposal.Version, proposal.Previous = old.Version+1, &previous
		}
		if err := proposal.check(); err != nil {
			return err
		}
		return s.replaceDraft(ctx, tx, proposal)
	})
	if err != nil {
		return nil, fmt.Errorf("propose manifest: %w", err)
	}
	return proposal, nil
}

func (s *Store) replaceDraft(ctx context.Context, tx bun.Tx, m *Manifest) error {
	for _, model := range []any{(*ManifestSignature)(nil), (*StoredManifest)(nil)} {
		q := tx.NewDelete().Model(model).Where("clinic_id = ?", m.ClinicID).Where("version = ?", m.Version)
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	row := &StoredManifest{ClinicID: m.ClinicID, Version: m.Version, State: "draft", Lines: m.Lines()}
	_, err := tx.NewInsert().Model(row).Exec(ctx)
	return err
}

// SignManifest adds a reviewer's signature to the draft. When the signatures suffice, the manifest enters the log and
// is the panel from then on. Whom neither the draft nor the list in force names has nothing to sign. Errors: ErrStale when
// that draft is gone, ErrNotListed, ErrSignature.
func (s *Store) SignManifest(ctx context.Context, clinicID, reviewerID string, version int, signature []byte) (state string, err error) {
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var stored StoredManifest
		err := tx.NewSelect().Model(&stored).
			Where("clinic_id = ?", clinicID).
			Where("version = ?", version).
			For("UPDATE").
			Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) || err == nil && stored.State != "draft" {
			return ErrStale
		}
		if err != nil {
			return err
		}
		if err := s.maySign(ctx, tx, &stored, reviewerID); err != nil {
			return err
		}
		reviewer, err := s.Accounts.Reviewer(ctx, tx, reviewerID)
		if err != nil {
			return err
		}
		if !verifyLines(reviewer.VerifyKey, labelPanel, stored.Lines, signature) {
			return ErrSignature
		}
		row := &ManifestSignature{ClinicID: clinicID, Version: version, ReviewerID: reviewerID, Signature: signature}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		state, err = s.completeManifest(ctx, tx, clinicID, version)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sign manifest: %w", err)
	}
	return state, nil
}

func (s *Store) maySign(ctx context.Context, tx bun.Tx, draft *StoredManifest, reviewerID string) error {
	next, err := ParseManifest(draft.Lines)
	if err != nil {
		return err
	}
	_, now, err := s.Current(ctx, tx, draft.ClinicID)
	if err != nil && !errors.Is(err, ErrNoPanel) {
		return err
	}
	if next.Member(reviewerID) != nil || now != nil && now.Member(reviewerID) != nil {
		return nil
	}
	return ErrNotListed
}

func (s *Store) completeManifest(ctx context.Context, tx bun.Tx, clinicID string, version int) (string, error) {
	chain, err := s.Manifests(ctx, tx, clinicID)
	if err != nil {
		return "", err
	}
	stored := chain[len(chain)-1]
	m, err := ParseManifest(stored.Lines)
	if err != nil {
		return "", err
	}
	_, old, err := s.Current(ctx, tx, clinicID)
	if err != nil && !errors.Is(err, ErrNoPanel) {
		return "", err
	}
	if stored.Version != version || !m.Complete(old, stored.Signatures) {
		return "draft", nil
	}
	leaf := m.Leaf(stored.Signatures)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return "", err
	}
	hash := leaf.Hash()
	_, err = tx.NewUpdate().Model(&stored).
		Set("state = 'logged'").
		Set("leaf_hash = ?", hash[:]).
		Set("logged_on = ?", s.today()).
		WherePK().
		Exec(ctx)
	if err != nil {
		return "", err
	}
	return "logged", s.seat(ctx, tx, old, m)
}

package export

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/promise"
	"answerable/internal/transparency"
)

// States of an export.
const (
	StateDraft   = "draft"
	StateSigned  = "signed"
	StateDropped = "dropped" // by a reviewer, because nobody completed it in draftDays, or because the panel's list or this program changed
)

// generatorLine is what a MANIFEST of this program has. Nobody signs a draft of another release: clients could not make it again.
var generatorLine = "\n# generator " + strconv.Itoa(Generator) + "\n"

// draftDays is how long a draft waits for signatures.
const draftDays = 14

// Errors of exports.
var (
	ErrPeriod    = errors.New("no bundle can be made of this")
	ErrStale     = errors.New("this bundle waits for no signature any more")
	ErrSignature = errors.New("these signatures are not ones of the bundle")
	ErrUnknown   = errors.New("there is no such bundle")
)

// Export is a bundle in the ledger: of which period, by which plan, proposed by whom, and its hash.
type Export struct {
	bun.BaseModel `bun:"table:export"`

	ID          string     `bun:"id,pk"`
	ClinicID    string     `bun:"clinic_id"`
	State       string     `bun:"state"`
	FirstOn     time.Time  `bun:"first_on,type:date"`
	LastOn      time.Time  `bun:"last_on,type:date"`
	AsOf        time.Time  `bun:"as_of,type:date"`
	PlanVersion *int       `bun:"plan_version"` // nil for a bundle of words
	ReleaseID   *string    `bun:"release_id"`
	BeforeID    *string    `bun:"before_id"`
	PanelHash   []byte     `bun:"panel_hash"` // leaf of the list in force when it was proposed
	Lines       string     `bun:"lines"`
	Manifest    string     `bun:"manifest"`
	Bundle      []byte     `bun:"bundle"` // the signed files as a zip; not read for lists
	Placed      *string    `bun:"placed"` // proof of the place in the log, as JSON
	ProposedBy  string     `bun:"proposed_by"`
	ProposedOn  time.Time  `bun:"proposed_on,type:date"`
	SignedOn    *time.Time `bun:"signed_on,type:date"`
	LeafHash    []byte     `bun:"leaf_hash"`

	Needed     int         `bun:"-"` // signatures, of the panel as it is now
	Signatures []Signature `bun:"-"`
}

// ExportSignature is one reviewer's two signatures of an export.
type ExportSignature struct {
	bun.BaseModel `bun:"table:export_signature"`

	ExportID     string `bun:"export_id,pk"`
	ReviewerID   string `bun:"reviewer_id,pk"`
	Signature    []byte `bun:"signature"`
	SSHSignature []byte `bun:"ssh_signature"`
}

// Store keeps exports. What it reads and writes of a bundle depends on its release, never on how many messages there are.
type Store struct {
	DB      *bun.DB
	Origin  string
	Keys    *keyring.Store
	Figures *figures.Store
	Log     *transparency.Log // proves places; nil: bundles go out without
	// Witnesses are verifier keys of those who are asked to cosign the log. What they signed of a checkpoint goes along.
	Witnesses []string
	Now       func() time.Time

	Promises *promise.Store // nil where nobody keeps any
	// Print makes a PDF of the report; nil where no browser is set up. Where it fails, the bundle goes without, and whoever set it
	// up says so to the operator.
	Print func(ctx context.Context, page []byte) ([]byte, error)
}

func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// Sign adds a reviewer's signatures. With as many as the panel needs, the export is signed and enters the log, in one
// transaction. Errors: ErrStale, ErrSignature, keyring.ErrNotMember, keyring.ErrNoPanel.
func (s *Store) Sign(ctx context.Context, clinicID, id string, by Signature) (*Export, error) {
	var e *Export
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		stored, panel, err := s.Keys.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if e, err = s.draft(ctx, tx, clinicID, id); err != nil {
			return err
		}
		switch {
		case !bytes.Equal(stored.LeafHash, e.PanelHash):
			return ErrStale
		case panel.Member(by.ReviewerID) == nil:
			return keyring.ErrNotMember
		case !by.Verify(panel, e.Lines, []byte(e.Manifest)):
			return ErrSignature
		}
		row := &ExportSignature{ExportID: e.ID, ReviewerID: by.ReviewerID, Signature: by.Lines, SSHSignature: by.SSH}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, e); err != nil || len(e.Signatures) < e.Needed {
			return err
		}
		return s.publish(ctx, tx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("sign export: %w", err)
	}
	return e, nil
}

// draft locks one that waits for signatures. Error: ErrStale.
func (s *Store) draft(ctx context.Context, tx bun.Tx, clinicID, id string) (*Export, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrStale
	}
	e := new(Export)
	err := tx.NewSelect().Model(e).ExcludeColumn("bundle").Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("state = ?", StateDraft).
		Where("proposed_on >= ?", s.today().AddDate(0, 0, -draftDays)).Where("strpos(manifest, ?) > 0", generatorLine).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrStale
	}
	return e, err
}

func (s *Store) publish(ctx context.Context, tx bun.Tx, e *Export) error {
	leaf := (&Proof{Signatures: e.Signatures}).Leaf(e.Lines)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return err
	}
	hash, today := leaf.Hash(), s.today()
	e.State, e.LeafHash, e.SignedOn = StateSigned, hash[:], &today
	_, err := tx.NewUpdate().Model(e).Column("state", "leaf_hash", "signed_on").WherePK().Exec(ctx)
	return err
}

// Drop gives a draft up, as a member of the panel. Errors: ErrStale, keyring.ErrNotMember.
func (s *Store) Drop(ctx context.Context, clinicID, id, reviewerID string) error {
	if err := s.Keys.RequireMember(ctx, clinicID, reviewerID); err != nil {
		return err
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.draft(ctx, tx, clinicID, id)
		if err != nil {
			return err
		}
		e.State = StateDropped
		_, err = tx.NewUpdate().Model(e).Column("state").WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop export: %w", err)
	}
	return nil
}

// fill reads signatures. While an export is a draft, only those of members of the panel as it is now count.
func (s *Store) fill(ctx context.Context, db bun.IDB, exports ...*Export) error {
	for _, e := range exports {
		_, panel, err := s.Keys.Current(ctx, db, e.ClinicID)
		if err != nil {
			return err
		}
		var rows []ExportSignature
		if err := db.NewSelect().Model(&rows).Where("export_id = ?", e.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return err
		}
		e.Signatures, e.Needed = nil, panel.M
		for _, row := range rows {
			by := Signature{row.ReviewerID, row.Signature, row.SSHSignature}
			if e.State != StateDraft || by.Verify(panel, e.Lines, []byte(e.Manifest)) {
				e.Signatures = append(e.Signatures, by)
			}
		}
	}
	return nil
}

// Ledger lists all exports of a clinic, drafts and dropped ones included, the newest first, without their files. For the panel.
func (s *Store) Ledger(ctx context.Context, clinicID string) ([]*Export, error) {
	return s.list(ctx, clinicID, StateDraft, StateSigned, StateDropped)
}

// Signed lists what everybody may take: exports that enough reviewers signed, the newest first, without their files.
func (s *Store) Signed(ctx context.Context, clinicID string) ([]*Export, error) {
	return s.list(ctx, clinicID, StateSigned)
}

func (s *Store) list(ctx context.Context, clinicID string, of ...string) ([]*Export, error) {
	var exports []*Export
	err := s.db(ctx).NewSelect().Model(&exports).ExcludeColumn("bundle").
		Where("clinic_id = ?", clinicID).
		Where("state IN (?)", bun.List(of)).
		Order("first_on DESC", "as_of DESC", "proposed_on DESC", "id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	for _, e := range exports {
		if e.State == StateDraft && (e.ProposedOn.Before(s.today().AddDate(0, 0, -draftDays)) || !strings.Contains(e.Manifest, generatorLine)) {
			e.State = StateDropped // what the next proposal writes down
		}
	}
	return exports, s.fill(ctx, s.db(ctx), exports...)
}

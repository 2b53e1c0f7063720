package figures

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// labelRelease is what a reviewer's signature of a release begins with.
const labelRelease = "answerable/v1/" + transparency.KindRelease

// States of a release.
const (
	StateDraft    = "draft"
	StateReleased = "released"
	StateDropped  = "dropped" // by a reviewer, because nobody completed it in draftDays, or because a report of it was taken back
)

// draftDays is how long a draft waits for signatures.
const draftDays = 14

// Errors of releases.
var (
	ErrStale     = errors.New("this draft waits for no signature any more")
	ErrSignature = errors.New("this signature is not one of the release")
	ErrTampered  = errors.New("a release is not what was signed")
)

// Release is the tables of one period. Its content is for everybody once it is released; before that, for the panel only.
type Release struct {
	bun.BaseModel `bun:"table:figure_release"`

	ID          string     `bun:"id,pk"`
	ClinicID    string     `bun:"clinic_id"`
	PlanVersion int        `bun:"plan_version"`
	State       string     `bun:"state"`
	FirstOn     time.Time  `bun:"first_on,type:date"`
	LastOn      time.Time  `bun:"last_on,type:date"`
	Content     string     `bun:"content"` // Content as JSON, whose bytes the lines name by hash
	Lines       string     `bun:"lines"`
	DraftedBy   string     `bun:"drafted_by"`
	DraftedOn   time.Time  `bun:"drafted_on,type:date"`
	ReleasedOn  *time.Time `bun:"released_on,type:date"`
	LeafHash    []byte     `bun:"leaf_hash"`

	Plan       string              `bun:"-"` // the text of its plan, whose hash stands in the lines
	Needed     int                 `bun:"-"` // signatures, of the panel as it is now
	Signatures []keyring.Signature `bun:"-"`
}

// ReleaseSignature is one reviewer's signature of a release.
type ReleaseSignature struct {
	bun.BaseModel `bun:"table:figure_release_signature"`

	ReleaseID  string `bun:"release_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`
}

// Period is the days a release is about.
func (r *Release) Period() Period { return Period{r.FirstOn.UTC(), r.LastOn.UTC()} }

// Content is what a release says.
type Content struct {
	V       int             `json:"v"` // 1
	Clinic  string          `json:"clinic"`
	Plan    int             `json:"plan"`
	First   string          `json:"first"`
	Last    string          `json:"last"`
	K       int             `json:"k"`
	Base    int             `json:"base"`
	Reports int             `json:"reports"` // that are counted, rounded
	Tables  []ReleasedTable `json:"tables"`
}

// ReleasedTable is one table, or one layer of one. With layers, the last table of a key is their sum, and its Layer is
// LayerSum.
type ReleasedTable struct {
	Key    string `json:"key"`
	Rows   string `json:"rows_are"`           // dimensions
	Cols   string `json:"cols_are,omitempty"` // "" for one column, All
	Layers string `json:"layers_are,omitempty"`
	Layer  string `json:"layer,omitempty"`
	Zeros  bool   `json:"zeros_hidden"`
	Shown  *Shown `json:"shown"`
}

// All is the one column of a table without columns.
const All = "all"

// LayerSum is the layer of a table that holds the sum of all.
const LayerSum = "sum"

// Read gives a release's content. ErrTampered when it is not the one its lines name, or not as releases are made.
func (r *Release) Read() (*Content, error) {
	lines := strings.Split(r.Lines, "\n")
	hash := sha256.Sum256([]byte(r.Content))
	if len(lines) < 8 || lines[7] != base64.StdEncoding.EncodeToString(hash[:]) {
		return nil, ErrTampered
	}
	return readContent(r.Content)
}

// Refused means that a table of a period cannot be made safe, so nothing of the period is released. It names cells: it is
// for the panel's eyes only.
type Refused struct {
	Table string
	*Unsafe
}

func (e *Refused) Error() string {
	return fmt.Sprintf("the table %s cannot be released: %s. A plan with fewer rows or columns, or longer periods, may do better", e.Table, e.Unsafe)
}

func (e *Refused) Unwrap() error { return e.Unsafe }

// Store keeps plans and releases.
type Store struct {
	DB   *bun.DB
	Keys *keyring.Store
	Now  func() time.Time
}

func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// fill reads plans and signatures, and counts only those of members of the panel as it is now while a release is a draft.
func (s *Store) fill(ctx context.Context, db bun.IDB, releases ...*Release) error {
	for _, r := range releases {
		_, panel, err := s.Keys.Current(ctx, db, r.ClinicID)
		if err != nil {
			return err
		}
		var rows []ReleaseSignature
		if err := db.NewSelect().Model(&rows).Where("release_id = ?", r.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return err
		}
		r.Signatures, r.Needed = nil, panel.M
		err = db.NewSelect().Model((*StoredPlan)(nil)).Column("lines").Where("clinic_id = ?", r.ClinicID).Where("version = ?", r.PlanVersion).Scan(ctx, &r.Plan)
		if err != nil {
			return fmt.Errorf("read plan of release: %w", err)
		}
		for _, row := range rows {
			if sig := (keyring.Signature{ReviewerID: row.ReviewerID, Signature: row.Signature}); r.State != StateDraft || VerifyRelease(panel, r.Lines, sig) {
				r.Signatures = append(r.Signatures, sig)
			}
		}
	}
	return nil
}

// Ledger lists all releases of a clinic with their drafts and what was dropped, the newest first. For the panel only.
func (s *Store) Ledger(ctx context.Context, clinicID string) ([]*Release, error) {
	var releases []*Release
	err := s.db(ctx).NewSelect().Model(&releases).
		Where("clinic_id = ?", clinicID).
		Order("first_on DESC", "drafted_on DESC", "id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list ledger: %w", err)
	}
	for _, r := range releases {
		if r.State == StateDraft && r.DraftedOn.Before(s.oldestDraft()) {
			r.State = StateDropped // what Sweep writes down
		}
	}
	return releases, s.fill(ctx, s.db(ctx), releases...)
}

// Released lists what everybody may read: releases that enough reviewers signed, the newest first. It is ErrTampered when
// one is not what was signed, or its leaf does not stand in the log.
func (s *Store) Released(ctx context.Context, clinicID string) ([]*Release, error) {
	var releases []*Release
	err := s.db(ctx).NewSelect().Model(&releases).
		Where("clinic_id = ?", clinicID).
		Where("state = ?", StateReleased).
		Order("first_on DESC").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	if len(releases) == 0 {
		return nil, nil
	}
	if err := s.fill(ctx, s.db(ctx), releases...); err != nil {
		return nil, err
	}
	for _, r := range releases {
		leaf := ReleaseLeaf(r.Lines, r.Signatures)
		content, err := r.Read()
		if err != nil {
			return nil, err
		}
		if _, err := CheckPlan(r.Lines, content, r.Plan); err != nil {
			return nil, err
		}
		if hash := leaf.Hash(); string(hash[:]) != string(r.LeafHash) {
			return nil, ErrTampered
		}
		logged, err := s.db(ctx).NewSelect().Model((*transparency.Entry)(nil)).Where("leaf_hash = ?", r.LeafHash).Exists(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for release in the log: %w", err)
		}
		if !logged {
			return nil, ErrTampered
		}
	}
	return releases, nil
}

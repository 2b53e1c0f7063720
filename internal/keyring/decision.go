package keyring

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// What a panel decides together. Each kind is the second line of its text, and the end of its signing label.
const (
	KindRevoke   = transparency.KindRevoke   // epochs that take no words any more
	KindShred    = transparency.KindShred    // an epoch whose wraps and files are destroyed
	KindCharter  = transparency.KindCharter  // who the panel is and who pays it, in its own words
	KindSupport  = transparency.KindSupport  // whether the form may open without a list of whom to turn to
	KindRotation = transparency.KindRotation // how often the key changes, how many open it, how long it is kept
	KindSettings = transparency.KindSettings // what the form says and asks here
)

// States of a decision.
const (
	DecisionDraft   = "draft"
	DecisionMade    = "made"
	DecisionDropped = "dropped" // nobody completed it in draftDays
)

// draftDays is how long a draft, or an epoch that was offered, waits for signatures.
const draftDays = 14

// ErrDecision means that lines are not a decision of their kind, or one that cannot be taken now.
var ErrDecision = errors.New("this decision cannot be taken")

// Decision is line text that members of a panel sign. When as many have signed as it needs, its effect happens and it
// enters the log, in one transaction.
type Decision struct {
	bun.BaseModel `bun:"table:decision"`

	ID         string     `bun:"id,pk"`
	ClinicID   string     `bun:"clinic_id"`
	Kind       string     `bun:"kind"`
	State      string     `bun:"state"`
	Lines      string     `bun:"lines"`
	Body       string     `bun:"body"` // a charter's text, or settings; "" for the others
	ProposedBy string     `bun:"proposed_by"`
	ProposedOn time.Time  `bun:"proposed_on,type:date"`
	MadeOn     *time.Time `bun:"made_on,type:date"`
	LeafHash   []byte     `bun:"leaf_hash"`

	Needed     int         `bun:"-"` // signatures, of the panel as it is now
	Signatures []Signature `bun:"-"`
}

// DecisionSignature is one member's signature of a decision.
type DecisionSignature struct {
	bun.BaseModel `bun:"table:decision_signature"`

	DecisionID string `bun:"decision_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`
}

// SignDecision signs a decision's lines as a member of the panel; the label names the kind.
func SignDecision(key ed25519.PrivateKey, lines string) []byte {
	return signLines(key, labelDecision(lines), lines)
}

// VerifyDecision reports whether a member of m signed the decision.
func VerifyDecision(m *Manifest, lines string, s Signature) bool {
	r := m.Member(s.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelDecision(lines), lines, s.Signature)
}

func labelDecision(lines string) string { return "answerable/v1/" + transparency.Leaf(lines).Kind() }

// DecisionLeaf is a decision with its signatures, sorted by reviewer, as it enters the log.
func DecisionLeaf(lines string, signatures []Signature) transparency.Leaf {
	return transparency.Leaf(lines + signatureLines("signature", signatures))
}

// signaturesFor says how many members must sign: m, and for what cannot be undone two at least.
func (m *Manifest) signaturesFor(kind string) int {
	if kind == KindShred {
		return min(2, len(m.Reviewers))
	}
	return m.M
}

// Decide proposes a decision with the proposer's own signature. The same lines again are the same decision.
// Errors: ErrDecision, ErrNoPanel, ErrNotMember, ErrSignature, ErrStale.
func (s *Store) Decide(ctx context.Context, clinicID, lines, body string, by Signature) (*Decision, error) {
	r, err := ParseResolution(lines)
	if err != nil {
		return nil, err
	}
	if err := r.CheckBody(body); err != nil {
		return nil, err
	}
	var made *Decision
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		if err := s.mayPropose(ctx, tx, clinicID, r, body, by.ReviewerID); err != nil {
			return err
		}
		d := &Decision{
			ID: uuid.NewString(), ClinicID: clinicID, Kind: r.Kind, State: DecisionDraft, Lines: lines, Body: body,
			ProposedBy: by.ReviewerID, ProposedOn: s.today(),
		}
		if _, err := tx.NewInsert().Model(d).On("CONFLICT (clinic_id, lines) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := tx.NewSelect().Model(d).Where("clinic_id = ?", clinicID).Where("lines = ?", lines).Scan(ctx); err != nil {
			return err
		}
		var err error
		made, err = s.signDecision(ctx, tx, d.ID, clinicID, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	return made, nil
}

// SignDecision adds a member's signature. Errors: ErrStale when the decision waits for none, ErrNotMember, ErrSignature,
// ErrDecision when it cannot be taken any more.
func (s *Store) SignDecision(ctx context.Context, clinicID, id string, by Signature) (*Decision, error) {
	var signed *Decision
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var err error
		signed, err = s.signDecision(ctx, tx, id, clinicID, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sign decision: %w", err)
	}
	return signed, nil
}

func (s *Store) signDecision(ctx context.Context, tx bun.Tx, id, clinicID string, by Signature) (*Decision, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrStale
	}
	d := new(Decision)
	err := tx.NewSelect().Model(d).Where("id = ?", id).Where("clinic_id = ?", clinicID).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && d.State == DecisionDropped {
		return nil, ErrStale
	}
	if err != nil {
		return nil, err
	}
	_, panel, err := s.Current(ctx, tx, clinicID)
	if err != nil {
		return nil, err
	}
	if panel.Member(by.ReviewerID) == nil {
		return nil, ErrNotMember
	}
	if !VerifyDecision(panel, d.Lines, by) {
		return nil, ErrSignature
	}
	if d.State == DecisionMade { // the last signature was faster
		return d, s.fillDecisions(ctx, tx, panel, d)
	}
	row := &DecisionSignature{DecisionID: d.ID, ReviewerID: by.ReviewerID, Signature: by.Signature}
	if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return nil, err
	}
	if err := s.fillDecisions(ctx, tx, panel, d); err != nil {
		return nil, err
	}
	return d, s.completeDecision(ctx, tx, panel, d)
}

// fillDecisions reads signatures, and counts only those of members of the panel as it is now.
func (s *Store) fillDecisions(ctx context.Context, db bun.IDB, panel *Manifest, decisions ...*Decision) error {
	for _, d := range decisions {
		var rows []DecisionSignature
		if err := db.NewSelect().Model(&rows).Where("decision_id = ?", d.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return err
		}
		d.Signatures = nil
		for _, row := range rows {
			if sig := (Signature{row.ReviewerID, row.Signature}); d.State != DecisionDraft || VerifyDecision(panel, d.Lines, sig) {
				d.Signatures = append(d.Signatures, sig)
			}
		}
		d.Needed = panel.signaturesFor(d.Kind)
	}
	return nil
}

func (s *Store) completeDecision(ctx context.Context, tx bun.Tx, panel *Manifest, d *Decision) error {
	r, err := ParseResolution(d.Lines)
	if err != nil {
		return err
	}
	if err := s.mayDecide(ctx, tx, d.ClinicID, r, true); err != nil {
		return err
	}
	if len(d.Signatures) < d.Needed {
		return s.announceShred(ctx, tx, r)
	}
	leaf := DecisionLeaf(d.Lines, d.Signatures)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return err
	}
	hash, today := leaf.Hash(), s.today()
	d.State, d.LeafHash, d.MadeOn = DecisionMade, hash[:], &today
	if _, err := tx.NewUpdate().Model(d).Column("state", "leaf_hash", "made_on").WherePK().Exec(ctx); err != nil {
		return err
	}
	return s.takeEffect(ctx, tx, d, r)
}

// Decisions lists what a panel decides and has decided: drafts first, then the rest, the newest first.
func (s *Store) Decisions(ctx context.Context, clinicID string) ([]*Decision, error) {
	var decisions []*Decision
	err := s.db(ctx).NewSelect().Model(&decisions).
		Where("clinic_id = ?", clinicID).
		OrderExpr("state <> 'draft', COALESCE(made_on, proposed_on) DESC, id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	_, panel, err := s.Current(ctx, s.db(ctx), clinicID)
	if errors.Is(err, ErrNoPanel) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decisions, s.fillDecisions(ctx, s.db(ctx), panel, decisions...)
}

// LatestDecision is the newest one made of a kind, by its place in the log; nil when there is none.
func (s *Store) LatestDecision(ctx context.Context, clinicID, kind string) (*Decision, error) {
	return s.latestDecision(ctx, s.db(ctx), clinicID, kind)
}

func (s *Store) latestDecision(ctx context.Context, db bun.IDB, clinicID, kind string) (*Decision, error) {
	d := new(Decision)
	err := db.NewSelect().Model(d).
		Join("JOIN log_leaf ON log_leaf.leaf_hash = decision.leaf_hash").
		Where("decision.clinic_id = ?", clinicID).
		Where("decision.kind = ?", kind).
		Order("log_leaf.index DESC").
		Limit(1).
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find latest decision: %w", err)
	}
	return d, nil
}

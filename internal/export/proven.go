package export

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"answerable/internal/transparency"
)

// WriteZip writes a whole bundle: its files, its signatures so far, and the proof of its place in the log when that has it.
// Errors: ErrUnknown.
func (s *Store) WriteZip(ctx context.Context, w io.Writer, clinicID, id string) error {
	e := new(Export)
	if uuid.Validate(id) != nil {
		return ErrUnknown
	}
	err := s.db(ctx).NewSelect().Model(e).Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("state <> ?", StateDropped).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown
	}
	if err == nil {
		err = s.fill(ctx, s.db(ctx), e)
	}
	if err != nil {
		return fmt.Errorf("find export: %w", err)
	}
	files, _, err := readZip(bytes.NewReader(e.Bundle), int64(len(e.Bundle)))
	if err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	proof, err := s.proof(ctx, e)
	if err != nil {
		return err
	}
	all := slices.Concat([]File{{manifestPath, []byte(e.Manifest)}}, files, proof.files(e.Lines, []byte(e.Manifest)))
	sortFiles(all)
	return writeZip(w, all)
}

// proof gathers lists, signatures and places.
func (s *Store) proof(ctx context.Context, e *Export) (*Proof, error) {
	chain, err := s.Keys.Chain(ctx, e.ClinicID)
	if err != nil {
		return nil, err
	}
	p := &Proof{Signatures: e.Signatures, Placed: map[string][]byte{}}
	for _, leaf := range chain.Manifests {
		p.Lists = append(p.Lists, leaf)
		if hash := transparency.Leaf(leaf).Hash(); bytes.Equal(hash[:], e.PanelHash) {
			break
		}
	}
	releases, err := s.Figures.Released(ctx, e.ClinicID)
	if err != nil {
		return nil, err
	}
	for _, r := range releases {
		if e.ReleaseID != nil && r.ID == *e.ReleaseID {
			p.Release = string(leafOf(r))
		}
		if e.BeforeID != nil && r.ID == *e.BeforeID {
			p.Before = string(leafOf(r))
		}
	}
	return p, s.place(ctx, e, p)
}

// placed is a proof as it is kept.
type placed struct {
	VKey      string            `json:"vkey"`
	Witnesses []string          `json:"witnesses,omitempty"`
	Proofs    map[string][]byte `json:"proofs"`
}

// place proves the places of the leaves once the log that everybody is given has them. Once all witnesses that are asked have cosigned,
// or from the day after the last signature on, it keeps that: from then on the bundle is the same for everybody who takes it.
func (s *Store) place(ctx context.Context, e *Export, p *Proof) error {
	if e.Placed != nil {
		var had placed
		if err := json.Unmarshal([]byte(*e.Placed), &had); err != nil {
			return fmt.Errorf("read places: %w", err)
		}
		p.VKey, p.Witnesses, p.Placed = had.VKey, had.Witnesses, had.Proofs
		return nil
	}
	if e.State != StateSigned || s.Log == nil {
		return nil
	}
	now := placed{VKey: s.Log.VKey, Proofs: map[string][]byte{}}
	asked := slices.Sorted(slices.Values(s.Witnesses))
	for _, name := range placedNames {
		leaf := p.leaf(name, e.Lines)
		if len(leaf) == 0 {
			continue
		}
		proof, err := s.Log.ProvePublished(ctx, leaf)
		if err != nil || proof == nil {
			return err
		}
		var by []string
		if now.Proofs[name], by, err = PlacedBy(proof, s.Log.Verifier, asked); err != nil {
			return err
		}
		now.Witnesses = append(now.Witnesses, by...)
	}
	// A key of which nothing is signed would be a line that nothing holds.
	slices.Sort(now.Witnesses)
	now.Witnesses = slices.Compact(now.Witnesses)
	text, err := json.Marshal(now, json.Deterministic(true))
	if err != nil {
		return err
	}
	if len(now.Witnesses) < len(asked) && !e.SignedOn.Before(s.today()) {
		// A witness may be late; what is kept never changes.
		p.VKey, p.Witnesses, p.Placed = now.VKey, now.Witnesses, now.Proofs
		return nil
	}
	kept := string(text)
	err = s.db(ctx).NewRaw(`UPDATE export SET placed = coalesce(placed, ?) WHERE id = ? RETURNING placed`, kept, e.ID).Scan(ctx, &kept)
	if err != nil {
		return fmt.Errorf("keep places: %w", err)
	}
	e.Placed = &kept // by whoever was faster
	return s.place(ctx, e, p)
}

package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/transparency"
)

// Chain is what a writer's browser or terminal walks before it seals: every manifest of a clinic's panel from the first,
// the epoch in use, and what the panel has revoked. Each is the text of a leaf, signatures and all, so that nothing has to
// be believed of who hands it out.
type Chain struct {
	ClinicID    string
	Manifests   []string // version 1 first
	Epoch       string   // "" when none takes words
	Revocations []string // in the order of the log
	InsteadOf   string   // where Epoch is used before its first day: the one called back in whose place it stands; else ""
}

// Chain gathers a clinic's chain from the log. Errors: ErrNoPanel.
func (s *Store) Chain(ctx context.Context, clinicID string) (*Chain, error) {
	c := &Chain{ClinicID: clinicID, Manifests: []string{}, Revocations: []string{}}
	for kind, to := range map[string]*[]string{"panel_manifest": &c.Manifests, KindRevoke: &c.Revocations} {
		query := s.db(ctx).NewSelect().TableExpr("log_leaf AS l").ColumnExpr("convert_from(l.leaf, 'UTF8')").OrderExpr("l.index")
		if kind == KindRevoke {
			query = query.Join("JOIN decision AS d ON d.leaf_hash = l.leaf_hash").Where("d.kind = ?", kind).Where("d.clinic_id = ?", clinicID)
		} else {
			query = query.Join("JOIN panel_manifest AS m ON m.leaf_hash = l.leaf_hash").Where("m.clinic_id = ?", clinicID)
		}
		if err := query.Scan(ctx, to); err != nil {
			return nil, fmt.Errorf("gather chain: %w", err)
		}
	}
	if len(c.Manifests) == 0 {
		return nil, ErrNoPanel
	}
	epoch, err := s.Active(ctx, clinicID)
	if errors.Is(err, ErrNoEpoch) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	if c.Epoch, err = s.leafOf(ctx, epoch); err != nil {
		return nil, err
	}
	if !epoch.NotBefore.After(s.today()) {
		return c, nil
	}
	calledBack, err := s.lastRevoked(ctx, clinicID)
	if err != nil || calledBack == nil {
		return c, err
	}
	c.InsteadOf, err = s.leafOf(ctx, calledBack)
	return c, err
}

func (s *Store) leafOf(ctx context.Context, e *Epoch) (leaf string, err error) {
	if err := s.db(ctx).NewRaw(`SELECT convert_from(leaf, 'UTF8') FROM log_leaf WHERE leaf_hash = ?`, e.LeafHash).Scan(ctx, &leaf); err != nil {
		return "", fmt.Errorf("find the epoch's leaf: %w", err)
	}
	return leaf, nil
}

// lastRevoked is the epoch called back that would be in use today; nil when there is none.
func (s *Store) lastRevoked(ctx context.Context, clinicID string) (last *Epoch, err error) {
	epochs, err := s.Epochs(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	for i, e := range epochs { // by start
		if e.State == StateRevoked && !e.NotBefore.After(s.today()) {
			last = &epochs[i]
		}
	}
	return last, nil
}

// Reasons why a chain does not hold.
const (
	BrokenFingerprint = "fingerprint" // version 1 is not the one that is pinned
	BrokenPanel       = "panel"       // a manifest is missing, malformed or not signed by enough
	BrokenRecord      = "record"      // the epoch is malformed, another clinic's, or of a panel that somebody has left
	BrokenSignatures  = "signatures"  // the epoch is not signed by its dealer and enough of the panel
	BrokenDays        = "days"        // the epoch is not for today
	BrokenRevoked     = "revoked"     // the panel has revoked the epoch
	BrokenUnlogged    = "unlogged"    // the epoch is not in the log
)

// ChainError says which part of a chain does not hold.
type ChainError struct{ Reason string }

func (e *ChainError) Error() string {
	return map[string]string{
		BrokenFingerprint: "the panel's first list is not the one with this fingerprint",
		BrokenPanel:       "a list of the panel's members is missing or is not signed by enough of them",
		BrokenRecord:      "the key was not made for the panel as it is now",
		BrokenSignatures:  "the key is not signed by enough of the panel",
		BrokenDays:        "the key is not for today, or this machine's date is wrong",
		BrokenRevoked:     "the panel has called this key back",
		BrokenUnlogged:    "the key is not in the public log",
	}[e.Reason]
}

// Verify walks the chain from the manifest with the fingerprint to the epoch, and gives the epoch's record. Without a
// fingerprint ("") nobody has pinned the first manifest. today is the verifier's own. The error is a *ChainError.
func (c *Chain) Verify(fingerprint string, today time.Time) (*Record, error) {
	panels, hashes, err := c.panels(fingerprint)
	if err != nil {
		return nil, err
	}
	r, panel, err := proved(c.Epoch, c.ClinicID, panels, hashes)
	if err != nil {
		return nil, err
	}
	if !stillSeated(panel, panels[len(panels)-1]) {
		return nil, &ChainError{BrokenRecord}
	}
	revoked := c.revoked(panels)
	if slices.Contains(revoked, r.ID) {
		return nil, &ChainError{BrokenRevoked}
	}
	today = today.UTC().Truncate(24 * time.Hour)
	early := r.NotBefore.After(today.AddDate(0, 0, 1)) && !c.standsIn(r, panels, hashes, revoked, today)
	if early || today.AddDate(0, 0, -1).After(r.NotAfter.AddDate(0, 0, lateDays)) {
		return nil, &ChainError{BrokenDays}
	}
	return r, nil
}

// proved reads an epoch's leaf and holds it against the manifest that it names. The error is a *ChainError.
func proved(text, clinicID string, panels []*Manifest, hashes [][32]byte) (*Record, *Manifest, error) {
	lines, dealers, acks := splitRecord(text)
	r, err := ParseRecord(lines)
	if err != nil || r.ClinicID != clinicID {
		return nil, nil, &ChainError{BrokenRecord}
	}
	at := slices.Index(hashes, r.Manifest)
	if at < 0 {
		return nil, nil, &ChainError{BrokenRecord}
	}
	panel := panels[at]
	if !acknowledged(panel, lines, dealers, acks) {
		return nil, nil, &ChainError{BrokenSignatures}
	}
	return r, panel, nil
}

// standsIn says whether an epoch whose days have not come stands in the place of one that was called back, and that would be
// in use today. A revocation of long ago lets no key begin early.
func (c *Chain) standsIn(r *Record, panels []*Manifest, hashes [][32]byte, revoked []string, today time.Time) bool {
	then, _, err := proved(c.InsteadOf, c.ClinicID, panels, hashes)
	if err != nil || !slices.Contains(revoked, then.ID) || then.NotBefore.After(r.NotBefore) {
		return false
	}
	begun := !then.NotBefore.After(today.AddDate(0, 0, 1))
	return begun && !today.AddDate(0, 0, -1).After(then.NotAfter.AddDate(0, 0, lateDays))
}

// panels reads and checks every manifest, with its leaf hash.
func (c *Chain) panels(fingerprint string) (panels []*Manifest, hashes [][32]byte, err error) {
	var before *Manifest
	for i, text := range c.Manifests {
		lines, signatures := splitSigned(text, "signature")
		m, err := ParseManifest(lines)
		if err != nil || m.ClinicID != c.ClinicID || !m.Complete(before, signatures) {
			return nil, nil, &ChainError{BrokenPanel}
		}
		if i > 0 && *m.Previous != hashes[i-1] {
			return nil, nil, &ChainError{BrokenPanel}
		}
		if i == 0 && fingerprint != "" && Fingerprint(lines) != fingerprint {
			return nil, nil, &ChainError{BrokenFingerprint}
		}
		panels, hashes, before = append(panels, m), append(hashes, transparency.Leaf(text).Hash()), m
	}
	if len(panels) == 0 {
		return nil, nil, &ChainError{BrokenPanel}
	}
	return panels, hashes, nil
}

// Members are all who are or were on a list of the chain, each once, after checking every list from the one with the
// fingerprint ("" when nobody has pinned it). The error is a *ChainError.
func (c *Chain) Members(fingerprint string) ([]Member, error) {
	panels, _, err := c.panels(fingerprint)
	if err != nil {
		return nil, err
	}
	var all []Member
	for _, p := range panels {
		for _, m := range p.Reviewers {
			if !slices.ContainsFunc(all, func(known Member) bool { return known.ID == m.ID }) {
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// Lists are all lists of the chain with the hashes of their leaves, the first one first, each checked from the one with the
// fingerprint on ("" when nobody has pinned it). The error is a *ChainError.
func (c *Chain) Lists(fingerprint string) ([]*Manifest, [][32]byte, error) {
	return c.panels(fingerprint)
}

// Fingerprint is that of the chain's first list; "" without one.
func (c *Chain) Fingerprint() string {
	if len(c.Manifests) == 0 {
		return ""
	}
	lines, _ := splitSigned(c.Manifests[0], "signature")
	return Fingerprint(lines)
}

// stillSeated reports whether everybody on the one panel is on the other: nobody has left with a wrap.
func stillSeated(then, now *Manifest) bool {
	return !slices.ContainsFunc(then.Reviewers, func(r Member) bool { return now.Member(r.ID) == nil })
}

// revoked lists the epochs that revocations signed by enough of some panel in the chain name.
func (c *Chain) revoked(panels []*Manifest) (ids []string) {
	for _, text := range c.Revocations {
		lines, signatures := splitSigned(text, "signature")
		r, err := ParseResolution(lines)
		if err != nil || r.Kind != KindRevoke || r.ClinicID != c.ClinicID {
			continue
		}
		signed := slices.ContainsFunc(panels, func(m *Manifest) bool {
			valid := slices.DeleteFunc(slices.Clone(signatures), func(s Signature) bool { return !VerifyDecision(m, lines, s) })
			return len(valid) >= m.M
		})
		if signed {
			ids = append(ids, r.Epochs...)
		}
	}
	return ids
}

// splitSigned parts a leaf's lines from the signatures after them, which must be sorted by reviewer, each once. What does
// not read so stays with the lines, which then are not well formed.
func splitSigned(text, word string) (lines string, signatures []Signature) {
	at := strings.Index(text, "\n"+word+" ") + 1
	if at == 0 {
		return text, nil
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text[at:], "\n"), "\n") {
		fields := strings.Split(line, " ")
		if len(fields) != 3 || fields[0] != word {
			return text, nil
		}
		signature, err := parseSignature(fields[2])
		if err != nil || len(signatures) > 0 && signatures[len(signatures)-1].ReviewerID >= fields[1] {
			return text, nil
		}
		signatures = append(signatures, Signature{fields[1], signature})
	}
	if signatureLines(word, signatures) != text[at:] {
		return text, nil
	}
	return text[:at], signatures
}

func splitRecord(text string) (lines string, dealers, acks []Signature) {
	rest, acks := splitSigned(text, "ack")
	lines, dealers = splitSigned(rest, "dealer")
	return lines, dealers, acks
}

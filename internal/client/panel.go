package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"answerable/internal/keyring"
)

// Panel is a clinic's panel, checked from its first manifest to its newest.
type Panel struct {
	Fingerprint string              // of the first manifest; it stands on posters
	All         []*keyring.Manifest // the logged ones, oldest first
	Days        []string            // on which each of All came into force, by the server's word; "" where it tells none
	Leaves      [][32]byte          // leaf hashes of All
	Current     *keyring.Manifest   // nil while the first manifest waits for signatures
	Leaf        [32]byte            // leaf hash of Current
	Draft       *keyring.Manifest   // nil when nothing waits for signatures
	SignedBy    []string            // who signed Draft

	clinicID string            // as the server names the clinic
	standing *keyring.Standing // what the log says of it; nil where it was not read
	waits    bool              // a decision about keys is shown that is not in the log yet
}

// ErrPanel means that a clinic's manifests do not hold together. Nobody should seal, sign or deal on them.
var ErrPanel = errors.New("the panel's manifests do not hold")

type storedManifest struct {
	Version    int         `json:"version"`
	State      string      `json:"state"`
	Lines      string      `json:"lines"`
	Signatures []signature `json:"signatures"`
	Day        string      `json:"day"`
}

type signature struct {
	Reviewer  string `json:"reviewer"`
	Signature []byte `json:"signature"`
}

func signatures(list []signature) []keyring.Signature {
	out := make([]keyring.Signature, 0, len(list))
	for _, s := range list {
		out = append(out, keyring.Signature{ReviewerID: s.Reviewer, Signature: s.Signature})
	}
	return out
}

type storedPanel struct {
	Clinic    string           `json:"clinic"`
	Manifests []storedManifest `json:"manifests"`
}

// Panel fetches a clinic's logged manifests and walks the chain: the first must be signed by everyone on it, each later
// one by enough of the panel before and enough of the new one. Errors wrap ErrPanel when it does not hold.
func (c *Client) Panel(ctx context.Context, clinic string) (*Panel, error) {
	var stored storedPanel
	if err := c.get(ctx, clinicPath(publicAPI, clinic, "panel"), &stored); err != nil {
		return nil, err
	}
	return checkChain(stored.Clinic, stored.Manifests)
}

// PanelAndDraft is Panel with the manifest that waits for signatures, which only the panel sees.
func (r *Reviewer) PanelAndDraft(ctx context.Context, clinic string) (*Panel, error) {
	var newest storedManifest
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "manifest"), &newest); err != nil {
		return nil, err
	}
	var stored storedPanel
	if err := r.get(ctx, clinicPath(publicAPI, clinic, "panel"), &stored); err != nil {
		return nil, err
	}
	if newest.State == "draft" {
		stored.Manifests = append(stored.Manifests, newest)
	}
	return checkChain(stored.Clinic, stored.Manifests)
}

func checkChain(clinicID string, chain []storedManifest) (*Panel, error) {
	p := Panel{clinicID: clinicID}
	for i, stored := range chain {
		m, err := keyring.ParseManifest(stored.Lines)
		if err != nil {
			return nil, fmt.Errorf("%w: version %d: %w", ErrPanel, stored.Version, err)
		}
		if who := changed(m, &p); who != "" {
			return nil, fmt.Errorf("%w: version %d puts other keys beside the name of %s, who stays", ErrPanel, stored.Version, who)
		}
		if m.ClinicID != clinicID || m.Version != i+1 || stored.Version != i+1 || !follows(m, &p) {
			return nil, fmt.Errorf("%w: version %d does not follow the one before", ErrPanel, stored.Version)
		}
		if i == 0 {
			p.Fingerprint = keyring.Fingerprint(stored.Lines)
		}
		if stored.State == "draft" && i == len(chain)-1 {
			p.Draft = m
			for _, s := range stored.Signatures {
				p.SignedBy = append(p.SignedBy, s.Reviewer)
			}
			break
		}
		signed := signatures(stored.Signatures)
		if !m.Complete(p.Current, signed) {
			return nil, fmt.Errorf("%w: version %d is not signed by enough of the panel", ErrPanel, stored.Version)
		}
		p.Current, p.Leaf, p.All = m, m.Leaf(signed).Hash(), append(p.All, m)
		p.Leaves, p.Days = append(p.Leaves, p.Leaf), append(p.Days, stored.Day)
	}
	return &p, nil
}

// changed names a member who stays and beside whose name m puts other keys; "" when there is none.
func changed(m *keyring.Manifest, before *Panel) string {
	if before.Current == nil {
		return ""
	}
	i := slices.IndexFunc(m.Reviewers, func(r keyring.Member) bool {
		then := before.Current.Member(r.ID)
		return then != nil && (then.Recipient != r.Recipient || !then.VerifyKey.Equal(r.VerifyKey))
	})
	if i < 0 {
		return ""
	}
	return m.Reviewers[i].ID
}

// follows reports whether m names the leaf of the manifest before it, and leaves the keys of those who stay as they are.
func follows(m *keyring.Manifest, before *Panel) bool {
	if before.Current == nil {
		return m.Previous == nil
	}
	return m.Previous != nil && *m.Previous == before.Leaf && m.Keeps(before.Current)
}

// ErrNoDraft means that no manifest waits for signatures.
var ErrNoDraft = errors.New("no manifest waits for signatures")

// ErrReplaced means that the list which waits is not the one that somebody looked at.
var ErrReplaced = errors.New("another list waits now than the one that you looked at, and nothing was signed")

// Change is what the list that waits would change, worked out from its lines.
type Change struct {
	Hash    string   `json:"list"` // the fingerprint of its lines: names this list and no other
	Version int      `json:"version"`
	M       int      `json:"m"` // signatures needed from then on
	Members []string `json:"members"`
	Joined  []string `json:"joined"`
	Left    []string `json:"left"`
}

// Change reads the list that waits; nil when none does. Nobody's keys change in it: such a list does not follow, and Panel is
// an error then.
func (p *Panel) Change() *Change {
	if p.Draft == nil {
		return nil
	}
	c := &Change{Hash: keyring.Fingerprint(p.Draft.Lines()), Version: p.Draft.Version, M: p.Draft.M, Members: []string{}, Joined: []string{}, Left: []string{}}
	for _, m := range p.Draft.Reviewers {
		c.Members = append(c.Members, m.ID)
		if p.Current == nil || p.Current.Member(m.ID) == nil {
			c.Joined = append(c.Joined, m.ID)
		}
	}
	if p.Current == nil {
		return c
	}
	for _, m := range p.Current.Reviewers {
		if p.Draft.Member(m.ID) == nil {
			c.Left = append(c.Left, m.ID)
		}
	}
	return c
}

// SignManifest signs the list that the reviewer was shown, exactly its lines, after checking that it names this reviewer with
// their own keys, and that it still waits. It returns the new state: draft or logged.
// Errors: ErrNoDraft, ErrReplaced, ErrPanel, ErrUnread, ErrWithheld.
func (r *Reviewer) SignManifest(ctx context.Context, clinic string, shown *Panel) (state string, err error) {
	if shown.Draft == nil {
		return "", ErrNoDraft
	}
	if err := r.checkSeat(shown); err != nil {
		return "", err
	}
	held := r.heldPanel
	if shown.Current == nil || shown.Current.Member(r.ID) == nil {
		held = r.WatchedPanel // who has only joined is shown no decisions
	}
	if _, err := held(ctx, clinic); err != nil {
		return "", err
	}
	now, err := r.PanelAndDraft(ctx, clinic)
	if err != nil {
		return "", err
	}
	if now.Draft == nil || now.Draft.Lines() != shown.Draft.Lines() {
		return "", ErrReplaced
	}
	in := struct {
		Version   int    `json:"version"`
		Signature []byte `json:"signature"`
	}{shown.Draft.Version, keyring.SignManifest(r.key, shown.Draft.Lines())}
	var out struct {
		State string `json:"state"`
	}
	err = r.post(ctx, clinicPath(panelAPI, clinic, "manifest", "signatures"), in, &out)
	return out.State, err
}

// checkSeat wants the reviewer's own keys in the draft. Somebody who leaves is on the old panel only, and may sign.
func (r *Reviewer) checkSeat(p *Panel) error {
	seat := p.Draft.Member(r.ID)
	if seat == nil {
		if p.Current != nil && p.Current.Member(r.ID) != nil {
			return nil
		}
		return fmt.Errorf("%w: neither the panel nor the draft names %s", ErrPanel, r.ID)
	}
	if seat.Recipient != r.identity.Recipient().String() || !seat.VerifyKey.Equal(r.key.Public()) {
		return fmt.Errorf("%w: the draft names %s with other keys", ErrPanel, r.ID)
	}
	return nil
}

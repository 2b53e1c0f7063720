package client

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// signInTime is how long a sign-in text stays good. The server takes at most two minutes; a clock may be a little off.
const signInTime = time.Minute

// Reviewer is somebody who holds an identity. Signed in, they work through it.
type Reviewer struct {
	*Client
	ID string

	// OnKit is given a kit for each epoch that this reviewer deals and two open; nil makes none.
	OnKit func(*Kit) error

	identity *age.HybridIdentity
	key      ed25519.PrivateKey
}

// Reviewer derives who the holder of identity is. It does not ask the server.
func (c *Client) Reviewer(identity *age.HybridIdentity) (*Reviewer, error) {
	seed, err := seal.IdentitySeed(identity)
	if err != nil {
		return nil, err
	}
	key := account.SigningKey(seed)
	return &Reviewer{Client: c, ID: account.ReviewerID(key.Public().(ed25519.PublicKey)), identity: identity, key: key}, nil
}

// Enrol uses an invitation up and joins a panel with the public halves of the reviewer's keys.
func (r *Reviewer) Enrol(ctx context.Context, invitation string) error {
	recipient := r.identity.Recipient().String()
	in := struct {
		Invitation string `json:"invitation"`
		Recipient  string `json:"recipient"`
		VerifyKey  []byte `json:"verify_key"`
		Signature  []byte `json:"signature"`
	}{invitation, recipient, r.key.Public().(ed25519.PublicKey), ed25519.Sign(r.key, account.EnrolText(invitation, recipient))}
	var out struct {
		Reviewer string `json:"reviewer"`
	}
	if err := r.post(ctx, panelAPI+"/enrol", in, &out); err != nil {
		return err
	}
	if out.Reviewer != r.ID {
		return fmt.Errorf("the server enrolled us as %q, and our key's name is %s", out.Reviewer, r.ID)
	}
	return nil
}

// SignIn signs the server's nonce for the address we were given, so that the signature is worth nothing elsewhere.
func (r *Reviewer) SignIn(ctx context.Context) error {
	var challenge struct {
		Nonce string `json:"nonce"`
	}
	if err := r.post(ctx, panelAPI+"/nonce", struct{}{}, &challenge); err != nil {
		return err
	}
	nonce, err := base64.RawURLEncoding.Strict().DecodeString(challenge.Nonce)
	if err != nil || len(nonce) != 32 {
		return errors.New("the server's nonce does not read")
	}
	text := account.SignInText(r.server, r.ID, [32]byte(nonce), r.Now().Add(signInTime))
	in := struct {
		Text      string `json:"text"`
		Signature []byte `json:"signature"`
		Device    string `json:"device"`
	}{string(text), ed25519.Sign(r.key, text), terminalDevice}
	return r.post(ctx, panelAPI+"/sign-in", in, nil)
}

// terminalDevice is how a reviewer sees this sign-in in their list.
const terminalDevice = "a terminal"

// SignOut ends this sign-in.
func (r *Reviewer) SignOut(ctx context.Context) error {
	return r.post(ctx, panelAPI+"/sign-out", struct{}{}, nil)
}

// Panel is a clinic's panel, checked from its first manifest to its newest.
type Panel struct {
	Fingerprint string              // of the first manifest; it stands on posters
	All         []*keyring.Manifest // the logged ones, oldest first
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
		p.Leaves = append(p.Leaves, p.Leaf)
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

// PublicEpoch is an epoch as everybody can see it. Days are YYYY-MM-DD.
type PublicEpoch struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	NotBefore string `json:"not_before"`
	NotAfter  string `json:"not_after"`
	Recipient string `json:"recipient"`
}

// Epochs lists a clinic's epochs.
func (c *Client) Epochs(ctx context.Context, clinic string) ([]PublicEpoch, error) {
	epochs := []PublicEpoch{}
	err := c.get(ctx, clinicPath(publicAPI, clinic, "epochs"), &epochs)
	return epochs, err
}

// panelEpochs is what a signed-in reviewer sees.
type panelEpochs struct {
	Origin    string       `json:"origin"`
	TicketKey string       `json:"ticket_key"`
	Previous  []byte       `json:"previous"` // leaf hash a new record must name, null for the first
	Epochs    []panelEpoch `json:"epochs"`
	Withdrawn []string     `json:"withdrawn"` // leaves of what was taken back and waits for its place in the log
}

type panelEpoch struct {
	ID              string      `json:"id"`
	State           string      `json:"state"`
	Record          string      `json:"record"`
	Dealer          string      `json:"dealer"`
	DealerSignature []byte      `json:"dealer_signature"`
	Acks            []signature `json:"acks"`
	Wrap            []byte      `json:"wrap"`      // the reviewer's own; null when they have none
	WrapFrom        *signature  `json:"wrap_from"` // the colleague who handed it on; null when it was dealt
	Files           int         `json:"files"`
}

func (r *Reviewer) epochs(ctx context.Context, clinic string) (*panelEpochs, error) {
	var e panelEpochs
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "epochs"), &e); err != nil {
		return nil, err
	}
	return &e, nil
}

// Term is when an epoch is in use and how long what it sealed is kept. Days, UTC.
type Term struct{ NotBefore, NotAfter, RetainUntil time.Time }

// Deal makes an epoch: a key pair in memory, one wrap for every reviewer of the newest manifest, and the record signed
// by this reviewer as its dealer. Where the panel opens its epochs together, each wrap holds a part of the key. The private
// half is never written anywhere, unless a kit is asked for, and is gone when this returns.
// Errors wrap ErrPanel when the clinic has no valid panel or has decided otherwise, ErrUnread, ErrWithheld, ErrNotLogged, and ErrKit when a kit is asked for that cannot be; what OnKit
// answers comes back too, and the epoch is there then.
func (r *Reviewer) Deal(ctx context.Context, clinic string, t Term) (id string, p *Panel, err error) {
	if p, err = r.seatedPanel(ctx, clinic); err != nil {
		return "", nil, err
	}
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return "", nil, err
	}
	k, err := r.openBy(ctx, clinic, p)
	if err != nil {
		return "", nil, err
	}
	record, identity, wraps, err := deal(p, known, t, k)
	if err != nil {
		return "", nil, err
	}
	if err := p.fits(record); err != nil {
		return "", nil, err
	}
	in := struct {
		Record    string `json:"record"`
		Signature []byte `json:"signature"`
		Wraps     []wrap `json:"wraps"`
	}{record.Lines(), keyring.SignDeal(r.key, record.Lines()), wraps}
	var kit *Kit
	if r.OnKit != nil {
		if kit, err = newKit(record, identity, p.Current); err != nil {
			return "", nil, err
		}
	}
	if err := r.post(ctx, clinicPath(panelAPI, clinic, "epochs"), in, nil); err != nil || kit == nil {
		return record.ID, p, err
	}
	return record.ID, p, r.OnKit(kit)
}

type wrap struct {
	Reviewer string `json:"reviewer"`
	File     []byte `json:"file"`
}

func deal(p *Panel, known *panelEpochs, t Term, k int) (*keyring.Record, *age.HybridIdentity, []wrap, error) {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("make epoch key: %w", err)
	}
	record := &keyring.Record{
		ClinicID: p.Current.ClinicID, ID: keyring.NewEpochID(t.NotBefore), Recipient: identity.Recipient().String(),
		NotBefore: t.NotBefore, NotAfter: t.NotAfter, RetainUntil: t.RetainUntil,
		K: k, N: len(p.Current.Reviewers), Manifest: p.Leaf, TicketKey: known.TicketKey,
	}
	if known.Previous != nil {
		if len(known.Previous) != 32 {
			return nil, nil, nil, errors.New("the server names no leaf as the epoch before")
		}
		record.Previous = (*[32]byte)(known.Previous)
	}
	files, err := wrapFor(record, identity, p.Current)
	if err != nil {
		return nil, nil, nil, err
	}
	var wraps []wrap
	for i, member := range p.Current.Reviewers {
		wraps = append(wraps, wrap{Reviewer: member.ID, File: files[i]})
	}
	record.Wraps = keyring.HashWraps(files)
	if _, err := keyring.ParseRecord(record.Lines()); err != nil {
		return nil, nil, nil, err
	}
	return record, identity, wraps, nil
}

// wrapFor seals an epoch's key, or its parts, to each reviewer in the order of the manifest. The record is told of the
// parts.
func wrapFor(record *keyring.Record, identity *age.HybridIdentity, panel *keyring.Manifest) (files [][]byte, err error) {
	var recipients []string
	for _, member := range panel.Reviewers {
		recipients = append(recipients, member.Recipient)
	}
	if record.K > 1 {
		files, record.Shares, err = seal.WrapEpochShares(record.ID, identity, recipients, record.K)
		return files, err
	}
	for _, recipient := range recipients {
		file, err := seal.WrapEpochKey(record.ID, identity, recipient)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// Acked is an epoch that this reviewer acknowledged, with its state afterwards.
type Acked struct {
	ID    string `json:"id"`
	State string `json:"state"`
	K     int    `json:"k"` // reviewers needed to open it, of
	N     int    `json:"n"`
}

// Ack acknowledges every offered epoch that this reviewer has not acknowledged yet: it opens their own wrap, recomputes
// the recipient, compares it with the record and checks the dealer's signature, then signs. Where several open an epoch it
// finds its own part named in the record instead. How many open it and its days must be what the panel decided. The first
// epoch that does not hold stops it; errors wrap seal.ErrWrap, ErrPanel, ErrUnread, ErrWithheld or ErrNotLogged.
func (r *Reviewer) Ack(ctx context.Context, clinic string) ([]Acked, error) {
	p, err := r.heldPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return nil, err
	}
	acked := []Acked{}
	for _, e := range known.Epochs {
		if !r.mustAck(e) || e.State != keyring.StateOffered && ofAnEarlierPanel(p, e.Record) {
			continue
		}
		record, err := r.checkOffer(p, &e)
		if err != nil {
			return acked, fmt.Errorf("epoch %s: %w", e.ID, err)
		}
		in := struct {
			Signature []byte `json:"signature"`
		}{keyring.SignAck(r.key, e.Record)}
		out := Acked{}
		if err := r.post(ctx, clinicPath(panelAPI, clinic, "epochs", e.ID, "acks"), in, &out); err != nil {
			return acked, fmt.Errorf("epoch %s: %w", e.ID, err)
		}
		acked = append(acked, Acked{ID: e.ID, State: out.State, K: record.K, N: record.N})
	}
	return acked, nil
}

func (r *Reviewer) mustAck(e panelEpoch) bool {
	switch e.State {
	case keyring.StateOffered, keyring.StateLogged, keyring.StateActive:
	default:
		return false
	}
	for _, ack := range e.Acks {
		if ack.Reviewer == r.ID {
			return false
		}
	}
	return true
}

// ofAnEarlierPanel reports whether an epoch in use was dealt before the panel changed: it has the acks it ever gets.
func ofAnEarlierPanel(p *Panel, record string) bool {
	r, err := keyring.ParseRecord(record)
	return err == nil && r.Manifest != p.Leaf
}

// checkOffer opens the reviewer's own wrap and holds it against the record, and the record against the panel.
func (r *Reviewer) checkOffer(p *Panel, e *panelEpoch) (*keyring.Record, error) {
	record, err := keyring.ParseRecord(e.Record)
	if err != nil {
		return nil, err
	}
	if p.Current == nil || record.Manifest != p.Leaf || record.ClinicID != p.Current.ClinicID || record.ID != e.ID || record.N != len(p.Current.Reviewers) {
		return nil, fmt.Errorf("%w: the record is for another panel", ErrPanel)
	}
	if !keyring.VerifyDeal(p.Current, e.Record, keyring.Signature{ReviewerID: e.Dealer, Signature: e.DealerSignature}) {
		return nil, fmt.Errorf("%w: nobody on the panel signed the record as its dealer", ErrPanel)
	}
	if p.standing.Revoked(record.ID) {
		return nil, fmt.Errorf("%w: the panel has called this key back", ErrPanel)
	}
	if err := p.fits(record); err != nil {
		return nil, err
	}
	if record.K > 1 {
		_, err = seal.OpenEpochShare(e.Wrap, r.identity, quorumOf(record), placeOf(p.Current, r.ID))
		return record, err
	}
	_, err = seal.OpenEpochKey(e.Wrap, r.identity, record.ID, record.Recipient)
	return record, err
}

// leafOf reads a delivered leaf's text and names it.
func leafOf(text string) (*transparency.Submission, [32]byte, error) {
	s, err := transparency.ParseSubmission(transparency.Leaf(text))
	if err != nil {
		return nil, [32]byte{}, err
	}
	return s, transparency.Leaf(text).Hash(), nil
}

package keyring

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"answerable/internal/transparency"
)

// Panels are the panels of all clinics and their epochs as a log shows them, leaf after leaf, for whoever has nothing but
// the log.
type Panels struct {
	chains  map[string][]listed
	epochs  map[EpochOf]string   // lines of the record that came first
	rotated map[string]time.Time // by clinic, the day of the rotation in force
	said    map[[32]byte]bool    // hashes of lines that were signed, and tags of acts

	inBatch bool
	left    []Member // since the batch before
}

// listed is a manifest in its chain, with the hash of its leaf.
type listed struct {
	*Manifest
	hash [32]byte
}

// EpochOf names an epoch together with the clinic whose panel made it: what another clinic's panel says about it counts
// for nothing.
type EpochOf struct{ ClinicID, ID string }

// Add takes a panel leaf. One that does not follow the newest of its clinic, signed as it must be, counts for nothing; ok
// says whether it counts.
func (p *Panels) Add(leaf transparency.Leaf) (ok bool) {
	lines, signatures := splitSigned(string(leaf), "signature")
	m, err := ParseManifest(lines)
	if err != nil {
		return false
	}
	chain := p.chains[m.ClinicID]
	if before := newestOf(chain); !m.Complete(before.Manifest, signatures) || before.Manifest != nil && *m.Previous != before.hash {
		return false
	}
	if p.chains == nil {
		p.chains = map[string][]listed{}
	}
	for _, r := range newestOf(chain).members() {
		if m.Member(r.ID) == nil {
			p.left = append(p.left, r)
		}
	}
	p.chains[m.ClinicID] = append(chain, listed{m, leaf.Hash()})
	return true
}

// newestOf is the list in force; its Manifest is nil before the first.
func newestOf(chain []listed) (last listed) {
	if len(chain) > 0 {
		last = chain[len(chain)-1]
	}
	return last
}

// ErrOtherRecord means that an epoch has a record already, and this is another one.
var ErrOtherRecord = errors.New("this epoch has another record already")

// Epoch takes an epoch leaf. It counts when it names a list of its clinic's panel of which nobody has left since, when its
// dealer is on that list, and when as many of the list as it asks for have acknowledged it. The first that counts stays; a
// later one with other lines is given with ErrOtherRecord. Other errors wrap ErrRecord or ErrSignature.
func (p *Panels) Epoch(leaf transparency.Leaf) (*Record, error) {
	lines, dealers, acks := splitRecord(string(leaf))
	r, err := ParseRecord(lines)
	if err != nil {
		return nil, err
	}
	chain := p.chains[r.ClinicID]
	at := slices.IndexFunc(chain, func(l listed) bool { return l.hash == r.Manifest })
	if at < 0 || !stillSeated(chain[at].Manifest, newestOf(chain).Manifest) {
		return nil, fmt.Errorf("%w: it was not made for the panel as it was then", ErrRecord)
	}
	if !acknowledged(chain[at].Manifest, lines, dealers, acks) {
		return nil, ErrSignature
	}
	of := EpochOf{r.ClinicID, r.ID}
	if first, ok := p.epochs[of]; ok && first != lines {
		return r, ErrOtherRecord
	}
	if p.epochs == nil {
		p.epochs = map[EpochOf]string{}
	}
	p.epochs[of] = lines
	return r, nil
}

// acknowledged reports whether a record is signed by one dealer of a panel and by as many of it as it asks for.
func acknowledged(panel *Manifest, lines string, dealers, acks []Signature) bool {
	valid := slices.DeleteFunc(slices.Clone(acks), func(a Signature) bool { return !VerifyAck(panel, lines, a) })
	return len(dealers) == 1 && VerifyDeal(panel, lines, dealers[0]) && len(valid) >= panel.M
}

// Shredded gives the epoch that a shred leaf destroys: one of the same clinic, signed by as many of the list in force as that
// needs, and by nobody else.
func (p *Panels) Shredded(leaf transparency.Leaf) (epoch EpochOf, ok bool) {
	lines, signatures := splitSigned(string(leaf), "signature")
	r, err := ParseResolution(lines)
	if err != nil || r.Kind != KindShred {
		return EpochOf{}, false
	}
	epoch = EpochOf{r.ClinicID, r.Epochs[0]}
	if _, known := p.epochs[epoch]; !known {
		return EpochOf{}, false
	}
	return epoch, p.signed(r.ClinicID, lines, signatures) == nil
}

// LeafError says why a leaf is not one that its panel's members signed.
type LeafError struct {
	Reason string
	Signer string // whose signature it is; "" where it is not about one
}

// Reasons why a leaf is not what a panel's members signed.
const (
	LeafForm      = "form"      // not the lines of its kind, or signatures that are not sorted, each signer once
	LeafEpochless = "epochless" // about an epoch that no leaf of its clinic before it names
	LeafListless  = "listless"  // no list of its clinic stands before it
	LeafOutsider  = "outsider"  // signed by somebody who was not on the list in force there
	LeafForged    = "forged"    // a signature that is not its signer's
	LeafFew       = "few"       // fewer signatures than the list in force asks for, or than its kind needs
	LeafAgain     = "again"     // the same lines as an earlier leaf
	LeafOlder     = "older"     // a rotation proposed before the one in force
)

func (e *LeafError) Error() string {
	return map[string]string{
		LeafForm:      "its lines, or the signatures under them, are not written as those of its kind are",
		LeafEpochless: "it is about a key that no leaf before it names",
		LeafListless:  "it is of a panel that no leaf before it names",
		LeafOutsider:  "it is signed by " + e.Signer + ", who was not on the list in force there, or not the one to sign it",
		LeafForged:    "the signature under it is not that of " + e.Signer + ", whose name it carries",
		LeafFew:       "fewer members of the panel have signed it than must",
		LeafAgain:     "it says the same as a leaf before it, to make that count once more",
		LeafOlder:     "it was proposed before the decision that is in force, to bring an old one back",
	}[e.Reason]
}

// signed holds lines and the signatures under them against the list that is in force: each signature must be that of a member,
// and there must be as many as the list asks for. The error is a *LeafError.
func (p *Panels) signed(clinicID, lines string, signatures []Signature) error {
	panel := newestOf(p.chains[clinicID]).Manifest
	if panel == nil {
		return &LeafError{Reason: LeafListless}
	}
	for _, s := range signatures { // splitSigned lets no signer stand there twice
		if err := signedBy(panel, lines, s); err != nil {
			return err
		}
	}
	if len(signatures) < panel.signaturesFor(transparency.Leaf(lines).Kind()) {
		return &LeafError{Reason: LeafFew}
	}
	return nil
}

var reviewerName = regexp.MustCompile(`^r[a-z2-7]{8}$`)

// signedBy holds one signature against a list. The label of all that a panel puts into the log ends with the leaf's kind.
func signedBy(panel *Manifest, lines string, s Signature) error {
	switch {
	case !reviewerName.MatchString(s.ReviewerID):
		return &LeafError{Reason: LeafForm}
	case panel.Member(s.ReviewerID) == nil:
		return &LeafError{LeafOutsider, s.ReviewerID}
	case !VerifyDecision(panel, lines, s):
		return &LeafError{LeafForged, s.ReviewerID}
	}
	return nil
}

// once refuses what stands in the log already. key names it among its kind.
func (p *Panels) once(key [32]byte) error {
	if p.said == nil {
		p.said = map[[32]byte]bool{}
	}
	if p.said[key] {
		return &LeafError{Reason: LeafAgain}
	}
	p.said[key] = true
	return nil
}

// Decided checks a leaf of a decision: a revocation, charter, rotation, or that a form may open without a list. The error is a
// *LeafError.
func (p *Panels) Decided(leaf transparency.Leaf) error {
	lines, signatures := splitSigned(string(leaf), "signature")
	r, err := ParseResolution(lines)
	if err != nil {
		return &LeafError{Reason: LeafForm}
	}
	if err := p.Signed(r.ClinicID, lines, signatures); err != nil || r.Kind != KindRotation {
		return err
	}
	if r.Day.Before(p.rotated[r.ClinicID]) {
		return &LeafError{Reason: LeafOlder}
	}
	if p.rotated == nil {
		p.rotated = map[string]time.Time{}
	}
	p.rotated[r.ClinicID] = r.Day
	return nil
}

// Signed checks the lines of a leaf of a clinic's panel, whose form the caller knows, and the signatures under them: they are
// signed under the label that ends with the kind. The same lines count once. The error is a *LeafError.
func (p *Panels) Signed(clinicID, lines string, signatures []Signature) error {
	if err := p.signed(clinicID, lines, signatures); err != nil {
		return err
	}
	return p.once(sha256.Sum256([]byte(lines)))
}

// Own is one member's signature over a text of their own, of which whoever calls knows whether a key's holder signed it.
type Own struct {
	ReviewerID string
	Holds      func(ed25519.PublicKey) bool
}

// SignedEach checks signatures of members of a clinic's panel, each over a text of its own: all must hold, and there must be so
// many. key names what they are about; that counts once. The error is a *LeafError.
func (p *Panels) SignedEach(clinicID string, needed int, by []Own, key [32]byte) error {
	panel := newestOf(p.chains[clinicID]).Manifest
	if panel == nil {
		return &LeafError{Reason: LeafListless}
	}
	for _, s := range by {
		m := panel.Member(s.ReviewerID)
		if m == nil {
			return &LeafError{LeafOutsider, s.ReviewerID}
		}
		if !s.Holds(m.VerifyKey) {
			return &LeafError{LeafForged, s.ReviewerID}
		}
	}
	if len(by) < needed {
		return &LeafError{Reason: LeafFew}
	}
	return p.once(key)
}

// Asked checks the leaf of a request to open an epoch: the member who asks, and nobody else, signed it. The error is a
// *LeafError.
func (p *Panels) Asked(leaf transparency.Leaf) error {
	lines, signatures := splitSigned(string(leaf), "signature")
	r, err := ParseOpeningRequest(lines)
	if err != nil {
		return &LeafError{Reason: LeafForm}
	}
	panel := newestOf(p.chains[r.ClinicID]).Manifest
	if panel == nil {
		return &LeafError{Reason: LeafListless}
	}
	if _, known := p.epochs[EpochOf{r.ClinicID, r.EpochID}]; !known {
		return &LeafError{Reason: LeafEpochless}
	}
	if len(signatures) == 0 {
		return &LeafError{Reason: LeafFew}
	}
	for _, s := range signatures {
		if err := signedBy(panel, lines, s); err != nil {
			return err
		}
		if s.ReviewerID != r.Requester {
			return &LeafError{LeafOutsider, s.ReviewerID}
		}
	}
	return p.once(sha256.Sum256([]byte(lines)))
}

// Acted checks the leaf of an act: its reviewer signed it, and is on a list in force of some panel, or was since the batch
// before: an act waits for its batch, and its reviewer may leave meanwhile. Of which panel it is, the leaf does not say. The
// error is a *LeafError.
func (p *Panels) Acted(leaf transparency.Leaf) error {
	a, err := transparency.ParseAction(leaf)
	if err != nil {
		return &LeafError{Reason: LeafForm}
	}
	seats := p.seats(a.ReviewerID)
	if len(seats) == 0 {
		return &LeafError{LeafOutsider, a.ReviewerID}
	}
	if !slices.ContainsFunc(seats, func(m Member) bool { return a.Verify(m.VerifyKey) }) {
		return &LeafError{LeafForged, a.ReviewerID}
	}
	return p.once(a.Tag)
}

// seats are those of a reviewer on the lists in force, and those left since the batch before.
func (p *Panels) seats(id string) (seats []Member) {
	for _, chain := range p.chains {
		if m := newestOf(chain).Member(id); m != nil {
			seats = append(seats, *m)
		}
	}
	for _, m := range p.left {
		if m.ID == id {
			seats = append(seats, m)
		}
	}
	return seats
}

// Place tells of every leaf's kind, before what it says is looked at: the first leaf of another kind after a batch ends the
// time in which the acts of those who left meanwhile still come.
func (p *Panels) Place(kind string) {
	switch batched := transparency.Batched(kind); {
	case batched:
		p.inBatch = true
	case p.inBatch:
		p.inBatch, p.left = false, nil
	}
}

package keyring

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"

	"answerable/internal/account"
	"answerable/internal/transparency"
)

const labelPanel = "answerable/v1/panel"

// maxReviewers bounds a panel, so that its manifest and an epoch's acks fit a leaf.
const maxReviewers = 20

// Manifest says who sits on a clinic's panel and how many of them must sign. Manifests form a chain: each names the
// leaf of the one before, and is signed by M of the old panel and M of the new one.
type Manifest struct {
	ClinicID  string
	Version   int
	Previous  *[32]byte // leaf hash of the manifest before; nil for version 1
	M         int       // signatures needed
	Reviewers []Member  // sorted by ID
}

// Member is a reviewer in a manifest.
type Member struct {
	ID        string
	Recipient string
	VerifyKey ed25519.PublicKey
}

// Lines is the text that is signed and logged, each line ended by a newline.
func (m *Manifest) Lines() string {
	previous := "-"
	if m.Previous != nil {
		previous = base64.StdEncoding.EncodeToString(m.Previous[:])
	}
	lines := []string{m.ClinicID, strconv.Itoa(m.Version), previous, strconv.Itoa(m.M)}
	for _, r := range m.Reviewers {
		lines = append(lines, r.ID+" "+r.Recipient+" "+base64.StdEncoding.EncodeToString(r.VerifyKey))
	}
	return string(transparency.NewLeaf(transparency.KindPanel, lines...))
}

// ErrManifest means that lines or signatures are not a panel's manifest.
var ErrManifest = errors.New("this is not a valid panel manifest")

// ParseManifest reads exactly what Lines writes. Errors wrap ErrManifest.
func ParseManifest(text string) (*Manifest, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 7 || transparency.Leaf(text).Kind() != transparency.KindPanel {
		return nil, fmt.Errorf("%w: too few lines", ErrManifest)
	}
	m := &Manifest{ClinicID: lines[2]}
	m.Version, _ = strconv.Atoi(lines[3])
	m.M, _ = strconv.Atoi(lines[5])
	if lines[4] != "-" {
		hash, err := parseHash(lines[4])
		if err != nil {
			return nil, fmt.Errorf("%w: the leaf before does not read", ErrManifest)
		}
		m.Previous = &hash
	}
	for _, line := range lines[6:] {
		r, err := parseMember(line)
		if err != nil {
			return nil, err
		}
		m.Reviewers = append(m.Reviewers, *r)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	if m.Lines() != text {
		return nil, fmt.Errorf("%w: not written as we write it", ErrManifest)
	}
	return m, nil
}

func parseHash(s string) ([32]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 32 {
		return [32]byte{}, errors.New("not 32 bytes in base64")
	}
	return [32]byte(b), nil
}

func parseSignature(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != ed25519.SignatureSize {
		return nil, errors.New("not a signature in base64")
	}
	return b, nil
}

func parseMember(line string) (*Member, error) {
	fields := strings.Split(line, " ")
	if len(fields) != 3 {
		return nil, fmt.Errorf("%w: a reviewer's line does not read", ErrManifest)
	}
	key, err := parseHash(fields[2])
	if err != nil {
		return nil, fmt.Errorf("%w: a reviewer's key does not read", ErrManifest)
	}
	return &Member{ID: fields[0], Recipient: fields[1], VerifyKey: key[:]}, nil
}

func (m *Manifest) check() error {
	if m.Version < 1 || (m.Version == 1) != (m.Previous == nil) {
		return fmt.Errorf("%w: the version does not fit its place in the chain", ErrManifest)
	}
	if len(m.Reviewers) < 1 || len(m.Reviewers) > maxReviewers || m.M < 1 || m.M > len(m.Reviewers) {
		return fmt.Errorf("%w: %d signatures of %d reviewers cannot be", ErrManifest, m.M, len(m.Reviewers))
	}
	for i, r := range m.Reviewers {
		if i > 0 && m.Reviewers[i-1].ID >= r.ID {
			return fmt.Errorf("%w: reviewers are not sorted", ErrManifest)
		}
		if r.ID != account.ReviewerID(r.VerifyKey) {
			return fmt.Errorf("%w: a reviewer's id is not that of the key", ErrManifest)
		}
		if _, err := age.ParseHybridRecipient(r.Recipient); err != nil {
			return fmt.Errorf("%w: a reviewer's recipient is not an age1pq1 key", ErrManifest)
		}
	}
	return nil
}

// members of a manifest; none before the first.
func (m *Manifest) members() []Member {
	if m == nil {
		return nil
	}
	return m.Reviewers
}

// Member finds a reviewer by id; nil when they are not on this panel.
func (m *Manifest) Member(id string) *Member {
	i := slices.IndexFunc(m.Reviewers, func(r Member) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &m.Reviewers[i]
}

// Signature is a reviewer's Ed25519 signature.
type Signature struct {
	ReviewerID string
	Signature  []byte
}

// SignManifest signs a manifest's lines as a member of the panel.
func SignManifest(key ed25519.PrivateKey, lines string) []byte {
	return signLines(key, labelPanel, lines)
}

func signLines(key ed25519.PrivateKey, label, lines string) []byte {
	return ed25519.Sign(key, []byte(label+"\n"+lines))
}

func verifyLines(key ed25519.PublicKey, label, lines string, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, []byte(label+"\n"+lines), signature)
}

// Complete reports whether signatures suffice to put m in the place of old (nil for version 1). The first manifest is
// signed by everyone on it; a later one by M of the old panel and M of the new, and by everybody who is new on it: an id
// binds a member's signing key only, so nobody else may say which recipient belongs to it.
func (m *Manifest) Complete(old *Manifest, signatures []Signature) bool {
	if old == nil {
		return m.Version == 1 && m.countValid(m, signatures) == len(m.Reviewers)
	}
	if m.Version != old.Version+1 || m.ClinicID != old.ClinicID || !m.Keeps(old) {
		return false
	}
	for _, r := range m.Reviewers {
		if old.Member(r.ID) == nil && !m.signed(r, signatures) {
			return false
		}
	}
	return old.countValid(m, signatures) >= old.M && m.countValid(m, signatures) >= m.M
}

// Keeps reports whether every member of old who is on m has the same keys there. Whoever changes a key leaves and comes
// again.
func (m *Manifest) Keeps(old *Manifest) bool {
	return !slices.ContainsFunc(m.Reviewers, func(r Member) bool {
		before := old.Member(r.ID)
		return before != nil && (before.Recipient != r.Recipient || !before.VerifyKey.Equal(r.VerifyKey))
	})
}

// signed reports whether a member of m is among those who signed it.
func (m *Manifest) signed(r Member, signatures []Signature) bool {
	lines := m.Lines()
	return slices.ContainsFunc(signatures, func(s Signature) bool {
		return s.ReviewerID == r.ID && verifyLines(r.VerifyKey, labelPanel, lines, s.Signature)
	})
}

// countValid counts the members of panel who validly signed signed's lines.
func (m *Manifest) countValid(signed *Manifest, signatures []Signature) int {
	lines := signed.Lines()
	valid := map[string]bool{}
	for _, s := range signatures {
		if r := m.Member(s.ReviewerID); r != nil && verifyLines(r.VerifyKey, labelPanel, lines, s.Signature) {
			valid[r.ID] = true
		}
	}
	return len(valid)
}

// Leaf is the manifest with its signatures, sorted by reviewer, as it enters the log.
func (m *Manifest) Leaf(signatures []Signature) transparency.Leaf {
	return transparency.Leaf(m.Lines() + signatureLines("signature", signatures))
}

func signatureLines(word string, signatures []Signature) string {
	sorted := slices.SortedFunc(slices.Values(signatures), func(a, b Signature) int { return strings.Compare(a.ReviewerID, b.ReviewerID) })
	var b strings.Builder
	for _, s := range sorted {
		fmt.Fprintf(&b, "%s %s %s\n", word, s.ReviewerID, base64.StdEncoding.EncodeToString(s.Signature))
	}
	return b.String()
}

// Fingerprint is the first 100 bits of SHA-256 of version 1's lines, as 20 base32 characters in groups of four. It stays
// the same while reviewers and epochs change, so it can stand on a poster.
func Fingerprint(firstLines string) string {
	hash := sha256.Sum256([]byte(firstLines))
	s := base32.StdEncoding.EncodeToString(hash[:])[:20]
	return strings.Join([]string{s[0:4], s[4:8], s[8:12], s[12:16], s[16:20]}, "-")
}

package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
)

// Share is one reviewer's part of an epoch's identity. k of them give the identity, fewer tell nothing about it.
type Share [secretSize + 1]byte

// String keeps a share out of logs and messages.
func (Share) String() string { return "[redacted]" }

// GoString keeps a share out of %#v.
func (Share) GoString() string { return "[redacted]" }

// LogValue keeps a share out of structured logs.
func (Share) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Hash names a share without telling it: a share is as random as a key.
func (s Share) Hash() [32]byte { return sha256.Sum256(s[:]) }

// Quorum is what an epoch's record says about opening it together.
type Quorum struct {
	Epoch     string
	Recipient string // the key that people seal to
	K, N      int
	Shares    [32]byte // see HashShares
}

// HashShares binds a record to its shares: SHA-256 of the SHA-256 sums of all of them, joined in the order of the
// reviewers in the manifest. The shares themselves cannot be guessed from it.
func HashShares(hashes [][32]byte) [32]byte {
	h := sha256.New()
	for _, one := range hashes {
		h.Write(one[:])
	}
	return [32]byte(h.Sum(nil))
}

// EpochShare is what a reviewer's wrap of an epoch that is opened together holds.
type EpochShare struct {
	Share  Share
	Hashes [][32]byte // of all shares, in the order of the reviewers in the manifest
}

// epochShare is the plaintext of such a wrap, and of an answer to a request to open.
type epochShare struct {
	V      int      `json:"v"`
	T      string   `json:"t"`
	Epoch  string   `json:"epoch"`
	K      int      `json:"k"`
	N      int      `json:"n"`
	Share  string   `json:"share"`        // base64
	Hashes []string `json:"share_hashes"` // base64url
}

// WrapEpochShares splits an epoch's identity for its reviewers, k of whom are then needed to open it, and seals each
// share in a file of its own. reviewers are their recipients in the order of the manifest; the files come in that order.
// shares is what the record has to say of them. 2 <= k <= len(reviewers).
func WrapEpochShares(epoch string, identity *age.HybridIdentity, reviewers []string, k int) (files [][]byte, shares [32]byte, err error) {
	seed, err := IdentitySeed(identity)
	if err != nil {
		return nil, shares, err
	}
	defer clear(seed[:])
	parts, err := split(&seed, len(reviewers), k)
	if err != nil {
		return nil, shares, fmt.Errorf("split epoch key for %d of %d: %w", k, len(reviewers), err)
	}
	defer clear(parts)
	q := Quorum{Epoch: epoch, K: k, N: len(reviewers)}
	hashes := make([][32]byte, len(parts))
	for i, part := range parts {
		hashes[i] = part.Hash()
	}
	for i, reviewer := range reviewers {
		file, err := SealEpochShare(&q, &EpochShare{parts[i], hashes}, reviewer)
		if err != nil {
			return nil, shares, err
		}
		files = append(files, file)
	}
	return files, HashShares(hashes), nil
}

// SealEpochShare seals a share to one recipient: a reviewer when the epoch is dealt, and the key of a request when a
// colleague is answered.
func SealEpochShare(q *Quorum, s *EpochShare, recipient string) ([]byte, error) {
	p := epochShare{V: 1, T: "epoch-share", Epoch: q.Epoch, K: q.K, N: q.N, Share: base64.StdEncoding.EncodeToString(s.Share[:])}
	for _, h := range s.Hashes {
		p.Hashes = append(p.Hashes, base64.RawURLEncoding.EncodeToString(h[:]))
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("seal share: %w", err)
	}
	defer clear(plain)
	file, err := encryptTo(recipient, plain)
	if err != nil {
		return nil, fmt.Errorf("seal share: %w", err)
	}
	return file, nil
}

// ErrShare means that a share is not the one that the dealer made for this reviewer.
var ErrShare = errors.New("this part is not the one that was dealt")

// OpenEpochShare opens a share and holds it against the epoch's record: all hashes must be those that the dealer signed,
// and the share must be the at-th of them, which is the reviewer's place in the manifest. Errors wrap ErrWrap when the
// file is no share of this epoch, and ErrShare as well when it is one and yet not this reviewer's.
func OpenEpochShare(file []byte, mine age.Identity, q *Quorum, at int) (*EpochShare, error) {
	if len(file) > maxWrap {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrWrap, len(file))
	}
	plain, err := decrypt(file, mine)
	if err != nil {
		return nil, fmt.Errorf("%w: it does not open with this identity", ErrWrap)
	}
	defer clear(plain)
	s, err := parseEpochShare(plain, q)
	if err != nil {
		return nil, err
	}
	if HashShares(s.Hashes) != q.Shares {
		return nil, fmt.Errorf("%w: its list of parts is not the one in the record", ErrWrap)
	}
	if at < 0 || at >= len(s.Hashes) || s.Share.Hash() != s.Hashes[at] {
		return nil, fmt.Errorf("%w: %w: its hash is %s", ErrWrap, ErrShare, shortHash(s.Share.Hash()))
	}
	return s, nil
}

// parseEpochShare reads the plaintext of a share and compares what it says of itself with the record.
func parseEpochShare(plain []byte, q *Quorum) (*EpochShare, error) {
	var p epochShare
	if err := json.Unmarshal(plain, &p, json.RejectUnknownMembers(true)); err != nil || p.V != 1 || p.T != "epoch-share" {
		return nil, fmt.Errorf("%w: its content is not a part of an epoch key", ErrWrap)
	}
	if p.Epoch != q.Epoch || p.K != q.K || p.N != q.N || len(p.Hashes) != q.N {
		return nil, fmt.Errorf("%w: epoch or numbers differ from the record", ErrWrap)
	}
	var s EpochShare
	if !decodeExactly(base64.StdEncoding.Strict(), s.Share[:], p.Share) || s.Share[secretSize] == 0 {
		return nil, fmt.Errorf("%w: the part inside does not read", ErrWrap)
	}
	s.Hashes = make([][32]byte, len(p.Hashes))
	for i, text := range p.Hashes {
		if !decodeExactly(base64.RawURLEncoding.Strict(), s.Hashes[i][:], text) {
			return nil, fmt.Errorf("%w: its list of parts does not read", ErrWrap)
		}
	}
	return &s, nil
}

// decodeExactly fills to from base64 of exactly its length. A line break inside, which the decoder would skip, is refused.
func decodeExactly(encoding *base64.Encoding, to []byte, text string) bool {
	raw, err := encoding.DecodeString(text)
	return err == nil && len(raw) == len(to) && encoding.EncodeToString(raw) == text && copy(to, raw) == len(to)
}

// shortHash is enough of a hash to compare by eye.
func shortHash(h [32]byte) string { return base64.RawURLEncoding.EncodeToString(h[:])[:12] }

// MissingSharesError says how many more shares it takes.
type MissingSharesError struct{ Have, Need int }

func (e *MissingSharesError) Error() string {
	return fmt.Sprintf("%d of the %d parts that open this epoch are here", e.Have, e.Need)
}

// ErrDealt means that all shares are those that the dealer made, and that they do not give the epoch's key all the same:
// the dealer made them wrongly, and nobody can open this epoch.
var ErrDealt = errors.New("the parts are those that were dealt, and together they do not give the key of this epoch")

// CombineShares gives an epoch's identity from k different shares that OpenEpochShare has passed, and compares its
// recipient with the one that people seal to. Errors: *MissingSharesError, ErrDealt.
func CombineShares(q *Quorum, shares []Share) (*age.HybridIdentity, error) {
	var different []Share
	for _, s := range shares {
		if !slices.Contains(different, s) {
			different = append(different, s)
		}
	}
	defer clear(different)
	if len(different) < q.K {
		return nil, &MissingSharesError{Have: len(different), Need: q.K}
	}
	seed, err := combine(different[:q.K])
	if err != nil {
		return nil, ErrDealt
	}
	defer clear(seed[:])
	identity, err := IdentityFromSeed(seed)
	if err != nil || identity.Recipient().String() != q.Recipient {
		return nil, ErrDealt
	}
	return identity, nil
}

package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
)

// epochKey is what a wrap holds: an epoch's identity, for one reviewer.
type epochKey struct {
	V               int    `json:"v"`
	T               string `json:"t"`
	Epoch           string `json:"epoch"`
	RecipientSHA256 string `json:"recipient_sha256"` // base64url of SHA-256 of the recipient string
	Identity        string `json:"identity"`
}

// maxWrap bounds a wrap in bytes; an epoch-key wrap has 1858.
const maxWrap = 4096

// WrapEpochKey seals an epoch's identity for one reviewer. Every reviewer gets a file of their own, so that no file
// tells how many there are.
func WrapEpochKey(epoch string, identity *age.HybridIdentity, reviewer string) ([]byte, error) {
	plain, err := json.Marshal(epochKey{
		V: 1, T: "epoch-key", Epoch: epoch, RecipientSHA256: recipientHash(identity), Identity: identity.String(),
	})
	if err != nil {
		return nil, fmt.Errorf("wrap epoch key: %w", err)
	}
	defer clear(plain)
	file, err := encryptTo(reviewer, plain)
	if err != nil {
		return nil, fmt.Errorf("wrap epoch key: %w", err)
	}
	return file, nil
}

// ErrWrap means that a wrap does not hold the key it should. The reviewer must not acknowledge that epoch.
var ErrWrap = errors.New("this wrap does not hold the key of this epoch")

// OpenEpochKey opens a reviewer's wrap and recomputes the recipient, so that a wrap with a different key than the one
// people seal to is found out. Errors wrap ErrWrap.
func OpenEpochKey(file []byte, mine age.Identity, epoch, recipient string) (*age.HybridIdentity, error) {
	if len(file) > maxWrap {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrWrap, len(file))
	}
	plain, err := decrypt(file, mine)
	if err != nil {
		return nil, fmt.Errorf("%w: it does not open with this identity", ErrWrap)
	}
	defer clear(plain)
	var k epochKey
	if err := json.Unmarshal(plain, &k, json.RejectUnknownMembers(true)); err != nil || k.V != 1 || k.T != "epoch-key" {
		return nil, fmt.Errorf("%w: its content is not an epoch key", ErrWrap)
	}
	identity, err := age.ParseHybridIdentity(k.Identity)
	if err != nil || k.Epoch != epoch || identity.Recipient().String() != recipient || k.RecipientSHA256 != recipientHash(identity) {
		return nil, fmt.Errorf("%w: epoch or recipient differ", ErrWrap)
	}
	return identity, nil
}

func recipientHash(identity *age.HybridIdentity) string {
	h := sha256.Sum256([]byte(identity.Recipient().String()))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

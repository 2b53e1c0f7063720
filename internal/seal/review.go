package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"

	"filippo.io/age"
)

// SealReview seals the padded plaintext of a review file, which has the size of a small message.
func SealReview(padded []byte, recipient string) ([]byte, error) {
	return sealPadded(padded, recipient)
}

// OpenReview opens a sealed review file; what is inside is for package coding to read. Errors: *ShapeError, ErrWillNotOpen.
func OpenReview(file []byte, identity age.Identity) ([]byte, error) {
	if err := CheckShape(file); err != nil {
		return nil, err
	}
	padded, err := decrypt(file, identity)
	if err != nil {
		return nil, ErrWillNotOpen
	}
	return padded, nil
}

const labelCoverActions = "answerable/v1/decoy-actions"

// CoverActions is the key that tags the acts about a message which brought none: a decoy, junk, or one sealed by hand. Every
// member of the panel works out the same from the epoch's key, and nobody else can. leafHash is the message's.
func CoverActions(epoch *age.HybridIdentity, leafHash [32]byte) ([32]byte, error) {
	seed, err := IdentitySeed(epoch)
	if err != nil {
		return seed, err
	}
	info := labelCoverActions + "\n" + base64.RawURLEncoding.EncodeToString(leafHash[:])
	key, err := hkdf.Key(sha256.New, seed[:], nil, info, 32)
	if err != nil {
		return seed, err
	}
	return [32]byte(key), nil
}

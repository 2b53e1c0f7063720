package export_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// identityOf is an age identity that is the same in every run.
func identityOf(t testing.TB, n byte) *age.HybridIdentity {
	t.Helper()
	seed, err := hkdf.Key(sha256.New, []byte{n}, nil, "test", 32)
	if err != nil {
		t.Fatal(err)
	}
	id, err := seal.IdentityFromSeed([32]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sortMembers(list []keyring.Member) {
	slices.SortFunc(list, func(a, b keyring.Member) int { return strings.Compare(a.ID, b.ID) })
}

package seal

import (
	"encoding/base64"
	"os"
	"testing"

	"github.com/go-json-experiment/json"
)

// TestCoverActionsVector holds the key of acts that cover to the file that the browser's tests read too.
func TestCoverActionsVector(t *testing.T) {
	file, err := os.ReadFile("testdata/vectors/cover.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Seed, Leaf, Key string }
	if err := json.Unmarshal(file, &v, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding
	seed, err := b64.DecodeString(v.Seed)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := b64.DecodeString(v.Leaf)
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := IdentityFromSeed([32]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	key, err := CoverActions(epoch, [32]byte(leaf))
	if err != nil {
		t.Fatal(err)
	}
	if got := b64.EncodeToString(key[:]); got != v.Key {
		t.Errorf("the key is %s, want %s", got, v.Key)
	}
}

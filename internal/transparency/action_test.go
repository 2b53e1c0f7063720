package transparency

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// actionVectors bind the two languages.
type actionVectors struct {
	Comment string          `json:"comment"`
	Seed    string          `json:"seed"`       // hex, of the Ed25519 key that signs
	Key     string          `json:"verify_key"` // hex
	Tags    []tagVector     `json:"tags"`
	Leaves  []actionVector  `json:"leaves"`
	Refuse  []refusedVector `json:"refuse"`
	Forged  []refusedVector `json:"forged"` // well-formed, and the signature does not hold
}

type tagVector struct {
	Key  string `json:"key"` // hex
	Code string `json:"code"`
	N    int    `json:"n"`
	Tag  string `json:"tag"` // hex
}

type actionVector struct {
	Tag      string `json:"tag"` // hex
	Code     string `json:"code"`
	Outcome  string `json:"outcome"`
	Day      string `json:"day"`
	Reviewer string `json:"reviewer"`
	Text     string `json:"text"`
}

type refusedVector struct {
	Comment string `json:"comment"`
	Text    string `json:"text"`
}

func actionKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

func signedAction(code, outcome string, n int, day time.Time) *Action {
	key := actionKey()
	a := &Action{
		Tag: ActionTag([32]byte(bytes.Repeat([]byte{9}, 32)), code, n), Code: code, Outcome: outcome, Day: day,
		ReviewerID: reviewerIDOf(key.Public().(ed25519.PublicKey)),
	}
	a.Sign(key)
	return a
}

var actionDay = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) // a Monday

func newActionVectors() actionVectors {
	key := actionKey()
	v := actionVectors{
		Comment: "tag = SHA-256(\"answerable/v1/action-tag\\n\" and key and code and n). Signed are \"answerable/v1/action\\n\" and the leaf without its last line.",
		Seed:    hex.EncodeToString(key.Seed()), Key: hex.EncodeToString(key.Public().(ed25519.PublicKey)),
	}
	for i, code := range ActCodes {
		actions := [32]byte(bytes.Repeat([]byte{byte(i)}, 32))
		for _, n := range []int{0, 1, 12} {
			tag := ActionTag(actions, code, n)
			v.Tags = append(v.Tags, tagVector{hex.EncodeToString(actions[:]), code, n, hex.EncodeToString(tag[:])})
		}
		outcome := []string{"", "changed_rule", ""}[i%3]
		a := signedAction(code, outcome, i, actionDay)
		v.Leaves = append(v.Leaves, actionVector{hex.EncodeToString(a.Tag[:]), code, outcome, a.Day.Format(time.DateOnly), a.ReviewerID, string(a.Leaf())})
	}
	good := string(signedAction(ActActed, "", 0, actionDay).Leaf())
	refuse := func(comment, old, new string) {
		v.Refuse = append(v.Refuse, refusedVector{comment, strings.Replace(good, old, new, 1)})
	}
	refuse("another kind", "\naction\n", "\nactions\n")
	refuse("a code that is none", "\nacted\n", "\ndone\n")
	refuse("an empty outcome", "\n-\n", "\n\n")
	refuse("words as an outcome", "\n-\n", "\nWe spoke to them\n")
	refuse("a day that is none", "2026-11-23", "2026-11-31")
	refuse("a day with an hour", "2026-11-23", "2026-11-23 10:00")
	refuse("no reviewer", "23\nr", "23\nx")
	refuse("a line more", "\n-\n", "\n-\n-\n")
	refuse("no last line feed", "==\n", "==")
	refuse("a tag that is too short", good[27:35], "")
	v.Refuse = append(v.Refuse,
		refusedVector{"a contact on its very day", string(signedAction(ActContacted, "", 0, actionDay.AddDate(0, 0, 1)).Leaf())},
		refusedVector{"what the clinic was told on its very day", string(signedAction(ActActed, "", 0, actionDay.AddDate(0, 0, 1)).Leaf())},
		refusedVector{"nothing", ""})
	forge := func(comment string, change func(a *Action)) {
		a := signedAction(ActActed, "", 0, actionDay)
		change(a)
		v.Forged = append(v.Forged, refusedVector{comment, string(a.Leaf())})
	}
	forge("another code", func(a *Action) { a.Code = ActClosed })
	forge("another outcome", func(a *Action) { a.Outcome = "apology" })
	forge("another day", func(a *Action) { a.Day = a.Day.AddDate(0, 0, 7) })
	forge("another tag", func(a *Action) { a.Tag[0] ^= 1 })
	forge("another reviewer's name", func(a *Action) { a.ReviewerID = "raaaaaaaa" })
	forge("another signature", func(a *Action) { a.Signature[10] ^= 1 })
	return v
}

func TestActionVectors(t *testing.T) {
	path := filepath.Join("testdata", "action.json")
	want, err := json.MarshalIndent(newActionVectors(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the vectors are not what this code makes, %v", err)
	}
}

func TestAnActIsReadBackAsItWasSigned(t *testing.T) {
	v := newActionVectors()
	key := actionKey().Public().(ed25519.PublicKey)
	for _, leaf := range v.Leaves {
		a, err := ParseAction(Leaf(leaf.Text))
		if err != nil || string(a.Leaf()) != leaf.Text || !a.Verify(key) {
			t.Errorf("%q is read as %+v, %v", leaf.Text, a, err)
		}
	}
	for _, bad := range v.Refuse {
		if a, err := ParseAction(Leaf(bad.Text)); !errors.Is(err, ErrLeaf) {
			t.Errorf("%s is read as %+v, %v", bad.Comment, a, err)
		}
	}
	for _, bad := range v.Forged {
		if a, err := ParseAction(Leaf(bad.Text)); err != nil || a.Verify(key) {
			t.Errorf("%s: the signature holds, or %v", bad.Comment, err)
		}
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	a := signedAction(ActActed, "", 0, actionDay)
	a.Sign(other)
	if a.Verify(other.Public().(ed25519.PublicKey)) || a.Verify(nil) {
		t.Error("a reviewer signs in another's name")
	}
}

// Two acts of one message have tags that nobody but the holder of its key can link.
func TestTagsDifferByKeyCodeAndNumber(t *testing.T) {
	seen := map[[32]byte]bool{}
	for key := range 3 {
		for _, code := range ActCodes {
			for n := range 12 {
				seen[ActionTag([32]byte{byte(key)}, code, n)] = true
			}
		}
	}
	if want := 3 * len(ActCodes) * 12; len(seen) != want {
		t.Errorf("%d tags of %d", len(seen), want)
	}
}

func TestAContactIsDatedToItsWeek(t *testing.T) {
	for day := range 7 {
		if got := WeekOf(actionDay.AddDate(0, 0, day)); !got.Equal(actionDay) {
			t.Errorf("day %d of the week goes to %v", day, got)
		}
	}
}

func FuzzParseAction(f *testing.F) {
	v := newActionVectors()
	for _, leaf := range v.Leaves {
		f.Add([]byte(leaf.Text))
	}
	for _, bad := range v.Refuse {
		f.Add([]byte(bad.Text))
	}
	key := actionKey().Public().(ed25519.PublicKey)
	good := base64.StdEncoding.EncodeToString(signedAction(ActActed, "", 0, actionDay).Signature)
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := ParseAction(text)
		if err != nil {
			return
		}
		if !bytes.Equal(a.Leaf(), text) {
			t.Errorf("%q is read as %+v", text, a)
		}
		if a.Verify(key) && !bytes.Contains(text, []byte(good)) && !knownLeaf(v, text) {
			t.Errorf("%q is signed by nobody and verifies", text)
		}
	})
}

func knownLeaf(v actionVectors, text []byte) bool {
	for _, leaf := range v.Leaves {
		if leaf.Text == string(text) {
			return true
		}
	}
	return false
}

package promise_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"answerable/internal/account"
	"answerable/internal/promise"
	"answerable/internal/transparency"
)

var update = flag.Bool("update", false, "write the vectors anew")

// TestJudgementLinesAreThoseOfTheVectors holds both languages to the same bytes under a member's signature.
func TestJudgementLinesAreThoseOfTheVectors(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	p := &promise.Promise{
		ID: "6f9a1c3e-0000-4000-8000-000000000002", ClinicID: "6f9a1c3e-0000-4000-8000-000000000001",
		What: "The door stays open – from 7 to 22.\nOn Sundays too.", Who: "ward manager", How: "Anybody can try it.", DueOn: day("2026-12-24"),
	}
	leaf := decidedLeaf(p)
	v := map[string]any{
		"comment": "A member's word on a promise, with the key of a seed of 32 bytes 7, and the leaf in which the members with the seeds 7 and 8 decided a round. " +
			"Catches a signature or a leaf that one language makes and the other refuses, and leaves that neither may read. " +
			"Written by go test ./internal/promise -run Vectors -update.",
		"clinic": p.ClinicID, "promise": p.ID, "what": p.What, "who": p.Who, "how": p.How, "first_due": "2026-12-24", "round": 12, "verdict": promise.Partly, "day": "2027-01-02",
		"lines": p.Lines(12, promise.Partly, day("2027-01-02")), "signature": p.Sign(key, 12, promise.Partly, day("2027-01-02")),
		"leaf": leaf, "not_leaves": badLeaves(leaf),
	}
	want, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/judgement.json"
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what is signed now, %v", path, err)
	}
	if !p.Verify(key.Public().(ed25519.PublicKey), 12, promise.Partly, day("2027-01-02"), v["signature"].([]byte)) {
		t.Error("the signature does not hold")
	}
}

// seeds are those of the two members in the leaf.
var seeds = []byte{7, 8}

// decidedLeaf is a round that two members decided, who signed on different days.
func decidedLeaf(p *promise.Promise) string {
	d := &promise.Decided{ClinicID: p.ClinicID, PromiseID: p.ID, TextHash: p.TextHash(), Round: 12, Verdict: promise.Partly}
	for i, seed := range seeds {
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
		on := day("2027-01-02").AddDate(0, 0, i)
		d.By = append(d.By, promise.Said{ReviewerID: account.ReviewerID(key.Public().(ed25519.PublicKey)), Day: on, Signature: p.Sign(key, 12, promise.Partly, on)})
	}
	slices.SortFunc(d.By, func(a, b promise.Said) int { return strings.Compare(a.ReviewerID, b.ReviewerID) })
	return string(d.Leaf())
}

// badLeaves are near a leaf, and none.
func badLeaves(leaf string) map[string]string {
	lines := strings.Split(leaf, "\n") // the two signatures are its last lines but one
	return map[string]string{
		"another kind":         strings.Replace(leaf, "\njudgement\n", "\nrelease\n", 1),
		"no last line feed":    strings.TrimSuffix(leaf, "\n"),
		"a line too many":      leaf + "\n",
		"a verdict of its own": strings.Replace(leaf, "\npartly\n", "\ngreat\n", 1),
		"a round with a zero":  strings.Replace(leaf, "\n12\n", "\n012\n", 1),
		"a round below zero":   strings.Replace(leaf, "\n12\n", "\n-1\n", 1),
		"a round too far":      strings.Replace(leaf, "\n12\n", "\n1000000000\n", 1),
		"a hash too short":     strings.Replace(leaf, lines[4], "AAAA", 1),
		"a name that is none":  strings.Replace(leaf, lines[3], "promise", 1),
		"a day that is none":   strings.Replace(leaf, " 2027-01-02 ", " 2027-02-30 ", 1),
		"signed twice":         leaf + lines[8] + "\n",
		"not sorted":           strings.Join(append(slices.Clone(lines[:7]), lines[8], lines[7], ""), "\n"),
		"a word too many":      strings.TrimSuffix(leaf, "\n") + " x\n",
		"another word":         strings.Replace(leaf, "\nsignature ", "\nack ", 1),
	}
}

// TestWhatDecidedAPromiseIsReadBackAsItWasWritten reads a leaf of the log, and nothing that is near one.
func TestWhatDecidedAPromiseIsReadBackAsItWasWritten(t *testing.T) {
	p := &promise.Promise{ID: "6f9a1c3e-0000-4000-8000-000000000002", ClinicID: "6f9a1c3e-0000-4000-8000-000000000001", What: "a", Who: "b", How: "c", DueOn: day("2026-12-24")}
	leaf := decidedLeaf(p)
	d, err := promise.ParseDecided(transparency.Leaf(leaf))
	if err != nil || string(d.Leaf()) != leaf || len(d.By) != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, s := range d.By {
		held := 0
		for _, seed := range seeds {
			if d.Verify(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)).Public().(ed25519.PublicKey), s) {
				held++
			}
		}
		if held != 1 || d.Verify(nil, s) {
			t.Errorf("%s: %d keys hold", s.ReviewerID, held)
		}
	}
	for name, bad := range badLeaves(leaf) {
		if _, err := promise.ParseDecided(transparency.Leaf(bad)); bad == leaf || !errors.Is(err, transparency.ErrLeaf) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseDecided(f *testing.F) {
	p := &promise.Promise{ID: "6f9a1c3e-0000-4000-8000-000000000002", ClinicID: "6f9a1c3e-0000-4000-8000-000000000001", What: "a", Who: "b", How: "c", DueOn: day("2026-12-24")}
	leaf := decidedLeaf(p)
	f.Add(leaf)
	for _, bad := range badLeaves(leaf) {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := promise.ParseDecided(transparency.Leaf(text)); err == nil && string(d.Leaf()) != text {
			t.Errorf("read %q as %q", text, d.Leaf())
		}
	})
}

package promise_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"answerable/internal/promise"
)

var update = flag.Bool("update", false, "write the vectors anew")

// TestJudgementLinesAreThoseOfTheVectors holds both languages to the same bytes under a member's signature.
func TestJudgementLinesAreThoseOfTheVectors(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	p := &promise.Promise{
		ID: "6f9a1c3e-0000-4000-8000-000000000002", ClinicID: "6f9a1c3e-0000-4000-8000-000000000001",
		What: "The door stays open – from 7 to 22.\nOn Sundays too.", Who: "ward manager", How: "Anybody can try it.", DueOn: day("2026-12-24"),
	}
	v := map[string]any{
		"comment": "A member's word on a promise, with the key of a seed of 32 bytes 7. Catches a signature that one language makes and the other refuses. " +
			"Written by go test ./internal/promise -run Vectors -update.",
		"clinic": p.ClinicID, "promise": p.ID, "what": p.What, "who": p.Who, "how": p.How, "first_due": "2026-12-24", "round": 12, "verdict": promise.Partly, "day": "2027-01-02",
		"lines": p.Lines(12, promise.Partly, day("2027-01-02")), "signature": p.Sign(key, 12, promise.Partly, day("2027-01-02")),
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

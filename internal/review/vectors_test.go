package review_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"answerable/internal/review"
)

var update = flag.Bool("update", false, "write the vectors anew")

// TestSignedLinesAreThoseOfTheVectors holds both languages to the same bytes under a reviewer's signature.
func TestSignedLinesAreThoseOfTheVectors(t *testing.T) {
	const clinic, reviewer = "6f9a1c3e-0000-4000-8000-000000000001", "raaaaaaaa"
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	leaf, hash := [32]byte(bytes.Repeat([]byte{1}, 32)), [32]byte(bytes.Repeat([]byte{250}, 32))
	e := review.Envelope{ClinicID: clinic, LeafHash: leaf, Kind: review.KindNote, N: 12, FileHash: hash, Day: time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)}
	facts := &review.Facts{
		Taxonomy: "0.2.0", Service: "ward", Role: "worker", Themes: []string{"consent", "force"}, Items: []string{"force.restraint"}, Good: []string{},
		Seriousness: 2, Involved: []string{"nurse"}, Repair: []string{"apology"},
	}
	canonical, err := facts.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	codedLines, err := review.CodedLines(clinic, leaf, facts)
	if err != nil {
		t.Fatal(err)
	}
	codedSignature, err := review.SignCoded(key, clinic, leaf, facts)
	if err != nil {
		t.Fatal(err)
	}
	finding := &review.Finding{LeafHash: leaf[:], Form: "paraphrase", Words: "Somebody was held – and not told why.", Sharing: hash[:]}
	along := &review.Finding{LeafHash: leaf[:], Form: "public", Words: finding.Words, MustNot: []string{"do_not_call_police", "do_not_put_in_my_notes"}, Sharing: hash[:]}
	dated, datedAlong := *finding, *along
	dated.FoundOn, datedAlong.FoundOn = e.Day, e.Day
	theme := &review.Finding{LeafHash: leaf[:], Form: "theme", Themes: []string{"consent", "force"}, Sharing: hash[:]}
	v := map[string]any{
		"facts": string(canonical), "coded": codedLines, "coded_signature": codedSignature,
		"words": finding.Words, "finding": finding.Lines(clinic), "finding_signature": finding.Sign(key, clinic), "finding_of_themes": theme.Lines(clinic), "finding_and_what_goes_along": along.Lines(clinic),
		"dated_finding": dated.DatedLines(clinic), "dated_finding_signature": dated.Sign(key, clinic), "dated_finding_and_what_goes_along": datedAlong.DatedLines(clinic),
		"comment": "What reviewers sign about a message, with the key of a seed of 32 bytes 7, a leaf hash of 32 bytes 1 and a file hash of 32 bytes 250. " +
			"Catches a signature that one language makes and the other refuses. Written by go test ./internal/review -run Vectors -update.",
		"clinic": clinic, "reviewer": reviewer,
		"envelope": e.Lines(), "envelope_signature": e.Sign(key),
		"recusal": review.RecusalLines(clinic, leaf, reviewer), "recusal_signature": review.SignRecusal(key, clinic, leaf, reviewer),
		"reminder": review.ReminderLines(clinic, leaf, reviewer, hash), "reminder_signature": review.SignReminder(key, clinic, leaf, reviewer, hash),
		"kept": review.KeptLines(clinic, reviewer, hash), "kept_signature": review.SignKept(key, clinic, reviewer, hash),
	}
	want, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/sign.json"
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s is not what this test builds (%v): run it with -update", path, err)
	}
}

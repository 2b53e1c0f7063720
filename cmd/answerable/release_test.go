package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/figures"
)

// draftForTest is a draft as a server gives it.
func draftForTest(t *testing.T) *client.Release {
	t.Helper()
	raw, err := os.ReadFile("../../internal/figures/testdata/release.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Lines string
		Good  []string
		Plans []string
	}
	if err := json.Unmarshal(raw, &file, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	hash, plan := sha256.Sum256([]byte(file.Good[0])), sha256.Sum256([]byte(file.Plans[0]))
	lines := strings.Split(file.Lines+base64.StdEncoding.EncodeToString(hash[:])+"\n", "\n")
	lines[4] = base64.StdEncoding.EncodeToString(plan[:])
	return &client.Release{ID: "the-draft", State: figures.StateDraft, Needed: 2, Content: file.Good[0], Plan: file.Plans[0], Lines: strings.Join(lines, "\n")}
}

// Whoever signs has seen all that the bytes say, and how they are named, before the question.
func TestFiguresAreShownAndNamedBeforeTheyAreSigned(t *testing.T) {
	t.Parallel()
	draft := draftForTest(t)
	for answer, signs := range map[string]bool{"yes\n": true, "y\n": false, "\n": false, "": false} {
		var out, said bytes.Buffer
		hash, err := lookedAt(&terminal{in: strings.NewReader(answer), out: &out, err: &said}, draft)
		if (err == nil) != signs || hash != draft.Hash() {
			t.Errorf("%q: %s, %v", answer, hash, err)
		}
		for _, part := range []string{"theme_by_service: theme by service; 0 is hidden too", "voice,65,35,30,130", "total,185,85,75,345", draft.Hash()} {
			if at := strings.Index(said.String(), part); at < 0 || at > strings.Index(said.String(), "Sign these figures?") {
				t.Errorf("%q does not stand before the question", part)
			}
		}
	}
	var out bytes.Buffer
	if err := showRelease(&terminal{out: &out, err: &bytes.Buffer{}}, draft); err != nil || !strings.HasSuffix(out.String(), "answerable figures sign the-draft --sha256 "+draft.Hash()+"\n") {
		t.Errorf("a draft ends with %s, %v", out.String(), err)
	}
}

// What a server answers to a signature is shown to nobody.
func TestWhatWasSignedIsPrintedAndNotTheAnswer(t *testing.T) {
	t.Parallel()
	draft := draftForTest(t)
	for state, want := range map[string]string{figures.StateReleased: "says that it is released", figures.StateDraft: "waits for more", "all is well\x1b[2J": "waits for more"} {
		for _, asJSON := range []bool{false, true} {
			var out bytes.Buffer
			if err := showSignedRelease(&terminal{out: &out, err: &bytes.Buffer{}, json: asJSON}, draft, state); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), draft.Hash()) || strings.Contains(out.String(), "all is well") || !asJSON && !strings.Contains(out.String(), want) {
				t.Errorf("%q prints %s", state, out.String())
			}
		}
	}
	draft.Content = strings.Replace(draft.Content, "240", "245", 1)
	if err := showSignedRelease(&terminal{out: &bytes.Buffer{}, err: &bytes.Buffer{}}, draft, figures.StateDraft); err == nil {
		t.Error("shows what the lines do not name")
	}
}

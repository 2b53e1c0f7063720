package keyring_test

import (
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
)

// openingVector is a request and an answer, which the browser's tests read too.
func openingVector(t testing.TB) (request keyring.OpeningRequest, lines string, file []byte, answer string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "seal", "testdata", "vectors", "shares.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Request struct {
			Clinic, Epoch, Requester, Recipient, Day, Lines string
			File                                            []byte
			AnswerLines                                     string `json:"answer_lines"`
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, v.Request.Day)
	if err != nil {
		t.Fatal(err)
	}
	r := v.Request
	return keyring.OpeningRequest{ClinicID: r.Clinic, EpochID: r.Epoch, Requester: r.Requester, Recipient: r.Recipient, Day: day}, r.Lines, r.File, r.AnswerLines
}

func TestOpeningVector(t *testing.T) {
	request, lines, file, answer := openingVector(t)
	if got := request.Lines(); got != lines {
		t.Errorf("a request is written as %q, want %q", got, lines)
	}
	if got, err := keyring.ParseOpeningRequest(lines); err != nil || *got != request {
		t.Errorf("it is read as %+v, %v", got, err)
	}
	// What is signed is the label and these lines.
	r := keyringtest.NewReviewer(t)
	for label, signature := range map[string][]byte{"open\n" + lines: keyring.SignOpening(r.Key, lines), "share\n" + answer: keyring.SignShare(r.Key, lines, file)} {
		if got := ed25519.Sign(r.Key, []byte("answerable/v1/"+label)); string(got) != string(signature) {
			t.Errorf("another text than %q is signed", label)
		}
	}
	for name, wrong := range map[string]string{
		"a line less": lines[:strings.LastIndex(lines[:len(lines)-1], "\n")+1], "a line more": lines + "x\n", "no last line feed": lines[:len(lines)-1],
		"another kind": strings.Replace(lines, "\nopen\n", "\nshred\n", 1), "a day that is none": strings.Replace(lines, "2026-12-10", "2026-12-32", 1),
		"an older kind of key":    strings.Replace(lines, request.Recipient, "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", 1),
		"an epoch that cannot be": strings.Replace(lines, request.EpochID, "../etc", 1), "nothing": "",
	} {
		if _, err := keyring.ParseOpeningRequest(wrong); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

func FuzzParseOpeningRequest(f *testing.F) {
	_, lines, _, _ := openingVector(f)
	f.Add(lines)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := keyring.ParseOpeningRequest(text); err == nil && r.Lines() != text {
			t.Errorf("%q is read, but not as we write it", text)
		}
	})
}

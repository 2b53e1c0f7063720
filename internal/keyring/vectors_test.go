package keyring

import (
	"encoding/base64"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

func TestDecisionVectors(t *testing.T) {
	content, err := os.ReadFile("testdata/decisions.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Comment string `json:"comment"`
		Cases   []struct {
			Name  string `json:"name"`
			Lines string `json:"lines"`
			Body  string `json:"body"`
			Want  string `json:"want"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(content, &file, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 30 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			got := ""
			r, err := ParseResolution(c.Lines)
			if err == nil {
				got = summary(r)
				if r.CheckBody(c.Body) != nil {
					got = "body"
				}
			}
			if got != c.Want {
				t.Errorf("got %q, want %q (%v)", got, c.Want, err)
			}
		})
	}
}

// summary says what was read, as the vectors do.
func summary(r *Resolution) string {
	words := append([]string{r.Kind, r.Day.Format(time.DateOnly)}, r.Epochs...)
	switch r.Kind {
	case KindShred:
		words = append(words, r.Effective.Format(time.DateOnly))
	case KindCharter:
		for _, part := range CharterParts {
			hash := r.Charter[part]
			words = append(words, base64.StdEncoding.EncodeToString(hash[:]))
		}
	case KindSupport:
		words = append(words, map[bool]string{true: "open-without", false: "required"}[r.Without])
	case KindSettings:
		after := firstSettings
		if r.After != [32]byte{} {
			after = base64.StdEncoding.EncodeToString(r.After[:])
		}
		words = append(words, after, base64.StdEncoding.EncodeToString(r.Settings[:]))
	case KindRotation:
		words = append(words, strconv.Itoa(r.Rotation.K), strconv.Itoa(r.Rotation.Days), strconv.Itoa(r.Rotation.RetainDays))
	}
	return strings.Join(words, " ")
}

package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
)

const translatedFile = "testdata/translated.json"

var updateTranslated = flag.Bool("translated", false, "say that every translation has been held against the English of today, and write "+translatedFile)

// made is what one English sentence was when a language took it over: enough of its hash to notice a change.
func made(source sentence) string {
	text, _ := json.Marshal(source)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}

// A translation of a sentence that English says otherwise by now would go on saying what was true before. So each language keeps
// the hash of the English that it was made from; after a look at the sentences named here: go test ./internal/web -run Translated -translated
func TestTranslatedSentencesSayWhatEnglishSaysToday(t *testing.T) {
	t.Parallel()
	source := sourceSentences(t)
	today := map[string]map[string]string{}
	for _, code := range translations() {
		today[code] = map[string]string{}
		for key := range localeFile(t, code) {
			today[code][key] = made(source[key])
		}
	}
	if *updateTranslated {
		text, err := json.MarshalIndent(today, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(translatedFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(translatedFile)
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]map[string]string
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	for code, keys := range today {
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if kept[code][key] != keys[key] {
				t.Errorf("%s.json, %q: English says something else by now: %q. Read the translation again", code, key, source[key]["other"])
			}
		}
		for key := range kept[code] {
			if keys[key] == "" {
				t.Errorf("%s has %q of %s, which is gone", translatedFile, key, code)
			}
		}
	}
}

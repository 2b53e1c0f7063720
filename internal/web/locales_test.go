package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"answerable/ui"
)

// sentence is a message of a language file: one text, or one for each form of a number.
type sentence map[string]string

func (s *sentence) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*s = sentence{"other": text}
		return nil
	}
	return json.Unmarshal(raw, (*map[string]string)(s))
}

// localeFile reads a language's file. A key that stands twice is found, which a map would hide.
func localeFile(t *testing.T, code string) map[string]sentence {
	t.Helper()
	raw, err := fs.ReadFile(ui.FS, "locales/"+code+".json")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]sentence{}
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^  "([^"]+)": `).FindAllSubmatch(raw, -1) {
		if n := strings.Count(string(raw), "\n  \""+string(m[1])+"\": "); n != 1 {
			t.Errorf("%s.json has %q %d times", code, m[1], n)
		}
	}
	return words
}

// sourceSentences are all that every language has to say.
func sourceSentences(t *testing.T) map[string]sentence {
	t.Helper()
	all := localeFile(t, sourceLanguage)
	for key, text := range taxonomyWords() {
		all[key] = sentence{"other": text}
	}
	return all
}

var placeholders = regexp.MustCompile(`\{\{\.\w+\}\}|\{\w+\}`)

func placeholdersOf(text string) []string {
	return slices.Sorted(slices.Values(placeholders.FindAllString(text, -1)))
}

func translations() (codes []string) {
	for _, l := range languages {
		if l.code != sourceLanguage {
			codes = append(codes, l.code)
		}
	}
	return codes
}

func TestEveryLanguageFileIsOffered(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(ui.FS, "locales/*.json")
	if err != nil || len(files) != len(languages) {
		t.Errorf("got %d files for %d languages: %v", len(files), len(languages), err)
	}
}

func TestEveryLanguageSaysAllAndNoMore(t *testing.T) {
	t.Parallel()
	source := sourceSentences(t)
	for _, code := range translations() {
		words := localeFile(t, code)
		for _, key := range slices.Sorted(maps.Keys(source)) {
			if words[key]["other"] == "" {
				t.Errorf("%s.json lacks %q", code, key)
			}
		}
		for key := range words {
			if source[key] == nil {
				t.Errorf("%s.json has %q, which English does not have", code, key)
			}
		}
	}
}

func TestEveryLanguagePutsTheSameIntoItsSentences(t *testing.T) {
	t.Parallel()
	source := sourceSentences(t)
	for _, code := range translations() {
		for key, forms := range localeFile(t, code) {
			for form, text := range forms {
				if got, want := placeholdersOf(text), placeholdersOf(source[key]["other"]); !slices.Equal(got, want) {
					t.Errorf("%s.json, %q (%s): got %q, want %q", code, key, form, got, want)
				}
			}
		}
	}
}

var pluralForms = map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// A sentence with forms has each form that whole numbers take in its language, and no other.
func TestNumbersHaveEveryFormOfTheirLanguage(t *testing.T) {
	t.Parallel()
	for _, code := range translations() {
		needed := map[string]bool{}
		for n := range 1000 {
			needed[pluralForms[plural.Cardinal.MatchPlural(language.MustParse(code), n, 0, 0, 0, 0)]] = true
		}
		counted := 0
		for key, forms := range localeFile(t, code) {
			if len(forms) == 1 {
				continue
			}
			counted++
			if got, want := slices.Sorted(maps.Keys(forms)), slices.Sorted(maps.Keys(needed)); !slices.Equal(got, want) {
				t.Errorf("%s.json, %q: got the forms %q, want %q", code, key, got, want)
			}
		}
		if counted == 0 {
			t.Errorf("%s.json counts nothing", code)
		}
	}
}

// What the page scripts say is given to them as it is, so it has one form only.
func TestScriptsAreGivenPlainSentences(t *testing.T) {
	t.Parallel()
	given := slices.Concat(scriptSentences, mailboxSentences, backSentences, logCheckSentences, actSentences())
	for _, code := range translations() {
		words := localeFile(t, code)
		for _, key := range given {
			if len(words[key]) != 1 || strings.Contains(words[key]["other"], "{{") {
				t.Errorf("%s.json, %q: not one plain sentence", code, key)
			}
		}
	}
}

// exact are words that carry a meaning of this project and are kept as they are: wherever English says the first, the
// others stand in the translation. A pattern takes the forms that grammar gives a word.
var exact = []map[string]string{
	{"en": `[Cc]lient community members`, "es": `comunidad de clientes`, "ar": `مجتمع متلقّي الرعاية`},
	{"en": `[Tt]herapist community members`, "es": `comunidad de terapeutas`, "ar": `مجتمع المعالجة`},
	{"en": `community review panel`, "es": `panel de revisión de la comunidad`, "ar": `لجنة المراجعة المجتمعية`},
	{"en": `\b[Pp]anel\b`, "es": `\b[Pp]anel\b`, "ar": `لّ?جنة`},
	{"en": `Standing with me`, "es": `Solidaridad`, "ar": `التضامن`},
	{"en": `standing by someone`, "es": `solidaridad`, "ar": `تضامن`},
	{"en": `answerable program|\bage\b, or`, "es": `answerable`, "ar": `answerable`},
	{"en": `SHA-256`, "es": `SHA-256`, "ar": `SHA-256`},
	{"en": `Shift`, "es": `Mayús`, "ar": `Shift`},
	{"en": `\bpress Leave\b|\bPress Leave\b|The Leave button`, "es": `Salir`, "ar": `خروج`},
	{"en": `Nobody reads this right away`, "es": `Nadie lee esto al momento`, "ar": `لا أحد يقرأ هذا فورًا`},
}

func TestWordsThatCarryAMeaningAreKept(t *testing.T) {
	t.Parallel()
	source := sourceSentences(t)
	for _, code := range translations() {
		words := localeFile(t, code)
		for _, term := range exact {
			english, kept, found := regexp.MustCompile(term["en"]), regexp.MustCompile(term[code]), 0
			for key, forms := range source {
				if !english.MatchString(forms["other"]) {
					continue
				}
				found++
				for _, text := range words[key] {
					if !kept.MatchString(text) {
						t.Errorf("%s.json, %q says %q, which lacks %q", code, key, text, term[code])
					}
				}
			}
			if found == 0 {
				t.Errorf("nothing says %q", term["en"])
			}
		}
	}
}

func TestTranslationsHaveNoStrayBlanks(t *testing.T) {
	t.Parallel()
	for _, code := range translations() {
		for key, forms := range localeFile(t, code) {
			for _, text := range forms {
				if strings.Contains(text, "  ") || strings.TrimSpace(text) != text && key != "site.error" {
					t.Errorf("%s.json, %q has stray blanks", code, key)
				}
			}
		}
	}
}

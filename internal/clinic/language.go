package clinic

import (
	"slices"
	"strings"
)

// Languages are the codes of those in which a panel and its clinic can say that they write, as the public pages have them. The
// first holds where nobody has said anything, and settings leave it out: so what was signed before they could name one keeps its
// bytes.
var Languages = []string{"en", "es", "ar"}

// languageOr gives a code, or that of the first language for "".
func languageOr(code string) string {
	if code == "" {
		return Languages[0]
	}
	return code
}

// languageSetting is how settings name a language: not at all where it is the first.
func languageSetting(code string) string {
	if languageOr(code) == Languages[0] {
		return ""
	}
	return code
}

// Write names the language in which settings say that a panel and its clinic write. A code that no page has is refused with the
// settings.
func (s *Settings) Write(code string) { s.Language = languageSetting(code) }

func checkLanguage(code string) error {
	if slices.Contains(Languages, languageOr(code)) {
		return nil
	}
	known := strings.Join(Languages, ", ")
	return &Problem{"The language in which a panel and its clinic write is one that these pages have: " + known + "."}
}

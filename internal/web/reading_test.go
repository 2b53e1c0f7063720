package web

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// hardestGrade is the school year whose children are about ten. Who is tired, or new to the language, reads no better.
const hardestGrade = 5.0

// What a person reads from end to end: paragraphs and points of lists. Not what they only look at, such as labels, names,
// keys and days.
var (
	passages   = regexp.MustCompile(`(?s)<(?:p|li|summary)\b[^>]*>(.*?)</(?:p|li|summary)>`)
	untouched  = regexp.MustCompile(`(?s)<(pre|code|script|nav|svg|ol)\b.*?</(?:pre|code|script|nav|svg|ol)>|<[^>]*translate="no"[^>]*>[^<]*`)
	markup     = regexp.MustCompile(`<[^>]*>`)
	sentenceIn = regexp.MustCompile(`[^.!?]+[.!?]`)
)

// sentencesOf are the sentences of a page's running text.
func sentencesOf(page string) (sentences []string) {
	_, main, _ := strings.Cut(page, "<main")
	main = untouched.ReplaceAllString(main, " ")
	for _, m := range passages.FindAllStringSubmatch(main, -1) {
		text := html.UnescapeString(markup.ReplaceAllString(m[1], " "))
		for _, s := range sentenceIn.FindAllString(text, -1) {
			if len(wordsIn(s)) > 1 {
				sentences = append(sentences, s)
			}
		}
	}
	return sentences
}

func wordsIn(sentence string) []string {
	return strings.FieldsFunc(sentence, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' })
}

// grade is the Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid, Fishburne, Rogers and
// Chissom, 1975, Research Branch Report 8-75).
func grade(sentences []string) float64 {
	words, syllables := 0, 0
	for _, s := range sentences {
		for _, w := range wordsIn(s) {
			words++
			syllables += syllablesOf(w)
		}
	}
	return 0.39*float64(words)/float64(len(sentences)) + 11.8*float64(syllables)/float64(words) - 15.59
}

var (
	vowels = regexp.MustCompile(`[aeiouy]+`)
	silent = regexp.MustCompile(`(?:[^laeiouy]e|[^aeiouytd]ed|[^aeiouyscgzx]es|[a-z]e(?:ly|ment|ful|less))$`)
)

// syllablesOf counts groups of vowels, without the e that is not heard at the end of a word or of a part of it.
func syllablesOf(word string) int {
	word = strings.ToLower(strings.NewReplacer("'", "", "’", "").Replace(word))
	n := len(vowels.FindAllString(word, -1))
	if silent.MatchString(word) {
		n--
	}
	return max(n, 1)
}

func TestSyllablesAreCountedAsTheyAreHeard(t *testing.T) {
	for word, want := range map[string]int{
		"a": 1, "the": 1, "peace": 1, "locked": 1, "opened": 2, "ended": 2, "little": 2, "table": 2, "places": 2, "likes": 1, "people": 2, "panel": 2,
		"nobody": 3, "computer": 3, "safely": 2, "community": 4, "away": 2, "you": 1, "eight": 1, "don't": 1, "deleted": 3, "harmful": 2,
	} {
		if got := syllablesOf(word); got != want {
			t.Errorf("%s: got %d, want %d", word, got, want)
		}
	}
}

// grados is Crawford's grade for Spanish: 0.049 syllables in 100 words - 0.205 sentences in 100 words - 3.407 (Crawford, 1984,
// "A Spanish Language Fry-type Readability Procedure"). He made it for texts of primary school.
func grados(sentences []string) float64 {
	words, syllables := 0, 0
	for _, s := range sentences {
		for _, w := range wordsIn(s) {
			words++
			syllables += silabasDe(w)
		}
	}
	return 100*(0.049*float64(syllables)-0.205*float64(len(sentences)))/float64(words) - 3.407
}

// nucleus is what a Spanish syllable is built on: a strong vowel with the weak ones around it, or weak ones alone.
var nucleus = regexp.MustCompile(`[iuüy]?[aeoáéó][iuüy]?|[íú]|[iuüy]+`)

func silabasDe(word string) int {
	word = regexp.MustCompile(`([qg])u([eiéí])|^y([aeiouáéíóú])`).ReplaceAllString(strings.ToLower(word), "$1$2$3")
	return max(len(nucleus.FindAllString(word, -1)), 1)
}

func TestSilabasAreCountedAsTheyAreHeard(t *testing.T) {
	for word, want := range map[string]int{
		"que": 1, "quien": 1, "panel": 2, "palabras": 3, "nadie": 2, "comunidad": 4, "ordenador": 4, "día": 2, "ya": 1, "guía": 2, "leer": 2, "aún": 2, "y": 1, "muy": 1,
	} {
		if got := silabasDe(word); got != want {
			t.Errorf("%s: got %d, want %d", word, got, want)
		}
	}
}

// Arabic has no formula that is commonly held to say something about texts like these.
func TestEveryPublicPageReadsEasily(t *testing.T) {
	h := newHouse(t)
	sent := h.tell("words", "hello")
	receipt := receiptFor(form{{nonceKey, testNonce}}, []byte(formBody("words", "hello"))).Words()
	for code, grade := range map[string]func([]string) float64{"en": grade, "es": grados} {
		in := "?lang=" + code
		texts := map[string][]string{"refused": sentencesOf(h.post(tellPath+in, urlencoded, formBody("words", "")).body)}
		if code == sourceLanguage {
			texts["sent"] = sentencesOf(sent.body)
		}
		texts["open mailbox"] = sentencesOf(h.post("/c/riverside/mailbox"+in, urlencoded, "receipt="+strings.ReplaceAll(receipt, " ", "+")).body)
		for path := range publicPages {
			texts[path] = sentencesOf(h.get(path + in).body)
		}
		for _, path := range []string{"/c/riverside/about-you" + in, "/c/riverside/paper" + in, tellPath + in + "&shared", tellPath + in + "&paper"} {
			texts[path] = sentencesOf(h.get(path).body)
		}
		for part, keys := range map[string][]string{
			"the form's scripts": slices.Concat(scriptSentences, partKeys()), "the mailbox's script": mailboxSentences, "the check's script": logCheckSentences,
		} {
			for _, key := range keys {
				texts[part] = append(texts[part], sentenceIn.FindAllString(compiled()[code].say(key), -1)...)
			}
		}
		for name, sentences := range texts {
			if len(sentences) < 2 {
				continue // a page that leads elsewhere
			}
			if g := grade(sentences); g > hardestGrade {
				slices.SortFunc(sentences, func(a, b string) int { return int(100 * (grade([]string{b}) - grade([]string{a}))) })
				t.Errorf("%s in %s reads at grade %.1f, want at most %.0f. The hardest: %q", name, code, g, hardestGrade, sentences[:min(4, len(sentences))])
			}
		}
	}
}

package web

import (
	"fmt"
	"html"
	"maps"
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
	sentenceIn = regexp.MustCompile(`[^.!?؟]+[.!?؟]`)
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
	return strings.FieldsFunc(sentence, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’'
	})
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

// szigriszt is Szigriszt Pazos's perspicuity: 206.835 - 62.3 syllables a word - words a sentence (1993, "Sistemas predictivos de
// legibilidad del mensaje escrito"), which is Flesch's formula fitted to Spanish.
func szigriszt(sentences []string) float64 {
	words, syllables := 0, 0
	for _, s := range sentences {
		for _, w := range wordsIn(s) {
			words++
			syllables += silabasDe(w)
		}
	}
	return 206.835 - 62.3*float64(syllables)/float64(words) - float64(words)/float64(len(sentences))
}

// ratherEasy is where "rather easy" begins on the INFLESZ scale for that measure (Barrio Cantalejo and others, 2008, Anales del
// Sistema Sanitario de Navarra 31/2), which was made for what patients are given to read.
const ratherEasy = 65.0

// Arabic has no formula that is commonly held to say something about texts like these: OSMAN (El-Haj and Rayson, 2016) counts
// syllables by vowel signs, which such texts leave out, and guesses them there. So what is held here is plainer, and no more than
// that: how many words a sentence has on average, and how many letters a word. An Arabic word carries its article, "and", "to" and
// "their" with it: on these pages ten of them say what twelve English ones say.
const (
	arabicWords   = 11.0
	arabicLetters = 4.5
)

// arabicLengths are words a sentence and letters a word.
func arabicLengths(sentences []string) (words, letters float64) {
	for _, s := range sentences {
		for _, w := range wordsIn(s) {
			words++
			for _, r := range w {
				if unicode.IsLetter(r) { // a vowel sign is none
					letters++
				}
			}
		}
	}
	return words / float64(len(sentences)), letters / words
}

// longest is how many words one sentence may have: 25 as in the style guide of GOV.UK, and fewer in Arabic, whose words hold more.
var longest = map[string]int{"en": 25, "es": 25, "ar": 22}

var (
	notOurs   = regexp.MustCompile(`(?s)<small class="beside".*?</small>|<(?:p|div|span) lang="en" dir="auto">.*?</(?:p|div|span)>`)
	blockEdge = regexp.MustCompile(`</?(?:p|li|ul|dl|dt|dd|h[1-4]|div|section|form|fieldset|legend|label|summary|details|td|th|tr|table|` +
		`caption|small|br|article|figcaption|button|option|blockquote|text|title|desc)\b[^>]*>`)
	sentenceEnd = regexp.MustCompile(`[.!?؟]`)
)

// allSentencesOf are all that a page says, also what stands in headings, tables and labels. What a clinic worded is not in them.
func allSentencesOf(page string) (sentences []string) {
	_, main, _ := strings.Cut(page, "<main")
	main = blockEdge.ReplaceAllString(untouched.ReplaceAllString(notOurs.ReplaceAllString(main, " "), " "), ". ")
	for _, s := range sentenceEnd.Split(html.UnescapeString(markup.ReplaceAllString(main, " ")), -1) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			sentences = append(sentences, s)
		}
	}
	return sentences
}

func TestNoSentenceOfAPublicPageIsLong(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		long, seen := map[string]string{}, 0
		look := func(where string, sentences []string) {
			for _, s := range sentences {
				seen++
				if len(wordsIn(s)) > longest[l.code] {
					long[s] = where
				}
			}
		}
		for name, a := range shownIn(t, l.code) {
			look(name, allSentencesOf(a.body))
		}
		for _, key := range spokenByScripts() {
			look(key, sentenceEnd.Split(compiled()[l.code].say(key), -1))
		}
		if seen < 5000 {
			t.Errorf("%s: only %d sentences are seen", l.code, seen)
		}
		for _, s := range slices.Sorted(maps.Keys(long)) {
			t.Errorf("%s: %s: %d words, more than %d: %s", l.code, long[s], len(wordsIn(s)), longest[l.code], s)
		}
	}
}

// spokenByScripts are the keys of all that scripts say on pages of those who tell.
func spokenByScripts() []string {
	return slices.Concat(scriptSentences, partKeys(), mailboxSentences, logCheckSentences, backSentences, aboutSentences, actSentences())
}

func TestEveryPublicPageReadsEasily(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		texts := map[string][]string{}
		for name, a := range shownIn(t, l.code) {
			texts[name] = sentencesOf(a.body)
		}
		for part, keys := range map[string][]string{
			"the form's scripts": slices.Concat(scriptSentences, partKeys()), "the mailbox's script": mailboxSentences,
			"the check's script": logCheckSentences,
		} {
			for _, key := range keys {
				texts[part] = append(texts[part], sentenceIn.FindAllString(compiled()[l.code].say(key), -1)...)
			}
		}
		for name, sentences := range texts {
			if len(sentences) < 5 {
				t.Errorf("%s in %s says only %q", name, l.code, sentences)
				continue
			}
			for _, hard := range tooHard(l.code, sentences) {
				t.Errorf("%s in %s: %s", name, l.code, hard)
			}
		}
	}
}

// tooHard says what makes a text harder to read than it may be.
func tooHard(lang string, sentences []string) (why []string) {
	grades := map[string]func([]string) float64{"en": grade, "es": grados}
	if of := grades[lang]; of != nil && of(sentences) > hardestGrade {
		slices.SortFunc(sentences, func(a, b string) int { return int(100 * (of([]string{b}) - of([]string{a}))) })
		hardest := sentences[:min(4, len(sentences))]
		why = append(why, fmt.Sprintf("grade %.1f, want at most %.0f. The hardest: %q", of(sentences), hardestGrade, hardest))
	}
	if p := szigriszt(sentences); lang == "es" && p < ratherEasy {
		why = append(why, fmt.Sprintf("perspicuity %.0f, want at least %.0f", p, ratherEasy))
	}
	if words, letters := arabicLengths(sentences); lang == "ar" && (words > arabicWords || letters > arabicLetters) {
		why = append(why, fmt.Sprintf("%.1f words a sentence and %.2f letters a word, want at most %.0f and %.1f",
			words, letters, arabicWords, arabicLetters))
	}
	return why
}

// A text that is hard is found to be, in every language.
func TestHardTextsAreFound(t *testing.T) {
	t.Parallel()
	for lang, text := range map[string]string{
		"en": "Notwithstanding the aforementioned considerations, confidentiality obligations necessitate authorisation.",
		"es": "No obstante las consideraciones mencionadas, las obligaciones de confidencialidad requieren autorización.",
		"ar": "واستنادًا إلى الاعتبارات المذكورة أعلاه، فإن الالتزامات المتعلقة بالسرية والمنصوص عليها تستوجب استحصال الموافقات اللازمة.",
	} {
		if got := tooHard(lang, []string{text}); len(got) == 0 {
			t.Errorf("%s: a hard text is not found", lang)
		}
		if got := tooHard(lang, []string{compiled()[lang].say("tell.not_now")}); len(got) > 0 {
			t.Errorf("%s: an easy text is called hard: %q", lang, got)
		}
	}
}

package coding

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"answerable/internal/seal"
)

// How many words in a row are the writer's own.
const (
	// MarkedRun is from where a checker is told: four can be chance, and a person decides.
	MarkedRun = 4

	// OwnRun is from where a paraphrase is refused whose writer does not allow their own words: six in a row are hardly chance, and
	// where they are, as in "at the end of the day", other words are soon found. A shorter run is for people to judge.
	OwnRun = 6
)

// ownWord is a word as ui/src/word.ts finds it. Of languages that put no space between words it takes a whole clause for one: there
// a repetition of less than several clauses is not seen.
var ownWord = regexp.MustCompile(`[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*`)

// OwnWords are what a writer answered in words of their own: no codes, which have no spaces.
func OwnWords(answers []seal.Answer) (own []string) {
	for _, a := range answers {
		if strings.ContainsFunc(a.A, func(r rune) bool { return r != '\n' && unicode.IsSpace(r) }) {
			own = append(own, a.A)
		}
	}
	return own
}

// Repeated are the stretches of a text that say so many words in a row of one of the own texts again, whatever stands between the
// words and in capitals. Runs that overlap are one stretch. Twin of repeated in ui/src/repeats.ts.
func Repeated(text string, own []string, run int) (stretches []string) {
	runs := map[string]bool{}
	for _, o := range own {
		words := ownWord.FindAllString(o, -1)
		for i := 0; i+run <= len(words); i++ {
			runs[plain(words[i:i+run])] = true
		}
	}
	places := ownWord.FindAllStringIndex(text, -1)
	words := ownWord.FindAllString(text, -1)
	start, end := 0, 0
	for i := 0; i+run <= len(places); i++ {
		if !runs[plain(words[i:i+run])] {
			continue
		}
		if first := places[i][0]; first > end || end == 0 {
			stretches, start = append(stretches, ""), first
		}
		end = places[i+run-1][1]
		stretches[len(stretches)-1] = text[start:end]
	}
	return stretches
}

func plain(words []string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(words, " ")), "’", "'")
}

// KeepsWords says whether a writer does not allow that their own words go out.
func (w *Wishes) KeepsWords() bool {
	return slices.ContainsFunc(w.against(FormQuote), func(why string) bool { return why == NotAllowed || why == NoQuotes })
}

// Repeats are the stretches for which something may not go out: its writer's own words, OwnRun of them in a row, in what is called
// the panel's words, where the writer does not allow their own.
func (w *Wishes) Repeats(o Outgoing, own []string) []string {
	if o.Form != FormParaphrase || !w.KeepsWords() {
		return nil
	}
	return Repeated(o.Words, own, OwnRun)
}

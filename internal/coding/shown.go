package coding

import (
	"slices"

	"answerable/internal/seal"
)

// AsksFirst says whether a writer wished, ever, to be shown what goes out before it does. Who takes that wish back says yes to what
// they saw, and to nothing else.
func AsksFirst(answers []seal.Answer, changes []seal.Consent) bool {
	return slices.ContainsFunc(answers, func(a seal.Answer) bool { return a.Q == "ask_me_first" }) ||
		slices.ContainsFunc(changes, func(c seal.Consent) bool { return c.AskMeFirst })
}

// WasAsked says whether a note has it that a writer was asked. From then on nothing goes out but what one of them says was shown.
func WasAsked(notes []Noted) bool {
	return slices.ContainsFunc(notes, func(n Noted) bool { return n.Body.Asked })
}

// Shown are the hashes of the notes by which a writer was shown these very words in this form, and on whose day, or later, more came from
// the same receipt. back are the days of that. It says that they can have answered; what they answered is for people to read, and who
// decides names the note to which it was a yes.
func Shown(notes []Noted, back []string, form, words string) []string {
	hashes := []string{}
	for _, n := range notes {
		answered := slices.ContainsFunc(back, func(day string) bool { return day >= n.Day })
		if n.Body.Asked && n.Body.Form != "" && n.Body.Form == form && n.Body.Words == words && answered && !unsent(notes, n.Hash) {
			hashes = append(hashes, n.Hash)
		}
	}
	return hashes
}

// unsent says whether a note has it that what another says was shown did not go to the writer after all.
func unsent(notes []Noted, hash string) bool {
	return slices.ContainsFunc(notes, func(n Noted) bool { return n.Body.Unsent && n.Body.Over == hash })
}

package coding

import (
	"slices"
	"strings"

	"answerable/internal/seal"
)

// AsksFirst says whether a writer wished, ever, to be shown what goes out before it does. Who takes that wish back says yes to what
// they saw, and to nothing else.
func AsksFirst(answers []seal.Answer, changes []seal.Consent) bool {
	return slices.ContainsFunc(answers, func(a seal.Answer) bool { return a.Q == "ask_me_first" }) ||
		slices.ContainsFunc(changes, func(c seal.Consent) bool { return c.AskMeFirst })
}

// WasAsked says whether a note has it that a writer was asked, and its author did not say since that it never went. From then on nothing
// goes out but what one of them says was shown.
func WasAsked(notes []Noted) bool {
	return slices.ContainsFunc(notes, func(n Noted) bool { return n.Body.Asked && !Unsent(notes, n) })
}

// Lines are words as they are shown, checked and given out, whatever they were typed with: lines end in a line feed, and the last in none.
// So the same words are the same bytes from a file, from a terminal and from a page. Twin of lines in ui/src/panel/shown.ts.
func Lines(words string) string {
	return strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(words), "\n")
}

// Shown are the hashes of the notes by which a writer was shown exactly what is to go out, and on whose day, or later, more
// came from the same receipt. back are the days of that. It says that they can have answered; what they answered is for
// people to read, and who decides names the note to which it was a yes. Only what was shown on the newest day counts: whoever
// was shown something else since was asked about that instead.
func Shown(notes []Noted, back []string, out Outgoing) []string {
	hashes, newest := []string{}, ""
	for _, n := range notes {
		if n.Body.Form != "" && !Unsent(notes, n) {
			newest = max(newest, n.Day)
		}
	}
	for _, n := range notes {
		answered := slices.ContainsFunc(back, func(day string) bool { return day >= n.Day })
		if n.Body.Form != "" && n.Body.Shows().Same(out) && n.Day == newest && answered && !Unsent(notes, n) {
			hashes = append(hashes, n.Hash)
		}
	}
	return hashes
}

// Unsent says whether the author of a note has said in another that what it says was shown did not go to the writer after all. Nobody can
// say so of a colleague's: they did not send it.
func Unsent(notes []Noted, showing Noted) bool {
	return slices.ContainsFunc(notes, func(n Noted) bool { return n.Body.Unsent && n.Body.Over == showing.Hash && n.By == showing.By })
}

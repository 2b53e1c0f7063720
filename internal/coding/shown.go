package coding

import (
	"cmp"
	"slices"
	"strings"

	"answerable/internal/seal"
)

// AsksFirst says whether a writer wished, ever, in any message of their receipt, to be shown what goes out before it does. Who takes
// that wish back says yes to what they saw, and to nothing else.
func AsksFirst(said []seal.Said) bool {
	asks := func(a seal.Answer) bool { return a.Q == "ask_me_first" }
	return slices.ContainsFunc(said, func(m seal.Said) bool {
		return m.Consent != nil && m.Consent.AskMeFirst || m.Kind != seal.KindAboutYou && slices.ContainsFunc(m.Answers, asks)
	})
}

// WasAsked says whether a note has it that a writer was asked, its author did not say since that it never went, and it is not set
// aside. From then on nothing goes out but what one of them says was shown. here are those who may still take part in the message.
func WasAsked(notes []Noted, here []string) bool {
	return slices.ContainsFunc(notes, func(n Noted) bool { return n.Body.Asked && !Unsent(notes, n) && !SetAside(notes, n, here) })
}

// Bare are the notes that say that a writer was asked and not of what, and bind still.
func Bare(notes []Noted, here []string) (bare []Noted) {
	for _, n := range notes {
		if n.Body.Asked && n.Body.Form == "" && !Unsent(notes, n) && !SetAside(notes, n, here) {
			bare = append(bare, n)
		}
	}
	return bare
}

// SetAside says whether a note binds no longer which has it that a writer was asked, and not of what, and whose author may take
// part no more, so that they cannot take it back: two who may have signed that it does not bind. What a writer wished stands in
// their own words, and a note that names words says what they answered to; neither is set aside.
func SetAside(notes []Noted, bare Noted, here []string) bool {
	if bare.Body.Form != "" || slices.Contains(here, bare.By) {
		return false
	}
	return len(AgainstBare(notes, bare, here)) >= 2
}

// AgainstBare are those who may take part and signed that a note does not bind.
func AgainstBare(notes []Noted, bare Noted, here []string) []string {
	var by []string
	for _, n := range notes {
		if n.Body.Unsent && n.Body.Over == bare.Hash && slices.Contains(here, n.By) {
			by = append(by, n.By)
		}
	}
	return sorted(by)
}

// Lines are words as they are shown, checked and given out, whatever they were typed with: lines end in a line feed, and the last in none.
// So the same words are the same bytes from a file, from a terminal and from a page. Twin of lines in ui/src/panel/shown.ts.
func Lines(words string) string {
	return strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(words), "\n")
}

// MostHad is how many messages a note names at most as there already.
const MostHad = 64

// Had is what a note that shows a writer something says had come from them already. Of more than MostHad it names the newest: what
// is left out is of an earlier day, or of a day with more than that many.
func Had(back []Came) []string {
	newest := slices.SortedFunc(slices.Values(back), func(a, b Came) int { return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.Leaf, b.Leaf)) })
	had := []string{}
	for _, c := range newest[:min(len(newest), MostHad)] {
		had = append(had, c.Leaf)
	}
	return sorted(had)
}

// before says whether more can have come from a writer after a note. Days have no order within: where the note does not name what
// was there already, all that came on its day can have.
func (n Noted) before(c Came) bool {
	return c.Day >= n.Day && !slices.Contains(n.Body.Had, c.Leaf)
}

// Shown are the hashes of the notes by which a writer was shown exactly what is to go out, and after which more came from the
// same receipt: back is all that came. It says that they can have answered; what they answered is for people to read, and who
// decides names the note to which it was a yes. Only what was shown on the newest day counts: whoever was shown something else
// since was asked about that instead.
func Shown(notes []Noted, back []Came, out Outgoing) []string {
	hashes, newest := []string{}, ""
	for _, n := range notes {
		if n.Body.Form != "" && !Unsent(notes, n) {
			newest = max(newest, n.Day)
		}
	}
	for _, n := range notes {
		answered := slices.ContainsFunc(back, n.before)
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

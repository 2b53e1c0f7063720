package coding

import (
	"cmp"
	"slices"
	"time"
)

// Noted is a note with the day on which it came in.
type Noted struct {
	Coded[*Note]
	Day string `json:"day"` // YYYY-MM-DD
}

// Came is more from the writer of a message: words, or changed wishes.
type Came struct {
	Leaf string `json:"leaf"` // base64url of the leaf hash
	Day  string `json:"day"`  // of its batch, YYYY-MM-DD
}

// Pause is a time in which the clocks of a message stand still: its writer was shown what may go out, as they wanted, and has not
// answered. Days are YYYY-MM-DD.
type Pause struct {
	From string `json:"from"`
	To   string `json:"to"` // "" while it lasts
}

// Pauses are the times in which a panel waited for a writer, from notes that are signed and from what else came from the same
// receipt. A wait ends with the first of that which was not there when the writer was asked, or with a note that names it. None
// overlaps another. Days have no order within, so where a note does not say what was there, what came on its day did not answer
// it.
func Pauses(notes []Noted, back []Came) []Pause {
	var all []Pause
	for _, asked := range notes {
		if asked.Body.Asked {
			all = append(all, Pause{asked.Day, endOf(asked, notes, back)})
		}
	}
	slices.SortFunc(all, func(a, b Pause) int { return cmp.Compare(a.From, b.From) })
	out := []Pause{}
	for _, p := range all {
		last := len(out) - 1
		switch {
		case last < 0 || out[last].To != "" && out[last].To < p.From:
			out = append(out, p)
		case out[last].To != "" && (p.To == "" || p.To > out[last].To):
			out[last].To = p.To
		}
	}
	return out
}

// Waits are the hashes of the notes that began a wait which lasts.
func Waits(notes []Noted, back []Came) (hashes []string) {
	for _, n := range notes {
		if n.Body.Asked && endOf(n, notes, back) == "" {
			hashes = append(hashes, n.Hash)
		}
	}
	return hashes
}

func endOf(asked Noted, notes []Noted, back []Came) string {
	var ends []string
	for _, n := range notes {
		if n.Body.Over == asked.Hash && n.Day >= asked.Day {
			ends = append(ends, n.Day)
		}
	}
	for _, c := range back {
		if asked.before(c) && (asked.Body.Had != nil || c.Day > asked.Day) {
			ends = append(ends, c.Day)
		}
	}
	if len(ends) == 0 {
		return ""
	}
	return slices.Min(ends)
}

// PausedDays is by how many days pauses put a deadline off; one that lasts counts up to today.
func PausedDays(pauses []Pause, today string) (days int) {
	for _, p := range pauses {
		from, errFrom := time.Parse(time.DateOnly, p.From)
		to, errTo := time.Parse(time.DateOnly, cmp.Or(p.To, today))
		if errFrom == nil && errTo == nil && to.After(from) {
			days += int(to.Sub(from).Hours() / 24)
		}
	}
	return days
}

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

// Pause is a time in which the clocks of a message stand still: its writer was shown what may go out, as they wanted, and has not
// answered. Days are YYYY-MM-DD.
type Pause struct {
	From string `json:"from"`
	To   string `json:"to"` // "" while it lasts
}

// Pauses are the times in which a panel waited for a writer, from notes that are signed and the days on which more came from the same
// receipt: words or changed wishes. A wait ends with the first of those on a later day, or with a note that names it. None overlaps
// another. Days have no order within, so what came on the day of the question did not answer it, and a note has to say so if it did.
func Pauses(notes []Noted, back []string) []Pause {
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
func Waits(notes []Noted, back []string) (hashes []string) {
	for _, n := range notes {
		if n.Body.Asked && endOf(n, notes, back) == "" {
			hashes = append(hashes, n.Hash)
		}
	}
	return hashes
}

func endOf(asked Noted, notes []Noted, back []string) string {
	var ends []string
	for _, n := range notes {
		if n.Body.Over == asked.Hash && n.Day >= asked.Day {
			ends = append(ends, n.Day)
		}
	}
	for _, day := range back {
		if day > asked.Day {
			ends = append(ends, day)
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

package promise

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// lagDays is how far AnsweredOf looks back, in calendar days.
const lagDays = 90

// goodThemes is what the codes of themes of good care begin with.
const goodThemes = "good_"

// Measures say how a clinic answers and keeps its word, from the same findings as Silences.Due and the same promises as
// Promises: those that still have time are in none of them, so that no number moves on the day of a hand-over.
type Measures struct {
	Answered90, Of90 int    // due findings that were handed over in the 90 days before the account's end, and those of them with an answer
	AnswerDays       *int   // median of calendar days to the first answer, of findings that were due; nil while it is not known
	AnswerOf         int    // how many findings AnswerDays is about
	Changed, Of      int    // answered concerns that were due, and those of them whose answers carry a promise
	KeptOf           [2]int // promises kept, and due
	OverdueDays      *int   // median of days late of the promises that are late today; nil when none is
	waits            []wait // until the first answer
	late             []int  // days
}

// wait is how long a finding waited for its first answer, in calendar days. Without an answer it is at least that long.
type wait struct {
	days     int
	answered bool
}

func (m *Measures) add(one *Answered, period Period, on time.Time) {
	if !one.due(on) {
		return
	}
	end := on
	if !period.Last.IsZero() && period.Last.Before(on) {
		end = period.Last
	}
	answered := len(one.Responses) > 0
	if !one.HandedOn.Before(end.AddDate(0, 0, -lagDays)) && !one.HandedOn.After(end) {
		m.Of90++
		m.Answered90 += number(answered)
	}
	if !period.has(one.AnswerBy) {
		return
	}
	m.waits = append(m.waits, one.wait(on))
	if answered && !one.praises() {
		m.Of++
		m.Changed += number(one.Promised)
	}
}

func (a *Answered) wait(on time.Time) wait {
	switch back := a.TakenBackOn; {
	case len(a.Responses) > 0:
		return wait{daysBetween(a.HandedOn, *a.FirstOn()), true}
	case back != nil && back.Before(on):
		return wait{daysBetween(a.HandedOn, *back), false}
	}
	return wait{daysBetween(a.HandedOn, on), false}
}

// praises says that a finding which everybody may read tells of good things alone. Of one for the clinic only it is never said:
// what it tells would follow from the difference of two numbers.
func (a *Answered) praises() bool {
	return a.Public && !a.TakenBack && a.Praise
}

// goodAlone says whether these are themes of good care and nothing else.
func goodAlone(themes []string) bool {
	return len(themes) > 0 && !slices.ContainsFunc(themes, func(code string) bool { return !strings.HasPrefix(code, goodThemes) })
}

func (m *Measures) addPromise(p *Standing) {
	if p.State == StateOverdue {
		m.late = append(m.late, p.DaysLate)
	}
}

func (m *Measures) finish(c *Promises) {
	m.KeptOf, m.AnswerOf, m.AnswerDays = [2]int{c.Kept, c.Due}, len(m.waits), medianWait(m.waits)
	if slices.Sort(m.late); len(m.late) > 0 {
		m.OverdueDays = &m.late[len(m.late)/2] // the later of two in the middle
	}
}

// medianWait is the Kaplan-Meier median: the first day by which half would have an answer, with those that have none counted as
// waiting for as long as they did. It is nil when so many have none that no such day is known.
func medianWait(waits []wait) *int {
	// On one day answers come before what is still open, as usual.
	slices.SortFunc(waits, func(x, y wait) int {
		return cmp.Or(cmp.Compare(x.days, y.days), cmp.Compare(number(y.answered), number(x.answered)))
	})
	open := 1.0
	for i, w := range waits {
		if !w.answered {
			continue
		}
		left := float64(len(waits) - i)
		if open *= (left - 1) / left; open <= 0.5+1e-9 {
			return &w.days
		}
	}
	return nil
}

package promise

import "time"

// Silences are counts of findings. Each finding comes from one message, so a number that grows on the day of a hand-over would
// say that day that somebody wrote: one for the clinic only is counted once it is answered, or its AnswerBy has passed. Those of
// the clinic are about findings whose AnswerBy lies in the period and has passed; those of the panel about findings handed over
// in it.
type Silences struct {
	Due            int // findings that had to be answered by now
	OnTime         int // of those: answered in time
	Late           int // answered, and late
	None           int // not answered at all
	WithoutPromise int // answered, on time or late, without any promise
	Waiting        int // handed over in the period, and there is time left

	Handed      int // by the panel in the period
	LateTaken   int // of those: the message was first taken later than the panel says it does
	LateDecided int // decided later than the panel says
	LateJudged  int // promises that the clinic says are done, or that are to be asked about again, and the panel has not judged in time
}

func (s *Silences) add(one *Answered, period Period, on time.Time) {
	if !one.Public && len(one.Responses) == 0 && !on.After(one.AnswerBy) {
		return
	}
	if period.has(one.HandedOn) {
		s.Handed++
		s.LateTaken += number(one.LateTaken)
		s.LateDecided += number(one.LateDecided)
	}
	if !on.After(one.AnswerBy) {
		s.Waiting += number(len(one.Responses) == 0 && !one.goneInTime(on) && period.has(one.HandedOn))
		return
	}
	if !one.due(on) || !period.has(one.AnswerBy) {
		return
	}
	s.Due++
	switch {
	case len(one.Responses) == 0:
		s.None++
	case one.Late:
		s.Late++
	default:
		s.OnTime++
	}
	s.WithoutPromise += number(len(one.Responses) > 0 && !one.Promised)
}

// due says that a finding had to be answered before a day, and could be.
func (a *Answered) due(on time.Time) bool { return on.After(a.AnswerBy) && !a.goneInTime(on) }

// goneInTime says that a finding was taken back before anybody answered it, with time left: nobody can answer it any more. What
// was taken back later was a silence by then, and stays one.
func (a *Answered) goneInTime(on time.Time) bool {
	back := a.TakenBackOn
	return len(a.Responses) == 0 && back != nil && !back.After(on) && !back.After(a.AnswerBy)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

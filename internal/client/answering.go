package client

import (
	"cmp"
	"slices"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// The clocks of whoever wrote: until somebody first answers them, and until they are told what came of it. They are counted from the
// arrival and do not wait for the panel. Twin of ui/src/panel/answering.ts.
const (
	ClockReply    = "reply"    // days until somebody has answered the writer
	ClockFeedback = "feedback" // days until the writer is told what was decided
)

// Answering is the one of these clocks that runs, and whether it is certain that it does: the writer's own words are known to this
// reviewer, and do not say that nobody is to contact them.
type Answering struct {
	Due
	Sure bool `json:"sure"`
}

// mostLetGo is how many tags in a row may be missing before an answer's: each belongs to an answer that was sealed and did not go.
const mostLetGo = 8

// answersTo are the Mondays of the weeks in which a writer was answered, in their order: acts tell no day, and a tag that was let go may
// be taken after a later one.
func answersTo(actions [32]byte, answered map[[32]byte]string) (weeks []string) {
	for n, missing := 0, 0; missing <= mostLetGo && len(weeks) < len(answered); n++ {
		week, ok := answered[transparency.ActionTag(actions, transparency.ActContacted, n)]
		if !ok {
			missing++
			continue
		}
		missing = 0
		weeks = append(weeks, week)
	}
	slices.Sort(weeks)
	return weeks
}

// decidedOn says from which day an answer tells a writer what was decided: the day on which the panel kept their message, or the first
// on which nobody could object any more to what was given out; "" before.
func (c *Case) decidedOn() string {
	decision := c.standing()
	switch {
	case decision == nil:
		return ""
	case decision.Body.Decision == coding.Keep:
		return decision.Day
	}
	day, err := time.Parse(time.DateOnly, decision.Day)
	if err != nil || !c.isGiven() {
		return ""
	}
	return day.AddDate(0, 0, coding.ObjectionDays+1).Format(time.DateOnly)
}

// toldIn is the week, by its Monday, of the answer by which a writer was told what was decided; "" for none. It is one of a later week, or
// of the same one and not the first of all: nobody can tell which came before within a week, and the first is taken for the first reply.
func toldIn(weeks []string, decided string) string {
	day, err := time.Parse(time.DateOnly, decided)
	if err != nil {
		return ""
	}
	same := transparency.WeekOf(day).Format(time.DateOnly)
	for n, week := range weeks {
		if week > decided || n > 0 && week == same {
			return week
		}
	}
	return ""
}

// clockOf is the one that runs, by the weeks of the answers; "" when both are over.
func clockOf(weeks []string, decided string) string {
	switch {
	case len(weeks) == 0:
		return ClockReply
	case toldIn(weeks, decided) == "":
		return ClockFeedback
	}
	return ""
}

// mayAnswer says whether the writer of a first message can be answered and did not ask not to be. A card tells of the first that there is
// a receipt, and not whether answers can be sealed for it; nor the second, which stands in the writer's words: it is on no card, and is
// not put on one for this. So both count only for who has declared; for all others the clock runs and says that it may not be wanted. Were
// it to stand still for them, its standing still would tell them what the writer wrote.
func (c *Case) mayAnswer(declared bool) bool {
	if c.Card.Of != seal.KindSubmission || c.Card.Receipt == "" || c.Card.Actions == "" {
		return false
	}
	return !declared || c.message.ReplyTo != nil && !slices.Contains(c.wishes().MustNot, "do_not_contact_me")
}

// answering is the clock of an answer that runs for a message; nil when none does.
func (b *Bench) answering(c *Case, declared bool, pauses []coding.Pause) *Answering {
	if !c.mayAnswer(declared) {
		return nil
	}
	due := b.Practice.due(c.Day, clockOf(answersTo(c.actions, b.answeredOn), c.decidedOn()), b.Today, coding.PausedDays(pauses, b.Today))
	if due == nil {
		return nil
	}
	return &Answering{*due, declared}
}

// withDefaults fills in the clocks of an answer, which practices of before lack. Neither can be 0.
func (p *Practice) withDefaults() {
	p.Reply, p.Feedback = cmp.Or(p.Reply, review.DefaultPractice().Reply), cmp.Or(p.Feedback, review.DefaultPractice().Feedback)
}

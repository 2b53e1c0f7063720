package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"answerable/internal/coding"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// Clocks of the panel's own practice.
const (
	ClockTaken   = "taken"   // working days until somebody has taken a message
	ClockCoded   = "coded"   // days until both codings are there and agreed on
	ClockDecided = "decided" // days until it is decided how far it may go
)

// Due is the clock that runs for a message. Twin of ui/src/panel/clocks.ts.
type Due struct {
	Clock string `json:"clock"`
	Day   string `json:"day"`  // YYYY-MM-DD; while a pause lasts, it moves on with today
	Left  int    `json:"left"` // days, working days where the clock counts those; less than 0 when it is over
}

// clock is the one that runs at a stage; "" when none does.
func (c *Case) clock(stage string) string {
	switch stage {
	case StageCoding:
		if !c.claimed() {
			return ClockTaken
		}
		return ClockCoded
	case StageDiffers, StageCompared, StageOneLeft, StageNoThird:
		return ClockCoded
	case StageNoChecker, StageAgreed, StageChecked, StageObjected, StageObjecting, StageReady, StageTakenBack:
		return ClockDecided
	}
	return ""
}

// waitsFor is the part whose file a message waits for at a stage.
var waitsFor = map[string]string{
	StageCoding: review.RoleCoder, StageDiffers: review.RoleThird, StageOneLeft: review.RoleThird, StageAgreed: review.RoleChecker,
}

// Silent are those who have the part that a message waits for and have sent nothing for it that counts, once the time is over. A
// claim is the server's word, and nobody else is given the part. Twin of silentOn in ui/src/panel/rowclocks.ts.
func (r *Row) Silent() (names []string) {
	role := waitsFor[r.Stage]
	if role == "" || r.Due == nil || r.Due.Left >= 0 {
		return nil
	}
	for _, p := range r.Parts {
		if p.Part == role && !slices.ContainsFunc(r.Parts, func(o Part) bool { return o.Reviewer == p.Reviewer && o.Part == partCoded }) {
			names = append(names, p.Reviewer)
		}
	}
	return names
}

// claimed says whether anybody has a part in reading a message, or has sent a coding: that stays when its author steps back.
func (c *Case) claimed() bool {
	parts := []string{review.RoleCoder, review.RoleThird, review.RoleChecker, partCoded}
	return slices.ContainsFunc(c.Parts, func(p Part) bool { return slices.Contains(parts, p.Part) })
}

// due is the deadline of a clock for a message of a day, which paused days put off; nil when no clock runs. Nobody waits for a
// writer before somebody has read the message, so nothing puts off the first clock; nor the one of the first answer, since a wait for the
// writer begins with an answer.
func (p *Practice) due(arrived, clock, today string, paused int) *Due {
	from, errFrom := time.Parse(time.DateOnly, arrived)
	now, errNow := time.Parse(time.DateOnly, today)
	if clock == "" || errFrom != nil || errNow != nil {
		return nil
	}
	if clock == ClockTaken {
		days := p.calendar()
		last := days.Add(from, p.Taken)
		left := days.Between(now, last) - days.Between(last, now)
		if now.After(last) {
			left = min(left, -1) // on a day off, too
		}
		return &Due{clock, last.Format(time.DateOnly), left}
	}
	if clock == ClockReply {
		paused = 0
	}
	days := map[string]int{ClockCoded: p.Coded, ClockDecided: p.Decided, ClockReply: p.Reply, ClockFeedback: p.Feedback}
	last := from.AddDate(0, 0, days[clock]+paused)
	return &Due{clock, last.Format(time.DateOnly), int(last.Sub(now).Hours() / 24)}
}

// calendar is the days on which the panel works. One without working days is taken to work every day.
func (p *Practice) calendar() *promise.Calendar {
	if len(p.WorkingDays) == 0 {
		return &promise.Calendar{}
	}
	return &promise.Calendar{WorkingDays: p.WorkingDays, Holidays: p.Holidays}
}

// Pauses are the times in which the clocks of a message stand still. It is for who has declared: it comes from notes.
func (b *Bench) Pauses(c *Case) []coding.Pause { return coding.Pauses(c.noted(), c.back) }

func (c *Case) noted() []coding.Noted {
	out := make([]coding.Noted, 0, len(c.Notes))
	for _, n := range c.Notes {
		out = append(out, coding.Noted{Coded: n.Coded, Day: n.Day})
	}
	return out
}

// comeBack notes with each message what its writer sent later: more of it, or a change of what may be done.
func (b *Bench) comeBack() {
	further := map[string][]*Case{}
	for _, c := range b.cases {
		if c.Card.Receipt != "" && (c.Card.Of == seal.KindFollowup || c.Card.Of == seal.KindConsent) {
			further[c.Card.Receipt] = append(further[c.Card.Receipt], c)
		}
	}
	for _, c := range b.cases {
		for _, other := range further[c.Card.Receipt] {
			if other != c {
				c.back = append(c.back, coding.Came{Leaf: b64Hash(other.Leaf), Day: other.Day})
			}
		}
	}
}

// ErrNoWait means that no clock stands still.
var ErrNoWait = errors.New("nobody waits for this writer")

// MayEndWait says why nobody can say that the panel waits for the writer no longer, before they type it; nil where they can.
// Errors: those of MayWrite, ErrNoWait.
func (b *Bench) MayEndWait(c *Case) error {
	if err := b.MayWrite(c); err != nil {
		return err
	}
	if len(coding.Waits(c.noted(), c.back)) == 0 {
		return ErrNoWait
	}
	return nil
}

// WaitOver says, in a note, that the panel waits for the writer no longer. Errors: those of MayEndWait, *Problem.
func (b *Bench) WaitOver(ctx context.Context, c *Case, text string) error {
	if err := b.MayEndWait(c); err != nil {
		return err
	}
	for _, hash := range coding.Waits(c.noted(), c.back) {
		if _, err := b.send(ctx, c, &coding.Note{Text: text, Over: hash}); err != nil {
			return err
		}
	}
	return nil
}

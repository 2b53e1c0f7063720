package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/promise"
)

// promisesView is a clinic's account as its pages show it: to everybody, or on the clinic's own side.
type promisesView struct {
	Own       bool // the clinic's own side
	On        time.Time
	Sentences []string
	Promises  []promiseView
	Findings  []handedView // that the clinic was handed, and may be shown
	Counts    []countView
	Clinic    []countView // silences of the clinic
	Panel     []countView // and of the panel
}

// countView is a number with what it means, one click away.
type countView struct {
	Name, Means string
	Count       int
}

// promiseView is a promise in the ledger.
type promiseView struct {
	ID, Link                 string
	What, Who, How           string
	Withheld                 bool // nobody of the panel has looked at it yet
	Made, Due                time.Time
	State                    string
	Notes                    []string // moved, late, repeated
	History                  []eventView
	JudgedBy                 []string // reviewers, of the last decision
	ClaimedOn, JudgedOn, Ask *time.Time
}

type eventView struct {
	Day time.Time
	Say string
}

// publicPromises is what everybody may see of a clinic's account.
func (s *server) publicPromises(c *fiber.Ctx) (promisesView, error) {
	account, err := s.account(c)
	if err != nil {
		return promisesView{}, err
	}
	return s.viewPromises(account.Public(), false), nil
}

func (s *server) viewPromises(a *promise.Account, own bool) promisesView {
	v := promisesView{Own: own, On: a.On}
	for _, p := range a.Promises {
		one := s.viewPromise(p, a.On)
		if own {
			one.Link, one.Withheld = liaisonPath+"/promises/"+p.ID, false
		}
		v.Promises = append(v.Promises, one)
	}
	for _, f := range a.Findings {
		if !own && len(f.Responses) == 0 && f.Finding == nil {
			continue // counted below; there is nothing of it to read
		}
		one := s.viewHanded(f, a.On)
		if !own && f.TakenBack {
			one.Responses = nil // gone with it
		}
		v.Findings = append(v.Findings, one)
	}
	v.Sentences = s.sentences(a)
	v.Counts = s.counts("promise.count.", []named{
		{"made", a.Counts.Made}, {"due", a.Counts.Due}, {"kept", a.Counts.Kept}, {"partly", a.Counts.Partly}, {"not_kept", a.Counts.NotKept},
		{"overdue", a.Counts.Overdue}, {"moved", a.Counts.ExtendedTwo}, {"repeats", a.Counts.Repeats},
	})
	v.Clinic = s.counts("promise.silence.", []named{
		{"due", a.Silences.Due}, {"on_time", a.Silences.OnTime}, {"late", a.Silences.Late}, {"none", a.Silences.None}, {"no_promise", a.Silences.WithoutPromise}, {"waiting", a.Silences.Waiting},
	})
	v.Panel = s.counts("promise.panel.", []named{
		{"handed", a.Silences.Handed}, {"taken", a.Silences.LateTaken}, {"decided", a.Silences.LateDecided}, {"judged", a.Silences.LateJudged},
	})
	return v
}

type named struct {
	key   string
	count int
}

func (s *server) counts(prefix string, of []named) (out []countView) {
	for _, one := range of {
		means := s.pages.say(prefix+one.key+".means", "Answer", promise.AnswerDays, "Judge", promise.JudgeDays)
		out = append(out, countView{s.pages.say(prefix + one.key), means, one.count})
	}
	return out
}

// sentences say first what matters most.
func (s *server) sentences(a *promise.Account) (out []string) {
	if len(a.Promises) == 0 {
		out = append(out, s.pages.say("promise.none"))
	} else {
		out = append(out, s.pages.say("promise.made", "Count", len(a.Promises)))
	}
	if n := a.Counts.Overdue; n > 0 {
		out = append(out, s.pages.say("promise.overdue", "Count", n))
	}
	if n := a.Silences.None; n > 0 {
		out = append(out, s.pages.say("promise.silent", "Count", n))
	}
	return out
}

func (s *server) viewPromise(p *promise.Standing, today time.Time) promiseView {
	v := promiseView{
		ID: p.ID, What: p.What, Who: p.Who, How: p.How, Withheld: p.What == "", Made: p.MadeOn, Due: p.Due,
		State: s.pages.say("promise.state." + string(p.State)), ClaimedOn: p.ClaimedOn, JudgedOn: p.JudgedOn,
	}
	switch {
	case p.State == promise.StateOverdue:
		v.Notes = append(v.Notes, s.pages.say("promise.days_late", "Count", p.DaysLate))
	case p.DaysLate > 0:
		v.Notes = append(v.Notes, s.pages.say("promise.claimed_late", "Count", p.DaysLate))
	}
	if p.Held {
		v.Notes = append(v.Notes, s.pages.say("promise.held"))
	}
	if p.LookBackOn != nil {
		v.Ask = p.LookBackOn
	}
	for _, note := range []named{{"promise.moved", p.Extended}, {"promise.tried", p.Refused}, {"promise.again", p.AfterKept}} {
		if note.count > 0 {
			v.Notes = append(v.Notes, s.pages.say(note.key, "Count", note.count))
		}
	}
	v.History = append(v.History, eventView{p.MadeOn, s.pages.say("promise.event.made", "Day", day(p.DueOn))})
	for _, e := range p.Events {
		say := ""
		switch e.Kind {
		case promise.KindExtended, promise.KindRefused:
			say = s.pages.say("promise.event."+e.Kind, "Day", day(*e.DueOn))
		case promise.KindClaimed:
			say = s.pages.say("promise.event.claimed")
		case promise.KindJudged:
			say = s.pages.say("promise.event.judged", "State", s.pages.say("promise.state."+*e.Verdict))
			v.JudgedBy = nil
			for _, j := range p.Judgements {
				if j.Round == *e.Round {
					v.JudgedBy = append(v.JudgedBy, j.ReviewerID)
				}
			}
		}
		if e.Reason != "" {
			say += " " + s.pages.say("promise.event.reason", "Reason", e.Reason)
		}
		v.History = append(v.History, eventView{e.HappenedOn, say})
	}
	return v
}

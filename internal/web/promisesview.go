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
	Judged    []promiseView // folded away: kept promises, where the list would be long
	Fold      bool          // so many answers that they are folded away
	Findings  []handedView  // that the clinic was handed, and may be shown
	Counts    []countView
	Clinic    []countView // silences of the clinic
	Panel     []countView // and of the panel
	Counted   bool        // any silence is, of either
	Kept      []measure   // how it keeps its promises
	Answers   []measure   // and how it answers
}

// countView is a number with what it means, one click away.
type countView struct {
	Name, Means string
	Count       int
}

// promiseView is a promise in the ledger.
type promiseView struct {
	ID, Code, Link, LinkSays string // Code is the state's
	What, Who, How           string
	Withheld                 bool // its words are not shown: nobody of the panel has looked at it yet, or it is gone
	Gone                     bool // the finding that it answers was taken back
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
	return s.in(c).viewPromises(account.Public(), false), nil
}

// foldAbove is how many promises or answers stand open on a page: more would make a phone's page endless.
const foldAbove = 3

// foldedAway says whether a promise is folded away on a page of so many: only what was kept, so that what was not stays in sight.
func foldedAway(p *promise.Standing, of int) bool {
	return of > foldAbove && p.State == promise.StateKept
}

func (in *pages) viewPromises(a *promise.Account, own bool) promisesView {
	v := promisesView{Own: own, On: a.On}
	made := map[string][]promiseView{} // by the answer in which they were
	for _, p := range a.Promises {
		one := in.viewPromise(p, a.On)
		if own {
			one.Link, one.LinkSays, one.Withheld = liaisonPath+"/promises/"+p.ID, in.say("liaison.tell_promise"), false
			if p.State == promise.StateOpen {
				one.LinkSays = in.say("liaison.open_promise")
			}
		}
		if one.What != "" {
			made[p.ResponseID] = append(made[p.ResponseID], one)
		}
		if foldedAway(p, len(a.Promises)) {
			v.Judged = append(v.Judged, one)
			continue
		}
		v.Promises = append(v.Promises, one)
	}
	for _, f := range a.Findings {
		if !own && len(f.Responses) == 0 && f.Finding == nil {
			continue // counted below; there is nothing of it to read
		}
		one := in.viewHanded(f, a.On, own)
		for i, r := range f.Responses {
			one.Responses[i].Promises = made[r.ID]
		}
		if !own && f.TakenBack {
			one.Responses = nil // gone with it
		}
		v.Findings = append(v.Findings, one)
	}
	v.Fold, v.Sentences = len(v.Findings) > foldAbove, in.sentences(a)
	v.Counts = in.counts(a, "promise.count.", []named{
		{"made", a.Counts.Made}, {"due", a.Counts.Due}, {"kept", a.Counts.Kept}, {"partly", a.Counts.Partly}, {"not_kept", a.Counts.NotKept},
		{"overdue", a.Counts.Overdue}, {"moved", a.Counts.ExtendedTwo}, {"repeats", a.Counts.Repeats},
	})
	v.Clinic = in.counts(a, "promise.silence.", []named{
		{"due", a.Silences.Due}, {"on_time", a.Silences.OnTime}, {"late", a.Silences.Late}, {"none", a.Silences.None}, {"no_promise", a.Silences.WithoutPromise}, {"waiting", a.Silences.Waiting},
	})
	v.Panel = in.counts(a, "promise.panel.", []named{
		{"handed", a.Silences.Handed}, {"taken", a.Silences.LateTaken}, {"decided", a.Silences.LateDecided}, {"judged", a.Silences.LateJudged},
	})
	v.Counted = a.Silences != (promise.Silences{})
	v.Kept, v.Answers = in.keeps(&a.Measures), in.answersInShort(a)
	return v
}

// keeps are the measures of promises.
func (in *pages) keeps(m *promise.Measures) []measure {
	return []measure{
		in.own("kept_rate", in.partOf(m.KeptOf[0], m.KeptOf[1])),
		in.own("overdue_age", in.daysOr(m.OverdueDays, "promise.measure.none_late")),
	}
}

// answersInShort are the measures of answers to findings. They are parts of small numbers, so they are given as both numbers and
// never as a part in a hundred.
func (in *pages) answersInShort(a *promise.Account) []measure {
	m, unknown := &a.Measures, "promise.measure.none"
	if m.AnswerOf > 0 {
		unknown = "promise.measure.too_few_answers"
	}
	return []measure{
		in.own("answered_90", in.partOf(m.Answered90, m.Of90), "Answer", a.Clocks.Answer),
		in.own("answer_days", in.daysOr(m.AnswerDays, unknown)),
		in.own("change_rate", in.partOf(m.Changed, m.Of)),
	}
}

func (in *pages) own(key, value string, pairs ...any) measure {
	key = "promise.measure." + key
	return measure{Name: in.say(key), Value: value, Means: in.say(key+".means", pairs...)}
}

func (in *pages) partOf(part, whole int) string {
	if whole == 0 {
		return in.say("promise.measure.none")
	}
	return in.say("promise.measure.of", "Part", part, "Whole", whole)
}

func (in *pages) daysOr(days *int, unknown string) string {
	if days == nil {
		return in.say(unknown)
	}
	return in.say("promise.measure.days", "Count", *days)
}

type named struct {
	key   string
	count int
}

func (in *pages) counts(a *promise.Account, prefix string, of []named) (out []countView) {
	for _, one := range of {
		means := in.say(prefix+one.key+".means", "Answer", a.Clocks.Answer, "Judge", a.Clocks.Judge)
		out = append(out, countView{in.say(prefix + one.key), means, one.count})
	}
	return out
}

// sentences say first what matters most.
func (in *pages) sentences(a *promise.Account) (out []string) {
	if len(a.Promises) == 0 {
		out = append(out, in.say("promise.none"))
	} else {
		out = append(out, in.say("promise.made", "Count", len(a.Promises)))
	}
	if n := a.Counts.Overdue; n > 0 {
		out = append(out, in.say("promise.overdue", "Count", n))
	}
	if n := a.Silences.None; n > 0 {
		out = append(out, in.say("promise.silent", "Count", n))
	}
	return out
}

func (in *pages) viewPromise(p *promise.Standing, today time.Time) promiseView {
	v := promiseView{
		ID: p.ID, Code: string(p.State), What: p.What, Who: p.Who, How: p.How, Withheld: p.What == "", Gone: p.TakenBack, Made: p.MadeOn, Due: p.Due,
		State: in.say("promise.state." + string(p.State)), ClaimedOn: p.ClaimedOn, JudgedOn: p.JudgedOn,
	}
	switch {
	case p.State == promise.StateOverdue:
		v.Notes = append(v.Notes, in.say("promise.days_late", "Count", p.DaysLate))
	case p.DaysLate > 0:
		v.Notes = append(v.Notes, in.say("promise.claimed_late", "Count", p.DaysLate))
	}
	if p.Held {
		v.Notes = append(v.Notes, in.say("promise.held"))
	}
	if p.LookBackOn != nil {
		v.Ask = p.LookBackOn
	}
	for _, note := range []named{{"promise.moved", p.Extended}, {"promise.tried", p.Refused}, {"promise.again", p.AfterKept}} {
		if note.count > 0 {
			v.Notes = append(v.Notes, in.say(note.key, "Count", note.count))
		}
	}
	v.History = append(v.History, eventView{p.MadeOn, in.say("promise.event.made", "Day", in.on(p.DueOn))})
	for _, e := range p.Events {
		say := ""
		switch e.Kind {
		case promise.KindExtended, promise.KindRefused:
			say = in.say("promise.event."+e.Kind, "Day", in.on(*e.DueOn))
		case promise.KindClaimed:
			say = in.say("promise.event.claimed")
		case promise.KindJudged:
			say = in.say("promise.event.judged", "State", in.say("promise.state."+*e.Verdict))
			v.JudgedBy = nil
			for _, j := range p.Judgements {
				if j.Round == *e.Round {
					v.JudgedBy = append(v.JudgedBy, j.ReviewerID)
				}
			}
		}
		if e.Reason != "" {
			say += " " + in.say("promise.event.reason", "Reason", e.Reason)
		}
		v.History = append(v.History, eventView{e.HappenedOn, say})
	}
	return v
}

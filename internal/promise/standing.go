package promise

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/review"
)

// State is how a promise stands on a day.
type State string

// States of a promise.
const (
	StateOpen    State = "open"
	StateOverdue State = "overdue" // its day has passed, and nobody says that it is done
	StateClaimed State = "claimed" // the clinic says that it is done; the panel has not judged that yet
	StateKept    State = Kept
	StatePartly  State = Partly
	StateNotKept State = NotKept
)

// Standing is a promise and how it stands on a day. Days are days of the clinic, as midnight UTC.
type Standing struct {
	Promise
	HandoverID string
	TakenBack  bool // the finding that it answers was taken back

	State     State
	Due       time.Time  // the date that holds
	Extended  int        // how often the date was moved
	Refused   int        // how often somebody wanted to move it after it had come
	DaysLate  int        // calendar days since Due while overdue, or by which it was claimed late
	ClaimedOn *time.Time // the day on which the clinic said that it is done, since the panel last judged
	JudgedOn  *time.Time // the last time that two members judged
	Rounds    int        // how often two members have judged

	LookBackOn *time.Time // kept: the day on which the panel asks again; nil once it has
	Held       bool       // kept, and still kept when the panel asked again
	Repeats    []Repeat   // findings that tell of it again
	AfterKept  int        // of those, handed over in the repeatDays after the promise was judged kept

	Events     []Event
	Judgements []Judgement // of rounds that two members decided, and only those that decided them
	Shown      bool        // what it says may be read by everybody

	clocks    []clinic.ClocksFrom
	claimedAt int // N of the event by which it became claimed; 0 while it is not
}

// Closed is a promise of which nobody owes anything: it is judged kept.
func (p *Standing) Closed() bool { return p.State == StateKept }

// ToJudge reports whether the panel can judge a promise on a day: the clinic says it is done, its day has passed, or it was
// kept and the time to look back has come.
func (p *Standing) ToJudge(day time.Time) bool {
	switch p.State {
	case StateClaimed, StateOverdue:
		return true
	case StateKept:
		return p.LookBackOn != nil && !day.Before(*p.LookBackOn)
	}
	return false
}

// JudgeBy is the last day for the panel to judge what it can judge; false when nothing waits for it.
func (p *Standing) JudgeBy(day time.Time) (by time.Time, waits bool) {
	if !p.ToJudge(day) {
		return time.Time{}, false
	}
	switch {
	case p.State == StateClaimed:
		return p.judgeBy(*p.ClaimedOn), true
	case p.State == StateKept:
		return p.judgeBy(*p.LookBackOn), true
	}
	return time.Time{}, false // overdue: the date itself says it, and the clinic has the word
}

// judgeBy is the last day for what the panel can judge since a day, by the clocks of that day.
func (p *Standing) judgeBy(since time.Time) time.Time {
	return since.AddDate(0, 0, clinic.ClocksOn(p.clocks, since).Judge)
}

// standing works out how a promise stands on a day from what happened up to it. events are in their order, clocks as they were
// decided.
func standing(p Promise, events []Event, clocks []clinic.ClocksFrom, day time.Time) *Standing {
	s := &Standing{Promise: p, State: StateOpen, Due: p.DueOn, clocks: clocks}
	for _, e := range events {
		if e.HappenedOn.After(day) {
			break
		}
		s.Events = append(s.Events, e)
		switch e.Kind {
		case KindExtended:
			s.Due, s.Extended = *e.DueOn, s.Extended+1
		case KindRefused:
			s.Refused++
		case KindClaimed:
			if s.State == StateClaimed {
				continue // it says more; the panel's days run from the first time
			}
			s.State, s.ClaimedOn, s.claimedAt = StateClaimed, &e.HappenedOn, e.N
		case KindJudged:
			s.judged(State(*e.Verdict), e.HappenedOn)
		}
	}
	if s.State == StateOpen && day.After(s.Due) {
		s.State, s.DaysLate = StateOverdue, daysBetween(s.Due, day)
	}
	if s.ClaimedOn != nil && s.ClaimedOn.After(s.Due) {
		s.DaysLate = daysBetween(s.Due, *s.ClaimedOn)
	}
	return s
}

func (p *Standing) judged(verdict State, on time.Time) {
	again := p.State == StateKept // the look back
	p.State, p.JudgedOn, p.LookBackOn, p.Held = verdict, &on, nil, again && verdict == StateKept
	if verdict == StateKept && !again {
		ask := on.AddDate(0, 0, clinic.ClocksOn(p.clocks, on).LookBack)
		p.LookBackOn = &ask
	}
	p.Rounds, p.claimedAt = p.Rounds+1, 0
}

func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// Period is the days that an account is about, both ends included. The zero Period is all time.
type Period struct{ First, Last time.Time }

func (p Period) has(day time.Time) bool {
	return (p.First.IsZero() || !day.Before(p.First)) && (p.Last.IsZero() || !day.After(p.Last))
}

// Answered is a finding that the clinic was handed, with the clinic's answers to it.
type Answered struct {
	Handover
	Finding   *review.Finding // nil when it was taken back, or its time is over
	Responses []Response      // the oldest first
	TakenBack bool            // whenever that was: what is gone is gone in accounts of earlier days too
	Promised  bool            // one of them carries a promise
	Late      bool            // the first answer came after AnswerBy
}

// FirstOn is the day of the first answer; nil while there is none.
func (a *Answered) FirstOn() *time.Time {
	if len(a.Responses) == 0 {
		return nil
	}
	return &a.Responses[0].RespondedOn
}

// Promises counts promises of a period.
type Promises struct {
	Made        int // in the period
	Due         int // the date that holds lies in the period and has passed, or the panel has judged
	Kept        int // of Due
	Partly      int
	NotKept     int
	Overdue     int // on the day of the account, whenever they were due
	ExtendedTwo int // of all shown: the date was moved more than once
	Repeats     int // findings that tell of a kept promise again, within a year
}

// Account is what a clinic owes, said, promised and did, as it stood at the end of a day. It has everything, also what is not
// for everybody: see Standing.Shown, Response.ShownOn and Handover.Public. Public gives what is.
type Account struct {
	ClinicID string
	On       time.Time
	Period   Period
	Clocks   clinic.Clocks // of what happens on that day
	Promises []*Standing   // that were made by On and touch the period, the next due first
	Findings []*Answered   // handed over in the period, the newest first
	Silences Silences
	Counts   Promises
	Measures Measures
}

// Account works out a clinic's account of a period, as it stood at the end of a day. It reads all of a clinic's answers and
// promises, and no report. Call it behind the clinic's walls, or with a clinic's id outside of all.
func (s *Store) Account(ctx context.Context, clinicID string, period Period, on time.Time) (*Account, error) {
	on = on.UTC().Truncate(24 * time.Hour)
	rows, err := s.load(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	a := &Account{ClinicID: clinicID, On: on, Period: period, Clocks: clinic.ClocksOn(rows.clocks, on)}
	a.addFindings(rows)
	a.addPromises(rows)
	a.Measures.finish(&a.Counts)
	return a, nil
}

// rows are everything that an account is worked out from.
type rows struct {
	clocks     []clinic.ClocksFrom
	handovers  []Handover
	findings   map[string]*review.Finding
	responses  map[string][]Response // by hand-over
	promises   []Promise
	of         map[string]Response // by id
	takenBack  map[string]bool     // by hand-over
	handedOn   map[string]time.Time
	events     map[string][]Event // by promise, in their order
	judgements map[string][]Judgement
	repeats    map[string][]Repeat
}

func (s *Store) load(ctx context.Context, clinicID string) (*rows, error) {
	r := &rows{
		findings: map[string]*review.Finding{}, responses: map[string][]Response{}, of: map[string]Response{}, takenBack: map[string]bool{}, handedOn: map[string]time.Time{},
		events: map[string][]Event{}, judgements: map[string][]Judgement{}, repeats: map[string][]Repeat{},
	}
	var err error
	if r.clocks, err = s.clocks(ctx, clinicID); err != nil {
		return nil, err
	}
	var findings []review.Finding
	var responses []Response
	var events []Event
	var judgements []Judgement
	var repeats []Repeat
	db := s.db(ctx)
	ofPromises := func(q *bun.SelectQuery, table string) *bun.SelectQuery {
		return q.Where("EXISTS (SELECT FROM promise WHERE promise.id = ?.promise_id AND promise.clinic_id = ?)", bun.Ident(table), clinicID)
	}
	for _, q := range []*bun.SelectQuery{
		db.NewSelect().Model(&r.handovers).Where("clinic_id = ?", clinicID).Order("handed_on DESC", "id"),
		db.NewSelect().Model(&findings).Join("JOIN handover ON handover.finding_id = finding.id").
			Where("handover.clinic_id = ?", clinicID).Where("finding.retracted_on IS NULL"),
		db.NewSelect().Model(&responses).Where("clinic_id = ?", clinicID).Order("responded_on", "id"),
		db.NewSelect().Model(&r.promises).Where("clinic_id = ?", clinicID),
		ofPromises(db.NewSelect().Model(&events), "event").Order("promise_id", "n"),
		ofPromises(db.NewSelect().Model(&judgements), "judgement").Order("promise_id", "round", "reviewer_id"),
		ofPromises(db.NewSelect().Model(&repeats), "repeat").Order("promise_id", "linked_on", "handover_id"),
	} {
		if err := q.Scan(ctx); err != nil {
			return nil, fmt.Errorf("read answers and promises: %w", err)
		}
	}
	for i := range findings {
		r.findings[findings[i].ID] = &findings[i]
	}
	for _, h := range r.handovers {
		r.takenBack[h.ID], r.handedOn[h.ID] = h.TakenBackOn != nil, h.HandedOn
	}
	for _, one := range responses {
		r.responses[one.HandoverID], r.of[one.ID] = append(r.responses[one.HandoverID], one), one
	}
	for _, e := range events {
		r.events[e.PromiseID] = append(r.events[e.PromiseID], e)
	}
	for _, j := range judgements {
		r.judgements[j.PromiseID] = append(r.judgements[j.PromiseID], j)
	}
	for _, one := range repeats {
		r.repeats[one.PromiseID] = append(r.repeats[one.PromiseID], one)
	}
	return r, nil
}

func (a *Account) addFindings(r *rows) {
	promised := map[string]bool{}
	for _, p := range r.promises {
		if !p.MadeOn.After(a.On) {
			promised[r.of[p.ResponseID].HandoverID] = true
		}
	}
	for _, h := range r.handovers {
		if h.HandedOn.After(a.On) {
			continue
		}
		one := &Answered{Handover: h, Promised: promised[h.ID], TakenBack: h.TakenBackOn != nil}
		if h.FindingID != nil && !one.TakenBack {
			one.Finding = r.findings[*h.FindingID]
		}
		for _, response := range r.responses[h.ID] {
			if !response.RespondedOn.After(a.On) {
				one.Responses = append(one.Responses, response)
			}
		}
		one.Late = len(one.Responses) > 0 && one.FirstOn().After(h.AnswerBy)
		a.Silences.add(one, a.Period, a.On)
		a.Measures.add(one, a.Period, a.On)
		if a.Period.has(h.HandedOn) {
			a.Findings = append(a.Findings, one)
		}
	}
}

func (a *Account) addPromises(r *rows) {
	for _, p := range r.promises {
		if p.MadeOn.After(a.On) {
			continue
		}
		one := standing(p, r.events[p.ID], r.clocks, a.On)
		response := r.of[p.ResponseID]
		one.HandoverID, one.Shown = response.HandoverID, response.ShownOn != nil && !response.ShownOn.After(a.On)
		one.TakenBack = r.takenBack[one.HandoverID]
		one.tie(r.repeats[p.ID], r.handedOn, a.On)
		one.addJudgements(r.judgements[p.ID])
		a.Counts.add(one, a.Period, a.On)
		a.Measures.addPromise(one)
		if by, waits := one.JudgeBy(a.On); waits && a.On.After(by) {
			a.Silences.LateJudged++
		}
		if a.touches(one) {
			a.Promises = append(a.Promises, one)
			a.Counts.ExtendedTwo += number(one.Extended > 1)
		}
	}
	slices.SortFunc(a.Promises, func(x, y *Standing) int {
		return cmp.Or(cmp.Compare(number(x.Closed()), number(y.Closed())), x.Due.Compare(y.Due), cmp.Compare(x.ID, y.ID))
	})
}

// touches says whether anything of a promise lies in the period: it was made before its end, and was open in it.
func (a *Account) touches(p *Standing) bool {
	if !a.Period.Last.IsZero() && p.MadeOn.After(a.Period.Last) {
		return false
	}
	return !p.Closed() || a.Period.First.IsZero() || !p.JudgedOn.Before(a.Period.First)
}

func (p *Standing) tie(repeats []Repeat, handedOn map[string]time.Time, on time.Time) {
	for _, one := range repeats {
		if one.LinkedOn.After(on) {
			continue
		}
		p.Repeats = append(p.Repeats, one)
		p.AfterKept += number(p.keptWithinAYearBefore(handedOn[one.HandoverID]))
	}
}

// keptWithinAYearBefore says whether two members judged a promise kept in the repeatDays before a day.
func (p *Standing) keptWithinAYearBefore(day time.Time) bool {
	return slices.ContainsFunc(p.Events, func(e Event) bool {
		return e.Kind == KindJudged && *e.Verdict == Kept && day.After(e.HappenedOn) && daysBetween(e.HappenedOn, day) <= repeatDays
	})
}

func (p *Standing) addJudgements(all []Judgement) {
	for _, e := range p.Events {
		for _, j := range all {
			if e.Kind == KindJudged && j.Round == *e.Round && j.Counted {
				p.Judgements = append(p.Judgements, j)
			}
		}
	}
}

func (c *Promises) add(p *Standing, period Period, on time.Time) {
	c.Made += number(period.has(p.MadeOn))
	c.Overdue += number(p.State == StateOverdue)
	c.Repeats += p.AfterKept
	if !period.has(p.Due) || p.JudgedOn == nil && !on.After(p.Due) {
		return
	}
	c.Due++
	switch p.State {
	case StateKept:
		c.Kept++
	case StatePartly:
		c.Partly++
	case StateNotKept:
		c.NotKept++
	}
}

// Public gives an account without what is not for everybody: findings only where their writers said so, and words of the clinic
// only once a member of the panel has looked at them; with a finding that was taken back goes all that was said about it. What
// happened, and when, stays.
func (a *Account) Public() *Account {
	out := *a
	out.Findings, out.Promises = nil, nil
	for _, f := range a.Findings {
		one := *f
		if !one.Public || one.TakenBack {
			one.Finding, one.Themes = nil, nil
		}
		if one.Finding != nil { // what must not happen is for the clinic alone
			words := *one.Finding
			words.MustNot = nil
			one.Finding = &words
		}
		one.Responses = nil
		for _, r := range f.Responses {
			if r.ShownOn == nil || r.ShownOn.After(a.On) || f.TakenBack {
				r.Words, r.Power, r.Role = "", "", ""
			}
			one.Responses = append(one.Responses, r)
		}
		out.Findings = append(out.Findings, &one)
	}
	for _, p := range a.Promises {
		one := *p
		if !one.Shown || one.TakenBack {
			one.What, one.Who, one.How = "", "", ""
		}
		one.Events = nil
		for _, e := range p.Events {
			e.Reason = ""
			one.Events = append(one.Events, e)
		}
		out.Promises = append(out.Promises, &one)
	}
	return &out
}

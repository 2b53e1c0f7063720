package export

import (
	"context"
	"strings"
	"time"
	"unicode"

	"answerable/internal/promise"
)

// What stands where the panel has not let words out yet, or they were taken back: that there is something is never left out.
const (
	answerWithheld  = "The clinic has answered. The panel has not let the words be read by everybody."
	promiseWithheld = "The clinic has promised something. The panel has not let the words be read by everybody."

	answerTakenBack  = "The clinic has answered. What it answered was taken back, and the words of the answer are gone with that."
	promiseTakenBack = "The clinic has promised something. What it was about was taken back, and the words of the promise are gone with that."
)

var stateOf = map[promise.State]string{
	promise.StateOpen: StateOpen, promise.StateOverdue: StateOverdue, promise.StateClaimed: StateClaimed,
	promise.StateKept: StateKept, promise.StatePartly: StatePartly, promise.StateNotKept: StateNotKept,
}

// account gathers what everybody may read of a period's answers, of promises that were made or judged in it or are still open as of
// a day, and counts silences of it. What was said in other periods stands in their bundles: so no bundle grows with the years.
// Themes are those that everybody may read: an answer to a finding for the clinic alone has none.
func (s *Store) account(ctx context.Context, clinicID string, period promise.Period, asOf time.Time) (*Accountability, error) {
	if s.Promises == nil {
		return nil, nil
	}
	all, err := s.Promises.Account(ctx, clinicID, promise.Period{}, asOf)
	if err != nil {
		return nil, err
	}
	of, err := s.Promises.Account(ctx, clinicID, period, asOf)
	if err != nil {
		return nil, err
	}
	out := &Accountability{Responses: []Response{}, Promises: []Promise{}, Silences: silencesOf(&of.Silences)}
	public := all.Public()
	themes, takenBack := map[string]string{}, map[string]bool{} // by hand-over
	for _, f := range public.Findings {
		if len(f.Themes) > 0 {
			themes[f.ID] = f.Themes[0]
		}
		takenBack[f.ID] = f.TakenBack
		for _, r := range f.Responses {
			if within(period, r.RespondedOn) {
				out.Responses = append(out.Responses, responseOf(r, themes[f.ID], f.TakenBack))
			}
		}
	}
	for _, p := range public.Promises {
		if !p.Closed() || within(period, p.MadeOn) || p.JudgedOn != nil && within(period, *p.JudgedOn) {
			out.Promises = append(out.Promises, promiseOf(p, themes[p.HandoverID], takenBack[p.HandoverID]))
		}
	}
	return out, nil
}

func within(period promise.Period, day time.Time) bool {
	return !day.Before(period.First) && !day.After(period.Last)
}

func responseOf(r promise.Response, theme string, takenBack bool) Response {
	if takenBack {
		return Response{On: dayOf(r.RespondedOn), Text: answerTakenBack}
	}
	return Response{On: dayOf(r.RespondedOn), Theme: theme, Role: clean(roleOf(r)), Text: clean(orElse(r.Words, answerWithheld))}
}

func promiseOf(p *promise.Standing, theme string, takenBack bool) Promise {
	out := Promise{MadeOn: dayOf(p.MadeOn), Due: dayOf(p.Due), State: stateOf[p.State], StateOn: dayOf(sinceOf(p)), Extended: p.Extended}
	if takenBack {
		out.What = promiseTakenBack
		return out
	}
	out.Theme, out.What, out.Who, out.How = theme, clean(orElse(p.What, promiseWithheld)), clean(p.Who), clean(p.How)
	return out
}

func dayOf(t time.Time) string { return t.Format(time.DateOnly) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func roleOf(r promise.Response) string {
	if r.Power == "" {
		return r.Role
	}
	return r.Role + "\n" + r.Power
}

// sinceOf is the day from which a promise stands as it does.
func sinceOf(p *promise.Standing) time.Time {
	switch {
	case p.State == promise.StateOverdue:
		return p.Due.AddDate(0, 0, 1)
	case p.State == promise.StateClaimed && p.ClaimedOn != nil:
		return *p.ClaimedOn
	case p.State != promise.StateOpen && p.JudgedOn != nil:
		return *p.JudgedOn
	}
	return p.MadeOn
}

// silencesOf counts findings, never reports, the clinic's and the panel's own.
func silencesOf(s *promise.Silences) []Silence {
	return []Silence{
		{"clinic", "findings-to-answer-by-now", s.Due}, {"clinic", "answered-in-time", s.OnTime}, {"clinic", "answered-late", s.Late},
		{"clinic", "not-answered", s.None}, {"clinic", "answered-without-a-promise", s.WithoutPromise}, {"clinic", "not-answered-with-time-left", s.Waiting},
		{"panel", "findings-handed-over", s.Handed}, {"panel", "taken-up-late", s.LateTaken}, {"panel", "decided-late", s.LateDecided},
		{"panel", "promises-not-judged-in-time", s.LateJudged},
	}
}

// clean makes a text one that can stand in every format: a form sends CR LF, and somebody may have typed what no format holds.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || r == 0xfffe || r == 0xffff {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

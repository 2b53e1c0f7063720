package client

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/promise"
	"answerable/internal/transparency"
)

// judgesNeeded is how many members say the same before it counts; internal/promise/FORMAT.md.
const judgesNeeded = 2

// publicPledge is a promise as everybody gets it, with the signatures of those who judged it.
type publicPledge struct {
	ID         string      `json:"id"`
	What       string      `json:"what"` // empty where its words are not for everybody
	Who        string      `json:"who"`
	How        string      `json:"how"`
	FirstDue   string      `json:"first_due"`
	State      string      `json:"state"`
	Judgements []judgement `json:"judgements"`
}

type judgement struct {
	Reviewer  string `json:"reviewer"`
	Round     int    `json:"round"`
	Verdict   string `json:"verdict"`
	Day       string `json:"day"`
	Signature string `json:"signature"` // base64
}

// holdJudgements checks what the server says that members judged, against their signatures, the panel's lists and the log, and
// writes what does not hold into Pledge.Doubts. Members of any list of the chain count: some who judged have left since.
func (r *Reviewer) holdJudgements(ctx context.Context, clinic string, pledges []Pledge) error {
	panel, err := r.WatchedPanel(ctx, clinic)
	if err != nil {
		return err
	}
	logged, err := r.loggedJudgements(ctx, panel, pledges)
	if err != nil {
		return err
	}
	var public struct {
		Promises []publicPledge `json:"promises"`
	}
	if err := r.get(ctx, clinicPath(publicAPI, clinic, "promises"), &public); err != nil {
		return err
	}
	for i := range pledges {
		p := &pledges[i]
		p.Doubts = logged.doubts(p)
		at := slices.IndexFunc(public.Promises, func(one publicPledge) bool { return one.ID == p.ID })
		if at < 0 {
			p.Doubts = append(p.Doubts, "everybody else is not shown this promise")
			continue
		}
		p.Doubts = append(p.Doubts, panel.doubts(p, &public.Promises[at])...)
	}
	return nil
}

// logged is what members said of promises by the log, with signatures that hold, by promise and round.
type logged map[string]map[int]*promise.Decided

// loggedJudgements reads the log again while something is shown that is not in it yet: an honest server signs within a second.
func (r *Reviewer) loggedJudgements(ctx context.Context, panel *Panel, pledges []Pledge) (logged, error) {
	for second := 0; ; second++ {
		leaves, err := r.keyLeaves(ctx)
		if err != nil {
			return nil, err
		}
		found := judgementsOf(panel.clinicID, leaves)
		if second == patienceForLog || !slices.ContainsFunc(pledges, func(p Pledge) bool { return found.waits(&p) }) {
			return found, nil
		}
		if err := r.Wait(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// judgementsOf takes what enough of the list in force at its place signed about a clinic's promises.
func judgementsOf(clinicID string, leaves []transparency.Leaf) logged {
	found, panels := logged{}, new(keyring.Panels)
	for _, leaf := range leaves {
		if leaf.Kind() == transparency.KindPanel {
			panels.Add(leaf)
		}
		d, err := promise.ParseDecided(leaf)
		if err != nil || d.ClinicID != clinicID || judgedBy(panels, d) != nil {
			continue
		}
		if found[d.PromiseID] == nil {
			found[d.PromiseID] = map[int]*promise.Decided{}
		}
		found[d.PromiseID][d.Round] = d
	}
	return found
}

// judgedEvents are the verdicts that a promise is shown with, by round.
func judgedEvents(pledge *Pledge) (verdicts []string) {
	for _, e := range pledge.Events {
		if e.Kind == promise.KindJudged {
			verdicts = append(verdicts, e.Verdict)
		}
	}
	return verdicts
}

func (l logged) waits(pledge *Pledge) bool { return len(judgedEvents(pledge)) > len(l[pledge.ID]) }

// doubts compares what a promise is shown with and what the log says of it. Other words than those that were signed are found
// by the signatures.
func (l logged) doubts(pledge *Pledge) (doubts []string) {
	shown := judgedEvents(pledge)
	for round, verdict := range shown {
		if d := l[pledge.ID][round]; d == nil {
			doubts = append(doubts, fmt.Sprintf("it is shown as judged %s, and the public log does not have that", verdict))
		} else if d.Verdict != verdict {
			doubts = append(doubts, fmt.Sprintf("it is shown as judged %s, and the public log says %s", verdict, d.Verdict))
		}
	}
	for _, round := range slices.Sorted(maps.Keys(l[pledge.ID])) {
		if round >= len(shown) {
			doubts = append(doubts, fmt.Sprintf("the public log says that members judged it %s, and that is not shown", l[pledge.ID][round].Verdict))
		}
	}
	return doubts
}

func (p *Panel) doubts(pledge *Pledge, public *publicPledge) (doubts []string) {
	if public.What != "" && (public.What != pledge.What || public.Who != pledge.Who || public.How != pledge.How) || public.FirstDue != pledge.FirstDue {
		doubts = append(doubts, "everybody else is shown other words or another day")
	}
	if public.State != pledge.State {
		doubts = append(doubts, fmt.Sprintf("everybody else is shown %s", public.State))
	}
	rounds, last := 0, ""
	for _, e := range pledge.Events {
		if e.Kind != promise.KindJudged {
			continue
		}
		if n := p.signed(pledge, public.Judgements, rounds, e.Verdict); n < judgesNeeded {
			doubts = append(doubts, fmt.Sprintf("%s on %s: signatures of %d members hold, and it takes %d", e.Verdict, e.Day, n, judgesNeeded))
		}
		rounds, last = rounds+1, e.Verdict
	}
	if slices.Contains(promise.Verdicts, pledge.State) && pledge.State != last || pledge.Round != rounds {
		doubts = append(doubts, fmt.Sprintf("it is shown as %s, and nothing that members judged says so", pledge.State))
	}
	return doubts
}

// signed counts the members whose signatures on a verdict of a round hold over the promise as this terminal got it.
func (p *Panel) signed(pledge *Pledge, judgements []judgement, round int, verdict string) int {
	due, err := time.Parse(time.DateOnly, pledge.FirstDue)
	if err != nil {
		return 0
	}
	row := &promise.Promise{ID: pledge.ID, ClinicID: p.clinicID, What: pledge.What, Who: pledge.Who, How: pledge.How, DueOn: due}
	members := map[string]bool{}
	for _, j := range judgements {
		day, dayErr := time.Parse(time.DateOnly, j.Day)
		signature, err := base64.StdEncoding.DecodeString(j.Signature)
		if dayErr != nil || err != nil || j.Round != round || j.Verdict != verdict {
			continue
		}
		if row.Verify(p.keyOf(j.Reviewer), round, verdict, day, signature) {
			members[j.Reviewer] = true
		}
	}
	return len(members)
}

// keyOf is the key of somebody who is or was on a list of the chain; nil for others.
func (p *Panel) keyOf(reviewer string) ed25519.PublicKey {
	for _, list := range p.All {
		if m := list.Member(reviewer); m != nil {
			return m.VerifyKey
		}
	}
	return nil
}

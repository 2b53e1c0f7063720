package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// A Holding is what came of holding a finding against the decision behind it.
type Holding string

// What came of it.
const (
	Holds     Holding = "holds"
	Differs   Holding = "differs"   // it is not what a member signed, or not what was decided
	Forbidden Holding = "forbidden" // its writer does not allow it, or not any more
	Shut      Holding = "shut"      // the message, or what was written about it, is not open here, so nothing can be said
)

// ErrNoFinding means that no such finding stands, for this reviewer.
var ErrNoFinding = errors.New("no finding of this name is here")

// A FindingError means that a finding was not handed over, as it does not hold.
type FindingError struct{ Holding Holding }

func (e *FindingError) Error() string { return "it was not handed over: " + HoldingSaid[e.Holding] }

// HoldingSaid is what is said of findings that do not hold.
var HoldingSaid = map[Holding]string{
	Differs:   "this is not what the panel decided: its words, its form or its signature fit no decision that members signed",
	Forbidden: "its writer does not allow this, or not any more",
	Shut:      "its message, or what was written about it, is not open to you, so you cannot hold it against the decision",
}

// HeldFinding is a finding that stands, held against what members signed and what its writer allows now.
type HeldFinding struct {
	WaitingFinding
	Holding Holding `json:"holding"`
}

// Findings are those of the clinic that stand, each held against the decision behind it. Errors: *Problem.
func (b *Bench) Findings(ctx context.Context) ([]HeldFinding, error) {
	all, err := b.findings(ctx, b.clinic)
	if err != nil {
		return nil, err
	}
	held := []HeldFinding{}
	for i := range all {
		held = append(held, HeldFinding{all[i], b.hold(&all[i])})
	}
	return held, nil
}

// HandOver gives a finding to the clinic that holds, and no other. Errors: ErrNoFinding, *FindingError, *Problem.
func (b *Bench) HandOver(ctx context.Context, id string) (handover string, err error) {
	findings, err := b.Findings(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(findings, func(f HeldFinding) bool { return f.ID == id })
	if i < 0 {
		return "", ErrNoFinding
	}
	if h := findings[i].Holding; h != Holds {
		return "", &FindingError{h}
	}
	var out struct {
		ID string `json:"id"`
	}
	err = b.post(ctx, b.path("handovers"), map[string]string{"finding": id}, &out)
	return out.ID, err
}

// TakeBack takes a finding back at once, whether the clinic was handed it or not: what it says is gone. Any member may who has not
// stepped back from its message. Errors: *Problem.
func (r *Reviewer) TakeBack(ctx context.Context, clinic, finding string) error {
	return r.post(ctx, clinicPath(panelAPI, clinic, "findings", finding, "retraction"), struct{}{}, nil)
}

func (r *Reviewer) findings(ctx context.Context, clinic string) ([]WaitingFinding, error) {
	var all struct {
		Findings []WaitingFinding `json:"findings"`
	}
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "findings"), &all); err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	return all.Findings, nil
}

// signedFinding says whether a member signed a finding: with its day, or as an older program did, without.
func (b *Bench) signedFinding(f *WaitingFinding) bool {
	row := &review.Finding{LeafHash: f.Leaf, Form: f.Form, Words: f.Words, Themes: f.Themes, MustNot: f.MustNot, Sharing: f.Sharing}
	row.FoundOn, _ = time.Parse(time.DateOnly, f.Day) // one that does not read is none that is signed
	return len(f.Leaf) == 32 && len(f.Sharing) == 32 && row.Verify(b.keyOf(f.By), b.clinicID, f.Signature)
}

// hold holds one finding against the decision behind it. Twin of holdFinding in ui/src/panel/heldfindings.ts.
func (b *Bench) hold(f *WaitingFinding) Holding {
	if !b.signedFinding(f) {
		return Differs
	}
	c := b.cases[[32]byte(f.Leaf)]
	if c == nil || c.message == nil || c.mustCode(b.ID) {
		return Shut
	}
	decision := c.decisionOf(f)
	if decision == nil {
		return Differs
	}
	out, rests := c.decided(decision, f.Day)
	given := coding.Outgoing{Form: f.Form, Words: f.Words, Themes: f.Themes, MustNot: f.MustNot}
	if !rests || !out.Same(given) || wholeDays(decision.Day, f.Day) < coding.ObjectionDays || c.objectedBefore(decision, f.Day) {
		return Differs
	}
	wishes := c.wishes()
	if c.forbids(decision.Body, out) || !slices.Equal(wishes.GoAlong(out.Form), out.MustNot) {
		return Forbidden
	}
	return Holds
}

// decisionOf is the decision that a finding names; nil where it is not here.
func (c *Case) decisionOf(f *WaitingFinding) *Dated[*coding.Sharing] {
	name := base64.RawURLEncoding.EncodeToString(f.Sharing)
	i := slices.IndexFunc(c.Sharings, func(s Dated[*coding.Sharing]) bool { return s.Hash == name })
	if i < 0 {
		return nil
	}
	return &c.Sharings[i]
}

// mustCode says whether somebody has a coding to do, and so is handed nothing that others wrote.
func (c *Case) mustCode(me string) bool {
	return !c.coder(me) && (c.has(me, review.RoleCoder) || c.has(me, review.RoleThird))
}

// decided is all that a decision lets out. rests says whether it rests on the agreement of two coders and the check of
// somebody else, who had not sent another before the day on which it went out.
func (c *Case) decided(decision *Dated[*coding.Sharing], went string) (out coding.Outgoing, rests bool) {
	var agreed *coding.Consensus
	signers := map[string]bool{}
	for _, f := range c.Consensuses {
		if !slices.Contains(decision.Body.Consensus, f.Hash) || !c.coder(f.By) {
			continue
		}
		if agreed != nil && !reflect.DeepEqual(agreed, f.Body) {
			return out, false
		}
		agreed, signers[f.By] = f.Body, true
	}
	if decision.Body.Decision != coding.Share || len(signers) < 2 {
		return out, false
	}
	out = coding.GoesOut(decision.Body.Form, decision.Body.Words, agreed, &decision.Body.Wishes)
	i := slices.IndexFunc(c.Checks, func(f Dated[*coding.Check]) bool { return f.Hash == decision.Body.Check })
	if i < 0 || c.Checks[i].Body.Guess || c.coder(c.Checks[i].By) || !c.Checks[i].Body.Same(out) {
		return out, false
	}
	check := c.Checks[i]
	if slices.ContainsFunc(c.Checks[i+1:], func(f Dated[*coding.Check]) bool { return f.By == check.By && f.Day < went }) {
		return out, false
	}
	return out, !c.showsFirst() || slices.Contains(c.shown(out), decision.Body.Shown)
}

// objectedBefore says whether a member had objected before a day.
func (c *Case) objectedBefore(decision *Dated[*coding.Sharing], day string) bool {
	return slices.ContainsFunc(c.Sharings, func(f Dated[*coding.Sharing]) bool {
		return f.Body.Decision == coding.Object && f.Day < day && (f.Body.Of == decision.Hash || f.Day >= decision.Day)
	})
}

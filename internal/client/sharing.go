package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/transparency"
)

// ForbiddenError says why a message may not be shared in a form.
type ForbiddenError struct{ Why []string }

func (e *ForbiddenError) Error() string {
	var why []string
	for _, code := range e.Why {
		why = append(why, reasons[code])
	}
	return "it may not go out like this: " + strings.Join(why, "; ")
}

var reasons = map[string]string{
	coding.NotAllowed:  "its writer does not allow so much",
	coding.AskFirst:    "its writer wants to see it first",
	coding.OnHold:      "its writer said to wait",
	coding.NoQuotes:    "its writer's own words are not to be shown",
	coding.WorkerReads: "their worker must not be told, and could read it",
	coding.NotAgreed:   "no two coders agree",
	coding.NotShown:    "its writer wished to see it first, and was not shown these very words, or has not come back since: answerable review show-first",
	coding.NotChecked: "nobody who did not code it has checked the words for all that its writer wishes by now; " +
		"if it is decided on already, object, and check and decide anew",
	coding.CouldGuess: "somebody could guess who wrote",
	coding.Objected:   "a member objects, and only a new decision on a later day goes past that",
	coding.StillTime:  "two whole days have not passed in which members may object",
	coding.NotRead:    "something that was delivered does not open, and may take this back",
	coding.LaterGone:  GoneLater,
	coding.NotKnown:   "its writer's answer is not one we know",
}

// Share decides to share a message in the form and the words of the newest check. Errors: ErrNotDeclared, ErrNoSay, ErrNoCheck,
// ErrBeside, *StageError, *ForbiddenError, *Problem.
func (b *Bench) Share(ctx context.Context, c *Case) (form string, err error) {
	check, err := b.ToShare(c)
	if err != nil {
		return "", err
	}
	form = check.Body.Form
	_, hashes := c.Settled()
	_, err = b.send(ctx, c, &coding.Sharing{
		Decision: coding.Share, Form: form, Words: check.Body.Words, Wishes: c.wishes(), Consensus: hashes, Check: check.Hash, Shown: c.yesTo(check.Body.Outgoing),
	})
	return form, err
}

// ToShare is the check in whose form and words Share decides, to be shown before. Errors: those of Share, before anything is sent.
func (b *Bench) ToShare(c *Case) (*Dated[*coding.Check], error) {
	if err := b.mayDecide(c); err != nil {
		return nil, err
	}
	if err := c.mayShareOn(b.Today); err != nil {
		return nil, err
	}
	check := c.check()
	if check == nil {
		return nil, ErrNoCheck
	}
	return check, b.mayShare(c, check.Body.Form)
}

// mayShare says why a message may not be shared in a form now. Errors: ErrBeside, ErrNoCheck, *StageError, *ForbiddenError.
func (b *Bench) mayShare(c *Case, form string) error {
	if err := c.mayShareOn(b.Today); err != nil {
		return err
	}
	if why := b.verdict(c, form).Why; len(why) > 0 {
		return &ForbiddenError{why}
	}
	// A decision of the day of an objection does not go past it: days are all there is to go by.
	if slices.ContainsFunc(c.Sharings, func(f Dated[*coding.Sharing]) bool { return f.Body.Decision == coding.Object && f.Day >= b.Today }) {
		return &ForbiddenError{[]string{coding.Objected}}
	}
	return nil
}

func (b *Bench) verdict(c *Case, form string) coding.Verdict {
	verdicts := b.Verdicts(c)
	return verdicts[slices.IndexFunc(verdicts, func(v coding.Verdict) bool { return v.Form == form })]
}

func (b *Bench) mayDecide(c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if !c.mine(b.ID) {
		return ErrNoSay
	}
	return nil
}

// MayKeep says why nobody here may decide that a message stays with the panel, before they type why; nil where they may. Errors:
// ErrNotDeclared, ErrNoSay, ErrBeside, *StageError.
func (b *Bench) MayKeep(c *Case) error {
	if err := b.mayDecide(c); err != nil {
		return err
	}
	return c.mayKeepOn(b.Today)
}

// Keep decides that a message stays with the panel, and says why. Errors: those of MayKeep, *Problem.
func (b *Bench) Keep(ctx context.Context, c *Case, why string) error {
	if err := b.MayKeep(c); err != nil {
		return err
	}
	_, err := b.send(ctx, c, &coding.Sharing{Decision: coding.Keep, Words: why, Wishes: c.wishes(), Consensus: []string{}})
	return err
}

// MayObject says why nobody here may stop the decision that stands, before they type why; nil where they may. Every member may
// stop what is to be shared who has not stepped back. What was kept is taken up again so, by who has a part in it, and only where
// its writer has changed what they allow. What is in the clear is taken back first. Errors: ErrNotDeclared, ErrUndecided, ErrNoSay,
// ErrKept, *StageError.
func (b *Bench) MayObject(c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	decision := c.standing()
	switch {
	case c.isGiven():
		return notNow(StageReleased)
	case decision == nil:
		return ErrUndecided
	case decision.Body.Decision == coding.Share:
	case !c.mine(b.ID):
		return ErrNoSay
	case reflect.DeepEqual(decision.Body.Wishes, c.wishes()):
		return ErrKept
	}
	return nil
}

// Object stops the decision that stands, and says why. Errors: those of MayObject, *Problem.
func (b *Bench) Object(ctx context.Context, c *Case, why string) error {
	if err := b.MayObject(c); err != nil {
		return err
	}
	stopped := &coding.Sharing{Decision: coding.Object, Words: why, Wishes: c.wishes(), Consensus: []string{}, Of: c.standing().Hash}
	_, err := b.send(ctx, c, stopped)
	return err
}

// Release puts what was decided into the clear: the finding, in its words. The time to object is over by this machine's own day, too.
// Errors: ErrNotDeclared, ErrNoSay, ErrBeside, ErrUndecided, *StageError,
// *ForbiddenError, *OtherDayError, *Problem.
func (b *Bench) Release(ctx context.Context, c *Case) (id string, err error) {
	decision, out, err := b.ToRelease(c)
	if err != nil {
		return "", err
	}
	sharing, err := base64.RawURLEncoding.DecodeString(decision.Hash)
	if err != nil {
		return "", fmt.Errorf("read hash: %w", err)
	}
	today, err := time.Parse(time.DateOnly, b.Today)
	if err != nil {
		return "", fmt.Errorf("read the server's day: %w", err)
	}
	f := &review.Finding{
		LeafHash: c.Leaf[:], Form: out.Form, Words: out.Words, Themes: append([]string{}, out.Themes...), MustNot: append([]string{}, out.MustNot...),
		Sharing: sharing, FoundOn: today,
	}
	in := struct {
		Leaf      []byte   `json:"leaf"`
		Form      string   `json:"form"`
		Words     string   `json:"words"`
		Themes    []string `json:"themes"`
		MustNot   []string `json:"must_not"`
		Sharing   []byte   `json:"sharing"`
		Day       string   `json:"day"`
		Signature []byte   `json:"signature"`
	}{f.LeafHash, f.Form, f.Words, f.Themes, f.MustNot, f.Sharing, b.Today, f.Sign(b.key, b.clinicID)}
	var posted struct {
		ID string `json:"id"`
	}
	if err := b.post(ctx, b.path("findings"), in, &posted); err != nil {
		return "", err
	}
	c.Finding, c.given = true, append(c.given, decision.Hash)
	return posted.ID, nil
}

// ToRelease is what Release puts into the clear, and the decision behind it, to be shown before. Errors: those of Release, before
// anything is sent.
func (b *Bench) ToRelease(c *Case) (decision *Dated[*coding.Sharing], out coding.Outgoing, err error) {
	if err := errors.Join(b.mayDecide(c), b.dated(0)); err != nil {
		return nil, out, err
	}
	if c.beside() {
		return nil, out, ErrBeside
	}
	decision = c.standing()
	agreed, hashes := c.Settled()
	if decision == nil || decision.Body.Decision != coding.Share || agreed == nil || !c.holds(decision, hashes) {
		return nil, out, ErrUndecided
	}
	if slices.Contains(c.takenBack, decision.Hash) {
		return nil, out, notNow(StageTakenBack)
	}
	out = c.outgoing(decision.Body.Form, decision.Body.Words)
	if c.unseen(out) {
		return nil, out, &ForbiddenError{[]string{coding.NotShown}}
	}
	decided := coding.GoesOut(out.Form, out.Words, agreed, &decision.Body.Wishes)
	if !decided.Same(out) || c.hidesMore(out.Form, decision.Body.Wishes.Hide) {
		return nil, out, &ForbiddenError{[]string{coding.NotChecked}} // the writer said since what else must not happen, or not be in it
	}
	if len(c.repeats(out)) > 0 {
		return nil, out, &ForbiddenError{[]string{coding.NoQuotes}}
	}
	if v := b.verdict(c, decision.Body.Form); len(v.Why)+len(v.Wait) > 0 {
		return nil, out, &ForbiddenError{slices.Concat(v.Why, v.Wait)}
	}
	return decision, out, nil
}

// Close owns up in public that the panel has done what it can about a message. Who has a part in it may.
func (b *Bench) Close(ctx context.Context, c *Case) error {
	if err := errors.Join(b.mayDecide(c), b.dated(mostApart)); err != nil {
		return err
	}
	return b.act(ctx, c.actions, transparency.ActClosed, 0)
}

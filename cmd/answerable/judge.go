package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"answerable/internal/client"
	"answerable/internal/promise"
)

type reviewPromisesCmd struct{ memberConfig }

// Run lists everything, what waits for the panel first.
func (c *reviewPromisesCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	ledger, err := r.Promises(ctx, c.Clinic)
	if err != nil {
		return err
	}
	return t.show(ledger, "%s", promisesText(ledger))
}

func promisesText(l *client.PromiseLedger) string {
	var b strings.Builder
	for _, f := range l.Findings {
		fmt.Fprintf(&b, "finding %s  not handed over  %s\n  %s\n", f.ID, f.Form, oneLine(f.Words))
	}
	for _, h := range l.Handovers {
		fmt.Fprintf(&b, "hand-over %s  of %s  to be answered by %s%s\n", h.ID, h.HandedOn, h.AnswerBy, when(h.TakenBack, "  taken back"))
		for _, a := range h.Responses {
			fmt.Fprintf(&b, "  answer %s  %s%s  %s\n    %s\n", a.ID, a.Day, when(!a.Shown, "  not for everybody yet"), oneLine(a.Role), oneLine(a.Words))
		}
	}
	for _, p := range l.Promises {
		fmt.Fprintf(&b, "promise %s  %s  due %s%s\n  %s\n", p.ID, p.State, p.Due, when(p.ToJudge, fmt.Sprintf("  to judge: %d have spoken", p.Members)), oneLine(p.What))
		for _, doubt := range p.Doubts {
			fmt.Fprintf(&b, "  DOES NOT HOLD: %s\n", oneLine(doubt))
		}
	}
	for _, s := range l.Liaisons {
		fmt.Fprintf(&b, "speaks for the clinic: %s (%s)\n", oneLine(s.Role), s.State)
	}
	return b.String()
}

func when(holds bool, text string) string {
	if !holds {
		return ""
	}
	return text
}

// oneLine shows a text of others in one line: it may hold anything, line breaks and terminal commands included.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

type reviewHandOverCmd struct {
	memberConfig
	Finding string `arg:"" placeholder:"ID" help:"The finding, as review promises lists it."`
}

// Run hands a finding over.
func (c *reviewHandOverCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	id, err := r.HandOver(ctx, c.Clinic, c.Finding)
	if err != nil {
		return err
	}
	return t.show(map[string]string{"handover": id}, "The clinic reads it now. Its days to answer run. Hand-over: %s\n", id)
}

type reviewShowAnswerCmd struct {
	memberConfig
	Answer string `arg:"" placeholder:"ID" help:"The answer, as review promises lists it."`
	Hide   bool   `help:"Take it off again."`
}

// Run shows or hides an answer.
func (c *reviewShowAnswerCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.ShowAnswer(ctx, c.Clinic, c.Answer, !c.Hide); err != nil {
		return err
	}
	said := "Everybody can read it now."
	if c.Hide {
		said = "Only the clinic and the panel read it now."
	}
	return t.show(map[string]bool{"shown": !c.Hide}, "%s\n", said)
}

// promiseConfig names one promise.
type promiseConfig struct {
	memberConfig
	Promise string `arg:"" placeholder:"ID" help:"The promise, as review promises lists it."`
}

func (c *promiseConfig) find(ctx context.Context, t *terminal) (r *client.Reviewer, day string, p *client.Pledge, err error) {
	r, err = c.signedIn(ctx, t)
	if err != nil {
		return nil, "", nil, err
	}
	ledger, err := r.Promises(ctx, c.Clinic)
	if err != nil {
		return nil, "", nil, err
	}
	i := slices.IndexFunc(ledger.Promises, func(p client.Pledge) bool { return p.ID == c.Promise })
	if i < 0 {
		return nil, "", nil, withHint(errors.New("no promise of this name is here"), "See them: answerable review promises")
	}
	return r, ledger.Day, &ledger.Promises[i], nil
}

type reviewAskCmd struct{ promiseConfig }

// Run prints a text for a writer's mailbox. It is sent to nobody.
func (c *reviewAskCmd) Run(ctx context.Context, t *terminal) error {
	_, _, p, err := c.find(ctx, t)
	if err != nil {
		return err
	}
	text := askingText(p)
	return t.show(map[string]string{"text": text}, "%s", text)
}

// askingText is what a panel can write to somebody it asks. The panel's page has the same.
func askingText(p *client.Pledge) string {
	return fmt.Sprintf(`The clinic promised this:

%s

It was to be done by %s. How one can see it: %s

Is it kept, kept in part, or not kept? You do not have to answer, and there is no last day. If you want to, write it here in your mailbox, with what you saw. Only the panel reads it. Nobody is told that we asked you, or how many answered.
`, oneLine(p.What), p.Due, oneLine(p.How))
}

type reviewJudgeCmd struct {
	promiseConfig
	Verdict string `required:"" enum:"kept,partly,not-kept" help:"kept, partly or not-kept."`
}

// Run signs a word on a promise, after showing what it is about.
func (c *reviewJudgeCmd) Run(ctx context.Context, t *terminal) error {
	r, day, p, err := c.find(ctx, t)
	if err != nil {
		return err
	}
	if !p.ToJudge {
		return withHint(errors.New("it is not time to judge this promise"), "A promise is judged once the clinic says it is done, once its day has passed, or when the day to ask again has come.")
	}
	t.note("you sign about: %s (due %s, by %s)", oneLine(p.What), p.Due, oneLine(p.Who))
	decided, err := r.Judge(ctx, c.Clinic, day, p, strings.ReplaceAll(c.Verdict, "-", "_"))
	if err != nil {
		return err
	}
	said := "You have signed. It counts when another member says the same."
	if decided {
		said = "You have signed, and so has another. It stands, for everybody to see."
	}
	return t.show(struct {
		Promise string `json:"promise"`
		Decided bool   `json:"decided"`
	}{p.ID, decided}, "%s\n", said)
}

type reviewRepeatCmd struct {
	promiseConfig
	Handover string `required:"" placeholder:"ID" help:"The hand-over that tells of it again, as review promises lists it."`
}

// Run ties a finding to a promise.
func (c *reviewRepeatCmd) Run(ctx context.Context, t *terminal) error {
	r, _, p, err := c.find(ctx, t)
	if err != nil {
		return err
	}
	if err := r.Repeat(ctx, c.Clinic, p.ID, c.Handover); err != nil {
		return err
	}
	kept := p.State == promise.Kept
	return t.show(map[string]bool{"after_kept": kept}, "Tied. %s\n", when(kept, "The promise was judged kept, so it counts as happening again."))
}

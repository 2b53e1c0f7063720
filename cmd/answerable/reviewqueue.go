package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"answerable/internal/client"
)

type reviewQueueCmd struct{ benchConfig }

// Run does what a client does for the panel at sign-in, and prints the cards.
func (c *reviewQueueCmd) Run(ctx context.Context, t *terminal) error {
	b, err := c.bench(ctx, t)
	if err != nil {
		return err
	}
	tended, err := b.Tend(ctx)
	if err != nil {
		return err
	}
	if tended.Uncoded+tended.Taken > 0 {
		t.note("writers have changed what may happen to their words: %d are not counted any more, and %d findings were taken back", tended.Uncoded, tended.Taken)
	}
	for _, row := range b.Queue() {
		if err := showRow(t, row); err != nil {
			return err
		}
	}
	return nil
}

func showRow(t *terminal, row client.Row) error {
	urgent := ""
	if row.Card.Urgent {
		urgent = "  urgent"
	}
	var parts []string
	for _, p := range row.Parts {
		parts = append(parts, p.Reviewer+" "+p.Part)
	}
	return t.show(row, "%s\n  %s  %s%s\n  service %s  roles %s  when %s\n  warnings %s\n  %s\n%s", row.LeafHash, row.Day, row.Stage, urgent,
		orNone(row.Card.Service), orNone(strings.Join(row.Card.Roles, ", ")), orNone(row.Card.When), orNone(strings.Join(row.Card.Chips, ", ")),
		orNone(strings.Join(parts, ", ")), tooFewLine(row)+clockLines(row))
}

// tooFewLine says what to do where fewer than two are left; "" elsewhere.
func tooFewLine(row client.Row) string {
	if row.Stage != client.StageTooFew {
		return ""
	}
	return "  Fewer than two of you are left who can read this. Ask a partner panel, or invite and sign in a new member. Until then nobody may decide on it alone.\n"
}

// clockLines say which clock runs or stands still, each with its line feed.
func clockLines(row client.Row) string {
	if row.Due == nil {
		return ""
	}
	what := map[string]string{client.ClockTaken: "take it", client.ClockCoded: "both readings", client.ClockDecided: "decide"}[row.Due.Clock]
	left := fmt.Sprintf("days left: %d", row.Due.Left)
	if row.Due.Left < 0 {
		left = fmt.Sprintf("days late: %d", -row.Due.Left)
	}
	var b strings.Builder
	if n := len(row.Pauses); n > 0 && row.Pauses[n-1].To == "" {
		fmt.Fprintf(&b, "  %s  %s, when the writer has answered\n", what, left)
	} else {
		fmt.Fprintf(&b, "  %s by %s  %s%s\n", what, row.Due.Day, left, when(!row.Declared && row.Due.Clock != client.ClockTaken, ", or more: the clock stands still while the writer is shown first what goes out"))
	}
	for _, p := range row.Pauses {
		fmt.Fprintf(&b, "  the clock %s %s%s, while the writer looks\n", either(p.To == "", "stands still since", "stood still from"), p.From, when(p.To != "", " to "+p.To))
	}
	return b.String()
}

func either(first bool, one, other string) string {
	if first {
		return one
	}
	return other
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

type reviewCardCmd struct{ caseConfig }

// Run prints one card.
func (c *reviewCardCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	return showRow(t, b.Row(one))
}

type reviewDeclareCmd struct {
	caseConfig
	Yes bool `help:"Do not ask: nothing ties me to it."`
}

const declareQuestion = "Do you or did you work for this clinic or its owner, are you paid by it, close to anybody this may be about, named in it, or its writer? If any of it is so, step back with: answerable review recuse. Does nothing tie you to it?"

// Run shows the card and asks. The answer stays on this machine.
func (c *reviewDeclareCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := showRow(t, b.Row(one)); err != nil {
			return err
		}
		sure, err := t.confirm(declareQuestion)
		if err != nil {
			return err
		}
		if !sure {
			return errors.New("you have not declared")
		}
	}
	if err := b.Declare(one); err != nil {
		return err
	}
	return c.done(t, b, one, "You have declared that nothing ties you to it. Read it with: answerable review open --leaf "+c.Leaf+" "+c.From)
}

type reviewRecuseCmd struct{ caseConfig }

// Run steps back.
func (c *reviewRecuseCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Recuse(ctx, one); err != nil {
		return err
	}
	return c.done(t, b, one, "You have stepped back. It is off this machine, and is not given to you again.")
}

type reviewClaimCmd struct {
	caseConfig
	Role string `default:"coder" enum:"coder,third,checker" help:"coder, third or checker."`
}

// Run takes a part.
func (c *reviewClaimCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Claim(ctx, one, c.Role); err != nil {
		return err
	}
	return c.done(t, b, one, "You are its "+c.Role+" now. If it is too much: answerable review hand-back")
}

type reviewHandBackCmd struct{ caseConfig }

// Run gives a part back.
func (c *reviewHandBackCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.HandBack(ctx, one); err != nil {
		return err
	}
	return c.done(t, b, one, "Handed back. Nobody asks why.")
}

type reviewDraftCmd struct {
	caseConfig
	Show bool `help:"Print what you kept."`
}

// Run keeps or shows a draft.
func (c *reviewDraftCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if c.Show {
		return t.show(map[string]string{"draft": one.Drafted()}, "%s", one.Drafted())
	}
	text, err := t.readText("write your draft")
	if err != nil {
		return err
	}
	if err := b.SaveDraft(ctx, one, text); err != nil {
		return err
	}
	return c.done(t, b, one, "Kept, sealed to you alone.")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"answerable/internal/client"
)

type reviewQueueCmd struct {
	benchConfig
	Avoid []string `placeholder:"THEME" help:"Leave out what may hold this theme, unless you have a part in it; give it once for each. Nobody is told, and it is kept nowhere."`
}

// Run does what a client does for the panel at sign-in, and prints the cards, and beside them how the work lies on the panel.
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
	if tended.Disagreed > 0 {
		t.note("codes of %d messages were taken out of the numbers, which no two of you agree on as they were", tended.Disagreed)
	}
	rows, hidden, err := b.Avoid(b.Queue(), c.Avoid)
	if errors.Is(err, client.ErrNoTheme) {
		return usage(err.Error(), "Themes are codes such as force or voice; a warning of the queue is a theme, or a theme, a dot and an item.")
	}
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := showRow(t, row); err != nil {
			return err
		}
	}
	if hidden > 0 {
		t.note("not shown, since they may hold what you left out: %d", hidden)
	}
	return shares(ctx, t, b)
}

// shares says how the work lies on the panel.
func shares(ctx context.Context, t *terminal, b *client.Bench) error {
	all, err := b.Shares(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		t.note("%s%s: taken in seven days %d, nothing sent yet %d", s.Reviewer, when(s.Reviewer == b.ID, " (you)"), s.Taken, s.Open)
		if s.Reviewer == b.ID && s.Taken >= b.Practice.Week {
			t.note("your panel set %d messages in seven days for one member: that is enough for this week", b.Practice.Week)
		}
	}
	return nil
}

// stageHelp says what to do where those who are left cannot go on alone.
var stageHelp = map[string]string{
	client.StageTooFew:    "fewer than two are left who can read it; ask a partner panel, or invite a new member",
	client.StageOneLeft:   "too few who read it are left to agree; another reads it alone, as the third",
	client.StageNoThird:   "too few who read it are left to agree, and nobody is left to read it; ask a partner panel, or invite a new member",
	client.StageTakenBack: "what went out was taken back, and does not by the same decision again; decide anew: answerable review share",
	client.StageNoChecker: "all who are left have coded it, so nobody can look with other eyes; ask a partner panel, or invite a new member, or keep it with: answerable review share --keep",
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
	stage := row.Stage
	if help := stageHelp[stage]; help != "" {
		stage += ": " + help
	}
	const form = "%s\n  %s  %s%s\n  service %s  roles %s  when %s\n  warnings %s\n  %s\n%s%s%s%s%s"
	return t.show(row, form, row.LeafHash, row.Day, stage, urgent,
		orNone(row.Card.Service), orNone(strings.Join(row.Card.Roles, ", ")), orNone(row.Card.When), orNone(strings.Join(row.Card.Chips, ", ")),
		orNone(strings.Join(parts, ", ")), clockLines(row), silentLine(row), answeringLine(row), checkInLine(row), laterGoneLine(row))
}

// laterGoneLine says why nothing goes out of a message any more, with its line feed.
func laterGoneLine(row client.Row) string {
	if !row.LaterGone {
		return ""
	}
	return "  " + client.GoneLater + "\n"
}

// checkInLine says from when the writer is to be asked what happened since, with its line feed.
func checkInLine(row client.Row) string {
	if row.CheckIn == "" {
		return ""
	}
	return fmt.Sprintf("  from %s on, ask whether something has happened to their care since: answerable review reply --check-in --leaf %s\n", row.CheckIn, row.LeafHash)
}

// silentLine names who has the part that a message waits for and has sent nothing for it that counts, once the time is over,
// with its line feed: nothing that anybody signed says so, and they can be asked.
func silentLine(row client.Row) string {
	names := row.Silent()
	if len(names) == 0 {
		return ""
	}
	const says = "  taken by %s, says the server, and nothing of theirs counts yet: nobody signs that they take a part, so ask them\n"
	return fmt.Sprintf(says, strings.Join(names, " and "))
}

// answeringLine says how long whoever wrote waits for a word, with its line feed.
func answeringLine(row client.Row) string {
	if row.Answering == nil {
		return ""
	}
	what := map[string]string{client.ClockReply: "answer the writer", client.ClockFeedback: "tell the writer what you decided"}[row.Answering.Clock]
	return fmt.Sprintf("  %s by %s  %s%s\n", what, row.Answering.Day, daysLeft(&row.Answering.Due),
		when(!row.Answering.Sure, ", unless they do not want to be contacted: that stands in their words"))
}

func daysLeft(d *client.Due) string {
	if d.Left < 0 {
		return fmt.Sprintf("days late: %d", -d.Left)
	}
	return fmt.Sprintf("days left: %d", d.Left)
}

// clockLines say which clock runs or stands still, each with its line feed.
func clockLines(row client.Row) string {
	if row.Due == nil {
		return ""
	}
	what := map[string]string{client.ClockTaken: "take it", client.ClockCoded: "both readings", client.ClockDecided: "decide"}[row.Due.Clock]
	left := daysLeft(row.Due)
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
	return c.done(t, b, one, "Handed back. Nobody asks why. What you kept as a draft went with it, unless you have coded the message.")
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
	if err := b.MayWrite(one); err != nil { // before anything is typed, which would be lost
		return err
	}
	text, err := t.readWork("write your draft")
	if err != nil {
		return err
	}
	if err := b.SaveDraft(ctx, one, text); err != nil {
		return err
	}
	return c.done(t, b, one, "Kept, sealed to you alone. It stands in the place of what you kept in a terminal before; what you typed in a browser stays beside it.")
}

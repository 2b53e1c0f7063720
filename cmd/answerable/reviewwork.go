package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/coding"
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
		orNone(strings.Join(parts, ", ")), clockLines(row))
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

type reviewCodeCmd struct {
	caseConfig
	Blank bool `help:"Print an empty coding to fill in, and send nothing. Add \"role\": \"client\" or \"worker\" where the writer's own answer to who it is about is not right, and \"own\": a list of the clinic's own items (answerable panel settings), each behind its theme, such as place.x_riverside.cold_hall."`
}

// Run sends a coding.
func (c *reviewCodeCmd) Run(ctx context.Context, t *terminal) error {
	if c.Blank {
		return t.emit(client.Blank())
	}
	found, err := readFound(t.in)
	if err != nil {
		return err
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Code(ctx, one, found); err != nil {
		return err
	}
	return c.done(t, b, one, "Sent and frozen. Nobody is given it before the other coder has sent theirs.")
}

// readFound reads a coding as a person writes it: JSON, as review code --blank prints it.
func readFound(from io.Reader) (*coding.Found, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxText))
	if err != nil {
		return nil, fmt.Errorf("read coding: %w", cause(err))
	}
	found := new(coding.Found)
	if err := json.Unmarshal(text, found, json.RejectUnknownMembers(true)); err != nil {
		return nil, withHint(errors.New("this is not a coding"), "Fill in what this prints: answerable review code --blank")
	}
	return found, nil
}

type reviewCompareCmd struct{ caseConfig }

// Run prints codings, differences and notes.
func (c *reviewCompareCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	out := struct {
		Codings    []client.Dated[*coding.Coding]    `json:"codings"`
		Comparison *coding.Comparison                `json:"comparison,omitzero"`
		Proposal   *coding.Consensus                 `json:"proposal,omitzero"`
		Consensus  []client.Dated[*coding.Consensus] `json:"consensus"`
		Checks     []client.Dated[*coding.Check]     `json:"checks"`
		Sharings   []client.Dated[*coding.Sharing]   `json:"sharings"`
		Notes      []client.Dated[*coding.Note]      `json:"notes"`
		Pauses     []coding.Pause                    `json:"pauses"`
		Verdicts   []coding.Verdict                  `json:"verdicts"`
	}{Codings: one.Codings, Consensus: one.Consensuses, Checks: one.Checks, Sharings: one.Sharings, Notes: one.Notes}
	if _, err := b.Story(one); err != nil {
		return err // the notes may quote it
	}
	if len(one.Codings) >= 2 {
		compared := coding.Compare(&one.Codings[0].Body.Found, &one.Codings[1].Body.Found)
		out.Comparison = &compared
	}
	if out.Proposal, err = b.Proposal(one); err != nil && !errors.Is(err, client.ErrTwoCodings) && !errors.Is(err, client.ErrDiffer) {
		return err
	}
	out.Verdicts, out.Pauses = b.Verdicts(one), b.Pauses(one)
	return t.emit(out)
}

type reviewAgreeCmd struct {
	caseConfig
	Found string `type:"path" placeholder:"FILE" help:"What the coders agree on, where it is not what review compare proposes: JSON, as review code --blank prints it."`
}

// Run signs a consensus.
func (c *reviewAgreeCmd) Run(ctx context.Context, t *terminal) error {
	var found *coding.Found
	if c.Found != "" {
		file, err := os.Open(c.Found)
		if err != nil {
			return withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), "Check the path given with --found.")
		}
		defer file.Close()
		if found, err = readFound(file); err != nil {
			return err
		}
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	settled, err := b.Agree(ctx, one, found)
	if err != nil {
		return err
	}
	if settled {
		return c.done(t, b, one, "Two coders have signed the same. Somebody else checks now whether anybody could guess who wrote.")
	}
	return c.done(t, b, one, "Signed. It is agreed when another coder signs the same.")
}

type reviewNoteCmd struct {
	caseConfig
	Asked bool `xor:"wait" help:"You sent the writer what may go out, as they wanted to see it first: the clocks stand still until they answer."`
	Over  bool `xor:"wait" help:"You wait for the writer no longer: the clocks run again."`
}

// Run sends a note.
func (c *reviewNoteCmd) Run(ctx context.Context, t *terminal) error {
	text, err := t.readText("write your note")
	if err != nil {
		return err
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	say, sentence := b.Note, "Your colleagues can read it."
	switch {
	case c.Asked:
		say, sentence = b.Asked, "Your colleagues can read it. The clocks of this message stand still until its writer answers."
	case c.Over:
		say, sentence = b.WaitOver, "Your colleagues can read it. The clocks of this message run again."
	}
	if err := say(ctx, one, text); err != nil {
		return err
	}
	return c.done(t, b, one, sentence)
}

type reviewCheckCmd struct {
	caseConfig
	Form    string `required:"" enum:"theme,paraphrase,quote,public" help:"How it may go out: theme, paraphrase, quote or public."`
	Guess   bool   `help:"Somebody could guess who wrote."`
	Changed string `type:"path" placeholder:"FILE" help:"A file that says what you changed or want changed, for the others. It is no flag's words, which a machine keeps and shows."`
}

// Run sends a check of the words on standard input; a theme has none.
func (c *reviewCheckCmd) Run(ctx context.Context, t *terminal) error {
	words := ""
	if c.Form != "theme" {
		text, err := t.readText("write the words as they may go out")
		if err != nil {
			return err
		}
		words = strings.TrimRight(text, "\r\n")
	}
	changed, err := c.changed()
	if err != nil {
		return err
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Check(ctx, one, c.Form, words, c.Guess, changed); err != nil {
		return err
	}
	return c.done(t, b, one, "Your check is there. It can be decided now: answerable review share")
}

// changed reads what was changed. It names what was cut out of somebody's words, so it stands in no shell's history.
func (c *reviewCheckCmd) changed() (string, error) {
	if c.Changed == "" {
		return "", nil
	}
	hint := "Write what you changed into a file, and name it with --changed."
	file, err := os.Open(c.Changed)
	if err != nil {
		return "", withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), hint)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxText))
	if err != nil {
		return "", withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), hint)
	}
	return strings.TrimRight(string(text), "\r\n"), client.CheckText(text)
}

type reviewShareCmd struct {
	caseConfig
	Keep bool `help:"It stays with the panel: say why on standard input."`
}

// Run decides.
func (c *reviewShareCmd) Run(ctx context.Context, t *terminal) error {
	why := ""
	if c.Keep {
		text, err := t.readText("write why it stays with you")
		if err != nil {
			return err
		}
		why = text
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if c.Keep {
		if err := b.Keep(ctx, one, why); err != nil {
			return err
		}
		return c.done(t, b, one, "It stays with the panel.")
	}
	form, err := b.Share(ctx, one)
	if err != nil {
		return err
	}
	return c.done(t, b, one, "Decided, as a "+form+". Every member may object for two whole days; then: answerable review release")
}

type reviewObjectCmd struct{ caseConfig }

// Run objects.
func (c *reviewObjectCmd) Run(ctx context.Context, t *terminal) error {
	why, err := t.readText("write why it should not go out like this")
	if err != nil {
		return err
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Object(ctx, one, why); err != nil {
		return err
	}
	return c.done(t, b, one, "Nothing goes out without a new decision, on a later day.")
}

type reviewReleaseCmd struct{ caseConfig }

// Run puts a finding into the clear.
func (c *reviewReleaseCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	id, err := b.Release(ctx, one)
	if err != nil {
		return err
	}
	return t.show(map[string]string{"finding": id}, "Finding %s is in the clear.\n", id)
}

type reviewCloseCmd struct{ caseConfig }

// Run closes a message in public.
func (c *reviewCloseCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Close(ctx, one); err != nil {
		return err
	}
	return c.done(t, b, one, "Closed. The log says so under a tag that only you and its writer can tell.")
}

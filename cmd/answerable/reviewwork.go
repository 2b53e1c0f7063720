package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/coding"
)

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

// Run prints codings, differences and notes, for who does not read the message alone any more.
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
		Shown      client.ToSign                     `json:"shown"`
	}{Consensus: one.Consensuses, Checks: one.Checks, Sharings: one.Sharings, Notes: one.Notes}
	if _, err := b.Story(one); err != nil {
		return err // the notes may quote it
	}
	if err := b.Compare(one); err != nil {
		return err
	}
	out.Codings, out.Comparison = one.SideBySide()
	if out.Proposal, err = b.Proposal(one); err != nil && !errors.Is(err, client.ErrTwoCodings) && !errors.Is(err, client.ErrDiffer) {
		return err
	}
	out.Verdicts, out.Pauses, out.Shown = b.Verdicts(one), b.Pauses(one), b.ToSign(ctx, one)
	if err := b.Weigh(one); err != nil {
		return err
	}
	return t.emit(out)
}

type reviewAgreeCmd struct {
	caseConfig
	lookConfig
	Found string `type:"path" placeholder:"FILE" help:"What the coders agree on, where it is not what review compare proposes: JSON, as review code --blank prints it."`
}

// Run shows a consensus, and signs it after a question.
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
	body, err := b.ToAgree(ctx, one, found)
	if err != nil {
		return err
	}
	hash, err := client.HashOf(body)
	if err != nil {
		return err
	}
	noteAgreement(t, body)
	if err := c.looked(t, hash, "Do you sign it?"); err != nil {
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
	Over bool `help:"You wait for the writer no longer, whom you showed first what may go out: the clocks run again."`
}

// Run sends a note.
func (c *reviewNoteCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	may, say, sentence := b.MayWrite, b.Note, "Your colleagues can read it."
	if c.Over {
		may, say, sentence = b.MayEndWait, b.WaitOver, "Your colleagues can read it. The clocks of this message run again."
	}
	if err := may(one); err != nil { // before anything is typed, which would be lost
		return err
	}
	text, err := t.readWork("write your note")
	if err != nil {
		return err
	}
	if err := say(ctx, one, text); err != nil {
		return err
	}
	return c.done(t, b, one, sentence)
}

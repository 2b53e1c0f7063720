package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"answerable/internal/client"
	"answerable/internal/seal"
)

type mailboxCmd struct {
	serverConfig

	Fingerprint string `placeholder:"XXXX-XXXX-XXXX-XXXX-XXXX" help:"The panel's fingerprint from the poster: only its members' answers and keys count."`

	Write    bool          `help:"Send a further message: what follows the words on standard input, from the second line on."`
	Since    string        `placeholder:"WHAT" help:"Say whether something has happened to your care since: nothing, or payback where you were treated worse after you spoke up. More about it may follow the words on standard input, from the second line on."`
	AskAgain string        `placeholder:"WHEN" help:"Wish when the panel asks you that: month, three_months, six_months or never. Its question then waits in this mailbox. Nobody can remind you."`
	Lang     string        `default:"en" placeholder:"CODE" help:"With --write and --since: language of the words."`
	Share    string        `placeholder:"LEVEL" help:"Change who may see what: panel_only, count_me, panel_summary_to_clinic, my_words_to_clinic or my_words_public. Takes the place of all you said about it before."`
	AskFirst bool          `help:"With --share: show me first, and do not share if I do not come back."`
	Hold     string        `default:"now" placeholder:"WHEN" help:"With --share: now, or wait_until_i_say."`
	Hide     []string      `placeholder:"WHAT" help:"With --share: the_date, the_place, the_role, quotes. Repeatable."`
	Withdraw bool          `help:"Take back everything that was told with these words."`
	Pace     time.Duration `default:"15s" help:"With --withdraw: the longest pause between two messages, so that the server does not see that they belong together."`
}

// Run reads the receipt's words, or its digits, from the first line of standard input. They do not leave this machine.
func (c *mailboxCmd) Run(ctx context.Context, t *terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	t.prompt("type your eight receipt words, or the 27 digits, and press Enter")
	in := bufio.NewReader(io.LimitReader(t.in, maxText))
	typed, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read words: %w", err)
	}
	receipt, err := seal.ParseReceipt(typed)
	if err != nil {
		return nearWords(err)
	}
	api, err := client.New(c.Server)
	if err != nil {
		return err
	}
	api.Fingerprint = strings.ToUpper(c.Fingerprint)
	box, err := api.Mailbox(ctx, c.Clinic, receipt)
	if err != nil {
		return err
	}
	switch {
	case c.Withdraw:
		return c.withdraw(ctx, t, box)
	case c.Write:
		return c.write(ctx, t, box, in)
	case c.Since != "" || c.AskAgain != "":
		return c.since(ctx, t, box, in)
	case c.Share != "":
		return c.consent(ctx, t, box)
	}
	return c.read(ctx, t, box)
}

func (c *mailboxCmd) check() error {
	acts := 0
	for _, asked := range []bool{c.Write, c.Since != "" || c.AskAgain != "", c.Share != "", c.Withdraw} {
		if asked {
			acts++
		}
	}
	switch {
	case acts > 1:
		return usage("--write, --since, --share and --withdraw do not go together", "Run them one after the other; --ask-again goes with --since, or alone.")
	case c.Since != "" && c.Since != seal.SinceNothing && c.Since != seal.SincePayback:
		return usage("--since is nothing or payback", "Say anything else with --write.")
	case c.AskAgain != "" && !slices.Contains(seal.CheckIns, c.AskAgain):
		return usage("--ask-again is one of "+strings.Join(seal.CheckIns, ", "), "Leave it out to wish nothing.")
	case c.Share == "" && (c.AskFirst || len(c.Hide) > 0):
		return usage("--ask-first and --hide go with --share only", "Leave them out, or say who may see what with --share LEVEL.")
	case c.Pace < 0 || c.Pace > time.Hour:
		return usage("--pace is a time from 0s to 1h", "Leave it out for 15 seconds.")
	}
	return nil
}

// nearWords offers words that may have been meant.
func nearWords(err error) error {
	var word *seal.WordError
	if !errors.As(err, &word) {
		return err
	}
	near := seal.Near(word.Word, word.Lang)
	if len(near) == 0 {
		return withHint(err, "Look at it again. The first four letters are enough.")
	}
	return withHint(err, "Did you mean "+strings.Join(near, ", ")+"?")
}

func (c *mailboxCmd) read(ctx context.Context, t *terminal, box *client.Mailbox) error {
	answers, unread, err := box.Read(ctx)
	if err != nil {
		return err
	}
	if unread > 0 {
		t.note("%d more lie here that do not open with these words; they may be damaged", unread)
	}
	for _, a := range answers {
		if !a.Signed {
			t.note("warning: an answer is not signed by anybody on the panel. It may be from somebody who wants to find out about you. Tell nothing because of it.")
		}
	}
	if t.json {
		return t.emit(struct {
			Replies []client.Answer `json:"replies"`
		}{answers})
	}
	if len(answers) == 0 {
		return t.show(nil, "There is no answer here. The panel may not have written yet. Words that the server does not know look just the same.\n")
	}
	for _, a := range answers {
		from := "signed by " + a.Reviewer + " of the panel"
		if !a.Signed {
			from = "NOT SIGNED by anybody on the panel"
		}
		if err := t.show(nil, "%s, %s:\n\n%s\n\n", a.Day, from, asked(a)); err != nil {
			return err
		}
	}
	return nil
}

// asked is an answer's text, with the question that its writer wished for where it brings that.
func asked(a client.Answer) string {
	if a.Asks != seal.AsksCheckIn || !a.Signed {
		return a.Text
	}
	return strings.TrimLeft(a.Text+"\n\n", "\n") + "The panel asks, as you wished: has anything happened to your care since? You need not answer. Answer with: answerable mailbox --since nothing, or --since payback where you were treated worse."
}

func (c *mailboxCmd) write(ctx context.Context, t *terminal, box *client.Mailbox, in io.Reader) error {
	t.prompt("write what you want to tell, then press Ctrl-D on a line of its own")
	text, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	if err := client.CheckText(text); err != nil {
		return err
	}
	accepted, err := box.Write(ctx, c.Lang, []seal.Answer{{Q: "words", A: string(text)}})
	if err != nil {
		return err
	}
	return showAccepted(t, accepted)
}

// since says what happened, when to be asked next, or both.
func (c *mailboxCmd) since(ctx context.Context, t *terminal, box *client.Mailbox, in io.Reader) error {
	text, err := c.sinceText(t, in)
	if err != nil {
		return err
	}
	accepted, err := box.Write(ctx, c.Lang, seal.SinceAnswers(c.Since, text, c.AskAgain))
	if err != nil {
		return err
	}
	// The message may wait for its batch until the day after tomorrow, so nobody comes back too early.
	if week := seal.CheckInWeek(c.AskAgain, now().UTC().AddDate(0, 0, 2)); week != "" {
		t.note("the panel can ask you from %s on. Nobody can remind you: write that day beside your words, on paper, and come back then or later", week)
	}
	return showAccepted(t, accepted)
}

// sinceText is what happened, in words; it may be empty. Who only wishes when to be asked is asked for none.
func (c *mailboxCmd) sinceText(t *terminal, in io.Reader) (string, error) {
	if c.Since == "" {
		return "", nil
	}
	t.prompt("write what happened, or nothing, then press Ctrl-D on a line of its own")
	text, err := io.ReadAll(in)
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	if seal.Blank(string(text)) {
		return "", nil
	}
	return string(text), client.CheckText(text)
}

func (c *mailboxCmd) consent(ctx context.Context, t *terminal, box *client.Mailbox) error {
	choice := seal.Consent{ShareLevel: c.Share, AskMeFirst: c.AskFirst, Hold: c.Hold, Hide: []string{}}
	for _, h := range seal.Hides { // in the order of the format
		for _, asked := range c.Hide {
			if asked == h {
				choice.Hide = append(choice.Hide, h)
			}
		}
	}
	if err := choice.Check(); err != nil || len(choice.Hide) != len(c.Hide) {
		return usage("this is no choice of who may see what", "Run: answerable mailbox --help")
	}
	accepted, err := box.Consent(ctx, choice)
	if err != nil {
		return err
	}
	return showAccepted(t, accepted)
}

func showAccepted(t *terminal, a *client.Acceptance) error {
	return t.show(struct {
		LeafHash string `json:"leaf_hash"` // hex
		Ticket   string `json:"ticket"`
	}{fmt.Sprintf("%x", a.LeafHash), a.Ticket}, `It was sealed on this machine and is with the panel's server. The panel sees that it belongs to what you told; the server does not.

Your ticket, the server's signed promise not to drop it:

%s`, a.Ticket)
}

func (c *mailboxCmd) withdraw(ctx context.Context, t *terminal, box *client.Mailbox) error {
	tickets, err := box.Withdraw(ctx, c.Pace, func(gone int) { t.note("%d taken back", gone) })
	if errors.Is(err, client.ErrNothing) {
		return withHint(err, "Check the words, the server and the clinic. If it was destroyed with its time, it is gone already.")
	}
	if err != nil {
		return err
	}
	return t.show(struct {
		Withdrawn int      `json:"withdrawn"`
		Tickets   []string `json:"tickets"`
	}{len(tickets), tickets}, "It is gone: %d taken back. What somebody has read cannot be undone.\n\n%s", len(tickets), strings.Join(tickets, "\n"))
}

package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// Errors of showing a writer first what goes out.
var (
	ErrNotAskFirst = errors.New("this writer did not ask to see it first")
	ErrNotShown    = errors.New("you have shown the writer of this message nothing")
	ErrNoLead      = errors.New("a theme has no words, so the answer has to say what its themes are")
)

// asksFirst says whether the writer of a message wished, ever, to see first what goes out.
func (c *Case) asksFirst() bool {
	var answers []seal.Answer
	var changes []seal.Consent
	for _, one := range append([]*Case{c}, c.later...) {
		if one.message == nil {
			continue
		}
		answers = append(answers, one.message.Answers...)
		if one.message.Consent != nil {
			changes = append(changes, *one.message.Consent)
		}
	}
	return coding.AsksFirst(answers, changes)
}

// outgoing is all that would go out of a message now in a form and in words, with the themes that are agreed on and what the writer
// said must not happen.
func (c *Case) outgoing(form, words string) coding.Outgoing {
	agreed, _ := c.Settled()
	wishes := c.Wishes()
	return coding.GoesOut(form, words, agreed, &wishes)
}

// GoesOut is all that would go out of a message now in a form, words aside.
func (c *Case) GoesOut(form string) coding.Outgoing { return c.outgoing(form, "") }

// shown are the hashes of the notes by which the writer was shown exactly this, and has come back since.
func (c *Case) shown(out coding.Outgoing) []string { return coding.Shown(c.noted(), c.back, out) }

// showsFirst says whether nothing of a message goes out but what its writer was shown: they wished it, or a note has it that they were asked.
func (c *Case) showsFirst() bool { return c.asksFirst() || coding.WasAsked(c.noted()) }

// unseen says whether something may not go out because the writer wished to see first what does, and was not shown this.
func (c *Case) unseen(out coding.Outgoing) bool {
	return c.showsFirst() && len(c.shown(out)) == 0
}

// yesTo is the note to which the writer said yes, as whoever decides has read: the newest by which they were shown this. "" where
// they never wished to see it first.
func (c *Case) yesTo(out coding.Outgoing) string {
	shown := c.shown(out)
	if len(shown) == 0 {
		return ""
	}
	return shown[len(shown)-1]
}

// ShownText is the answer by which a writer is shown what may go out: what is said before it, an empty line and all that
// would go out.
func ShownText(lead string, out coding.Outgoing) string {
	return strings.TrimSpace(strings.TrimSpace(lead) + "\n\n" + out.Said())
}

// MayShow says why a writer cannot be shown something in a form, before anybody types it; nil where they can. Errors: ErrNotDeclared,
// ErrNotAskFirst, ErrNoReply, *ForbiddenError where the writer allows no such form at all, and for a theme before two coders agree.
func (b *Bench) MayShow(c *Case, form string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if !c.showsFirst() {
		return ErrNotAskFirst
	}
	if c.message == nil || c.message.Mailbox == nil || c.message.ReplyTo == nil {
		return ErrNoReply
	}
	wishes := c.Wishes()
	wishes.AskMeFirst = false
	if why := coding.Against(wishes, form); len(why) > 0 {
		return &ForbiddenError{why}
	}
	if agreed, _ := c.Settled(); form == coding.FormTheme && agreed == nil {
		return &ForbiddenError{[]string{coding.NotAgreed}}
	}
	return nil
}

// ShowFirst seals an answer that shows a writer all that may go out, as they wished, and says the same in a note: nothing
// else goes out of this message then. Without a network both wait, and the note goes once the answer went. Otherwise the
// answer is still to be posted. The clocks of the message stand still. Errors: those of MayShow, ErrNoLead, *coding.Error,
// *seal.TooLongError, *Problem.
func (b *Bench) ShowFirst(ctx context.Context, c *Case, form, words, lead string) (*SealedReply, error) {
	if err := b.MayShow(c, form); err != nil {
		return nil, err
	}
	if form == coding.FormTheme && seal.Blank(lead) {
		return nil, ErrNoLead
	}
	out := c.outgoing(form, coding.Lines(words))
	note := &coding.Note{Text: noteOfShowing, Asked: true, Form: form, Words: out.Words, Themes: out.Themes, MustNot: out.MustNot}
	text := ShownText(coding.Lines(lead), out)
	reply, err := b.sealReply(b.opener, hex.EncodeToString(c.Leaf[:]), text, "") // first: what cannot be answered is not noted
	if err != nil {
		return nil, err
	}
	if b.offline != nil {
		return b.showLater(ctx, c, note, text)
	}
	_, err = b.send(ctx, c, note)
	return reply, err
}

// showLater lets an answer and the note of it wait. The note is sealed first: what it refuses keeps the answer back too.
func (b *Bench) showLater(ctx context.Context, c *Case, note *coding.Note, text string) (*SealedReply, error) {
	if _, err := (&coding.File{Place: b.place(c, b.ID), Body: note}).Encode(); err != nil {
		return nil, err
	}
	reply, err := b.Reply(ctx, c, text)
	if err != nil {
		return nil, err
	}
	_, answer := b.Waits()
	_, err = b.send(goingAfter(ctx, answer), c, note)
	return reply, err
}

const (
	noteOfShowing = "I sent the writer the words that may go out. We wait for their answer."
	noteOfUnsent  = "The words did not go to the writer after all."
)

// NotSent says, in a note, that what this reviewer showed the writer last did not go after all. It counts as shown no more. Errors:
// ErrNotDeclared, ErrNotShown, *Problem, *ShowingWaitsError where it waits in this folder still, and is let go instead.
func (b *Bench) NotSent(ctx context.Context, c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	noted := c.noted()
	for _, n := range slices.Backward(noted) {
		if n.By != b.ID || n.Body.Form == "" || coding.Unsent(noted, n) {
			continue
		}
		if err := b.goneAlready(n.Hash); err != nil {
			return err
		}
		_, err := b.send(ctx, c, &coding.Note{Text: noteOfUnsent, Over: n.Hash, Unsent: true})
		return err
	}
	return ErrNotShown
}

// ShowingWaitsError means that what would be taken back was not sent yet. Step is the answer that waits.
type ShowingWaitsError struct{ Step int }

func (e *ShowingWaitsError) Error() string {
	return fmt.Sprintf("these words wait in this folder still, and nobody was shown them. To let them go: answerable review drop --step %d", e.Step)
}

// goneAlready looks for the note of a showing, by its hash, among what waits.
func (b *Bench) goneAlready(hash string) error {
	mine, err := b.own.read()
	if err != nil {
		return err
	}
	for _, s := range mine.Waiting {
		if s.After > 0 && b64Hash(seal.FileHash(s.File)) == hash {
			return &ShowingWaitsError{s.After}
		}
	}
	return nil
}

package client

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// Errors of showing a writer first what goes out.
var (
	ErrNotAskFirst = errors.New("this writer did not ask to see it first")
	ErrNotShown    = errors.New("you have shown the writer of this message nothing")
	ErrNoLead      = errors.New("a theme has no words, so the answer has to say what would go out")
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

// shown are the hashes of the notes by which the writer was shown these words in this form, and has come back since.
func (c *Case) shown(form, words string) []string {
	return coding.Shown(c.noted(), c.back, form, words)
}

// unseen says whether words may not go out because the writer wished to see first what does, and was not shown these.
func (c *Case) unseen(form, words string) bool {
	return (c.asksFirst() || coding.WasAsked(c.noted())) && len(c.shown(form, words)) == 0
}

// yesTo is the note to which the writer said yes, as whoever decides has read: the newest by which they were shown these words. "" where
// they never wished to see it first.
func (c *Case) yesTo(check *coding.Check) string {
	shown := c.shown(check.Form, check.Words)
	if len(shown) == 0 {
		return ""
	}
	return shown[len(shown)-1]
}

// ShownText is the answer by which a writer is shown what may go out: what is said before it, an empty line and the very words.
func ShownText(lead, words string) string {
	return strings.TrimSpace(strings.TrimSpace(lead) + "\n\n" + words)
}

// ShowFirst seals an answer that shows a writer the words that may go out, as they wished, and says in a note which words these are and
// in which form: nothing else goes out of this message then. Without a network both wait. Otherwise the answer is still to be posted.
// The clocks of the message stand still. Errors: ErrNotDeclared, ErrNotAskFirst, ErrNoLead, ErrNoReply, *ForbiddenError where the writer
// allows no such form at all, *coding.Error, *seal.TooLongError, *Problem.
func (b *Bench) ShowFirst(ctx context.Context, c *Case, form, words, lead string) (*SealedReply, error) {
	if !b.declared(c) {
		return nil, ErrNotDeclared
	}
	if !c.asksFirst() {
		return nil, ErrNotAskFirst
	}
	if form == coding.FormTheme && seal.Blank(lead) {
		return nil, ErrNoLead
	}
	wishes := c.Wishes()
	wishes.AskMeFirst = false
	if why := coding.Against(wishes, form); len(why) > 0 {
		return nil, &ForbiddenError{why}
	}
	text := ShownText(lead, words)
	reply, err := b.sealReply(b.opener, hex.EncodeToString(c.Leaf[:]), text, "") // first: what cannot be answered is not noted
	if err != nil {
		return nil, err
	}
	if _, err := b.send(ctx, c, &coding.Note{Text: noteOfShowing, Asked: true, Form: form, Words: words}); err != nil {
		return nil, err
	}
	if b.offline != nil {
		return b.Reply(ctx, c, text)
	}
	return reply, nil
}

const (
	noteOfShowing = "I sent the writer the words that may go out. We wait for their answer."
	noteOfUnsent  = "The words did not go to the writer after all."
)

// NotSent says, in a note, that what this reviewer showed the writer last did not go after all. It counts as shown no more. Errors:
// ErrNotDeclared, ErrNotShown, *Problem.
func (b *Bench) NotSent(ctx context.Context, c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	for _, n := range slices.Backward(c.Notes) {
		done := slices.ContainsFunc(c.Notes, func(other Dated[*coding.Note]) bool { return other.Body.Unsent && other.Body.Over == n.Hash })
		if n.By == b.ID && n.Body.Form != "" && !done {
			_, err := b.send(ctx, c, &coding.Note{Text: noteOfUnsent, Over: n.Hash, Unsent: true})
			return err
		}
	}
	return ErrNotShown
}

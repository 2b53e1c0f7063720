package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// Errors of showing a writer first what goes out.
var (
	ErrNotAskFirst = errors.New("this writer did not ask to see it first")
	ErrNotShown    = errors.New("you have shown the writer of this message nothing")
	ErrNotBound    = errors.New("there is no note that you can set aside: whoever noted that the writer was asked has to take it back themselves")
	ErrWished      = errors.New("the writer says themselves that they want to see it first, and nobody sets that aside")
	ErrNoLead      = errors.New("a theme has no words, so the answer has to say what its themes are")
)

// asksFirst says whether the writer of a message wished, ever, to see first what goes out.
func (c *Case) asksFirst() bool { return coding.AsksFirst(c.said()) }

// outgoing is all that would go out of a message now in a form and in words, with the themes that are agreed on and what the writer
// said must not happen.
func (c *Case) outgoing(form, words string) coding.Outgoing {
	agreed, _ := c.Settled()
	wishes := c.wishes()
	return coding.GoesOut(form, words, agreed, &wishes)
}

// Plan is all that would go out of a message now in a form, words aside, and what its writer wishes. Errors: ErrNotDeclared.
func (b *Bench) Plan(c *Case, form string) (out coding.Outgoing, wishes coding.Wishes, err error) {
	if !b.declared(c) {
		return out, wishes, ErrNotDeclared
	}
	return c.outgoing(form, ""), c.wishes(), nil
}

// shown are the hashes of the notes by which the writer was shown exactly this, and has come back since.
func (c *Case) shown(out coding.Outgoing) []string { return coding.Shown(c.noted(), c.back, out) }

// showsFirst says whether nothing of a message goes out but what its writer was shown: they wished it, or a note has it that they were asked.
func (c *Case) showsFirst() bool { return c.asksFirst() || coding.WasAsked(c.noted(), c.free()) }

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

// MayShow says why a writer cannot be shown something in a form, before anybody types it; nil where they can. Errors:
// ErrNotDeclared, ErrBeside, ErrNotAskFirst, ErrNoReply, *ForbiddenError where the writer allows no such form at all, where nothing goes
// out any more, and for a theme before two coders agree.
func (b *Bench) MayShow(c *Case, form string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if c.beside() {
		return ErrBeside
	}
	if !c.showsFirst() {
		return ErrNotAskFirst
	}
	if c.message == nil || c.message.Mailbox == nil || c.message.ReplyTo == nil {
		return ErrNoReply
	}
	wishes := c.wishes()
	wishes.AskMeFirst = false
	if why := coding.Against(wishes, form); len(why) > 0 {
		return &ForbiddenError{why}
	}
	if b.laterGone(c) {
		return &ForbiddenError{[]string{coding.LaterGone}}
	}
	if agreed, _ := c.Settled(); form == coding.FormTheme && agreed == nil {
		return &ForbiddenError{[]string{coding.NotAgreed}}
	}
	return nil
}

// ShowFirst seals an answer that shows a writer all that may go out, as they wished, and has it posted; and says the same after that, in
// a note: nothing else goes out of this message then, and its clocks stand still. Where the answer is not posted, nothing is noted.
// Without a network both wait, and post is not called. Errors: those of MayShow and of post, ErrNoLead, *RepeatsError,
// *coding.Error, *seal.TooLongError, *Problem, *UnnotedError.
func (b *Bench) ShowFirst(ctx context.Context, c *Case, form, words, lead string, post func(context.Context, *SealedReply) error) error {
	if err := b.MayShow(c, form); err != nil {
		return err
	}
	if form == coding.FormTheme && seal.Blank(lead) {
		return ErrNoLead
	}
	out := c.outgoing(form, coding.Lines(words))
	if stretches := c.repeats(out); len(stretches) > 0 {
		return &RepeatsError{stretches}
	}
	note := &coding.Note{Text: noteOfShowing, Asked: true, Form: form, Words: out.Words, Themes: out.Themes, MustNot: out.MustNot, Had: coding.Had(c.back)}
	text := ShownText(coding.Lines(lead), out)
	if b.offline != nil {
		return b.showLater(ctx, c, note, text)
	}
	if _, _, err := b.enveloped(c, note); err != nil { // first: what cannot be noted is not shown
		return err
	}
	reply, err := b.sealReply(b.opener, hex.EncodeToString(c.Leaf[:]), text, "")
	if err != nil {
		return err
	}
	if err := post(ctx, reply); err != nil {
		return err
	}
	b.Today = max(b.Today, b.Now().UTC().Format(time.DateOnly)) // it waited for its hour
	if _, err := b.send(ctx, c, note); err != nil && !isGone(err) {
		return &UnnotedError{err, b.owe(c, note)}
	}
	return nil
}

// UnnotedError means that a writer was shown words, and that the note of it could not be sent. It waits in the folder, unless Lost.
type UnnotedError struct{ Err, Lost error }

func (e *UnnotedError) Error() string {
	if e.Lost != nil {
		return fmt.Sprintf("the writer can read the words, and the note of it for your colleagues is lost: %s; %s", e.Err, e.Lost)
	}
	return "the writer can read the words, and the note of it for your colleagues was not sent: " + e.Err.Error()
}

func (e *UnnotedError) Unwrap() error { return e.Err }

// owe lets a note wait in the folder, to be sent with what else waits there.
func (b *Bench) owe(c *Case, note *coding.Note) error {
	f, _, err := b.enveloped(c, note)
	if err != nil {
		return err
	}
	return b.own.wait(&step{
		Clinic: b.clinic, Do: doFile, Leaf: c.Leaf[:], Epoch: c.Epoch, Kind: f.Kind, Number: f.N, File: f.File, Signature: f.Signature, Day: f.Day,
	})
}

// showLater lets an answer and the note of it wait. The note is sealed first: what it refuses keeps the answer back too.
func (b *Bench) showLater(ctx context.Context, c *Case, note *coding.Note, text string) error {
	if _, err := (&coding.File{Place: b.place(c, b.ID), Body: note}).Encode(); err != nil {
		return err
	}
	if _, err := b.Reply(ctx, c, text); err != nil {
		return err
	}
	_, answer := b.Waits()
	_, err := b.send(goingAfter(ctx, answer), c, note)
	return err
}

const (
	noteOfShowing = "I sent the writer the words that may go out. We wait for their answer."
	noteOfUnsent  = "The words did not go to the writer after all."

	noteOfSettingAside = "I read all that the writer sent. They do not say that they want to see it first, so that note binds us not."
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

// SetAside signs of notes which say that the writer was asked, and not of what, that they do not bind: of those by somebody who
// may take part no more, where it counts once two have signed it, and of this reviewer's own. Says whether none binds now. Errors:
// ErrNotDeclared, ErrWished, ErrNotBound, *Problem.
func (b *Bench) SetAside(ctx context.Context, c *Case) (bool, error) {
	if !b.declared(c) {
		return false, ErrNotDeclared
	}
	if c.asksFirst() {
		return false, ErrWished
	}
	signed := false
	for _, n := range coding.Bare(c.noted(), c.free()) {
		if n.By != b.ID && slices.Contains(c.free(), n.By) {
			continue
		}
		signed = true
		if slices.Contains(coding.AgainstBare(c.noted(), n, c.free()), b.ID) {
			continue
		}
		if _, err := b.send(ctx, c, &coding.Note{Text: noteOfSettingAside, Over: n.Hash, Unsent: true}); err != nil {
			return false, err
		}
	}
	if !signed {
		return false, ErrNotBound
	}
	return len(coding.Bare(c.noted(), c.free())) == 0, nil
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

package main

import (
	"context"
	"errors"
	"time"

	"filippo.io/age"

	"answerable/internal/client"
)

type reviewCmd struct {
	Pull reviewPullCmd `cmd:"" help:"Fetch all sealed files of a clinic into a folder, with what the work without a network needs."`
	Open reviewOpenCmd `cmd:"" help:"Without a network, see the cards of a folder's messages, or read one on which you declared: one JSON line each."`

	Queue     reviewQueueCmd     `cmd:"" help:"See what waits: cards, and nothing of what was told."`
	Card      reviewCardCmd      `cmd:"" help:"See the card of one message."`
	Declare   reviewDeclareCmd   `cmd:"" help:"Declare that nothing ties you to a message. It opens to you after that."`
	Recuse    reviewRecuseCmd    `cmd:"" help:"Step back from a message for good, without a reason. It is never given to you again."`
	Claim     reviewClaimCmd     `cmd:"" help:"Take a part in a message: coder, third or checker."`
	HandBack  reviewHandBackCmd  `cmd:"" help:"Give a part back. Nobody asks why, and no name is written down: what you kept as a draft goes with it, unless you have coded the message."`
	Draft     reviewDraftCmd     `cmd:"" help:"Keep unfinished work, sealed to you alone: standard input; or show what you kept."`
	Code      reviewCodeCmd      `cmd:"" help:"Send your coding: JSON on standard input. It does not change afterwards."`
	Compare   reviewCompareCmd   `cmd:"" help:"See the codings side by side, the agreement that is proposed, and the notes."`
	Agree     reviewAgreeCmd     `cmd:"" help:"Sign what the coders agree on."`
	Note      reviewNoteCmd      `cmd:"" help:"Say something to your colleagues about a message: text on standard input."`
	ShowFirst reviewShowFirstCmd `cmd:"" help:"Show the writer, who wished to see it first, the very words that may go out: words on standard input. No others go out then."`
	Check     reviewCheckCmd     `cmd:"" help:"Say whether somebody could guess who wrote, about the very words on standard input."`
	Share     reviewShareCmd     `cmd:"" aliases:"decide" help:"Decide to share the words that were checked, or to keep the message with the panel."`
	Object    reviewObjectCmd    `cmd:"" help:"Stop a decision: say why on standard input."`
	Release   reviewReleaseCmd   `cmd:"" help:"Put decided words into the clear, two whole days after the decision."`
	Close     reviewCloseCmd     `cmd:"" help:"Own up in public that the panel has done what it can about a message."`

	Promises   reviewPromisesCmd   `cmd:"" help:"See what the clinic was handed, answered and promised, and what waits for the panel."`
	HandOver   reviewHandOverCmd   `cmd:"" help:"Give a finding to the clinic. From then on its days to answer run."`
	Retract    reviewRetractCmd    `cmd:"" help:"Take a finding back at once, whether the clinic was handed it or not: what it says is gone."`
	ShowAnswer reviewShowAnswerCmd `cmd:"" help:"Let everybody read an answer of the clinic and its promises, after you looked that no word points at somebody."`
	Ask        reviewAskCmd        `cmd:"" help:"Print a text that asks a writer whether a promise is kept, for: answerable review reply"`
	Judge      reviewJudgeCmd      `cmd:"" help:"Sign that a promise is kept, kept in part or not. Two members who say the same decide."`
	Repeat     reviewRepeatCmd     `cmd:"" help:"Tie a finding to an earlier promise: it happened again."`

	Reply reviewReplyCmd `cmd:"" help:"Answer the writer of one message: words on standard input, sealed to them and signed."`

	Waiting reviewWaitingCmd `cmd:"" help:"See what you did without a network and what waits to be sent."`
	Push    reviewPushCmd    `cmd:"" help:"Send what you did without a network. What happened meanwhile is shown, and nothing is written over."`
	Drop    reviewDropCmd    `cmd:"" help:"Let something go that waits to be sent."`
}

type reviewPullCmd struct {
	serverConfig
	identityConfig
	Out string `required:"" type:"path" placeholder:"DIR" help:"Folder for the files; run it again to fetch what is new."`
}

// Run pulls. Files stay sealed on disk.
func (c *reviewPullCmd) Run(ctx context.Context, t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	r, err := c.reviewer(ctx, t, identity)
	if err != nil {
		return err
	}
	pulled, unkept, err := r.Keep(ctx, c.Clinic, c.Out, progress(t))
	if err != nil {
		return err
	}
	warnOfPull(t, pulled, c.Out)
	if unkept != nil && pulled.Withheld == "" {
		t.note("warning: what was told can be read here, and not worked on without a network: %s", unkept)
	}
	err = t.show(pulled, "%d new files, %d were here. They lie sealed in %s.\nSee their cards with: answerable review open --identity %s %s\nWork on them without a network: answerable review queue --offline --identity %s --from %s\n\n%s\n",
		pulled.New, pulled.Kept, c.Out, c.Identity, c.Out, c.Identity, c.Out, whoHasTheFolder)
	if err != nil {
		return err
	}
	return pullFailed(pulled)
}

// whoHasTheFolder says what a folder gives away.
const whoHasTheFolder = `Whoever gets hold of this folder learns which place and panel it is of, how many messages there are and under which keys, which
tell the month, how much is written about them, and roughly how much you did here. No word of anybody, not which message you
read or wrote about, and no day or hour of yours; but messages of the public log that are missing here are those you stepped
back from. Somebody who had it can put it back to an earlier time: compare the steps that review push names. With your identity file they can read everything: keep the two apart.`

// pullFailed is why a pull cannot be relied on; nil when it can.
func pullFailed(pulled *client.Pulled) error {
	switch {
	case pulled.Refused+pulled.Missing+pulled.Undelivered > 0:
		return errors.New("not every file could be pulled")
	case pulled.Withheld != "":
		return errors.New("the server leaves out what the panel has signed")
	case len(pulled.Oddities)+len(pulled.Unlogged) > 0 || pulled.Overdue:
		return errors.New("the log is not as it should be")
	case pulled.Log != "":
		return errors.New("the files could not be compared with the log")
	}
	return nil
}

// warnOfPull says what a pull found out that is not as it should be. dir is the folder.
func warnOfPull(t *terminal, pulled *client.Pulled, dir string) {
	if pulled.Refused > 0 {
		t.note("warning: %d files are not what the log says they are, and were not kept. Tell the other reviewers.", pulled.Refused)
	}
	if pulled.Missing > 0 {
		t.note("warning: the server counted %d more files than it gave us. Pull again; if it stays so, tell the other reviewers.", pulled.Missing)
	}
	for _, id := range pulled.Together {
		t.note("epoch %s is opened by several together. Ask for it with: answerable epoch open --epoch %s --out %s", id, id, dir)
	}
	for _, id := range pulled.Unreadable {
		t.note("warning: your copy of the key of epoch %s does not open. Say so, and a colleague can give it again: answerable epoch refuse --epoch %s", id, id)
	}
	if pulled.Undelivered > 0 {
		t.note("warning: the log says that %d more were told, and the server gives no file for them. Nobody took them back. Tell the other reviewers, and keep this folder.", pulled.Undelivered)
	}
	if pulled.Withheld != "" {
		t.note("warning: %s. Sign and make nothing here. Tell the whole panel, by a way that is not this server.", pulled.Withheld)
	}
	for _, id := range pulled.Unlogged {
		t.note("warning: the server gives files under epoch %s, and the log that it shows does not name it. The log may be an old one: compare it with a colleague's.", id)
	}
	if pulled.Overdue {
		t.note("warning: the log stands still. By this machine's clock a new batch is overdue: what was told since is not in it, and nobody can say whether it is here.")
	}
	for _, odd := range pulled.Oddities {
		t.note("warning: %s. Somebody may want words to look taken back or destroyed. Tell the other reviewers.", odd)
	}
	if pulled.Log != "" {
		t.note("warning: the log could not be checked, so nobody can say whether all that was told is here: %s. Pull again; if it stays so, tell the other reviewers.", pulled.Log)
	}
}

// progress speaks up once a second, and only when there is more than one page to fetch.
func progress(t *terminal) func(done, total int) {
	last := time.Now()
	return func(done, total int) {
		if time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		t.note("%d of %d files", done, total)
	}
}

type reviewOpenCmd struct {
	identityConfig
	Leaf string `placeholder:"HASH" help:"Read this message, and what came later from its writer. Declare on it first: answerable review declare. Without it, cards are shown and no words."`
	Dir  string `arg:"" type:"path" help:"A folder made by review pull."`
}

// Run prints what was told, one message at a time as on the page, or the cards of all. It always prints JSON: a person's words may hold
// anything, line breaks and terminal commands included.
func (c *reviewOpenCmd) Run(t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	if c.Leaf == "" {
		return c.cards(t, identity)
	}
	if err := checkLeaf(c.Leaf); err != nil {
		return err
	}
	switch declared, err := client.Declared(c.Dir, identity, c.Leaf); {
	case err != nil:
		return err
	case !declared:
		return client.ErrNotDeclared
	}
	if err := c.paced(t, identity); err != nil {
		return err
	}
	tally, err := client.OpenDeclared(c.Dir, identity, c.Leaf, func(o *client.Opened) error { return t.emit(o) })
	if err != nil {
		return err
	}
	warnUnproven(t, tally)
	if tally.Unreadable > 0 {
		t.note("%d of %d files of this folder do not open; what its writer sent later may be among them", tally.Unreadable, tally.Read+tally.Unreadable)
	}
	return nil
}

// cards prints the card of each message.
func (c *reviewOpenCmd) cards(t *terminal, identity *age.HybridIdentity) error {
	tally, err := client.Cards(c.Dir, identity, func(v *client.Veiled) error { return t.emit(v) })
	if err != nil {
		return err
	}
	warnUnproven(t, tally)
	if tally.Unreadable > 0 {
		t.note("%d of %d files do not open; their lines say why", tally.Unreadable, tally.Read+tally.Unreadable)
	}
	if tally.Read > 0 {
		t.note("these are cards. Words are shown of one message at a time, after you have said that nothing ties you to it: answerable review declare --offline --identity %s --from %s --leaf HASH; then: answerable review open --identity %s --leaf HASH %s", c.Identity, c.Dir, c.Identity, c.Dir)
	}
	return nil
}

func warnUnproven(t *terminal, tally *client.Tally) {
	if tally.Unproven {
		t.note("warning: nothing here shows that these keys and files are the panel's and the server's. Pull again before you rely on it.")
	}
}

// paced counts a story in this sitting. The panel's caps stop the reader, or say so, as the panel decided.
func (c *reviewOpenCmd) paced(t *terminal, identity *age.HybridIdentity) error {
	pace, err := client.NewPace(c.Dir, identity, now())
	if err != nil {
		return err
	}
	if rest := pace.Brake(c.Leaf); rest != nil {
		if rest.Hard {
			return withHint(rest, "Your panel set this for itself. To give the part back: answerable review hand-back")
		}
		t.note("%s", rest.Reason)
	}
	return pace.Opened(c.Leaf)
}

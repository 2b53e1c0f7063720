package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"answerable/internal/client"
	"answerable/internal/seal"
)

type reviewReplyCmd struct {
	deskConfig
	identityConfig
	Leaf    string `required:"" placeholder:"HASH" help:"The message to answer: its leaf_hash, as review open prints it."`
	From    string `required:"" type:"path" placeholder:"DIR" help:"Folder in which you declared on the message. Everything is fetched into it each time, so that the server does not learn whom you answer."`
	CheckIn bool   `help:"Ask the writer whether something has happened to their care since, as they wished, and say nothing else: review queue says whom to ask. Any other answer brings the question too, once it is time."`
	Though  bool   `name:"though-not-to-be-contacted" help:"The writer said not to be contacted, and saying nothing would hurt them more: do not ask."`
	Now     bool   `help:"Do not wait for the next full hour. Whoever watches the server then sees when this answer was written, and may guess to what."`
}

// Run seals what is on standard input to the writer of one message, and sends it at the next full hour.
func (c *reviewReplyCmd) Run(ctx context.Context, t *terminal) error {
	if err := checkLeaf(c.Leaf); err != nil {
		return err
	}
	identity, err := c.open()
	if err != nil {
		return err
	}
	switch declared, err := client.Declared(c.From, identity, c.Leaf); { // before anything is typed, which would be lost
	case err != nil:
		return err
	case !declared:
		return client.ErrNotDeclared
	}
	text, err := c.text(t)
	if err != nil {
		return err
	}
	if c.Offline {
		return c.offline(ctx, t, text)
	}
	at, err := c.server()
	if err != nil {
		return err
	}
	r, err := at.reviewer(ctx, t, identity)
	if err != nil {
		return err
	}
	reply, err := c.seal(ctx, t, r, text)
	if err != nil {
		return err
	}
	if err := mayContact(t, reply.NoContact() && !c.CheckIn, c.Though); err != nil {
		return err
	}
	if err := postAnswer(ctx, t, r, &c.deskConfig, c.From, reply, c.Now); err != nil {
		return err
	}
	return t.show(struct {
		Sent      bool   `json:"sent"`
		ExpiresOn string `json:"expires_on"`
	}{true, reply.ExpiresOn}, "It is in the writer's mailbox until %s. Only they can open it, and only if they come back.\n", reply.ExpiresOn)
}

func (c *reviewReplyCmd) text(t *terminal) (string, error) {
	if c.CheckIn {
		return "", nil
	}
	return t.readWork("write your answer")
}

// errNotToAsk means that nobody is to be asked now.
var errNotToAsk = errors.New("this writer did not wish to be asked by now, or was asked already")

// asks is what goes with the answer: the question that the writer wished for, once it is time.
func (c *reviewReplyCmd) asks(from, today string) (string, error) {
	if from != "" && from <= today {
		return seal.AsksCheckIn, nil
	}
	if !c.CheckIn {
		return "", nil
	}
	if from != "" {
		return "", withHint(errNotToAsk, "They wish to be asked from "+from+" on.")
	}
	return "", withHint(errNotToAsk, "See whom to ask: answerable review queue")
}

// postAnswer sends an answer at the full hour, or at once with now. That the log does not say so afterwards is no failure: the
// answer is there, and the act is owed and waits in the folder.
func postAnswer(ctx context.Context, t *terminal, r *client.Reviewer, at *deskConfig, from string, reply *client.SealedReply, now bool) error {
	if err := untilTheHour(ctx, t, r, now); err != nil {
		return err
	}
	if err := r.PostReply(ctx, at.Clinic, reply); err != nil {
		return err
	}
	err := r.Contacted(ctx, at.Clinic, reply)
	if err == nil {
		return nil
	}
	if owed := r.OweContacted(from, at.Clinic, reply); owed != nil {
		t.note("warning: the answer is there, and the log will not say that its writer was answered: %s", errors.Join(err, owed))
		return nil
	}
	t.note("the answer is there, and the log does not say yet that its writer was answered: %s. That waits in the folder. Send it with: answerable review push --from %s", err, from)
	return nil
}

// untilTheHour waits for the moment at which all answers of an hour go, unless now.
func untilTheHour(ctx context.Context, t *terminal, r *client.Reviewer, now bool) error {
	every, err := r.ReplyEvery(ctx)
	if err != nil || now {
		return err
	}
	wait := client.UntilNext(r.Now(), every)
	t.note("it goes at %s, with all answers of its hour; stop with Ctrl-C and it is not sent, or use --now and give away when it was written", r.Now().Add(wait).UTC().Format("15:04:05 MST"))
	return r.Wait(ctx, wait)
}

// offline lets an answer wait in the folder. It goes with the others of its hour when it is sent.
func (c *reviewReplyCmd) offline(ctx context.Context, t *terminal, text string) error {
	one := caseConfig{benchConfig: benchConfig{deskConfig: c.deskConfig, identityConfig: c.identityConfig, From: c.From}, Leaf: c.Leaf}
	b, message, err := one.at(ctx, t)
	if err != nil {
		return err
	}
	if c.CheckIn {
		if _, err := c.asks(b.CheckIn(message), b.Today); err != nil {
			return err
		}
	}
	if err := asksContact(t, b, message, c.Though || c.CheckIn); err != nil {
		return err
	}
	if _, err := b.Reply(ctx, message, text); err != nil {
		return replyError(err)
	}
	return one.done(t, b, message, "")
}

// checkLeaf wants a message's hash as it is printed everywhere.
func checkLeaf(leaf string) error {
	if hash, err := hex.DecodeString(leaf); err != nil || len(hash) != 32 || hex.EncodeToString(hash) != leaf {
		return usage("--leaf must be 64 hexadecimal digits in small letters", "It is the leaf_hash that answerable review open prints.")
	}
	return nil
}

// seal opens the message and seals the answer. Everything is pulled, never one file, so that the server does not learn which.
func (c *reviewReplyCmd) seal(ctx context.Context, t *terminal, r *client.Reviewer, text string) (*client.SealedReply, error) {
	pulled, unkept, err := r.Keep(ctx, c.Clinic, c.From, progress(t))
	if err != nil {
		return nil, err
	}
	warnOfPull(t, pulled, c.From)
	if pulled.Withheld != "" {
		return nil, pullFailed(pulled)
	}
	if unkept != nil {
		return nil, unkept
	}
	from, err := r.CheckIn(ctx, c.Clinic, c.From, c.Leaf)
	if err != nil {
		return nil, replyError(err)
	}
	asks, err := c.asks(from, r.Now().UTC().Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	reply, err := r.SealReply(c.From, c.Leaf, text, asks)
	return reply, replyError(err)
}

// replyError says what to do about an answer that cannot be sealed.
func replyError(err error) error {
	var tooLong *seal.TooLongError
	switch {
	case errors.Is(err, client.ErrNotKept):
		return withHint(errors.New("nothing in this folder shows whose messages it holds, so nobody knows who would read the answer"), "Pull into it again: answerable review pull --out DIR")
	case errors.Is(err, client.ErrNoReply):
		return withHint(err, "It may have been sealed by hand. Nobody can answer it.")
	case errors.As(err, &tooLong):
		return withHint(fmt.Errorf("this is too long for an answer: %d bytes, and %d fit", tooLong.Bytes, tooLong.Limit), "Shorten it, or send it in two answers.")
	}
	return err
}

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"

	"answerable/internal/client"
)

// deskConfig names a clinic at a server, or says to work in a folder alone.
type deskConfig struct {
	Server  string `placeholder:"URL" help:"Address of the server, such as https://words.example.org; not needed with --offline."`
	Clinic  string `placeholder:"SLUG" help:"The clinic's short name, as in its address; not needed with --offline."`
	Seen    string `type:"path" placeholder:"FILE" help:"Keep the log's key and where it stood here, so that a log which shows you another history later is found out."`
	Offline bool   `help:"Work without a network, in the folder that review pull made. What you do waits there for: answerable review push"`
}

// server is the one that was named.
func (c *deskConfig) server() (*serverConfig, error) {
	var missing []string
	if c.Clinic == "" {
		missing = append(missing, "--clinic=SLUG")
	}
	if c.Server == "" {
		missing = append(missing, "--server=URL")
	}
	if len(missing) > 0 {
		return nil, usage("missing flags: "+strings.Join(missing, ", "), "Name the server and the clinic, or work without a network in the folder: --offline")
	}
	return &serverConfig{Server: c.Server, Clinic: c.Clinic, Seen: c.Seen}, nil
}

// staleDays is after how many days a folder is called old.
const staleDays = 7

// offline opens what the folder holds. No network is asked.
func (c *benchConfig) offline(ctx context.Context, t *terminal, identity *age.HybridIdentity) (*client.Bench, error) {
	r, clinic, err := client.Desk(c.From, identity)
	if err != nil {
		return nil, err
	}
	c.Clinic = clinic
	b, pulled, err := r.Bench(ctx, clinic, c.From, func(int, int) {})
	if err != nil {
		return nil, err
	}
	if broken := pulled.Refused + pulled.Missing; broken > 0 {
		t.note("warning: %d files in this folder are missing or are not the ones that were pulled. Nothing that shares a message can be decided here. Pull again; if others had the folder, tell your colleagues.", broken)
	}
	if pulled.Log != "" || pulled.Undelivered > 0 || len(pulled.Oddities) > 0 || len(pulled.Unlogged) > 0 {
		t.note("warning: when this folder was filled, something was not as it should be. Pull again: answerable review pull says what.")
	}
	warnOfBench(t, b)
	if day, err := time.Parse(time.DateOnly, b.Today); err == nil && now().Sub(day) > staleDays*24*time.Hour {
		t.note("this folder is of %s: what colleagues and writers did since is not in it", b.Today)
	}
	_, c.before = b.Waits()
	return b, nil
}

// waits prints that a step waits in the folder, and where the message stands as far as the folder knows.
func (c *caseConfig) waits(t *terminal, b *client.Bench, one *client.Case, waiting int) error {
	return t.show(struct {
		LeafHash string `json:"leaf_hash"`
		Stage    string `json:"stage"`
		Waiting  int    `json:"waiting"`
	}{c.Leaf, one.Stage(b.Today), waiting}, "It waits in this folder, signed; in all %s. Send with: answerable review push --from %s\n", stepsWait(waiting), c.From)
}

func stepsWait(n int) string {
	if n == 1 {
		return "1 step waits"
	}
	return fmt.Sprintf("%d steps wait", n)
}

// benchConfig names a reviewer's work at a clinic.
type benchConfig struct {
	deskConfig
	identityConfig
	From string `required:"" type:"path" placeholder:"DIR" help:"Folder that review pull made, or a new one. Everything is fetched into it each time, so that the server does not learn what you read."`

	before int // number of the newest step that waited when the command began
}

// bench signs in, fetches and opens everything; without a network it opens what the folder holds.
func (c *benchConfig) bench(ctx context.Context, t *terminal) (*client.Bench, error) {
	identity, err := c.open()
	if err != nil {
		return nil, err
	}
	if c.Offline {
		return c.offline(ctx, t, identity)
	}
	at, err := c.server()
	if err != nil {
		return nil, err
	}
	r, err := at.reviewer(ctx, t, identity)
	if err != nil {
		return nil, err
	}
	b, err := online(ctx, t, r, c.Clinic, c.From)
	if err != nil {
		return nil, err
	}
	if waiting, _ := b.Waits(); waiting > 0 {
		t.note("what you did without a network is not at the server yet: %s. Send it with: answerable review push --from %s", stepsWait(waiting), c.From)
	}
	return b, nil
}

// online fetches and opens everything.
func online(ctx context.Context, t *terminal, r *client.Reviewer, clinic, from string) (*client.Bench, error) {
	b, pulled, err := r.Bench(ctx, clinic, from, progress(t))
	if pulled != nil {
		warnOfPull(t, pulled, from)
	}
	if err != nil {
		return nil, err
	}
	if pulled.Withheld != "" {
		return nil, pullFailed(pulled)
	}
	warnOfBench(t, b)
	return b, nil
}

// warnOfBench says what is not as it should be in the panel's work.
func warnOfBench(t *terminal, b *client.Bench) {
	if len(b.Other) > 0 {
		t.note("warning: %s signed to have seen another public log than the one that the server shows you, or a longer one. Nothing can go out. Tell the whole panel, by a way that is not this server.", strings.Join(b.Other, ", "))
		t.note("Tell each other how many leaves your logs have. Where the panel finds that only who signed it says so, " +
			"it stops nothing any more once they are off the list of members.")
	}
	if len(b.OtherLeft) > 0 {
		t.note("warning: %s signed to have seen another public log than the one that the server shows you, or a longer one, "+
			"and is not on the list of members any more. It stops nothing. Either the server showed them another log, "+
			"or they did not see what they signed: tell each other how many leaves your logs have.", strings.Join(b.OtherLeft, ", "))
	}
	if b.Misdated {
		t.note("warning: the days that the server gives for messages are not in the order of the log. Nothing can go out until they are. Tell the whole panel.")
	}
	if b.Unsigned > 0 {
		t.note("warning: the server says of %d messages that something of them was given out, and shows no member's signature for it by the decision that stands. They stay in your queue. Tell the whole panel, by a way that is not this server.", b.Unsigned)
	}
	if other, signs := b.OtherDay(); other != nil && signs {
		t.note("warning: the server on this machine works on %s, and this machine says that it is %s. What you sign here carries the server's day.", other.Server, other.Own)
	} else if other != nil {
		t.note("warning: %s.", other)
	}
	if b.Outdated {
		t.note("warning: this folder is from before it held who has read a message, stepped back from one, or gave something out, with their signatures. So none of that counts here: pull again before you go on.")
	}
	for _, one := range b.Unproven {
		t.note("warning: the server says that %s has %s, and shows no signature of theirs for it. It counts for nothing here, and the message stays open to you. Ask %s, by a way that is not this server.",
			one.Reviewer, map[string]string{"coded": "read a message and sent what they found", "recused": "stepped back from a message"}[one.Part], one.Reviewer)
	}
	for _, one := range b.Wrong {
		t.note("warning: %s", wrongCodes(one))
	}
	for _, one := range b.WrongCards {
		t.note("warning: the card that %s stored for a message of %s says something else than the message does. It may be from an older list of warnings. If there is no such reason, ask them, and tell your panel.", one.By, one.Day)
	}
	if b.Unread > 0 {
		t.note("warning: %d files of colleagues do not hold or do not open, and count for nothing. Ask who wrote them.", b.Unread)
	}
}

// wrongCodes says what is wrong with codes that are counted.
func wrongCodes(one client.WrongCodes) string {
	const out, tell = "Take them out with: answerable review queue.", "Tell the whole panel, by a way that is not this server."
	switch {
	case one.By == "":
		const said = "the server says that the codes of a message of %s are counted, and does not show whose they are. %s"
		return fmt.Sprintf(said, one.Day, tell)
	case !one.Signed:
		return fmt.Sprintf("the server counts codes of a message of %s in the name of %s, who did not sign them. %s %s", one.Day, one.By, out, tell)
	}
	const said = "%s put codes of a message of %s into the numbers that no two of you agreed on. %s Ask %s, and tell your panel."
	return fmt.Sprintf(said, one.By, one.Day, out, one.By)
}

// caseConfig names one message.
type caseConfig struct {
	benchConfig
	Leaf string `required:"" placeholder:"HASH" help:"The message: its leaf_hash, as review queue prints it."`
}

func (c *caseConfig) at(ctx context.Context, t *terminal) (*client.Bench, *client.Case, error) {
	if err := checkLeaf(c.Leaf); err != nil {
		return nil, nil, err
	}
	b, err := c.bench(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	one, err := b.Case(c.Leaf)
	return b, one, err
}

// done prints that a step was done, and where the message stands now.
func (c *caseConfig) done(t *terminal, b *client.Bench, one *client.Case, sentence string) error {
	if waiting, newest := b.Waits(); c.Offline && newest != c.before {
		return c.waits(t, b, one, waiting)
	}
	return t.show(struct {
		LeafHash string `json:"leaf_hash"`
		Stage    string `json:"stage"`
	}{c.Leaf, one.Stage(b.Today)}, "%s\n", sentence)
}

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

// folderConfig names a reviewer's own folder.
type folderConfig struct {
	identityConfig
	From string `required:"" type:"path" placeholder:"DIR" help:"Folder that review pull made."`
}

func (c *folderConfig) reviewer() (*client.Reviewer, error) {
	identity, err := c.open()
	if err != nil {
		return nil, err
	}
	return new(client.Client).Reviewer(identity)
}

type reviewWaitingCmd struct {
	folderConfig
	Step int `placeholder:"N" help:"Print what you wrote for this step, as the command takes it that made it."`
}

// Run lists what waits, or prints one step.
func (c *reviewWaitingCmd) Run(t *terminal) error {
	r, err := c.reviewer()
	if err != nil {
		return err
	}
	if c.Step != 0 {
		written, err := client.Written(c.From, r, c.Step)
		if err != nil {
			return err
		}
		return t.emit(written)
	}
	waiting, err := client.Waiting(c.From, r)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, w := range waiting {
		fmt.Fprintf(&b, "%d  %s  %s\n", w.N, w.Do, w.LeafHash)
	}
	if len(waiting) == 0 {
		b.WriteString("Nothing waits here.\n")
	}
	return t.show(waiting, "%s", b.String())
}

type reviewDropCmd struct {
	folderConfig
	Step int `required:"" placeholder:"N" help:"Which, as review waiting numbers them."`
}

// Run lets a step go.
func (c *reviewDropCmd) Run(t *terminal) error {
	r, err := c.reviewer()
	if err != nil {
		return err
	}
	if err := client.Drop(c.From, r, c.Step); err != nil {
		return err
	}
	return t.show(map[string]int{"dropped": c.Step}, "It is gone from this folder, and was not sent.\n")
}

type reviewPushCmd struct {
	serverConfig
	folderConfig
	Anyway []int `placeholder:"N" help:"Send this step though something it rests on has changed and you have looked at it; may be given more than once."`
	Now    bool  `help:"Do not wait with answers for the next full hour. Whoever watches the server then sees when they were sent, and may guess to what."`
}

// Run sends what waits, does what a client does at sign-in, and fills the folder anew.
func (c *reviewPushCmd) Run(ctx context.Context, t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	r, err := c.serverConfig.reviewer(ctx, t, identity)
	if err != nil {
		return err
	}
	b, err := online(ctx, t, r, c.Clinic, c.From)
	if err != nil {
		return err
	}
	hour := func(ctx context.Context) error { return untilTheHour(ctx, t, r, c.Now) }
	sent := 0
	kept, err := b.Push(ctx, client.PushOptions{Anyway: c.Anyway, Hour: hour}, func(s *client.Sent) {
		sent++
		if err := t.show(s, "%s\n", sentText(s)); err != nil {
			t.note("%s", err)
		}
	})
	if err != nil {
		return withHint(fmt.Errorf("not everything was sent: %w", err), "What was not sent waits in the folder. Run it again to go on.")
	}
	if _, err := b.Tend(ctx); err != nil {
		return err
	}
	pulled, unkept, err := r.Keep(ctx, c.Clinic, c.From, progress(t))
	if err != nil {
		return err
	}
	if unkept != nil {
		t.note("warning: the folder was not filled anew: %s", unkept)
	}
	if sent == 0 && !t.json {
		if err := t.show(nil, "Nothing waits here.\n"); err != nil {
			return err
		}
	}
	if kept > 0 {
		return withHint(fmt.Errorf("not sent, and kept in the folder: %s", stepsWait(kept)), "Each says above what happened and what to do.")
	}
	return pullFailed(pulled)
}

func sentText(s *client.Sent) string {
	line := fmt.Sprintf("%d  %s  %s  ", s.N, s.Do, s.LeafHash)
	switch s.Result {
	case client.SentDone:
		return line + "sent"
	case client.SentAlready:
		return line + "was there already"
	case client.SentGone:
		return line + "not sent: its writer took the message back, or its key was destroyed; what you wrote about it went with it"
	}
	return line + "NOT SENT, and kept: " + s.Why + "\n   " + s.Next
}

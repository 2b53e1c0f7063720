package main

import (
	"context"
	"fmt"
	"strings"

	"answerable/internal/client"
)

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

// Run does what a client does at sign-in, sends what waits, and fills the folder anew.
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
	if _, err := b.Tend(ctx); err != nil { // what follows from the steps below waits for the next one
		return err
	}
	waiting, newest := b.Waits()
	t.note("in this folder you took %d steps so far, and of them %s. If you remember more, somebody put it back to an earlier time or took your part away", newest, stepsWait(waiting))
	hour := func(ctx context.Context) (*client.Bench, error) {
		if err := untilTheHour(ctx, t, r, c.Now); err != nil {
			return nil, err
		}
		return online(ctx, t, r, c.Clinic, c.From)
	}
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

package main

import (
	"context"
	"errors"
	"time"

	"answerable/internal/client"
)

type reviewCmd struct {
	Pull reviewPullCmd `cmd:"" help:"Fetch all sealed files of a clinic into a folder."`
	Open reviewOpenCmd `cmd:"" help:"Open the files of a folder, without a network, one JSON line each."`

	Reply reviewReplyCmd `cmd:"" help:"Answer the writer of one message: words on standard input, sealed to them and signed."`
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
	pulled, err := r.Pull(ctx, c.Clinic, c.Out, progress(t))
	if err != nil {
		return err
	}
	if pulled.Refused > 0 {
		t.note("warning: %d files are not what the log says they are, and were not kept. Tell the other reviewers.", pulled.Refused)
	}
	if pulled.Missing > 0 {
		t.note("warning: the server counted %d more files than it gave us. Pull again; if it stays so, tell the other reviewers.", pulled.Missing)
	}
	for _, id := range pulled.Together {
		t.note("epoch %s is opened by several together. Ask for it with: answerable epoch open --epoch %s --out %s", id, id, c.Out)
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
	err = t.show(pulled, "%d new files, %d were here. They lie sealed in %s.\nRead them with: answerable review open --identity %s %s\n",
		pulled.New, pulled.Kept, c.Out, c.Identity, c.Out)
	switch {
	case err != nil:
		return err
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
	Dir string `arg:"" type:"path" help:"A folder made by review pull."`
}

// Run prints what was told. It always prints JSON: a person's words may hold anything, line breaks and terminal
// commands included.
func (c *reviewOpenCmd) Run(t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	tally, err := client.Open(c.Dir, identity, func(o *client.Opened) error { return t.emit(o) })
	if err != nil {
		return err
	}
	if tally.Unreadable > 0 {
		t.note("%d of %d files do not open; their lines say why", tally.Unreadable, tally.Read+tally.Unreadable)
	}
	return nil
}

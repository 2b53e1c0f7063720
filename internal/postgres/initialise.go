package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// outlast waits until no server of an earlier run is left. Each of its processes inherits the lock it returns, so
// holding it proves that they are gone; a process number in a file would prove nothing.
func (e *Embedded) outlast(ctx context.Context) (*os.File, error) {
	path, limit := e.path("server.lock"), orphanStops
	if !diesWithParent {
		limit = 0
	}
	f, err := lock(ctx, path, limit)
	if f == nil && err == nil {
		fmt.Fprintln(e.log, "Stopping a Postgres that an earlier run left behind.")
		// It runs as the account, so that it can stop nothing of anybody else's. Its failure shows at the lock.
		run(ctx, e.account.program(e.bin, "pg_ctl", "stop", "-D", e.path("data"), "-m", "fast", "-t", "10"))
		f, err = lock(ctx, path, stopWithin)
	}
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, errors.New("a Postgres of an earlier run still uses this directory and does not stop: end it by hand " +
			"(the first line of data/postmaster.pid is its process number), then start again")
	}
	e.keep = append(e.keep, f)
	// Now that nobody is left, the number in this file can only be that of a stranger, which Postgres would take for
	// a server of its own and refuse to start.
	if err := os.Remove(e.path("data", "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return f, nil
}

// initialise makes the data directory at first. It gets its name when it is whole, so a run cut short leaves
// nothing that looks like data.
func (e *Embedded) initialise(ctx context.Context, orphans *os.File) error {
	if _, err := os.Stat(e.path("data")); err == nil {
		return nil
	}
	fmt.Fprintf(e.log, "Making a database in %s with Postgres %s (%s). This takes a few seconds, once.\n",
		e.dir, e.bin.Version, e.bin.Source)
	if e.bin.fromNPM() {
		fmt.Fprintln(e.log, "This bundled Postgres brings old libraries along: fine for a demo and for tests, not for a clinic.")
	}
	half := e.path("data.tmp")
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	if err := e.account.give(half); err != nil {
		return err
	}
	cmd := e.account.program(e.bin, "initdb", "--pgdata", half, "--username", role, "--auth", "peer",
		"--encoding", "UTF8", "--locale", "C", "--data-checksums", "--no-instructions")
	cmd.ExtraFiles = []*os.File{orphans}
	if err := run(ctx, cmd); err != nil {
		return err
	}
	return os.Rename(half, e.path("data"))
}

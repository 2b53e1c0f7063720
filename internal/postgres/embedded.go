package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// EmbeddedOptions say where a private server keeps its files and which Postgres it is.
type EmbeddedOptions struct {
	Dir    string    // absolute, this package's own; made when missing; everything lies below it
	BinDir string    // holds initdb, pg_ctl and postgres; "" for BinEnv, then the first of FindBinaries
	Log    io.Writer // sentences for a person about what takes time or is worth knowing; nil for none
}

// Embedded is a private server that runs.
//
// It listens on a Unix socket only, in a directory closed to others, and lets in nobody but the user this program
// runs as: the kernel tells it who calls ("peer"), so there is no password to keep. As root it runs as the user
// postgres or nobody, who own the data, and takes calls from root alone.
//
// Below its directory lie data (Postgres' own), run (the socket), postgres.log and its predecessor, the two files
// that say who may call, two locks and, where needed, a copy of the binaries.
type Embedded struct {
	bin     Binaries
	account account
	dir     string
	log     io.Writer
	output  serverLog
	sockets string
	server  *process
	keep    []*os.File // locks and the log, closed when the server has ended
	stop    sync.Once
	stopErr error
}

// Time limits. Recovery after a power cut comes before readiness and may take long.
const (
	readyWithin   = 2 * time.Minute
	stopWithin    = 10 * time.Second
	patience      = 2 * time.Second // for another program that is just leaving
	orphanStops   = 3 * time.Second // what a server whose parent was killed needs, as a rule
	longestSocket = 100             // bytes of path; the kernels' limits are 104 and 108
	port          = "5432"          // part of the socket's name, nothing more
	role          = "answerable"
)

// StartEmbedded starts the server of a directory, which it makes at first. It returns when the server answers. ctx
// bounds the start and not the life of the server: that ends with Stop, or with this process.
//
// One server runs in a directory at a time. What a killed process left behind is waited for or stopped.
func StartEmbedded(ctx context.Context, o EmbeddedOptions) (*Embedded, error) {
	if !filepath.IsAbs(o.Dir) {
		return nil, fmt.Errorf("the database's directory must be an absolute path, and %q is not", o.Dir)
	}
	e := &Embedded{dir: filepath.Clean(o.Dir), log: o.Log}
	if e.log == nil {
		e.log = io.Discard
	}
	if err := e.start(ctx, o.BinDir); err != nil {
		e.release()
		return nil, fmt.Errorf("start a private Postgres in %s: %w", e.dir, err)
	}
	return e, nil
}

// DSN is the address for Open. It holds no secret.
func (e *Embedded) DSN() string {
	query := url.Values{"host": {e.sockets}, "port": {port}, "user": {role}, "sslmode": {"disable"}}
	return "postgres:///postgres?" + strings.ReplaceAll(query.Encode(), "+", "%20") // libpq takes + for a plus
}

// Version is the server's version, such as 18.4.
func (e *Embedded) Version() string { return e.bin.Version }

// Stop ends the server with everything on disk, at the latest after ten seconds; then it is cut off, which loses
// nothing that was committed, and Stop says so. It may be called twice.
func (e *Embedded) Stop() error {
	e.stop.Do(func() {
		e.stopErr = e.server.shutDown()
		e.release()
	})
	return e.stopErr
}

// start is the story of a start, in order.
func (e *Embedded) start(ctx context.Context, binDir string) error {
	if err := e.prepare(ctx, binDir); err != nil {
		return err
	}
	orphans, err := e.outlast(ctx)
	if err != nil {
		return err
	}
	if err := e.initialise(ctx, orphans); err != nil {
		return err
	}
	if err := e.configure(); err != nil {
		return err
	}
	cmd := e.account.program(e.bin, "postgres", e.arguments()...)
	cmd.Stderr = &e.output
	cmd.ExtraFiles = []*os.File{orphans}
	if e.server, err = start(cmd); err != nil {
		return err
	}
	if err := e.ready(ctx); err != nil {
		e.server.shutDown()
		return err
	}
	return nil
}

// ready waits until the server answers. A server that refuses us will not change its mind; one that recovers will.
func (e *Embedded) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		err := e.ping(ctx)
		if err == nil {
			return nil
		}
		var pg *pgconn.PgError
		const stillStarting = "57P03"
		if errors.As(err, &pg) && pg.Code != stillStarting {
			return err
		}
		select {
		case <-e.server.done:
			return fmt.Errorf("it ended at once: %s", e.output.Last())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", errors.Join(ctx.Err(), err))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (e *Embedded) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, e.DSN())
	if err != nil {
		return err
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}

// release gives up what outlives the server.
func (e *Embedded) release() {
	e.removeShort()
	for _, f := range e.keep {
		f.Close()
	}
	e.keep = nil
}

func (e *Embedded) path(names ...string) string {
	return filepath.Join(append([]string{e.dir}, names...)...)
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
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

func (p *process) shutDown() error {
	for _, signal := range []struct {
		syscall.Signal
		limit time.Duration
	}{
		{syscall.SIGINT, stopWithin},       // fast: refuse callers, roll back, write everything, end
		{syscall.SIGQUIT, 2 * time.Second}, // immediate: the next start recovers
		{syscall.SIGKILL, 2 * time.Second},
	} {
		if err := p.cmd.Process.Signal(signal.Signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop the private Postgres: %w", err)
		}
		if !p.end(signal.limit) {
			continue
		}
		if signal.Signal != syscall.SIGINT {
			return errors.New("the private Postgres did not stop in time and was cut off; it recovers at the next start")
		}
		return nil
	}
	return errors.New("the private Postgres cannot be stopped")
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

// prepare makes the directory, takes it for this process and settles who runs which binaries.
func (e *Embedded) prepare(ctx context.Context, binDir string) (err error) {
	if err := makeDir(e.dir); err != nil {
		return err
	}
	if err := checkPath(e.dir); err != nil {
		return err
	}
	mine, err := lock(ctx, e.path("lock"), patience)
	if err != nil {
		return err
	}
	if mine == nil {
		return errors.New("another answerable uses this directory: stop it first, or choose another directory for the data")
	}
	e.keep = append(e.keep, mine)
	if e.bin, err = choose(binDir, e.path("data")); err != nil {
		return err
	}
	if e.account, err = accountFor(e.path("data")); err != nil {
		return err
	}
	return e.reach(ctx)
}

// choose finds binaries, and with data there already, those of their major version.
func choose(binDir, data string) (Binaries, error) {
	candidates, err := candidates(binDir)
	if err != nil {
		return Binaries{}, err
	}
	if len(candidates) == 0 {
		return Binaries{}, errNoBinaries
	}
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return candidates[0], nil
	}
	if err != nil {
		return Binaries{}, err
	}
	made := strings.TrimSpace(string(text))
	var here []string
	for _, b := range candidates {
		if strconv.Itoa(b.major()) == made {
			return b, nil
		}
		here = append(here, b.Version)
	}
	return Binaries{}, fmt.Errorf("the data were made by Postgres %s, and what is to run them is Postgres %s: install "+
		"Postgres %s or name its binaries in %s, or choose another directory for new data",
		made, strings.Join(here, " or "), made, BinEnv)
}

func candidates(binDir string) ([]Binaries, error) {
	if binDir != "" {
		b, err := inspect(binDir, "a setting")
		return []Binaries{b}, err
	}
	found, err := FindBinaries()
	if os.Getenv(BinEnv) != "" && len(found) > 0 {
		return found[:1], err // whoever names one wants no other
	}
	return found, err
}

// reach makes sure that the account can run the binaries and enter the directory. A bundled Postgres in a place it
// cannot enter, such as below /root, is copied; the data have to lie where we were told.
func (e *Embedded) reach(ctx context.Context) error {
	blocked := ""
	for dir := e.dir; e.canEnter(ctx, dir) != nil; dir = filepath.Dir(dir) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		blocked = dir
	}
	if blocked != "" {
		//lint:ignore ST1005 Postgres is a name
		return fmt.Errorf("Postgres refuses to run as root, so it runs as the user %s, who may not enter %s: choose a "+
			"directory for the data that every user may pass through, such as one in /var/tmp or /srv, or run this program "+
			"as an ordinary user", e.account.name, blocked)
	}
	if e.bin.fromNPM() {
		if err := e.hydrate(ctx); err != nil {
			return fmt.Errorf("prepare the bundled Postgres: %w", err)
		}
	}
	if err := e.canRunIn(ctx, "/"); err != nil {
		return fmt.Errorf("the user %s cannot run %s/postgres: %w", e.account.name, e.bin.Dir, err)
	}
	return nil
}

// canEnter asks with a program that is everywhere: the Postgres to run may itself lie below the directory.
func (e *Embedded) canEnter(ctx context.Context, dir string) error {
	cmd := e.account.program(Binaries{Dir: "/bin"}, "sh", "-c", ":")
	cmd.Dir = dir
	return run(ctx, cmd)
}

func (e *Embedded) canRunIn(ctx context.Context, dir string) error {
	cmd := e.account.program(e.bin, "postgres", "--version")
	cmd.Dir = dir
	return run(ctx, cmd)
}

// hydrate makes the bundled Postgres whole, in its place or in a copy.
func (e *Embedded) hydrate(ctx context.Context) error {
	native := filepath.Dir(e.bin.Dir)
	if linkLibraries(native) == nil && e.canRunIn(ctx, "/") == nil {
		return nil
	}
	own := e.path("native-" + e.bin.Version)
	if strings.ContainsAny(own, "\"$`\\\n") {
		// initdb hands its own path to a shell, between double quotes.
		return fmt.Errorf("the Postgres from npm cannot run below %s: choose a directory for the data without \", $, ` and \\ in its name", e.path(""))
	}
	if err := copyNative(native, own); err != nil {
		return err
	}
	e.bin.Dir = filepath.Join(own, "bin")
	return linkLibraries(own)
}

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

// configure writes what changes from start to start. These files lie in our directory and not among the data: root
// must not write where another user could lay a link for it.
func (e *Embedded) configure() (err error) {
	caller := strings.ReplaceAll(userName(os.Geteuid()), `"`, `""`)
	for name, text := range map[string]string{
		"pg_hba.conf":   "local all all peer map=answerable\n",
		"pg_ident.conf": fmt.Sprintf("answerable \"%s\" %s\n", caller, role),
	} {
		if err := os.WriteFile(e.path(name), []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Chmod(e.path(name), 0o644); err != nil { // whatever the umask: the account reads them
			return err
		}
	}
	if e.sockets, err = e.socketDir(); err != nil {
		return err
	}
	logFile := e.path("postgres.log")
	if err := os.Rename(logFile, logFile+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	e.keep = append(e.keep, f)
	e.output.to = f
	return nil
}

// socketDir makes the directory of the socket. A socket's path is limited to about a hundred bytes, and libpq takes a
// comma for the end of a host, so below a path that will not do it is a link to a short one in /tmp.
func (e *Embedded) socketDir() (string, error) {
	dir := e.path("run")
	e.removeShort()
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if len(dir)+len("/.s.PGSQL."+port) <= longestSocket && !strings.Contains(dir, ",") {
		return dir, e.account.give(dir)
	}
	short, err := os.MkdirTemp(shortRoot, shortName)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(e.log, "The path of the data is too long for a socket (or holds a comma), which therefore lies in %s.\n", short)
	return short, errors.Join(e.account.give(short), os.Symlink(short, dir))
}

const (
	shortRoot = "/tmp"
	shortName = "answerable-socket-"
)

// removeShort takes away what the link run points to, of this run or of one that was killed.
func (e *Embedded) removeShort() {
	short, err := os.Readlink(e.path("run"))
	if err == nil && strings.HasPrefix(short, filepath.Join(shortRoot, shortName)) {
		os.RemoveAll(short) // at worst an empty directory stays in /tmp
	}
}

// settings win over every configuration file. Postgres logs failing statements whole, and Bun writes values into
// statements: so only what ends a connection or the server is logged, tersely, without statement and time.
func (e *Embedded) settings() [][2]string {
	return [][2]string{
		{"listen_addresses", ""},
		{"port", port},
		{"unix_socket_directories", `"` + strings.ReplaceAll(e.sockets, `"`, `""`) + `"`},
		{"unix_socket_permissions", "0700"},
		{"hba_file", e.path("pg_hba.conf")},
		{"ident_file", e.path("pg_ident.conf")},

		{"log_destination", "stderr"},
		{"logging_collector", "off"},
		{"log_line_prefix", ""},
		{"log_min_messages", "fatal"}, // LOG lines tell times, and ERROR lines quote input
		{"log_min_error_statement", "panic"},
		{"log_error_verbosity", "terse"},
		{"log_statement", "none"},
		{"log_min_duration_statement", "-1"},
		{"log_min_duration_sample", "-1"},
		{"log_duration", "off"},
		{"log_parameter_max_length", "0"},
		{"log_parameter_max_length_on_error", "0"},
		{"track_activities", "off"},     // or pg_stat_activity shows statements, and a crash report quotes them
		{"update_process_title", "off"}, // or every user of the machine sees in ps what is being done

		{"synchronous_commit", "on"},
		{"timezone", "UTC"},
		{"dynamic_shared_memory_type", "mmap"}, // below the data directory, not in /dev/shm
		{"jit", "off"},
	}
}

func (e *Embedded) arguments() []string {
	args := []string{"-D", e.path("data")}
	for _, s := range e.settings() {
		args = append(args, "-c", s[0]+"="+s[1])
	}
	return args
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

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/liaison"
	"answerable/internal/mailbox"
	"answerable/internal/metrics"
	"answerable/internal/notice"
	"answerable/internal/postgres"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/transparency"
	"answerable/internal/web"
	"answerable/internal/witness"
)

// database is the Postgres of a server or an operator's command; close ends a private one, too.
type database struct {
	*bun.DB
	private *postgres.Embedded // nil when somebody else runs it
}

// openDatabase connects to a Postgres that somebody else runs, and checks its schema.
func openDatabase(ctx context.Context, c *databaseConfig) (*database, error) {
	db, err := connect(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := postgres.Check(ctx, db.DB); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// connect opens a database whatever its schema.
func connect(ctx context.Context, c *databaseConfig) (*database, error) {
	dsn, err := c.dsn()
	if err != nil {
		return nil, err
	}
	db, err := postgres.Open(dsn)
	if err != nil {
		return nil, withHint(err, "Check DATABASE_URL.")
	}
	asked, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := db.PingContext(asked); err != nil {
		return nil, errors.Join(withHint(fmt.Errorf("the database does not answer: %w", err), "Check that Postgres runs, and that DATABASE_URL names its host, user, password and database."), db.Close())
	}
	return &database{DB: db}, nil
}

// startPrivate starts a Postgres below dir and brings its schema up to date.
func startPrivate(ctx context.Context, dir, binDir string, log io.Writer) (*database, error) {
	if err := makeData(dir); err != nil {
		return nil, withHint(fmt.Errorf("the folder %s cannot be used for data: %w", dir, cause(err)), "Choose another with --data DIR.")
	}
	private, err := postgres.StartEmbedded(ctx, postgres.EmbeddedOptions{Dir: filepath.Join(dir, "postgres"), BinDir: binDir, Log: log})
	if err != nil {
		return nil, err
	}
	db, err := postgres.Open(private.DSN())
	if err != nil {
		return nil, errors.Join(err, private.Stop())
	}
	d := &database{DB: db, private: private}
	if _, err := postgres.Migrate(ctx, db); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// makeData makes the folder for everything. Postgres refuses root, so for root it runs as another user, who must be able
// to pass through this folder; what lies in it is closed to others by itself.
func makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil || os.Geteuid() != 0 {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o011)
}

func (d *database) close() error {
	err := d.Close()
	if d.private != nil {
		err = errors.Join(err, d.private.Stop())
	}
	return err
}

// site is a place with its stores, wired by hand.
type site struct {
	db        *bun.DB
	origin    string
	log       *slog.Logger
	accounts  *account.Store
	clinics   *clinic.Store
	keys      *keyring.Store
	intake    *intake.Store
	review    *review.Store
	tlog      *transparency.Log
	witnesses *witness.Client   // nil where nobody is asked
	onion     string            // empty where there is none
	tls       *ownTLS           // nil where a proxy ends TLS
	metrics   *metrics.Exporter // nil where nobody asked for them
	scraped   net.Listener      // where metrics are served
	mailboxes *mailbox.Store
	figures   *figures.Store
	exports   *export.Store
	notices   *notice.Sender // nil where nobody is told
}

// now is the time of the whole program, in UTC: the days it writes are UTC days.
func now() time.Time { return time.Now().UTC() }

// newSite settles the origin, reads the server's keys and wires the stores.
func newSite(ctx context.Context, db *bun.DB, origin string, files keyFiles, log io.Writer) (*site, error) {
	origin, err := intake.SettleOrigin(ctx, db, origin)
	if err != nil {
		return nil, err
	}
	fresh, err := nothingPromised(ctx, db)
	if err != nil {
		return nil, err
	}
	keys, err := files.load(origin, fresh)
	if err != nil {
		return nil, err
	}
	s := &site{db: db, origin: origin, log: logger(log)}
	s.accounts = &account.Store{DB: db, Now: now}
	s.clinics = &clinic.Store{DB: db, Now: now}
	s.keys = &keyring.Store{DB: db, Accounts: s.accounts, TicketKey: keys.ticketKey, Now: now}
	s.intake = &intake.Store{DB: db, Origin: origin, Tickets: keys.ticket, Keys: s.keys, Now: now}
	s.keys.OnShred = s.intake.Shred
	s.review = &review.Store{DB: db, Now: now}
	s.keys.OnSeat = s.review.EndParts
	figures.CountIn(s.review)
	s.intake.OnGone = s.review.Forget
	if s.tlog, err = newTransparencyLog(db, keys); err != nil {
		return nil, err
	}
	s.intake.Log = s.tlog
	s.mailboxes = &mailbox.Store{DB: db, Now: now}
	s.figures = &figures.Store{DB: db, Keys: s.keys, Now: now}
	s.keys.Settings = &review.Settings{Clinics: s.clinics, Review: s.review, Figures: s.figures}
	s.exports = &export.Store{DB: db, Origin: origin, Keys: s.keys, Figures: s.figures, Log: s.tlog, Now: now, Promises: &promise.Store{DB: db, Now: now}}
	return s, nil
}

// nothingPromised reports whether nobody can hold a ticket or a checkpoint yet.
func nothingPromised(ctx context.Context, db *bun.DB) (bool, error) {
	var some bool
	err := db.NewRaw(`SELECT EXISTS (SELECT FROM epoch) OR EXISTS (SELECT FROM log_checkpoint)`).Scan(ctx, &some)
	if err != nil {
		return false, fmt.Errorf("look for promises: %w", err)
	}
	return !some, nil
}

// logger writes what an operator should act on, without times: a line about a request, with a time, could say when
// somebody wrote. For the same reason requests that went well are not logged at all.
func logger(w io.Writer) *slog.Logger {
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	slog.SetDefault(log)
	return log
}

// drain is how long requests that have begun may take after we were asked to stop. Supervisors kill after ten seconds.
const drain = 8 * time.Second

// serve answers on listener until ctx ends, then lets begun requests finish. ready is called when the server answers;
// its error stops the server. batchEvery of 0 runs no batches.
func (s *site) serve(ctx context.Context, listener net.Listener, webOrigins []string, batchEvery time.Duration, ready func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s.accounts.Origins = webOrigins
	if err := s.openLog(ctx); err != nil {
		return err
	}
	app := web.New(web.Config{
		DB: s.db, Origin: s.origin, WebOrigins: webOrigins, Clinics: s.clinics, Keys: s.keys, Intake: s.intake,
		Accounts: s.accounts, Review: s.review, Now: now, Log: s.log, BatchEvery: batchEvery,
		TransparencyLog: s.tlog, Witnesses: s.witnesses,
		Onion:     s.onion,
		Mailboxes: s.mailboxes, Figures: s.figures, Exports: s.exports,
		Liaisons: &liaison.Store{DB: s.db, Now: now}, Promises: &promise.Store{DB: s.db, Now: now},
		Notices: s.notices, ClockHolds: s.clockHolds,
	})
	served := make(chan error, 1)
	var chores sync.WaitGroup
	if s.tls != nil {
		listener = tls.NewListener(listener, s.tls.config())
		chores.Go(func() { s.tls.run(ctx) })
	}
	go func() {
		served <- app.Listener(listener)
		stop()
	}()
	chores.Go(func() { s.runBatches(ctx, batchEvery) })
	chores.Go(func() { s.runLog(ctx) })
	chores.Go(func() { s.sweepDaily(ctx) })
	if s.notices != nil {
		chores.Go(func() { s.notices.Run(ctx) })
	}
	if s.metrics != nil {
		chores.Go(func() { s.metrics.Run(ctx) })
		chores.Go(func() { s.serveMetrics(ctx) })
	}
	err := ready(ctx)
	if err == nil {
		<-ctx.Done()
	}
	stop()
	err = errors.Join(err, s.drained(app.ShutdownWithTimeout(drain)))
	listener.Close() // in case we were told to stop before the server had begun
	if failed := <-served; !errors.Is(failed, net.ErrClosed) {
		err = errors.Join(err, failed)
	}
	chores.Wait()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// drained tells of requests that did not end in time. Whoever sent one got no acknowledgement, so nothing is lost by it.
func (s *site) drained(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests that did not end in time were cut off; none of them was acknowledged")
		return nil
	}
	return err
}

// runBatches asks now and then whether a batch is due. The database knows which ran last, so that restarts and replicas
// neither skip nor repeat one.
func (s *site) runBatches(ctx context.Context, every time.Duration) {
	if every == 0 {
		return
	}
	tick := time.NewTicker(min(every, time.Minute))
	defer tick.Stop()
	for {
		files, ran, err := s.batchIfDue(ctx, every)
		if err != nil && ctx.Err() == nil {
			s.log.Error("batch failed; it is tried again", "error", err)
		}
		s.noteBatch(ctx, files, ran, err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *site) noteBatch(ctx context.Context, files int, ran bool, err error) {
	switch {
	case s.metrics == nil:
	case err != nil:
		s.metrics.BatchFailed()
	case ran:
		s.metrics.BatchRan(ctx, files)
	}
}

func (s *site) serveMetrics(ctx context.Context) {
	if err := s.metrics.Serve(ctx, s.scraped); err != nil {
		s.log.Error("metrics are no longer served", "error", err)
	}
}

// sweepDaily puts away what a panel did not complete in time, its old weeks, and answers whose last day has passed, soon after each
// midnight and on start. Which key is in use needs nobody: it is worked out from the date whenever somebody asks.
func (s *site) sweepDaily(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	swept := ""
	for {
		if today := now().Format(time.DateOnly); today != swept {
			if err := s.sweep(ctx); err == nil {
				swept = today
			} else if ctx.Err() == nil {
				s.log.Error("old drafts of panels and expired answers could not be put away; it is tried again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *site) sweep(ctx context.Context) error {
	if err := s.clockHolds(ctx); err != nil {
		return err
	}
	if err := s.mailboxes.Expire(ctx); err != nil {
		return err
	}
	clinics, err := s.clinics.List(ctx)
	if err != nil {
		return err
	}
	for _, place := range clinics {
		err := s.clinics.Enter(ctx, place.Slug, func(ctx context.Context, c *clinic.Clinic) error {
			if err := s.keys.Sweep(ctx, c.ID); err != nil {
				return err
			}
			if err := s.review.Sweep(ctx, c.ID); err != nil {
				return err
			}
			return s.figures.Sweep(ctx, c.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// listen opens a listener, with a sentence when it cannot.
func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, withHint(fmt.Errorf("the address %s is taken by another program", addr), "Stop that program, or give another: --addr localhost:0 takes any free port.")
	}
	if errors.Is(err, syscall.EACCES) {
		return nil, withHint(fmt.Errorf("this user may not listen on %s", addr), "Choose a port above 1023, such as --addr localhost:8080.")
	}
	if err != nil {
		return nil, usage(fmt.Sprintf("it is not possible to listen on %q: %v", addr, cause(err)), "Give --addr HOST:PORT, such as localhost:8080.")
	}
	return listener, nil
}

// localURL is the address to print for a listener: localhost wherever that leads here, since browsers seal there
// without TLS.
func localURL(listening net.Addr) string {
	tcp, ok := listening.(*net.TCPAddr)
	if !ok {
		return "http://" + listening.String()
	}
	if tcp.IP.IsLoopback() || tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", tcp.Port)
	}
	return "http://" + strings.ToLower(tcp.String())
}

// Package pgtest gives every test a database of its own on a real Postgres.
//
// A test process starts one private server when the first test asks for a database, migrates one template, and
// copies that for each test. It promises that nothing is shared between tests and that nothing stays behind. The
// server is the first that postgres.FindBinaries finds, or the one ANSWERABLE_POSTGRES_BIN names; without any, the
// tests fail. As root it runs as another user.
//
// The server forgoes fsync and lies in memory where there is room, so what a power cut does is not for these tests.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// Main runs a package's tests and takes the server away afterwards. A package that uses New calls it from TestMain.
func Main(m *testing.M) {
	inMain.Store(true)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		shared.stop()
		os.Exit(1)
	}()
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// New returns a migrated database that only this test sees. It is closed and dropped when the test ends.
func New(t testing.TB) *bun.DB {
	t.Helper()
	return create(t, template)
}

// Empty is New without the migrations.
func Empty(t testing.TB) *bun.DB {
	t.Helper()
	return create(t, "template0")
}

const template = "answerable_template"

var (
	inMain atomic.Bool
	shared = &server{}
	count  atomic.Int64
)

func create(t testing.TB, from string) *bun.DB {
	t.Helper()
	if !inMain.Load() {
		t.Fatal("pgtest: call pgtest.Main from this package's TestMain, or the server would stay behind")
	}
	admin, err := shared.start()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := fmt.Sprintf("test_%d", count.Add(1))
	// Copying files beats the default (through the log) where nothing waits for the disk.
	if _, err := admin.Exec("CREATE DATABASE ? TEMPLATE ? STRATEGY FILE_COPY", bun.Ident(name), bun.Ident(from)); err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	db, err := shared.open(name)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		_, dropErr := admin.Exec("DROP DATABASE ? WITH (FORCE)", bun.Ident(name))
		if err := errors.Join(db.Close(), dropErr); err != nil {
			t.Errorf("pgtest: drop the database: %v", err)
		}
	})
	return db
}

// server is the one server of this process.
type server struct {
	mu       sync.Mutex
	dir      string
	postgres *postgres.Embedded
	admin    *bun.DB
	err      error // of the first start; a second would fail alike
}

func (s *server) start() (*bun.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil && s.err == nil {
		s.err = s.begin()
	}
	return s.admin, s.err
}

func (s *server) begin() (err error) {
	removeForgotten()
	if s.dir, err = os.MkdirTemp(Place(), dirPrefix); err != nil {
		return err
	}
	bin, err := binaries()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if s.postgres, err = postgres.StartEmbedded(ctx, postgres.EmbeddedOptions{Dir: s.dir, BinDir: bin.Dir}); err != nil {
		return err
	}
	if testing.Verbose() {
		fmt.Fprintf(os.Stderr, "pgtest: Postgres %s (%s)\n", bin.Version, bin.Source)
	}
	if s.admin, err = s.open("postgres"); err != nil {
		return err
	}
	for _, statement := range []string{
		"ALTER SYSTEM SET fsync = off",
		"ALTER SYSTEM SET full_page_writes = off",
		"ALTER ROLE CURRENT_USER SET answerable.lossy_for_tests = on",
		"SELECT pg_reload_conf()",
		"CREATE DATABASE " + template,
	} {
		if _, err := s.admin.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return s.migrateTemplate(ctx)
}

func (s *server) migrateTemplate(ctx context.Context) error {
	db, err := s.open(template)
	if err != nil {
		return err
	}
	_, err = postgres.Migrate(ctx, db)
	return errors.Join(err, db.Close()) // a template must have no connection when it is copied
}

func (s *server) open(name string) (*bun.DB, error) {
	address, err := url.Parse(s.postgres.DSN())
	if err != nil {
		return nil, err
	}
	address.Path = "/" + name
	return postgres.Open(address.String())
}

func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.postgres != nil {
		errs = append(errs, s.postgres.Stop())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// binaries are the first found, with a look into the checkout: tests run in their package's directory.
func binaries() (postgres.Binaries, error) {
	found, err := postgres.FindBinaries(checkout())
	if err != nil {
		return postgres.Binaries{}, err
	}
	if len(found) == 0 {
		return postgres.Binaries{}, errors.New("these tests need a Postgres and found none: " +
			"run `npm ci` in ui/, or install your system's postgresql package, or set " + postgres.BinEnv)
	}
	return found[0], nil
}

// checkout is the directory above us that holds go.mod.
func checkout() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
	}
	return dir
}

const dirPrefix = "answerable-pgtest-"

// removeForgotten removes what killed test processes left.
func removeForgotten() {
	for _, in := range []string{os.TempDir(), Place()} {
		dirs, _ := filepath.Glob(filepath.Join(in, dirPrefix+"*")) // the pattern is well formed
		for _, dir := range dirs {
			if forgotten(dir) {
				os.RemoveAll(dir)
			}
		}
	}
}

// forgotten says that nobody holds the lock that every process of a server holds. A directory younger than a minute
// may still be on its way there.
func forgotten(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "server.lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && time.Since(info.ModTime()) > time.Minute &&
		syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

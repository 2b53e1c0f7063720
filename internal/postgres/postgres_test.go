package postgres_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
)

func TestOpenDoesNotRepeatTheAddress(t *testing.T) {
	for _, dsn := range []string{
		"postgres://answerable:CANARY%zz@db.example/answerable",
		"postgres://answerable:CANARY@db.example:port/answerable",
		"host=db.example password=CANARY port=none",
		"CANARY",
	} {
		_, err := postgres.Open(dsn)
		wantError(t, err, "database address")
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("Open(%q) repeats a secret: %v", dsn, err)
		}
	}
}

func TestOpenTakesSeveralHosts(t *testing.T) {
	bin := allBinaries(t)[0]
	e := startServer(t, tempDir(t), bin)
	db := open(t, strings.Replace(e.DSN(), "host=", "host=%2Fno%2Fsuch%2Fplace%2C", 1))
	if got := ask(t, db, "SELECT 'here'"); got != "here" {
		t.Errorf("got %q from the second host, want here", got)
	}
}

func TestNothingIsPrepared(t *testing.T) {
	db := pgtest.New(t)
	db.SetMaxOpenConns(1) // pg_prepared_statements speaks of its own connection only
	for i := range 5 {
		ask(t, db, "SELECT ?::text WHERE ? > 0", "CANARY", i+1)
		do(t, db, "UPDATE clinic SET intro = ? WHERE retention_days = ?", "CANARY", i)
	}
	if _, err := db.NewSelect().Table("clinic").Where("slug = ?", "CANARY").Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, db, "SELECT count(*)::text FROM pg_prepared_statements"); got != "0" {
		t.Errorf("%s statements stay prepared, want none", got)
	}
}

// A connection on which nothing can be written any more is left at once, and not after half an hour.
func TestReadOnlyConnectionIsLeft(t *testing.T) {
	db := pgtest.New(t)
	db.SetMaxOpenConns(1)
	do(t, db, "SET default_transaction_read_only = on") // of this connection alone
	if _, err := db.ExecContext(t.Context(), "UPDATE clinic SET intro = ''"); err == nil || !strings.Contains(err.Error(), "25006") {
		t.Fatalf("a connection that is read only wrote: %v", err)
	}
	do(t, db, "UPDATE clinic SET intro = ''")
}

// TestStatementsReachNoLog provokes everything that makes Postgres, pgx or Bun speak, with a word in the statement
// that must turn up nowhere.
func TestStatementsReachNoLog(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		var ours bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&ours, &slog.HandlerOptions{Level: slog.LevelDebug})))
		t.Cleanup(func() { slog.SetDefault(before) })
		dir := tempDir(t)
		e := startServer(t, dir, bin)
		db := open(t, e.DSN())

		do(t, db, "CREATE TABLE box (word text PRIMARY KEY CHECK (word <> 'CANARY-checked'))")
		do(t, db, "INSERT INTO box VALUES ('CANARY-twice')")
		for _, statement := range []string{
			"SELECT 'CANARY'::uuid",
			"SELECT 'CANARY'::date",
			"SELECT '\"CANARY'::jsonb",
			"INSERT INTO box VALUES ('CANARY-twice')",
			"INSERT INTO box VALUES ('CANARY-checked')",
			"SELECT CANARY CANARY CANARY",
			"'CANARY'",
			"DO $$ BEGIN PERFORM 1/0; /* CANARY */ END $$",
			"SELECT pg_terminate_backend(pg_backend_pid()), 'CANARY'",
		} {
			_, err := db.Exec(statement)
			if err == nil {
				t.Fatalf("%s: succeeded, so it shows nothing", statement)
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%s: its error repeats it: %v", statement, err)
			}
		}
		do(t, db, "SELECT pg_sleep(1.1), 'CANARY'")
		crash(t, db)

		if !strings.Contains(ours.String(), "22P02") || !strings.Contains(ours.String(), "slow") {
			t.Errorf("our log misses the failed or the slow statement:\n%s", &ours)
		}
		if strings.Contains(ours.String(), "CANARY") {
			t.Errorf("our log repeats a statement:\n%s", &ours)
		}
		theirs, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(theirs, []byte("FATAL:")) {
			t.Errorf("Postgres' log is not where it belongs:\n%s", theirs)
		}
		if bytes.Contains(theirs, []byte("CANARY")) {
			t.Errorf("Postgres' log repeats a statement:\n%s", theirs)
		}
		for _, year := range []string{time.Now().Format("2006"), "UTC"} {
			if bytes.Contains(theirs, []byte(year)) {
				t.Errorf("Postgres' log tells times:\n%s", theirs)
			}
		}
	})
}

// crash kills a server process in the middle of a statement; by default Postgres' log then quotes it.
func crash(t *testing.T, db *bun.DB) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var pid int
	if err := conn.NewRaw("SELECT pg_backend_pid()").Scan(t.Context(), &pid); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { syscall.Kill(pid, syscall.SIGKILL) })
	if _, err := conn.ExecContext(t.Context(), "SELECT pg_sleep(30), 'CANARY'"); err == nil {
		t.Fatal("the statement outlived its process")
	}
	eventually(t, "the server has recovered", func() bool { return db.Ping() == nil })
}

func TestRepeatedRowIsNoNews(t *testing.T) {
	var ours bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&ours, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	db := pgtest.Empty(t)
	do(t, db, "CREATE TABLE box (n integer PRIMARY KEY)")
	do(t, db, "INSERT INTO box VALUES (1)")
	_, err := db.Exec("INSERT INTO box VALUES (1)")
	wantError(t, err, "box_pkey", "23505")
	if ours.Len() != 0 {
		t.Errorf("a repeated row is logged, which tells when somebody came back:\n%s", &ours)
	}
}

package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// as connects as another user of the server, to a database that this user owns.
func as(t *testing.T, e *postgres.Embedded, user string) *bun.DB {
	t.Helper()
	dsn := strings.Replace(e.DSN(), "user=answerable", "user="+user, 1)
	if dsn == e.DSN() {
		t.Fatal("the address names no user to replace")
	}
	slash := strings.Index(dsn, "?")
	db := open(t, dsn[:strings.LastIndex(dsn[:slash], "/")+1]+user+dsn[slash:])
	for range 100 { // until the server has read its new rules
		if db.PingContext(t.Context()) == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return db
}

// admitAll lets every user in, where a private server admits its own alone.
func admitAll(t *testing.T, admin *bun.DB) {
	t.Helper()
	if err := os.WriteFile(ask(t, admin, "SHOW hba_file"), []byte("local all all trust\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, admin, "SELECT pg_reload_conf()")
}

// The user of the server is rarely a superuser, to whom walls do not apply. Here it owns its database and nothing more.
func TestWallsForAnOrdinaryUser(t *testing.T) {
	for _, bin := range allBinaries(t) {
		t.Run(bin.Version, func(t *testing.T) {
			ctx := t.Context()
			e := startServer(t, tempDir(t), bin)
			admin := open(t, e.DSN())
			admitAll(t, admin)
			for _, user := range []string{"maker CREATEROLE", "plain"} {
				name, _, _ := strings.Cut(user, " ")
				do(t, admin, "CREATE ROLE "+user+" LOGIN")
				do(t, admin, "CREATE DATABASE "+name+" OWNER "+name)
			}

			maker := as(t, e, "maker")
			if _, err := postgres.Migrate(ctx, maker); err != nil {
				t.Fatalf("a user who may make roles: %v", err)
			}
			keepsClinicsApart(t, maker)

			plain := as(t, e, "plain")
			_, err := postgres.Migrate(ctx, plain)
			wantError(t, err, "As an administrator of the database run:", "GRANT answerable_clinic, answerable_instance TO plain;")
			do(t, admin, "GRANT answerable_clinic, answerable_instance TO plain")
			if _, err := postgres.Migrate(ctx, plain); err != nil {
				t.Fatalf("after the grant: %v", err)
			}
			keepsClinicsApart(t, plain)

			// What was taken down can be put up again.
			if _, err := postgres.MigrateDown(ctx, plain); err != nil {
				t.Fatal(err)
			}
			if _, err := postgres.Migrate(ctx, plain); err != nil {
				t.Fatal(err)
			}
			keepsClinicsApart(t, plain)
		})
	}
}

func keepsClinicsApart(t *testing.T, db *bun.DB) {
	t.Helper()
	ctx := t.Context()
	ids := []string{uuid.NewString(), uuid.NewString()}
	for i, id := range ids {
		do(t, db, "INSERT INTO clinic (id, slug, name) VALUES (?, ?, 'C')", id, "c"+ids[i][:8])
	}
	err := postgres.InClinic(ctx, db, ids[0], func(ctx context.Context, tx bun.Tx) error {
		if got := ask(t, postgres.Within(ctx, db), "SELECT string_agg(id::text, ' ') FROM clinic"); got != ids[0] {
			t.Errorf("inside one clinic: got %s, want %s", got, ids[0])
		}
		_, err := tx.ExecContext(ctx, "SELECT * FROM commitments_in_use('', '')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, postgres.Within(ctx, db), "SELECT count(*)::text FROM clinic"); got != "2" {
		t.Errorf("outside: got %s clinics, want 2", got)
	}
	comesBack(t, db)
	do(t, db, "DELETE FROM clinic")
}

// comesBack copies everything out and in again, walls or not.
func comesBack(t *testing.T, db *bun.DB) {
	t.Helper()
	tables, err := postgres.Tables(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	copies := map[string]*held{}
	out, err := postgres.CopyOut(t.Context(), db, tables, func(table string) (io.WriteCloser, error) {
		copies[table] = &held{}
		return copies[table], nil
	})
	if err != nil || out["clinic"] != 2 {
		t.Fatalf("copied %d clinics out, %v", out["clinic"], err)
	}
	from := func(table string) (io.ReadCloser, error) { return copies[table], nil }
	if _, err := postgres.CopyIn(t.Context(), db, tables, nil, from); !errors.Is(err, postgres.ErrNotEmpty) {
		t.Errorf("into a database with rows: got %v, want ErrNotEmpty", err)
	}
	do(t, db, "DELETE FROM clinic")
	in, err := postgres.CopyIn(t.Context(), db, tables, nil, from)
	if err != nil || !maps.Equal(in, out) {
		t.Errorf("came in %v of %v, %v", in, out, err)
	}
}

// held is a copy in memory.
type held struct{ bytes.Buffer }

func (*held) Close() error { return nil }

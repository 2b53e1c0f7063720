package postgres_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
)

// file is a copy of a table in memory.
type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }

// What is written while a copy is made is whole in it or not at all: between two tables somebody writes to both.
func TestACopyIsOfOneMoment(t *testing.T) {
	db := pgtest.Empty(t)
	do(t, db, "CREATE TABLE box (n integer PRIMARY KEY, label text); CREATE TABLE lid (n integer REFERENCES box)")
	do(t, db, `INSERT INTO box VALUES (1, E'a tab\t, a line\n, a \\ and nothing'), (2, NULL); INSERT INTO lid VALUES (1)`)
	copies := map[string]*file{}
	rows, err := postgres.CopyOut(t.Context(), db, []string{"box", "lid"}, func(table string) (io.WriteCloser, error) {
		if table == "lid" {
			do(t, db, "INSERT INTO box VALUES (3, 'late'); INSERT INTO lid VALUES (3); DELETE FROM lid WHERE n = 1")
		}
		copies[table] = &file{}
		return copies[table], nil
	})
	if err != nil || rows["box"] != 2 || rows["lid"] != 1 || copies["lid"].String() != "1\n" {
		t.Fatalf("copied %v, the second as %q: %v", rows, copies["lid"], err)
	}
	do(t, db, "TRUNCATE box, lid")
	in := func(table string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(copies[table].Bytes())), nil
	}
	if back, err := postgres.CopyIn(t.Context(), db, []string{"box", "lid"}, nil, in); err != nil || back["box"] != 2 || back["lid"] != 1 {
		t.Errorf("back came %v, %v", back, err)
	}
	if got := ask(t, db, "SELECT string_agg(n || coalesce(label, '-'), ' ' ORDER BY n) FROM box"); got != "1a tab\t, a line\n, a \\ and nothing 2-" {
		t.Errorf("the table came back as %q", got)
	}
	if _, err := postgres.CopyIn(t.Context(), db, []string{"box", "lid"}, nil, in); !errors.Is(err, postgres.ErrNotEmpty) {
		t.Errorf("into a database that holds something: %v", err)
	}

	// Half a copy fills nothing.
	do(t, db, "TRUNCATE box, lid")
	copies["lid"] = &file{*bytes.NewBufferString("7\n")}
	if _, err := postgres.CopyIn(t.Context(), db, []string{"box", "lid"}, nil, in); err == nil {
		t.Error("a row that refers to nothing came in")
	}
	if got := ask(t, db, "SELECT count(*)::text FROM box"); got != "0" {
		t.Errorf("a copy that does not fit left %s rows", got)
	}
}

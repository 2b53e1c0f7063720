package postgres_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/migrations"
)

// TestAnOlderProgramWorksOnANewerSchemaThatSaysSo tries both orders of putting schema and program in place.
func TestAnOlderProgramWorksOnANewerSchemaThatSaysSo(t *testing.T) {
	db := pgtest.Empty(t)
	old := steps("0001_box", "CREATE TABLE box (n integer)")
	added := steps("0001_box", "CREATE TABLE box (n integer)", "0002_lid", "CREATE TABLE lid (n integer); COMMENT ON TABLE bun_migrations IS 'oldest program: 0001'")
	broke := steps("0001_box", "CREATE TABLE box (n integer)", "0002_lid", "CREATE TABLE lid (n integer); COMMENT ON TABLE bun_migrations IS 'oldest program: 0001'",
		"0003_gone", "DROP TABLE box; COMMENT ON TABLE bun_migrations IS 'oldest program: 0003'")
	migrate := func(files fs.FS) {
		t.Helper()
		if _, err := postgres.MigrateUp(t.Context(), db, files); err != nil {
			t.Fatal(err)
		}
	}
	migrate(old)
	wantError(t, postgres.CheckFor(t.Context(), db, added), "older", "0002_lid", "answerable migrate up") // the program first
	migrate(added)
	for _, program := range []fs.FS{old, added} { // the schema first
		if err := postgres.CheckFor(t.Context(), db, program); err != nil {
			t.Error(err)
		}
	}
	migrate(broke)
	wantError(t, postgres.CheckFor(t.Context(), db, old), "newer", "0002")
	wantError(t, postgres.CheckFor(t.Context(), db, added), "newer", "0003")
	for _, nonsense := range []string{"oldest program: 1", "oldest program: 000x", "0001", ""} {
		do(t, db, "COMMENT ON TABLE bun_migrations IS '"+nonsense+"'")
		wantError(t, postgres.CheckFor(t.Context(), db, added), "newer")
	}
}

// What the schema says today is true of the steps that are here: the program before its last step still works on it.
func TestSchemaNamesAProgramThatThereIs(t *testing.T) {
	db := pgtest.New(t)
	says := strings.TrimPrefix(ask(t, db, "SELECT obj_description('bun_migrations'::regclass)"), "oldest program: ")
	before, known := fstest.MapFS{}, false
	files, err := migrations.FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		known = known || number == says
		if number > says {
			continue
		}
		text, err := migrations.FS.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		before[f.Name()] = &fstest.MapFile{Data: text}
	}
	if !known {
		t.Fatalf("the schema says that it is for programs from step %q on, and there is none", says)
	}
	if err := postgres.CheckFor(t.Context(), db, before); err != nil {
		t.Error(err)
	}
}

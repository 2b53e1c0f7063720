package pgtest_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"answerable/internal/postgres/pgtest"
)

// leftover is a directory as a killed test process leaves it, an hour ago. It lies there before the first New.
var leftover = filepath.Join(os.TempDir(), "answerable-pgtest-leftover")

func TestMain(m *testing.M) {
	lock, hourAgo := filepath.Join(leftover, "server.lock"), time.Now().Add(-time.Hour)
	if err := errors.Join(os.MkdirAll(leftover, 0o700), os.WriteFile(lock, nil, 0o600), os.Chtimes(lock, hourAgo, hourAgo)); err != nil {
		panic(err)
	}
	pgtest.Main(m)
}

func TestLeftoversOfKilledTestsGo(t *testing.T) {
	pgtest.Empty(t)
	if _, err := os.Stat(leftover); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there (%v)", leftover, err)
	}
}

func TestDatabasesAreSeparate(t *testing.T) {
	one, two := pgtest.New(t), pgtest.New(t)
	if _, err := one.Exec("CREATE TABLE only_here ()"); err != nil {
		t.Fatal(err)
	}
	var seen bool
	if err := two.NewRaw("SELECT to_regclass('only_here') IS NOT NULL").Scan(t.Context(), &seen); err != nil {
		t.Fatal(err)
	}
	if seen {
		t.Error("a table made in one test's database shows in another's")
	}
}

func TestNewIsMigratedAndEmptyIsNot(t *testing.T) {
	tables := "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
	var migrated, empty int
	if err := pgtest.New(t).NewRaw(tables).Scan(t.Context(), &migrated); err != nil {
		t.Fatal(err)
	}
	if err := pgtest.Empty(t).NewRaw(tables).Scan(t.Context(), &empty); err != nil {
		t.Fatal(err)
	}
	if migrated == 0 || empty != 0 {
		t.Errorf("tables: migrated %d, empty %d; want some and none", migrated, empty)
	}
}

package pgtest_test

import (
	"testing"

	"answerable/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

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

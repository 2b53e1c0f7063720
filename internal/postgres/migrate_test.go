package postgres_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/migrations"
)

func steps(pairs ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]+".tx.up.sql"] = &fstest.MapFile{Data: []byte(pairs[i+1])}
		files[pairs[i]+".tx.down.sql"] = &fstest.MapFile{Data: []byte("DROP TABLE IF EXISTS box, lid")}
	}
	return files
}

func TestConcurrentMigratorsShareTheWork(t *testing.T) {
	db := pgtest.Empty(t)
	var mu sync.Mutex
	var applied []string
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			list, err := postgres.Migrate(t.Context(), db)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			applied = append(applied, list...)
		})
	}
	wg.Wait()
	ups, err := migrations.FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(applied) != len(ups)/2 {
		t.Errorf("four migrators applied %q, want each of %d steps once", applied, len(ups)/2)
	}
	if err := postgres.Check(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestMigratorWaitsForAnother(t *testing.T) {
	db := pgtest.Empty(t)
	other, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	do(t, other, "SELECT pg_advisory_xact_lock(?)", postgres.MigrationLock)
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	applied, err := postgres.Migrate(short, db)
	wantError(t, err, "wait for another migration")
	if len(applied) != 0 {
		t.Errorf("applied %q while another held the lock", applied)
	}
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Migrate(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestFailingMigrationLeavesNoTrace(t *testing.T) {
	db := pgtest.Empty(t)
	broken := steps("0001_box", "CREATE TABLE box (n integer)", "0002_lid", "CREATE TABLE lid (n integer); SELECT 1/0")
	applied, err := postgres.MigrateUp(t.Context(), db, broken)
	wantError(t, err, "0002")
	if want := []string{"0001_box"}; !slices.Equal(applied, want) {
		t.Errorf("applied %q, want %q", applied, want)
	}
	if got := ask(t, db, "SELECT coalesce(to_regclass('lid')::text, 'none')"); got != "none" {
		t.Error("half of the failing step stayed")
	}
	list, err := postgres.StatusOf(t.Context(), db, broken)
	want := []postgres.Migration{{Name: "0001_box", Applied: true}, {Name: "0002_lid"}}
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("status %v, %v; want %v", list, err, want)
	}
	mended := steps("0001_box", "", "0002_lid", "CREATE TABLE lid (n integer)")
	if applied, err = postgres.MigrateUp(t.Context(), db, mended); err != nil || !slices.Equal(applied, []string{"0002_lid"}) {
		t.Errorf("after mending: applied %q, %v; want 0002_lid", applied, err)
	}
}

func TestStepAndItsRecordAreOneTransaction(t *testing.T) {
	db := pgtest.Empty(t)
	files := steps("0001_box", "CREATE TABLE box (n integer)")
	if err := postgres.MigrateAndDie(t.Context(), db, files); err != nil {
		t.Fatal(err)
	}
	applied, err := postgres.MigrateUp(t.Context(), db, files)
	if err != nil || len(applied) != 0 {
		t.Errorf("the next start applied %q with error %v, want nothing left to do", applied, err)
	}
}

func TestDownThenUp(t *testing.T) {
	db := pgtest.New(t)
	for range 2 {
		undone, err := postgres.MigrateDown(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, db, "SELECT count(*)::text FROM information_schema.tables "+
			"WHERE table_schema = 'public' AND table_name NOT LIKE 'bun_%'"); got != "0" {
			t.Errorf("%s tables stay after the way down", got)
		}
		wantError(t, postgres.Check(t.Context(), db), "older")
		applied, err := postgres.Migrate(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(undone) // Bun names a group from its first step on, whichever way it goes
		if !slices.Equal(applied, undone) {
			t.Errorf("applied %q after taking back %q", applied, undone)
		}
		if err := postgres.Check(t.Context(), db); err != nil {
			t.Error(err)
		}
	}
}

func TestStatusOfAnEmptyDatabaseChangesNothing(t *testing.T) {
	db := pgtest.Empty(t)
	list, err := postgres.Status(t.Context(), db)
	if err != nil || len(list) == 0 || list[0].Applied {
		t.Errorf("status %v, %v; want every step, none applied", list, err)
	}
	if got := ask(t, db, "SELECT count(*)::text FROM information_schema.tables WHERE table_schema = 'public'"); got != "0" {
		t.Errorf("asking for the status made %s tables", got)
	}
}

func TestCheckRefusesAnotherSchema(t *testing.T) {
	db := pgtest.Empty(t)
	one := steps("0001_box", "CREATE TABLE box (n integer)")
	two := steps("0001_box", "CREATE TABLE box (n integer)", "0002_lid", "CREATE TABLE lid (n integer)")
	wantError(t, postgres.CheckFor(t.Context(), db, one), "older", "0001_box", "answerable migrate up")
	if _, err := postgres.MigrateUp(t.Context(), db, two); err != nil {
		t.Fatal(err)
	}
	wantError(t, postgres.CheckFor(t.Context(), db, one), "newer", "0002")
	if err := postgres.CheckFor(t.Context(), db, two); err != nil {
		t.Error(err)
	}
	delete(one, "0001_box.tx.down.sql")
	wantError(t, postgres.CheckFor(t.Context(), db, one), "0001_box", "lacks")
}

func TestCheckRefusesCommitsThatDoNotWait(t *testing.T) {
	db := pgtest.New(t)
	if err := postgres.Check(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	name := ask(t, db, "SELECT quote_ident(current_database())")
	do(t, db, "ALTER DATABASE "+name+" SET synchronous_commit = off")
	db.SetMaxIdleConns(0) // new connections see it
	wantError(t, postgres.Check(t.Context(), db), "synchronous_commit = off")
}

func TestCheckRefusesAPostgresThatForgoesFsync(t *testing.T) {
	db := pgtest.New(t) // its Postgres runs with fsync off
	name := ask(t, db, "SELECT quote_ident(current_database())")
	do(t, db, "ALTER ROLE CURRENT_USER IN DATABASE "+name+" SET answerable.lossy_for_tests = off")
	db.SetMaxIdleConns(0)
	wantError(t, postgres.Check(t.Context(), db), "fsync, full_page_writes turned off")
}

package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"answerable/migrations"
)

// Migration is one step of the schema's history.
type Migration struct {
	Name    string // number and name, as in the file: 0001_house
	Applied bool
	Unknown bool // applied here by a newer program; this one has no file for it, so Name is the number alone
}

// Migrate applies what is missing, in order, and names what it applied. Several processes may call it at once: one
// works, the others wait and find nothing left to do. When a step fails it leaves no trace, the ones before it
// stay, and they are still named.
//
// db must reach Postgres itself or through a pooler that keeps a transaction on one connection.
func Migrate(ctx context.Context, db *bun.DB) (applied []string, err error) {
	return migrateUp(ctx, db, migrations.FS)
}

// MigrateDown takes back the steps of the last Migrate that applied any, newest first, with all they held.
func MigrateDown(ctx context.Context, db *bun.DB) (undone []string, err error) {
	return migrateDown(ctx, db, migrations.FS)
}

// Status lists every step in order. It changes nothing, not even on an empty database.
func Status(ctx context.Context, db *bun.DB) ([]Migration, error) {
	return status(ctx, db, migrations.FS)
}

// Check says in a sentence why this program must not work on this database: a schema that is older than the program, or newer
// in a way that the program could not live with, or a server that would acknowledge what is not on disk yet. It changes nothing.
func Check(ctx context.Context, db *bun.DB) error {
	return check(ctx, db, migrations.FS)
}

func migrateUp(ctx context.Context, db *bun.DB, files fs.FS) (applied []string, err error) {
	set, err := discover(files)
	if err != nil {
		return nil, err
	}
	m := upward(db, set)
	err = alone(ctx, db, func() error {
		if err := m.Init(ctx); err != nil {
			return fmt.Errorf("make the table of migrations: %w", err)
		}
		group, err := m.Migrate(ctx)
		done := group.Migrations
		if err != nil && len(done) > 0 {
			done = done[:len(done)-1] // Bun names the one that failed, too
		}
		applied = names(done)
		return err
	})
	if err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	return applied, nil
}

func migrateDown(ctx context.Context, db *bun.DB, files fs.FS) (undone []string, err error) {
	set, err := discover(files)
	if err != nil {
		return nil, err
	}
	m := migrate.NewMigrator(db, set, upsert, onSuccess, migrate.AfterMigration(markUnapplied))
	err = alone(ctx, db, func() error {
		if err := m.Init(ctx); err != nil {
			return fmt.Errorf("make the table of migrations: %w", err)
		}
		group, err := m.Rollback(ctx)
		if err != nil {
			return err
		}
		undone = names(group.Migrations)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take back the last migration: %w", err)
	}
	return undone, nil
}

func status(ctx context.Context, db *bun.DB, files fs.FS) ([]Migration, error) {
	set, err := discover(files)
	if err != nil {
		return nil, err
	}
	steps, beyond, err := history(ctx, db, set)
	if err != nil {
		return nil, fmt.Errorf("read the table of migrations: %w", err)
	}
	var list []Migration
	for _, s := range steps {
		list = append(list, Migration{Name: s.String(), Applied: s.IsApplied()})
	}
	for _, s := range beyond {
		list = append(list, Migration{Name: s.Name, Applied: true, Unknown: true})
	}
	return list, nil
}

// history returns the steps this program has, and those the database has beyond them.
func history(ctx context.Context, db *bun.DB, set *migrate.Migrations) (steps, beyond migrate.MigrationSlice, err error) {
	var exists bool
	if err := db.NewRaw("SELECT to_regclass('bun_migrations') IS NOT NULL").Scan(ctx, &exists); err != nil {
		return nil, nil, err
	}
	if !exists {
		return set.Sorted(), nil, nil
	}
	m := migrate.NewMigrator(db, set)
	if steps, err = m.MigrationsWithStatus(ctx); err != nil {
		return nil, nil, err
	}
	beyond, err = m.MissingMigrations(ctx)
	return steps, beyond, err
}

func check(ctx context.Context, db *bun.DB, files fs.FS) error {
	list, err := status(ctx, db, files)
	if err != nil {
		return err
	}
	newest := "" // that this program knows
	for _, m := range list {
		if !m.Unknown && !m.Applied {
			return fmt.Errorf("the database is older than this program (migration %s is missing); "+
				"run `answerable migrate up`", m.Name)
		}
		if !m.Unknown {
			newest, _, _ = strings.Cut(m.Name, "_")
		}
	}
	for _, m := range list {
		if !m.Unknown {
			continue
		}
		oldest, err := oldestProgram(ctx, db)
		if err != nil {
			return err
		}
		if oldest == "" || newest < oldest {
			return fmt.Errorf("the database is newer than this program (it has migration %s); "+
				"run the newer release, or take the step back with that release's `answerable migrate down`", m.Name)
		}
	}
	return checkDurability(ctx, db)
}

// oldestProgram is the number of the newest step that a program must know to work on this schema, as the schema says itself;
// "" where it does not say. A program may be older than its database by whatever was added since.
func oldestProgram(ctx context.Context, db *bun.DB) (string, error) {
	var comment string
	err := db.NewRaw(`SELECT coalesce(obj_description('bun_migrations'::regclass, 'pg_class'), '')`).Scan(ctx, &comment)
	if err != nil {
		return "", fmt.Errorf("ask which programs the schema is for: %w", err)
	}
	number, says := strings.CutPrefix(comment, "oldest program: ")
	if !says || len(number) != 4 || strings.Trim(number, "0123456789") != "" {
		return "", nil
	}
	return number, nil
}

// lossySetting, set to on inside Postgres itself, admits one that forgoes fsync: those of tests.
const lossySetting = "answerable.lossy_for_tests"

// checkDurability makes sure that COMMIT waits for the disk: an acknowledged submission must survive a power cut.
func checkDurability(ctx context.Context, db *bun.DB) error {
	var commit string
	if err := db.NewRaw("SHOW synchronous_commit").Scan(ctx, &commit); err != nil {
		return fmt.Errorf("ask Postgres for synchronous_commit: %w", err)
	}
	if commit != "on" && commit != "remote_apply" {
		//lint:ignore ST1005 Postgres is a name
		return fmt.Errorf("Postgres has synchronous_commit = %s, so it would acknowledge words that are not safely "+
			"on disk yet; set it to on for this server, database and user", commit)
	}
	var careless string
	err := db.NewRaw(`
		SELECT COALESCE(string_agg(name, ', ' ORDER BY name), '')
		FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
		AND COALESCE(current_setting(?, true), '') <> 'on'`, lossySetting).Scan(ctx, &careless)
	if err != nil {
		return fmt.Errorf("ask Postgres for fsync: %w", err)
	}
	if careless != "" {
		//lint:ignore ST1005 Postgres is a name
		return fmt.Errorf("Postgres runs with %s turned off, so a power cut would lose words it has acknowledged; turn it on", careless)
	}
	return nil
}

// discover reads the steps. Each needs both ways: Bun takes a missing file for a step that has nothing to do.
func discover(files fs.FS) (*migrate.Migrations, error) {
	set := migrate.NewMigrations()
	if err := set.Discover(files); err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	for _, step := range set.Sorted() {
		if step.Up == nil || step.Down == nil {
			return nil, fmt.Errorf("migration %s lacks its up or its down file", step)
		}
	}
	return set, nil
}

var (
	// Without this Bun marks a step as applied before it tries, and a failing step stays marked.
	onSuccess = migrate.WithMarkAppliedOnSuccess(true)
	// The step's own transaction writes its mark (markApplied), and Bun writes it once more after that.
	upsert = migrate.WithUpsert(true)
)

func upward(db *bun.DB, set *migrate.Migrations) *migrate.Migrator {
	return migrate.NewMigrator(db, set, upsert, onSuccess, migrate.AfterMigration(markApplied))
}

// markApplied records the step in the transaction that made its changes. Bun does so afterwards, in another one: a
// process that died in between would leave a step that is neither recorded nor repeatable.
func markApplied(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO bun_migrations (name, group_id) VALUES (?, ?)", step.Name, step.GroupID)
	return err
}

// markUnapplied does the same on the way down.
func markUnapplied(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM bun_migrations WHERE name = ?", step.Name)
	return err
}

// migrationLock is the advisory lock that every migrator takes: "answerab" in ASCII.
const migrationLock int64 = 0x616e737765726162

// alone runs act while no other process migrates. A transaction that stays open holds the lock, so it ends with
// this process whatever happens; Bun's own lock is a row that outlives a crash, and a lock of the session would be
// lost in a pooler.
func alone(ctx context.Context, db *bun.DB, act func() error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // it changed nothing; the end of the transaction is what frees the lock
	if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", migrationLock); err != nil {
		return fmt.Errorf("wait for another migration to finish: %w", err)
	}
	return act()
}

func names(steps migrate.MigrationSlice) []string {
	var list []string
	for _, s := range steps {
		list = append(list, s.String())
	}
	return list
}

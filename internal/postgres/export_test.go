package postgres

import (
	"bufio"
	"context"
	"io"
	"io/fs"

	"github.com/uptrace/bun"
)

// What the tests need from inside: they use pgtest, which imports this package, so they live outside it.
var (
	MigrateUp   = migrateUp
	MigrateBack = migrateDown
	StatusOf    = status
	CheckFor    = check
)

const MigrationLock = migrationLock

// MigrateAndDie applies the first step as Migrate does and stops where a process would that died before Bun's own
// mark.
func MigrateAndDie(ctx context.Context, db *bun.DB, files fs.FS) error {
	set, err := discover(files)
	if err != nil {
		return err
	}
	m := upward(db, set)
	if err := m.Init(ctx); err != nil {
		return err
	}
	step := set.Sorted()[0]
	return step.Up(ctx, m, &step)
}

// NewRedactor is what stands between a connection and pgx.
func NewRedactor(r io.Reader) io.Reader { return &redactor{from: bufio.NewReaderSize(r, 16<<10)} }

// NewServerLog filters what a server says.
func NewServerLog(to io.Writer) io.Writer { return &serverLog{to: to} }

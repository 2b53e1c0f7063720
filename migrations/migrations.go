// Package migrations holds the database's history: one pair of SQL files for each step, in the order of their
// numbers. It promises only that they are inside the program; package postgres applies them.
//
// NNNN_name.tx.up.sql and NNNN_name.tx.down.sql each run in one transaction. A step says why in its first line and
// can be applied while the release before it still runs. A file that has been released is never edited.
//
// The comment on bun_migrations says how old a program may be that still works on the schema: the number of the newest step
// it has to know (0013_readers). A step that takes away or changes what the program before it reads or writes sets that
// number to its own, and needs a release between: first one whose program no longer uses it, then the step.
package migrations

import "embed"

// FS holds every step.
//
//go:embed *.sql
var FS embed.FS

package main

import (
	"context"
	"errors"
	"fmt"

	"answerable/internal/leave"
	"answerable/internal/postgres"
)

type leaveCmd struct {
	Export leaveExportCmd `cmd:"" help:"Operator: write everything a place holds as files in documented formats, to go somewhere else with it."`
	Import leaveImportCmd `cmd:"" help:"Operator: fill an empty database from such files; name, log and receipts stay good."`
}

type leaveExportCmd struct {
	databaseConfig
	Out string `required:"" type:"path" placeholder:"DIR" help:"New folder for the files."`
}

type leaveResult struct {
	Origin string `json:"origin"`
	Rows   int    `json:"rows"`
	Files  int    `json:"files"`
}

func leaveSum(m *leave.Manifest) leaveResult {
	result := leaveResult{Origin: m.Origin, Files: len(m.SHA256)}
	for _, n := range m.Rows {
		result.Rows += n
	}
	return result
}

// Run exports.
func (c *leaveExportCmd) Run(ctx context.Context, t *terminal) error {
	db, err := openDatabase(ctx, &c.databaseConfig)
	if err != nil {
		return err
	}
	m, err := leave.Export(ctx, db.DB, c.Out, now())
	if errors.Is(err, leave.ErrNotEmpty) {
		err = withHint(err, "Give a new folder with --out DIR.")
	}
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	result := leaveSum(m)
	return t.show(result, `%s is written to %s: %d rows, %d files.
What was told is sealed in there as it was; wraps and all the rest lie open, so keep the folder as you keep the database, and
remove it when the new place runs. Take the server's own keys along, too, and its checkpoint file.
`, result.Origin, c.Out, result.Rows, result.Files)
}

type leaveImportCmd struct {
	databaseConfig
	From string `required:"" type:"path" placeholder:"DIR" help:"Folder that leave export wrote."`
}

// Run imports.
func (c *leaveImportCmd) Run(ctx context.Context, t *terminal) error {
	db, err := openDatabase(ctx, &c.databaseConfig)
	if err != nil {
		return err
	}
	m, err := leave.Import(ctx, db.DB, c.From)
	switch {
	case errors.Is(err, postgres.ErrNotEmpty):
		err = withHint(err, "Make a new database, run answerable migrate up on it, and import there.")
	case errors.Is(err, leave.ErrExport):
		err = withHint(fmt.Errorf("%w; nothing was taken in", err), "Make the export again, or copy it again; with a newer release than this one's, use that.")
	}
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	result := leaveSum(m)
	return t.show(result, `%s is here: %d rows. Start the server with the same three keys and the same checkpoint file, and stop the old one
for good: two places under one name would contradict each other in the log.
`, result.Origin, result.Rows)
}

package main

import (
	"context"
	"errors"

	"answerable/internal/intake"
)

type logCmd struct {
	Batch logBatchCmd `cmd:"" help:"Operator: run the batch now, without waiting for its hour."`
}

type logBatchCmd struct{ databaseConfig }

// Run moves everything that waits to its place and into the log.
func (c *logBatchCmd) Run(ctx context.Context, t *terminal) error {
	db, err := openDatabase(ctx, &c.databaseConfig)
	if err != nil {
		return err
	}
	store := &intake.Store{DB: db.DB, Now: now}
	files, err := store.Batch(ctx)
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	result := struct {
		Files int `json:"files"`
	}{files}
	return t.show(result, "The batch is done. Files moved: %d.\n", files)
}

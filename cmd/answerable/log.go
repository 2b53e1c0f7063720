package main

import (
	"context"
	"errors"

	"answerable/internal/intake"
)

type logCmd struct {
	Verify  logVerifyCmd  `cmd:"" help:"Anybody: follow a log, and find out when it drops, changes or shows different things to different people."`
	Proof   logProofCmd   `cmd:"" help:"Writer: find your own leaf by the receipt words or the ticket, and keep the proof. Anybody: check a proof."`
	Batch   logBatchCmd   `cmd:"" help:"Operator: run the batch now, without waiting for its hour. It gets no decoys; a running server signs it."`
	Witness logWitnessCmd `cmd:"" help:"Partner: watch other places' logs and cosign them."`
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

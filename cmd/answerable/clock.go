package main

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// astray is how far the server's clock and the database's may be apart: beyond it words would be put under wrong days, keys
// would begin and end at wrong hours, and nobody could sign in.
const astray = 30 * time.Minute

// checkClock refuses a clock that is off by hours. The clock of a Postgres on another machine tells; on this machine only
// the batches that ran can: one that lies ahead is told, since either clock may have been the wrong one.
func checkClock(ctx context.Context, t *terminal, db *bun.DB, now func() time.Time) error {
	var theirs time.Time
	var slot int64
	asked := now()
	err := db.NewRaw(`SELECT clock_timestamp(), coalesce((SELECT max(batch_slot) FROM instance), 0)`).Scan(ctx, &theirs, &slot)
	if err != nil {
		return fmt.Errorf("compare clocks: %w", err)
	}
	if off := theirs.Sub(asked).Abs(); off > astray {
		return withHint(fmt.Errorf("the clocks of this machine and of the database are %s apart", off.Round(time.Minute)),
			"Set the one that is wrong, let both machines keep their clocks (apt install systemd-timesyncd), and start again.")
	}
	if last := time.Unix(slot, 0).UTC(); last.After(asked.Add(astray)) {
		t.note("warning: the last batch ran for %s, which has not come. This machine's clock is behind now, or was ahead then. If it is right now, nothing is lost, and the next batch runs after that day.", last.Format(time.DateOnly))
	}
	return nil
}

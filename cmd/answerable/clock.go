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

// clocksApart says how far this machine's clock is from the database's. The way there and back counts too, which is nothing
// against astray.
func clocksApart(ctx context.Context, db *bun.DB, now func() time.Time) (time.Duration, error) {
	var theirs time.Time
	asked := now()
	if err := db.NewRaw(`SELECT clock_timestamp()`).Scan(ctx, &theirs); err != nil {
		return 0, fmt.Errorf("compare clocks: %w", err)
	}
	return theirs.Sub(asked).Abs(), nil
}

// checkClock refuses to start with a clock that is off by hours. The clock of a Postgres on another machine tells; on this
// machine only the batches that ran can: one that lies ahead is told, since either clock may have been the wrong one.
func checkClock(ctx context.Context, t *terminal, db *bun.DB, now func() time.Time) error {
	off, err := clocksApart(ctx, db, now)
	if err != nil {
		return err
	}
	if off > astray {
		return withHint(fmt.Errorf("the clocks of this machine and of the database are %s apart", off.Round(time.Minute)),
			"Set the one that is wrong, let both machines keep their clocks (apt install systemd-timesyncd), and start again.")
	}
	var slot int64
	if err := db.NewRaw(`SELECT coalesce(max(batch_slot), 0) FROM instance`).Scan(ctx, &slot); err != nil {
		return fmt.Errorf("look for the last batch: %w", err)
	}
	if last := time.Unix(slot, 0).UTC(); last.After(now().Add(astray)) {
		t.note("warning: the last batch ran for %s, which has not come. This machine's clock is behind now, or was ahead then. If it is right now, nothing is lost, and the next batch runs after that day.", last.Format(time.DateOnly))
	}
	return nil
}

// clockHolds says so when the clocks have come apart since the start. Until the wrong one is right again this server is not
// ready, so that balancers send nobody here, and does no duty that writes a day; other replicas do them.
func (s *site) clockHolds(ctx context.Context) error {
	off, err := clocksApart(ctx, s.db, now)
	if err != nil || off <= astray {
		return err
	}
	return fmt.Errorf("the clocks of this machine and of the database are %s apart: set the one that is wrong, and it goes on by itself", off.Round(time.Minute))
}

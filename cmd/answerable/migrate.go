package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply what is missing."`
	Down   migrateDownCmd   `cmd:"" help:"Take back the last step, with all it held."`
	Status migrateStatusCmd `cmd:"" help:"List the steps."`
}

// migrateConfig reaches the database directly: a pooler between us and Postgres may break the lock that lets one
// process migrate at a time.
type migrateConfig struct {
	databaseConfig
	DirectURL string `name:"database-direct-url" env:"DATABASE_DIRECT_URL" placeholder:"URL" help:"The same Postgres past a pooler."`
}

func (c *migrateConfig) with(ctx context.Context, act func(*bun.DB) error) error {
	config := c.databaseConfig
	if c.DirectURL != "" {
		config = databaseConfig{DatabaseURL: c.DirectURL}
	}
	db, err := connect(ctx, &config)
	if err != nil {
		return err
	}
	return errors.Join(act(db.DB), db.close())
}

type migrateUpCmd struct{ migrateConfig }

// Run applies what is missing.
func (c *migrateUpCmd) Run(ctx context.Context, t *terminal) error {
	return c.with(ctx, func(db *bun.DB) error {
		applied, err := postgres.Migrate(ctx, db)
		return errors.Join(showSteps(t, "applied", applied), err)
	})
}

type migrateDownCmd struct{ migrateConfig }

// Run takes back the last step.
func (c *migrateDownCmd) Run(ctx context.Context, t *terminal) error {
	return c.with(ctx, func(db *bun.DB) error {
		undone, err := postgres.MigrateDown(ctx, db)
		return errors.Join(showSteps(t, "taken back", undone), err)
	})
}

func showSteps(t *terminal, verb string, names []string) error {
	if names == nil {
		names = []string{}
	}
	if len(names) == 0 {
		return t.show(names, "Nothing to do.\n")
	}
	return t.show(names, "%s: %s\n", verb, strings.Join(names, ", "))
}

type migrateStatusCmd struct{ migrateConfig }

// Run lists the steps.
func (c *migrateStatusCmd) Run(ctx context.Context, t *terminal) error {
	return c.with(ctx, func(db *bun.DB) error {
		steps, err := postgres.Status(ctx, db)
		if err != nil {
			return err
		}
		type step struct {
			Name  string `json:"name"`
			State string `json:"state"`
		}
		list := []step{}
		var lines strings.Builder
		for _, s := range steps {
			row := step{s.Name, "missing"}
			switch {
			case s.Unknown:
				row.State = "from a newer release"
			case s.Applied:
				row.State = "applied"
			}
			list = append(list, row)
			fmt.Fprintf(&lines, "%-32s %s\n", row.Name, row.State)
		}
		return t.show(list, "%s", lines.String())
	})
}

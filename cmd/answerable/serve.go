package main

import (
	"context"
	"errors"
	"net"
)

type serveCmd struct {
	Config `embed:""`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, t *terminal) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	listener, err := listen(c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	origins, err := c.webOrigins(listener.Addr())
	if err != nil {
		return err
	}
	db, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	place, err := newSite(ctx, db.DB, c.Origin, c.keyFiles(), t.err)
	if err != nil {
		return err
	}
	place.onion = c.Onion
	return place.serve(ctx, listener, origins, c.BatchEvery, func(context.Context) error {
		return c.announce(t, listener.Addr(), place, db)
	})
}

func (c *serveCmd) open(ctx context.Context, t *terminal) (*database, error) {
	if c.Embedded {
		return startPrivate(ctx, c.Data, c.PostgresBin, noting{t})
	}
	return openDatabase(ctx, &c.databaseConfig)
}

func (c *serveCmd) announce(t *terminal, listening net.Addr, place *site, db *database) error {
	if db.private != nil {
		t.note("operator commands find this database with: --database-url '%s'", db.private.DSN())
	}
	result := struct {
		URL    string `json:"url"`
		Origin string `json:"origin"`
	}{localURL(listening), place.origin}
	return t.show(result, "Answerable for %s listens on %s. Stop it with Ctrl-C.\n", place.origin, result.URL)
}

// noting hands the private Postgres' sentences to a person.
type noting struct{ *terminal }

// Write prints a sentence as a note.
func (n noting) Write(p []byte) (int, error) { return n.err.Write(p) }

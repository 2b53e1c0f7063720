package main

import (
	"context"
	"errors"
	"net"

	"answerable/internal/metrics"
	"answerable/internal/promise"
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
	if err := checkClock(ctx, t, db.DB, now); err != nil {
		return err
	}
	place, err := newSite(ctx, db.DB, c.Origin, c.keyFiles(), t.err)
	if err != nil {
		return err
	}
	if err := c.watchLog(t, place); err != nil {
		return err
	}
	if err := place.logEarlier(ctx); err != nil {
		return err
	}
	if err := c.equip(t, place); err != nil {
		return err
	}
	return place.serve(ctx, listener, origins, c.BatchEvery, func(context.Context) error {
		return c.announce(t, seenAt(place, listener.Addr(), origins), place.origin, db)
	})
}

// logEarlier puts judgements from before the log had them into it: members are warned of every one that is not there.
func (s *site) logEarlier(ctx context.Context) error {
	left, err := (&promise.Store{DB: s.db, Now: now}).LogEarlier(ctx)
	if left > 0 {
		s.log.Warn("promises were judged before the log had judgements, by members who are not on their list any more: they stay out of it", "rounds", left)
	}
	return err
}

// equip gives a place what its operator asked for beside the pages: an onion address, TLS, notices, metrics.
func (c *serveCmd) equip(t *terminal, s *site) (err error) {
	s.onion = c.Onion
	if c.Chromium != "" {
		print := printWith(c.Chromium)
		s.exports.Print = func(ctx context.Context, page []byte) ([]byte, error) {
			pdf, err := print(ctx, page)
			if err != nil {
				s.log.Warn("a report was not printed, and its bundle goes without a PDF", "error", err)
			}
			return pdf, err
		}
	}
	if s.notices, err = c.sender(t.err); err != nil {
		return err
	}
	if s.tls, err = c.ownTLS(s.log); err != nil || c.MetricsAddr == "" {
		return err
	}
	if s.scraped, err = listen(c.MetricsAddr); err != nil {
		return err
	}
	watched := &metrics.Place{DB: s.db, Clinics: s.clinics, Keys: s.keys, BatchEvery: c.BatchEvery, Data: c.Data, Now: now}
	if s.tls != nil {
		watched.CertEnds = s.tls.certEnds
	}
	if s.witnesses != nil {
		watched.Witnesses = s.witnessesAnswered
	}
	s.metrics = metrics.New(watched)
	return nil
}

// witnessesAnswered says of each witness whether it answered when it was last asked.
func (s *site) witnessesAnswered() (answered []bool) {
	for _, w := range s.witnesses.Status() {
		answered = append(answered, !w.Down)
	}
	return answered
}

func (c *serveCmd) open(ctx context.Context, t *terminal) (*database, error) {
	if c.Embedded {
		return startPrivate(ctx, c.Data, c.PostgresBin, noting{t})
	}
	return openDatabase(ctx, &c.databaseConfig)
}

// seenAt is the address to print: the one people see where this program ends TLS, and a local one otherwise.
func seenAt(place *site, listening net.Addr, origins []string) string {
	if place.tls != nil {
		return origins[0]
	}
	return localURL(listening)
}

func (c *serveCmd) announce(t *terminal, url, origin string, db *database) error {
	if db.private != nil {
		t.note("operator commands find this database with: --database-url '%s'", db.private.DSN())
	}
	result := struct {
		URL    string `json:"url"`
		Origin string `json:"origin"`
	}{url, origin}
	return t.show(result, "Answerable for %s listens on %s. Stop it with Ctrl-C.\n", origin, url)
}

// noting hands the private Postgres' sentences to a person.
type noting struct{ *terminal }

// Write prints a sentence as a note.
func (n noting) Write(p []byte) (int, error) { return n.err.Write(p) }

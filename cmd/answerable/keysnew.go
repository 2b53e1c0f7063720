package main

import (
	"context"
	"path/filepath"

	"answerable/internal/intake"
)

type keysCmd struct {
	New keysNewCmd `cmd:"" help:"Operator: make the server's own keys before its first start, where it may read but not write them."`
}

type keysNewCmd struct {
	Origin string `required:"" placeholder:"HOST/answerable" help:"Name of the place they are for, as given to serve."`
	Out    string `required:"" type:"path" placeholder:"DIR" help:"Folder for log.key, ticket.key and server.secret. Those that are there stay."`
}

// Run makes the three keys of a place, each in a file closed to others.
func (c *keysNewCmd) Run(_ context.Context, t *terminal) error {
	if err := intake.CheckOrigin(c.Origin); err != nil {
		return err
	}
	files := keyFiles{filepath.Join(c.Out, "log.key"), filepath.Join(c.Out, "ticket.key"), filepath.Join(c.Out, "server.secret")}
	keys, err := files.load(c.Origin, true)
	if err != nil {
		return err
	}
	result := struct {
		Log    string `json:"log_vkey"`
		Ticket string `json:"ticket_vkey"`
		Folder string `json:"folder"`
	}{keys.logKey, keys.ticketKey, c.Out}
	return t.show(result, `The server's own keys lie in %s. Copy them to a safe place: without them tickets that were given out look false.
Others check with these, which are public:
  %s
  %s
`, result.Folder, result.Log, result.Ticket)
}

package main

import (
	"path/filepath"
	"regexp"
)

// keysCmd is about the keys that a server signs with, not about those that people seal to.
type keysCmd struct {
	New keysNewCmd `cmd:"" help:"Make a new place's keys, for several servers to share."`
}

type keysNewCmd struct {
	Origin string `required:"" placeholder:"HOST/answerable" help:"Name of the place, which its servers are started with."`
	Out    string `required:"" type:"path" placeholder:"DIR" help:"Folder for the three files. A file that exists is never replaced."`
}

// originName is what the database takes, too (migrations, table instance).
var originName = regexp.MustCompile(`^[a-z0-9.:-]+/answerable$`)

// Run makes what is missing of the three files and says whose they are. A server that runs alone makes its own.
func (c *keysNewCmd) Run(t *terminal) error {
	if !originName.MatchString(c.Origin) {
		return usage("this cannot be the name of a place", "It is a host name and /answerable, such as words.example.org/answerable.")
	}
	files := keyFiles{filepath.Join(c.Out, "log.key"), filepath.Join(c.Out, "ticket.key"), filepath.Join(c.Out, "server.secret")}
	keys, err := files.load(c.Origin, true)
	if err != nil {
		return err
	}
	result := struct {
		LogKey    string `json:"log_key"`    // verifier key
		TicketKey string `json:"ticket_key"` // verifier key
	}{keys.logKey, keys.ticketKey}
	return t.show(result, "The keys of %s lie in %s. Keep a copy apart from the database: whoever has them speaks for this place,\nand without them every ticket given out looks false.\n\nThe log's key, to compare with what others see:  %s\n", c.Origin, c.Out, result.LogKey)
}

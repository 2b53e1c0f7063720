package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/doctor"
	"answerable/internal/postgres"
)

type doctorCmd struct {
	databaseConfig
	URL          string        `placeholder:"https://HOST" help:"Address people see."`
	CAFile       string        `name:"ca-file" type:"path" placeholder:"FILE" help:"Certificates to trust beside the machine's own, in PEM."`
	BatchEvery   time.Duration `default:"24h" help:"The server's own setting."`
	Backups      string        `type:"path" placeholder:"DIR" help:"Folder given to backup --out."`
	WrapsBackups string        `type:"path" placeholder:"DIR" help:"Folder given to backup --wraps-out."`
	Data         string        `type:"path" placeholder:"DIR" help:"The server's own setting; how full its disk is, is looked at."`

	LogKeyFile       string `type:"path" placeholder:"FILE" help:"The server's own setting."`
	TicketKeyFile    string `type:"path" placeholder:"FILE" help:"The server's own setting."`
	ServerSecretFile string `type:"path" placeholder:"FILE" help:"The server's own setting."`
}

type findingRow struct {
	Check string `json:"check"`
	State string `json:"state"`
	Say   string `json:"say"`
	Do    string `json:"do"`
}

// Run looks at a running place and says what to do. It fails when something is bad.
func (c *doctorCmd) Run(ctx context.Context, t *terminal) error {
	place, err := c.place()
	if err != nil {
		return err
	}
	findings := place.Examine(ctx)
	if place.DB != nil {
		err = place.DB.Close()
	}
	if err := errors.Join(err, showFindings(t, findings)); err != nil {
		return err
	}
	if doctor.Worst(findings) == doctor.Bad {
		return withHint(errors.New("something is bad"), "Do what stands under each line that begins with bad, and run this again.")
	}
	return nil
}

func (c *doctorCmd) place() (*doctor.Place, error) {
	p := &doctor.Place{URL: c.URL, BatchEvery: c.BatchEvery, Backups: c.Backups, Wraps: c.WrapsBackups, Now: now}
	for _, file := range []string{c.LogKeyFile, c.TicketKeyFile, c.ServerSecretFile} {
		if file != "" {
			p.Keys = append(p.Keys, file)
		}
	}
	for _, dir := range []string{c.Data, c.Backups, c.WrapsBackups} {
		if dir != "" {
			p.Folders = append(p.Folders, dir)
		}
	}
	var err error
	if p.Roots, err = c.roots(); err != nil {
		return nil, err
	}
	if c.DatabaseURL == "" && c.DatabaseURLFile == "" {
		return p, nil
	}
	dsn, err := c.dsn()
	if err != nil {
		return nil, err
	}
	if p.DB, err = postgres.Open(dsn); err != nil {
		return nil, withHint(err, "Check DATABASE_URL.")
	}
	p.Setup = setupOf(&clinic.Store{DB: p.DB, Now: now})
	return p, nil
}

// roots adds the operator's own certificates to the machine's; nil where there are none.
func (c *doctorCmd) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read this machine's certificates: %w", err)
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		return nil, usage("the file of certificates does not read", "Give one in PEM with --ca-file FILE.")
	}
	return roots, nil
}

func showFindings(t *terminal, findings []doctor.Finding) error {
	rows := make([]findingRow, 0, len(findings))
	var lines strings.Builder
	for _, f := range findings {
		rows = append(rows, findingRow{f.Check, string(f.State), f.Say, f.Do})
		fmt.Fprintf(&lines, "%-14s %s: %s\n", f.State, f.Check, f.Say)
		if f.Do != "" {
			fmt.Fprintf(&lines, "%-14s %s\n", "", f.Do)
		}
	}
	return t.show(rows, "%s", lines.String())
}

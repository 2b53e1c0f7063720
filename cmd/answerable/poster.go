package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"answerable/internal/keyring"
	"answerable/internal/web"
)

type posterCmd struct {
	operatorConfig
	URL   string `required:"" placeholder:"https://HOST" help:"Address people see, such as https://words.example.org."`
	Out   string `required:"" type:"path" placeholder:"FILE" help:"Where to write it, such as poster.html. A file that exists is never replaced."`
	Paper string `enum:"a4,a5" default:"a4" help:"Size of the paper: a4 or a5."`
	Lang  string `enum:"en,es,ar" default:"en" help:"Language of the poster: en, es or ar."`
}

// Run writes a poster as one file that opens in any browser and needs no other.
func (c *posterCmd) Run(ctx context.Context, t *terminal) error {
	if !isWebOrigin(c.URL) {
		return usage(fmt.Sprintf("%q is not an address people see", c.URL), "It has a scheme and a host, such as https://words.example.org, and nothing after.")
	}
	return withPanel(ctx, &c.databaseConfig, c.Clinic, func(p *panelStores) error {
		if _, _, err := p.keys.Current(ctx, p.db.DB, p.place.ID); errors.Is(err, keyring.ErrNoPanel) {
			return withHint(err, "A poster carries the panel's fingerprint. See what is missing: answerable clinic setup "+p.place.Slug)
		}
		chain, err := p.keys.Manifests(ctx, p.db.DB, p.place.ID)
		if err != nil {
			return err
		}
		poster := web.NewPoster(p.place, c.URL, keyring.Fingerprint(chain[0].Lines), c.Paper)
		var file bytes.Buffer
		if err := poster.WriteIn(c.Lang, &file); err != nil {
			return err
		}
		if err := writeNew(c.Out, file.Bytes()); err != nil {
			return err
		}
		result := struct {
			File        string `json:"file"`
			Address     string `json:"address"`
			Fingerprint string `json:"fingerprint"`
			Lang        string `json:"lang"`
			Draft       bool   `json:"draft"` // a machine wrote its words
		}{c.Out, poster.Address, poster.Fingerprint, c.Lang, web.Draft(c.Lang)}
		if result.Draft {
			t.note("A machine wrote the words of this poster in this language, and no person has checked them yet. Let somebody who speaks it read them before it hangs.")
		}
		return t.show(result, `The poster is in %s. Open it in a browser and print it.

Its code leads to:  %s
Panel fingerprint:  %s
Let somebody on the panel compare that with their own before it hangs: answerable panel manifest show
`, c.Out, poster.Address, poster.Fingerprint)
	})
}

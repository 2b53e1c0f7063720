package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/client"
	"answerable/internal/figures"
)

type figuresDueCmd struct{ memberConfig }

// Run lists what the panel can release, what waits for signatures, and what is released.
func (c *figuresDueCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	ledger, err := r.FiguresLedger(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, d := range ledger.Due {
		if d.Ready {
			fmt.Fprintf(&b, "%s to %s  can be drafted: answerable figures draft --first %s\n", d.First, d.Last, d.First)
		} else {
			fmt.Fprintf(&b, "%s to %s  can be drafted from %s on\n", d.First, d.Last, d.From)
		}
	}
	for _, one := range ledger.Releases {
		fmt.Fprintf(&b, "%s to %s  %s  %s\n", one.First, one.Last, one.State, one.ID)
		if one.State == figures.StateDraft {
			b.WriteString("  " + releaseNext(&one))
		}
	}
	if b.Len() == 0 {
		b.WriteString("Nothing has been counted yet.\n")
	}
	return t.show(ledger, "%s", b.String())
}

// releaseNext says what a draft waits for.
func releaseNext(r *client.Release) string {
	if r.State == figures.StateReleased {
		return "It is released and stands in the log.\n"
	}
	return fmt.Sprintf("%d of %d have signed. The others run: answerable figures sign %s\n", len(r.Signatures), r.Needed, r.ID)
}

type figuresDraftCmd struct {
	memberConfig
	First string `required:"" placeholder:"DAY" help:"The first day of the period, such as 2026-04-01."`
}

// Run drafts a release and shows exactly what would be published. Nobody outside the panel sees it.
func (c *figuresDraftCmd) Run(ctx context.Context, t *terminal) error {
	if _, err := time.Parse(time.DateOnly, c.First); err != nil {
		return usage("the first day is no day", "Give --first as 2026-04-01. What can be drafted: answerable figures due")
	}
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	draft, err := r.DraftRelease(ctx, c.Clinic, c.First)
	if err != nil {
		return err
	}
	return showRelease(t, draft)
}

func showRelease(t *terminal, r *client.Release) error {
	text, err := releaseText(r)
	if err != nil {
		return err
	}
	return t.show(r, "%s\n%s", text, releaseNext(r))
}

// releaseText is what one signs, worked out from the bytes that the signed lines name, and from nothing else.
func releaseText(r *client.Release) (string, error) {
	content, err := r.Tables(r.ClinicID())
	if err != nil {
		return "", fmt.Errorf("sign nothing: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s: about %d reports. Counts are rounded to %d; a star is hidden.\n", content.First, content.Last, content.Reports, content.Base)
	for _, table := range content.Tables {
		fmt.Fprintf(&b, "\n%s\n", tableTitle(&table))
		if err := table.Shown.WriteCSV(&b); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// tableTitle says all that stands in a table besides its counts.
func tableTitle(t *figures.ReleasedTable) string {
	title := t.Key + ": " + t.Rows
	if t.Cols != "" {
		title += " by " + t.Cols
	}
	if t.Layers != "" {
		title += ", " + t.Layers + " " + t.Layer
	}
	if t.Zeros {
		return title + "; 0 is hidden too"
	}
	return title + "; 0 is shown"
}

type figuresSignCmd struct {
	memberConfig
	ID  string `arg:"" placeholder:"ID" help:"The draft, as answerable figures due lists it."`
	Yes bool   `help:"Sign. Without this flag the tables are shown and nothing is signed."`
}

// Run shows a draft, and signs exactly what it has shown.
func (c *figuresSignCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	ledger, err := r.FiguresLedger(ctx, c.Clinic)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(ledger.Releases, func(one client.Release) bool { return one.ID == c.ID && one.State == figures.StateDraft })
	if i < 0 {
		return withHint(errors.New("no draft of this name waits for signatures"), "See what waits: answerable figures due")
	}
	shown := &ledger.Releases[i]
	if !c.Yes {
		t.note("nothing is signed yet; look at it, then add --yes")
		return showRelease(t, shown)
	}
	signed, err := r.SignRelease(ctx, c.Clinic, shown)
	if err != nil {
		return err
	}
	return showRelease(t, signed)
}

type figuresDropCmd struct {
	memberConfig
	ID string `arg:"" placeholder:"ID" help:"The draft, as answerable figures due lists it."`
}

// Run gives a draft up. Its period can be drafted again.
func (c *figuresDropCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.DropRelease(ctx, c.Clinic, c.ID); err != nil {
		return err
	}
	return t.show(map[string]string{"dropped": c.ID}, "The draft is dropped. Nobody outside the panel has seen it.\n")
}

type figuresShowCmd struct{ serverConfig }

// Run shows what was released, after it was checked against signatures and log.
func (c *figuresShowCmd) Run(ctx context.Context, t *terminal) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	released, err := api.Released(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := range released {
		text, err := releaseText(&released[i])
		if err != nil {
			return err
		}
		var by []string
		for _, sig := range released[i].Signatures {
			by = append(by, sig.Reviewer)
		}
		fmt.Fprintf(&b, "%s\nSigned by %s. The signatures hold, and it stands in the log.\n\n", text, strings.Join(by, ", "))
	}
	if len(released) == 0 {
		b.WriteString("This panel has released no figures yet.\n")
	}
	return t.show(released, "%s", b.String())
}

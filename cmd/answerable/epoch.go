package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"answerable/internal/client"
)

type epochCmd struct {
	Make epochMakeCmd `cmd:"" help:"Make a key for people to seal to, here, and give each reviewer a sealed copy."`
	Ack  epochAckCmd  `cmd:"" help:"Check your sealed copy of a new key and sign that it is the right one."`
	List epochListCmd `cmd:"" help:"List a clinic's epochs."`
}

type epochMakeCmd struct {
	serverConfig
	identityConfig
	NotBefore  string `placeholder:"DAY" help:"First day, YYYY-MM-DD; today when left out."`
	Days       int    `default:"30" help:"How many days it is in use."`
	RetainDays int    `default:"180" help:"How many days after its last day what it sealed is kept."`
}

// Run deals an epoch.
func (c *epochMakeCmd) Run(ctx context.Context, t *terminal) error {
	term, err := c.term(time.Now().UTC())
	if err != nil {
		return err
	}
	identity, err := c.open()
	if err != nil {
		return err
	}
	r, err := c.reviewer(ctx, identity)
	if err != nil {
		return err
	}
	id, panel, err := r.Deal(ctx, c.Clinic, term)
	if err != nil {
		return err
	}
	result := struct {
		ID          string `json:"id"`
		State       string `json:"state"`
		Fingerprint string `json:"fingerprint"`
		Reviewers   int    `json:"reviewers"`
		Needed      int    `json:"acks_needed"`
	}{id, "offered", panel.Fingerprint, len(panel.Current.Reviewers), panel.Current.M}
	return t.show(result, `Epoch %s is offered to %d reviewers. Its private half was made here, sealed for each of them, and is gone from this machine.

Panel fingerprint: %s
Compare it with the one on your poster. If it differs, tell the others and use another epoch.

It takes words when %d reviewers have run: answerable epoch ack
`, id, result.Reviewers, panel.Fingerprint, result.Needed)
}

func (c *epochMakeCmd) term(now time.Time) (client.Term, error) {
	first := now.Truncate(24 * time.Hour)
	if c.NotBefore != "" {
		day, err := time.Parse(time.DateOnly, c.NotBefore)
		if err != nil {
			return client.Term{}, usage("--not-before is not a day", "Write it as 2026-12-01.")
		}
		first = day
	}
	if c.Days < 1 || c.RetainDays < 0 {
		return client.Term{}, usage("an epoch lasts at least one day", "Give --days 30, for example.")
	}
	last := first.AddDate(0, 0, c.Days-1)
	return client.Term{NotBefore: first, NotAfter: last, RetainUntil: last.AddDate(0, 0, c.RetainDays)}, nil
}

type epochAckCmd struct {
	serverConfig
	identityConfig
}

// Run acknowledges what waits for this reviewer.
func (c *epochAckCmd) Run(ctx context.Context, t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	r, err := c.reviewer(ctx, identity)
	if err != nil {
		return err
	}
	acked, err := r.Ack(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, a := range acked {
		fmt.Fprintf(&lines, "Epoch %s holds the key its record names. Signed; it is now %s.\n", a.ID, a.State)
	}
	if len(acked) == 0 {
		lines.WriteString("No epoch waits for your signature.\n")
	}
	return t.show(acked, "%s", lines.String())
}

type epochListCmd struct{ serverConfig }

// Run lists what everybody may know about a clinic's epochs.
func (c *epochListCmd) Run(ctx context.Context, t *terminal) error {
	api, err := client.New(c.Server)
	if err != nil {
		return err
	}
	epochs, err := api.Epochs(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if len(epochs) == 0 && !t.json {
		return t.show(nil, "This clinic has no epoch yet: its form is closed until the panel makes one.\n")
	}
	var lines strings.Builder
	for _, e := range epochs {
		fmt.Fprintf(&lines, "%-14s %-10s %s to %s\n", e.ID, e.State, e.NotBefore, e.NotAfter)
	}
	return t.show(epochs, "%s", lines.String())
}

package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"answerable/internal/keyring"
)

type epochRevokeCmd struct {
	memberConfig
	Epoch []string `required:"" placeholder:"ID" help:"Which key; may be given more than once."`
}

// Run proposes to call keys back.
func (c *epochRevokeCmd) Run(ctx context.Context, t *terminal) error {
	ids := slices.Clone(c.Epoch)
	slices.Sort(ids)
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: slices.Compact(ids)}, "")
}

type epochShredCmd struct {
	memberConfig
	Epoch      string `required:"" placeholder:"ID" help:"Which key."`
	BackupDays int    `default:"35" help:"How long copies of the database are kept at this clinic, as its operator has set."`
}

// Run proposes to destroy a key and all that was sealed to it.
func (c *epochShredCmd) Run(ctx context.Context, t *terminal) error {
	effective := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, c.BackupDays)
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{c.Epoch}, Effective: effective}, "")
}

type epochGiveCmd struct {
	memberConfig
	To string `required:"" placeholder:"ID" help:"Who gets the keys of the past, such as rabcdefgh."`
}

// Run hands the keys that this reviewer holds on to a member who was not there yet.
func (c *epochGiveCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	given, err := r.Give(ctx, c.Clinic, c.To, func(done, total int) { t.note("%d of %d keys handed on", done, total) })
	if err != nil {
		return err
	}
	if len(given.Together) > 0 {
		t.note("not handed on, because several open them together: %s. %s can ask for them with: answerable epoch open", strings.Join(given.Together, ", "), c.To)
	}
	for _, s := range given.Skipped {
		t.note("warning: epoch %s was skipped, because your own copy does not open: %s. Another colleague can give it; and say so: answerable epoch refuse --epoch %s", s.Epoch, s.Why, s.Epoch)
	}
	return t.show(given, "%s was given %d keys. What was interrupted can be run again.\n", c.To, given.Keys)
}

type epochRefuseCmd struct {
	memberConfig
	Epoch string `required:"" placeholder:"ID" help:"Which key."`
}

// Run tries this reviewer's copy of a key and says, signed, that it does not open.
func (c *epochRefuseCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.Refuse(ctx, c.Clinic, c.Epoch); err != nil {
		return err
	}
	result := struct {
		Epoch string `json:"epoch"`
	}{c.Epoch}
	return t.show(result, "It is kept that your copy of %s does not open. A colleague who holds the key gives it again: answerable epoch give --to %s\nTell the others, by a way that is not this server: who made your copy made it wrongly, or somebody has changed it.\n", c.Epoch, r.ID)
}

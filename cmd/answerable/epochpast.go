package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/client"
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
	Yes        bool   `help:"Do not ask where an older key still holds messages."`
}

// Run proposes to destroy a key and all that was sealed to it.
func (c *epochShredCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := c.mayDestroy(ctx, t, r, c.Epoch, c.Yes); err != nil {
		return err
	}
	effective := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, c.BackupDays)
	what := keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{c.Epoch}, Effective: effective}
	d, err := r.Decide(ctx, c.Clinic, what, "")
	if err != nil {
		return err
	}
	return showDecision(t, d)
}

var errNotSigned = errors.New("you have not signed")

// mayDestroy says what it means to destroy a key while an older one still holds messages, and asks.
func (c *memberConfig) mayDestroy(ctx context.Context, t *terminal, r *client.Reviewer, epoch string, yes bool) error {
	older, err := r.OlderKeys(ctx, c.Clinic, epoch)
	if err != nil {
		return err
	}
	return askYounger(t, epoch, older, yes)
}

func askYounger(t *terminal, epoch string, older []client.OlderKey, yes bool) error {
	if len(older) == 0 {
		return nil
	}
	t.note("warning: %s", destroysYounger(epoch, older))
	if yes {
		return nil
	}
	if sure, err := t.confirm("Sign it all the same?"); err != nil || !sure {
		return cmp.Or(err, errNotSigned)
	}
	return nil
}

// destroysYounger says what it means to destroy a key while older ones still hold messages. Twin of KEYS.destroyYounger in
// ui/src/panel/keywords.ts.
func destroysYounger(epoch string, older []client.OlderKey) string {
	var holds []string
	for _, k := range older {
		holds = append(holds, fmt.Sprintf("%s (messages: %d)", k.ID, k.Files))
	}
	return fmt.Sprintf("older keys still hold messages: %s. Who wrote them may have changed their mind under %s. Once it is destroyed, "+
		"nobody can know that. Then none of the messages that came in before can be shared or counted any more. They can still be read, "+
		"answered and kept. Decide about them first, or destroy the older key first. Your promise to destroy a key when its time is over "+
		"still stands: weigh the two.", strings.Join(holds, ", "), epoch)
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

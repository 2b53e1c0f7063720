package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"answerable/internal/client"
	"answerable/internal/keyring"
)

type epochCmd struct {
	Make epochMakeCmd `cmd:"" help:"Make a key for people to seal to, here, and give each reviewer a sealed copy."`
	Ack  epochAckCmd  `cmd:"" help:"Check your sealed copy of a new key and sign that it is the right one."`
	List epochListCmd `cmd:"" help:"List a clinic's epochs."`

	Open    epochOpenCmd    `cmd:"" help:"Ask the panel to open an epoch that several open together."`
	Answer  epochAnswerCmd  `cmd:"" help:"See who asks to open an epoch, and give your part."`
	Collect epochCollectCmd `cmd:"" help:"Gather the parts you asked for, and open the epoch."`
	Kit     epochKitCmd     `cmd:"" help:"Make a paper kit of an open epoch, for two members and the public age command."`

	Give   epochGiveCmd   `cmd:"" help:"Hand the keys of the past on to a new member."`
	Refuse epochRefuseCmd `cmd:"" help:"Say that your sealed copy of a key does not open, so that a colleague gives it again."`
	Revoke epochRevokeCmd `cmd:"" help:"Propose to call keys back: they take no words any more."`
	Shred  epochShredCmd  `cmd:"" help:"Propose to destroy a key whose time is over, and all that was sealed to it."`
}

type epochMakeCmd struct {
	serverConfig
	identityConfig
	NotBefore  string `placeholder:"DAY" help:"First day, YYYY-MM-DD. Without a day every key that the clinic still needs is made."`
	Days       int    `placeholder:"N" help:"With --not-before: how many days it is in use; as the panel decided when left out, or 30."`
	RetainDays *int   `placeholder:"N" help:"With --not-before: how many days after its last day what it sealed is kept; as the panel decided when left out, or 180."`
	Kit        string `type:"path" placeholder:"DIR" help:"Where two open an epoch: put a paper kit here, with which two members open it without a server."`
}

// dealer signs in, and sees to kits where they are asked for.
func (c *epochMakeCmd) dealer(ctx context.Context, t *terminal) (*client.Reviewer, error) {
	identity, err := c.open()
	if err != nil {
		return nil, err
	}
	r, err := c.reviewer(ctx, t, identity)
	if err != nil || c.Kit == "" {
		return r, err
	}
	r.OnKit = func(kit *client.Kit) error {
		path, err := kit.Write(c.Kit)
		if err != nil {
			return withHint(fmt.Errorf("epoch %s is offered, and its kit is not whole: %w", kit.Epoch, err), "Make it after the first opening: answerable epoch kit")
		}
		t.note("%s", kitNote(path))
		return nil
	}
	return r, nil
}

// makeMissing deals every epoch that the clinic still needs.
func (c *epochMakeCmd) makeMissing(ctx context.Context, t *terminal) error {
	r, err := c.dealer(ctx, t)
	if err != nil {
		return err
	}
	ids, panel, err := r.DealMissing(ctx, c.Clinic, func(done, total int) { t.note("%d of %d keys made", done, total) })
	if err != nil {
		return err
	}
	result := struct {
		IDs         []string `json:"ids"`
		Fingerprint string   `json:"fingerprint"`
		Needed      int      `json:"acks_needed"`
	}{append([]string{}, ids...), panel.Fingerprint, panel.Current.M}
	if len(ids) == 0 {
		return t.show(result, "No key is missing.\n")
	}
	return t.show(result, `Offered: %s. The private halves were made here, sealed for each reviewer, and are gone from this machine.

Panel fingerprint: %s
Compare it with the one on your poster. If it differs, tell the others.

They count when %d reviewers have run: answerable epoch ack
`, strings.Join(ids, ", "), panel.Fingerprint, panel.Current.M)
}

// Run deals one epoch, or all that are missing.
func (c *epochMakeCmd) Run(ctx context.Context, t *terminal) error {
	if c.NotBefore == "" {
		return c.makeMissing(ctx, t)
	}
	first, err := c.first()
	if err != nil {
		return err
	}
	r, err := c.dealer(ctx, t)
	if err != nil {
		return err
	}
	decided, _, err := r.Decided(ctx, c.Clinic)
	if err != nil {
		return err
	}
	term := c.term(first, decided)
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

func (c *epochMakeCmd) first() (time.Time, error) {
	first, err := time.Parse(time.DateOnly, c.NotBefore)
	if err != nil {
		return first, usage("--not-before is not a day", "Write it as 2026-12-01.")
	}
	if c.Days < 0 || c.RetainDays != nil && *c.RetainDays < 0 {
		return first, usage("an epoch lasts at least one day", "Give --days 30, for example.")
	}
	return first, nil
}

// term fills in what was left out, as the panel decided.
func (c *epochMakeCmd) term(first time.Time, decided *keyring.Rotation) client.Term {
	days, retain := 30, 180
	if decided != nil && decided.Days > 0 {
		days = decided.Days
	}
	if decided != nil {
		retain = decided.RetainDays
	}
	if c.RetainDays != nil {
		retain = *c.RetainDays
	}
	last := first.AddDate(0, 0, cmp.Or(c.Days, days)-1)
	return client.Term{NotBefore: first, NotAfter: last, RetainUntil: last.AddDate(0, 0, retain)}
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
	r, err := c.reviewer(ctx, t, identity)
	if err != nil {
		return err
	}
	acked, err := r.Ack(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, a := range acked {
		fmt.Fprintf(&lines, "Epoch %s holds %s. Signed; it is now %s.\n", a.ID, held(a), a.State)
	}
	if len(acked) == 0 {
		lines.WriteString("No epoch waits for your signature.\n")
	}
	return t.show(acked, "%s", lines.String())
}

// held is what a reviewer found in their wrap.
func held(a client.Acked) string {
	if a.K > 1 {
		return fmt.Sprintf("the part its record names for you; any %d of %d open it together", a.K, a.N)
	}
	return "the key its record names"
}

type epochListCmd struct {
	Server string `required:"" placeholder:"URL" help:"Address of the server."`
	Clinic string `required:"" placeholder:"SLUG" help:"The clinic's short name."`
}

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

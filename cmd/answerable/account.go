package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"answerable/internal/client"
)

// accountCmd is what a reviewer or a steward has left at a server to come back by.
type accountCmd struct {
	List          accountListCmd   `cmd:"" help:"List where you are signed in, and your passkeys."`
	End           accountEndCmd    `cmd:"" help:"End sign-ins elsewhere."`
	RemovePasskey accountRemoveCmd `cmd:"" help:"Let the server forget what a passkey opens."`
}

// accountConfig names a server and an identity.
type accountConfig struct {
	Server string `required:"" placeholder:"URL" help:"Address of the server."`
	identityConfig
}

func (c *accountConfig) signedIn(ctx context.Context, t *terminal) (*client.Reviewer, error) {
	identity, err := c.open()
	if err != nil {
		return nil, err
	}
	api, err := client.New(c.Server)
	if err != nil {
		return nil, err
	}
	return signIn(ctx, t, api, identity)
}

type accountListCmd struct{ accountConfig }

// Run lists both.
func (c *accountListCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	sessions, err := r.Sessions(ctx)
	if err != nil {
		return err
	}
	passkeys, err := r.Passkeys(ctx)
	if err != nil {
		return err
	}
	result := struct {
		Reviewer string           `json:"reviewer"`
		Sessions []client.Session `json:"sessions"`
		Passkeys []client.Passkey `json:"passkeys"`
	}{r.ID, append([]client.Session{}, sessions...), append([]client.Passkey{}, passkeys...)}
	var b strings.Builder
	fmt.Fprintf(&b, "You are %s. Signed in:\n", r.ID)
	for _, s := range sessions {
		here := ""
		if s.Here {
			here = "  (this one; it ends with this command)"
		}
		fmt.Fprintf(&b, "  %s  since %s  %s%s\n", s.ID, s.On, named(s.Device), here)
	}
	b.WriteString("Passkeys:\n")
	for _, p := range passkeys {
		fmt.Fprintf(&b, "  %s  since %s  %s\n", p.Credential, p.AddedOn, named(p.Name))
	}
	if len(passkeys) == 0 {
		b.WriteString("  none\n")
	}
	return t.show(result, "%s\nWhat you do not know: answerable account end ID, or account remove-passkey CREDENTIAL\n", b.String())
}

// named is a name that a person gave something; some have none.
func named(name string) string {
	if name == "" {
		return "without a name"
	}
	return name
}

type accountEndCmd struct {
	accountConfig
	ID     []string `arg:"" optional:"" help:"Which, as account list names them."`
	Others bool     `help:"All but this one."`
}

// Run ends sign-ins.
func (c *accountEndCmd) Run(ctx context.Context, t *terminal) error {
	if c.Others == (len(c.ID) > 0) {
		return usage("no sign-in is named", "Name those to end, or give --others. See them with: answerable account list")
	}
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	sessions, err := r.Sessions(ctx)
	if err != nil {
		return err
	}
	ended := []string{}
	for _, s := range sessions {
		if s.Here || !c.Others && !slices.Contains(c.ID, s.ID) {
			continue
		}
		if err := r.EndSession(ctx, s.ID); err != nil {
			return err
		}
		ended = append(ended, s.ID)
	}
	for _, id := range c.ID {
		if !slices.Contains(ended, id) {
			return withHint(errors.New("you are not signed in elsewhere as "+id), "See where you are: answerable account list")
		}
	}
	result := struct {
		Ended []string `json:"ended"`
	}{ended}
	return t.show(result, "Ended: %d. Whoever was there has to sign in again.\n", len(ended))
}

type accountRemoveCmd struct {
	accountConfig
	Credential string `arg:"" help:"Which, as account list names it."`
}

// Run lets the server forget a passkey's file.
func (c *accountRemoveCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.RemovePasskey(ctx, c.Credential); err != nil {
		return err
	}
	result := struct {
		Removed string `json:"removed"`
	}{c.Credential}
	return t.show(result, "The server has forgotten what this passkey opens. A copy that somebody took stays: with a stolen device, ask to be removed from the panel.\n")
}

package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"answerable/internal/account"
	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// demoMember is one of the demo's panel with their key. What they do goes through the client, as from a browser or a terminal, and
// over HTTP. That their keys pass through the server's own process while it is furnished is the demo's alone: all of them lie on
// this machine.
type demoMember struct {
	*client.Reviewer
	key      ed25519.PrivateKey
	signedIn bool
}

// account is the member's public half.
func (m *demoMember) account() *account.Reviewer {
	return &account.Reviewer{ID: m.ID, VerifyKey: m.key.Public().(ed25519.PublicKey)}
}

// seatPanel makes three identities, and lets them join a clinic's panel and sign who sits there.
func (d *demo) seatPanel(ctx context.Context, url string, place *clinic.Clinic) error {
	_, _, err := d.keys.Current(ctx, d.db, place.ID)
	seated := err == nil
	if seated {
		if err := d.checkIdentities(); err != nil {
			return err
		}
	}
	if err := d.meet(url); err != nil {
		return err
	}
	for _, m := range d.members {
		if err := d.seat(ctx, m, place); err != nil {
			return err
		}
	}
	if seated {
		return nil
	}
	if _, err := d.keys.ProposeManifest(ctx, place.ID, demoNeeded); err != nil {
		return err
	}
	for _, m := range d.members {
		waiting, err := m.PanelAndDraft(ctx, place.Slug)
		if err != nil {
			return err
		}
		if _, err := m.SignManifest(ctx, place.Slug, waiting); err != nil {
			return err
		}
	}
	return nil
}

// checkIdentities wants the files of the panel that sits: without them nobody can read what is told here.
func (d *demo) checkIdentities() error {
	for _, path := range d.identities() {
		if _, err := os.Stat(path); err != nil {
			return withHint(fmt.Errorf("the panel of this demo is there, but its identity file %s is not", path), "Bring it back, or start afresh with another --data.")
		}
	}
	return nil
}

// meet reads the identities of the panel, and makes those that are missing.
func (d *demo) meet(url string) error {
	if d.members != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.identity(1)), 0o700); err != nil {
		return err
	}
	for _, path := range d.identities() {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if err := (&identityNewCmd{Out: path}).Run(&terminal{out: io.Discard, err: d.err}); err != nil {
				return err
			}
		}
		m, err := readMember(url, path)
		if err != nil {
			return err
		}
		d.members = append(d.members, m)
	}
	return nil
}

func readMember(url, path string) (*demoMember, error) {
	identity, err := (&identityConfig{Identity: path}).open()
	if err != nil {
		return nil, err
	}
	seed, err := seal.IdentitySeed(identity)
	if err != nil {
		return nil, err
	}
	api, err := client.New(url)
	if err != nil {
		return nil, err
	}
	r, err := api.Reviewer(identity)
	if err != nil {
		return nil, err
	}
	return &demoMember{Reviewer: r, key: account.SigningKey(seed)}, nil
}

// seat lets a member join a panel, unless they did, and signs them in, once for all panels.
func (d *demo) seat(ctx context.Context, m *demoMember, place *clinic.Clinic) error {
	err := d.keys.RequireMember(ctx, place.ID, m.ID)
	if errors.Is(err, keyring.ErrNotMember) {
		invitation, err := d.accounts.Invite(ctx, place.ID)
		if err != nil {
			return err
		}
		if err := m.Enrol(ctx, invitation); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if m.signedIn {
		return nil
	}
	m.signedIn = true
	return m.SignIn(ctx)
}

// signOut ends the panel's sign-ins, so that none is left in their lists.
func (d *demo) signOut(ctx context.Context) {
	for _, m := range d.members {
		_ = m.SignOut(ctx) // they end by themselves, too
	}
}

// makeEpoch lets the first member deal the keys that a clinic needs and all three acknowledge them, unless one is in use.
func (d *demo) makeEpoch(ctx context.Context, _ string, place *clinic.Clinic) error {
	if _, err := d.keys.Active(ctx, place.ID); err == nil {
		return nil
	}
	if _, _, err := d.members[0].DealMissing(ctx, place.Slug, func(int, int) {}); err != nil {
		return err
	}
	for _, m := range d.members {
		if _, err := m.Ack(ctx, place.Slug); err != nil {
			return err
		}
	}
	return nil
}

// demoCharter is what the demo's panel says about itself.
var demoCharter = map[string]string{
	"chosen": "This is a demo, and these members are made up: three files on this machine. In a real place this says who chose the members, and how.",
	"peers":  "Demo text. A real panel says here whether most of its members are client community members: people who come to this clinic for care.",
	"paid":   "Demo text: nobody is paid. A real panel says who pays its members, and that it is not the clinic.",
	"barred": "Demo text. A real panel says who may not join: for example the clinic's managers, its owners and the police.",
	"more":   "",
}

// decide lets two members sign what the form needs before it opens: a charter, and that no list of whom to turn to is
// there yet.
func (d *demo) decide(ctx context.Context, _ string, place *clinic.Clinic) error {
	charter, err := json.Marshal(demoCharter, json.Deterministic(true))
	if err != nil {
		return err
	}
	for _, wanted := range []struct {
		what keyring.Resolution
		body string
	}{
		{keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(demoCharter)}, string(charter)},
		{keyring.Resolution{Kind: keyring.KindSupport, Without: true}, ""},
	} {
		made, err := d.keys.LatestDecision(ctx, place.ID, wanted.what.Kind)
		if err == nil && made == nil {
			err = d.decideTogether(ctx, place, wanted.what, wanted.body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// decideTogether lets the first member propose and the second sign.
func (d *demo) decideTogether(ctx context.Context, place *clinic.Clinic, what keyring.Resolution, body string) error {
	decision, err := d.members[0].Decide(ctx, place.Slug, what, body)
	if err != nil {
		return err
	}
	_, err = d.members[1].SignDecision(ctx, place.Slug, decision)
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"answerable/internal/account"
	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

type panelCmd struct {
	Invite   panelInviteCmd   `cmd:"" help:"Operator: make a one-time invitation to a clinic's panel."`
	List     panelListCmd     `cmd:"" help:"Operator: list who sits on a clinic's panel."`
	Join     panelJoinCmd     `cmd:"" help:"Reviewer: use an invitation."`
	Manifest panelManifestCmd `cmd:"" help:"Propose, show and sign who sits on the panel."`

	Members   panelMembersCmd   `cmd:"" help:"Reviewer: list who has joined, and whom the signed list names."`
	Add       panelAddCmd       `cmd:"" help:"Reviewer: propose the panel with somebody who has joined."`
	Remove    panelRemoveCmd    `cmd:"" help:"Reviewer: propose the panel without somebody who leaves or has lost their key."`
	Replace   panelReplaceCmd   `cmd:"" help:"Reviewer: propose the panel with the new key of somebody who has lost theirs."`
	Decisions panelDecisionsCmd `cmd:"" help:"Reviewer: what the panel decides together; sign what waits."`
	Charter   panelCharterCmd   `cmd:"" help:"Reviewer: propose the panel's words about itself."`
	Support   panelSupportCmd   `cmd:"" help:"Reviewer: propose whether the form may open without a list of whom to turn to."`
	Settings  panelSettingsCmd  `cmd:"" help:"Reviewer: show or propose what the form says and asks here, and how the panel works."`
	Rotation  panelRotationCmd  `cmd:"" help:"Reviewer: propose how often the key changes and how long things are kept."`
}

// panelStores is what the operator's commands work with.
type panelStores struct {
	accounts *account.Store
	keys     *keyring.Store
	place    *clinic.Clinic
	db       *database
}

// withPanel opens the database for one act on a clinic's panel.
func withPanel(ctx context.Context, c *databaseConfig, slug string, act func(*panelStores) error) error {
	db, err := openDatabase(ctx, c)
	if err != nil {
		return err
	}
	place, err := (&clinic.Store{DB: db.DB, Now: now}).BySlug(ctx, slug)
	if err != nil {
		return errors.Join(err, db.close())
	}
	accounts := &account.Store{DB: db.DB, Now: now}
	keys := &keyring.Store{DB: db.DB, Accounts: accounts, Now: now}
	return errors.Join(act(&panelStores{accounts, keys, place, db}), db.close())
}

// operatorConfig names a clinic in the database.
type operatorConfig struct {
	databaseConfig
	Clinic string `required:"" placeholder:"SLUG" help:"The clinic's short name."`
}

type panelInviteCmd struct{ operatorConfig }

// Run makes an invitation.
func (c *panelInviteCmd) Run(ctx context.Context, t *terminal) error {
	return withPanel(ctx, &c.databaseConfig, c.Clinic, func(p *panelStores) error {
		code, err := p.accounts.Invite(ctx, p.place.ID)
		if err != nil {
			return err
		}
		result := struct {
			Invitation string `json:"invitation"`
		}{code}
		return t.show(result, `Invitation, good once and for 14 days:

    %s

Give it to one person, by a way that only they see. They run:

    answerable identity new --out me.txt
    answerable panel join --server URL --identity me.txt --invitation %s
`, code, code)
	})
}

type panelListCmd struct{ operatorConfig }

// Run lists the panel.
func (c *panelListCmd) Run(ctx context.Context, t *terminal) error {
	return withPanel(ctx, &c.databaseConfig, c.Clinic, func(p *panelStores) error {
		members, err := p.keys.Members(ctx, p.db.DB, p.place.ID)
		if err != nil {
			return err
		}
		type seat struct {
			Reviewer  string `json:"reviewer"`
			Recipient string `json:"recipient"`
		}
		seats := []seat{}
		var lines strings.Builder
		for _, m := range members {
			seats = append(seats, seat{m.ID, m.Recipient})
			fmt.Fprintln(&lines, m.ID)
		}
		return t.show(seats, "%s", lines.String())
	})
}

type panelJoinCmd struct {
	Server string `required:"" placeholder:"URL" help:"Address of the server."`
	identityConfig
	Invitation string `required:"" placeholder:"CODE" help:"The invitation you were given, or its whole link."`
}

// Run joins a panel with the public halves of the identity's keys.
func (c *panelJoinCmd) Run(ctx context.Context, t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	api, err := client.New(c.Server)
	if err != nil {
		return err
	}
	r, err := api.Reviewer(identity)
	if err != nil {
		return err
	}
	if err := r.Enrol(ctx, client.InvitationIn(c.Invitation)); err != nil {
		return err
	}
	result := struct {
		Reviewer string `json:"reviewer"`
	}{r.ID}
	return t.show(result, "You are reviewer %s. When the panel's manifest is proposed, sign it: answerable panel manifest sign\n", r.ID)
}

type panelManifestCmd struct {
	Propose manifestProposeCmd `cmd:"" help:"Operator: draft the manifest of those who sit on the panel now."`
	Show    manifestShowCmd    `cmd:"" help:"Check and show a clinic's panel and its fingerprint."`
	Draft   manifestDraftCmd   `cmd:"" help:"Reviewer: see the list that waits for signatures, and who joins and leaves by it."`
	Sign    manifestSignCmd    `cmd:"" help:"Reviewer: sign the list that waits, after seeing it."`
}

type manifestProposeCmd struct {
	operatorConfig
	M int `required:"" placeholder:"N" help:"How many reviewers must sign before a key or a new panel is good."`
}

// Run proposes a manifest.
func (c *manifestProposeCmd) Run(ctx context.Context, t *terminal) error {
	return withPanel(ctx, &c.databaseConfig, c.Clinic, func(p *panelStores) error {
		m, err := p.keys.ProposeManifest(ctx, p.place.ID, c.M)
		if err != nil {
			return err
		}
		result := struct {
			Version   int      `json:"version"`
			M         int      `json:"m"`
			Reviewers []string `json:"reviewers"`
		}{m.Version, m.M, reviewerIDs(m)}
		return t.show(result, "Version %d is proposed: %s. It holds when enough of them have run: answerable panel manifest sign\n",
			m.Version, describe(m))
	})
}

func reviewerIDs(m *keyring.Manifest) []string {
	ids := make([]string, 0, len(m.Reviewers))
	for _, r := range m.Reviewers {
		ids = append(ids, r.ID)
	}
	return ids
}

func describe(m *keyring.Manifest) string {
	return fmt.Sprintf("%d of %s must sign", m.M, strings.Join(reviewerIDs(m), ", "))
}

type manifestShowCmd struct{ serverConfig }

// Run shows the panel everybody can see, after checking every signature from the first manifest on.
func (c *manifestShowCmd) Run(ctx context.Context, t *terminal) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	panel, err := api.WatchedPanel(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if panel.Current == nil {
		return errors.New("this clinic's panel has not signed its first manifest yet")
	}
	result := struct {
		Fingerprint string   `json:"fingerprint"`
		Version     int      `json:"version"`
		M           int      `json:"m"`
		Reviewers   []string `json:"reviewers"`
		Lines       string   `json:"lines"`
	}{panel.Fingerprint, panel.Current.Version, panel.Current.M, reviewerIDs(panel.Current), panel.Current.Lines()}
	return t.show(result, "Panel fingerprint: %s\nVersion %d: %s. Every signature since the first version holds, and the public log has no list and no key called back that is not shown.\n",
		panel.Fingerprint, panel.Current.Version, describe(panel.Current))
}

// waiting signs in and gives the panel with the list that waits for signatures; client.ErrNoDraft when none does.
func (c *memberConfig) waiting(ctx context.Context, t *terminal) (*client.Reviewer, *client.Panel, error) {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	panel, err := r.PanelAndDraft(ctx, c.Clinic)
	if err == nil && panel.Draft == nil {
		err = client.ErrNoDraft
	}
	return r, panel, err
}

type manifestDraftCmd struct{ memberConfig }

// Run shows the list that waits, after checking that it follows from those before.
func (c *manifestDraftCmd) Run(ctx context.Context, t *terminal) error {
	_, panel, err := c.waiting(ctx, t)
	if err != nil {
		return err
	}
	result := struct {
		client.Change
		SignedBy []string `json:"signed_by"`
	}{*panel.Change(), append([]string{}, panel.SignedBy...)}
	return t.show(result, "%s\nSign exactly this list: answerable panel manifest sign --list %s\n", changeInWords(panel), result.Hash)
}

// changeInWords says what somebody signs who signs the list that waits.
func changeInWords(p *client.Panel) string {
	c := p.Change()
	var b strings.Builder
	fmt.Fprintf(&b, "List %d waits for signatures.\n", c.Version)
	if c.Version == 1 {
		b.WriteString("  It is the first. Everybody on it signs it, and its name below goes on the poster as the panel's fingerprint.\n")
	} else {
		fmt.Fprintf(&b, "  joins:  %s\n  leaves: %s\n", orNobody(c.Joined), orNobody(c.Left))
	}
	fmt.Fprintf(&b, "  on it:  %s\n  needed: %d of %d must sign from then on\n", strings.Join(c.Members, ", "), c.M, len(c.Members))
	fmt.Fprintf(&b, "  signed: %s\n  name:   %s\n", orNobody(p.SignedBy), c.Hash)
	if p.Fingerprint != c.Hash {
		fmt.Fprintf(&b, "  panel:  %s\n", p.Fingerprint)
	}
	if len(c.Joined) > 0 {
		b.WriteString("Compare the id of everybody who joins with them, and the name of the list with a colleague, by a way that is not this server.\n")
	}
	return b.String()
}

func orNobody(ids []string) string {
	if len(ids) == 0 {
		return "nobody"
	}
	return strings.Join(ids, ", ")
}

type manifestSignCmd struct {
	memberConfig
	List string `placeholder:"NAME" help:"The name of the list you have looked at, as answerable panel manifest draft shows it. Without it you are shown the list and asked."`
}

// Run shows the list that waits and signs it when the reviewer says so. Where nobody can be asked, the list is named.
func (c *manifestSignCmd) Run(ctx context.Context, t *terminal) error {
	r, panel, err := c.waiting(ctx, t)
	if err != nil {
		return err
	}
	if err := c.agree(t, panel); err != nil {
		return err
	}
	state, err := r.SignManifest(ctx, c.Clinic, panel)
	if err != nil {
		return err
	}
	return showSigned(t, panel, state)
}

// agree gives an error unless the reviewer means the list that waits.
func (c *manifestSignCmd) agree(t *terminal, panel *client.Panel) error {
	if name := strings.ToUpper(strings.TrimSpace(c.List)); name != "" {
		if name != panel.Change().Hash {
			return client.ErrReplaced
		}
		return nil
	}
	if !t.asks() {
		return withHint(errors.New("nothing was signed: nobody is here to look at the list"), "See it with: answerable panel manifest draft. Then name it: --list NAME")
	}
	t.note("%s", changeInWords(panel))
	yes, err := t.confirm("Sign this list?")
	if err == nil && !yes {
		err = errors.New("nothing was signed")
	}
	return err
}

// showSigned says what was signed and what came of it.
func showSigned(t *terminal, panel *client.Panel, state string) error {
	result := struct {
		Fingerprint string `json:"fingerprint"`
		Version     int    `json:"version"`
		State       string `json:"state"`
	}{panel.Fingerprint, panel.Draft.Version, state}
	return t.show(result, "You signed version %d: %s.\nPanel fingerprint: %s\nThe others must see the same fingerprint. The manifest is now %s.\n",
		panel.Draft.Version, describe(panel.Draft), panel.Fingerprint, stateWord(state))
}

// stateWord says a manifest's state in words.
func stateWord(state string) string {
	if state == "logged" {
		return "complete and in the log"
	}
	return "waiting for more signatures"
}

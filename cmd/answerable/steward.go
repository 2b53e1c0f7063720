package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"answerable/internal/client"
	"answerable/internal/clinic"
)

// stewardCmd is the page of the stewards in a terminal, for who runs a place and has no way to its database.
type stewardCmd struct {
	List    stewardListCmd    `cmd:"" help:"List the clinics of a server."`
	Add     stewardAddCmd     `cmd:"" help:"Add a clinic. Its form stays closed until it is opened."`
	Invite  stewardInviteCmd  `cmd:"" help:"Make a one-time link to a clinic's panel, or for another steward."`
	Setup   stewardSetupCmd   `cmd:"" help:"Say what a clinic still needs, and who acts next."`
	Propose stewardProposeCmd `cmd:"" help:"Propose the first list of a panel: everybody who has joined."`
	Edit    stewardEditCmd    `cmd:"" help:"Change a clinic's legal notice and other ways to tell, open or close its form."`
}

type stewardListCmd struct{ accountConfig }

// Run lists the clinics.
func (c *stewardListCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	places, err := r.Places(ctx)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, p := range places {
		fmt.Fprintf(&lines, "%-24s %-7s %s\n", p.Slug, opennessOf(p.Open), p.Name)
	}
	return t.show(append([]client.Place{}, places...), "%s", lines.String())
}

type stewardAddCmd struct {
	accountConfig
	Slug string `arg:"" help:"Short name for the address: small letters, digits, hyphens."`
	Name string `required:"" placeholder:"TEXT" help:"The name people know it by."`
}

// Run adds a clinic.
func (c *stewardAddCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	place, err := r.AddPlace(ctx, c.Slug, c.Name)
	if err != nil {
		return err
	}
	return t.show(place, "Clinic %s is added. See what it needs: answerable steward setup --clinic %s\n", place.Slug, place.Slug)
}

type stewardInviteCmd struct {
	accountConfig
	Clinic  string `placeholder:"SLUG" xor:"whom" required:"" help:"To the panel of this clinic."`
	Steward bool   `xor:"whom" required:"" help:"For another steward."`
}

// Run makes an invitation.
func (c *stewardInviteCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	link := ""
	if c.Steward {
		link, err = r.InviteSteward(ctx)
	} else {
		link, err = r.InviteReviewer(ctx, c.Clinic)
	}
	if err != nil {
		return err
	}
	code := client.InvitationIn(link)
	result := struct {
		Link       string `json:"link"`
		Invitation string `json:"invitation"`
	}{link, code}
	return t.show(result, `Link for one person, good once and for 14 days:

    %s

Give it to them by a way that only they see. They open it in their browser, or run:

    answerable panel join --server URL --identity me.txt --invitation %s
`, link, code)
}

type stewardSetupCmd struct {
	accountConfig
	Clinic string `required:"" placeholder:"SLUG" help:"The clinic's short name."`
}

// Run says how far a clinic is.
func (c *stewardSetupCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	where, err := r.Setup(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, s := range where.Steps {
		lines.WriteString(stepLine(s.Key, s.Done, s.Who, s.Say))
	}
	return t.show(where, "%s", lines.String())
}

type stewardProposeCmd struct {
	accountConfig
	Clinic string `required:"" placeholder:"SLUG" help:"The clinic's short name."`
	M      int    `required:"" placeholder:"N" help:"How many reviewers must sign before a key or a new panel is good."`
}

// Run proposes the first list.
func (c *stewardProposeCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.ProposeFirstList(ctx, c.Clinic, c.M); err != nil {
		return err
	}
	result := struct {
		Clinic string `json:"clinic"`
		M      int    `json:"m"`
	}{c.Clinic, c.M}
	return t.show(result, "The first list is proposed, with everybody who has joined. Each of them looks at it and signs: answerable panel manifest draft, then panel manifest sign\n")
}

type stewardEditCmd struct {
	accountConfig
	Clinic      string   `required:"" placeholder:"SLUG" help:"The clinic's short name."`
	LegalNotice *string  `placeholder:"TEXT" help:"What the law may make the panel do. The form opens only with it. Once the panel has decided settings, this proposes it to them."`
	OtherWay    []string `sep:"none" placeholder:"'NAME | WHAT | WHO RUNS IT | HOW TO REACH IT'" help:"Another way to tell, shown while the form is closed. Repeatable; all of them, in order. One empty text takes them off."`
	Open        *bool    `negatable:"" help:"Open or close the form. It opens when everything it needs is there."`
}

// Run changes what was given, the form last. What was changed before a refusal stays.
func (c *stewardEditCmd) Run(ctx context.Context, t *terminal) error {
	if c.LegalNotice == nil && c.OtherWay == nil && c.Open == nil {
		return usage("nothing is to be changed", "Give --legal-notice, --other-way, --open or --no-open.")
	}
	var texts clinic.Clinic
	if err := (&clinicTexts{OtherWay: c.OtherWay}).applyOtherWays(&texts); err != nil {
		return err
	}
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if c.LegalNotice != nil {
		err = r.SetLegalNotice(ctx, c.Clinic, *c.LegalNotice)
	}
	if c.OtherWay != nil && err == nil {
		var ways []client.Way
		for _, w := range texts.OtherWays {
			ways = append(ways, client.Way{Name: w.Name, What: w.What, RunBy: w.RunBy, Reach: w.Reach})
		}
		err = r.SetOtherWays(ctx, c.Clinic, ways)
	}
	if c.Open != nil && err == nil {
		err = r.OpenForm(ctx, c.Clinic, *c.Open)
	}
	var refused *client.Problem
	if errors.As(err, &refused) && refused.Kind(client.ProblemNotReady) {
		return withHint(err, "See who does what next: answerable steward setup --clinic "+c.Clinic)
	}
	if err != nil {
		return err
	}
	where, err := r.Setup(ctx, c.Clinic)
	if err != nil {
		return err
	}
	waits := c.LegalNotice != nil && where.NoticeProposed != nil
	return t.show(where.Place, "Clinic %s is changed. Its form is %s.\n%s", where.Slug, opennessOf(where.Open), noticeWaits(waits))
}

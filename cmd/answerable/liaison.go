package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/liaison"
)

// withLiaisons opens the database for one act on the liaisons of a clinic.
func withLiaisons(ctx context.Context, c *databaseConfig, slug string, act func(*liaison.Store, *clinic.Clinic) error) error {
	return withClinics(ctx, c, func(s *clinic.Store) error {
		place, err := s.BySlug(ctx, slug)
		if err != nil {
			return err
		}
		return act(&liaison.Store{DB: s.DB, Now: now}, place)
	})
}

type clinicInviteLiaisonCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
	Role string `required:"" placeholder:"TEXT" help:"What they are at the clinic, and no name: for example 'practice manager'."`
	URL  string `placeholder:"https://HOST" help:"Address people see, for the link."`
}

// liaisonJoinPath leads to the page where an invitation is used. The code stands in the fragment, which no server sees.
const liaisonJoinPath = "/clinic/join#"

// Run makes an invitation for a liaison.
func (c *clinicInviteLiaisonCmd) Run(ctx context.Context, t *terminal) error {
	if err := checkURL(c.URL); err != nil {
		return err
	}
	return withLiaisons(ctx, &c.databaseConfig, c.Slug, func(s *liaison.Store, place *clinic.Clinic) error {
		code, l, err := s.Invite(ctx, place.ID, c.Role)
		if errors.Is(err, liaison.ErrRole) {
			return usage(err.Error(), "Say it like this: --role 'practice manager'")
		}
		if err != nil {
			return err
		}
		result := struct {
			ID         string `json:"id"`
			Invitation string `json:"liaison_invitation"`
			Link       string `json:"liaison_link,omitempty"`
		}{ID: l.ID, Invitation: code}
		how := "They open the address of this server with " + liaisonJoinPath + code + " behind it."
		if c.URL != "" {
			result.Link, how = c.URL+liaisonJoinPath+code, "They open it in their browser."
		}
		return t.show(result, `This lets one person speak for %s as %s, once, within 14 days:

    %s

Give it to them by a way that only they see. %s
They see what the panel hands over, answer it and promise. They never sit on the panel, and read nothing else that people wrote.
`, place.Slug, l.Role, cmp.Or(result.Link, code), how)
	})
}

type clinicLiaisonsCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
}

// Run lists a clinic's liaisons.
func (c *clinicLiaisonsCmd) Run(ctx context.Context, t *terminal) error {
	return withLiaisons(ctx, &c.databaseConfig, c.Slug, func(s *liaison.Store, place *clinic.Clinic) error {
		list, err := s.List(ctx, place.ID)
		if err != nil {
			return err
		}
		type row struct {
			ID    string `json:"id"`
			Role  string `json:"role"`
			State string `json:"state"` // invited, joined or left
			Since string `json:"since"`
		}
		rows := []row{}
		var lines strings.Builder
		for _, l := range list {
			one := row{l.ID, l.Role, "invited", l.InvitedOn.Format(time.DateOnly)}
			if l.JoinedOn != nil {
				one.State, one.Since = "joined", l.JoinedOn.Format(time.DateOnly)
			}
			if l.LeftOn != nil {
				one.State, one.Since = "left", l.LeftOn.Format(time.DateOnly)
			}
			rows = append(rows, one)
			fmt.Fprintf(&lines, "%s  %-8s %s  %s\n", one.ID, one.State, one.Since, one.Role)
		}
		return t.show(rows, "%s", lines.String())
	})
}

type clinicRemoveLiaisonCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
	ID   string `arg:"" help:"Their id, as clinic liaisons prints it."`
}

// Run ends a liaison's account.
func (c *clinicRemoveLiaisonCmd) Run(ctx context.Context, t *terminal) error {
	return withLiaisons(ctx, &c.databaseConfig, c.Slug, func(s *liaison.Store, place *clinic.Clinic) error {
		err := s.Remove(ctx, place.ID, c.ID)
		if errors.Is(err, liaison.ErrUnknown) {
			return withHint(err, "See who is there: answerable clinic liaisons "+place.Slug)
		}
		if err != nil {
			return err
		}
		return t.show(struct {
			ID    string `json:"id"`
			State string `json:"state"`
		}{c.ID, "left"}, "They do not speak for %s any more, and are signed out everywhere. What they wrote stays, under their role.\n", place.Slug)
	})
}

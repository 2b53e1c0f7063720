package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"answerable/internal/clinic"
)

type clinicCmd struct {
	Add  clinicAddCmd  `cmd:"" help:"Add a clinic. Its form stays closed until it is opened."`
	List clinicListCmd `cmd:"" help:"List the clinics here."`
	Edit clinicEditCmd `cmd:"" help:"Change a clinic's texts and services, open or close its form."`
}

// clinicTexts are what an operator may say about a clinic. What is not given stays as it is.
type clinicTexts struct {
	Name        *string  `placeholder:"TEXT" help:"The name people know it by."`
	Intro       *string  `placeholder:"TEXT" help:"What this is, in a few plain sentences."`
	PanelNote   *string  `placeholder:"TEXT" help:"How the panel is chosen."`
	LegalNotice *string  `placeholder:"TEXT" help:"What the law may make the panel do. The form opens only with it."`
	RetainDays  *int     `placeholder:"N" help:"How many days words are kept."`
	Service     []string `sep:"none" placeholder:"CODE=LABEL" help:"A service people may name. Repeatable; all of them, in order."`
	Open        *bool    `negatable:"" help:"Open or close the form."`
}

func (x *clinicTexts) apply(c *clinic.Clinic) error {
	for _, text := range []struct {
		from *string
		to   *string
	}{{x.Name, &c.Name}, {x.Intro, &c.Intro}, {x.PanelNote, &c.PanelNote}, {x.LegalNotice, &c.LegalNotice}} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if x.RetainDays != nil {
		c.RetentionDays = *x.RetainDays
	}
	if x.Open != nil {
		c.Open = *x.Open
	}
	if x.Service == nil {
		return nil
	}
	c.Services = nil
	for _, s := range x.Service {
		code, label, ok := strings.Cut(s, "=")
		if !ok || code == "" || label == "" {
			return usage(fmt.Sprintf("the service %q does not read", s), "Give a code and what people call it: --service crisis_house='The crisis house'")
		}
		c.Services = append(c.Services, clinic.Service{Code: code, Label: label})
	}
	return nil
}

// withClinics opens the database for one act on clinics.
func withClinics(ctx context.Context, c *databaseConfig, act func(*clinic.Store) error) error {
	db, err := openDatabase(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(act(&clinic.Store{DB: db.DB, Now: now}), db.close())
}

type clinicAddCmd struct {
	databaseConfig
	Slug string `arg:"" help:"Short name for the address: small letters, digits, hyphens."`
	clinicTexts
}

// defaultRetention is how many days words are kept unless a clinic says otherwise.
const defaultRetention = 180

// Run adds a clinic.
func (c *clinicAddCmd) Run(ctx context.Context, t *terminal) error {
	place := &clinic.Clinic{Slug: c.Slug, RetentionDays: defaultRetention}
	if err := c.apply(place); err != nil {
		return err
	}
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		if err := s.Add(ctx, place); err != nil {
			return err
		}
		return t.show(row(place), "Clinic %s is added. Next, invite its panel: answerable panel invite --clinic %s\n", place.Slug, place.Slug)
	})
}

type clinicEditCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
	clinicTexts
}

// Run changes what was given.
func (c *clinicEditCmd) Run(ctx context.Context, t *terminal) error {
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		place, err := s.BySlug(ctx, c.Slug)
		if err != nil {
			return err
		}
		if err := c.apply(place); err != nil {
			return err
		}
		if err := s.Edit(ctx, place); err != nil {
			return err
		}
		if c.Service != nil {
			if err := s.SetServices(ctx, place.ID, place.Services); err != nil {
				return err
			}
		}
		return t.show(row(place), "Clinic %s is changed. Its form is %s.\n", place.Slug, openness(place))
	})
}

type clinicRow struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	Open bool   `json:"open"`
}

func row(c *clinic.Clinic) clinicRow { return clinicRow{c.Slug, c.Name, c.Open} }

func openness(c *clinic.Clinic) string {
	if c.Open {
		return "open"
	}
	return "closed"
}

type clinicListCmd struct{ databaseConfig }

// Run lists clinics.
func (c *clinicListCmd) Run(ctx context.Context, t *terminal) error {
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		clinics, err := s.List(ctx)
		if err != nil {
			return err
		}
		rows := []clinicRow{}
		var lines strings.Builder
		for _, place := range clinics {
			rows = append(rows, row(&place))
			fmt.Fprintf(&lines, "%-24s %-7s %s\n", place.Slug, openness(&place), place.Name)
		}
		return t.show(rows, "%s", lines.String())
	})
}

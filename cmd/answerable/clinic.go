package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/setup"
)

type clinicCmd struct {
	Add  clinicAddCmd  `cmd:"" help:"Add a clinic. Its form stays closed until it is opened."`
	List clinicListCmd `cmd:"" help:"List the clinics here."`
	Edit clinicEditCmd `cmd:"" help:"Change a clinic's texts and services, open or close its form."`

	Steward clinicStewardCmd `cmd:"" help:"Make a one-time link for a steward, such as after the only one lost their key."`
	Setup   clinicSetupCmd   `cmd:"" help:"Say what a clinic still needs before its form can open, and who acts next."`
	Support clinicSupportCmd `cmd:"" help:"List whom people can turn to now, in place of the lines before."`

	InviteLiaison clinicInviteLiaisonCmd `cmd:"" help:"Make a one-time link for somebody who answers for a clinic."`
	Liaisons      clinicLiaisonsCmd      `cmd:"" help:"List who answers for a clinic, by role."`
	RemoveLiaison clinicRemoveLiaisonCmd `cmd:"" help:"End the account of somebody who answers for a clinic. What they wrote stays, under their role."`
}

// clinicTexts are what an operator may say about a clinic. What is not given stays as it is.
type clinicTexts struct {
	Name        *string  `placeholder:"TEXT" help:"The name people know it by."`
	Intro       *string  `placeholder:"TEXT" help:"What this is, in a few plain sentences."`
	PanelNote   *string  `placeholder:"TEXT" help:"How the panel is chosen."`
	LegalNotice *string  `placeholder:"TEXT" help:"What the law may make the panel do. The form opens only with it. Once the panel has decided settings, this proposes it to them."`
	Language    *string  `placeholder:"CODE" help:"In which these texts are, and all that the clinic words itself: en, es or ar, as the pages have it. English unless you say so; once the panel has decided settings, it decides this with them."`
	RetainDays  *int     `placeholder:"N" help:"How many days words are kept."`
	TimeZone    *string  `placeholder:"NAME" help:"In which the clinic's days end, such as Europe/Berlin. UTC unless you say so."`
	OtherWay    []string `sep:"none" placeholder:"'NAME | WHAT | WHO RUNS IT | HOW TO REACH IT'" help:"Another way to tell, shown while the form is closed. Repeatable; all of them, in order. One empty text takes them off."`
	Service     []string `sep:"none" placeholder:"CODE=LABEL" help:"A service people may name. Repeatable; all of them, in order."`
}

func (x *clinicTexts) apply(c *clinic.Clinic) error {
	for _, text := range []struct {
		from *string
		to   *string
	}{{x.Name, &c.Name}, {x.Intro, &c.Intro}, {x.PanelNote, &c.PanelNote}, {x.Language, &c.Language}, {x.TimeZone, &c.TimeZone}} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if x.RetainDays != nil {
		c.RetentionDays = *x.RetainDays
	}
	if err := x.applyOtherWays(c); err != nil {
		return err
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

func (x *clinicTexts) applyOtherWays(c *clinic.Clinic) error {
	if x.OtherWay == nil {
		return nil
	}
	c.OtherWays = nil
	if len(x.OtherWay) == 1 && x.OtherWay[0] == "" {
		return nil
	}
	for _, line := range x.OtherWay {
		w, err := clinic.SplitOtherWay(line)
		if err != nil {
			return withHint(fmt.Errorf("the other way to tell %q does not read: %w", line, err),
				"Write it as: --other-way 'Letter box | A locked box in the hall | The tenants union empties it | Next to the lift, day and night'")
		}
		c.OtherWays = append(c.OtherWays, w)
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
	URL string `placeholder:"https://HOST" help:"Address people see, for the first steward's link."`
}

// defaultRetention is how many days words are kept unless a clinic says otherwise.
const defaultRetention = 180

// Run adds a clinic. Where nobody is a steward yet, it makes the first steward's invitation.
func (c *clinicAddCmd) Run(ctx context.Context, t *terminal) error {
	if err := checkURL(c.URL); err != nil {
		return err
	}
	place := &clinic.Clinic{Slug: c.Slug, RetentionDays: defaultRetention}
	if err := c.apply(place); err != nil {
		return err
	}
	if c.LegalNotice != nil {
		place.LegalNotice = *c.LegalNotice
	}
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		if err := s.Add(ctx, place); err != nil {
			return err
		}
		accounts := &account.Store{DB: s.DB, Now: now}
		if has, err := accounts.HasSteward(ctx); has || err != nil {
			return errors.Join(err, t.show(row(place), "Clinic %s is added. See what it needs: answerable clinic setup %s\n", place.Slug, place.Slug))
		}
		code, err := accounts.InviteSteward(ctx)
		if err != nil {
			return err
		}
		return c.showFirstSteward(t, place, code)
	})
}

// showFirstSteward prints a link when the address is known, and the bare code otherwise.
func (c *clinicAddCmd) showFirstSteward(t *terminal, place *clinic.Clinic, code string) error {
	result := struct {
		clinicRow  `json:",inline"`
		Invitation string `json:"steward_invitation"`
		Link       string `json:"steward_link,omitempty"`
	}{row(place), code, linkTo(c.URL, code)}
	return t.show(result, `Clinic %s is added. Nobody is a steward here yet. This makes one, once, within 14 days:

    %s

Give it to the person who will run this place, by a way that only they see. %s
Stewards invite, set up and open; they read nothing.
`, place.Slug, cmp.Or(result.Link, code), howToJoin(c.URL, code))
}

// joinPath leads to the page where an invitation is used. The code stands in the fragment, which no server sees.
const joinPath = "/panel/join#"

func howToJoin(url, code string) string {
	if url != "" {
		return "They open it in their browser."
	}
	return "They open the address of this server with " + joinPath + code + " behind it, or run: answerable panel join"
}

type clinicStewardCmd struct {
	databaseConfig
	URL string `placeholder:"https://HOST" help:"Address people see, for the link."`
}

// Run makes an invitation for a steward.
func (c *clinicStewardCmd) Run(ctx context.Context, t *terminal) error {
	if err := checkURL(c.URL); err != nil {
		return err
	}
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		code, err := (&account.Store{DB: s.DB, Now: now}).InviteSteward(ctx)
		if err != nil {
			return err
		}
		result := struct {
			Invitation string `json:"steward_invitation"`
			Link       string `json:"steward_link,omitempty"`
		}{code, linkTo(c.URL, code)}
		return t.show(result, `This makes one steward, once, within 14 days:

    %s

Give it to the person who will run this place, by a way that only they see. %s
`, cmp.Or(result.Link, code), howToJoin(c.URL, code))
	})
}

// checkURL refuses what is no address that people see; "" stands for none.
func checkURL(url string) error {
	if url != "" && !isWebOrigin(url) {
		return usage(fmt.Sprintf("%q is not an address people see", url), "It has a scheme and a host, such as https://words.example.org, and nothing after.")
	}
	return nil
}

// linkTo is where an invitation is used; "" when the address is not known.
func linkTo(url, code string) string {
	if url == "" {
		return ""
	}
	return url + joinPath + code
}

type clinicEditCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
	clinicTexts
	Open *bool `negatable:"" help:"Open or close the form. It opens when everything it needs is there."`
}

// Run changes what was given. Texts are changed though the form may then not open.
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
		if c.OtherWay != nil {
			if err := s.SetOtherWays(ctx, place.ID, place.OtherWays); err != nil {
				return err
			}
		}
		waits, err := c.setNotice(ctx, s, place)
		if err != nil {
			return err
		}
		if c.Open != nil {
			if err := openOrClose(ctx, setupOf(s), place, *c.Open); err != nil {
				return err
			}
		}
		return t.show(row(place), "Clinic %s is changed. Its form is %s.\n%s", place.Slug, openness(place), noticeWaits(waits))
	})
}

// setNotice sets the legal notice that was given, or proposes it, and reports whether it waits for the panel.
func (c *clinicEditCmd) setNotice(ctx context.Context, s *clinic.Store, place *clinic.Clinic) (bool, error) {
	if c.LegalNotice == nil {
		return false, nil
	}
	return s.SetNotice(ctx, place.ID, *c.LegalNotice)
}

// noticeWaits tells whoever runs the server that their text holds only when the panel has signed it.
func noticeWaits(waits bool) string {
	if !waits {
		return ""
	}
	return "The legal notice is proposed, and people still read the one before. It holds when enough of the panel have signed it: on their page /panel/settings, or with: answerable panel settings --take-notice\n"
}

// setupOf wires what works out a clinic's steps for an operator's command.
func setupOf(s *clinic.Store) *setup.Store {
	accounts := &account.Store{DB: s.DB, Now: now}
	return &setup.Store{Clinics: s, Accounts: accounts, Keys: &keyring.Store{DB: s.DB, Accounts: accounts, Now: now}}
}

func openOrClose(ctx context.Context, s *setup.Store, place *clinic.Clinic, open bool) error {
	act := s.Close
	if open {
		act = s.Open
	}
	err := act(ctx, place.Slug)
	var missing *setup.NotReadyError
	if errors.As(err, &missing) {
		return withHint(err, "See who does what next: answerable clinic setup "+place.Slug)
	}
	if err == nil {
		place.Open = open
	}
	return err
}

type clinicSetupCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
}

// Run says what a clinic still needs.
func (c *clinicSetupCmd) Run(ctx context.Context, t *terminal) error {
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		report, err := setupOf(s).Report(ctx, c.Slug)
		if err != nil {
			return err
		}
		type row struct {
			Key  string `json:"key"`
			Done bool   `json:"done"`
			Who  string `json:"who"`
			Say  string `json:"say"`
		}
		rows := []row{}
		var lines strings.Builder
		for _, step := range report.Steps {
			rows = append(rows, row{step.Key, step.Done, step.Who, step.Say})
			lines.WriteString(stepLine(step.Key, step.Done, step.Who, step.Say))
		}
		return t.show(rows, "%s", lines.String())
	})
}

func stepLine(key string, done bool, who, say string) string {
	mark := "done   "
	if !done {
		mark = "missing"
	}
	return fmt.Sprintf("%s  %-12s  %-9s  %s\n", mark, key, who, say)
}

type clinicSupportCmd struct {
	databaseConfig
	Slug string `arg:"" help:"The clinic's short name."`
	File string `required:"" type:"path" placeholder:"FILE" help:"JSON: an array of lines, each with what it does about police."`
}

// Run puts the lines of a file in place of those listed.
func (c *clinicSupportCmd) Run(ctx context.Context, t *terminal) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return withHint(fmt.Errorf("the lines cannot be read: %w", cause(err)), "Check the path given with --file.")
	}
	var read []clinic.LineSetting
	if err := json.Unmarshal(content, &read, json.RejectUnknownMembers(true)); err != nil {
		return usage("the file is not a JSON array of lines", "Each line has: name, what, run_by_peers, contacts_emergency_services, mandatory_reporting, can_trace, ways, languages, hours, time_zone, region, cost, source_url, checked_on, checked_by.")
	}
	lines := make([]clinic.SupportLine, 0, len(read))
	for _, l := range read {
		line, err := l.Line()
		if err != nil {
			return usage(fmt.Sprintf("the day on which %q was checked does not read", l.Name), "Write checked_on as 2026-12-01.")
		}
		lines = append(lines, *line)
	}
	return withClinics(ctx, &c.databaseConfig, func(s *clinic.Store) error {
		place, err := s.BySlug(ctx, c.Slug)
		if err != nil {
			return err
		}
		if err := s.SetSupportLines(ctx, place.ID, lines); err != nil {
			return err
		}
		result := struct {
			Lines int `json:"lines"`
		}{len(lines)}
		return t.show(result, "Clinic %s lists %d to turn to now. Each is shown for 90 days after it was checked.\n", place.Slug, len(lines))
	})
}

type clinicRow struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	Open bool   `json:"open"`
}

func row(c *clinic.Clinic) clinicRow { return clinicRow{c.Slug, c.Name, c.Open} }

func openness(c *clinic.Clinic) string { return opennessOf(c.Open) }

func opennessOf(open bool) string {
	if open {
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

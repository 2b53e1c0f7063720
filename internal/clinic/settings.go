package clinic

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/uptrace/bun"

	"answerable/internal/taxonomy"
)

// Settings are what a panel decides about its form: what it says first, which parts of the clinic it names, whom one can turn
// to, what it asks beyond the common list, in which language all of this is, and whether it is filled in on devices that others use too. With them go the clocks.
// A panel decides all of it at once, so that what it signs is what people see. With it goes the legal notice, which whoever runs the
// server proposes. Beside it stand how the panel itself works, and which figures it releases, which
// this package leaves to those that keep the panel's work and its figures.
type Settings struct {
	Intro    string           `json:"intro"`
	Note     *string          `json:"panel_note,omitzero"` // who reads and how they are chosen, on the form; left out, it stays as it is
	Shared   bool             `json:"shared"`
	Services []ServiceSetting `json:"services"`
	Items    []ItemSetting    `json:"items"`
	Support  []LineSetting    `json:"support"`
	Clocks   *Clocks          `json:"clocks,omitempty"`  // left out, they stay as they are
	Practice jsontext.Value   `json:"practice,omitzero"` // left out, it stays as it is

	// Plan is the text of the plan of figures that is in force or is to follow it; left out, it stays as it is. It is read by the
	// package that keeps figures.
	Plan string `json:"plan,omitzero"`

	Language string `json:"language,omitzero"` // in which the panel and its clinic write, one of Languages; left out, it is the first

	LegalNotice *string `json:"legal_notice,omitzero"` // the one that holds or the one that is proposed; left out, it stays as it is
}

// clocks are those that settings decide on; the default where they leave them as they are.
func (s *Settings) clocks() Clocks {
	if s.Clocks == nil {
		return DefaultClocks()
	}
	return *s.Clocks
}

// ServiceSetting is a part of the clinic as a panel names it.
type ServiceSetting struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// ItemSetting is something that can happen at this clinic and stands on no common list. Code is x_, the clinic's short name
// with _ for -, a dot and a name of its own, such as x_riverside.cold_hall: no other clinic has it, and it never enters a table
// of several clinics.
type ItemSetting struct {
	Theme string `json:"theme"` // under which it is asked
	Code  string `json:"code"`
	Label string `json:"label"`
}

// LineSetting is a line to turn to, as a panel or an operator writes it. CheckedOn is YYYY-MM-DD.
type LineSetting struct {
	Name                      string   `json:"name"`
	What                      string   `json:"what"`
	RunByPeers                bool     `json:"run_by_peers"`
	ContactsEmergencyServices string   `json:"contacts_emergency_services"`
	MandatoryReporting        string   `json:"mandatory_reporting"`
	CanTrace                  string   `json:"can_trace"`
	Ways                      []string `json:"ways"`
	Languages                 []string `json:"languages"`
	Hours                     string   `json:"hours"`
	TimeZone                  string   `json:"time_zone"`
	Region                    string   `json:"region"`
	Cost                      string   `json:"cost"`
	SourceURL                 string   `json:"source_url"`
	CheckedOn                 string   `json:"checked_on"`
	CheckedBy                 string   `json:"checked_by"`
}

// OwnItem is an item of a clinic's own, as it is stored. One that is left out is retired and never deleted: old words name
// it, and its code keeps its meaning.
type OwnItem struct {
	bun.BaseModel `bun:"table:own_item"`

	ClinicID  string     `bun:"clinic_id,pk"`
	Code      string     `bun:"code,pk"`
	Theme     string     `bun:"theme"`
	Label     string     `bun:"label"`
	Position  int        `bun:"position"`
	RetiredOn *time.Time `bun:"retired_on,type:date"`
}

// Bounds of settings.
const (
	maxIntro    = 2000 // bytes
	maxServices = 30
	maxItems    = 60
	maxLines    = 20
	maxLabel    = 120 // bytes
)

var (
	servicePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	itemPattern    = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)
)

// ReadSettings reads settings as they are signed. Errors: *Problem.
func ReadSettings(body string) (*Settings, error) {
	var s Settings
	if err := json.Unmarshal([]byte(body), &s, json.RejectUnknownMembers(true)); err != nil {
		return nil, &Problem{"The settings do not read: they are JSON with intro, shared, services, items, support and clocks, language where it is not English, and panel_note, legal_notice, practice and plan where they change."}
	}
	return &s, nil
}

// check says what is wrong with settings for a clinic.
func (s *Settings) check(slug string, now time.Time) error {
	if err := checkLanguage(s.Language); err != nil {
		return err
	}
	if s.Note != nil && len(*s.Note) > maxIntro {
		return &Problem{fmt.Sprintf("At most %d bytes say who reads and how they are chosen.", maxIntro)}
	}
	if len(s.Intro) > maxIntro || len(s.Services) > maxServices || len(s.Items) > maxItems || len(s.Support) > maxLines {
		return &Problem{fmt.Sprintf("At most %d services, %d items of your own and %d lines fit on the form, and %d bytes of first words.", maxServices, maxItems, maxLines, maxIntro)}
	}
	seen := map[string]bool{}
	for _, service := range s.Services {
		if !servicePattern.MatchString(service.Code) || service.Code == taxonomy.NotSure || service.Code == taxonomy.Skip || strings.HasPrefix(service.Code, "x_") || seen[service.Code] {
			return &Problem{"Each service has a code of small letters, digits and _, and no two have the same."}
		}
		seen[service.Code] = true
		if err := checkLabel(service.Label); err != nil {
			return err
		}
	}
	for _, item := range s.Items {
		name, own := strings.CutPrefix(item.Code, ownPrefix(slug))
		if !own || !itemPattern.MatchString(name) || seen[item.Code] {
			return &Problem{"Each item of your own has a code that begins with " + ownPrefix(slug) + " and goes on with small letters, digits and _, and no two have the same."}
		}
		seen[item.Code] = true
		if !slices.ContainsFunc(taxonomy.Themes(), func(t taxonomy.Theme) bool { return t.Code == item.Theme }) {
			return &Problem{"Each item of your own stands under one of the themes of the form."}
		}
		if err := checkLabel(item.Label); err != nil {
			return err
		}
	}
	for _, l := range s.Support {
		line, err := l.Line()
		if err != nil {
			return err
		}
		if !strings.HasPrefix(l.SourceURL, "https://") {
			return &Problem{"Say where each line is from: an address that begins with https://"}
		}
		if err := line.check(now); err != nil {
			return err
		}
	}
	return s.clocks().check()
}

// ownPrefix is what the codes of a clinic's own items begin with.
func ownPrefix(slug string) string { return "x_" + strings.ReplaceAll(slug, "-", "_") + "." }

func checkLabel(label string) error {
	if strings.TrimSpace(label) == "" || len(label) > maxLabel || strings.ContainsAny(label, "\r\n") {
		return &Problem{fmt.Sprintf("Each service and each item has a label of one line, with at most %d bytes.", maxLabel)}
	}
	return nil
}

// Line is the line that is meant. Error: *Problem where the day does not read.
func (l LineSetting) Line() (*SupportLine, error) {
	checked, err := time.Parse(time.DateOnly, l.CheckedOn)
	if err != nil {
		return nil, &Problem{"Say on which day somebody checked each line, such as 2026-12-01. It is shown for 90 days after that."}
	}
	return &SupportLine{
		Name: l.Name, What: l.What, RunByPeers: l.RunByPeers, ContactsEmergencyServices: l.ContactsEmergencyServices,
		MandatoryReporting: l.MandatoryReporting, CanTrace: l.CanTrace, Ways: l.Ways, Languages: l.Languages, Hours: l.Hours,
		TimeZone: l.TimeZone, Region: l.Region, Cost: l.Cost, SourceURL: l.SourceURL, CheckedOn: checked, CheckedBy: l.CheckedBy,
	}, nil
}

// CheckSettings says what is wrong with settings that a panel proposes. Errors: *Problem.
func (s *Store) CheckSettings(ctx context.Context, tx bun.Tx, clinicID, body string) error {
	settings, err := ReadSettings(body)
	if err != nil {
		return err
	}
	var c Clinic
	if err := tx.NewSelect().Model(&c).Where("id = ?", clinicID).Scan(ctx); err != nil {
		return fmt.Errorf("find clinic: %w", err)
	}
	if err := settings.check(c.Slug, s.Now()); err != nil {
		return err
	}
	if err := c.checkNotice(settings.LegalNotice); err != nil {
		return err
	}
	return s.keepMeaning(ctx, tx, clinicID, settings)
}

func (s *Store) keepMeaning(ctx context.Context, tx bun.Tx, clinicID string, settings *Settings) error {
	if err := s.keepServices(ctx, tx, clinicID, settings.services()); err != nil {
		return err
	}
	return s.keepItems(ctx, tx, clinicID, settings.Items)
}

func (s *Settings) services() []Service {
	services := make([]Service, 0, len(s.Services))
	for _, service := range s.Services {
		services = append(services, Service{Code: service.Code, Label: service.Label})
	}
	return services
}

// keepServices refuses other words for a code that was used: who has ticked it on an open page, or sent it, said the words that
// they read, and the code is all that is sealed of them.
func (s *Store) keepServices(ctx context.Context, db bun.IDB, clinicID string, services []Service) error {
	var stored []Service
	if err := db.NewSelect().Model(&stored).Where("clinic_id = ?", clinicID).Scan(ctx); err != nil {
		return fmt.Errorf("list services: %w", err)
	}
	for _, old := range stored {
		if slices.ContainsFunc(services, func(n Service) bool { return n.Code == old.Code && n.Label != old.Label }) {
			return meantBefore(old.Code, old.Label)
		}
	}
	return nil
}

// keepItems is keepServices of own items, which keep their theme too.
func (s *Store) keepItems(ctx context.Context, tx bun.Tx, clinicID string, items []ItemSetting) error {
	var stored []OwnItem
	if err := tx.NewSelect().Model(&stored).Where("clinic_id = ?", clinicID).Scan(ctx); err != nil {
		return fmt.Errorf("list own items: %w", err)
	}
	for _, old := range stored {
		for _, i := range items {
			switch {
			case i.Code != old.Code:
			case i.Theme != old.Theme:
				return &Problem{"The code " + old.Code + " stood under another theme before. Give the new item a code of its own: a code keeps its meaning."}
			case i.Label != old.Label:
				return meantBefore(old.Code, old.Label)
			}
		}
	}
	return nil
}

func meantBefore(code, label string) error {
	return &Problem{fmt.Sprintf("People have read the code %s as “%s”. Give other words a code of their own, and leave the old one out: a code keeps its meaning.", code, label)}
}

// ApplySettings makes settings hold that a panel has decided on a day. From then on whoever runs the server changes none of
// it. Errors: *Problem.
func (s *Store) ApplySettings(ctx context.Context, tx bun.Tx, clinicID, body string, on time.Time) error {
	settings, err := ReadSettings(body)
	if err != nil {
		return err
	}
	if err := s.keepMeaning(ctx, tx, clinicID, settings); err != nil {
		return err
	}
	change := tx.NewUpdate().Model((*Clinic)(nil))
	if settings.Note != nil {
		change = change.Set("panel_note = ?", *settings.Note)
	}
	_, err = change.
		Set("intro = ?", settings.Intro).
		Set("shared_device = ?", settings.Shared).
		Set("language = ?", languageOr(settings.Language)).
		Set("settings_on = ?", on.Format(time.DateOnly)).
		Where("id = ?", clinicID).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("apply settings: %w", err)
	}
	if err := s.applyNotice(ctx, tx, clinicID, settings.LegalNotice); err != nil {
		return err
	}
	if err := s.setServices(ctx, tx, clinicID, settings.services()); err != nil {
		return err
	}
	lines := make([]SupportLine, 0, len(settings.Support))
	for _, l := range settings.Support {
		line, err := l.Line()
		if err != nil {
			return err
		}
		lines = append(lines, *line)
	}
	if err := s.setSupportLines(ctx, tx, clinicID, lines); err != nil {
		return err
	}
	if settings.Clocks != nil {
		if err := s.setClocks(ctx, tx, clinicID, *settings.Clocks, on); err != nil {
			return err
		}
	}
	return s.setOwnItems(ctx, tx, clinicID, settings.Items)
}

func (s *Store) setOwnItems(ctx context.Context, tx bun.Tx, clinicID string, items []ItemSetting) error {
	_, err := tx.NewUpdate().Model((*OwnItem)(nil)).
		Set("retired_on = ?", s.Now().UTC().Format(time.DateOnly)).
		Where("clinic_id = ?", clinicID).
		Where("retired_on IS NULL").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("retire own items: %w", err)
	}
	for i, item := range items {
		row := &OwnItem{ClinicID: clinicID, Code: item.Code, Theme: item.Theme, Label: item.Label, Position: i}
		_, err := tx.NewInsert().Model(row).
			On("CONFLICT (clinic_id, code) DO UPDATE").
			Set("position = EXCLUDED.position").
			Set("retired_on = NULL").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("store own item: %w", err)
		}
	}
	return nil
}

func (s *Store) ownItems(ctx context.Context, clinicID string) ([]OwnItem, error) {
	var items []OwnItem
	err := s.db(ctx).NewSelect().Model(&items).
		Where("clinic_id = ?", clinicID).Where("retired_on IS NULL").
		Order("position", "code").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list own items: %w", err)
	}
	return items, nil
}

// CurrentSettings is what holds at a clinic now, as a panel would propose it again. Lines that nobody has checked for 90 days
// are among them.
func (s *Store) CurrentSettings(ctx context.Context, c *Clinic) (*Settings, error) {
	out := &Settings{Intro: c.Intro, Note: &c.PanelNote, Shared: c.SharedDevice, Language: languageSetting(c.Language), Services: []ServiceSetting{}, Items: []ItemSetting{}, Support: []LineSetting{}}
	if c.LegalNotice != "" {
		out.LegalNotice = &c.LegalNotice
	}
	for _, service := range c.Services {
		out.Services = append(out.Services, ServiceSetting{service.Code, service.Label})
	}
	for _, item := range c.OwnItems {
		out.Items = append(out.Items, ItemSetting{item.Theme, item.Code, item.Label})
	}
	decided, err := s.Clocks(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	clocks := DefaultClocks()
	if len(decided) > 0 {
		clocks = decided[len(decided)-1].Clocks // decided last, though they may hold from a day on that has not come
	}
	out.Clocks = &clocks
	var lines []SupportLine
	if err := s.db(ctx).NewSelect().Model(&lines).Where("clinic_id = ?", c.ID).Order("name", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list support lines: %w", err)
	}
	for _, l := range lines {
		out.Support = append(out.Support, LineSetting{
			Name: l.Name, What: l.What, RunByPeers: l.RunByPeers, ContactsEmergencyServices: l.ContactsEmergencyServices,
			MandatoryReporting: l.MandatoryReporting, CanTrace: l.CanTrace, Ways: l.Ways, Languages: l.Languages, Hours: l.Hours,
			TimeZone: l.TimeZone, Region: l.Region, Cost: l.Cost, SourceURL: l.SourceURL, CheckedOn: l.CheckedOn.Format(time.DateOnly), CheckedBy: l.CheckedBy,
		})
	}
	return out, nil
}

// Package clinic knows the clinics served here: their names and services, what the law may make their panel do, the
// lines a person can turn to now, and the other ways to tell while a form is closed.
//
// It promises that a form cannot be open while the legal notice is empty, that once a panel decides what its form says no legal
// notice holds which the panel has not signed, and that no support line is shown whose policy about police nobody has checked for
// ninety days.
//
// It leaves panels and keys to keyring, and when a form may open to setup.
package clinic

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a clinic's time zone must be known on a machine that has no list of them

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// Errors a visitor or operator can act on.
var (
	ErrUnknown = errors.New("no such clinic here")
	ErrExists  = errors.New("a clinic with this short name is here already")
)

// Problem says what is wrong with what an operator entered.
type Problem struct{ Reason string }

func (p *Problem) Error() string { return p.Reason }

// checkedDays is how long a support line is shown after somebody last checked it.
const checkedDays = 90

// lastChecked is the latest day on which somebody can have checked a line: tomorrow in UTC, which begins in the east today.
func lastChecked(now time.Time) time.Time {
	return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
}

// Clinic is a place that is answerable here.
type Clinic struct {
	bun.BaseModel `bun:"table:clinic"`

	ID            string `bun:"id,pk"`
	Slug          string `bun:"slug"` // in URLs: 2 to 40 of a-z, 0-9 and -
	Name          string `bun:"name"`
	Intro         string `bun:"intro"`
	PanelNote     string `bun:"panel_note"`   // how the panel is chosen
	LegalNotice   string `bun:"legal_notice"` // what the law may make the panel do; the form opens only with it
	RetentionDays int    `bun:"retention_days"`
	BackupDays    int    `bun:"backup_days,nullzero,default:35"` // how long copies of the database are kept
	Open          bool   `bun:"open"`
	TimeZone      string `bun:"time_zone,nullzero,default:'UTC'"` // in which the clinic's days end, such as Europe/Berlin

	Language string `bun:"language,nullzero,default:'en'"` // in which its own words are, one of Languages

	SharedDevice bool       `bun:"shared_device"`         // the form is filled in on devices that others use too
	SettingsOn   *time.Time `bun:"settings_on,type:date"` // since when the panel decides what the form says and asks; nil until it has

	NoticeProposed   string     `bun:"notice_proposed"`              // the legal notice that waits for the panel; "" where none does
	NoticeProposedOn *time.Time `bun:"notice_proposed_on,type:date"` // nil where none waits

	Services     []Service     `bun:"-"` // not retired, in the operator's order
	SupportLines []SupportLine `bun:"-"` // checked lately; those that never call police first
	OwnItems     []OwnItem     `bun:"-"` // not retired, in the panel's order
	OtherWays    []OtherWay    `bun:"-"` // to tell while the form is closed, in the operator's order
}

// Service is a part of the clinic that a writer may name.
type Service struct {
	bun.BaseModel `bun:"table:service"`

	ClinicID  string     `bun:"clinic_id,pk"`
	Code      string     `bun:"code,pk"`
	Label     string     `bun:"label"`
	Position  int        `bun:"position"`
	RetiredOn *time.Time `bun:"retired_on,type:date"`
}

// SupportLine is somebody to turn to now, with what they do about police in plain sight.
type SupportLine struct {
	bun.BaseModel `bun:"table:support_line"`

	ID                        string    `bun:"id,pk"`
	ClinicID                  string    `bun:"clinic_id"`
	Name                      string    `bun:"name"`
	What                      string    `bun:"what"`
	RunByPeers                bool      `bun:"run_by_peers"`
	ContactsEmergencyServices string    `bun:"contacts_emergency_services"` // one of Policies
	MandatoryReporting        string    `bun:"mandatory_reporting"`
	CanTrace                  string    `bun:"can_trace"`
	Ways                      []string  `bun:"ways,array"`
	Languages                 []string  `bun:"languages,array"`
	Hours                     string    `bun:"hours"`
	TimeZone                  string    `bun:"time_zone"`
	Region                    string    `bun:"region"`
	Cost                      string    `bun:"cost"`
	SourceURL                 string    `bun:"source_url"`
	CheckedOn                 time.Time `bun:"checked_on,type:date"`
	CheckedBy                 string    `bun:"checked_by"`
}

// Policies about calling emergency services, in the order in which lines are listed.
var Policies = []string{"never", "only_if_you_agree", "may_without_asking", "unknown"}

// Ways of reaching a support line.
var Ways = []string{"voice", "text", "chat", "relay", "sign_video"}

// Store keeps clinics.
type Store struct {
	DB  *bun.DB
	Now func() time.Time
}

// db is the transaction of the clinic that ctx stands in, or the whole database.
func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

// Enter finds a clinic by its short name and runs act behind its walls: in one transaction that sees this clinic only, which
// the context that act gets carries. ErrUnknown when there is none.
func (s *Store) Enter(ctx context.Context, slug string, act func(context.Context, *Clinic) error) error {
	if !slugPattern.MatchString(slug) {
		return ErrUnknown // a slug from an address may hold anything, even what Postgres does not take as text
	}
	var id string
	err := s.db(ctx).NewSelect().Model((*Clinic)(nil)).Column("id").Where("slug = ?", slug).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("find clinic: %w", err)
	}
	return postgres.InClinic(ctx, s.DB, id, func(ctx context.Context, _ bun.Tx) error {
		c, err := s.BySlug(ctx, slug)
		if err != nil {
			return err
		}
		return act(ctx, c)
	})
}

// EnterByID is Enter for a clinic whose id is known, such as that of somebody who has signed in for it.
func (s *Store) EnterByID(ctx context.Context, id string, act func(context.Context, *Clinic) error) error {
	return postgres.InClinic(ctx, s.DB, id, func(ctx context.Context, tx bun.Tx) error {
		var slug string
		err := tx.NewSelect().Model((*Clinic)(nil)).Column("slug").Where("id = ?", id).Scan(ctx, &slug)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrUnknown
		}
		if err != nil {
			return fmt.Errorf("find clinic: %w", err)
		}
		c, err := s.BySlug(ctx, slug)
		if err != nil {
			return err
		}
		return act(ctx, c)
	})
}

// BySlug finds a clinic with its services, support lines and other ways to tell; ErrUnknown when there is none.
func (s *Store) BySlug(ctx context.Context, slug string) (*Clinic, error) {
	if !slugPattern.MatchString(slug) {
		return nil, ErrUnknown // a slug from an address may hold anything, even what Postgres does not take as text
	}
	var c Clinic
	err := s.db(ctx).NewSelect().Model(&c).Where("slug = ?", slug).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("find clinic: %w", err)
	}
	err = s.db(ctx).NewSelect().Model(&c.Services).
		Where("clinic_id = ?", c.ID).
		Where("retired_on IS NULL").
		Order("position", "code").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	if c.SupportLines, err = s.supportLines(ctx, c.ID); err != nil {
		return nil, err
	}
	if c.OwnItems, err = s.ownItems(ctx, c.ID); err != nil {
		return nil, err
	}
	if c.OtherWays, err = s.otherWays(ctx, c.ID); err != nil {
		return nil, err
	}
	return &c, nil
}

func (s *Store) supportLines(ctx context.Context, clinicID string) ([]SupportLine, error) {
	var lines []SupportLine
	err := s.db(ctx).NewSelect().Model(&lines).
		Where("clinic_id = ?", clinicID).
		Where("checked_on >= ?", s.Now().UTC().AddDate(0, 0, -checkedDays).Format(time.DateOnly)).
		Where("checked_on <= ?", lastChecked(s.Now()).Format(time.DateOnly)).
		Order("name", "id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list support lines: %w", err)
	}
	slices.SortStableFunc(lines, func(a, b SupportLine) int {
		return slices.Index(Policies, a.ContactsEmergencyServices) - slices.Index(Policies, b.ContactsEmergencyServices)
	})
	return lines, nil
}

// List gives all clinics by name, without services and support lines.
func (s *Store) List(ctx context.Context) ([]Clinic, error) {
	var clinics []Clinic
	if err := s.db(ctx).NewSelect().Model(&clinics).Order("name", "slug").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list clinics: %w", err)
	}
	return clinics, nil
}

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,39}$`)

// Longest texts in bytes.
const (
	maxName   = 200
	maxNotice = 8000
)

func (c *Clinic) check() error {
	if !slugPattern.MatchString(c.Slug) {
		return &Problem{"The short name goes into the address: 2 to 40 small letters, digits or hyphens, starting with a letter or digit."}
	}
	if strings.TrimSpace(c.Name) == "" {
		return &Problem{"A clinic needs a name that people know it by."}
	}
	if c.Open && strings.TrimSpace(c.LegalNotice) == "" {
		return &Problem{"While the form is open, it says what the law may make the panel do: people have a right to know it first. Close the form, or write the notice."}
	}
	if len(c.Name) > maxName || len(c.LegalNotice) > maxNotice {
		return &Problem{fmt.Sprintf("A name has at most %d bytes, a notice %d.", maxName, maxNotice)}
	}
	if !knownZone(c.TimeZone) {
		return &Problem{"A time zone has a name such as Europe/Berlin, America/New_York or UTC."}
	}
	if err := checkLanguage(c.Language); err != nil {
		return err
	}
	if c.RetentionDays < 30 || c.RetentionDays > 3650 {
		return &Problem{"Words are kept for 30 to 3650 days."}
	}
	return nil
}

// knownZone takes "" for UTC, and never the zone of the machine that this runs on.
func knownZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}

// Add stores a clinic, its services and its other ways to tell, giving it an id. Its form is closed. Errors: *Problem, ErrExists.
func (s *Store) Add(ctx context.Context, c *Clinic) error {
	if c.Open {
		return &Problem{"A clinic's form starts closed. It opens when its panel and its keys are there."}
	}
	if err := c.check(); err != nil {
		return err
	}
	c.ID = uuid.NewString()
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewInsert().Model(c).On("CONFLICT (slug) DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("add clinic: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrExists
		}
		if len(c.Services) > 0 {
			if err := s.setServices(ctx, tx, c.ID, c.Services); err != nil {
				return err
			}
		}
		if len(c.OtherWays) == 0 {
			return nil
		}
		return s.setOtherWays(ctx, tx, c.ID, c.OtherWays)
	})
}

// Edit stores a clinic's texts. Whether its form is open stays as it is, and so do its first words, their language, its
// words about the panel and its legal notice once the panel decides them. Errors: *Problem, ErrUnknown.
func (s *Store) Edit(ctx context.Context, c *Clinic) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.TimeZone == "" {
		c.TimeZone = "UTC"
	}
	c.Language = languageOr(c.Language)
	decides := "slug = ? AND (intro <> ? OR panel_note <> ? OR legal_notice <> ? OR language <> ?)"
	if err := s.mayChange(ctx, decides, c.Slug, c.Intro, c.PanelNote, c.LegalNotice, c.Language); err != nil {
		return err
	}
	res, err := s.db(ctx).NewUpdate().Model(c).
		Column("name", "intro", "panel_note", "legal_notice", "language", "retention_days", "time_zone").
		Where("slug = ?", c.Slug).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("edit clinic: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrUnknown
	}
	return nil
}

// mayChange refuses an operator what the panel decides, once it has begun to.
func (s *Store) mayChange(ctx context.Context, which string, args ...any) error {
	var decided []time.Time
	err := s.db(ctx).NewSelect().Model((*Clinic)(nil)).Column("settings_on").
		Where(which, args...).Where("settings_on IS NOT NULL").Scan(ctx, &decided)
	if err != nil {
		return fmt.Errorf("find out who decides: %w", err)
	}
	if len(decided) > 0 {
		return &Problem{"Since " + decided[0].Format(time.DateOnly) + " the panel decides what the form says and asks here: its first words, their language, who reads and how they are chosen, its legal notice, its services and whom to turn to. Ask the panel."}
	}
	return nil
}

// SetOpen opens or closes a form, as setup has decided: it alone calls this. Errors: ErrUnknown.
func (s *Store) SetOpen(ctx context.Context, clinicID string, open bool) error {
	res, err := s.db(ctx).NewUpdate().Model((*Clinic)(nil)).Set("open = ?", open).Where("id = ?", clinicID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("open or close a form: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrUnknown
	}
	return nil
}

// SetServices puts services in place of the ones shown. A service left out is retired, never deleted: old words may
// name it, and its code keeps its label. Errors: *Problem when the panel decides it, or a code would get another label.
func (s *Store) SetServices(ctx context.Context, clinicID string, services []Service) error {
	if err := s.mayChange(ctx, "id = ?", clinicID); err != nil {
		return err
	}
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.keepServices(ctx, tx, clinicID, services); err != nil {
			return err
		}
		return s.setServices(ctx, tx, clinicID, services)
	})
}

func (s *Store) setServices(ctx context.Context, tx bun.Tx, clinicID string, services []Service) error {
	_, err := tx.NewUpdate().Model((*Service)(nil)).
		Set("retired_on = ?", s.Now().UTC().Format(time.DateOnly)).
		Where("clinic_id = ?", clinicID).
		Where("retired_on IS NULL").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("retire services: %w", err)
	}
	for i, service := range services {
		service.ClinicID, service.Position, service.RetiredOn = clinicID, i, nil
		_, err := tx.NewInsert().Model(&service).
			On("CONFLICT (clinic_id, code) DO UPDATE").
			Set("position = EXCLUDED.position").
			Set("retired_on = NULL").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("store service: %w", err)
		}
	}
	return nil
}

func (l *SupportLine) check(now time.Time) error {
	switch {
	case strings.TrimSpace(l.Name) == "" || len(l.Ways) == 0:
		return &Problem{"A line needs a name, and a way to reach it."}
	case !slices.Contains(Policies, l.ContactsEmergencyServices):
		return &Problem{"Say what this line does about emergency services: never, only_if_you_agree, may_without_asking or unknown."}
	case !slices.Contains([]string{"none", "some_law_duties", "unknown"}, l.MandatoryReporting):
		return &Problem{"Say whether a law makes this line report: none, some_law_duties or unknown."}
	case !slices.Contains([]string{"no", "yes", "unknown"}, l.CanTrace):
		return &Problem{"Say whether this line can find out where a person is: no, yes or unknown."}
	case !slices.Contains([]string{"free", "local_call", "other"}, l.Cost):
		return &Problem{"Say what this line costs: free, local_call or other."}
	case slices.ContainsFunc(l.Ways, func(way string) bool { return !slices.Contains(Ways, way) }):
		return &Problem{"The ways to reach a line are voice, text, chat, relay and sign_video."}
	case l.CheckedOn.After(lastChecked(now)):
		return &Problem{fmt.Sprintf("%s is still to come, and the line %q cannot have been checked then. "+
			"Write the day on which somebody checked it.", l.CheckedOn.Format(time.DateOnly), l.Name)}
	}
	return nil
}

// AddSupportLine stores a line, giving it an id. Errors: *Problem.
func (s *Store) AddSupportLine(ctx context.Context, line *SupportLine) error {
	return s.addSupportLine(ctx, s.db(ctx), line)
}

func (s *Store) addSupportLine(ctx context.Context, db bun.IDB, line *SupportLine) error {
	if err := line.check(s.Now()); err != nil {
		return err
	}
	line.ID = uuid.NewString()
	if _, err := db.NewInsert().Model(line).Exec(ctx); err != nil {
		return fmt.Errorf("store support line: %w", err)
	}
	return nil
}

// SetSupportLines puts lines in place of those listed. Errors: *Problem, also when the panel decides it.
func (s *Store) SetSupportLines(ctx context.Context, clinicID string, lines []SupportLine) error {
	if err := s.mayChange(ctx, "id = ?", clinicID); err != nil {
		return err
	}
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.setSupportLines(ctx, tx, clinicID, lines)
	})
}

func (s *Store) setSupportLines(ctx context.Context, tx bun.Tx, clinicID string, lines []SupportLine) error {
	if _, err := tx.NewDelete().Model((*SupportLine)(nil)).Where("clinic_id = ?", clinicID).Exec(ctx); err != nil {
		return fmt.Errorf("take support lines off: %w", err)
	}
	for _, line := range lines {
		line.ClinicID = clinicID
		if err := s.addSupportLine(ctx, tx, &line); err != nil {
			return err
		}
	}
	return nil
}

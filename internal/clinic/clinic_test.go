package clinic

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"answerable/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func newStore(t *testing.T) (*Store, *time.Time) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return &Store{DB: pgtest.New(t), Now: func() time.Time { return now }}, &now
}

func riverside() *Clinic {
	return &Clinic{Slug: "riverside", Name: "Riverside", RetentionDays: 180, Services: []Service{{Code: "ward", Label: "The ward"}, {Code: "day", Label: "Day clinic"}}}
}

func TestFormIsOpenOnlyWithALegalNotice(t *testing.T) {
	ctx := context.Background()
	s, _ := newStore(t)
	c := riverside()
	c.Open = true
	var problem *Problem
	if err := s.Add(ctx, c); !errors.As(err, &problem) {
		t.Errorf("open from the start: got %v, want a Problem", err)
	}
	c.Open = false
	if err := s.Add(ctx, c); err != nil {
		t.Fatal(err)
	}
	if err := s.SetOpen(ctx, c.ID, true); err == nil {
		t.Error("the database lets a form open without a notice")
	}
	c.LegalNotice, c.Open = "Nothing.", true
	if err := s.Edit(ctx, c); err != nil {
		t.Fatal(err)
	}
	if kept, err := s.BySlug(ctx, c.Slug); err != nil || kept.Open {
		t.Errorf("an edit opened the form: %v, %v", kept.Open, err)
	}
	if err := s.SetOpen(ctx, c.ID, true); err != nil {
		t.Fatal(err)
	}
	c.LegalNotice = " "
	if err := s.Edit(ctx, c); !errors.As(err, &problem) {
		t.Errorf("emptied while open: got %v, want a Problem", err)
	}
	// The database says the same, whoever asks it.
	if _, err := s.DB.NewRaw(`UPDATE clinic SET legal_notice = ''`).Exec(ctx); err == nil {
		t.Error("the database lets a form be open without a notice")
	}
}

func TestClinicsThatAreRefused(t *testing.T) {
	ctx := context.Background()
	s, _ := newStore(t)
	if err := s.Add(ctx, riverside()); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(ctx, riverside()); !errors.Is(err, ErrExists) {
		t.Errorf("twice: got %v, want ErrExists", err)
	}
	for name, spoil := range map[string]func(*Clinic){
		"capitals": func(c *Clinic) { c.Slug = "Riverside" }, "no slug": func(c *Clinic) { c.Slug = "" },
		"a path": func(c *Clinic) { c.Slug = "../x" }, "no name": func(c *Clinic) { c.Name = "" },
		"kept for a week": func(c *Clinic) { c.RetentionDays = 7 },
	} {
		c := riverside()
		spoil(c)
		var problem *Problem
		if err := s.Add(ctx, c); !errors.As(err, &problem) {
			t.Errorf("%s: got %v, want a Problem", name, err)
		}
	}
	for _, slug := range []string{"nowhere", "", "a\x00b", "\xff"} {
		if _, err := s.BySlug(ctx, slug); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: got %v, want ErrUnknown", slug, err)
		}
	}
}

func TestServiceIsRetiredNotDeleted(t *testing.T) {
	ctx := context.Background()
	s, _ := newStore(t)
	c := riverside()
	if err := s.Add(ctx, c); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"The locked ward", ""} {
		var problem *Problem
		if err := s.SetServices(ctx, c.ID, []Service{{Code: "day", Label: other}}); !errors.As(err, &problem) || !strings.Contains(problem.Error(), "“Day clinic”") {
			t.Errorf("a code that people have read was given the words %q: %v", other, err)
		}
	}
	if err := s.SetServices(ctx, c.ID, []Service{{Code: "home", Label: "At home"}, {Code: "day", Label: "Day clinic"}}); err != nil {
		t.Fatal(err)
	}
	got, err := s.BySlug(ctx, "riverside")
	if err != nil || len(got.Services) != 2 || got.Services[0].Code != "home" || got.Services[1].Label != "Day clinic" {
		t.Errorf("got %+v, %v", got.Services, err)
	}
	var retired []string
	if err := s.DB.NewRaw(`SELECT code FROM service WHERE retired_on = '2026-11-22'`).Scan(ctx, &retired); err != nil || len(retired) != 1 || retired[0] != "ward" {
		t.Errorf("retired %v, %v", retired, err)
	}

	// Who picked it before is told by its label.
	const own = `INSERT INTO own_item (clinic_id, code, theme, label, position, retired_on) VALUES
		(?0, 'x_riverside.cold_hall', 'place', 'The hall was cold', 0, '2026-11-22'),
		(?0, 'x_riverside.loud', 'place', 'It was loud', 1, NULL)`
	if _, err := s.DB.NewRaw(own, c.ID).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	want := &Retired{map[string]string{"ward": "The ward"}, map[string]string{"x_riverside.cold_hall": "The hall was cold"}}
	if got, err := s.Retired(ctx, c.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("labels that ended: %+v, %v", got, err)
	}
	if got, err := s.Retired(ctx, "00000000-0000-0000-0000-000000000000"); err != nil || len(got.Services)+len(got.Items) > 0 {
		t.Errorf("labels of another clinic: %+v, %v", got, err)
	}
}

func TestSupportLinesAreSortedByWhatTheyDoAboutPoliceAndHiddenWhenUnchecked(t *testing.T) {
	ctx := context.Background()
	s, now := newStore(t)
	c := riverside()
	if err := s.Add(ctx, c); err != nil {
		t.Fatal(err)
	}
	add := func(name, police string, checked time.Time) error {
		return s.AddSupportLine(ctx, &SupportLine{
			ClinicID: c.ID, Name: name, ContactsEmergencyServices: police, MandatoryReporting: "unknown", CanTrace: "unknown",
			Ways: []string{"voice"}, Languages: []string{"en"}, Cost: "free", CheckedOn: checked,
		})
	}
	for name, police := range map[string]string{"A": "unknown", "B": "may_without_asking", "C": "never", "D": "only_if_you_agree"} {
		if err := add(name, police, *now); err != nil {
			t.Fatal(err)
		}
	}
	if err := add("old", "never", now.AddDate(0, 0, -91)); err != nil {
		t.Fatal(err)
	}
	var problem *Problem
	if err := add("x", "maybe", *now); !errors.As(err, &problem) {
		t.Errorf("an unknown policy: got %v, want a Problem", err)
	}
	if err := add("x", "never", now.AddDate(0, 0, 2)); !errors.As(err, &problem) || !strings.Contains(problem.Reason, "2026-11-24") {
		t.Errorf("checked on a day that nowhere has begun: got %v, want a Problem that names it", err)
	}
	if err := add("E", "never", now.AddDate(0, 0, 1).Truncate(24*time.Hour)); err != nil {
		t.Errorf("checked where it is tomorrow already: %v", err)
	}
	if err := add("typo", "never", *now); err != nil {
		t.Fatal(err)
	}
	// As a server that took any day may have stored it.
	if _, err := s.DB.NewRaw(`UPDATE support_line SET checked_on = '2062-12-01' WHERE name = 'typo'`).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	names := func() (joined string) {
		got, err := s.BySlug(ctx, "riverside")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range got.SupportLines {
			joined += line.Name
		}
		return joined
	}
	if got := names(); got != "CEDBA" {
		t.Errorf("shown in the order %s, want CEDBA", got)
	}
	later := SupportLine{Name: "later", ContactsEmergencyServices: "never", MandatoryReporting: "unknown", CanTrace: "unknown",
		Ways: []string{"voice"}, Cost: "free", CheckedOn: now.AddDate(36, 0, 0)}
	if err := s.SetSupportLines(ctx, c.ID, []SupportLine{later}); !errors.As(err, &problem) || names() != "CEDBA" {
		t.Errorf("lines of a file, one checked in years to come: got %v and %s, want a Problem and the lines before", err, names())
	}
	*now = now.AddDate(0, 0, 92)
	if got := names(); got != "" {
		t.Errorf("after 92 days without a check %s are shown", got)
	}
}

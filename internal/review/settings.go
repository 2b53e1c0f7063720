package review

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
)

// PracticeSetting is how a panel works as it stands in settings: what a member proposes, and enough of the panel sign.
type PracticeSetting struct {
	Taken       int      `json:"taken"`
	Coded       int      `json:"coded"`
	Decided     int      `json:"decided"`
	Reply       int      `json:"reply"`
	Feedback    int      `json:"feedback"`
	WorkingDays []int    `json:"working_days"`
	Holidays    []string `json:"holidays"`
	Sitting     int      `json:"sitting"`
	Serious     int      `json:"serious"`
	Week        int      `json:"week"`
	Gap         int      `json:"gap"`
	Hard        bool     `json:"hard"`
}

// Setting is a practice as settings have it.
func (p *Practice) Setting() PracticeSetting {
	return PracticeSetting{
		Taken: p.Taken, Coded: p.Coded, Decided: p.Decided, Reply: p.Reply, Feedback: p.Feedback, WorkingDays: p.WorkingDays, Holidays: append([]string{}, p.Holidays...),
		Sitting: p.Sitting, Serious: p.Serious, Week: p.Week, Gap: p.Gap, Hard: p.Hard,
	}
}

func (s *PracticeSetting) practice() *Practice {
	return &Practice{
		Taken: s.Taken, Coded: s.Coded, Decided: s.Decided, Reply: s.Reply, Feedback: s.Feedback, WorkingDays: s.WorkingDays, Holidays: append([]string{}, s.Holidays...),
		Sitting: s.Sitting, Serious: s.Serious, Week: s.Week, Gap: s.Gap, Hard: s.Hard,
	}
}

// ReadPractice reads how a panel works from settings; nil where they say nothing of it, and it stays as it is. What was signed before
// there were the clocks of a reply has for them what holds now. Error: *PracticeError.
func ReadPractice(settings jsontext.Value, now *Practice) (*Practice, error) {
	if len(settings) == 0 {
		return nil, nil
	}
	in := PracticeSetting{Reply: now.Reply, Feedback: now.Feedback}
	if err := json.Unmarshal(settings, &in, json.RejectUnknownMembers(true)); err != nil {
		return nil, &PracticeError{"How the panel works does not read. Write down what holds now, change it and propose that."}
	}
	if !whole(settings) {
		return nil, &PracticeError{"How the panel works leaves something out, and a limit that is left out would be gone. Write down what holds now, change it and propose that."}
	}
	p := in.practice()
	return p, p.check()
}

// younger are the members that a practice of before may leave out.
var younger = []string{"reply", "feedback"}

// whole reports whether a practice says everything: what is left out reads as zero, which for some members is a limit lifted.
func whole(settings jsontext.Value) bool {
	var members map[string]jsontext.Value
	if json.Unmarshal(settings, &members) != nil {
		return false
	}
	for _, value := range members {
		if value.Kind() == 'n' {
			return false
		}
	}
	for _, name := range younger {
		delete(members, name)
	}
	return len(members) == reflect.TypeFor[PracticeSetting]().NumField()-len(younger)
}

// Settings takes what a panel decides: what its form says and asks, how the panel itself works, and which figures go out for which times. It is what keyring.Store asks.
type Settings struct {
	Clinics *clinic.Store
	Review  *Store

	// Figures takes the plan of figures that settings carry. Its package stands above this one.
	Figures interface {
		MaySetPlan(ctx context.Context, tx bun.Tx, clinicID, text string) error
		SetPlan(ctx context.Context, tx bun.Tx, clinicID, text string, on time.Time) error
	}
}

// CheckSettings says what is wrong with settings that a panel proposes. Errors: *clinic.Problem, *PracticeError, and what Figures
// says of a plan.
func (s *Settings) CheckSettings(ctx context.Context, tx bun.Tx, clinicID, body string) error {
	if err := s.Clinics.CheckSettings(ctx, tx, clinicID, body); err != nil {
		return err
	}
	settings, err := clinic.ReadSettings(body)
	if err != nil {
		return err
	}
	if _, err := ReadPractice(settings.Practice, DefaultPractice()); err != nil || settings.Plan == "" {
		return err
	}
	return s.Figures.MaySetPlan(ctx, tx, clinicID, settings.Plan)
}

// ApplySettings makes settings hold that a member proposed and a panel has decided on a day. Errors: those of CheckSettings.
func (s *Settings) ApplySettings(ctx context.Context, tx bun.Tx, clinicID, body, proposer string, on time.Time) error {
	if err := s.Clinics.ApplySettings(ctx, tx, clinicID, body, on); err != nil {
		return err
	}
	settings, err := clinic.ReadSettings(body)
	if err != nil {
		return err
	}
	if settings.Plan != "" {
		if err := s.Figures.SetPlan(ctx, tx, clinicID, settings.Plan, on); err != nil {
			return err
		}
	}
	now, err := newestPractice(ctx, tx, clinicID)
	if err != nil {
		return err
	}
	p, err := ReadPractice(settings.Practice, now)
	if p == nil || err != nil || fmt.Sprint(now.Setting()) == fmt.Sprint(p.Setting()) { // other settings were changed, and nobody changed this
		return err
	}
	return s.Review.setPractice(ctx, tx, clinicID, proposer, p)
}

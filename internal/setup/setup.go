// Package setup knows what a clinic needs before people can write to it: which steps are done, who acts next, and what
// they do. It is also the one place where a form is opened.
//
// It promises that no form opens before its panel has signed a list of its members and a charter, a key of theirs is in
// use, the legal notice is written, and there is somebody to turn to now, or the panel has decided to open without such a
// list. It says in a sentence what is missing.
//
// A form that is open stays open when a step lapses later: closing it in silence would take the way to tell from people who
// were given its address. The step is shown as missing again, and people decide. One thing is not theirs to decide: without
// a key in use nothing can be sealed, so the form takes nothing and shows the other ways to tell that were filled in, until there is a key again.
//
// It leaves the steps themselves to clinic, account and keyring.
package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
)

// Who acts on a step.
const (
	Operator  = "operator"  // whoever runs the server
	Steward   = "steward"   // runs the place from a browser, reads nothing
	Reviewers = "reviewers" // the panel
)

// Keys of the steps, in the order in which they are shown.
const (
	KeySteward   = "steward"
	KeyClinic    = "clinic"
	KeyReviewers = "reviewers"
	KeyManifest  = "manifest"
	KeyEpoch     = "epoch"
	KeyAhead     = "epochs-ahead"
	KeyNotice    = "legal-notice"
	KeySupport   = "support"
	KeyCharter   = "charter"
	KeyOtherWays = "other-ways"
	KeyForm      = "form"
)

// EnoughReviewers is how many a panel should have at least: with fewer, one absence leaves nobody to check another.
const EnoughReviewers = 3

// Step is one thing that a clinic needs.
type Step struct {
	Key    string
	Done   bool
	Needed bool   // the form does not open without it
	Who    string // acts next
	Say    string // what stands, what is missing and what to do next, for a person
}

// Store works out the steps from the other stores.
type Store struct {
	Clinics  *clinic.Store
	Accounts *account.Store
	Keys     *keyring.Store
}

// NotReadyError says which steps a form still needs. Its text is for a person.
type NotReadyError struct{ Missing []Step }

func (e *NotReadyError) Error() string {
	what := make([]string, 0, len(e.Missing))
	for _, step := range e.Missing {
		what = append(what, titles[step.Key])
	}
	return "The form cannot open yet, for these are missing: " + strings.Join(what, "; ") + "."
}

// titles name what is missing, in the middle of a sentence.
var titles = map[string]string{
	KeyManifest: "a list of the panel that its members have signed",
	KeyEpoch:    "a key of the panel that is in use",
	KeyNotice:   "the notice on what the law may make the panel do",
	KeySupport:  "a list of whom to turn to now, or the panel's decision to open without one",
	KeyCharter:  "the panel's charter",
}

// Open opens a clinic's form. Errors: clinic.ErrUnknown, *NotReadyError.
func (s *Store) Open(ctx context.Context, slug string) error {
	report, err := s.Report(ctx, slug)
	if err != nil {
		return err
	}
	if missing := missing(report.Steps); len(missing) > 0 && !report.Clinic.Open {
		return &NotReadyError{missing}
	}
	return s.setOpen(ctx, slug, true)
}

// Close closes a clinic's form, which is always possible. Errors: clinic.ErrUnknown.
func (s *Store) Close(ctx context.Context, slug string) error {
	return s.setOpen(ctx, slug, false)
}

func (s *Store) setOpen(ctx context.Context, slug string, open bool) error {
	return s.Clinics.Enter(ctx, slug, func(ctx context.Context, place *clinic.Clinic) error {
		return s.Clinics.SetOpen(ctx, place.ID, open)
	})
}

func missing(steps []Step) (missing []Step) {
	for _, step := range steps {
		if step.Needed && !step.Done {
			missing = append(missing, step)
		}
	}
	return missing
}

// Report is where a clinic stands.
type Report struct {
	Clinic    *clinic.Clinic
	Reviewers int  // who have joined
	Proposed  bool // a list of members waits for signatures; another proposal would throw those away
	Steps     []Step
}

// Report works out every step of a clinic from the database. Errors: clinic.ErrUnknown.
func (s *Store) Report(ctx context.Context, slug string) (*Report, error) {
	f, err := s.gather(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("work out the steps of a clinic: %w", err)
	}
	steps := []Step{
		f.stewardStep(), f.clinicStep(), f.reviewersStep(), f.manifestStep(), f.epochStep(), f.aheadStep(),
		f.noticeStep(), f.supportStep(), f.charterStep(), f.otherWaysStep(),
	}
	steps = append(steps, f.formStep(missing(steps)))
	return &Report{Clinic: f.place, Reviewers: len(f.members), Proposed: f.draft != nil, Steps: steps}, nil
}

// facts are what the steps are worked out from.
type facts struct {
	place   *clinic.Clinic
	steward bool
	members []account.Reviewer // who have joined
	invited int                // invitations nobody has used yet

	draft *keyring.StoredManifest // waits for signatures; nil when none does
	plan  *keyring.Plan           // nil before the first manifest is signed

	active  *keyring.Epoch
	offered []offer

	made   map[string]*keyring.Decision // by kind, the newest
	drafts map[string]*keyring.Decision
}

// offer is a key that has been made and waits until enough have checked it.
type offer struct {
	id      string
	missing int      // how many more have to
	left    []string // members who have not
}

// gather reads what is the clinic's behind its walls, and after that what is the whole place's.
func (s *Store) gather(ctx context.Context, slug string) (*facts, error) {
	f := &facts{made: map[string]*keyring.Decision{}, drafts: map[string]*keyring.Decision{}}
	err := s.Clinics.Enter(ctx, slug, func(ctx context.Context, place *clinic.Clinic) error {
		f.place = place
		return s.gatherPanel(ctx, f)
	})
	if err != nil {
		return nil, err
	}
	if f.steward, err = s.Accounts.HasSteward(ctx); err != nil {
		return nil, err
	}
	f.invited, err = s.Accounts.CountInvitations(ctx, f.place.ID)
	return f, err
}

func (s *Store) gatherPanel(ctx context.Context, f *facts) (err error) {
	db := postgres.Within(ctx, s.Keys.DB)
	if f.members, err = s.Keys.Members(ctx, db, f.place.ID); err != nil {
		return err
	}
	chain, err := s.Keys.Manifests(ctx, db, f.place.ID)
	if err != nil {
		return err
	}
	if n := len(chain); n > 0 && chain[n-1].State == "draft" {
		f.draft = &chain[n-1]
	}
	f.plan, err = s.Keys.Plan(ctx, f.place.ID)
	if errors.Is(err, keyring.ErrNoPanel) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.gatherEpochs(ctx, f); err != nil {
		return err
	}
	return s.gatherDecisions(ctx, f)
}

func (s *Store) gatherEpochs(ctx context.Context, f *facts) error {
	epochs, err := s.Keys.Epochs(ctx, f.place.ID)
	if err != nil {
		return err
	}
	for i, e := range epochs {
		if e.Effective == keyring.StateActive {
			f.active = &epochs[i]
		}
		if e.State != keyring.StateOffered || e.ManifestVersion != f.plan.Panel.Version {
			continue
		}
		acks, err := s.Keys.Acks(ctx, postgres.Within(ctx, s.Keys.DB), e.ID)
		if err != nil {
			return err
		}
		f.offered = append(f.offered, offer{e.ID, f.plan.Panel.M - len(acks), unsigned(f.plan.Panel, acks)})
	}
	return nil
}

func (s *Store) gatherDecisions(ctx context.Context, f *facts) error {
	for _, kind := range []string{keyring.KindCharter, keyring.KindSupport, keyring.KindRotation} {
		d, err := s.Keys.LatestDecision(ctx, f.place.ID, kind)
		if err != nil {
			return err
		}
		f.made[kind] = d
	}
	all, err := s.Keys.Decisions(ctx, f.place.ID)
	for _, d := range all {
		if d.State == keyring.DecisionDraft {
			f.drafts[d.Kind] = d
		}
	}
	return err
}

// unsigned lists the members of a panel whose signature is missing.
func unsigned(panel *keyring.Manifest, signatures []keyring.Signature) []string {
	signed := map[string]bool{}
	for _, sig := range signatures {
		signed[sig.ReviewerID] = true
	}
	var left []string
	for _, m := range panel.Reviewers {
		if !signed[m.ID] {
			left = append(left, m.ID)
		}
	}
	return left
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// count says a number of things: 1 key, 2 keys.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

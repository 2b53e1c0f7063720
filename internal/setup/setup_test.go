package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is an instance with a clinic and nothing else.
type world struct {
	*testing.T
	*Store
	now   time.Time
	place *clinic.Clinic
	panel *keyringtest.Place
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, now: time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC)}
	db, now := pgtest.New(t), func() time.Time { return w.now }
	accounts := &account.Store{DB: db, Now: now}
	keys := &keyring.Store{DB: db, Accounts: accounts, Now: now, TicketKey: "clinic.example/answerable/ticket+00000000+AQ=="}
	w.Store = &Store{Clinics: &clinic.Store{DB: db, Now: now}, Accounts: accounts, Keys: keys}
	w.place = &clinic.Clinic{Slug: "riverside", Name: "Riverside", RetentionDays: 180}
	w.must(w.Clinics.Add(t.Context(), w.place))
	w.panel = &keyringtest.Place{DB: db, ClinicID: w.place.ID, Keys: keys, TicketKey: keys.TicketKey, Now: now}
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) steps() []Step {
	w.Helper()
	report, err := w.Report(w.Context(), "riverside")
	w.must(err)
	return report.Steps
}

func (w *world) step(key string) Step {
	w.Helper()
	steps := w.steps()
	i := slices.IndexFunc(steps, func(s Step) bool { return s.Key == key })
	if i < 0 {
		w.Fatalf("there is no step %s", key)
	}
	return steps[i]
}

// says wants a step in a state, with all of some words.
func (w *world) says(key string, done bool, who string, words ...string) {
	w.Helper()
	step := w.step(key)
	if step.Done != done || step.Who != who {
		w.Errorf("%s: done %t, by %s; want %t, by %s", key, step.Done, step.Who, done, who)
	}
	for _, word := range words {
		if !strings.Contains(step.Say, word) {
			w.Errorf("%s says %q, want %q in it", key, step.Say, word)
		}
	}
}

// refuses wants the form not to open, and the sentence to name exactly these steps.
func (w *world) refuses(keys ...string) {
	w.Helper()
	err := w.Open(w.Context(), "riverside")
	var not *NotReadyError
	if !errors.As(err, &not) {
		w.Fatalf("opening: %v, want what is missing", err)
	}
	var got []string
	for _, step := range not.Missing {
		got = append(got, step.Key)
		if !strings.Contains(err.Error(), titles[step.Key]) {
			w.Errorf("%q does not name %s", err, step.Key)
		}
	}
	if !slices.Equal(got, keys) {
		w.Errorf("missing %v, want %v", got, keys)
	}
	if place, err := w.Clinics.BySlug(w.Context(), "riverside"); err != nil || place.Open {
		w.Errorf("the form is open: %v", err)
	}
}

func (w *world) decide(r keyring.Resolution, body string, members ...int) {
	w.Helper()
	r.ClinicID, r.Day = w.place.ID, w.now.Truncate(24*time.Hour)
	for _, i := range members {
		signer := w.panel.Reviewers[i]
		by := keyring.Signature{ReviewerID: signer.ID, Signature: keyring.SignDecision(signer.Key, r.Lines())}
		_, err := w.Keys.Decide(w.Context(), w.place.ID, r.Lines(), body, by)
		w.must(err)
	}
}

func (w *world) charter(members ...int) {
	w.Helper()
	parts := map[string]string{"chosen": "at a meeting", "peers": "all", "paid": "nobody", "barred": "managers", "more": ""}
	body := `{"chosen":"at a meeting","peers":"all","paid":"nobody","barred":"managers","more":""}`
	w.decide(keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(parts)}, body, members...)
}

// offer deals one epoch that nobody has acknowledged yet.
func (w *world) offer(first time.Time) *keyringtest.Offer {
	w.Helper()
	o := w.panel.NewOffer(w.T, first)
	w.must(w.panel.Send(o))
	return o
}

func (w *world) ack(o *keyringtest.Offer, members ...int) {
	w.Helper()
	for _, i := range members {
		_, err := w.panel.Ack(i, o)
		w.must(err)
	}
}

func TestAClinicFromNothingToAnOpenForm(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	needed := []string{KeyManifest, KeyEpoch, KeyNotice, KeySupport, KeyCharter}
	w.refuses(needed...)
	w.says(KeyClinic, true, Operator, "Riverside")
	w.says(KeySteward, false, Operator, "answerable clinic steward")
	w.says(KeyReviewers, false, Steward, "0 of at least 3")
	w.says(KeyManifest, false, Steward, "propose the list")
	w.says(KeyEpoch, false, Reviewers, "after the first list")
	w.says(KeyNotice, false, Operator, "in plain words")
	w.says(KeySupport, false, Reviewers, "answerable panel support --open-without")
	w.says(KeyCharter, false, Reviewers, "answerable panel charter")
	w.says(KeyForm, false, Steward, "cannot open yet")

	_, err := w.Accounts.Invite(ctx, w.place.ID)
	w.must(err)
	for range 3 {
		w.panel.Reviewers = append(w.panel.Reviewers, w.panel.Enrol(t))
	}
	_, err = w.Accounts.AddSteward(ctx, w.panel.DB, w.panel.Reviewers[0].ID)
	w.must(err)
	w.says(KeySteward, true, Operator)
	w.says(KeyReviewers, true, Steward, "3 reviewers", "1 invitation")

	manifest, err := w.Keys.ProposeManifest(ctx, w.place.ID, 2)
	w.must(err)
	first := w.panel.Reviewers[0]
	_, err = w.Keys.SignManifest(ctx, w.place.ID, first.ID, 1, keyring.SignManifest(first.Key, manifest.Lines()))
	w.must(err)
	w.says(KeyManifest, false, Reviewers, "everybody on it signs", w.panel.Reviewers[1].ID, w.panel.Reviewers[2].ID)
	if strings.Contains(w.step(KeyManifest).Say, first.ID) {
		t.Error("one who has signed is named as missing")
	}
	w.refuses(needed...)
	w.panel.SignManifest(t, 2)
	w.says(KeyManifest, true, Steward, "List 1", "3 members, of whom 2 must sign")
	w.says(KeyEpoch, false, Reviewers, "their browser makes the keys")
	w.says(KeyAhead, false, Reviewers, "4 keys still to be made")
	w.refuses(needed[1:]...)

	offered := w.offer(w.now)
	w.ack(offered, 1)
	w.says(KeyEpoch, false, Reviewers, offered.Record.ID+" (1 more of", w.panel.Reviewers[0].ID)
	w.refuses(needed[1:]...)
	w.ack(offered, 0)
	w.says(KeyEpoch, true, Reviewers, offered.Record.ID, "is in use")
	w.refuses(needed[2:]...)

	w.place.LegalNotice = " "
	w.must(w.Clinics.Edit(ctx, w.place))
	w.refuses(needed[2:]...)
	w.place.LegalNotice = "Nothing."
	w.must(w.Clinics.Edit(ctx, w.place))
	w.says(KeyNotice, true, Operator)
	w.refuses(needed[3:]...)

	w.decide(keyring.Resolution{Kind: keyring.KindSupport}, "", 0, 1)
	w.refuses(needed[3:]...) // the panel decided that a list is required
	w.decide(keyring.Resolution{Kind: keyring.KindSupport, Without: true}, "", 0)
	w.says(KeySupport, false, Reviewers, "Proposed: 1 of 2 have signed")
	w.decide(keyring.Resolution{Kind: keyring.KindSupport, Without: true}, "", 1)
	w.says(KeySupport, true, Reviewers, "22 November 2026", "without a list")
	w.refuses(KeyCharter)

	w.charter(2)
	w.says(KeyCharter, false, Reviewers, "Proposed: 1 of 2 have signed")
	w.refuses(KeyCharter)
	w.charter(1)
	w.says(KeyCharter, true, Reviewers, "22 November 2026")
	w.says(KeyForm, false, Steward, "It can open")
	w.must(w.Open(ctx, "riverside"))
	w.must(w.Open(ctx, "riverside")) // twice is no mistake
	w.says(KeyForm, true, Steward, "It is open.")
	w.must(w.Close(ctx, "riverside"))
	w.says(KeyForm, false, Steward, "It can open")
}

// ready is a clinic with everything, and its form open.
func ready(t *testing.T) *world {
	w := newWorld(t)
	for range 3 {
		w.panel.Reviewers = append(w.panel.Reviewers, w.panel.Enrol(t))
	}
	w.panel.SignManifest(t, 2)
	w.ack(w.offer(w.now), 0, 1)
	w.place.LegalNotice = "Nothing."
	w.must(w.Clinics.Edit(t.Context(), w.place))
	w.must(w.Clinics.AddSupportLine(t.Context(), &clinic.SupportLine{
		ClinicID: w.place.ID, Name: "A line", ContactsEmergencyServices: "never", MandatoryReporting: "none", CanTrace: "no",
		Ways: []string{"voice"}, Languages: []string{"en"}, Cost: "free", CheckedOn: w.now,
	}))
	w.charter(0, 1)
	w.must(w.Open(t.Context(), "riverside"))
	return w
}

func TestAnOpenFormStaysOpenWhenAStepLapses(t *testing.T) {
	w := ready(t)
	w.says(KeySupport, true, Reviewers, "1 line")
	w.now = w.now.AddDate(0, 0, 91)
	w.says(KeySupport, false, Reviewers, "none was checked in the last 90 days")
	w.says(KeyEpoch, false, Reviewers)
	w.says(KeyForm, true, Steward, "takes nothing while no key is in use")
	w.ack(w.offer(w.now), 0, 1)
	w.says(KeyForm, true, Steward, "lapsed")
	w.must(w.Close(t.Context(), "riverside"))
	w.refuses(KeySupport) // and does not open again before somebody has looked
}

func TestWhoHasJoinedSinceIsNamed(t *testing.T) {
	w := ready(t)
	fourth := w.panel.Enrol(t)
	w.says(KeyManifest, true, Steward, "Joined since: "+fourth.ID)
	w.panel.Reviewers = append(w.panel.Reviewers, fourth)
	_, err := w.Keys.ProposeManifest(t.Context(), w.place.ID, 2)
	w.must(err)
	w.says(KeyManifest, true, Reviewers, "List 1 is in force. List 2 is proposed", fourth.ID)
}

func TestAClinicThatIsNotHere(t *testing.T) {
	w := newWorld(t)
	if err := w.Open(t.Context(), "elsewhere"); !errors.Is(err, clinic.ErrUnknown) {
		t.Errorf("open: got %v, want ErrUnknown", err)
	}
	if err := w.Close(t.Context(), "elsewhere"); !errors.Is(err, clinic.ErrUnknown) {
		t.Errorf("close: got %v, want ErrUnknown", err)
	}
}

// TestClinicsDoNotCountForEachOther: what stands for one clinic fills no step of another.
func TestClinicsDoNotCountForEachOther(t *testing.T) {
	w := ready(t)
	other := &clinic.Clinic{Slug: "hillside", Name: "Hillside", RetentionDays: 180}
	w.must(w.Clinics.Add(t.Context(), other))
	report, err := w.Report(t.Context(), "hillside")
	w.must(err)
	for _, step := range report.Steps {
		if step.Done && step.Key != KeyClinic {
			t.Errorf("%s counts as done: %s", step.Key, step.Say)
		}
	}
	var not *NotReadyError
	if err := w.Open(t.Context(), "hillside"); !errors.As(err, &not) || len(not.Missing) != 5 {
		t.Errorf("opening: %v", err)
	}
}

// TestNothingElseOpensAForm looks for calls of clinic.Store.SetOpen in everything that is not a test.
func TestNothingElseOpensAForm(t *testing.T) {
	call := regexp.MustCompile(`\.SetOpen\(|Set\("open\b`)
	allowed := map[string]int{"internal/setup/setup.go": 1, "internal/clinic/clinic.go": 1}
	found := map[string]int{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if n := len(call.FindAll(source, -1)); n > 0 {
			found[filepath.ToSlash(strings.TrimPrefix(path, "../../"))] = n
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, n := range found {
		if allowed[path] != n {
			t.Errorf("%s opens or closes a form %d times: ask setup.Store", path, n)
		}
	}
	if len(found) != len(allowed) {
		t.Errorf("found %v only", found)
	}
}

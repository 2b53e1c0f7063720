package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/liaison"
	"answerable/internal/postgres"
	"answerable/internal/promise"
)

// smallSlug is the clinic that so few write about that no number of it can be shown.
const smallSlug = "hillside"

// signs signs the lines of a release.
func (m *demoMember) signs(lines string) keyring.Signature {
	return keyring.Signature{ReviewerID: m.ID, Signature: figures.SignRelease(m.key, lines)}
}

// whole reports whether the demo has a past with promises and a second clinic.
func (d *demo) whole() bool { return d.Submissions > 0 && d.History >= 12 }

// makeUpPast gives the demo what a real place has after years. It goes on where a start that was cut off stopped.
func (d *demo) makeUpPast(ctx context.Context, url string) error {
	if d.Submissions == 0 {
		return nil
	}
	if err := d.countFigures(ctx); err != nil {
		return err
	}
	if !d.whole() {
		return nil
	}
	if err := d.promise(ctx, url, d.place); err != nil {
		return err
	}
	if err := d.joinLiaison(ctx); err != nil {
		return err
	}
	return d.makeUpSmall(ctx, url)
}

// makeUpSmall adds a clinic that six people a year write about.
func (d *demo) makeUpSmall(ctx context.Context, url string) error {
	place, err := d.found(ctx, smallClinic())
	if err != nil {
		return err
	}
	if err := d.prepare(ctx, url, place); err != nil {
		return err
	}
	plans, err := d.figures.Plans(ctx, place.ID)
	if err != nil {
		return err
	}
	if len(plans) == 0 {
		var reports []figures.Coded
		for _, quarter := range demoQuarters(now(), d.History/3) {
			reports = append(reports, figures.Coded{Day: quarter, Service: "visits", Seriousness: 1, Themes: []string{"voice"}})
			if quarter.Month() == time.January || quarter.Month() == time.July {
				reports = append(reports, figures.Coded{Day: quarter, Service: "visits", Seriousness: 2, Themes: []string{"access", "respect"}})
			}
		}
		if err := d.count(ctx, place, reports); err != nil {
			return err
		}
	}
	return d.promise(ctx, url, place)
}

func smallClinic() *clinic.Clinic {
	return &clinic.Clinic{
		Slug: smallSlug,
		Name: "Hillside Practice",
		Intro: "Hillside is two rooms above the pharmacy. Two people work here, and they come to your home, too. " +
			"So few people write about it that this place shows words only, and no counts.",
		PanelNote:     "The three people who read for Riverside read for Hillside, too. None of them works here. This is a demo: all of it is made up.",
		LegalNotice:   demoClinic().LegalNotice,
		RetentionDays: defaultRetention,
		Services:      []clinic.Service{{Code: "visits", Label: "Visits and talks"}},
	}
}

//go:embed demo_past.json
var demoPastJSON []byte

// madeUpFinding is something that a panel handed to its clinic, and what became of it. Days are counted back from today; below 0
// they are ahead.
type madeUpFinding struct {
	Ago         int            `json:"ago"`
	Themes      []string       `json:"themes,omitempty"` // of one whose words are gone: none where its writer does not let everybody read it
	Told        *madeUpMessage `json:"told,omitempty"`
	LateTaken   bool           `json:"late_taken,omitempty"`
	LateDecided bool           `json:"late_decided,omitempty"`
	Repeats     string         `json:"repeats,omitempty"` // what was promised, and happened again
	Answers     []madeUpAnswer `json:"answers,omitempty"`
}

type madeUpAnswer struct {
	Ago      int             `json:"ago"`
	Role     string          `json:"role"`
	Power    string          `json:"power"`
	Words    string          `json:"words"`
	Shown    bool            `json:"shown"` // a member of the panel has looked at it
	Promises []madeUpPromise `json:"promises,omitempty"`
}

type madeUpPromise struct {
	What string      `json:"what"`
	Who  string      `json:"who"`
	How  string      `json:"how"`
	Due  int         `json:"due"`
	Life []madeUpAct `json:"life,omitempty"`
}

// madeUpAct is one of the events of internal/promise; a try to move a date too late is one that extends.
type madeUpAct struct {
	Ago     int    `json:"ago"`
	Kind    string `json:"kind"`
	Due     int    `json:"due,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Verdict string `json:"verdict,omitempty"`
}

func demoPast() (past map[string][]madeUpFinding, err error) {
	if err := json.Unmarshal(demoPastJSON, &past, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("read the demo's past: %w", err)
	}
	return past, nil
}

// promise lets years pass between a clinic and its panel, in one transaction. Their acts go through the doors that pages use,
// each on its day.
func (d *demo) promise(ctx context.Context, url string, place *clinic.Clinic) error {
	past, err := demoPast()
	if err != nil {
		return err
	}
	today := now().Truncate(24 * time.Hour)
	store := (&promise.Store{DB: d.db, Now: now})
	account, err := store.Account(ctx, place.ID, promise.Period{}, today)
	if err != nil || len(account.Findings) > 0 {
		return err
	}
	told, err := d.tellFindings(ctx, url, place, past[place.Slug])
	if err != nil {
		return err
	}
	return postgres.InClinic(ctx, d.db, place.ID, func(ctx context.Context, _ bun.Tx) error {
		h := &demoHistory{demo: d, store: store, place: place, today: today}
		for i, f := range past[place.Slug] {
			if err := h.finding(ctx, f, told[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// demoHistory is a clinic's past while it is made up.
type demoHistory struct {
	*demo
	store *promise.Store
	place *clinic.Clinic
	today time.Time
}

func (h *demoHistory) day(ago int) time.Time { return h.today.AddDate(0, 0, -ago) }

func (h *demoHistory) on(ago int) *promise.Store { return h.store.On(h.day(ago)) }

// finding hands a finding over, and lets the clinic answer it. found is the finding's id; "" for one whose words are gone.
func (h *demoHistory) finding(ctx context.Context, f madeUpFinding, found string) (err error) {
	var id string
	if found == "" {
		id, err = h.on(f.Ago).HandOverPast(ctx, h.place.ID, h.members[0].ID, f.Themes, f.LateTaken, f.LateDecided)
	} else {
		id, err = h.on(f.Ago).HandOver(ctx, h.place.ID, h.members[0].ID, found)
	}
	if err != nil {
		return err
	}
	if f.Repeats != "" {
		earlier, err := h.promised(ctx, f.Repeats)
		if err != nil {
			return err
		}
		if err := h.on(f.Ago).Repeat(ctx, h.place.ID, h.members[1].ID, earlier.ID, id); err != nil {
			return err
		}
	}
	for _, a := range f.Answers {
		if err := h.answer(ctx, id, a); err != nil {
			return err
		}
	}
	return nil
}

func (h *demoHistory) answer(ctx context.Context, handover string, a madeUpAnswer) error {
	said := promise.Answer{Role: a.Role, Power: a.Power, Words: a.Words}
	for _, p := range a.Promises {
		said.Promises = append(said.Promises, promise.Draft{What: p.What, Who: p.Who, How: p.How, Due: h.day(p.Due)})
	}
	id, err := h.on(a.Ago).Answer(ctx, h.place.ID, handover, said)
	if err != nil {
		return fmt.Errorf("answer of %d days ago: %w", a.Ago, err)
	}
	if a.Shown {
		if err := h.on(a.Ago-2).Show(ctx, h.place.ID, h.members[1].ID, id, true); err != nil {
			return err
		}
	}
	for _, p := range a.Promises {
		for _, act := range p.Life {
			if err := h.act(ctx, p.What, act); err != nil {
				return fmt.Errorf("%s, %s %d days ago: %w", p.What, act.Kind, act.Ago, err)
			}
		}
	}
	return nil
}

// promised is a promise of this clinic by what it promises.
func (h *demoHistory) promised(ctx context.Context, what string) (*promise.Standing, error) {
	account, err := h.store.Account(ctx, h.place.ID, promise.Period{}, h.today)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(account.Promises, func(p *promise.Standing) bool { return p.What == what })
	if i < 0 {
		return nil, fmt.Errorf("nobody promised: %s", what)
	}
	return account.Promises[i], nil
}

func (h *demoHistory) act(ctx context.Context, what string, a madeUpAct) error {
	p, err := h.promised(ctx, what)
	if err != nil {
		return err
	}
	store := h.on(a.Ago)
	switch a.Kind {
	case promise.KindExtended:
		_, err = store.Extend(ctx, h.place.ID, p.ID, h.day(a.Due), a.Reason)
	case promise.KindClaimed:
		err = store.Claim(ctx, h.place.ID, p.ID, a.Reason)
	case promise.KindJudged:
		for _, m := range h.members[:demoNeeded] {
			word := promise.Word{Round: p.Rounds, Verdict: a.Verdict, Day: h.day(a.Ago), Signature: p.Sign(m.key, p.Rounds, a.Verdict, h.day(a.Ago))}
			if _, err = store.Judge(ctx, h.place.ID, m.account(), p.ID, word); err != nil {
				return err
			}
		}
	default:
		err = errors.New("a promise has no such event")
	}
	return err
}

// liaisonWords is the file with the words of the one who speaks for the clinic.
func (d *demo) liaisonWords() string { return filepath.Join(d.Data, "identities", "liaison.txt") }

// joinLiaison lets somebody speak for the clinic, and keeps the words with which they sign in.
func (d *demo) joinLiaison(ctx context.Context) error {
	if _, err := os.Stat(d.liaisonWords()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	store := &liaison.Store{DB: d.db, Now: now}
	code, _, err := store.Invite(ctx, d.place.ID, "Practice manager")
	if err != nil {
		return err
	}
	words, err := store.Join(ctx, code)
	if err != nil {
		return err
	}
	return writeNew(d.liaisonWords(), []byte(words.Words()+"\n"))
}

// whatIsReal says whose words lie here.
func (d *demo) whatIsReal() string {
	if d.Comments != "" {
		return "The comments in it are those of " + filepath.Base(d.Comments) + "; the clinic, its panel and the day of its figures are made up."
	}
	return "Everything in it is made up."
}

// pastInWords says where to look at what the demo has of a past; nothing where it has none.
func (d *demo) pastInWords(url string) string {
	words, err := os.ReadFile(d.liaisonWords())
	if err != nil {
		return ""
	}
	return fmt.Sprintf(`  A small clinic     %[1]s/c/%[2]s/accountability
                     Six reports a year: words, and no counts.
  Answer as clinic   %[1]s/clinic
                     Sign in with the words in %[3]s:
                     %[4]s
`, url, smallSlug, d.liaisonWords(), string(words[:len(words)-1]))
}

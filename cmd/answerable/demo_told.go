package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/coding"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// madeUpMessage is what somebody told, and in which form its words reached the clinic. It is there for findings that are young
// enough for their words to be kept; of older ones only what the clinic said is left, as in a real place.
type madeUpMessage struct {
	Words       string   `json:"words"`
	Service     string   `json:"service"`
	Items       []string `json:"items"`
	Seriousness int      `json:"seriousness"`
	Form        string   `json:"form"`              // paraphrase, for the clinic only, or public
	Finding     string   `json:"finding,omitempty"` // the panel's words of a paraphrase
}

// shareLevel is what its writer allows: no more than the form needs.
func (m *madeUpMessage) shareLevel() string {
	if m.Form == "public" {
		return "my_words_public"
	}
	return "panel_summary_to_clinic"
}

func (m *madeUpMessage) answers(themes []string) []seal.Answer {
	return []seal.Answer{
		{Q: "words", A: m.Words}, {Q: "service", A: m.Service}, {Q: "for_whom", A: "me"},
		{Q: "themes", A: strings.Join(themes, "\n")}, {Q: "items", A: strings.Join(m.Items, "\n")},
		{Q: "share_level", A: m.shareLevel()}, {Q: "hold_until", A: "now"},
	}
}

// toldFinding is a made-up finding while the panel works on its message. Days are counted back from today.
type toldFinding struct {
	*madeUpFinding
	leaf string // hash in hex
	id   string // of the finding, once it stands
}

// Days before the hand-over on which something happens to a message. A panel that is late takes it up after nine days, or decides
// after four weeks.
const (
	demoArrived, demoArrivedLong = 20, 34
	demoTaken, demoTakenLate     = 1, 9 // after it arrived
	demoCodedTwice, demoAgreed   = 2, 3 // after it was taken
	demoShared, demoFound        = 5, 1
)

func (f *toldFinding) arrived() int {
	if f.LateDecided {
		return f.Ago + demoArrivedLong
	}
	return f.Ago + demoArrived
}

func (f *toldFinding) taken() int {
	if f.LateTaken {
		return f.arrived() - demoTakenLate
	}
	return f.arrived() - demoTaken
}

// panelNow is the panel's clock. It stands in the past while the demo makes up what the panel did.
func (d *demo) panelNow() time.Time { return now().AddDate(0, 0, d.DaysAhead-int(d.back.Load())) }

// tellFindings takes what was told the whole way to a finding, each step on its day: sealed as by its writer, coded by two members,
// checked by the third, decided, and let out once two whole days are over. It gives the ids of findings by their place in the list.
func (d *demo) tellFindings(ctx context.Context, url string, place *clinic.Clinic, past []madeUpFinding) (map[int]string, error) {
	var told []*toldFinding
	ids := map[int]string{}
	for i := range past {
		if past[i].Told == nil {
			continue
		}
		one := &toldFinding{madeUpFinding: &past[i]}
		if err := d.tellFinding(ctx, url, place, i, one); err != nil {
			return nil, fmt.Errorf("tell what was found %d days ago: %w", one.Ago, err)
		}
		told = append(told, one)
	}
	if err := d.seatedBefore(ctx, place, told); err != nil {
		return nil, err
	}
	if err := d.findTold(ctx, place, told); err != nil {
		return nil, err
	}
	for i := range past {
		for _, one := range told {
			if one.madeUpFinding == &past[i] {
				ids[i] = one.id
			}
		}
	}
	return ids, nil
}

// seatedBefore makes the panel's first list as old as what it found: nobody's word counts of a day on which they sat on no panel.
func (d *demo) seatedBefore(ctx context.Context, place *clinic.Clinic, told []*toldFinding) error {
	oldest := 0
	for _, f := range told {
		oldest = max(oldest, f.arrived())
	}
	day := now().AddDate(0, 0, -oldest).Format(time.DateOnly)
	return postgres.InClinic(ctx, d.db, place.ID, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*keyring.StoredManifest)(nil)).
			Set("logged_on = ?", day).
			Where("clinic_id = ?", place.ID).Where("logged_on > ?", day).
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("seat the made-up panel: %w", err)
		}
		return nil
	})
}

// tellFinding tells a message, under a receipt of its own that is the same at each start, and lets its batch run on its day.
func (d *demo) tellFinding(ctx context.Context, url string, place *clinic.Clinic, n int, f *toldFinding) error {
	api, err := client.New(url)
	if err != nil {
		return err
	}
	api.Random = demoChance(int64(n) + 1_000_000)
	receipt, err := api.NewReceipt()
	if err != nil {
		return err
	}
	leaf := [32]byte{}
	taken, err := api.Submit(ctx, place.Slug, receipt, "en", f.Told.answers(f.Themes))
	var p *client.Problem
	switch {
	case errors.As(err, &p) && p.Kind(client.ProblemAnchorUsed): // by a start that was cut off
		had, err := d.intake.RecallReceipt(ctx, place.ID, receipt)
		if err != nil || had == nil {
			return errors.Join(err, errors.New("a message of an earlier start is gone"))
		}
		leaf = had.LeafHash
	case err != nil:
		return err
	default:
		leaf = taken.LeafHash
	}
	f.leaf = hex.EncodeToString(leaf[:])
	then := *d.intake
	then.Now = func() time.Time { return now().AddDate(0, 0, -f.arrived()) }
	_, err = then.Batch(ctx)
	return err
}

// sitting is one of a member's: what they do about each message, each on its day. Every sitting fetches and opens everything anew,
// so there are no more than it takes.
type sitting struct {
	member int
	steps  []step
}

type step struct {
	ago func(f *toldFinding) int
	act func(ctx context.Context, b *client.Bench, one *client.Case, f *toldFinding) error
}

var demoSittings = []sitting{
	{0, []step{{(*toldFinding).taken, codeAsTold}}},
	{1, []step{{func(f *toldFinding) int { return f.taken() - demoCodedTwice }, codeAsTold}}},
	{0, []step{{func(f *toldFinding) int { return f.taken() - demoAgreed }, agreeAsCoded}}},
	{1, []step{{func(f *toldFinding) int { return f.taken() - demoAgreed }, agreeAsCoded}}},
	{2, []step{
		{func(f *toldFinding) int { return f.Ago + demoShared }, checkAndShare},
		{func(f *toldFinding) int { return f.Ago + demoFound }, letOut},
	}},
}

// findTold lets the panel work until the findings stand, each step by its member's own client. What a start that was cut off has
// done is left as it is.
func (d *demo) findTold(ctx context.Context, place *clinic.Clinic, told []*toldFinding) error {
	if len(told) == 0 {
		return nil
	}
	defer os.RemoveAll(d.workFolder())
	for _, s := range demoSittings {
		if err := d.sit(ctx, place, s, told); err != nil {
			return err
		}
	}
	stand, err := d.review.Findings(ctx, place.ID, d.members[0].ID)
	if err != nil {
		return err
	}
	for _, f := range told {
		i := slices.IndexFunc(stand, func(one review.Finding) bool { return hex.EncodeToString(one.LeafHash) == f.leaf })
		if i < 0 {
			return errors.New("a finding does not stand")
		}
		f.id = stand[i].ID
	}
	return nil
}

// workFolder is where the members of the panel keep what they fetched, until they are done.
func (d *demo) workFolder() string { return filepath.Join(d.Data, "work") }

// sit lets a member do their steps on all messages, each on its day by the server's clock and by the member's.
func (d *demo) sit(ctx context.Context, place *clinic.Clinic, s sitting, told []*toldFinding) error {
	m := d.members[s.member]
	b, pulled, err := m.Bench(ctx, place.Slug, filepath.Join(d.workFolder(), place.Slug, strconv.Itoa(s.member+1)), func(int, int) {})
	if err != nil {
		return err
	}
	if pulled.Withheld != "" {
		return pullFailed(pulled)
	}
	clock := m.Now
	defer func() {
		m.Now = clock
		d.back.Store(0)
	}()
	for _, f := range told {
		one, err := b.Case(f.leaf)
		if err != nil {
			return err
		}
		if err := b.Declare(one); err != nil {
			return err
		}
		for _, step := range s.steps {
			d.back.Store(int64(step.ago(f)))
			m.Now = func() time.Time { return now().AddDate(0, 0, -step.ago(f)) }
			b.Today = m.Now().UTC().Format(time.DateOnly)
			if err := step.act(ctx, b, one, f); err != nil {
				return fmt.Errorf("member %d, %d days ago: %w", s.member+1, step.ago(f), err)
			}
		}
	}
	return nil
}

// found is how both coders see a message.
func (f *toldFinding) found() *coding.Found {
	found := client.Blank()
	found.Yes, found.Items, found.Seriousness = slices.Sorted(slices.Values(f.Themes)), slices.Sorted(slices.Values(f.Told.Items)), f.Told.Seriousness
	found.No = slices.DeleteFunc(found.No, func(code string) bool { return slices.Contains(found.Yes, code) })
	return found
}

func codeAsTold(ctx context.Context, b *client.Bench, one *client.Case, f *toldFinding) error {
	if slices.ContainsFunc(one.Codings, func(had client.Dated[*coding.Coding]) bool { return had.By == b.ID }) {
		return nil
	}
	if err := b.Claim(ctx, one, review.RoleCoder); err != nil {
		return err
	}
	return b.Code(ctx, one, f.found())
}

func agreeAsCoded(ctx context.Context, b *client.Bench, one *client.Case, _ *toldFinding) error {
	if slices.ContainsFunc(one.Consensuses, func(had client.Dated[*coding.Consensus]) bool { return had.By == b.ID }) {
		return nil
	}
	_, err := b.Agree(ctx, one, nil)
	return err
}

// checkAndShare is the third member's: nobody could guess who wrote, and the words may go out.
func checkAndShare(ctx context.Context, b *client.Bench, one *client.Case, f *toldFinding) error {
	if one.Stage(b.Today) == client.StageAgreed {
		if err := b.Claim(ctx, one, review.RoleChecker); err != nil {
			return err
		}
		if err := b.Check(ctx, one, f.Told.Form, cmp.Or(f.Told.Finding, f.Told.Words), false, ""); err != nil {
			return err
		}
	}
	if one.Stage(b.Today) != client.StageChecked {
		return nil
	}
	_, err := b.Share(ctx, one)
	return err
}

func letOut(ctx context.Context, b *client.Bench, one *client.Case, _ *toldFinding) error {
	if one.Stage(b.Today) == client.StageReleased {
		return nil
	}
	_, err := b.Release(ctx, one)
	return err
}

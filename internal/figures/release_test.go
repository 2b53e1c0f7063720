package figures_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// place is a clinic with a panel of three, two of whom must sign, and a clock.
type place struct {
	*keyringtest.Place
	figures *figures.Store
	at      time.Time
}

func newPlace(t testing.TB) *place {
	t.Helper()
	p := &place{at: day("2026-08-15")}
	now := func() time.Time { return p.at }
	p.Place = keyringtest.New(t, pgtest.New(t), now)
	p.figures = &figures.Store{DB: p.DB, Keys: p.Keys, Now: now}
	for i, code := range []string{"ward", "day_clinic"} {
		_, err := p.DB.NewRaw(`INSERT INTO service (clinic_id, code, label, position) VALUES (?, ?, ?, ?)`, p.ClinicID, code, code, i).Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// keepPlan keeps a plan that sorts by what only these tests count: no panel could decide on it.
func (p *place) keepPlan(t testing.TB, plan *figures.Plan) error {
	t.Helper()
	row := &figures.StoredPlan{ClinicID: p.ClinicID, Version: plan.Version, FromMonth: plan.From, Lines: plan.Lines()}
	_, err := p.DB.NewInsert().Model(row).Exec(t.Context())
	return err
}

// setPlan keeps a plan as one that the panel decided today.
func (p *place) setPlan(t testing.TB, plan *figures.Plan) error {
	t.Helper()
	return p.decide(t, plan.Lines())
}

func (p *place) decide(t testing.TB, plan string) error {
	t.Helper()
	return postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
		return p.figures.SetPlan(ctx, tx, p.ClinicID, plan, p.at)
	})
}

// count adds n reports with random facts to a month.
func (p *place) count(t testing.TB, r *rand.Rand, month string, n int) {
	t.Helper()
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			if _, err := figures.Count(ctx, tx, p.ClinicID, day(month).AddDate(0, 0, 9), someFacts(r)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *place) countOne(t testing.TB, month string, facts figures.Facts) time.Time {
	t.Helper()
	var in time.Time
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) (err error) {
		in, err = figures.Count(ctx, tx, p.ClinicID, day(month).AddDate(0, 0, 9), facts)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func someFacts(r *rand.Rand) figures.Facts {
	themes := []string{"voice", "respect", "access", "force", "money", "response"}
	var named []string
	for i, theme := range themes {
		if r.IntN(2+i) == 0 {
			named = append(named, theme)
		}
	}
	impacts := []string{"", "none", "small", "some", "big", "lasting"}
	services := []string{"ward", "ward", "day_clinic", ""}
	whens := []string{"this_week", "last_12_months", "1_to_5_years", "longer", "not_sure", ""}
	return newFacts(named, services[r.IntN(4)], impacts[r.IntN(6)], r.IntN(5)-1, whens[r.IntN(6)])
}

func (p *place) sign(t testing.TB, n int, r *figures.Release) (*figures.Release, error) {
	t.Helper()
	by := p.Reviewers[n]
	return p.figures.Sign(t.Context(), p.ClinicID, r.ID, keyring.Signature{ReviewerID: by.ID, Signature: figures.SignRelease(by.Key, r.Lines)})
}

func (p *place) draft(t testing.TB, first string) *figures.Release {
	t.Helper()
	r, err := p.figures.Draft(t.Context(), p.ClinicID, day(first), p.Reviewers[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (p *place) released(t testing.TB) []*figures.Release {
	t.Helper()
	list, err := p.figures.Released(t.Context(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNothingIsReadableBeforeReviewersSigned(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 14)), "2026-04-01", 300)
	r := p.draft(t, "2026-04-01")
	if r.State != figures.StateDraft || r.Needed != 2 || len(r.Signatures) != 0 {
		t.Errorf("drafted as %s, %d of %d signatures", r.State, len(r.Signatures), r.Needed)
	}
	if got := p.released(t); len(got) != 0 {
		t.Fatal("a draft is released")
	}
	r, err := p.sign(t, 0, r)
	if err != nil || r.State != figures.StateDraft {
		t.Fatalf("after one signature: %v, %v", r, err)
	}
	if r, err = p.sign(t, 0, r); err != nil || r.State != figures.StateDraft || len(p.released(t)) != 0 {
		t.Fatalf("one reviewer who signs twice is two: %v, %v", r, err)
	}
	if r, err = p.sign(t, 1, r); err != nil || r.State != figures.StateReleased {
		t.Fatalf("after two signatures: %v, %v", r, err)
	}
	list := p.released(t)
	if len(list) != 1 || len(list[0].Signatures) != 2 {
		t.Fatalf("released: %v", list)
	}
	c, err := list[0].Read()
	if err != nil || len(c.Tables) != 4 || c.Reports != 300 || c.First != "2026-04-01" || c.Last != "2026-06-30" || c.K != 10 {
		t.Errorf("released %+v, %v", c, err)
	}
	for _, table := range c.Tables {
		for i, row := range table.Shown.Counts {
			for j, n := range row {
				if n != figures.Hidden && (n < figures.K || n%figures.Base != 0) {
					t.Errorf("%s shows %d for %s, %s", table.Key, n, table.Shown.Rows[i], table.Shown.Cols[j])
				}
			}
		}
	}
	var leaf transparency.Entry
	if err := p.DB.NewSelect().Model(&leaf).Where("leaf_hash = ?", list[0].LeafHash).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := string(figures.ReleaseLeaf(r.Lines, r.Signatures)); string(leaf.Leaf) != want || strings.Count(want, "\nsignature ") != 2 {
		t.Errorf("the log holds\n%s", leaf.Leaf)
	}
	p.strangerChecks(t, leaf.Leaf)
	if _, err := p.sign(t, 2, r); !errors.Is(err, figures.ErrStale) {
		t.Errorf("signing what is released: %v", err)
	}
}

// strangerChecks holds a release's leaf against the lists in the log, as somebody does who has nothing else.
func (p *place) strangerChecks(t testing.TB, release transparency.Leaf) {
	t.Helper()
	var entries []transparency.Entry
	if err := p.DB.NewSelect().Model(&entries).Order("index").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	var panels keyring.Panels
	for _, e := range entries {
		if leaf := transparency.Leaf(e.Leaf); leaf.Kind() == transparency.KindPanel {
			panels.Add(leaf)
		}
	}
	signed := keyring.SplitDecision(release)
	clinicID, err := figures.ParseRelease(signed.Lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := panels.Signed(clinicID, signed.Lines, signed.Signatures); err != nil {
		t.Errorf("a stranger finds of a release: %v", err)
	}
}

func TestSignaturesOfOthersDoNotCount(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 15)), "2026-04-01", 200)
	stranger := keyringtest.NewReviewer(t)
	if _, err := p.figures.Draft(t.Context(), p.ClinicID, day("2026-04-01"), stranger.ID); !errors.Is(err, keyring.ErrNotMember) {
		t.Errorf("a stranger drafts: %v", err)
	}
	r := p.draft(t, "2026-04-01")
	a, b := p.Reviewers[0], p.Reviewers[1]
	for name, tt := range map[string]struct {
		by   keyring.Signature
		want error
	}{
		"a stranger":        {keyring.Signature{ReviewerID: stranger.ID, Signature: figures.SignRelease(stranger.Key, r.Lines)}, keyring.ErrNotMember},
		"another's key":     {keyring.Signature{ReviewerID: a.ID, Signature: figures.SignRelease(b.Key, r.Lines)}, figures.ErrSignature},
		"another label":     {keyring.Signature{ReviewerID: a.ID, Signature: keyring.SignAck(a.Key, r.Lines)}, figures.ErrSignature},
		"other lines":       {keyring.Signature{ReviewerID: a.ID, Signature: figures.SignRelease(a.Key, r.Lines+"x")}, figures.ErrSignature},
		"a short signature": {keyring.Signature{ReviewerID: a.ID, Signature: []byte("x")}, figures.ErrSignature},
	} {
		if _, err := p.figures.Sign(t.Context(), p.ClinicID, r.ID, tt.by); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	for _, id := range []string{"", "x", "6f1f3f5e-0000-4000-8000-000000000009"} {
		if _, err := p.figures.Sign(t.Context(), p.ClinicID, id, keyring.Signature{}); !errors.Is(err, figures.ErrStale) {
			t.Errorf("id %q: %v", id, err)
		}
	}
}

func TestReleasesNeverChange(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 16)), "2026-04-01", 200)
	r := p.draft(t, "2026-04-01")
	for n := range 2 {
		if _, err := p.sign(t, n, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{
		`UPDATE figure_release SET content = '{}'`,
		`UPDATE figure_release SET state = 'dropped', leaf_hash = NULL, released_on = NULL`,
		`DELETE FROM figure_release_signature; DELETE FROM figure_release`,
		`TRUNCATE figure_release CASCADE`,
	} {
		if _, err := p.DB.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s is let through", statement)
		}
	}
	draft := p.draftOfNext(t)
	if _, err := p.DB.NewRaw(`UPDATE figure_release SET content = content || ' ' WHERE id = ?`, draft.ID).Exec(t.Context()); err == nil {
		t.Error("a draft can be changed after it was made")
	}
	// Whoever holds the database's own login can switch the guard off; then the hash that was signed tells.
	for _, statement := range []string{
		`ALTER TABLE figure_release DISABLE TRIGGER figure_release_stays`,
		`UPDATE figure_release SET content = replace(content, '"reports":200', '"reports":205') WHERE state = 'released'`,
	} {
		if _, err := p.DB.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.figures.Released(t.Context(), p.ClinicID); !errors.Is(err, figures.ErrTampered) {
		t.Errorf("a changed release is shown: %v", err)
	}
}

// Work for a clinic writes drafts only. A copy of the whole place comes back with its releases.
func TestAReleaseBeginsAsADraft(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 68)), "2026-04-01", 200)
	r := p.draft(t, "2026-04-01")
	hash := figures.ReleaseLeaf(r.Lines, nil).Hash()
	write := func(ctx context.Context, db bun.IDB, state, first, last string) error {
		again, on := *r, p.at
		again.ID, again.State, again.FirstOn, again.LastOn = uuid.NewString(), state, day(first), day(last)
		if state == figures.StateReleased {
			again.LeafHash, again.ReleasedOn = hash[:], &on
		}
		_, err := db.NewInsert().Model(&again).Exec(ctx)
		return err
	}
	inClinic := func(state, first, last string) error {
		return postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error { return write(ctx, tx, state, first, last) })
	}
	for _, state := range []string{figures.StateReleased, figures.StateDropped} {
		if err := inClinic(state, "2026-07-01", "2026-09-30"); err == nil || !strings.Contains(err.Error(), "a release begins as a draft") {
			t.Errorf("one that is %s at once: %v", state, err)
		}
	}
	if err := inClinic(figures.StateDraft, "2026-10-01", "2026-12-31"); err != nil {
		t.Errorf("a draft: %v", err)
	}
	if err := write(t.Context(), p.DB, figures.StateReleased, "2026-07-01", "2026-09-30"); err != nil {
		t.Errorf("a copy that comes back: %v", err)
	}
}

// A row that says it is released, without the leaf that everybody can find in the log, is shown to nobody.
func TestAReleaseThatIsNotInTheLogIsNotShown(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 67)), "2026-04-01", 200)
	r := p.draft(t, "2026-04-01")
	if _, err := p.sign(t, 0, r); err != nil {
		t.Fatal(err)
	}
	ledger, err := p.figures.Ledger(t.Context(), p.ClinicID)
	if err != nil || len(ledger) != 1 {
		t.Fatalf("%d entries in the ledger, %v", len(ledger), err)
	}
	hash := figures.ReleaseLeaf(r.Lines, ledger[0].Signatures).Hash()
	_, err = p.DB.NewRaw(`UPDATE figure_release SET state = 'released', released_on = '2026-08-15', leaf_hash = ?`, hash[:]).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if list, err := p.figures.Released(t.Context(), p.ClinicID); !errors.Is(err, figures.ErrTampered) {
		t.Errorf("%d releases are shown, %v", len(list), err)
	}
}

// draftOfNext waits for the next quarter and drafts it.
func (p *place) draftOfNext(t testing.TB) *figures.Release {
	t.Helper()
	p.count(t, rand.New(rand.NewPCG(5, 17)), "2026-07-01", 200)
	p.at = day("2026-11-15")
	return p.draft(t, "2026-07-01")
}

func TestPeriodsAreReleasedOnceAndInTime(t *testing.T) {
	p := newPlace(t)
	random := rand.New(rand.NewPCG(5, 18))
	p.count(t, random, "2026-04-01", 200)
	p.count(t, random, "2026-07-01", 39)
	try := func(first string) error {
		_, err := p.figures.Draft(t.Context(), p.ClinicID, day(first), p.Reviewers[0].ID)
		return err
	}
	for first, want := range map[string]string{
		"2026-07-01": "may be released from 2026-10-30 on",
		"2026-05-01": "do not begin on 2026-05-01",
		"2026-01-01": "before the plan's first day",
	} {
		if err := try(first); !errors.Is(err, figures.ErrPeriod) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", first, err, want)
		}
	}
	r := p.draft(t, "2026-04-01")
	if err := try("2026-04-01"); !errors.Is(err, figures.ErrPeriod) || !strings.Contains(err.Error(), "Releases never overlap") {
		t.Errorf("a second draft of one period: %v", err)
	}
	if err := p.figures.Drop(t.Context(), p.ClinicID, r.ID, p.Reviewers[1].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.sign(t, 0, r); !errors.Is(err, figures.ErrStale) {
		t.Errorf("signing what was dropped: %v", err)
	}
	r = p.draft(t, "2026-04-01")
	p.at = p.at.AddDate(0, 0, 15) // nobody completes it
	if _, err := p.sign(t, 0, r); !errors.Is(err, figures.ErrStale) {
		t.Errorf("signing after 15 days: %v", err)
	}
	p.draft(t, "2026-04-01")
	p.at = day("2026-11-15")
	if err := try("2026-07-01"); !errors.Is(err, figures.ErrPeriod) || !strings.Contains(err.Error(), "39 reports are counted in it, and a period of 3 months needs 40") {
		t.Errorf("39 reports: %v", err)
	}
	few := func() bool {
		t.Helper()
		due, err := p.figures.Due(t.Context(), p.ClinicID)
		if err != nil || len(due) != 3 || !due[1].First.Equal(day("2026-07-01")) || !due[0].Few {
			t.Fatalf("due: %+v, %v", due, err)
		}
		return due[1].Few
	}
	if !few() {
		t.Error("a period that would be refused for its 39 reports is not said to have few")
	}
	p.count(t, random, "2026-09-01", 1)
	if few() {
		t.Error("a period with 40 reports is said to have too few")
	}
	ledger, err := p.figures.Ledger(t.Context(), p.ClinicID)
	if err != nil || len(ledger) != 3 {
		t.Errorf("%d entries in the ledger, %v", len(ledger), err)
	}
}

// A draft waits for fourteen days. Then its period is open whoever asks first, and a refused signature does not bring it back.
func TestADraftThatNobodyCompletedOpensItsPeriodAgain(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 66)), "2026-04-01", 200)
	isDue := func() bool {
		t.Helper()
		due, err := p.figures.Due(t.Context(), p.ClinicID)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(due, func(d figures.Due) bool { return d.First.Equal(day("2026-04-01")) })
	}
	told := func(r *figures.Release) string {
		t.Helper()
		ledger, err := p.figures.Ledger(t.Context(), p.ClinicID)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(ledger, func(entry *figures.Release) bool { return entry.ID == r.ID })
		if i < 0 {
			t.Fatalf("not one of %d entries in the ledger", len(ledger))
		}
		return ledger[i].State
	}
	sweep := func() {
		t.Helper()
		err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, _ bun.Tx) error { return p.figures.Sweep(ctx, p.ClinicID) })
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, drop := range map[string]func(r *figures.Release){
		"swept": func(*figures.Release) { sweep() },
		"signed too late": func(r *figures.Release) {
			if _, err := p.sign(t, 0, r); !errors.Is(err, figures.ErrStale) {
				t.Errorf("signing after 15 days: %v", err)
			}
		},
	} {
		r := p.draft(t, "2026-04-01")
		p.at = p.at.AddDate(0, 0, 14)
		sweep()
		if p.state(t, r.ID) != figures.StateDraft || isDue() || told(r) != figures.StateDraft {
			t.Fatalf("%s: after 14 days it is %s, shown as %s, due %v", name, p.state(t, r.ID), told(r), isDue())
		}
		p.at = p.at.AddDate(0, 0, 1)
		if !isDue() || told(r) != figures.StateDropped {
			t.Errorf("%s: after 15 days it is shown as %s, due %v", name, told(r), isDue())
		}
		drop(r)
		if got := p.state(t, r.ID); got != figures.StateDropped {
			t.Errorf("%s: it is kept as %s", name, got)
		}
		again := p.draft(t, "2026-04-01")
		if again.ID == r.ID || again.Content != r.Content || again.Hash() != r.Hash() {
			t.Errorf("%s: the same counts drafted anew are other figures:\n%s\n%s", name, r.Content, again.Content)
		}
		if err := p.figures.Drop(t.Context(), p.ClinicID, again.ID, p.Reviewers[0].ID); err != nil {
			t.Fatal(err)
		}
		if in := p.countOne(t, "2026-05-01", newFacts([]string{"voice"}, "ward", "big", 3, "this_week")); !in.Equal(day("2026-05-01")) {
			t.Errorf("%s: a report of its period is counted in %s", name, in)
		}
		if err := p.figures.Drop(t.Context(), p.ClinicID, p.draft(t, "2026-04-01").ID, p.Reviewers[0].ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNothingCountedIsASentence(t *testing.T) {
	p := newPlace(t)
	if _, err := p.figures.Draft(t.Context(), p.ClinicID, day("2026-04-01"), p.Reviewers[0].ID); !errors.Is(err, figures.ErrPeriod) {
		t.Errorf("got %v", err)
	}
	if list := p.released(t); list != nil {
		t.Errorf("released: %v", list)
	}
}

// What is agreed after its period was released counts in the next one; what is taken back after it stays counted.
func TestLateReportsGoIntoTheNextRelease(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 19)), "2026-04-01", 200)
	facts := newFacts([]string{"voice", "force", "no_such_theme"}, "closed_service", "big", 3, "this_week")
	if in := p.countOne(t, "2026-05-01", facts); !in.Equal(day("2026-05-01")) {
		t.Errorf("counted in %s", in)
	}
	if in := p.countOne(t, "2025-01-01", facts); !in.Equal(day("2026-04-01")) {
		t.Errorf("what came before the plan is counted in %s", in)
	}
	sum := func() (reports, cells int) {
		err := p.DB.NewRaw(`SELECT coalesce(sum(reports) FILTER (WHERE table_key = 'reports'), 0), coalesce(sum(reports) FILTER (WHERE table_key <> 'reports'), 0) FROM figure_count`).
			Scan(t.Context(), &reports, &cells)
		if err != nil {
			t.Fatal(err)
		}
		return reports, cells
	}
	uncount := func(month string) error {
		return postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
			return figures.Uncount(ctx, tx, p.ClinicID, day(month), facts)
		})
	}
	reports, cells := sum()
	if err := uncount("2026-05-01"); err != nil {
		t.Fatal(err)
	}
	// Two themes, one that no list names, and the report itself, in four tables.
	if nowReports, nowCells := sum(); nowReports != reports-1 || nowCells != cells-16 {
		t.Errorf("taken back: %d reports and %d cells of %d and %d", nowReports, nowCells, reports, cells)
	}
	if err := uncount("2026-06-01"); err == nil {
		t.Error("what was never counted is taken back")
	}
	p.draft(t, "2026-04-01")
	if in := p.countOne(t, "2026-05-01", facts); !in.Equal(day("2026-07-01")) {
		t.Errorf("a late report is counted in %s", in)
	}
	if err := uncount("2026-07-01"); err != nil {
		t.Errorf("taken back before the next: %v", err)
	}
	if err := uncount("2026-04-01"); err != nil {
		t.Errorf("taken back from a draft: %v", err)
	}
	again := p.draft(t, "2026-04-01")
	for who := range 2 {
		if _, err := p.sign(t, who, again); err != nil {
			t.Fatal(err)
		}
	}
	if err := uncount("2026-04-01"); !errors.Is(err, figures.ErrReleased) {
		t.Errorf("taken back after the release: %v", err)
	}
}

// Thirty acts at once, and a draft among them: each report is in the draft or in the next period, and none is lost.
func TestCountsBesideADraftAreNotLost(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 20)), "2026-04-01", 100)
	var wg sync.WaitGroup
	fail := make(chan error, 31)
	for i := range 30 {
		wg.Go(func() {
			fail <- postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
				_, err := figures.Count(ctx, tx, p.ClinicID, day("2026-04-10"), someFacts(rand.New(rand.NewPCG(6, uint64(i)))))
				return err
			})
		})
	}
	var r *figures.Release
	wg.Go(func() {
		var err error
		r, err = p.figures.Draft(t.Context(), p.ClinicID, day("2026-04-01"), p.Reviewers[0].ID)
		fail <- err
	})
	wg.Wait()
	close(fail)
	for err := range fail {
		if err != nil {
			t.Fatal(err)
		}
	}
	var before, after int
	err := p.DB.NewRaw(`SELECT coalesce(sum(reports) FILTER (WHERE month < '2026-07-01'), 0), coalesce(sum(reports) FILTER (WHERE month = '2026-07-01'), 0) FROM figure_count WHERE table_key = 'reports'`).
		Scan(t.Context(), &before, &after)
	if err != nil || before+after != 130 {
		t.Fatalf("%d and %d of 130 reports are counted, %v", before, after, err)
	}
	c, err := r.Read()
	if err != nil || c.Reports != figures.Round(before) {
		t.Errorf("the draft is about %d reports, and %d stand in its period, %v", c.Reports, before, err)
	}
}

func TestUnsafePeriodsAreRefusedWithTheirCells(t *testing.T) {
	p := newPlace(t)
	plan := figures.DefaultPlan(p.ClinicID, day("2026-04-01"), []string{"ward", "day_clinic"})
	plan.Dimensions = []figures.Dimension{{Key: "service", Codes: []string{"service.ward", "service.day_clinic"}}, {Key: "impact", Codes: []string{"impact.big", "impact.none"}}}
	plan.Tables = []figures.TablePlan{{Key: "service_by_impact", Rows: "service", Cols: "impact"}}
	if err := p.keepPlan(t, plan); err != nil {
		t.Fatal(err)
	}
	add := func(n int, service, impact string) {
		for range n {
			p.countOne(t, "2026-04-01", newFacts(nil, service, impact, -1, ""))
		}
	}
	add(9, "ward", "big")
	add(30, "ward", "none")
	add(30, "day_clinic", "big") // and nobody at the day clinic says none, which is shown: it holds the first cell still
	add(0, "day_clinic", "none")
	add(22, "", "big")
	_, err := p.figures.Draft(t.Context(), p.ClinicID, day("2026-04-01"), p.Reviewers[0].ID)
	var refused *figures.Refused
	if !errors.As(err, &refused) || refused.Table != "service_by_impact" || len(refused.Cells) != 1 || refused.Cells[0] != "service.ward / impact.big" {
		t.Fatalf("got %v", err)
	}
	if ledger, err := p.figures.Ledger(t.Context(), p.ClinicID); err != nil || len(ledger) != 0 {
		t.Errorf("a refused period is in the ledger: %v, %v", ledger, err)
	}
	if list := p.released(t); len(list) != 0 {
		t.Errorf("released: %v", list)
	}
	// The way out that the message names: the same tables over a longer period.
	next := *plan
	next.Version, next.Months = 2, 6
	if err := p.keepPlan(t, &next); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		p.countOne(t, "2026-08-01", newFacts(nil, "day_clinic", "none", -1, ""))
	}
	p.at = day("2027-01-15")
	if r := p.draft(t, "2026-04-01"); r.PlanVersion != 2 || !r.LastOn.Equal(day("2026-09-30")) {
		t.Errorf("drafted %s under plan %d", r.Period(), r.PlanVersion)
	}
}

func TestPlansFollowOneAnotherWithoutOverlap(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 21)), "2026-04-01", 200)
	first, err := p.figures.Plans(t.Context(), p.ClinicID)
	if err != nil || len(first) != 1 {
		t.Fatalf("plans %v, %v", first, err)
	}
	set := func(change func(next *figures.Plan)) error {
		next := *first[0]
		next.Version = 2
		change(&next)
		return p.setPlan(t, &next)
	}
	p.draft(t, "2026-04-01")
	other := func(next *figures.Plan) { next.Tables = next.Tables[:2]; next.Dimensions = next.Dimensions[:2] }
	for name, tt := range map[string]struct {
		change func(next *figures.Plan)
		want   string
	}{
		"over a draft":               {func(next *figures.Plan) { next.Months = 6 }, "is released or drafted by another plan. It may begin on 2026-07-01"},
		"within a period":            {func(next *figures.Plan) { next.From = day("2026-08-01") }, "The next one begins on 2026-10-01"},
		"other tables, already on":   {func(next *figures.Plan) { other(next); next.From = day("2026-07-01") }, "begin it in a month that has not begun"},
		"a version that is not next": {func(next *figures.Plan) { next.Version = 3; next.From = day("2026-10-01") }, "the next one is 2"},
		"nonsense":                   {func(next *figures.Plan) { next.K = 1 }, "k is 1"},
	} {
		if err := set(tt.change); !errors.Is(err, figures.ErrPlan) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if err := set(func(next *figures.Plan) { other(next); next.From = day("2026-10-01") }); err != nil {
		t.Error(err)
	}
	if in := p.countOne(t, "2026-10-01", someFacts(rand.New(rand.NewPCG(5, 22)))); !in.Equal(day("2026-10-01")) {
		t.Errorf("counted in %s", in)
	}
	var tables int
	if err := p.DB.NewRaw(`SELECT count(DISTINCT table_key) FROM figure_count WHERE month = '2026-10-01'`).Scan(t.Context(), &tables); err != nil || tables != 3 {
		t.Errorf("counted in %d tables, want 2 and the reports, %v", tables, err)
	}
}

// A panel writes its next plan as a text. What is not counted cannot be sorted by, and each refusal says what to write instead.
func TestAPanelWritesItsNextPlan(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 23)), "2026-04-01", 60)
	if n, err := p.figures.ReportsAYear(t.Context(), p.ClinicID); err != nil || n != 60 {
		t.Errorf("%d reports a year, %v", n, err)
	}
	plans, err := p.figures.Plans(t.Context(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	next := *plans[0]
	next.Version, next.From, next.Months = 2, day("2026-10-01"), 6
	next.Dimensions = slices.DeleteFunc(figures.Offered([]string{"ward", "day_clinic"}), func(d figures.Dimension) bool { return d.Key == "role" })
	next.Tables = append(slices.Clone(next.Tables[:3]), figures.TablePlan{Key: "item", Rows: "item", Zeros: true},
		figures.TablePlan{Key: "involved", Rows: "involved", Zeros: true}, figures.TablePlan{Key: "repair", Rows: "repair", Zeros: true})
	text := next.Lines()
	for name, tt := range map[string]struct{ old, new, want string }{
		"no plan":               {"answerable/plan/v1", "a plan", "it does not begin as a plan does"},
		"another clinic's":      {p.ClinicID, "6f1c1d0e-8c5b-4a3e-9a54-0d6c5f6f2b11", "the plan of another clinic"},
		"what is not counted":   {"dimension repair many repair.", "dimension age many repair.", "no dimension of this plan"},
		"a code nobody gives":   {"bias.race", "bias.rac", "no report is counted with the code bias.rac in item"},
		"one where it is many":  {"dimension involved many", "dimension involved one", "write many"},
		"a service of all time": {"service.ward", "ward", "no report is counted with the code ward in service"},
	} {
		err := p.decide(t, strings.Replace(text, tt.old, tt.new, 1))
		if !errors.Is(err, figures.ErrPlan) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	renamed := strings.NewReplacer("dimension repair ", "dimension age ", " repair -", " age -").Replace(text)
	if err := p.decide(t, renamed); err == nil || !strings.Contains(err.Error(), "nothing is counted by age. What is: theme, service") {
		t.Errorf("a dimension that is not counted: %v", err)
	}
	if plans[0].DecidedOn != nil {
		t.Error("nobody decided the plan that the first report brought")
	}
	for range 2 { // the plan that is the newest already may stand in the next settings too, and nothing is kept twice
		if err := p.decide(t, text); err != nil {
			t.Fatal(err)
		}
	}
	if plans, err = p.figures.Plans(t.Context(), p.ClinicID); err != nil || len(plans) != 2 || plans[0].Lines() != text || !plans[0].DecidedOn.Equal(p.at) {
		t.Errorf("kept %v, %v", plans, err)
	}
	if err := p.decide(t, strings.Replace(text, " 6 30 10", " 6 30 12", 1)); !errors.Is(err, figures.ErrPlan) || !strings.Contains(err.Error(), "the next one is 3") {
		t.Errorf("the same version twice: %v", err)
	}
}

// What a plan says is held against what a release signs: no table, name, period or rule that is not the plan's.
func TestAReleaseIsHeldAgainstItsPlan(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 24)), "2026-04-01", 240)
	draft := p.draft(t, "2026-04-01")
	content, err := draft.Read()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := figures.CheckPlan(draft.Lines, content, draft.Plan)
	if err != nil || plan.Lines() != draft.Plan {
		t.Fatalf("%v, %v", plan, err)
	}
	if _, err := figures.CheckPlan(draft.Lines, content, strings.Replace(draft.Plan, " 10\n", " 9\n", 1)); !errors.Is(err, figures.ErrTampered) {
		t.Errorf("another plan: %v", err)
	}
	// A server that signs for another plan than that it counted by.
	for name, change := range map[string]func(*figures.Plan){
		"a table less":    func(p *figures.Plan) { p.Tables = p.Tables[:2]; p.Dimensions = p.Dimensions[:2] },
		"a table more":    func(p *figures.Plan) { p.Tables = append(p.Tables, figures.TablePlan{Key: "more", Rows: "theme"}) },
		"zeros":           func(p *figures.Plan) { p.Tables[0].Zeros = false },
		"another code":    func(p *figures.Plan) { p.Dimensions[0].Codes[0] = "forced" },
		"another service": func(p *figures.Plan) { p.Dimensions[1].Codes[0] = "service.hall" },
		"longer periods":  func(p *figures.Plan) { p.Months = 6 },
		"another start":   func(p *figures.Plan) { p.From = day("2026-05-01") },
		"another k":       func(p *figures.Plan) { p.K = 8 },
	} {
		other, err := figures.ParsePlan(draft.Plan)
		if err != nil {
			t.Fatal(err)
		}
		change(other)
		lines := strings.Replace(draft.Lines, plan.Hash(), other.Hash(), 1)
		if _, err := figures.CheckPlan(lines, content, other.Lines()); !errors.Is(err, figures.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Layers of a table are one system in a release as well: what one hides, all hide.
func TestLayersAreReleasedTogether(t *testing.T) {
	p := newPlace(t)
	plan := figures.DefaultPlan(p.ClinicID, day("2026-04-01"), []string{"ward", "day_clinic"})
	plan.Dimensions = []figures.Dimension{plan.Dimensions[0], plan.Dimensions[1], {Key: "kind", Codes: []string{"kind.concern", "kind.good", "kind.idea"}}}
	plan.Tables = []figures.TablePlan{{Key: "theme_by_service", Rows: "theme", Cols: "service", Layers: "kind", Zeros: true}}
	if err := p.keepPlan(t, plan); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 23))
	for i := range 400 {
		facts := someFacts(r)
		facts["kind"] = []string{[]string{"kind.concern", "kind.good"}[r.IntN(2)]}
		if i < 6 {
			facts["kind"] = []string{"kind.idea"} // too few to be a layer
		}
		p.countOne(t, "2026-04-01", facts)
	}
	c, err := p.draft(t, "2026-04-01").Read()
	if err != nil {
		t.Fatal(err)
	}
	last := c.Tables[len(c.Tables)-1]
	if len(c.Tables) != 3 || last.Layer != figures.LayerSum || c.Tables[1].Layer != figures.Other {
		t.Fatalf("layers %d, the last is %q", len(c.Tables), last.Layer)
	}
	for i, row := range last.Shown.Counts {
		for j, n := range row {
			a, b := c.Tables[0].Shown.Counts[i][j], c.Tables[1].Shown.Counts[i][j]
			if (n == figures.Hidden) != (a == figures.Hidden) || (n == figures.Hidden) != (b == figures.Hidden) || n != figures.Hidden && a+b != n {
				t.Errorf("cell %d,%d: %d and %d are shown as %d", i, j, a, b, n)
			}
		}
	}
}

// The hash in the lines is that of the bytes that are kept, and two drafts of the same counts are the same bytes.
func TestContentIsBoundByItsHash(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 24)), "2026-04-01", 250)
	first := p.draft(t, "2026-04-01")
	if err := p.figures.Drop(t.Context(), p.ClinicID, first.ID, p.Reviewers[0].ID); err != nil {
		t.Fatal(err)
	}
	again := p.draft(t, "2026-04-01")
	if first.Content != again.Content || first.Lines != again.Lines {
		t.Error("the same counts are released as other bytes")
	}
	var c figures.Content
	if err := json.Unmarshal([]byte(again.Content), &c, json.RejectUnknownMembers(true)); err != nil {
		t.Error(err)
	}
	changed := *again
	changed.Content = strings.Replace(again.Content, "250", "255", 1)
	if _, err := changed.Read(); !errors.Is(err, figures.ErrTampered) || sha256.Sum256([]byte(changed.Content)) == sha256.Sum256([]byte(again.Content)) {
		t.Errorf("another content reads as the same: %v", err)
	}
}

// A release reads counts, and of these there are as many for 10 million reports as for a few hundred.
func TestAReleaseReadsAsManyRowsOfTenMillionReports(t *testing.T) {
	p := newPlace(t)
	rows := func() (n int) {
		t.Helper()
		if err := p.DB.NewRaw(`SELECT count(*) FROM figure_count WHERE clinic_id = ?`, p.ClinicID).Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 2 { // the same reports once more
		p.count(t, rand.New(rand.NewPCG(5, 25)), "2026-04-01", 250)
	}
	few := rows()
	p.count(t, rand.New(rand.NewPCG(5, 25)), "2026-04-01", 250)
	if _, err := p.DB.NewRaw(`UPDATE figure_count SET reports = reports * 14000`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	content, err := p.draft(t, "2026-04-01").Read()
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); rows() != few || few > 500 || content.Reports != 750*14000 || took > time.Minute {
		t.Errorf("%d rows for %d reports, %d for the first 500; drafted in %v", rows(), content.Reports, few, took)
	}
}

// A release of 10 million reports costs what one of a thousand does.
func BenchmarkRelease(b *testing.B) {
	for _, reports := range []int{1_000, 10_000_000} {
		b.Run(fmt.Sprint(reports), func(b *testing.B) {
			p := newPlace(b)
			p.count(b, rand.New(rand.NewPCG(5, 25)), "2026-04-01", 1000)
			if _, err := p.DB.NewRaw(`UPDATE figure_count SET reports = reports * ?`, reports/1000).Exec(b.Context()); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				r := p.draft(b, "2026-04-01")
				b.StopTimer()
				if err := p.figures.Drop(b.Context(), p.ClinicID, r.ID, p.Reviewers[0].ID); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// A plan kept before a rule was added may break it. Its reports go on being counted, nothing is released by it, and the next
// plan can be set.
func TestAStoredPlanThatBreaksARuleStillCountsAndReleasesNothing(t *testing.T) {
	p := newPlace(t)
	plan := figures.DefaultPlan(p.ClinicID, day("2026-04-01"), []string{"ward", "day_clinic"})
	plan.Tables[1].Layers = "seriousness"
	plan.Tables = slices.Delete(plan.Tables, 2, 3)
	if err := plan.Check(); !errors.Is(err, figures.ErrPlan) {
		t.Fatalf("the plan is allowed: %v", err)
	}
	row := &figures.StoredPlan{ClinicID: p.ClinicID, Version: 1, FromMonth: plan.From, Lines: plan.Lines()}
	if _, err := p.DB.NewInsert().Model(row).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.count(t, rand.New(rand.NewPCG(5, 44)), "2026-04-01", 60)
	if _, err := p.figures.Draft(t.Context(), p.ClinicID, day("2026-04-01"), p.Reviewers[0].ID); !errors.Is(err, figures.ErrPlan) {
		t.Errorf("a draft: %v", err)
	}
	next := figures.DefaultPlan(p.ClinicID, day("2026-10-01"), []string{"ward", "day_clinic"})
	next.Version = 2
	if err := p.setPlan(t, next); err != nil {
		t.Errorf("the next plan: %v", err)
	}
}

// That nobody left a question out is no small count, and takes no service into the merged line with it.
func TestAnEmptyNoneLineTakesNoOtherWithIt(t *testing.T) {
	p := newPlace(t)
	for i := range 120 {
		themes := []string{[]string{"voice", "respect"}[i%2]}
		p.countOne(t, "2026-04-01", newFacts(themes, []string{"ward", "day_clinic"}[i/2%2], "big", 2, "longer"))
	}
	c, err := p.draft(t, "2026-04-01").Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		if table.Key == "theme_by_service" && !slices.Equal(table.Shown.Cols, []string{"service.ward", "service.day_clinic"}) {
			t.Errorf("the columns are %v", table.Shown.Cols)
		}
	}
}

package figures_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/postgres"
)

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

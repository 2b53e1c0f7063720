package figures_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/postgres"
	"answerable/internal/review"
)

// codeIn counts a report, and gives the month.
func (p *place) codeIn(t testing.TB, c figures.Coded) (month time.Time) {
	t.Helper()
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) (err error) {
		month, err = figures.CountCoded(ctx, tx, p.ClinicID, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return month
}

// uncode takes a report out of the counts of a month, and says whether it stays in them.
func (p *place) uncode(t testing.TB, month time.Time, c figures.Coded) (stays bool) {
	t.Helper()
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) (err error) {
		stays, err = figures.UncountCoded(ctx, tx, p.ClinicID, month, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stays
}

// counts are the numbers kept for a month, by table, row and column.
func (p *place) counts(t testing.TB, month string) map[string]int {
	t.Helper()
	var cells []figures.Cell
	if err := p.DB.NewSelect().Model(&cells).Where("month = ?", month).Where("reports > 0").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, c := range cells {
		counts[c.TableKey+" "+c.Row+" "+c.Col] = c.Reports
	}
	return counts
}

func someCoded(day_ string) figures.Coded {
	return figures.Coded{
		Day: day(day_), Service: "ward", Role: "client", Themes: []string{"voice"}, Items: []string{"voice.not_believed"}, Good: []string{"good_care.heard", "good_of_old.kept"}, Seriousness: 2,
		Who: []string{"nurse", "doctor"}, Repair: []string{"say_sorry"}, Version: "v1",
	}
}

func TestAgreedCodesAreCountedInTheFixedTables(t *testing.T) {
	p := newPlace(t)
	plan := figures.DefaultPlan(p.ClinicID, day("2026-04-01"), []string{"ward", "day_clinic"})
	plan.Dimensions = append(plan.Dimensions, figures.Dimension{Key: "involved", Many: true, Codes: []string{"involved.nurse", "involved.doctor"}},
		figures.Dimension{Key: "repair", Many: true, Codes: []string{"repair.say_sorry"}})
	plan.Tables = append(plan.Tables, figures.TablePlan{Key: "involved", Rows: "involved", Zeros: true}, figures.TablePlan{Key: "repair", Rows: "repair", Zeros: true})
	if err := p.setPlan(t, plan); err != nil {
		t.Fatal(err)
	}
	in := p.codeIn(t, someCoded("2026-05-09"))
	got := p.counts(t, "2026-05-01")
	want := []string{
		"reports  ", "theme  ", "theme voice ", "theme good_care ", "theme other ", "theme_by_service voice service.ward", "theme_by_seriousness good_care serious.2",
		"theme_by_role voice role.client",
		"involved  ", "involved involved.nurse ", "involved involved.doctor ", "repair repair.say_sorry ",
	}
	for _, cell := range want {
		if got[cell] != 1 {
			t.Errorf("%q holds %d in %v", cell, got[cell], got)
		}
	}
	if stays := p.uncode(t, in, someCoded("2026-05-20")); stays || !in.Equal(day("2026-05-01")) { // the codes of the month, whatever its day
		t.Errorf("counted in %s, and stays: %t", in, stays)
	}
	if got := p.counts(t, "2026-05-01"); len(got) != 0 {
		t.Errorf("taken back, and left are %v", got)
	}
}

// What is taken back is found where it was counted, also after more was released, and never fails its act.
func TestTakingBackFindsALateReportAndNeverFails(t *testing.T) {
	p := newPlace(t)
	late, may, july := someCoded("2026-05-09"), day("2026-05-01"), day("2026-07-01")
	p.uncode(t, may, late) // nothing was ever counted here
	p.count(t, rand.New(rand.NewPCG(5, 61)), "2026-04-01", 200)
	if p.uncode(t, day("2026-04-01"), figures.Coded{Day: day("2026-04-02"), Themes: []string{"work"}, Seriousness: 3}) { // and not this
		t.Error("what was never counted is said to stay in the counts")
	}
	if got := p.counts(t, "2026-04-01")["reports  "]; got != 200 {
		t.Errorf("what was never counted is taken off: %d reports", got)
	}
	draft := p.draft(t, "2026-04-01")
	for range 2 {
		if in := p.codeIn(t, late); !in.Equal(july) {
			t.Errorf("a report of a drafted month is counted in %s", in)
		}
	}
	if err := p.figures.Drop(t.Context(), p.ClinicID, draft.ID, p.Reviewers[0].ID); err != nil {
		t.Fatal(err)
	}
	p.uncode(t, july, late) // its own month is open again, and it does not stand there
	if got := p.counts(t, "2026-07-01")["reports  "]; got != 1 {
		t.Errorf("%d reports of two are left in the month they were counted in", got)
	}
	if got := p.counts(t, "2026-04-01")["reports  "] + p.counts(t, "2026-05-01")["reports  "]; got != 200 {
		t.Errorf("a report was taken off a month it is not in: %d", got)
	}
	p.count(t, rand.New(rand.NewPCG(5, 62)), "2026-07-01", 200)
	p.at = day("2026-12-01")
	p.draft(t, "2026-07-01")
	p.uncode(t, july, late) // its month is open again
	if got := p.counts(t, "2026-07-01")["reports  "]; got != 200 {
		t.Errorf("%d reports are left of 201, of which one was taken back", got)
	}
}

func (p *place) state(t testing.TB, id string) (state string) {
	t.Helper()
	if err := p.DB.NewRaw(`SELECT state FROM figure_release WHERE id = ?`, id).Scan(t.Context(), &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// A draft counts nobody who took the report back: it goes, and its period is drafted anew. Only what is released keeps its
// numbers, and only a report that was counted drops a draft.
func TestTakingBackDropsADraftAndLeavesARelease(t *testing.T) {
	p := newPlace(t)
	p.count(t, rand.New(rand.NewPCG(5, 64)), "2026-04-01", 200)
	back := someCoded("2026-05-09")
	p.codeIn(t, back)
	p.codeIn(t, back)
	draft := p.draft(t, "2026-04-01")
	p.uncode(t, day("2026-05-01"), figures.Coded{Day: day("2026-05-02"), Themes: []string{"work"}, Seriousness: 3}) // never counted
	if got := p.state(t, draft.ID); got != figures.StateDraft {
		t.Fatalf("a report that is not in it makes a draft %s", got)
	}
	if _, err := p.sign(t, 0, draft); err != nil {
		t.Fatal(err)
	}
	p.uncode(t, day("2026-05-01"), back)
	if got := p.state(t, draft.ID); got != figures.StateDropped {
		t.Errorf("a draft that counts what was taken back is %s", got)
	}
	if _, err := p.sign(t, 1, draft); !errors.Is(err, figures.ErrStale) {
		t.Errorf("signing it: %v", err)
	}
	if got := p.counts(t, "2026-05-01")["reports  "]; got != 1 {
		t.Errorf("%d reports of two are left, of which one was taken back", got)
	}
	again := p.draft(t, "2026-04-01")
	for who := range 2 {
		if _, err := p.sign(t, who, again); err != nil {
			t.Fatal(err)
		}
	}
	if !p.uncode(t, day("2026-05-01"), back) {
		t.Error("nobody is told that a report stays in a release")
	}
	if got := p.counts(t, "2026-05-01")["reports  "]; got != 1 || p.state(t, again.ID) != figures.StateReleased {
		t.Errorf("a release changed: %d reports, %s", got, p.state(t, again.ID))
	}
}

// A plan that somebody broke in the database stops drafts, and nobody who takes a report back.
func TestABrokenPlanStopsNobodyFromTakingBack(t *testing.T) {
	for name, lines := range map[string]string{
		"no plan":                "this is no plan",
		"a table of what is not": "no_dimension",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.count(t, rand.New(rand.NewPCG(5, 65)), "2026-04-01", 200)
			back := someCoded("2026-05-09")
			p.codeIn(t, back)
			draft := p.draft(t, "2026-04-01")
			if lines == "no_dimension" {
				var plan figures.StoredPlan
				if err := p.DB.NewSelect().Model(&plan).Where("clinic_id = ?", p.ClinicID).Scan(t.Context()); err != nil {
					t.Fatal(err)
				}
				lines = plan.Lines + "table lost - nothing - -\n"
			}
			if _, err := p.DB.NewRaw(`UPDATE figure_plan SET lines = ?`, lines).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.uncode(t, day("2026-05-01"), back)
			if got := p.state(t, draft.ID); got == figures.StateDraft && name == "no plan" {
				t.Error("a draft waits for signatures, and may count what was taken back")
			}
		})
	}
}

// A release costs the same with few and with many coded reports: both read the cells of one period. The two differ in how
// many reports were coded, one by one through the door that the panel's acts use.
func BenchmarkReleaseOfCodedReports(b *testing.B) {
	for _, reports := range []int{200, 5_000} {
		b.Run(fmt.Sprint(reports), func(b *testing.B) {
			p := newPlace(b)
			p.codeMany(b, reports)
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

func (p *place) codeMany(t testing.TB, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 63))
	themes, who, repair := []string{"voice", "respect", "access", "force"}, []string{"nurse", "doctor", "front_desk"}, []string{"say_sorry", "explain", "change_a_rule"}
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			c := figures.Coded{
				Day: day("2026-05-09"), Service: []string{"ward", "day_clinic"}[r.IntN(2)], Seriousness: r.IntN(4),
				Themes: themes[r.IntN(2) : 2+r.IntN(3)], Who: who[:1+r.IntN(3)], Repair: repair[r.IntN(3):],
			}
			if _, err := figures.CountCoded(ctx, tx, p.ClinicID, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What two coders agreed on stands in the counts from which figures are made, and goes again with the message.
func TestThePanelsWorkIsCounted(t *testing.T) {
	p := newPlace(t)
	var work review.Store
	figures.CountIn(&work)
	facts := review.Facts{
		Taxonomy: "0.2.0", Service: "ward", Role: "worker", Themes: []string{"force"}, Items: []string{"force.held_down"}, Good: []string{"good_care.heard"},
		Seriousness: 2, Involved: []string{"nurse"}, Repair: []string{"say_sorry"}, Month: day("2026-05-01"),
	}
	within := func(act func(ctx context.Context, tx bun.Tx) error) {
		t.Helper()
		if err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, act); err != nil {
			t.Fatal(err)
		}
	}
	within(func(ctx context.Context, tx bun.Tx) error {
		in, err := work.OnCoded(ctx, tx, p.ClinicID, facts)
		if !in.Equal(facts.Month) {
			t.Errorf("counted in %v", in)
		}
		return err
	})
	got := p.counts(t, "2026-05-01")
	for _, cell := range []string{"reports  ", "theme force ", "theme good_care ", "theme_by_service force service.ward", "theme_by_seriousness force serious.2", "theme_by_role force role.worker"} {
		if got[cell] != 1 {
			t.Errorf("%q holds %d in %v", cell, got[cell], got)
		}
	}
	within(func(ctx context.Context, tx bun.Tx) error {
		stays, err := work.OnUncoded(ctx, tx, p.ClinicID, facts)
		if stays {
			t.Error("what no release holds stays")
		}
		return err
	})
	if got := p.counts(t, "2026-05-01"); len(got) != 0 {
		t.Errorf("taken back, and left are %v", got)
	}
}

// What people who work there report is a column of its own in a release, under the same rules, and merged where it is small. A
// coding of before, which does not say who wrote, counts as not known; nobody's finer role is counted.
func TestWorkersReportsAreCountedApart(t *testing.T) {
	p := newPlace(t)
	r := rand.New(rand.NewPCG(5, 91))
	themes := []string{"voice", "respect", "access", "force"}
	add := func(month, role string, n int) {
		var all []figures.Coded
		for range n {
			c := figures.Coded{Day: day(month), Service: "ward", Role: role, Seriousness: r.IntN(4), Themes: []string{themes[r.IntN(len(themes))]}}
			if role == "worker" {
				c.Themes = append(c.Themes, "work")
			}
			all = append(all, c)
		}
		err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error { return figures.CountPast(ctx, tx, p.ClinicID, all) })
		if err != nil {
			t.Fatal(err)
		}
	}
	byRole := func(first string) figures.ReleasedTable {
		c, err := p.draft(t, first).Read()
		if err != nil {
			t.Fatal(err)
		}
		table := c.Tables[len(c.Tables)-1]
		if table.Key != "theme_by_role" || slices.Contains(table.Shown.Rows, "work") {
			t.Fatalf("the last table is %s by %s, with %v", table.Key, table.Cols, table.Shown.Rows)
		}
		if !slices.Contains(c.Tables[0].Shown.Rows, "work") && first == "2026-04-01" {
			t.Errorf("what workers say of their work is in no table: %v", c.Tables[0].Shown.Rows)
		}
		return table
	}
	add("2026-04-01", "client", 120)
	add("2026-04-01", "worker", 60)
	add("2026-04-01", "nurse", 40) // of before, and finer than anything that is counted
	if got := byRole("2026-04-01").Shown; !slices.Equal(got.Cols, []string{"role.client", "role.worker", "none"}) {
		t.Errorf("columns %v", got.Cols)
	} else if n := got.Counts[slices.Index(got.Rows, "force")][1]; n == figures.Hidden || n > 60 {
		t.Errorf("60 workers wrote, and %d of them tell of force", n)
	}
	add("2026-07-01", "client", 120)
	add("2026-07-01", "worker", 7)
	p.at = day("2026-12-01")
	if got := byRole("2026-07-01").Shown; slices.Contains(got.Cols, "role.worker") {
		t.Errorf("seven workers have a column: %v", got.Cols)
	}
}

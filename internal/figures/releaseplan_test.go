package figures_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"answerable/internal/figures"
)

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

package figures_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/figures"
)

const releaseVectors = "testdata/release.json"

var update = flag.Bool("update", false, "write "+releaseVectors+" anew: the good contents as they are drafted")

// vectorClinic stands in the vectors for a clinic whose id is drawn.
const vectorClinic = "6f1c1d0e-8c5b-4a3e-9a54-0d6c5f6f2b11"

// releaseFile is what Go and TypeScript share: contents as the program drafts them, and changes by hand that each make one refused.
type releaseFile struct {
	Clinic string       `json:"clinic"`
	Lines  string       `json:"lines"` // before the hash of the content; noPlan stands for the hash of the plan
	Good   []string     `json:"good"`
	Refuse []releaseBad `json:"refuse"`
	Plans  []string     `json:"plans"`        // of those that are good
	Other  []releaseBad `json:"refuse_plans"` // changes of a plan with which its release is none
}

// noPlan stands in the vectors for the hash of a plan.
const noPlan = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

type releaseBad struct {
	Why  string `json:"why"`
	Good int    `json:"good"` // the one that is changed
	Old  string `json:"old"`  // its first appearance; the whole where it is ""
	New  string `json:"new"`
}

func (f *releaseFile) changed(t testing.TB, v releaseBad) string { return changed(t, f.Good, v) }

func changed(t testing.TB, good []string, v releaseBad) string {
	t.Helper()
	if v.Old == "" {
		return v.New
	}
	out := strings.Replace(good[v.Good], v.Old, v.New, 1)
	if out == good[v.Good] {
		t.Fatalf("%s: nothing is changed", v.Why)
	}
	return out
}

// linesOf are lines that name a content, as a server may write them that lies about all of it.
func (f *releaseFile) linesOf(content string) string {
	hash := sha256.Sum256([]byte(content))
	return f.Lines + base64.StdEncoding.EncodeToString(hash[:]) + "\n"
}

// underPlan are lines that name a plan besides.
func (f *releaseFile) underPlan(content, plan string) string {
	hash := sha256.Sum256([]byte(plan))
	return strings.Replace(f.linesOf(content), noPlan, base64.StdEncoding.EncodeToString(hash[:]), 1)
}

func readReleaseFile(t testing.TB) *releaseFile {
	t.Helper()
	raw, err := os.ReadFile(releaseVectors)
	if err != nil {
		t.Fatal(err)
	}
	f := new(releaseFile)
	if err := json.Unmarshal(raw, f, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return f
}

// drafted are contents of the default plan and of one with layers where zeros are shown.
func drafted(t *testing.T) (lines string, contents, plans []string) {
	t.Helper()
	for _, layered := range []bool{false, true} {
		p := newPlace(t)
		if layered {
			plan := figures.DefaultPlan(p.ClinicID, day("2026-04-01"), []string{"ward", "day_clinic"})
			plan.Dimensions = []figures.Dimension{plan.Dimensions[1], {Key: "kind", Codes: []string{"kind.concern", "kind.good"}}}
			plan.Tables = []figures.TablePlan{{Key: "services", Rows: "service", Layers: "kind"}}
			if err := p.keepPlan(t, plan); err != nil {
				t.Fatal(err)
			}
		}
		r := rand.New(rand.NewPCG(5, 77))
		wrote := rand.New(rand.NewPCG(5, 78)) // of its own, so that the rest is drawn as ever
		for range 240 {
			facts := someFacts(r)
			facts["kind"] = []string{[]string{"kind.concern", "kind.good"}[r.IntN(2)]}
			facts["role"] = []string{[]string{"role.worker", "role.client", "role.client"}[wrote.IntN(3)]}
			p.countOne(t, "2026-04-01", facts)
		}
		draft := p.draft(t, "2026-04-01")
		if _, err := figures.CheckRelease(p.ClinicID, draft.Lines, draft.Content); err != nil {
			t.Fatal(err)
		}
		contents = append(contents, strings.ReplaceAll(draft.Content, p.ClinicID, vectorClinic))
		parts := strings.SplitAfter(draft.Lines, "\n")
		lines = strings.ReplaceAll(strings.Join(parts[:7], ""), p.ClinicID, vectorClinic)
		parts = strings.Split(lines, "\n")
		parts[4] = noPlan // a plan that names a drawn id has a drawn hash
		lines = strings.Join(parts, "\n")
		plans = append(plans, strings.ReplaceAll(draft.Plan, p.ClinicID, vectorClinic))
	}
	return lines, contents, plans
}

func TestReleaseVectorsAreWhatIsDrafted(t *testing.T) {
	f := readReleaseFile(t)
	lines, contents, plans := drafted(t)
	if *update {
		f.Clinic, f.Lines, f.Good, f.Plans = vectorClinic, lines, contents, plans
		raw, err := json.Marshal(f, json.Deterministic(true), jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(releaseVectors, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if f.Lines != lines || len(f.Good) != len(contents) || len(f.Plans) != len(plans) {
		t.Fatalf("the vectors begin otherwise than a draft: %q", lines)
	}
	for i, content := range contents {
		if f.Good[i] != content {
			t.Errorf("good %d is drafted as\n%s", i, content)
		}
		if f.Plans[i] != plans[i] {
			t.Errorf("plan %d is\n%s", i, plans[i])
		}
	}
}

// A server that makes up content and lines together cannot put anything into signed bytes that a reviewer is not shown, nor a
// count that should be hidden.
func TestWhatIsNeverDraftedIsNotRead(t *testing.T) {
	f := readReleaseFile(t)
	for i, content := range f.Good {
		if _, err := figures.CheckRelease(f.Clinic, f.linesOf(content), content); err != nil {
			t.Errorf("good %d: %v", i, err)
		}
	}
	if len(f.Refuse) < 20 {
		t.Errorf("only %d are refused", len(f.Refuse))
	}
	for _, v := range f.Refuse {
		content := f.changed(t, v)
		if c, err := figures.CheckRelease(f.Clinic, f.linesOf(content), content); !errors.Is(err, figures.ErrTampered) || c != nil {
			t.Errorf("%s: %v", v.Why, err)
		}
		r := &figures.Release{Lines: f.linesOf(content), Content: content}
		if err := r.WriteCSV(new(strings.Builder)); v.Why != "another clinic" && !errors.Is(err, figures.ErrTampered) {
			t.Errorf("%s: as CSV: %v", v.Why, err)
		}
	}
}

// Whatever plan a server names in the lines, a release that it does not make is none.
func TestAReleaseOfAnotherPlanIsNotRead(t *testing.T) {
	f := readReleaseFile(t)
	check := func(good int, plan string) error {
		c, err := figures.CheckRelease(f.Clinic, f.underPlan(f.Good[good], plan), f.Good[good])
		if err != nil {
			t.Fatal(err)
		}
		_, err = figures.CheckPlan(f.underPlan(f.Good[good], plan), c, plan)
		return err
	}
	for i, plan := range f.Plans {
		if err := check(i, plan); err != nil {
			t.Errorf("plan %d: %v", i, err)
		}
	}
	if len(f.Other) < 15 {
		t.Errorf("only %d plans are refused", len(f.Other))
	}
	for _, v := range f.Other {
		if err := check(v.Good, changed(t, f.Plans, v)); !errors.Is(err, figures.ErrTampered) {
			t.Errorf("%s: %v", v.Why, err)
		}
	}
}

func TestPeriodsThatShareADayAreNotApart(t *testing.T) {
	period := func(first, last string) *figures.Content { return &figures.Content{First: first, Last: last} }
	q2 := period("2026-04-01", "2026-06-30")
	for name, tt := range map[string]struct {
		other *figures.Content
		apart bool
	}{
		"the one before": {period("2026-01-01", "2026-03-31"), true},
		"the one after":  {period("2026-07-01", "2026-09-30"), true},
		"the same":       {period("2026-04-01", "2026-06-30"), false},
		"its year":       {period("2026-01-01", "2026-12-31"), false},
		"a part":         {period("2026-05-01", "2026-05-31"), false},
		"one day":        {period("2026-06-30", "2026-09-30"), false},
	} {
		if figures.Apart([]*figures.Content{q2, tt.other}) != tt.apart || figures.Apart([]*figures.Content{tt.other, q2}) != tt.apart {
			t.Errorf("%s: apart is not %v", name, tt.apart)
		}
	}
}

// Whatever is read can be shown, is written the same again, and shows no small count.
func FuzzCheckRelease(f *testing.F) {
	vectors := readReleaseFile(f)
	for _, content := range vectors.Good {
		f.Add(content)
	}
	for _, v := range vectors.Refuse {
		f.Add(vectors.changed(f, v))
	}
	f.Fuzz(func(t *testing.T, content string) {
		c, err := figures.CheckRelease(vectors.Clinic, vectors.linesOf(content), content)
		if err != nil {
			return
		}
		if again, err := json.Marshal(c, json.Deterministic(true)); err != nil || string(again) != content {
			t.Fatalf("written again as %s, %v", again, err)
		}
		if err := (&figures.Release{Lines: vectors.linesOf(content), Content: content}).WriteCSV(new(strings.Builder)); err != nil {
			t.Fatal(err)
		}
		for _, table := range c.Tables {
			if err := table.Shown.WriteCSV(new(strings.Builder)); err != nil {
				t.Fatal(err)
			}
			for _, row := range table.Shown.Counts {
				for _, n := range row {
					if n != figures.Hidden && n != 0 && (n%figures.Base != 0 || n < figures.Round(c.K+1)) {
						t.Fatalf("shows %d", n)
					}
				}
			}
		}
	})
}

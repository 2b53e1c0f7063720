package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
)

const accountabilityPath = "/c/riverside/accountability"

// countReports lets n made-up reports count on a day, through the door that the panel's acts use.
func (h *house) countReports(on string, n int) {
	h.t.Helper()
	at, err := time.Parse(time.DateOnly, on)
	h.must(err)
	r := rand.New(rand.NewPCG(5, 71))
	h.must(postgres.InClinic(h.t.Context(), h.db, h.place.ID, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			c := figures.Coded{Day: at, Service: []string{"ward", "ward", "day_clinic"}[r.IntN(3)], Seriousness: r.IntN(4)}
			for i, theme := range []string{"voice", "respect", "access", "force"} {
				if r.IntN(2+i) == 0 {
					c.Themes = append(c.Themes, theme)
				}
			}
			if _, err := figures.CountCoded(ctx, tx, h.place.ID, c); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *house) draftRelease(first string) *figures.Release {
	h.t.Helper()
	on, err := time.Parse(time.DateOnly, first)
	h.must(err)
	r, err := h.config.Figures.Draft(h.t.Context(), h.place.ID, on, h.panel[0].ID)
	h.must(err)
	return r
}

func (h *house) releaseSignature(r *figures.Release, n int) keyring.Signature {
	return keyring.Signature{ReviewerID: h.panel[n].ID, Signature: figures.SignRelease(h.panel[n].Key, r.Lines)}
}

func (h *house) signRelease(r *figures.Release, n int) {
	h.t.Helper()
	_, err := h.config.Figures.Sign(h.t.Context(), h.place.ID, r.ID, h.releaseSignature(r, n))
	h.must(err)
}

func TestNoFigureLeavesThePanelUnsigned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.countReports("2026-07-10", 120)
	r := h.draftRelease("2026-07-01")
	h.signRelease(r, 0)
	const file = accountabilityPath + "/2026-07-01"
	h.get(accountabilityPath).says(t, "The panel has not let any numbers out yet")
	for _, path := range []string{file, file + ".json", file + ".csv"} {
		h.get(path).hasStatus(t, http.StatusNotFound)
	}
	for _, path := range []string{accountabilityPath, "/api/v1/c/riverside/releases"} {
		if body := h.get(path).body; strings.Contains(body, "2026-07-01") || strings.Contains(body, "svg") {
			t.Errorf("%s shows an unsigned draft", path)
		}
	}
	h.signRelease(r, 1)
	h.get(accountabilityPath).says(t, "1 July 2026 to 30 September 2026", "About 120 reports are counted.", " name: Choice and being heard.")
	h.get(file).hasStatus(t, http.StatusOK)
}

func TestAccountabilityPageShowsWhatWasSignedAndHowToCheckIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.countReports("2026-04-10", 120)
	h.countReports("2026-07-10", 160)
	for _, first := range []string{"2026-04-01", "2026-07-01"} {
		r := h.draftRelease(first)
		h.signRelease(r, 0)
		h.signRelease(r, 2)
	}
	page := h.get(accountabilityPath)
	page.says(t, "1 July 2026 to 30 September 2026", "About 160 reports are counted.", "What it is about, by service", "The ward", "hidden: too few, or keeps others safe",
		strings.Join(slices.Sorted(slices.Values([]string{h.panel[0].ID, h.panel[2].ID})), ", "), "The numbers as a table", "1 April 2026 to 30 June 2026", "answerable figures show --server", "reports, not people")
	rest := regexp.MustCompile(`<script (src="/static/[a-z.]+\.js\?v=[0-9a-f]+" defer></script>|type="application/json")`).ReplaceAllString(page.body, "")
	if strings.Contains(rest, "<script") || strings.Contains(page.body, " style=") {
		t.Error("the page has script or style in it")
	}
	for _, code := range []string{"service.ward", "serious.", ">voice<"} {
		if strings.Contains(page.body, code) {
			t.Errorf("the page says %s and not what it means", code)
		}
	}
	page.says(t, "In short", "in 100 reports", "Who is treated unfairly", "How it changed", "worked out from the rounded numbers on this page", "Too few times to say whether anything changed", "Apr 2026", "Jul 2026")
	if n := strings.Count(page.body, "<summary>What this means</summary>"); n < 5 {
		t.Errorf("%d measures say what they mean", n)
	}
	for _, word := range []string{"rank ", "score", "star ", "red", "best", "worst"} {
		if strings.Contains(page.body, " "+word) {
			t.Errorf("the page says %q", word)
		}
	}
	old := h.get(accountabilityPath + "/2026-04-01")
	old.says(t, "About 120 reports are counted.")
	if strings.Contains(old.body, "How it changed") {
		t.Error("a release is compared with what came after it")
	}
	file := h.get(accountabilityPath + "/2026-07-01.json")
	sum := sha256.Sum256([]byte(file.body))
	page.says(t, hex.EncodeToString(sum[:]))
	var content figures.Content
	h.must(json.Unmarshal([]byte(file.body), &content))
	table := h.get(accountabilityPath + "/2026-07-01.csv")
	lines, err := csv.NewReader(strings.NewReader(table.body)).ReadAll()
	h.must(err)
	cells := 0
	for _, released := range content.Tables {
		cells += (len(released.Shown.Rows) + 1) * (len(released.Shown.Cols) + 1)
	}
	if len(lines) != cells+1 || lines[1][0] != hex.EncodeToString(sum[:]) || !strings.Contains(table.body, ",hidden\n") {
		t.Errorf("the CSV has %d lines for %d cells, and begins with %q", len(lines), cells, lines[1])
	}
	plan := h.get(accountabilityPath + "/2026-07-01.plan.txt")
	leaf, planHash := releaseOf(t, h, "2026-07-01").Lines, sha256.Sum256([]byte(plan.body))
	if !strings.Contains(leaf, base64.StdEncoding.EncodeToString(planHash[:])) || !strings.Contains(plan.body, "table theme zeros theme") {
		t.Errorf("the plan is not the one that was signed: %s", plan.body)
	}
	for name, a := range map[string]answer{"JSON": file, "CSV": table} {
		if got := a.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable, no-transform" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if a.Header.Get("Set-Cookie") != "" || a.Header.Get("Content-Disposition") != "attachment" {
			t.Errorf("%s: headers %v", name, a.Header)
		}
	}
	for _, name := range []string{"2026-07-02", "2026-07-01.json.csv", "..", "x.json", "2026-07-01.xml", "2026-07-02.plan.txt"} {
		h.get(accountabilityPath+"/"+name).hasStatus(t, http.StatusNotFound)
	}
	h.filesAreOfferedOnOwnDevicesAlone()
}

// Where others use the device the page says that nothing can be saved by a button. Then it offers no file.
func (h *house) filesAreOfferedOnOwnDevicesAlone() {
	h.t.Helper()
	files := regexp.MustCompile(`href="[^"]+\.(json|csv|txt|zip)[?"]`)
	for query, want := range map[string]int{"": 3, "?shared": 0} {
		a := h.get(accountabilityPath + query)
		if !strings.Contains(a.body, "answerable figures show --server") {
			h.t.Errorf("accountability%s does not say how to check it in a terminal", query)
		}
		if got := len(files.FindAllString(a.body, -1)); got != want || strings.Contains(a.body, "cannot be saved here") != (want == 0) {
			h.t.Errorf("accountability%s offers %d files, want %d", query, got, want)
		}
		shared := query != ""
		var b strings.Builder
		h.must(compiled()["en"].byName["accountability"].ExecuteTemplate(&b, "bundles", accountabilityPage{
			page: page{Shared: shared}, Bundles: []bundleLink{{Address: "/c/riverside/exports/2026-07-01.zip"}}, Verify: verifyBundle,
		}))
		if offered := files.MatchString(b.String()); offered == shared || !strings.Contains(b.String(), verifyBundle) {
			h.t.Errorf("accountability%s offers bundles: %v", query, offered)
		}
	}
}

// A chart of what is shown alone would have its centre too high: with a gap there is neither centre nor limit, and words say why.
func TestAChartWithAGapHasNoLimits(t *testing.T) {
	t.Parallel()
	in := compiled()["en"]
	one := &series{title: "Choice"}
	for i := range 14 {
		one.add(fmt.Sprintf("t%d", i), 30+i%3*5, 100, false)
	}
	whole, err := in.drawSeries("whole", one, false)
	if err != nil {
		t.Fatal(err)
	}
	one.add("last", figures.Hidden, 100, true)
	gap, err := in.drawSeries("gap", one, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"upper limit", "mean", "Nothing stands out"} {
		if !strings.Contains(string(whole), word) || strings.Contains(string(gap), word) {
			t.Errorf("%q: whole %t, with a gap %t", word, strings.Contains(string(whole), word), strings.Contains(string(gap), word))
		}
	}
	if strings.Contains(string(gap), "What stands out") || !strings.Contains(string(whole), "What stands out") {
		t.Errorf("a column says that nothing stands out where nobody can say: %s", gap)
	}
	if regexp.MustCompile(`\d\.\d+%`).MatchString(string(whole)) {
		t.Errorf("parts of rounded numbers have digits behind the point: %s", whole)
	}
	if !strings.Contains(string(gap), "not shown") || !strings.Contains(string(gap), "there are no limits here") {
		t.Errorf("the gap says nothing: %s", gap)
	}
}

// Eleven times are enough, and those on the middle line say nothing: a page that speaks of too few times would be believed to count
// wrong.
func TestAChartSaysWhyItIsNotJudged(t *testing.T) {
	t.Parallel()
	in := compiled()["en"]
	for want, counts := range map[string][]int{
		"Too few times to say":                   {100, 120, 140},
		"Too few times lie above and below":      {100, 110, 120, 130, 140, 140, 140, 150, 160, 170, 180},
		"Something changed that chance does not": {100, 110, 120, 130, 135, 140, 145, 150, 160, 170, 180},
	} {
		one := &series{title: "Reports"}
		for i, n := range counts {
			one.add(fmt.Sprintf("t%d", i), n, n, false)
		}
		drawn, err := in.drawSeries("runs", one, true)
		if err != nil || !strings.Contains(string(drawn), want) {
			t.Errorf("of %v it does not say %q: %v", counts, want, err)
		}
	}
}

// What is hidden altogether is a sentence, and not a drawing of nothing; and a table whose columns were merged into one is not shown
// as if it told them apart.
func TestATableOfNothingIsASentence(t *testing.T) {
	t.Parallel()
	in := compiled()["en"]
	name := in.codeNames(nil)
	hidden := []int{figures.Hidden, 40}
	drawn, err := in.drawTable("t", figures.ReleasedTable{Rows: "theme", Cols: "service", Shown: &figures.Shown{
		Rows: []string{"voice", "force"}, Cols: []string{"service.a", "service.b"}, Counts: [][]int{hidden, hidden},
	}}, name)
	if err != nil || len(drawn.Figures) != 2 || drawn.Figures[0].Drawing != "" || !strings.Contains(drawn.Figures[0].Says, "Not shown") || drawn.Figures[1].Drawing == "" {
		t.Errorf("%+v, %v", drawn, err)
	}
	merged, err := in.drawTable("t", figures.ReleasedTable{Rows: "theme", Cols: "role", Shown: &figures.Shown{
		Rows: []string{"voice", "force"}, Cols: []string{figures.Other}, Counts: [][]int{{40}, {30}},
	}}, name)
	if err != nil || len(merged.Figures) > 0 || !strings.Contains(merged.Says, "not told apart") {
		t.Errorf("%+v, %v", merged, err)
	}
}

func releaseOf(t *testing.T, h *house, first string) *figures.Release {
	t.Helper()
	list, err := h.config.Figures.Released(t.Context(), h.place.ID)
	h.must(err)
	r := releaseFrom(list, first)
	if r == nil {
		t.Fatal("no release of " + first)
	}
	return r
}

func TestChangedFiguresAreNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.countReports("2026-07-10", 120)
	r := h.draftRelease("2026-07-01")
	h.signRelease(r, 0)
	h.signRelease(r, 1)
	if _, err := h.db.NewRaw(`ALTER TABLE figure_release DISABLE TRIGGER USER`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.NewRaw(`UPDATE figure_release SET content = replace(content, '120', '900')`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := h.get(accountabilityPath)
	page.says(t, "The numbers stored here are not the ones the panel signed.")
	changed := regexp.MustCompile(`\b900\b`) // alone: the version of a file in its address can hold these digits
	if changed.MatchString(page.body) || strings.Contains(page.body, "<svg") {
		t.Error("changed figures are shown")
	}
	if file := h.get(accountabilityPath + "/2026-07-01.json"); file.StatusCode != http.StatusInternalServerError || changed.MatchString(file.body) {
		t.Errorf("the file: %d", file.StatusCode)
	}
}

// Why a period is refused, cells included, is for the panel that asked, and for nobody's log.
func TestARefusalNamesItsCellsToThePanelAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plan := figures.DefaultPlan(h.place.ID, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), []string{"ward", "day_clinic"})
	plan.Dimensions = []figures.Dimension{{Key: "service", Codes: []string{"service.ward", "service.day_clinic"}}, {Key: "seriousness", Codes: []string{"serious.1", "serious.2"}}}
	plan.Tables = []figures.TablePlan{{Key: "service_by_seriousness", Rows: "service", Cols: "seriousness"}}
	h.must(postgres.InClinic(t.Context(), h.db, h.place.ID, func(ctx context.Context, tx bun.Tx) error {
		if err := h.config.Figures.SetPlan(ctx, tx, h.place.ID, plan.Lines(), h.now); err != nil {
			return err
		}
		for cell, n := range map[[2]any]int{{"ward", 1}: 9, {"ward", 2}: 30, {"day_clinic", 1}: 30, {"", 1}: 22} {
			for range n {
				if _, err := figures.CountCoded(ctx, tx, h.place.ID, figures.Coded{Day: plan.From, Service: fmt.Sprint(cell[0]), Seriousness: cell[1].(int)}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	w := &witness{house: h}
	shot := shot{path: onPanel + "/releases", kind: jsonType, body: asJSON(map[string]any{"first": "2026-07-01"})}.as(w.signIn(0))
	got := w.do(shot.request(http.MethodPost))
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "service.ward / serious.1") || !strings.Contains(got.body, "problem:unsafe") {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
	if strings.Contains(h.log.String(), "service.ward") || strings.Contains(h.get(accountabilityPath).body, "service.ward") {
		t.Error("the refused cells are told to others")
	}
}

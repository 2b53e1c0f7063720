package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/review"
)

// Which numbers go out, for which times, no single member changes: not for what is released, and not for what is drafted while
// the others sign.
func TestThePanelDecidesTogetherWhichFiguresGoOut(t *testing.T) {
	h := newHouse(t)
	h.config.Keys.Settings = &review.Settings{Clinics: h.config.Clinics, Review: h.config.Review, Figures: h.config.Figures}
	h.countReports("2026-07-10", 200) // the first report brings a plan, which nobody decided
	w := &witness{house: h}
	member := w.signIn(0)
	plans := func() []*figures.Plan {
		t.Helper()
		all, err := h.config.Figures.Plans(t.Context(), h.place.ID)
		h.must(err)
		return all
	}
	begun := plans()[0]
	with := func(change func(p *figures.Plan)) string {
		t.Helper()
		next := *begun
		next.Version = 2
		change(&next)
		text, err := json.Marshal(next.Lines())
		h.must(err)
		return strings.Replace(settled, `"support"`, `"plan":`+string(text)+`,"support"`, 1)
	}
	sign := func(n int, body string) answer {
		r := settingsOf(body, [32]byte{})
		r.ClinicID, r.Day = h.place.ID, h.now
		signature := keyring.SignDecision(h.panel[n].Key, r.Lines())
		return w.do(shot{path: onPanel + "/decisions", kind: jsonType, body: asJSON(map[string]any{"lines": r.Lines(), "body": body, "signature": b64(signature)})}.as(w.signIn(n)).request(http.MethodPost))
	}

	// One of three is not enough, and what is drafted before the second one signs stays as it is.
	longer := with(func(p *figures.Plan) { p.Months = 6 })
	sign(0, longer).hasStatus(t, http.StatusCreated)
	if all := plans(); len(all) != 1 || all[0].DecidedOn != nil {
		t.Fatalf("one of three is enough: %v", all)
	}
	draft := h.draftRelease("2026-07-01")
	if got := sign(1, longer); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "is released or drafted by another plan. It may begin on 2026-10-01") {
		t.Errorf("a plan over a draft: %d %s", got.StatusCode, got.body)
	}
	october := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for want, body := range map[string]string{
		"is released or drafted by another plan":  with(func(p *figures.Plan) { p.From, p.K = begun.From, 12 }),
		"The next one begins on 2027-01-01":       with(func(p *figures.Plan) { p.From = october.AddDate(0, 1, 0) }),
		"begin it in a month that has not begun":  with(func(p *figures.Plan) { p.From, p.Tables, p.Dimensions = october, p.Tables[:1], p.Dimensions[:1] }),
		"k is 1, and must be from 5":              with(func(p *figures.Plan) { p.From, p.K = october, 1 }),
		"its version is 3, and the next one is 2": with(func(p *figures.Plan) { p.From, p.Version = october, 3 }),
		"it does not begin as a plan does":        strings.Replace(settled, `"support"`, `"plan":"no plan","support"`, 1),
		"Two groupings of the same thing tell": with(func(p *figures.Plan) {
			p.From, p.Dimensions = october, append(p.Dimensions[:4:4], figures.Dimension{Key: "again", Codes: p.Dimensions[1].Codes})
		}),
		"What one hides the other's totals could s": with(func(p *figures.Plan) {
			p.From, p.Tables = october, append(p.Tables[:4:4], figures.TablePlan{Key: "again", Rows: "theme", Cols: "service"})
		}),
	} {
		if got := sign(0, body); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", want, got.StatusCode, got.body)
		}
	}
	if got := w.do(shot{path: onPanel + "/figures/plans", kind: jsonType, body: asJSON(map[string]any{"lines": begun.Lines()})}.as(member).request(http.MethodPost)); got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusNotFound {
		t.Errorf("one member alone sets a plan: %d", got.StatusCode)
	}
	if len(plans()) != 1 {
		t.Fatal("a refused plan is kept")
	}

	// Decided by two, it is kept with its day for the times after, and what was drafted goes out as it was planned.
	good := with(func(p *figures.Plan) { p.From, p.Months, p.DelayDays, p.K = october, 6, 45, 12 })
	sign(0, good).hasStatus(t, http.StatusCreated)
	sign(1, good).hasStatus(t, http.StatusCreated)
	all := plans()
	if len(all) != 2 || all[0].K != 12 || all[0].DecidedOn == nil || !all[0].DecidedOn.Equal(h.now.UTC().Truncate(24*time.Hour)) || all[1].Lines() != begun.Lines() {
		t.Fatalf("two of three decided, and the plans are %v", all)
	}
	w.do(shot{path: onPanel + "/figures/plans"}.as(member).request(http.MethodGet)).says(t, `"decided_on":"`+h.now.UTC().Format(time.DateOnly)+`"`, `"decided_on":null`)
	w.do(shot{path: onPanel + "/settings"}.as(member).request(http.MethodGet)).says(t, `2026-10-01 6 45 12`)
	h.signRelease(draft, 0)
	h.signRelease(draft, 1)
	out, err := h.config.Figures.Released(t.Context(), h.place.ID)
	h.must(err)
	if len(out) != 1 || out[0].PlanVersion != 1 || out[0].Plan != begun.Lines() {
		t.Errorf("released by another plan: %v", out)
	}
	if c, err := out[0].Read(); err != nil || c.K != figures.K {
		t.Errorf("a later plan reaches a time that was drafted: %v, %v", c, err)
	}
}

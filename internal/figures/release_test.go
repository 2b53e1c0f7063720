package figures_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/transparency"
)

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

func TestNothingCountedIsASentence(t *testing.T) {
	p := newPlace(t)
	if _, err := p.figures.Draft(t.Context(), p.ClinicID, day("2026-04-01"), p.Reviewers[0].ID); !errors.Is(err, figures.ErrPeriod) {
		t.Errorf("got %v", err)
	}
	if list := p.released(t); list != nil {
		t.Errorf("released: %v", list)
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

package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// countReports lets made-up reports count in the quarter of a day.
func (p *place) countReports(t *testing.T, on time.Time, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 81))
	must(t, postgres.InClinic(t.Context(), p.keys.DB, p.clinicID, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			c := figures.Coded{Day: on, Seriousness: r.IntN(4)}
			for i, theme := range []string{"voice", "respect", "access", "force"} {
				if r.IntN(2+i) == 0 {
					c.Themes = append(c.Themes, theme)
				}
			}
			if _, err := figures.CountCoded(ctx, tx, p.clinicID, c); err != nil {
				return err
			}
		}
		return nil
	}))
}

// What a reader is shown holds against the panel's signed lists and the public log: a changed number, too few signatures and
// a release that is left out are found.
func TestReleasesAreHeldAgainstListsAndLog(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	over := p.now().AddDate(0, -5, 0) // its quarter ended more than 30 days ago
	p.countReports(t, over, 150)
	ledger, err := panel[0].FiguresLedger(t.Context(), testClinic)
	must(t, err)
	if n := len(ledger.Due); n < 2 || !ledger.Due[n-1].Ready || ledger.Due[n-1].Few || ledger.Due[0].Ready || !ledger.Due[0].Few {
		t.Fatalf("due: %+v", ledger.Due)
	}
	first := ledger.Due[len(ledger.Due)-1].First
	draft, err := panel[0].DraftRelease(t.Context(), testClinic, first)
	must(t, err)
	other := *draft
	other.Content = strings.Replace(draft.Content, "150", "155", 1)
	if _, err := panel[0].SignRelease(t.Context(), testClinic, &other, other.Hash()); !errors.Is(err, ErrFigures) {
		t.Errorf("signed tables that the lines do not name: %v", err)
	}
	signed, err := panel[0].SignRelease(t.Context(), testClinic, draft, draft.Hash())
	must(t, err)
	if signed.State != figures.StateDraft || len(signed.Signatures) != 1 {
		t.Errorf("after one signature: %+v", signed)
	}
	if list, err := p.client().Released(t.Context(), testClinic); err != nil || len(list) != 0 {
		t.Errorf("shown with one signature: %v, %v", list, err)
	}
	signed, err = panel[2].SignRelease(t.Context(), testClinic, draft, draft.Hash())
	must(t, err)
	if signed.State != figures.StateReleased {
		t.Errorf("after two signatures: %+v", signed)
	}
	list, err := p.client().Released(t.Context(), testClinic)
	if err != nil || len(list) != 1 || list[0].First != first {
		t.Fatalf("released: %v, %v", list, err)
	}
	for name, change := range map[string]func(body string) string{
		"another number":     func(body string) string { return strings.Replace(body, "150", "155", 1) },
		"left out":           func(body string) string { return body[:strings.Index(body, `"releases":`)] + `"releases":[]}` },
		"too few signatures": func(body string) string { return strings.Replace(body, panel[0].ID, "raaaaaaaa", 1) },
	} {
		p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasSuffix(r.URL.Path, "/releases") {
				next.ServeHTTP(w, r)
				return
			}
			kept := httptest.NewRecorder()
			next.ServeHTTP(kept, r)
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(change(kept.Body.String())))
		})
		if _, err := p.client().Released(t.Context(), testClinic); !errors.Is(err, ErrFigures) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A server that shows one draft, and gives another under the same id when it is to be signed, gets no signature at all: not
// even where the other one is drafted as it should be.
func TestExactlyTheFiguresThatWereShownAreSigned(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.countReports(t, p.now().AddDate(0, -5, 0), 150)
	ledger, err := panel[0].FiguresLedger(t.Context(), testClinic)
	must(t, err)
	shown, err := panel[0].DraftRelease(t.Context(), testClinic, ledger.Due[len(ledger.Due)-1].First)
	must(t, err)
	another := strings.Replace(shown.Content, `"reports":150`, `"reports":155`, 1)
	if another == shown.Content {
		t.Fatalf("nothing is changed in %s", shown.Content)
	}
	parts := strings.Split(shown.Lines, "\n")
	sum := sha256.Sum256([]byte(another))
	parts[7] = base64.StdEncoding.EncodeToString(sum[:])
	sent := 0
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/signatures") {
			sent++
		}
		if !strings.HasPrefix(r.URL.Path, panelAPI) || !strings.HasSuffix(r.URL.Path, "/releases") {
			next.ServeHTTP(w, r)
			return
		}
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		var ledger FiguresLedger
		must(t, json.Unmarshal(kept.Body.Bytes(), &ledger))
		ledger.Releases[0].Content, ledger.Releases[0].Lines = another, strings.Join(parts, "\n")
		w.Header().Set("Content-Type", "application/json")
		must(t, json.MarshalWrite(w, &ledger))
	})
	ledger, err = panel[0].FiguresLedger(t.Context(), testClinic)
	must(t, err)
	given := &ledger.Releases[0]
	if c, err := given.Tables(p.clinicID); given.ID != shown.ID || err != nil || c.Reports != 155 {
		t.Fatalf("given %+v, %v", given, err)
	}
	for _, hash := range []string{shown.Hash(), "", shown.Hash()[:63]} {
		if _, err := panel[0].SignRelease(t.Context(), testClinic, given, hash); !errors.Is(err, ErrOtherFigures) || sent != 0 {
			t.Errorf("signed another draft as %q, %d signatures sent: %v", hash, sent, err)
		}
	}
	if _, err := panel[0].SignRelease(t.Context(), testClinic, shown, strings.ToUpper(shown.Hash())); err != nil || sent != 1 {
		t.Errorf("what was shown: %d sent, %v", sent, err)
	}
}

// A server that forgets what was released, and drafts the same days again, gets no signature; should enough have signed
// nevertheless, no reader is shown both.
func TestDaysAreReleasedOnce(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.countReports(t, p.now().AddDate(0, -5, 0), 150)
	ledger, err := panel[0].FiguresLedger(t.Context(), testClinic)
	must(t, err)
	draft, err := panel[0].DraftRelease(t.Context(), testClinic, ledger.Due[len(ledger.Due)-1].First)
	must(t, err)
	for _, r := range panel[:2] {
		_, err := r.SignRelease(t.Context(), testClinic, draft, draft.Hash())
		must(t, err)
	}
	another := *draft
	another.Content = strings.Replace(draft.Content, `"reports":150`, `"reports":155`, 1)
	sum := sha256.Sum256([]byte(another.Content))
	parts := strings.Split(draft.Lines, "\n")
	parts[7] = base64.StdEncoding.EncodeToString(sum[:])
	another.Lines = strings.Join(parts, "\n")
	if _, err := another.Tables(p.clinicID); err != nil {
		t.Fatal(err)
	}
	if _, err := panel[0].SignRelease(t.Context(), testClinic, &another, another.Hash()); !errors.Is(err, ErrFigures) || !strings.Contains(err.Error(), "in a release already") {
		t.Errorf("the same days again: %v", err)
	}
	leaf := figures.ReleaseLeaf(another.Lines, []keyring.Signature{
		{ReviewerID: panel[0].ID, Signature: figures.SignRelease(panel[0].key, another.Lines)},
		{ReviewerID: panel[1].ID, Signature: figures.SignRelease(panel[1].key, another.Lines)},
	})
	must(t, p.keys.DB.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error { return transparency.Append(ctx, tx, leaf) }))
	if _, err := p.client().Released(t.Context(), testClinic); !errors.Is(err, ErrFigures) {
		t.Errorf("the log has the same days twice: %v", err)
	}
}

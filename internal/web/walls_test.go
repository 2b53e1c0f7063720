package web

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// watchWalls reports what a house's site asks the database outside a clinic's walls, when the test has ended.
func (h *house) watchWalls() {
	watch := newWallWatch(h)
	h.wire(h.db.WithQueryHook(watch))
	h.t.Cleanup(func() { watch.report(h.t) })
}

// oneConnection is all that the site gets from here on. Behind the walls a request holds a connection; if it then asked for
// a second one, enough requests at once would wait for each other, and so does a single one now.
func (h *house) oneConnection() { h.db.SetMaxOpenConns(1) }

func TestRequestsStandBehindTheWalls(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	watch := newWallWatch(h)
	h.wire(h.db.WithQueryHook(watch))
	h.oneConnection()
	h.tell("words", "told").hasStatus(t, 200)
	for _, path := range []string{"/c/riverside", tellPath, "/c/riverside/keys", "/c/riverside/accountability", "/c/riverside/mailbox", "/api/v1/c/riverside/chain", "/api/v1/c/riverside/releases", "/api/v1/c/riverside/promises"} {
		h.get(path).hasStatus(t, 200)
	}
	if watch.inside < 30 {
		t.Errorf("only %d statements about clinics' rows were seen behind the walls", watch.inside)
	}
}

// wallWatch collects the statements that a site sends about clinics' rows without standing behind a clinic's walls.
type wallWatch struct {
	mu        sync.Mutex
	ofClinics map[string]bool // tables whose rows a clinic's walls divide
	outside   map[string]bool
	inside    int
}

func newWallWatch(h *house) *wallWatch {
	h.t.Helper()
	w := &wallWatch{ofClinics: map[string]bool{}, outside: map[string]bool{}}
	var tables []string
	h.must(h.db.NewRaw(`SELECT DISTINCT tablename FROM pg_policies WHERE policyname = 'one_clinic'`).Scan(h.t.Context(), &tables))
	for _, table := range tables {
		w.ofClinics[table] = true
	}
	if len(w.ofClinics) < 25 {
		h.t.Fatalf("only %d tables have a clinic's walls", len(w.ofClinics))
	}
	return w
}

// BeforeQuery does nothing.
func (w *wallWatch) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

var (
	tableNamed = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+"?([a-z_]+)"?`)
	valueIn    = regexp.MustCompile(`'[^']*'`)
)

// AfterQuery looks at what a request asked: a request's context has a deadline, that of a test has none.
func (w *wallWatch) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	if _, request := ctx.Deadline(); !request {
		return
	}
	_, behind := postgres.Within(ctx, nil).(bun.Tx)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range tableNamed.FindAllStringSubmatch(e.Query, -1) {
		switch {
		case !w.ofClinics[m[1]]:
		case behind:
			w.inside++
		default:
			w.outside[valueIn.ReplaceAllString(strings.Join(strings.Fields(e.Query), " "), "'…'")] = true
		}
	}
}

// beforeTheWalls are the statements that have to stand before them: which clinic is it, which are there, on whose panel
// does somebody sit, taking a seat, giving and ending a place on the clinic's side, and a clinic that is new.
var beforeTheWalls = []string{
	`SELECT "clinic"."id" FROM "clinic" WHERE (slug = '…')`,
	`SELECT "clinic"."id", "clinic"."slug", "clinic"."name",`,
	`SELECT "membership"."clinic_id" FROM "panel_member" AS "membership" WHERE (reviewer_id = '…')`,
	`INSERT INTO "panel_member"`,
	`INSERT INTO "liaison"`,
	`UPDATE "liaison" AS "liaison" SET joined_on`,
	`UPDATE "liaison" AS "liaison" SET left_on`,
	`INSERT INTO "clinic"`,
}

func (w *wallWatch) report(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for query := range w.outside {
		allowed := false
		for _, start := range beforeTheWalls {
			allowed = allowed || strings.HasPrefix(query, start)
		}
		if !allowed {
			t.Errorf("this ran outside every clinic's walls: %s", query)
		}
	}
}

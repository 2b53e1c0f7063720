package metrics

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/pb33f/go-yaml"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// watched is a place with an open form, and its exporter.
type watched struct {
	*Exporter
	t      *testing.T
	panel  *keyringtest.Place
	intake *intake.Store
	told   int
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	db := pgtest.New(t)
	now := func() time.Time { return time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC) }
	w := &watched{t: t, panel: keyringtest.New(t, db, now)}
	w.panel.Deal(t, now())
	w.intake = &intake.Store{DB: db, Origin: keyringtest.Origin, Tickets: w.panel.Tickets, Keys: w.panel.Keys, Now: now}
	w.Exporter = New(&Place{
		DB: db, Clinics: &clinic.Store{DB: db, Now: now}, Keys: w.panel.Keys, BatchEvery: 24 * time.Hour, Data: t.TempDir(), Now: now,
		CertEnds:  func() time.Time { return now().AddDate(0, 0, 80) },
		Witnesses: func() []bool { return []bool{true, false, true} },
	})
	w.Observe(t.Context())
	return w
}

// scrape is what a Prometheus reads now.
func (w *watched) scrape() string {
	w.t.Helper()
	r := httptest.NewRecorder()
	w.Handler().ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if r.Code != http.StatusOK {
		w.t.Fatalf("status %d: %s", r.Code, r.Body)
	}
	return r.Body.String()
}

// value is one figure of a scrape; NaN when it is not there.
func (w *watched) value(name string) float64 {
	w.t.Helper()
	for _, line := range strings.Split(w.scrape(), "\n") {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			var v float64
			if _, err := fmt.Sscan(rest, &v); err != nil {
				w.t.Fatal(err)
			}
			return v
		}
	}
	return math.NaN()
}

func (w *watched) tell() {
	w.t.Helper()
	w.told++
	receipt, err := seal.NewReceipt(strings.NewReader(strings.Repeat(string(rune('A'+w.told)), 64)))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.intake.SealAndSubmit(context.Background(), w.panel.ClinicID, receipt, "en", "f", []seal.Answer{{Q: "words", A: "CANARY"}}); err != nil {
		w.t.Fatal(err)
	}
}

// Whoever scrapes every few seconds must not learn in which of them somebody wrote, not even across the hour at which
// figures are read.
func TestScrapeDoesNotTellThatSomebodyWrote(t *testing.T) {
	w := newWatched(t)
	before := w.scrape()
	for range 12 {
		w.tell()
		if after := w.scrape(); after != before {
			t.Fatalf("a scrape changed with a message:\n%s\n%s", before, after)
		}
	}
	w.Observe(t.Context())
	if after := w.scrape(); after != before {
		t.Errorf("an hour later a scrape tells of what waits:\n%s\n%s", before, after)
	}
}

// What jumps with every request, whatever its name, has no place here.
func TestScrapeHoldsOnlyWhatWasArguedFor(t *testing.T) {
	w := newWatched(t)
	w.BatchRan(t.Context(), 3)
	argued := regexp.MustCompile(`^answerable_(build_info|database_up|batch_(slot_timestamp_seconds|files_at_least|failures_total|interval_seconds)|forms_without_key|key_days_left|database_bytes_at_most|data_disk_free_ratio|certificate_not_after_timestamp_seconds|witnesses(_down)?)(\{go="go[^"]*",version="[^"]*"\})? `)
	for _, line := range strings.Split(strings.TrimSpace(w.scrape()), "\n") {
		if !strings.HasPrefix(line, "#") && !argued.MatchString(line) {
			t.Errorf("nobody has argued for %s", line)
		}
		if strings.Contains(line, "riverside") {
			t.Errorf("a clinic is named: %s", line)
		}
	}
}

func TestFewFilesAreNone(t *testing.T) {
	for n, want := range map[int]float64{0: 0, 1: 0, 9: 0, 10: 10, 99: 10, 100: 100, 12345: 10000} {
		if got := downToTen(n); got != want {
			t.Errorf("%d files are shown as %v, want %v", n, got, want)
		}
	}
}

func TestFiguresSayWhatIs(t *testing.T) {
	w := newWatched(t)
	if _, err := w.place.DB.NewRaw(`UPDATE instance SET batch_slot = 1795305600`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.BatchFailed()
	w.BatchRan(t.Context(), 120)
	for name, want := range map[string]float64{
		"answerable_database_up": 1, "answerable_batch_slot_timestamp_seconds": 1795305600, "answerable_batch_files_at_least": 100,
		"answerable_batch_failures_total": 1, "answerable_batch_interval_seconds": 86400, "answerable_forms_without_key": 0,
		"answerable_certificate_not_after_timestamp_seconds": float64(w.place.Now().AddDate(0, 0, 80).Unix()),
		"answerable_witnesses":                               3, "answerable_witnesses_down": 1,
	} {
		if got := w.value(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := w.value("answerable_key_days_left"); !(got >= 1 && got < 100) {
		t.Errorf("a key of about a month is good for %v days", got)
	}
	if got := w.value("answerable_database_bytes_at_most"); got != math.Exp2(math.Round(math.Log2(got))) || got < 1<<20 {
		t.Errorf("the size is %v", got)
	}
	if got := w.value("answerable_data_disk_free_ratio"); !(got >= 0 && got <= 1) || math.Abs(got*20-math.Round(got*20)) > 1e-9 {
		t.Errorf("the disk is free to %v", got)
	}
	if _, err := w.place.DB.NewRaw(`UPDATE epoch SET state = 'revoked', revoked_on = '2026-11-22'`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Observe(t.Context())
	if without, days := w.value("answerable_forms_without_key"), w.value("answerable_key_days_left"); without != 1 || days != 0 {
		t.Errorf("without a key: %v forms, %v days", without, days)
	}
	away, err := postgres.Open("postgres://nobody@127.0.0.1:1/nowhere?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	w.place.DB = away
	w.Observe(t.Context())
	if up, slot := w.value("answerable_database_up"), w.value("answerable_batch_slot_timestamp_seconds"); up != 0 || !math.IsNaN(slot) {
		t.Errorf("without a database: up %v, slot %v", up, slot)
	}
}

func TestDaysLeftCountsKeysThatFollowOneAnother(t *testing.T) {
	now := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	key := func(state string, from, to int) keyring.Epoch {
		day := now.Truncate(24 * time.Hour)
		return keyring.Epoch{Effective: state, NotBefore: day.AddDate(0, 0, from), NotAfter: day.AddDate(0, 0, to)}
	}
	for name, row := range map[string]struct {
		epochs []keyring.Epoch
		want   int
	}{
		"no key":               {nil, -1},
		"only one to come":     {[]keyring.Epoch{key(keyring.StateLogged, 3, 30)}, -1},
		"one":                  {[]keyring.Epoch{key(keyring.StateActive, -20, 10)}, 10},
		"another follows":      {[]keyring.Epoch{key(keyring.StateActive, -20, 10), key(keyring.StateLogged, 11, 41)}, 41},
		"a hole":               {[]keyring.Epoch{key(keyring.StateActive, -20, 10), key(keyring.StateLogged, 13, 41)}, 10},
		"one that nobody took": {[]keyring.Epoch{key(keyring.StateActive, -20, 10), key(keyring.StateOffered, 11, 41)}, 10},
		"past its end":         {[]keyring.Epoch{key(keyring.StateActive, -40, -1)}, 0},
	} {
		if got := daysLeft(row.epochs, now); got != row.want {
			t.Errorf("%s: %d days, want %d", name, got, row.want)
		}
	}
}

// The examples ask only for what there is, and every figure is in one of them.
func TestExamplesAskForWhatThereIs(t *testing.T) {
	w := newWatched(t)
	exported := map[string]bool{}
	lines := bufio.NewScanner(strings.NewReader(w.scrape()))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 3 && fields[1] == "TYPE" {
			exported[fields[2]] = true
		}
	}
	asked := map[string]bool{}
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		text, err := os.ReadFile("../../charts/observability/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") {
			var any map[string]any
			if err := json.Unmarshal(text, &any); err != nil {
				t.Error(err)
			}
		}
		for _, name := range regexp.MustCompile(`\banswerable_\w+`).FindAllString(string(text), -1) {
			asked[name] = true
			if !exported[name] {
				t.Errorf("%s asks for %s, which is not there", file, name)
			}
		}
	}
	for name := range exported {
		if !asked[name] {
			t.Errorf("neither example asks for %s", name)
		}
	}
}

func TestListenerServesMetricsAndNothingElse(t *testing.T) {
	w := newWatched(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx, listener) }()
	for path, want := range map[string]int{"/metrics": 200, "/": 404, "/c/riverside": 404, "/debug/pprof/": 404} {
		response, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("at the end: %v", err)
	}
}

// Each danger that somebody has to be called for has an alert, and each alert says what to do.
func TestAlertsCoverEveryDanger(t *testing.T) {
	text, err := os.ReadFile("../../charts/observability/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	looked := ""
	for _, rule := range file.Groups[0].Rules {
		looked += rule.Expr + "\n"
		if !slices.Contains([]string{"page", "ticket"}, rule.Labels["severity"]) || rule.Annotations["summary"] == "" || rule.Annotations["do"] == "" {
			t.Errorf("%s does not say how urgent it is, what it means and what to do", rule.Alert)
		}
	}
	for danger, figure := range map[string]string{
		"the server is away": "up{", "the database is away": "database_up", "a batch is late": "batch_slot_timestamp_seconds", "keys run out": "key_days_left",
		"witnesses are down": "witnesses_down", "the disk fills": "data_disk_free_ratio", "the certificate ends": "certificate_not_after",
	} {
		if !strings.Contains(looked, figure) {
			t.Errorf("nobody is called when %s", danger)
		}
	}
}

package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/review"
	"answerable/internal/setup"
	"answerable/internal/transparency"
	"answerable/internal/web"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// house is a place that is served over TLS by a proxy, which a test can bend.
type house struct {
	*Place
	t       *testing.T
	panel   *keyringtest.Place
	log     *transparency.Log
	change  func(*http.Response) error // what the proxy does to answers
	minimum uint16                     // of TLS
}

func newHouse(t *testing.T) *house {
	t.Helper()
	db := pgtest.New(t)
	now := func() time.Time { return time.Now().UTC() }
	h := &house{t: t, panel: keyringtest.New(t, db, now), minimum: tls.VersionTLS12}
	h.panel.Deal(t, now())
	accounts := h.panel.Keys.Accounts
	clinics := &clinic.Store{DB: db, Now: now}
	front := httptest.NewUnstartedServer(nil)
	front.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c := front.TLS.Clone()
		c.MinVersion, c.GetConfigForClient = h.minimum, nil
		return c, nil
	}}
	address := "https://" + front.Listener.Addr().String()
	skey, vkey, err := note.GenerateKey(rand.Reader, keyringtest.Origin)
	h.must(err)
	h.log = &transparency.Log{DB: db, VKey: vkey, Memory: &transparency.Memory{}}
	h.log.Signer, err = note.NewSigner(skey)
	h.must(err)
	h.log.Verifier, err = note.NewVerifier(vkey)
	h.must(err)
	h.owns("v1", web.Scripts())
	app := web.New(web.Config{
		TransparencyLog: h.log,
		DB:              db, Origin: keyringtest.Origin, WebOrigins: []string{address}, Clinics: clinics, Keys: h.panel.Keys, Accounts: accounts,
		Intake: &intake.Store{DB: db, Origin: keyringtest.Origin, Tickets: h.panel.Tickets, Keys: h.panel.Keys, Now: now},
		Review: &review.Store{DB: db, Now: now}, Now: now, BatchEvery: 24 * time.Hour,
	})
	behind, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	go app.Listener(behind)
	t.Cleanup(func() { app.Shutdown() })
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: behind.Addr().String()})
		r.Out.Host = r.In.Host
		r.Out.Header.Del("Accept-Encoding") // so that a test can change a page
	}}
	proxy.ModifyResponse = func(r *http.Response) error {
		if h.change == nil {
			return nil
		}
		return h.change(r)
	}
	front.Config.Handler, front.Config.ErrorLog = proxy, log.New(io.Discard, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)

	roots := x509.NewCertPool()
	roots.AddCert(front.Certificate())
	_, err = db.NewRaw(`UPDATE instance SET batch_slot = ?`, now().Truncate(24*time.Hour).Unix()).Exec(t.Context())
	h.must(err)
	h.Place = &Place{
		URL: address, Roots: roots, DB: db, Setup: &setup.Store{Clinics: clinics, Accounts: accounts, Keys: h.panel.Keys},
		BatchEvery: 24 * time.Hour, Backups: t.TempDir(), Wraps: t.TempDir(), Folders: []string{t.TempDir()}, Now: now,
	}
	h.copyOf(h.Backups, 1)
	h.copyOf(h.Wraps, 1)
	return h
}

// owns puts a leaf about page code into the log.
func (h *house) owns(release string, files map[string][32]byte) {
	h.t.Helper()
	h.must(h.log.LogCode(context.Background(), release, files))
	h.must(h.log.SignNow(context.Background()))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// copyOf puts a copy of some days ago into a folder.
func (h *house) copyOf(dir string, daysAgo int) {
	h.t.Helper()
	day := filepath.Join(dir, h.Now().AddDate(0, 0, -daysAgo).Format(time.DateOnly))
	h.must(os.MkdirAll(day, 0o700))
	h.must(os.WriteFile(filepath.Join(day, "manifest.json.age"), nil, 0o600))
}

// of gives the findings of one check that are not well.
func (h *house) of(check string) (found []Finding) {
	h.t.Helper()
	for _, f := range h.Examine(context.Background()) {
		if f.Check == check && f.State != OK {
			found = append(found, f)
		}
		if f.State == Bad && f.Do == "" {
			h.t.Errorf("nothing to do about %+v", f)
		}
	}
	return found
}

// wants needs a finding of a check in a state that says something.
func (h *house) wants(check string, state State, says string) {
	h.t.Helper()
	found := h.of(check)
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.State == state && strings.Contains(f.Say, says) }) {
		h.t.Errorf("%s is %+v, want %s: %s", check, found, state, says)
	}
}

func TestPlaceThatIsWellIsGreen(t *testing.T) {
	h := newHouse(t)
	for _, f := range h.Examine(t.Context()) {
		switch f.Check {
		case "disk", "swap": // of the machine that tests run on
		case "script": // without `make build` no page has one
		case "clinic riverside": // a panel of a test has no steward and no charter
		case "clock": // a machine of tests may have nobody who keeps its clock
			if f.State == Bad {
				t.Errorf("%+v", f)
			}
		default:
			if f.State != OK {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestWhatAProxyChangesIsFound(t *testing.T) {
	h := newHouse(t)
	body := func(add string) func(*http.Response) error {
		return func(r *http.Response) error {
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				return nil
			}
			r.Body = io.NopCloser(io.MultiReader(r.Body, strings.NewReader(add)))
			r.Header.Del("Content-Length")
			r.ContentLength = -1
			return nil
		}
	}
	for _, bent := range []struct {
		check, says string
		change      func(*http.Response) error
	}{
		{"headers", "something adds the header Set-Cookie", func(r *http.Response) error { r.Header.Set("Set-Cookie", "seen=1"); return nil }},
		{"headers", "Content-Security-Policy is missing or weakened", func(r *http.Response) error { r.Header.Del("Content-Security-Policy"); return nil }},
		{"headers", "lets in 'self' https://cdn.example", func(r *http.Response) error {
			p := r.Header.Get("Content-Security-Policy")
			r.Header.Set("Content-Security-Policy", strings.Replace(p, "script-src 'self'", "script-src 'self' https://cdn.example", 1))
			return nil
		}},
		{"headers", `Cache-Control is "public"`, func(r *http.Response) error { r.Header.Set("Cache-Control", "public"); return nil }},
		{"headers", "Strict-Transport-Security is missing", func(r *http.Response) error { r.Header.Del("Strict-Transport-Security"); return nil }},
		{"script", "holds a script that is not ours", body("<script>spy()</script>")},
		{"script", "loads something from another site", body(`<img src="https://counter.example/x.gif">`)},
		{"script", "is in no leaf of the log", body(`<script src="/static/app.css?v=0000"></script>`)},
		{"web", "answers with status 503", func(r *http.Response) error { r.StatusCode = 503; return nil }},
		{"web", "it leads to https://elsewhere.example", func(r *http.Response) error {
			r.StatusCode = 302
			r.Header.Set("Location", "https://elsewhere.example/")
			return nil
		}},
		{"clock", "The server's clock and this machine's are", func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(-3*time.Hour).UTC().Format(http.TimeFormat))
			return nil
		}},
	} {
		h.change = bent.change
		if bent.says == "is in no leaf of the log" {
			h.change = func(r *http.Response) error {
				if r.Request.URL.Path == "/static/app.css" {
					r.Body = io.NopCloser(strings.NewReader("spy()"))
					r.Header.Del("Content-Length")
					r.Header.Del("Content-Encoding")
					r.ContentLength = -1
				}
				return bent.change(r)
			}
		}
		h.wants(bent.check, Bad, bent.says)
	}
}

// Scripts are held against the newest leaf that names page code, not against what happens to lie on the operator's machine.
func TestOldScriptsAreFound(t *testing.T) {
	h := newHouse(t)
	h.change = func(r *http.Response) error { // a page with a script, whether the page scripts were built or not
		if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			r.Body = io.NopCloser(io.MultiReader(r.Body, strings.NewReader(`<script src="/static/app.css?v=0000"></script>`)))
			r.Header.Del("Content-Length")
			r.ContentLength = -1
		}
		return nil
	}
	if found := h.of("script"); len(found) != 0 {
		t.Errorf("scripts as the log names them: %+v", found)
	}
	newer := web.Scripts()
	newer["app.css"] = [32]byte{1}
	h.owns("v2", newer)
	h.wants("script", Bad, "app.css is an old one, of the release v1; the newest that the log names is v2.")
	if _, err := h.DB.ExecContext(t.Context(), `DELETE FROM log_leaf WHERE convert_from(leaf, 'UTF8') LIKE E'%\ncode\n%'`); err != nil {
		t.Fatal(err)
	}
	h.wants("script", Bad, "The scripts cannot be held against the log")
}

func TestWeakTLSIsFound(t *testing.T) {
	h := newHouse(t)
	h.minimum = tls.VersionTLS10
	h.wants("tls", Bad, "TLS 1.1 or older is accepted")
	h.minimum = tls.VersionTLS12
	h.Roots = x509.NewCertPool()
	h.wants("tls", Bad, "No safe connection is possible")
	h = newHouse(t)
	real := h.Now
	h.Now = func() time.Time { return real().AddDate(100, 0, 0) } // the test server's certificate ends in 2084
	h.wants("tls", Bad, "The certificate ends on")
	h.URL = "http://words.example.invalid"
	h.wants("tls", Bad, "On plain http no browser can lock")
}

func TestDatabaseThatIsNotWellIsFound(t *testing.T) {
	h := newHouse(t)
	exec := func(statement string) {
		t.Helper()
		_, err := h.DB.ExecContext(t.Context(), statement)
		h.must(err)
	}
	exec(`UPDATE instance SET batch_slot = batch_slot - 2 * 86400`)
	h.wants("batch", Bad, "The last batch is that of")
	exec(`UPDATE instance SET batch_slot = 0`)
	h.wants("batch", Warn, "No batch has run yet")

	h.wants("clinic riverside", Bad, "charter")
	exec(`UPDATE clinic SET open = false`)
	if slices.ContainsFunc(h.of("clinic riverside"), func(f Finding) bool { return f.State == Bad }) {
		t.Error("a closed form that lacks something is called bad")
	}
	exec(`UPDATE panel_member SET joined_on = CURRENT_DATE + 40`)
	h.wants("clock", Bad, "which has not come")

	h.DB.SetMaxOpenConns(1)
	exec(`SET log_statement = 'all'`)
	h.wants("postgres-settings", Bad, "log_statement = all")
	exec(`DROP TABLE clinic CASCADE`)
	h.wants("clinics", Bad, "could not be read")
	exec(`DELETE FROM bun_migrations`)
	h.wants("database", Bad, "the database is older than this program")

	away, err := postgres.Open("postgres://nobody@127.0.0.1:1/nowhere?sslmode=disable")
	h.must(err)
	defer away.Close()
	h.DB = away
	h.wants("database", Bad, "connect")
}

func TestClockThatIsOffIsFound(t *testing.T) {
	h := newHouse(t)
	real := h.Now
	h.Now = func() time.Time { return real().Add(10 * time.Minute) }
	h.wants("clock", Warn, "10m0s apart")
	h.Now = func() time.Time { return real().Add(-5 * time.Hour) }
	h.wants("clock", Bad, "5h0m0s apart")
}

func TestCopiesThatAreOldAreFound(t *testing.T) {
	h := newHouse(t)
	empty := t.TempDir()
	h.Backups = empty
	h.wants("backup", Bad, "There is no copy")
	h.copyOf(empty, 20)
	h.wants("backup", Bad, "20 days old")
	h.copyOf(empty, 4)
	h.wants("backup", Warn, "4 days old")
	h.must(os.MkdirAll(filepath.Join(empty, h.Now().Format(time.DateOnly)), 0o700)) // unfinished: no manifest
	h.wants("backup", Warn, "4 days old")
	h.copyOf(h.Wraps, 40)
	h.wants("backup of wraps", Bad, "none is kept longer than 35 days")
	h.Backups = filepath.Join(empty, "nowhere")
	h.wants("backup", Bad, "cannot be read")
	h.Backups = ""
	h.wants("backup", Skipped, "No folder of copies was named")
}

func TestMachineThatIsNotWellIsFound(t *testing.T) {
	h := newHouse(t)
	key := filepath.Join(t.TempDir(), "ticket.key")
	h.Keys = []string{key}
	h.wants("keys", Bad, "cannot be read")
	h.must(os.WriteFile(key, nil, 0o644))
	h.wants("keys", Bad, "can be read by others")
	h.must(os.Chmod(key, 0o600))
	if bad := h.of("keys"); len(bad) > 0 {
		t.Errorf("%+v", bad)
	}
	for free, want := range map[int]State{2: Bad, 3: Warn, 14: Warn, 15: OK} {
		if got := diskState(free); got != want {
			t.Errorf("%d %% free is %s, want %s", free, got, want)
		}
	}
	const header = "Filename\tType\tSize\tUsed\tPriority\n"
	for swaps, want := range map[string]State{header: OK, header + "/dev/zram0 partition 1 0 100\n": OK, header + "/dev/sda2 partition 1 0 -2\n": Warn} {
		r := &report{}
		swapFinding(r, []byte(swaps))
		if got := r.findings[0].State; got != want {
			t.Errorf("%q is %s, want %s", swaps, got, want)
		}
	}
}

// What is told never comes near the report.
func TestDoctorPrintsNothingThatWasTold(t *testing.T) {
	h := newHouse(t)
	_, err := h.DB.NewRaw(`
		INSERT INTO pending
		SELECT sha256('a'), clinic.id, epoch.id, substr(repeat('CANARY', 3100), 1, 18043)::bytea,
		       sha256('b'), sha256('c'), sha256('d'), 'CANARY', 'CANARY'
		FROM clinic, epoch
		LIMIT 1`).Exec(t.Context())
	h.must(err)
	var said bytes.Buffer
	for _, f := range h.Examine(t.Context()) {
		said.WriteString(f.Say + f.Do)
	}
	if strings.Contains(said.String(), "CANARY") {
		t.Error("the report repeats what was told")
	}
}

func TestAnswersPackedOnTheWayAreFound(t *testing.T) {
	h := newHouse(t)
	if found := h.of("packing"); len(found) > 0 {
		t.Errorf("as it is: %+v", found)
	}
	h.change = func(r *http.Response) error {
		if r.Request.Method == http.MethodPost {
			r.Header.Set("Content-Encoding", "gzip")
		}
		return nil
	}
	h.wants("packing", Bad, "come packed (gzip)")
}

func TestWitnessesThatAreDownAreFound(t *testing.T) {
	h := newHouse(t)
	says := func(body string) {
		h.change = func(r *http.Response) error {
			if r.Request.URL.Path != "/api/v1/log" {
				return nil
			}
			r.Body.Close()
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		}
	}
	says(`{"signed":7,"published":7,"policy":"quorum none","witnesses":[{"name":"partner.example/witness","size":7,"down":false}]}`)
	if found := h.of("witnesses"); len(found) > 0 {
		t.Errorf("with one that answers: %+v", found)
	}
	says(`{"signed":9,"published":7,"policy":"quorum none","witnesses":[{"name":"partner.example/witness","size":7,"down":true},{"name":"other.example/witness","size":9,"down":false}]}`)
	h.wants("witnesses", Warn, "partner.example/witness did not answer")
	h.wants("witnesses", Warn, "The newest 2 leaves of the log wait for witnesses")
	says(`nothing`)
	h.wants("witnesses", Bad, "does not read")
}

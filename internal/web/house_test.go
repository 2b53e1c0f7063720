package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"
	"github.com/valyala/fasthttp"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/liaison"
	"answerable/internal/mailbox"
	"answerable/internal/notice"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const testOrigin = keyringtest.Origin

// house is a whole site on a database of its own: the clinic riverside with a panel of three and an epoch in use.
type house struct {
	t      testing.TB
	app    *fiber.App
	config Config
	db     *bun.DB
	place  *clinic.Clinic
	keys   *keyringtest.Place
	panel  []keyringtest.Reviewer
	epoch  *age.HybridIdentity // the private half, which no server has
	log    *bytes.Buffer
	now    time.Time
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t), log: &bytes.Buffer{}, now: time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC)}
	now := func() time.Time { return h.now }
	h.place = &clinic.Clinic{
		Slug: "riverside", Name: "Riverside Clinic", RetentionDays: 180,
		LegalNotice: "If a child is in danger now, the panel has to tell the child office.",
		Services:    []clinic.Service{{Code: "ward", Label: "The ward"}, {Code: "day_clinic", Label: "The day clinic"}},
	}
	clinics := &clinic.Store{DB: h.db, Now: now}
	h.must(clinics.Add(t.Context(), h.place))
	p := keyringtest.NewPanel(t, h.db, now, h.place.ID)
	h.keys, h.panel = p, p.Reviewers
	h.epoch = p.Epochs[p.Deal(t, h.now).ID]
	h.must(clinics.SetOpen(t.Context(), h.place.ID, true))
	h.config = Config{
		DB: h.db, Origin: testOrigin, WebOrigins: p.Keys.Accounts.Origins, Now: now,
		Clinics: clinics, Keys: p.Keys, Accounts: p.Keys.Accounts,
		Intake: &intake.Store{DB: h.db, Origin: testOrigin, Tickets: p.Tickets, Keys: p.Keys, Now: now},
		Review: &review.Store{DB: h.db, Now: now}, Mailboxes: &mailbox.Store{DB: h.db, Now: now},
		Figures:  &figures.Store{DB: h.db, Keys: p.Keys, Now: now},
		Liaisons: &liaison.Store{DB: h.db, Now: now}, Promises: &promise.Store{DB: h.db, Now: now},
		Log:     slog.New(slog.NewTextHandler(h.log, nil)),
		Notices: &notice.Sender{Joined: filepath.Join(t.TempDir(), "joined"), Now: now},
	}
	h.config.TransparencyLog = newLog(t, h.db)
	h.config.Exports = &export.Store{DB: h.db, Origin: testOrigin, Keys: p.Keys, Figures: h.config.Figures, Log: h.config.TransparencyLog, Now: now, Promises: &promise.Store{DB: h.db, Now: now}}
	h.watchWalls()
	return h
}

// newLog makes a log with a key of its own.
func newLog(t testing.TB, db *bun.DB) *transparency.Log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	l := &transparency.Log{DB: db, VKey: vkey, Memory: &transparency.Memory{}}
	var errs [2]error
	l.Signer, errs[0] = note.NewSigner(skey)
	l.Verifier, errs[1] = note.NewVerifier(vkey)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return l
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// addSupportLine gives the clinic a line with everything that one can have.
func (h *house) addSupportLine() {
	h.t.Helper()
	h.must(h.config.Clinics.AddSupportLine(h.t.Context(), &clinic.SupportLine{
		ClinicID: h.place.ID, Name: "River peers", What: "Somebody to talk to, day and night.", RunByPeers: true,
		ContactsEmergencyServices: "never", MandatoryReporting: "none", CanTrace: "no", Ways: []string{"voice", "text"},
		Languages: []string{"English", "Polish"}, Hours: "18:00 to 06:00", TimeZone: "Europe/London", Region: "any", Cost: "free",
		SourceURL: "https://peers.example/", CheckedOn: h.now, CheckedBy: "panel",
	}))
}

// cutDatabase leaves the site up and its database out of reach.
func (h *house) cutDatabase() {
	h.useDatabase("postgres://nobody@127.0.0.1:1/nowhere?sslmode=disable")
}

func (h *house) useDatabase(dsn string) {
	h.t.Helper()
	db, err := postgres.Open(dsn)
	h.must(err)
	h.t.Cleanup(func() { db.Close() })
	h.wire(db)
}

// mendDatabase brings the site's own database back.
func (h *house) mendDatabase() { h.wire(h.db) }

func (h *house) wire(db *bun.DB) {
	c := &h.config
	c.DB, c.Clinics.DB, c.Keys.DB, c.Accounts.DB, c.Intake.DB, c.Review.DB, c.TransparencyLog.DB = db, db, db, db, db, db, db
	c.Figures.DB, c.Liaisons.DB, c.Promises.DB = db, db, db
	h.app = New(h.config)
}

// cutAfterCommit puts something between the site and its database that lets the COMMIT of a message through and then
// cuts the connection, so that the answer to it is lost.
func (h *house) cutAfterCommit() {
	h.t.Helper()
	var to struct{ Sockets, Port, Name, Role string }
	h.must(h.db.NewRaw(`SELECT current_setting('unix_socket_directories') AS sockets, current_setting('port') AS port,
		current_database() AS name, current_user AS role`).Scan(h.t.Context(), &to))
	dir, err := os.MkdirTemp("", "cut") // short: a socket's path has a limit
	h.must(err)
	socket := "/.s.PGSQL." + to.Port
	listener, err := net.Listen("unix", dir+socket)
	h.must(err)
	h.t.Cleanup(func() { listener.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go cutAtCommit(from, strings.Trim(to.Sockets, `"`)+socket)
		}
	}()
	query := url.Values{"host": {dir}, "port": {to.Port}, "user": {to.Role}, "sslmode": {"disable"}}
	h.useDatabase("postgres:///" + to.Name + "?" + query.Encode())

}

func cutAtCommit(from net.Conn, address string) {
	defer from.Close()
	to, err := net.Dial("unix", address)
	if err != nil {
		return
	}
	defer to.Close()
	var told, committing atomic.Bool
	go func() {
		buffer := make([]byte, 1<<16)
		for {
			n, err := to.Read(buffer)
			if err != nil || committing.Load() {
				from.Close()
				return
			}
			if _, err := from.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		statement := bytes.ToLower(buffer[:n])
		if bytes.Contains(statement, []byte(`insert into "pending"`)) {
			told.Store(true)
		}
		if told.Load() && bytes.HasPrefix(buffer[:n], []byte("Q")) && bytes.Contains(statement, []byte("commit\x00")) {
			committing.Store(true)
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (h *house) do(r *http.Request) answer {
	h.t.Helper()
	response, err := h.app.Test(r, -1)
	h.must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	h.must(err)
	return answer{response, string(body)}
}

func (h *house) get(path string) answer {
	h.t.Helper()
	return h.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (h *house) post(path, contentType, body string) answer {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return h.do(r)
}

const (
	tellPath   = "/c/riverside/tell"
	urlencoded = "application/x-www-form-urlencoded"
	// testNonce is one that a page could have carried.
	testNonce = "AAECAwQFBgcICQoLDA0ODw"
)

// tell posts the form without script: keys and values in turn, after the nonce.
func (h *house) tell(pairs ...string) answer {
	h.t.Helper()
	return h.post(tellPath, urlencoded, formBody(pairs...))
}

func formBody(pairs ...string) string {
	parts := []string{nonceKey + "=" + testNonce}
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	return strings.Join(parts, "&")
}

// opened gives every file that is stored, opened it with the epoch's key.
func (h *house) opened() []*seal.Plaintext {
	h.t.Helper()
	var rows []intake.Pending
	h.must(h.db.NewSelect().Model(&rows).Order("leaf_hash").Scan(context.Background()))
	var opened []*seal.Plaintext
	for _, row := range rows {
		p, err := seal.Open(row.File, h.epoch)
		h.must(err)
		if sum := sha256.Sum256(row.File); !bytes.Equal(sum[:], row.FileHash) {
			h.t.Error("the stored hash is not the file's")
		}
		opened = append(opened, p)
	}
	return opened
}

// rows counts what is stored.
func (h *house) rows() int64 {
	h.t.Helper()
	n, err := h.db.NewSelect().Model((*intake.Pending)(nil)).Count(context.Background())
	h.must(err)
	return n
}

// request is a post of the form that a test can change before it sends it.
func (h *house) request(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", urlencoded)
	return r
}

func newFastRequest(path, body string) *fasthttp.RequestCtx {
	ctx := &fasthttp.RequestCtx{}
	ctx.Init(&fasthttp.Request{}, nil, nil)
	ctx.Request.Header.SetMethod(http.MethodPost)
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.SetContentType(urlencoded)
	ctx.Request.SetBodyString(body)
	return ctx
}

var keptFields = regexp.MustCompile(`(?s)<input type="hidden" name="(\w+)" value="(.*?)">|<textarea [^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>`)

// keptBody is what a browser would send from a page that gives words back: line breaks as CR LF, fields in page order.
func keptBody(t *testing.T, page string) string {
	t.Helper()
	var parts []string
	for _, m := range keptFields.FindAllStringSubmatch(page, -1) {
		key, value := m[1]+m[3], strings.ReplaceAll(m[2]+m[4], "\n", "\r\n")
		parts = append(parts, url.QueryEscape(key)+"="+url.QueryEscape(value))
	}
	return strings.Join(parts, "&")
}

func itoa(n int) string { return strconv.Itoa(n) }

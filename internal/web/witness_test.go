package web

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valyala/fasthttp/fasthttputil"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// shot is a request of the API that can be sent several times, a little changed.
type shot struct {
	path, body, kind string
	encoding         string
	cookie           *http.Cookie
	from             string // the page that made a browser send it
}

func (s shot) request(method string) *http.Request {
	r := httptest.NewRequest(method, apiPrefix+s.path, strings.NewReader(s.body))
	if s.kind != "" {
		r.Header.Set("Content-Type", s.kind)
	}
	if s.encoding != "" {
		r.Header.Set("Content-Encoding", s.encoding)
	}
	if s.cookie != nil {
		r.AddCookie(&http.Cookie{Name: s.cookie.Name, Value: s.cookie.Value})
	}
	if s.from != "" {
		r.Header.Set("Origin", s.from)
	}
	return r
}

func (s shot) at(path string) shot             { s.path = path; return s }
func (s shot) as(c *http.Cookie) shot          { s.cookie = c; return s }
func (s shot) typed(kind string) shot          { s.kind = kind; return s }
func (s shot) packed(how string) shot          { s.encoding = how; return s }
func (s shot) sentBy(page string) shot         { s.from = page; return s }
func (s shot) saying(body string) shot         { s.body = body; return s }
func (s shot) in(clinic string) shot           { return s.at(strings.Replace(s.path, "riverside", clinic, 1)) }
func (s shot) with(key string, value any) shot { return s.saying(changed(s.body, key, value)) }

// changed gives a JSON object with one member changed.
func changed(body, key string, value any) string {
	var object map[string]any
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		panic(err)
	}
	object[key] = value
	return asJSON(object)
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var b64 = base64.StdEncoding.EncodeToString

// witness sends requests to a house, holds every exchange against the description and remembers what was answered.
type witness struct {
	*house
	d    *description
	seen map[string]bool // such as "POST /c/{clinic}/submissions 409 stale-epoch"
	good map[string]shot // by operation: a request that is answered with success, once
	more *keyringtest.Place

	hillside string // id of a clinic without a manifest
	listener *fasthttputil.InmemoryListener
}

// sends wants an answer such as "409 stale". fits says whether the description allows the request itself.
func (w *witness) sends(name string, s shot, want string, fits bool) {
	w.t.Helper()
	o := w.d.operation(w.t, name)
	r := s.request(o.method)
	if err := w.d.checkRequest(o, r, s.body); (err == nil) != fits {
		w.t.Errorf("%s, to be answered %s: is the request as described? want %t, got %v", name, want, fits, err)
	}
	w.takes(o, w.do(r), want)
}

func (w *witness) takes(o operation, a answer, want string) {
	w.t.Helper()
	got, err := w.d.checkAnswer(o, a)
	if err != nil {
		w.t.Errorf("%s, to be answered %s: %v", o.name, want, err)
		return
	}
	if got != want {
		w.t.Errorf("%s answers %s, want %s", o.name, got, want)
	}
	w.seen[o.name+" "+got] = true
}

// announces sends the head of a request whose body would be so many bytes, and reads the answer, which comes before the
// body. It needs a connection: the app's own way of testing gives up on such requests.
func (w *witness) announces(o operation, bytes int, want string) {
	w.t.Helper()
	connection, err := w.listener.Dial()
	w.must(err)
	defer connection.Close()
	r := w.good[o.name].request(o.method)
	_, err = fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", o.method, r.URL, bytes)
	w.must(err)
	response, err := http.ReadResponse(bufio.NewReader(connection), r)
	w.must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	w.must(err)
	w.takes(o, answer{response, string(body)}, want)
}

// TestEveryAnswerIsAsDescribed brings about everything the description says an operation may answer, on a real
// database, and holds each request and each answer against it. What it names and nobody can bring about is an error too.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	w.oneConnection()
	w.refuseGenerally()
	w.refuseMessages()
	w.refuseMailboxes()
	w.refuseReviewers()
	w.refuseStewards()
	w.refuseAccounts()
	w.refuseReviews()
	w.succeed()
	w.cutDatabase()
	w.sweep("503 unavailable")
	w.must(w.config.DB.Close())
	w.sweep("500 failure")
	for _, o := range w.d.operations() {
		named, err := w.d.answersNamed(o)
		w.must(err)
		for _, name := range named {
			if !w.seen[o.name+" "+name] {
				t.Errorf("%s never answered %s", o.name, name)
			}
		}
	}
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	h := newHouse(t)
	w := &witness{house: h, d: readDescription(t, openapiJSON), seen: map[string]bool{}, good: map[string]shot{}}
	w.more = &keyringtest.Place{
		DB: h.db, ClinicID: h.place.ID, Keys: h.config.Keys, TicketKey: h.config.Keys.TicketKey, Reviewers: h.panel,
		Now: h.config.Now,
	}
	// The clinic hillside has one on its panel who sits on riverside's too, one who does not, and no manifest.
	hillside := &clinic.Clinic{Slug: "hillside", Name: "Hillside", RetentionDays: 180}
	h.must(h.config.Clinics.Add(t.Context(), hillside))
	elsewhere := *w.more
	elsewhere.ClinicID = hillside.ID
	h.panel = append(h.panel, elsewhere.Enrol(t))
	w.enrol(h.panel[0], hillside.ID)
	w.hillside = hillside.ID
	w.prepare(hillside.ID)
	w.prepareStewards()
	w.prepareAccounts(w.signIn(0))
	w.listener = fasthttputil.NewInmemoryListener()
	go New(h.config).Listener(w.listener) // an app of its own: one app cannot be tested both ways at once
	t.Cleanup(func() { w.listener.Close() })
	return w
}

func (w *witness) enrol(r keyringtest.Reviewer, clinicID string) {
	w.t.Helper()
	code, err := w.config.Accounts.Invite(w.t.Context(), clinicID)
	w.must(err)
	recipient := r.Identity.Recipient().String()
	_, err = w.config.Keys.Enrol(w.t.Context(), code, recipient, r.Key.Public().(ed25519.PublicKey), ed25519.Sign(r.Key, account.EnrolText(code, recipient)))
	w.must(err)
}

// fillPage stores more files than one page of a delivery holds, some to step back from. They share their bytes; only the commitments differ.
func (w *witness) fillPage(epoch string) {
	file := w.newMessage("words").file
	hash := seal.FileHash(file)
	var rows []intake.Submission
	for range 60 {
		s := transparency.Submission{Epoch: epoch, FileHash: hash}
		rand.Read(s.Anchor[:])
		rand.Read(s.Withdraw[:])
		leafHash := s.Leaf().Hash()
		rows = append(rows, intake.Submission{
			LeafHash: leafHash[:], ClinicID: w.place.ID, EpochID: epoch, File: file, FileHash: hash[:], Anchor: s.Anchor[:],
			Withdraw: s.Withdraw[:], Leaf: s.Leaf(), Ticket: "a ticket", BatchDay: w.now,
		})
	}
	_, err := w.db.NewInsert().Model(&rows).Exec(w.t.Context())
	w.must(err)
}

// openToNewcomers are the operations for whoever has joined a panel and is on no signed list yet.
var openToNewcomers = map[string]bool{
	"/panel/c/{clinic}/manifest": true, "/panel/c/{clinic}/manifest/signatures": true, "/panel/c/{clinic}/members": true,
}

// succeed sends the good requests, those that change something in the order of life.
func (w *witness) succeed() {
	for _, o := range w.d.operations() {
		if o.method == http.MethodGet {
			w.sends(o.name, w.good[o.name], "200", true)
		}
	}
	for _, step := range [][2]string{
		{"POST /c/{clinic}/submissions", "201"},
		{"POST /panel/c/{clinic}/replies", "204"},
		{"POST /panel/c/{clinic}/replies/kept", "200"},
		{"POST /c/{clinic}/mailbox", "200"},
		{"POST /c/{clinic}/withdraw", "200"},
		{"POST /c/{clinic}/withdraw", "200"},
		{"POST /panel/nonce", "200"},
		{"POST /panel/sign-in", "200"},
		{"POST /panel/sign-out", "204"},
		{"POST /panel/enrol", "201"},
		{"POST /panel/c/{clinic}/epochs", "201"},
		{"POST /panel/c/{clinic}/epochs/{epoch}/acks", "200"},
		{"POST /panel/c/{clinic}/manifest/signatures", "200"},
		{"POST /panel/c/{clinic}/manifest/proposals", "201"},
		{"POST /panel/c/{clinic}/decisions", "201"},
		{"POST /panel/c/{clinic}/decisions/{decision}/signatures", "200"},
		{figuresVisits, "200"},
		{releases, "201"},
		{releaseSignatures, "200"},
		{releaseDrop, "204"},
		{exports, "201"},
		{exportSignatures, "200"},
		{exportDrop, "204"},
		{"POST /panel/c/{clinic}/wraps", "200"},
		{refusals, "204"},
		{openings, "201"},
		{reviews, "201"}, {claims, "201"}, {handbacks, "200"}, {recusals, "201"}, {acts, "201"}, {coded, "201"}, {uncoded, "200"},
		{findings, "201"}, {retractions, "200"}, {rests, "200"},
		{openingAnswers, "204"},
		{"POST /panel/invitation", "200"},
		{"POST /panel/passkeys", "204"},
		{"POST /panel/passkeys/open", "200"},
		{"POST /panel/passkeys/remove", "204"},
		{"POST /panel/notices", "204"},
		{"POST /panel/sessions/{session}/end", "204"},
		{"POST /steward/clinics", "201"},
		{"POST /steward/invitations", "201"},
		{"POST /steward/c/{clinic}/invitations", "201"},
		{"POST /steward/c/{clinic}/manifest", "201"},
		{"POST /steward/c/{clinic}/legal-notice", "200"}, {"POST /steward/c/{clinic}/other-ways", "200"},
		{"POST /steward/c/{clinic}/open", "200"},
		{"GET /steward/c/{clinic}/liaisons", "200"}, {"POST /steward/c/{clinic}/liaisons", "201"}, {removals, "200"},
	} {
		w.sends(step[0], w.good[step[0]], step[1], true)
	}
	// What the lists say when there is more, or nothing.
	files := w.good["GET /panel/c/{clinic}/epochs/{epoch}/files"]
	var page filesJSON
	w.must(json.Unmarshal([]byte(w.do(files.request(http.MethodGet)).body), &page))
	if page.Next == nil || len(page.Files) != 50 {
		w.t.Fatalf("the first page has %d files", len(page.Files))
	}
	w.sends("GET /panel/c/{clinic}/epochs/{epoch}/files", files.at(files.path+"?after="+*page.Next), "200", true)
	w.sends("GET /panel/c/{clinic}/epochs/{epoch}/files", files.at(files.path+"?after="+hex.EncodeToString(bytes.Repeat([]byte{255}, 32))), "200", true)
	for _, name := range []string{"GET /panel/me", "GET /panel/sessions", "GET /panel/passkeys", "GET /panel/notices"} {
		w.sends(name, w.good[name], "200", true)
	}
	for _, name := range []string{"GET /c/{clinic}/epochs", "GET /c/{clinic}/panel", "GET /c/{clinic}/chain", "GET /c/{clinic}/releases", "GET /c/{clinic}/exports", "GET /c/{clinic}/promises", "GET /log"} {
		w.sends(name, w.good[name], "200", true)
		w.sends(name, w.good[name].in("hillside"), "200", true)
	}
}

// sweep sends every good request once more and wants the same answer from all but the description itself.
func (w *witness) sweep(want string) {
	for _, o := range w.d.operations() {
		if o.path != "/openapi.json" {
			w.sends(o.name, w.good[o.name], want, true)
		}
	}
}

package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/liaison"
	"answerable/internal/mailbox"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
	"answerable/internal/web"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	testOrigin = "clinic.example/answerable"
	testClinic = "riverside"
)

// place is a whole server on a real database and a real socket, with a recorder in front of it.
type place struct {
	t        *testing.T
	url      string
	clinicID string
	intake   *intake.Store
	review   *review.Store
	keys     *keyring.Store
	accounts *account.Store
	clinics  *clinic.Store
	tlog     *transparency.Log

	mu     sync.Mutex
	ahead  time.Duration
	bodies [][]byte
	// meddle may answer a request in the server's place, or change its answer; nil does nothing.
	meddle func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func (p *place) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().UTC().Add(p.ahead)
}

// later moves the server's clock.
func (p *place) later(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead += d
}

func (p *place) meddler() func(http.ResponseWriter, *http.Request, http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.meddle
}

func (p *place) setMeddler(f func(http.ResponseWriter, *http.Request, http.Handler)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meddle = f
}

func newPlace(t *testing.T) *place {
	t.Helper()
	db := pgtest.New(t)
	p := &place{t: t}
	if _, err := intake.SettleOrigin(t.Context(), db, testOrigin); err != nil {
		t.Fatal(err)
	}
	private, public, err := note.GenerateKey(rand.Reader, seal.TicketKeyName(testOrigin))
	must(t, err)
	signer, err := note.NewSigner(private)
	must(t, err)

	logPrivate, logKey, err := note.GenerateKey(rand.Reader, testOrigin)
	must(t, err)
	logSigner, err := note.NewSigner(logPrivate)
	must(t, err)
	logVerifier, err := note.NewVerifier(logKey)
	must(t, err)
	p.tlog = &transparency.Log{DB: db, Signer: logSigner, Verifier: logVerifier, VKey: logKey, Memory: &transparency.Memory{}}

	p.accounts = &account.Store{DB: db, Now: p.now}
	p.clinics = &clinic.Store{DB: db, Now: p.now}
	p.keys = &keyring.Store{DB: db, Accounts: p.accounts, TicketKey: public, Now: p.now}
	p.intake = &intake.Store{DB: db, Origin: testOrigin, Tickets: signer, Keys: p.keys, Now: p.now}
	p.review = &review.Store{DB: db, Now: p.now}
	p.intake.OnGone, p.keys.OnSeat = p.review.Forget, p.review.EndParts
	riverside := &clinic.Clinic{Slug: testClinic, Name: "Riverside", LegalNotice: "A notice.", RetentionDays: 180}
	must(t, p.clinics.Add(t.Context(), riverside))
	must(t, p.clinics.SetOpen(t.Context(), riverside.ID, true))
	p.clinicID = riverside.ID

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	front := httptest.NewServer(p.front(listener.Addr().String()))
	t.Cleanup(front.Close)
	p.url = front.URL
	p.accounts.Origins = []string{p.url}
	counted := &figures.Store{DB: db, Keys: p.keys, Now: p.now}
	app := web.New(web.Config{
		DB: db, Origin: testOrigin, WebOrigins: p.accounts.Origins, Clinics: p.clinics, Keys: p.keys, Intake: p.intake,
		Accounts: p.accounts, Review: p.review, Mailboxes: &mailbox.Store{DB: db, Now: p.now}, Figures: counted, Now: p.now,
		Exports: &export.Store{DB: db, Origin: testOrigin, Keys: p.keys, Figures: counted, Log: p.tlog, Now: p.now}, BatchEvery: 24 * time.Hour,
		TransparencyLog: p.tlog, Liaisons: &liaison.Store{DB: db, Now: p.now}, Promises: &promise.Store{DB: db, Now: p.now},
	})
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-served
	})
	return p
}

// front passes requests on, keeping their bodies.
func (p *place) front(to string) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	recorded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			p.t.Errorf("read request: %v", err)
		}
		p.mu.Lock()
		p.bodies = append(p.bodies, body)
		p.mu.Unlock()
		r.Body = io.NopCloser(newReader(body))
		if r.URL.Path == "/log/checkpoint" { // as the program does it within a second
			if err := p.tlog.SignNow(r.Context()); err != nil {
				p.t.Errorf("sign log: %v", err)
			}
		}
		proxy.ServeHTTP(w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if meddle := p.meddler(); meddle != nil {
			meddle(w, r, recorded)
			return
		}
		recorded.ServeHTTP(w, r)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// client is a client that never really waits between tries.
func (p *place) client() *Client {
	p.t.Helper()
	c, err := New(p.url)
	must(p.t, err)
	c.Now = p.now
	c.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return c
}

// newReviewer enrols somebody new.
func (p *place) newReviewer() *Reviewer {
	p.t.Helper()
	identity, err := age.GenerateHybridIdentity()
	must(p.t, err)
	r, err := p.client().Reviewer(identity)
	must(p.t, err)
	code, err := p.accounts.Invite(p.t.Context(), p.clinicID)
	must(p.t, err)
	must(p.t, r.Enrol(p.t.Context(), code))
	must(p.t, r.SignIn(p.t.Context()))
	return r
}

// signWaiting lets a reviewer look at the list that waits, and sign it.
func signWaiting(t *testing.T, r *Reviewer) {
	t.Helper()
	shown, err := r.PanelAndDraft(t.Context(), testClinic)
	must(t, err)
	_, err = r.SignManifest(t.Context(), testClinic, shown)
	must(t, err)
}

// newPanel enrols n reviewers and lets all of them sign the manifest.
func (p *place) newPanel(n, m int) []*Reviewer {
	p.t.Helper()
	var panel []*Reviewer
	for range n {
		panel = append(panel, p.newReviewer())
	}
	_, err := p.keys.ProposeManifest(p.t.Context(), p.clinicID, m)
	must(p.t, err)
	for _, r := range panel {
		signWaiting(p.t, r)
	}
	return panel
}

// term is thirty days from the server's today.
func (p *place) term() Term {
	today := p.now().Truncate(24 * time.Hour)
	return Term{today, today.AddDate(0, 0, 29), today.AddDate(0, 0, 209)}
}

// newEpoch lets the first of the panel deal and all acknowledge.
func (p *place) newEpoch(panel []*Reviewer) string {
	p.t.Helper()
	id, _, err := panel[0].Deal(p.t.Context(), testClinic, p.term())
	must(p.t, err)
	for _, r := range panel {
		_, err := r.Ack(p.t.Context(), testClinic)
		must(p.t, err)
	}
	return id
}

func (p *place) batch() {
	p.t.Helper()
	_, err := p.intake.Batch(p.t.Context())
	must(p.t, err)
}

func (p *place) pull(r *Reviewer, dir string) *Pulled {
	p.t.Helper()
	pulled, err := r.Pull(p.t.Context(), testClinic, dir, func(int, int) {})
	must(p.t, err)
	return pulled
}

// submit tells one text and gives its receipt and leaf hash in hex.
func (p *place) submit(text string) (seal.Receipt, string) {
	p.t.Helper()
	c := p.client()
	receipt, err := c.NewReceipt()
	must(p.t, err)
	accepted, err := c.Submit(p.t.Context(), testClinic, receipt, "en", []seal.Answer{{Q: "words", A: text}})
	must(p.t, err)
	return receipt, fmt.Sprintf("%x", accepted.LeafHash)
}

// read opens a folder and gives what it holds by leaf hash.
func (p *place) read(dir string, r *Reviewer) (map[string]*Opened, *Tally) {
	p.t.Helper()
	all := map[string]*Opened{}
	tally, err := Open(dir, r.identity, func(o *Opened) error {
		all[o.LeafHash] = o
		return nil
	})
	must(p.t, err)
	return all, tally
}

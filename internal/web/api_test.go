package web

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"answerable/internal/account"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/seal"
)

const (
	submissionsPath = "/api/v1/c/riverside/submissions"
	jsonType        = "application/json"
)

// message is a well-made submission as a browser would post it, with the sealed file beside it.
type message struct {
	file []byte
	body map[string]any
}

func (h *house) epochAnswer() epochAnswer {
	h.t.Helper()
	var e epochAnswer
	h.must(json.Unmarshal([]byte(h.get("/api/v1/c/riverside/epoch").body), &e))
	return e
}

func (h *house) newMessage(words string) message { return h.newMessageFor(h.epochAnswer(), words) }

// newMessageFor is a message whose receipt nobody needs again, so there is none, and its keys cost no stretching.
func (h *house) newMessageFor(e epochAnswer, words string) message {
	h.t.Helper()
	var receipt seal.Stretched
	rand.Read(receipt[:])
	keys := receipt.Message(0)
	p := seal.NewSubmission(keys, e.Epoch, e.Origin, e.Form, "en", seal.SealedByClient, []seal.Answer{{Q: "words", A: words}})
	file, err := seal.Seal(p, e.Recipient)
	h.must(err)
	return message{file, map[string]any{
		"v": 1, "epoch": e.Epoch, "ct": base64.StdEncoding.EncodeToString(file),
		"anchor": keys.AnchorToken.Commitment().String(), "withdraw": keys.WithdrawToken.Commitment().String(),
		"pow": nil, "invite": nil,
	}}
}

// with gives a copy of the message with one member changed.
func (m message) with(key string, value any) message {
	body := map[string]any{}
	for k, v := range m.body {
		body[k] = v
	}
	body[key] = value
	return message{m.file, body}
}

func (m message) withFile(file []byte) message {
	return m.with("ct", base64.StdEncoding.EncodeToString(file))
}

func (m message) json() string {
	b, err := json.Marshal(m.body)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestAcceptedMessageAnswersLeafHashAndTicket(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.newMessage("the words")
	first := h.post(submissionsPath, jsonType, m.json())
	if first.StatusCode != http.StatusCreated {
		t.Fatalf("status %d: %s", first.StatusCode, first.body)
	}
	var got acceptanceJSON
	h.must(json.Unmarshal([]byte(first.body), &got))
	ticket, err := seal.VerifyTicket(got.Ticket, h.epochAnswer().TicketKey)
	if err != nil || base64.StdEncoding.EncodeToString(ticket.LeafHash[:]) != got.LeafHash {
		t.Errorf("ticket %+v, %v", ticket, err)
	}
	again := h.post(submissionsPath, jsonType, m.json())
	if again.StatusCode != http.StatusCreated || again.body != first.body {
		t.Errorf("the same post again answers %d %s", again.StatusCode, again.body)
	}
	if h.rows() != 1 {
		t.Errorf("stored %d rows, want 1", h.rows())
	}
	if opened := h.opened(); opened[0].Answers[0].A != "the words" {
		t.Error("the words do not come back")
	}
}

// A person cannot mend what a filter on their way takes out of what their browser sends.
func TestAMessageIsTakenWithoutItsContentType(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got := h.post(submissionsPath, "", h.newMessage("the words").json()); got.StatusCode != 201 {
		t.Errorf("a message: %d %s", got.StatusCode, got.body)
	}
	token := `"` + strings.Repeat("A", 43) + `"`
	if got := h.post("/api/v1/c/riverside/mailbox", "", `{"token":`+token+`}`); got.StatusCode != 200 {
		t.Errorf("a mailbox: %d %s", got.StatusCode, got.body)
	}
	if got := h.post("/api/v1/c/riverside/withdraw", "", `{"anchor":`+token+`,"token":`+token+`}`); strings.Contains(got.body, "content-type") {
		t.Errorf("taking back: %d %s", got.StatusCode, got.body)
	}
}

// TestBadMessagesAreRefusedWithASentence goes through everything a client could get wrong. Nothing of it may be stored,
// and every answer tells a person what to do.
func TestBadMessagesAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.newMessage("canary-words")
	recipient, err := age.ParseHybridRecipient(h.epochAnswer().Recipient)
	h.must(err)
	classic, err := age.GenerateX25519Identity()
	h.must(err)
	var armored bytes.Buffer
	a := armor.NewWriter(&armored)
	a.Write(m.file)
	a.Close()
	used := h.newMessage("x")
	if got := h.post(submissionsPath, jsonType, used.json()); got.StatusCode != 201 {
		t.Fatal(got.body)
	}
	rows := h.rows()
	text := m.json()
	for _, c := range []struct {
		name, path, kind, body string
		status                 int
		problem                string
	}{
		{"unknown clinic", "/api/v1/c/nowhere/submissions", jsonType, text, 404, "unknown-clinic"},
		{"wrong content type", submissionsPath, "text/plain", text, 415, "content-type"},
		{"a type that is none", submissionsPath, "json; of=", text, 415, "content-type"},
		{"no content type from who is signed in", "/api/v1/panel/sign-in", "", "{}", 415, "content-type"},
		{"1 MiB body", submissionsPath, jsonType, `{"v":1,"ct":"` + strings.Repeat("A", 1<<20) + `"}`, 413, "body"},
		{"empty body", submissionsPath, jsonType, "", 400, "bad-request"},
		{"not JSON", submissionsPath, jsonType, "words=hello", 400, "bad-request"},
		{"bad UTF-8", submissionsPath, jsonType, strings.Replace(m.with("epoch", "bad").json(), `"bad"`, "\"\xff\"", 1), 400, "bad-request"},
		{"unknown member", submissionsPath, jsonType, strings.Replace(text, `"v":1`, `"v":1,"name":"x"`, 1), 400, "bad-request"},
		{"member in capitals", submissionsPath, jsonType, strings.Replace(text, `"v":1`, `"V":1`, 1), 400, "bad-request"},
		{"doubled member", submissionsPath, jsonType, strings.Replace(text, `"v":1`, `"v":1,"v":1`, 1), 400, "bad-request"},
		{"two documents", submissionsPath, jsonType, text + text, 400, "bad-request"},
		{"another version", submissionsPath, jsonType, m.with("v", 2).json(), 400, "bad-request"},
		{"base64 with line breaks", submissionsPath, jsonType, m.with("ct", wrap(m.body["ct"].(string))).json(), 400, "bad-request"},
		{"base64 of the URL kind", submissionsPath, jsonType, m.with("ct", base64.URLEncoding.EncodeToString(m.file)).json(), 400, "bad-request"},
		{"base64 without padding", submissionsPath, jsonType, m.with("ct", base64.RawStdEncoding.EncodeToString(m.file)).json(), 400, "bad-request"},
		{"short anchor", submissionsPath, jsonType, m.with("anchor", "AAAA").json(), 400, "bad-request"},
		{"anchor with padding", submissionsPath, jsonType, m.with("anchor", m.body["anchor"].(string)+"=").json(), 400, "bad-request"},
		{"anchor as withdraw", submissionsPath, jsonType, m.with("withdraw", m.body["anchor"]).json(), 400, "bad-request"},
		{"a proof of work nobody asked for", submissionsPath, jsonType, m.with("pow", map[string]any{}).json(), 400, "bad-request"},
		{"an invitation nobody asked for", submissionsPath, jsonType, m.with("invite", "x").json(), 400, "bad-request"},
		{"truncated file", submissionsPath, jsonType, m.withFile(m.file[:18000]).json(), 422, "shape"},
		{"wrong bucket", submissionsPath, jsonType, m.withFile(h.encrypt(20000, recipient)).json(), 422, "shape"},
		{"armored file", submissionsPath, jsonType, m.withFile(armored.Bytes()).json(), 422, "shape"},
		{"X25519 file", submissionsPath, jsonType, m.withFile(h.encrypt(18043-len(h.encrypt(0, classic.Recipient())), classic.Recipient())).json(), 422, "shape"},
		{"two stanzas", submissionsPath, jsonType, m.withFile(h.encrypt(18043-len(h.encrypt(0, recipient, recipient)), recipient, recipient)).json(), 422, "shape"},
		{"mixed stanzas", submissionsPath, jsonType, m.withFile(h.encrypt(18043-len(h.encrypt(0, plainLabel{recipient}, classic.Recipient())), plainLabel{recipient}, classic.Recipient())).json(), 422, "shape"},
		{"stale epoch", submissionsPath, jsonType, m.with("epoch", "2020-01-aaaa").json(), 409, "stale-epoch"},
		{"an anchor used with another file", submissionsPath, jsonType, m.with("anchor", used.body["anchor"]).json(), 409, "anchor-used"},
		{"a withdraw commitment used before", submissionsPath, jsonType, m.with("withdraw", used.body["withdraw"]).json(), 409, "withdraw-used"},
	} {
		got := h.post(c.path, c.kind, c.body)
		var p problem
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: not a problem: %d %.200s", c.name, got.StatusCode, got.body)
			continue
		}
		if got.StatusCode != c.status || p.Status != c.status || p.Type != "urn:answerable:problem:"+c.problem {
			t.Errorf("%s: got %d %s, want %d %s: %s", c.name, got.StatusCode, p.Type, c.status, c.problem, p.Detail)
		}
		if len(p.Detail) < 30 || !strings.HasSuffix(p.Detail, ".") {
			t.Errorf("%s: %q is no sentence", c.name, p.Detail)
		}
		if h.rows() != rows {
			t.Fatalf("%s: was stored", c.name)
		}
	}
	if strings.Contains(h.log.String(), "canary") || strings.Contains(h.log.String(), m.body["anchor"].(string)) {
		t.Error("the log holds what was sent")
	}
}

// plainLabel hides that a recipient is post-quantum, as a client that mixes stanzas would have to.
type plainLabel struct{ r *age.HybridRecipient }

func (p plainLabel) Wrap(fileKey []byte) ([]*age.Stanza, error) { return p.r.Wrap(fileKey) }

func wrap(s string) string { return s[:76] + "\n" + s[76:] }

func (h *house) encrypt(size int, recipients ...age.Recipient) []byte {
	h.t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipients...)
	h.must(err)
	_, err = w.Write(make([]byte, size))
	h.must(err)
	h.must(w.Close())
	return b.Bytes()
}

func TestClosedFormTakesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m, before := h.newMessage("x"), h.newMessage("told before it closed")
	first := h.post(submissionsPath, jsonType, before.json())
	h.must(h.config.Clinics.SetOpen(t.Context(), h.place.ID, false))
	if again := h.post(submissionsPath, jsonType, before.json()); again.StatusCode != http.StatusCreated || again.body != first.body {
		t.Errorf("what came before it closed is answered %d %s", again.StatusCode, again.body)
	}
	for name, got := range map[string]answer{
		"post":  h.post(submissionsPath, jsonType, m.json()),
		"epoch": h.get("/api/v1/c/riverside/epoch"),
	} {
		if got.StatusCode != http.StatusConflict || !strings.Contains(got.body, "form-closed") {
			t.Errorf("%s: got %d %s", name, got.StatusCode, got.body)
		}
	}
	if h.rows() != 1 {
		t.Error("a closed form stored something")
	}
}

func TestDatabaseAwayAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.newMessage("x")
	h.must(h.db.Close())
	got := h.post(submissionsPath, jsonType, m.json())
	if got.StatusCode < 500 || strings.Contains(got.body, "ticket") || !strings.Contains(got.body, "stores it once") || !strings.Contains(got.body, "Reference ") {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
}

// signIn signs the n-th panel member in and gives the cookie.
func (h *house) signIn(n int) *http.Cookie { return h.signInOn(n, "") }

// signInOn signs in on a device with a name.
func (h *house) signInOn(n int, device string) *http.Cookie {
	h.t.Helper()
	var nonce struct{ Nonce string }
	h.must(json.Unmarshal([]byte(h.post("/api/v1/panel/nonce", jsonType, "{}").body), &nonce))
	raw, err := base64.RawURLEncoding.DecodeString(nonce.Nonce)
	h.must(err)
	reviewer := h.panel[n]
	text := account.SignInText(keyringtest.WebOrigin, reviewer.ID, [32]byte(raw), h.now.Add(time.Minute))
	body, err := json.Marshal(map[string]string{"text": string(text), "device": device, "signature": base64.StdEncoding.EncodeToString(ed25519.Sign(reviewer.Key, text))})
	h.must(err)
	got := h.post("/api/v1/panel/sign-in", jsonType, string(body))
	if got.StatusCode != http.StatusOK {
		h.t.Fatalf("sign-in: %d %s", got.StatusCode, got.body)
	}
	cookies := got.Cookies()
	if len(cookies) != 1 {
		h.t.Fatalf("sign-in sets %d cookies", len(cookies))
	}
	return cookies[0]
}

func (h *house) panelGet(cookie *http.Cookie, path string) answer {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if cookie != nil {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	return h.do(r)
}

func TestPanelCookieIsStrict(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.signIn(0)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/api/v1" || !c.Expires.IsZero() || c.MaxAge != 0 {
		t.Errorf("cookie %+v", c)
	}
	out := h.do(func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/panel/sign-out", nil)
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		return r
	}())
	if out.StatusCode != http.StatusNoContent {
		t.Errorf("sign-out answers %d", out.StatusCode)
	}
	if got := h.panelGet(c, "/api/v1/panel/c/riverside/epochs"); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("after sign-out: %d", got.StatusCode)
	}
}

func TestPanelIsForThePanel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	member := h.signIn(0)
	for _, path := range []string{"manifest", "epochs", "epochs/none/files"} {
		if got := h.panelGet(nil, "/api/v1/panel/c/riverside/"+path); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a session: %d", path, got.StatusCode)
		}
		if got := h.panelGet(member, "/api/v1/panel/c/riverside/"+path); got.StatusCode != http.StatusOK {
			t.Errorf("%s as a member: %d %s", path, got.StatusCode, got.body)
		}
	}
	_, err := h.db.NewRaw(`UPDATE panel_member SET left_on = '2026-11-22'`).Exec(t.Context())
	h.must(err)
	if got := h.panelGet(member, "/api/v1/panel/c/riverside/epochs"); got.StatusCode != http.StatusForbidden {
		t.Errorf("after leaving the panel: %d", got.StatusCode)
	}
}

func TestPostsFromAnotherSiteAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/panel/nonce", strings.NewReader("{}"))
		r.Header.Set(header, value)
		r.Header.Set("Content-Type", jsonType)
		if got := h.do(r); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "cross-origin") {
			t.Errorf("%s %s: %d %s", header, value, got.StatusCode, got.body)
		}
	}
}

func TestDeliveryGivesWholeEpochsInPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const total = 53
	for i := range total {
		h.must(h.submit(fmt.Sprintf("words %d", i)))
	}
	member := h.signIn(1)
	var list panelEpochsJSON
	h.must(json.Unmarshal([]byte(h.panelGet(member, "/api/v1/panel/c/riverside/epochs").body), &list))
	if list.Epochs[0].Files != 0 {
		t.Errorf("before the batch the panel is shown %d files", list.Epochs[0].Files)
	}
	_, err := h.config.Intake.Batch(t.Context())
	h.must(err)
	seen := map[string]bool{}
	next, pages := "", 0
	for {
		var page filesJSON
		h.must(json.Unmarshal([]byte(h.panelGet(member, "/api/v1/panel/c/riverside/epochs/"+list.Epochs[0].ID+"/files?after="+next).body), &page))
		pages++
		for _, f := range page.Files {
			file, err := base64.StdEncoding.DecodeString(f.File)
			h.must(err)
			p, err := seal.Open(file, h.epoch)
			h.must(err)
			seen[p.Answers[0].A] = true
		}
		if page.Next == nil {
			break
		}
		next = *page.Next
	}
	if len(seen) != total || pages != 2 {
		t.Errorf("%d texts on %d pages, want %d on 2", len(seen), pages, total)
	}
	for _, bad := range []string{"zz", "00", hex.EncodeToString(make([]byte, 33))} {
		if got := h.panelGet(member, "/api/v1/panel/c/riverside/epochs/none/files?after="+bad); got.StatusCode != http.StatusBadRequest {
			t.Errorf("after=%s: %d", bad, got.StatusCode)
		}
	}
}

func (h *house) submit(words string) error {
	got := h.post(submissionsPath, jsonType, h.newMessage(words).json())
	if got.StatusCode != http.StatusCreated {
		return fmt.Errorf("submit: %d %s", got.StatusCode, got.body)
	}
	return nil
}

func TestPublicChainCanBeCheckedByAnyone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var chain panelAnswer
	h.must(json.Unmarshal([]byte(h.get("/api/v1/c/riverside/panel").body), &chain))
	if len(chain.Manifests) != 1 || len(chain.Manifests[0].Signatures) != 3 || chain.Clinic != h.place.ID {
		t.Errorf("got %+v", chain)
	}
	var epochs []epochRow
	h.must(json.Unmarshal([]byte(h.get("/api/v1/c/riverside/epochs").body), &epochs))
	if len(epochs) != 1 || epochs[0].State != "active" || epochs[0].Recipient != h.epoch.Recipient().String() {
		t.Errorf("got %+v", epochs)
	}
}

// TestNothingSentBreaksUs sends what Postgres does not take as text wherever text goes.
func TestNothingSentBreaksUs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	member := h.signIn(0)
	for _, path := range []string{"/c/%00", "/c/a%00b/tell", "/api/v1/c/%00/epoch", "/api/v1/panel/c/riverside/epochs/%00%00%00%00/files", "/api/v1/panel/c/%00/epochs", "/c/%ff%fe/tell"} {
		if got := h.panelGet(member, path); got.StatusCode >= 500 || got.StatusCode < 400 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	nul := `\u0000`
	for path, body := range map[string]string{
		"/api/v1/panel/sign-in": `{"text":"answerable/v1/login\nhttp://localhost:8080\n` + nul + `\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n1\n","signature":""}`,
		"/api/v1/panel/enrol":   `{"invitation":"` + nul + `","recipient":"` + nul + `","verify_key":"","signature":""}`,
		submissionsPath:         strings.Replace(h.newMessage("x").json(), `"epoch":"`, `"epoch":"`+nul, 1),
	} {
		if got := h.post(path, jsonType, body); got.StatusCode >= 500 || got.StatusCode < 400 {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
}

func TestUnknownAPIAddressIsAProblem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.get("/api/v1/nothing")
	if got.StatusCode != http.StatusNotFound || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s %s", got.StatusCode, got.Header.Get("Content-Type"), got.body)
	}
}

func FuzzSubmissionJSON(f *testing.F) {
	h := newHouse(f)
	m := h.newMessage("x")
	f.Add([]byte(m.json()))
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		h.t = t
		r := httptest.NewRequest(http.MethodPost, submissionsPath, bytes.NewReader(body))
		r.Header.Set("Content-Type", jsonType)
		response, err := h.app.Test(r, -1)
		if err != nil {
			return // the test client itself refuses some requests
		}
		response.Body.Close()
		if response.StatusCode >= 500 {
			t.Errorf("%q answers %d", body, response.StatusCode)
		}
	})
}

// A few bytes of a compressed body unpack to more than the memory holds, so none is unpacked.
func TestCompressedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	if _, err := w.Write([]byte(`{"v":1}`)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	for _, path := range []string{"/api/v1/c/riverside/submissions", "/api/v1/panel/sign-in", "/api/v1/panel/enrol"} {
		for _, encoding := range []string{"gzip", "br", "gzip, gzip", "identity"} {
			r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body.Bytes()))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Content-Encoding", encoding)
			a := h.do(r)
			if a.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(a.body, "without the header Content-Encoding") {
				t.Errorf("%s with %s: %d %s", path, encoding, a.StatusCode, a.body)
			}
		}
	}
}

// Handlers must not ask Fiber for the body or for its context: the one unpacks what is compressed without a limit, the
// other ends as soon as the server is asked to stop.
func TestHandlersReadBodiesAndContextsThatAreSafe(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, unsafe := range []string{"c.Body()", "c.BodyParser(", "c.BodyRaw()", "c.Context()"} {
			if bytes.Contains(source, []byte(unsafe)) {
				t.Errorf("%s calls %s", name, unsafe)
			}
		}
	}
}

// Someone is sending just when the server is asked to stop: they still get their answer.
func TestStoppingLetsBegunRequestsFinish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hold, err := h.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.NewRaw(`LOCK TABLE pending IN SHARE ROW EXCLUSIVE MODE`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go h.app.Listener(listener)
	answered := make(chan int, 1)
	go func() {
		response, err := http.Post("http://"+listener.Addr().String()+tellPath, urlencoded, strings.NewReader(formBody("words", "sent while stopping")))
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	for waiting := 0; waiting == 0; time.Sleep(10 * time.Millisecond) {
		if err := h.db.NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(t.Context(), &waiting); err != nil {
			t.Fatal(err)
		}
	}
	stopped := make(chan error, 1)
	go func() { stopped <- h.app.ShutdownWithTimeout(15 * time.Second) }()
	for { // until it takes no new connection
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	if err := hold.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; got != http.StatusOK {
		t.Errorf("got status %d, want the thanks page", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

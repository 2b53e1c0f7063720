package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/uptrace/bun"
	"github.com/valyala/fasthttp/fasthttputil"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

func TestDescriptionIsOpenAPI31(t *testing.T) {
	t.Parallel()
	if err := readDescription(t, openapiJSON).checkDocument(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"a version that is not 3.1":        {`"openapi": "3.1.0"`, `"openapi": "3.0.3"`},
		"a response without a description": {`"description": "The active epoch.",`, ``},
		"a reference to nowhere":           {`"#/components/schemas/Acceptance"`, `"#/components/schemas/Acceptances"`},
		"a schema of an unknown type":      {`"type": "integer", "minimum": 0`, `"type": "int", "minimum": 0`},
	} {
		planted := bytes.Replace(openapiJSON, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(planted, openapiJSON) {
			t.Errorf("%s: not planted", what)
		}
		if readDescription(t, planted).checkDocument() == nil {
			t.Errorf("%s: not found", what)
		}
	}
}

func TestDescriptionNamesEveryRoute(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for _, o := range readDescription(t, openapiJSON).operations() {
		described[o.name] = true
	}
	app := New(Config{})
	for _, problem := range routeProblems(app, described) {
		t.Error(problem)
	}
	app.Post("/api/v1/planted/:thing", func(*fiber.Ctx) error { return nil })
	described["GET /planted"] = true
	if got := routeProblems(app, described); len(got) != 2 {
		t.Errorf("a planted route and a planted description: found %v", got)
	}
}

// routeProblems compares the routes of the API with the operations described. HEAD comes with every GET by itself.
func routeProblems(app *fiber.App, described map[string]bool) (problems []string) {
	served := map[string]bool{}
	for _, route := range app.GetRoutes(true) {
		path, ok := strings.CutPrefix(route.Path, apiPrefix+"/")
		if !ok || route.Method == fiber.MethodHead {
			continue
		}
		parts := strings.Split(path, "/")
		for i, part := range parts {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		served[route.Method+" /"+strings.Join(parts, "/")] = true
	}
	for name := range served {
		if !described[name] {
			problems = append(problems, name+" is served and not described")
		}
	}
	for name := range described {
		if !served[name] {
			problems = append(problems, name+" is described and not served")
		}
	}
	return problems
}

func TestDescriptionNamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, node, err := readDescription(t, openapiJSON).find("#/components/schemas/ProblemType")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, one := range node["oneOf"].([]any) {
		described[strings.TrimPrefix(one.(map[string]any)["const"].(string), problemPrefix)] = true
	}
	used := problemsInSources(t)
	if !used["stale-epoch"] || len(used) < 20 {
		t.Fatalf("found only %v in the sources", slices.Sorted(maps.Keys(used)))
	}
	for name := range used {
		if !described[name] {
			t.Errorf("%s is used and not described", name)
		}
	}
	for name := range described {
		if !used[name] {
			t.Errorf("%s is described and not used", name)
		}
	}
}

// problemsInSources finds the names of problems in all Go code but tests: those given to newProblem, those the terminal
// client acts on, and any written out in full.
func problemsInSources(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, name := range problemsIn(t, n) {
				names[name] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func problemsIn(t *testing.T, n ast.Node) (names []string) {
	t.Helper()
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "newProblem" {
			name, ok := literal(n.Args[1])
			if !ok {
				t.Error("newProblem is called with a name that is not written out, so that nothing can hold it against the description")
			}
			return []string{name}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if name, ok := literal(value); ok && strings.HasPrefix(n.Names[i].Name, "Problem") {
				names = append(names, name)
			}
		}
		return names
	case *ast.BasicLit:
		if s, ok := literal(n); ok && strings.HasPrefix(s, problemPrefix) && s != problemPrefix {
			return []string{strings.TrimPrefix(s, problemPrefix)}
		}
	}
	return nil
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(basic.Value)
	return s, err == nil
}

// TestDescriptionCheckBites plants wrong answers and requests, so that the long test below cannot pass by looking away.
func TestDescriptionCheckBites(t *testing.T) {
	t.Parallel()
	d := readDescription(t, openapiJSON)
	nonce, submit := d.operation(t, "POST /panel/nonce"), d.operation(t, "POST /c/{clinic}/submissions")
	made := func(status int, kind, body string) answer {
		header := http.Header{"Content-Type": {kind}, "Cache-Control": {"no-store, no-transform"}}
		return answer{&http.Response{StatusCode: status, Header: header}, body}
	}
	good := `{"nonce":"` + strings.Repeat("A", 43) + `"}`
	refusal := `{"type":"urn:answerable:problem:cross-origin","title":"T","status":403,"detail":"D."}`
	for _, a := range []answer{made(200, jsonType, good), made(403, problemType, refusal)} {
		if _, err := d.checkAnswer(nonce, a); err != nil {
			t.Errorf("%s: %v", a.body, err)
		}
	}
	cached, cookie := made(200, jsonType, good), made(200, jsonType, good)
	cached.Header.Set("Cache-Control", "max-age=60")
	cookie.Header.Set("Set-Cookie", "who=you")
	for what, a := range map[string]answer{
		"a status that is not named":    made(202, jsonType, good),
		"another content type":          made(200, "text/plain", good),
		"no body":                       made(200, jsonType, ""),
		"a missing member":              made(200, jsonType, `{}`),
		"a member that is not named":    made(200, jsonType, strings.Replace(good, "{", `{"at":"12:00",`, 1)),
		"a nonce that is too short":     made(200, jsonType, `{"nonce":"AAAA"}`),
		"a number for a string":         made(200, jsonType, `{"nonce":1}`),
		"a problem of another kind":     made(403, problemType, strings.Replace(refusal, "cross-origin", "stale", 1)),
		"a problem of an unknown kind":  made(403, problemType, strings.Replace(refusal, "cross-origin", "x", 1)),
		"a problem of another status":   made(403, problemType, strings.Replace(refusal, "403", "409", 1)),
		"a problem with one more":       made(403, problemType, strings.Replace(refusal, "{", `{"hint":"x",`, 1)),
		"an answer that may be cached":  cached,
		"a cookie that is not named":    cookie,
		"a refusal in place of success": made(200, problemType, refusal),
	} {
		if _, err := d.checkAnswer(nonce, a); err == nil {
			t.Errorf("%s: not found", what)
		}
	}
	if _, err := d.checkAnswer(d.operation(t, "POST /panel/sign-out"), made(204, "", "")); err == nil {
		t.Error("a missing cookie header: not found")
	}
	r := httptest.NewRequest(http.MethodPost, submissionsPath, nil)
	r.Header.Set("Content-Type", jsonType)
	if d.checkRequest(submit, r, `{"v":1}`) == nil {
		t.Error("a wrong request: not found")
	}
}

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

const onPanel = "/panel/c/riverside"

// prepare writes down one good request for each operation. All of them still succeed after the refusals.
func (w *witness) prepare(hillside string) {
	epoch, member := w.epochAnswer().Epoch, w.signIn(0)
	offer := w.more.NewOffer(w.t, w.now.AddDate(0, 0, 31))
	draft, err := w.config.Keys.ProposeManifest(w.t.Context(), w.place.ID, 2)
	w.must(err)
	w.fillPage(epoch)

	get := func(path string) shot { return shot{path: path} }
	post := func(path string, body any) shot { return shot{path: path, body: asJSON(body), kind: jsonType} }
	w.good["GET /openapi.json"] = get("/openapi.json")
	w.good["GET /c/{clinic}/epoch"] = get("/c/riverside/epoch")
	w.good["GET /c/{clinic}/epochs"] = get("/c/riverside/epochs")
	w.good["GET /c/{clinic}/panel"] = get("/c/riverside/panel")
	w.good["GET /c/{clinic}/chain"] = get("/c/riverside/chain")
	w.good["GET /c/{clinic}/releases"] = get("/c/riverside/releases")
	w.good["GET /c/{clinic}/exports"] = get("/c/riverside/exports")
	w.good["GET /c/{clinic}/promises"] = get("/c/riverside/promises")
	w.good["GET /log"] = get("/log")
	w.good["POST /c/{clinic}/submissions"] = post("/c/riverside/submissions", w.newMessage("words").body)
	w.prepareMailbox(member)
	w.good["POST /panel/nonce"] = shot{path: "/panel/nonce"}
	w.good["POST /panel/sign-in"] = post("/panel/sign-in", w.signInBody(w.panel[1]))
	w.good["POST /panel/sign-out"] = shot{path: "/panel/sign-out", cookie: w.signIn(2)}
	w.good["POST /panel/enrol"] = post("/panel/enrol", w.enrolBody(hillside))
	w.good["GET /panel/c/{clinic}/manifest"] = get(onPanel + "/manifest").as(member)
	w.good["POST /panel/c/{clinic}/manifest/signatures"] = post(onPanel+"/manifest/signatures", map[string]any{
		"version": draft.Version, "signature": b64(keyring.SignManifest(w.panel[0].Key, draft.Lines())),
	}).as(member)
	w.good["POST /panel/c/{clinic}/manifest/proposals"] = post(onPanel+"/manifest/proposals", map[string]any{"m": 2, "without": []string{}}).as(member)
	w.good["GET /panel/c/{clinic}/members"] = get(onPanel + "/members").as(member)
	w.good["GET /panel/c/{clinic}/plan"] = get(onPanel + "/plan").as(member)
	w.good["GET /panel/c/{clinic}/decisions"] = get(onPanel + "/decisions").as(member)
	w.good["GET /panel/c/{clinic}/settings"] = get(onPanel + "/settings").as(member)
	w.good["POST /panel/c/{clinic}/decisions"] = post(onPanel+"/decisions", w.decisionBody("open-without")).as(member)
	waiting, err := w.config.Keys.Decide(w.t.Context(), w.place.ID, w.support("required"), "", w.decided("required", 1))
	w.must(err)
	w.good["POST /panel/c/{clinic}/decisions/{decision}/signatures"] = post(onPanel+"/decisions/"+waiting.ID+"/signatures", map[string]any{
		"signature": b64(w.decided("required", 0).Signature),
	}).as(member)
	w.prepareReleases(member)
	w.prepareExports(member)
	w.good["GET /panel/c/{clinic}/wraps/missing"] = get(onPanel + "/wraps/missing").as(member)
	w.good["POST /panel/c/{clinic}/wraps"] = post(onPanel+"/wraps", map[string]any{"wraps": []any{w.lateWrap(0, epoch)}}).as(member)
	own, err := w.config.Keys.WrapFor(w.t.Context(), epoch, w.panel[0].ID)
	w.must(err)
	w.good[refusals] = post(onPanel+"/epochs/"+epoch+"/refusals", map[string]any{
		"signature": b64(keyring.SignRefusal(w.panel[0].Key, epoch, w.panel[0].ID, own.File)),
	}).as(member)
	w.prepareOpenings(member)
	w.prepareReviews(epoch, member)
	w.good["GET /panel/c/{clinic}/epochs"] = get(onPanel + "/epochs").as(member)
	w.good["POST /panel/c/{clinic}/epochs"] = post(onPanel+"/epochs", offerBody(offer)).as(member)
	w.good["POST /panel/c/{clinic}/epochs/{epoch}/acks"] = post(onPanel+"/epochs/"+offer.Record.ID+"/acks", map[string]any{
		"signature": b64(keyring.SignAck(w.panel[0].Key, offer.Record.Lines())),
	}).as(member)
	w.good["GET /panel/c/{clinic}/epochs/{epoch}/files"] = get(onPanel + "/epochs/" + epoch + "/files").as(member)
}

const figuresVisits = "POST /panel/c/{clinic}/figures/visits"

const releases, releaseSignatures, releaseDrop = "POST /panel/c/{clinic}/releases", "POST /panel/c/{clinic}/releases/{release}/signatures", "POST /panel/c/{clinic}/releases/{release}/drop"

// prepareReleases counts three quarters: one to draft, one that is drafted and signed by one already, one to drop.
func (w *witness) prepareReleases(member *http.Cookie) {
	w.must(postgres.InClinic(w.t.Context(), w.db, w.place.ID, func(ctx context.Context, tx bun.Tx) error {
		themes := []string{"voice", "respect", "access", "force"}
		for i := range 120 { // in one column nearly all say the same, and no other cell there can hide it
			c := figures.Coded{Day: time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC), Service: "ward", Themes: themes[i%3 : 3+i%12/11], Seriousness: i / 2 % 4}
			if _, err := figures.CountCoded(ctx, tx, w.place.ID, c); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, month := range []string{"2026-01-10", "2026-04-10", "2026-07-10"} {
		w.countReports(month, 120)
	}
	signed, dropped := w.draftRelease("2026-01-01"), w.draftRelease("2026-07-01")
	_, err := w.config.Figures.Sign(w.t.Context(), w.place.ID, signed.ID, w.releaseSignature(signed, 1))
	w.must(err)
	w.good["GET /panel/c/{clinic}/releases"] = shot{path: onPanel + "/releases"}.as(member)
	w.good["GET /panel/c/{clinic}/figures/plans"] = shot{path: onPanel + "/figures/plans"}.as(member)
	w.good["GET /panel/c/{clinic}/figures/counts"] = shot{path: onPanel + "/figures/counts"}.as(member)
	w.good["GET /panel/c/{clinic}/figures/visits"] = shot{path: onPanel + "/figures/visits"}.as(member)
	w.good[figuresVisits] = shot{path: onPanel + "/figures/visits", kind: jsonType, body: asJSON(map[string]any{"quarter": "2026-07-01", "visits": 1200})}.as(member)
	w.good[releases] = shot{path: onPanel + "/releases", kind: jsonType, body: asJSON(map[string]any{"first": "2026-04-01"})}.as(member)
	w.good[releaseSignatures] = shot{path: onPanel + "/releases/" + signed.ID + "/signatures", kind: jsonType, body: asJSON(map[string]any{
		"signature": b64(w.releaseSignature(signed, 0).Signature),
	})}.as(member)
	w.good[releaseDrop] = shot{path: onPanel + "/releases/" + dropped.ID + "/drop"}.as(member)
}

const exports, exportSignatures, exportDrop = "POST /panel/c/{clinic}/exports", "POST /panel/c/{clinic}/exports/{export}/signatures", "POST /panel/c/{clinic}/exports/{export}/drop"

// prepareExports has a bundle of words that one has signed, one to drop, and a day for a third.
func (w *witness) prepareExports(member *http.Cookie) {
	made := func(asOf string) *export.Export {
		day, err := time.Parse(time.DateOnly, asOf)
		w.must(err)
		e, err := w.config.Exports.Propose(w.t.Context(), w.place, export.Asked{First: time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC), AsOf: day}, w.panel[1].ID)
		w.must(err)
		return e
	}
	signed, dropped := made("2026-10-01"), made("2026-10-02")
	by := func(n int) export.Signature {
		return export.Sign(w.panel[n].Key, w.panel[n].ID, signed.Lines, []byte(signed.Manifest))
	}
	_, err := w.config.Exports.Sign(w.t.Context(), w.place.ID, signed.ID, by(1))
	w.must(err)
	w.good["GET /panel/c/{clinic}/exports"] = shot{path: onPanel + "/exports"}.as(member)
	w.good["GET /panel/c/{clinic}/exports/{export}/bundle"] = shot{path: onPanel + "/exports/" + signed.ID + "/bundle"}.as(member)
	w.good[exports] = shot{path: onPanel + "/exports", kind: jsonType, body: asJSON(map[string]any{"first": "2025-10-01", "last": "2025-12-31", "as_of": "2026-10-03"})}.as(member)
	w.good[exportSignatures] = shot{path: onPanel + "/exports/" + signed.ID + "/signatures", kind: jsonType, body: asJSON(map[string]any{
		"signature": b64(by(0).Lines), "ssh_signature": b64(by(0).SSH),
	})}.as(member)
	w.good[exportDrop] = shot{path: onPanel + "/exports/" + dropped.ID + "/drop"}.as(member)
}

// support is a decision about support lines, as it is signed.
func (w *witness) support(word string) string {
	r := keyring.Resolution{Kind: keyring.KindSupport, ClinicID: w.place.ID, Day: w.now.Truncate(24 * time.Hour), Without: word == "open-without"}
	return r.Lines()
}

func (w *witness) decided(word string, n int) keyring.Signature {
	return keyring.Signature{ReviewerID: w.panel[n].ID, Signature: keyring.SignDecision(w.panel[n].Key, w.support(word))}
}

func (w *witness) decisionBody(word string) map[string]any {
	return map[string]any{"lines": w.support(word), "body": "", "signature": b64(w.decided(word, 0).Signature)}
}

// lateWrap hands a key on to a member who has it already, which is no mistake.
func (w *witness) lateWrap(from int, epoch string) map[string]any {
	file := []byte("sealed")
	return map[string]any{
		"epoch": epoch, "reviewer": w.panel[1].ID, "file": b64(file), "signature": b64(keyring.SignWrap(w.panel[from].Key, epoch, w.panel[1].ID, file)),
	}
}

const refusals = "POST /panel/c/{clinic}/epochs/{epoch}/refusals"

const openings, openingAnswers = "POST /panel/c/{clinic}/openings", "POST /panel/c/{clinic}/openings/{opening}/answers"

// request is one to open an epoch, as its asker signs it.
func (w *witness) request(epoch string, asker int) string {
	r := keyring.OpeningRequest{
		ClinicID: w.place.ID, EpochID: epoch, Requester: w.panel[asker].ID,
		Recipient: w.panel[asker].Identity.Recipient().String(), Day: w.now.Truncate(24 * time.Hour),
	}
	return r.Lines()
}

// prepareOpenings puts an epoch there that two open together, whose days are far off and which was called back, so that it
// disturbs nobody, and a request of the second reviewer's.
func (w *witness) prepareOpenings(member *http.Cookie) {
	o := w.more.NewOffer(w.t, w.now.AddDate(0, 0, 300))
	leaf := make([]byte, 32)
	rand.Read(leaf)
	_, err := w.db.NewInsert().Model(&keyring.Epoch{
		ID: o.Record.ID, ClinicID: w.place.ID, State: keyring.StateRevoked, Recipient: o.Record.Recipient, NotBefore: o.Record.NotBefore,
		NotAfter: o.Record.NotAfter, RetainUntil: o.Record.RetainUntil, QuorumK: 2, QuorumN: 3, ManifestVersion: 1, Record: o.Record.Lines(),
		DealerID: o.Dealer.ReviewerID, DealerSignature: o.Dealer.Signature, OfferedOn: w.now, RevokedOn: &w.now, LeafHash: leaf,
	}).Exec(w.t.Context())
	w.must(err)
	own, theirs := w.request(o.Record.ID, 0), w.request(o.Record.ID, 1)
	asked, err := w.config.Keys.RequestOpening(w.t.Context(), w.place.ID, theirs, keyring.Signature{ReviewerID: w.panel[1].ID, Signature: keyring.SignOpening(w.panel[1].Key, theirs)})
	w.must(err)
	w.good["GET /panel/c/{clinic}/openings"] = shot{path: onPanel + "/openings"}.as(member)
	w.good[openings] = shot{path: onPanel + "/openings", kind: jsonType, body: asJSON(map[string]any{
		"lines": own, "signature": b64(keyring.SignOpening(w.panel[0].Key, own)),
	})}.as(member)
	file := []byte("a sealed part")
	w.good[openingAnswers] = shot{path: onPanel + "/openings/" + asked.ID + "/answers", kind: jsonType, body: asJSON(map[string]any{
		"file": b64(file), "signature": b64(keyring.SignShare(w.panel[0].Key, theirs, file)),
	})}.as(member)
}

func (w *witness) refuseOpenings() {
	none := b64(make([]byte, ed25519.SignatureSize))
	asked, answer := w.good[openings], w.good[openingAnswers]
	w.sends(openings, asked.with("lines", "x"), "422 opening", true)
	w.sends(openings, asked.with("signature", none), "422 signature", true)
	alone := w.request(w.epochAnswer().Epoch, 0)
	w.sends(openings, asked.with("lines", alone).with("signature", b64(keyring.SignOpening(w.panel[0].Key, alone))), "409 stale", true)
	w.sends(openingAnswers, answer.with("signature", none), "422 signature", true)
	w.sends(openingAnswers, answer.with("file", b64(make([]byte, 4097))), "422 record", true)
	w.sends(openingAnswers, answer.with("file", "not base64"), "400 bad-request", false)
	w.sends(openingAnswers, answer.at(onPanel+"/openings/nothing/answers"), "409 stale", true)
}

func (w *witness) refuseKeywork() {
	proposals, decisions := "POST /panel/c/{clinic}/manifest/proposals", "POST /panel/c/{clinic}/decisions"
	signatures, wraps := "POST /panel/c/{clinic}/decisions/{decision}/signatures", "POST /panel/c/{clinic}/wraps"
	none := b64(make([]byte, ed25519.SignatureSize))
	w.sends(proposals, w.good[proposals].with("m", 9), "422 record", true)
	w.sends(decisions, w.good[decisions].with("lines", "x"), "422 decision", true)
	w.sends(decisions, w.good[decisions].with("signature", none), "422 signature", true)
	w.sends(signatures, w.good[signatures].with("signature", none), "422 signature", true)
	w.sends(signatures, w.good[signatures].at(onPanel+"/decisions/nothing/signatures"), "409 stale", true)
	w.refuseReleases(none)
	wrapped := func(from int, change func(map[string]any)) shot {
		body := w.lateWrap(from, w.epochAnswer().Epoch)
		change(body)
		return w.good[wraps].with("wraps", []any{body})
	}
	w.sends(wraps, wrapped(0, func(m map[string]any) { m["signature"] = none }), "422 signature", true)
	w.sends(refusals, w.good[refusals].with("signature", none), "422 signature", true)
	w.sends(refusals, w.good[refusals].at(onPanel+"/epochs/2020-01-none/refusals"), "409 stale", true)
	w.sends(wraps, wrapped(0, func(m map[string]any) { m["file"] = "" }), "422 record", true)
	w.sends(wraps, w.good[wraps].with("wraps", []any{w.lateWrap(0, "2020-01-none")}), "409 stale", true)
	w.sends(wraps, w.good[wraps].with("wraps", []any{}), "400 bad-request", false)
	opensWith := func(k int) {
		_, err := w.db.NewRaw(`UPDATE epoch SET quorum_n = 3, quorum_k = ? WHERE id = ?`, k, w.epochAnswer().Epoch).Exec(w.t.Context())
		w.must(err)
	}
	opensWith(2)
	w.sends(wraps, w.good[wraps], "409 quorum", true)
	w.sends(refusals, w.good[refusals], "409 quorum", true)
	opensWith(1)
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

func (w *witness) signInBody(r keyringtest.Reviewer) map[string]string {
	nonce, err := w.config.Accounts.NewNonce(w.t.Context())
	w.must(err)
	text := account.SignInText(keyringtest.WebOrigin, r.ID, nonce, w.now.Add(time.Minute))
	return map[string]string{"text": string(text), "signature": b64(ed25519.Sign(r.Key, text))}
}

func (w *witness) enrolBody(clinicID string) map[string]string {
	code, err := w.config.Accounts.Invite(w.t.Context(), clinicID)
	w.must(err)
	return enrolText(code, keyringtest.NewReviewer(w.t), keyringtest.NewReviewer(w.t))
}

// enrolText brings the recipient of one identity and the key of another; the server cannot tell.
func enrolText(code string, forRecipient, forKey keyringtest.Reviewer) map[string]string {
	recipient := forRecipient.Identity.Recipient().String()
	return map[string]string{
		"invitation": code, "recipient": recipient, "verify_key": b64(forKey.Key.Public().(ed25519.PublicKey)),
		"signature": b64(ed25519.Sign(forKey.Key, account.EnrolText(code, recipient))),
	}
}

func offerBody(o *keyringtest.Offer) map[string]any {
	wraps := []map[string]string{}
	for reviewer, file := range o.Wraps {
		wraps = append(wraps, map[string]string{"reviewer": reviewer, "file": b64(file)})
	}
	return map[string]any{"record": o.Record.Lines(), "signature": b64(o.Dealer.Signature), "wraps": wraps}
}

// openToNewcomers are the operations for whoever has joined a panel and is on no signed list yet.
var openToNewcomers = map[string]bool{
	"/panel/c/{clinic}/manifest": true, "/panel/c/{clinic}/manifest/signatures": true, "/panel/c/{clinic}/members": true,
}

// refuseGenerally makes the mistakes that can be made with every operation of a kind.
func (w *witness) refuseGenerally() {
	stranger := w.signIn(3)
	for _, o := range w.d.operations() {
		good, name := w.good[o.name], o.name
		if strings.Contains(o.path, "{clinic}") {
			w.sends(name, good.in("nowhere"), "404 unknown-clinic", true)
		}
		if o.method == http.MethodPost {
			w.sends(name, good.saying(strings.Repeat(" ", maxAPIBody+1)), "413 body", !o.takesBody())
			w.announces(o, readBody+1, "413 http")
		}
		if o.method == http.MethodPost && (strings.HasPrefix(o.path, "/panel") || strings.HasPrefix(o.path, "/steward")) {
			w.sends(name, good.sentBy("https://evil.example"), "403 cross-origin", true)
		}
		if o.takesBody() {
			w.sends(name, good.typed("text/plain"), "415 content-type", false)
			w.sends(name, good.packed("gzip"), "415 content-encoding", true)
			w.sends(name, good.saying("words"), "400 bad-request", false)
			w.sends(name, good.with("surplus", "x"), "400 bad-request", false)
		}
		if o.needsSession() {
			w.sends(name, good.as(nil), "401 session", false)
			w.sends(name, good.as(&http.Cookie{Name: panelCookie, Value: "x"}), "401 session", true)
			if !strings.Contains(o.path, "{clinic}") && strings.HasPrefix(o.path, "/panel") {
				continue // one's own account, whoever one is
			}
			refused := "403 not-a-member"
			if strings.HasPrefix(o.path, "/steward") {
				refused = "403 not-steward"
			}
			w.sends(name, good.as(stranger), refused, true)
			if strings.HasPrefix(o.path, "/panel/c/") && !openToNewcomers[o.path] {
				w.sends(name, good.in("hillside"), "403 not-listed", true)
			}
		}
	}
}

func (w *witness) refuseMessages() {
	w.sends("GET /c/{clinic}/epoch", shot{path: "/c/hillside/epoch"}, "409 form-closed", true)
	const name = "POST /c/{clinic}/submissions"
	good := w.good[name]
	used, fresh := w.newMessage("one"), w.newMessage("another")
	w.sends(name, good.saying(used.json()), "201", true)
	w.sends(name, good.saying(used.json()), "201", true)
	for _, c := range []struct {
		s    shot
		want string
		fits bool
	}{
		{good.in("hillside"), "409 form-closed", true},
		{good.with("epoch", "2020-01-aaaa"), "409 stale-epoch", true},
		{good.saying(fresh.with("anchor", used.body["anchor"]).json()), "409 anchor-used", true},
		{good.saying(fresh.with("withdraw", used.body["withdraw"]).json()), "409 withdraw-used", true},
		{good.saying(fresh.withFile(make([]byte, len(fresh.file))).json()), "422 shape", true},
		{good.saying(fresh.withFile(fresh.file[1:]).json()), "422 shape", false},
		{good.with("v", 2), "400 bad-request", false},
		{good.with("pow", map[string]any{}), "400 bad-request", false},
		{good.with("invite", "x"), "400 bad-request", false},
		{good.with("ct", wrap(fresh.body["ct"].(string))), "400 bad-request", false},
		{good.with("ct", base64.URLEncoding.EncodeToString(fresh.file)), "400 bad-request", false},
		{good.with("anchor", "AAAA"), "400 bad-request", false},
		{good.with("withdraw", strings.Repeat("A", 42)+"B"), "400 bad-request", false},
		{good.saying(fresh.with("withdraw", fresh.body["anchor"]).json()), "400 bad-request", true},
	} {
		w.sends(name, c.s, c.want, c.fits)
	}
}

func (w *witness) refuseReviewers() {
	wrong := b64(make([]byte, ed25519.SignatureSize))
	signIn := w.good["POST /panel/sign-in"].saying(asJSON(w.signInBody(w.panel[1])))
	w.sends("POST /panel/sign-in", signIn.with("signature", wrong), "401 sign-in", true)

	enrol := w.good["POST /panel/enrol"]
	stolen := enrolText(w.invitation(), keyringtest.NewReviewer(w.t), w.panel[1])
	unknown := enrolText(strings.Repeat("a", 32), keyringtest.NewReviewer(w.t), w.panel[1])
	w.sends("POST /panel/enrol", enrol.with("signature", wrong), "422 signature", true)
	w.sends("POST /panel/enrol", enrol.with("recipient", "age1pq1"+strings.Repeat("q", 1952)), "422 record", true)
	w.sends("POST /panel/enrol", enrol.saying(asJSON(unknown)), "403 invitation", true)
	w.sends("POST /panel/enrol", enrol.saying(asJSON(stolen)), "409 known-key", true)
	w.sends("POST /panel/enrol", enrol.saying(asJSON(enrolText(w.invitation(), w.panel[1], w.panel[1]))), "409 already-there", true)

	w.sends("GET /panel/c/{clinic}/manifest", w.good["GET /panel/c/{clinic}/manifest"].in("hillside"), "409 no-panel", true)
	name := "POST /panel/c/{clinic}/manifest/signatures"
	w.sends(name, w.good[name].with("version", 1), "409 stale", true)
	w.sends(name, w.good[name].with("signature", wrong), "422 signature", true)
	draft, err := w.config.Keys.ProposeManifest(w.t.Context(), w.hillside, 1, w.panel[0].ID)
	w.must(err)
	w.sends(name, w.good[name].in("hillside").with("version", draft.Version), "403 not-listed", true)
	_, err = w.db.NewRaw(`DELETE FROM panel_manifest WHERE clinic_id = ?`, w.hillside).Exec(w.t.Context())
	w.must(err)

	name = "POST /panel/c/{clinic}/epochs/{epoch}/acks"
	w.sends(name, w.good[name].at(onPanel+"/epochs/2020-01-aaaa/acks"), "409 stale", true)
	w.sends(name, w.good[name].at(onPanel+"/epochs/"+w.epochAnswer().Epoch+"/acks"), "422 signature", true)

	name = "GET /panel/c/{clinic}/epochs/{epoch}/files"
	w.sends(name, w.good[name].at(w.good[name].path+"?after=zz"), "400 bad-request", false)
	w.refuseOffers()
	w.refuseKeywork()
	w.refuseOpenings()
}

func (w *witness) invitation() string {
	code, err := w.config.Accounts.Invite(w.t.Context(), w.place.ID)
	w.must(err)
	return code
}

func (w *witness) refuseOffers() {
	const name = "POST /panel/c/{clinic}/epochs"
	good := w.good[name]
	stale, quorum := w.more.NewOffer(w.t, w.now), w.more.NewOffer(w.t, w.now)
	stale.Record.Previous = nil
	stale.Sign(w.panel[0])
	quorum.Record.K, quorum.Record.Shares = 2, [32]byte{1}
	quorum.Sign(w.panel[0])
	w.sends(name, good.saying(asJSON(offerBody(stale))), "409 stale", true)
	w.sends(name, good.saying(asJSON(offerBody(quorum))), "422 record", true)
	w.sends(name, good.saying(asJSON(offerBody(w.more.NewOffer(w.t, w.now)))), "409 days-taken", true)
	w.sends(name, good.with("signature", b64(make([]byte, ed25519.SignatureSize))), "422 signature", true)
	w.sends(name, good.with("record", "x"), "422 record", false)
	w.sends(name, good.with("wraps", []any{}), "422 record", false)
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

func TestDescriptionIsServedAsItIs(t *testing.T) {
	t.Parallel()
	response, err := New(Config{}).Test(httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil), -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != jsonType || !bytes.Equal(body.Bytes(), openapiJSON) {
		t.Errorf("got %d %q and %d bytes", response.StatusCode, response.Header.Get("Content-Type"), body.Len())
	}
}

// TestDescriptionHoldsForEveryAddress is about what the description says of all requests, whatever their address.
func TestDescriptionHoldsForEveryAddress(t *testing.T) {
	t.Parallel()
	d := readDescription(t, openapiJSON)
	schema, err := d.answers.Compile(documentURL + "#/components/schemas/Problem")
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat(" ", maxAPIBody+1)
	for _, c := range []struct {
		method, path, body string
		status             int
		name               string
	}{
		{http.MethodGet, "/nothing", "", 404, "http"},
		{http.MethodPut, "/openapi.json", "", 404, "http"},
		{http.MethodPost, "/c/riverside/epoch", "{}", 404, "http"},
		{http.MethodGet, "/panel/nonce", "", 404, "http"},
		{http.MethodGet, "/c/riverside/submissions", "", 405, "http"},
		{http.MethodGet, "/nothing", large, 413, "body"},
		{http.MethodGet, "/openapi.json", large, 413, "body"},
		{http.MethodGet, "/panel/c/%zz/manifest", "", 400, "bad-request"},
		{http.MethodHead, "/openapi.json", "", 200, ""},
	} {
		r := httptest.NewRequest(c.method, apiPrefix+"/x", strings.NewReader(c.body))
		r.RequestURI = apiPrefix + c.path
		response, err := New(Config{}).Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != c.status || response.Header.Get("Cache-Control") != "no-store, no-transform" {
			t.Errorf("%s %s: %d, Cache-Control %q", c.method, c.path, response.StatusCode, response.Header.Get("Cache-Control"))
		}
		if allow := response.Header.Get("Allow"); c.status == 405 && allow != http.MethodPost {
			t.Errorf("%s %s allows %q", c.method, c.path, allow)
		}
		if c.name == "" {
			continue
		}
		body, err := jsonschema.UnmarshalJSON(response.Body)
		if err != nil || schema.Validate(body) != nil || body.(map[string]any)["type"] != problemPrefix+c.name {
			t.Errorf("%s %s: %v, %v", c.method, c.path, body, err)
		}
	}
}

// refuseReleases sends what no release can be made of, and signatures of nothing.
func (w *witness) refuseReleases(none string) {
	w.sends(releases, w.good[releases].with("first", "2025-01-01"), "422 period", true)
	w.sends(releases, w.good[releases].with("first", "2025-10-01"), "422 unsafe", true)
	w.sends(releases, w.good[releases].with("first", "2026-04-02"), "400 bad-request", true)
	w.sends(figuresVisits, w.good[figuresVisits].with("quarter", "2026-10-01"), "422 visits", true) // not over
	w.sends(figuresVisits, w.good[figuresVisits].with("quarter", "2026-08-01"), "422 visits", true)
	w.sends(figuresVisits, w.good[figuresVisits].with("quarter", "July"), "400 bad-request", false)
	w.sends(releaseSignatures, w.good[releaseSignatures].with("signature", none), "422 signature", true)
	w.sends(releaseSignatures, w.good[releaseSignatures].at(onPanel+"/releases/nothing/signatures"), "409 stale", true)
	w.sends(releaseDrop, w.good[releaseDrop].at(onPanel+"/releases/nothing/drop"), "409 stale", true)
	w.sends(exports, w.good[exports].with("first", "2025-11-01"), "422 period", true)
	w.sends(exports, w.good[exports].with("last", "2025-11-30"), "422 period", true)
	w.sends(exports, w.good[exports].with("first", "soon"), "400 bad-request", false)
	w.sends(exportSignatures, w.good[exportSignatures].with("ssh_signature", none), "422 signature", true)
	w.sends(exportSignatures, w.good[exportSignatures].at(onPanel+"/exports/nothing/signatures"), "409 stale", true)
	w.sends(exportDrop, w.good[exportDrop].at(onPanel+"/exports/nothing/drop"), "409 stale", true)
	bundle := "GET /panel/c/{clinic}/exports/{export}/bundle"
	w.sends(bundle, w.good[bundle].at(onPanel+"/exports/nothing/bundle"), "404 unknown-export", true)
}

package web

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
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

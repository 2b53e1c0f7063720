package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi/datamodel"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	apiPrefix     = "/api/v1"
	problemPrefix = "urn:answerable:problem:"
	problemType   = "application/problem+json"
)

// description is an OpenAPI document as a strict client reads it: a request that it does not allow is wrong, and so is
// any answer, header or member of an answer that it does not name.
type description struct {
	root     map[string]any
	requests *jsonschema.Compiler // of the document as it stands
	answers  *jsonschema.Compiler // of one that allows no member it does not name
}

const documentURL = "https://words.example/openapi.json"

func readDescription(t testing.TB, document []byte) *description {
	t.Helper()
	compiler := func(close bool) (*jsonschema.Compiler, map[string]any) {
		root, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
		if err != nil {
			t.Fatal(err)
		}
		if close {
			closeObjects(root)
		}
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft2020)
		c.AssertFormat()
		c.AssertContent()
		if err := c.AddResource(documentURL, root); err != nil {
			t.Fatal(err)
		}
		return c, root.(map[string]any)
	}
	d := &description{}
	d.requests, d.root = compiler(false)
	d.answers, _ = compiler(true)
	return d
}

// closeObjects lets every object hold the members it names and no more, unless it says otherwise itself.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, says := node["additionalProperties"]; node["type"] == "object" && !says {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// checkDocument holds the document against the OpenAPI 3.1 schema and compiles every schema in it.
func (d *description) checkDocument() error {
	meta, err := jsonschema.UnmarshalJSON(strings.NewReader(datamodel.OpenAPI31SchemaData))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("https://words.example/oas31.json", meta); err != nil {
		return err
	}
	schema, err := c.Compile("https://words.example/oas31.json")
	if err != nil {
		return err
	}
	if err := schema.Validate(d.root); err != nil {
		return err
	}
	return d.checkReferences(d.root, "#")
}

// checkReferences follows every reference and compiles whatever stands where a schema belongs.
func (d *description) checkReferences(node any, at string) error {
	var errs []error
	switch node := node.(type) {
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok {
			if _, _, err := d.find(ref); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", at, err))
			}
		}
		for key, child := range node {
			below := at + "/" + escape(key)
			if key == "schema" || at == "#/components/schemas" {
				_, err := d.requests.Compile(documentURL + below)
				errs = append(errs, err)
			}
			errs = append(errs, d.checkReferences(child, below))
		}
	case []any:
		for i, child := range node {
			errs = append(errs, d.checkReferences(child, at+"/"+strconv.Itoa(i)))
		}
	}
	return errors.Join(errs...)
}

// escape writes a key as part of a JSON pointer in a URL's fragment.
func escape(key string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
}

// find gives what stands at a pointer into the document, and where it really stands when that is a reference.
func (d *description) find(pointer string) (at string, node map[string]any, err error) {
	node = d.root
	for _, part := range strings.Split(pointer, "/")[1:] {
		key, err := url.PathUnescape(part)
		if err != nil {
			return "", nil, err
		}
		child, ok := node[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)].(map[string]any)
		if !ok {
			return "", nil, fmt.Errorf("%s leads nowhere", pointer)
		}
		node = child
	}
	// A schema may say more beside its reference; everything else is only the reference.
	if ref, ok := node["$ref"].(string); ok && len(node) == 1 {
		return d.find(ref)
	}
	return pointer, node, nil
}

// operation is a method and a path of the document, such as "GET /c/{clinic}/epoch".
type operation struct {
	name, method, path string
	pointer            string
	node               map[string]any
}

func (d *description) operations() []operation {
	var all []operation
	paths := d.root["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range []string{"get", "post"} {
			if node, ok := paths[path].(map[string]any)[method].(map[string]any); ok {
				upper := strings.ToUpper(method)
				all = append(all, operation{upper + " " + path, upper, path, "#/paths/" + escape(path) + "/" + method, node})
			}
		}
	}
	return all
}

func (d *description) operation(t testing.TB, name string) operation {
	t.Helper()
	for _, o := range d.operations() {
		if o.name == name {
			return o
		}
	}
	t.Fatalf("the document has no operation %s", name)
	return operation{}
}

func (o operation) takesBody() bool { return o.node["requestBody"] != nil }

// needsSession says whether no alternative lets the request pass without the cookie.
func (o operation) needsSession() bool {
	alternatives, _ := o.node["security"].([]any)
	for _, a := range alternatives {
		if len(a.(map[string]any)) == 0 {
			return false
		}
	}
	return len(alternatives) > 0
}

// answersNamed lists what the document says an operation may answer: "200", "409 stale" and so on.
func (d *description) answersNamed(o operation) ([]string, error) {
	var named []string
	for status := range o.node["responses"].(map[string]any) {
		_, response, err := d.find(o.pointer + "/responses/" + status)
		if err != nil {
			return nil, err
		}
		types, err := problemTypes(response)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.name, status, err)
		}
		if len(types) == 0 {
			named = append(named, status)
		}
		for _, name := range types {
			named = append(named, status+" "+name)
		}
	}
	return named, nil
}

func problemTypes(response map[string]any) (names []string, err error) {
	content, _ := response["content"].(map[string]any)
	problem, ok := content[problemType].(map[string]any)
	if !ok {
		return nil, nil
	}
	properties, _ := problem["schema"].(map[string]any)["properties"].(map[string]any)
	kind, _ := properties["type"].(map[string]any)
	list, _ := kind["enum"].([]any)
	if len(list) == 0 {
		return nil, errors.New("the refusal names no problem types")
	}
	for _, name := range list {
		names = append(names, strings.TrimPrefix(name.(string), problemPrefix))
	}
	return names, nil
}

// checkRequest reports where a request departs from its operation: parameters, session, content type and body.
func (d *description) checkRequest(o operation, r *http.Request, body string) error {
	if err := d.checkParameters(o, r); err != nil {
		return err
	}
	if _, err := r.Cookie(panelCookie); o.needsSession() && err != nil {
		return errors.New("the operation needs a session")
	}
	if !o.takesBody() {
		return nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	return d.checkBody(d.requests, o.pointer+"/requestBody", kind, body)
}

func (d *description) checkParameters(o operation, r *http.Request) error {
	values := map[string]string{}
	template, path := strings.Split(o.path, "/"), strings.Split(strings.TrimPrefix(r.URL.Path, apiPrefix), "/")
	if len(template) != len(path) {
		return fmt.Errorf("%s is not an address of %s", r.URL.Path, o.name)
	}
	for i, part := range template {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			values["path "+strings.TrimSuffix(name, "}")] = path[i]
		} else if part != path[i] {
			return fmt.Errorf("%s is not an address of %s", r.URL.Path, o.name)
		}
	}
	for name, list := range r.URL.Query() {
		values["query "+name] = list[0]
	}
	for _, parameter := range d.parameters(o) {
		key := parameter["in"].(string) + " " + parameter["name"].(string)
		value, given := values[key]
		delete(values, key)
		if !given && parameter["required"] == true {
			return fmt.Errorf("%s is missing", key)
		}
		if err := d.checkText(parameter["schema"].(map[string]any), value); given && err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if len(values) > 0 {
		return fmt.Errorf("the document has no parameters %v", slices.Collect(maps.Keys(values)))
	}
	return nil
}

func (d *description) parameters(o operation) (all []map[string]any) {
	shared, _ := d.root["paths"].(map[string]any)[o.path].(map[string]any)["parameters"].([]any)
	own, _ := o.node["parameters"].([]any)
	for _, p := range slices.Concat(shared, own) {
		node := p.(map[string]any)
		if ref, ok := node["$ref"].(string); ok {
			_, node, _ = d.find(ref)
		}
		all = append(all, node)
	}
	return all
}

// checkText holds a parameter or header against its schema, which may be a reference.
func (d *description) checkText(node map[string]any, value string) error {
	c := jsonschema.NewCompiler()
	if ref, ok := node["$ref"].(string); ok {
		schema, err := d.requests.Compile(documentURL + ref)
		if err != nil {
			return err
		}
		return schema.Validate(value)
	}
	if err := c.AddResource("https://words.example/text.json", node); err != nil {
		return err
	}
	schema, err := c.Compile("https://words.example/text.json")
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// checkAnswer reports where an answer departs from its operation; name is what it answers: "200", "409 stale".
func (d *description) checkAnswer(o operation, a answer) (name string, err error) {
	status := strconv.Itoa(a.StatusCode)
	pointer, response, err := d.find(o.pointer + "/responses/" + status)
	if err != nil {
		return "", fmt.Errorf("%s does not answer %s: %.300s", o.name, status, a.body)
	}
	if a.Header.Get("Cache-Control") != "no-store, no-transform" {
		return "", fmt.Errorf("Cache-Control is %q", a.Header.Get("Cache-Control"))
	}
	if err := d.checkHeaders(response, a.Header); err != nil {
		return "", err
	}
	if _, ok := response["content"]; !ok {
		if a.body != "" {
			return "", fmt.Errorf("%s %s has a body", o.name, status)
		}
		return status, nil
	}
	kind := a.Header.Get("Content-Type")
	if err := d.checkBody(d.answers, pointer, kind, a.body); err != nil {
		return "", err
	}
	if kind != problemType {
		return status, nil
	}
	problem, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil {
		return "", err
	}
	return status + " " + strings.TrimPrefix(problem.(map[string]any)["type"].(string), problemPrefix), nil
}

func (d *description) checkHeaders(response map[string]any, header http.Header) error {
	named, _ := response["headers"].(map[string]any)
	for name, node := range named {
		value := header.Get(name)
		if value == "" {
			return fmt.Errorf("the header %s is missing", name)
		}
		if err := d.checkText(node.(map[string]any)["schema"].(map[string]any), value); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	if _, ok := named["Set-Cookie"]; !ok && header.Get("Set-Cookie") != "" {
		return errors.New("sets a cookie that the document does not name")
	}
	return nil
}

// checkBody holds a body against the schema for its content type at a pointer to a response or request body.
func (d *description) checkBody(c *jsonschema.Compiler, pointer, kind, body string) error {
	if _, _, err := d.find(pointer + "/content/" + escape(kind)); err != nil {
		return fmt.Errorf("the content type is %q", kind)
	}
	schema, err := c.Compile(documentURL + pointer + "/content/" + escape(kind) + "/schema")
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("not JSON: %w", err)
	}
	return schema.Validate(value)
}

package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"answerable/internal/clinic"
	"answerable/internal/taxonomy"
	"answerable/ui"
)

// lang is the language of every page so far.
const lang = "en"

// page is what every page shows around its own content.
type page struct {
	Lang   string
	Clinic *clinic.Clinic // nil on pages that belong to no clinic
	Failed bool           // the title begins with "Error:"
	Shared bool           // others use this device too: wiped when quiet, nothing to print, copy or save
	Way    way            // how the visitor came here
	Onion  string         // where our onion service is; empty where there is none
}

// pages are the templates and the words in them.
type pages struct {
	words  *i18n.Localizer
	byName map[string]*template.Template
}

// loadPages reads every template. It panics when one does not parse: they are compiled in.
func loadPages(a *assets) *pages {
	p := &pages{words: loadWords(), byName: map[string]*template.Template{}}
	base := template.New("").Funcs(template.FuncMap{
		"t":     p.t,
		"asset": a.url,
		"day":   day,
		"list":  func(items []string) string { return strings.Join(items, ", ") },
		"ways":  p.ways,
	})
	base = template.Must(base.ParseFS(ui.FS, "templates/layout.html", "templates/parts/*.html"))
	files, err := fs.Glob(ui.FS, "templates/*.html")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name != "layout" {
			p.byName[name] = template.Must(template.Must(base.Clone()).ParseFS(ui.FS, file))
		}
	}
	return p
}

// loadWords reads the language file. English labels of codes come from the taxonomy, where they stand beside them; other
// languages carry them in their own file under the same keys.
func loadWords() *i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	if _, err := bundle.LoadMessageFileFS(ui.FS, "locales/en.json"); err != nil {
		panic(fmt.Sprintf("locales/en.json, which is compiled in: %v", err))
	}
	for key, text := range taxonomyWords() {
		// Labels are plain text: other delimiters keep a brace in one from being read as a template.
		m := &i18n.Message{ID: key, Other: text, LeftDelim: "\x00", RightDelim: "\x00"}
		if err := bundle.AddMessages(language.English, m); err != nil {
			panic(err)
		}
	}
	return i18n.NewLocalizer(bundle, lang)
}

// taxonomyWords are the English labels of codes and steps, by the key under which pages look them up.
func taxonomyWords() map[string]string {
	words := map[string]string{}
	for _, s := range taxonomy.Steps() {
		words["step."+s.Key] = s.Title
	}
	for _, themes := range [][]taxonomy.Theme{taxonomy.Themes(), taxonomy.Good()} {
		for _, t := range themes {
			words["theme."+t.Code], words["theme_hint."+t.Code] = t.Label, t.Hint
			for _, i := range t.Items {
				words["item."+i.Code], words["item_hint."+i.Code] = i.Label, i.Hint
			}
		}
	}
	for field, choices := range map[string][]taxonomy.Choice{
		"impact": taxonomy.Impact(), "impact_on": taxonomy.ImpactOn(), "scope": taxonomy.Scope(),
	} {
		for _, c := range choices {
			if c.Code != taxonomy.NotSure { // one wording for all questions
				words["option."+field+"."+c.Code] = c.Label
			}
		}
	}
	for key, text := range words {
		if text == "" {
			delete(words, key)
		}
	}
	return words
}

// t looks a sentence up. What follows the key is names and values in turn: t("keys.members", "Count", 3).
// An unknown key is an error, so that no page ever shows one.
func (p *pages) t(key string, pairs ...any) (string, error) {
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return p.words.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// say is t for keys written in this package, which tests have looked up. It panics on an unknown one.
func (p *pages) say(key string, pairs ...any) string {
	text, err := p.t(key, pairs...)
	if err != nil {
		panic("unknown sentence " + key)
	}
	return text
}

// maybe gives the sentence, or nothing where there is none: not every question has a hint.
func (p *pages) maybe(key string) string {
	text, err := p.t(key)
	if err != nil {
		return ""
	}
	return text
}

func (p *pages) ways(codes []string) (string, error) {
	names := make([]string, 0, len(codes))
	for _, code := range codes {
		name, err := p.t("support.way." + code)
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	return strings.Join(names, ", "), nil
}

// day writes a date as people say it.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// render writes a page. It is built whole before the first byte leaves, so that an error cannot cut one short.
func (p *pages) render(c *fiber.Ctx, status int, name string, data any) error {
	var b bytes.Buffer
	if err := p.byName[name].ExecuteTemplate(&b, "layout", data); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Status(status)
	// Only pages that were fetched, never the answer to a form: packing what a person typed together with what another
	// site made a browser send would let the length tell about the words.
	if c.Method() == fiber.MethodGet && acceptsGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(compress(b.Bytes()))
	}
	return c.Send(b.Bytes())
}

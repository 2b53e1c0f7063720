package web

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"answerable/internal/clinic"
	"answerable/internal/taxonomy"
)

// page is what every page shows around its own content.
type page struct {
	Lang, Dir string
	Draft     bool           // a machine wrote this language, and nobody has read all of it
	Clinic    *clinic.Clinic // nil on pages that belong to no clinic
	Failed    bool           // the title begins with "Error:"
	Shared    bool           // others use this device too: wiped when quiet, nothing to print, copy or save
	Once      bool           // what stands here is shown once, so links open in a new tab; never where others use the device too
	Posted    bool           // it came when somebody sent something, which the browser keeps with it in its list of pages
	Way       way            // how the visitor came here
	Onion     string         // where our onion service is; empty where there is none
	Languages []languageChoice
	Keep      string // the form that the language switch sends, so that nothing typed is lost; "" where links do

	in     *pages
	house  *pages // in the language in which the clinic writes
	beside *pages // in the language that stands beside a draft
	chosen bool   // somebody chose the language, so links keep it
	here   string // path of this page, with what else of its address another language keeps
}

// Link is an address of this site that keeps the chosen language, and that others use the device too.
func (p page) Link(path string) string {
	var keep []string
	if p.Shared {
		keep = append(keep, "shared")
	}
	if p.chosen {
		keep = append(keep, languageKey+"="+p.in.lang)
	}
	return withQuery(path, keep...)
}

// withQuery adds to what an address asks for. What is added is escaped already.
func withQuery(path string, more ...string) string {
	if len(more) == 0 {
		return path
	}
	between := "?"
	if strings.Contains(path, "?") {
		between = "&"
	}
	return path + between + strings.Join(more, "&")
}

// Apart says that links open in a new tab, because this page has a form, or the ticket that came of one, and a browser that goes back
// may bring it empty. Not on a device that others use too: the page left behind would hold those words for whoever comes next.
func (p page) Apart() bool { return p.Keep != "" && !p.Shared }

// At is the address of a page of this clinic, such as "/tell"; "" is its first.
func (p page) At(path string) string { return p.Link("/c/" + p.Clinic.Slug + path) }

// pages are the templates and the words in them, in one language.
type pages struct {
	lang, dir string // dir is "ltr" or "rtl"
	draft     bool
	words     *i18n.Localizer
	byName    map[string]*template.Template
}

func (p *pages) functions(a *assets) template.FuncMap {
	return template.FuncMap{
		"t":     p.t,
		"asset": a.url,
		"day":   p.day,
		"list":  func(items []string) string { return strings.Join(items, p.comma()) },
		"ways":  p.ways,
	}
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
	for _, s := range taxonomy.SeriousnessScale() {
		words["serious."+strconv.Itoa(s.Value)] = s.Anchor
	}
	for key, text := range words {
		if text == "" {
			delete(words, key)
		}
	}
	return words
}

// t looks a sentence up. What follows the key is names and values in turn: t("keys.members", "Count", 3).
// An unknown key is an error, so that no page ever shows one. The value of Count or Days picks the form of the number.
func (p *pages) t(key string, pairs ...any) (string, error) {
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = p.isolated(pairs[i+1])
	}
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: data}
	for _, name := range []string{"Count", "Days"} {
		if n, ok := data[name].(int); ok {
			config.PluralCount = n
		}
	}
	return p.words.Localize(config)
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
	return strings.Join(names, p.comma()), nil
}

// comma stands between the things of a list.
func (p *pages) comma() string { return p.say("site.comma") + " " }

// render writes a page. It is built whole before the first byte leaves, so that an error cannot cut one short.
func (p *pages) render(c *fiber.Ctx, status int, name string, data any) error {
	var b bytes.Buffer
	if err := p.byName[name].ExecuteTemplate(&b, "layout", data); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentLanguage, p.lang)
	c.Vary(fiber.HeaderAcceptLanguage)
	c.Status(status)
	return sendPacked(c, b.Bytes())
}

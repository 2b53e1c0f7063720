package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"

	"answerable/internal/clinic"
	"answerable/ui"
)

// languages are those of the public pages, each with a file in ui/locales, in the order in which they are offered. The first
// is the source of the others, and what people get who ask for none of them. A draft was written by a machine: its pages say
// so until a person who speaks the language has read all of it.
var languages = []spoken{{"en", false}, {"es", true}, {"ar", true}}

type spoken struct {
	code  string
	draft bool
}

// sourceLanguage is also that of the panel's pages, and of what the server itself adds to a sealed message, such as the day
// on which somebody wants to be asked again.
const sourceLanguage = "en"

// Languages are the codes of the languages of the public pages, the source first.
func Languages() (codes []string) {
	for _, l := range languages {
		codes = append(codes, l.code)
	}
	return codes
}

// Draft reports whether a machine wrote the texts of a language and no person has read all of them yet.
func Draft(lang string) bool {
	return slices.ContainsFunc(languages, func(l spoken) bool { return l.code == lang && l.draft })
}

// languageKey is the name of the button that shows a form in another language, and of the address' part that keeps it.
const languageKey = "lang"

func knownLanguage(code string) bool {
	return slices.ContainsFunc(languages, func(l spoken) bool { return l.code == code })
}

// matcher finds the best of our languages for what a browser asks for.
var matcher = language.NewMatcher(tags())

func tags() (tags []language.Tag) {
	for _, l := range languages {
		tags = append(tags, language.MustParse(l.code))
	}
	return tags
}

// switchTo makes a language that a form's button named the language of the answer.
func switchTo(c *fiber.Ctx, code string) { c.Locals(languageKey, code) }

// chosenLanguage gives the language of the answer, and whether somebody chose it. Without a choice the browser's own wish counts;
// it is used for this one answer and neither kept nor logged.
func chosenLanguage(c *fiber.Ctx) (code string, chosen bool) {
	if code, ok := c.Locals(languageKey).(string); ok {
		return code, true
	}
	if code := string(c.Request().URI().QueryArgs().Peek(languageKey)); knownLanguage(code) {
		return code, true
	}
	if wish := c.Get(fiber.HeaderAcceptLanguage); wish != "" {
		if wished, _, err := language.ParseAcceptLanguage(wish); err == nil {
			if _, i, confidence := matcher.Match(wished...); confidence > language.No {
				return languages[i].code, false
			}
		}
	}
	return sourceLanguage, false
}

// in gives the pages in the language of the answer.
func (s *server) in(c *fiber.Ctx) *pages {
	code, _ := chosenLanguage(c)
	return s.pages[code]
}

// languageChoice is one language in the switch, named in itself.
type languageChoice struct {
	Code, Name, Dir string
	Address         string // this page in that language
	Here            bool
}

// languageChoices are the ways from this page to itself in each language.
func (s *server) languageChoices(p page) (choices []languageChoice) {
	for _, l := range languages {
		in := s.pages[l.code]
		there := p
		there.in, there.chosen = in, true
		choices = append(choices, languageChoice{l.code, in.say("site.language"), in.dir, there.Link(p.here), l.code == p.in.lang})
	}
	return choices
}

// compiled are the pages of every language. All of it is compiled in and the same for every site of this process. It panics
// when a template or a language file cannot be read.
var compiled = sync.OnceValue(func() map[string]*pages { return loadLanguages(loadAssets()) })

func loadLanguages(a *assets) map[string]*pages {
	templates := loadTemplates()
	all := map[string]*pages{}
	for _, l := range languages {
		p := &pages{lang: l.code, draft: l.draft, words: loadWords(l.code), byName: map[string]*template.Template{}}
		p.dir = directionOf(p.say("site.language"))
		for name, t := range templates {
			p.byName[name] = template.Must(t.Clone()).Funcs(p.functions(a))
		}
		all[l.code] = p
	}
	return all
}

// loadTemplates parses every page with all its parts. What they call depends on the language.
func loadTemplates() map[string]*template.Template {
	base := template.New("").Funcs((&pages{}).functions(nil))
	base = template.Must(base.ParseFS(ui.FS, "templates/layout.html", "templates/parts/*.html"))
	files, err := fs.Glob(ui.FS, "templates/*.html")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	byName := map[string]*template.Template{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name != "layout" {
			byName[name] = template.Must(template.Must(base.Clone()).ParseFS(ui.FS, file))
		}
	}
	return byName
}

// directionOf gives the direction of the letters in which a language writes its own name.
func directionOf(name string) string {
	first, _ := utf8.DecodeRuneInString(name)
	properties, _ := bidi.LookupRune(first)
	if c := properties.Class(); c == bidi.R || c == bidi.AL {
		return "rtl"
	}
	return "ltr"
}

// loadWords reads a language's file. English labels of codes come from the taxonomy, where they stand beside them; other
// languages carry them in their own file under the same keys.
func loadWords(code string) *i18n.Localizer {
	tag := language.MustParse(code)
	bundle := i18n.NewBundle(tag)
	name := "locales/" + code + ".json"
	content, err := fs.ReadFile(ui.FS, name)
	if err != nil {
		panic(fmt.Sprintf("%s, which is compiled in: %v", name, err))
	}
	file, err := bundle.ParseMessageFileBytes(content, name)
	if err != nil {
		panic(fmt.Sprintf("%s, which is compiled in: %v", name, err))
	}
	if code == sourceLanguage {
		for key, text := range taxonomyWords() {
			// Labels are plain text: other delimiters keep a brace in one from being read as a template.
			file.Messages = append(file.Messages, &i18n.Message{ID: key, Other: text, LeftDelim: "\x00", RightDelim: "\x00"})
		}
	}
	for _, m := range file.Messages {
		forEveryNumber(m)
	}
	if err := bundle.AddMessages(tag, file.Messages...); err != nil {
		panic(err)
	}
	return i18n.NewLocalizer(bundle, code)
}

// forEveryNumber lets a sentence that is the same for every number stand for each form that a language has.
func forEveryNumber(m *i18n.Message) {
	for _, form := range []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many} {
		if *form == "" {
			*form = m.Other
		}
	}
}

// sharingQuestions are those in which a wrong word of a draft could let somebody read what was not meant for them.
var sharingQuestions = []string{"share_level", "ask_me_first", "hold_until", "hide"}

// house gives the pages in the language in which a clinic writes; nil stands for no clinic.
func (s *server) house(place *clinic.Clinic) *pages {
	if place != nil {
		if in, ok := s.pages[place.Language]; ok {
			return in
		}
	}
	return s.pages[sourceLanguage]
}

// besideOf gives what stands beside a draft: the clinic's language, and where the draft is in that, the one that it was made from.
func (s *server) besideOf(code string, place *clinic.Clinic) *pages {
	if in := s.house(place); in.lang != code {
		return in
	}
	return s.pages[sourceLanguage]
}

// House marks words of the clinic's own: in which language they are, whatever the page's.
func (p page) House() template.HTMLAttr {
	return template.HTMLAttr(`lang="` + p.house.lang + `" dir="auto"`)
}

// Beside is a sentence of the page once more, for standing beside one of a draft.
func (p page) Beside(key string) *besideText { return p.beside.besideDraft(p.in, p.beside.maybe(key)) }

// besideText is a sentence in another language, for standing beside one of a draft; without text where none is needed.
type besideText struct{ Lang, Dir, Text string }

// besideDraft makes a text of these pages one that stands beside others, if a machine wrote those.
func (p *pages) besideDraft(others *pages, text string) *besideText {
	if !others.draft || others.lang == p.lang {
		text = ""
	}
	return &besideText{p.lang, p.dir, text}
}

// standBeside puts the clinic's language beside a question about sharing.
func (v formView) standBeside(f fieldView) fieldView {
	if !slices.Contains(sharingQuestions, f.Key) {
		return f
	}
	beside := formView{pages: v.beside}
	f.Beside = v.beside.besideDraft(v.pages, v.beside.maybe("question."+f.Key))
	if f.Hint != "" {
		f.HintBeside = v.beside.besideDraft(v.pages, v.beside.maybe("hint."+f.Key))
	}
	for i, c := range f.Choices {
		f.Choices[i].Beside = v.beside.besideDraft(v.pages, beside.optionLabel(f.Key, c.Code))
	}
	return f
}

// day writes a date as people say it in this language.
func (p *pages) day(t time.Time) (string, error) {
	t = t.UTC()
	month, err := p.t("month." + strconv.Itoa(int(t.Month())))
	if err != nil {
		return "", err
	}
	return p.words.Localize(&i18n.LocalizeConfig{MessageID: "site.day", TemplateData: map[string]any{"Day": t.Day(), "Month": month, "Year": t.Year()}})
}

// on is day for a sentence that is put together in Go. A month without a name is found by a test of the language files.
func (p *pages) on(t time.Time) string {
	text, err := p.day(t)
	if err != nil {
		panic(err)
	}
	return text
}

// isolated keeps what is put into a sentence from changing the order of the words around it, where letters run the other way:
// https://www.w3.org/International/articles/inline-bidi-markup/
func (p *pages) isolated(value any) any {
	text, ok := value.(string)
	if !ok || p.dir != "rtl" {
		return value
	}
	return "\u2068" + text + "\u2069"
}

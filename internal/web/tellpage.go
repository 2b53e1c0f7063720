package web

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/taxonomy"
)

// tellPage is the form with what was typed so far.
type tellPage struct {
	page
	Origin, Epoch string // for counting the bytes that will be sealed
	Fingerprint   string // of the panel, from which the page script walks to the key
	FormHash      string // of the form that stands on the page
	KeptUntil     time.Time
	Nonce         string
	Problems      []problemView
	Weeks         []paperWeek // in which a form from paper came; nil where somebody writes for themselves
	Doubted       bool        // two answers do not seem to go together, and the person may say that they hold
	Steps         []stepView
	Strings       map[string]string // pageSentences
}

type problemView struct{ Field, Target, Text string }

type stepView struct {
	Key, Title string
	Where      string // which part of how many, on paper
	Fields     []fieldView
}

// fieldView is a question as the templates draw it.
type fieldView struct {
	Key, Shape     string // shape: text, line, one, several or themes
	Question, Hint string
	Meant          string // whom "I" and "my" mean in its choices; "" where none speaks so
	Problem        string
	Value          string // of a text
	Rows           int    // of a text
	Choices        []choiceView
	Groups         []groupView

	Beside, HintBeside *besideText // nil where nothing stands beside
}

type choiceView struct {
	ID                      string // "" where nothing leads to it
	Name, Code, Label, Hint string
	Checked                 bool
	House                   template.HTMLAttr // what marks it as worded by the clinic, in its language; "" where it is not
	More                    *groupView        // what can have happened under a theme
	Beside                  *besideText
}

// groupView is a list of choices under a heading. Rest is what stays folded after the first eight.
type groupView struct {
	Label, Warning string
	Open, RestOpen bool
	Choices, Rest  []choiceView
}

// shownAtOnce is how many lines of a theme are shown before the rest has to be asked for.
const shownAtOnce = 8

// rows are the heights of texts. Nothing limits how much may be written but the size that can be sealed.
var rows = map[string]int{"words": 12, "names": 3, "wants_text": 5}

// meant are the questions whose choices speak as "I", and what says whom they mean where somebody writes about another. What must
// not happen counts for both: the panel keeps still towards whoever writes, too.
var meant = map[string]string{
	"themes": "tell.meant", "good": "tell.meant", "impact": "tell.meant", "impact_on": "tell.meant", "wants": "tell.meant",
	"must_not": "tell.meant_both",
}

// pageSentences are those of the script's sentences that stand on the page: what it says before it could fetch the others, and
// where it cannot.
var pageSentences = []string{"script.locks_here", "script.unsupported", "script.room", "script.room_over", "script.locking", "script.no_answer_yet", "script.again"}

// switchedSentences stand on a page that answers a form and on none that can be fetched: a language switch finds them here.
var switchedSentences = []string{"leave.again"}

// scriptSentences are what the page script says. They come from the same file as the page's own, apart from it but for
// pageSentences.
var scriptSentences = []string{
	"problem.nothing", "problems.title", "problems.kept", "site.error",
	"script.locks_here", "script.insecure", "script.unsupported", "script.room", "script.room_over",
	"script.too_long", "script.locking", "script.sending", "script.retrying", "script.no_answer", "script.no_answer_yet", "script.no_store",
	"script.unproven", "script.unproven_fingerprint", "script.unproven_panel", "script.unproven_record", "script.unproven_signatures",
	"script.unproven_days", "script.unproven_revoked", "script.unproven_swapped", "script.unproven_now",
	"script.refused", "script.closed", "script.slow_down", "script.key_changed", "script.refused_again", "site.links_apart", "script.again", "script.seal_failed", "script.plain",
	"thanks.title_locked", "thanks.locked_client", "thanks.words", "thanks.your_digits", "thanks.digits_why", "thanks.once", "thanks.once_here", "thanks.use", "thanks.digits", "thanks.digits_more",
	"thanks.ticket", "thanks.ticket_more", "thanks.next", "script.next_log", "thanks.next_read", "script.next_answers", "script.next_kept", "thanks.leave",
	"thanks.print", "thanks.copy", "thanks.copied", "thanks.copy_failed", "thanks.forget", "thanks.forgotten",
	"thanks.packet_more", "about.title", "about.offer", "about.open", "about.open_here", "thanks.square", "thanks.square_more", "mailbox.packet", "mailbox.packet_save",
}

func newTellPage(p *pages, around page, epoch *keyring.Epoch, sent form, faults []fault) tellPage {
	place := around.Clinic
	around.Failed, around.Keep = len(faults) > 0, "tell"
	data := tellPage{
		page:      around,
		Epoch:     epoch.ID,
		FormHash:  taxonomy.FormHash(),
		KeptUntil: epoch.RetainUntil,
		Nonce:     sent.first(nonceKey),
		Strings:   map[string]string{},
	}
	if _, ok := sent.nonce(); !ok {
		data.Nonce = newNonce()
	}
	for _, key := range pageSentences {
		data.Strings[key] = p.say(key)
	}
	view := around.questions(place, sent)
	for _, f := range faults {
		view.problems[f.Key] = p.say(f.Say, f.With...)
	}
	for _, step := range taxonomy.Steps()[1:] { // the first is what to know beforehand
		data.Steps = append(data.Steps, view.step(step))
	}
	for _, f := range faults {
		data.Problems = append(data.Problems, problemView{f.Key, view.target(f.Key), p.say(f.Say, f.With...)})
		data.Doubted = data.Doubted || strings.HasPrefix(f.Say, "doubt.")
	}
	return data
}

func (s *server) renderTell(c *fiber.Ctx, status int, data tellPage) error {
	forForm(c)
	data.Origin = s.Origin
	var err error
	if data.Fingerprint, err = s.fingerprint(c, data.Clinic); err != nil {
		return err
	}
	return s.in(c).render(c, status, "tell", data)
}

// formView draws questions with the answers sent so far.
type formView struct {
	pages    *pages
	beside   *pages            // of what stands beside a draft
	house    template.HTMLAttr // what marks the clinic's own words
	place    *clinic.Clinic    // nil for what no clinic words itself
	sent     form
	problems map[string]string
}

// questions draws those of a page; place is nil for what no clinic words itself.
func (p page) questions(place *clinic.Clinic, sent form) formView {
	return formView{p.in, p.beside, p.House(), place, sent, map[string]string{}}
}

func (v formView) step(step taxonomy.Step) stepView {
	view := stepView{Key: step.Key, Title: v.pages.say("step." + step.Key)}
	for _, q := range step.Fields {
		if q.Key != "items" { // shown under their themes
			view.Fields = append(view.Fields, v.field(q))
		}
	}
	return view
}

func (v formView) field(q taxonomy.Field) fieldView {
	f := fieldView{
		Key:      q.Key,
		Question: v.pages.say("question." + q.Key),
		Hint:     v.pages.maybe("hint." + q.Key),
		Meant:    v.pages.maybe(meant[q.Key]),
		Problem:  v.problems[q.Key],
	}
	switch {
	case q.Kind == taxonomy.Text:
		f.Shape, f.Rows, f.Value = "text", rows[q.Key], v.value(q.Key)
	case q.Kind == taxonomy.Line:
		f.Shape, f.Value = "line", v.value(q.Key)
	case q.Key == "themes":
		f.Shape, f.Choices = "themes", v.themes(q)
		f.Problem = strings.TrimSpace(f.Problem + " " + v.problems["items"])
	case q.Key == "good":
		f.Shape, f.Groups = "several", v.good()
	case q.Kind == taxonomy.One:
		f.Shape, f.Choices = "one", v.choices(q)
	default:
		f.Shape, f.Choices = "several", v.choices(q)
	}
	return v.standBeside(f)
}

// value gives a text back as it was typed. Bytes that are no text are shown as such.
func (v formView) value(key string) string { return strings.ToValidUTF8(v.sent.typed(key), "\ufffd") }

// choices marks one of a question that takes one answer before anybody answers it: text browsers mark the first of them
// by themselves when a page marks none, and so would say "It did not hurt me" in a person's name.
func (v formView) choices(q taxonomy.Field) []choiceView {
	preset := q.Default
	if preset == "" && q.Kind == taxonomy.One {
		preset = taxonomy.Skip
	}
	var out []choiceView
	codes := codesOf(q, v.place)
	said := slices.ContainsFunc(v.sent.all(q.Key), func(code string) bool { return slices.Contains(codes, code) })
	for i, code := range codes {
		c := v.choice(q.Key, code, v.optionLabel(q.Key, code))
		if i > 0 {
			c.ID = ""
		}
		if q.Key == taxonomy.ServiceKey && code != taxonomy.NotSure && code != taxonomy.Skip {
			c.House = v.house
		}
		c.Checked = c.Checked || code == preset && !said
		out = append(out, c)
	}
	return out
}

func (v formView) choice(key, code, label string) choiceView {
	return choiceView{
		ID: key + "-" + code, Name: key, Code: code, Label: label,
		Checked: slices.Contains(v.sent.all(key), code),
	}
}

// optionLabel words a code. A clinic words its own services; not sure and skip are worded once for all questions.
func (v formView) optionLabel(key, code string) string {
	if code == taxonomy.NotSure || code == taxonomy.Skip {
		return v.pages.say("option." + code)
	}
	if key == taxonomy.ServiceKey {
		i := slices.IndexFunc(v.place.Services, func(s clinic.Service) bool { return s.Code == code })
		return v.place.Services[i].Label
	}
	return v.pages.say("option." + key + "." + code)
}

func (v formView) themes(q taxonomy.Field) []choiceView {
	var out []choiceView
	for _, theme := range taxonomy.Themes() {
		c := v.choice(q.Key, theme.Code, v.pages.say("theme."+theme.Code))
		c.Hint = v.pages.maybe("theme_hint." + theme.Code)
		c.More = v.items(theme)
		if len(out) > 0 {
			c.ID = ""
		}
		out = append(out, c)
	}
	for _, code := range []string{taxonomy.Other, taxonomy.NotSure} {
		c := v.choice(q.Key, code, v.optionLabel(q.Key, code))
		c.ID = ""
		out = append(out, c)
	}
	return out
}

// items lists what can have happened under a theme, with a warning before it opens where it names hard things. A list
// with a tick in it comes back open.
func (v formView) items(theme taxonomy.Theme) *groupView {
	g := &groupView{Label: v.pages.say("theme." + theme.Code)}
	if theme.ContentWarning() {
		g.Warning = v.pages.say("warning." + theme.Code)
	}
	for i, item := range theme.Items {
		c := v.item(item.Code, v.pages.say("item."+item.Code))
		c.Hint = v.pages.maybe("item_hint." + item.Code)
		g.Open = g.Open || c.Checked
		if i < shownAtOnce {
			g.Choices = append(g.Choices, c)
			continue
		}
		g.RestOpen = g.RestOpen || c.Checked
		g.Rest = append(g.Rest, c)
	}
	for _, item := range v.place.OwnItems {
		if item.Theme == theme.Code {
			c := v.item(item.Code, item.Label)
			c.House = v.house
			g.Open = g.Open || c.Checked
			g.Choices = append(g.Choices, c)
		}
	}
	return g
}

// item is a choice under a theme. No line of the error summary leads to it, and ids for all of them would be a tenth of the page.
func (v formView) item(code, label string) choiceView {
	c := v.choice("items", code, label)
	c.ID = ""
	return c
}

func (v formView) good() []groupView {
	var groups []groupView
	for _, theme := range taxonomy.Good() {
		g := groupView{Label: v.pages.say("theme." + theme.Code)}
		for _, item := range theme.Items {
			c := v.choice("good", item.Code, v.pages.say("item."+item.Code))
			if len(groups)+len(g.Choices) > 0 {
				c.ID = ""
			}
			g.Choices = append(g.Choices, c)
		}
		groups = append(groups, g)
	}
	return groups
}

// target is the control that a line of the error summary leads to.
func (v formView) target(key string) string {
	q, ok := taxonomy.FieldByKey(key)
	switch {
	case !ok || q.Kind.Typed():
		return key
	case key == "items":
		return "themes-" + taxonomy.Themes()[0].Code
	}
	return key + "-" + codesOf(q, v.place)[0]
}

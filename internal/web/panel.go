package web

import (
	"github.com/gofiber/fiber/v2"

	"answerable/internal/taxonomy"
)

// panelPage is where reviewers read. The page holds no words: they are opened in the browser.
type panelPage struct {
	page
	Origin   string
	Warnings panelWords
}

// panelWords are labels of codes, for showing what a writer picked and for the veil over it.
type panelWords struct {
	Items     map[string]itemWords         `json:"items"`
	Themes    map[string]string            `json:"themes"`
	Questions map[string]string            `json:"questions"`
	Options   map[string]map[string]string `json:"options"`
	Codes     panelCodes                   `json:"codes"`
}

type itemWords struct {
	Label  string `json:"label"`
	CW     bool   `json:"cw"`
	Urgent bool   `json:"urgent"`
}

func (s *server) showPanel(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, panelPolicy)
	forForm(c)
	return s.renderPanel(c, "panel", panelPage{s.pageIn(c, nil, sourceLanguage), s.Origin, s.pages[sourceLanguage].panelWords()})
}

// showSteward is where those who run the place sign in. The page holds nothing; its script asks for what stewards may see.
func (s *server) showSteward(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, panelPolicy)
	forForm(c)
	return s.renderPanel(c, "steward", s.pageIn(c, nil, sourceLanguage))
}

// showJoin is where an invitation is used. Its code stands in the fragment of the address, which never comes here.
func (s *server) showJoin(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, panelPolicy)
	forForm(c)
	return s.renderPanel(c, "join", s.pageIn(c, nil, sourceLanguage))
}

// renderPanel writes a page for those who work here. Their scripts bring their words, in one language.
func (s *server) renderPanel(c *fiber.Ctx, name string, data any) error {
	return s.pages[sourceLanguage].render(c, fiber.StatusOK, name, data)
}

func (p *pages) panelWords() panelWords {
	w := panelWords{map[string]itemWords{}, map[string]string{}, map[string]string{}, map[string]map[string]string{}, codesForPanel()}
	for _, themes := range [][]taxonomy.Theme{taxonomy.Themes(), taxonomy.Good()} {
		for _, theme := range themes {
			w.Themes[theme.Code] = p.say("theme." + theme.Code)
			for _, item := range theme.Items {
				w.Items[item.Code] = itemWords{p.say("item." + item.Code), item.ContentWarning(), item.Urgent()}
			}
		}
	}
	for _, step := range taxonomy.Steps() {
		for _, q := range step.Fields {
			w.Questions[q.Key] = p.say("question." + q.Key)
			if q.Key == "themes" || q.Key == "items" || q.Key == "good" {
				continue // labelled above
			}
			for _, code := range q.Codes {
				w.option(q.Key, code, p)
			}
		}
	}
	for _, q := range taxonomy.AboutYou() {
		w.Questions[q.Key] = p.say("question." + q.Key)
		for _, code := range q.Codes {
			w.option(q.Key, code, p)
		}
	}
	return w
}

func (w panelWords) option(key, code string, p *pages) {
	if w.Options[key] == nil {
		w.Options[key] = map[string]string{}
	}
	w.Options[key][code] = formView{pages: p}.optionLabel(key, code)
}

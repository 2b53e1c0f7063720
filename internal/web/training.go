package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/taxonomy"
)

// trainingPage is where new reviewers practise on invented reports, with a key and its reasons. Nothing of it comes back here.
type trainingPage struct {
	page
	Warnings panelWords
	Examples []exampleView
	Keys     map[string]taxonomy.Key // by the example's id, for the script that compares
}

// exampleView is an example in words. All of it can be read without script.
type exampleView struct {
	taxonomy.Example
	Number      int
	Chips       []string // what it may hold, before it is read
	Picked      []string // what the writer picked
	ImpactSaid  string
	WorksThere  bool
	Found       []foundView
	Seriousness string
	Involved    []string
	RepairAsked []string
}

type foundView struct{ Label, Because string }

func (s *server) showTraining(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, panelPolicy)
	forForm(c)
	words := s.pages[sourceLanguage].panelWords()
	view := trainingPage{page: s.pageIn(c, nil, sourceLanguage), Warnings: words, Keys: map[string]taxonomy.Key{}}
	for i, e := range taxonomy.Examples() {
		view.Examples = append(view.Examples, words.example(i+1, e))
		view.Keys[e.ID] = e.Key
	}
	return s.renderPanel(c, "training", view)
}

func (w panelWords) example(number int, e taxonomy.Example) exampleView {
	labels := func(of map[string]string, codes []string) (out []string) {
		for _, code := range codes {
			out = append(out, of[code])
		}
		return out
	}
	items := map[string]string{}
	for code, item := range w.Items {
		items[code] = item.Label
	}
	v := exampleView{
		Example: e, Number: number, Chips: labels(items, e.Warnings()), WorksThere: e.ForWhom == "worker_there",
		Picked:     slices.Concat(labels(w.Options["pictures"], e.Pictures), labels(w.Themes, e.Themes), labels(items, e.Items)),
		ImpactSaid: w.Options["impact"][e.Impact], Involved: labels(w.Options["roles"], e.Key.Involved), RepairAsked: labels(w.Options["wants"], e.Key.Repair),
	}
	for _, step := range taxonomy.SeriousnessScale() {
		if step.Value == e.Key.Seriousness {
			v.Seriousness = step.Anchor
		}
	}
	for _, reason := range e.Why {
		label := items[reason.Code]
		if label == "" {
			label = "How grave is what was done?"
		}
		v.Found = append(v.Found, foundView{label, reason.Because})
	}
	return v
}

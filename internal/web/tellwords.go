package web

import (
	"encoding/json"
	"slices"

	"github.com/gofiber/fiber/v2"
)

// partSentences are what the parts of the form say that load by themselves: the form in steps, the hints at what could
// tell who wrote, and the pictures. They come apart from the page, which has to be small for those without script.
var partSentences = []string{
	"steps.where", "steps.continue", "steps.back", "steps.rest",
	"check.none", "check.change",
	"guard.title", "guard.more", "guard.later", "guard.by_hand", "guard.limit",
	"guard.others", "guard.spoken", "guard.use", "guard.leave", "guard.back", "guard.changed", "guard.was_back",
	"tiles.on", "tiles.off", "tiles.say", "tiles.silent", "tiles.typed", "tiles.failed",
}

// hintKinds are the kinds of things that ui/src/marks.ts finds in a text.
var hintKinds = []string{"contact", "date", "number", "place", "name", "rare"}

// gentler are the wordings that ui/src/gentler/plan.ts puts in the place of such things.
var gentler = []string{
	"date", "date_that", "date_ago", "number", "amount", "age", "place", "place_bare", "name", "name_she", "own_name", "their_name",
	"contact", "contact_that", "address_that", "kept", "web", "something", "only", "state", "about", "close", "close_many",
}

// voices are those to whom questions are worded: who writes for somebody, who saw it, and who works there.
var voices = []string{"them", "saw", "work"}

// voiced are the questions, and the heading of a part, with a wording for each of the voices.
var voiced = []string{"pictures", "themes", "good", "roles", "step-impact", "impact", "impact_on", "wants", "must_not", "names"}

// partKeys are the keys of all those sentences.
func partKeys() []string {
	keys := append([]string(nil), partSentences...)
	for _, kind := range hintKinds {
		keys = append(keys, "guard.kind."+kind)
	}
	for _, wording := range gentler {
		keys = append(keys, "guard.instead."+wording)
	}
	for _, voice := range voices {
		keys = append(keys, "voice."+voice)
		for _, question := range voiced {
			keys = append(keys, "voice."+voice+"."+question)
		}
	}
	keys = append(keys, "voice.both")
	for _, d := range doubts {
		keys = append(keys, "doubt."+d.key)
	}
	return append(keys, "doubt."+skippedToo, "doubt."+unsureToo, "doubt."+onlyOther)
}

// showTellWords gives all that scripts say on the form as one JSON object. It holds nothing of anybody.
func (s *server) showTellWords(c *fiber.Ctx) error {
	words := map[string]string{}
	for _, key := range slices.Concat(scriptSentences, switchedSentences, partKeys()) {
		words[key] = s.in(c).say(key)
	}
	words["gentler"] = s.assets.url("gentler.js") // here, where the page itself does not grow by it
	content, err := json.Marshal(words)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return sendPacked(c, content)
}

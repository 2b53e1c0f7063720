package web

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/transparency"
)

// logCheckSentences are what the script of the page says.
var logCheckSentences = []string{
	"check.insecure", "check.unsupported", "check.fetching", "check.counting", "script.mailbox_near",
	"script.mailbox_near_none", "script.mailbox_count", "script.mailbox_count_digits", "mailbox.no_receipt",
	"check.there", "check.withdrawn", "check.shredded", "check.place", "check.cosigned", "check.not_cosigned", "check.alone", "check.list_ours",
	"check.list_yours", "check.nothing", "check.gap", "check.doubled", "check.odd", "check.broken", "check.no_answer", "check.checkpoint",
	"check.checkpoint_more", "check.bad_ticket", "check.bad_policy", "check.other_log", "check.not_yet", "check.overdue",
	"check.broken_promise", "check.keep_proof", "check.proof_elsewhere", "check.save_proof", "site.error",
}

// actSentences are how the panel's acts stand on the pages on which writers come back.
func actSentences() []string {
	keys := []string{"act.title", "act.more", "act.none", "act.on", "act.week", "act.forged"}
	for _, code := range transparency.ActCodes {
		keys = append(keys, "act."+code)
	}
	return keys
}

// showLogCheck lets a writer find the own leaf of the log. The words are typed and used in the browser alone; without script
// the page says how to do it from a terminal, and takes nothing.
func (s *server) showLogCheck(c *fiber.Ctx) error {
	data := struct {
		page
		WordsCommand, TicketCommand string
		Strings                     map[string]string
	}{
		page:          s.page(c, clinicOf(c)),
		WordsCommand:  fmt.Sprintf("answerable log proof %s", s.address()),
		TicketCommand: fmt.Sprintf("answerable log proof %s --ticket ticket.txt", s.address()),
		Strings:       map[string]string{},
	}
	for _, key := range append(actSentences(), logCheckSentences...) {
		data.Strings[key] = data.in.say(key)
	}
	return s.in(c).render(c, fiber.StatusOK, "logcheck", data)
}

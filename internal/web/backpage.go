package web

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/seal"
)

// backPage is where a writer takes back what they told, with the eight words.
type backPage struct {
	page
	Origin  string
	Typed   string // given back with a problem, so that nobody types eight words twice
	Problem string
	Gone    string // how many messages are gone
	Ticket  string // the server's promises about the leaves, once the words are taken back
	Pace    int    // seconds between two messages that are taken back, at most, for the script
	Strings map[string]string
}

// backSentences are what the page script says.
var backSentences = []string{
	"back.script", "back.working", "script.mailbox_near", "script.mailbox_near_none", "script.mailbox_count", "script.mailbox_count_digits", "mailbox.no_receipt", "back.nothing", "back.no_answer", "mailbox.slow_down",
	"mailbox.back_more", "script.mailbox_taking", "script.mailbox_gone",
}

func (s *server) newBackPage(c *fiber.Ctx, place *clinic.Clinic) backPage {
	shown := backPage{page: s.page(c, place), Origin: s.Origin, Pace: s.takeBackPace(), Strings: map[string]string{}}
	shown.Keep = "back"
	for _, key := range backSentences {
		shown.Strings[key] = shown.in.say(key)
	}
	return shown
}

func (s *server) showBack(c *fiber.Ctx) error {
	return s.renderBack(c, fiber.StatusOK, s.newBackPage(c, clinicOf(c)))
}

func (s *server) renderBack(c *fiber.Ctx, status int, page backPage) error {
	forForm(c)
	return s.in(c).render(c, status, "back", page)
}

// takeBackPace is how many seconds a script waits at most between two messages that it takes back.
func (s *server) takeBackPace() int { return int(min(15*time.Second, s.replyEvery()) / time.Second) }

// postBack is the way without script: the server sees the eight words for the moment it takes to work out the tokens, and
// the page says so. Everything that was told with them goes.
func (s *server) postBack(c *fiber.Ctx) error {
	body := c.Request().Body()
	defer clear(body)
	sent, err := url.ParseQuery(string(body))
	if err != nil {
		return fiber.ErrBadRequest
	}
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if code := sent.Get(languageKey); knownLanguage(code) {
		switchTo(c, code)
		page := s.newBackPage(c, place)
		page.Typed = sent.Get("receipt")
		return s.renderBack(c, fiber.StatusOK, page)
	}
	page := s.newBackPage(c, place)
	page.Failed = true
	page.Typed = sent.Get("receipt")
	receipt, err := seal.ParseReceipt(page.Typed)
	if err != nil {
		page.Problem = page.in.receiptProblem(err)
		return s.renderBack(c, fiber.StatusUnprocessableEntity, page)
	}
	keys := receipt.Stretch(s.Origin)
	if !s.withdrawGate.allow(keys.Message(0).WithdrawToken.Commitment(), s.Now()) {
		page.Problem = page.in.say("mailbox.slow_down")
		return s.renderBack(c, fiber.StatusTooManyRequests, page)
	}
	gone, err := s.Intake.WithdrawAll(c.UserContext(), place.ID, keys)
	if errors.Is(err, intake.ErrNothingToWithdraw) {
		page.Problem = page.in.say("back.nothing")
		return s.renderBack(c, fiber.StatusNotFound, page)
	}
	if err != nil {
		return err
	}
	page.Failed, page.Typed = false, ""
	page.Gone, page.Ticket = page.in.say("mailbox.gone", "Count", len(gone)), ticketsOf(gone)
	page.Languages = nil // the ticket is shown once
	return s.renderBack(c, fiber.StatusOK, page)
}

// ticketsOf are the tickets of what was taken back, one after the other.
func ticketsOf(gone []*intake.Acceptance) string {
	var b strings.Builder
	for i, one := range gone {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(one.Ticket)
	}
	return b.String()
}

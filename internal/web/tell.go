package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/mailbox"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// showTell shows the form, or says why it is closed.
func (s *server) showTell(c *fiber.Ctx) error {
	place, epoch, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if epoch == nil {
		return s.renderClosed(c, place, nil)
	}
	return s.renderTell(c, fiber.StatusOK, s.asked(c, place, epoch, form{}, nil))
}

// asked is the form that an address asks for, with what was typed so far: that of who writes, or of a form from paper.
func (s *server) asked(c *fiber.Ctx, place *clinic.Clinic, epoch *keyring.Epoch, sent form, faults []fault) tellPage {
	data := newTellPage(s.in(c), s.page(c, place), epoch, sent, faults)
	if fromPaper(c) {
		data.page, data.Weeks = s.ownDevice(c, data.page), weeksBefore(s.Now())
	}
	return data
}

// fromPaper reports whether an address is that of a form from paper.
func fromPaper(c *fiber.Ctx) bool { return c.Request().URI().QueryArgs().Has("paper") }

// postTell is the way for people without script: the server seals in memory and keeps nothing else. Whatever goes wrong
// from here on, the person gets their words back.
func (s *server) postTell(c *fiber.Ctx) error {
	body := c.Request().Body()
	defer clear(body) // the words, as far as they are ours to wipe: decoding has made copies that only the collector frees
	if !isForm(c) {
		return fiber.ErrUnsupportedMediaType
	}
	sent, broken := parseForm(body)
	sent, switched := sent.takeLanguage(c)
	place, epoch, err := s.findClinic(c)
	if errors.Is(err, clinic.ErrUnknown) && len(sent) == 0 {
		return err
	}
	if err != nil {
		return &keptError{err, keep(c, sent, false)}
	}
	answers, faults := sent.check(place)
	if switched && epoch != nil {
		faults = slices.DeleteFunc(faults, func(f fault) bool { return f.Say != notListed }) // what cannot be given back is named
		return s.renderFaults(c, fiber.StatusOK, sent, s.asked(c, place, epoch, sent, s.named(c, place, faults)))
	}
	if broken != nil {
		faults = []fault{{Say: "problem.broken"}}
	}
	if fromPaper(c) && epoch != nil { // sealed here it would lie under other words, and those of its strip would open nothing
		faults = []fault{{Key: "paper-number", Say: "problem.paper"}}
		return s.renderFaults(c, fiber.StatusUnprocessableEntity, sent, s.asked(c, place, epoch, sent, faults))
	}
	if epoch == nil || len(faults) > 0 {
		if answered, err := s.recall(c, place, sent, body); answered || err != nil {
			return err
		}
	}
	if epoch == nil {
		return s.renderClosed(c, place, sent)
	}
	if len(faults) > 0 {
		data := newTellPage(s.in(c), s.page(c, place), epoch, sent, s.named(c, place, faults))
		return s.renderFaults(c, fiber.StatusUnprocessableEntity, sent, data)
	}
	return s.accept(c, place, epoch, sent, answers, receiptFor(sent, body))
}

// named says of an answer that has ended since what the person picked, which has no place on the page any more. Where its label
// cannot be read, the form comes back all the same, and names the question.
func (s *server) named(c *fiber.Ctx, place *clinic.Clinic, faults []fault) []fault {
	if !slices.ContainsFunc(faults, func(f fault) bool { return f.Say == notListed }) {
		return faults
	}
	retired, err := s.Clinics.Retired(c.UserContext(), place.ID)
	if err != nil {
		return faults // a line in the log would tell when somebody wrote
	}
	labels := map[string]map[string]string{taxonomy.ServiceKey: retired.Services, "items": retired.Items}
	for i, f := range faults {
		if label := labels[f.Key][f.Gone]; f.Say == notListed && label != "" {
			faults[i].Say, faults[i].With = hasEnded, []any{"Answer", label}
		}
	}
	return faults
}

// recall shows the words and the ticket of a message that is here already, though the form has closed since, or a service
// in it has ended: the answer to it may have been lost, and with it the only copy of the words.
func (s *server) recall(c *fiber.Ctx, place *clinic.Clinic, sent form, body []byte) (answered bool, err error) {
	if _, ok := sent.nonce(); !ok {
		return false, nil
	}
	receipt := receiptFor(sent, body)
	accepted, err := s.Intake.RecallReceipt(c.UserContext(), place.ID, receipt)
	if err != nil {
		return false, &keptError{err, keep(c, sent, true)}
	}
	if accepted == nil {
		return false, nil
	}
	return true, s.renderThanks(c, place, receipt, accepted)
}

// renderFaults gives the form back with what is wrong in it. If even that fails, the words come back without the form.
func (s *server) renderFaults(c *fiber.Ctx, status int, sent form, data tellPage) error {
	if err := s.renderTell(c, status, data); err != nil {
		return &keptError{err, keep(c, sent, false)}
	}
	return nil
}

// receiptFor makes the receipt out of the page's random nonce and the exact body, so that the same page sent twice, by a
// double click or after a lost answer, is one message with one receipt.
func receiptFor(sent form, body []byte) seal.Receipt {
	nonce, _ := sent.nonce() // checked already
	mac := hmac.New(sha256.New, nonce)
	mac.Write(body)
	return seal.Receipt(mac.Sum(nil)[:len(seal.Receipt{})])
}

func (s *server) accept(c *fiber.Ctx, place *clinic.Clinic, epoch *keyring.Epoch, sent form, answers []seal.Answer, receipt seal.Receipt) error {
	accepted, err := s.Intake.SealAndSubmit(c.UserContext(), place.ID, receipt, s.in(c).lang, taxonomy.FormHash(), answers)
	var tooLong *seal.TooLongError
	switch {
	case errors.As(err, &tooLong):
		faults := []fault{{Key: "words", Say: "problem.too_long", With: []any{
			"Bytes", tooLong.Bytes, "Limit", tooLong.Limit, "Over", tooLong.Bytes - tooLong.Limit}}}
		return s.renderFaults(c, fiber.StatusRequestEntityTooLarge, sent, newTellPage(s.in(c), s.page(c, place), epoch, sent, faults))
	case errors.Is(err, keyring.ErrNoEpoch):
		return s.renderClosed(c, place, sent)
	case err != nil:
		return &keptError{err, keep(c, sent, true)}
	}
	return s.renderThanks(c, place, receipt, accepted)
}

func keep(c *fiber.Ctx, sent form, unsure bool) kept {
	back := kept{Kept: sent.keep(), Unsure: unsure, Again: c.Path()}
	if fromPaper(c) {
		back.Again = withQuery(back.Again, "paper")
	}
	return back
}

// renderClosed says why the form is closed and until when, and how else to tell. What was sent comes back.
func (s *server) renderClosed(c *fiber.Ctx, place *clinic.Clinic, sent form) error {
	forForm(c)
	opens, err := s.opensAgain(c, place)
	if err != nil {
		return &keptError{err, keep(c, sent, false)}
	}
	around := s.page(c, place)
	if fromPaper(c) {
		around = s.ownDevice(c, around)
	}
	return s.in(c).render(c, fiber.StatusConflict, "closed", struct {
		page
		kept
		Opens *time.Time
	}{keepOnSwitch(around, sent), keep(c, sent, false), opens})
}

// opensAgain is the day on which a form will probably be open again; nil when nobody knows. A form that people closed has no
// day: they decide.
func (s *server) opensAgain(c *fiber.Ctx, place *clinic.Clinic) (opens *time.Time, err error) {
	if !place.Open {
		return nil, nil
	}
	err = s.Clinics.Enter(c.UserContext(), place.Slug, func(ctx context.Context, _ *clinic.Clinic) (err error) {
		opens, err = s.Keys.OpensAgain(ctx, place.ID)
		return err
	})
	return opens, err
}

// thanksPage is shown once. What it holds exists nowhere else.
type thanksPage struct {
	page
	Receipt          receiptView
	Ticket           string
	LogBy, KeptUntil time.Time
	AnswersUntil     time.Time // at least
}

// receiptView shows eight words in two groups of four, the digits in groups of three, and the same digits to a camera.
type receiptView struct {
	Lang          string // of the words
	First, Second []string
	Digits        string
	DigitsFirst   bool // the page's language has no list of words
	Shared        bool // others use this device too: it is not to be printed
	Square        *code
}

func newReceiptView(r seal.Receipt, lang string) (receiptView, error) {
	square, err := drawCode(r.Digits())
	if err != nil {
		return receiptView{}, err
	}
	words := strings.Fields(r.WordsIn(lang))
	return receiptView{
		Lang: seal.WordsLanguage(lang), First: words[:4], Second: words[4:], Digits: inThrees(r.Digits()), DigitsFirst: seal.WordsLanguage(lang) != lang, Square: square,
	}, nil
}

// inThrees sets spaces into a number, so that the eye finds its place again.
func inThrees(digits string) string {
	var groups []string
	for group := range slices.Chunk([]byte(digits), 3) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

func (s *server) renderThanks(c *fiber.Ctx, place *clinic.Clinic, receipt seal.Receipt, a *intake.Acceptance) error {
	around := s.page(c, place)
	around.Languages, around.Once = nil, !around.Shared // another request could not show it again
	shown, err := newReceiptView(receipt, around.Lang)
	if err != nil {
		return err
	}
	shown.Shared = around.Shared
	return s.in(c).render(c, fiber.StatusOK, "thanks", thanksPage{
		page:      around,
		Receipt:   shown,
		Ticket:    a.Ticket,
		LogBy:     s.logBy(a.Ticket),
		KeptUntil: a.KeptUntil, AnswersUntil: mailbox.FirstDay(a.KeptUntil),
	})
}

// logBy reads the day that a ticket promises. A ticket signed with an earlier key still says it: its fourth line.
func (s *server) logBy(ticket string) time.Time {
	if lines := strings.Split(ticket, "\n"); len(lines) > 3 {
		if day, err := time.Parse(time.DateOnly, lines[3]); err == nil {
			return day
		}
	}
	return s.Now().UTC().AddDate(0, 0, seal.TicketGrace)
}

// newNonce draws what makes this page's receipt unguessable.
func newNonce() string {
	b := make([]byte, nonceBytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// actInMailbox does what a form of the open mailbox asks for, and says so on the page.
func (s *server) actInMailbox(ctx context.Context, page *mailboxPage, keys seal.Stretched, request [32]byte) (status int, err error) {
	var write func(intake.Further) *seal.Plaintext
	act := page.sent.first("act")
	switch act {
	case "write", "since":
		answers, problem := furtherAnswers(page.sent, act)
		if problem != "" {
			page.Problem = page.in.say(problem)
			return fiber.StatusUnprocessableEntity, nil
		}
		write = func(f intake.Further) *seal.Plaintext {
			return seal.NewFollowup(f.Keys, f.Epoch, s.Origin, taxonomy.FormHash(), page.Lang, seal.SealedByServer, f.Thread, answers)
		}
	case "consent":
		choice, ok := consentIn(page.sent)
		if !ok {
			page.Problem = page.in.say("mailbox.choose")
			return fiber.StatusUnprocessableEntity, nil
		}
		write = func(f intake.Further) *seal.Plaintext {
			return seal.NewConsent(f.Keys, f.Epoch, s.Origin, seal.SealedByServer, f.Thread, choice)
		}
	case "back":
		if page.sent.first("sure") == "" {
			page.Problem = page.in.say("mailbox.back_unsure")
			return fiber.StatusUnprocessableEntity, nil
		}
		return s.takeAllBack(ctx, page, keys)
	default:
		return fiber.StatusOK, nil
	}
	if !page.Clinic.Open {
		page.Problem = page.in.say("mailbox.form_closed")
		return fiber.StatusConflict, nil
	}
	accepted, err := s.sent.once(request, s.Now(), func() (*intake.Acceptance, error) {
		return s.Intake.SealFurther(ctx, page.Clinic.ID, keys, write)
	})
	var tooLong *seal.TooLongError
	switch {
	case errors.As(err, &tooLong):
		page.Problem = page.in.say("mailbox.too_long", "Over", tooLong.Bytes-tooLong.Limit)
		return fiber.StatusRequestEntityTooLarge, nil
	case errors.Is(err, keyring.ErrNoEpoch):
		page.Problem = page.in.say("mailbox.form_closed")
		return fiber.StatusConflict, nil
	case err != nil:
		return 0, err
	}
	if act == "since" {
		// The message may wait for its batch until the day after tomorrow, so nobody comes back too early.
		page.ComeBack, _ = time.Parse(time.DateOnly, seal.CheckInWeek(page.sent.first(seal.CheckInKey), s.Now().UTC().AddDate(0, 0, 2)))
	}
	page.forget()
	page.Said, page.Ticket = page.in.say("mailbox.sent"), accepted.Ticket
	return fiber.StatusOK, nil
}

// forget takes what was sent out of the fields.
func (p *mailboxPage) forget() {
	p.Words, p.SinceWords = "", ""
	for _, choices := range [][]choiceView{p.Wishes, p.Since[0].Choices, p.Since[1].Choices} {
		for i := range choices {
			choices[i].Checked = false
		}
	}
}

func (s *server) takeAllBack(ctx context.Context, page *mailboxPage, keys seal.Stretched) (status int, err error) {
	gone, err := s.Intake.WithdrawAll(ctx, page.Clinic.ID, keys)
	if errors.Is(err, intake.ErrNothingToWithdraw) {
		page.Problem = page.in.say("back.nothing")
		return fiber.StatusOK, nil // the same status as for words that open something
	}
	if err != nil {
		return 0, err
	}
	page.Said, page.Ticket = page.in.say("mailbox.gone", "Count", len(gone)), ticketsOf(gone)
	return fiber.StatusOK, nil
}

// furtherAnswers are what a form of the open mailbox says, or the key of a sentence about what is missing.
func furtherAnswers(sent form, act string) (answers []seal.Answer, problem string) {
	if act == "since" {
		return sinceAnswers(sent)
	}
	var wants []string
	for _, wish := range wishes[:len(wishes)-1] {
		if slices.Contains(sent.all("wish"), wish) {
			wants = append(wants, wish)
		}
	}
	if text := sent.answerTyped("words"); text != "" {
		answers = append(answers, seal.Answer{Q: "words", A: text})
	}
	if len(wants) > 0 {
		answers = append(answers, seal.Answer{Q: "wants", A: strings.Join(wants, "\n")})
	}
	if slices.Contains(sent.all("wish"), "practical") {
		answers = append(answers, seal.Answer{Q: "wants_text", A: practicalHelp})
	}
	if len(answers) == 0 {
		return nil, "mailbox.nothing_written"
	}
	return answers, validText(answers)
}

// sinceAnswers says whether something happened since, in the codes of the form, and when to be asked that. Either may be left out.
func sinceAnswers(sent form) (answers []seal.Answer, problem string) {
	happened, wish, text := sent.first("since"), sent.first(seal.CheckInKey), sent.answerTyped("words")
	if happened != seal.SinceNothing && happened != seal.SincePayback {
		happened = ""
	}
	if !slices.Contains(seal.CheckIns, wish) {
		wish = ""
	}
	if happened == "" && (wish == "" || text != "") {
		return nil, "mailbox.choose_since"
	}
	answers = seal.SinceAnswers(happened, text, wish)
	return answers, validText(answers)
}

func validText(answers []seal.Answer) (problem string) {
	for _, a := range answers {
		if strings.ToValidUTF8(a.A, "") != a.A {
			return "problem.utf8"
		}
	}
	return ""
}

// consentIn reads a change of consent; false when something in it is missing or unknown.
func consentIn(sent form) (seal.Consent, bool) {
	hides, say := pick(seal.Hides, sent.all("hide"))
	c := seal.Consent{ShareLevel: sent.first("share_level"), Hold: sent.first("hold_until"), Hide: []string{}, AskMeFirst: len(sent.all("ask_me_first")) > 0}
	if hides != "" {
		c.Hide = strings.Split(hides, "\n")
	}
	return c, say == "" && slices.Contains(seal.ShareLevels, c.ShareLevel) && slices.Contains(seal.Holds, c.Hold)
}

package web

import (
	"errors"
	"mime"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// aboutYouPage asks about a person after they have told something. What is answered is sealed like a message and tied to none.
type aboutYouPage struct {
	page
	Fingerprint, FormHash string
	Nonce                 string
	Fields                []fieldView
	Problems              []problemView
	Strings               map[string]string
	Sent                  bool
}

// aboutSentences are what its script says.
var aboutSentences = []string{
	"about.thanks", "about.thanks_more", "about.nothing",
	"script.locks_here", "script.locking", "script.no_answer_yet", "script.no_store",
	"script.unproven", "script.refused", "script.closed", "script.slow_down", "script.key_changed", "script.refused_again", "site.links_apart",
}

// showAboutYou shows the two questions.
func (s *server) showAboutYou(c *fiber.Ctx) error {
	place, epoch, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if epoch == nil {
		return s.renderClosed(c, place, nil)
	}
	return s.renderAboutYou(c, place, form{}, nil)
}

func (s *server) renderAboutYou(c *fiber.Ctx, place *clinic.Clinic, sent form, faults []fault) error {
	forForm(c)
	in, around := s.in(c), s.page(c, place)
	around.Failed, around.Keep = len(faults) > 0, "about-you"
	data := aboutYouPage{page: around, FormHash: taxonomy.FormHash(), Nonce: sent.first(nonceKey), Strings: map[string]string{}}
	var err error
	if data.Fingerprint, err = s.fingerprint(c, place); err != nil {
		return err
	}
	if _, ok := sent.nonce(); !ok {
		data.Nonce = newNonce()
	}
	for _, key := range aboutSentences {
		data.Strings[key] = in.say(key)
	}
	view := formView{in, place, sent, map[string]string{}}
	for _, f := range faults {
		view.problems[f.Key] = in.say(f.Say)
	}
	for _, q := range taxonomy.AboutYou() {
		data.Fields = append(data.Fields, view.field(q))
	}
	status := fiber.StatusOK
	for _, f := range faults {
		status = fiber.StatusUnprocessableEntity
		data.Problems = append(data.Problems, problemView{f.Key, data.Fields[0].target(f.Key), in.say(f.Say)})
	}
	return in.render(c, status, "aboutyou", data)
}

// target is the control that a line of the summary of problems leads to; key names the question, "" the page as a whole.
func (f fieldView) target(key string) string {
	if key == f.Key && len(f.Choices) > 0 {
		return f.Choices[0].ID
	}
	return key
}

// postAboutYou is the way for people without script.
func (s *server) postAboutYou(c *fiber.Ctx) error {
	body := c.Request().Body()
	defer clear(body)
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEApplicationForm {
		return fiber.ErrUnsupportedMediaType
	}
	sent, broken := parseForm(body)
	sent, switched := sent.takeLanguage(c)
	place, epoch, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if epoch == nil {
		return s.renderClosed(c, place, nil)
	}
	if switched {
		return s.renderAboutYou(c, place, sent, nil)
	}
	answers, faults := sent.checkAboutYou(place)
	if broken != nil {
		faults = []fault{{Say: "problem.broken"}}
	}
	if len(faults) > 0 {
		return s.renderAboutYou(c, place, sent, faults)
	}
	var tooLong *seal.TooLongError
	_, err = s.Intake.SealAboutYou(c.UserContext(), place.ID, receiptFor(sent, body), s.in(c).lang, taxonomy.FormHash(), answers)
	switch {
	case errors.As(err, &tooLong):
		return s.renderAboutYou(c, place, sent, []fault{{Key: "communities", Say: "about.too_long"}})
	case errors.Is(err, keyring.ErrNoEpoch):
		return s.renderClosed(c, place, nil)
	case err != nil:
		return err
	}
	around := s.page(c, place)
	around.Languages = nil // shown once
	return s.in(c).render(c, fiber.StatusOK, "aboutyou", aboutYouPage{page: around, Sent: true})
}

// checkAboutYou reads the answers about a person; at least one has to be there.
func (f form) checkAboutYou(place *clinic.Clinic) (answers []seal.Answer, faults []fault) {
	if _, ok := f.nonce(); !ok {
		faults = append(faults, fault{Say: "problem.nonce"})
	}
	for _, q := range taxonomy.AboutYou() {
		answer, say := f.answer(q, place)
		if say != "" {
			faults = append(faults, fault{Key: q.Key, Say: say})
		} else if answer != "" {
			answers = append(answers, seal.Answer{Q: q.Key, A: answer})
		}
	}
	if len(faults) == 0 && len(answers) == 0 {
		faults = append(faults, fault{Key: taxonomy.AboutYou()[0].Key, Say: "about.nothing"})
	}
	return answers, faults
}

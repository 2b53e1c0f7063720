package web

import (
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// aboutYouPage asks about a person after they have told something. What is answered is sealed like a message, and tied to none
// unless they wish it and give the words of the one.
type aboutYouPage struct {
	page
	Fingerprint, FormHash string
	Nonce                 string
	Fields                []fieldView
	Link                  fieldView
	Typed, TypedProblem   string // the words, given back with a problem, so that nobody types them twice
	Problems              []problemView
	Strings               map[string]string
	Sent, Tied            bool
}

// aboutSentences are what its script says.
var aboutSentences = []string{
	"site.error", "problems.title", "problems.kept", "about.thanks", "about.thanks_more", "about.thanks_tied", "about.nothing", "about.tie_here", "about.unknown", "about.gone",
	"script.mailbox_near", "script.mailbox_near_none", "script.mailbox_count", "script.mailbox_count_digits", "mailbox.no_receipt",
	"script.mailbox_log_broken",
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
	data := aboutYouPage{
		page: around, FormHash: taxonomy.FormHash(), Nonce: sent.first(nonceKey), Strings: map[string]string{},
		Typed: strings.ToValidUTF8(sent.typed(receiptKey), "\ufffd"),
	}
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
	view := around.questions(place, sent)
	for _, f := range faults {
		view.problems[f.Key] = in.say(f.Say, f.With...)
	}
	data.Link, data.TypedProblem = view.field(taxonomy.Link()), view.problems[receiptKey]
	for _, q := range taxonomy.AboutYou() {
		data.Fields = append(data.Fields, view.field(q))
	}
	status := fiber.StatusOK
	for _, f := range faults {
		status = fiber.StatusUnprocessableEntity
		data.Problems = append(data.Problems, problemView{f.Key, data.Fields[0].target(f.Key), in.say(f.Say, f.With...)})
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

// receiptKey names the field for the eight words, here and where writers come back.
const receiptKey = "receipt"

// postAboutYou is the way for people without script. Who ties their answers lets the server see their words for a moment, as one
// does who comes back without script, and the page says so.
func (s *server) postAboutYou(c *fiber.Ctx) error {
	body := c.Request().Body()
	defer clear(body)
	if !isForm(c) {
		return fiber.ErrUnsupportedMediaType
	}
	sent, broken := parseForm(body)
	sent, switched := sent.takeLanguage(c)
	tied := sent.first(taxonomy.Link().Key) == taxonomy.LinkToReport
	if tied {
		defer evenly(time.Now(), plainStep)
	}
	if err := s.answerAboutYou(c, sent, body, answerAs{switched, tied, broken != nil}); err != nil || !tied {
		return err
	}
	return fillUp(c)
}

// answerAs is what a form about a person came as: to be shown in another language, with words that tie it, or broken.
type answerAs struct{ switched, tied, broken bool }

// answerAboutYou seals what somebody says about themselves. Whatever goes wrong, they get it back.
func (s *server) answerAboutYou(c *fiber.Ctx, sent form, body []byte, as answerAs) error {
	place, epoch, err := s.findClinic(c)
	if err != nil {
		return &keptError{err, keep(c, sent, false)}
	}
	if epoch == nil {
		return s.renderClosed(c, place, sent)
	}
	if as.switched {
		return s.renderAboutYou(c, place, sent, nil)
	}
	answers, faults := sent.checkAboutYou(place)
	if as.broken {
		faults = []fault{{Say: "problem.broken"}}
	}
	if len(faults) > 0 {
		return s.renderAboutYou(c, place, sent, faults)
	}
	var wrong *fault
	if as.tied {
		wrong, err = s.tieAboutYou(c, place, sent, body, answers)
	} else {
		_, err = s.Intake.SealAboutYou(c.UserContext(), place.ID, receiptFor(sent, body), s.in(c).lang, taxonomy.FormHash(), answers)
	}
	var tooLong *seal.TooLongError
	switch {
	case wrong != nil:
		return s.renderAboutYou(c, place, sent, []fault{*wrong})
	case errors.As(err, &tooLong):
		return s.renderAboutYou(c, place, sent, []fault{{Key: "communities", Say: "about.too_long"}})
	case errors.Is(err, keyring.ErrNoEpoch):
		return s.renderClosed(c, place, sent)
	case err != nil:
		return &keptError{err, keep(c, sent, true)}
	}
	around := s.page(c, place)
	around.Languages = nil // shown once
	return s.in(c).render(c, fiber.StatusOK, "aboutyou", aboutYouPage{page: around, Sent: true, Tied: as.tied})
}

// tieAboutYou seals answers as one more message of the receipt whose words came with them. Words that open nothing here send
// nothing.
func (s *server) tieAboutYou(c *fiber.Ctx, place *clinic.Clinic, sent form, body []byte, answers []seal.Answer) (*fault, error) {
	receipt, err := seal.ParseReceipt(sent.typed(receiptKey))
	if err != nil {
		return s.in(c).receiptFault(err), nil
	}
	if !s.mailboxGate.room(s.Now()) { // before the work of a tenth of a second
		return &fault{Key: receiptKey, Say: "mailbox.slow_down"}, nil
	}
	keys := receipt.Stretch(s.Origin)
	if !s.mailboxGate.allow(keys.Message(0).MailboxToken.Commitment(), s.Now()) {
		return &fault{Key: receiptKey, Say: "mailbox.slow_down"}, nil
	}
	_, until, err := s.Intake.Own(c.UserContext(), place.ID, keys)
	if err != nil {
		return nil, err
	}
	if until.IsZero() {
		return &fault{Key: receiptKey, Say: "about.none_here"}, nil
	}
	lang := s.in(c).lang
	_, err = s.sent.once(sha256.Sum256(body), s.Now(), func() (*intake.Acceptance, error) {
		return s.Intake.SealFurther(c.UserContext(), place.ID, keys, func(f intake.Further) *seal.Plaintext {
			return seal.NewTiedAboutYou(f.Keys, f.Epoch, s.Origin, taxonomy.FormHash(), lang, seal.SealedByServer, answers)
		})
	})
	return nil, err
}

// checkAboutYou reads the answers about a person; at least one has to be there.
func (f form) checkAboutYou(place *clinic.Clinic) (answers []seal.Answer, faults []fault) {
	if _, ok := f.nonce(); !ok {
		faults = append(faults, fault{Say: "problem.nonce"})
	}
	for _, q := range aboutPerson() {
		answer, wrong := f.answer(q, place)
		if wrong != nil {
			faults = append(faults, *wrong)
		} else if answer != "" && q.Key != taxonomy.Link().Key {
			answers = append(answers, seal.Answer{Q: q.Key, A: answer})
		}
	}
	if len(faults) == 0 && len(answers) == 0 {
		faults = append(faults, fault{Key: taxonomy.AboutYou()[0].Key, Say: "about.nothing"})
	}
	return answers, faults
}

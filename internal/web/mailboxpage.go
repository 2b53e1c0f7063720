package web

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// mailboxPage is where a writer comes back with the eight words. Open shows what they open.
type mailboxPage struct {
	page
	Origin, Fingerprint string
	Pace                int    // seconds between two messages that are taken back, at most, for the script
	Typed               string // the words, for the forms of an open mailbox and with a problem, so that nobody types them twice
	Problem             string
	Open                bool
	Scripted            bool // the page with all its rooms, which a script asks for before it opens the mailbox on the device
	Asked               bool // an answer of the panel asks what happened since
	Said, Ticket, Nonce string
	ComeBack            time.Time // the Monday from which the panel can ask, after a wish for that; zero otherwise
	Ends                time.Time // zero while nothing of these words is here
	Answers             []answerView
	Unread              int
	Words, SinceWords   string // given back with a problem
	Wishes              []choiceView
	Consent, Since      []fieldView
	Strings             map[string]string

	sent form
}

// SinceOpen says whether the question what happened since is unfolded: it was asked, or what somebody said there is given back.
func (p *mailboxPage) SinceOpen() bool {
	given := slices.ContainsFunc(p.Since[0].Choices, func(c choiceView) bool { return c.Checked })
	return p.Asked || given || p.SinceWords != ""
}

// mailboxSentences are what the page script says.
var mailboxSentences = []string{
	"mailbox.script", "mailbox.none", "mailbox.unsigned", "mailbox.no_receipt", "mailbox.ends_unknown", "mailbox.sent", "mailbox.nothing_written",
	"mailbox.choose", "mailbox.choose_since", "mailbox.asked", "script.mailbox_come_back", "mailbox.back_unsure", "mailbox.form_closed",
	"script.mailbox_near", "script.mailbox_near_none", "script.mailbox_count", "script.mailbox_count_digits", "script.mailbox_working", "script.mailbox_ends",
	"script.mailbox_from", "script.mailbox_unread", "script.mailbox_no_answer", "script.mailbox_unsure", "script.mailbox_too_long",
	"script.mailbox_unproven", "script.mailbox_panel", "script.mailbox_log_none", "script.mailbox_log_row", "script.mailbox_there",
	"script.mailbox_withdrawn", "script.mailbox_shredded", "script.mailbox_log_broken", "script.mailbox_log_away", "script.mailbox_odd", "script.mailbox_taking",
	"check.gap", "check.doubled", "script.scan", "script.scan_stop", "script.scan_looking", "script.scan_done", "script.scan_none",
	"script.mailbox_gone", "script.mailbox_closed", "mailbox.slow_down", "back.nothing", "site.error", "site.links_apart",
}

// practicalHelp is how a wish for practical help stands among the answers: the form has no code for it.
const practicalHelp = "I need practical help."

// wishes of somebody who comes back, each a code of the question "wants" but for the last.
var wishes = []string{"talk_to_panel", "peer_support", "practical"}

func (s *server) newMailboxPage(c *fiber.Ctx, place *clinic.Clinic, sent form) (*mailboxPage, error) {
	shown := &mailboxPage{page: s.page(c, place), Origin: s.Origin, Pace: s.takeBackPace(),
		Typed: strings.ToValidUTF8(sent.typed("receipt"), "\ufffd"), Nonce: newNonce(), Strings: map[string]string{}, sent: sent}
	for _, key := range append(actSentences(), mailboxSentences...) {
		shown.Strings[key] = shown.in.say(key)
	}
	shown.Keep = "enter"
	view := shown.questions(nil, sent)
	for _, wish := range wishes {
		shown.Wishes = append(shown.Wishes, view.choice("wish", wish, shown.in.say("mailbox.wish."+wish)))
	}
	for _, key := range []string{"share_level", "ask_me_first", "hold_until", "hide"} {
		q, _ := taxonomy.FieldByKey(key)
		if key == "hold_until" {
			q.Codes, q.Default = seal.Holds, seal.Holds[0] // a change says all of it, so there is no skipping
		}
		field := view.field(q)
		if key == "share_level" || key == "hold_until" {
			field.Hint, field.HintBeside = "", nil // they speak of a first message, in which silence is an answer
		}
		shown.Consent = append(shown.Consent, field)
	}
	shown.Since = []fieldView{
		view.own("since", []string{seal.SinceNothing, seal.SincePayback}),
		view.own(seal.CheckInKey, seal.CheckIns),
	}
	var err error
	shown.Fingerprint, err = s.fingerprint(c, place)
	return shown, err
}

// own draws a question that the form for telling does not have.
func (v formView) own(key string, codes []string) fieldView {
	f := fieldView{Key: key, Shape: "one", Question: v.pages.say("question." + key), Hint: v.pages.maybe("hint." + key)}
	for _, code := range codes {
		f.Choices = append(f.Choices, v.choice(key, code, v.pages.say("option."+key+"."+code)))
	}
	return f
}

func (s *server) showMailbox(c *fiber.Ctx) error { return s.emptyMailbox(c, false) }

// showMailboxRoom gives the same page with all that an open mailbox has. A script takes its parts from it: what does not apply stands on
// no page of a text browser, which shows what others hide.
func (s *server) showMailboxRoom(c *fiber.Ctx) error { return s.emptyMailbox(c, true) }

func (s *server) emptyMailbox(c *fiber.Ctx, scripted bool) error {
	shown, err := s.newMailboxPage(c, clinicOf(c), nil)
	if err != nil {
		return err
	}
	if scripted {
		shown.Scripted, shown.here = true, strings.TrimSuffix(shown.here, "/room")
		shown.Languages = s.languageChoices(shown.page)
	}
	forForm(c)
	c.Set(fiber.HeaderPermissionsPolicy, permissions("(self)")) // it reads the square of a receipt
	return s.in(c).render(c, fiber.StatusOK, "mailbox", shown)
}

// pageStep is the length in bytes of which the answer to the words is a multiple, whatever they open, and plainStep the time.
const (
	pageStep  = 64 << 10
	plainStep = 500 * time.Millisecond
)

// renderMailbox fills the answer up to a full step, so that its length does not tell words that open something from others.
func (s *server) renderMailbox(c *fiber.Ctx, status int, page *mailboxPage) error {
	forForm(c)
	page.Failed = page.Problem != ""
	if page.Ticket != "" {
		page.Languages = nil // it is shown once
	}
	if err := s.in(c).render(c, status, "mailbox", page); err != nil {
		return err
	}
	return fillUp(c)
}

// fillUp makes the answer a full step long.
func fillUp(c *fiber.Ctx) error {
	body := c.Response().Body()
	missing := pageStep - len(body)%pageStep
	return c.Send(append(bytes.Clone(body), bytes.Repeat([]byte{'\n'}, missing)...))
}

// postMailbox is the way without script: the server sees the words, the answers and what is written for the moment it
// takes, and the page says so. Whatever goes wrong, the person gets back what they typed.
func (s *server) postMailbox(c *fiber.Ctx) error {
	defer evenly(time.Now(), plainStep)
	body := c.Request().Body()
	defer clear(body)
	sent, broken := parseForm(body)
	sent, switched := sent.takeLanguage(c)
	place, _, err := s.findClinic(c)
	if err != nil {
		return keepMailbox(c, sent, err)
	}
	page, err := s.newMailboxPage(c, place, sent)
	if err != nil {
		return keepMailbox(c, sent, err)
	}
	words := strings.ToValidUTF8(sent.typed("words"), "\ufffd")
	if sent.first("act") == "since" {
		page.SinceWords = words
	} else {
		page.Words = words
	}
	if switched && sent.first("act") == "" { // the mailbox was not open
		return s.renderMailbox(c, fiber.StatusOK, page)
	}
	receipt, err := seal.ParseReceipt(page.Typed)
	if err != nil || broken != nil {
		page.Problem = page.in.receiptProblem(err)
		return s.renderMailbox(c, fiber.StatusUnprocessableEntity, page)
	}
	if !s.mailboxGate.room(s.Now()) { // before the work of a tenth of a second
		page.Problem = page.in.say("mailbox.slow_down")
		return s.renderMailbox(c, fiber.StatusTooManyRequests, page)
	}
	keys := receipt.Stretch(s.Origin)
	if !s.mailboxGate.allow(keys.Message(0).MailboxToken.Commitment(), s.Now()) {
		page.Problem = page.in.say("mailbox.slow_down")
		return s.renderMailbox(c, fiber.StatusTooManyRequests, page)
	}
	status := fiber.StatusOK
	if !switched {
		status, err = s.actInMailbox(c.UserContext(), page, keys, sha256.Sum256(body))
	}
	if err == nil {
		err = s.openForPage(c.UserContext(), page, keys)
	}
	if err != nil {
		return keepMailbox(c, sent, err)
	}
	return s.renderMailbox(c, status, page)
}

// keepMailbox gives back what somebody wrote into an open mailbox, in a form that sends the same bytes again.
func keepMailbox(c *fiber.Ctx, sent form, err error) error {
	if seal.Blank(sent.typed("words")) {
		return err
	}
	back := kept{Unsure: true, Again: c.Path()}
	for _, field := range sent {
		value := strings.ReplaceAll(strings.ToValidUTF8(field.Value, "\ufffd"), "\r\n", "\n")
		back.Kept = append(back.Kept, keptField{Key: field.Key, Value: value, Typed: field.Key == "words"})
	}
	return &keptError{err, back}
}

// receiptProblem says what is wrong with typed words.
func (p *pages) receiptProblem(err error) string {
	f := p.receiptFault(err)
	return p.say(f.Say, f.With...)
}

// receiptFault is the same as what a person can put right in a form.
func (p *pages) receiptFault(err error) *fault {
	var word *seal.WordError
	var count *seal.CountError
	switch {
	case errors.As(err, &word):
		if near := seal.Near(word.Word, word.Lang); len(near) > 0 {
			all := strings.Join(near, p.comma())
			return &fault{Key: receiptKey, Say: "mailbox.near", With: []any{"Position", word.Position, "Word", word.Word, "Near", all}}
		}
		return &fault{Key: receiptKey, Say: "mailbox.near_none", With: []any{"Position", word.Position, "Word", word.Word}}
	case errors.As(err, &count) && count.Digits:
		return &fault{Key: receiptKey, Say: "mailbox.count_digits", With: []any{"Got", count.Got}}
	case errors.As(err, &count):
		return &fault{Key: receiptKey, Say: "mailbox.count", With: []any{"Got", count.Got}}
	}
	return &fault{Key: receiptKey, Say: "mailbox.no_receipt"}
}

package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/mailbox"
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
	Said, Ticket, Nonce string
	Ends                time.Time // zero while nothing of these words is here
	Answers             []answerView
	Unread              int
	Words, SinceWords   string // given back with a problem
	Wishes              []choiceView
	Consent, Since      []fieldView
	Strings             map[string]string

	sent form
}

type answerView struct {
	Reviewer, Text string
	On             time.Time
	Holds          bool // signed by somebody who is or was on the panel
	to             int  // which of the receipt's messages it answers
}

// mailboxSentences are what the page script says.
var mailboxSentences = []string{
	"mailbox.script", "mailbox.none", "mailbox.unsigned", "mailbox.no_receipt", "mailbox.ends_unknown", "mailbox.sent", "mailbox.nothing_written",
	"mailbox.choose", "mailbox.choose_since", "mailbox.back_unsure", "mailbox.form_closed",
	"script.mailbox_near", "script.mailbox_near_none", "script.mailbox_count", "script.mailbox_count_digits", "script.mailbox_working", "script.mailbox_ends",
	"script.mailbox_from", "script.mailbox_unread", "script.mailbox_no_answer", "script.mailbox_unsure", "script.mailbox_too_long",
	"script.mailbox_unproven", "script.mailbox_panel", "script.mailbox_log_none", "script.mailbox_log_row", "script.mailbox_there",
	"script.mailbox_withdrawn", "script.mailbox_shredded", "script.mailbox_log_broken", "script.mailbox_log_away", "script.mailbox_odd", "script.mailbox_taking",
	"check.gap", "check.doubled", "script.scan", "script.scan_stop", "script.scan_looking", "script.scan_done", "script.scan_none",
	"script.mailbox_gone", "script.mailbox_closed", "mailbox.slow_down", "back.nothing", "site.error",
}

// practicalHelp is how a wish for practical help stands among the answers: the form has no code for it.
const practicalHelp = "I need practical help."

// wishes of somebody who comes back, each a code of the question "wants" but for the last.
var wishes = []string{"talk_to_panel", "peer_support", "practical"}

// againAfter is how long until the panel asks once more whether something happened.
var againAfter = map[string]func(time.Time) time.Time{
	"two_weeks":    func(t time.Time) time.Time { return t.AddDate(0, 0, 14) },
	"month":        func(t time.Time) time.Time { return t.AddDate(0, 1, 0) },
	"three_months": func(t time.Time) time.Time { return t.AddDate(0, 3, 0) },
}

func (s *server) newMailboxPage(c *fiber.Ctx, place *clinic.Clinic, sent form) (*mailboxPage, error) {
	shown := &mailboxPage{page: s.page(c, place), Origin: s.Origin, Pace: s.takeBackPace(),
		Typed: strings.ToValidUTF8(sent.typed("receipt"), "\ufffd"), Nonce: newNonce(), Strings: map[string]string{}, sent: sent}
	for _, key := range append(actSentences(), mailboxSentences...) {
		shown.Strings[key] = shown.in.say(key)
	}
	shown.Keep = "enter"
	view := formView{shown.in, nil, sent, nil}
	for _, wish := range wishes {
		shown.Wishes = append(shown.Wishes, view.choice("wish", wish, shown.in.say("mailbox.wish."+wish)))
	}
	for _, key := range []string{"share_level", "ask_me_first", "hold_until", "hide"} {
		q, _ := taxonomy.FieldByKey(key)
		if key == "hold_until" {
			q.Codes, q.Default = seal.Holds, seal.Holds[0] // a change says all of it, so there is no skipping
		}
		field := view.field(q)
		if key == "share_level" {
			field.Hint, field.HintBeside = "", nil // it speaks of a first message, in which silence is an answer
		}
		shown.Consent = append(shown.Consent, field)
	}
	shown.Since = []fieldView{
		view.own("since", []string{"nothing", "payback"}, ""),
		view.own("again", []string{"never", "two_weeks", "month", "three_months"}, "never"),
	}
	var err error
	shown.Fingerprint, err = s.fingerprint(c, place)
	return shown, err
}

// own draws a question that the form for telling does not have.
func (v formView) own(key string, codes []string, preset string) fieldView {
	f := fieldView{Key: key, Shape: "one", Question: v.pages.say("question." + key), Hint: v.pages.maybe("hint." + key)}
	for _, code := range codes {
		c := v.choice(key, code, v.pages.say("option."+key+"."+code))
		c.Checked = c.Checked || code == preset && len(v.sent.all(key)) == 0
		f.Choices = append(f.Choices, c)
	}
	return f
}

func (s *server) showMailbox(c *fiber.Ctx) error {
	shown, err := s.newMailboxPage(c, clinicOf(c), nil)
	if err != nil {
		return err
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
	var word *seal.WordError
	var count *seal.CountError
	switch {
	case errors.As(err, &word):
		if near := seal.Near(word.Word, word.Lang); len(near) > 0 {
			return p.say("mailbox.near", "Position", word.Position, "Word", word.Word, "Near", strings.Join(near, p.comma()))
		}
		return p.say("mailbox.near_none", "Position", word.Position, "Word", word.Word)
	case errors.As(err, &count) && count.Digits:
		return p.say("mailbox.count_digits", "Got", count.Got)
	case errors.As(err, &count):
		return p.say("mailbox.count", "Got", count.Got)
	}
	return p.say("mailbox.no_receipt")
}

// openForPage puts what the words open on the page.
func (s *server) openForPage(ctx context.Context, page *mailboxPage, keys seal.Stretched) error {
	page.Open, page.Keep = true, "write"
	own := keys.Message(0)
	anchors, until, err := s.Intake.Own(ctx, page.Clinic.ID, keys)
	if err != nil {
		return err
	}
	if !until.IsZero() {
		page.Ends = mailbox.LastDay(own.MailboxToken.Commitment(), until)
	}
	panel, err := s.panelKeys(ctx, page.Clinic)
	if err != nil {
		return err
	}
	place := map[string]int{}
	for i, a := range anchors {
		place[a.String()] = i
	}
	for n := 0; ; n++ {
		got, err := s.Mailboxes.Open(ctx, page.Clinic.ID, own.MailboxToken, n)
		if err != nil {
			return err
		}
		for _, file := range got.Answers(n) {
			reply, err := seal.OpenReply(file, own.ReplyIdentity)
			if err != nil {
				page.Unread++
				continue
			}
			on, _ := time.Parse(time.DateOnly, reply.Day) // checked when it was read
			holds := reply.Verify(s.Origin, anchors, func(id string) ed25519.PublicKey { return panel[id] }) == nil
			page.Answers = append(page.Answers, answerView{reply.Reviewer, reply.Text, on, holds, place[reply.Anchor]})
		}
		if got.Count <= (n+1)*mailbox.PageSize {
			slices.SortStableFunc(page.Answers, func(a, b answerView) int { return cmp.Or(a.On.Compare(b.On), a.to-b.to) })
			return nil
		}
	}
}

// panelKeys are the signing keys of everybody who is or was on a clinic's panel.
func (s *server) panelKeys(ctx context.Context, place *clinic.Clinic) (keys map[string]ed25519.PublicKey, err error) {
	keys = map[string]ed25519.PublicKey{}
	err = s.Clinics.Enter(ctx, place.Slug, func(ctx context.Context, _ *clinic.Clinic) error {
		chain, err := s.Keys.Chain(ctx, place.ID)
		if errors.Is(err, keyring.ErrNoPanel) {
			return nil
		}
		if err != nil {
			return err
		}
		members, err := chain.Members("")
		for _, m := range members {
			keys[m.ID] = m.VerifyKey
		}
		return err
	})
	return keys, err
}

// actInMailbox does what a form of the open mailbox asks for, and says so on the page.
func (s *server) actInMailbox(ctx context.Context, page *mailboxPage, keys seal.Stretched, request [32]byte) (status int, err error) {
	var write func(intake.Further) *seal.Plaintext
	act := page.sent.first("act")
	switch act {
	case "write", "since":
		answers, problem := furtherAnswers(page.sent, act, s.Now())
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
	page.forget()
	page.Said, page.Ticket = page.in.say("mailbox.sent"), accepted.Ticket
	return fiber.StatusOK, nil
}

// forget takes what was sent out of the fields.
func (p *mailboxPage) forget() {
	p.Words, p.SinceWords = "", ""
	for i := range p.Wishes {
		p.Wishes[i].Checked = false
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
func furtherAnswers(sent form, act string, now time.Time) (answers []seal.Answer, problem string) {
	if act == "since" {
		return sinceAnswers(sent, now)
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

// sinceAnswers says whether something happened since, in the codes of the form: being treated worse is response.payback.
func sinceAnswers(sent form, now time.Time) (answers []seal.Answer, problem string) {
	text := sent.answerTyped("words")
	switch sent.first("since") {
	case "nothing":
		answers = []seal.Answer{{Q: "words", A: strings.TrimSpace("Nothing bad has happened to my care since.\n" + text)}}
	case "payback":
		if text != "" {
			answers = append(answers, seal.Answer{Q: "words", A: text})
		}
		answers = append(answers, seal.Answer{Q: "themes", A: "response"}, seal.Answer{Q: "items", A: "response.payback"})
	default:
		return nil, "mailbox.choose_since"
	}
	if when := againAfter[sent.first("again")]; when != nil {
		answers = append(answers, seal.Answer{Q: "wants_text", A: fmt.Sprintf("Ask me again after %s.", when(now).UTC().Format("2 January 2006"))})
	}
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

// recent remembers for some minutes which forms were sent, by a hash that holds the page's random nonce: a double click, or
// a form sent again after a lost answer, is one message. It knows no words and no receipt. Each replica remembers its own.
type recent struct {
	mu   sync.Mutex
	seen map[[32]byte]*recentForm
}

type recentForm struct {
	mu   sync.Mutex
	at   time.Time
	done *intake.Acceptance
}

const recentFor = 10 * time.Minute

func (r *recent) once(request [32]byte, now time.Time, send func() (*intake.Acceptance, error)) (*intake.Acceptance, error) {
	f := r.form(request, now)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done != nil {
		return f.done, nil
	}
	done, err := send()
	f.done = done
	return done, err
}

func (r *recent) form(request [32]byte, now time.Time) *recentForm {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[[32]byte]*recentForm{}
	}
	for key, f := range r.seen {
		if now.Sub(f.at) > recentFor {
			delete(r.seen, key)
		}
	}
	if r.seen[request] == nil {
		r.seen[request] = &recentForm{at: now}
	}
	return r.seen[request]
}

package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"answerable/internal/clinic"
	"answerable/internal/liaison"
	"answerable/internal/promise"
	"answerable/internal/seal"
)

// liaisonPath is where the clinic's side stands. Its cookie goes nowhere else: neither to a page that a writer sees, nor to the
// panel's API.
const liaisonPath = "/clinic"

const liaisonCookie = "answerable_clinic"

const keyLiaison = "liaison"

// liaisonRoutes are the pages of the people who answer for a clinic. All of them are plain forms.
func (s *server) liaisonRoutes(app *fiber.App) {
	own := app.Group(liaisonPath, ownFormsOnly)
	own.Get("/", s.asLiaison(s.showLiaison))
	own.Get("/join", s.showLiaisonJoin)
	own.Post("/join", s.postLiaisonJoin)
	own.Post("/sign-in", s.postLiaisonSignIn)
	own.Post("/sign-out", s.postLiaisonSignOut)
	own.Get("/findings/:finding", s.asLiaison(s.showHandedOver))
	own.Post("/findings/:finding", s.asLiaison(s.postAnswer))
	own.Get("/promises/:promise", s.asLiaison(s.showOwnPromise))
	own.Post("/promises/:promise", s.asLiaison(s.postOwnPromise))
}

// ownFormsOnly refuses posts that another site's page made a browser send. The cookie is SameSite=Strict as well; each would do
// alone.
func ownFormsOnly(c *fiber.Ctx) error {
	forForm(c)
	r, err := adaptor.ConvertRequest(c, false)
	if err != nil {
		return fiber.ErrBadRequest
	}
	if http.NewCrossOriginProtection().Check(r) != nil {
		return fiber.ErrForbidden
	}
	return c.Next()
}

// asLiaison lets only those pass who are signed in for a clinic, and runs the rest behind that clinic's walls. Whoever is not
// gets the page to sign in, and what they had written.
func (s *server) asLiaison(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		session, err := s.Liaisons.Session(c.UserContext(), c.Cookies(liaisonCookie))
		if err == nil {
			err = s.enterAsLiaison(c, session, next)
		}
		if errors.Is(err, liaison.ErrSession) || errors.Is(err, liaison.ErrUnknown) {
			return s.askToSignIn(c)
		}
		if err != nil && c.Method() == fiber.MethodPost {
			return s.keepTyped(c, err)
		}
		return err
	}
}

func (s *server) enterAsLiaison(c *fiber.Ctx, session *liaison.Session, next fiber.Handler) error {
	outside := c.UserContext()
	defer c.SetUserContext(outside)
	return s.Clinics.EnterByID(outside, session.ClinicID, func(ctx context.Context, place *clinic.Clinic) error {
		who, err := s.Liaisons.Of(ctx, place.ID, session.LiaisonID)
		if err != nil {
			return err
		}
		c.SetUserContext(ctx)
		c.Locals(keyClinic, place)
		c.Locals(keyLiaison, who)
		return next(c)
	})
}

func liaisonOf(c *fiber.Ctx) *liaison.Liaison { return c.Locals(keyLiaison).(*liaison.Liaison) }

// liaisonIn is the page to sign in, with what somebody had written when their time was over.
type liaisonIn struct {
	page
	Typed, Problem string
	Kept           []fieldView
	Again          string
}

func (s *server) askToSignIn(c *fiber.Ctx) error {
	data := liaisonIn{page: s.page(c, nil)}
	status := fiber.StatusOK
	if c.Method() == fiber.MethodPost {
		status = fiber.StatusUnauthorized
		sent, _ := parseForm(c.Request().Body())
		data.Again = c.Path()
		for _, field := range sent {
			if key := fieldBase(field.Key); liaisonFields[key].question != "" {
				data.Kept = append(data.Kept, s.in(c).ownField(sent, nil, field.Key))
			}
		}
	}
	if c.Path() != liaisonPath && c.Path() != liaisonPath+"/" {
		data.Again = c.Path()
	}
	return s.in(c).render(c, status, "liaison_in", data)
}

// keepTyped gives back what somebody wrote when our side broke, in a form that sends it again.
func (s *server) keepTyped(c *fiber.Ctx, err error) error {
	var known *fiber.Error
	if errors.As(err, &known) {
		return err
	}
	sent, _ := parseForm(c.Request().Body())
	back := kept{Unsure: true, Again: c.Path()}
	for _, field := range sent {
		value := strings.ReplaceAll(strings.ToValidUTF8(field.Value, "\ufffd"), "\r\n", "\n")
		one := keptField{Key: field.Key, Value: value}
		if def := liaisonFields[fieldBase(field.Key)]; def.question != "" {
			one.Typed, one.Label = true, s.in(c).say(def.question)
		}
		back.Kept = append(back.Kept, one)
	}
	return &keptError{err, back}
}

func (s *server) postLiaisonSignIn(c *fiber.Ctx) error {
	defer clear(c.Request().Body())
	sent, _ := parseForm(c.Request().Body())
	data := liaisonIn{page: s.page(c, nil), Typed: strings.ToValidUTF8(sent.typed("receipt"), "\ufffd")}
	refuse := func(status int, sentence string) error {
		data.Problem, data.Failed = sentence, true
		return s.in(c).render(c, status, "liaison_in", data)
	}
	words, err := seal.ParseReceipt(data.Typed)
	if err != nil {
		return refuse(fiber.StatusUnprocessableEntity, s.in(c).receiptProblem(err))
	}
	if !s.liaisonGate.allow(sha256.Sum256(words[:]), s.Now()) {
		return refuse(fiber.StatusTooManyRequests, errSlowDown.Detail)
	}
	token, err := s.Liaisons.SignIn(c.UserContext(), words)
	if errors.Is(err, liaison.ErrWords) {
		return refuse(fiber.StatusForbidden, s.in(c).say("liaison.wrong_words"))
	}
	if err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{
		Name: liaisonCookie, Value: token, Path: liaisonPath, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode,
		Secure: strings.HasPrefix(c.Get(fiber.HeaderOrigin, s.address()), "https:"), SessionOnly: true,
	})
	return c.Redirect(liaisonPath, fiber.StatusSeeOther)
}

func (s *server) postLiaisonSignOut(c *fiber.Ctx) error {
	if err := s.Liaisons.SignOut(c.UserContext(), c.Cookies(liaisonCookie)); err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: liaisonCookie, Path: liaisonPath, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode, MaxAge: -1, Expires: time.Unix(0, 0)})
	return c.Redirect(liaisonPath, fiber.StatusSeeOther)
}

// liaisonJoin is where an invitation is used. Words are there once, right after.
type liaisonJoin struct {
	page
	Code, Problem string
	Words         []string
}

func (s *server) showLiaisonJoin(c *fiber.Ctx) error {
	return s.in(c).render(c, fiber.StatusOK, "liaison_join", liaisonJoin{page: s.page(c, nil)})
}

func (s *server) postLiaisonJoin(c *fiber.Ctx) error {
	sent, _ := parseForm(c.Request().Body())
	data := liaisonJoin{page: s.page(c, nil), Code: strings.ToValidUTF8(sent.first("code"), "\ufffd")}
	refuse := func(status int, sentence string) error {
		data.Problem, data.Failed = sentence, true
		return s.in(c).render(c, status, "liaison_join", data)
	}
	if sent.first("apart") != "yes" {
		return refuse(fiber.StatusUnprocessableEntity, s.in(c).say("liaison.apart_needed"))
	}
	code := data.Code[strings.LastIndex(data.Code, "#")+1:] // the whole link is good too
	if !s.liaisonGate.allow(sha256.Sum256([]byte(code)), s.Now()) {
		return refuse(fiber.StatusTooManyRequests, errSlowDown.Detail)
	}
	words, err := s.Liaisons.Join(c.UserContext(), code)
	if errors.Is(err, liaison.ErrInvitation) {
		return refuse(fiber.StatusForbidden, s.in(c).say("liaison.wrong_code"))
	}
	if err != nil {
		return err
	}
	data.Words = strings.Fields(words.Words())
	return s.in(c).render(c, fiber.StatusOK, "liaison_join", data)
}

// liaisonField is a field of the clinic's forms.
type liaisonField struct {
	shape, question, hint string
	rows                  int
}

// liaisonFields are by name, without the number of a promise.
var liaisonFields = map[string]liaisonField{
	"answer": {"text", "question.answer", "liaison.hint.answer", 10},
	"speaks": {"line", "question.speaks", "liaison.hint.speaks", 0},
	"power":  {"text", "question.power", "liaison.hint.power", 3},
	"what":   {"text", "question.what", "liaison.hint.what", 3},
	"who":    {"line", "question.who", "liaison.hint.who", 0},
	"due":    {"date", "question.due", "liaison.hint.due", 0},
	"how":    {"text", "question.how", "liaison.hint.how", 3},
	"reason": {"text", "question.reason", "", 4},
	"done":   {"text", "question.done", "liaison.hint.done", 4},
	"until":  {"date", "question.until", "", 0},
}

func fieldBase(key string) string { return strings.TrimRight(key, "123456789") }

func (in *pages) ownField(sent form, problems map[string]string, key string) fieldView {
	def := liaisonFields[fieldBase(key)]
	f := fieldView{Key: key, Shape: def.shape, Rows: def.rows, Question: in.say(def.question), Problem: problems[key], Value: strings.ToValidUTF8(sent.typed(key), "\ufffd")}
	if def.hint != "" {
		f.Hint = in.say(def.hint)
	}
	return f
}

// liaisonHome is what a liaison comes to: what waits for the clinic, and the same that everybody sees.
type liaisonHome struct {
	page
	Role     string
	Tasks    []taskView
	Findings []handedView
	Account  promisesView
}

type taskView struct {
	Say, Link string
	Late      bool
}

// handedView is a finding that the clinic was handed.
type handedView struct {
	ID, Title, Words      string
	Quoted                bool // the words are the writer's own
	Public, Gone, Taken   bool
	Themes                []string
	HandedOn, AnswerBy    time.Time
	Responses             []responseView
	Answered, Late, Waits bool
}

type responseView struct {
	Role, Power, Words string
	On                 time.Time
	Shown, Withheld    bool
}

func (s *server) showLiaison(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	data := liaisonHome{page: s.page(c, clinicOf(c)), Role: liaisonOf(c).Role, Account: s.in(c).viewPromises(account, true)}
	for _, f := range account.Findings {
		one := s.in(c).viewHanded(f, account.On)
		data.Findings = append(data.Findings, one)
		if one.Waits && f.Finding != nil {
			data.Tasks = append(data.Tasks, taskView{s.in(c).say("liaison.task_answer", "Title", one.Title, "Day", s.in(c).on(f.AnswerBy)), liaisonPath + "/findings/" + f.ID, one.Late})
		}
	}
	for _, p := range account.Promises {
		if p.State == promise.StateOpen || p.State == promise.StateOverdue {
			data.Tasks = append(data.Tasks, taskView{s.in(c).say("liaison.task_promise", "What", firstWords(p.What), "Day", s.in(c).on(p.Due)), liaisonPath + "/promises/" + p.ID, p.State == promise.StateOverdue})
		}
	}
	return s.in(c).render(c, fiber.StatusOK, "liaison", data)
}

// firstWords is the beginning of a text, for a line in a list.
func firstWords(text string) string {
	const most = 12
	words := strings.Fields(text)
	if len(words) <= most {
		return strings.Join(words, " ")
	}
	return strings.Join(words[:most], " ") + " …"
}

// account is the account of the clinic that a request stands in, of all time, as of the clinic's today.
func (s *server) account(c *fiber.Ctx) (*promise.Account, error) {
	id := clinicOf(c).ID
	today, err := s.Promises.Today(c.UserContext(), id)
	if err != nil {
		return nil, err
	}
	return s.Promises.Account(c.UserContext(), id, promise.Period{}, today)
}

func (in *pages) viewHanded(f *promise.Answered, today time.Time) handedView {
	v := handedView{
		ID: f.ID, Public: f.Public, Taken: f.TakenBack, Gone: f.Finding == nil && !f.TakenBack, HandedOn: f.HandedOn, AnswerBy: f.AnswerBy,
		Answered: len(f.Responses) > 0,
	}
	v.Waits = !v.Answered && !f.TakenBack
	v.Late = f.Late || v.Waits && today.After(f.AnswerBy)
	for _, theme := range f.Themes {
		v.Themes = append(v.Themes, in.themeName(theme))
	}
	v.Title = in.say("promise.finding_title", "Day", in.on(f.HandedOn))
	if len(v.Themes) > 0 {
		v.Title = in.say("promise.finding_about", "Day", in.on(f.HandedOn), "Theme", v.Themes[0])
	}
	if f.Finding != nil {
		v.Words, v.Quoted = f.Finding.Words, f.Finding.Form == "quote" || f.Finding.Form == "public"
	}
	for _, r := range f.Responses {
		v.Responses = append(v.Responses, responseView{r.Role, r.Power, r.Words, r.RespondedOn, r.ShownOn != nil, r.Words == ""})
	}
	return v
}

// themeName is a theme in words; the code where nothing names it any more.
func (in *pages) themeName(code string) string {
	if name := in.maybe("theme." + code); name != "" {
		return name
	}
	return code
}

// answerPage is a finding with the form to answer it.
type answerPage struct {
	page
	Finding  handedView
	Problems []problemView
	Fields   []fieldView // of the answer
	Promises []draftView
	Prompts  []string // chosen by theme
	More     []string // all the others
	Saved    bool
}

type draftView struct {
	N      int
	Open   bool
	Fields []fieldView
}

var (
	answerFields = []string{"speaks", "power", "answer"}
	draftFields  = []string{"what", "who", "due", "how"}
)

// promisesOffered is how many promises the form has room for.
const promisesOffered = 3

// handedOver finds the finding that the address names. Errors: fiber.ErrNotFound.
func (s *server) handedOver(c *fiber.Ctx) (*promise.Answered, time.Time, error) {
	account, err := s.account(c)
	if err != nil {
		return nil, time.Time{}, err
	}
	i := slices.IndexFunc(account.Findings, func(f *promise.Answered) bool { return f.ID == c.Params("finding") })
	if i < 0 {
		return nil, time.Time{}, fiber.ErrNotFound
	}
	return account.Findings[i], account.On, nil
}

func (s *server) showHandedOver(c *fiber.Ctx) error {
	f, today, err := s.handedOver(c)
	if err != nil {
		return err
	}
	sent := form{{"speaks", liaisonOf(c).Role}}
	data := s.newAnswerPage(c, f, today, sent, nil)
	data.Saved = c.Request().URI().QueryArgs().Has("saved")
	return s.in(c).render(c, fiber.StatusOK, "liaison_finding", data)
}

func (s *server) newAnswerPage(c *fiber.Ctx, f *promise.Answered, today time.Time, sent form, faults promise.Faults) answerPage {
	data := answerPage{page: s.page(c, clinicOf(c)), Finding: s.in(c).viewHanded(f, today)}
	problems := s.in(c).faultsOf(faults)
	data.Failed, data.Problems = len(faults) > 0, s.in(c).problemsOf(faults)
	for _, key := range answerFields {
		data.Fields = append(data.Fields, s.in(c).ownField(sent, problems, key))
	}
	for n := 1; n <= promisesOffered; n++ {
		d := draftView{N: n, Open: n == 1}
		for _, base := range draftFields {
			field := s.in(c).ownField(sent, problems, base+strconv.Itoa(n))
			d.Open = d.Open || field.Value != "" || field.Problem != ""
			d.Fields = append(d.Fields, field)
		}
		data.Promises = append(data.Promises, d)
	}
	var themes []string
	if f.Finding != nil {
		themes = f.Finding.Themes
	}
	chosen := promise.PromptsFor(themes)
	for _, n := range chosen {
		data.Prompts = append(data.Prompts, s.in(c).say("prompt."+strconv.Itoa(n)))
	}
	for n := 1; n <= promise.Prompts; n++ {
		if !slices.Contains(chosen, n) {
			data.More = append(data.More, s.in(c).say("prompt."+strconv.Itoa(n)))
		}
	}
	return data
}

// fieldNames are what the forms call the fields of package promise.
var fieldNames = map[string]string{"role": "speaks", "words": "answer"}

func fieldOf(f promise.Fault) string {
	if name := fieldNames[f.Field]; name != "" {
		return name
	}
	return f.Field
}

func (in *pages) faultsOf(faults promise.Faults) map[string]string {
	out := map[string]string{}
	for _, f := range faults {
		out[fieldOf(f)] = in.say("promise.fault." + f.Kind)
	}
	return out
}

func (in *pages) problemsOf(faults promise.Faults) (out []problemView) {
	for _, f := range faults {
		key := fieldOf(f)
		question := in.say(liaisonFields[fieldBase(key)].question)
		out = append(out, problemView{key, key, in.say("promise.fault_at", "Question", question, "Fault", in.say("promise.fault."+f.Kind))})
	}
	return out
}

func (s *server) postAnswer(c *fiber.Ctx) error {
	f, today, err := s.handedOver(c)
	if err != nil {
		return err
	}
	sent, _ := parseForm(c.Request().Body())
	answer := promise.Answer{Role: sent.typed("speaks"), Power: sent.typed("power"), Words: sent.typed("answer")}
	var faults promise.Faults
	for n := 1; n <= promisesOffered; n++ {
		key := func(base string) string { return base + strconv.Itoa(n) }
		d := promise.Draft{What: trimmed(sent.typed(key("what"))), Who: trimmed(sent.typed(key("who"))), How: trimmed(sent.typed(key("how")))}
		if d.Due, err = dayIn(sent.typed(key("due"))); err != nil {
			faults = append(faults, promise.Fault{Field: key("due"), Kind: "day"})
		}
		answer.Promises = append(answer.Promises, d)
	}
	if len(faults) == 0 {
		_, err = s.Promises.Answer(c.UserContext(), clinicOf(c).ID, f.ID, answer)
		if err == nil {
			return c.Redirect(c.Path()+"?saved", fiber.StatusSeeOther)
		}
	}
	if errors.Is(err, promise.ErrTakenBack) {
		// The page says so, and the words are in it still.
		return s.in(c).render(c, fiber.StatusConflict, "liaison_finding", s.newAnswerPage(c, f, today, sent, nil))
	}
	if len(faults) == 0 && !errors.As(err, &faults) {
		return err
	}
	return s.in(c).render(c, fiber.StatusUnprocessableEntity, "liaison_finding", s.newAnswerPage(c, f, today, sent, faults))
}

func trimmed(text string) string { return strings.TrimSpace(text) }

// dayIn reads a day as browsers send it; none is the zero day.
func dayIn(text string) (time.Time, error) {
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

// ownPromisePage is a promise with what the clinic can do about it.
type ownPromisePage struct {
	page
	Promise  promiseView
	Problems []problemView
	Done     []fieldView
	Extend   []fieldView
	CanMove  bool // its day has not passed
	Open     bool // the clinic can still say something
	Claimed  bool // it said that it is done
	Said     string
	Typed    []fieldView // that was not kept, where no form shows it
}

func (s *server) ownPromise(c *fiber.Ctx) (*promise.Standing, time.Time, error) {
	account, err := s.account(c)
	if err != nil {
		return nil, time.Time{}, err
	}
	i := slices.IndexFunc(account.Promises, func(p *promise.Standing) bool { return p.ID == c.Params("promise") })
	if i < 0 {
		return nil, time.Time{}, fiber.ErrNotFound
	}
	return account.Promises[i], account.On, nil
}

func (s *server) showOwnPromise(c *fiber.Ctx) error {
	return s.renderOwnPromise(c, fiber.StatusOK, nil, nil, "", false)
}

func (s *server) renderOwnPromise(c *fiber.Ctx, status int, sent form, faults promise.Faults, said string, refused bool) error {
	p, today, err := s.ownPromise(c)
	if err != nil {
		return err
	}
	problems := s.in(c).faultsOf(faults)
	data := ownPromisePage{
		page: s.page(c, clinicOf(c)), Promise: s.in(c).viewPromise(p, today), Problems: s.in(c).problemsOf(faults), Said: said,
		Done:    []fieldView{s.in(c).ownField(sent, problems, "done")},
		Extend:  []fieldView{s.in(c).ownField(sent, problems, "until"), s.in(c).ownField(sent, problems, "reason")},
		CanMove: !today.After(p.Due), Open: !p.Closed() && !refused, Claimed: p.State == promise.StateClaimed,
	}
	if refused {
		for _, field := range append(data.Done, data.Extend...) {
			if field.Value != "" {
				data.Typed = append(data.Typed, field)
			}
		}
	}
	data.Failed = len(faults) > 0
	return s.in(c).render(c, status, "liaison_promise", data)
}

func (s *server) postOwnPromise(c *fiber.Ctx) error {
	sent, _ := parseForm(c.Request().Body())
	ctx, id, name := c.UserContext(), clinicOf(c).ID, c.Params("promise")
	var err error
	status, said := fiber.StatusOK, ""
	names := map[string]string{"reason": "reason", "due": "until"}
	switch sent.first("act") {
	case "done":
		names["reason"] = "done"
		if err = s.Promises.Claim(ctx, id, name, sent.typed("done")); err == nil {
			said = s.in(c).say("liaison.said_done")
		}
	case "extend":
		due, badDay := dayIn(sent.typed("until"))
		if badDay != nil {
			return s.renderOwnPromise(c, fiber.StatusUnprocessableEntity, sent, promise.Faults{{Field: "until", Kind: "day"}}, "", false)
		}
		moved := false
		if moved, err = s.Promises.Extend(ctx, id, name, due, sent.typed("reason")); err == nil {
			said = s.in(c).say("liaison.said_moved")
			if !moved {
				status, said = fiber.StatusConflict, s.in(c).say("liaison.said_refused")
			}
		}
	default:
		return fiber.ErrBadRequest
	}
	var faults promise.Faults
	switch {
	case errors.As(err, &faults):
		for i := range faults {
			faults[i].Field = names[faults[i].Field]
		}
		return s.renderOwnPromise(c, fiber.StatusUnprocessableEntity, sent, faults, "", false)
	case errors.Is(err, promise.ErrGone):
		return fiber.ErrNotFound
	case errors.Is(err, promise.ErrClosed):
		return s.renderOwnPromise(c, fiber.StatusConflict, sent, nil, s.in(c).say("liaison.said_closed"), true)
	case errors.Is(err, promise.ErrOften):
		return s.renderOwnPromise(c, fiber.StatusConflict, sent, nil, s.in(c).say("liaison.said_often"), true)
	case err != nil:
		return err
	}
	return s.renderOwnPromise(c, status, nil, nil, said, false)
}

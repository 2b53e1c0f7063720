package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"answerable/internal/clinic"
	"answerable/internal/liaison"
	"answerable/internal/promise"
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

// liaisonHome is what a liaison comes to: what waits for the clinic, and the same that everybody sees.
type liaisonHome struct {
	page
	Role     string
	Tasks    []taskView
	Findings []handedView
	Account  promisesView
	Released *releaseInShort // nil before the first
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
	ClinicOnly            bool // what it says is not for who looks
	Themes                []string
	MustNot               []string // what the writer said must not happen; on the clinic's own side alone
	HandedOn, AnswerBy    time.Time
	Responses             []responseView
	Answered, Late, Waits bool
}

type responseView struct {
	Role, Power, Words string
	On                 time.Time
	Shown, Withheld    bool
	Promises           []promiseView // that were made in it, and may be read
}

func (s *server) showLiaison(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	data := liaisonHome{page: s.page(c, clinicOf(c)), Role: liaisonOf(c).Role, Account: s.in(c).viewPromises(account, true)}
	if data.Released, err = s.newestInShort(c); err != nil {
		return err
	}
	for _, f := range account.Findings {
		one := s.in(c).viewHanded(f, account.On, true)
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

// viewHanded shows a finding: to everybody, or on the clinic's own side.
func (in *pages) viewHanded(f *promise.Answered, today time.Time, own bool) handedView {
	v := handedView{
		ID: f.ID, Public: f.Public, Taken: f.TakenBack, Gone: f.Finding == nil && !f.TakenBack && (own || f.Public),
		ClinicOnly: f.Finding == nil && !f.TakenBack && !own && !f.Public, HandedOn: f.HandedOn, AnswerBy: f.AnswerBy,
		Answered: len(f.Responses) > 0,
	}
	v.Waits = !v.Answered && !f.TakenBack
	v.Late = f.Late || v.Waits && today.After(f.AnswerBy)
	for _, theme := range f.Themes {
		v.Themes = append(v.Themes, in.themeName(theme))
	}
	if f.Finding != nil {
		v.Words, v.Quoted = f.Finding.Words, f.Finding.Form == "quote" || f.Finding.Form == "public"
		for _, code := range f.Finding.MustNot {
			v.MustNot = append(v.MustNot, in.say("option.must_not."+code))
		}
	}
	about := "" // which of several findings of a day it is
	if len(v.Themes) > 0 {
		about = v.Themes[0]
	} else if own {
		about = firstWords(v.Words)
	}
	v.Title = in.say("promise.finding_title", "Day", in.on(f.HandedOn))
	if about != "" {
		v.Title = in.say("promise.finding_about", "Day", in.on(f.HandedOn), "Theme", about)
	}
	for _, r := range f.Responses {
		v.Responses = append(v.Responses, responseView{r.Role, r.Power, r.Words, r.RespondedOn, r.ShownOn != nil, r.Words == "", nil})
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

package web

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/promise"
)

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
	data := answerPage{page: s.page(c, clinicOf(c)), Finding: s.in(c).viewHanded(f, today, true)}
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
	themes := f.Themes // of one whose time is over; empty where they were for the clinic alone
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

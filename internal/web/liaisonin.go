package web

import (
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/liaison"
	"answerable/internal/seal"
)

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

package web

import (
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/promise"
)

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

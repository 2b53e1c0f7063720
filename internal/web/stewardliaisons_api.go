package web

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/liaison"
)

// liaisonJoinPath leads to the page where somebody takes a place as liaison. Its code stands in the fragment, which browsers do
// not send.
const liaisonJoinPath = liaisonPath + "/join#"

// stewardLiaisonRoutes are how a steward says who speaks for a clinic. The panel sees roles and states, and invites nobody: it
// judges what those people promise.
func (s *server) stewardLiaisonRoutes(api fiber.Router) {
	api.Get("/c/:clinic/liaisons", s.getLiaisons)
	api.Post("/c/:clinic/liaisons", s.postLiaison)
	api.Post("/c/:clinic/liaisons/:liaison/remove", s.postRemoveLiaison)
}

type liaisonJSON struct {
	ID    string `json:"id"`
	Role  string `json:"role"`
	State string `json:"state"` // invited, joined or left
}

func newLiaisonJSON(l *liaison.Liaison) liaisonJSON {
	state := "invited"
	switch {
	case l.LeftOn != nil:
		state = "left"
	case l.JoinedOn != nil:
		state = "joined"
	}
	return liaisonJSON{l.ID, l.Role, state}
}

func (s *server) getLiaisons(c *fiber.Ctx) error {
	out := struct {
		Liaisons []liaisonJSON `json:"liaisons"`
	}{[]liaisonJSON{}}
	err := s.Clinics.Enter(c.UserContext(), c.Params("clinic"), func(ctx context.Context, place *clinic.Clinic) error {
		list, err := s.Liaisons.List(ctx, place.ID)
		for i := range list {
			out.Liaisons = append(out.Liaisons, newLiaisonJSON(&list[i]))
		}
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postLiaison(c *fiber.Ctx) error {
	var in struct {
		Role string `json:"role"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	code, _, err := s.Liaisons.Invite(c.UserContext(), place.ID, in.Role)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, map[string]string{"link": s.address() + liaisonJoinPath + code})
}

func (s *server) postRemoveLiaison(c *fiber.Ctx) error {
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if err := s.Liaisons.Remove(c.UserContext(), place.ID, c.Params("liaison")); err != nil {
		return err
	}
	return s.getLiaisons(c)
}

// liaisonProblemFor turns what a steward can mend into a problem; nil for everything else.
func liaisonProblemFor(err error) *problem {
	switch {
	case errors.Is(err, liaison.ErrRole):
		return newProblem(fiber.StatusUnprocessableEntity, "clinic", "Not taken", "Say in one line what they are at the clinic, and no name, in at most 400 bytes. For example: practice manager")
	case errors.Is(err, liaison.ErrUnknown):
		return newProblem(fiber.StatusNotFound, "not-here", "Not here", "Nobody with this id speaks for the clinic now. Fetch the list again.")
	}
	return nil
}

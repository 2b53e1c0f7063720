package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

// home lists the clinics here; when there is one only, it goes there.
func (s *server) home(c *fiber.Ctx) error {
	clinics, err := s.Clinics.List(c.UserContext())
	if err != nil {
		return err
	}
	if len(clinics) == 1 {
		return c.Redirect(s.page(c, nil).Link("/c/"+clinics[0].Slug), fiber.StatusSeeOther)
	}
	return s.in(c).render(c, fiber.StatusOK, "clinics", struct {
		page
		Clinics []clinic.Clinic
	}{s.page(c, nil), clinics})
}

// aboutClinic says what this is, who reads, who never reads, and which ways there are to tell.
func (s *server) aboutClinic(c *fiber.Ctx) error {
	place, epoch, err := s.findClinic(c)
	if err != nil {
		return err
	}
	data := struct {
		page
		Taking    bool
		KeptUntil time.Time
		Command   string
	}{page: s.page(c, place), Taking: epoch != nil, Command: s.submitCommand(place.Slug)}
	if epoch != nil {
		data.KeptUntil = epoch.RetainUntil
	}
	return s.in(c).render(c, fiber.StatusOK, "clinic", data)
}

// findClinic gives the clinic that the address names, and the epoch that its form seals to: nil while the form is
// closed. Errors: clinic.ErrUnknown.
func (s *server) findClinic(c *fiber.Ctx) (place *clinic.Clinic, epoch *keyring.Epoch, err error) {
	slug := c.Params("clinic")
	err = s.Clinics.Enter(c.UserContext(), slug, func(ctx context.Context, found *clinic.Clinic) error {
		place = found
		epoch, err = s.openEpoch(ctx, place)
		return err
	})
	return place, epoch, err
}

func (s *server) openEpoch(ctx context.Context, place *clinic.Clinic) (*keyring.Epoch, error) {
	if !place.Open {
		return nil, nil
	}
	epoch, err := s.Keys.Active(ctx, place.ID)
	if errors.Is(err, keyring.ErrNoEpoch) {
		return nil, nil
	}
	return epoch, err
}

// address is where people reach this site, for commands that they copy.
func (s *server) address() string {
	if len(s.WebOrigins) == 0 {
		return "https://" + s.Origin[:max(0, len(s.Origin)-len("/answerable"))]
	}
	return s.WebOrigins[0]
}

func (s *server) submitCommand(slug string) string {
	return fmt.Sprintf("answerable submit --server %s --clinic %s < words.txt", s.address(), slug)
}

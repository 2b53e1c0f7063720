package web

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/postgres"
)

// behindWalls runs the rest of a route in one transaction of the clinic that the address names: the database then shows it
// no other clinic's rows. An error takes back everything that was done. The ways in which words come in are not behind
// it: what has been told must be safe before it is answered, so they enter for each step.
func (s *server) behindWalls(c *fiber.Ctx) error {
	outside := c.UserContext()
	defer c.SetUserContext(outside)
	return s.Clinics.Enter(outside, c.Params("clinic"), func(ctx context.Context, place *clinic.Clinic) error {
		c.SetUserContext(ctx)
		c.Locals(keyClinic, place)
		return c.Next()
	})
}

// db is the transaction of the clinic that a request stands in, or the whole database.
func (s *server) db(c *fiber.Ctx) bun.IDB { return postgres.Within(c.UserContext(), s.DB) }

package web

import (
	"github.com/gofiber/fiber/v2"

	"answerable/internal/postgres"
)

// healthz says that the process answers.
func (s *server) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says that a submission could be kept: the database answers, has the schema this program needs, and its clock and
// ours agree.
func (s *server) readyz(c *fiber.Ctx) error {
	err := postgres.Check(c.UserContext(), s.DB)
	if err == nil && s.ClockHolds != nil {
		err = s.ClockHolds(c.UserContext())
	}
	if err != nil {
		s.Log.Warn("not ready", "error", err.Error())
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	return c.SendString("ready\n")
}

package web

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

// openapiJSON describes the API for people who write a client of their own. It is written by hand; its test holds every
// route, answer and refusal against it.
//
//go:embed openapi.json
var openapiJSON []byte

func (s *server) getDescription(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(openapiJSON)
}

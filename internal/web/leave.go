package web

import "github.com/gofiber/fiber/v2"

// awayTo is where the Leave button goes. An encyclopedia's front page is the same for everyone, shows nothing personal
// and no advertisement, opens fast on an old phone, and is a place where anybody may have been.
const awayTo = "https://www.wikipedia.org/"

// leave takes a person away at once and asks the browser to forget this site. It cannot reach the browser's list of pages, nor
// what the browser keeps with those of them that came when something was sent: pages that answer a form say so.
func leave(c *fiber.Ctx) error {
	c.Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	return c.Redirect(awayTo, fiber.StatusSeeOther)
}

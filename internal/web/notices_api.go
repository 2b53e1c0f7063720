package web

import "github.com/gofiber/fiber/v2"

// noticesJSON says with what somebody may join those who are told to look in. Nobody is told whether an address is there:
// none is kept with the one who typed it.
type noticesJSON struct {
	Offered []string `json:"offered"` // mail, ntfy; empty where nobody joins by themselves
	Hour    int      `json:"hour"`    // UTC
	Day     string   `json:"day"`     // of the week, such as monday; empty: each day
}

func (s *server) getNotices(c *fiber.Ctx) error {
	answer := noticesJSON{Offered: []string{}}
	if offered := s.Notices.Offered(); offered != nil {
		answer = noticesJSON{offered, s.Notices.When.Hour, s.Notices.When.DayName()}
	}
	return writeJSON(c, fiber.StatusOK, answer)
}

// postNotices puts an address among those that get notices, or takes it out. The answer is the same whether it was there.
func (s *server) postNotices(c *fiber.Ctx) error {
	var in struct {
		Kind    string `json:"kind"`
		Address string `json:"address"`
		Wanted  bool   `json:"wanted"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if err := s.Notices.Join(in.Kind, in.Address, in.Wanted); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

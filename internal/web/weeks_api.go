package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

type weekJSON struct {
	Week       string `json:"week"` // its Monday
	HandedBack *int   `json:"handed_back"`
}

type memberWeeksJSON struct {
	Reviewer string `json:"reviewer"`
	Taken    []int  `json:"taken"`
	Rests    []bool `json:"rests"`
}

// getWeeks says how work and rest lay on the panel, to the panel.
func (s *server) getWeeks(c *fiber.Ctx) error {
	rows, err := s.Review.Weeks(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Weeks   []weekJSON        `json:"weeks"`
		Members []memberWeeksJSON `json:"members"`
	}{[]weekJSON{}, []memberWeeksJSON{}}
	for _, week := range rows.Weeks {
		view := weekJSON{Week: week.Monday.Format(time.DateOnly)}
		if week.Ended {
			view.HandedBack = &week.HandedBack
		}
		out.Weeks = append(out.Weeks, view)
	}
	for _, m := range rows.Members {
		out.Members = append(out.Members, memberWeeksJSON{m.ReviewerID, m.Taken, m.Rests})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postRest(c *fiber.Ctx) error {
	var in struct {
		Week  string `json:"week"`
		Rests bool   `json:"rests"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	monday, err := time.Parse(time.DateOnly, in.Week)
	if err != nil {
		return badRequest("The week is no day as in 2026-12-07.")
	}
	if err := s.Review.Rest(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, monday, in.Rests); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, nothing{})
}

package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

type weekJSON struct {
	Week       string `json:"week"` // its Monday
	Ended      bool   `json:"ended"`
	HandedBack *int   `json:"handed_back"`
}

type memberWeeksJSON struct {
	Reviewer string `json:"reviewer"`
	Finished []int  `json:"finished"`
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
		out.Weeks = append(out.Weeks, weekJSON{week.Monday.Format(time.DateOnly), week.Ended, week.HandedBack})
	}
	for _, m := range rows.Members {
		out.Members = append(out.Members, memberWeeksJSON{m.ReviewerID, m.Finished, m.Rests})
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

package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/figures"
)

// figuresRoutes are the panel's plans of figures, and its own exact numbers. All of them stand behind requireListed.
func (s *server) figuresRoutes(seat fiber.Router) {
	seat.Get("/figures/plans", s.getFiguresPlans)
	seat.Get("/figures/counts", s.getFiguresCounts)
	seat.Get("/figures/visits", s.getFiguresVisits)
	seat.Post("/figures/visits", s.postFiguresVisits)
}

// figuresPlanJSON is a plan as a text, whose hash releases name.
type figuresPlanJSON struct {
	Version int    `json:"version"`
	From    string `json:"from"`
	Lines   string `json:"lines"`
	Hash    string `json:"hash"`

	DecidedOn *string `json:"decided_on"` // null where no panel decided it
}

func newFiguresPlanJSON(p *figures.Plan) figuresPlanJSON {
	out := figuresPlanJSON{Version: p.Version, From: p.From.Format(time.DateOnly), Lines: p.Lines(), Hash: p.Hash()}
	if p.DecidedOn != nil {
		on := p.DecidedOn.Format(time.DateOnly)
		out.DecidedOn = &on
	}
	return out
}

type dimensionJSON struct {
	Key   string   `json:"key"`
	Many  bool     `json:"many"`
	Codes []string `json:"codes"`
}

// getFiguresPlans gives the panel its plans, and what it needs to make the next one: what can be counted by, and how many reports a
// year brings.
func (s *server) getFiguresPlans(c *fiber.Ctx) error {
	place := clinicOf(c)
	plans, err := s.Figures.Plans(c.UserContext(), place.ID)
	if err != nil {
		return err
	}
	services, err := s.Figures.Services(c.UserContext(), place.ID)
	if err != nil {
		return err
	}
	reports, err := s.Figures.ReportsAYear(c.UserContext(), place.ID)
	if err != nil {
		return err
	}
	out := struct {
		Clinic       string            `json:"clinic"`
		Plans        []figuresPlanJSON `json:"plans"`
		ReportsAYear int               `json:"reports_a_year"`
		Months       int               `json:"months"` // that periods should have; 0 for words only
		Offered      []dimensionJSON   `json:"offered"`
	}{Clinic: place.ID, Plans: []figuresPlanJSON{}, ReportsAYear: reports}
	if months, ok := figures.SuggestMonths(reports); ok {
		out.Months = months
	}
	for _, p := range plans {
		out.Plans = append(out.Plans, newFiguresPlanJSON(p))
	}
	for _, d := range figures.Offered(services) {
		out.Offered = append(out.Offered, dimensionJSON{d.Key, d.Many, append([]string{}, d.Codes...)})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

// countJSON is how many reports of a month stand in one cell of a table. Row "" counts the reports behind a table of answers.
type countJSON struct {
	Month   string `json:"month"` // its first day
	Table   string `json:"table"`
	Layer   string `json:"layer"`
	Row     string `json:"row"`
	Column  string `json:"column"`
	Reports int    `json:"reports"`
}

// getFiguresCounts gives the panel the exact counts that releases are made from, small ones among them: of reports whose writers
// said at least "count me" and on which two reviewers agree. Nobody else is given them.
func (s *server) getFiguresCounts(c *fiber.Ctx) error {
	cells, err := s.Figures.Counts(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Counts []countJSON `json:"counts"`
	}{[]countJSON{}}
	for _, cell := range cells {
		out.Counts = append(out.Counts, countJSON{cell.Month.Format(time.DateOnly), cell.TableKey, cell.Layer, cell.Row, cell.Col, cell.Reports})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

// visitsJSON is how many visits a quarter had.
type visitsJSON struct {
	Quarter string `json:"quarter"` // its first day
	Visits  int    `json:"visits"`
}

// getFiguresVisits gives the panel what its rates are of: the clinic's visits by quarter, as somebody on it wrote them down.
func (s *server) getFiguresVisits(c *fiber.Ctx) error {
	list, err := s.Figures.Visits(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	type shown struct {
		visitsJSON
		By string `json:"by"`
	}
	out := struct {
		Visits []shown `json:"visits"`
	}{[]shown{}}
	for _, v := range list {
		out.Visits = append(out.Visits, shown{visitsJSON{v.Quarter.Format(time.DateOnly), v.Visits}, v.ReviewerID})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postFiguresVisits(c *fiber.Ctx) error {
	var in visitsJSON
	if err := readJSON(c, &in); err != nil {
		return err
	}
	quarter, err := time.Parse(time.DateOnly, in.Quarter)
	if err != nil {
		return badRequest("Write the first day of a quarter as in 2026-07-01.")
	}
	v := figures.Visits{ClinicID: clinicOf(c).ID, Quarter: quarter, Visits: in.Visits, ReviewerID: reviewerOf(c).ID}
	if err := s.Figures.SetVisits(c.UserContext(), v); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, nothing{})
}

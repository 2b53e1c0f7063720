package web

import (
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/review"
)

// findingRoutes are what of the panel's work comes into the clear, and the rules the panel gives itself.
func (s *server) findingRoutes(seat fiber.Router) {
	seat.Post("/coded", s.postCoded)
	seat.Post("/coded/retraction", s.postCodedRetraction)
	seat.Get("/findings", s.getFindings)
	seat.Post("/findings", s.postFinding)
	seat.Post("/findings/:finding/retraction", s.postFindingRetraction)
	seat.Get("/practice", s.getPractice)
}

func (s *server) postCoded(c *fiber.Ctx) error {
	var in struct {
		Leaf      string       `json:"leaf"`
		Facts     review.Facts `json:"facts"`
		Signature string       `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	leaf, signature, err := signedLeafIn(in.Leaf, in.Signature)
	if err != nil {
		return err
	}
	if err := s.Review.Code(c.UserContext(), clinicOf(c).ID, reviewerOf(c), leaf, in.Facts, signature); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, nothing{})
}

func (s *server) postCodedRetraction(c *fiber.Ctx) error {
	return onLeaf(c, func(leaf [32]byte) error {
		return s.Review.Uncode(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, leaf)
	})
}

func (s *server) postFinding(c *fiber.Ctx) error {
	var in struct {
		Leaf      string   `json:"leaf"`
		Form      string   `json:"form"`
		Words     string   `json:"words"`
		Themes    []string `json:"themes"`
		MustNot   []string `json:"must_not"`
		Sharing   string   `json:"sharing"`
		Day       string   `json:"day"` // "" from an older program, which signs none
		Signature string   `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	leaf, err := leafIn(in.Leaf)
	if err != nil {
		return err
	}
	sharing, err := hashIn(in.Sharing, "The hash of the decision")
	if err != nil {
		return err
	}
	f := &review.Finding{LeafHash: leaf[:], Form: in.Form, Words: in.Words, Themes: in.Themes, MustNot: in.MustNot, Sharing: sharing[:]}
	if in.Day != "" {
		if f.FoundOn, err = time.Parse(time.DateOnly, in.Day); err != nil {
			return badRequest("The day is written as in 2026-12-31.")
		}
	}
	if f.Signature, err = signatureIn(in.Signature); err != nil {
		return err
	}
	id, err := s.Review.Find(c.UserContext(), clinicOf(c).ID, reviewerOf(c), f)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, map[string]string{"id": id})
}

// findingJSON has all that its author signed, for a client to hold against the decision that it names.
type findingJSON struct {
	ID        string   `json:"id"`
	Leaf      string   `json:"leaf"`
	Form      string   `json:"form"`
	Words     string   `json:"words"`
	Themes    []string `json:"themes"`
	MustNot   []string `json:"must_not"`
	Sharing   string   `json:"sharing"`
	Day       string   `json:"day"`
	By        string   `json:"by"`
	Signature string   `json:"signature"`
}

func (s *server) getFindings(c *fiber.Ctx) error {
	rows, err := s.Review.Findings(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Findings []findingJSON `json:"findings"`
	}{[]findingJSON{}}
	for _, f := range rows {
		b64 := base64.StdEncoding.EncodeToString
		out.Findings = append(out.Findings, findingJSON{
			ID: f.ID, Leaf: b64(f.LeafHash), Form: f.Form, Words: f.Words, Themes: append([]string{}, f.Themes...), MustNot: append([]string{}, f.MustNot...),
			Sharing: b64(f.Sharing), Day: f.FoundOn.Format(time.DateOnly), By: f.AuthorID, Signature: b64(f.Signature),
		})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postFindingRetraction(c *fiber.Ctx) error {
	if err := readJSON(c, &nothing{}); err != nil {
		return err
	}
	if err := s.Review.Retract(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, c.Params("finding")); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, nothing{})
}

type practiceChangeJSON struct {
	By  string `json:"by"`
	Day string `json:"day"`
}

func (s *server) getPractice(c *fiber.Ctx) error {
	p, history, err := s.Review.Practice(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		review.PracticeSetting
		History []practiceChangeJSON `json:"history"` // the newest first
	}{p.Setting(), []practiceChangeJSON{}}
	for _, h := range history {
		out.History = append(out.History, practiceChangeJSON{h.AuthorID, h.SetOn.Format(time.DateOnly)})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

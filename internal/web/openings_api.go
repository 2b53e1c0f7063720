package web

import (
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/keyring"
)

// openingRoutes are the ways in which several open an epoch together. All of them stand behind requireListed.
func (s *server) openingRoutes(seat fiber.Router) {
	seat.Get("/openings", s.getOpenings)
	seat.Post("/openings", s.postOpening)
	seat.Post("/openings/:opening/answers", s.postOpeningAnswer)
}

type openingAnswerJSON struct {
	Reviewer  string  `json:"reviewer"`
	File      *string `json:"file"` // null for everybody but the asker
	Signature string  `json:"signature"`
}

type openingJSON struct {
	ID          string              `json:"id"`
	Epoch       string              `json:"epoch"`
	Requester   string              `json:"requester"`
	Lines       string              `json:"lines"`
	Signature   string              `json:"signature"`
	RequestedOn string              `json:"requested_on"`
	Answers     []openingAnswerJSON `json:"answers"`
}

func newOpeningJSON(o *keyring.Opening) openingJSON {
	b64 := base64.StdEncoding.EncodeToString
	out := openingJSON{
		ID: o.ID, Epoch: o.EpochID, Requester: o.RequesterID, Lines: o.Lines, Signature: b64(o.Signature),
		RequestedOn: o.RequestedOn.Format(time.DateOnly), Answers: []openingAnswerJSON{},
	}
	for _, a := range o.Answers {
		answer := openingAnswerJSON{Reviewer: a.ReviewerID, Signature: b64(a.Signature)}
		if a.File != nil {
			file := b64(a.File)
			answer.File = &file
		}
		out.Answers = append(out.Answers, answer)
	}
	return out
}

func (s *server) getOpenings(c *fiber.Ctx) error {
	openings, err := s.Keys.Openings(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Openings []openingJSON `json:"openings"`
	}{[]openingJSON{}}
	for i := range openings {
		out.Openings = append(out.Openings, newOpeningJSON(&openings[i]))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postOpening(c *fiber.Ctx) error {
	var in struct {
		Lines     string `json:"lines"`
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	by, err := signatureOf(c, in.Signature)
	if err != nil {
		return err
	}
	opening, err := s.Keys.RequestOpening(c.UserContext(), clinicOf(c).ID, in.Lines, by)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, newOpeningJSON(opening))
}

func (s *server) postOpeningAnswer(c *fiber.Ctx) error {
	var in struct {
		File      string `json:"file"`
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	by, err := signatureOf(c, in.Signature)
	if err != nil {
		return err
	}
	file, err := base64.StdEncoding.Strict().DecodeString(in.File)
	if err != nil {
		return badRequest("The sealed part is base64.")
	}
	if err := s.Keys.AnswerOpening(c.UserContext(), clinicOf(c).ID, c.Params("opening"), file, by); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

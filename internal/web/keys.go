package web

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
)

// keysPage lets anybody check that words are locked for the panel and for nobody else.
type keysPage struct {
	page
	Panel                      *panelFacts // nil until the panel has signed its first manifest
	Epochs                     []keyring.Epoch
	ListCommand, SubmitCommand string
}

type panelFacts struct {
	Fingerprint              string
	Members, Needed, Version int
}

func (s *server) showKeys(c *fiber.Ctx) error {
	place := clinicOf(c)
	data := keysPage{
		page:          page{Lang: lang, Clinic: place},
		ListCommand:   fmt.Sprintf("curl %s/api/v1/c/%s/epochs", s.address(), place.Slug),
		SubmitCommand: s.submitCommand(place.Slug),
	}
	var err error
	if data.Panel, err = s.panelFacts(c.UserContext(), place); err != nil {
		return err
	}
	if data.Epochs, err = s.Keys.Epochs(c.UserContext(), place.ID); err != nil {
		return err
	}
	return s.pages.render(c, fiber.StatusOK, "keys", data)
}

func (s *server) panelFacts(ctx context.Context, place *clinic.Clinic) (*panelFacts, error) {
	_, current, err := s.Keys.Current(ctx, postgres.Within(ctx, s.DB), place.ID)
	if errors.Is(err, keyring.ErrNoPanel) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	chain, err := s.Keys.Manifests(ctx, postgres.Within(ctx, s.DB), place.ID)
	if err != nil || len(chain) == 0 {
		return nil, err
	}
	return &panelFacts{
		Fingerprint: keyring.Fingerprint(chain[0].Lines),
		Members:     len(current.Reviewers),
		Needed:      current.M,
		Version:     current.Version,
	}, nil
}

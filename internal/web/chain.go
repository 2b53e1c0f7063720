package web

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

type chainAnswer struct {
	ClinicID    string   `json:"clinic_id"`
	Manifests   []string `json:"manifests"`
	Epoch       string   `json:"epoch"`
	Revocations []string `json:"revocations"`
	InsteadOf   string   `json:"instead_of"`
}

// getChain gives what a writer's browser walks before it locks anything: leaves with their signatures, which it checks
// itself.
func (s *server) getChain(c *fiber.Ctx) error {
	place := clinicOf(c)
	chain, err := s.Keys.Chain(c.UserContext(), place.ID)
	if errors.Is(err, keyring.ErrNoPanel) {
		chain, err = &keyring.Chain{ClinicID: place.ID, Manifests: []string{}, Revocations: []string{}}, nil
	}
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, chainAnswer(*chain))
}

// fingerprint of a clinic's panel, "" before its first list of members is signed.
func (s *server) fingerprint(c *fiber.Ctx, place *clinic.Clinic) (fingerprint string, err error) {
	err = s.Clinics.Enter(c.UserContext(), place.Slug, func(ctx context.Context, _ *clinic.Clinic) (err error) {
		fingerprint, _, err = s.memberLists(ctx, place)
		return err
	})
	return fingerprint, err
}

package web

import (
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/account"
)

// accountRoutes are what a reviewer or a steward has of their own: the way in, and what they left here to come back.
func (s *server) accountRoutes(api fiber.Router) {
	api.Post("/invitation", s.postInvitation)
	api.Post("/passkeys/open", s.postPasskeyOpen)
	api.Get("/me", s.requireSignIn, s.getMe)
	api.Get("/sessions", s.requireSignIn, s.getSessions)
	api.Post("/sessions/:session/end", s.requireSignIn, s.postSessionEnd)
	api.Get("/passkeys", s.requireSignIn, s.getPasskeys)
	api.Post("/passkeys", s.requireSignIn, s.postPasskey)
	api.Post("/passkeys/remove", s.requireSignIn, s.postPasskeyRemove)
	api.Get("/notices", s.requireSignIn, s.getNotices)
	api.Post("/notices", s.requireSignIn, s.postNotices)
}

// meJSON is who has signed in, and what they may do here.
type meJSON struct {
	Reviewer   string     `json:"reviewer"`
	Steward    bool       `json:"steward"`
	Clinics    []seatJSON `json:"clinics"`
	ReplyEvery int64      `json:"reply_every_seconds"`
}

func (s *server) me(c *fiber.Ctx, reviewer *account.Reviewer) (*meJSON, error) {
	seats, err := s.seats(c, reviewer.ID)
	if err != nil {
		return nil, err
	}
	steward, err := s.Accounts.IsSteward(c.UserContext(), reviewer.ID)
	return &meJSON{reviewer.ID, steward, seats, int64(s.replyEvery() / time.Second)}, err
}

// replyEvery is how often answers to writers come: together with the others of their hour, so that when one comes tells
// nothing of who was reading what. Where batches come more often, as in the demo, answers do too.
func (s *server) replyEvery() time.Duration {
	if s.BatchEvery <= 0 {
		return time.Hour
	}
	return min(time.Hour, s.BatchEvery)
}

func (s *server) getMe(c *fiber.Ctx) error {
	me, err := s.me(c, reviewerOf(c))
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, me)
}

// leadsTo says where an invitation leads: to a clinic's panel, or with no clinic to the stewards.
type leadsTo struct {
	Clinic *seatJSON `json:"clinic"`
}

// postInvitation says where an invitation leads, so that somebody knows what they join before they make a key for it. It
// is a post because an address is kept in histories and logs.
func (s *server) postInvitation(c *fiber.Ctx) error {
	var in struct {
		Invitation string `json:"invitation"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	id, err := s.Accounts.LookAtInvitation(c.UserContext(), in.Invitation)
	if err != nil {
		return err
	}
	answer := leadsTo{}
	if id == "" {
		return writeJSON(c, fiber.StatusOK, answer)
	}
	clinics, err := s.Clinics.List(c.UserContext())
	if err != nil {
		return err
	}
	for _, place := range clinics {
		if place.ID == id {
			answer.Clinic = &seatJSON{place.Slug, place.Name}
		}
	}
	return writeJSON(c, fiber.StatusOK, answer)
}

type sessionJSON struct {
	ID         string `json:"id"`
	Device     string `json:"device"`
	SignedInOn string `json:"signed_in_on"`
	Here       bool   `json:"here"`
}

func (s *server) getSessions(c *fiber.Ctx) error {
	sessions, err := s.Accounts.Sessions(c.UserContext(), reviewerOf(c).ID, c.Cookies(panelCookie))
	if err != nil {
		return err
	}
	out := struct {
		Sessions []sessionJSON `json:"sessions"`
	}{[]sessionJSON{}}
	for _, one := range sessions {
		out.Sessions = append(out.Sessions, sessionJSON{one.ID, one.Device, one.On.Format(time.DateOnly), one.Here})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postSessionEnd(c *fiber.Ctx) error {
	if err := s.Accounts.EndSession(c.UserContext(), reviewerOf(c).ID, c.Params("session")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

type passkeyJSON struct {
	Credential string `json:"credential"` // base64url
	Name       string `json:"name"`
	AddedOn    string `json:"added_on"`
}

func (s *server) getPasskeys(c *fiber.Ctx) error {
	passkeys, err := s.Accounts.Passkeys(c.UserContext(), reviewerOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Passkeys []passkeyJSON `json:"passkeys"`
	}{[]passkeyJSON{}}
	for _, one := range passkeys {
		out.Passkeys = append(out.Passkeys, passkeyJSON{base64.RawURLEncoding.EncodeToString(one.CredentialID), one.Name, one.AddedOn.Format(time.DateOnly)})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postPasskey(c *fiber.Ctx) error {
	var in struct {
		Credential string `json:"credential"`
		Name       string `json:"name"`
		File       string `json:"file"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	credential, credentialErr := base64.RawURLEncoding.Strict().DecodeString(in.Credential)
	file, err := base64.StdEncoding.Strict().DecodeString(in.File)
	if err != nil || credentialErr != nil {
		return account.ErrPasskey
	}
	if err := s.Accounts.AddPasskey(c.UserContext(), reviewerOf(c).ID, credential, in.Name, file); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// credentialIn reads the passkey that a request names.
func credentialIn(c *fiber.Ctx) ([]byte, error) {
	var in struct {
		Credential string `json:"credential"`
	}
	if err := readJSON(c, &in); err != nil {
		return nil, err
	}
	credential, err := base64.RawURLEncoding.Strict().DecodeString(in.Credential)
	if err != nil {
		return nil, account.ErrUnknownPasskey
	}
	return credential, nil
}

func (s *server) postPasskeyRemove(c *fiber.Ctx) error {
	credential, err := credentialIn(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.RemovePasskey(c.UserContext(), reviewerOf(c).ID, credential); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// postPasskeyOpen gives the file of a passkey to whoever can name it, before they have signed in.
func (s *server) postPasskeyOpen(c *fiber.Ctx) error {
	credential, err := credentialIn(c)
	if err != nil {
		return err
	}
	file, err := s.Accounts.PasskeyFile(c.UserContext(), credential)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string]string{"file": base64.StdEncoding.EncodeToString(file)})
}

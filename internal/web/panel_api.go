package web

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
)

// panelCookie holds a reviewer's session. It is never set on a page that a writer sees.
const panelCookie = "answerable_panel"

// panelCookiePath keeps the cookie away from every page: a reviewer who writes as a client of the clinic must not be named
// to the server by it.
const panelCookiePath = "/api/v1"

const (
	keyReviewer = "reviewer"
	keyClinic   = "clinic"
)

func (s *server) panelRoutes(api fiber.Router) {
	api.Use(sameOrigin())
	api.Post("/nonce", s.postNonce)
	api.Post("/sign-in", s.postSignIn)
	api.Post("/sign-out", s.postSignOut)
	api.Post("/enrol", s.postEnrol)
	s.accountRoutes(api)
	seat := api.Group("/c/:clinic", s.requireSignIn, s.behindWalls, s.requireSeat)
	seat.Get("/manifest", s.getManifest)
	seat.Post("/manifest/signatures", s.postManifestSignature)
	seat.Get("/members", s.getMembers)
	listed := seat.Group("", s.requireListed) // everything below: who has joined waits here for a signed list
	listed.Get("/epochs", s.getPanelEpochs)
	listed.Post("/epochs", s.postEpoch)
	listed.Post("/epochs/:epoch/acks", s.postAck)
	listed.Get("/epochs/:epoch/files", s.getFiles)
	listed.Post("/replies", s.postReply)
	listed.Post("/replies/kept", s.postReplyKept)
	s.keysRoutes(listed)
	s.reviewRoutes(listed)
	s.releaseRoutes(listed)
	s.promiseRoutes(listed)
	s.exportRoutes(listed)
	s.figuresRoutes(listed)
}

// sameOrigin refuses posts that another site's page made a browser send. The cookie is SameSite=Strict as well; each
// would do alone.
func sameOrigin() fiber.Handler {
	protection := http.NewCrossOriginProtection()
	return func(c *fiber.Ctx) error {
		r, err := adaptor.ConvertRequest(c, false)
		if err != nil {
			return badRequest("This request could not be read.")
		}
		if protection.Check(r) != nil {
			return newProblem(fiber.StatusForbidden, "cross-origin", "From another site", "This request came from another site's page. Open the panel's own page.")
		}
		return c.Next()
	}
}

func reviewerOf(c *fiber.Ctx) *account.Reviewer { return c.Locals(keyReviewer).(*account.Reviewer) }
func clinicOf(c *fiber.Ctx) *clinic.Clinic      { return c.Locals(keyClinic).(*clinic.Clinic) }

// requireSignIn lets only signed-in reviewers pass.
func (s *server) requireSignIn(c *fiber.Ctx) error {
	reviewer, err := s.Accounts.Session(c.UserContext(), c.Cookies(panelCookie))
	if err != nil {
		return err
	}
	c.Locals(keyReviewer, reviewer)
	return c.Next()
}

// requireSeat lets only those pass who have joined the clinic's panel and not left. A newcomer among them reads the list that
// waits for their signature, and signs it.
func (s *server) requireSeat(c *fiber.Ctx) error {
	if err := s.Keys.RequireMember(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID); err != nil {
		return err
	}
	return c.Next()
}

// requireListed lets only those pass whom the signed list in force names.
func (s *server) requireListed(c *fiber.Ctx) error {
	if err := s.Keys.RequireListed(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID); err != nil {
		return err
	}
	return c.Next()
}

func (s *server) postNonce(c *fiber.Ctx) error {
	nonce, err := s.Accounts.NewNonce(c.UserContext())
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string]string{"nonce": base64.RawURLEncoding.EncodeToString(nonce[:])})
}

type seatJSON struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

func (s *server) postSignIn(c *fiber.Ctx) error {
	var in struct {
		Text      string `json:"text"`
		Signature string `json:"signature"`
		Device    string `json:"device"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(in.Signature)
	if err != nil {
		return account.ErrSignIn
	}
	token, reviewer, err := s.Accounts.SignIn(c.UserContext(), []byte(in.Text), signature, in.Device)
	if err != nil {
		return err
	}
	me, err := s.me(c, reviewer)
	if err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{
		Name: panelCookie, Value: token, Path: panelCookiePath, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode,
		Secure: strings.Contains(in.Text, "\nhttps://"), SessionOnly: true,
	})
	return writeJSON(c, fiber.StatusOK, me)
}

func (s *server) seats(c *fiber.Ctx, reviewerID string) ([]seatJSON, error) {
	mine, err := s.Keys.ClinicsOf(c.UserContext(), reviewerID)
	if err != nil {
		return nil, err
	}
	clinics, err := s.Clinics.List(c.UserContext())
	if err != nil {
		return nil, err
	}
	seats := []seatJSON{}
	for _, place := range clinics {
		for _, id := range mine {
			if id == place.ID {
				seats = append(seats, seatJSON{place.Slug, place.Name})
			}
		}
	}
	return seats, nil
}

func (s *server) postSignOut(c *fiber.Ctx) error {
	if err := s.Accounts.SignOut(c.UserContext(), c.Cookies(panelCookie)); err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: panelCookie, Path: panelCookiePath, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode, MaxAge: -1, Expires: time.Unix(0, 0)})
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *server) postEnrol(c *fiber.Ctx) error {
	var in struct {
		Invitation string `json:"invitation"`
		Recipient  string `json:"recipient"`
		VerifyKey  string `json:"verify_key"`
		Signature  string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	key, keyErr := base64.StdEncoding.Strict().DecodeString(in.VerifyKey)
	signature, err := base64.StdEncoding.Strict().DecodeString(in.Signature)
	if err != nil || keyErr != nil {
		return badRequest("The key and the signature are base64.")
	}
	reviewer, err := s.Keys.Enrol(c.UserContext(), in.Invitation, in.Recipient, key, signature)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, map[string]string{"reviewer": reviewer.ID})
}

// getManifest gives the newest manifest, a draft included.
func (s *server) getManifest(c *fiber.Ctx) error {
	chain, err := s.Keys.Manifests(c.UserContext(), s.db(c), clinicOf(c).ID)
	if err != nil {
		return err
	}
	if len(chain) == 0 {
		return keyring.ErrNoPanel
	}
	return writeJSON(c, fiber.StatusOK, newManifestJSON(chain[len(chain)-1]))
}

func (s *server) postManifestSignature(c *fiber.Ctx) error {
	var in struct {
		Version   int    `json:"version"`
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(in.Signature)
	if err != nil {
		return keyring.ErrSignature
	}
	state, err := s.Keys.SignManifest(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, in.Version, signature)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string]string{"state": state})
}

type panelEpochJSON struct {
	ID              string          `json:"id"`
	State           string          `json:"state"`
	Record          string          `json:"record"`
	Dealer          string          `json:"dealer"`
	DealerSignature string          `json:"dealer_signature"`
	Acks            []signatureJSON `json:"acks"`
	Wrap            *string         `json:"wrap"`
	WrapFrom        *signatureJSON  `json:"wrap_from"` // the colleague who handed the key on; null when it was dealt
	Files           int             `json:"files"`
}

type panelEpochsJSON struct {
	Origin    string           `json:"origin"`
	TicketKey string           `json:"ticket_key"`
	Previous  *string          `json:"previous"` // leaf hash a new record has to name, null for the first
	Epochs    []panelEpochJSON `json:"epochs"`
	Withdrawn []string         `json:"withdrawn"` // leaves of what was taken back and waits for its place in the log
}

func (s *server) getPanelEpochs(c *fiber.Ctx) error {
	clinicID := clinicOf(c).ID
	epochs, err := s.Keys.Epochs(c.UserContext(), clinicID)
	if err != nil {
		return err
	}
	counts, err := s.Review.CountFiles(c.UserContext(), clinicID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	previous, err := s.Keys.LastLogged(c.UserContext(), clinicID)
	if err != nil {
		return err
	}
	answer := panelEpochsJSON{Origin: s.Origin, TicketKey: s.Keys.TicketKey, Epochs: []panelEpochJSON{}, Withdrawn: []string{}}
	withdrawn, err := intake.WaitingWithdrawals(c.UserContext(), s.db(c), clinicID)
	if err != nil {
		return err
	}
	for _, leaf := range withdrawn {
		answer.Withdrawn = append(answer.Withdrawn, string(leaf))
	}
	if previous != nil {
		hash := base64.StdEncoding.EncodeToString(previous[:])
		answer.Previous = &hash
	}
	for i := range epochs {
		row, err := s.panelEpoch(c, &epochs[i])
		if err != nil {
			return err
		}
		row.Files = counts[row.ID]
		answer.Epochs = append(answer.Epochs, *row)
	}
	return writeJSON(c, fiber.StatusOK, answer)
}

func (s *server) panelEpoch(c *fiber.Ctx, e *keyring.Epoch) (*panelEpochJSON, error) {
	acks, err := s.Keys.Acks(c.UserContext(), s.db(c), e.ID)
	if err != nil {
		return nil, err
	}
	own, err := s.Keys.WrapFor(c.UserContext(), e.ID, reviewerOf(c).ID)
	if err != nil {
		return nil, err
	}
	row := &panelEpochJSON{
		ID: e.ID, State: e.Effective, Record: e.Record, Dealer: e.DealerID,
		DealerSignature: base64.StdEncoding.EncodeToString(e.DealerSignature), Acks: signaturesJSON(acks),
	}
	if own != nil {
		wrap := base64.StdEncoding.EncodeToString(own.File)
		row.Wrap = &wrap
		if own.FromID != nil {
			row.WrapFrom = &signatureJSON{*own.FromID, base64.StdEncoding.EncodeToString(own.Signature)}
		}
	}
	return row, nil
}

func (s *server) postEpoch(c *fiber.Ctx) error {
	var in struct {
		Record    string `json:"record"`
		Signature string `json:"signature"`
		Wraps     []struct {
			Reviewer string `json:"reviewer"`
			File     string `json:"file"`
		} `json:"wraps"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(in.Signature)
	if err != nil {
		return keyring.ErrSignature
	}
	wraps := make(map[string][]byte, len(in.Wraps))
	for _, w := range in.Wraps {
		file, err := base64.StdEncoding.Strict().DecodeString(w.File)
		if err != nil || wraps[w.Reviewer] != nil {
			return badRequest("Each reviewer has one wrap, in base64.")
		}
		wraps[w.Reviewer] = file
	}
	dealer := keyring.Signature{ReviewerID: reviewerOf(c).ID, Signature: signature}
	epoch, err := s.Keys.OfferEpoch(c.UserContext(), clinicOf(c).ID, in.Record, dealer, wraps)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, map[string]string{"id": epoch.ID, "state": epoch.Effective})
}

func (s *server) postAck(c *fiber.Ctx) error {
	var in struct {
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(in.Signature)
	if err != nil {
		return keyring.ErrSignature
	}
	ack := keyring.Signature{ReviewerID: reviewerOf(c).ID, Signature: signature}
	epoch, err := epochIn(c)
	if err != nil {
		return err
	}
	state, err := s.Keys.AckEpoch(c.UserContext(), clinicOf(c).ID, epoch, ack)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string]string{"state": state})
}

// epochIn reads the epoch's id from the address, which may hold anything.
func epochIn(c *fiber.Ctx) (string, error) {
	id := c.Params("epoch")
	if !keyring.ValidEpochID(id) {
		return "", badRequest("This address names no epoch. Its id is 4 to 32 of a-z, 0-9 and -.")
	}
	return id, nil
}

type fileJSON struct {
	Leaf string `json:"leaf"`
	File string `json:"file"` // base64
	Day  string `json:"day"`  // of the batch
}

type filesJSON struct {
	Files []fileJSON `json:"files"`
	Next  *string    `json:"next"` // hex leaf hash to go on after, null at the end
}

func (s *server) getFiles(c *fiber.Ctx) error {
	after, err := hex.DecodeString(c.Query("after"))
	if err != nil || len(after) != 0 && len(after) != 32 {
		return badRequest("after is a leaf hash in hex, or empty.")
	}
	if len(after) == 0 {
		after = nil
	}
	epoch, err := epochIn(c)
	if err != nil {
		return err
	}
	deliver := s.Review.Deliver
	switch c.Query("uncarded") {
	case "":
	case "1":
		deliver = s.Review.DeliverUncarded
	default:
		return badRequest("uncarded is 1, or left out.")
	}
	files, more, err := deliver(c.UserContext(), clinicOf(c).ID, epoch, reviewerOf(c).ID, after)
	if err != nil {
		return err
	}
	page := filesJSON{Files: make([]fileJSON, 0, len(files))}
	for _, f := range files {
		page.Files = append(page.Files, fileJSON{
			Leaf: string(f.Leaf), File: base64.StdEncoding.EncodeToString(f.File), Day: f.BatchDay.Format(time.DateOnly),
		})
	}
	if more {
		next := hex.EncodeToString(files[len(files)-1].LeafHash)
		page.Next = &next
	}
	return writeJSON(c, fiber.StatusOK, page)
}

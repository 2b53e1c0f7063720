package web

import (
	"encoding/base64"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

var errFormClosed = errors.New("the form is closed")

// maxAPIBody bounds a request to the API in bytes: the larger file in base64 takes 89 596.
const maxAPIBody = 128 << 10

func (s *server) apiRoutes(app fiber.Router) {
	api := app.Group("/api/v1", s.problems, limitBody(maxAPIBody))
	api.Get("/openapi.json", s.getDescription)
	api.Get("/log", s.getLog)
	api.Get("/c/:clinic/epoch", s.behindWalls, s.getEpoch)
	api.Get("/c/:clinic/epochs", s.behindWalls, s.getEpochs)
	api.Get("/c/:clinic/panel", s.behindWalls, s.getPanel)
	api.Get("/c/:clinic/chain", s.behindWalls, s.getChain)
	api.Get("/c/:clinic/releases", s.behindWalls, s.getReleases)
	api.Get("/c/:clinic/exports", s.behindWalls, s.getExports)
	api.Get("/c/:clinic/promises", s.behindWalls, s.getPromises)
	api.Post("/c/:clinic/submissions", s.postSubmission)
	api.Use("/c/:clinic/submissions", postOnly)
	api.Post("/c/:clinic/mailbox", s.openMailbox)
	api.Post("/c/:clinic/withdraw", s.withdraw)
	s.panelRoutes(api.Group("/panel"))
	s.stewardRoutes(api.Group("/steward"))
	api.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}

// postOnly answers whoever tries an address in a browser first. It is no route of its own.
func postOnly(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAllow, fiber.MethodPost)
	return fiber.ErrMethodNotAllowed
}

// problems answers every error below it as application/problem+json.
func (s *server) problems(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	if err := c.Next(); err != nil {
		return s.writeProblem(c, err)
	}
	return nil
}

func limitBody(limit int) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if len(c.Request().Body()) > limit {
			return newProblem(fiber.StatusRequestEntityTooLarge, "body", "Too large", "This request is larger than any sealed message. Send one message at a time.")
		}
		return c.Next()
	}
}

type epochAnswer struct {
	Origin    string    `json:"origin"`
	Epoch     string    `json:"epoch"`
	Recipient string    `json:"recipient"`
	NotAfter  string    `json:"not_after"`
	Buckets   []int     `json:"buckets"`
	Form      string    `json:"form"`
	Pow       *struct{} `json:"pow"`
	TicketKey string    `json:"ticket_key"`
}

func (s *server) getEpoch(c *fiber.Ctx) error {
	epoch, err := s.openEpoch(c.UserContext(), clinicOf(c))
	if err != nil {
		return err
	}
	if epoch == nil {
		return errFormClosed
	}
	return writeJSON(c, fiber.StatusOK, epochAnswer{
		Origin: s.Origin, Epoch: epoch.ID, Recipient: epoch.Recipient, NotAfter: epoch.NotAfter.Format(time.DateOnly),
		Buckets: seal.Buckets, Form: taxonomy.FormHash(), TicketKey: s.Keys.TicketKey,
	})
}

type epochRow struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	NotBefore string `json:"not_before"`
	NotAfter  string `json:"not_after"`
	Recipient string `json:"recipient"`
}

func (s *server) getEpochs(c *fiber.Ctx) error {
	epochs, err := s.Keys.Epochs(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	rows := make([]epochRow, 0, len(epochs))
	for _, e := range epochs {
		rows = append(rows, epochRow{
			ID: e.ID, State: e.Effective, Recipient: e.Recipient,
			NotBefore: e.NotBefore.Format(time.DateOnly), NotAfter: e.NotAfter.Format(time.DateOnly),
		})
	}
	return writeJSON(c, fiber.StatusOK, rows)
}

type signatureJSON struct {
	Reviewer  string `json:"reviewer"`
	Signature string `json:"signature"` // base64
}

func signaturesJSON(signatures []keyring.Signature) []signatureJSON {
	out := make([]signatureJSON, 0, len(signatures))
	for _, s := range signatures {
		out = append(out, signatureJSON{s.ReviewerID, base64.StdEncoding.EncodeToString(s.Signature)})
	}
	return out
}

type manifestJSON struct {
	Version    int             `json:"version"`
	State      string          `json:"state"`
	Lines      string          `json:"lines"`
	Signatures []signatureJSON `json:"signatures"`
	Day        string          `json:"day,omitzero"` // on which it came into force; none of a draft, nor of one from before days were kept
}

func newManifestJSON(m keyring.StoredManifest) manifestJSON {
	out := manifestJSON{Version: m.Version, State: m.State, Lines: m.Lines, Signatures: signaturesJSON(m.Signatures)}
	if m.LoggedOn != nil {
		out.Day = m.LoggedOn.Format(time.DateOnly)
	}
	return out
}

type panelAnswer struct {
	Clinic    string         `json:"clinic"`
	Manifests []manifestJSON `json:"manifests"`
}

// getPanel gives the chain of logged manifests, so that anyone can check who holds the keys against the fingerprint on
// the poster. Drafts are the panel's own.
func (s *server) getPanel(c *fiber.Ctx) error {
	place := clinicOf(c)
	chain, err := s.Keys.Manifests(c.UserContext(), s.db(c), place.ID)
	if err != nil {
		return err
	}
	answer := panelAnswer{Clinic: place.ID, Manifests: []manifestJSON{}}
	for _, m := range chain {
		if m.State == "logged" {
			answer.Manifests = append(answer.Manifests, newManifestJSON(m))
		}
	}
	return writeJSON(c, fiber.StatusOK, answer)
}

// submissionJSON is PROTOCOL's request. Proof of work and invitations are not asked for; both members stay null.
type submissionJSON struct {
	V        int       `json:"v"`
	Epoch    string    `json:"epoch"`
	File     string    `json:"ct"`
	Anchor   string    `json:"anchor"`
	Withdraw string    `json:"withdraw"`
	Pow      *struct{} `json:"pow"`
	Invite   *string   `json:"invite"`
}

func (in *submissionJSON) request() (*intake.Request, error) {
	if in.V != 1 {
		return nil, badRequest("This server takes messages with v = 1 only. Fetch the page again.")
	}
	if in.Pow != nil || in.Invite != nil {
		return nil, badRequest("This server asks for no proof of work and no invitation. Send null for pow and invite.")
	}
	file, err := base64.StdEncoding.Strict().DecodeString(in.File)
	if err != nil || base64.StdEncoding.EncodedLen(len(file)) != len(in.File) {
		return nil, badRequest("The sealed file is not plain base64. Encode it in one line, with padding and without line breaks.")
	}
	anchor, anchorErr := seal.ParseCommitment(in.Anchor)
	withdraw, withdrawErr := seal.ParseCommitment(in.Withdraw)
	if anchorErr != nil || withdrawErr != nil {
		return nil, badRequest("Anchor and withdraw are 32 bytes each, as 43 characters of base64url without padding.")
	}
	if anchor == withdraw {
		return nil, badRequest("Anchor and withdraw are the same. Draw 32 fresh random bytes for each.")
	}
	return &intake.Request{Epoch: in.Epoch, File: file, Anchor: anchor, Withdraw: withdraw}, nil
}

type acceptanceJSON struct {
	LeafHash string `json:"leaf_hash"` // base64
	Ticket   string `json:"ticket"`
}

func (s *server) postSubmission(c *fiber.Ctx) error {
	var in submissionJSON
	if err := readWritersJSON(c, &in); err != nil {
		return err
	}
	r, err := in.request()
	if err != nil {
		return err
	}
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	take := s.Intake.Submit
	if !place.Open {
		take = s.Intake.Recall // what came before the form closed still gets its answer
	}
	accepted, err := take(c.UserContext(), place.ID, *r)
	if err != nil {
		return err
	}
	if accepted == nil {
		return errFormClosed
	}
	return writeJSON(c, fiber.StatusCreated, acceptanceJSON{
		LeafHash: base64.StdEncoding.EncodeToString(accepted.LeafHash[:]), Ticket: accepted.Ticket,
	})
}

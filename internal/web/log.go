package web

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/transparency"
)

// logRoutes serve the log as c2sp.org/tlog-tiles says. They are public, the same for everybody, and may be read by pages of
// other sites too: who checks a server should not have to trust a page that this server gave.
func (s *server) logRoutes(app fiber.Router) {
	log := app.Group("/log", s.problems, openToAll)
	log.Get("/checkpoint", s.getCheckpoint)
	log.Get("/tile/*", s.getTile)
	log.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}

func openToAll(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return c.Next()
}

// getCheckpoint gives the newest checkpoint that has its cosignatures. It is never cached: an old one hides what is new.
func (s *server) getCheckpoint(c *fiber.Ctx) error {
	published, err := s.TransparencyLog.Published(c.UserContext())
	if err != nil {
		return err
	}
	if published == "" {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString(published)
}

// getTile gives a tile of hashes or a bundle of entries. What a path names never changes, so it may be kept for a year.
func (s *server) getTile(c *fiber.Ctx) error {
	path := strings.TrimPrefix(c.Path(), "/log/")
	tile, err := s.TransparencyLog.ReadTile(c.UserContext(), path)
	if errors.Is(err, transparency.ErrNoTile) {
		return fiber.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	if !strings.HasPrefix(path, "tile/entries/") {
		return c.Send(tile) // hashes do not get smaller
	}
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if takes(c.Get(fiber.HeaderAcceptEncoding), gzipped) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		tile = gzipped.pack(tile, quick)
	}
	return c.Send(tile)
}

// logAnswer says what one must know to check the log, and how it is doing.
type logAnswer struct {
	Origin    string          `json:"origin"`
	VKey      string          `json:"vkey"`
	TicketKey string          `json:"ticket_key"`
	Signed    int64           `json:"signed"`     // leaves in the newest tree
	Published int64           `json:"published"`  // leaves in the tree that /log/checkpoint gives
	BatchedOn *string         `json:"batched_on"` // day on which the newest batch began; null before the first
	Every     int64           `json:"batch_every_seconds"`
	Decoys    *decoyBounds    `json:"decoys"`
	Policy    *string         `json:"policy"` // c2sp.org/tlog-policy; null where no witness is asked
	Witnesses []witnessAnswer `json:"witnesses"`
}

type decoyBounds struct {
	From int `json:"from"`
	To   int `json:"to"`
}

type witnessAnswer struct {
	Name string `json:"name"`
	Size int64  `json:"size"` // leaves in the newest tree it has cosigned, as far as this server knows
	Down bool   `json:"down"` // it did not answer when it was last asked
}

func (s *server) getLog(c *fiber.Ctx) error {
	answer := logAnswer{
		Origin: s.Origin, VKey: s.TransparencyLog.VKey, TicketKey: s.Keys.TicketKey, Every: int64(s.BatchEvery / time.Second),
		Witnesses: []witnessAnswer{},
	}
	head, err := s.TransparencyLog.Head(c.UserContext())
	if err != nil {
		return err
	}
	if head != nil {
		answer.Signed = head.Size
	}
	published, err := s.TransparencyLog.Published(c.UserContext())
	if err != nil {
		return err
	}
	if published != "" {
		out, err := transparency.ParseCheckpoint([]byte(published), s.TransparencyLog.Verifier)
		if err != nil {
			return err
		}
		answer.Published = out.Size
	}
	day, ran, err := s.Intake.BatchedOn(c.UserContext())
	if err != nil {
		return err
	}
	if ran {
		on := day.Format(time.DateOnly)
		answer.BatchedOn = &on
	}
	if d := s.Intake.Decoys; d != nil {
		answer.Decoys = &decoyBounds{d.From, d.To}
	}
	if s.Witnesses != nil {
		policy := s.Witnesses.Policy.Text
		answer.Policy = &policy
		for _, w := range s.Witnesses.Status() {
			answer.Witnesses = append(answer.Witnesses, witnessAnswer(w))
		}
	}
	return writeJSON(c, fiber.StatusOK, answer)
}

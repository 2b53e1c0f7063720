// Package web is the edge: routes, pages, forms, errors, headers and the request log. It is the only package that knows
// HTTP.
//
// It promises that public pages set no cookie and load nothing from elsewhere, that nothing a person typed, nor anything
// that could say who or where they are, reaches a log or an error, and that every page works without script.
//
// It leaves every decision to the packages below: a handler reads the form, checks it, calls one method, and renders.
package web

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/liaison"
	"answerable/internal/mailbox"
	"answerable/internal/notice"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/transparency"
	cosigning "answerable/internal/witness"
)

// Config is what the edge needs from below. Every field but Log, Witnesses, Notices, Onion and ClockHolds is required.
type Config struct {
	DB         *bun.DB
	Origin     string   // names this place in seals and receipts, such as words.example.org/answerable
	WebOrigins []string // scheme and host under which people reach it; the first is shown in commands
	Clinics    *clinic.Store
	Keys       *keyring.Store
	Intake     *intake.Store
	Accounts   *account.Store
	Review     *review.Store
	Mailboxes  *mailbox.Store
	Figures    *figures.Store
	Liaisons   *liaison.Store
	Promises   *promise.Store
	Exports    *export.Store
	Now        func() time.Time
	Log        *slog.Logger // nil: nothing is logged
	BatchEvery time.Duration
	Notices    *notice.Sender // nil where nobody is told
	Onion      string         // the same place as an onion service: http:// and its name; empty where there is none

	ClockHolds func(context.Context) error // says why days would be wrong; nil: nobody compares clocks

	TransparencyLog *transparency.Log
	Witnesses       *cosigning.Client // nil where none are asked
}

// Sizes of request bodies, in bytes.
const (
	// Percent-encoding triples a text that fits, and one that is too long has to come back in its form.
	tellBody = 1 << 20
	restBody = 16 << 10
	// What is read at all. Between this and the limits above a request still gets an answer with a sentence.
	readBody = 4 << 20
)

// slowest is how long a request may take to arrive over a weak phone connection.
const slowest = 2 * time.Minute

type server struct {
	Config
	assets *assets
	pages  map[string]*pages // by the code of their language

	mailboxGate, withdrawGate gate // apart, so that a flood of tries stops nobody from taking words back
	liaisonGate               gate
	sent                      recent
}

// New builds the whole site. It panics when a template or a language file, which are compiled in, cannot be read.
func New(c Config) *fiber.App {
	s := &server{Config: c}
	s.Log = withoutTime(c.Log)
	s.assets = loadAssets()
	s.pages = compiled()

	app := fiber.New(fiber.Config{
		BodyLimit: readBody,
		// Reading multipart would put what a person sends into files; nothing here takes it.
		DisablePreParseMultipartForm: true,
		ReadTimeout:                  slowest,
		WriteTimeout:                 slowest,
		IdleTimeout:                  slowest,
		Immutable:                    true, // strings of a request live on in the database driver
		DisableStartupMessage:        true,
		ErrorHandler:                 s.handleError,
	})
	app.Use(s.logRequest, s.setHeaders, recoverPanic, limitPage, deadline)
	s.logRoutes(app)
	s.routes(app)
	s.apiRoutes(app)
	return app
}

func (s *server) routes(app *fiber.App) {
	app.Get("/", s.home)
	app.Get("/c/:clinic", s.behindWalls, s.aboutClinic)
	app.Get("/c/:clinic/tell", s.behindWalls, s.showTell)
	app.Post("/c/:clinic/tell", s.postTell)
	app.Get("/c/:clinic/tell/words", s.showTellWords)
	app.Get("/c/:clinic/about-you", s.behindWalls, s.showAboutYou)
	app.Post("/c/:clinic/about-you", s.postAboutYou)
	app.Get("/c/:clinic/back", s.behindWalls, s.showBack)
	app.Post("/c/:clinic/back", s.postBack)
	app.Get("/c/:clinic/keys", s.behindWalls, s.showKeys)
	app.Get("/c/:clinic/mailbox", s.behindWalls, s.showMailbox)
	app.Get("/c/:clinic/mailbox/room", s.behindWalls, s.showMailboxRoom)
	app.Post("/c/:clinic/mailbox", s.postMailbox)
	app.Get("/c/:clinic/check", s.behindWalls, s.showLogCheck)
	app.Get("/c/:clinic/accountability", s.behindWalls, s.showAccountability)
	app.Get("/c/:clinic/accountability/:release", s.behindWalls, s.showRelease)
	app.Get("/c/:clinic/exports/:export", s.behindWalls, s.showExport)
	app.Get("/c/:clinic/poster", s.behindWalls, s.showPoster)
	app.Get("/c/:clinic/paper", s.behindWalls, s.showPaper)
	app.Get("/leave", leave)
	app.Get("/panel", s.showPanel)
	app.Get("/panel/settings", s.showPanel) // the same page, which then begins with the settings
	app.Get("/panel/join", s.showJoin)
	app.Get("/panel/practise", s.showTraining)
	app.Get("/steward", s.showSteward)
	s.liaisonRoutes(app)
	app.Get("/static/:name", s.serveAsset)
	app.Get("/favicon.ico", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
	app.Get("/healthz", s.healthz)
	app.Get("/readyz", s.readyz)
}

// patience is how long the database may take for one request. After it a person gets their words back with a sentence.
const patience = 20 * time.Second

// deadline gives a request a context of its own. Fiber's ends as soon as the server is asked to stop, which would cut off
// those who are sending just then.
func deadline(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// limitPage refuses a body that is larger than its page takes. The API has its own limit.
func limitPage(c *fiber.Ctx) error {
	limit := restBody
	last := c.Path()[strings.LastIndexByte(c.Path(), '/')+1:]
	if strings.HasPrefix(c.Path(), "/c/") && slices.Contains([]string{"tell", "mailbox", "about-you"}, last) {
		limit = tellBody
	}
	if strings.HasPrefix(c.Path(), liaisonPath+"/") {
		limit = tellBody // an answer that is too long has to come back in its form
	}
	if !isAPI(c) && len(c.Request().Body()) > limit {
		return fiber.ErrRequestEntityTooLarge
	}
	return c.Next()
}

// isAPI says whether the answer is for a program, so that errors become problem details and not pages.
func isAPI(c *fiber.Ctx) bool {
	return strings.HasPrefix(c.Path(), "/api/") || strings.HasPrefix(c.Path(), "/log/")
}

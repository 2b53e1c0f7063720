package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
)

// errorPage says what happened, whether a person's words are safe, and what to do now.
type errorPage struct {
	page
	Title, What, Now string
	Reference        string
	kept
}

// kept is what a person sent and we could not keep. They get it back in a form that sends the same bytes again.
type kept struct {
	Kept   []keptField
	Unsure bool   // it may have been stored before the answer was lost
	Again  string // where the form goes
}

// keptForm is the id of that form.
const keptForm = "kept"

// keepOnSwitch lets the language switch of a page send the words that the page gives back.
func keepOnSwitch(p page, sent form) page {
	if len(sent) > 0 {
		p.Keep = keptForm
	}
	return p
}

type keptField struct {
	Key, Value string
	Typed      bool
	Label      string // of a text; "" for a question of the form
}

// keptError carries a person's words past the error to its page. Its text never holds them.
type keptError struct {
	err error
	kept
}

func (e *keptError) Error() string { return e.err.Error() }
func (e *keptError) Unwrap() error { return e.err }

// failure is a kind of error page: its status and the key of its sentences.
type failure struct {
	status int
	key    string
}

var (
	failNotFound    = failure{fiber.StatusNotFound, "error.not_found"}
	failNoClinic    = failure{fiber.StatusNotFound, "error.no_clinic"}
	failMethod      = failure{fiber.StatusMethodNotAllowed, "error.method"}
	failTooBig      = failure{fiber.StatusRequestEntityTooLarge, "error.too_big"}
	failContentType = failure{fiber.StatusUnsupportedMediaType, "error.content_type"}
	failBadRequest  = failure{fiber.StatusBadRequest, "error.bad_request"}
	failCrossSite   = failure{fiber.StatusForbidden, "error.cross_site"}
	failUnavailable = failure{fiber.StatusServiceUnavailable, "error.unavailable"}
	failInternal    = failure{fiber.StatusInternalServerError, "error.internal"}
)

// handleError is the one place where an error becomes an answer.
func (s *server) handleError(c *fiber.Ctx, err error) error {
	s.baseHeaders(c) // a request that was refused while being read has none yet
	if isAPI(c) {
		return s.writeProblem(c, err)
	}
	fail := classify(err)
	body := errorPage{page: s.page(c, nil)}
	if fromPaper(c) {
		body.page = s.ownDevice(c, body.page)
	}
	if fail.status >= 500 {
		body.Reference = s.logFailure(c, err)
	}
	body.Title, body.What, body.Now = body.in.say(fail.key+".title"), body.in.say(fail.key+".what"), body.in.say(fail.key+".now")
	if k := (*keptError)(nil); errors.As(err, &k) {
		body.kept = k.kept
		body.Keep = keptForm
		forForm(c)
	}
	return s.in(c).render(c, fail.status, "error", body)
}

func classify(err error) failure {
	var known *fiber.Error
	switch {
	case errors.Is(err, clinic.ErrUnknown):
		return failNoClinic
	case errors.As(err, &known):
		return classifyStatus(known.Code)
	case unavailable(err):
		return failUnavailable
	}
	return failInternal
}

func classifyStatus(status int) failure {
	for _, f := range []failure{failNotFound, failMethod, failTooBig, failContentType, failCrossSite, failUnavailable} {
		if f.status == status {
			return f
		}
	}
	if status >= 500 {
		return failInternal
	}
	return failBadRequest
}

// logFailure writes an error down once, under a random reference that the person may pass on.
func (s *server) logFailure(c *fiber.Ctx, err error) string {
	reference := newReference()
	attrs := []any{"reference", reference, "route", c.Route().Path, "error", safeError(err)}
	if p := (*panicError)(nil); errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.stack))
	}
	s.Log.Error("request failed", attrs...)
	return reference
}

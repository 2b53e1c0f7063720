package web

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	publicPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
	panelPolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; " +
		"img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; " +
		"require-trusted-types-for 'script'; trusted-types answerable"
)

// setHeaders puts the headers on that every answer carries. A handler may loosen one that it has a reason for.
func (s *server) setHeaders(c *fiber.Ctx) error {
	s.baseHeaders(c)
	return c.Next()
}

func (s *server) baseHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, publicPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, permissions("()"))
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform") // packed on the way, lengths that we made alike would differ again
	s.wayHeaders(c)
}

// permissions is the policy in which camera says who may use one.
func permissions(camera string) string { return "camera=" + camera + ", geolocation=(), microphone=()" }

// forForm lets a page with a form name its own origin. With no-referrer browsers send "Origin: null" with a form, which
// protection against other sites has to refuse.
func forForm(c *fiber.Ctx) { c.Set(fiber.HeaderReferrerPolicy, "same-origin") }

// logRequest writes what an operator would act on: method, the route's pattern and the status. No time, no address, no
// browser, no path: any of these could help somebody work out who wrote.
func (s *server) logRequest(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		if err := s.handleError(c, err); err != nil {
			return err
		}
	}
	s.Log.Info("request", "method", knownMethod(c.Method()), "route", c.Route().Path, "status", c.Response().StatusCode())
	return nil
}

// withoutTime makes a log that says what happened and never when. nil makes one that says nothing.
func withoutTime(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(timeless{log.Handler()})
}

type timeless struct{ slog.Handler }

func (t timeless) Handle(ctx context.Context, r slog.Record) error {
	r.Time = time.Time{} // handlers leave a zero time out
	return t.Handler.Handle(ctx, r)
}

func (t timeless) WithAttrs(attrs []slog.Attr) slog.Handler {
	return timeless{t.Handler.WithAttrs(attrs)}
}
func (t timeless) WithGroup(name string) slog.Handler { return timeless{t.Handler.WithGroup(name)} }

// knownMethod keeps a made-up method, which can hold any text, out of the log.
func knownMethod(method string) string {
	switch method {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodOptions, fiber.MethodPut, fiber.MethodDelete:
		return method
	}
	return "other"
}

// panicError carries where it happened. What was being handled may hold words, so only the runtime's own messages pass.
type panicError struct {
	what  string
	stack []byte
}

func (p *panicError) Error() string { return "panic: " + p.what }

func recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			err = &panicError{r.Error(), debug.Stack()}
		default:
			err = &panicError{fmt.Sprintf("%T", r), debug.Stack()}
		}
	}()
	return c.Next()
}

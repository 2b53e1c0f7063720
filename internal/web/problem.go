package web

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"encoding/base32"
	"errors"
	"fmt"
	"mime"
	"net"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/mailbox"
	"answerable/internal/notice"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// problem is an RFC 9457 problem detail. Detail is a sentence for a person: what is wrong and what to do. It never
// quotes what was sent.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func (p *problem) Error() string { return p.Title + ": " + p.Detail }

func newProblem(status int, name, title, detail string) *problem {
	return &problem{Type: "urn:answerable:problem:" + name, Title: title, Status: status, Detail: detail}
}

func badRequest(detail string) *problem {
	return newProblem(fiber.StatusBadRequest, "bad-request", "Not understood", detail)
}

// problemFor turns an error that a client can act on into a problem; nil for everything else.
func problemFor(err error) *problem {
	var p *problem
	var shape *seal.ShapeError
	var tooLong *seal.TooLongError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &shape):
		return newProblem(fiber.StatusUnprocessableEntity, "shape", "Not a sealed file", shape.Reason)
	case errors.As(err, &tooLong):
		return newProblem(fiber.StatusRequestEntityTooLarge, "too-long", "Too long", tooLong.Error())
	case errors.Is(err, clinic.ErrUnknown):
		return newProblem(fiber.StatusNotFound, "unknown-clinic", "No such clinic", "There is no clinic of this name here. Check the address, or start at the first page.")
	case errors.Is(err, errFormClosed):
		return newProblem(fiber.StatusConflict, "form-closed", "Form closed", "This clinic's form is closed now. Nothing was kept. Keep your words and try again on another day.")
	case errors.Is(err, keyring.ErrNoEpoch):
		return newProblem(fiber.StatusConflict, "stale-epoch", "Key changed", "The key this was sealed for is not in use here. Fetch the current key and seal your words again.")
	case errors.Is(err, intake.ErrAnchorUsed):
		return newProblem(fiber.StatusConflict, "anchor-used", "Receipt used before", "These receipt words were used for another message. Draw new ones and seal your words again.")
	case errors.Is(err, intake.ErrNothingToWithdraw):
		return newProblem(fiber.StatusNotFound, "nothing-to-withdraw", "Nothing to take back", "There is no message here for these words. Check the words and the clinic. If the time of the message is over, it is gone already.")
	case errors.Is(err, intake.ErrWithdrawUsed):
		return newProblem(fiber.StatusConflict, "withdraw-used", "Withdraw commitment used before", "The withdraw commitment was used for another message. Draw a new receipt and seal your words again.")
	}
	if p := setupProblemFor(err); p != nil {
		return p
	}
	if p := reviewProblemFor(err); p != nil {
		return p
	}
	if p := promiseProblemFor(err); p != nil {
		return p
	}
	if p := liaisonProblemFor(err); p != nil {
		return p
	}
	return panelProblemFor(err)
}

func panelProblemFor(err error) *problem {
	var refused *figures.Refused
	switch {
	case errors.Is(err, account.ErrSignIn):
		return newProblem(fiber.StatusUnauthorized, "sign-in", "Sign-in refused", "This sign-in was refused. Check that the identity file is the one you enrolled with, that your clock is right, and try again.")
	case errors.Is(err, account.ErrSession):
		return newProblem(fiber.StatusUnauthorized, "session", "Not signed in", "You are not signed in, or it has been too long. Sign in again.")
	case errors.Is(err, keyring.ErrNotMember):
		return newProblem(fiber.StatusForbidden, "not-a-member", "Not on this panel", "You do not sit on this clinic's panel.")
	case errors.Is(err, keyring.ErrNotListed):
		return newProblem(fiber.StatusForbidden, "not-listed", "Not on the signed list yet", "You have joined, and no signed list names you yet. The panel proposes one that does; you and they sign it. Until then there is nothing here for you to fetch.")
	case errors.Is(err, account.ErrPasskey):
		return newProblem(fiber.StatusUnprocessableEntity, "passkey", "Not a passkey file", "This is no identity locked to a passkey, or the passkey is in use already. Make a new passkey and try again.")
	case errors.Is(err, account.ErrTooMany):
		return newProblem(fiber.StatusConflict, "too-many-passkeys", "Too many passkeys", "You have ten passkeys here, which is the most we keep. Remove one first.")
	case errors.Is(err, account.ErrUnknownPasskey):
		return newProblem(fiber.StatusNotFound, "unknown-passkey", "Passkey unknown here", "There is no key here for this passkey. Use your identity file or your paper copy, and make a passkey again under Your ways in.")
	case errors.Is(err, notice.ErrNotOffered):
		return newProblem(fiber.StatusNotFound, "no-notices", "Not offered here", "This place does not send such notices to those who join by themselves. Ask the person who runs the server.")
	case errors.Is(err, notice.ErrAddress):
		return newProblem(fiber.StatusUnprocessableEntity, "notice-address", "Not an address", "This is no mail address, or no address that begins with https://. Look at it again.")
	case errors.Is(err, notice.ErrFull):
		return newProblem(fiber.StatusConflict, "notices-full", "No room", "As many people get notices here as may. Ask the person who runs the server.")
	case errors.Is(err, account.ErrUnknownSession):
		return newProblem(fiber.StatusNotFound, "unknown-session", "No such sign-in", "This sign-in has ended already.")
	case errors.Is(err, account.ErrNotSteward):
		return newProblem(fiber.StatusForbidden, "not-steward", "For stewards only", "Only a steward of this place may do this. Stewards are invited by another steward, or by whoever runs the server, with: answerable clinic steward")
	case errors.Is(err, account.ErrInvitation):
		return newProblem(fiber.StatusForbidden, "invitation", "Invitation not good", "This invitation is unknown, used already or too old. Ask for a new one.")
	case errors.Is(err, account.ErrKnown):
		return newProblem(fiber.StatusConflict, "known-key", "Key in use", "One of these keys belongs to another reviewer. Make a new identity.")
	case errors.Is(err, keyring.ErrSeated):
		return newProblem(fiber.StatusConflict, "already-there", "You are there already", "With this key you sit there already. The invitation was not used: it is still good, and somebody else can take it.")
	case errors.Is(err, mailbox.ErrExpired):
		return newProblem(fiber.StatusConflict, "mailbox-expired", "Mailbox expired", "The last day of this mailbox has passed, so the writer cannot find an answer there. Nothing was kept.")
	case errors.Is(err, mailbox.ErrTooLate):
		return newProblem(fiber.StatusUnprocessableEntity, "mailbox-day", "Day refused", "No mailbox of this clinic lasts until that day. Work the day out from the epoch of the message and the mailbox.")
	case errors.Is(err, mailbox.ErrFull):
		return newProblem(fiber.StatusConflict, "mailbox-full", "Mailbox full", "This mailbox holds as many answers as we keep. Nothing was kept. The writer can still read those that are there.")
	case errors.Is(err, keyring.ErrNoPanel):
		return newProblem(fiber.StatusConflict, "no-panel", "No panel yet", "This clinic's panel has not signed its first manifest yet. All its members sign it first.")
	case errors.Is(err, keyring.ErrTaken):
		return newProblem(fiber.StatusConflict, "days-taken", "Days taken", "Another key of this panel has some of these days already. Fetch the plan and make what is missing.")
	case errors.Is(err, keyring.ErrQuorum):
		return newProblem(fiber.StatusConflict, "quorum", "Opened together", "This epoch is opened by several together, so its key cannot be handed on. A new member opens the epochs that are made from now on, and may ask colleagues to open this one together.")
	case errors.Is(err, keyring.ErrOpening):
		return newProblem(fiber.StatusUnprocessableEntity, "opening", "Request refused", "The request to open was refused: "+lastClause(err)+".")
	case errors.Is(err, keyring.ErrDecision):
		return newProblem(fiber.StatusUnprocessableEntity, "decision", "Decision refused", "The decision was refused: "+decisionReason(err))
	case errors.Is(err, figures.ErrStale):
		return newProblem(fiber.StatusConflict, "stale", "Changed meanwhile", "This draft waits for no signature any more: it is released, dropped or too old. Fetch the list again.")
	case errors.Is(err, figures.ErrSignature):
		return newProblem(fiber.StatusUnprocessableEntity, "signature", "Signature does not hold", "The signature does not fit the release and the key. Sign the exact lines with the identity you enrolled with.")
	case errors.Is(err, export.ErrStale):
		return newProblem(fiber.StatusConflict, "stale", "Changed meanwhile", "This bundle waits for no signature any more: it is signed, dropped or too old, or the panel's list has changed. Fetch the list again.")
	case errors.Is(err, export.ErrSignature):
		return newProblem(fiber.StatusUnprocessableEntity, "signature", "Signature does not hold", "The signatures do not fit the bundle and the key. Sign its lines and its MANIFEST with the identity you enrolled with.")
	case errors.Is(err, export.ErrPeriod):
		return newProblem(fiber.StatusUnprocessableEntity, "period", "No bundle of this", "No bundle can be made of this: "+since(err, export.ErrPeriod)+".")
	case errors.Is(err, export.ErrUnknown):
		return newProblem(fiber.StatusNotFound, "unknown-export", "No such bundle", "There is no such bundle here, or it was dropped. Fetch the list again.")
	case errors.Is(err, figures.ErrVisits):
		return newProblem(fiber.StatusUnprocessableEntity, "visits", "Visits not kept", "These visits cannot be kept: "+since(err, figures.ErrVisits)+".")
	case errors.Is(err, figures.ErrPlan), errors.Is(err, figures.ErrPeriod):
		return periodProblem(err)
	case errors.As(err, &refused):
		return newProblem(fiber.StatusUnprocessableEntity, "unsafe", "Not safe to release", "Nothing of this period is released, because "+refused.Error()+".")
	case errors.Is(err, keyring.ErrStale):
		return newProblem(fiber.StatusConflict, "stale", "Changed meanwhile", "The panel or its epochs have changed meanwhile. Fetch them again and repeat what you did.")
	case errors.Is(err, keyring.ErrSignature):
		return newProblem(fiber.StatusUnprocessableEntity, "signature", "Signature does not hold", "The signature does not fit the text and the key. Sign the exact lines with the identity you enrolled with.")
	case errors.Is(err, keyring.ErrRecord), errors.Is(err, keyring.ErrManifest):
		return newProblem(fiber.StatusUnprocessableEntity, "record", "Record refused", "The record was refused: "+lastClause(err)+".")
	}
	return nil
}

// periodProblem says why a period cannot be released, which the panel that asked may know.
func periodProblem(err error) *problem {
	if errors.Is(err, figures.ErrPeriod) {
		return newProblem(fiber.StatusUnprocessableEntity, "period", "Nothing to release", "Nothing can be released for this period: "+since(err, figures.ErrPeriod)+".")
	}
	return newProblem(fiber.StatusUnprocessableEntity, "period", "Plan not usable", planReason(err))
}

// planReason says why a plan cannot be decided, or be released by.
func planReason(err error) string {
	return "The plan of these tables cannot be used: " + since(err, figures.ErrPlan) + "."
}

// decisionReason says why a decision was refused: of settings, in the sentence of whoever keeps them.
func decisionReason(err error) string {
	var form *clinic.Problem
	var practice *review.PracticeError
	switch {
	case errors.As(err, &form):
		return form.Reason
	case errors.As(err, &practice):
		return practice.Reason
	case errors.Is(err, figures.ErrPlan):
		return planReason(err)
	}
	return strings.TrimSpace(lastClause(err)) + "."
}

// lastClause gives the part of a wrapped error that the innermost wrapper added. Records hold nothing private.
func lastClause(err error) string {
	s := err.Error()
	return s[strings.LastIndex(s, ": ")+1:]
}

// unavailable reports whether an error means that the database cannot be reached or is going away.
func unavailable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, context.DeadlineExceeded):
		return true
	case errors.As(err, &pg):
		class := pg.Code[:min(2, len(pg.Code))]
		// Operator intervention, connection, resources; and a database that is read only while it fails over.
		return class == "57" || class == "08" || class == "53" || pg.Code == "25006"
	}
	return pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "unexpected EOF")
}

// writeProblem answers an API request with a problem. Errors nobody can act on get a random reference, which is all
// that the answer and the log share.
func (s *server) writeProblem(c *fiber.Ctx, err error) error {
	p := problemFor(err)
	if p == nil {
		p = s.failure(err)
	}
	c.Status(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Send(body)
}

func (s *server) failure(err error) *problem {
	var f *fiber.Error
	if errors.As(err, &f) && f.Code < 500 {
		return newProblem(f.Code, "http", f.Message, "This address does not take such a request. Its description is at /api/v1/openapi.json.")
	}
	reference := newReference()
	tail := " Keep your words and send them again in a few minutes. Reference " + reference + "."
	if unavailable(err) {
		s.Log.Error("database unavailable", "reference", reference, "error", safeError(err))
		return newProblem(fiber.StatusServiceUnavailable, "unavailable", "Storage away", "Our storage cannot be reached. "+keptSentence(err)+tail)
	}
	s.Log.Error("request failed", "reference", reference, "error", safeError(err))
	return newProblem(fiber.StatusInternalServerError, "failure", "Something broke", "Something broke on our side. "+keptSentence(err)+tail)
}

// keptSentence says what is certain. Without a connection nothing was kept. After one, the answer to a commit may be
// what was lost.
func keptSentence(err error) string {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return "Nothing was kept this time."
	}
	return "We do not know if it was kept; sending the same again stores it once."
}

// safeError keeps Postgres' Detail, which may quote values, out of the log.
func safeError(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return fmt.Sprintf("postgres %s %s", pg.Code, pg.ConstraintName)
	}
	return fmt.Sprintf("%v", err)
}

// newReference is 40 random bits for a person to quote to the operator.
func newReference() string {
	raw := make([]byte, 5)
	rand.Read(raw)
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw))
}

// readJSON reads a request body strictly: JSON by its content type, valid UTF-8, known members, each once. Its type must come, for
// that is what keeps pages of other sites from sending in the name of who is signed in.
func readJSON(c *fiber.Ctx, v any) error {
	if c.Get(fiber.HeaderContentType) == "" {
		return wrongContentType()
	}
	return readWritersJSON(c, v)
}

// readWritersJSON is readJSON where nobody is signed in. The type may be missing: some filters take headers away.
func readWritersJSON(c *fiber.Ctx, v any) error {
	sent := c.Get(fiber.HeaderContentType)
	if kind, _, err := mime.ParseMediaType(sent); sent != "" && (err != nil || kind != fiber.MIMEApplicationJSON) {
		return wrongContentType()
	}
	// Fiber's Body would unpack a compressed body without a limit: a few bytes could fill the memory.
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return newProblem(fiber.StatusUnsupportedMediaType, "content-encoding", "Compressed request", "Send the JSON as it is, without the header Content-Encoding.")
	}
	err := json.Unmarshal(c.Request().Body(), v, json.RejectUnknownMembers(true))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return badRequest("A member stands twice in this JSON. Send each once.")
	case errors.Is(err, json.ErrUnknownName):
		return badRequest("This JSON holds a member we do not know. Send only the members that /api/v1/openapi.json names.")
	}
	return badRequest("This is not the JSON we expect: it does not parse, is not valid UTF-8, or a member has the wrong type.")
}

func wrongContentType() error {
	return newProblem(fiber.StatusUnsupportedMediaType, "content-type", "Wrong content type", "Send JSON with the header Content-Type: application/json.")
}

func writeJSON(c *fiber.Ctx, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Status(status).Send(body)
}

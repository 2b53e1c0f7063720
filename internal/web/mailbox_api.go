package web

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/mailbox"
	"answerable/internal/seal"
)

// errSlowDown answers somebody who tries words by the thousand, and everybody else who comes in the same minute.
var errSlowDown = newProblem(fiber.StatusTooManyRequests, "slow-down", "Too many tries",
	"Too many people, or one machine, are looking into mailboxes just now. Nothing is lost. Wait a minute and try again.")

// parseToken reads a token of a receipt. Never quote it: it opens the mailbox, or takes the words back.
func parseToken(s string) (seal.Token, error) {
	token, err := seal.ParseCommitment(s) // the same spelling
	if err != nil {
		return seal.Token{}, badRequest("A token is 32 bytes, as 43 characters of base64url without padding.")
	}
	return seal.Token(token), nil
}

// mailboxJSON has one length for every mailbox.
type mailboxJSON struct {
	Count   string   `json:"count"`   // three digits
	Replies []string `json:"replies"` // base64; those past the count are random
}

// pages of a mailbox that can be full.
const mailboxPages = (mailbox.MostReplies + mailbox.PageSize - 1) / mailbox.PageSize

// openMailbox answers with what lies in a mailbox. Words that open nothing, words of another clinic, an empty mailbox and a
// full one get an answer of the same length after the same time.
func (s *server) openMailbox(c *fiber.Ctx) error {
	defer evenly(time.Now(), mailboxStep)
	var in struct {
		Token string `json:"token"`
		Page  int    `json:"page"`
	}
	if err := readWritersJSON(c, &in); err != nil {
		return err
	}
	token, err := parseToken(in.Token)
	if err != nil {
		return err
	}
	if in.Page < 0 || in.Page >= mailboxPages {
		return badRequest(fmt.Sprintf("A mailbox has the pages 0 to %d.", mailboxPages-1))
	}
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if !s.mailboxGate.allow(token.Commitment(), s.Now()) {
		return errSlowDown
	}
	page, err := s.Mailboxes.Open(c.UserContext(), place.ID, token, in.Page)
	if err != nil {
		return err
	}
	answer := mailboxJSON{Count: fmt.Sprintf("%03d", page.Count)}
	for _, f := range page.Places {
		answer.Replies = append(answer.Replies, base64.StdEncoding.EncodeToString(f))
	}
	return writeJSON(c, fiber.StatusOK, answer)
}

// mailboxStep is what looking into a mailbox takes at least, and in steps of which it takes longer.
const mailboxStep = 150 * time.Millisecond

// evenly waits for the next full step since something was begun, so that how long it took tells little of what it found.
func evenly(begun time.Time, step time.Duration) {
	time.Sleep(step - time.Since(begun)%step)
}

// withdraw takes a message back. Whether the form is open does not matter.
func (s *server) withdraw(c *fiber.Ctx) error {
	var in struct {
		Anchor string `json:"anchor"`
		Token  string `json:"token"`
	}
	if err := readWritersJSON(c, &in); err != nil {
		return err
	}
	anchor, err := seal.ParseCommitment(in.Anchor)
	if err != nil {
		return badRequest("The anchor is 32 bytes, as 43 characters of base64url without padding.")
	}
	token, err := parseToken(in.Token)
	if err != nil {
		return err
	}
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if !s.withdrawGate.allow(token.Commitment(), s.Now()) {
		return errSlowDown
	}
	gone, err := s.Intake.Withdraw(c.UserContext(), place.ID, anchor, token)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, acceptanceJSON{
		LeafHash: base64.StdEncoding.EncodeToString(gone.LeafHash[:]), Ticket: gone.Ticket,
	})
}

// postReply keeps a reviewer's sealed answer. It names a mailbox and no message; who wrote it stands inside.
func (s *server) postReply(c *fiber.Ctx) error {
	var in struct {
		Mailbox   string `json:"mailbox"`
		File      string `json:"ct"`
		ExpiresOn string `json:"expires_on"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	mailbox, err := seal.ParseCommitment(in.Mailbox)
	if err != nil {
		return badRequest("The mailbox is 32 bytes, as 43 characters of base64url without padding.")
	}
	file, err := base64.StdEncoding.Strict().DecodeString(in.File)
	if err != nil {
		return badRequest("The sealed answer is not plain base64. Encode it in one line, with padding and without line breaks.")
	}
	day, err := time.Parse(time.DateOnly, in.ExpiresOn)
	if err != nil {
		return badRequest("The last day of the mailbox is written as in 2026-12-31.")
	}
	if err := s.Mailboxes.Post(c.UserContext(), clinicOf(c).ID, mailbox, file, day); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// postReplyKept says whether an answer is kept: whose post was given no answer would not know.
func (s *server) postReplyKept(c *fiber.Ctx) error {
	var in struct {
		Hash string `json:"hash"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	hash, err := hashIn(in.Hash, "The hash of the sealed answer")
	if err != nil {
		return err
	}
	kept, err := s.Mailboxes.Has(c.UserContext(), clinicOf(c).ID, hash)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, struct {
		Kept bool `json:"kept"`
	}{kept})
}

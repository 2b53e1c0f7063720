package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

const labelTicket = "answerable/ticket/v1"

// TicketGrace is how many days a leaf may take to appear in the log before its ticket proves that it was dropped.
const TicketGrace = 2

// Ticket is a signed promise to log a leaf by a day.
type Ticket struct {
	Origin   string
	LeafHash [32]byte
	LogBy    time.Time // a day, UTC
}

// TicketKeyName is the name of the key that signs tickets at an origin.
func TicketKeyName(origin string) string { return origin + "/ticket" }

// IssueTicket signs a ticket as a note (c2sp.org/signed-note).
func IssueTicket(signer note.Signer, t Ticket) (string, error) {
	text := fmt.Sprintf("%s\n%s\n%s\n%s\n", labelTicket, t.Origin,
		base64.StdEncoding.EncodeToString(t.LeafHash[:]), t.LogBy.UTC().Format(time.DateOnly))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return "", fmt.Errorf("sign ticket: %w", err)
	}
	return string(signed), nil
}

// ErrTicket means that a ticket is not signed by the key given, or not a ticket.
var ErrTicket = errors.New("this is not a ticket signed by this place")

// VerifyTicket checks a ticket against a verifier key (the ticket_key an epoch names). Errors wrap ErrTicket.
func VerifyTicket(ticket, vkey string) (*Ticket, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("%w: the key does not read", ErrTicket)
	}
	signed, err := note.Open([]byte(ticket), note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: the signature does not hold", ErrTicket)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 5 || lines[0] != labelTicket || lines[4] != "" {
		return nil, fmt.Errorf("%w: its lines are not a ticket's", ErrTicket)
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(hash) != 32 {
		return nil, fmt.Errorf("%w: its leaf hash does not read", ErrTicket)
	}
	day, err := time.Parse(time.DateOnly, lines[3])
	if err != nil || verifier.Name() != TicketKeyName(lines[1]) {
		return nil, fmt.Errorf("%w: its day or origin does not read", ErrTicket)
	}
	return &Ticket{Origin: lines[1], LeafHash: [32]byte(hash), LogBy: day}, nil
}

package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
	"unicode/utf8"

	"answerable/internal/seal"
	"answerable/internal/transparency"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Epoch is what a clinic's form is sealed to today.
type Epoch struct {
	Origin    string         `json:"origin"`    // names the place in every seal and receipt
	ID        string         `json:"epoch"`     //
	Recipient string         `json:"recipient"` // age1pq1...
	NotAfter  string         `json:"not_after"` // a day
	Buckets   []int          `json:"buckets"`
	Form      string         `json:"form"` // base64url of SHA-256 of the form definition
	Pow       jsontext.Value `json:"pow"`
	TicketKey string         `json:"ticket_key"` // verifier key of tickets
}

// Epoch asks which key the clinic's panel takes words under today. A *Problem of type form-closed when there is none.
func (c *Client) Epoch(ctx context.Context, clinic string) (*Epoch, error) {
	var e Epoch
	if err := c.get(ctx, clinicPath(publicAPI, clinic, "epoch"), &e); err != nil {
		return nil, err
	}
	if e.Origin == "" || e.ID == "" || e.Recipient == "" {
		return nil, &StrangerError{Server: c.server, Status: http.StatusOK}
	}
	if e.Pow != nil && e.Pow.Kind() != 'n' {
		return nil, errors.New("this server asks for a proof of work, which this release cannot make yet")
	}
	return &e, nil
}

// TextError says in a sentence why a text cannot be sent. It never quotes the text.
type TextError struct{ Reason, Hint string }

func (e *TextError) Error() string { return e.Reason }

// CheckText refuses what no reader could read: bytes that are not text, and nothing at all. The error is a *TextError.
func CheckText(text []byte) error {
	if !utf8.Valid(text) {
		return &TextError{"this is not text: some bytes are not valid UTF-8", "Save the file as UTF-8 and send it again. Nothing was sent."}
	}
	if seal.Blank(string(text)) {
		return &TextError{"there are no words here", "Write what you want to tell on standard input. Nothing was sent."}
	}
	return nil
}

// Acceptance is a server's promise, checked: the leaf is the one of the file that was sent, and the ticket is signed by
// the key that the epoch names.
type Acceptance struct {
	Epoch    string
	LeafHash [32]byte
	Ticket   string
}

// UncertainError means that the words may have arrived though no answer did. Whoever holds the receipt can find out.
type UncertainError struct{ Err error }

func (e *UncertainError) Error() string {
	return fmt.Sprintf("nobody can say whether the words arrived: %v", e.Err)
}

func (e *UncertainError) Unwrap() error { return e.Err }

// NewReceipt draws a receipt.
func (c *Client) NewReceipt() (seal.Receipt, error) { return seal.NewReceipt(c.Random) }

// Submit seals answers for the clinic's panel, here, and posts the sealed file. When the epoch ends between asking and
// posting, it asks again and seals again under the same receipt. Errors: ErrUnproven, *seal.TooLongError,
// *UncertainError, *Problem and those of the network.
func (c *Client) Submit(ctx context.Context, clinic string, r seal.Receipt, lang string, answers []seal.Answer) (*Acceptance, error) {
	e, err := c.ProvenEpoch(ctx, clinic)
	if err != nil {
		return nil, err
	}
	accepted, err := c.sealAndPost(ctx, clinic, e, r, lang, answers)
	var p *Problem
	if !errors.As(err, &p) || !p.Kind(ProblemStaleEpoch) {
		return accepted, err
	}
	next, nextErr := c.ProvenEpoch(ctx, clinic)
	if nextErr != nil || next.ID == e.ID {
		return nil, err
	}
	return c.sealAndPost(ctx, clinic, next, r, lang, answers)
}

func (c *Client) sealAndPost(ctx context.Context, clinic string, e *Epoch, r seal.Receipt, lang string, answers []seal.Answer) (*Acceptance, error) {
	keys := r.Derive(e.Origin)
	p := seal.NewSubmission(keys, e.ID, e.Origin, e.Form, lang, seal.SealedByClient, answers)
	file, err := seal.Seal(p, e.Recipient)
	if err != nil {
		return nil, err
	}
	return c.PostFile(ctx, clinic, e, file, keys.AnchorToken.Commitment(), keys.WithdrawToken.Commitment())
}

// submission is the body of a post.
type submission struct {
	V        int     `json:"v"`
	Epoch    string  `json:"epoch"`
	File     string  `json:"ct"` // standard base64
	Anchor   string  `json:"anchor"`
	Withdraw string  `json:"withdraw"`
	Pow      *string `json:"pow"`
	Invite   *string `json:"invite"`
}

// PostFile posts a file that is sealed already. The same body may be posted again and again: the server takes it once.
func (c *Client) PostFile(ctx context.Context, clinic string, e *Epoch, file []byte, anchor, withdraw seal.Commitment) (*Acceptance, error) {
	if err := seal.CheckShape(file); err != nil {
		return nil, err
	}
	body, err := json.Marshal(submission{
		V: 1, Epoch: e.ID, File: base64.StdEncoding.EncodeToString(file),
		Anchor: anchor.String(), Withdraw: withdraw.String(),
	})
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	var answer struct {
		LeafHash string `json:"leaf_hash"`
		Ticket   string `json:"ticket"`
	}
	if err := c.persist(ctx, clinicPath(publicAPI, clinic, "submissions"), body, &answer); err != nil {
		return nil, err
	}
	leaf := transparency.Submission{Epoch: e.ID, FileHash: seal.FileHash(file), Anchor: anchor, Withdraw: withdraw}.Leaf()
	if err := checkAnswer(e, leaf.Hash(), answer.LeafHash, answer.Ticket); err != nil {
		return nil, err
	}
	return &Acceptance{Epoch: e.ID, LeafHash: leaf.Hash(), Ticket: answer.Ticket}, nil
}

// ErrPromise means that a server took a file and did not promise what it must.
var ErrPromise = errors.New("the server took the file, but its ticket does not hold")

func checkAnswer(e *Epoch, want [32]byte, leafHash, ticket string) error {
	if leafHash != base64.StdEncoding.EncodeToString(want[:]) {
		return fmt.Errorf("%w: it names another leaf", ErrPromise)
	}
	t, err := seal.VerifyTicket(ticket, e.TicketKey)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPromise, err)
	}
	if t.LeafHash != want || t.Origin != e.Origin {
		return fmt.Errorf("%w: it is for another leaf or place", ErrPromise)
	}
	return nil
}

// pauses between tries of one post.
var pauses = []time.Duration{time.Second / 2, time.Second, 2 * time.Second, 4 * time.Second}

// persist posts body until an answer comes, at most five times. It never changes the body, so that a post whose answer
// was lost is not taken twice.
func (c *Client) persist(ctx context.Context, path string, body []byte, out any) error {
	uncertain := false
	for try := 0; ; try++ {
		err := c.send(ctx, http.MethodPost, path, body, out)
		if !passing(err) {
			return afterTries(err, uncertain)
		}
		uncertain = uncertain || !neverSent(err)
		if try == len(pauses) || c.Wait(ctx, pauses[try]) != nil {
			if uncertain {
				return &UncertainError{Err: err}
			}
			return err
		}
	}
}

// afterTries says what an answer means that no further try will change. An answer of the server itself settles it: it looks
// for the same file before anything else. A page of something between here and it settles nothing.
func afterTries(err error, uncertain bool) error {
	var stranger *StrangerError
	odd := errors.As(err, &stranger)
	if odd && (uncertain || stranger.Status < 300) {
		return &UncertainError{Err: err}
	}
	return err
}

// passing reports whether the same request may succeed a little later.
func passing(err error) bool {
	var unreachable *UnreachableError
	if errors.As(err, &unreachable) {
		return true
	}
	var p *Problem
	if errors.As(err, &p) {
		return p.Status >= 500
	}
	var stranger *StrangerError
	return errors.As(err, &stranger) && stranger.Status >= 502 && stranger.Status <= 504 // a proxy's own page
}

// neverSent reports whether the connection was not even made.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

package seal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
)

// Kinds of plaintext.
const (
	KindSubmission = "submission"
	KindFollowup   = "followup"  // a further message of a receipt
	KindConsent    = "consent"   // what may happen to the words, changed; see Consent
	KindAboutYou   = "about_you" // about the person, kept apart from the story unless a mailbox ties them
	KindDecoy      = "decoy"     // opens to nothing: it hides how many people wrote on a day
)

// Who sealed a file. The answer lies inside the file only.
const (
	SealedByClient = "client"
	SealedByServer = "server" // the person had no script: the server saw the words for a moment
)

// Answer is one field of the form. Q is the field's key, A the text or option code; several codes are joined by "\n".
type Answer struct {
	Q string `json:"q"`
	A string `json:"a"`
}

// Plaintext is what a sealed file holds. The order of the members is the order on the wire; both twins write it so.
type Plaintext struct {
	V        int      `json:"v"`
	T        string   `json:"t"`
	Epoch    string   `json:"epoch"`
	Origin   string   `json:"origin"`
	SealedBy string   `json:"sealed_by"`
	Form     string   `json:"form"` // base64url of SHA-256 of the form definition the writer saw
	Lang     string   `json:"lang"`
	Answers  []Answer `json:"answers"`
	Subject  *string  `json:"subject"`
	ReplyTo  *string  `json:"reply_to"`         // age1pq1 recipient for answers, derived from the receipt
	Mailbox  *string  `json:"mailbox"`          // base64url of the mailbox commitment
	Anchor   string   `json:"anchor"`           // base64url of the anchor commitment, equal to the leaf's
	Thread   *string  `json:"thread"`           // base64url of the leaf hash of the receipt's first message, if the writer's device knows it
	Actions  *string  `json:"actions,omitzero"` // base64url of the key that tags the panel's acts in public
	Consent  *Consent `json:"-"`                // of a consent only, which then has no other words
}

// String keeps a person's words out of every log and error.
func (*Plaintext) String() string { return "[redacted]" }

// GoString does the same for %#v.
func (*Plaintext) GoString() string { return "[redacted]" }

// LogValue does the same for slog.
func (*Plaintext) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// decoy is the whole of a decoy's plaintext.
type decoy struct {
	V int    `json:"v"`
	T string `json:"t"`
}

// TooLongError says how many bytes the words take and how many fit.
type TooLongError struct{ Bytes, Limit int }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("This is too long to seal: %d bytes, and %d fit. Take out %d bytes or more, or send it in two parts.",
		e.Bytes, e.Limit, e.Bytes-e.Limit)
}

// Size is the number of bytes p takes before padding. At most LargeBucket-1 fit.
func (p *Plaintext) Size() (int, error) {
	b, err := p.marshal()
	defer clear(b)
	return len(b), err
}

func (p *Plaintext) marshal() ([]byte, error) {
	switch p.T {
	case KindDecoy:
		return json.Marshal(decoy{V: p.V, T: p.T})
	case KindConsent:
		return p.marshalConsent()
	}
	return json.Marshal(p)
}

// Encode writes p as JSON, then spaces, then a newline, exactly as long as the smallest bucket that holds it.
// Text that is not valid UTF-8 is refused; *TooLongError when it does not fit.
func (p *Plaintext) Encode() ([]byte, error) {
	b, err := p.marshal()
	if err != nil {
		return nil, &PlaintextError{Reason: "the text is not valid UTF-8"}
	}
	defer clear(b)
	for _, bucket := range Buckets {
		if len(b) <= bucket-1 {
			return pad(b, bucket), nil
		}
	}
	return nil, &TooLongError{Bytes: len(b), Limit: LargeBucket - 1}
}

// pad writes b, then spaces, then a newline, bucket bytes in all.
func pad(b []byte, bucket int) []byte {
	padded := bytes.Repeat([]byte{' '}, bucket)
	copy(padded, b)
	padded[bucket-1] = '\n'
	return padded
}

// PlaintextError says why an opened file cannot be read. It never quotes the file.
type PlaintextError struct{ Reason string }

func (e *PlaintextError) Error() string {
	return "this file opens, but not to a submission: " + e.Reason
}

func plaintextError(format string, args ...any) error {
	return &PlaintextError{Reason: fmt.Sprintf(format, args...)}
}

// ParsePlaintext reads what Encode wrote, and nothing else: an exact bucket, its padding, known members once each. A text
// sealed by hand may use the larger bucket without need.
// The error is a *PlaintextError.
func ParsePlaintext(padded []byte) (*Plaintext, error) {
	if len(padded) != SmallBucket && len(padded) != LargeBucket {
		return nil, plaintextError("%d bytes are no bucket", len(padded))
	}
	body, ok := bytes.CutSuffix(padded, []byte{'\n'})
	if !ok {
		return nil, plaintextError("the padding does not end in a newline")
	}
	body = bytes.TrimRight(body, " ")
	var kind struct {
		V int    `json:"v"`
		T string `json:"t"`
	}
	if err := json.Unmarshal(body, &kind); err != nil {
		return nil, plaintextError("the JSON is malformed or not valid UTF-8")
	}
	if kind.V != 1 {
		return nil, plaintextError("version %d is unknown", kind.V)
	}
	switch kind.T {
	case KindDecoy:
		return parseDecoy(body)
	case KindConsent:
		return parseConsent(body)
	case KindSubmission, KindFollowup, KindAboutYou:
		return parseSubmission(body)
	}
	return nil, plaintextError("its kind is unknown")
}

func parseDecoy(body []byte) (*Plaintext, error) {
	var d decoy
	if err := json.Unmarshal(body, &d, json.RejectUnknownMembers(true)); err != nil {
		return nil, plaintextError("a decoy holds something")
	}
	return &Plaintext{V: d.V, T: d.T}, nil
}

func parseSubmission(body []byte) (*Plaintext, error) {
	var p Plaintext
	if err := json.Unmarshal(body, &p, json.RejectUnknownMembers(true)); err != nil {
		return nil, plaintextError("a member is unknown, doubled or of the wrong type")
	}
	if err := p.checkMembers(); err != nil {
		return nil, err
	}
	if p.T == KindFollowup || p.T == KindAboutYou && (p.Mailbox != nil || p.Thread != nil) {
		return &p, p.checkTie()
	}
	return &p, nil
}

// checkMembers is what every kind but a decoy must fulfil.
func (p *Plaintext) checkMembers() error {
	if p.SealedBy != SealedByClient && p.SealedBy != SealedByServer {
		return plaintextError("sealed_by is neither client nor server")
	}
	if _, err := ParseCommitment(p.Anchor); err != nil {
		return plaintextError("its anchor is not 32 bytes in base64url")
	}
	if p.Actions != nil && !isID32(*p.Actions) {
		return plaintextError("its actions key is not 32 bytes in base64url")
	}
	return nil
}

func isID32(s string) bool {
	_, err := ParseCommitment(s)
	return err == nil
}

// Check compares an opened submission with the leaf it was delivered under. It stops a server that attaches one
// person's file to another's leaf, or brings an old file back under a new key. A decoy has nothing to compare.
func (p *Plaintext) Check(epoch, origin string, anchor Commitment) error {
	if p.T == KindDecoy {
		return nil
	}
	if p.Epoch != epoch {
		return plaintextError("it was written for another epoch")
	}
	if p.Origin != origin {
		return plaintextError("it was written for another place")
	}
	if got, err := ParseCommitment(p.Anchor); err != nil || got != anchor {
		return plaintextError("it belongs to another leaf of the log")
	}
	return nil
}

// NewSubmission fills a plaintext for the first message of a receipt.
func NewSubmission(k *Keys, epoch, origin, form, lang, sealedBy string, answers []Answer) *Plaintext {
	replyTo := k.ReplyIdentity.Recipient().String()
	mailbox := k.MailboxToken.Commitment().String()
	actions := Commitment(k.ActionsKey).String()
	return &Plaintext{
		V: 1, T: KindSubmission, Epoch: epoch, Origin: origin, SealedBy: sealedBy, Form: form, Lang: lang,
		Answers: answers, ReplyTo: &replyTo, Mailbox: &mailbox, Anchor: k.AnchorToken.Commitment().String(),
		Actions: &actions,
	}
}

// NewAboutYou fills in what somebody says about themselves, kept apart from every message: no mailbox, no thread, nowhere to
// answer.
func NewAboutYou(k *Keys, epoch, origin, form, lang, sealedBy string, answers []Answer) *Plaintext {
	p := NewSubmission(k, epoch, origin, form, lang, sealedBy, answers)
	p.T, p.ReplyTo, p.Mailbox, p.Actions = KindAboutYou, nil, nil, nil
	return p
}

// Commitment is the SHA-256 of a token: public, while the token stays with the writer.
type Commitment [32]byte

// String is base64url without padding, 43 characters.
func (c Commitment) String() string { return base64.RawURLEncoding.EncodeToString(c[:]) }

// ParseCommitment reads 43 characters of base64url.
func ParseCommitment(s string) (Commitment, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 32 || len(s) != 43 {
		return Commitment{}, fmt.Errorf("want 32 bytes as 43 characters of base64url")
	}
	return Commitment(b), nil
}

// Blank reports whether a reader of text would see nothing: spaces, control characters and marks that have no shape.
func Blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf)
	}) < 0
}

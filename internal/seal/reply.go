package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	kindReply  = "reply"
	labelReply = "answerable/v1/reply"
)

// ReplyLimit is how many bytes of JSON an answer may take: answers have one size, that of the smaller bucket.
const ReplyLimit = SmallBucket - 1

// Reply is a reviewer's answer to one message. The order of the members is the order on the wire.
type Reply struct {
	V         int    `json:"v"`
	T         string `json:"t"`
	Anchor    string `json:"anchor"` // base64url of the anchor commitment of the message it answers
	Day       string `json:"day"`    // on which it was written, inside the seal only
	Text      string `json:"text"`
	Asks      string `json:"asks,omitzero"` // AsksCheckIn, or ""
	Reviewer  string `json:"reviewer"`
	Signature []byte `json:"sig"` // Ed25519, base64
}

// String keeps the words out of every log and error.
func (*Reply) String() string { return "[redacted]" }

// GoString does the same for %#v.
func (*Reply) GoString() string { return "[redacted]" }

// LogValue does the same for slog.
func (*Reply) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// text is what a reviewer signs: where it was said, to which message, on which day, the words by their hash, and what it asks.
func (r *Reply) text(origin string) []byte {
	words := sha256.Sum256([]byte(r.Text))
	signed := fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%s\n", labelReply, origin, r.Anchor, r.Day, base64.RawURLEncoding.EncodeToString(words[:]))
	if r.Asks != "" {
		signed = append(signed, r.Asks+"\n"...)
	}
	return signed
}

// SealReply signs an answer to the message with an anchor, and seals it to the writer's reply key. asks is AsksCheckIn, or "".
// Errors: *TooLongError, *PlaintextError for text that is not valid UTF-8.
func SealReply(origin, reviewer string, key ed25519.PrivateKey, anchor Commitment, replyTo string, day time.Time, text, asks string) ([]byte, error) {
	r := &Reply{V: 1, T: kindReply, Anchor: anchor.String(), Day: day.UTC().Format(time.DateOnly), Text: text, Asks: asks, Reviewer: reviewer}
	r.Signature = ed25519.Sign(key, r.text(origin))
	b, err := json.Marshal(r)
	if err != nil {
		return nil, &PlaintextError{Reason: "the text is not valid UTF-8"}
	}
	defer clear(b)
	if len(b) > ReplyLimit {
		return nil, &TooLongError{Bytes: len(b), Limit: ReplyLimit}
	}
	return sealPadded(pad(b, SmallBucket), replyTo)
}

// OpenReply opens an answer with the writer's reply identity. Nothing in it is believed yet: see Verify.
// Errors: *ShapeError, ErrWillNotOpen, *PlaintextError.
func OpenReply(file []byte, identity age.Identity) (*Reply, error) {
	if err := CheckShape(file); err != nil {
		return nil, err
	}
	padded, err := decrypt(file, identity)
	if err != nil {
		return nil, ErrWillNotOpen
	}
	return ParseReply(padded)
}

var reviewerID = regexp.MustCompile(`^r[a-z2-7]{8}$`)

// ParseReply reads what SealReply padded, and nothing else. The error is a *PlaintextError.
func ParseReply(padded []byte) (*Reply, error) {
	body, ok := bytes.CutSuffix(padded, []byte{'\n'})
	if !ok || len(padded) != SmallBucket {
		return nil, plaintextError("it is not padded as an answer is")
	}
	body = bytes.TrimRight(body, " ")
	var r Reply
	if err := json.Unmarshal(body, &r, json.RejectUnknownMembers(true)); err != nil {
		return nil, plaintextError("a member is unknown, doubled or of the wrong type")
	}
	var there struct {
		Text *string        `json:"text"`
		Asks jsontext.Value `json:"asks"`
	}
	_, dayErr := time.Parse(time.DateOnly, r.Day)
	switch {
	case json.Unmarshal(body, &there) != nil || there.Text == nil:
		return nil, plaintextError("it has no text")
	case there.Asks != nil && r.Asks != AsksCheckIn:
		return nil, plaintextError("what it asks is not known")
	case r.V != 1 || r.T != kindReply:
		return nil, plaintextError("it is no answer")
	case !isID32(r.Anchor):
		return nil, plaintextError("its anchor is not 32 bytes in base64url")
	case dayErr != nil:
		return nil, plaintextError("its day is none")
	case !reviewerID.MatchString(r.Reviewer) || len(r.Signature) != ed25519.SignatureSize:
		return nil, plaintextError("it is not signed by a reviewer")
	}
	return &r, nil
}

// ErrReplySignature means that no reviewer of the panel signed this answer for this message. Whoever runs the server knows
// the reply key of a message that was sealed there, so an answer without a signature that holds is nobody's word.
var ErrReplySignature = errors.New("this answer is not signed by anybody on the panel")

// Verify holds an answer against the messages of a receipt and the panel's keys: key gives the Ed25519 key of a reviewer who
// is or was on the panel, nil for others. The error is ErrReplySignature.
func (r *Reply) Verify(origin string, anchors []Commitment, key func(reviewer string) ed25519.PublicKey) error {
	signer := key(r.Reviewer)
	mine := false
	for _, a := range anchors {
		mine = mine || a.String() == r.Anchor
	}
	if !mine || len(signer) != ed25519.PublicKeySize || !ed25519.Verify(signer, r.text(origin), r.Signature) {
		return ErrReplySignature
	}
	return nil
}

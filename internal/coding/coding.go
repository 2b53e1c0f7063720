// Package coding knows what reviewers write about a message: the card that stands for it in the queue, what two of them
// found in it without seeing each other's answers, what they agreed on, their notes and drafts, the check whether somebody
// could guess who wrote, and the decision how far it may go.
//
// It promises one spelling for one content: a file is read only when it is, byte for byte, what Encode writes. Two
// reviewers who sign the same consensus sign the same bytes. A code is never dropped because it is not on today's list.
//
// It is pure: it seals, signs and stores nothing. FORMAT.md is the specification, and ui/src/coding.ts the twin.
package coding

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/seal"
)

// Size is the length in bytes of every padded plaintext: all review files look alike.
const Size = seal.SmallBucket

// maxCodes bounds one list of codes.
const maxCodes = 200

// A Body is what a reviewer wrote: *Card, *Coding, *Consensus, *Note, *Check, *Sharing or *Draft.
type Body interface {
	Kind() string
	// check says what is wrong with the content, or nothing.
	check() error
}

// Kinds of files.
const (
	KindCard      = "card"
	KindCoding    = "coding"
	KindConsensus = "consensus"
	KindNote      = "note"
	KindCheck     = "check"
	KindSharing   = "sharing"
	KindDraft     = "draft"
)

// Place is where a file belongs. A reader compares all of it with where the file was found.
type Place struct {
	Epoch  string
	Origin string
	Leaf   string // base64url of the leaf hash of the message it is about
	By     string // the reviewer who wrote it
}

// File is the plaintext of one review file.
type File struct {
	Place
	Body Body
}

// String keeps the panel's words out of every log and error.
func (*File) String() string { return "[redacted]" }

// GoString does the same for %#v.
func (*File) GoString() string { return "[redacted]" }

// LogValue does the same for slog.
func (*File) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// envelope is the plaintext on the wire.
type envelope struct {
	V      int            `json:"v"`
	T      string         `json:"t"`
	Epoch  string         `json:"epoch"`
	Origin string         `json:"origin"`
	Leaf   string         `json:"leaf"`
	By     string         `json:"by"`
	Body   jsontext.Value `json:"body"`
}

// Error says why a file cannot be read or written. It never quotes the file.
type Error struct{ Reason string }

func (e *Error) Error() string { return "this is no review file: " + e.Reason }

func wrong(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// TooLongError says how many bytes a file takes and how many fit.
type TooLongError struct{ Bytes, Limit int }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("This is too long to seal: %d bytes, and %d fit. Put the rest into a further note.", e.Bytes, e.Limit)
}

// Encode writes the plaintext, padded to Size. Errors: *Error, *TooLongError.
func (f *File) Encode() ([]byte, error) {
	b, err := f.marshal()
	if err != nil {
		return nil, err
	}
	defer clear(b)
	if len(b) > Size-1 {
		return nil, &TooLongError{Bytes: len(b), Limit: Size - 1}
	}
	padded := bytes.Repeat([]byte{' '}, Size)
	copy(padded, b)
	padded[Size-1] = '\n'
	return padded, nil
}

func (f *File) marshal() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(f.Body)
	if err != nil {
		return nil, wrong("its text is not valid UTF-8")
	}
	b, err := json.Marshal(envelope{1, f.Body.Kind(), f.Epoch, f.Origin, f.Leaf, f.By, body})
	if err != nil {
		return nil, wrong("its text is not valid UTF-8")
	}
	return b, nil
}

func (f *File) check() error {
	if _, err := seal.ParseCommitment(f.Leaf); err != nil {
		return wrong("its leaf is not 32 bytes in base64url")
	}
	if !reviewerID.MatchString(f.By) {
		return wrong("its author is no reviewer")
	}
	return f.Body.check()
}

var reviewerID = regexp.MustCompile(`^r[a-z2-7]{8}$`)

// Parse reads what Encode wrote and nothing else. Errors: *Error.
func Parse(padded []byte) (*File, error) {
	if len(padded) != Size || padded[Size-1] != '\n' {
		return nil, wrong("it does not have the size of one")
	}
	text := bytes.TrimRight(padded[:Size-1], " ")
	var e envelope
	if err := json.Unmarshal(text, &e, json.RejectUnknownMembers(true)); err != nil {
		return nil, wrong("a member is unknown, doubled or of the wrong type")
	}
	if e.V != 1 {
		return nil, wrong("its version is not known")
	}
	body := newBody(e.T)
	if body == nil {
		return nil, wrong("its kind is not known")
	}
	if err := json.Unmarshal(e.Body, body, json.RejectUnknownMembers(true)); err != nil {
		return nil, wrong("a member of its content is unknown, doubled or of the wrong type")
	}
	f := &File{Place{e.Epoch, e.Origin, e.Leaf, e.By}, body}
	written, err := f.marshal()
	if err != nil {
		return nil, err
	}
	defer clear(written)
	if !bytes.Equal(written, text) {
		return nil, wrong("it is not spelled the one way there is")
	}
	return f, nil
}

func newBody(kind string) Body {
	switch kind {
	case KindCard:
		return new(Card)
	case KindCoding:
		return new(Coding)
	case KindConsensus:
		return new(Consensus)
	case KindNote:
		return new(Note)
	case KindCheck:
		return new(Check)
	case KindSharing:
		return new(Sharing)
	case KindDraft:
		return new(Draft)
	}
	return nil
}

// At compares a file with where it was found, so that a server cannot put one message's coding under another.
func (f *File) At(p Place) error {
	if f.Place != p {
		return wrong("it was written for another place")
	}
	return nil
}

// Codes as forms and taxonomies write them; an item is theme.item, and one of a clinic's own the code that its panel gave it, behind
// the theme that it stands under: theme.x_clinic.item. That code alone does not say the theme.
var (
	codePattern    = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	itemPattern    = regexp.MustCompile(`^[a-z0-9_]{1,32}\.[a-z0-9_]{1,32}$`)
	ownPattern     = regexp.MustCompile(`^[a-z0-9_]{1,32}\.x_[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}$`)
	versionPattern = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){2}$`)
)

// checkCodes wants each code once and in order, so that one choice has one spelling.
func checkCodes(name string, codes []string, pattern *regexp.Regexp) error {
	if codes == nil || len(codes) > maxCodes {
		return wrong("its %s are not a list, or too many", name)
	}
	for i, code := range codes {
		if !pattern.MatchString(code) {
			return wrong("its %s hold something that is no code", name)
		}
		if i > 0 && codes[i-1] >= code {
			return wrong("its %s are not in order, or one is there twice", name)
		}
	}
	return nil
}

// mostCoders is how many codings a consensus names at most: two, a third where they differ, and another for each who is gone before they
// could agree. A panel has no more members.
const mostCoders = 20

func checkHashes(name string, hashes []string, least, most int) error {
	if len(hashes) < least || len(hashes) > most || hashes == nil {
		return wrong("it names too few or too many %s", name)
	}
	for i, h := range hashes {
		if _, err := seal.ParseCommitment(h); err != nil || i > 0 && hashes[i-1] >= h {
			return wrong("its %s are no hashes in order", name)
		}
	}
	return nil
}

// sorted gives the codes once each, in order; never nil.
func sorted(codes []string) []string {
	out := slices.Clone(codes)
	slices.SortFunc(out, cmp.Compare[string])
	out = slices.Compact(out)
	if out == nil {
		out = []string{}
	}
	return out
}

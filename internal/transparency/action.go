package transparency

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Codes of the acts that a panel owns up to in public.
const (
	ActReceived       = "received"
	ActAssessed       = "assessed"
	ActContacted      = "contacted"
	ActActed          = "acted"
	ActClosed         = "closed"
	ActUndecryptable  = "undecryptable"
	ActOpenedByQuorum = "opened-by-quorum"
	ActMatched        = "matched"
)

// ActCodes are all codes, in the order in which the acts usually come.
var ActCodes = []string{
	ActReceived, ActAssessed, ActContacted, ActActed, ActClosed, ActUndecryptable, ActOpenedByQuorum, ActMatched,
}

const (
	labelAction    = "answerable/v1/action"
	labelActionTag = "answerable/v1/action-tag"
)

// Action is the content of an action leaf: what a reviewer did about a message that only the panel and its writer can
// tell from the tag.
type Action struct {
	Tag        [32]byte
	Code       string    // one of ActCodes
	Outcome    string    // a code, or "" for none
	Day        time.Time // of a contact: the Monday of its week
	ReviewerID string
	Signature  []byte
}

// ActionTag links an act to a message for whoever holds the actions key of its receipt. n counts the acts of one code on one
// receipt, from 0.
func ActionTag(key [32]byte, code string, n int) [32]byte {
	return sha256.Sum256(slices.Concat([]byte(labelActionTag+"\n"), key[:], []byte(code), []byte(strconv.Itoa(n))))
}

// Lines are the lines that are signed: the leaf without its last one.
func (a *Action) Lines() string {
	outcome := a.Outcome
	if outcome == "" {
		outcome = "-"
	}
	return string(NewLeaf(KindAction, base64.StdEncoding.EncodeToString(a.Tag[:]), a.Code, outcome, a.Day.Format(time.DateOnly)))
}

// Leaf writes the act's six lines and its signature.
func (a *Action) Leaf() Leaf {
	return Leaf(a.Lines() + a.ReviewerID + " " + base64.StdEncoding.EncodeToString(a.Signature) + "\n")
}

// Sign signs the act as the reviewer named, whose key this is.
func (a *Action) Sign(key ed25519.PrivateKey) {
	a.Signature = ed25519.Sign(key, []byte(labelAction+"\n"+a.Lines()))
}

// reviewerIDOf is how a reviewer is named by the own key.
func reviewerIDOf(key ed25519.PublicKey) string {
	hash := sha256.Sum256(key)
	return "r" + strings.ToLower(base32.StdEncoding.EncodeToString(hash[:]))[:8]
}

// Verify reports whether the holder of key, and no other reviewer, signed the act. Whether that reviewer sat on the panel
// is for the panel's signed lists to say.
func (a *Action) Verify(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && reviewerIDOf(key) == a.ReviewerID &&
		ed25519.Verify(key, []byte(labelAction+"\n"+a.Lines()), a.Signature)
}

// Weekly says whether acts of a code are dated to the Monday of their week: those that somebody could tie to an answer or a
// hand-over by their day.
func Weekly(code string) bool { return code == ActContacted || code == ActActed }

// WeekOf is the Monday of a day's week. A contact says no more: the day of an answer would help to find who was answered.
func WeekOf(day time.Time) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

var (
	outcomeCode = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	reviewerID  = regexp.MustCompile(`^r[a-z2-7]{8}$`)
)

// ParseAction reads exactly what Action.Leaf writes. It does not verify the signature. Errors wrap ErrLeaf.
func ParseAction(l Leaf) (*Action, error) {
	lines := strings.Split(string(l), "\n")
	if len(lines) != 8 || l.Kind() != KindAction {
		return nil, fmt.Errorf("%w: not the lines of an action", ErrLeaf)
	}
	a := &Action{Code: lines[3], Outcome: lines[4]}
	tag, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(tag) != 32 {
		return nil, fmt.Errorf("%w: the tag is not 32 bytes in base64", ErrLeaf)
	}
	a.Tag = [32]byte(tag)
	if !slices.Contains(ActCodes, a.Code) {
		return nil, fmt.Errorf("%w: an act of no kind we know", ErrLeaf)
	}
	if a.Outcome == "-" {
		a.Outcome = ""
	} else if !outcomeCode.MatchString(a.Outcome) {
		return nil, fmt.Errorf("%w: the outcome is no code", ErrLeaf)
	}
	if a.Day, err = time.Parse(time.DateOnly, lines[5]); err != nil || Weekly(a.Code) && a.Day.Weekday() != time.Monday {
		return nil, fmt.Errorf("%w: the day does not read, or is not the Monday that acts of its code are dated to", ErrLeaf)
	}
	by, signature, _ := strings.Cut(lines[6], " ")
	a.ReviewerID = by
	a.Signature, err = base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || len(a.Signature) != ed25519.SignatureSize || !reviewerID.MatchString(by) {
		return nil, fmt.Errorf("%w: the last line is not a reviewer and a signature", ErrLeaf)
	}
	if string(a.Leaf()) != string(l) {
		return nil, fmt.Errorf("%w: not written as we write it", ErrLeaf)
	}
	return a, nil
}

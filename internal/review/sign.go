package review

import (
	"crypto/ed25519"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	labelFile     = "answerable/v1/review"
	labelRecusal  = "answerable/v1/recusal"
	labelReminder = "answerable/v1/recusal-reminder"
	labelKept     = "answerable/v1/kept-reminder"
)

// Kinds of review files.
const (
	KindCard      = "card"      // what is shown of a message before somebody has declared no conflict
	KindCoding    = "coding"    // frozen when it is sent
	KindConsensus = "consensus" // each coder who agrees sends one
	KindNote      = "note"
	KindCheck     = "check" // could somebody guess who wrote?
	KindSharing   = "sharing"
	KindDraft     = "draft" // sealed to its author; the next one takes its place
)

// Envelope says what a review file is and where it belongs. Its author signs it.
type Envelope struct {
	ClinicID string
	LeafHash [32]byte // of the message
	Kind     string
	N        int // counts the author's files of one kind on one message, from 0
	FileHash [32]byte
	Day      time.Time
}

// Lines is the text that is signed, after the label, each line ended by a newline.
func (e *Envelope) Lines() string {
	b64 := base64.StdEncoding.EncodeToString
	return lines(e.ClinicID, b64(e.LeafHash[:]), e.Kind, strconv.Itoa(e.N), b64(e.FileHash[:]), e.Day.Format(time.DateOnly))
}

// Sign signs the envelope as its author.
func (e *Envelope) Sign(key ed25519.PrivateKey) []byte { return sign(key, labelFile, e.Lines()) }

// Verify reports whether the holder of key signed the envelope.
func (e *Envelope) Verify(key ed25519.PublicKey, signature []byte) bool {
	return verify(key, labelFile, e.Lines(), signature)
}

// RecusalLines is the text that a reviewer signs who steps back from a message. It has no day and no reason.
func RecusalLines(clinicID string, leafHash [32]byte, reviewerID string) string {
	return lines(clinicID, base64.StdEncoding.EncodeToString(leafHash[:]), reviewerID)
}

// SignRecusal steps back from a message.
func SignRecusal(key ed25519.PrivateKey, clinicID string, leafHash [32]byte, reviewerID string) []byte {
	return sign(key, labelRecusal, RecusalLines(clinicID, leafHash, reviewerID))
}

// VerifyRecusal reports whether the reviewer, whose key this is, stepped back from a message.
func VerifyRecusal(key ed25519.PublicKey, clinicID string, leafHash [32]byte, reviewerID string, signature []byte) bool {
	return verify(key, labelRecusal, RecusalLines(clinicID, leafHash, reviewerID), signature)
}

// ReminderLines is the text that a reviewer signs under what they keep, sealed to themselves, of a message they stepped back from.
func ReminderLines(clinicID string, leafHash [32]byte, reviewerID string, fileHash [32]byte) string {
	return RecusalLines(clinicID, leafHash, reviewerID) + lines(base64.StdEncoding.EncodeToString(fileHash[:]))
}

// SignReminder signs it.
func SignReminder(key ed25519.PrivateKey, clinicID string, leafHash [32]byte, reviewerID string, fileHash [32]byte) []byte {
	return sign(key, labelReminder, ReminderLines(clinicID, leafHash, reviewerID, fileHash))
}

// VerifyReminder reports whether the reviewer, whose key this is, signed it.
func VerifyReminder(key ed25519.PublicKey, clinicID string, leafHash [32]byte, reviewerID string, fileHash [32]byte, signature []byte) bool {
	return verify(key, labelReminder, ReminderLines(clinicID, leafHash, reviewerID, fileHash), signature)
}

// KeptLines is the text that a reviewer signs under what they keep, sealed to themselves, when the message is gone that they stepped back
// from. It names no message: leaves are public, and whoever has the text signed can try them all.
func KeptLines(clinicID, reviewerID string, fileHash [32]byte) string {
	return lines(clinicID, reviewerID, base64.StdEncoding.EncodeToString(fileHash[:]))
}

// SignKept signs it.
func SignKept(key ed25519.PrivateKey, clinicID, reviewerID string, fileHash [32]byte) []byte {
	return sign(key, labelKept, KeptLines(clinicID, reviewerID, fileHash))
}

// VerifyKept reports whether the reviewer, whose key this is, signed it.
func VerifyKept(key ed25519.PublicKey, clinicID, reviewerID string, fileHash [32]byte, signature []byte) bool {
	return verify(key, labelKept, KeptLines(clinicID, reviewerID, fileHash), signature)
}

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

func sign(key ed25519.PrivateKey, label, text string) []byte {
	return ed25519.Sign(key, []byte(label+"\n"+text))
}

func verify(key ed25519.PublicKey, label, text string, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, []byte(label+"\n"+text), signature)
}

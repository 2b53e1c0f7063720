package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"answerable/internal/transparency"
)

const (
	labelDeal = "answerable/v1/epoch-deal"
	labelAck  = "answerable/v1/epoch-ack"
)

var epochID = regexp.MustCompile(`^[a-z0-9-]{4,32}$`)

// ValidEpochID reports whether an id, as it may stand in an address, could name an epoch.
func ValidEpochID(id string) bool { return epochID.MatchString(id) }

// NewEpochID names an epoch: the month it starts in and four random base32 characters, unique in this place.
func NewEpochID(notBefore time.Time) string {
	var raw [3]byte
	rand.Read(raw[:])
	return notBefore.Format("2006-01-") + strings.ToLower(base32.StdEncoding.EncodeToString(raw[:]))[:4]
}

// Record is an epoch as its dealer offers it: a recipient, its days, and what binds it to the panel and to the wraps.
type Record struct {
	ClinicID                         string
	ID                               string
	Previous                         *[32]byte // leaf hash of the epoch logged before; nil for the first
	Recipient                        string
	MatchRecipient                   string // "" when matching is off
	NotBefore, NotAfter, RetainUntil time.Time
	K, N                             int      // K of N reviewers are needed to open
	Shares                           [32]byte // seal.HashShares of the parts of the key; zero when K is 1
	Wraps                            [32]byte // see HashWraps
	Manifest                         [32]byte // leaf hash of the panel manifest
	TicketKey                        string   // verifier key of the tickets given out here
}

// Lines is the text that dealer and reviewers sign, each line ended by a newline.
func (r *Record) Lines() string {
	b64 := base64.StdEncoding.EncodeToString
	previous, match := "-", "-"
	if r.Previous != nil {
		previous = b64(r.Previous[:])
	}
	if r.MatchRecipient != "" {
		match = r.MatchRecipient
	}
	days := r.NotBefore.Format(time.DateOnly) + " " + r.NotAfter.Format(time.DateOnly) + " " + r.RetainUntil.Format(time.DateOnly)
	return string(transparency.NewLeaf(transparency.KindEpoch, r.ClinicID, r.ID, previous, r.Recipient, match, days,
		r.quorum(), b64(r.Wraps[:]), b64(r.Manifest[:]), r.TicketKey))
}

// quorum is the line that says how many open the epoch. Where they are several it binds the dealer to everybody's part, so
// that each of them finds the same parts behind it.
func (r *Record) quorum() string {
	line := fmt.Sprintf("%d/%d", r.K, r.N)
	if r.K > 1 {
		line += " " + base64.StdEncoding.EncodeToString(r.Shares[:])
	}
	return line
}

// ErrRecord means that lines are not an epoch record, or do not fit the panel.
var ErrRecord = errors.New("this is not a valid epoch record")

// ParseRecord reads exactly what Lines writes. Errors wrap ErrRecord.
func ParseRecord(text string) (*Record, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 12 || transparency.Leaf(text).Kind() != transparency.KindEpoch {
		return nil, fmt.Errorf("%w: it has the wrong number of lines", ErrRecord)
	}
	r := &Record{ClinicID: lines[2], ID: lines[3], Recipient: lines[5], TicketKey: lines[11]}
	if lines[4] != "-" {
		hash, err := parseHash(lines[4])
		if err != nil {
			return nil, fmt.Errorf("%w: the leaf before does not read", ErrRecord)
		}
		r.Previous = &hash
	}
	if lines[6] != "-" {
		r.MatchRecipient = lines[6]
	}
	if err := r.parseDays(lines[7]); err != nil {
		return nil, err
	}
	if err := r.parseQuorum(lines[8]); err != nil {
		return nil, err
	}
	var errs [2]error
	r.Wraps, errs[0] = parseHash(lines[9])
	r.Manifest, errs[1] = parseHash(lines[10])
	if errors.Join(errs[:]...) != nil {
		return nil, fmt.Errorf("%w: a line does not read", ErrRecord)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.Lines() != text {
		return nil, fmt.Errorf("%w: not written as we write it", ErrRecord)
	}
	return r, nil
}

func (r *Record) parseDays(line string) error {
	words := strings.Split(line, " ")
	if len(words) != 3 {
		return fmt.Errorf("%w: the days do not read", ErrRecord)
	}
	for i, to := range []*time.Time{&r.NotBefore, &r.NotAfter, &r.RetainUntil} {
		day, err := time.Parse(time.DateOnly, words[i])
		if err != nil {
			return fmt.Errorf("%w: the days do not read", ErrRecord)
		}
		*to = day
	}
	return nil
}

func (r *Record) parseQuorum(line string) error {
	numbers, shares, together := strings.Cut(line, " ")
	_, err := fmt.Sscanf(numbers, "%d/%d", &r.K, &r.N)
	if together && err == nil {
		r.Shares, err = parseHash(shares)
	}
	if err != nil || together != (r.K > 1) {
		return fmt.Errorf("%w: how many open it does not read", ErrRecord)
	}
	return nil
}

// maxEpochDays is the longest time one key may be in use: an epoch that never ends would be a key that never rotates.
const maxEpochDays = 93

func (r *Record) check() error {
	if !epochID.MatchString(r.ID) {
		return fmt.Errorf("%w: the epoch's id is not 4 to 32 of a-z, 0-9 and -", ErrRecord)
	}
	if _, err := age.ParseHybridRecipient(r.Recipient); err != nil {
		return fmt.Errorf("%w: its recipient is not an age1pq1 key", ErrRecord)
	}
	if r.MatchRecipient != "" {
		if _, err := age.ParseHybridRecipient(r.MatchRecipient); err != nil {
			return fmt.Errorf("%w: its match recipient is not an age1pq1 key", ErrRecord)
		}
	}
	if r.NotAfter.Before(r.NotBefore) || r.RetainUntil.Before(r.NotAfter) || r.NotAfter.After(r.NotBefore.AddDate(0, 0, maxEpochDays)) {
		return fmt.Errorf("%w: its days are out of order, or more than %d", ErrRecord, maxEpochDays)
	}
	if r.K < 1 || r.N < r.K || r.N > maxReviewers {
		return fmt.Errorf("%w: %d of %d cannot be", ErrRecord, r.K, r.N)
	}
	return nil
}

// HashWraps binds a record to its wraps: SHA-256 of the sorted SHA-256 sums of the wrap files, joined.
func HashWraps(files [][]byte) [32]byte {
	hashes := make([][]byte, 0, len(files))
	for _, f := range files {
		h := sha256.Sum256(f)
		hashes = append(hashes, h[:])
	}
	slices.SortFunc(hashes, bytes.Compare)
	return sha256.Sum256(bytes.Join(hashes, nil))
}

// SignDeal signs a record as its dealer.
func SignDeal(key ed25519.PrivateKey, lines string) []byte { return signLines(key, labelDeal, lines) }

// SignAck signs a record as a reviewer who opened the own wrap and found the record's recipient in it.
func SignAck(key ed25519.PrivateKey, lines string) []byte { return signLines(key, labelAck, lines) }

// VerifyDeal reports whether dealer, a member of m, signed the record as its dealer.
func VerifyDeal(m *Manifest, lines string, dealer Signature) bool {
	r := m.Member(dealer.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelDeal, lines, dealer.Signature)
}

// VerifyAck reports whether a member of m acknowledged the record.
func VerifyAck(m *Manifest, lines string, ack Signature) bool {
	r := m.Member(ack.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelAck, lines, ack.Signature)
}

// RecordLeaf is a record with the dealer's signature and the acks, sorted by reviewer, as it enters the log.
func RecordLeaf(lines string, dealer Signature, acks []Signature) transparency.Leaf {
	return transparency.Leaf(lines + signatureLines("dealer", []Signature{dealer}) + signatureLines("ack", acks))
}

package promise

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"answerable/internal/transparency"
)

// Decided is a round of a promise that members have decided, as it stands in the log: what they signed, and who they are.
type Decided struct {
	ClinicID, PromiseID string
	TextHash            [32]byte // Promise.TextHash
	Round               int
	Verdict             string
	By                  []Said // sorted by reviewer
}

// Said is one member's signature, and the day that stands in it.
type Said struct {
	ReviewerID string
	Day        time.Time
	Signature  []byte
}

func (d *Decided) lines() []string {
	return []string{d.ClinicID, d.PromiseID, base64.StdEncoding.EncodeToString(d.TextHash[:]), strconv.Itoa(d.Round), d.Verdict}
}

// signedLines is the text under one member's signature, after its label.
func (d *Decided) signedLines(day time.Time) string {
	return strings.Join(append(d.lines(), day.Format(time.DateOnly), ""), "\n")
}

// Verify reports whether the holder of key said it.
func (d *Decided) Verify(key ed25519.PublicKey, s Said) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, []byte(labelJudgement+"\n"+d.signedLines(s.Day)), s.Signature)
}

// Leaf writes it for the log.
func (d *Decided) Leaf() transparency.Leaf {
	lines := d.lines()
	for _, s := range d.By {
		lines = append(lines, fmt.Sprintf("signature %s %s %s", s.ReviewerID, s.Day.Format(time.DateOnly), base64.StdEncoding.EncodeToString(s.Signature)))
	}
	return transparency.NewLeaf(transparency.KindJudgement, lines...)
}

// maxRound is as far as both languages count: nine digits.
const maxRound = 999_999_999

var (
	uuidName     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	reviewerName = regexp.MustCompile(`^r[a-z2-7]{8}$`)
)

// ParseDecided reads exactly what Decided.Leaf writes, of however many members. Errors wrap transparency.ErrLeaf.
func ParseDecided(l transparency.Leaf) (*Decided, error) {
	lines := strings.Split(string(l), "\n")
	if len(lines) < 8 || l.Kind() != transparency.KindJudgement || lines[len(lines)-1] != "" || !uuidName.MatchString(lines[2]) || !uuidName.MatchString(lines[3]) {
		return nil, fmt.Errorf("%w: not the lines of a judgement", transparency.ErrLeaf)
	}
	d := &Decided{ClinicID: lines[2], PromiseID: lines[3], Verdict: lines[6]}
	hash, err := base64.StdEncoding.DecodeString(lines[4])
	if err != nil || len(hash) != sha256.Size || !slices.Contains(Verdicts, d.Verdict) {
		return nil, fmt.Errorf("%w: not the lines of a judgement", transparency.ErrLeaf)
	}
	d.TextHash = [32]byte(hash)
	if d.Round, err = strconv.Atoi(lines[5]); err != nil || d.Round < 0 || d.Round > maxRound {
		return nil, fmt.Errorf("%w: the round does not read", transparency.ErrLeaf)
	}
	for _, line := range lines[7 : len(lines)-1] {
		s, err := parseSaid(line)
		if err != nil {
			return nil, err
		}
		if n := len(d.By); n > 0 && d.By[n-1].ReviewerID >= s.ReviewerID {
			return nil, fmt.Errorf("%w: its signatures are not sorted, each member once", transparency.ErrLeaf)
		}
		d.By = append(d.By, s)
	}
	if string(d.Leaf()) != string(l) {
		return nil, fmt.Errorf("%w: not written as we write it", transparency.ErrLeaf)
	}
	return d, nil
}

func parseSaid(line string) (Said, error) {
	parts := strings.Split(line, " ")
	if len(parts) != 4 || parts[0] != "signature" || !reviewerName.MatchString(parts[1]) {
		return Said{}, fmt.Errorf("%w: a signature does not read", transparency.ErrLeaf)
	}
	day, err := time.Parse(time.DateOnly, parts[2])
	if err != nil {
		return Said{}, fmt.Errorf("%w: a day does not read", transparency.ErrLeaf)
	}
	signature, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || len(signature) != ed25519.SignatureSize {
		return Said{}, fmt.Errorf("%w: a signature does not read", transparency.ErrLeaf)
	}
	return Said{parts[1], day, signature}, nil
}

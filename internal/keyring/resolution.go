package keyring

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/transparency"
)

// maxRetainDays is the longest time for which a panel may keep what a key sealed.
const maxRetainDays = 3650

// Resolution is a decision's text, read. Only the fields of its kind are set.
type Resolution struct {
	Kind     string
	ClinicID string
	Day      time.Time // on which it was proposed

	Epochs    []string            // revoke: sorted; shred: the one
	Effective time.Time           // shred: the day on which the last copy of a backup is gone
	Charter   map[string][32]byte // charter: SHA-256 of each part by name
	Without   bool                // support: the form may open without a list
	Rotation  Rotation            // rotation
	Settings  [32]byte            // settings: SHA-256 of their text
	After     [32]byte            // settings: SHA-256 of the lines of those before; zero for the first
}

// CharterParts are the questions that a panel answers about itself, in the order of the lines.
var CharterParts = []string{"chosen", "peers", "paid", "barred", "more"}

// Rotation is how a clinic's key changes. Days of 0 means to the end of the month.
type Rotation struct {
	K          int // reviewers needed to open an epoch
	Days       int // an epoch's length
	RetainDays int // how long an epoch is kept after its last day
}

// Lines is the text that is signed, each line ended by a newline.
func (r *Resolution) Lines() string {
	day := r.Day.Format(time.DateOnly)
	lines := append([]string{r.ClinicID, day}, r.words()...)
	if r.Kind == KindShred {
		lines = slices.Concat([]string{r.ClinicID}, r.Epochs, []string{day, r.Effective.Format(time.DateOnly)})
	}
	return string(transparency.NewLeaf(r.Kind, lines...))
}

// words are the lines after the day, of every kind but a shredding.
func (r *Resolution) words() []string {
	switch r.Kind {
	case KindRevoke:
		return r.Epochs
	case KindCharter:
		return r.charterWords()
	case KindSupport:
		if r.Without {
			return []string{openWithout}
		}
		return []string{"required"}
	case KindRotation:
		length := untilMonthEnds
		if r.Rotation.Days > 0 {
			length = strconv.Itoa(r.Rotation.Days)
		}
		return []string{strconv.Itoa(r.Rotation.K), length, strconv.Itoa(r.Rotation.RetainDays)}
	case KindSettings:
		after := firstSettings
		if r.After != [32]byte{} {
			after = base64.StdEncoding.EncodeToString(r.After[:])
		}
		return []string{after, base64.StdEncoding.EncodeToString(r.Settings[:])}
	}
	return nil
}

func (r *Resolution) charterWords() (lines []string) {
	for _, part := range CharterParts {
		hash := r.Charter[part]
		lines = append(lines, part+" "+base64.StdEncoding.EncodeToString(hash[:]))
	}
	return lines
}

// ParseResolution reads exactly what Lines writes. Errors wrap ErrDecision.
func ParseResolution(text string) (*Resolution, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 5 {
		return nil, fmt.Errorf("%w: too few lines", ErrDecision)
	}
	r := &Resolution{Kind: transparency.Leaf(text).Kind(), ClinicID: lines[2]}
	rest := lines[3:]
	var err error
	switch r.Kind {
	case KindShred:
		err = r.parseShred(rest)
	case KindRevoke, KindCharter, KindSupport, KindRotation, KindSettings:
		if r.Day, err = time.Parse(time.DateOnly, rest[0]); err == nil {
			err = r.parseRest(rest[1:])
		}
	default:
		err = errors.New("it is of no kind we know")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecision, err)
	}
	if r.Lines() != text {
		return nil, fmt.Errorf("%w: it is not written as we write it", ErrDecision)
	}
	return r, nil
}

func (r *Resolution) parseShred(rest []string) error {
	if len(rest) != 3 || !ValidEpochID(rest[0]) {
		return errors.New("it names no epoch")
	}
	r.Epochs = rest[:1]
	var errs [2]error
	r.Day, errs[0] = time.Parse(time.DateOnly, rest[1])
	r.Effective, errs[1] = time.Parse(time.DateOnly, rest[2])
	if errors.Join(errs[:]...) != nil || r.Effective.Before(r.Day) {
		return errors.New("its days do not read")
	}
	return nil
}

func (r *Resolution) parseRest(rest []string) error {
	switch r.Kind {
	case KindRevoke:
		if len(rest) == 0 || len(rest) > 100 || !slices.IsSorted(rest) || len(slices.Compact(slices.Clone(rest))) != len(rest) ||
			slices.ContainsFunc(rest, func(id string) bool { return !ValidEpochID(id) }) {
			return errors.New("its epochs are not ids, sorted, each once")
		}
		r.Epochs = rest
		return nil
	case KindCharter:
		return r.parseCharter(rest)
	case KindSupport:
		r.Without = rest[0] == openWithout
		return nil
	case KindSettings:
		return r.parseSettings(rest)
	}
	return r.parseRotation(rest)
}

func (r *Resolution) parseCharter(rest []string) error {
	if len(rest) != len(CharterParts) {
		return errors.New("it has another number of parts")
	}
	r.Charter = map[string][32]byte{}
	for i, part := range CharterParts {
		name, value, _ := strings.Cut(rest[i], " ")
		hash, err := parseHash(value)
		if name != part || err != nil {
			return errors.New("a part does not read")
		}
		r.Charter[part] = hash
	}
	return nil
}

// Words that stand in lines.
const (
	firstSettings  = "first" // where there are no settings before
	openWithout    = "open-without"
	untilMonthEnds = "month" // an epoch's length
)

func (r *Resolution) parseSettings(rest []string) (err error) {
	if len(rest) != 2 {
		return errors.New("it has another number of lines")
	}
	if rest[0] != firstSettings {
		if r.After, err = parseHash(rest[0]); err != nil {
			return errors.New("the settings before do not read")
		}
	}
	if r.Settings, err = parseHash(rest[1]); err != nil {
		return errors.New("its settings do not read")
	}
	return nil
}

func (r *Resolution) parseRotation(rest []string) error {
	if len(rest) != 3 {
		return errors.New("it has another number of lines")
	}
	k, err := strconv.Atoi(rest[0])
	days, daysErr := strconv.Atoi(rest[1])
	if rest[1] == untilMonthEnds {
		days, daysErr = 0, nil
	}
	retain, retainErr := strconv.Atoi(rest[2])
	if errors.Join(err, daysErr, retainErr) != nil {
		return errors.New("a number does not read")
	}
	if k < 1 || k > maxReviewers || days < 0 || days >= maxEpochDays || rest[1] == "0" || retain < 30 || retain > maxRetainDays {
		return fmt.Errorf("an epoch lasts 1 to %d days or to the end of the month, and is kept for 30 to %d days after it", maxEpochDays-1, maxRetainDays)
	}
	r.Rotation = Rotation{K: k, Days: days, RetainDays: retain}
	return nil
}

// HashCharter gives the hashes that a charter's lines name.
func HashCharter(parts map[string]string) map[string][32]byte {
	hashes := map[string][32]byte{}
	for _, part := range CharterParts {
		hashes[part] = sha256.Sum256([]byte(parts[part]))
	}
	return hashes
}

// Bounds of what stands beside lines, in bytes.
const (
	maxCharter  = 16 << 10
	maxSettings = 64 << 10
)

// CheckBody makes sure that a charter's text, or settings, are those that the lines name, and that no other kind brings text.
func (r *Resolution) CheckBody(body string) error {
	switch {
	case r.Kind == KindCharter:
		return r.checkCharter(body)
	case r.Kind != KindSettings && body != "":
		return fmt.Errorf("%w: only a charter and settings have a text beside their lines", ErrDecision)
	case r.Kind != KindSettings:
		return nil
	case len(body) > maxSettings:
		return fmt.Errorf("%w: the settings are longer than %d bytes", ErrDecision, maxSettings)
	case sha256.Sum256([]byte(body)) != r.Settings:
		return fmt.Errorf("%w: the settings are not the ones that were signed", ErrDecision)
	}
	return nil
}

func (r *Resolution) checkCharter(body string) error {
	if len(body) > maxCharter {
		return fmt.Errorf("%w: the charter is longer than %d bytes", ErrDecision, maxCharter)
	}
	var parts map[string]string
	if err := json.Unmarshal([]byte(body), &parts); err != nil || len(parts) != len(CharterParts) {
		return fmt.Errorf("%w: the charter's text does not read", ErrDecision)
	}
	for _, part := range CharterParts {
		if hash := sha256.Sum256([]byte(parts[part])); hash != r.Charter[part] {
			return fmt.Errorf("%w: the charter's text is not the one that was signed", ErrDecision)
		}
		if part != "more" && strings.TrimSpace(parts[part]) == "" {
			return fmt.Errorf("%w: the charter leaves a question empty", ErrDecision)
		}
	}
	return nil
}

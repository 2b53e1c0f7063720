package keyring

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"answerable/internal/transparency"
)

// Standing is what a log says of one clinic's panel: its lists, what it decided about its keys, what it called back, and the
// keys themselves. Leaves are added in the order of the log. A leaf counts only with the signatures that it needs of the list
// in force at its place, so that whoever writes the log cannot write the panel's part of it.
//
// It is there to be held against what a server shows: a server can leave out what the panel has signed, and then every
// signature that it does show holds.
type Standing struct {
	ClinicID string

	panels      []*Manifest
	hashes      [][32]byte // leaf hashes of panels
	rotations   []standingRotation
	revocations []string // lines
	revoked     map[string]bool
	epochs      []StandingEpoch
}

type standingRotation struct {
	lines string
	day   time.Time
	Rotation
}

// StandingEpoch is a key in the log, with what the panel had decided when it got there; nil for nothing.
type StandingEpoch struct {
	Record  *Record
	Decided *Rotation
}

// StandingKinds are the kinds of leaves that a Standing reads.
var StandingKinds = []string{transparency.KindPanel, transparency.KindEpoch, transparency.KindRevoke, transparency.KindRotation}

// Add takes the next leaf. One of another kind, of another clinic, or without its signatures counts for nothing.
func (s *Standing) Add(leaf transparency.Leaf) {
	switch leaf.Kind() {
	case transparency.KindPanel:
		s.addPanel(leaf)
	case transparency.KindEpoch:
		s.addEpoch(leaf)
	case transparency.KindRevoke, transparency.KindRotation:
		s.addDecision(leaf)
	}
}

func (s *Standing) addPanel(leaf transparency.Leaf) {
	lines, signatures := splitSigned(string(leaf), "signature")
	m, err := ParseManifest(lines)
	if err != nil || m.ClinicID != s.ClinicID || !m.Complete(s.Panel(), signatures) {
		return
	}
	if n := len(s.hashes); n > 0 && *m.Previous != s.hashes[n-1] {
		return
	}
	s.panels, s.hashes = append(s.panels, m), append(s.hashes, leaf.Hash())
}

// Panel is the list in force by what was added so far; nil before the first.
func (s *Standing) Panel() *Manifest {
	if len(s.panels) == 0 {
		return nil
	}
	return s.panels[len(s.panels)-1]
}

// addEpoch takes a key of the list in force: once another list follows, nobody may acknowledge it any more.
func (s *Standing) addEpoch(leaf transparency.Leaf) {
	lines, dealers, acks := splitRecord(string(leaf))
	r, err := ParseRecord(lines)
	panel := s.Panel()
	if err != nil || panel == nil || r.ClinicID != s.ClinicID || r.Manifest != s.hashes[len(s.hashes)-1] || s.Epoch(r.ID) != nil {
		return
	}
	valid := slices.DeleteFunc(acks, func(a Signature) bool { return !VerifyAck(panel, lines, a) })
	if len(dealers) == 1 && VerifyDeal(panel, lines, dealers[0]) && len(valid) >= panel.M {
		s.epochs = append(s.epochs, StandingEpoch{r, s.Rotation()})
	}
}

func (s *Standing) addDecision(leaf transparency.Leaf) {
	lines, signatures := splitSigned(string(leaf), "signature")
	r, err := ParseResolution(lines)
	if err != nil || !s.enough(r, lines, signatures) {
		return
	}
	if r.Kind == KindRotation {
		if s.mayFollow(r, lines) {
			s.rotations = append(s.rotations, standingRotation{lines, r.Day, r.Rotation})
		}
		return
	}
	if s.revoked == nil {
		s.revoked = map[string]bool{}
	}
	for _, id := range r.Epochs {
		s.revoked[id] = true
	}
	s.revocations = append(s.revocations, lines)
}

// enough says whether as many of the list in force have signed a decision as it needs.
func (s *Standing) enough(r *Resolution, lines string, signatures []Signature) bool {
	panel := s.Panel()
	if panel == nil || r.ClinicID != s.ClinicID {
		return false
	}
	by := map[string]bool{}
	for _, one := range signatures {
		by[one.ReviewerID] = by[one.ReviewerID] || VerifyDecision(panel, lines, one)
	}
	n := 0
	for _, holds := range by {
		if holds {
			n++
		}
	}
	return n >= panel.M
}

// mayFollow says whether a rotation may take the place of the newest: none does that was proposed before it, and none twice.
// Otherwise a server could bring an old decision back by writing its leaf again.
func (s *Standing) mayFollow(r *Resolution, lines string) bool {
	if slices.ContainsFunc(s.rotations, func(d standingRotation) bool { return d.lines == lines }) {
		return false
	}
	return len(s.rotations) == 0 || !r.Day.Before(s.rotations[len(s.rotations)-1].day)
}

// Rotation is what the panel decided last about its keys; nil when it has not.
func (s *Standing) Rotation() *Rotation {
	if len(s.rotations) == 0 {
		return nil
	}
	return &s.rotations[len(s.rotations)-1].Rotation
}

// Epoch finds a key that stands in the log; nil when it does not.
func (s *Standing) Epoch(id string) *StandingEpoch {
	i := slices.IndexFunc(s.epochs, func(e StandingEpoch) bool { return e.Record.ID == id })
	if i < 0 {
		return nil
	}
	return &s.epochs[i]
}

// Revoked says whether the panel has called a key back.
func (s *Standing) Revoked(id string) bool { return s.revoked[id] }

// SignedLines are lines with the signatures that came beside them.
type SignedLines struct {
	Lines      string
	Signatures []Signature
}

// Waits says whether a rotation that a server shows is newer than the newest in the log. It counts once it is there, within
// seconds when the server is honest, and not before: what is not in the log was shown to nobody else.
func (s *Standing) Waits(shown []SignedLines) bool {
	return slices.ContainsFunc(shown, func(d SignedLines) bool {
		r, err := ParseResolution(d.Lines)
		return err == nil && r.Kind == KindRotation && s.enough(r, d.Lines, d.Signatures) && s.mayFollow(r, d.Lines)
	})
}

// Unlogged says whether the newest list that a server shows, by the leaf hashes of all it shows, is not in the log yet. Until it
// is there, nothing that its members signed can be found there either, so that what the panel decided is not known.
func (s *Standing) Unlogged(lists [][32]byte) bool {
	return len(lists) > 0 && !slices.Contains(s.hashes, lists[len(lists)-1])
}

// WithheldError says what stands in the log and was not shown: "list" and its version, "revoke" or "rotation".
type WithheldError struct{ What []string }

func (e *WithheldError) Error() string {
	words := make([]string, 0, len(e.What))
	for _, what := range e.What {
		switch kind, version, _ := strings.Cut(what, " "); kind {
		case KindRevoke:
			words = append(words, "that the panel called a key back")
		case KindRotation:
			words = append(words, "what the panel decided last about its keys")
		default:
			words = append(words, "list "+version+" of the panel's members")
		}
	}
	return "the public log has what this server does not show: " + strings.Join(words, ", ")
}

// Withheld compares with what a server shows: the leaf hashes of its lists, and the lines of what it says was decided. The
// log must have been read before. The error is a *WithheldError.
func (s *Standing) Withheld(lists [][32]byte, decided []string) error {
	var what []string
	for i, hash := range s.hashes {
		if !slices.Contains(lists, hash) {
			what = append(what, "list "+strconv.Itoa(i+1))
		}
	}
	if slices.ContainsFunc(s.revocations, func(lines string) bool { return !slices.Contains(decided, lines) }) {
		what = append(what, KindRevoke)
	}
	if n := len(s.rotations); n > 0 && !slices.Contains(decided, s.rotations[n-1].lines) {
		what = append(what, KindRotation)
	}
	if what == nil {
		return nil
	}
	return &WithheldError{what}
}

// WithheldChain is Withheld for what a writer is given, which has no rotations in it.
func (s *Standing) WithheldChain(c *Chain) error {
	var lists [][32]byte
	for _, text := range c.Manifests {
		lists = append(lists, transparency.Leaf(text).Hash())
	}
	decided := []string{}
	for _, text := range c.Revocations {
		lines, _ := splitSigned(text, "signature")
		decided = append(decided, lines)
	}
	known := &Standing{hashes: s.hashes, revocations: s.revocations}
	return known.Withheld(lists, decided)
}

// InUse says whether nothing in the log speaks against a key's being the one in use: that it is called back, or that it is past
// its last day and another one has begun. One day is left for clocks that are off. The error is a *ChainError.
func (s *Standing) InUse(r *Record, today time.Time) error {
	if s.Revoked(r.ID) {
		return &ChainError{BrokenRevoked}
	}
	if s.Epoch(r.ID) == nil {
		return &ChainError{BrokenUnlogged}
	}
	yesterday := today.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	if !r.NotAfter.Before(yesterday) {
		return nil
	}
	if slices.ContainsFunc(s.epochs, func(e StandingEpoch) bool {
		return e.Record.NotBefore.After(r.NotBefore) && !e.Record.NotBefore.After(yesterday) && !s.Revoked(e.Record.ID)
	}) {
		return &ChainError{BrokenDays}
	}
	return nil
}

// Days says how many days after today have a key without a gap, 0 on the last such day, and -1 when today has none; what is called
// back does not count.
func (s *Standing) Days(today time.Time) int {
	var epochs []Epoch
	for _, e := range s.epochs {
		if !s.Revoked(e.Record.ID) {
			epochs = append(epochs, Epoch{NotBefore: e.Record.NotBefore, NotAfter: e.Record.NotAfter})
		}
	}
	today = today.UTC().Truncate(24 * time.Hour)
	return int(cover(epochs, today).Sub(today)/(24*time.Hour)) - 1
}

// Few says whether so many days are few enough to warn of.
func Few(days int) bool { return days <= warningDays }

// Reasons why a key is not one that the panel would have.
var (
	// ErrNumber means that another number of members opens a key than the panel decided.
	ErrNumber = errors.New("another number of members opens this key than the panel decided")
	// ErrTerm means that a key's days are not those that the panel decided.
	ErrTerm = errors.New("the days of this key are not those that the panel decided")
)

// longestMonth is the most days of a key that lasts to the end of a month: with a rest of the month before.
const longestMonth = 31 + shortMonth - 1

// Fits holds a record against what its panel decided; r is nil when it never did. Then one member opens a key, and only the
// bounds hold within which a panel can decide. A key may be shorter than decided, where another begins; what it sealed is kept
// exactly as long. Errors: ErrNumber, ErrTerm.
func (r *Rotation) Fits(record *Record) error {
	k, longest := 1, maxEpochDays+1
	if r != nil {
		k, longest = min(r.K, record.N), longestMonth
		if r.Days > 0 {
			longest = r.Days
		}
	}
	if record.K != k {
		return fmt.Errorf("%w: %d, and not %d", ErrNumber, record.K, k)
	}
	if record.NotAfter.After(record.NotBefore.AddDate(0, 0, longest-1)) {
		return fmt.Errorf("%w: it would be in use for more than %d days", ErrTerm, longest)
	}
	if r == nil && record.RetainUntil.After(record.NotAfter.AddDate(0, 0, maxRetainDays)) {
		return fmt.Errorf("%w: it would be kept for more than %d days", ErrTerm, maxRetainDays)
	}
	if r != nil && !record.RetainUntil.Equal(record.NotAfter.AddDate(0, 0, r.RetainDays)) {
		return fmt.Errorf("%w: what it seals is kept for %d days after its last", ErrTerm, r.RetainDays)
	}
	return nil
}

// SplitDecision parts a decision's leaf into its lines and signatures.
func SplitDecision(leaf transparency.Leaf) SignedLines {
	lines, signatures := splitSigned(string(leaf), "signature")
	return SignedLines{lines, signatures}
}

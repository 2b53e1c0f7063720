// Package transparency keeps the log: one leaf for every act that somebody must be able to hold us to. A submission
// taken in, a key put into use, a panel changed: each writes its leaf in the transaction of the act itself.
//
// It promises that leaves of writers' acts enter the log only with the batch, sorted by leaf hash, so that neither
// order nor time can be read from it; that leaves of keys enter at once, so that nobody seals to a key that is not in
// the log; and that nothing appended is lost or moved.
//
// It leaves the meaning of leaves to the packages that write them. FORMAT.md is the specification.
package transparency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/uptrace/bun"
)

const labelLeaf = "answerable/leaf/v1"

// maxLeaf is the largest leaf in bytes, the limit of an entry in C2SP tlog-tiles bundles.
const maxLeaf = 65535

// Leaf is the text of one entry: lines, each ended by a newline. The first is the label, the second the type.
type Leaf []byte

// NewLeaf joins a type and its lines.
func NewLeaf(kind string, lines ...string) Leaf {
	var b bytes.Buffer
	b.WriteString(labelLeaf + "\n" + kind + "\n")
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return b.Bytes()
}

// Hash is the RFC 6962 leaf hash: SHA-256 of a zero byte and the leaf.
func (l Leaf) Hash() [32]byte {
	return sha256.Sum256(append([]byte{0}, l...))
}

// Kind is the second line, or "" when this is not a leaf.
func (l Leaf) Kind() string {
	lines := bytes.SplitN(l, []byte{'\n'}, 3)
	if len(lines) < 3 || string(lines[0]) != labelLeaf {
		return ""
	}
	return string(lines[1])
}

// Kinds of leaves.
const (
	KindSubmission = "submission"
	KindAction     = "action"
	KindWithdrawn  = "withdrawn"
	KindPanel      = "panel"
	KindEpoch      = "epoch"
	KindRevoke     = "revoke"
	KindShred      = "shred"
	KindCode       = "code"
	KindExport     = "export"
	KindCharter    = "charter"
	KindSupport    = "support"
	KindRotation   = "rotation"
	KindSettings   = "settings"
	KindOpen       = "open"      // a reviewer asks colleagues to open an epoch together
	KindRelease    = "release"   // figures that a panel lets out
	KindJudgement  = "judgement" // what members of a panel say of a clinic's promise
)

// waits says which kinds enter with the batch. The others are about keys and enter at once.
func waits(kind string) (bool, error) {
	switch kind {
	case KindSubmission, KindAction, KindWithdrawn:
		return true, nil
	case KindPanel, KindEpoch, KindRevoke, KindShred, KindCode, KindExport, KindCharter, KindSupport, KindRotation, KindSettings, KindOpen, KindRelease, KindJudgement:
		return false, nil
	}
	return false, fmt.Errorf("leaf of unknown kind %q", kind)
}

// Known says whether leaves of a kind may stand in the log.
func Known(kind string) bool {
	_, err := waits(kind)
	return err == nil
}

// Batched says whether leaves of a kind wait for the batch.
func Batched(kind string) bool {
	wait, err := waits(kind)
	return wait && err == nil
}

// Submission is the content of a submission's leaf. Both commitments stand in public, so that the writer finds the own
// leaf from the receipt alone, and nobody can claim a withdrawal that the writer did not make.
type Submission struct {
	Epoch                      string
	FileHash, Anchor, Withdraw [32]byte
}

// Leaf writes the submission's five lines.
func (s Submission) Leaf() Leaf {
	b64 := base64.StdEncoding.EncodeToString
	return NewLeaf(KindSubmission, s.Epoch, b64(s.FileHash[:]), b64(s.Anchor[:]), b64(s.Withdraw[:]))
}

var epochID = regexp.MustCompile(`^[a-z0-9-]{4,32}$`)

// ErrLeaf means that bytes are not the leaf they should be.
var ErrLeaf = errors.New("not a well-formed leaf")

// ParseSubmission reads exactly what Submission.Leaf writes. Errors wrap ErrLeaf.
func ParseSubmission(l Leaf) (*Submission, error) {
	lines := strings.Split(string(l), "\n")
	if len(lines) != 7 || lines[0] != labelLeaf || lines[1] != KindSubmission || lines[6] != "" {
		return nil, fmt.Errorf("%w: not the lines of a submission", ErrLeaf)
	}
	if !epochID.MatchString(lines[2]) {
		return nil, fmt.Errorf("%w: the epoch's id is not 4 to 32 of a-z, 0-9 and -", ErrLeaf)
	}
	s := &Submission{Epoch: lines[2]}
	for i, to := range []*[32]byte{&s.FileHash, &s.Anchor, &s.Withdraw} {
		b, err := base64.StdEncoding.Strict().DecodeString(lines[3+i])
		if err != nil || len(b) != 32 {
			return nil, fmt.Errorf("%w: line %d is not 32 bytes in base64", ErrLeaf, 4+i)
		}
		*to = [32]byte(b)
	}
	if !bytes.Equal(s.Leaf(), l) {
		return nil, fmt.Errorf("%w: not written as we write it", ErrLeaf)
	}
	return s, nil
}

// Withdrawn is the content of the leaf with which a writer takes a message back. The token is the preimage of the
// submission's withdraw commitment, so nobody else can write this leaf.
type Withdrawn struct {
	Anchor, Token [32]byte
}

// Leaf writes the withdrawal's two lines.
func (w Withdrawn) Leaf() Leaf {
	b64 := base64.StdEncoding.EncodeToString
	return NewLeaf(KindWithdrawn, b64(w.Anchor[:]), b64(w.Token[:]))
}

// ParseWithdrawn reads exactly what Withdrawn.Leaf writes. Errors wrap ErrLeaf.
func ParseWithdrawn(l Leaf) (*Withdrawn, error) {
	lines := strings.Split(string(l), "\n")
	if len(lines) != 5 || l.Kind() != KindWithdrawn || lines[4] != "" {
		return nil, fmt.Errorf("%w: not the lines of a withdrawal", ErrLeaf)
	}
	w := &Withdrawn{}
	for i, to := range []*[32]byte{&w.Anchor, &w.Token} {
		b, err := base64.StdEncoding.Strict().DecodeString(lines[2+i])
		if err != nil || len(b) != 32 {
			return nil, fmt.Errorf("%w: line %d is not 32 bytes in base64", ErrLeaf, 3+i)
		}
		*to = [32]byte(b)
	}
	return w, nil
}

// Undoes says whether this is the writer's withdrawal of a submission.
func (w *Withdrawn) Undoes(s *Submission) bool {
	return w.Anchor == s.Anchor && sha256.Sum256(w.Token[:]) == s.Withdraw
}

// Entry is a leaf in its place in the log.
type Entry struct {
	bun.BaseModel `bun:"table:log_leaf"`

	Index    int64  `bun:"index,pk"`
	LeafHash []byte `bun:"leaf_hash"`
	Leaf     []byte `bun:"leaf"`
}

// Waiting is a leaf that enters with the next batch.
type Waiting struct {
	bun.BaseModel `bun:"table:log_waiting"`

	LeafHash []byte `bun:"leaf_hash,pk"`
	Leaf     []byte `bun:"leaf"`
}

// Append writes a leaf in the transaction of the act it records. Leaves of writers' and reviewers' acts wait for the
// batch; leaves of keys get the next place at once.
func Append(ctx context.Context, tx bun.IDB, l Leaf) error {
	wait, err := waits(l.Kind())
	if err != nil {
		return err
	}
	if len(l) > maxLeaf {
		return fmt.Errorf("leaf has %d bytes, at most %d fit", len(l), maxLeaf)
	}
	hash := l.Hash()
	if wait {
		if _, err := tx.NewInsert().Model(&Waiting{LeafHash: hash[:], Leaf: l}).Exec(ctx); err != nil {
			return fmt.Errorf("append waiting leaf: %w", err)
		}
		return nil
	}
	if err := lockLog(ctx, tx); err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		INSERT INTO log_leaf (index, leaf_hash, leaf)
		SELECT coalesce(max(index) + 1, 0), ?, ?
		FROM log_leaf`, hash[:], []byte(l)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("append leaf: %w", err)
	}
	return nil
}

// Lock is the lock under which places are given out, for a transaction that will need it after others. Whoever takes it with
// further locks takes it first: an act that destroys files holds it when it comes to them.
func Lock(ctx context.Context, tx bun.IDB) error { return lockLog(ctx, tx) }

// lockLog lets one transaction at a time give out places. It is an advisory lock of the transaction, so that it works
// behind a pooler and ends with the connection.
func lockLog(ctx context.Context, tx bun.IDB) error {
	if _, err := tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtext('answerable log'))`).Exec(ctx); err != nil {
		return fmt.Errorf("lock log: %w", err)
	}
	return nil
}

// follows is a condition on a waiting leaf: it takes back a submission that waits beside it. A leaf's lines are text, so
// the database can read them: the third of a withdrawal and the fifth of a submission are the same anchor.
const follows = `split_part(convert_from(later.leaf, 'UTF8'), E'\n', 2) = 'withdrawn' AND EXISTS (
		SELECT FROM log_waiting AS earlier
		WHERE split_part(convert_from(earlier.leaf, 'UTF8'), E'\n', 2) = 'submission'
		  AND split_part(convert_from(earlier.leaf, 'UTF8'), E'\n', 5) = split_part(convert_from(later.leaf, 'UTF8'), E'\n', 3))`

// Sequence moves the waiting leaves into the log, sorted by leaf hash, and empties the waiting table. One INSERT gives all
// rows one transaction id; TRUNCATE starts a new file. A leaf that takes back a submission of this batch stays for the
// next: within a batch the hash alone decides on the place, and nothing may be taken back before it was told.
//
// The caller's transaction must be READ COMMITTED and must have locked what its leaves came from; the lock on log_waiting
// is a statement of its own, before the SELECT takes its snapshot: without it a leaf that commits between the two would be
// emptied away unread.
func Sequence(ctx context.Context, tx bun.IDB) (leaves int, err error) {
	if _, err := tx.NewRaw(`LOCK TABLE log_waiting IN ACCESS EXCLUSIVE MODE`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("lock waiting leaves: %w", err)
	}
	if err := lockLog(ctx, tx); err != nil {
		return 0, err
	}
	var stay []Waiting
	if err := tx.NewRaw(`SELECT leaf_hash, leaf FROM log_waiting AS later WHERE `+follows+` ORDER BY leaf_hash`).Scan(ctx, &stay); err != nil {
		return 0, fmt.Errorf("look for leaves that must follow: %w", err)
	}
	res, err := tx.NewRaw(`
		INSERT INTO log_leaf (index, leaf_hash, leaf)
		SELECT (SELECT coalesce(max(index) + 1, 0) FROM log_leaf) + row_number() OVER (ORDER BY leaf_hash) - 1,
		       leaf_hash, leaf
		FROM log_waiting AS later
		WHERE NOT (` + follows + `)
		ORDER BY leaf_hash`).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("sequence waiting leaves: %w", err)
	}
	if _, err := tx.NewRaw(`TRUNCATE log_waiting`).Exec(ctx); err != nil {
		return 0, fmt.Errorf("empty waiting leaves: %w", err)
	}
	if len(stay) > 0 {
		if _, err := tx.NewInsert().Model(&stay).Exec(ctx); err != nil {
			return 0, fmt.Errorf("keep leaves for the next batch: %w", err)
		}
	}
	n, err := res.RowsAffected()
	return int(n), err
}

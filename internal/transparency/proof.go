package transparency

import (
	"context"
	"errors"
	"fmt"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof means that a proof does not show what it should.
var ErrProof = errors.New("this proof does not hold")

// maxProof bounds what is read as a proof, in bytes.
const maxProof = 256 << 10

// Proof shows that a leaf stands in a log (c2sp.org/tlog-proof). The leaf goes along as its extra data.
type Proof struct {
	Index      int64
	Leaf       Leaf
	Checkpoint *Checkpoint
	Hashes     tlog.RecordProof
}

// Prove makes the proof for a leaf that Walk gave.
func Prove(ctx context.Context, source Source, c *Checkpoint, index int64, l Leaf) (*Proof, error) {
	hashes, err := tlog.ProveRecord(c.Size, index, Hashes(ctx, source, c))
	if err != nil {
		return nil, fmt.Errorf("prove leaf: %w", err)
	}
	return &Proof{Index: index, Leaf: l, Checkpoint: c, Hashes: hashes}, nil
}

// ProvePublished proves the place of a leaf in the tree that everybody is given; nil where that does not have it yet.
func (l *Log) ProvePublished(ctx context.Context, leaf Leaf) (*Proof, error) {
	published, err := l.Published(ctx)
	if err != nil || published == "" {
		return nil, err
	}
	c, err := ParseCheckpoint([]byte(published), l.Verifier)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	hash := leaf.Hash()
	var at []int64
	err = l.DB.NewRaw(`SELECT index FROM log_leaf WHERE leaf_hash = ? ORDER BY index LIMIT 1`, hash[:]).Scan(ctx, &at)
	if err != nil {
		return nil, fmt.Errorf("find leaf: %w", err)
	}
	if len(at) == 0 || at[0] >= c.Size {
		return nil, nil
	}
	hashes, err := tlog.ProveRecord(c.Size, at[0], l.hashes(ctx, l.DB, c))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return &Proof{Index: at[0], Leaf: leaf, Checkpoint: c, Hashes: hashes}, nil
}

// Marshal writes the file.
func (p *Proof) Marshal() []byte {
	hashes := make([][tlog.HashSize]byte, len(p.Hashes))
	for i, h := range p.Hashes {
		hashes[i] = h
	}
	return proof.TLogProof{Index: uint64(p.Index), Hashes: hashes, Checkpoint: []byte(p.Checkpoint.Note), ExtraData: p.Leaf}.Marshal()
}

// ParseProof reads a proof file and checks it: the checkpoint's signature, and that the leaf in it stands where it says.
// Who has cosigned is for the caller to ask. A file without the leaf takes it from l. Errors wrap ErrProof or
// ErrCheckpoint.
func ParseProof(file []byte, l Leaf, verifier note.Verifier) (*Proof, error) {
	var read proof.TLogProof
	if len(file) > maxProof {
		return nil, fmt.Errorf("%w: the file is longer than %d bytes", ErrProof, maxProof)
	}
	if err := read.Unmarshal(file); err != nil || string(read.Marshal()) != string(file) {
		return nil, fmt.Errorf("%w: the file is not a c2sp.org/tlog-proof@v1", ErrProof)
	}
	c, err := ParseCheckpoint(read.Checkpoint, verifier)
	if err != nil {
		return nil, err
	}
	p := &Proof{Index: int64(read.Index), Leaf: l, Checkpoint: c}
	if l == nil {
		p.Leaf = Leaf(read.ExtraData)
	}
	for _, h := range read.Hashes {
		p.Hashes = append(p.Hashes, h)
	}
	if p.Leaf == nil {
		return nil, fmt.Errorf("%w: the leaf is not in the file", ErrProof)
	}
	if p.Index < 0 || p.Index >= c.Size || tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, p.Leaf.Hash()) != nil {
		return nil, fmt.Errorf("%w: the leaf does not stand in this log", ErrProof)
	}
	return p, nil
}

package transparency

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Log is the tree over the leaves, with its signed checkpoint. Every replica has one, with the same key.
//
// Leaves get their places in the transaction of the act or of the batch; Sign brings the tree up to them. The batch signs
// in its own transaction; for leaves of keys the server does it within a second. Whatever is cut off in between goes on
// from there: the tree is never longer than the leaves.
type Log struct {
	DB       *bun.DB
	Signer   note.Signer
	Verifier note.Verifier // of Signer
	VKey     string        // of Signer, for others to check with
	Memory   *Memory       // what was signed last, outside the database

	// Witnessed says whether a note carries the cosignatures that must be there before it is given out. nil: none must.
	Witnessed func(signed string) bool
}

// head is the newest checkpoint that was signed; nil before the first.
func (l *Log) head(ctx context.Context, db bun.IDB) (*Checkpoint, error) {
	var signed string
	err := db.NewRaw(`SELECT signed FROM log_checkpoint`).Scan(ctx, &signed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := ParseCheckpoint([]byte(signed), l.Verifier)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return c, nil
}

// Head is the newest checkpoint that was signed, whoever has cosigned it; nil before the first.
func (l *Log) Head(ctx context.Context) (*Checkpoint, error) { return l.head(ctx, l.DB) }

// hashes reads the tree of a checkpoint out of the database. What it gives has been checked against the checkpoint's root.
func (l *Log) hashes(ctx context.Context, db bun.IDB, c *Checkpoint) tlog.HashReader {
	if c == nil || c.Size == 0 {
		return tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, fmt.Errorf("%w: the tree is empty", ErrBroken) })
	}
	return tlog.TileHashReader(c.Tree(), newTileReader(func(t tlog.Tile) ([]byte, error) { return readHashes(ctx, db, t) }))
}

// ErrBroken means that leaves, tree and checkpoint of this database do not belong together.
var ErrBroken = errors.New("the log's leaves, tree and checkpoint do not belong together: something changed this database")

// errMoved means that another replica was faster, although the lock should have kept it waiting.
var errMoved = errors.New("the checkpoint was replaced meanwhile")

// Sign brings the tree up to the last leaf and replaces the checkpoint, in the caller's READ COMMITTED transaction. When
// nothing is new it does nothing. What it reads of the old tree is checked against the old checkpoint, and the old
// checkpoint against Memory. The caller calls Keep after its commit. Errors: ErrBroken, ErrRolledBack.
func (l *Log) Sign(ctx context.Context, tx bun.IDB) error {
	if err := lockLog(ctx, tx); err != nil {
		return err
	}
	old, err := l.compared(ctx, tx)
	if err != nil {
		return err
	}
	var from int64
	if old != nil {
		from = old.Size
	}
	var fresh []tlog.Hash
	if fresh, err = leafHashes(ctx, tx, from); err != nil || len(fresh) == 0 && old != nil {
		return err
	}
	g := &growth{old: l.hashes(ctx, tx, old), from: from, known: map[int64]tlog.Hash{}}
	tree, err := g.grow(fresh)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if err := insertNodes(ctx, tx, g.nodes()); err != nil {
		return err
	}
	c, err := signCheckpoint(l.Signer, tree)
	if err != nil {
		return err
	}
	return l.replace(ctx, tx, old, c)
}

// leafHashes lists the hashes of leaves that the tree does not have yet.
func leafHashes(ctx context.Context, tx bun.IDB, from int64) ([]tlog.Hash, error) {
	var rows []struct {
		Index    int64  `bun:"index"`
		LeafHash []byte `bun:"leaf_hash"`
	}
	if err := tx.NewRaw(`SELECT index, leaf_hash FROM log_leaf WHERE index >= ? ORDER BY index`, from).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("list new leaves: %w", err)
	}
	hashes := make([]tlog.Hash, len(rows))
	for i, r := range rows {
		if r.Index != from+int64(i) {
			return nil, fmt.Errorf("%w: leaf %d is missing", ErrBroken, from+int64(i))
		}
		hashes[i] = tlog.Hash(r.LeafHash)
	}
	return hashes, nil
}

// growth works out a larger tree from a smaller one and new leaves.
type growth struct {
	old   tlog.HashReader
	from  int64
	known map[int64]tlog.Hash // by index of package tlog
	fresh []int64             // those of known that the old tree does not have
}

// ReadHashes gives hashes of the old tree and of what has grown on it.
func (g *growth) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	missing := slices.DeleteFunc(slices.Clone(indexes), func(i int64) bool { _, ok := g.known[i]; return ok })
	if len(missing) > 0 {
		read, err := g.old.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, index := range missing {
			g.known[index] = read[i]
		}
	}
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = g.known[index]
	}
	return hashes, nil
}

func (g *growth) grow(leaves []tlog.Hash) (tlog.Tree, error) {
	size := g.from
	if size > 0 { // reads all hashes of the right edge at once; one by one each would be checked up to the root
		if _, err := tlog.TreeHash(size, g); err != nil {
			return tlog.Tree{}, err
		}
	}
	for _, hash := range leaves {
		stored, err := tlog.StoredHashesForRecordHash(size, hash, g)
		if err != nil {
			return tlog.Tree{}, err
		}
		for i, h := range stored {
			index := tlog.StoredHashIndex(0, size) + int64(i)
			g.known[index] = h
			g.fresh = append(g.fresh, index)
		}
		size++
	}
	root, err := tlog.TreeHash(size, g)
	return tlog.Tree{N: size, Hash: root}, err
}

// node is a hash above the leaves that a tile of level 1 or more holds.
type node struct {
	Level int    `bun:"level"`
	Index int64  `bun:"index"`
	Hash  []byte `bun:"hash"`
}

// nodes lists what has grown at the heights that tiles keep, in order.
func (g *growth) nodes() []node {
	var nodes []node
	for _, index := range g.fresh {
		if level, n := tlog.SplitStoredHashIndex(index); level > 0 && level%tileHeight == 0 {
			hash := g.known[index]
			nodes = append(nodes, node{level / tileHeight, n, hash[:]})
		}
	}
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Index, b.Index)) })
	return nodes
}

func insertNodes(ctx context.Context, tx bun.IDB, nodes []node) error {
	for some := range slices.Chunk(nodes, 1000) {
		if _, err := tx.NewInsert().Model(&some).ModelTableExpr("log_node").Exec(ctx); err != nil {
			return fmt.Errorf("keep tree: %w", err)
		}
	}
	return nil
}

// replace puts a new checkpoint in the old one's place, and only there.
func (l *Log) replace(ctx context.Context, tx bun.IDB, old, c *Checkpoint) error {
	var published, size any // null where witnesses come first
	if l.Witnessed == nil {
		published, size = c.Note, c.Size
	}
	query := tx.NewRaw(`
		INSERT INTO log_checkpoint (size, root, signed, published_size, published)
		VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, c.Size, c.Root[:], c.Note, size, published)
	if old != nil {
		query = tx.NewRaw(`
			UPDATE log_checkpoint
			SET size = ?, root = ?, signed = ?, published_size = coalesce(?, published_size), published = coalesce(?, published)
			WHERE size = ? AND root = ?`, c.Size, c.Root[:], c.Note, size, published, old.Size, old.Root[:])
	}
	res, err := query.Exec(ctx)
	if err != nil {
		return fmt.Errorf("replace checkpoint: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errMoved)
	}
	return nil
}

// SignNow is Sign and Keep in a transaction of their own, for leaves that got their places without a batch. It asks first
// whether there is anything to do, so that it may be called every second.
func (l *Log) SignNow(ctx context.Context) error {
	var behind bool
	err := l.DB.NewRaw(`
		SELECT NOT EXISTS (SELECT FROM log_checkpoint)
		    OR EXISTS (SELECT FROM log_leaf WHERE index >= (SELECT size FROM log_checkpoint))`).Scan(ctx, &behind)
	if err != nil {
		return fmt.Errorf("look for unsigned leaves: %w", err)
	}
	if behind {
		err := l.DB.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, func(ctx context.Context, tx bun.Tx) error { return l.Sign(ctx, tx) })
		if err != nil {
			return fmt.Errorf("sign log: %w", err)
		}
	}
	return l.Keep(ctx)
}

// Open compares leaves, tree, checkpoint and Memory, and signs what was appended since. A server that gets an error must
// not run. Errors: ErrBroken, ErrRolledBack.
func (l *Log) Open(ctx context.Context) error {
	head, err := l.compared(ctx, l.DB)
	if err != nil {
		return err
	}
	if head != nil && head.Size > 0 {
		if err := l.checkEdge(ctx, head); err != nil {
			return err
		}
	}
	return l.SignNow(ctx)
}

// checkEdge reads the right edge of the tree and the last leaves, and compares them with the checkpoint. What lies further
// left is checked by everybody who follows the log from its first leaf.
func (l *Log) checkEdge(ctx context.Context, head *Checkpoint) error {
	last := tlog.Tile{H: tileHeight, L: -1, N: (head.Size - 1) >> tileHeight, W: int((head.Size-1)%tileWidth) + 1}
	source := sourceFunc(func(ctx context.Context, path string) ([]byte, error) { return l.ReadTile(ctx, path) })
	f := follower{source: source, tiles: l.hashes(ctx, l.DB, head)}
	if _, err := f.entries(ctx, last); err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return nil
}

// Published is the checkpoint that everybody is given; "" when none has its cosignatures yet.
func (l *Log) Published(ctx context.Context) (string, error) {
	var published []string
	if err := l.DB.NewRaw(`SELECT published FROM log_checkpoint WHERE published IS NOT NULL`).Scan(ctx, &published); err != nil {
		return "", fmt.Errorf("read published checkpoint: %w", err)
	}
	if len(published) == 0 {
		return "", nil
	}
	return published[0], nil
}

// Publish gives out a checkpoint that Head gave, with the cosignatures that signed carries, unless one of a larger tree is
// out already. done is false when its policy asks for more.
func (l *Log) Publish(ctx context.Context, signed string) (done bool, err error) {
	c, err := ParseCheckpoint([]byte(signed), l.Verifier)
	if err != nil {
		return false, err
	}
	if l.Witnessed != nil && !l.Witnessed(signed) {
		return false, nil
	}
	_, err = l.DB.NewRaw(`
		UPDATE log_checkpoint
		SET published_size = ?, published = ?
		WHERE size >= ? AND coalesce(published_size, 0) <= ?`, c.Size, signed, c.Size, c.Size).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("publish checkpoint: %w", err)
	}
	return true, nil
}

// ProveGrowth proves that the tree of head begins with the tree of an earlier size (RFC 6962, section 2.1.2). From size 0
// the proof is empty.
func (l *Log) ProveGrowth(ctx context.Context, head *Checkpoint, from int64) (tlog.TreeProof, error) {
	if from == 0 || from == head.Size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(head.Size, from, l.hashes(ctx, l.DB, head))
	if err != nil {
		return nil, fmt.Errorf("prove growth: %w", err)
	}
	return proof, nil
}

// LogCode appends a leaf for the page scripts that this server gives out, unless the newest such leaf is for just these
// files. Each leaf stands in the log once, so a server that goes back to what it gave before puts #2, #3 and so on behind
// the release.
func (l *Log) LogCode(ctx context.Context, release string, files map[string][32]byte) error {
	return l.DB.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, func(ctx context.Context, tx bun.Tx) error {
		if err := lockLog(ctx, tx); err != nil {
			return err
		}
		var leaves []Leaf
		err := tx.NewRaw(`SELECT leaf FROM log_leaf WHERE starts_with(convert_from(substr(leaf, 1, 24), 'SQL_ASCII'), ?) ORDER BY index DESC`, labelLeaf+"\n"+KindCode+"\n").
			Scan(ctx, &leaves)
		if err != nil {
			return fmt.Errorf("look for code leaf: %w", err)
		}
		if len(leaves) > 0 {
			if newest, err := ParseCode(leaves[0]); err == nil && maps.Equal(newest.Files, files) {
				return nil
			}
		}
		code := Code{Release: release, Files: files}
		for n := 2; slices.ContainsFunc(leaves, func(l Leaf) bool { return bytes.Equal(l, code.Leaf()) }); n++ {
			code.Release = fmt.Sprintf("%s#%d", release, n)
		}
		return Append(ctx, tx, code.Leaf())
	})
}

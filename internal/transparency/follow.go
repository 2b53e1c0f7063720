package transparency

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// Source gives the files of a log by their path below its prefix, such as checkpoint or tile/0/000. A file that is not
// there is an error that wraps ErrNoTile.
type Source interface {
	Read(ctx context.Context, path string) ([]byte, error)
}

// sourceFunc makes a Source of a function.
type sourceFunc func(ctx context.Context, path string) ([]byte, error)

// Read calls the function.
func (f sourceFunc) Read(ctx context.Context, path string) ([]byte, error) { return f(ctx, path) }

// Directory is a Source on disk: a copy of the files that a log serves.
type Directory string

// Read reads one file.
func (d Directory) Read(_ context.Context, path string) ([]byte, error) {
	if !filepath.IsLocal(path) {
		return nil, ErrNoTile
	}
	content, err := os.ReadFile(filepath.Join(string(d), filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoTile
	}
	return content, err
}

// Copying is a Source that keeps what another gives in a directory, for later, without a network.
type Copying struct {
	Source
	Dir string
}

// Read reads one file and keeps it.
func (c Copying) Read(ctx context.Context, path string) ([]byte, error) {
	content, err := c.Source.Read(ctx, path)
	if err != nil || !filepath.IsLocal(path) {
		return content, err
	}
	to := filepath.Join(c.Dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return nil, err
	}
	return content, os.WriteFile(to, content, 0o644)
}

// SplitViewError is the proof that a log has shown two histories: two checkpoints, both signed by it, of which neither can
// grow into the other.
type SplitViewError struct{ One, Other *Checkpoint }

func (e *SplitViewError) Error() string {
	return fmt.Sprintf("the log has signed two histories that cannot both be true, of %d and of %d leaves", e.One.Size, e.Other.Size)
}

// Hashes reads the tree of a checkpoint out of a source. What it gives has been checked against the checkpoint's root.
func Hashes(ctx context.Context, source Source, c *Checkpoint) tlog.HashReader {
	return tlog.TileHashReader(c.Tree(), newTileReader(func(t tlog.Tile) ([]byte, error) {
		return readTile(ctx, source, t)
	}))
}

// readTile falls back to the full tile where a log has thrown a partial one away.
func readTile(ctx context.Context, source Source, t tlog.Tile) ([]byte, error) {
	content, err := source.Read(ctx, tilePath(t))
	if err == nil || t.W == tileWidth || !errors.Is(err, ErrNoTile) {
		return content, err
	}
	full := t
	full.W = tileWidth
	wide, err := source.Read(ctx, tilePath(full))
	if err != nil {
		return nil, err
	}
	if t.L >= 0 {
		return wide[:min(len(wide), t.W*tlog.HashSize)], nil
	}
	_, rest, err := cutEntries(wide, t.W)
	return wide[:len(wide)-len(rest)], err
}

// CheckGrowth checks that the log of now begins with the log of before. Errors: *SplitViewError where it does not,
// ErrShrunk where now is the smaller, and those of the source.
func CheckGrowth(ctx context.Context, source Source, before, now *Checkpoint) error {
	if before.Size > now.Size {
		return ErrShrunk
	}
	root := now.Root
	if before.Size < now.Size {
		var err error
		if root, err = tlog.TreeHash(before.Size, Hashes(ctx, source, now)); err != nil {
			return fmt.Errorf("read the tree: %w", err)
		}
	}
	if root != before.Root {
		return &SplitViewError{before, now}
	}
	return nil
}

// ErrShrunk means that a log shows fewer leaves than it did before.
var ErrShrunk = errors.New("the log shows fewer leaves than it has shown before")

// Walk reads the leaves of a checkpoint from an index on, whole bundles only, and checks each against the tree. each may
// stop it with an error. Errors: ErrTile where the source gives something else than the checkpoint signs.
func Walk(ctx context.Context, source Source, c *Checkpoint, from int64, each func(index int64, l Leaf) error) error {
	f := follower{source: source, tiles: Hashes(ctx, source, c)}
	for n := from >> tileHeight; n<<tileHeight < c.Size; n++ {
		t := tlog.Tile{H: tileHeight, L: -1, N: n, W: int(min(tileWidth, c.Size-n<<tileHeight))}
		leaves, err := f.entries(ctx, t)
		if err != nil {
			return err
		}
		for i, l := range leaves {
			index := n<<tileHeight + int64(i)
			if index < from {
				continue
			}
			if err := each(index, l); err != nil {
				return err
			}
		}
	}
	return nil
}

type follower struct {
	source Source
	tiles  tlog.HashReader
}

// entries reads a bundle and compares it with the tree.
func (f *follower) entries(ctx context.Context, t tlog.Tile) ([]Leaf, error) {
	content, err := readTile(ctx, f.source, t)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	leaves, err := ParseBundle(content, t.W)
	if err != nil {
		return nil, err
	}
	indexes := make([]int64, t.W)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, t.N<<tileHeight+int64(i))
	}
	hashes, err := f.tiles.ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	for i, l := range leaves {
		if l.Hash() != hashes[i] {
			return nil, fmt.Errorf("%w: leaf %d is not the one that the checkpoint signs", ErrTile, t.N<<tileHeight+int64(i))
		}
	}
	return leaves, nil
}

package transparency

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of C2SP tlog-tiles: a full tile is 256 hashes wide.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// ErrNoTile means that a log has no such file: the path is not one of tlog-tiles, or the log is not that long yet.
var ErrNoTile = errors.New("this log has no such tile")

// parseTilePath reads a path below a log's prefix: tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>] (c2sp.org/tlog-tiles).
// Entries have level -1, as in package tlog.
func parseTilePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || strings.HasPrefix(rest, "data/") {
		return tlog.Tile{}, ErrNoTile
	}
	if n, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = "data/" + n
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", tileHeight, rest))
	if err != nil || t.L > 7 {
		return tlog.Tile{}, ErrNoTile
	}
	return t, nil
}

// tilePath is the other way round.
func tilePath(t tlog.Tile) string {
	rest := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if n, ok := strings.CutPrefix(rest, "data/"); ok {
		rest = "entries/" + n
	}
	return "tile/" + rest
}

// spans says whether a tree of a size has all hashes (or entries) of a tile.
func spans(size int64, t tlog.Tile) bool {
	return t.N<<tileHeight+int64(t.W) <= size>>(tileHeight*max(t.L, 0))
}

// bundle writes entries as tlog-tiles wants them: each with its length before it, 16 bits, big-endian.
func bundle(leaves []Leaf) []byte {
	var b []byte
	for _, l := range leaves {
		b = binary.BigEndian.AppendUint16(b, uint16(len(l)))
		b = append(b, l...)
	}
	return b
}

// ErrTile means that a tile or a bundle of entries is not as tlog-tiles says.
var ErrTile = errors.New("this is not a tile as it should be")

// ParseBundle reads exactly n entries. Errors wrap ErrTile.
func ParseBundle(b []byte, n int) ([]Leaf, error) {
	leaves, rest, err := cutEntries(b, n)
	if err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("%w: something follows its last entry", ErrTile)
	}
	return leaves, err
}

// cutEntries reads the first n entries and gives what follows them.
func cutEntries(b []byte, n int) (leaves []Leaf, rest []byte, err error) {
	leaves = make([]Leaf, 0, n)
	for range n {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, nil, fmt.Errorf("%w: it ends too early", ErrTile)
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		leaves, b = append(leaves, Leaf(b[2:end:end])), b[end:]
	}
	return leaves, b, nil
}

// ReadTile gives the bytes of a tile or a bundle of entries, by its path below the log's prefix. Any width that the signed
// tree has is given, so that every checkpoint ever signed keeps its partial tiles. Errors: ErrNoTile.
func (l *Log) ReadTile(ctx context.Context, path string) ([]byte, error) {
	t, err := parseTilePath(path)
	if err != nil {
		return nil, err
	}
	head, err := l.head(ctx, l.DB)
	if err != nil {
		return nil, err
	}
	if head == nil || !spans(head.Size, t) {
		return nil, ErrNoTile
	}
	return tileIn(ctx, l.DB, t)
}

// CopyTile gives a tile as ReadTile does, for who carries the log away and has no key: it is read as the database holds it,
// and only a checkpoint tells whether it is right. Errors: ErrNoTile, ErrTile.
func CopyTile(ctx context.Context, db bun.IDB, path string) ([]byte, error) {
	t, err := parseTilePath(path)
	if err != nil {
		return nil, err
	}
	return tileIn(ctx, db, t)
}

func tileIn(ctx context.Context, db bun.IDB, t tlog.Tile) ([]byte, error) {
	if t.L >= 0 {
		return readHashes(ctx, db, t)
	}
	var leaves []Leaf
	err := db.NewRaw(`SELECT leaf FROM log_leaf WHERE index >= ? AND index < ? ORDER BY index`, t.N<<tileHeight, t.N<<tileHeight+int64(t.W)).
		Scan(ctx, &leaves)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	if len(leaves) != t.W {
		return nil, fmt.Errorf("%w: entries are missing in the database", ErrTile)
	}
	return bundle(leaves), nil
}

// readHashes gives a tile of hashes out of the database.
func readHashes(ctx context.Context, db bun.IDB, t tlog.Tile) ([]byte, error) {
	from, to := t.N<<tileHeight, t.N<<tileHeight+int64(t.W)
	query := db.NewRaw(`SELECT coalesce(string_agg(leaf_hash, ''::bytea ORDER BY index), '') FROM log_leaf WHERE index >= ? AND index < ?`, from, to)
	if t.L > 0 {
		query = db.NewRaw(`SELECT coalesce(string_agg(hash, ''::bytea ORDER BY index), '') FROM log_node WHERE level = ? AND index >= ? AND index < ?`, t.L, from, to)
	}
	var hashes []byte
	if err := query.Scan(ctx, &hashes); err != nil {
		return nil, fmt.Errorf("read tile: %w", err)
	}
	if len(hashes) != t.W*tlog.HashSize {
		return nil, fmt.Errorf("%w: hashes are missing in the database", ErrTile)
	}
	return hashes, nil
}

// tileReader reads tiles for package tlog, each at most once.
type tileReader struct {
	read func(t tlog.Tile) ([]byte, error)
	had  map[tlog.Tile][]byte
}

func newTileReader(read func(t tlog.Tile) ([]byte, error)) *tileReader {
	return &tileReader{read, map[tlog.Tile][]byte{}}
}

// Height is part of tlog.TileReader.
func (r *tileReader) Height() int { return tileHeight }

// ReadTiles is part of tlog.TileReader.
func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		if had, ok := r.had[t]; ok {
			data[i] = had
			continue
		}
		read, err := r.read(t)
		if err != nil {
			return nil, err
		}
		if len(read) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%w: %s has %d bytes", ErrTile, tilePath(t), len(read))
		}
		data[i], r.had[t] = read, read
	}
	return data, nil
}

// SaveTiles is part of tlog.TileReader. Full tiles of the lowest level are many and each is needed in one place only, so
// they are forgotten.
func (r *tileReader) SaveTiles(tiles []tlog.Tile, _ [][]byte) {
	for _, t := range tiles {
		if t.L == 0 && t.W == tileWidth {
			delete(r.had, t)
		}
	}
}

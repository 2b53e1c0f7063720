package client

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/transparency"
)

// tiles are the files of a log in memory, as tlog-tiles names them.
type tiles struct {
	hashes []tlog.Hash
	leaves []transparency.Leaf
}

func (s *tiles) append(t testing.TB, leaf transparency.Leaf) {
	t.Helper()
	hashes, err := tlog.StoredHashesForRecordHash(int64(len(s.leaves)), leaf.Hash(), s)
	must(t, err)
	s.hashes, s.leaves = append(s.hashes, hashes...), append(s.leaves, leaf)
}

// ReadHashes gives stored hashes by their index.
func (s *tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s.hashes[x]
	}
	return out, nil
}

// Read gives a file of the log.
func (s *tiles) Read(_ context.Context, path string) ([]byte, error) {
	path = strings.Replace(path, "tile/entries/", "tile/data/", 1)
	tile, err := tlog.ParseTilePath(strings.Replace(path, "tile/", "tile/8/", 1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", transparency.ErrNoTile, err)
	}
	if tile.L >= 0 {
		return tlog.ReadTileData(tile, s)
	}
	var entries []byte
	for _, leaf := range s.leaves[tile.N<<8:][:tile.W] {
		entries = append(binary.BigEndian.AppendUint16(entries, uint16(len(leaf))), leaf...)
	}
	return entries, nil
}

// BenchmarkLedger follows a whole log from its tiles as log verify does: each leaf against the tree and the leaves before it, and
// every signature of a panel in it. One log has messages alone; of the other every fifth leaf is a signed act.
func BenchmarkLedger(b *testing.B) {
	const size = 50_000
	signed := newSignedLog(b)
	for _, acts := range []int{0, 5} {
		name := "messages"
		if acts > 0 {
			name = "messages and acts"
		}
		s := &tiles{}
		for _, start := range []string{"list 1", "epoch"} {
			s.append(b, transparency.Leaf(signed.v.Leaves[start]))
		}
		for i := len(s.leaves); i < size; i++ {
			var tag [32]byte
			binary.BigEndian.PutUint64(tag[:], uint64(i))
			if acts > 0 && i%acts == 0 {
				a := &transparency.Action{Tag: tag, Code: transparency.ActReceived, ReviewerID: signed.one.id}
				a.Sign(signed.one.key)
				s.append(b, a.Leaf())
				continue
			}
			s.append(b, transparency.Submission{Epoch: signedEpoch, Anchor: tag}.Leaf())
		}
		root, err := tlog.TreeHash(size, s)
		must(b, err)
		c := &transparency.Checkpoint{Size: size, Root: root}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				l, err := ReadLedger(b.Context(), s, c)
				must(b, err)
				if len(l.Oddities) > 0 {
					b.Fatalf("%v", l.Oddities[0])
				}
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "leaves/s")
		})
	}
}

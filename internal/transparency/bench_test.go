package transparency

import (
	"context"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"answerable/internal/postgres/pgtest"
)

// BenchmarkBatchOf1000 sequences and signs a thousand leaves at once, onto logs of two sizes.
func BenchmarkBatchOf1000(b *testing.B) {
	for _, before := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("onto %d", before), func(b *testing.B) {
			l := newLog(b, pgtest.New(b))
			l.fill(b, before)
			if err := l.SignNow(b.Context()); err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				var waiting []Waiting
				for j := range 1000 {
					leaf := Submission{Epoch: fmt.Sprintf("b-%d-%d", i, j)}.Leaf()
					hash := leaf.Hash()
					waiting = append(waiting, Waiting{LeafHash: hash[:], Leaf: leaf})
				}
				if _, err := l.DB.NewInsert().Model(&waiting).Exec(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				l.batch(b)
			}
		})
	}
}

// BenchmarkKeyLeaf appends and signs one leaf of a key.
func BenchmarkKeyLeaf(b *testing.B) {
	l := newLog(b, pgtest.New(b))
	l.fill(b, 100_000)
	if err := l.SignNow(b.Context()); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		inTx(b, l.DB, func(ctx context.Context, tx bun.Tx) error {
			if err := Append(ctx, tx, NewLeaf(KindPanel, fmt.Sprint(i))); err != nil {
				return err
			}
			return l.Sign(ctx, tx)
		})
	}
}

// BenchmarkInclusionProof makes the proof of a leaf out of the tiles.
func BenchmarkInclusionProof(b *testing.B) {
	l, c := signedLog(b, 100_000)
	for i := 0; b.Loop(); i++ {
		index := int64(i*7919) % c.Size
		if _, err := Prove(b.Context(), l.source(), c, index, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyProof checks a proof file: signature, leaf and path.
func BenchmarkVerifyProof(b *testing.B) {
	l, c := signedLog(b, 100_000)
	p, err := Prove(b.Context(), l.source(), c, 70_000, numbered(70_000, 70_001)[0])
	if err != nil {
		b.Fatal(err)
	}
	file := p.Marshal()
	b.ReportMetric(float64(len(file)), "B/proof")
	for b.Loop() {
		if _, err := ParseProof(file, nil, l.Verifier); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFollow reads a whole log and checks every leaf of it.
func BenchmarkFollow(b *testing.B) {
	l, c := signedLog(b, 100_000)
	files := map[string][]byte{}
	source := sourceFunc(func(ctx context.Context, path string) ([]byte, error) {
		if _, ok := files[path]; !ok {
			content, err := l.source().Read(ctx, path)
			if err != nil {
				return nil, err
			}
			files[path] = content
		}
		return files[path], nil
	})
	leaves := 0
	for b.Loop() {
		if err := Walk(b.Context(), source, c, 0, func(int64, Leaf) error { leaves++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(leaves)/b.Elapsed().Seconds(), "leaves/s")
}

func signedLog(b *testing.B, size int) (*Log, *Checkpoint) {
	b.Helper()
	l := newLog(b, pgtest.New(b))
	l.fill(b, size)
	if err := l.SignNow(b.Context()); err != nil {
		b.Fatal(err)
	}
	c, err := l.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return l, c
}

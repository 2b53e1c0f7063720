//go:build long

package transparency

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"answerable/internal/postgres/pgtest"
)

// TestLongMillionLeaves grows a log to a million leaves in batches of a thousand and compares what one costs at the start
// and at the end. It prints what a leaf takes on disk, and how fast the whole is followed.
func TestLongMillionLeaves(t *testing.T) {
	const leaves, size = 1_000_000, 1000
	l := newLog(t, pgtest.New(t))
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var first, last []time.Duration
	for batch := range leaves / size {
		var waiting []Waiting
		for i := range size {
			leaf := Submission{Epoch: fmt.Sprintf("e-%04d-%04d", batch, i)}.Leaf()
			hash := leaf.Hash()
			waiting = append(waiting, Waiting{LeafHash: hash[:], Leaf: leaf})
		}
		if _, err := l.DB.NewInsert().Model(&waiting).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		l.batch(t)
		if took := time.Since(began); batch < 50 {
			first = append(first, took)
		} else if batch >= leaves/size-50 {
			last = append(last, took)
		}
	}
	cheap, dear := median(first), median(last)
	t.Logf("a batch of %d leaves: %v onto an empty log, %v onto a million (%.2f times)", size, cheap, dear, float64(dear)/float64(cheap))
	if dear > 2*cheap {
		t.Errorf("a batch onto a million leaves costs %.2f times what it costs onto none", float64(dear)/float64(cheap))
	}
	var disk, nodes int64
	err := l.DB.NewRaw(`SELECT pg_total_relation_size('log_leaf') AS leaf, pg_total_relation_size('log_node') AS node`).Scan(t.Context(), &disk, &nodes)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("on disk: %.0f bytes a leaf with its indexes, of which the tree above takes %.1f", float64(disk+nodes)/leaves, float64(nodes)/leaves)
	c, err := l.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	n := 0
	if err := Walk(t.Context(), l.source(), c, 0, func(int64, Leaf) error { n++; return nil }); err != nil || n != leaves {
		t.Fatalf("followed %d leaves, %v", n, err)
	}
	t.Logf("followed from the first leaf at %.0f leaves a second, tiles out of the database", leaves/time.Since(began).Seconds())
	began = time.Now()
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("a start takes %v", time.Since(began))
}

func median(times []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(times))[len(times)/2]
}

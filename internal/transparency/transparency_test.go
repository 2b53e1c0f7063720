package transparency

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"answerable/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestSubmissionLeafVectors(t *testing.T) {
	raw, err := os.ReadFile("../seal/testdata/vectors/leaf.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Leaves []struct {
			Epoch, Anchor, Withdraw, Text string
			FileHash                      string `json:"file_hash"`
			LeafHash                      string `json:"leaf_hash"`
		}
		Refuse []struct{ Comment, Text string }
	}
	if err := json.Unmarshal(raw, &v); err != nil || len(v.Leaves) == 0 || len(v.Refuse) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, c := range v.Leaves {
		s := Submission{Epoch: c.Epoch}
		for to, text := range map[*[32]byte]string{&s.FileHash: c.FileHash, &s.Anchor: c.Anchor, &s.Withdraw: c.Withdraw} {
			b, _ := hex.DecodeString(text)
			*to = [32]byte(b)
		}
		hash := s.Leaf().Hash()
		if string(s.Leaf()) != c.Text || hex.EncodeToString(hash[:]) != c.LeafHash {
			t.Errorf("leaf is %q with hash %x", s.Leaf(), hash)
		}
		if back, err := ParseSubmission(Leaf(c.Text)); err != nil || *back != s {
			t.Errorf("does not read back: %v", err)
		}
	}
	for _, c := range v.Refuse {
		if _, err := ParseSubmission(Leaf(c.Text)); !errors.Is(err, ErrLeaf) {
			t.Errorf("%s: got %v, want ErrLeaf", c.Comment, err)
		}
	}
}

func appendLeaf(t *testing.T, db *bun.DB, l Leaf) {
	t.Helper()
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error { return Append(ctx, tx, l) })
	if err != nil {
		t.Fatal(err)
	}
}

func entries(t *testing.T, db *bun.DB) []Entry {
	t.Helper()
	var got []Entry
	if err := db.NewSelect().Model(&got).Order("index").Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	return got
}

func sequence(t *testing.T, db *bun.DB) int {
	t.Helper()
	var n int
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) (err error) {
		n, err = Sequence(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLeavesOfKeysEnterAtOnceAndOthersWait(t *testing.T) {
	db := pgtest.New(t)
	appendLeaf(t, db, NewLeaf(KindPanel, "first"))
	for i := range 20 {
		appendLeaf(t, db, Submission{Epoch: fmt.Sprintf("e-%02d", i)}.Leaf())
	}
	appendLeaf(t, db, NewLeaf(KindEpoch, "second"))
	if got := entries(t, db); len(got) != 2 || Leaf(got[0].Leaf).Kind() != KindPanel || Leaf(got[1].Leaf).Kind() != KindEpoch {
		t.Fatalf("before the batch the log holds %d leaves", len(got))
	}
	if n := sequence(t, db); n != 20 {
		t.Errorf("sequenced %d leaves, want 20", n)
	}
	if n := sequence(t, db); n != 0 {
		t.Errorf("sequenced %d leaves again", n)
	}
	got := entries(t, db)
	if len(got) != 22 {
		t.Fatalf("the log holds %d leaves, want 22", len(got))
	}
	for i, e := range got {
		hash := Leaf(e.Leaf).Hash()
		if e.Index != int64(i) || !bytes.Equal(e.LeafHash, hash[:]) {
			t.Errorf("entry %d has index %d, or another's hash", i, e.Index)
		}
		if i > 2 && bytes.Compare(got[i-1].LeafHash, e.LeafHash) >= 0 {
			t.Errorf("entry %d is not in order of leaf hash", i)
		}
	}
}

func TestLeafOfUnknownKindIsRefused(t *testing.T) {
	db := pgtest.New(t)
	for _, l := range []Leaf{NewLeaf("gossip"), Leaf("hello\n"), nil, NewLeaf(KindPanel, strings.Repeat("a", maxLeaf))} {
		if err := Append(context.Background(), db, l); err == nil {
			t.Errorf("%.30q was appended", l)
		}
	}
}

func FuzzParseSubmission(f *testing.F) {
	f.Add([]byte(Submission{Epoch: "2026-12"}.Leaf()))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseSubmission(text)
		if err == nil && !bytes.Equal(s.Leaf(), text) {
			t.Errorf("%q is read, but not as we write it", text)
		}
	})
}

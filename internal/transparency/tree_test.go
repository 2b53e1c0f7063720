package transparency

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/postgres/pgtest"
)

const testOrigin = "words.example/answerable"

// newLog makes a log with a key of its own on a database.
func newLog(t testing.TB, db *bun.DB) *Log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return &Log{DB: db, Signer: signer, Verifier: verifier, VKey: vkey, Memory: &Memory{}}
}

func (l *Log) append(t testing.TB, leaves ...Leaf) {
	t.Helper()
	inTx(t, l.DB, func(ctx context.Context, tx bun.Tx) error {
		for _, leaf := range leaves {
			if err := Append(ctx, tx, leaf); err != nil {
				return err
			}
		}
		return nil
	})
}

func inTx(t testing.TB, db *bun.DB, act func(ctx context.Context, tx bun.Tx) error) {
	t.Helper()
	if err := db.RunInTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelReadCommitted}, act); err != nil {
		t.Fatal(err)
	}
}

// batch sequences what waits and signs, as intake does.
func (l *Log) batch(t testing.TB) {
	t.Helper()
	inTx(t, l.DB, func(ctx context.Context, tx bun.Tx) error {
		if _, err := Sequence(ctx, tx); err != nil {
			return err
		}
		return l.Sign(ctx, tx)
	})
	if err := l.Keep(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func numbered(from, to int) []Leaf {
	var leaves []Leaf
	for i := from; i < to; i++ {
		leaves = append(leaves, Submission{Epoch: fmt.Sprintf("e-%06d", i)}.Leaf())
	}
	return leaves
}

// fill puts n leaves at the end without the way through Append, which would take a statement for each.
func (l *Log) fill(t testing.TB, n int) {
	t.Helper()
	var from int
	if err := l.DB.NewRaw(`SELECT count(*) FROM log_leaf`).Scan(context.Background(), &from); err != nil {
		t.Fatal(err)
	}
	for start := 0; start < n; start += 5000 {
		var rows []Entry
		for i := start; i < min(n, start+5000); i++ {
			leaf := Submission{Epoch: fmt.Sprintf("e-%06d", from+i)}.Leaf()
			hash := leaf.Hash()
			rows = append(rows, Entry{Index: int64(from + i), LeafHash: hash[:], Leaf: leaf})
		}
		if _, err := l.DB.NewInsert().Model(&rows).Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// source serves the log as the pages do.
func (l *Log) source() Source {
	return sourceFunc(func(ctx context.Context, path string) ([]byte, error) {
		if path == "checkpoint" {
			published, err := l.Published(ctx)
			return []byte(published), err
		}
		return l.ReadTile(ctx, path)
	})
}

// recomputed is the root over all leaves, worked out from the definition of RFC 6962, section 2.1, and nothing else.
func recomputed(leaves []Leaf) tlog.Hash {
	switch len(leaves) {
	case 0:
		hash, _ := tlog.TreeHash(0, nil)
		return hash
	case 1:
		return leaves[0].Hash()
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(recomputed(leaves[:k]), recomputed(leaves[k:]))
}

// checkWhole reads the log from its first leaf through the tiles it serves and compares it with the definition.
func (l *Log) checkWhole(t testing.TB) *Checkpoint {
	t.Helper()
	ctx := context.Background()
	published, err := l.Published(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint([]byte(published), l.Verifier)
	if err != nil {
		t.Fatalf("checkpoint %q: %v", published, err)
	}
	var leaves []Leaf
	err = Walk(ctx, l.source(), c, 0, func(index int64, leaf Leaf) error {
		if index != int64(len(leaves)) {
			return fmt.Errorf("leaf %d comes after %d others", index, len(leaves))
		}
		leaves = append(leaves, leaf)
		return nil
	})
	if err != nil {
		t.Fatalf("walk a log of %d: %v", c.Size, err)
	}
	if int64(len(leaves)) != c.Size || recomputed(leaves) != c.Root {
		t.Fatalf("the checkpoint signs %d leaves with root %v, and there are %d with %v", c.Size, c.Root, len(leaves), recomputed(leaves))
	}
	return c
}

func TestTreeGrowsAsTheDefinitionSays(t *testing.T) {
	l := newLog(t, pgtest.New(t))
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := l.checkWhole(t); c.Size != 0 {
		t.Fatalf("an empty log has %d leaves", c.Size)
	}
	size := 0
	for _, step := range []int{1, 1, 1, 4, 100, 148, 1, 1, 255, 1, 300, 70} {
		before, err := l.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l.append(t, numbered(size, size+step)...)
		l.batch(t)
		size += step
		now := l.checkWhole(t)
		if now.Size != int64(size) {
			t.Fatalf("after %d leaves the checkpoint says %d", size, now.Size)
		}
		if err := CheckGrowth(t.Context(), l.source(), before, now); err != nil {
			t.Errorf("from %d to %d: %v", before.Size, now.Size, err)
		}
		proof, err := l.ProveGrowth(t.Context(), now, before.Size)
		if err != nil || before.Size > 0 && tlog.CheckTree(proof, now.Size, now.Root, before.Size, before.Root) != nil {
			t.Errorf("the proof from %d to %d does not hold: %v", before.Size, now.Size, err)
		}
		if err := l.Open(t.Context()); err != nil {
			t.Errorf("a restart at %d: %v", size, err)
		}
	}
	nodes := 0
	if err := l.DB.NewRaw(`SELECT count(*) FROM log_node`).Scan(t.Context(), &nodes); err != nil || nodes != size/256 {
		t.Errorf("%d hashes are kept for %d leaves, %v", nodes, size, err)
	}
}

func TestLeavesOfKeysAreSignedAtOnceAndSubmissionsWithTheBatch(t *testing.T) {
	l := newLog(t, pgtest.New(t))
	l.append(t, numbered(0, 5)...)
	l.append(t, NewLeaf(KindPanel, "a list"))
	if err := l.SignNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := l.checkWhole(t); c.Size != 1 {
		t.Errorf("before the batch the tree has %d leaves, want the panel's alone", c.Size)
	}
	l.batch(t)
	if c := l.checkWhole(t); c.Size != 6 {
		t.Errorf("after the batch the tree has %d leaves", c.Size)
	}
}

func TestWithdrawalGoesToALaterBatchThanItsSubmission(t *testing.T) {
	l := newLog(t, pgtest.New(t))
	for i := range byte(20) {
		s := Submission{Epoch: "2026-12", Anchor: [32]byte{i + 1}}
		l.append(t, s.Leaf())
		l.append(t, Withdrawn{Anchor: s.Anchor, Token: [32]byte{99, i}}.Leaf())
	}
	earlier := Withdrawn{Anchor: [32]byte{200}, Token: [32]byte{7}}.Leaf()
	l.append(t, earlier)
	l.batch(t)
	if c := l.checkWhole(t); c.Size != 21 {
		t.Errorf("the first batch holds %d leaves, want 20 submissions and the withdrawal of an earlier one", c.Size)
	}
	l.batch(t)
	if c := l.checkWhole(t); c.Size != 41 {
		t.Errorf("after the second batch there are %d leaves", c.Size)
	}
	l.batch(t)
	for i, e := range entries(t, l.DB)[21:] {
		if Leaf(e.Leaf).Kind() != KindWithdrawn {
			t.Errorf("leaf %d is a %s", 21+i, Leaf(e.Leaf).Kind())
		}
	}
}

func TestTwoReplicasSignOneTree(t *testing.T) {
	l := newLog(t, pgtest.New(t))
	other := *l
	other.Memory = &Memory{}
	done := make(chan error)
	for _, replica := range []*Log{l, &other} {
		go func() {
			var err error
			for i := 0; i < 25 && err == nil; i++ {
				err = l.DB.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
					return errors.Join(Append(ctx, tx, NewLeaf(KindPanel, fmt.Sprintf("%p %d", replica, i))), replica.Sign(ctx, tx))
				})
				err = errors.Join(err, replica.SignNow(context.Background()))
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if c := l.checkWhole(t); c.Size != 50 {
		t.Errorf("the tree has %d leaves, want 50", c.Size)
	}
}

func TestChangedDatabaseIsRefused(t *testing.T) {
	for name, statement := range map[string]string{
		"a leaf's text":      `UPDATE log_leaf SET leaf = leaf || 'x'::bytea WHERE index = 299`,
		"a leaf's hash":      `UPDATE log_leaf SET leaf_hash = sha256('x') WHERE index = 290`,
		"a leaf in a tile":   `UPDATE log_node SET hash = sha256('x') WHERE level = 1 AND index = 0`,
		"a leaf that went":   `DELETE FROM log_leaf WHERE index = 299`,
		"another checkpoint": `UPDATE log_checkpoint SET signed = replace(signed, '300', '299')`,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, pgtest.New(t))
			l.fill(t, 300)
			if err := l.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := l.DB.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			l.Memory = nil
			if err := l.Open(t.Context()); !errors.Is(err, ErrBroken) {
				t.Errorf("got %v, want ErrBroken", err)
			}
		})
	}
}

func TestRolledBackDatabaseIsRefused(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	file := filepath.Join(t.TempDir(), "checkpoint")
	l.Memory = &Memory{Path: file}
	l.fill(t, 10)
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
	dump := entries(t, l.DB)
	var old string
	if err := l.DB.NewRaw(`SELECT signed FROM log_checkpoint`).Scan(ctx, &old); err != nil {
		t.Fatal(err)
	}
	l.append(t, NewLeaf(KindPanel, "newer"))
	if err := l.SignNow(ctx); err != nil {
		t.Fatal(err)
	}
	remembered, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(remembered), testOrigin+"\n11\n") {
		t.Fatalf("the file holds %q, %v", remembered, err)
	}

	// The dump of before comes back: ten leaves and a checkpoint that fits them.
	restore := func(size int, signed string) {
		t.Helper()
		inTx(t, l.DB, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw(`DELETE FROM log_leaf WHERE index >= ?`, size).Exec(ctx)
			if err == nil {
				c, parseErr := ParseCheckpoint([]byte(signed), l.Verifier)
				if parseErr != nil {
					return parseErr
				}
				_, err = tx.NewRaw(`UPDATE log_checkpoint SET size = ?, root = ?, signed = ?, published_size = ?, published = ?`, c.Size, c.Root[:], signed, c.Size, signed).Exec(ctx)
			}
			return err
		})
	}
	restore(len(dump), old)
	if err := l.SignNow(ctx); !errors.Is(err, ErrRolledBack) {
		t.Errorf("a server that runs: got %v, want ErrRolledBack", err)
	}
	l.append(t, NewLeaf(KindPanel, "another history"))
	if err := l.SignNow(ctx); !errors.Is(err, ErrRolledBack) {
		t.Errorf("a server that would sign: got %v, want ErrRolledBack", err)
	}
	restarted := *l
	restarted.Memory = &Memory{Path: file}
	if err := restarted.Open(ctx); !errors.Is(err, ErrRolledBack) {
		t.Errorf("a server that starts: got %v, want ErrRolledBack", err)
	}

	// Without the file the two histories part, and somebody who kept a checkpoint can prove it.
	restarted.Memory = &Memory{}
	if err := restarted.Open(ctx); err != nil {
		t.Fatal(err)
	}
	l.append(t, NewLeaf(KindPanel, "and more"))
	if err := restarted.SignNow(ctx); err != nil {
		t.Fatal(err)
	}
	back := *l
	back.Memory = &Memory{Path: file}
	if err := back.Open(ctx); !errors.Is(err, ErrForked) {
		t.Errorf("a forked log: got %v, want ErrForked", err)
	}
	before, err := ParseCheckpoint(remembered, l.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	var split *SplitViewError
	if err := CheckGrowth(ctx, l.source(), before, l.checkWhole(t)); !errors.As(err, &split) {
		t.Errorf("somebody who kept the checkpoint: got %v, want *SplitViewError", err)
	}
	l.Memory = &Memory{Path: file}
	if err := os.WriteFile(file, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Open(ctx); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("a spoilt file: got %v, want ErrCheckpoint", err)
	}
}

// Two people who see different logs of one size find out by comparing checkpoints, both of which the log has signed.
func TestEquivocationIsProvenByTwoCheckpoints(t *testing.T) {
	one := newLog(t, pgtest.New(t))
	other := *one
	other.DB = pgtest.New(t)
	other.Memory = &Memory{}
	one.fill(t, 40)
	other.append(t, NewLeaf(KindPanel, "for one person only"))
	other.append(t, numbered(0, 60)...)
	for _, l := range []*Log{one, &other} {
		if err := l.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.batch(t)
	}
	a, b := one.checkWhole(t), other.checkWhole(t)
	var split *SplitViewError
	if err := CheckGrowth(t.Context(), other.source(), a, b); !errors.As(err, &split) || split.One != a || split.Other != b {
		t.Errorf("got %v, want *SplitViewError with both checkpoints", err)
	}
	if err := CheckGrowth(t.Context(), one.source(), b, a); !errors.Is(err, ErrShrunk) {
		t.Errorf("the other way round: got %v, want ErrShrunk", err)
	}
	c := *a
	c.Root[0] ^= 1
	if err := CheckGrowth(t.Context(), one.source(), &c, a); !errors.As(err, &split) {
		t.Errorf("two roots of one size: got %v, want *SplitViewError", err)
	}
}

func TestNothingIsPublishedBeforeItsWitnesses(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	l.Witnessed = func(signed string) bool { return strings.Contains(signed, "— witness ") }
	l.append(t, NewLeaf(KindPanel, "a list"))
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
	if published, err := l.Published(ctx); err != nil || published != "" {
		t.Errorf("published %q, %v", published, err)
	}
	head, err := l.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := l.Publish(ctx, head.Note); done || err != nil {
		t.Errorf("published without a witness: %v, %v", done, err)
	}
	cosigned := head.Note + "— witness AAAAAAAA\n"
	if done, err := l.Publish(ctx, cosigned); !done || err != nil {
		t.Errorf("not published: %v, %v", done, err)
	}
	l.append(t, NewLeaf(KindPanel, "another list"))
	if err := l.SignNow(ctx); err != nil {
		t.Fatal(err)
	}
	if published, err := l.Published(ctx); err != nil || published != cosigned {
		t.Errorf("while the witness has not seen the newest: %q, %v", published, err)
	}
	if done, err := l.Publish(ctx, cosigned); !done || err != nil {
		t.Errorf("an older one again: %v, %v", done, err)
	}
	// A policy without witnesses gives the newest out at once.
	l.Witnessed = nil
	head, err = l.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := l.Publish(ctx, head.Note); !done || err != nil {
		t.Errorf("without a policy: %v, %v", done, err)
	}
	if c := l.checkWhole(t); c.Size != 2 {
		t.Errorf("published %d", c.Size)
	}
}

func TestTilePathsAreThoseOfTheSpecification(t *testing.T) {
	for path, want := range map[string]tlog.Tile{
		"tile/0/000":                  {H: 8, L: 0, N: 0, W: 256},
		"tile/0/x001/x234/067":        {H: 8, L: 0, N: 1234067, W: 256},
		"tile/0/x001/x234/067.p/112":  {H: 8, L: 0, N: 1234067, W: 112},
		"tile/2/000.p/1":              {H: 8, L: 2, N: 0, W: 1},
		"tile/entries/x123/000.p/255": {H: 8, L: -1, N: 123000, W: 255},
		"tile/entries/000":            {H: 8, L: -1, N: 0, W: 256},
	} {
		got, err := parseTilePath(path)
		if err != nil || got != want || tilePath(got) != path {
			t.Errorf("%s: got %+v, %v, which is written %s", path, got, err, tilePath(got))
		}
	}
	for _, path := range []string{
		"", "tile/", "checkpoint", "tile/0", "tile/0/0", "tile/0/00", "tile/00/000", "tile/0/001/000", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256",
		"tile/0/000.p/01", "tile/0/-01", "tile/64/000", "tile/8/000", "tile/data/000", "tile/8/data/000", "tile/entries/000.p/", "tile/0/000/", "tile//000", "tile/0/../000",
	} {
		if got, err := parseTilePath(path); err == nil {
			t.Errorf("%q was read as %+v", path, got)
		}
	}
}

func TestOnlyTilesOfTheTreeAreGiven(t *testing.T) {
	l := newLog(t, pgtest.New(t))
	l.fill(t, 300)
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.append(t, NewLeaf(KindPanel, "not signed yet"))
	for path, want := range map[string]int{
		"tile/0/000": 8192, "tile/0/000.p/255": 255 * 32, "tile/0/001.p/44": 44 * 32, "tile/0/001.p/1": 32, "tile/1/000.p/1": 32,
		"tile/0/001.p/45": -1, "tile/0/001": -1, "tile/1/000": -1, "tile/1/000.p/2": -1, "tile/2/000.p/1": -1, "tile/0/002.p/1": -1, "tile/entries/001.p/45": -1,
	} {
		got, err := l.ReadTile(t.Context(), path)
		if want < 0 {
			if !errors.Is(err, ErrNoTile) {
				t.Errorf("%s: got %d bytes and %v, want ErrNoTile", path, len(got), err)
			}
			continue
		}
		if err != nil || len(got) != want {
			t.Errorf("%s: got %d bytes, %v; want %d", path, len(got), err, want)
		}
	}
	bundled, err := l.ReadTile(t.Context(), "tile/entries/001.p/44")
	if err != nil {
		t.Fatal(err)
	}
	if leaves, err := ParseBundle(bundled, 44); err != nil || string(leaves[43]) != string(numbered(299, 300)[0]) {
		t.Errorf("the last entry is %q, %v", leaves, err)
	}
}

func TestProofsGoOutAndIn(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	l.fill(t, 300)
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
	c := l.checkWhole(t)
	for _, index := range []int{0, 1, 127, 255, 256, 299} {
		leaf := numbered(index, index+1)[0]
		p, err := Prove(ctx, l.source(), c, int64(index), leaf)
		if err != nil {
			t.Fatal(err)
		}
		file := p.Marshal()
		back, err := ParseProof(file, nil, l.Verifier)
		if err != nil || back.Index != int64(index) || string(back.Leaf) != string(leaf) {
			t.Errorf("leaf %d does not come back: %v", index, err)
		}
		if _, err := ParseProof(file, numbered(index+1, index+2)[0], l.Verifier); !errors.Is(err, ErrProof) {
			t.Errorf("leaf %d: the proof holds for another leaf: %v", index, err)
		}
		if index != 127 {
			continue
		}
		// The last digit of a signature in base64 has two bits that say nothing, and package note lets them be.
		extra := strings.Index(string(file), "extra ")
		index := strings.Index(string(file), "\nindex ")
		for at := range len(file) - len("x=\n") {
			spoilt := append([]byte(nil), file...)
			spoilt[at] ^= 1
			if _, err := ParseProof(spoilt, leaf, l.Verifier); err == nil && (at < extra || at > index) {
				t.Errorf("a proof with byte %d changed holds", at)
			}
			if _, err := ParseProof(spoilt, nil, l.Verifier); err == nil {
				t.Errorf("a proof that carries its leaf holds with byte %d changed", at)
			}
		}
	}
	if _, err := ParseProof([]byte("c2sp.org/tlog-proof@v1\nindex 007\n\n"+c.Note), numbered(7, 8)[0], l.Verifier); !errors.Is(err, ErrProof) {
		t.Errorf("an index with zeros before it: %v", err)
	}
}

func TestSpoiltSourcesAreFound(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	l.fill(t, 600)
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
	c := l.checkWhole(t)
	for _, path := range []string{"tile/entries/001", "tile/0/001", "tile/1/000.p/2", "tile/0/002.p/88", "tile/entries/002.p/88"} {
		for name, spoil := range map[string]func([]byte) []byte{
			"changed": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
			"cut":     func(b []byte) []byte { return b[:len(b)-1] },
			"longer":  func(b []byte) []byte { return append(b, 0) },
			"empty":   func([]byte) []byte { return nil },
		} {
			source := sourceFunc(func(ctx context.Context, p string) ([]byte, error) {
				b, err := l.source().Read(ctx, p)
				if p == path && err == nil {
					b = spoil(b)
				}
				return b, err
			})
			if err := Walk(ctx, source, c, 0, func(int64, Leaf) error { return nil }); err == nil {
				t.Errorf("%s, %s: not found", path, name)
			}
		}
	}
	// Partial tiles may be gone once the full one is there.
	l.fill(t, 168+100)
	if err := l.SignNow(ctx); err != nil {
		t.Fatal(err)
	}
	pruned := sourceFunc(func(ctx context.Context, p string) ([]byte, error) {
		if p == "tile/entries/002.p/88" || p == "tile/0/002.p/88" {
			return nil, ErrNoTile
		}
		return l.source().Read(ctx, p)
	})
	if err := Walk(ctx, pruned, c, 0, func(int64, Leaf) error { return nil }); err != nil {
		t.Errorf("an older checkpoint on full tiles: %v", err)
	}
}

// The newest leaf about page code is always that of what the server gives, also when it goes back to an earlier release.
func TestCodeIsLoggedWheneverItChanges(t *testing.T) {
	ctx := t.Context()
	l := newLog(t, pgtest.New(t))
	first := map[string][32]byte{"tell.js": {1}, "panel.js": {2}}
	second := map[string][32]byte{"tell.js": {1}, "panel.js": {3}}
	for _, files := range []map[string][32]byte{first, first, second, first, second} {
		if err := l.LogCode(ctx, "v1.0.0", files); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.LogCode(ctx, "v1.0.1", second); err != nil { // another release of the same bytes
		t.Fatal(err)
	}
	got := entries(t, l.DB)
	var releases []string
	for _, e := range got {
		code, err := ParseCode(e.Leaf)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, code.Release)
	}
	if !slices.Equal(releases, []string{"v1.0.0", "v1.0.0", "v1.0.0#2", "v1.0.0#2"}) {
		t.Fatalf("the log holds %v", releases)
	}
	want := "answerable/leaf/v1\ncode\nv1.0.0\nAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= panel.js\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= tell.js\n"
	if string(got[0].Leaf) != want {
		t.Errorf("the leaf is %q", got[0].Leaf)
	}
}

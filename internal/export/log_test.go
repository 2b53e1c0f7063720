package export_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/export"
	"answerable/internal/transparency"
)

// placeInLog makes a log of the bundle's leaves and proves their places.
func placeInLog(t testing.TB, m *made) {
	t.Helper()
	origin := m.bundle.Facts.Origin
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
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
	leaves := map[string]transparency.Leaf{"release": transparency.Leaf(m.proof.Release), "before": transparency.Leaf(m.proof.Before), "export": m.proof.Leaf(m.bundle.Lines())}
	var tree []tlog.Hash
	var hashes tlog.HashReaderFunc = func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, tree[i])
		}
		return out, nil
	}
	order := []string{"before", "release", "export"}
	for i, name := range order {
		stored, err := tlog.StoredHashesForRecordHash(int64(i), leaves[name].Hash(), hashes)
		if err != nil {
			t.Fatal(err)
		}
		tree = append(tree, stored...)
	}
	root, err := tlog.TreeHash(int64(len(order)), hashes)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, len(order), root)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := transparency.ParseCheckpoint(signed, verifier)
	if err != nil {
		t.Fatal(err)
	}
	m.proof.VKey, m.proof.Placed = vkey, map[string][]byte{}
	for i, name := range order {
		proof, err := tlog.ProveRecord(int64(len(order)), int64(i), hashes)
		if err != nil {
			t.Fatal(err)
		}
		m.proof.Placed[name], err = export.PlacedBy(&transparency.Proof{Index: int64(i), Leaf: leaves[name], Checkpoint: c, Hashes: proof}, verifier)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheLogOfABundleCanBePinned(t *testing.T) {
	m := newMade(t)
	m.place(t)
	file := m.zip(t)
	v, err := export.Verify(strings.NewReader(string(file)), int64(len(file)), export.Options{Fingerprint: "", VKey: m.proof.VKey})
	if err != nil || !v.Holds || !v.LogPinned || v.LogSize != 3 {
		t.Errorf("%v %s", err, says(v))
	}
	_, other, err := note.GenerateKey(rand.Reader, m.bundle.Facts.Origin)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := export.Verify(strings.NewReader(string(file)), int64(len(file)), export.Options{Fingerprint: "", VKey: other}); err != nil || v.Holds || !strings.Contains(says(v), "another log") {
		t.Errorf("%v %s", err, says(v))
	}
}

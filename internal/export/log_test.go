package export_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/export"
	"answerable/internal/transparency"
	"answerable/internal/witness"
)

// placeInLog makes a log of the bundle's leaves, which a witness cosigns, and proves their places.
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
	watcher, watching := newWatcher(t, "hillside.example/witness")
	_, absent := newWatcher(t, "lakeside.example/witness")
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, len(order), root)}, signer, watcher)
	if err != nil {
		t.Fatal(err)
	}
	c, err := transparency.ParseCheckpoint(signed, verifier)
	if err != nil {
		t.Fatal(err)
	}
	m.proof.VKey, m.proof.Witnesses, m.proof.Placed = vkey, []string{watching}, map[string][]byte{}
	asked := slices.Sorted(slices.Values([]string{watching, absent}))
	for i, name := range order {
		proof, err := tlog.ProveRecord(int64(len(order)), int64(i), hashes)
		if err != nil {
			t.Fatal(err)
		}
		var by []string
		m.proof.Placed[name], by, err = export.PlacedBy(&transparency.Proof{Index: int64(i), Leaf: leaves[name], Checkpoint: c, Hashes: proof}, verifier, asked)
		if err != nil || !slices.Equal(by, []string{watching}) {
			t.Fatal(by, err)
		}
	}
}

// newWatcher makes a witness's signer and its key.
func newWatcher(t testing.TB, name string) (note.Signer, string) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := formats.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	if vkey, err = formats.VKeyToCosignatureV1(vkey); err != nil {
		t.Fatal(err)
	}
	return signer, vkey
}

func absentKey(t testing.TB) string {
	_, key := newWatcher(t, "lakeside.example/witness")
	return key
}

// TestABundleSaysWhichWitnessesCosignedItsPlace, and no name of another can be put into it.
func TestABundleSaysWhichWitnessesCosignedItsPlace(t *testing.T) {
	m := newMade(t)
	m.place(t)
	check := func() *export.Verified {
		t.Helper()
		file := m.zip(t)
		v, err := export.Verify(strings.NewReader(string(file)), int64(len(file)), export.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	named := m.proof.Witnesses
	if v := check(); !v.Holds || !slices.Equal(v.Cosigned, named) || len(named) != 1 {
		t.Errorf("cosigned by %v, holds %v: %s", v.Cosigned, v.Holds, says(v))
	}
	for policy, want := range map[string]bool{
		"witness one " + named[0] + "\nquorum one\n":                                                            true,
		"witness one " + named[0] + "\nwitness two " + absentKey(t) + "\ngroup both all one two\nquorum both\n": false,
	} {
		p, err := witness.ParsePolicy(policy)
		if err != nil {
			t.Fatal(err)
		}
		file := m.zip(t)
		v, err := export.Verify(strings.NewReader(string(file)), int64(len(file)), export.Options{Policy: p})
		if err != nil || v.Holds != want {
			t.Errorf("%q: holds %v, %v: %s", policy, v.Holds, err, says(v))
		}
	}
	_, other := newWatcher(t, "elsewhere.example/witness")
	for what, keys := range map[string][]string{
		"a witness who signed nothing": slices.Sorted(slices.Values(append([]string{other}, named...))), "twice": {named[0], named[0]},
		"no key": {"hillside.example/witness"}, "the witness left out": nil, "another of the same name": {strings.Replace(other, "elsewhere", "hillside", 1)},
	} {
		m.proof.Witnesses = keys
		if v := check(); v.Holds {
			t.Errorf("%s: it holds", what)
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

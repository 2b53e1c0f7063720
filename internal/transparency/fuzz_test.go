package transparency

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// fuzzKeys are the same in every run, so that inputs that were found stay good.
func fuzzKeys(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey := seedKey(t, testOrigin, 1)
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// seedKey makes a note key that is the same on every run.
func seedKey(t testing.TB, name string, n byte) (skey, vkey string) {
	t.Helper()
	seed := bytes.Repeat([]byte{n}, ed25519.SeedSize)
	vkey, err := note.NewEd25519VerifierKey(name, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Split(vkey, "+")[1]
	return "PRIVATE+KEY+" + name + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed...)), vkey
}

func FuzzParseCheckpoint(f *testing.F) {
	signer, verifier := fuzzKeys(f)
	for _, size := range []int64{0, 1, 20852163} {
		c, err := signCheckpoint(signer, tlog.Tree{N: size})
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(c.Note))
		f.Add([]byte(strings.Replace(c.Note, "\n\n", "\nan extension\n\n", 1)))
	}
	f.Fuzz(func(t *testing.T, signed []byte) {
		c, err := ParseCheckpoint(signed, verifier)
		if err != nil {
			return
		}
		again, err := signCheckpoint(signer, c.Tree())
		text, _, _ := strings.Cut(again.Note, "\n\n")
		if err != nil || c.Origin != verifier.Name() || !bytes.HasPrefix(signed, []byte(text+"\n")) {
			t.Errorf("%q is read as %+v", signed, c)
		}
	})
}

// FuzzReadCheckpoint goes at the lines below the signature, which a fuzzer cannot forge.
func FuzzReadCheckpoint(f *testing.F) {
	f.Add("origin\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
	f.Add("origin\n007\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readCheckpoint(text)
		if err == nil && (c.Size < 0 || !strings.HasPrefix(text, c.Origin+"\n") || strings.Contains(text, "\n\n")) {
			t.Errorf("%q is read as %+v", text, c)
		}
	})
}

func FuzzTilePath(f *testing.F) {
	for _, path := range []string{"tile/0/x001/x234/067.p/112", "tile/entries/000", "tile/7/000.p/1", "tile/0/../000", "tile/data/000"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if tile, err := parseTilePath(path); err == nil && (tilePath(tile) != path || tile.N < 0 || tile.W < 1 || tile.W > tileWidth) {
			t.Errorf("%q is read as %+v", path, tile)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	f.Add(bundle(numbered(0, 3)), 3)
	f.Add([]byte{0, 1}, 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 0 || n > tileWidth {
			return
		}
		leaves, err := ParseBundle(b, n)
		if err == nil && (len(leaves) != n || !bytes.Equal(bundle(leaves), b)) {
			t.Errorf("%d entries in %q are not those that were written", n, b)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	signer, verifier := fuzzKeys(f)
	leaf := numbered(0, 1)[0]
	c, err := signCheckpoint(signer, tlog.Tree{N: 1, Hash: leaf.Hash()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add((&Proof{Leaf: leaf, Checkpoint: c}).Marshal())
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n" + c.Note))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := ParseProof(file, nil, verifier)
		if err == nil && (!bytes.Equal(p.Marshal(), file) || tlog.CheckRecord(p.Hashes, p.Checkpoint.Size, p.Checkpoint.Root, p.Index, p.Leaf.Hash()) != nil) {
			t.Errorf("%q holds", file)
		}
	})
}

// FuzzAddSignatures takes what a witness answers. Nothing of it may get into a checkpoint but a line that verifies.
func FuzzAddSignatures(f *testing.F) {
	signer, verifier := fuzzKeys(f)
	c, err := signCheckpoint(signer, tlog.Tree{N: 7})
	if err != nil {
		f.Fatal(err)
	}
	skey, vkey := seedKey(f, "witness.example/w", 2)
	cosigner, err := formats.NewSignerForCosignatureV1(skey)
	if err != nil {
		f.Fatal(err)
	}
	known, err := formats.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		f.Fatal(err)
	}
	text, _, _ := strings.Cut(c.Note, "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, cosigner)
	if err != nil {
		f.Fatal(err)
	}
	line := string(signed[len(text)+2:])
	f.Add([]byte(line))
	f.Add([]byte(line + line + "— somebody AAAAAAAA\n"))
	f.Add([]byte("— somebody AAAAAAAA\nhello\n"))
	last := len(line) - len("A==\n")
	f.Add([]byte(line[:last] + string(rune(line[last]+1)) + "==\n")) // bits that no byte has
	f.Add([]byte(line[:last] + "\r\r" + line[last:]))
	f.Fuzz(func(t *testing.T, lines []byte) {
		grown, err := c.AddSignatures(lines, known)
		if err != nil {
			return
		}
		if rest, ok := strings.CutPrefix(grown, c.Note); !ok || rest != line {
			t.Errorf("%q makes the checkpoint carry %q", lines, rest)
		}
		if _, err := ParseCheckpoint([]byte(grown), verifier); err != nil {
			t.Errorf("with %q it is no checkpoint any more: %v", lines, err)
		}
	})
}

func FuzzParseCode(f *testing.F) {
	f.Add([]byte(Code{Release: "v1", Files: map[string][32]byte{"tell.js": {1}, "app.css": {2}}}.Leaf()))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		if c, err := ParseCode(leaf); err == nil && !bytes.Equal(c.Leaf(), leaf) {
			t.Errorf("%q is read, but not as we write it", leaf)
		}
	})
}

func FuzzParseWithdrawn(f *testing.F) {
	f.Add([]byte(Withdrawn{}.Leaf()))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		if w, err := ParseWithdrawn(leaf); err == nil && !bytes.Equal(w.Leaf(), leaf) {
			t.Errorf("%q is read, but not as we write it", leaf)
		}
	})
}

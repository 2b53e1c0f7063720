package transparency

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/seal"
)

var update = flag.Bool("update", false, "write the vectors anew")

// maxVector is the largest tree of the vectors: a little over 64, so that every shape of a right edge comes.
const maxVector = 70

// treeVectors bind the two languages. Leaf i is the text "leaf <i>" and a line feed. Proofs are many, so their hashes are
// not written down; for each size there is the SHA-256 of all of them one after the other, in the order of what they prove.
type treeVectors struct {
	Comment     string   `json:"comment"`
	Roots       []string `json:"roots"`       // by size
	Inclusion   []string `json:"inclusion"`   // by size, over all leaves
	Consistency []string `json:"consistency"` // by size, over all earlier sizes from 1 on
}

func vectorLeaf(i int) Leaf { return Leaf(fmt.Sprintf("leaf %d\n", i)) }

// memoryTree keeps the hashes of a tree as package tlog orders them.
type memoryTree []tlog.Hash

// ReadHashes is part of tlog.HashReader.
func (m memoryTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = m[index]
	}
	return hashes, nil
}

func TestTreeVectors(t *testing.T) {
	v := treeVectors{Comment: "Leaf i is \"leaf <i>\\n\". inclusion and consistency: for each size, SHA-256 of the hashes of all proofs in order."}
	var tree memoryTree
	for size := 0; size <= maxVector; size++ {
		if size > 0 {
			more, err := tlog.StoredHashes(int64(size-1), vectorLeaf(size-1), tree)
			if err != nil {
				t.Fatal(err)
			}
			tree = append(tree, more...)
		}
		root, err := tlog.TreeHash(int64(size), tree)
		if err != nil {
			t.Fatal(err)
		}
		inclusion, consistency := sha256.New(), sha256.New()
		for m := range size {
			proof, err := tlog.ProveRecord(int64(size), int64(m), tree)
			if err != nil || tlog.CheckRecord(proof, int64(size), root, int64(m), vectorLeaf(m).Hash()) != nil {
				t.Fatalf("leaf %d of %d: %v", m, size, err)
			}
			for _, h := range proof {
				inclusion.Write(h[:])
			}
			growth, err := tlog.ProveTree(int64(size), int64(m+1), tree)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range growth {
				consistency.Write(h[:])
			}
		}
		v.Roots = append(v.Roots, hex.EncodeToString(root[:]))
		v.Inclusion = append(v.Inclusion, hex.EncodeToString(inclusion.Sum(nil)))
		v.Consistency = append(v.Consistency, hex.EncodeToString(consistency.Sum(nil)))
	}
	compareVectors(t, "tree.json", v)
}

// compareVectors wants the file to hold v, and writes it with -update.
func compareVectors(t *testing.T, name string, v any) {
	t.Helper()
	want, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != string(want)+"\n" {
		t.Errorf("%s is not what this program makes (go test -run Vectors -update ./internal/transparency): %v", name, err)
	}
}

// checkpointVectors are checkpoints, cosignatures and proofs that hold and such that do not.
type checkpointVectors struct {
	VKey      string   `json:"vkey"`
	Witnesses []string `json:"witnesses"` // verifier keys
	Good      []struct {
		Comment   string   `json:"comment"`
		Note      string   `json:"note"`
		Size      int64    `json:"size"`
		Root      string   `json:"root"`
		Cosigners []string `json:"cosigners"` // names of witnesses whose cosignature holds
	} `json:"good"`
	Refuse []struct {
		Comment string `json:"comment"`
		Note    string `json:"note"`
	} `json:"refuse"`
	TicketKey string `json:"ticket_key"`
	Ticket    string `json:"ticket"` // for the leaf "leaf 13", by 2026-11-24
	Proof     string `json:"proof"`  // c2sp.org/tlog-proof of Leaf
	Leaf      string `json:"leaf"`
	Bundle    string `json:"bundle"` // hex; three leaves, "leaf 0" and so on
}

// TestCheckpointVectors reads what both languages read. A cosignature has a moment in it, so the file is only written anew
// when asked for.
func TestCheckpointVectors(t *testing.T) {
	path := filepath.Join("testdata", "checkpoint.json")
	if *update {
		writeCheckpointVectors(t, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v checkpointVectors
	if err := json.Unmarshal(content, &v); err != nil || len(v.Good) < 4 || len(v.Refuse) < 10 {
		t.Fatalf("%d good and %d refused, %v", len(v.Good), len(v.Refuse), err)
	}
	verifier, err := note.NewVerifier(v.VKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Good {
		got, err := ParseCheckpoint([]byte(c.Note), verifier)
		if err != nil || got.Size != c.Size || hex.EncodeToString(got.Root[:]) != c.Root {
			t.Errorf("%s: %+v, %v", c.Comment, got, err)
		}
		cosigners := []string{}
		for _, key := range v.Witnesses {
			w, err := formats.NewVerifierForCosignatureV1(key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := note.Open([]byte(c.Note), note.VerifierList(w)); err == nil {
				cosigners = append(cosigners, w.Name())
			}
		}
		if fmt.Sprint(cosigners) != fmt.Sprint(c.Cosigners) {
			t.Errorf("%s: cosigned by %v, want %v", c.Comment, cosigners, c.Cosigners)
		}
	}
	for _, c := range v.Refuse {
		if _, err := ParseCheckpoint([]byte(c.Note), verifier); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: got %v, want ErrCheckpoint", c.Comment, err)
		}
	}
	if p, err := ParseProof([]byte(v.Proof), nil, verifier); err != nil || string(p.Leaf) != v.Leaf {
		t.Errorf("the proof: %v", err)
	}
	if ticket, err := seal.VerifyTicket(v.Ticket, v.TicketKey); err != nil || ticket.LeafHash != vectorLeaf(13).Hash() {
		t.Errorf("the ticket: %v", err)
	}
	raw, err := hex.DecodeString(v.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	if leaves, err := ParseBundle(raw, 3); err != nil || string(leaves[2]) != string(vectorLeaf(2)) {
		t.Errorf("the bundle: %q, %v", leaves, err)
	}
}

func writeCheckpointVectors(t *testing.T, path string) {
	t.Helper()
	skey, vkey := seedKey(t, testOrigin, 1)
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v := checkpointVectors{VKey: vkey}
	var cosigners []note.Signer
	for i, name := range []string{"one.example/witness", "two.example/witness"} {
		wskey, wvkey := seedKey(t, name, byte(2+i))
		cosigner, err := formats.NewSignerForCosignatureV1(wskey)
		if err != nil {
			t.Fatal(err)
		}
		key, err := formats.VKeyToCosignatureV1(wvkey)
		if err != nil {
			t.Fatal(err)
		}
		cosigners, v.Witnesses = append(cosigners, cosigner), append(v.Witnesses, key)
	}
	var tree memoryTree
	for i := range 20 {
		more, err := tlog.StoredHashes(int64(i), vectorLeaf(i), tree)
		if err != nil {
			t.Fatal(err)
		}
		tree = append(tree, more...)
	}
	at := func(size int64) tlog.Tree {
		root, err := tlog.TreeHash(size, tree)
		if err != nil {
			t.Fatal(err)
		}
		return tlog.Tree{N: size, Hash: root}
	}
	sign := func(text string, signers ...note.Signer) string {
		signed, err := note.Sign(&note.Note{Text: text}, signers...)
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	text := func(size int64) string {
		c, err := signCheckpoint(signer, at(size))
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(c.Note, "\n\n")
		return head + "\n"
	}
	good := func(comment, signed string, size int64, names ...string) {
		root := at(size).Hash
		if names == nil {
			names = []string{}
		}
		v.Good = append(v.Good, struct {
			Comment   string   `json:"comment"`
			Note      string   `json:"note"`
			Size      int64    `json:"size"`
			Root      string   `json:"root"`
			Cosigners []string `json:"cosigners"`
		}{comment, signed, size, hex.EncodeToString(root[:]), names})
	}
	refuse := func(comment, signed string) {
		v.Refuse = append(v.Refuse, struct {
			Comment string `json:"comment"`
			Note    string `json:"note"`
		}{comment, signed})
	}
	plain := sign(text(20), signer)
	both := sign(text(20), signer, cosigners[0], cosigners[1])
	good("an empty log", sign(text(0), signer), 0)
	good("twenty leaves", plain, 20)
	good("cosigned by both", both, 20, "one.example/witness", "two.example/witness")
	good("cosigned by one", sign(text(7), signer, cosigners[1]), 7, "two.example/witness")
	good("an extension line", sign(text(7)+"more to say\n", signer, cosigners[0]), 7, "one.example/witness")
	good("a signature of somebody unknown", plain+"— somebody.example AAAAAGhlbGxv\n", 20)
	good("a cosignature that was for another size", sign(text(20), signer)+strings.SplitAfter(sign(text(7), cosigners[0]), "\n\n")[1], 20)

	refuse("nothing", "")
	refuse("no signature", text(20))
	refuse("signed by a witness alone", sign(text(20), cosigners[0]))
	refuse("another size", strings.Replace(plain, "\n20\n", "\n21\n", 1))
	refuse("another root", strings.Replace(plain, text(20), text(19), 1))
	other, _ := seedKey(t, testOrigin, 9)
	stranger, err := note.NewSigner(other)
	if err != nil {
		t.Fatal(err)
	}
	refuse("another key of the same name", sign(text(20), stranger))
	refuse("of another log", sign(strings.Replace(text(20), testOrigin, "other.example/answerable", 1), signer))
	refuse("a zero before the size", sign(strings.Replace(text(20), "\n20\n", "\n020\n", 1), signer))
	refuse("a size below zero", sign(strings.Replace(text(20), "\n20\n", "\n-20\n", 1), signer))
	refuse("a size that is too large", sign(strings.Replace(text(20), "\n20\n", "\n9223372036854775808\n", 1), signer))
	refuse("a root that is too short", sign(testOrigin+"\n20\nAAAA\n", signer))
	refuse("a root in another base64", sign(strings.Replace(text(20), "=\n", "\n", 1), signer))
	refuse("two lines only", sign(testOrigin+"\n20\n", signer))
	refuse("a carriage return", strings.ReplaceAll(plain, "\n", "\r\n"))

	tskey, tvkey := seedKey(t, seal.TicketKeyName(testOrigin), 5)
	tickets, err := note.NewSigner(tskey)
	if err != nil {
		t.Fatal(err)
	}
	v.TicketKey = tvkey
	v.Ticket, err = seal.IssueTicket(tickets, seal.Ticket{Origin: testOrigin, LeafHash: vectorLeaf(13).Hash(), LogBy: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	proof, err := tlog.ProveRecord(20, 13, tree)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint([]byte(both), mustVerifier(t, vkey))
	if err != nil {
		t.Fatal(err)
	}
	v.Leaf = string(vectorLeaf(13))
	v.Proof = string((&Proof{Index: 13, Leaf: vectorLeaf(13), Checkpoint: c, Hashes: proof}).Marshal())
	v.Bundle = hex.EncodeToString(bundle([]Leaf{vectorLeaf(0), vectorLeaf(1), vectorLeaf(2)}))
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustVerifier(t *testing.T, vkey string) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"answerable/internal/keyring"
	"answerable/internal/witness"
)

// Problem is what is wrong with a bundle, and where.
type Problem struct {
	File string `json:"file"` // path in the bundle, or a part of the zip itself
	What string `json:"what"`
}

// Verified is what a bundle proves. It holds when there is no problem and nothing was left unchecked.
type Verified struct {
	Holds       bool      `json:"holds"`
	Problems    []Problem `json:"problems"`
	NotChecked  []string  `json:"not_checked"` // files that another release of this program has to make again; the signatures say nothing of whether they follow
	Origin      string    `json:"origin"`
	ClinicID    string    `json:"clinic_id"`
	Clinic      string    `json:"clinic"`
	First       string    `json:"first"`
	Last        string    `json:"last"`
	AsOf        string    `json:"as_of"`
	Manifest    string    `json:"manifest_sha256"`
	Releases    []string  `json:"releases"`    // SHA-256 of their contents
	Fingerprint string    `json:"fingerprint"` // of the panel's first list
	Pinned      bool      `json:"pinned"`      // whether the caller named the fingerprint
	List        int       `json:"list"`        // number of the panel's list that the signers are on; whether it is the newest stands in the log alone
	Signers     []string  `json:"signers"`
	Needed      int       `json:"needed"`
	Files       int       `json:"files"`
	Tables      int       `json:"tables"`  // that were audited again
	Hidden      int       `json:"hidden"`  // cells of them that are not shown
	Rebuilt     bool      `json:"rebuilt"` // whether every file was made again from the facts, the PDF apart
	Generator   int       `json:"generator"`
	PDF         bool      `json:"pdf"`
	Logged      bool      `json:"logged"`   // whether the place in the log is proven
	LogSize     int64     `json:"log_size"` // of the checkpoint of that proof
	LogKey      string    `json:"log_vkey"`
	LogPinned   bool      `json:"log_pinned"`
	Cosigned    []string  `json:"cosigned"` // verifier keys of the witnesses who cosigned that checkpoint

	Facts *Facts `json:"-"` // nil where they do not read
}

func (v *Verified) wrong(file, format string, args ...any) {
	v.Problems = append(v.Problems, Problem{file, fmt.Sprintf(format, args...)})
}

// Options say what a bundle is held against.
type Options struct {
	Fingerprint string // of the panel, from its poster; "" when nobody pins it
	VKey        string // the log's key; "" for the one in the bundle
	Draft       bool   // it waits for signatures, so too few are no problem
	// Policy says who must have cosigned the checkpoint under the bundle's place in the log; nil asks for nobody.
	Policy *witness.Policy
}

// Verify checks a bundle by itself. It is an error, which wraps ErrBundle or ErrNewer, only when the bytes are no bundle at all;
// all else that is wrong stands in what is given, each with its file.
func Verify(r io.ReaderAt, size int64, o Options) (*Verified, error) {
	files, damaged, err := readZip(r, size)
	if err != nil {
		return nil, err
	}
	c := &check{files: files, by: map[string][]byte{}, Options: o, v: &Verified{Problems: []Problem{}, NotChecked: []string{}, Releases: []string{}, Signers: []string{}, Cosigned: []string{}, Files: len(files)}}
	for _, f := range files {
		c.by[f.Path] = f.Content
	}
	if c.by[manifestPath] == nil {
		return nil, fmt.Errorf("%w: MANIFEST is missing in it", ErrBundle)
	}
	for _, path := range damaged {
		c.v.wrong(path, "it was damaged or changed: its checksum in the zip does not hold")
	}
	if c.head, c.hashes, err = listed(c.by[manifestPath]); err != nil {
		if errors.Is(err, ErrNewer) {
			return nil, err
		}
		c.v.wrong(manifestPath, "a line of it was changed")
		return c.v, nil
	}
	if wrong := sameZip(r, size, files); wrong != "" && damaged == nil {
		c.v.wrong(wrong, "it was changed, or another program packed this zip anew")
	}
	c.listedFiles()
	c.bundle()
	c.v.Holds = len(c.v.Problems) == 0 && c.v.Rebuilt
	return c.v, nil
}

// check is a bundle while it is checked.
type check struct {
	Options
	files  []File
	by     map[string][]byte
	head   map[string]string
	hashes map[string]string
	proof  *Proof
	lists  []*keyring.Manifest
	v      *Verified
}

// listedFiles holds each file against its hash, and the list against the files.
func (c *check) listedFiles() {
	sum := sha256.Sum256(c.by[manifestPath])
	c.v.Manifest = hex.EncodeToString(sum[:])
	for _, path := range slices.Sorted(maps.Keys(c.hashes)) {
		content, there := c.by[path]
		sum := sha256.Sum256(content)
		switch {
		case !there:
			c.v.wrong(path, "it is missing")
		case hex.EncodeToString(sum[:]) != c.hashes[path]:
			c.v.wrong(path, "it was changed: its SHA-256 is not the one in MANIFEST")
		}
	}
	for _, f := range c.files {
		if c.hashes[f.Path] == "" && f.Path != manifestPath && !strings.HasPrefix(f.Path, proofDir) {
			c.v.wrong(f.Path, "it was added: MANIFEST does not name it")
		}
	}
	_, c.v.PDF = c.hashes[pdfPath]
}

// bundle checks what the facts and the proof say.
func (c *check) bundle() {
	facts, err := ReadFacts(c.by[factsPath])
	if err != nil {
		c.v.wrong(factsPath, "%v", err)
		return
	}
	v := c.v
	v.Facts = facts
	v.Origin, v.ClinicID, v.Clinic, v.First, v.Last, v.AsOf, v.Generator = facts.Origin, facts.Clinic.ID, facts.Clinic.Name, facts.First, facts.Last, facts.AsOf, facts.Generator
	c.proof = readProof(c.files)
	b := &Bundle{Facts: facts, Leaves: [2][]byte{[]byte(c.proof.Release), []byte(c.proof.Before)}, Manifest: c.by[manifestPath]}
	for _, f := range c.files {
		if c.hashes[f.Path] != "" {
			b.Files = append(b.Files, f)
		}
	}
	c.panel(b)
	if head, err := b.head(); err != nil || !strings.HasPrefix(string(b.Manifest), strings.Join(head, "\n")+"\n"+firstHash(c.hashes)) {
		v.wrong(manifestPath, "what it says of the bundle is not what the bundle holds")
	}
	c.signed(b)
	c.proofFiles(b)
	c.releases(facts)
	c.logged(b)
	c.tables(facts)
	c.rebuilt(facts)
}

// firstHash is the line with which the hashes of a manifest begin.
func firstHash(hashes map[string]string) string {
	if len(hashes) == 0 {
		return ""
	}
	path := slices.Min(slices.Collect(maps.Keys(hashes)))
	return hashes[path] + "  " + path + "\n"
}

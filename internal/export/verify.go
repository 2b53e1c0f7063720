package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/figures"
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

// panel walks the lists of members, from the first one to the one that MANIFEST names.
func (c *check) panel(b *Bundle) {
	chain := &keyring.Chain{ClinicID: b.Facts.Clinic.ID, Manifests: c.proof.Lists}
	c.v.Fingerprint, c.v.Pinned = chain.Fingerprint(), c.Fingerprint != ""
	lists, hashes, err := chain.Lists(c.Fingerprint)
	if err != nil {
		c.v.wrong(proofDir+"panel-*.leaf", "%v", err)
		return
	}
	c.lists, b.Panel, c.v.List = lists, hashes[len(hashes)-1], lists[len(lists)-1].Version
	if hex.EncodeToString(b.Panel[:]) != c.head["panel"] {
		c.v.wrong(fmt.Sprintf(listPath, len(lists)), "it is not the list of members that MANIFEST names")
	}
}

func (c *check) signed(b *Bundle) {
	if c.lists == nil {
		return
	}
	panel, lines := c.lists[len(c.lists)-1], b.Lines()
	c.v.Needed = panel.M
	for _, s := range c.proof.Signatures {
		if !s.Verify(panel, lines, b.Manifest) {
			c.v.wrong(proofDir+s.ReviewerID+sigEnd, "the signatures of %s do not hold, or %s is not on the panel's list", s.ReviewerID, s.ReviewerID)
			continue
		}
		c.v.Signers = append(c.v.Signers, s.ReviewerID)
	}
	if len(c.v.Signers) < panel.M && !c.Draft {
		c.v.wrong(leafPath, "%d of the panel have signed MANIFEST, and %d must", len(c.v.Signers), panel.M)
	}
}

// proofFiles holds every byte of the proof against what follows from its parts.
func (c *check) proofFiles(b *Bundle) {
	want := map[string][]byte{}
	for _, f := range c.proof.files(b.Lines(), b.Manifest) {
		want[f.Path] = f.Content
		if got, there := c.by[f.Path]; !there {
			c.v.wrong(f.Path, "it is missing")
		} else if !bytes.Equal(got, f.Content) {
			c.v.wrong(f.Path, "it was changed: it is not what follows from the lists, the signatures and MANIFEST")
		}
	}
	for _, f := range c.files {
		if _, known := want[f.Path]; !known && strings.HasPrefix(f.Path, proofDir) {
			c.v.wrong(f.Path, "it was added or changed: nothing asks for it, or it does not read")
		}
	}
}

// releases checks who signed the figures.
func (c *check) releases(f *Facts) {
	for _, one := range []struct {
		signed     *Signed
		leaf, path string
	}{{f.Release, c.proof.Release, releasePath}, {f.Before, c.proof.Before, beforePath}} {
		switch {
		case one.signed == nil:
		case !releaseSigned(c.lists, one.leaf, one.signed.Lines):
			c.v.wrong(one.path, "the figures are not signed by as many of the panel as it asks for")
		default:
			c.v.Releases = append(c.v.Releases, (&figures.Release{Content: one.signed.Content}).Hash())
		}
	}
}

// logged checks the proofs of the places in the log, where there are any.
func (c *check) logged(b *Bundle) {
	c.v.LogKey, c.v.LogPinned = c.proof.VKey, c.VKey != ""
	if c.proof.VKey == "" {
		if c.Policy != nil {
			c.v.wrong(proofDir+"export"+placedEnd, "it is missing, so nobody has cosigned its place in the log. Take the bundle again a day later")
		}
		return
	}
	verifier, err := note.NewVerifier(c.proof.VKey)
	if err != nil || strings.ToLower(keyHash(c.proof.VKey)) != keyHash(c.proof.VKey) {
		c.v.wrong(vkeyPath, "it is no key of a log")
		return
	}
	if c.VKey != "" && c.VKey != c.proof.VKey {
		c.v.wrong(vkeyPath, "it is the key of another log than the one you named")
		return
	}
	keys := c.proof.Witnesses
	if _, err := watchersOf(keys); err != nil {
		c.v.wrong(watchPath, "%v", err)
		return
	}
	signed := map[string]bool{}
	for _, name := range placedNames {
		leaf := c.proof.leaf(name, b.Lines())
		if len(leaf) == 0 {
			continue
		}
		at, by, err := checkPlaced(c.proof.Placed[name], leaf, verifier, keys, b.Facts.Origin)
		if err != nil {
			c.v.wrong(proofDir+name+placedEnd, "%v", err)
			continue
		}
		for _, key := range by {
			signed[key] = true
		}
		if name == "export" && c.Policy != nil && !c.Policy.Satisfied(at.Note) {
			c.v.wrong(proofDir+name+placedEnd, "it is not cosigned by those whom your policy asks for")
		}
		if name == "export" {
			c.v.Logged, c.v.LogSize, c.v.Cosigned = true, at.Size, append(c.v.Cosigned, by...)
		}
	}
	for _, key := range keys {
		if !signed[key] {
			c.v.wrong(watchPath, "it names a witness, %s, who cosigned none of the places", key)
		}
	}
}

// keyHash is the middle part of a verifier's key.
func keyHash(vkey string) string {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// tables audits every table again, from what it shows, and compares the formats.
func (c *check) tables(f *Facts) {
	for _, signed := range []*Signed{f.Release, f.Before} {
		if signed == nil {
			continue
		}
		content, plan, err := signed.read(f.Clinic.ID)
		if err != nil {
			c.v.wrong(factsPath, "%v", err)
			continue
		}
		for _, t := range content.Tables {
			c.audit(content, plan, &t)
		}
	}
	c.formats(f)
	if f.Release != nil && string(c.by["figures.json"]) != f.Release.Content {
		c.v.wrong("figures.json", "its figures are not those of facts.json")
	}
}

func (c *check) audit(content *figures.Content, plan *figures.Plan, t *figures.ReleasedTable) {
	c.v.Tables++
	t.Shown.EachCell(func(row, col string, n int) {
		if n == figures.Hidden && row != "total" && col != "total" {
			c.v.Hidden++
		}
	})
	many := slices.ContainsFunc(plan.Dimensions, func(d figures.Dimension) bool { return d.Key == t.Rows && d.Many })
	cells, err := t.Recoverable(content.K, many)
	if err != nil {
		c.v.wrong("figures.json", "the table %s cannot be audited: %v", t.Key, err)
		return
	}
	for _, cell := range cells {
		c.v.wrong("figures.json", "in the table %s, whoever knows the totals can work out a hidden number: %s", t.Key, cell)
	}
}

// formats compares CSV, XLSX and JSON with the tables that follow from the facts, cell by cell, totals included. What another
// program calls its codes is that program's: there the formats are compared with each other, and all but those words with the facts.
func (c *check) formats(f *Facts) {
	want, err := f.sheets()
	if err != nil {
		c.v.wrong(factsPath, "%v", err)
		return
	}
	var all tables
	if err := json.Unmarshal(c.by["tables.json"], &all, json.RejectUnknownMembers(true)); err != nil || all.V != 1 {
		c.v.wrong("tables.json", "it does not read")
	} else if f.Generator != Generator {
		c.sameButWords(want, all.Sheets)
		want = all.Sheets
	} else {
		c.sameSheets("tables.json", want, all.Sheets)
	}
	if book, err := readWorkbook(c.by["tables.xlsx"]); err != nil {
		c.v.wrong("tables.xlsx", "%v", err)
	} else {
		c.sameSheets("tables.xlsx", want, book)
	}
	for _, s := range want {
		path := s.Name + ".csv"
		got, err := readCSV(s.Name, c.by[path])
		if err != nil {
			c.v.wrong(path, "%v", err)
			continue
		}
		if differs := s.same(got); differs != "" {
			c.v.wrong(path, "it does not agree with the other formats: %s", differs)
		}
	}
}

// sameButWords compares the sheets of what facts say, without the words for codes. The sheet of codes has nothing but those.
func (c *check) sameButWords(want, got []Sheet) {
	for _, w := range want {
		if w.Name == codesSheet {
			continue
		}
		i := slices.IndexFunc(got, func(s Sheet) bool { return s.Name == w.Name })
		if i < 0 {
			c.v.wrong("tables.json", "the table %s is missing in it", w.Name)
			continue
		}
		if differs := withoutWords(w).same(withoutWords(got[i])); differs != "" {
			c.v.wrong("tables.json", "the table %s does not agree with facts.json: %s", w.Name, differs)
		}
	}
}

// withoutWords is a sheet without its columns of words for codes.
func withoutWords(s Sheet) *Sheet {
	isWords := func(j int) bool { return j < len(s.Columns) && strings.HasSuffix(s.Columns[j], "_words") }
	out := &Sheet{Name: s.Name}
	for j, name := range s.Columns {
		if !isWords(j) {
			out.Columns = append(out.Columns, name)
		}
	}
	for _, row := range s.Rows {
		var kept []Cell
		for j, cell := range row {
			if !isWords(j) {
				kept = append(kept, cell)
			}
		}
		out.Rows = append(out.Rows, kept)
	}
	return out
}

func (c *check) sameSheets(path string, want, got []Sheet) {
	if len(want) != len(got) {
		c.v.wrong(path, "it has %d tables, and should have %d", len(got), len(want))
		return
	}
	for i, s := range want {
		if differs := s.same(&got[i]); differs != "" {
			c.v.wrong(path, "the table %s does not agree with facts.json: %s", s.Name, differs)
		}
	}
}

// rebuilt makes every file again from the facts. What another program made of them cannot be made again here: its files are named
// as not checked, but for those that were compared with the facts.
func (c *check) rebuilt(f *Facts) {
	if f.Generator != Generator {
		c.v.NotChecked = c.unchecked()
		return
	}
	files, err := f.files()
	if err != nil {
		c.v.wrong(factsPath, "%v", err)
		return
	}
	c.v.Rebuilt = true
	for _, want := range files {
		if !bytes.Equal(want.Content, c.by[want.Path]) {
			c.v.Rebuilt = false
			c.v.wrong(want.Path, "it is not what follows from facts.json")
		}
	}
}

// unchecked are the files of another program's bundle, in the order of their paths, of which nothing shows that they say what the
// facts do. The PDF is not among them: nobody can make that again, and it is told apart.
func (c *check) unchecked() (paths []string) {
	for _, path := range slices.Sorted(maps.Keys(c.hashes)) {
		checked := path == factsPath || path == pdfPath || path == "figures.json" || path == "tables.json" || path == "tables.xlsx" ||
			strings.HasSuffix(path, ".csv") && path != codesSheet+".csv"
		if !checked {
			paths = append(paths, path)
		}
	}
	return paths
}

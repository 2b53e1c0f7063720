package export

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/figures"
	"answerable/internal/transparency"
)

// Names of files that a bundle is known by.
const (
	manifestPath = "MANIFEST"
	factsPath    = "facts.json"
	pdfPath      = "report.pdf"
	proofDir     = "proof/"
)

const labelManifest = "# answerable/export/v1"

// File is a file of a bundle.
type File struct {
	Path    string
	Content []byte
}

// Bundle is the part of a bundle that its panel signs.
type Bundle struct {
	Facts    *Facts
	Panel    [32]byte  // hash of the leaf of the list of members in force when it was made
	Leaves   [2][]byte // leaves of the release and of the one before; nil where there is none
	Files    []File    // sorted by path
	Manifest []byte
}

//go:embed tables.schema.json
var tablesSchema []byte

//go:embed facts.schema.json
var factsSchema []byte

//go:embed figures.schema.json
var figuresSchema []byte

// Build makes a bundle of facts. release and before are the leaves of the releases in it, panel the hash of the leaf of the list
// of members in force; pdf is the report as printed, nil to leave it out. Errors wrap ErrFacts where it cannot be made of these.
func Build(f *Facts, panel [32]byte, release, before transparency.Leaf, pdf []byte) (*Bundle, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if f.Generator != Generator {
		return nil, fmt.Errorf("%w: it is for another release of this program", ErrFacts)
	}
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	if pdf != nil {
		files = append(files, File{pdfPath, pdf})
	}
	sortFiles(files)
	b := &Bundle{Facts: f, Panel: panel, Leaves: [2][]byte{release, before}, Files: files}
	b.Manifest, err = b.manifest()
	return b, err
}

func sortFiles(files []File) {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

// files are all that follow from facts alone, sorted by path.
func (f *Facts) files() ([]File, error) {
	facts, err := f.Text()
	if err != nil {
		return nil, fmt.Errorf("write facts: %w", err)
	}
	sheets, err := f.sheets()
	if err != nil {
		return nil, err
	}
	page, err := f.report()
	if err != nil {
		return nil, err
	}
	book, err := workbook(sheets)
	if err != nil {
		return nil, err
	}
	all, err := json.Marshal(tables{1, sheets}, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		return nil, fmt.Errorf("write tables: %w", err)
	}
	files := []File{
		{factsPath, facts}, {"facts.schema.json", factsSchema}, {"report.html", page}, {"tables.xlsx", book},
		{"tables.json", append(all, '\n')}, {"tables.schema.json", tablesSchema}, {"README.txt", f.readme()},
	}
	if f.Release != nil {
		files = append(files, File{"figures.json", []byte(f.Release.Content)}, File{"figures.schema.json", figuresSchema})
	}
	for _, s := range sheets {
		content, err := s.CSV()
		if err != nil {
			return nil, err
		}
		files = append(files, File{s.Name + ".csv", content})
	}
	sortFiles(files)
	return files, nil
}

// manifest is the text that the panel signs: what the bundle is about, in lines that sha256sum passes over, and the hash of every
// file, in lines that it reads.
func (b *Bundle) manifest() ([]byte, error) {
	head, err := b.head()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, line := range head {
		out.WriteString(line + "\n")
	}
	for _, file := range b.Files {
		sum := sha256.Sum256(file.Content)
		fmt.Fprintf(&out, "%s  %s\n", hex.EncodeToString(sum[:]), file.Path)
	}
	return out.Bytes(), nil
}

func (b *Bundle) head() ([]string, error) {
	f := b.Facts
	name := func(s *Signed, leaf []byte) string {
		if s == nil {
			return "-"
		}
		hash := transparency.Leaf(leaf).Hash()
		return (&figures.Release{Content: s.Content}).Hash() + " " + hex.EncodeToString(hash[:])
	}
	plan, rule := "-", "-"
	if f.Release != nil {
		c, p, err := f.Release.read(f.Clinic.ID)
		if err != nil {
			return nil, err
		}
		plan = strconv.Itoa(p.Version) + " " + p.Hash()
		rule = fmt.Sprintf("k=%d base=%d", c.K, c.Base)
	}
	pdf := "left out: no browser printed it"
	if slices.ContainsFunc(b.Files, func(file File) bool { return file.Path == pdfPath }) {
		pdf = "printed from report.html"
	}
	return []string{
		labelManifest,
		"# clinic " + f.Clinic.ID,
		"# period " + f.First + " " + f.Last,
		"# as-of " + f.AsOf,
		"# panel " + hex.EncodeToString(b.Panel[:]),
		"# release " + name(f.Release, b.Leaves[0]),
		"# before " + name(f.Before, b.Leaves[1]),
		"# plan " + plan,
		"# rule " + rule,
		"# taxonomy " + f.Taxonomy,
		"# generator " + strconv.Itoa(f.Generator),
		"# pdf " + pdf,
	}, nil
}

// Lines are what members of the panel sign, and what enters the log with their signatures.
func (b *Bundle) Lines() string { return b.Facts.Lines(sha256.Sum256(b.Manifest)) }

// ErrBundle means that bytes are no bundle.
var ErrBundle = errors.New("this is no bundle")

// ErrNewer means that a bundle is of a format that this program does not know yet.
var ErrNewer = errors.New("this bundle is of a newer format. Check it with the newest release of answerable")

// listed reads the lines of a manifest, which must be written as manifest writes them: what it says of the bundle by word, and the
// hash of each file by path. Errors wrap ErrBundle or ErrNewer.
func listed(text []byte) (head map[string]string, hashes map[string]string, err error) {
	lines := strings.Split(string(text), "\n")
	if strings.HasPrefix(lines[0], "# answerable/export/") && lines[0] != labelManifest {
		return nil, nil, ErrNewer
	}
	if lines[0] != labelManifest || lines[len(lines)-1] != "" {
		return nil, nil, fmt.Errorf("%w: MANIFEST does not begin and end as it should", ErrBundle)
	}
	head, hashes = map[string]string{}, map[string]string{}
	last := ""
	for _, line := range lines[1 : len(lines)-1] {
		if rest, ok := strings.CutPrefix(line, "# "); ok && len(hashes) == 0 {
			word, value, _ := strings.Cut(rest, " ")
			head[word] = value
			continue
		}
		hash, path, ok := strings.Cut(line, "  ")
		if !ok || !hashPattern.MatchString(hash) || !goodPath(path) || path <= last {
			return nil, nil, fmt.Errorf("%w: a line of MANIFEST does not read", ErrBundle)
		}
		hashes[path], last = hash, path
	}
	return head, hashes, nil
}

var (
	hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	pathPattern = regexp.MustCompile(`^[A-Za-z0-9_\[][A-Za-z0-9_.\[\]-]{0,79}(/[A-Za-z0-9_][A-Za-z0-9_.\[\]-]{0,79}){0,3}$`)
)

// goodPath lets through what is a path on every system and leads nowhere else.
func goodPath(path string) bool {
	return pathPattern.MatchString(path) && !strings.Contains(path, "..")
}

// Write writes a whole bundle: what was signed, and the proof that it was.
func (b *Bundle) Write(w io.Writer, p *Proof) error {
	files := slices.Concat([]File{{manifestPath, b.Manifest}}, b.Files, p.files(b.Lines(), b.Manifest))
	sortFiles(files)
	return writeZip(w, files)
}

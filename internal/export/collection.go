package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// indexPath is by what a collection of bundles is known.
const indexPath = "INDEX.json"

// maxCollection bounds what is read as a collection, in bytes.
const maxCollection = 64 << 30

// Listed is a bundle in a collection.
type Listed struct {
	Path     string `json:"path"`
	Clinic   string `json:"clinic"` // short name
	First    string `json:"first"`
	Last     string `json:"last"`
	AsOf     string `json:"as_of"`
	Manifest string `json:"manifest_sha256"`
}

// NewListed names a bundle's place in a collection.
func NewListed(clinic, first, last, asOf string, manifest []byte) Listed {
	sum := sha256.Sum256(manifest)
	return Listed{clinic + "/" + first + "_" + asOf + ".zip", clinic, first, last, asOf, hex.EncodeToString(sum[:])}
}

type index struct {
	V       int      `json:"v"`
	Bundles []Listed `json:"bundles"`
}

// WriteCollection writes many bundles as one file, each as it is, with a list of them. It holds one bundle at a time. get gives a
// bundle's zip; told, which may be nil, hears how many are done. Nothing new is signed: each bundle holds itself.
func WriteCollection(ctx context.Context, w io.Writer, bundles []Listed, get func(Listed) ([]byte, error), told func(done int, of Listed)) error {
	bundles = slices.SortedFunc(slices.Values(bundles), func(a, b Listed) int { return strings.Compare(a.Path, b.Path) })
	list, err := json.Marshal(index{1, bundles}, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	z := zip.NewWriter(w)
	indexed := false
	for i, one := range bundles {
		if !indexed && one.Path > indexPath {
			indexed = true
			if err := addStored(z, File{indexPath, list}); err != nil {
				return fmt.Errorf("write index: %w", err)
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		file, err := get(one)
		if err == nil {
			err = addStored(z, File{one.Path, file})
		}
		if err != nil {
			return fmt.Errorf("%s: %w", one.Path, err)
		}
		if told != nil {
			told(i+1, one)
		}
	}
	if !indexed {
		if err := addStored(z, File{indexPath, list}); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
	}
	return z.Close()
}

// IsCollection reports whether bytes are many bundles in one file.
func IsCollection(r io.ReaderAt, size int64) bool {
	entries, err := entriesOf(r, size, maxCollection)
	return err == nil && slices.ContainsFunc(entries, func(e entry) bool { return e.Name == indexPath })
}

// VerifyCollection checks every bundle of a collection, one at a time, and its list. each is given what came of each. Errors wrap
// ErrBundle, or are those of each.
func VerifyCollection(ctx context.Context, r io.ReaderAt, size int64, o Options, each func(path string, v *Verified, err error) error) error {
	entries, err := entriesOf(r, size, maxCollection)
	if err != nil {
		return err
	}
	var list index
	i := slices.IndexFunc(entries, func(e entry) bool { return e.Name == indexPath })
	if i < 0 || entries[i].UncompressedSize64 > maxBundle {
		return fmt.Errorf("%w: %s is missing in it", ErrBundle, indexPath)
	}
	text, err := entries[i].read()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &list, json.RejectUnknownMembers(true)); err != nil || list.V != 1 {
		return fmt.Errorf("%w: %s does not read", ErrBundle, indexPath)
	}
	entries = slices.Delete(entries, i, i+1)
	if len(list.Bundles) != len(entries) {
		return fmt.Errorf("%w: %s names %d bundles, and there are %d", ErrBundle, indexPath, len(list.Bundles), len(entries))
	}
	for i, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := verifyListed(r, e, list.Bundles[i], o)
		if err := each(e.Name, v, err); err != nil {
			return err
		}
	}
	return nil
}

func verifyListed(r io.ReaderAt, e entry, want Listed, o Options) (*Verified, error) {
	at, err := e.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be found where it should be", ErrBundle)
	}
	size := int64(e.UncompressedSize64)
	v, err := Verify(io.NewSectionReader(r, at, size), size, o)
	if err != nil {
		return nil, err
	}
	got := Listed{e.Name, want.Clinic, v.First, v.Last, v.AsOf, v.Manifest}
	if len(v.Problems) == 0 && (got != want || v.Facts.Clinic.Slug != want.Clinic) {
		v.wrong(indexPath, "what it says of %s is not so", e.Name)
		v.Holds = false
	}
	return v, nil
}

// Unpack gives each file of a bundle, whose paths lead nowhere else. Errors wrap ErrBundle.
func Unpack(r io.ReaderAt, size int64) ([]File, error) {
	files, _, err := readZip(r, size)
	return files, err
}

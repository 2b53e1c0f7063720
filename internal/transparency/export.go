package transparency

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// ExportNamespace is the purpose for which SSH signatures of a bundle are good.
const ExportNamespace = "answerable-export"

// Export is the content of an export leaf, without the signatures: a bundle of a clinic's figures, promises and answers that
// its panel signed (internal/export/FORMAT.md).
type Export struct {
	ClinicID    string
	First, Last string   // days of the period, as 2026-04-01
	AsOf        string   // the day as of which promises stand in it
	Manifest    [32]byte // SHA-256 of the bundle's MANIFEST
}

var clinicID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Leaf writes the lines that members of the panel sign.
func (e Export) Leaf() Leaf {
	return NewLeaf(KindExport, e.ClinicID, e.First+" "+e.Last, e.AsOf, base64.StdEncoding.EncodeToString(e.Manifest[:]))
}

// ParseExport reads exactly what Export.Leaf writes. Errors wrap ErrLeaf.
func ParseExport(l Leaf) (*Export, error) {
	lines := strings.Split(string(l), "\n")
	if len(lines) != 7 || l.Kind() != KindExport || lines[6] != "" || !clinicID.MatchString(lines[2]) {
		return nil, fmt.Errorf("%w: not the lines of an export", ErrLeaf)
	}
	e := &Export{ClinicID: lines[2], AsOf: lines[4]}
	e.First, e.Last, _ = strings.Cut(lines[3], " ")
	for _, day := range []string{e.First, e.Last, e.AsOf} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return nil, fmt.Errorf("%w: a day does not read", ErrLeaf)
		}
	}
	if e.Last < e.First || e.AsOf <= e.Last {
		return nil, fmt.Errorf("%w: its days are not in order", ErrLeaf)
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(lines[5])
	if err != nil || len(hash) != sha256.Size {
		return nil, fmt.Errorf("%w: the hash is not 32 bytes in base64", ErrLeaf)
	}
	e.Manifest = [32]byte(hash)
	if string(e.Leaf()) != string(l) {
		return nil, fmt.Errorf("%w: not written as we write it", ErrLeaf)
	}
	return e, nil
}

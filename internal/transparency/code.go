package transparency

import (
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Code is the content of a code leaf: which page scripts a release serves. Whoever gets other bytes from the server was
// given scripts that were never owned up to.
type Code struct {
	Release string              // as the build names itself, or "-"
	Files   map[string][32]byte // SHA-256 of each file, by its name below /static
}

var (
	releaseName = regexp.MustCompile(`^[!-~]{1,100}$`)
	fileName    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
)

// Leaf writes the release, then one line for each file, sorted by name.
func (c Code) Leaf() Leaf {
	lines := []string{c.Release}
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		hash := c.Files[name]
		lines = append(lines, base64.StdEncoding.EncodeToString(hash[:])+" "+name)
	}
	return NewLeaf(KindCode, lines...)
}

// ParseCode reads exactly what Code.Leaf writes. Errors wrap ErrLeaf.
func ParseCode(l Leaf) (*Code, error) {
	lines := strings.Split(string(l), "\n")
	if len(lines) < 4 || l.Kind() != KindCode || !releaseName.MatchString(lines[2]) {
		return nil, fmt.Errorf("%w: not the lines of a code leaf", ErrLeaf)
	}
	c := &Code{Release: lines[2], Files: map[string][32]byte{}}
	for _, line := range lines[3 : len(lines)-1] {
		b64, name, _ := strings.Cut(line, " ")
		hash, err := base64.StdEncoding.Strict().DecodeString(b64)
		if err != nil || len(hash) != 32 || !fileName.MatchString(name) {
			return nil, fmt.Errorf("%w: a line is not a hash and a file's name", ErrLeaf)
		}
		c.Files[name] = [32]byte(hash)
	}
	if string(c.Leaf()) != string(l) {
		return nil, fmt.Errorf("%w: not written as we write it", ErrLeaf)
	}
	return c, nil
}

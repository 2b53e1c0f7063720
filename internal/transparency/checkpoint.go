package transparency

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxCheckpoint bounds what is read as a checkpoint, in bytes: three lines and the signatures of some thirty witnesses.
const maxCheckpoint = 64 << 10

// Checkpoint is what a log says of itself at a moment (c2sp.org/tlog-checkpoint): its name, how many leaves it has, and the
// hash over all of them. Note is the signed text it was read from, cosignatures included.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	Note   string
}

// Tree is the part that golang.org/x/mod/sumdb/tlog works with.
func (c *Checkpoint) Tree() tlog.Tree { return tlog.Tree{N: c.Size, Hash: c.Root} }

// ErrCheckpoint means that bytes are not a checkpoint signed by the log they should come from.
var ErrCheckpoint = errors.New("this is not a checkpoint signed by this log")

// ParseCheckpoint reads a signed checkpoint of the log whose key verifier is. The key's name is the origin. Signatures of
// unknown keys are passed over, as c2sp.org/signed-note wants. Errors wrap ErrCheckpoint.
func ParseCheckpoint(signed []byte, verifier note.Verifier) (*Checkpoint, error) {
	if len(signed) > maxCheckpoint {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrCheckpoint, maxCheckpoint)
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: the signature does not hold", ErrCheckpoint)
	}
	c, err := readCheckpoint(opened.Text)
	if err != nil {
		return nil, err
	}
	if c.Origin != verifier.Name() {
		return nil, fmt.Errorf("%w: it is of another log", ErrCheckpoint)
	}
	c.Note = string(signed)
	return c, nil
}

// readCheckpoint reads the text below the signatures, written in the one way that the format has.
func readCheckpoint(text string) (*Checkpoint, error) {
	var c log.Checkpoint
	rest, err := c.Unmarshal([]byte(text))
	if err != nil || len(c.Hash) != tlog.HashSize || int64(c.Size) < 0 {
		return nil, fmt.Errorf("%w: its lines do not read", ErrCheckpoint)
	}
	if string(c.Marshal())+string(rest) != text || bytes.HasPrefix(rest, []byte("\n")) || bytes.Contains(rest, []byte("\n\n")) {
		return nil, fmt.Errorf("%w: its lines are not written as they should be", ErrCheckpoint)
	}
	return &Checkpoint{Origin: c.Origin, Size: int64(c.Size), Root: tlog.Hash(c.Hash)}, nil
}

// OriginOf reads which log a checkpoint claims to be of, before any signature is looked at. Errors wrap ErrCheckpoint.
func OriginOf(signed []byte) (string, error) {
	origin, rest, ok := strings.Cut(string(signed[:min(len(signed), maxCheckpoint)]), "\n")
	if !ok || origin == "" || !strings.Contains(rest, "\n\n") {
		return "", fmt.Errorf("%w: its lines do not read", ErrCheckpoint)
	}
	return origin, nil
}

// signCheckpoint signs a tree's size and root.
func signCheckpoint(signer note.Signer, tree tlog.Tree) (*Checkpoint, error) {
	text := log.Checkpoint{Origin: signer.Name(), Size: uint64(tree.N), Hash: tree.Hash[:]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return &Checkpoint{Origin: signer.Name(), Size: tree.N, Root: tree.Hash, Note: string(signed)}, nil
}

// AddSignatures puts note signature lines after those a checkpoint has and gives the longer note. A newer line of a key takes
// the place of its older one. Lines that no verifier here knows are left out, and the others are written anew, for the same
// bytes can be spelled in several ways: a witness must not be able to make a checkpoint carry anything. An error says that none
// was good.
func (c *Checkpoint) AddSignatures(lines []byte, known ...note.Verifier) (string, error) {
	text, had, ok := strings.Cut(c.Note, "\n\n")
	if !ok {
		return "", ErrCheckpoint
	}
	signed := strings.SplitAfter(had, "\n")
	added := false
	for line := range strings.SplitAfterSeq(string(lines), "\n") {
		opened, err := note.Open([]byte(text+"\n\n"+line), note.VerifierList(known...))
		if err != nil || len(opened.Sigs) != 1 {
			continue
		}
		sig := opened.Sigs[0]
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil {
			continue
		}
		signed = slices.DeleteFunc(signed, func(old string) bool { return old == "" || isBy(old, sig) })
		signed = append(signed, fmt.Sprintf("— %s %s\n", sig.Name, base64.StdEncoding.EncodeToString(raw)))
		added = true
	}
	if !added {
		return "", fmt.Errorf("%w: no cosignature holds", ErrCheckpoint)
	}
	return text + "\n\n" + strings.Join(signed, ""), nil
}

// isBy says whether a signature's line claims to be of the same key as another.
func isBy(line string, sig note.Signature) bool {
	b64, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "— "+sig.Name+" ")
	id, err := base64.StdEncoding.DecodeString(b64)
	return ok && err == nil && len(id) > 4 && binary.BigEndian.Uint32(id) == sig.Hash
}

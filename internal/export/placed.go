package export

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/transparency"
)

// watcher is a witness whose key a bundle names, so that its line under a checkpoint can be held against it.
type watcher struct {
	key string // verifier key, of the type that cosigns
	note.Verifier
}

// watchersOf reads witnesses' keys. Each stands there once, in their order by byte, and is written in the one way that it has.
func watchersOf(keys []string) (known []watcher, err error) {
	if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
		return nil, fmt.Errorf("%w: they are not in order, each once", ErrBundle)
	}
	for _, key := range keys {
		v, err := formats.NewVerifierForCosignatureV1(key)
		if err != nil || strings.ToLower(keyHash(key)) != keyHash(key) {
			return nil, fmt.Errorf("%w: one is no key of a witness", ErrBundle)
		}
		known = append(known, watcher{key, v})
	}
	return known, nil
}

// PlacedBy writes the proof of a leaf's place with the log's own signature under the checkpoint, and those of the witnesses whose
// keys are given and who cosigned it; by names them. Lines of others are left out: of those nobody could say, without a key,
// whether a byte was changed.
func PlacedBy(placed *transparency.Proof, verifier note.Verifier, keys []string) (file []byte, by []string, err error) {
	known, err := watchersOf(keys)
	if err != nil {
		return nil, nil, err
	}
	signed, by, err := signaturesOf(placed.Checkpoint.Note, verifier, known)
	if err != nil {
		return nil, nil, err
	}
	c := *placed.Checkpoint
	c.Note = signed
	alone := *placed
	alone.Checkpoint = &c
	return alone.Marshal(), by, nil
}

// signaturesOf is a checkpoint with the log's signature first, then those of the witnesses in the order of their keys.
func signaturesOf(signed string, verifier note.Verifier, known []watcher) (text string, by []string, err error) {
	verifiers := []note.Verifier{verifier}
	for _, w := range known {
		verifiers = append(verifiers, w)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return "", nil, transparency.ErrCheckpoint
	}
	lines := map[uint32]string{}
	for _, sig := range opened.Sigs {
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil {
			return "", nil, transparency.ErrCheckpoint
		}
		lines[sig.Hash] = fmt.Sprintf("— %s %s\n", sig.Name, base64.StdEncoding.EncodeToString(raw))
	}
	own := lines[verifier.KeyHash()]
	if own == "" {
		return "", nil, transparency.ErrCheckpoint
	}
	text = opened.Text + "\n" + own
	for _, w := range known {
		if line := lines[w.KeyHash()]; line != "" {
			text, by = text+line, append(by, w.key)
		}
	}
	return text, by, nil
}

// checkPlaced holds the proof of a leaf's place against the keys of the log and of the witnesses: every byte of it must be one that
// was written. by are the keys of the witnesses who cosigned it.
func checkPlaced(file []byte, leaf transparency.Leaf, verifier note.Verifier, keys []string, origin string) (at *transparency.Checkpoint, by []string, err error) {
	placed, err := transparency.ParseProof(file, nil, verifier)
	if err != nil {
		return nil, nil, err
	}
	if !bytes.Equal(placed.Leaf, leaf) || placed.Checkpoint.Origin != origin {
		return nil, nil, fmt.Errorf("%w: it is about another leaf or log", transparency.ErrProof)
	}
	again, by, err := PlacedBy(placed, verifier, keys)
	if err != nil || !bytes.Equal(again, file) {
		return nil, nil, fmt.Errorf("%w: it is not written as we write it", transparency.ErrProof)
	}
	return placed.Checkpoint, by, nil
}

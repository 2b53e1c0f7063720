package client

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Opened is one submission of a folder: its answers, or a sentence that says why it cannot be read.
type Opened struct {
	LeafHash string        `json:"leaf_hash"` // hex
	Epoch    string        `json:"epoch"`     // "" when the leaf itself does not read
	SealedBy string        `json:"sealed_by,omitzero"`
	Lang     string        `json:"lang,omitzero"`
	Answers  []seal.Answer `json:"answers,omitzero"`
	Kind     string        `json:"kind,omitzero"`    // submission, followup, consent or about_you
	Consent  *seal.Consent `json:"consent,omitzero"` // what a consent allows from now on
	Thread   *string       `json:"thread,omitzero"`  // base64url of the leaf hash of the receipt's first message
	Mailbox  *string       `json:"mailbox,omitzero"` // base64url, equal in all messages of one receipt
	Error    string        `json:"error,omitzero"`
}

// Tally counts what a folder held.
type Tally struct{ Read, Decoys, Unreadable int }

// ErrNothingPulled means that a folder was not made by Pull.
var ErrNothingPulled = errors.New("this is not a folder of pulled files")

// Open reads all submissions of a folder that Pull made, in order of leaf hash, without a network. It checks that each
// file is the one its leaf names and that its content was written for that leaf, that epoch and that place. Decoys are
// counted and not shown; what cannot be read is shown with a sentence and does not stop the rest. show's error does.
func Open(dir string, identity age.Identity, show func(*Opened) error) (*Tally, error) {
	origin, err := os.ReadFile(filepath.Join(dir, originFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNothingPulled
	}
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	o := newOpener(dir, origin, identity)
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	var tally Tally
	for _, name := range names {
		opened, decoy := o.open(name)
		switch {
		case decoy:
			tally.Decoys++
			continue
		case opened.Error != "":
			tally.Unreadable++
		default:
			tally.Read++
		}
		if err := show(opened); err != nil {
			return &tally, err
		}
	}
	return &tally, nil
}

// OnlyOf gives a show for Open that passes on one message, by its hash in hex, and what came later from its writer: what has its
// mailbox. Naming it as its first is not enough, since anybody can. Errors: ErrNoMessage, what Open answers.
func OnlyOf(dir string, identity age.Identity, leaf string, show func(*Opened) error) (func(*Opened) error, error) {
	hash, err := hex.DecodeString(leaf)
	if err != nil || len(hash) != 32 {
		return nil, ErrNoMessage
	}
	mailbox, found := "", false
	_, err = Open(dir, identity, func(o *Opened) error {
		if o.LeafHash != leaf {
			return nil
		}
		if found = true; o.Mailbox != nil {
			mailbox = *o.Mailbox
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNoMessage
	}
	return func(o *Opened) error {
		if o.LeafHash == leaf || mailbox != "" && o.Mailbox != nil && *o.Mailbox == mailbox {
			return show(o)
		}
		return nil
	}, nil
}

// globEscape keeps a folder's own name from being a pattern.
func globEscape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

type opener struct {
	dir, origin string
	identity    age.Identity
	keys        map[string]*epochResult
}

type epochResult struct {
	identity *age.HybridIdentity
	err      error
}

func newOpener(dir string, origin []byte, identity age.Identity) *opener {
	return &opener{dir: dir, origin: strings.TrimSpace(string(origin)), identity: identity, keys: map[string]*epochResult{}}
}

// names are the hashes of the leaves in the folder, in hex, sorted.
func (o *opener) names() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(globEscape(o.dir), "*"+ageExt))
	if err != nil {
		return nil, fmt.Errorf("list folder: %w", err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ageExt))
	}
	slices.Sort(names)
	return names, nil
}

func (o *opener) open(name string) (opened *Opened, decoy bool) {
	opened = &Opened{LeafHash: name}
	p, err := o.read(name, opened)
	if err != nil {
		opened.Error = err.Error()
		return opened, false
	}
	if p.T == seal.KindDecoy {
		return nil, true
	}
	opened.Kind, opened.SealedBy, opened.Lang, opened.Answers = p.T, p.SealedBy, p.Lang, p.Answers
	opened.Consent, opened.Thread, opened.Mailbox = p.Consent, p.Thread, p.Mailbox
	return opened, false
}

// junkError is why a file that is the very one its leaf names does not open. It was sent so; every other error of read says that
// the file, or the key to it, is not here.
type junkError struct{ error }

func (e junkError) Unwrap() error { return e.error }

// read opens one submission. Errors: junkError for what nobody can open, others for what is not here as it was sent.
func (o *opener) read(name string, opened *Opened) (*seal.Plaintext, error) {
	base := filepath.Join(o.dir, name)
	leaf, err := readLeaf(base+leafExt, name)
	if err != nil {
		return nil, err
	}
	opened.Epoch = leaf.Epoch
	file, err := os.ReadFile(base + ageExt)
	if err != nil {
		return nil, fmt.Errorf("the sealed file cannot be read: %w", errors.Unwrap(err))
	}
	if seal.FileHash(file) != leaf.FileHash {
		return nil, errors.New("the sealed file is not the one its leaf names; pull again")
	}
	identity, err := o.epochKey(leaf.Epoch)
	if err != nil {
		return nil, err
	}
	p, err := seal.Open(file, identity)
	if err == nil {
		err = p.Check(leaf.Epoch, o.origin, leaf.Anchor)
	}
	if err != nil {
		return nil, junkError{err}
	}
	return p, nil
}

func readLeaf(path, name string) (*transparency.Submission, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("the leaf beside this file is missing; pull again")
	}
	leaf, hash, err := leafOf(string(text))
	if err != nil || hex.EncodeToString(hash[:]) != name {
		return nil, errors.New("the leaf beside this file is not the one the file is named after; pull again")
	}
	return leaf, nil
}

// epochKey opens the reviewer's wrap of an epoch once and remembers what came of it.
func (o *opener) epochKey(epoch string) (*age.HybridIdentity, error) {
	if o.keys[epoch] == nil {
		identity, err := o.openEpochKey(epoch)
		o.keys[epoch] = &epochResult{identity, err}
	}
	return o.keys[epoch].identity, o.keys[epoch].err
}

func (o *opener) openEpochKey(epoch string) (*age.HybridIdentity, error) {
	if !epochName.MatchString(epoch) {
		return nil, keyring.ErrRecord
	}
	base := filepath.Join(o.dir, epochsDir, epoch)
	lines, err := os.ReadFile(base + recordExt)
	if err != nil {
		return nil, fmt.Errorf("the record of epoch %s is missing; pull again", epoch)
	}
	record, err := keyring.ParseRecord(string(lines))
	if err != nil {
		return nil, fmt.Errorf("the record of epoch %s does not read", epoch)
	}
	file, err := os.ReadFile(base + ageExt)
	if err != nil && record.K > 1 {
		return nil, fmt.Errorf("%d of %d open epoch %s together, and that has not been done here; ask them with: answerable epoch open --epoch %s",
			record.K, record.N, epoch, epoch)
	}
	if err != nil {
		return nil, fmt.Errorf("there is no wrap of epoch %s for this reviewer: they cannot open what was sealed then", epoch)
	}
	identity, err := seal.OpenEpochKey(file, o.identity, epoch, record.Recipient)
	if err != nil {
		return nil, fmt.Errorf("the wrap of epoch %s does not open with this identity", epoch)
	}
	return identity, nil
}

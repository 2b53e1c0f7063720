package client

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
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
	Note     string        `json:"note,omitzero"`    // TiedByWish, where it is that
	Error    string        `json:"error,omitzero"`
}

// Tally counts what a folder held.
type Tally struct {
	Read, Decoys, Unreadable int

	Unproven bool // the folder holds nothing that its keys and files could be held against
}

// ErrNothingPulled means that a folder was not made by Pull.
var ErrNothingPulled = errors.New("this is not a folder of pulled files")

// Open reads all submissions of a folder that Pull made, in order of leaf hash, without a network. It checks that each
// file is the one its leaf names and that its content was written for that leaf, that epoch and that place. Decoys are
// counted and not shown; what cannot be read is shown with a sentence and does not stop the rest. show's error does.
//
// It asks for no declaration and counts no story. Whoever reads for a panel reads by Cards and OpenDeclared.
//
// Where the folder holds the state that was pulled with the files (see Keep), that is walked first as the server's answers are: keys
// are those of the panel's signed lists, and files those that the server gave. Errors: ErrNothingPulled, ErrFolder, ErrFetched.
func Open(dir string, identity *age.HybridIdentity, show func(*Opened) error) (*Tally, error) {
	o, proven, err := openerOf(dir, identity)
	if err != nil {
		return nil, err
	}
	defer o.folder.close()
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	tally := &Tally{Unproven: !proven}
	return tally, o.each(names, tally, show)
}

// each opens messages by their names, and counts them.
func (o *opener) each(names []string, tally *Tally, show func(*Opened) error) error {
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
			return err
		}
	}
	return nil
}

// leafName is a leaf hash in hex, after which a file is named.
var leafName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// opener opens the messages of a folder.
type opener struct {
	folder   *folder
	origin   string
	identity age.Identity
	keys     map[string]*epochResult

	// What the server gave and the panel signed. Where a folder holds nothing of that, both are nil, and what it says itself counts.
	records   map[string]*keyring.Record
	delivered map[[32]byte]bool
	recused   map[[32]byte][]byte
}

type epochResult struct {
	identity *age.HybridIdentity
	err      error
}

// newOpener reads a folder. pulled is what was found out about it; nil for nothing. Errors: ErrNothingPulled, ErrFolder.
func newOpener(f *folder, identity age.Identity, pulled *Pulled) (*opener, error) {
	origin, err := f.read(originFile, mostOrigin)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNothingPulled
	}
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	o := &opener{folder: f, origin: strings.TrimSpace(string(origin)), identity: identity, keys: map[string]*epochResult{}}
	if pulled != nil {
		o.records, o.delivered, o.recused = pulled.records, pulled.delivered, pulled.recused
	}
	return o, nil
}

// record is that of an epoch. Where the panel's lists were walked, it was held against them.
func (o *opener) record(epoch string) (*keyring.Record, error) {
	if !epochName.MatchString(epoch) {
		return nil, keyring.ErrRecord
	}
	if o.records != nil {
		if record := o.records[epoch]; record != nil {
			return record, nil
		}
		return nil, fmt.Errorf("the record of epoch %s was not pulled with the rest; pull again", epoch)
	}
	lines, err := o.folder.read(path.Join(epochsDir, epoch+recordExt), mostRecord)
	if err != nil {
		return nil, fmt.Errorf("the record of epoch %s is missing; pull again", epoch)
	}
	record, err := keyring.ParseRecord(string(lines))
	if err != nil {
		return nil, fmt.Errorf("the record of epoch %s does not read", epoch)
	}
	return record, nil
}

// names are the hashes of the leaves in the folder, in hex, sorted.
func (o *opener) names() ([]string, error) {
	all, err := o.folder.names(".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range all {
		if name, ok := strings.CutSuffix(file, ageExt); ok && leafName.MatchString(name) {
			names = append(names, name)
		}
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
	leaf, hash, err := o.leaf(name)
	if err != nil {
		return nil, err
	}
	opened.Epoch = leaf.Epoch
	if _, back := o.recused[hash]; back {
		return nil, errors.New("you have stepped back from this message, and it is not opened; take its files out of the folder, which had lost them")
	}
	if o.delivered != nil && !o.delivered[hash] {
		return nil, errors.New("this file did not come with the rest; somebody may have put it here, or it is newer; pull again")
	}
	file, err := o.folder.read(name+ageExt, mostSealed)
	if err != nil {
		return nil, fmt.Errorf("the sealed file cannot be read: %w", cause(err))
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

func (o *opener) leaf(name string) (*transparency.Submission, [32]byte, error) {
	text, err := o.folder.read(name+leafExt, mostLeaf)
	if err != nil {
		return nil, [32]byte{}, errors.New("the leaf beside this file is missing; pull again")
	}
	leaf, hash, err := leafOf(string(text))
	if err != nil || hex.EncodeToString(hash[:]) != name {
		return nil, [32]byte{}, errors.New("the leaf beside this file is not the one the file is named after; pull again")
	}
	return leaf, hash, nil
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
	record, err := o.record(epoch)
	if err != nil {
		return nil, err
	}
	file, err := o.folder.read(path.Join(epochsDir, epoch+ageExt), mostWrap)
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

// leafOf reads a delivered leaf's text and names it.
func leafOf(text string) (*transparency.Submission, [32]byte, error) {
	s, err := transparency.ParseSubmission(transparency.Leaf(text))
	if err != nil {
		return nil, [32]byte{}, err
	}
	return s, transparency.Leaf(text).Hash(), nil
}

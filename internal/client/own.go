package client

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
)

// ownFile holds what is the reviewer's alone in a folder: on what they declared, what they read in this sitting, and what they wrote
// that waits to be sent. Who finds the folder, or writes into it, cannot read it and cannot write another.
const ownFile = "own" + ageExt

const (
	// labelOwn begins what a reviewer signs of what lies in a folder for themselves; internal/review/FORMAT.md.
	labelOwn = "answerable/v1/desk"

	kindOwn     = "own"     // ownFile
	kindFetched = "fetched" // fetchedFile

	ownStep    = 32 << 10 // what is one's own is padded to multiples of this, so that its size says little
	mostOwn    = 64 << 20
	ageMargin  = 64 << 10 // what age adds is less: a header, and 16 bytes for each 64 KiB
	mostWaits  = 1000     // steps
	mostMarks  = 100_000  // declarations, steps back and what was compared
	ownVersion = 1
)

// Errors of the desk.
var (
	// ErrOwn means that the reviewer's own part of a folder does not open or was not written by them.
	ErrOwn = errors.New("what you did in this folder cannot be read: it is another reviewer's, or somebody has changed it")
	// errOthers is ErrOwn for what is sealed to somebody else.
	errOthers = fmt.Errorf("%w: it is sealed to somebody else", ErrOwn)
	// ErrOwnGone is ErrOwn for a folder that was filled and whose own part was taken away: steps, and a step back from a message, may be lost.
	ErrOwnGone = fmt.Errorf("%w. desk/own.age was taken away, and with it all that waited to be sent. Look for a copy. To go on without it, pull into a new folder, and step back again from what you stepped back from", ErrOwn)
	// ErrRaced means that two commands worked in a folder at once.
	ErrRaced = errors.New("another command worked in this folder just now, and nothing was written over")
)

// own is the content of ownFile.
type own struct {
	V        int      `json:"v"`
	Folder   []byte   `json:"folder"`            // drawn for each folder, so that what is one's own in another does not fit here
	Pulls    int      `json:"pulls"`             // how often the folder was filled: an older filling put back is found out
	Declared []string `json:"declared"`          // leaf hashes in hex
	Recused  []string `json:"recused"`           // mailboxes of messages that were stepped back from: what comes later is not shown either
	Compared []string `json:"compared,omitzero"` // leaf hashes in hex: others' codings were shown before any of one's own
	Practice Practice `json:"practice"`          // as the server said last
	Sitting  sitting  `json:"sitting"`
	Next     int      `json:"next"` // number of the next step
	Waiting  []step   `json:"waiting"`
}

func (o *own) check() error {
	marks := len(o.Declared) + len(o.Recused) + len(o.Compared) + len(o.Sitting.Opened) + len(o.Sitting.Serious)
	if o.V != ownVersion || o.Pulls < 0 || o.Next < 0 || len(o.Waiting) > mostWaits || marks > mostMarks {
		return ErrOwn
	}
	for i := range o.Waiting {
		if err := o.Waiting[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (o *own) undeclare(leaf string) {
	o.Declared = slices.DeleteFunc(o.Declared, func(had string) bool { return had == leaf })
}

func (o *own) declared(leaf string) bool { return slices.Contains(o.Declared, leaf) }

// notebook is a reviewer's own part of a folder.
type notebook struct {
	*folder
	by *Reviewer

	last *own // as this command read or wrote it last
}

// read gives what is there, which nobody changes but by change; what a new folder begins with where there is nothing. Errors: ErrOwn,
// ErrFolder.
func (n *notebook) read() (o *own, err error) {
	if n.last == nil {
		n.last, _, err = n.reread()
	}
	return n.last, err
}

func (n *notebook) reread() (*own, []byte, error) {
	file, err := n.folder.read(path.Join(deskDir, ownFile), mostOwn)
	if errors.Is(err, fs.ErrNotExist) {
		return &own{V: ownVersion, Next: 1}, nil, n.ownGone()
	}
	if err != nil {
		return nil, nil, err
	}
	content, err := n.by.openOwn(kindOwn, file, mostOwn)
	if err != nil {
		return nil, nil, err
	}
	o, err := readOwn(content)
	if err != nil {
		return nil, nil, err
	}
	return o, file, nil
}

// ownGone is ErrOwnGone where the list of a filling lies there and no own part, which is written before it.
func (f *folder) ownGone() error {
	_, own := f.root.Lstat(path.Join(deskDir, ownFile))
	_, list := f.root.Lstat(path.Join(deskDir, fetchedFile))
	if errors.Is(own, fs.ErrNotExist) && !errors.Is(list, fs.ErrNotExist) {
		return ErrOwnGone
	}
	return nil
}

// readOwn reads what a reviewer's own part holds, once its signature holds.
func readOwn(content []byte) (*own, error) {
	o := new(own)
	if err := json.Unmarshal(content, o, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: it does not read", ErrOwn)
	}
	return o, o.check()
}

// change writes what is one's own anew, at once and whole, and comes back when it is on the disk. Other commands of this machine wait
// meanwhile, so that none writes over what another kept. change must not call it again. Errors: those of read, ErrRaced.
func (n *notebook) change(change func(*own) error) error {
	unlock, err := n.lock()
	if err != nil {
		return err
	}
	defer unlock()
	o, before, err := n.reread()
	if err != nil {
		return err
	}
	if o.Folder == nil {
		o.Folder = make([]byte, 16)
		_, _ = rand.Read(o.Folder)
	}
	if err := change(o); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	content, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("write what is your own: %w", err)
	}
	padded := append(content, bytes.Repeat([]byte{' '}, ownStep-len(content)%ownStep)...)
	file, err := n.by.sealOwn(kindOwn, padded)
	if err != nil {
		return err
	}
	name := path.Join(deskDir, ownFile)
	if now, err := n.folder.read(name, mostOwn); err == nil && !bytes.Equal(now, before) || errors.Is(err, fs.ErrNotExist) && before != nil {
		return ErrRaced
	}
	if err := n.writeDurably(name, file); err != nil {
		return err
	}
	n.last = o
	return nil
}

// ownText is what a reviewer signs of a file in their folder.
func (r *Reviewer) ownText(kind string, content []byte) []byte {
	hash := sha256.Sum256(content)
	return []byte(labelOwn + "\n" + r.ID + "\n" + kind + "\n" + base64.StdEncoding.EncodeToString(hash[:]) + "\n")
}

// sealOwn signs content as the reviewer's own, and seals both to nobody but them: 64 bytes of signature, then the content.
func (r *Reviewer) sealOwn(kind string, content []byte) ([]byte, error) {
	return sealTo(r.identity, append(ed25519.Sign(r.key, r.ownText(kind, content)), content...))
}

// openOwn opens what sealOwn made, up to limit bytes. Anybody can seal something to a reviewer; nobody else can sign it. Errors: ErrOwn.
func (r *Reviewer) openOwn(kind string, file []byte, limit int64) ([]byte, error) {
	opened, err := openSealed(r.identity, file, limit)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, errOthers
	}
	if err != nil || len(opened) < ed25519.SignatureSize {
		return nil, ErrOwn
	}
	signature, content := opened[:ed25519.SignatureSize], opened[ed25519.SignatureSize:]
	if !ed25519.Verify(r.verifyKey(), r.ownText(kind, content), signature) {
		return nil, ErrOwn
	}
	return content, nil
}

func sealTo(identity *age.HybridIdentity, content []byte) ([]byte, error) {
	var file bytes.Buffer
	w, err := age.Encrypt(&file, identity.Recipient())
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("seal to yourself: %w", err)
	}
	return file.Bytes(), nil
}

func openSealed(identity *age.HybridIdentity, file []byte, limit int64) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), identity)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = ErrFolder
	}
	return content, err
}

// notebook is that of a folder, or of the one that answers in a server's place.
func (r *Reviewer) notebook(dir string) (*notebook, error) {
	if r.offline != nil {
		return r.offline.own, nil
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	return &notebook{folder: f, by: r}, nil
}

// notebookIn opens a reviewer's own part of a folder, for a command that has no server. Errors: ErrNothingPulled, ErrFolder.
func notebookIn(dir string, identity *age.HybridIdentity) (*notebook, error) {
	f, err := openFolder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNothingPulled
	}
	if err != nil {
		return nil, err
	}
	by, err := new(Client).Reviewer(identity)
	if err != nil {
		return nil, err
	}
	return &notebook{folder: f, by: by}, nil
}

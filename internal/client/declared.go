package client

import (
	"errors"
	"slices"

	"filippo.io/age"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// Veiled is what a reviewer sees of a message of a folder before they declare on it: its card, and no word of it.
type Veiled struct {
	LeafHash string       `json:"leaf_hash"` // hex
	Epoch    string       `json:"epoch"`     // "" when the leaf itself does not read
	Card     *coding.Card `json:"card,omitzero"`
	Declared bool         `json:"declared"` // it opens, by OpenDeclared
	Error    string       `json:"error,omitzero"`
}

// errStepped stands in place of what a writer sent whose other message was stepped back from.
var errStepped = errors.New("you have stepped back from a message of its writer, and it is not opened")

// Cards shows all messages of a folder as Open does, each by its card. Errors: those of Open, ErrOwn.
func Cards(dir string, identity *age.HybridIdentity, show func(*Veiled) error) (*Tally, error) {
	mine, err := ownIn(dir, identity)
	if err != nil {
		return nil, err
	}
	return Open(dir, identity, func(o *Opened) error {
		v := &Veiled{LeafHash: o.LeafHash, Epoch: o.Epoch, Declared: mine.declared(o.LeafHash), Error: o.Error}
		switch {
		case mine.left(o):
			v.Error = errStepped.Error()
		case o.Error == "":
			v.Card = coding.NewCard(o.Kind, "", o.Answers).Shown("")
		}
		return show(v)
	})
}

// OpenDeclared shows one message, by its hash in hex, on which this reviewer has declared, and what came later from its writer: what has
// its mailbox. Naming it as its first is not enough, since anybody can. Errors: ErrNoMessage, ErrNotDeclared, ErrOwn, those of Open.
func OpenDeclared(dir string, identity *age.HybridIdentity, leaf string, show func(*Opened) error) (*Tally, error) {
	if !leafName.MatchString(leaf) {
		return nil, ErrNoMessage
	}
	mine, err := ownIn(dir, identity)
	if err != nil {
		return nil, err
	}
	if !mine.declared(leaf) {
		return nil, ErrNotDeclared
	}
	o, proven, err := openerOf(dir, identity)
	if err != nil {
		return nil, err
	}
	defer o.folder.close()
	names, err := o.names()
	at := slices.Index(names, leaf)
	if err == nil && at < 0 {
		err = ErrNoMessage
	}
	if err != nil {
		return nil, err
	}
	tally, mailbox := &Tally{Unproven: !proven}, ""
	of := func(m *Opened) error {
		if mine.left(m) {
			return show(&Opened{LeafHash: m.LeafHash, Epoch: m.Epoch, Error: errStepped.Error()})
		}
		mailbox = deref(m.Mailbox)
		return show(m)
	}
	if err := o.each([]string{leaf}, tally, of); err != nil || mailbox == "" {
		return tally, err
	}
	return tally, o.each(slices.Delete(names, at, at+1), tally, func(m *Opened) error {
		if deref(m.Mailbox) != mailbox {
			return nil
		}
		if m.Kind == seal.KindAboutYou {
			m.Note = TiedByWish
		}
		return show(m)
	})
}

// Declared says whether the reviewer whose folder this is has declared on a message; leaf is its hash in hex. Errors: ErrNothingPulled,
// ErrOwn, ErrFolder.
func Declared(dir string, identity *age.HybridIdentity, leaf string) (bool, error) {
	mine, err := ownIn(dir, identity)
	return err == nil && mine.declared(leaf), err
}

// ownIn reads a reviewer's own part of a folder. In a folder that another reviewer works in, nothing is theirs.
func ownIn(dir string, identity *age.HybridIdentity) (*own, error) {
	n, err := notebookIn(dir, identity)
	if err != nil {
		return nil, err
	}
	defer n.close()
	o, err := n.read()
	if errors.Is(err, errOthers) {
		return new(own), nil
	}
	return o, err
}

// left says whether a message is of a writer whose other message was stepped back from.
func (o *own) left(m *Opened) bool { return m.Mailbox != nil && slices.Contains(o.Recused, *m.Mailbox) }

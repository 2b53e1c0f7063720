package client

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"slices"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// recusals are the leaves that this reviewer stepped back from, by the own signature and never by the server's word, each with the
// file that reminds of it, which is nil where that is missing or signed by nobody; and the files that remind of messages which may be
// gone.
func (r *Reviewer) recusals(ctx context.Context, clinic, clinicID string) (own map[[32]byte][]byte, kept [][]byte, err error) {
	var out recusalsAnswer
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "recusals"), &out); err != nil {
		return nil, nil, err
	}
	own = map[[32]byte][]byte{}
	for _, k := range out.Kept {
		if review.VerifyKept(r.verifyKey(), clinicID, r.ID, seal.FileHash(k.File), k.Signature) {
			kept = append(kept, k.File)
		}
	}
	for _, one := range out.Recusals {
		if len(one.Leaf) != 32 || !review.VerifyRecusal(r.verifyKey(), clinicID, [32]byte(one.Leaf), r.ID, one.Signature) {
			continue
		}
		leaf := [32]byte(one.Leaf)
		own[leaf] = nil
		if m := one.Reminder; m != nil && review.VerifyReminder(r.verifyKey(), clinicID, leaf, r.ID, seal.FileHash(m.File), m.Signature) {
			own[leaf] = m.File
		}
	}
	return own, kept, nil
}

// steppedBack are recusals and kept reminders, and what this reviewer stepped back from in a folder and has not sent, which unsent names. Another reviewer's
// part of the folder says nothing of this one's. Errors: those of recusals and of notebook.read.
func (r *Reviewer) steppedBack(ctx context.Context, clinic, clinicID string, n *notebook) (all map[[32]byte][]byte, kept [][]byte, unsent [][32]byte, err error) {
	if all, kept, err = r.recusals(ctx, clinic, clinicID); err != nil {
		return nil, nil, nil, err
	}
	mine, err := n.read()
	if errors.Is(err, errOthers) {
		return all, kept, nil, nil
	}
	if err != nil {
		return nil, nil, nil, err
	}
	for _, s := range mine.Waiting {
		if s.Do != doRecuse || s.Clinic != clinic {
			continue
		}
		leaf := [32]byte(s.Leaf)
		if _, known := all[leaf]; !known {
			all[leaf] = s.Reminder.File
			unsent = append(unsent, leaf)
		}
	}
	return all, kept, unsent, nil
}

func (r *Reviewer) verifyKey() ed25519.PublicKey { return r.key.Public().(ed25519.PublicKey) }

type recusalsAnswer struct {
	Recusals []recusal  `json:"recusals"`
	Kept     []reminder `json:"kept,omitzero"` // an older server gives none
}

// recusal is a step back as it is posted and given.
type recusal struct {
	Leaf      []byte    `json:"leaf"`
	Signature []byte    `json:"signature"`
	Reminder  *reminder `json:"reminder"`
	Kept      *reminder `json:"kept,omitzero"` // of one that is posted: what stays when the message goes
}

// reminder is a draft with one field, sealed to its author: what all messages of the same receipt have in common, or nothing. The
// server cannot tell the two apart.
type reminder struct {
	File      []byte `json:"file"`
	Signature []byte `json:"signature"`
}

// receiptField names the field of a reminder.
const receiptField = "receipt"

// Recuse steps back from a message for good, and from what else its writer sent, whichever of it is named, and takes them off this
// machine. The first message goes first: where the rest fails, what is left is without it, and never shared or counted.
func (b *Bench) Recuse(ctx context.Context, c *Case) error {
	first := c.head()
	for _, one := range append([]*Case{first}, first.later...) {
		if err := b.recuse(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bench) recuse(ctx context.Context, c *Case) error {
	kept, err := b.remind(c)
	if err != nil {
		return err
	}
	stays, err := b.keepReminder(c)
	if err != nil {
		return err
	}
	in := recusal{c.Leaf[:], review.SignRecusal(b.key, b.clinicID, c.Leaf, b.ID), kept, stays}
	if err := b.post(ctx, b.path("recusals"), in, nil); err != nil {
		return err
	}
	b.recused[c.Leaf] = kept.File
	if err := b.forget(c.Leaf); err != nil {
		return err
	}
	box := deref(c.message.Mailbox)
	if box == "" {
		return nil
	}
	return b.own.change(func(o *own) error {
		if !slices.Contains(o.Recused, box) {
			o.Recused = append(o.Recused, box)
		}
		return nil
	})
}

func (b *Bench) remind(c *Case) (*reminder, error) {
	file, err := b.sealReceipt(b.place(c, b.ID), c)
	if err != nil {
		return nil, err
	}
	return &reminder{file, review.SignReminder(b.key, b.clinicID, c.Leaf, b.ID, seal.FileHash(file))}, nil
}

// keptEpoch stands in a kept reminder where others name the epoch of their message, and a leaf hash of zeros where they name that:
// sealed as it is, it outlives both.
const keptEpoch = "kept"

func (b *Bench) keepReminder(c *Case) (*reminder, error) {
	file, err := b.sealReceipt(coding.Place{Epoch: keptEpoch, Origin: b.opener.origin, Leaf: seal.Commitment{}.String(), By: b.ID}, c)
	if err != nil {
		return nil, err
	}
	return &reminder{file, review.SignKept(b.key, b.clinicID, b.ID, seal.FileHash(file))}, nil
}

func (b *Bench) sealReceipt(at coding.Place, c *Case) ([]byte, error) {
	f := &coding.File{Place: at, Body: &coding.Draft{Fields: []coding.Field{{Q: receiptField, A: c.Card.Receipt}}}}
	padded, err := f.Encode()
	if err != nil {
		return nil, err
	}
	return seal.SealReview(padded, b.identity.Recipient().String())
}

// reminded reads what a reminder holds; "" where it holds nothing. A kept one has a leaf of zeros.
func (b *Bench) reminded(leaf [32]byte, file []byte) string {
	padded, err := seal.OpenReview(file, b.identity)
	if err != nil {
		return ""
	}
	f, err := coding.Parse(padded)
	if err != nil || f.Leaf != seal.Commitment(leaf).String() {
		return ""
	}
	draft, ok := f.Body.(*coding.Draft)
	if !ok || len(draft.Fields) != 1 || draft.Fields[0].Q != receiptField {
		return ""
	}
	return draft.Fields[0].A
}

// forgetRecused steps back from all messages of writers of whose messages this reviewer stepped back from one, and takes all of
// them off this machine. What belongs to such a message is known by its mailbox alone, from what was kept when the reviewer
// stepped back: here, and sealed to them at the server. What somebody says of its thread, in it or in a card of it, makes nobody
// step back: leaf hashes are public, and a step back is final.
func (b *Bench) forgetRecused(ctx context.Context) error {
	receipts, err := b.recusedReceipts()
	if err != nil {
		return err
	}
	for _, c := range b.ordered() {
		if c.message == nil || c.Card.Of == seal.KindDecoy {
			continue
		}
		if receipts[c.Card.Receipt] {
			if err := b.recuse(ctx, c); err != nil {
				return err
			}
		}
	}
	for leaf := range b.recused {
		if err := b.forget(leaf); err != nil {
			return err
		}
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// recusedReceipts are those of messages that this reviewer stepped back from, as cards name them.
func (b *Bench) recusedReceipts() (map[string]bool, error) {
	o, err := b.own.read()
	if err != nil {
		return nil, err
	}
	receipts := map[string]bool{}
	for leaf, file := range b.recused {
		receipts[b.reminded(leaf, file)] = true
	}
	for _, file := range b.kept {
		receipts[b.reminded([32]byte{}, file)] = true
	}
	for _, box := range o.Recused {
		receipts[coding.ReceiptOf(box)] = true
	}
	delete(receipts, "")
	return receipts, nil
}

// forget takes a message off this machine.
func (b *Bench) forget(leaf [32]byte) error {
	name := hex.EncodeToString(leaf[:])
	for _, ext := range []string{ageExt, leafExt} {
		if err := b.own.remove(name + ext); err != nil { // most often it is not there
			return err
		}
	}
	delete(b.cases, leaf)
	had, err := b.own.read()
	if err != nil || !had.declared(name) {
		return err
	}
	return b.own.change(func(o *own) error {
		o.undeclare(name)
		return nil
	})
}

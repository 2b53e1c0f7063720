package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"filippo.io/age"

	"answerable/internal/coding"
	"answerable/internal/keyring"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

type served struct {
	Leaf      []byte `json:"leaf"`
	Kind      string `json:"kind"`
	Author    string `json:"author,omitzero"`
	N         int    `json:"n"`
	File      []byte `json:"file"`
	Signature []byte `json:"signature"`
	Day       string `json:"day"`

	Replaces *string `json:"replaces,omitzero"` // of a draft that is posted: the hash of the sealed one whose place it takes, "" for none
}

// replaces is the draft that the next one takes the place of, as far as this reviewer has seen: what they typed elsewhere since is not
// written over.
func (c *Case) replaces(kind string) *string {
	if kind != review.KindDraft {
		return nil
	}
	hash, err := base64.RawURLEncoding.DecodeString(c.draft)
	if err != nil {
		return nil
	}
	text := base64.StdEncoding.EncodeToString(hash)
	return &text
}

// ownDraft fetches this reviewer's draft of a message anew.
func (b *Bench) ownDraft(ctx context.Context, c *Case) error {
	c.Draft, c.draft = nil, ""
	for after := ""; ; {
		var page reviewsPage
		if err := b.get(ctx, b.path("epochs", c.Epoch, "reviews")+"?after="+after, &page); err != nil {
			return err
		}
		for i := range page.Files {
			if f := &page.Files[i]; f.Kind == review.KindDraft && bytes.Equal(f.Leaf, c.Leaf[:]) {
				if err := b.take(c.Epoch, f); err != nil {
					return err
				}
			}
		}
		if page.Next == "" {
			return nil
		}
		if !goesOn(after, page.Next) {
			return errors.New("the server's pages go round in a circle")
		}
		after = page.Next
	}
}

// reviewsPage is a page of review files.
type reviewsPage struct {
	Files []served `json:"files"`
	Next  string   `json:"next"`
}

// reviews fetches what was written about an epoch's messages.
func (b *Bench) reviews(ctx context.Context, epoch string) error {
	for after := ""; ; {
		var page reviewsPage
		if err := b.get(ctx, b.path("epochs", epoch, "reviews")+"?after="+after, &page); err != nil {
			return err
		}
		for i := range page.Files {
			if err := b.take(epoch, &page.Files[i]); err != nil {
				b.Unread++
			}
		}
		if page.Next == "" {
			break
		}
		if !goesOn(after, page.Next) {
			return errors.New("the server's pages go round in a circle")
		}
		after = page.Next
	}
	for _, c := range b.cases {
		c.sort()
		c.blind(b.ID)
	}
	return nil
}

// sort puts what was written in order of author and number.
func (c *Case) sort() {
	sortFiles(c.Codings)
	sortFiles(c.Consensuses)
	sortFiles(c.Checks)
	sortFiles(c.Sharings)
	sortFiles(c.Notes)
}

// goesOn says whether a page of review files begins after the one before. Pages are in order of the files' hashes, of which base64url
// does not keep the order.
func goesOn(after, next string) bool {
	from, errFrom := base64.RawURLEncoding.Strict().DecodeString(after)
	to, errTo := base64.RawURLEncoding.Strict().DecodeString(next)
	return errFrom == nil && errTo == nil && len(to) == len(seal.Commitment{}) && bytes.Compare(to, from) > 0
}

func sortFiles[B any](files []Dated[B]) {
	slices.SortFunc(files, func(x, y Dated[B]) int { return cmp.Or(cmp.Compare(x.By, y.By), x.n-y.n) })
}

// keyOf is the key of somebody who sits or sat on the panel, by its newest list that names them.
func (b *Bench) keyOf(reviewer string) ed25519.PublicKey {
	for _, m := range slices.Backward(b.panel.All) {
		if member := m.Member(reviewer); member != nil {
			return member.VerifyKey
		}
	}
	return nil
}

// ErrWhileAway means that a file is dated to a day on which its author was not on the panel, or is about a message that came after they
// had left.
var ErrWhileAway = errors.New("whoever signed this file was not on the panel then")

// wrote says whether a member may have written about a message on the day that they signed for it.
func (b *Bench) wrote(c *Case, author, day string) bool {
	before := -1
	if b.ledger != nil {
		before = b.ledger.listsBefore(b.clinicID, c.Leaf)
	}
	return keyring.Wrote(b.panel.All, b.panel.Days, author, before, day)
}

// take opens one review file. Nothing in it counts that its author's signature, its place or its one spelling do not hold.
func (b *Bench) take(epoch string, s *served) error {
	c := b.held(s.Leaf)
	if c == nil {
		return ErrNoMessage
	}
	day, err := time.Parse(time.DateOnly, s.Day)
	if err != nil {
		return err
	}
	hash := seal.FileHash(s.File)
	envelope := review.Envelope{ClinicID: b.clinicID, LeafHash: c.Leaf, Kind: s.Kind, N: s.N, FileHash: hash, Day: day}
	if !envelope.Verify(b.keyOf(s.Author), s.Signature) {
		return review.ErrSignature
	}
	if !b.wrote(c, s.Author, s.Day) {
		return ErrWhileAway
	}
	if s.Author == b.ID {
		c.sent[s.Kind] = max(c.sent[s.Kind], s.N+1)
		b.written[hash] = true
	}
	f, err := b.openReview(b.opener, epoch, s.Kind, s.File)
	if err != nil {
		return err
	}
	if err := f.At(b.place(c, s.Author)); err != nil {
		return err
	}
	if f.Body.Kind() != s.Kind {
		return errors.New("a review file holds another kind than it says")
	}
	if card, ok := f.Body.(*coding.Card); ok {
		b.sighted(s.Author, card)
	}
	c.add(f.Body, s.Author, base64.RawURLEncoding.EncodeToString(hash[:]), s.Day, s.N)
	return nil
}

// openReview opens a review file with the key of its epoch, or a draft with the reviewer's own.
func (r *Reviewer) openReview(o *opener, epoch, kind string, file []byte) (*coding.File, error) {
	var key age.Identity = r.identity
	if kind != review.KindDraft {
		opened, err := o.epochKey(epoch)
		if err != nil {
			return nil, err
		}
		key = opened
	}
	padded, err := seal.OpenReview(file, key)
	if err != nil {
		return nil, err
	}
	return coding.Parse(padded)
}

func (b *Bench) sighted(by string, card *coding.Card) {
	size, root, ok := card.Sighting()
	if ok && (b.seenBy[by] == nil || b.seenBy[by].Size < size) {
		b.seenBy[by] = &transparency.Checkpoint{Size: size, Root: root}
	}
}

func (b *Bench) place(c *Case, by string) coding.Place {
	return coding.Place{Epoch: c.Epoch, Origin: b.opener.origin, Leaf: seal.Commitment(c.Leaf).String(), By: by}
}

func (c *Case) add(body coding.Body, by, hash, day string, n int) {
	switch body := body.(type) {
	case *coding.Card:
		c.Carded, c.carders[by] = true, true // our own reading of the message is better than anybody's card
		c.cards = append(c.cards, dated(body, by, hash, day, n))
	case *coding.Coding:
		c.Codings = append(c.Codings, dated(body, by, hash, day, n))
	case *coding.Consensus:
		c.Consensuses = append(c.Consensuses, dated(body, by, hash, day, n))
	case *coding.Check:
		c.Checks = append(c.Checks, dated(body, by, hash, day, n))
	case *coding.Sharing:
		c.Sharings = append(c.Sharings, dated(body, by, hash, day, n))
	case *coding.Note:
		c.Notes = append(c.Notes, dated(body, by, hash, day, n))
	case *coding.Draft:
		c.Draft, c.draft = body, hash
	}
}

func dated[B any](body B, by, hash, day string, n int) Dated[B] {
	return Dated[B]{coding.Coded[B]{By: by, Hash: hash, Body: body}, day, n}
}

// send seals a review file, signs it and posts it. It gives base64url of the sealed file's hash.
func (b *Bench) send(ctx context.Context, c *Case, body coding.Body) (string, error) {
	in, hash, err := b.enveloped(c, body)
	if err != nil {
		return "", err
	}
	n := in.N
	if err := b.post(restingOn(ctx, c.rests(body.Kind())), b.path("reviews"), in, nil); err != nil {
		return "", err
	}
	c.sent[body.Kind()] = n + 1
	b.written[hash] = true
	name := base64.RawURLEncoding.EncodeToString(hash[:])
	c.add(body, b.ID, name, b.Today, n)
	c.sort()
	return name, nil
}

// enveloped seals a file and signs it for today, as the reviewer's next of its kind. A draft is kept whatever day the server says.
// Errors: *coding.Error, *OtherDayError.
func (b *Bench) enveloped(c *Case, body coding.Body) (*served, [32]byte, error) {
	if err := b.dated(mostApart); err != nil && body.Kind() != coding.KindDraft {
		return nil, [32]byte{}, err
	}
	f := &coding.File{Place: b.place(c, b.ID), Body: body}
	padded, err := f.Encode()
	if err != nil {
		return nil, [32]byte{}, err
	}
	defer clear(padded)
	recipient, n := b.identity.Recipient().String(), 0
	if body.Kind() != coding.KindDraft {
		key, err := b.opener.epochKey(c.Epoch)
		if err != nil {
			return nil, [32]byte{}, err
		}
		recipient, n = key.Recipient().String(), c.sent[body.Kind()]
	}
	file, err := seal.SealReview(padded, recipient)
	if err != nil {
		return nil, [32]byte{}, err
	}
	day, err := time.Parse(time.DateOnly, b.Today)
	if err != nil {
		return nil, [32]byte{}, err
	}
	hash := seal.FileHash(file)
	e := review.Envelope{ClinicID: b.clinicID, LeafHash: c.Leaf, Kind: body.Kind(), N: n, FileHash: hash, Day: day}
	return &served{Leaf: c.Leaf[:], Kind: body.Kind(), N: n, File: file, Signature: e.Sign(b.key), Day: b.Today, Replaces: c.replaces(body.Kind())}, hash, nil
}

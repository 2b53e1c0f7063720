package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"answerable/internal/coding"
	"answerable/internal/keyring"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// problemTagTaken is answered where a colleague was faster with the same act.
const problemTagTaken = "tag-taken"

// Errors of the panel's work that a person can act on.
var (
	ErrNoMessage   = errors.New("no message of this hash is here")
	ErrNotDeclared = errors.New("you have not declared yet that nothing ties you to this message")
)

// Dated is the content of a review file whose signature, author and place were checked, with the day it came in.
type Dated[B any] struct {
	coding.Coded[B]
	Day string `json:"day"` // YYYY-MM-DD
	n   int
}

// Part is one reviewer's part in a message: a role, "coded" or "recused".
type Part struct {
	Leaf     []byte `json:"leaf"`
	Reviewer string `json:"reviewer"`
	Part     string `json:"part"`
}

// Case is one message and what the panel wrote about it. Lists are by author, in the order in which each sent them.
type Case struct {
	Leaf    [32]byte
	Epoch   string
	Day     string // of the batch
	Card    *coding.Card
	Carded  bool // a card of it by a listed member is kept at the server
	Coded   bool // its codes lie in the clear
	Finding bool // a finding stands
	Parts   []Part

	Codings     []Dated[*coding.Coding]
	Consensuses []Dated[*coding.Consensus]
	Checks      []Dated[*coding.Check]
	Sharings    []Dated[*coding.Sharing]
	Notes       []Dated[*coding.Note]
	Draft       *coding.Draft // the reviewer's own

	message *seal.Plaintext // nil for what does not open
	actions [32]byte        // the key that tags its acts
	thread  string          // the first message's leaf, as a colleague's card says
	first   *Case           // what a further message belongs to; nil for itself
	later   []*Case         // further messages of the same writer
	sent    map[string]int  // how many files of a kind the reviewer has sent
}

// Bench is a clinic's panel work as one of its members holds it: everything fetched, opened and held against the signed lists.
// What it knows of a message, it gives to nobody who has not declared.
type Bench struct {
	*Reviewer
	Today    string // the server's day, which is the one to sign
	Practice Practice
	Unread   int // review files that do not hold or do not open

	clinic, clinicID, dir string
	panel                 *Panel
	opener                *opener
	whole                 bool // everything that was told is here and open, as far as can be known
	cases                 map[[32]byte]*Case
	recused               map[[32]byte]bool
	tags                  map[[32]byte]bool // of acts that are in the log or on their way
}

// Practice is how a panel works.
type Practice struct {
	Taken       int      `json:"taken"`
	Coded       int      `json:"coded"`
	Decided     int      `json:"decided"`
	WorkingDays []int    `json:"working_days"`
	Holidays    []string `json:"holidays"`
	Sitting     int      `json:"sitting"`
	Serious     int      `json:"serious"`
	Week        int      `json:"week"`
	Gap         int      `json:"gap"`
	Hard        bool     `json:"hard"`
}

type served struct {
	Leaf      []byte `json:"leaf"`
	Kind      string `json:"kind"`
	Author    string `json:"author,omitzero"`
	N         int    `json:"n"`
	File      []byte `json:"file"`
	Signature []byte `json:"signature"`
	Day       string `json:"day"`
}

// Bench pulls everything of a clinic into dir, whole epochs as Pull does, and opens the panel's work. What Pull found out comes
// back with it: nobody should go on where the server withholds.
func (r *Reviewer) Bench(ctx context.Context, clinic, dir string, progress func(done, total int)) (*Bench, *Pulled, error) {
	pulled, err := r.Pull(ctx, clinic, dir, progress)
	if err != nil {
		return nil, pulled, err
	}
	b := &Bench{Reviewer: r, clinic: clinic, dir: dir, cases: map[[32]byte]*Case{}, recused: map[[32]byte]bool{}, tags: map[[32]byte]bool{}}
	if b.panel, err = r.seatedPanel(ctx, clinic); err != nil {
		return nil, pulled, err
	}
	b.clinicID = b.panel.Current.ClinicID
	origin, err := os.ReadFile(filepath.Join(dir, originFile))
	if err != nil {
		return nil, pulled, fmt.Errorf("open folder: %w", err)
	}
	b.opener = newOpener(dir, origin, r.identity)
	b.whole = pulled.Undelivered+pulled.Missing+pulled.Refused == 0 && pulled.Log == "" && pulled.Withheld == ""
	if err := b.fetch(ctx); err != nil {
		return nil, pulled, err
	}
	b.whole = b.whole && b.lists(pulled.delivered)
	return b, pulled, nil
}

// lists says whether everything that was delivered is among the work: what a server leaves out there may be a change of a writer's
// wishes. Something taken back between the two questions looks the same, until the next pull.
func (b *Bench) lists(delivered map[[32]byte]bool) bool {
	for leaf := range delivered {
		if b.cases[leaf] == nil && !b.recused[leaf] {
			return false
		}
	}
	return true
}

func (b *Bench) path(rest ...string) string { return clinicPath(panelAPI, b.clinic, rest...) }

func (b *Bench) fetch(ctx context.Context) error {
	known, err := b.epochs(ctx, b.clinic)
	if err != nil {
		return err
	}
	for _, e := range known.Epochs {
		if e.Files == 0 {
			continue
		}
		if err := b.work(ctx, e.ID); err != nil {
			return err
		}
		if err := b.reviews(ctx, e.ID); err != nil {
			return err
		}
	}
	if b.recused, err = b.recusals(ctx, b.clinic, b.clinicID); err != nil {
		return err
	}
	b.tie()
	var acts struct {
		Acts []struct {
			Tag []byte `json:"tag"`
		} `json:"acts"`
	}
	if err := b.get(ctx, b.path("acts"), &acts); err != nil {
		return err
	}
	for _, a := range acts.Acts {
		if len(a.Tag) == 32 {
			b.tags[[32]byte(a.Tag)] = true
		}
	}
	return b.get(ctx, b.path("practice"), &b.Practice)
}

// work lists an epoch's messages and opens them.
func (b *Bench) work(ctx context.Context, epoch string) error {
	var out struct {
		Today    string `json:"today"`
		Messages []struct {
			Leaf    []byte `json:"leaf"`
			Day     string `json:"day"`
			Coded   bool   `json:"coded_in_clear"`
			Finding bool   `json:"finding"`
		} `json:"messages"`
		Parts []Part `json:"parts"`
	}
	if err := b.get(ctx, b.path("epochs", epoch, "work"), &out); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, out.Today); err != nil {
		return errors.New("the server's day does not read")
	}
	b.Today = out.Today
	for _, m := range out.Messages {
		if len(m.Leaf) != 32 {
			continue
		}
		c := &Case{Leaf: [32]byte(m.Leaf), Epoch: epoch, Day: m.Day, Coded: m.Coded, Finding: m.Finding, sent: map[string]int{}}
		if err := b.open(c); err != nil {
			b.whole = false // its file, or the key of this epoch, is not here
			continue
		}
		b.cases[c.Leaf] = c
	}
	for _, p := range out.Parts {
		if len(p.Leaf) == 32 && b.cases[[32]byte(p.Leaf)] != nil {
			c := b.cases[[32]byte(p.Leaf)]
			c.Parts = append(c.Parts, p)
		}
	}
	return nil
}

// open opens a message and makes its card. What is the file that its leaf names and does not open is junk. Its error means that the
// file or the epoch's key is not here, of which nothing can be said.
func (b *Bench) open(c *Case) error {
	key, err := b.opener.epochKey(c.Epoch)
	if err != nil {
		return err
	}
	if c.actions, err = seal.CoverActions(key, c.Leaf); err != nil {
		return err
	}
	p, err := b.opener.read(hex.EncodeToString(c.Leaf[:]), &Opened{})
	var junk junkError
	if errors.As(err, &junk) {
		c.Card = coding.NewCard(coding.OfJunk, "", nil)
		return nil
	}
	if err != nil {
		return err
	}
	c.message = p
	if p.Actions != nil {
		own, err := seal.ParseCommitment(*p.Actions)
		if err == nil {
			c.actions = own
		}
	}
	c.Card = coding.NewCard(p.T, "", p.Answers)
	return nil
}

// reviews fetches what was written about an epoch's messages.
func (b *Bench) reviews(ctx context.Context, epoch string) error {
	for after := ""; ; {
		var page struct {
			Files []served `json:"files"`
			Next  string   `json:"next"`
		}
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
		sortFiles(c.Codings)
		sortFiles(c.Consensuses)
		sortFiles(c.Checks)
		sortFiles(c.Sharings)
		sortFiles(c.Notes)
	}
	return nil
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

// take opens one review file. Nothing in it counts that its author's signature, its place or its one spelling do not hold.
func (b *Bench) take(epoch string, s *served) error {
	if len(s.Leaf) != 32 || b.cases[[32]byte(s.Leaf)] == nil {
		return ErrNoMessage
	}
	c := b.cases[[32]byte(s.Leaf)]
	day, err := time.Parse(time.DateOnly, s.Day)
	if err != nil {
		return err
	}
	hash := seal.FileHash(s.File)
	envelope := review.Envelope{ClinicID: b.clinicID, LeafHash: c.Leaf, Kind: s.Kind, N: s.N, FileHash: hash, Day: day}
	if !envelope.Verify(b.keyOf(s.Author), s.Signature) {
		return review.ErrSignature
	}
	if s.Author == b.ID {
		c.sent[s.Kind] = max(c.sent[s.Kind], s.N+1)
	}
	var key age.Identity = b.identity
	if s.Kind != review.KindDraft {
		if key, err = b.opener.epochKey(epoch); err != nil {
			return err
		}
	}
	padded, err := seal.OpenReview(s.File, key)
	if err != nil {
		return err
	}
	f, err := coding.Parse(padded)
	if err != nil {
		return err
	}
	if err := f.At(b.place(c, s.Author)); err != nil {
		return err
	}
	if f.Body.Kind() != s.Kind {
		return errors.New("a review file holds another kind than it says")
	}
	c.add(f.Body, s.Author, base64.RawURLEncoding.EncodeToString(hash[:]), s.Day, s.N)
	return nil
}

func (b *Bench) place(c *Case, by string) coding.Place {
	return coding.Place{Epoch: c.Epoch, Origin: b.opener.origin, Leaf: seal.Commitment(c.Leaf).String(), By: by}
}

func (c *Case) add(body coding.Body, by, hash, day string, n int) {
	switch body := body.(type) {
	case *coding.Card:
		c.Carded = true // our own reading of the message is better than anybody's card
		c.thread = max(c.thread, body.Thread)
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
		c.Draft = body
	}
}

func dated[B any](body B, by, hash, day string, n int) Dated[B] {
	return Dated[B]{coding.Coded[B]{By: by, Hash: hash, Body: body}, day, n}
}

// tie joins further messages to the first one of their writer, by the mailbox that they share: it is known to their writer and the
// panel alone. What a message says of its thread ties nothing. Leaf hashes are public, so anybody can say one.
func (b *Bench) tie() {
	firsts := map[string]*Case{}
	for _, c := range b.ordered() {
		if c.Card.Of == seal.KindSubmission && c.message.Mailbox != nil && firsts[*c.message.Mailbox] == nil {
			firsts[*c.message.Mailbox] = c
		}
	}
	for _, c := range b.ordered() {
		if c.message == nil || c.Card.Of == seal.KindSubmission || c.Card.Of == seal.KindDecoy || c.message.Mailbox == nil {
			continue
		}
		if first := firsts[*c.message.Mailbox]; first != nil {
			c.first = first
			first.later = append(first.later, c)
			c.Card.Thread = seal.Commitment(first.Leaf).String()
		}
	}
}

// ordered are all cases by leaf hash, which tells nothing of time.
func (b *Bench) ordered() []*Case {
	out := make([]*Case, 0, len(b.cases))
	for _, c := range b.cases {
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y *Case) int { return slices.Compare(x.Leaf[:], y.Leaf[:]) })
	return out
}

// Case gives a message by its hash in hex. Errors: ErrNoMessage.
func (b *Bench) Case(leaf string) (*Case, error) {
	hash, err := hex.DecodeString(leaf)
	if err != nil || len(hash) != 32 {
		return nil, ErrNoMessage
	}
	c := b.cases[[32]byte(hash)]
	if c == nil || c.message == nil || c.Card.Of == seal.KindDecoy {
		return nil, ErrNoMessage
	}
	return c, nil
}

// recusals are the leaves that this reviewer stepped back from, by the own signature and never by the server's word.
func (r *Reviewer) recusals(ctx context.Context, clinic, clinicID string) (map[[32]byte]bool, error) {
	var out struct {
		Recusals []struct {
			Leaf      []byte `json:"leaf"`
			Signature []byte `json:"signature"`
		} `json:"recusals"`
	}
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "recusals"), &out); err != nil {
		return nil, err
	}
	own := map[[32]byte]bool{}
	for _, one := range out.Recusals {
		if len(one.Leaf) == 32 && review.VerifyRecusal(r.key.Public().(ed25519.PublicKey), clinicID, [32]byte(one.Leaf), r.ID, one.Signature) {
			own[[32]byte(one.Leaf)] = true
		}
	}
	return own, nil
}

// send seals a review file, signs it and posts it. It gives base64url of the sealed file's hash.
func (b *Bench) send(ctx context.Context, c *Case, body coding.Body) (string, error) {
	f := &coding.File{Place: b.place(c, b.ID), Body: body}
	padded, err := f.Encode()
	if err != nil {
		return "", err
	}
	defer clear(padded)
	recipient, n := b.identity.Recipient().String(), 0
	if body.Kind() != coding.KindDraft {
		key, err := b.opener.epochKey(c.Epoch)
		if err != nil {
			return "", err
		}
		recipient, n = key.Recipient().String(), c.sent[body.Kind()]
	}
	file, err := seal.SealReview(padded, recipient)
	if err != nil {
		return "", err
	}
	day, err := time.Parse(time.DateOnly, b.Today)
	if err != nil {
		return "", err
	}
	hash := seal.FileHash(file)
	e := review.Envelope{ClinicID: b.clinicID, LeafHash: c.Leaf, Kind: body.Kind(), N: n, FileHash: hash, Day: day}
	in := served{Leaf: c.Leaf[:], Kind: body.Kind(), N: n, File: file, Signature: e.Sign(b.key), Day: b.Today}
	if err := b.post(ctx, b.path("reviews"), in, nil); err != nil {
		return "", err
	}
	c.sent[body.Kind()] = n + 1
	name := base64.RawURLEncoding.EncodeToString(hash[:])
	c.add(body, b.ID, name, b.Today, n)
	return name, nil
}

// recordOf is the record of an epoch in the folder, which Pull has held against the signed lists.
func (b *Bench) recordOf(epoch string) (*keyring.Record, error) {
	lines, err := os.ReadFile(filepath.Join(b.dir, epochsDir, epoch+recordExt))
	if err != nil {
		return nil, fmt.Errorf("the record of epoch %s is missing; pull again", epoch)
	}
	return keyring.ParseRecord(string(lines))
}

// act owns up to an act in public. A tag that is taken is no error: a colleague did the same just now.
func (b *Bench) act(ctx context.Context, key [32]byte, code string, n int) error {
	tag := transparency.ActionTag(key, code, n)
	if b.tags[tag] {
		return nil
	}
	day, err := time.Parse(time.DateOnly, b.Today)
	if err != nil {
		return err
	}
	if code == transparency.ActContacted {
		day = transparency.WeekOf(day)
	}
	a := &transparency.Action{Tag: tag, Code: code, Day: day, ReviewerID: b.ID}
	a.Sign(b.key)
	err = b.post(ctx, b.path("acts"), map[string]string{"leaf": string(a.Leaf())}, nil)
	var p *Problem
	if errors.As(err, &p) && p.Kind(problemTagTaken) {
		err = nil
	}
	if err == nil {
		b.tags[tag] = true
	}
	return err
}

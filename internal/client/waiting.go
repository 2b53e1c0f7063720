package client

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// What a step that waits does.
const (
	doClaim    = "claim"
	doHandBack = "hand-back"
	doRecuse   = "recuse"
	doFile     = "file" // a coding, note, check, agreement, decision or draft
	doReply    = "reply"
)

// step is one thing that a reviewer did without a network. It waits in their own part of the folder, sealed and signed with the rest of
// it, until the server has it.
type step struct {
	N      int    `json:"n"`      // the first is 1; never used again in this folder
	Clinic string `json:"clinic"` // short name
	Pull   int    `json:"pull"`   // the filling of the folder that it was done on
	Do     string `json:"do"`
	Leaf   []byte `json:"leaf"`
	Epoch  string `json:"epoch"`

	Role string `json:"role,omitzero"` // that is claimed, or handed back; "" where none was held

	Kind      string `json:"kind,omitzero"`   // of a file
	Number    int    `json:"number,omitzero"` // of a file among its author's on the message; of the act about a reply that is posted, less than 0 where nobody knows it yet
	File      []byte `json:"file,omitzero"`
	Signature []byte `json:"signature,omitzero"` // of a file's envelope on Day, or of a step back
	Day       string `json:"day,omitzero"`

	Reminder *reminder `json:"reminder,omitzero"`
	Kept     *reminder `json:"kept,omitzero"` // missing in steps of before

	Reply  *SealedReply `json:"reply,omitzero"`
	Text   string       `json:"text,omitzero"`   // of a reply, which its author cannot open again
	After  int          `json:"after,omitzero"`  // the reply by which a writer is shown what this note says: the note goes once that went
	Posted bool         `json:"posted,omitzero"` // the reply is in the mailbox, and only the act about it is not made yet

	Actions []byte `json:"actions,omitzero"` // the key that tags the act about a reply

	Rests rests `json:"rests"`
}

func (s *step) check() error {
	ok := len(s.Leaf) == 32 && epochName.MatchString(s.Epoch) && s.N > 0 && s.Pull >= 0
	switch s.Do {
	case doClaim, doHandBack:
	case doRecuse:
		ok = ok && s.Reminder != nil
	case doFile:
		ok = ok && len(s.File) > 0 && s.Number >= 0 && s.After >= 0 && s.After < s.N
	case doReply:
		ok = ok && s.Reply != nil
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("%w: a step that waits does not read", ErrOwn)
	}
	return nil
}

// rests is what somebody had before them when they took a step: what it would have to be looked at again for if it changes.
type rests struct {
	Later    []string `json:"later,omitzero"`    // leaf hashes in hex of what came later from the writer
	Files    []string `json:"files,omitzero"`    // base64url of the hashes of review files
	Answered int      `json:"answered,omitzero"` // how often the log says that the writer was answered
}

// restsUpon are the kinds of review files that a file of a kind answers to. A coding is blind: it rests on none.
var restsUpon = map[string][]string{
	review.KindConsensus: {review.KindCoding, review.KindConsensus},
	review.KindCheck:     {review.KindCoding, review.KindConsensus, review.KindCheck},
	review.KindSharing:   {review.KindConsensus, review.KindCheck, review.KindSharing},
}

// rests is what a step of a kind rests on now. A note rests on nothing: it is said, whatever came.
func (c *Case) rests(kind string) rests {
	var r rests
	switch kind {
	case review.KindNote, review.KindCard:
		return r
	case review.KindDraft:
		if c.draft != "" {
			r.Files = []string{c.draft}
		}
		return r
	}
	for _, l := range c.further() {
		r.Later = append(r.Later, hex.EncodeToString(l.Leaf[:]))
	}
	slices.Sort(r.Later)
	for hash := range c.files(restsUpon[kind]...) {
		r.Files = append(r.Files, hash)
	}
	slices.Sort(r.Files)
	return r
}

// fileOf names a review file of a case.
type fileOf struct{ kind, by, day string }

// files are those of some kinds, by base64url of their hashes.
func (c *Case) files(kinds ...string) map[string]fileOf {
	out := map[string]fileOf{}
	if slices.Contains(kinds, review.KindCoding) {
		nameFiles(out, review.KindCoding, c.Codings)
	}
	if slices.Contains(kinds, review.KindConsensus) {
		nameFiles(out, review.KindConsensus, c.Consensuses)
	}
	if slices.Contains(kinds, review.KindCheck) {
		nameFiles(out, review.KindCheck, c.Checks)
	}
	if slices.Contains(kinds, review.KindSharing) {
		nameFiles(out, review.KindSharing, c.Sharings)
	}
	return out
}

func nameFiles[B any](out map[string]fileOf, kind string, files []Dated[B]) {
	for _, f := range files {
		out[f.Hash] = fileOf{kind, f.By, f.Day}
	}
}

// answered counts how often the log says that the writer of a message was answered.
func (b *Bench) answered(c *Case) (n int) {
	for b.tags[transparency.ActionTag(c.actions, transparency.ActContacted, n)] {
		n++
	}
	return n
}

// wait keeps a step that could not be sent though there was a server: what follows from an answer that went.
func (n *notebook) wait(s *step) error {
	return n.change(func(o *own) error {
		if len(o.Waiting) >= mostWaits {
			return refusal("too-many", "So much waits in this folder that it takes no more. Send it first: answerable review push")
		}
		s.N, s.Pull = max(o.Next, 1), o.Pulls
		o.Next = s.N + 1
		o.Waiting = append(o.Waiting, *s)
		return nil
	})
}

type restsKey struct{}

// restingOn lets what a step rests on travel with its request. A server is not told; a folder keeps it with the step.
func restingOn(ctx context.Context, r rests) context.Context {
	return context.WithValue(ctx, restsKey{}, r)
}

func restsIn(ctx context.Context) rests {
	r, _ := ctx.Value(restsKey{}).(rests)
	return r
}

type afterKey struct{}

// goingAfter lets a note wait until the answer of a number went, by which the writer is shown what it says.
func goingAfter(ctx context.Context, answer int) context.Context {
	return context.WithValue(ctx, afterKey{}, answer)
}

type replyKey struct{}

// repliedTo is what the folder keeps of an answer beside its sealed file. The server learns neither.
type repliedTo struct {
	leaf, actions [32]byte
	text          string
}

// Reply seals an answer to the writer of a message and, without a network, lets it wait. Where the writer wished to be asked by now
// what happened since, that question goes with it. Errors: ErrNotDeclared, ErrNoReply, *seal.TooLongError,
// *OtherDayError, *Problem.
func (b *Bench) Reply(ctx context.Context, c *Case, text string) (*SealedReply, error) {
	if !b.declared(c) {
		return nil, ErrNotDeclared
	}
	if err := b.dated(mostApart); err != nil {
		return nil, err
	}
	asks := ""
	if b.toAsk(c) {
		asks = seal.AsksCheckIn
	}
	reply, err := b.sealReply(b.opener, hex.EncodeToString(c.Leaf[:]), text, asks)
	if err != nil {
		return nil, err
	}
	r := c.rests(doReply)
	r.Answered = b.answered(c)
	ctx = context.WithValue(restingOn(ctx, r), replyKey{}, repliedTo{c.Leaf, reply.actions, text})
	return reply, b.PostReply(ctx, b.clinic, reply)
}

// Waits is a step that waits, as its author sees it.
type Waits struct {
	N        int    `json:"n"`
	Do       string `json:"do"` // claim, hand-back, recuse, reply, or the kind of a review file
	LeafHash string `json:"leaf_hash"`
	Clinic   string `json:"clinic"`
}

func (s *step) shown() Waits {
	do := s.Do
	if do == doFile {
		do = s.Kind
	}
	return Waits{s.N, do, hex.EncodeToString(s.Leaf), s.Clinic}
}

// Waiting lists what waits in a folder, in the order in which it was done. Errors: ErrNothingPulled, ErrOwn, ErrFolder.
func Waiting(dir string, r *Reviewer) ([]Waits, error) {
	n, err := notebookIn(dir, r.identity)
	if err != nil {
		return nil, err
	}
	defer n.close()
	o, err := n.read()
	if err != nil {
		return nil, err
	}
	list := []Waits{}
	for i := range o.Waiting {
		list = append(list, o.Waiting[i].shown())
	}
	return list, nil
}

// ErrForGood means that a step back from a message is not taken back.
var ErrForGood = errors.New("a step back from a message is for good, and is sent with the rest: answerable review push")

// Drop lets a step go that waits: it is not sent, and what was written for it is gone. An answer that shows a writer what may go out, and
// the note of it, go together: words of which nobody says that they were shown go out nowhere. Errors: ErrNoStep, ErrForGood, ErrOwn, ErrFolder,
// ErrRaced.
func Drop(dir string, r *Reviewer, number int) error {
	n, err := notebookIn(dir, r.identity)
	if err != nil {
		return err
	}
	defer n.close()
	return n.change(func(o *own) error {
		i := slices.IndexFunc(o.Waiting, func(s step) bool { return s.N == number })
		if i < 0 {
			return ErrNoStep
		}
		if o.Waiting[i].Do == doRecuse {
			return ErrForGood
		}
		first := cmp.Or(o.Waiting[i].After, number)
		o.Waiting = slices.DeleteFunc(o.Waiting, func(s step) bool { return s.N == first || s.After == first })
		return nil
	})
}

// Written is what a step that waits says, as the command that made it takes it: text, or the content of a coding. "" for what says nothing. Errors: ErrNoStep, ErrOwn, ErrFolder.
func Written(dir string, r *Reviewer, number int) (any, error) {
	o, _, err := openerOf(dir, r.identity)
	if err != nil {
		return nil, err
	}
	defer o.folder.close()
	mine, err := (&notebook{folder: o.folder, by: r}).read()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(mine.Waiting, func(s step) bool { return s.N == number })
	if i < 0 {
		return nil, ErrNoStep
	}
	s := &mine.Waiting[i]
	if s.Do != doFile {
		return s.Text, nil
	}
	f, err := r.openReview(o, s.Epoch, s.Kind, s.File)
	if err != nil {
		return nil, err
	}
	return f.Body, nil
}

// b64Hash names a file as others refer to it.
func b64Hash(hash [32]byte) string { return base64.RawURLEncoding.EncodeToString(hash[:]) }

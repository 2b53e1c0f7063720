package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/mailbox"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// What came of a step that waited.
const (
	SentDone    = "done"    // the server has it now
	SentAlready = "already" // the server had it before: a push that was cut off got so far
	SentKept    = "kept"    // it was not sent, and waits in the folder
	SentGone    = "gone"    // its message is gone for everybody, and what was written about it went with it
)

// Sent is what came of a step. Why says what happened meanwhile, Next what to do; both are empty for what is done.
type Sent struct {
	Waits
	Result string `json:"result"`
	Why    string `json:"why,omitzero"`
	Next   string `json:"next,omitzero"`
}

// conflictError is why a step is not sent as it was meant.
type conflictError struct{ why, next string }

func (e *conflictError) Error() string { return e.why }

// pusher sends what waits.
type pusher struct {
	*Bench
	anyway []int // numbers of steps that were looked at again, and that their author sends all the same
	tell   func(*Sent)
	kept   int
	mine   map[[32]byte]int // how often this push has answered the writer of a message
}

// PushOptions is how what waits is sent.
type PushOptions struct {
	Anyway []int // numbers of steps to be sent though what they rest on has changed

	// Hour waits for the full hour at which answers go, and opens the bench anew: what a writer or a colleague sent meanwhile counts.
	// It is called once, and only when some wait.
	Hour func(ctx context.Context) (*Bench, error)
}

// Push sends what waits in the bench's folder, in the order in which it was done, answers to writers last, each with the note of what it shows, and after them the step back of who answered before. tell hears of each step. A step
// that the server has leaves the folder at once, so a push that was cut off goes on where it was, and a second one does nothing. What a
// step rests on has to be as it was when it was done, or it is kept: nothing of what happened meanwhile is written over. kept counts those.
// Every file is the very one that was sealed without a network; its envelope is signed with the server's day. An error that is no
// refusal of one step stops everything, and the rest waits. What follows in public from what is sent waits for the next Tend, anybody's:
// at once it would tell the server which message it is about. So whoever tends does it before.
func (b *Bench) Push(ctx context.Context, o PushOptions, tell func(*Sent)) (kept int, err error) {
	if b.offline != nil {
		return 0, ErrNeedsServer
	}
	if err := b.dated(mostApart); err != nil {
		return 0, err
	}
	p := &pusher{Bench: b, anyway: o.Anyway, tell: tell, mine: map[[32]byte]int{}}
	mine, err := b.own.read()
	if err != nil {
		return 0, err
	}
	var now, answers, after []step
	for _, s := range mine.Waiting {
		switch {
		case s.Clinic != b.clinic:
		case s.Do == doReply, slices.ContainsFunc(answers, func(a step) bool { return a.N == s.After }):
			answers = append(answers, s) // the note of a showing follows the answer that shows it
		case s.Do == doRecuse && slices.ContainsFunc(answers, func(a step) bool { return bytes.Equal(a.Leaf, s.Leaf) }):
			after = append(after, s) // the answer was given before
		default:
			now = append(now, s)
		}
	}
	if err := p.all(ctx, now); err != nil || len(answers) == 0 {
		return p.kept, err
	}
	if p.Bench, err = o.Hour(ctx); err != nil {
		return p.kept, err
	}
	return p.kept, p.all(ctx, append(answers, after...))
}

// ErrNeedsServer means that something cannot be done without a network.
var ErrNeedsServer = errors.New("this takes the server")

func (p *pusher) all(ctx context.Context, steps []step) error {
	for i := range steps {
		if err := p.one(ctx, &steps[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *pusher) one(ctx context.Context, s *step) error {
	sent := &Sent{Waits: s.shown()}
	var err error
	sent.Result, err = p.deliver(ctx, s)
	var conflict *conflictError
	var refused *Problem
	switch {
	case errors.As(err, &conflict):
		sent.Result, sent.Why, sent.Next = SentKept, conflict.why, conflict.next
	case errors.As(err, &refused):
		why, next, _ := strings.Cut(refused.Error(), ". ")
		sent.Result, sent.Why, sent.Next = SentKept, why, next
	case err != nil:
		return err
	}
	if sent.Result == SentKept {
		p.kept++
	} else if err := p.settled(s.N); err != nil {
		return err
	}
	p.tell(sent)
	return nil
}

// settled takes a step out of the folder.
func (p *pusher) settled(number int) error {
	return p.own.change(func(o *own) error {
		o.Waiting = slices.DeleteFunc(o.Waiting, func(s step) bool { return s.N == number })
		return nil
	})
}

// deliver sends one step. Errors: *conflictError, *Problem, and what stops everything.
func (p *pusher) deliver(ctx context.Context, s *step) (result string, err error) {
	leaf := [32]byte(s.Leaf)
	_, waits := p.unsent[leaf]
	if _, stepped := p.recused[leaf]; stepped && !waits {
		if s.Do == doRecuse {
			return SentAlready, nil
		}
		return "", &conflictError{"you have stepped back from this message", dropHint(s)}
	}
	c := p.held(s.Leaf)
	if c == nil {
		if p.destroyed(s) {
			return SentGone, p.keepOf(ctx, s)
		}
		return "", &conflictError{"the server does not give this message", "Pull again: it says what is missing. If its writer took it back, the log will say so."}
	}
	switch s.Do {
	case doClaim:
		return p.claim(ctx, c, s)
	case doHandBack:
		return p.handBack(ctx, c, s)
	case doRecuse:
		in := recusal{s.Leaf, s.Signature, s.Reminder, s.Kept}
		if err := p.post(ctx, p.path("recusals"), in, nil); err != nil {
			return "", err
		}
		p.recused[leaf] = s.Reminder.File
		delete(p.unsent, leaf)
		return SentDone, p.forget(leaf)
	case doReply:
		return p.reply(ctx, c, s)
	}
	return p.file(ctx, c, s)
}

// keepOf sends what is to stay of a step back from a message that is gone: its writer may write on.
func (p *pusher) keepOf(ctx context.Context, s *step) error {
	if s.Do != doRecuse || s.Kept == nil {
		return nil
	}
	return p.post(ctx, p.path("recusals"), recusal{s.Leaf, s.Signature, s.Reminder, s.Kept}, nil)
}

// destroyed says whether the log itself has it that a message is gone: its writer took it back, or its key was destroyed.
func (p *pusher) destroyed(s *step) bool {
	return p.ledger != nil && (p.ledger.Withdrawn[[32]byte(s.Leaf)] || p.ledger.Shredded[keyring.EpochOf{ClinicID: p.clinicID, ID: s.Epoch}])
}

func (p *pusher) claim(ctx context.Context, c *Case, s *step) (string, error) {
	if c.has(p.ID, s.Role) {
		return SentAlready, nil
	}
	in := struct {
		Leaf []byte `json:"leaf"`
		Role string `json:"role"`
	}{s.Leaf, s.Role}
	if err := p.post(ctx, p.path("claims"), in, nil); err != nil {
		return "", err
	}
	c.Parts = append(c.Parts, Part{s.Leaf, p.ID, s.Role})
	return SentDone, nil
}

// handBack gives up the part that was handed back, and no other that was taken since.
func (p *pusher) handBack(ctx context.Context, c *Case, s *step) (string, error) {
	at := slices.IndexFunc(c.Parts, func(one Part) bool { return one.Reviewer == p.ID && one.Part != partCoded })
	if at < 0 {
		return SentAlready, nil
	}
	if held := c.Parts[at].Part; held != s.Role && !slices.Contains(p.anyway, s.N) {
		return "", &conflictError{
			fmt.Sprintf("you have taken another part in it meanwhile: %s", held),
			fmt.Sprintf("To hand that back: answerable review push --anyway %d; to keep it: answerable review drop --step %d", s.N, s.N),
		}
	}
	if err := p.giveBack(ctx, c); err != nil {
		return "", err
	}
	c.Parts = slices.Delete(c.Parts, at, at+1)
	return SentDone, nil
}

// file sends a review file as it was sealed.
func (p *pusher) file(ctx context.Context, c *Case, s *step) (string, error) {
	hash := seal.FileHash(s.File)
	if p.written[hash] {
		return SentAlready, nil
	}
	if err := p.went(s.After); err != nil {
		return "", err
	}
	if err := p.unchanged(c, s, c.rests(s.Kind)); err != nil {
		return "", err
	}
	f, err := p.openReview(p.opener, s.Epoch, s.Kind, s.File)
	if err != nil {
		return "", &conflictError{"it does not open with the key of its epoch any more", dropHint(s)}
	}
	if err := p.stillAllowed(c, s, f.Body); err != nil {
		return "", err
	}
	if s.Kind == review.KindCoding && c.sent[s.Kind] > 0 {
		return "", &conflictError{"you have sent another coding of it meanwhile, and a coding does not change", dropHint(s)}
	}
	day, err := time.Parse(time.DateOnly, p.Today)
	if err != nil {
		return "", err
	}
	n := c.sent[s.Kind]
	if s.Kind == review.KindDraft {
		n = 0
	}
	e := review.Envelope{ClinicID: p.clinicID, LeafHash: c.Leaf, Kind: s.Kind, N: n, FileHash: hash, Day: day}
	in := served{Leaf: s.Leaf, Kind: s.Kind, N: n, File: s.File, Signature: e.Sign(p.key), Day: p.Today, Replaces: c.replaces(s.Kind)}
	if err := p.post(ctx, p.path("reviews"), in, nil); err != nil {
		return "", err
	}
	p.written[hash] = true
	c.sent[s.Kind] = n + 1
	c.add(f.Body, p.ID, b64Hash(hash), p.Today, n)
	c.sort()
	if s.Kind == review.KindConsensus {
		err = p.countSettled(ctx, c)
	}
	return SentDone, err
}

// went refuses a note of what a writer was shown while the answer that shows it is kept. One that is no longer in the folder went.
func (p *pusher) went(answer int) error {
	mine, err := p.own.read()
	if err != nil || answer == 0 {
		return err
	}
	if slices.ContainsFunc(mine.Waiting, func(s step) bool { return s.N == answer }) {
		return &conflictError{
			fmt.Sprintf("it says what the writer is shown by step %d, which is not sent", answer),
			fmt.Sprintf("It goes right after that one. To let both go: answerable review drop --step %d", answer),
		}
	}
	return nil
}

// countSettled counts a message on which two agree now, or takes out what they agree on no more, as Agree does. A refusal is not
// the step's: whoever tends next tries again.
func (p *pusher) countSettled(ctx context.Context, c *Case) error {
	err := p.count(ctx, c, &Tended{})
	var refused *Problem
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// unchanged holds what a step rests on against what there is now.
func (p *pusher) unchanged(c *Case, s *step, now rests) error {
	if slices.Contains(p.anyway, s.N) {
		return nil
	}
	var what []string
	for _, leaf := range now.Later {
		if !slices.Contains(s.Rests.Later, leaf) {
			what = append(what, "its writer has sent something more")
		}
	}
	files := c.files(restsUpon[s.Kind]...)
	for _, hash := range now.Files {
		if slices.Contains(s.Rests.Files, hash) {
			continue
		}
		if f, ok := files[hash]; ok {
			what = append(what, fmt.Sprintf("%s has sent %s on %s", f.by, kindNames[f.kind], f.day))
		} else {
			what = append(what, "you have kept another draft, from elsewhere")
		}
	}
	for _, hash := range s.Rests.Files {
		if !slices.Contains(now.Files, hash) {
			what = append(what, "a step before it is not at the server")
		}
	}
	if now.Answered > s.Rests.Answered {
		what = append(what, "somebody on the panel has answered its writer")
	}
	if len(what) == 0 {
		return nil
	}
	return &conflictError{
		strings.Join(slices.Compact(what), "; "),
		fmt.Sprintf("Look at it: answerable review compare. To send yours all the same: answerable review push --anyway %d; to let it go: answerable review drop --step %d", s.N, s.N),
	}
}

// kindNames are kinds of review files in words.
var kindNames = map[string]string{
	review.KindCoding: "a coding", review.KindConsensus: "an agreement", review.KindCheck: "a check", review.KindSharing: "a decision or an objection",
}

func dropHint(s *step) string {
	return fmt.Sprintf("Nothing can be done with it. See what you wrote: answerable review waiting --step %d; let it go: answerable review drop --step %d", s.N, s.N)
}

// reply posts an answer and owns up to it. The answer is noted as posted before the act is made, so that a push that is cut off in
// between does not say twice that somebody was answered.
func (p *pusher) reply(ctx context.Context, c *Case, s *step) (string, error) {
	if c.message == nil && len(s.Actions) == 32 { // its author has stepped back since
		c.actions = [32]byte(s.Actions)
	}
	if !s.Posted {
		now := c.rests(doReply)
		now.Answered = p.answered(c) - p.mine[c.Leaf]
		if err := p.unchanged(c, s, now); err != nil {
			return "", err
		}
		if err := p.lastDay(s.Reply); err != nil {
			return "", err
		}
		if err := p.PostReply(ctx, p.clinic, s.Reply); err != nil {
			return "", err
		}
		s.Number = p.answered(c)
		if err := p.posted(s, s.Number); err != nil {
			return "", err
		}
		p.mine[c.Leaf]++
	}
	if s.Number < 0 { // it went when nobody could tell which act comes next
		s.Number = p.answered(c)
		if err := p.posted(s, s.Number); err != nil {
			return "", err
		}
		p.mine[c.Leaf]++
	}
	for n := s.Number; n < mostActs; n++ {
		if taken, err := p.try(ctx, c.actions, transparency.ActContacted, n); err != nil || !taken {
			return SentDone, err
		}
	}
	return SentDone, nil
}

// lastDay says again how long an answer is kept: its writer may have written since, to a key that is kept longer.
func (p *pusher) lastDay(reply *SealedReply) error {
	until, err := p.opener.retention(reply.Mailbox)
	if err != nil {
		return err
	}
	if until.IsZero() {
		return nil // its author has stepped back since, and what it answers is off this machine
	}
	box, err := seal.ParseCommitment(reply.Mailbox)
	if err != nil {
		return err
	}
	reply.ExpiresOn = mailbox.LastDay(box, until).Format(time.DateOnly)
	return nil
}

// posted notes that an answer is in its mailbox, and the number of the act that owns up to it. Other answers to the same writer, which
// wait, know of it from now on: they were written by the same hand.
func (p *pusher) posted(answer *step, number int) error {
	return p.own.change(func(o *own) error {
		for i := range o.Waiting {
			switch s := &o.Waiting[i]; {
			case s.N == answer.N:
				s.Posted, s.Number = true, number
			case s.Do == doReply && !s.Posted && bytes.Equal(s.Leaf, answer.Leaf):
				s.Rests.Answered++
			}
		}
		return nil
	})
}

// Waits says how many steps wait in the bench's folder, and the number of the newest that there ever was.
func (b *Bench) Waits() (waiting, newest int) {
	mine, err := b.own.read()
	if err != nil {
		return 0, 0
	}
	return len(mine.Waiting), mine.Next - 1
}

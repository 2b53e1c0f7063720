package client

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/mailbox"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Problems that a writer's client acts on.
const (
	problemWithdrawUsed = "withdraw-used"
	problemNothing      = "nothing-to-withdraw"
)

// mostMessages is how many messages one receipt is looked through for.
const mostMessages = 100

// Mailbox is a receipt at a clinic of a server. What it opens stays on this machine; what leaves it are tokens, sealed files
// and commitments.
type Mailbox struct {
	*Client
	clinic, origin string
	keys           seal.Stretched
}

// Mailbox stretches a receipt for a clinic's place.
func (c *Client) Mailbox(ctx context.Context, clinic string, r seal.Receipt) (*Mailbox, error) {
	info, err := c.LogInfo(ctx)
	if err != nil {
		return nil, err
	}
	return &Mailbox{c, clinic, info.Origin, r.Stretch(info.Origin)}, nil
}

// Answer is an answer of the panel as its writer reads it.
type Answer struct {
	Text     string `json:"text"`
	Day      string `json:"day"`
	Reviewer string `json:"reviewer"`
	Signed   bool   `json:"signed"`        // by somebody who is or was on the panel, to a message of this receipt
	Asks     string `json:"asks,omitzero"` // seal.AsksCheckIn, whether something has happened since; or ""

	to int // which of the receipt's messages it answers
}

// Read fetches and opens the answers, oldest first, and counts what does not open. Answers whose signature does not hold are
// given and marked: whoever runs the server can write one where words came without script.
// Errors wrap ErrUnproven when the panel's lists do not hold.
func (m *Mailbox) Read(ctx context.Context) (answers []Answer, unread int, err error) {
	files, err := m.files(ctx)
	if err != nil || len(files) == 0 {
		return []Answer{}, 0, err
	}
	panel, err := m.panelKeys(ctx)
	if err != nil {
		return nil, 0, err
	}
	var anchors []seal.Commitment
	for message := range uint(mostMessages) {
		anchors = append(anchors, m.keys.Message(message).AnchorToken.Commitment())
	}
	answers = []Answer{}
	place := map[string]int{}
	for i, a := range anchors {
		place[a.String()] = i
	}
	for _, file := range files {
		r, err := seal.OpenReply(file, m.keys.Message(0).ReplyIdentity)
		if err != nil {
			unread++
			continue
		}
		signed := r.Verify(m.origin, anchors, func(id string) ed25519.PublicKey { return panel[id] }) == nil
		answers = append(answers, Answer{Text: r.Text, Day: r.Day, Reviewer: r.Reviewer, Signed: signed, Asks: r.Asks, to: place[r.Anchor]})
	}
	slices.SortStableFunc(answers, func(a, b Answer) int { return cmp.Or(cmp.Compare(a.Day, b.Day), a.to-b.to) })
	return answers, unread, nil
}

func (m *Mailbox) files(ctx context.Context) ([][]byte, error) {
	in := struct {
		Token string `json:"token"`
		Page  int    `json:"page"`
	}{Token: seal.Commitment(m.keys.Message(0).MailboxToken).String()}
	var files [][]byte
	for {
		var out struct {
			Count   string   `json:"count"`
			Replies [][]byte `json:"replies"`
		}
		if err := m.post(ctx, clinicPath(publicAPI, m.clinic, "mailbox"), in, &out); err != nil {
			return nil, err
		}
		count, err := strconv.Atoi(out.Count)
		if err != nil || count < 0 || len(out.Replies) != mailbox.PageSize {
			return nil, errors.New("the server's mailbox does not read")
		}
		files = append(files, out.Replies[:min(max(count-in.Page*mailbox.PageSize, 0), mailbox.PageSize)]...)
		if in.Page++; count <= in.Page*mailbox.PageSize {
			return files, nil
		}
	}
}

func (m *Mailbox) panelKeys(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	chain, err := m.chain(ctx, m.clinic)
	if err != nil {
		return nil, err
	}
	members, err := chain.Members(m.Fingerprint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	keys := map[string]ed25519.PublicKey{}
	for _, member := range members {
		keys[member.ID] = member.VerifyKey
	}
	return keys, nil
}

// Write seals a further message at the next free place and posts it. Errors: as of Submit.
func (m *Mailbox) Write(ctx context.Context, lang string, answers []seal.Answer) (*Acceptance, error) {
	return m.further(ctx, func(k *seal.Keys, e *Epoch) *seal.Plaintext {
		return seal.NewFollowup(k, e.ID, e.Origin, e.Form, lang, seal.SealedByClient, nil, answers)
	})
}

// Consent changes what may happen to the words of the receipt. Errors: as of Submit.
func (m *Mailbox) Consent(ctx context.Context, c seal.Consent) (*Acceptance, error) {
	return m.further(ctx, func(k *seal.Keys, e *Epoch) *seal.Plaintext {
		return seal.NewConsent(k, e.ID, e.Origin, seal.SealedByClient, nil, c)
	})
}

func (m *Mailbox) further(ctx context.Context, write func(*seal.Keys, *Epoch) *seal.Plaintext) (*Acceptance, error) {
	e, err := m.ProvenEpoch(ctx, m.clinic)
	if err != nil {
		return nil, err
	}
	for message := uint(1); message < mostMessages; message++ {
		keys := m.keys.Message(message)
		file, err := seal.Seal(write(keys, e), e.Recipient)
		if err != nil {
			return nil, err
		}
		accepted, err := m.PostFile(ctx, m.clinic, e, file, keys.AnchorToken.Commitment(), keys.WithdrawToken.Commitment())
		var p *Problem
		if errors.As(err, &p) && (p.Kind(ProblemAnchorUsed) || p.Kind(problemWithdrawUsed)) {
			continue // an earlier message, or another device, has this place
		}
		return accepted, err
	}
	return nil, errors.New("this receipt has too many messages")
}

// ErrNothing means that no message of this clinic is there for these words.
var ErrNothing = errors.New("there is nothing here for these words")

// Withdraw takes all messages of the receipt back, one by one, with pauses of random length up to pace, so that the server
// does not see that they belong together. progress hears how many are gone. Errors: ErrNothing.
func (m *Mailbox) Withdraw(ctx context.Context, pace time.Duration, progress func(gone int)) (tickets []string, err error) {
	known, err := m.logged(ctx)
	if err != nil {
		return nil, err
	}
	for message := uint(0); message < mostMessages; message++ {
		if len(tickets) > 0 {
			if err := m.Wait(ctx, m.upTo(pace)); err != nil {
				return tickets, err
			}
		}
		keys := m.keys.Message(message)
		in := map[string]string{"anchor": keys.AnchorToken.Commitment().String(), "token": seal.Commitment(keys.WithdrawToken).String()}
		var out struct {
			Ticket string `json:"ticket"`
		}
		body, err := json.Marshal(in, json.Deterministic(true))
		if err != nil {
			return tickets, fmt.Errorf("write request: %w", err)
		}
		err = m.persist(ctx, clinicPath(publicAPI, m.clinic, "withdraw"), body, &out)
		var p *Problem
		switch {
		case errors.As(err, &p) && p.Kind(problemNothing):
			if message > 0 && message >= known {
				return doneOr(tickets)
			}
		case err != nil:
			return tickets, err
		default:
			tickets = append(tickets, out.Ticket)
			progress(len(tickets))
		}
	}
	return doneOr(tickets)
}

func doneOr(tickets []string) ([]string, error) {
	if len(tickets) == 0 {
		return nil, ErrNothing
	}
	return tickets, nil
}

// logged counts the messages of the receipt that are in the log.
func (m *Mailbox) logged(ctx context.Context) (uint, error) {
	info, err := m.LogInfo(ctx)
	if err != nil {
		return 0, err
	}
	source := LogSource{m.Client}
	head, err := Newest(ctx, source, info.VKey, nil)
	if err != nil {
		return 0, err
	}
	ledger, err := ReadLedger(ctx, source, head)
	if err != nil {
		return 0, err
	}
	message := uint(0)
	for ; message < mostMessages; message++ {
		keys := m.keys.Message(message)
		mine := func(p *Placed) bool { return p.Withdraw == keys.WithdrawToken.Commitment() }
		if !slices.ContainsFunc(ledger.Anchors[keys.AnchorToken.Commitment()], mine) {
			break
		}
	}
	return message, nil
}

// upTo draws a pause between a fifth of pace and all of it.
func (c *Client) upTo(pace time.Duration) time.Duration {
	var b [2]byte
	_, _ = c.Random.Read(b[:])
	return pace/5 + pace*4/5*time.Duration(int(b[0])<<8|int(b[1]))/(1<<16)
}

// ErrNoReply means that a message has no mailbox to answer to: it was sealed by hand, or opens to something else.
var ErrNoReply = errors.New("this message has no mailbox: its writer left no way to answer")

// SealedReply is an answer that waits for its hour.
type SealedReply struct {
	Mailbox   string `json:"mailbox"`
	File      []byte `json:"ct"`
	ExpiresOn string `json:"expires_on"`

	actions   [32]byte // the key that tags the acts about the message that is answered
	noContact bool     // the writer said not to be contacted

	leaf   [32]byte // the message that is answered
	epoch  string
	number int // of the act that says it was answered, as tried last; less than 0 before
}

// SealReply signs and seals an answer to a message of a folder that Pull made; leaf is the message's hash in hex. The
// mailbox ends with the newest epoch of its messages. asks is seal.AsksCheckIn, or "". Errors: ErrNothingPulled, ErrNotKept, ErrOwn,
// ErrNotDeclared, ErrNoReply, *seal.TooLongError.
func (r *Reviewer) SealReply(dir, leaf, text, asks string) (*SealedReply, error) {
	o, proven, err := openerOf(dir, r.identity)
	if err != nil {
		return nil, err
	}
	defer o.folder.close()
	if !proven {
		return nil, ErrNotKept // whoever had the folder could have put in a message of their own, and the answer would be theirs
	}
	mine, err := (&notebook{folder: o.folder, by: r}).read()
	if err != nil {
		return nil, err
	}
	if !mine.declared(leaf) {
		return nil, ErrNotDeclared
	}
	return r.sealReply(o, leaf, text, asks)
}

func (r *Reviewer) sealReply(o *opener, leaf, text, asks string) (*SealedReply, error) {
	if !leafName.MatchString(leaf) {
		return nil, ErrNoMessage
	}
	opened := &Opened{LeafHash: leaf}
	p, err := o.read(leaf, opened)
	if err != nil {
		return nil, err
	}
	if p.Mailbox == nil || p.ReplyTo == nil {
		return nil, ErrNoReply
	}
	box, err := seal.ParseCommitment(*p.Mailbox)
	if err != nil {
		return nil, ErrNoReply
	}
	anchor, err := seal.ParseCommitment(p.Anchor)
	if err != nil {
		return nil, err
	}
	until, err := o.retention(*p.Mailbox)
	if err != nil {
		return nil, err
	}
	file, err := seal.SealReply(o.origin, r.ID, r.key, anchor, *p.ReplyTo, r.Now(), text, asks)
	if err != nil {
		return nil, err
	}
	actions, err := o.actionsKey(p, opened)
	if err != nil {
		return nil, err
	}
	not, err := o.saidNoContact(*p.Mailbox)
	if err != nil {
		return nil, err
	}
	reply := &SealedReply{box.String(), file, mailbox.LastDay(box, until).Format(time.DateOnly), actions, not, [32]byte{}, opened.Epoch, -1}
	_, err = hex.Decode(reply.leaf[:], []byte(leaf))
	return reply, err
}

// retention is the last day of the newest epoch that a message of a mailbox was sealed to, among the files of the folder.
func (o *opener) retention(box string) (time.Time, error) {
	var until time.Time
	names, err := o.names()
	if err != nil {
		return until, err
	}
	for _, name := range names {
		opened := &Opened{}
		p, err := o.read(name, opened)
		if err != nil || p.Mailbox == nil || *p.Mailbox != box {
			continue
		}
		record, err := o.record(opened.Epoch)
		if err != nil {
			return until, err
		}
		if record.RetainUntil.After(until) {
			until = record.RetainUntil
		}
	}
	return until, nil
}

// ReplyEvery asks how often answers are sent: clients wait for the next multiple of it, so that when an answer comes tells
// nothing of who was reading what.
func (r *Reviewer) ReplyEvery(ctx context.Context) (time.Duration, error) {
	var out struct {
		Seconds int64 `json:"reply_every_seconds"`
	}
	if err := r.get(ctx, panelAPI+"/me", &out); err != nil {
		return 0, err
	}
	if out.Seconds < 1 || out.Seconds > 24*3600 {
		return time.Hour, nil
	}
	return time.Duration(out.Seconds) * time.Second, nil
}

// UntilNext is how long it is to the next multiple of every, of the clock that all share.
func UntilNext(now time.Time, every time.Duration) time.Duration {
	return every - time.Duration(now.UnixNano())%every
}

// PostReply posts a sealed answer. It names a mailbox and no message. The same file again is kept once.
func (r *Reviewer) PostReply(ctx context.Context, clinic string, reply *SealedReply) error {
	return r.post(ctx, clinicPath(panelAPI, clinic, "replies"), reply, nil)
}

// Contacted owns up in public that the writer of a message was answered, dated to the week: once for each answer. The same reviewer's act of the
// same week under the same tag is the very same act, and no further one.
func (r *Reviewer) Contacted(ctx context.Context, clinic string, reply *SealedReply) error {
	today := r.Now().UTC().Truncate(24 * time.Hour)
	a := &transparency.Action{Code: transparency.ActContacted, Day: transparency.WeekOf(today), ReviewerID: r.ID}
	acts, err := r.acts(ctx, clinic)
	if err != nil {
		return err
	}
	tags := acts.tags()
	for n := range mostActs {
		a.Tag = transparency.ActionTag(reply.actions, a.Code, n)
		if tags[a.Tag] {
			continue
		}
		a.Sign(r.key)
		reply.number = n
		err = r.post(ctx, clinicPath(panelAPI, clinic, "acts"), map[string]string{"leaf": string(a.Leaf())}, nil)
		var problem *Problem
		if !errors.As(err, &problem) || !problem.Kind(problemTagTaken) {
			break
		}
	}
	return err
}

// OweContacted keeps in a folder that the writer of a message was answered, where Contacted failed: it is owed until it stands,
// and goes with what else waits there. Errors: ErrNothingPulled, ErrOwn, ErrFolder, ErrRaced, *Problem.
func (r *Reviewer) OweContacted(dir, clinic string, reply *SealedReply) error {
	n, err := notebookIn(dir, r.identity)
	if err != nil {
		return err
	}
	defer n.close()
	return n.wait(&step{
		Clinic: clinic, Do: doReply, Leaf: reply.leaf[:], Epoch: reply.epoch, Reply: reply, Posted: true, Number: reply.number, Actions: reply.actions[:],
	})
}

// actionsKey is the key that tags the acts about a message: its own, or, where it brought none, that of its place in the epoch.
func (o *opener) actionsKey(p *seal.Plaintext, opened *Opened) ([32]byte, error) {
	if p.Actions != nil {
		return seal.ParseCommitment(*p.Actions)
	}
	key, err := o.epochKey(opened.Epoch)
	if err != nil {
		return [32]byte{}, err
	}
	hash, err := hex.DecodeString(opened.LeafHash)
	if err != nil || len(hash) != 32 {
		return [32]byte{}, ErrNoMessage
	}
	return seal.CoverActions(key, [32]byte(hash))
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/term"

	"answerable/internal/client"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

type logProofCmd struct {
	logConfig
	Leaf   string `placeholder:"HASH" help:"Find the leaf with this hash, in hexadecimal."`
	Ticket string `type:"path" placeholder:"FILE" help:"Find the leaf that this ticket promises. Without --leaf and --ticket the receipt words are read from standard input; they do not leave this machine."`
	Out    string `type:"path" placeholder:"FILE" help:"Write the proof here; without it, it is printed."`
	Check  string `type:"path" placeholder:"FILE" help:"Check a proof, or the file that the mailbox's page saves, against the log's key instead of making one. Needs no network where --vkey is given and URL is a folder."`
}

// provenLeaf is what is known of one leaf.
type provenLeaf struct {
	LeafHash  string   `json:"leaf_hash"` // hex
	Index     int64    `json:"index"`
	Size      int64    `json:"size"` // of the log
	Withdrawn bool     `json:"withdrawn"`
	Shredded  bool     `json:"shredded"`
	Proof     string   `json:"proof,omitzero"` // the file's text, unless it was written
	Acts      []ownAct `json:"acts,omitzero"`  // on the first: what the panel says it did about what was told with these words
}

// ownAct is one of them. A contact is dated to the Monday of its week.
type ownAct struct {
	Code     string `json:"code"`
	Day      string `json:"day"`
	Reviewer string `json:"reviewer"`
}

// Run finds leaves and proves that they stand in the log. The whole log is fetched and searched here, so that the server
// does not learn whose leaf it is.
func (c *logProofCmd) Run(ctx context.Context, t *terminal) error {
	if c.Check != "" && c.VKey != "" {
		if file, err := os.ReadFile(c.Check); err == nil && isPacket(file) {
			return checkPacket(t, file, c.VKey) // all that it takes is in the file
		}
	}
	log, err := c.open(ctx, nil)
	if err != nil {
		return err
	}
	if c.Check != "" {
		return c.check(t, log)
	}
	head, err := log.newest(ctx, nil)
	if err != nil {
		return err
	}
	ledger, err := client.ReadLedger(ctx, log.Source, head)
	if err != nil {
		return fmt.Errorf("the log does not give what its checkpoint signs: %w", err)
	}
	for _, odd := range ledger.Oddities {
		t.note("warning: %s. Tell the panel, and others who follow the log.", odd)
	}
	own, err := c.find(t, log, ledger, head)
	if err != nil {
		return err
	}
	if err := c.show(ctx, t, log, ledger, head, own); err != nil {
		return err
	}
	for _, message := range own.missing {
		t.note("message %d of these words has no leaf in the log, and a later one has", message+1)
	}
	if len(own.missing) > 0 {
		return withHint(errors.New("not all that was told with these words is in the log"), "What was told today enters the log with the next batch. If the day of the missing one's ticket is over, ask: answerable log proof --ticket FILE")
	}
	return nil
}

// ownLeaves are what the log holds of a writer's.
type ownLeaves struct {
	found   []*client.Placed
	missing []int        // numbers of messages that should be there; only by words
	acts    []client.Act // what the panel says it did; only by words
}

// find looks the leaf up by what was given.
func (c *logProofCmd) find(t *terminal, log *openedLog, ledger *client.Ledger, head *transparency.Checkpoint) (*ownLeaves, error) {
	switch {
	case c.Leaf != "":
		hash, err := hex.DecodeString(c.Leaf)
		if err != nil || len(hash) != 32 {
			return nil, usage("--leaf must be 64 hexadecimal digits", "It is the leaf_hash that answerable submit --json prints.")
		}
		if p := ledger.Submissions[[32]byte(hash)]; p != nil {
			return &ownLeaves{found: []*client.Placed{p}}, nil
		}
		return nil, withHint(errors.New("no leaf of the log has this hash"), "It enters the log with the next batch. If you have the ticket, ask with --ticket.")
	case c.Ticket != "":
		found, err := c.byTicket(log, ledger, head)
		return &ownLeaves{found: found}, err
	}
	if file, ok := t.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		t.note("type your eight receipt words, or the 27 digits, and press Enter:")
	}
	return byWords(t.in, ledger, head.Origin)
}

// byTicket finds a ticket's leaf. Where it is missing though its day is over, ticket and checkpoint are written down, with
// what they prove.
func (c *logProofCmd) byTicket(log *openedLog, ledger *client.Ledger, head *transparency.Checkpoint) ([]*client.Placed, error) {
	text, err := os.ReadFile(c.Ticket)
	if err != nil {
		return nil, withHint(fmt.Errorf("the ticket cannot be read: %w", cause(err)), "Check the path given with --ticket.")
	}
	ticket, err := ledger.Ticket(string(text))
	if err != nil {
		return nil, withHint(errors.New("this is not a ticket signed with a key that stands in this log"), "Check that it is the whole ticket, every line of it, and that it is of this place.")
	}
	if p := ledger.Submissions[ticket.LeafHash]; p != nil {
		return []*client.Placed{p}, nil
	}
	day := ticket.LogBy.Format("2 January 2006")
	proven := cosignedAfter(log.policy, head, ticket)
	if len(proven) == 0 && !late(ticket) {
		return nil, withHint(errors.New("what you told is not in the log yet"), "It is promised by the end of "+day+" (UTC). Ask again then.")
	}
	path := c.Out
	if path == "" {
		path = "missing.txt"
	}
	if err := os.WriteFile(path, []byte(missingFile(string(text), head.Note, proven)), 0o600); err != nil {
		return nil, fmt.Errorf("write proof: %w", cause(err))
	}
	if len(proven) == 0 {
		return nil, withHint(fmt.Errorf("what you told should have been in the log by the end of %s (UTC), and the log that we were given does not have it", day),
			"That day is over by this machine's clock. No witness that you trust has signed a later day, so it is a strong sign and no proof yet: ask again over another network, with --policy FILE when somebody watches this log. The ticket and the log's checkpoint lie in "+path+". Give that file to the panel, or to somebody you trust. It does not say who you are.")
	}
	return nil, withHint(fmt.Errorf("what you told was promised to be in the log by the end of %s (UTC), and it is not: on %s %s has signed the log without it", day, proven[0].at.Format("2 January 2006"), proven[0].name),
		"That proves to anybody who trusts this witness that the promise was broken. The ticket and the log's checkpoint lie in "+path+". Give that file to the panel, or to somebody you trust. It does not say who you are.")
}

// missingFile is a ticket and a checkpoint without its leaf, after lines that say what they prove: who has signed the
// checkpoint on a later day than the ticket's, or that nobody has. See internal/transparency/FORMAT.md.
func missingFile(ticket, checkpoint string, proven []cosignature) string {
	var b strings.Builder
	b.WriteString("answerable/missing/v1\n")
	for _, w := range proven {
		fmt.Fprintf(&b, "proved by %s %s\n", w.name, w.at.Format(time.DateOnly))
	}
	if len(proven) == 0 {
		b.WriteString("not proved\n")
	}
	return b.String() + "\n" + ticket + "\n" + checkpoint
}

// mostMessages is how many messages of a receipt are looked for; more nobody sends with one.
const mostMessages = 50

// byWords finds all messages of a receipt. missing are those without a leaf before the last that has one: they are numbered
// in the order in which they were told, so each must be there or on its way.
func byWords(in io.Reader, ledger *client.Ledger, origin string) (*ownLeaves, error) {
	typed, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read words: %w", err)
	}
	receipt, err := seal.ParseReceipt(strings.TrimSpace(typed))
	if err != nil {
		return nil, err
	}
	var own ownLeaves
	var gap []int
	for message, marks := range receipt.Marks(origin, mostMessages) {
		placed := ledger.Anchors[marks.Anchor]
		mine := slices.IndexFunc(placed, func(p *client.Placed) bool { return p.Withdraw == marks.Withdraw })
		if mine < 0 {
			gap = append(gap, message)
			continue
		}
		own.found, own.missing, gap = append(own.found, placed[mine]), append(own.missing, gap...), nil
	}
	if len(own.found) == 0 {
		return nil, withHint(errors.New("the log holds nothing that was told with these words"), "Check the words. What was told today enters the log with the next batch; a ticket says by which day. With the ticket, ask: answerable log proof --ticket FILE")
	}
	own.acts = ledger.OwnActs(receipt.Derive(origin).ActionsKey)
	return &own, nil
}

func (c *logProofCmd) show(ctx context.Context, t *terminal, log *openedLog, ledger *client.Ledger, head *transparency.Checkpoint, own *ownLeaves) error {
	var results []provenLeaf
	for i, p := range own.found {
		proof, err := transparency.Prove(ctx, log.Source, head, p.Index, p.Leaf)
		if err != nil {
			return err
		}
		hash := p.Leaf.Hash()
		r := provenLeaf{
			LeafHash: hex.EncodeToString(hash[:]), Index: p.Index, Size: head.Size,
			Withdrawn: ledger.Withdrawn[hash], Shredded: ledger.Destroyed(p), Proof: string(proof.Marshal()),
		}
		if c.Out != "" {
			path := c.Out
			if i > 0 {
				path = fmt.Sprintf("%s.%d", c.Out, i+1)
			}
			if err := os.WriteFile(path, []byte(r.Proof), 0o600); err != nil {
				return fmt.Errorf("write proof: %w", cause(err))
			}
			r.Proof = ""
		}
		results = append(results, r)
	}
	for _, a := range own.acts {
		results[0].Acts = append(results[0].Acts, ownAct{a.Code, a.Day.Format(time.DateOnly), a.ReviewerID})
	}
	if t.json {
		return t.emit(results)
	}
	for _, r := range results {
		what := "It is received, it is counted, and its mark is still there. The panel can tell whether the message itself is."
		if r.Withdrawn {
			what = "It was received, and taken back by whoever holds the receipt words."
		} else if r.Shredded {
			what = "It was received. The panel has since destroyed all that was told in that time, as it had said."
		}
		if err := t.show(nil, "Leaf %d of %d: %s\n%s", r.Index, r.Size, what, r.Proof); err != nil {
			return err
		}
	}
	for _, a := range own.acts {
		if err := t.show(nil, "%s: the panel says %q, signed by %s.", a.Day.Format("2 January 2006"), a.Code, a.ReviewerID); err != nil {
			return err
		}
	}
	return nil
}

// check reads a proof and says what it shows.
func (c *logProofCmd) check(t *terminal, log *openedLog) error {
	file, err := os.ReadFile(c.Check)
	if err != nil {
		return withHint(fmt.Errorf("the proof cannot be read: %w", cause(err)), "Check the path given with --check.")
	}
	if isPacket(file) {
		return checkPacket(t, file, log.vkey)
	}
	verifier, err := note.NewVerifier(log.vkey)
	if err != nil {
		return usage("the log's key does not read", "A key looks like words.example.org/answerable+1a2b3c4d+AbC…")
	}
	proof, err := transparency.ParseProof(file, nil, verifier)
	if err != nil {
		return err
	}
	if log.policy != nil && !log.policy.Satisfied(proof.Checkpoint.Note) {
		return errors.New("the proof's checkpoint does not carry the cosignatures that the policy asks for")
	}
	hash := proof.Leaf.Hash()
	if c.Leaf != "" && c.Leaf != hex.EncodeToString(hash[:]) {
		return errors.New("the proof holds, but for another leaf")
	}
	result := provenLeaf{LeafHash: hex.EncodeToString(hash[:]), Index: proof.Index, Size: proof.Checkpoint.Size}
	return t.show(result, "The proof holds: leaf %d of the log of %s, which had %d leaves, is\n\n%s", proof.Index, proof.Checkpoint.Origin, proof.Checkpoint.Size, proof.Leaf)
}

// isPacket tells a kept file, which is JSON, from a proof.
func isPacket(file []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(file), []byte("{")) }

// checkPacket checks the file that somebody kept from their mailbox.
func checkPacket(t *terminal, file []byte, vkey string) error {
	p, err := client.CheckPacket(file, vkey)
	if err != nil {
		return withHint(err, "Ask for the file as it was saved. Nothing in a changed one can be relied on.")
	}
	return showPacket(t, p)
}

func showPacket(t *terminal, p *client.CheckedPacket) error {
	if len(p.Leaves) == 0 {
		return t.show(p, `Nothing in this file is proven yet: it holds %d tickets of %s, and no proof from the log.
Ask the log about each, in a file by itself: answerable log proof URL --ticket FILE
What the file says was written, and by whom, is the word of who gave it to you: the log shows no words.
`, p.Tickets, p.Origin)
	}
	return t.show(p, `The proof holds: %d messages stand in the log of %s.
%d acts are signed by members of the panel. That they are about these messages is the word of who gave you the file.
%d answers in the file are signed by members of the panel, to these messages. %d are signed by nobody.
The panel's fingerprint is %s. Compare it with a poster's.
What the file says was written, and by whom, is the word of who gave it to you: the log shows no words.
`, len(p.Leaves), p.Origin, len(p.Acts), p.Answers, p.Unsigned, p.Fingerprint)
}

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
	LeafHash  string `json:"leaf_hash"` // hex
	Index     int64  `json:"index"`
	Size      int64  `json:"size"` // of the log
	Withdrawn bool   `json:"withdrawn"`
	Shredded  bool   `json:"shredded"`
	Proof     string `json:"proof,omitzero"` // the file's text, unless it was written
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
	ledger, err := client.ReadLedger(ctx, log.Source, head, 0)
	if err != nil {
		return fmt.Errorf("the log does not give what its checkpoint signs: %w", err)
	}
	found, err := c.find(t, ledger, head)
	if err != nil {
		return err
	}
	return c.show(ctx, t, log, ledger, head, found)
}

// find looks the leaf up by what was given.
func (c *logProofCmd) find(t *terminal, ledger *client.Ledger, head *transparency.Checkpoint) ([]*client.Placed, error) {
	switch {
	case c.Leaf != "":
		hash, err := hex.DecodeString(c.Leaf)
		if err != nil || len(hash) != 32 {
			return nil, usage("--leaf must be 64 hexadecimal digits", "It is the leaf_hash that answerable submit --json prints.")
		}
		if p := ledger.Submissions[[32]byte(hash)]; p != nil {
			return []*client.Placed{p}, nil
		}
		return nil, withHint(errors.New("no leaf of the log has this hash"), "It enters the log with the next batch. If you have the ticket, ask with --ticket.")
	case c.Ticket != "":
		return c.byTicket(ledger, head)
	}
	if file, ok := t.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		t.note("type your eight receipt words, or the 27 digits, and press Enter:")
	}
	return byWords(t.in, ledger, head.Origin)
}

// byTicket finds a ticket's leaf. Where it is missing though its day is over, ticket and checkpoint are written as proof.
func (c *logProofCmd) byTicket(ledger *client.Ledger, head *transparency.Checkpoint) ([]*client.Placed, error) {
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
	if !late(ticket) {
		return nil, withHint(errors.New("what you told is not in the log yet"), "It is promised by the end of "+day+" (UTC). Ask again then.")
	}
	path := c.Out
	if path == "" {
		path = "dropped.txt"
	}
	if err := os.WriteFile(path, []byte(string(text)+"\n"+head.Note), 0o600); err != nil {
		return nil, fmt.Errorf("write proof: %w", cause(err))
	}
	return nil, withHint(fmt.Errorf("what you told was promised to be in the log by %s, and it is not: it was dropped", day),
		"The ticket and the log's checkpoint, both signed by this place, prove it to anybody. They lie in "+path+". Give that file to the panel, or to somebody you trust. It does not say who you are.")
}

// byWords finds all messages of a receipt: the first, and those that followed it.
func byWords(in io.Reader, ledger *client.Ledger, origin string) ([]*client.Placed, error) {
	typed, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read words: %w", err)
	}
	receipt, err := seal.ParseReceipt(strings.TrimSpace(typed))
	if err != nil {
		return nil, err
	}
	var found []*client.Placed
	for message := uint(0); ; message++ {
		keys := receipt.DeriveMessage(origin, message)
		placed := ledger.Anchors[keys.AnchorToken.Commitment()]
		mine := slices.IndexFunc(placed, func(p *client.Placed) bool { return p.Withdraw == keys.WithdrawToken.Commitment() })
		if mine < 0 {
			break
		}
		found = append(found, placed[mine])
	}
	if len(found) == 0 {
		return nil, withHint(errors.New("the log holds nothing that was told with these words"), "Check the words. What was told today enters the log with the next batch; a ticket says by which day. With the ticket, ask: answerable log proof --ticket FILE")
	}
	return found, nil
}

func (c *logProofCmd) show(ctx context.Context, t *terminal, log *openedLog, ledger *client.Ledger, head *transparency.Checkpoint, found []*client.Placed) error {
	var results []provenLeaf
	for i, p := range found {
		proof, err := transparency.Prove(ctx, log.Source, head, p.Index, p.Leaf)
		if err != nil {
			return err
		}
		hash := p.Leaf.Hash()
		r := provenLeaf{
			LeafHash: hex.EncodeToString(hash[:]), Index: p.Index, Size: head.Size,
			Withdrawn: ledger.Withdrawn[p.Anchor], Shredded: ledger.Shredded[p.Epoch], Proof: string(proof.Marshal()),
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
	if t.json {
		return t.emit(results)
	}
	for _, r := range results {
		what := "It is received, it is counted, and it is still there."
		if r.Withdrawn {
			what = "It was received, and taken back by whoever holds the receipt words."
		} else if r.Shredded {
			what = "It was received. The panel has since destroyed all that was told in that time, as it had said."
		}
		if err := t.show(nil, "Leaf %d of %d: %s\n%s", r.Index, r.Size, what, r.Proof); err != nil {
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
	return t.show(p, `The proof holds: %d messages stand in the log of %s.
%d answers in the file are signed by members of the panel, to these messages. %d are signed by nobody.
The panel's fingerprint is %s. Compare it with a poster's.
What the file says was written, and by whom, is the word of who gave it to you: the log shows no words.
`, len(p.Leaves), p.Origin, p.Answers, p.Unsigned, p.Fingerprint)
}

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/client"
	"answerable/internal/seal"
	"answerable/internal/transparency"
	"answerable/internal/web"
	"answerable/internal/witness"
)

// logConfig names a log and the key it must be signed with.
type logConfig struct {
	Source string `arg:"" placeholder:"URL|DIR" help:"Address of a server, or a folder with a copy of a log's files."`
	VKey   string `name:"vkey" placeholder:"KEY" help:"The log's verifier key, as you have it from somebody you trust."`
	Policy string `type:"path" placeholder:"FILE" help:"Who must have cosigned the checkpoint (c2sp.org/tlog-policy)."`
}

// keyFile is where a copy of a log keeps its key.
const keyFile = "vkey"

// openedLog is a log that can be read, with its key. api is nil for a folder.
type openedLog struct {
	transparency.Source
	api    *client.Client
	info   *client.LogInfo
	vkey   string
	pinned bool // somebody named the key; else the log itself did
	policy *witness.Policy
}

// open finds the log and its key: the one given, the one kept from before, or the one the log names itself.
func (c *logConfig) open(ctx context.Context, before *client.Pinned) (*openedLog, error) {
	l := &openedLog{vkey: c.VKey, pinned: c.VKey != "" || before != nil}
	if l.vkey == "" && before != nil {
		l.vkey = before.VKey
	}
	if before != nil && l.vkey != before.VKey {
		return nil, errors.New("the key given is not the one in the file of the checkpoint seen before")
	}
	if c.Policy != "" {
		var err error
		if l.policy, err = readPolicy(c.Policy); err != nil {
			return nil, err
		}
	}
	if !strings.HasPrefix(c.Source, "http://") && !strings.HasPrefix(c.Source, "https://") {
		return l, l.openFolder(c.Source)
	}
	var err error
	if l.api, err = client.New(c.Source); err != nil {
		return nil, err
	}
	l.Source = client.LogSource{Client: l.api}
	if l.info, err = l.api.LogInfo(ctx); err != nil {
		return nil, err
	}
	if l.vkey == "" {
		l.vkey = l.info.VKey
	}
	return l, nil
}

func (l *openedLog) openFolder(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "checkpoint")); err != nil {
		return withHint(fmt.Errorf("there is no log in the folder %s: it holds no checkpoint", dir), "Give the address of a server, beginning with https://, or a folder that log verify --save has filled.")
	}
	l.Source = transparency.Directory(dir)
	if l.vkey != "" {
		return nil
	}
	kept, err := os.ReadFile(filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return usage("it is not known which key signs this log", "Give --vkey KEY.")
	}
	l.vkey = strings.TrimSpace(string(kept))
	return err
}

// newest reads the checkpoint, and wants the cosignatures that the policy asks for.
func (l *openedLog) newest(ctx context.Context, before *transparency.Checkpoint) (*transparency.Checkpoint, error) {
	head, err := client.Newest(ctx, l.Source, l.vkey, before)
	if err == nil && l.policy != nil && !l.policy.Satisfied(head.Note) {
		return nil, withHint(errors.New("the checkpoint does not carry the cosignatures that the policy asks for"), "Do not rely on this log until its witnesses have seen it. Tell somebody who follows it too.")
	}
	return head, err
}

type logVerifyCmd struct {
	logConfig
	Checkpoint string   `type:"path" placeholder:"FILE" help:"Go on from the checkpoint kept here, and keep the new one. The first time it is made."`
	Against    []string `type:"path" sep:"none" placeholder:"FILE" help:"A checkpoint that somebody else has seen: both must fit into one history. Repeatable."`
	Ticket     []string `type:"path" sep:"none" placeholder:"FILE" help:"A ticket, whose leaf must be there by its day. Repeatable."`
	Scripts    bool     `help:"Compare the page code that the server gives with what the log says it gives, and with this program's own."`
	Save       string   `type:"path" placeholder:"DIR" help:"Keep a copy of the log's files here, to check without a network."`
}

// verified is what stays of a log when everything held.
type verified struct {
	VKey   string `json:"vkey"`
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"` // base64, as in the checkpoint
}

// Run follows the log. Whatever is wrong is said, and ends with status 1.
func (c *logVerifyCmd) Run(ctx context.Context, t *terminal) error {
	before, err := c.before()
	if err != nil {
		return err
	}
	log, err := c.open(ctx, before)
	if err != nil {
		return err
	}
	if c.Save != "" {
		log.Source = transparency.Copying{Source: log.Source, Dir: c.Save}
	}
	var old *transparency.Checkpoint
	if before != nil {
		old = before.Checkpoint
	}
	head, err := log.newest(ctx, old)
	if err != nil {
		return c.evidence(err)
	}
	if err := c.compare(ctx, log, head); err != nil {
		return c.evidence(err)
	}
	ledger, err := client.ReadLedger(ctx, log.Source, head)
	if err != nil {
		return withHint(fmt.Errorf("the log does not give what its checkpoint signs: %w", err), "Try again over another network. If it stays so, keep the checkpoint file and tell the panel and others who follow the log.")
	}
	problems := slices.Concat(c.oddities(ledger), c.overdue(log, head), c.tickets(log, ledger, head), c.scripts(ctx, log, ledger))
	if err := c.keep(log, head); err != nil {
		return err
	}
	for _, p := range problems {
		t.note("problem: %s", p)
	}
	if len(problems) > 0 {
		return withHint(errors.New("the log is not as it should be"), "Tell the panel, and others who follow the log, what stands above.")
	}
	if log.info != nil && log.info.Published < log.info.Signed {
		t.note("the server has signed %d leaves and gives out %d: the rest waits for its witnesses", log.info.Signed, log.info.Published)
	}
	if !log.pinned {
		t.note("this key was named by the log itself. Compare it with what others see: %s", log.vkey)
	}
	if c.Scripts {
		t.note("%s", ownScripts(ledger.Code[len(ledger.Code)-1]))
	}
	result := verified{log.vkey, head.Origin, head.Size, base64.StdEncoding.EncodeToString(head.Root[:])}
	return t.show(result, "The log of %s holds: %d leaves, each in its place.\nKey:  %s\nRoot: %s\n", result.Origin, result.Size, result.VKey, result.Root)
}

func (c *logVerifyCmd) before() (*client.Pinned, error) {
	if c.Checkpoint == "" {
		return nil, nil
	}
	before, err := client.ReadPinned(c.Checkpoint)
	if err != nil {
		return nil, withHint(err, "Check the path given with --checkpoint. To begin anew, give one that is not there yet.")
	}
	return before, nil
}

// evidence keeps both checkpoints of a split view: each is signed by the log, so together they prove it to anybody.
func (c *logVerifyCmd) evidence(err error) error {
	var split *transparency.SplitViewError
	switch {
	case errors.Is(err, transparency.ErrShrunk):
		return withHint(err, "The server shows you an old log, or has lost what it had. Keep your checkpoint: it is signed, and proves what was there. Ask others what they see.")
	case !errors.As(err, &split):
		return err
	}
	path := "split-view.txt"
	if c.Checkpoint != "" {
		path = c.Checkpoint + ".split-view"
	}
	if writeErr := os.WriteFile(path, []byte(split.One.Note+"\n"+split.Other.Note), 0o644); writeErr != nil {
		return errors.Join(err, writeErr)
	}
	return withHint(err, "Both are signed by the log and lie in "+path+". Give that file to everybody who relies on this log, the panel first.")
}

// compare wants every other checkpoint to fit into one history with now.
func (c *logVerifyCmd) compare(ctx context.Context, log *openedLog, head *transparency.Checkpoint) error {
	for _, path := range c.Against {
		other, err := c.others(path, log.vkey)
		if err != nil {
			return err
		}
		if err := transparency.CheckGrowth(ctx, log.Source, other, head); err != nil {
			return err
		}
	}
	return nil
}

// others reads a checkpoint as a log serves it, or as this command keeps it.
func (c *logVerifyCmd) others(path, vkey string) (*transparency.Checkpoint, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, withHint(fmt.Errorf("the checkpoint %s cannot be read: %w", path, cause(err)), "Check the path given with --against.")
	}
	if rest, ok := bytes.CutPrefix(content, []byte(vkey+"\n\n")); ok {
		content = rest
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, usage("the log's key does not read", "A key looks like words.example.org/answerable+1a2b3c4d+AbC…")
	}
	other, err := transparency.ParseCheckpoint(content, verifier)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return other, nil
}

// oddities are the leaves that no honest server writes.
func (c *logVerifyCmd) oddities(ledger *client.Ledger) (problems []string) {
	for _, odd := range ledger.Oddities {
		problems = append(problems, odd.String())
	}
	return problems
}

// overdue looks for signs that nothing enters the log any more: the server's own word, and the day of the newest
// cosignature, which no server can make up.
func (c *logVerifyCmd) overdue(log *openedLog, head *transparency.Checkpoint) (problems []string) {
	if log.info != nil && log.info.Overdue(now()) {
		problems = append(problems, fmt.Sprintf("the newest batch began on %s and another is overdue: what was told since is not in the log", *log.info.BatchedOn))
	}
	if seen := newestCosignature(log.policy, head); !seen.IsZero() && now().After(seen.AddDate(0, 0, 1+seal.TicketGrace)) {
		problems = append(problems, fmt.Sprintf("no witness has seen anything newer than what they saw on %s", seen.Format(time.DateOnly)))
	}
	return problems
}

// newestCosignature is the moment of the newest cosignature that a witness of the policy has made.
func newestCosignature(policy *witness.Policy, c *transparency.Checkpoint) (newest time.Time) {
	for _, w := range cosigned(policy, c) {
		if w.at.After(newest) {
			newest = w.at
		}
	}
	return newest
}

// cosignature says which witness of a policy has seen a checkpoint, and when.
type cosignature struct {
	name string
	at   time.Time
}

// cosigned lists the cosignatures of a checkpoint that witnesses of a policy have made; none without a policy.
func cosigned(policy *witness.Policy, c *transparency.Checkpoint) (found []cosignature) {
	if policy == nil {
		return nil
	}
	opened, err := note.Open([]byte(c.Note), note.VerifierList(policy.Verifiers()...))
	if err != nil {
		return nil
	}
	for _, sig := range opened.Sigs {
		if at, err := formats.CoSigV1Timestamp(sig); err == nil {
			found = append(found, cosignature{sig.Name, at.UTC()})
		}
	}
	return found
}

// tickets wants the leaf of every ticket whose day is over.
func (c *logVerifyCmd) tickets(log *openedLog, ledger *client.Ledger, head *transparency.Checkpoint) (problems []string) {
	for _, path := range c.Ticket {
		text, err := os.ReadFile(path)
		if err != nil {
			problems = append(problems, fmt.Sprintf("the ticket %s cannot be read: %v", path, cause(err)))
			continue
		}
		ticket, err := ledger.Ticket(string(text))
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s is not a ticket signed with a key that stands in this log", path))
			continue
		}
		if ledger.Submissions[ticket.LeafHash] != nil {
			continue
		}
		day := ticket.LogBy.Format(time.DateOnly)
		switch proven := cosignedAfter(log.policy, head, ticket); {
		case len(proven) > 0:
			problems = append(problems, fmt.Sprintf("%s promises a leaf by %s, and on %s the witness %s has signed a log without it: ticket and checkpoint prove that the promise was broken", path, day, proven[0].at.Format(time.DateOnly), proven[0].name))
		case late(ticket):
			problems = append(problems, fmt.Sprintf("%s promises a leaf by %s. By this machine's clock that day is over, and the log given to us does not have it. No cosignature of a later day proves that", path, day))
		}
	}
	return problems
}

// cosignedAfter lists the witnesses that have signed a checkpoint after the day by which a ticket promises its leaf. Only
// their days are a proof: a log that stands still, and a clock that is ahead, look the same as a broken promise.
func cosignedAfter(policy *witness.Policy, c *transparency.Checkpoint, t *seal.Ticket) []cosignature {
	return slices.DeleteFunc(cosigned(policy, c), func(w cosignature) bool {
		return w.at.Format(time.DateOnly) <= t.LogBy.Format(time.DateOnly)
	})
}

// late says whether the day by which a ticket promises a leaf is over by this machine's clock.
func late(t *seal.Ticket) bool { return now().Format(time.DateOnly) > t.LogBy.Format(time.DateOnly) }

// scripts compares the page code with the newest leaf that names it.
func (c *logVerifyCmd) scripts(ctx context.Context, log *openedLog, ledger *client.Ledger) (problems []string) {
	if !c.Scripts {
		return nil
	}
	if log.api == nil || len(ledger.Code) == 0 {
		return []string{"there is no page code to compare: the log names none, or this is a copy and no server"}
	}
	newest := len(ledger.Code) - 1
	problems = differing(ctx, log.api, ledger.Code[newest])
	if len(problems) == 0 {
		return nil
	}
	for _, old := range slices.Backward(ledger.Code[:newest]) {
		if len(differing(ctx, log.api, old)) == 0 {
			return []string{fmt.Sprintf("the server gives old page code: that of the release %s, and the newest that the log names is %s", old.Release, ledger.Code[newest].Release)}
		}
	}
	return problems
}

// ownScripts says whether a server gives the page code that this program would give itself: whoever built it from the source
// then knows what the pages run.
func ownScripts(code *transparency.Code) string {
	if maps.Equal(code.Files, web.Scripts()) {
		return "the page code is that of this program too. Who built it from the source knows what the pages run"
	}
	return fmt.Sprintf("the page code is not that of this program. To know what the pages run, build the release %s and run this with it", code.Release)
}

func differing(ctx context.Context, api *client.Client, code *transparency.Code) (problems []string) {
	for name, want := range code.Files {
		content, err := api.Script(ctx, name)
		if err != nil || sha256.Sum256(content) != want {
			problems = append(problems, fmt.Sprintf("the server gives another %s than the newest leaf about page code says", name))
		}
	}
	slices.Sort(problems)
	return problems
}

// keep writes down what was checked.
func (c *logVerifyCmd) keep(log *openedLog, head *transparency.Checkpoint) error {
	if c.Save != "" {
		if err := os.WriteFile(filepath.Join(c.Save, keyFile), []byte(log.vkey+"\n"), 0o644); err != nil {
			return fmt.Errorf("keep key: %w", err)
		}
	}
	if c.Checkpoint == "" {
		return nil
	}
	if err := (&client.Pinned{VKey: log.vkey, Checkpoint: head}).Write(c.Checkpoint); err != nil {
		return withHint(fmt.Errorf("the checkpoint cannot be kept: %w", cause(err)), "Check the path given with --checkpoint.")
	}
	return nil
}

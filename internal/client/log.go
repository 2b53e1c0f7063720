package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// LogInfo is what a server says about its log. None of it counts but where a signature bears it out.
type LogInfo struct {
	Origin    string  `json:"origin"`
	VKey      string  `json:"vkey"`
	Signed    int64   `json:"signed"`
	Published int64   `json:"published"`
	BatchedOn *string `json:"batched_on"`
	Every     int64   `json:"batch_every_seconds"`
}

// LogInfo asks a server about its log.
func (c *Client) LogInfo(ctx context.Context) (*LogInfo, error) {
	var info LogInfo
	return &info, c.get(ctx, publicAPI+"/log", &info)
}

// Overdue says whether the newest batch is older than a ticket allows. day is the day now.
func (i *LogInfo) Overdue(day time.Time) bool {
	if i.BatchedOn == nil {
		return false
	}
	on, err := time.Parse(time.DateOnly, *i.BatchedOn)
	return err != nil || day.UTC().After(on.Add(time.Duration(i.Every)*time.Second).AddDate(0, 0, seal.TicketGrace))
}

// LogSource reads the files of a server's log.
type LogSource struct{ *Client }

// Read fetches one file. What is not there wraps transparency.ErrNoTile.
func (s LogSource) Read(ctx context.Context, path string) ([]byte, error) {
	content, status, err := s.fetch(ctx, "/log/"+path)
	if err == nil && status == http.StatusNotFound {
		return nil, fmt.Errorf("%w: %s", transparency.ErrNoTile, path)
	}
	if err == nil && status != http.StatusOK {
		return nil, &StrangerError{Server: s.server, Status: status}
	}
	return content, err
}

// Script fetches a file of page code as a browser gets it.
func (c *Client) Script(ctx context.Context, name string) ([]byte, error) {
	content, status, err := c.fetch(ctx, "/static/"+name)
	if err == nil && status != http.StatusOK {
		return nil, &StrangerError{Server: c.server, Status: status}
	}
	return content, err
}

func (c *Client) fetch(ctx context.Context, path string) (content []byte, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+path, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("User-Agent", "answerable")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, c.unanswered(err)
	}
	defer resp.Body.Close()
	content, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(content) > maxAnswer {
		return nil, 0, &UnreachableError{Server: c.server, Err: errors.Join(err)}
	}
	return content, resp.StatusCode, nil
}

// Placed is a submission in its place in the log.
type Placed struct {
	transparency.Submission
	Index int64
	Leaf  transparency.Leaf
}

// Ledger is what the leaves of a whole log come to.
type Ledger struct {
	Submissions map[[32]byte]*Placed          // by leaf hash
	Anchors     map[seal.Commitment][]*Placed // by anchor
	Withdrawn   map[[32]byte]bool             // by the submission's leaf hash; only those that the writer made
	Shredded    map[keyring.EpochOf]bool      // only those that their own panel destroyed
	Epochs      map[string][]string           // ids of the clinics whose panel made it, by epoch; more than one is an oddity
	begins      map[string]time.Time          // first days of these
	TicketKeys  []string                      // of all epochs
	Code        []*transparency.Code          // the newest last
	Oddities    []Oddity

	panels keyring.Panels
	lists  map[string][]int64 // places of each clinic's lists, by its id, oldest first
	acts   map[[32]byte]Act   // by tag; only those whose reviewer signed them
}

// Oddity is a leaf that an honest server would not have written.
type Oddity struct {
	Index  int64  `json:"index"`
	Kind   string `json:"kind,omitzero"` // "" for none that is known
	Reason string `json:"reason"`        // one of those below
	Signer string `json:"signer,omitzero"`
}

// Reasons why a leaf is odd. The panel's page and the writer's have the first of them (ui/src/log.ts): they do not read the
// leaves that the others are about.
const (
	OddKind       = "kind"        // of no kind that this program knows
	OddForm       = "form"        // not written as its kind is
	OddAnchor     = "anchor"      // a submission with the anchor of an earlier one
	OddEpochless  = "epochless"   // of an epoch that no leaf before it names
	OddWithdrawal = "withdrawal"  // without the token of a submission before it
	OddPanel      = "panel"       // no list of members that follows the one before
	OddEpoch      = "epoch"       // not signed by the panel it names
	OddOtherEpoch = "other-epoch" // signed, and there is another record of that id before it
	OddShredding  = "shredding"   // not signed by the panel of its epoch

	OddListless = keyring.LeafListless // signed for a panel that no leaf before it names
	OddOutsider = keyring.LeafOutsider // signed by somebody who was not on the list in force
	OddForged   = keyring.LeafForged   // with a signature that is not its signer's
	OddFew      = keyring.LeafFew      // signed by fewer than the list in force asks for, or its kind needs
	OddAgain    = keyring.LeafAgain    // what a leaf before it says
	OddOlder    = keyring.LeafOlder    // a rotation proposed before the one in force
)

// String says in a sentence what is wrong.
func (o Oddity) String() string {
	if o.Kind != "" {
		return fmt.Sprintf("leaf %d (%s): %s", o.Index, o.Kind, o.why())
	}
	return fmt.Sprintf("leaf %d: %s", o.Index, o.why())
}

func (o Oddity) why() string {
	switch o.Reason {
	case OddForm, OddListless, OddOutsider, OddForged, OddFew, OddAgain, OddOlder:
		return (&keyring.LeafError{Reason: o.Reason, Signer: o.Signer}).Error()
	}
	return map[string]string{
		OddKind:       "its kind is unknown",
		OddAnchor:     "it carries the mark by which somebody else finds their own message; it may be there to make that one look taken back",
		OddEpochless:  "it is about a key that no leaf before it names",
		OddWithdrawal: "it takes a message back without the token that only the message's writer had",
		OddPanel:      "it is no list of members that follows the one before",
		OddEpoch:      "it is a key that its panel has not signed",
		OddOtherEpoch: "it is a second key by the name of another",
		OddShredding:  "it says that an epoch was destroyed, and the panel of that epoch has not signed that",
	}[o.Reason]
}

// ReadLedger reads all leaves of a checkpoint, and checks each against the tree.
func ReadLedger(ctx context.Context, source transparency.Source, c *transparency.Checkpoint) (*Ledger, error) {
	l := newLedger()
	if err := transparency.Walk(ctx, source, c, 0, l.add); err != nil {
		return nil, err
	}
	return l, nil
}

func newLedger() *Ledger {
	return &Ledger{
		Submissions: map[[32]byte]*Placed{}, Anchors: map[seal.Commitment][]*Placed{}, Withdrawn: map[[32]byte]bool{},
		Shredded: map[keyring.EpochOf]bool{}, Epochs: map[string][]string{}, begins: map[string]time.Time{}, lists: map[string][]int64{},
	}
}

// listsBefore counts the lists of a clinic that stand in the log before a message. One that the log does not have comes after all.
func (l *Ledger) listsBefore(clinicID string, leaf [32]byte) (n int) {
	placed := l.Submissions[leaf]
	for _, at := range l.lists[clinicID] {
		if placed == nil || at < placed.Index {
			n++
		}
	}
	return n
}

func (l *Ledger) add(index int64, leaf transparency.Leaf) error {
	l.panels.Place(leaf.Kind())
	if reason, signer := l.take(index, leaf); reason != "" {
		odd := Oddity{Index: index, Reason: reason, Signer: signer}
		if transparency.Known(leaf.Kind()) {
			odd.Kind = leaf.Kind()
		}
		l.Oddities = append(l.Oddities, odd)
	}
	return nil
}

// take gives the reason why a leaf is odd, "" when it is not, and whose signature it is about.
func (l *Ledger) take(index int64, leaf transparency.Leaf) (odd, signer string) {
	switch kind := leaf.Kind(); kind {
	case transparency.KindSubmission:
		return l.addSubmission(index, leaf), ""
	case transparency.KindWithdrawn:
		return l.addWithdrawn(leaf), ""
	case transparency.KindPanel:
		if !l.panels.Add(leaf) {
			return OddPanel, ""
		}
		clinicID := strings.SplitN(string(leaf), "\n", 4)[2]
		l.lists[clinicID] = append(l.lists[clinicID], index)
	case transparency.KindEpoch:
		return l.addEpoch(leaf), ""
	case transparency.KindShred:
		epoch, ok := l.panels.Shredded(leaf)
		if !ok {
			return OddShredding, ""
		}
		l.Shredded[epoch] = true
	case transparency.KindCode:
		code, err := transparency.ParseCode(leaf)
		if err != nil {
			return OddForm, ""
		}
		l.Code = append(l.Code, code)
	default:
		return l.addSigned(index, kind, leaf)
	}
	return "", ""
}

func (l *Ledger) addSubmission(index int64, leaf transparency.Leaf) (odd string) {
	s, err := transparency.ParseSubmission(leaf)
	if err != nil {
		return OddForm
	}
	p := &Placed{Submission: *s, Index: index, Leaf: leaf}
	if l.Anchors[s.Anchor] != nil {
		odd = OddAnchor
	} else if l.Epochs[s.Epoch] == nil {
		odd = OddEpochless
	}
	l.Submissions[leaf.Hash()] = p
	l.Anchors[s.Anchor] = append(l.Anchors[s.Anchor], p)
	return odd
}

// addWithdrawn believes a withdrawal only with the token that nobody but the writer had, and only of the very leaf whose
// commitment the token opens: a server can put a second leaf with the same anchor beside it, and take that one back.
func (l *Ledger) addWithdrawn(leaf transparency.Leaf) (odd string) {
	w, err := transparency.ParseWithdrawn(leaf)
	if err != nil {
		return OddForm
	}
	odd = OddWithdrawal
	for _, p := range l.Anchors[w.Anchor] {
		if w.Undoes(&p.Submission) {
			l.Withdrawn[p.Leaf.Hash()], odd = true, ""
		}
	}
	return odd
}

// excuse believes withdrawals that a server names before they have their place in the log, each with the token that only
// its writer had. Others count for nothing.
func (l *Ledger) excuse(leaves []string) {
	for _, leaf := range leaves {
		_ = l.addWithdrawn(transparency.Leaf(leaf))
	}
}

// addEpoch believes an epoch only when its panel has signed it: a server could write one of its own under the same id, to
// make the clinic's own key seem to be somebody else's.
func (l *Ledger) addEpoch(leaf transparency.Leaf) (odd string) {
	record, err := l.panels.Epoch(leaf)
	if errors.Is(err, keyring.ErrOtherRecord) {
		return OddOtherEpoch
	}
	if err != nil {
		return OddEpoch
	}
	if !slices.Contains(l.TicketKeys, record.TicketKey) {
		l.TicketKeys = append(l.TicketKeys, record.TicketKey)
	}
	l.begins[record.ID] = record.NotBefore
	if clinics := l.Epochs[record.ID]; !slices.Contains(clinics, record.ClinicID) {
		l.Epochs[record.ID] = append(clinics, record.ClinicID)
	}
	if len(l.Epochs[record.ID]) > 1 {
		return OddOtherEpoch
	}
	return ""
}

// Destroyed says whether the panel of a message's epoch has destroyed it. Where two clinics claim the epoch, both must have.
func (l *Ledger) Destroyed(p *Placed) bool {
	clinics := l.Epochs[p.Epoch]
	return len(clinics) > 0 && !slices.ContainsFunc(clinics, func(id string) bool {
		return !l.Shredded[keyring.EpochOf{ClinicID: id, ID: p.Epoch}]
	})
}

// Ticket checks a ticket against the ticket keys that stand in the log's epochs. Errors wrap seal.ErrTicket.
func (l *Ledger) Ticket(ticket string) (*seal.Ticket, error) {
	for _, key := range l.TicketKeys {
		if t, err := seal.VerifyTicket(ticket, key); err == nil {
			return t, nil
		}
	}
	return nil, seal.ErrTicket
}

// Undelivered lists the leaves of a clinic's epoch for which there is no file among those delivered, nor a reason in the
// log: the writer took it back, or the clinic's own panel destroyed the epoch.
func (l *Ledger) Undelivered(epoch keyring.EpochOf, delivered map[[32]byte]bool) []*Placed {
	if l.Shredded[epoch] {
		return nil
	}
	var missing []*Placed
	for hash, p := range l.Submissions {
		if p.Epoch == epoch.ID && !delivered[hash] && !l.Withdrawn[hash] {
			missing = append(missing, p)
		}
	}
	slices.SortFunc(missing, func(a, b *Placed) int { return int(a.Index - b.Index) })
	return missing
}

// Unlisted lists the leaves of a clinic's epochs that stand in the log and that a server does not even list.
func (l *Ledger) Unlisted(clinicID string, listed []string) []*Placed {
	var missing []*Placed
	for epoch, clinics := range l.Epochs {
		if slices.Contains(clinics, clinicID) && !slices.Contains(listed, epoch) {
			missing = append(missing, l.Undelivered(keyring.EpochOf{ClinicID: clinicID, ID: epoch}, nil)...)
		}
	}
	return missing
}

// Pinned is what somebody who follows a log keeps of it: its key and the newest checkpoint they have checked. As a file it
// is the key, an empty line and the checkpoint.
type Pinned struct {
	VKey       string
	Checkpoint *transparency.Checkpoint
}

// ErrPinned means that a file does not hold a log's key and checkpoint.
var ErrPinned = errors.New("this file does not hold a log's key and a checkpoint")

// ReadPinned reads such a file; nil when there is none.
func ReadPinned(path string) (*Pinned, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint file: %w", err)
	}
	return parsePinned(content)
}

func parsePinned(content []byte) (*Pinned, error) {
	vkey, checkpoint, ok := strings.Cut(string(content), "\n\n")
	verifier, err := note.NewVerifier(vkey)
	if !ok || err != nil {
		return nil, ErrPinned
	}
	c, err := transparency.ParseCheckpoint([]byte(checkpoint), verifier)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPinned, err)
	}
	return &Pinned{vkey, c}, nil
}

// Write replaces the file.
func (p *Pinned) Write(path string) error {
	return transparency.WriteDurably(path, p.text())
}

func (p *Pinned) text() []byte { return []byte(p.VKey + "\n\n" + p.Checkpoint.Note) }

// Newest fetches a log's checkpoint and checks its signature, and that it extends the one pinned.
func Newest(ctx context.Context, source transparency.Source, vkey string, before *transparency.Checkpoint) (*transparency.Checkpoint, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, errors.New("the log's key does not read")
	}
	signed, err := source.Read(ctx, "checkpoint")
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	now, err := transparency.ParseCheckpoint(signed, verifier)
	if err != nil || before == nil {
		return now, err
	}
	return now, transparency.CheckGrowth(ctx, source, before, now)
}

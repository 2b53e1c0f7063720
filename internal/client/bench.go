package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"answerable/internal/coding"
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
	ErrBeside      = errors.New("nobody codes or shares this: it is what a writer sent later, changed, or says about themselves")
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
	Finding bool // the server says that a finding stands
	Handed  bool // and the clinic was handed it, in a week that is over
	Parts   []Part

	Codings     []Dated[*coding.Coding]
	Consensuses []Dated[*coding.Consensus]
	Checks      []Dated[*coding.Check]
	Sharings    []Dated[*coding.Sharing]
	Notes       []Dated[*coding.Note]
	Draft       *coding.Draft // the reviewer's own

	members   []string        // on the newest signed list
	message   *seal.Plaintext // nil for what does not open
	actions   [32]byte        // the key that tags its acts
	first     *Case           // what a further message belongs to; nil for itself
	later     []*Case         // further messages of the same writer
	others    []*Case         // of the same writer besides: first messages, or where none is here what came later
	back      []coding.Came   // what the writer sent later: more of it, or a change of what may be done
	sent      map[string]int  // how many files of a kind the reviewer has sent
	carders   map[string]bool // members who made a card of it
	fresh     bool            // its first card was made on this desk
	takenBack []string        // base64url of the hashes of the decisions whose findings were taken back, by the server's word
	given     []string        // base64url of the hashes of the decisions that are named, under a member's signature, by findings that stand
	draft     string          // base64url of the hash of the reviewer's own draft
	codes     *servedCodes    // whose the codes in the clear are
	agreed    bool            // two have sent what they agree on, by the server's word
	meanwhile bool            // the same, and the reviewer reads it as the third and is given nothing of it

	cards []Dated[*coding.Card] // as members made them
}

// Bench is a clinic's panel work as one of its members holds it: everything fetched, opened and held against the signed lists.
// What it knows of a message, it gives to nobody who has not declared.
type Bench struct {
	*Reviewer
	Today      string // the server's day, which is the one to sign
	Practice   Practice
	Unread     int          // review files that do not hold or do not open
	Unsigned   int          // messages of which the server says that they were given out, while it lists no finding that a member signed by the decision that stands
	Unproven   []Unproven   // that colleagues coded or stepped back, by the server's word alone: it counts for nothing
	Wrong      []WrongCodes // codes in the clear that nobody agreed on: Tend takes out those that are shown
	WrongCards []WrongCard  // cards of colleagues that say something else than their message
	Outdated   bool         // the folder was pulled before parts were given with their signatures, so that none of them can be proven
	Misdated   bool         // the days that the server gives messages are not in the order of the log

	Other     []string // members who have signed to have seen another log, or a longer one: nothing goes out
	OtherLeft []string // the same of who is on the panel's list no more, which stops nothing

	clinic, clinicID string
	own              *notebook
	panel            *Panel
	opener           *opener
	seenBy           map[string]*transparency.Checkpoint // the largest log that each member has seen, by their cards
	signed           bool                                // a part came with a signature
	whole            bool                                // everything that was told is here and open, as far as can be known
	cases            map[[32]byte]*Case
	recused          map[[32]byte][]byte // what this reviewer stepped back from, with the file that reminds of it
	kept             [][]byte            // files that remind of what this reviewer stepped back from, also of messages that are gone
	left             map[string]bool     // receipts of all that, as cards name them, when the desk was opened
	lastGone         map[string]int64    // see Ledger.lastGone, by epoch, as far as it was asked for
	unsent           map[[32]byte]*Case  // of these, the ones that the server has not heard of, unopened; nil where it lists no such message
	tags             map[[32]byte]bool   // of acts that are in the log or on their way
	answeredOn       map[[32]byte]string // days of those that say that a writer was answered, by tag
	written          map[[32]byte]bool   // hashes of the files that this reviewer has sent
	shares           []Share             // as the folder has them; with a network they are asked for
	ledger           *Ledger             // nil when the log could not be checked
}

// Practice is how a panel works.
type Practice struct{ review.PracticeSetting }

// Bench pulls everything of a clinic into dir, whole epochs as Pull does, and opens the panel's work. What Pull found out comes
// back with it: nobody should go on where the server withholds.
func (r *Reviewer) Bench(ctx context.Context, clinic, dir string, progress func(done, total int)) (*Bench, *Pulled, error) {
	pulled, err := r.Pull(ctx, clinic, dir, progress)
	if err != nil {
		return nil, pulled, err
	}
	b, err := r.bench(ctx, clinic, dir, pulled)
	return b, pulled, err
}

// bench opens the panel's work on what was pulled into dir just now.
func (r *Reviewer) bench(ctx context.Context, clinic, dir string, pulled *Pulled) (*Bench, error) {
	b := &Bench{
		Reviewer: r, clinic: clinic, ledger: pulled.ledger, cases: map[[32]byte]*Case{}, recused: map[[32]byte][]byte{}, unsent: map[[32]byte]*Case{},
		seenBy: map[string]*transparency.Checkpoint{}, written: map[[32]byte]bool{},
	}
	var err error
	if r.offline != nil && r.offline.broken != nil {
		return nil, r.offline.broken
	}
	if b.panel, err = r.seatedPanel(ctx, clinic); err != nil {
		return nil, err
	}
	b.clinicID = b.panel.Current.ClinicID
	if b.own, err = r.notebook(dir); err != nil {
		return nil, err
	}
	if b.opener, err = newOpener(b.own.folder, r.identity, pulled); err != nil {
		return nil, err
	}
	b.whole = pulled.Undelivered+pulled.Missing+pulled.Refused == 0 && pulled.Log == "" && pulled.Withheld == ""
	if err := b.fetch(ctx); err != nil {
		return nil, err
	}
	if b.left, err = b.recusedReceipts(); err != nil {
		return nil, err
	}
	if b.offline != nil && !b.signed && len(b.Unproven) > 0 {
		b.Outdated, b.Unproven = true, nil
	}
	b.Misdated, b.lastGone = !b.inOrder(pulled.ledger), map[string]int64{}
	if err := b.takeFindings(ctx); err != nil {
		return nil, err
	}
	if b.Wrong = b.wrongCodes(); b.offline != nil {
		b.Wrong = nil // it is said online, where something can be done; an older folder does not hold whose codes they are
	}
	if b.Other, b.OtherLeft, err = b.otherLogs(ctx); err != nil {
		return nil, err
	}
	b.whole = b.whole && b.lists(pulled.delivered) && !b.Misdated && len(b.Other) == 0
	return b, nil
}

// lists says whether everything that was delivered is among the work: what a server leaves out there may be a change of a writer's
// wishes. Something taken back between the two questions looks the same, until the next pull.
func (b *Bench) lists(delivered map[[32]byte]bool) bool {
	for leaf := range delivered {
		if _, stepped := b.recused[leaf]; b.cases[leaf] == nil && !stepped {
			return false
		}
	}
	return true
}

// inOrder says whether the days that the server gives to messages follow the order in which the log has them. Of a writer's changes
// the newest day counts, and a server that could choose days could bring an old one back.
func (b *Bench) inOrder(log *Ledger) bool {
	if log == nil {
		return true // nothing goes out without it
	}
	var placed []*Case
	for _, c := range b.cases {
		if log.Submissions[c.Leaf] != nil {
			placed = append(placed, c)
		}
	}
	slices.SortFunc(placed, func(x, y *Case) int { return cmp.Compare(log.Submissions[x.Leaf].Index, log.Submissions[y.Leaf].Index) })
	return slices.IsSortedFunc(placed, func(x, y *Case) int { return strings.Compare(x.Day, y.Day) })
}

// otherLogs names the members, this one too, who have signed in a card to have seen a log that the one shown here does not begin
// with, and those of them who are on the list no more. A server can show one person another log, or an old one, and not without
// leaving out what they wrote since. A member can say so without having seen one, and nobody can prove them wrong: so it stops
// what goes out while they are on the panel, which can end it, and is told all the same. Twin of compare in
// ui/src/panel/deliveries.ts.
func (b *Bench) otherLogs(ctx context.Context) (by, left []string, err error) {
	for _, member := range slices.Sorted(maps.Keys(b.seenBy)) {
		seen := b.seenBy[member]
		if seen.Size > b.seen.checkpoint.Size {
			if _, err := b.keyLeaves(ctx); err != nil { // it may have grown since it was read
				return nil, nil, err
			}
		}
		var split *transparency.SplitViewError
		switch err := transparency.CheckGrowth(ctx, b.source(), seen, b.seen.checkpoint); {
		case errors.Is(err, transparency.ErrShrunk), errors.As(err, &split):
			if slices.Contains(b.members(), member) {
				by = append(by, member)
			} else {
				left = append(left, member)
			}
		case err != nil:
			return nil, nil, fmt.Errorf("compare the log with what %s has seen: %w", member, err)
		}
	}
	return by, left, nil
}

// sharesAnswer is how the work lies on the members of a panel.
type sharesAnswer struct {
	Shares []Share  `json:"shares"`
	Own    [][]byte `json:"own"` // leaf hashes of what the reviewer took in seven days and holds; an older server lists none
}

// Share is how much of the work lies on one member.
type Share struct {
	Reviewer string `json:"reviewer"`
	Taken    int    `json:"taken"` // in seven days
	Open     int    `json:"open"`  // parts for which nothing was sent yet
}

// Shares says how the work lies on the panel, who has least first, so that it can be shared fairly. Errors: *Problem.
func (b *Bench) Shares(ctx context.Context) ([]Share, error) {
	out := sharesAnswer{Shares: b.shares}
	if b.offline == nil {
		if err := b.get(ctx, b.path("shares"), &out); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out.Shares, func(x, y Share) int { return cmp.Compare(x.Taken, y.Taken) })
	return out.Shares, nil
}

func (b *Bench) path(rest ...string) string { return clinicPath(panelAPI, b.clinic, rest...) }

func (b *Bench) fetch(ctx context.Context) error {
	known, err := b.epochs(ctx, b.clinic)
	if err != nil {
		return err
	}
	// Before the cards: an act that is missing here is then at worst one that a colleague makes meanwhile, under the same tag.
	acts, err := b.acts(ctx, b.clinic)
	if err != nil {
		return err
	}
	b.tags, b.answeredOn = acts.tags(), acts.answeredOn()
	var unsent [][32]byte
	if b.recused, b.kept, unsent, err = b.steppedBack(ctx, b.clinic, b.clinicID, b.own); err != nil {
		return err
	}
	for _, leaf := range unsent {
		b.unsent[leaf] = nil
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
	b.tie()
	b.comeBack()
	b.WrongCards = b.wrongCards()
	if err := b.get(ctx, b.path("practice"), &b.Practice); err != nil {
		return err
	}
	b.Practice.withDefaults()
	if b.offline != nil {
		var out sharesAnswer
		if err := b.get(ctx, b.path("shares"), &out); err != nil {
			return err
		}
		b.shares = out.Shares
	}
	return b.keepPractice()
}

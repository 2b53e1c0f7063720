package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// Errors about what a server leaves out.
var (
	// ErrUnread means that the log could not be read. Without it nobody can say what a server leaves out, so nothing is made
	// or signed.
	ErrUnread = errors.New("the public log could not be read, so nobody can say what this server leaves out")
	// ErrWithheld means that a server does not show what the panel has signed and the log has. It comes with a
	// *keyring.WithheldError.
	ErrWithheld = errors.New("this server leaves out what the panel has signed")
	// ErrNotLogged means that the panel's newest list, or its newest decision about its keys, has no place in the log yet.
	ErrNotLogged = errors.New("what the panel signed last about itself or its keys is not in the public log yet")
)

// patienceForLog is how many seconds a leaf is waited for: an honest server signs leaves of keys every second.
const patienceForLog = 10

// keptTiles keeps the tiles of a log that were read once, for as long as a command runs: what a path names never changes.
type keptTiles struct {
	LogSource
	mu    sync.Mutex
	tiles map[string][]byte
}

// Read reads a file of the log.
func (k *keptTiles) Read(ctx context.Context, path string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if kept, ok := k.tiles[path]; ok {
		return kept, nil
	}
	content, err := k.LogSource.Read(ctx, path)
	if err == nil && path != "checkpoint" {
		k.tiles[path] = content
	}
	return content, err
}

// readLog is as far as a client has read a log.
type readLog struct {
	checkpoint *transparency.Checkpoint
	leaves     []transparency.Leaf // about panels and keys, and judgements
}

// source is the server's log.
func (c *Client) source() transparency.Source {
	if c.log == nil {
		c.log = &keptTiles{LogSource: LogSource{c}, tiles: map[string][]byte{}}
	}
	return c.log
}

// pinned is what is known of the log: from LogFile, where there is one, or else as the server says.
func (c *Client) pinned(ctx context.Context) (*Pinned, error) {
	if c.LogFile != "" {
		if pinned, err := ReadPinned(c.LogFile); pinned != nil || err != nil {
			return pinned, err
		}
	}
	info, err := c.LogInfo(ctx)
	if err != nil {
		return nil, err
	}
	return &Pinned{VKey: info.VKey}, nil
}

// keyLeaves reads the log, checks it, and gives its leaves about panels and keys, and judgements, in order. Errors wrap ErrUnread.
func (c *Client) keyLeaves(ctx context.Context) ([]transparency.Leaf, error) {
	leaves, err := c.readKeyLeaves(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	return leaves, nil
}

// readKeyLeaves reads what is new since this client read last: the log must begin with what it was then.
func (c *Client) readKeyLeaves(ctx context.Context) ([]transparency.Leaf, error) {
	pinned, err := c.pinned(ctx)
	if err != nil {
		return nil, err
	}
	before, from := pinned.Checkpoint, int64(0)
	if c.seen.checkpoint != nil {
		before, from = c.seen.checkpoint, c.seen.checkpoint.Size
	}
	now, err := Newest(ctx, c.source(), pinned.VKey, before)
	if err != nil {
		return nil, err
	}
	fresh, err := keyLeavesOf(ctx, c.source(), now, from)
	if err != nil {
		return nil, err
	}
	c.seen.checkpoint, c.seen.leaves = now, append(c.seen.leaves, fresh...)
	if c.LogFile == "" {
		return c.seen.leaves, nil
	}
	pinned.Checkpoint = now
	return c.seen.leaves, pinned.Write(c.LogFile)
}

// keyLeavesOf reads the leaves about panels and keys from an index on, and what members said of promises.
func keyLeavesOf(ctx context.Context, source transparency.Source, c *transparency.Checkpoint, from int64) (leaves []transparency.Leaf, err error) {
	err = transparency.Walk(ctx, source, c, from, func(_ int64, l transparency.Leaf) error {
		if slices.Contains(keyring.StandingKinds, l.Kind()) || l.Kind() == transparency.KindJudgement {
			leaves = append(leaves, l)
		}
		return nil
	})
	return leaves, err
}

// standingOf is what leaves say of one clinic's panel.
func standingOf(clinicID string, leaves []transparency.Leaf) *keyring.Standing {
	s := &keyring.Standing{ClinicID: clinicID}
	for _, leaf := range leaves {
		s.Add(leaf)
	}
	return s
}

// WatchedPanel is Panel, held against the log: every list and every revocation that stands there is shown here. Errors wrap
// ErrPanel, ErrUnread or ErrWithheld.
func (c *Client) WatchedPanel(ctx context.Context, clinic string) (*Panel, error) {
	leaves, err := c.keyLeaves(ctx) // first: what is in it by now must be shown
	if err != nil {
		return nil, err
	}
	p, err := c.Panel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	p.standing = standingOf(p.clinicID, leaves)
	chain, err := c.chain(ctx, clinic)
	if err != nil {
		return nil, err
	}
	if err := p.standing.WithheldChain(chain); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWithheld, err)
	}
	return p, nil
}

// heldPanel is WatchedPanel with what the panel decided. A decision about keys that the server shows and that is not in the
// log yet is waited for; when it does not come, p.waits is set.
func (r *Reviewer) heldPanel(ctx context.Context, clinic string) (*Panel, error) {
	for second := 0; ; second++ {
		p, err := r.WatchedPanel(ctx, clinic)
		if err != nil {
			return nil, err
		}
		if err := r.holdDecisions(ctx, clinic, p); err != nil {
			return nil, err
		}
		if !p.waits || second == patienceForLog {
			return p, nil
		}
		if err := r.Wait(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

func (r *Reviewer) holdDecisions(ctx context.Context, clinic string, p *Panel) error {
	decisions, err := r.Decisions(ctx, clinic)
	if err != nil {
		return err
	}
	var lines []string
	var shown []keyring.SignedLines
	for _, d := range decisions {
		if d.State == keyring.DecisionMade {
			lines, shown = append(lines, d.Lines), append(shown, keyring.SignedLines{Lines: d.Lines, Signatures: signatures(d.Signatures)})
		}
	}
	if err := p.standing.Withheld(p.Leaves, lines); err != nil {
		return fmt.Errorf("%w: %w", ErrWithheld, err)
	}
	p.waits = p.standing.Unlogged(p.Leaves) || p.standing.Waits(shown)
	return nil
}

// seatedPanel is heldPanel for who is on the list in force.
func (r *Reviewer) seatedPanel(ctx context.Context, clinic string) (*Panel, error) {
	p, err := r.heldPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	if p.Current == nil || p.Current.Member(r.ID) == nil {
		return nil, fmt.Errorf("%w: no signed manifest names %s", ErrPanel, r.ID)
	}
	return p, nil
}

// Decided is what the panel decided last about its keys, by the log, and how many members there are; nil when it never did.
func (r *Reviewer) Decided(ctx context.Context, clinic string) (decided *keyring.Rotation, members int, err error) {
	p, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return nil, 0, err
	}
	if p.waits {
		return nil, 0, ErrNotLogged
	}
	return p.standing.Rotation(), len(p.Current.Reviewers), nil
}

// fits holds a record that is not in the log yet, or one that is, against what the panel had decided. Errors wrap ErrPanel or
// ErrNotLogged.
func (p *Panel) fits(record *keyring.Record) error {
	decided := p.standing.Rotation()
	if e := p.standing.Epoch(record.ID); e != nil {
		decided = e.Decided
	} else if p.waits {
		return ErrNotLogged
	}
	if err := decided.Fits(record); err != nil {
		return fmt.Errorf("%w: %w", ErrPanel, err)
	}
	return nil
}

// Ends says in how many days nothing takes words any more unless somebody makes keys, by the log: 0 on the last day, -1 when today
// has no key. few says whether that is worth a warning.
func (r *Reviewer) Ends(ctx context.Context, clinic string) (days int, few bool, err error) {
	p, err := r.WatchedPanel(ctx, clinic)
	if err != nil || p.Current == nil {
		return 0, false, err
	}
	days = p.standing.Days(r.Now())
	return days, keyring.Few(days), nil
}

// chain fetches what a writer is given to walk.
func (c *Client) chain(ctx context.Context, clinic string) (*keyring.Chain, error) {
	var answer struct {
		ClinicID    string   `json:"clinic_id"`
		Manifests   []string `json:"manifests"`
		Epoch       string   `json:"epoch"`
		Revocations []string `json:"revocations"`
		InsteadOf   string   `json:"instead_of"`
	}
	if err := c.get(ctx, clinicPath(publicAPI, clinic, "chain"), &answer); err != nil {
		return nil, err
	}
	chain := keyring.Chain(answer)
	return &chain, nil
}

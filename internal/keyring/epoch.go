package keyring

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// Epoch is a stored epoch. State is as stored; Effective is what the calendar makes of it.
type Epoch struct {
	bun.BaseModel `bun:"table:epoch"`

	ID              string     `bun:"id,pk"`
	ClinicID        string     `bun:"clinic_id"`
	State           string     `bun:"state"`
	Recipient       string     `bun:"recipient"`
	MatchRecipient  *string    `bun:"match_recipient"`
	NotBefore       time.Time  `bun:"not_before,type:date"`
	NotAfter        time.Time  `bun:"not_after,type:date"`
	RetainUntil     time.Time  `bun:"retain_until,type:date"`
	QuorumK         int        `bun:"quorum_k"`
	QuorumN         int        `bun:"quorum_n"`
	ManifestVersion int        `bun:"manifest_version"`
	Record          string     `bun:"record"`
	DealerID        string     `bun:"dealer_id"`
	DealerSignature []byte     `bun:"dealer_signature"`
	OfferedOn       time.Time  `bun:"offered_on,type:date"`
	RevokedOn       *time.Time `bun:"revoked_on,type:date"`
	ShreddedOn      *time.Time `bun:"shredded_on,type:date"`
	LeafHash        []byte     `bun:"leaf_hash"`

	Effective string `bun:"-"`
}

// Wrap is one reviewer's sealed copy of an epoch's private half, or of their share of it.
type Wrap struct {
	bun.BaseModel `bun:"table:wrap"`

	EpochID    string  `bun:"epoch_id,pk"`
	ReviewerID string  `bun:"reviewer_id,pk"`
	Number     int     `bun:"number,pk"` // the newest counts; those before it do not open
	File       []byte  `bun:"file"`
	FromID     *string `bun:"from_id"` // the colleague who made it later; nil when it was dealt
	Signature  []byte  `bun:"signature"`
	Refused    []byte  `bun:"refused"` // the receiver's signature that it does not open; nil for one that counts
}

// Ack is a reviewer's signature that the own wrap holds the epoch's key.
type Ack struct {
	bun.BaseModel `bun:"table:epoch_ack"`

	EpochID    string `bun:"epoch_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`
}

// maxWrap bounds a wrap in bytes; an honest one has less than half.
const maxWrap = 4096

// Epochs lists a clinic's epochs by start, with what the calendar makes of each today.
func (s *Store) Epochs(ctx context.Context, clinicID string) ([]Epoch, error) {
	return s.epochs(ctx, s.db(ctx), clinicID)
}

func (s *Store) epochs(ctx context.Context, db bun.IDB, clinicID string) ([]Epoch, error) {
	var epochs []Epoch
	if err := db.NewSelect().Model(&epochs).Where("clinic_id = ?", clinicID).Order("not_before", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list epochs: %w", err)
	}
	applyCalendar(epochs, s.today())
	return epochs, nil
}

// applyCalendar fills Effective. epochs are one clinic's. Of the logged ones that have begun, the last is active until its
// last day, or lateDays longer while nothing follows; the ones before it ended when their successor began. After its end
// each is in grace for one whole day. A key dealt to a newer panel follows every key of an older one, whatever their days.
//
// A revoked epoch takes nothing, and what it followed stays ended. From the day of its revocation the next one in the log
// is active, whatever its first day, for as long as the revoked one would have been. One whose wraps are destroyed keeps its place in the order: it ended the ones before
// it, and still does.
//
// Nothing is written when a day begins. What is active follows from rows that change only under the clinic's lock, and from
// the day; so every replica finds the same, a server that was down over midnight misses nothing, and no row can say active
// after its time. Replicas whose clocks differ can disagree for as long as that: what the slower one serves, the faster one
// takes in its day of grace; what the faster one serves, the slower one refuses as not begun, and the form fetches the key
// again.
func applyCalendar(epochs []Epoch, today time.Time) {
	inOrder := make([]*Epoch, 0, len(epochs))
	for i := range epochs {
		e := &epochs[i]
		e.Effective = e.State
		if e.inLog() {
			inOrder = append(inOrder, e)
		}
	}
	slices.SortStableFunc(inOrder, func(a, b *Epoch) int {
		return cmp.Or(a.ManifestVersion-b.ManifestVersion, a.NotBefore.Compare(b.NotBefore), revokedFirst(a, b), strings.Compare(a.ID, b.ID))
	})
	successor := begunEarly(inOrder, today)
	if successor != nil {
		successor.Effective = StateActive
	}
	for _, e := range slices.Backward(inOrder) {
		if e.NotBefore.After(today) {
			continue
		}
		if e.State == StateLogged {
			e.Effective = stateOn(e, successor, today)
		}
		successor = e
	}
}

// inLog reports whether the epoch's record is in the log, whatever has become of it since.
func (e *Epoch) inLog() bool { return e.State != StateOffered && e.State != StateAbandoned }

// revoked reports whether it was called back; a key that is destroyed after that was, too.
func (e *Epoch) revoked() bool { return e.RevokedOn != nil }

// revokedFirst lets a key that was made in place of a revoked one, for the same days, follow it.
func revokedFirst(a, b *Epoch) int {
	if a.revoked() == b.revoked() {
		return 0
	}
	if a.revoked() {
		return -1
	}
	return 1
}

// begunEarly finds the epoch that takes the place of a revoked one before its own first day. It does so only while the revoked
// one would be in use itself, late days included: writers refuse a key that begins early in the place of one of long ago
// (Chain.Verify), and a form that is open with a key that nobody accepts would be worse than one that is closed.
func begunEarly(inOrder []*Epoch, today time.Time) *Epoch {
	last := -1
	for i, e := range inOrder {
		if !e.NotBefore.After(today) {
			last = i
		}
	}
	if last < 0 || !inOrder[last].revoked() || today.After(inOrder[last].NotAfter.AddDate(0, 0, lateDays)) {
		return nil
	}
	for _, e := range inOrder[last+1:] {
		if e.State == StateLogged {
			return e
		}
	}
	return nil
}

func stateOn(e, successor *Epoch, today time.Time) string {
	last := e.NotAfter.AddDate(0, 0, lateDays)
	if successor != nil && successor.NotBefore.AddDate(0, 0, -1).Before(last) {
		last = successor.NotBefore.AddDate(0, 0, -1)
	}
	switch {
	case !today.After(last):
		return StateActive
	case !today.After(last.AddDate(0, 0, 1)):
		return StateGrace
	}
	return StateClosed
}

// Active is the epoch people seal to today; ErrNoEpoch when the form has to stay closed.
func (s *Store) Active(ctx context.Context, clinicID string) (*Epoch, error) {
	epochs, err := s.Epochs(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	for i := range epochs {
		if epochs[i].Effective == StateActive {
			return &epochs[i], nil
		}
	}
	return nil, ErrNoEpoch
}

// TakesWords reports whether an epoch still takes files by the calendar: it is active, or in its day of grace.
func (e *Epoch) TakesWords() bool { return e.Effective == StateActive || e.Effective == StateGrace }

// Accepting finds an epoch of the clinic that still takes files. ErrNoEpoch otherwise.
func (s *Store) Accepting(ctx context.Context, db bun.IDB, clinicID, epochID string) (*Epoch, error) {
	epochs, err := s.epochs(ctx, db, clinicID)
	if err != nil {
		return nil, err
	}
	for i := range epochs {
		if e := &epochs[i]; e.ID == epochID && e.TakesWords() {
			return e, nil
		}
	}
	return nil, ErrNoEpoch
}

// OfferEpoch stores an epoch that a reviewer dealt: its record, their signature and one wrap for every reviewer. It takes
// no words yet. The same record again, after a lost answer, gives the stored epoch.
// Errors: ErrNoPanel, ErrNotMember, ErrSignature, ErrStale (wrong manifest or predecessor), ErrRecord.
func (s *Store) OfferEpoch(ctx context.Context, clinicID string, lines string, dealer Signature, wraps map[string][]byte) (*Epoch, error) {
	r, err := ParseRecord(lines)
	if err != nil {
		return nil, err
	}
	var offered *Epoch
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		if offered, err = s.alreadyOffered(ctx, tx, clinicID, lines, r); offered != nil || err != nil {
			return err
		}
		stored, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if err := s.checkOffer(ctx, tx, r, stored, panel, dealer, wraps); err != nil {
			return err
		}
		if err := s.unclaimed(ctx, tx, r, panel); err != nil {
			return err
		}
		offered = &Epoch{
			ID: r.ID, ClinicID: clinicID, State: StateOffered, Recipient: r.Recipient,
			NotBefore: r.NotBefore, NotAfter: r.NotAfter, RetainUntil: r.RetainUntil, QuorumK: r.K, QuorumN: r.N,
			ManifestVersion: panel.Version, Record: lines, DealerID: dealer.ReviewerID, DealerSignature: dealer.Signature,
			OfferedOn: s.today(), Effective: StateOffered,
		}
		if _, err := tx.NewInsert().Model(offered).Exec(ctx); err != nil {
			return err
		}
		for id, file := range wraps {
			if _, err := tx.NewInsert().Model(&Wrap{EpochID: r.ID, ReviewerID: id, File: file}).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("offer epoch: %w", err)
	}
	return offered, nil
}

// alreadyOffered finds the same record, and refuses another one under an id or recipient that is in use anywhere here.
// The lock lets one offer at a time look.
func (s *Store) alreadyOffered(ctx context.Context, tx bun.Tx, clinicID, lines string, r *Record) (*Epoch, error) {
	if _, err := tx.NewRaw(`LOCK TABLE epoch IN SHARE ROW EXCLUSIVE MODE`).Exec(ctx); err != nil {
		return nil, err
	}
	var e Epoch
	err := tx.NewSelect().Model(&e).Where("id = ?", r.ID).WhereOr("recipient = ?", r.Recipient).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if e.ClinicID != clinicID || e.Record != lines {
		return nil, fmt.Errorf("%w: its id or its recipient is in use already", ErrRecord)
	}
	e.Effective = e.State
	return &e, nil
}

func (s *Store) checkOffer(ctx context.Context, tx bun.IDB, r *Record, stored *StoredManifest, panel *Manifest, dealer Signature, wraps map[string][]byte) error {
	if r.ClinicID != panel.ClinicID || r.Manifest != [32]byte(stored.LeafHash) {
		return ErrStale
	}
	previous, err := s.lastLogged(ctx, tx, panel.ClinicID)
	if err != nil {
		return err
	}
	if (previous == nil) != (r.Previous == nil) || previous != nil && *previous != *r.Previous {
		return ErrStale
	}
	if panel.Member(dealer.ReviewerID) == nil {
		return ErrNotMember
	}
	if !VerifyDeal(panel, r.Lines(), dealer) {
		return ErrSignature
	}
	if r.TicketKey != s.TicketKey {
		return fmt.Errorf("%w: the ticket key is not this server's", ErrRecord)
	}
	if r.MatchRecipient != "" {
		return fmt.Errorf("%w: matching is not in use here", ErrRecord)
	}
	decided, err := s.decided(ctx, tx, r.ClinicID)
	if err != nil {
		return err
	}
	if err := decided.Fits(r); err != nil {
		return fmt.Errorf("%w: %w", ErrRecord, err)
	}
	if r.NotBefore.Before(s.today().AddDate(0, 0, -1)) {
		return fmt.Errorf("%w: it begins in the past", ErrRecord)
	}
	return checkWraps(r, panel, wraps)
}

func checkWraps(r *Record, panel *Manifest, wraps map[string][]byte) error {
	if len(wraps) != len(panel.Reviewers) || r.N != len(panel.Reviewers) {
		return fmt.Errorf("%w: there must be one wrap for every reviewer", ErrRecord)
	}
	files := make([][]byte, 0, len(wraps))
	for _, member := range panel.Reviewers {
		file := wraps[member.ID]
		if len(file) == 0 || len(file) > maxWrap {
			return fmt.Errorf("%w: the wrap for %s is missing or too large", ErrRecord, member.ID)
		}
		files = append(files, file)
	}
	if HashWraps(files) != r.Wraps {
		return fmt.Errorf("%w: the wraps are not those it names", ErrRecord)
	}
	return nil
}

// lastLogged is the leaf hash of the clinic's epoch that entered the log last, nil when there is none.
func (s *Store) lastLogged(ctx context.Context, db bun.IDB, clinicID string) (*[32]byte, error) {
	var hash []byte
	err := db.NewRaw(`
		SELECT epoch.leaf_hash
		FROM epoch
		JOIN log_leaf ON log_leaf.leaf_hash = epoch.leaf_hash
		WHERE epoch.clinic_id = ?
		ORDER BY log_leaf.index DESC
		LIMIT 1`, clinicID).Scan(ctx, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find last epoch: %w", err)
	}
	return (*[32]byte)(hash), nil
}

// LastLogged is the leaf hash that a new record has to name as the one before; nil for the first.
func (s *Store) LastLogged(ctx context.Context, clinicID string) (*[32]byte, error) {
	return s.lastLogged(ctx, s.db(ctx), clinicID)
}

// AckEpoch adds a reviewer's acknowledgement. When as many as the manifest asks for have signed, the record enters the
// log, and the epoch takes words from its first day. Errors: ErrStale, ErrNotMember, ErrSignature.
func (s *Store) AckEpoch(ctx context.Context, clinicID, epochID string, ack Signature) (state string, err error) {
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var e Epoch
		err := tx.NewSelect().Model(&e).Where("id = ?", epochID).Where("clinic_id = ?", clinicID).For("UPDATE").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) || err == nil && e.State != StateOffered && e.State != StateLogged {
			return ErrStale
		}
		if err != nil {
			return err
		}
		stored, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if stored.Version != e.ManifestVersion {
			return ErrStale // somebody who holds a wrap may have left since
		}
		if panel.Member(ack.ReviewerID) == nil {
			return ErrNotMember
		}
		if !VerifyAck(panel, e.Record, ack) {
			return ErrSignature
		}
		row := &Ack{EpochID: epochID, ReviewerID: ack.ReviewerID, Signature: ack.Signature}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		state, err = s.logWhenAcked(ctx, tx, &e, panel)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("ack epoch %s: %w", epochID, err)
	}
	return state, nil
}

func (s *Store) logWhenAcked(ctx context.Context, tx bun.Tx, e *Epoch, panel *Manifest) (string, error) {
	acks, err := s.Acks(ctx, tx, e.ID)
	if err != nil || e.State != StateOffered || len(acks) < panel.M {
		return e.State, err
	}
	leaf := RecordLeaf(e.Record, Signature{e.DealerID, e.DealerSignature}, acks)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return "", err
	}
	hash := leaf.Hash()
	_, err = tx.NewUpdate().Model(e).Set("state = ?", StateLogged).Set("leaf_hash = ?", hash[:]).WherePK().Exec(ctx)
	return StateLogged, err
}

// Acks lists an epoch's acknowledgements by reviewer.
func (s *Store) Acks(ctx context.Context, db bun.IDB, epochID string) ([]Signature, error) {
	var rows []Ack
	if err := db.NewSelect().Model(&rows).Where("epoch_id = ?", epochID).Order("reviewer_id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list acks: %w", err)
	}
	acks := make([]Signature, 0, len(rows))
	for _, a := range rows {
		acks = append(acks, Signature{a.ReviewerID, a.Signature})
	}
	return acks, nil
}

// WrapFor gives a reviewer's own wrap of an epoch, nil when there is none. Nobody is ever given another's.
func (s *Store) WrapFor(ctx context.Context, epochID, reviewerID string) (*Wrap, error) {
	var w Wrap
	err := s.db(ctx).NewSelect().Model(&w).
		Where("epoch_id = ?", epochID).
		Where("reviewer_id = ?", reviewerID).
		Order("number DESC").
		Limit(1).
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find wrap: %w", err)
	}
	return &w, nil
}

package intake

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Decoys says how many files that open to nothing are added to a clinic's words each day: a number drawn anew, each from
// From to To alike. They go the way of all words, so that neither the public log nor the table's size tells how many
// people wrote. Only the panel can tell them apart, and hides them. The bounds are public; what was drawn is kept nowhere.
type Decoys struct {
	From, To int
	// EachStart draws once per start of the program instead of once per day, for a place where days do not pass.
	EachStart bool

	mu    sync.Mutex
	drawn map[string]bool // by clinic id, with EachStart
}

// oneLargeIn is the public ratio of sizes: one decoy in so many is as large as a long story.
const oneLargeIn = 16

// company is what is added to one clinic's words.
type company struct {
	clinicID string
	rows     []Pending
}

// drawDecoys seals decoys for every clinic that has none yet for a day, before anything is locked. They are made for each
// key, and dated to the day, that words of this batch can have: the key in use and one in its day of grace, each with a
// number of its own, so that nobody's words stand alone under the old one.
func (s *Store) drawDecoys(ctx context.Context, day time.Time) ([]company, error) {
	if s.Decoys == nil || s.Decoys.To == 0 {
		return nil, nil
	}
	var ids []string
	err := s.DB.NewRaw(`
		SELECT id
		FROM clinic
		WHERE NOT EXISTS (SELECT FROM decoy_day WHERE clinic_id = id AND drawn_on >= ?::date)`, s.forgotten(day)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list clinics without decoys: %w", err)
	}
	then := *s.Keys
	then.Now = func() time.Time { return day }
	var all []company
	for _, id := range ids {
		if s.Decoys.has(id) {
			continue
		}
		epochs, err := then.Epochs(ctx, id)
		if err != nil {
			return nil, err
		}
		epochs = slices.DeleteFunc(epochs, func(e keyring.Epoch) bool { return !e.TakesWords() })
		if len(epochs) == 0 {
			continue
		}
		c := company{clinicID: id}
		for i := range epochs {
			if err := s.keepCompany(&c, &epochs[i], day); err != nil {
				return nil, fmt.Errorf("seal decoys: %w", err)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// forgotten is a day that no draw is later than where each start draws anew.
func (s *Store) forgotten(day time.Time) string {
	if s.Decoys.EachStart {
		return "9999-12-31"
	}
	return day.UTC().Format(time.DateOnly)
}

func (d *Decoys) has(clinicID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.drawn[clinicID]
}

// keepCompany draws a number for one epoch and seals as many files to it.
func (s *Store) keepCompany(c *company, epoch *keyring.Epoch, day time.Time) error {
	n, err := below(s.Decoys.To - s.Decoys.From + 1)
	if err != nil {
		return err
	}
	for range s.Decoys.From + n {
		r, err := decoy(epoch)
		if err != nil {
			return err
		}
		row, _, err := s.prepare(c.clinicID, r, day)
		if err != nil {
			return err
		}
		c.rows = append(c.rows, *row)
	}
	return nil
}

// decoy is a request as a writer would send it. Its commitments are random: nobody has their tokens.
func decoy(epoch *keyring.Epoch) (Request, error) {
	r := Request{Epoch: epoch.ID}
	rand.Read(r.Anchor[:])
	rand.Read(r.Withdraw[:])
	large, err := below(oneLargeIn)
	if err != nil {
		return r, err
	}
	bucket := seal.SmallBucket
	if large == 0 {
		bucket = seal.LargeBucket
	}
	r.File, err = seal.SealDecoy(bucket, epoch.Recipient)
	return r, err
}

// below draws a whole number from 0 on, each alike.
func below(n int) (int, error) {
	drawn, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("draw: %w", err)
	}
	return int(drawn.Int64()), nil
}

// addDecoys puts what was drawn beside the words of a batch, in the batch's own transaction: at no moment can anybody see
// them come. A clinic for which another replica was faster, or a run before that was cut off, gets none.
func (s *Store) addDecoys(ctx context.Context, tx bun.Tx, day time.Time, all []company) error {
	for _, c := range all {
		first, err := s.claimDay(ctx, tx, c.clinicID, day)
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		for i := range c.rows {
			if err := transparency.Append(ctx, tx, c.rows[i].Leaf); err != nil {
				return err
			}
		}
		if len(c.rows) == 0 {
			continue
		}
		if _, err := tx.NewInsert().Model(&c.rows).Exec(ctx); err != nil {
			return fmt.Errorf("add decoys: %w", err)
		}
	}
	return nil
}

func (s *Store) claimDay(ctx context.Context, tx bun.Tx, clinicID string, day time.Time) (bool, error) {
	res, err := tx.NewRaw(`
		INSERT INTO decoy_day (clinic_id, drawn_on) VALUES (?, ?::date)
		ON CONFLICT (clinic_id) DO UPDATE SET drawn_on = excluded.drawn_on
		WHERE decoy_day.drawn_on < excluded.drawn_on OR ?`, clinicID, day.UTC().Format(time.DateOnly), s.Decoys.EachStart).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("keep day of decoys: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// keepDrawn remembers, after the commit, for whom this start has drawn.
func (d *Decoys) keepDrawn(all []company) {
	if d == nil || !d.EachStart {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.drawn == nil {
		d.drawn = map[string]bool{}
	}
	for _, c := range all {
		d.drawn[c.clinicID] = true
	}
}

// readCommitted is how batches run: each statement sees what was committed before it.
var readCommitted = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

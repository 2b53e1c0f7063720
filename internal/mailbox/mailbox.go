// Package mailbox keeps the panel's sealed answers until their writer fetches them or their day has come.
//
// It promises that an answer names a mailbox and never a message; that only whoever holds the receipt finds the mailbox;
// and that a mailbox with nothing in it and one that does not exist are the same.
//
// It opens nothing: answers are sealed by a reviewer's client for the writer's.
package mailbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/seal"
)

// MostReplies is how many answers one mailbox takes, so that a reviewer's client gone wrong cannot fill the disk.
const MostReplies = 200

// fileBytes is the one size of answers: the smaller bucket, sealed.
const fileBytes = seal.SmallBucket + seal.Overhead

// Errors a reviewer's client can act on.
var (
	// ErrExpired: the mailbox's last day has passed, so nobody would find the answer.
	ErrExpired = errors.New("this mailbox has expired")
	// ErrTooLate: the day given is past every key's time, which no mailbox outlives.
	ErrTooLate = errors.New("no mailbox lasts so long")
	// ErrFull: this mailbox holds MostReplies answers.
	ErrFull = errors.New("this mailbox is full")
)

// Reply is one sealed answer.
type Reply struct {
	bun.BaseModel `bun:"table:reply"`

	FileHash  []byte    `bun:"file_hash,pk"`
	ClinicID  string    `bun:"clinic_id"`
	Mailbox   []byte    `bun:"mailbox"`
	File      []byte    `bun:"file"`
	ExpiresOn time.Time `bun:"expires_on,type:date"`
}

// Store keeps answers.
type Store struct {
	DB  *bun.DB
	Now func() time.Time
}

func (s *Store) today() string { return s.Now().UTC().Format(time.DateOnly) }

// Post keeps an answer for a mailbox of a clinic until the end of a day. The same file again is kept once.
// Errors: *seal.ShapeError, ErrExpired, ErrTooLate, ErrFull.
func (s *Store) Post(ctx context.Context, clinicID string, mailbox seal.Commitment, file []byte, expiresOn time.Time) error {
	if err := seal.CheckShape(file); err != nil {
		return err
	}
	if len(file) != fileBytes {
		return &seal.ShapeError{Reason: "An answer has one size only, that of the smaller sealed file. Shorten it."}
	}
	if expiresOn.Format(time.DateOnly) < s.today() {
		return ErrExpired
	}
	hash := seal.FileHash(file)
	row := &Reply{FileHash: hash[:], ClinicID: clinicID, Mailbox: mailbox[:], File: file, ExpiresOn: expiresOn}
	return postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		if err := within(ctx, tx, row); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
		return nil
	})
}

// Has says whether an answer is kept at a clinic, by the hash of its sealed file. It tells a reviewer whose client was given no answer
// to what it posted; nobody but who sealed a file knows its hash.
func (s *Store) Has(ctx context.Context, clinicID string, hash [32]byte) (kept bool, err error) {
	err = postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		kept, err = tx.NewSelect().Model((*Reply)(nil)).Where("clinic_id = ?", clinicID).Where("file_hash = ?", hash[:]).Exists(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for answer: %w", err)
	}
	return kept, nil
}

// within checks an answer against the clinic's keys and the mailbox's room.
func within(ctx context.Context, tx bun.Tx, row *Reply) error {
	var keys, room bool
	err := tx.NewRaw(`
		SELECT EXISTS (SELECT FROM epoch WHERE clinic_id = ?0 AND retain_until >= ?1),
		       (SELECT count(*) FROM reply WHERE clinic_id = ?0 AND mailbox = ?2 AND file_hash <> ?3) < ?4`,
		row.ClinicID, row.ExpiresOn.Format(time.DateOnly), row.Mailbox, row.FileHash, MostReplies).Scan(ctx, &keys, &room)
	switch {
	case err != nil:
		return fmt.Errorf("check answer: %w", err)
	case !keys:
		return ErrTooLate
	case !room:
		return ErrFull
	}
	return nil
}

// PageSize is how many places one page of a mailbox has.
const PageSize = 8

// Page is one page of a mailbox. It has the same size whatever is in it: places without an answer hold random bytes, which
// are made for all of them every time.
type Page struct {
	Count  int              // answers in the whole mailbox
	Places [PageSize][]byte // answers first
}

// Answers are the places that hold one.
func (p *Page) Answers(page int) [][]byte {
	return p.Places[:min(max(p.Count-page*PageSize, 0), PageSize)]
}

// Open gives a page, counted from 0, of the answers in a mailbox of a clinic, sorted by hash, which tells nothing about their
// order. An empty mailbox and one that was never there are alike.
func (s *Store) Open(ctx context.Context, clinicID string, token seal.Token, page int) (*Page, error) {
	id := token.Commitment()
	var out Page
	for i := range out.Places {
		out.Places[i] = make([]byte, fileBytes)
		_, _ = rand.Read(out.Places[i]) // never fails
	}
	err := postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		var files [][]byte
		count, err := tx.NewSelect().Model((*Reply)(nil)).Column("file").
			Where("clinic_id = ?", clinicID).Where("mailbox = ?", id[:]).Where("expires_on >= ?", s.today()).
			Order("file_hash").Offset(int64(page*PageSize)).Limit(PageSize).ScanAndCount(ctx, &files)
		out.Count = int(count)
		copy(out.Places[:], files)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	return &out, nil
}

// Expire deletes the answers of every clinic whose last day has passed.
func (s *Store) Expire(ctx context.Context) error {
	_, err := s.DB.NewDelete().Model((*Reply)(nil)).Where("expires_on < ?", s.today()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete expired answers: %w", err)
	}
	return nil
}

// spread is in how many days mailboxes of one epoch end.
const spread = 30

// FirstDay is the first on which a mailbox of an epoch can end: until then answers wait in any case.
func FirstDay(retainUntil time.Time) time.Time { return retainUntil.AddDate(0, 0, 1-spread) }

// LastDay is the day on which a mailbox ends: a day of the thirty before the newest epoch that one of its messages was sealed
// to is destroyed, drawn from its id, so that nobody can tell from it when something was told.
func LastDay(mailbox seal.Commitment, retainUntil time.Time) time.Time {
	return retainUntil.AddDate(0, 0, -((int(mailbox[0])<<8 | int(mailbox[1])) % spread))
}

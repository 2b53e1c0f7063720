// Package intake takes in what people tell. It sees sealed files only, except on the path for people without script,
// where it seals in memory and keeps nothing else.
//
// It promises: what was acknowledged is on disk and stays until its writer takes it back or its epoch is shredded; the
// same message sent twice is stored once and answered alike; nothing tells in which order or at what hour files came.
//
// It leaves to seal what a file looks like, to keyring which epochs are open, and to review who reads.
package intake

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Errors a writer's client can act on.
var (
	// ErrAnchorUsed: these receipt words were used for another message. The client draws new ones.
	ErrAnchorUsed = errors.New("these receipt words were used before")
	// ErrWithdrawUsed: the commitment for taking it back was used for another message.
	ErrWithdrawUsed = errors.New("this withdraw commitment was used before")
)

// Pending is a file that waits for the next batch.
type Pending struct {
	bun.BaseModel `bun:"table:pending"`

	LeafHash []byte `bun:"leaf_hash,pk"`
	ClinicID string `bun:"clinic_id"`
	EpochID  string `bun:"epoch_id"`
	File     []byte `bun:"file"`
	FileHash []byte `bun:"file_hash"`
	Anchor   []byte `bun:"anchor"`
	Withdraw []byte `bun:"withdraw"`
	Leaf     []byte `bun:"leaf"`
	Ticket   string `bun:"ticket"`
}

// Submission is a file that a batch has put in its place.
type Submission struct {
	bun.BaseModel `bun:"table:submission"`

	LeafHash []byte    `bun:"leaf_hash,pk"`
	ClinicID string    `bun:"clinic_id"`
	EpochID  string    `bun:"epoch_id"`
	File     []byte    `bun:"file"`
	FileHash []byte    `bun:"file_hash"`
	Anchor   []byte    `bun:"anchor"`
	Withdraw []byte    `bun:"withdraw"`
	Leaf     []byte    `bun:"leaf"`
	Ticket   string    `bun:"ticket"`
	BatchDay time.Time `bun:"batch_day,type:date"`
	Held     bool      `bun:"held"`
}

// Request is one sealed message. File has passed no check yet.
type Request struct {
	Epoch            string
	File             []byte
	Anchor, Withdraw seal.Commitment
}

// Acceptance is what the writer gets back: where the message will stand in the log, and the signed promise that it will.
type Acceptance struct {
	LeafHash  [32]byte
	Ticket    string
	KeptUntil time.Time // the last day of its epoch's retention
}

// Store takes messages in. Tickets signs the tickets; Origin names this place. With a Log each batch is signed in its own
// transaction; with Decoys each has company.
type Store struct {
	DB      *bun.DB
	Origin  string
	Tickets note.Signer
	Keys    *keyring.Store
	Log     *transparency.Log
	Decoys  *Decoys
	Now     func() time.Time

	// OnGone hears, in the same transaction and before their rows go, which delivered messages are withdrawn or shredded: what
	// was counted of them has to be counted out. nil does nothing.
	OnGone func(ctx context.Context, tx bun.Tx, clinicID string, leaves [][]byte) error
}

// Submit stores a sealed message for a clinic. When it returns without an error, the message is on disk. The same
// message again gets the same answer, so that a client that lost the first answer can ask again.
func (s *Store) Submit(ctx context.Context, clinicID string, r Request) (*Acceptance, error) {
	if err := seal.CheckShape(r.File); err != nil {
		return nil, err
	}
	if accepted, err := s.Recall(ctx, clinicID, r); accepted != nil || err != nil {
		return accepted, err
	}
	return s.store(ctx, clinicID, r)
}

// Recall answers a message that is here already, whatever has closed since it came; nil when it is not here.
// Errors: ErrAnchorUsed.
func (s *Store) Recall(ctx context.Context, clinicID string, r Request) (*Acceptance, error) {
	known, err := s.known(ctx, clinicID, r.Anchor)
	if known == nil || err != nil {
		return nil, err
	}
	return known.answer(seal.FileHash(r.File))
}

// RecallReceipt answers a message that came without script and is here already, whatever has closed since; nil when it is
// not here, or is of another clinic.
func (s *Store) RecallReceipt(ctx context.Context, clinicID string, receipt seal.Receipt) (*Acceptance, error) {
	keys := receipt.Derive(s.Origin)
	known, err := s.known(ctx, clinicID, keys.AnchorToken.Commitment())
	if known == nil || err != nil {
		return nil, err
	}
	return known.acceptance(), nil
}

// answer gives the stored ticket when it is the same file, and ErrAnchorUsed otherwise.
func (k *stored) answer(fileHash [32]byte) (*Acceptance, error) {
	if subtle.ConstantTimeCompare(k.FileHash, fileHash[:]) != 1 {
		return nil, ErrAnchorUsed
	}
	return k.acceptance(), nil
}

// SealAndSubmit is the way for people without script. It seals in memory, in the shape of every other message, and marks
// inside the seal that the server saw the words. The same receipt again gets the same ticket, for the words are the
// same: the receipt is made of them. Errors: *seal.TooLongError, keyring.ErrNoEpoch and those of Submit.
func (s *Store) SealAndSubmit(ctx context.Context, clinicID string, receipt seal.Receipt, lang, form string, answers []seal.Answer) (*Acceptance, error) {
	return s.sealAndSubmit(ctx, clinicID, receipt, func(keys *seal.Keys, epoch string) *seal.Plaintext {
		return seal.NewSubmission(keys, epoch, s.Origin, form, lang, seal.SealedByServer, answers)
	})
}

// SealAboutYou is SealAndSubmit for what somebody says about themselves. Nothing in it ties it to a message, and nobody can
// answer it. The receipt is told to nobody: it only makes the same page sent twice one message.
func (s *Store) SealAboutYou(ctx context.Context, clinicID string, receipt seal.Receipt, lang, form string, answers []seal.Answer) (*Acceptance, error) {
	return s.sealAndSubmit(ctx, clinicID, receipt, func(keys *seal.Keys, epoch string) *seal.Plaintext {
		return seal.NewAboutYou(keys, epoch, s.Origin, form, lang, seal.SealedByServer, answers)
	})
}

func (s *Store) sealAndSubmit(ctx context.Context, clinicID string, receipt seal.Receipt, write func(keys *seal.Keys, epoch string) *seal.Plaintext) (*Acceptance, error) {
	keys := receipt.Derive(s.Origin)
	anchor := keys.AnchorToken.Commitment()
	known, err := s.known(ctx, clinicID, anchor)
	if err != nil {
		return nil, err
	}
	if known != nil {
		return known.acceptance(), nil
	}
	epoch, err := s.active(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	file, err := seal.Seal(write(keys, epoch.ID), epoch.Recipient)
	if err != nil {
		return nil, err
	}
	r := Request{Epoch: epoch.ID, File: file, Anchor: anchor, Withdraw: keys.WithdrawToken.Commitment()}
	accepted, err := s.store(ctx, clinicID, r)
	if !errors.Is(err, ErrAnchorUsed) {
		return accepted, err
	}
	// A double click: the other request was faster by a moment.
	if known, err = s.known(ctx, clinicID, anchor); err != nil || known == nil {
		return nil, errors.Join(ErrAnchorUsed, err)
	}
	return known.acceptance(), nil
}

func (s *Store) active(ctx context.Context, clinicID string) (epoch *keyring.Epoch, err error) {
	err = postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, _ bun.Tx) error {
		epoch, err = s.Keys.Active(ctx, clinicID)
		return err
	})
	return epoch, err
}

// stored is what tells a repeated message from a new one.
type stored struct {
	LeafHash []byte    `bun:"leaf_hash"`
	FileHash []byte    `bun:"file_hash"`
	Ticket   string    `bun:"ticket"`
	Until    time.Time `bun:"retain_until"`
}

func (k *stored) acceptance() *Acceptance {
	return &Acceptance{LeafHash: [32]byte(k.LeafHash), Ticket: k.Ticket, KeptUntil: k.Until}
}

// known looks a clinic's message up by its anchor; nil when there is none.
func (s *Store) known(ctx context.Context, clinicID string, anchor seal.Commitment) (found *stored, err error) {
	err = postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		found, err = lookUp(ctx, tx, clinicID, anchor)
		return err
	})
	return found, err
}

// lookUp looks at pending first: a batch between the two statements moves rows only forward.
func lookUp(ctx context.Context, db bun.IDB, clinicID string, anchor seal.Commitment) (*stored, error) {
	for _, model := range []any{(*Pending)(nil), (*Submission)(nil)} {
		var k stored
		err := db.NewSelect().Model(model).
			ColumnExpr("?TableAlias.leaf_hash, ?TableAlias.file_hash, ?TableAlias.ticket, epoch.retain_until").
			Join("JOIN epoch ON epoch.id = ?TableAlias.epoch_id").
			Where("?TableAlias.clinic_id = ?", clinicID).
			Where("?TableAlias.anchor = ?", anchor[:]).
			Scan(ctx, &k)
		if err == nil {
			return &k, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("look up message: %w", err)
		}
	}
	return nil, nil
}

// prepare makes the row of a message, with its leaf and the ticket of a day.
func (s *Store) prepare(clinicID string, r Request, day time.Time) (*Pending, *Acceptance, error) {
	fileHash := seal.FileHash(r.File)
	leaf := transparency.Submission{Epoch: r.Epoch, FileHash: fileHash, Anchor: r.Anchor, Withdraw: r.Withdraw}.Leaf()
	accepted := &Acceptance{LeafHash: leaf.Hash()}
	var err error
	accepted.Ticket, err = seal.IssueTicket(s.Tickets, seal.Ticket{
		Origin: s.Origin, LeafHash: accepted.LeafHash, LogBy: day.UTC().AddDate(0, 0, seal.TicketGrace),
	})
	if err != nil {
		return nil, nil, err
	}
	return &Pending{
		LeafHash: accepted.LeafHash[:], ClinicID: clinicID, EpochID: r.Epoch, File: r.File, FileHash: fileHash[:],
		Anchor: r.Anchor[:], Withdraw: r.Withdraw[:], Leaf: leaf, Ticket: accepted.Ticket,
	}, accepted, nil
}

// store writes the pending row and its leaf in one transaction. READ COMMITTED matters: the insert takes its lock on
// pending first, so that no batch can run between it and the look at the final table, which is a statement of its own
// with a snapshot of its own.
func (s *Store) store(ctx context.Context, clinicID string, r Request) (*Acceptance, error) {
	row, accepted, err := s.prepare(clinicID, r, s.Now())
	if err != nil {
		return nil, err
	}
	err = postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		epoch, err := s.Keys.Accepting(ctx, tx, clinicID, r.Epoch)
		if err != nil {
			return err
		}
		accepted.KeptUntil = epoch.RetainUntil
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return conflict(err)
		}
		if err := unusedInBatches(ctx, tx, r); err != nil {
			return err
		}
		return transparency.Append(ctx, tx, row.Leaf)
	})
	if errors.Is(err, ErrAnchorUsed) {
		// The same message may have come twice at once. Then both get the one answer.
		if known, lookErr := s.known(ctx, clinicID, r.Anchor); lookErr == nil && known != nil {
			return known.answer([32]byte(row.FileHash))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("store message: %w", err)
	}
	return accepted, nil
}

// conflict turns a broken unique index into the error that says which commitment was used.
func conflict(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "23505" {
		return err
	}
	switch pg.ConstraintName {
	case "pending_withdraw_key":
		return ErrWithdrawUsed
	default:
		return ErrAnchorUsed
	}
}

func unusedInBatches(ctx context.Context, tx bun.Tx, r Request) error {
	var used struct {
		Anchor   bool `bun:"anchor_used"`
		Withdraw bool `bun:"withdraw_used"`
	}
	err := tx.NewRaw(`SELECT * FROM commitments_in_use(?, ?)`, r.Anchor[:], r.Withdraw[:]).Scan(ctx, &used)
	if err != nil {
		return fmt.Errorf("look for used commitments: %w", err)
	}
	if used.Anchor {
		return ErrAnchorUsed
	}
	if used.Withdraw {
		return ErrWithdrawUsed
	}
	return nil
}

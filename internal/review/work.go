package review

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/intake"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Roles in which a message is read.
const (
	RoleCoder   = "coder"   // one of two who code it without seeing each other's coding
	RoleThird   = "third"   // decides where the two differ
	RoleChecker = "checker" // asks whether somebody could guess who wrote; codes nothing
)

// codersNeeded is how many code a message before any coding is handed out.
const codersNeeded = 2

// Errors a reviewer can act on.
var (
	ErrGone      = errors.New("this message is not here any more")
	ErrClaimed   = errors.New("somebody else has this part already")
	ErrRecused   = errors.New("you have stepped back from this message")
	ErrEarly     = errors.New("the step before this one is not done")
	ErrNotYours  = errors.New("this step belongs to somebody else")
	ErrFrozen    = errors.New("this is sent already and does not change")
	ErrNumber    = errors.New("there is another file of this number")
	ErrDraft     = errors.New("there is another draft than the one that this takes the place of")
	ErrGivenBack = errors.New("the part in which this was typed is handed back")
	ErrDay       = errors.New("the day signed is not today")
	ErrSignature = errors.New("the signature does not hold")
	ErrKind      = errors.New("there is no such kind of review file or role")
	ErrTag       = errors.New("there is another act under this tag")
	ErrFacts     = errors.New("these are not codes as they are kept")
	ErrTakenBack = errors.New("what went out by this decision was taken back")
	ErrOut       = errors.New("a finding of this message stands, and is taken back first")
	ErrWeek      = errors.New("this reviewer has taken as much as one person does in a week")
)

// File is what a reviewer wrote about a message, sealed.
type File struct {
	bun.BaseModel `bun:"table:review_file"`

	LeafHash  []byte    `bun:"leaf_hash,pk"`
	Kind      string    `bun:"kind,pk"`
	AuthorID  string    `bun:"author_id,pk"`
	N         int       `bun:"n,pk"`
	File      []byte    `bun:"file"`
	FileHash  []byte    `bun:"file_hash"`
	Signature []byte    `bun:"signature"`
	WrittenOn time.Time `bun:"written_on,type:date"`
}

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// onMessage runs act while nobody else acts on the message, on any replica. It holds the clinic before the message, as an act
// does that destroys messages. Errors: ErrGone, ErrRecused.
func (s *Store) onMessage(ctx context.Context, clinicID, reviewerID string, leaf [32]byte, act func(ctx context.Context, tx bun.Tx) error) error {
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := intake.HoldClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var found []byte
		err := tx.NewSelect().Model((*intake.Submission)(nil)).Column("leaf_hash").
			Where("clinic_id = ?", clinicID).Where("leaf_hash = ?", leaf[:]).For("UPDATE").Scan(ctx, &found)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrGone
		}
		if err != nil {
			return fmt.Errorf("lock message: %w", err)
		}
		recused, err := tx.NewSelect().Model((*Recusal)(nil)).
			Where("leaf_hash = ?", leaf[:]).Where("reviewer_id = ?", reviewerID).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for recusal: %w", err)
		}
		if recused {
			return ErrRecused
		}
		return act(ctx, tx)
	})
}

// checkSize holds what a reviewer sealed to the one size and shape that all of it has. Errors: *seal.ShapeError.
func checkSize(file []byte) error {
	if len(file) != seal.SmallBucket+seal.Overhead {
		return &seal.ShapeError{Reason: "A review file has the size of a small message."}
	}
	return seal.CheckShape(file)
}

// Put keeps a review file whose envelope its author signed. The same file again is no error. Errors: *seal.ShapeError,
// ErrGone, ErrRecused, ErrSignature, ErrDay, ErrKind, ErrNumber, and of the order of the work ErrEarly, ErrNotYours,
// ErrFrozen and, for a decision or an objection while a finding stands, ErrOut.
func (s *Store) Put(ctx context.Context, e *Envelope, by *account.Reviewer, file, signature []byte) error {
	return s.put(ctx, e, by, file, signature, nil)
}

// Draft says of a draft what it follows.
type Draft struct {
	// Replaces is the hash of the sealed draft whose place it takes, zero for none: what its author typed elsewhere meanwhile is not
	// written over.
	Replaces [32]byte

	// InPart: its author had a part in the message as they typed. Where they have handed it back since, in another window, a draft
	// would say who did.
	InPart bool
}

// PutDraft keeps a draft. Errors: those of Put, ErrDraft and ErrGivenBack.
func (s *Store) PutDraft(ctx context.Context, e *Envelope, by *account.Reviewer, file, signature []byte, draft Draft) error {
	if e.Kind != KindDraft {
		return ErrKind
	}
	return s.put(ctx, e, by, file, signature, &draft)
}

// fits answers ErrGivenBack where a part was handed back with nothing sent, and ErrDraft where another draft is kept.
func (d *Draft) fits(ctx context.Context, tx bun.Tx, e *Envelope, board *Board, authorID string) error {
	if d.InPart && board.Roles[authorID] == "" &&
		board.Files[KindCoding][authorID]+board.Files[KindCheck][authorID]+board.Files[KindSharing][authorID] == 0 {
		return ErrGivenBack
	}
	return replacesDraft(ctx, tx, e, authorID, d.Replaces)
}

// replacesDraft answers ErrDraft where another draft is kept than the one of a hash.
func replacesDraft(ctx context.Context, tx bun.Tx, e *Envelope, authorID string, hash [32]byte) error {
	var had [][]byte
	err := tx.NewSelect().Model((*File)(nil)).Column("file_hash").
		Where("leaf_hash = ?", e.LeafHash[:]).Where("author_id = ?", authorID).Where("kind = ?", KindDraft).Scan(ctx, &had)
	switch {
	case err != nil:
		return fmt.Errorf("look for draft: %w", err)
	case len(had) == 0 && hash == [32]byte{}, len(had) == 1 && bytes.Equal(had[0], hash[:]):
		return nil
	}
	return ErrDraft
}

func (s *Store) put(ctx context.Context, e *Envelope, by *account.Reviewer, file, signature []byte, draft *Draft) error {
	if err := checkSize(file); err != nil {
		return err
	}
	if e.FileHash = seal.FileHash(file); !e.Verify(by.VerifyKey, signature) {
		return ErrSignature
	}
	return s.onMessage(ctx, e.ClinicID, by.ID, e.LeafHash, func(ctx context.Context, tx bun.Tx) error {
		known, err := tx.NewSelect().Model((*File)(nil)).Where("file_hash = ?", e.FileHash[:]).
			Where("leaf_hash = ?", e.LeafHash[:]).Where("author_id = ?", by.ID).Where("kind = ?", e.Kind).Where("n = ?", e.N).Exists(ctx)
		if err != nil || known {
			return err
		}
		if !e.Day.Equal(s.today()) {
			return ErrDay
		}
		board, err := boardOf(ctx, tx, e.LeafHash)
		if err != nil {
			return err
		}
		if err := board.MayPut(by.ID, e.Kind, e.N); err != nil {
			return err
		}
		if draft != nil {
			if err := draft.fits(ctx, tx, e, board, by.ID); err != nil {
				return err
			}
		}
		row := &File{
			LeafHash: e.LeafHash[:], Kind: e.Kind, AuthorID: by.ID, N: e.N,
			File: file, FileHash: e.FileHash[:], Signature: signature, WrittenOn: e.Day,
		}
		insert := tx.NewInsert().Model(row)
		if e.Kind == KindDraft {
			insert.On("CONFLICT (leaf_hash, kind, author_id, n) DO UPDATE").Set("file = EXCLUDED.file").
				Set("file_hash = EXCLUDED.file_hash").Set("signature = EXCLUDED.signature").Set("written_on = EXCLUDED.written_on")
		}
		if _, err := insert.Exec(ctx); err != nil {
			return fmt.Errorf("keep review file: %w", err)
		}
		return nil
	})
}

// Files gives the next page of what was written about an epoch's messages, in order of file hash, starting after the hash
// given: whole epochs, as messages are. A coding is handed to others only once two are in, a draft to its author only, and
// nothing of a message to somebody who has stepped back from it. Who reads it as the third is handed no coding, agreement or note of
// others before their own coding is in.
func (s *Store) Files(ctx context.Context, clinicID, epochID, reviewerID string, after []byte) (files []File, more bool, err error) {
	query := s.db(ctx).NewSelect().Model(&files).
		Join("JOIN submission ON submission.leaf_hash = file.leaf_hash").
		Where("submission.clinic_id = ?", clinicID).
		Where("submission.epoch_id = ?", epochID).
		Where("NOT EXISTS (SELECT FROM recusal WHERE recusal.leaf_hash = file.leaf_hash AND recusal.reviewer_id = ?)", reviewerID).
		Where("file.author_id = ? OR file.kind <> ?", reviewerID, KindDraft).
		Where(`file.author_id = ? OR file.kind <> ? OR (SELECT count(DISTINCT other.author_id) FROM review_file AS other
			WHERE other.leaf_hash = file.leaf_hash AND other.kind = ?) >= ?`, reviewerID, KindCoding, KindCoding, codersNeeded).
		Where(`file.author_id = ?0 OR file.kind NOT IN (?2, ?3, ?4)
			OR NOT EXISTS (SELECT FROM claim WHERE claim.leaf_hash = file.leaf_hash AND claim.reviewer_id = ?0 AND claim.role = ?1)
			OR EXISTS (SELECT FROM review_file AS own WHERE own.leaf_hash = file.leaf_hash AND own.author_id = ?0 AND own.kind = ?2)`,
			reviewerID, RoleThird, KindCoding, KindConsensus, KindNote).
		Order("file.file_hash").
		Limit(PageSize + 1)
	if after != nil {
		query = query.Where("file.file_hash > ?", after)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list review files: %w", err)
	}
	if len(files) > PageSize {
		files, more = files[:PageSize], true
	}
	return files, more, nil
}

// Standing is how far the work on a message has come, as far as the server sees it.
type Standing struct {
	LeafHash []byte    `bun:"leaf_hash"`
	Day      time.Time `bun:"batch_day"`
	Carded   bool      `bun:"carded"`  // the reader, or two others, made a card
	Coded    bool      `bun:"coded"`   // its codes lie in the clear
	Finding  bool      `bun:"finding"` // a finding stands
	Handed   bool      `bun:"handed"`  // and the clinic was handed it, in a week that is over

	// Two or more have sent what they agree on, and have not stepped back. Whether it is the same, their files say.
	Agreed bool `bun:"agreed"`

	// Hashes of the sealed decisions whose findings were taken back: nothing goes out by them again.
	TakenBack [][]byte `bun:"taken_back,array"`

	// Its codes, as Canonical, and who signed them: empty where none lie in the clear, and for a third who still reads alone.
	Facts          string `bun:"facts"`
	CodedBy        string `bun:"coded_by"`
	CodedSignature []byte `bun:"coded_signature"`
}

// Work lists the messages of an epoch that a reviewer has not stepped back from, in order of leaf hash, and how they stand. Who
// reads one as the third is not given what two others agree on, before their own coding is in, but only that they have sent it: nobody
// need read it any more then, and somebody has to be left who looks whether one could guess who wrote.
func (s *Store) Work(ctx context.Context, clinicID, epochID, reviewerID string) ([]Standing, error) {
	var rows []Standing
	err := s.db(ctx).NewSelect().Model((*intake.Submission)(nil)).
		Column("submission.leaf_hash", "submission.batch_day").
		ColumnExpr("shown.facts, shown.author_id AS coded_by, shown.signature AS coded_signature").
		Join(`LEFT JOIN coded AS shown ON shown.leaf_hash = submission.leaf_hash
			AND (NOT EXISTS (SELECT FROM claim
					WHERE claim.leaf_hash = submission.leaf_hash AND claim.reviewer_id = ?0 AND claim.role = ?1)
				OR EXISTS (SELECT FROM review_file AS own
					WHERE own.leaf_hash = submission.leaf_hash AND own.author_id = ?0 AND own.kind = ?2))`,
			reviewerID, RoleThird, KindCoding).
		ColumnExpr("NOT ("+uncarded+") AS carded", KindCard, cardsNeeded, KindCard, reviewerID).
		ColumnExpr("EXISTS (SELECT FROM coded WHERE coded.leaf_hash = submission.leaf_hash) AS coded").
		ColumnExpr(`(SELECT count(DISTINCT signed.author_id) FROM review_file AS signed
			WHERE signed.leaf_hash = submission.leaf_hash AND signed.kind = ? AND NOT EXISTS (SELECT FROM recusal
				WHERE recusal.leaf_hash = signed.leaf_hash AND recusal.reviewer_id = signed.author_id)) >= ? AS agreed`,
			KindConsensus, codersNeeded).
		ColumnExpr("EXISTS (SELECT FROM finding WHERE finding.leaf_hash = submission.leaf_hash AND retracted_on IS NULL) AS finding").
		ColumnExpr("EXISTS (SELECT FROM finding JOIN handover ON handover.finding_id = finding.id WHERE finding.leaf_hash = submission.leaf_hash "+
			"AND retracted_on IS NULL AND handed_on < ?) AS handed", transparency.WeekOf(s.today())).
		ColumnExpr("ARRAY(SELECT finding.sharing FROM finding WHERE finding.leaf_hash = submission.leaf_hash "+
			"AND retracted_on IS NOT NULL ORDER BY finding.sharing) AS taken_back").
		Where("clinic_id = ?", clinicID).
		Where("epoch_id = ?", epochID).
		Where(notRecused, reviewerID).
		Order("leaf_hash").
		Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list work: %w", err)
	}
	return rows, nil
}

// Part is one reviewer's part in one message: a role that was claimed, a coding that was sent, or a step back.
type Part struct {
	LeafHash   []byte `bun:"leaf_hash"`
	ReviewerID string `bun:"reviewer_id"`
	Part       string `bun:"part"` // a role, "coded" or "recused"

	// What its reviewer signed: a recusal, or the envelope of a coding with the hash and day in it. A claim is signed by nobody.
	Signature []byte    `bun:"signature"`
	FileHash  []byte    `bun:"file_hash"`
	SignedOn  time.Time `bun:"signed_on"`
}

// Parts says how the work on an epoch's messages lies on the panel, for the whole panel to see, by leaf hash and reviewer. What
// the reader has stepped back from is left out; where colleagues have, is not, so that all see who is free. With what closes a seat, or
// leaves fewer to read, goes the signature for it: a reader takes neither from the server's word. Of a coding that is held back that is
// the hash of a sealed file, and the day.
func (s *Store) Parts(ctx context.Context, clinicID, epochID, readerID string) ([]Part, error) {
	var parts []Part
	err := s.db(ctx).NewRaw(`
		SELECT part.*
		FROM (
		    SELECT leaf_hash, reviewer_id, role AS part, NULL::bytea AS signature, NULL::bytea AS file_hash, NULL::date AS signed_on
		    FROM claim WHERE `+seated+`
		    UNION ALL SELECT leaf_hash, author_id, 'coded', signature, file_hash, written_on FROM review_file WHERE kind = 'coding'
		    UNION ALL SELECT leaf_hash, reviewer_id, 'recused', signature, NULL, NULL FROM recusal
		) AS part
		JOIN submission ON submission.leaf_hash = part.leaf_hash
		WHERE submission.clinic_id = ? AND submission.epoch_id = ? AND `+notRecused+`
		ORDER BY part.leaf_hash, part.reviewer_id, part.part`, clinicID, epochID, readerID).Scan(ctx, &parts)
	if err != nil {
		return nil, fmt.Errorf("list parts: %w", err)
	}
	return parts, nil
}

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
	ErrDay       = errors.New("the day signed is not today")
	ErrSignature = errors.New("the signature does not hold")
	ErrKind      = errors.New("there is no such kind of review file or role")
	ErrTag       = errors.New("there is another act under this tag")
	ErrFacts     = errors.New("these are not codes as they are kept")
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

// Claim is a reviewer's part in reading a message.
type Claim struct {
	bun.BaseModel `bun:"table:claim"`

	LeafHash   []byte    `bun:"leaf_hash,pk"`
	ReviewerID string    `bun:"reviewer_id,pk"`
	Role       string    `bun:"role"`
	ClaimedOn  time.Time `bun:"claimed_on,type:date"`
}

// Recusal is a reviewer's own step back from a message. It cannot be taken back: what was shown before cannot either.
type Recusal struct {
	bun.BaseModel `bun:"table:recusal"`

	LeafHash   []byte `bun:"leaf_hash,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`

	// Both null where a client left none.
	Reminder          []byte `bun:"reminder"`
	ReminderSignature []byte `bun:"reminder_signature"`
}

// Reminder is what a reviewer keeps, sealed to themselves, of a message they step back from: what their own client needs to know
// its writer's later messages by. Every one has the size of a small message, whether it holds anything or not.
type Reminder struct{ File, Signature []byte }

// Act is an act that stands in the log or waits for its place there. It names no message.
type Act struct {
	bun.BaseModel `bun:"table:act"`

	Tag        []byte    `bun:"tag,pk"`
	ClinicID   string    `bun:"clinic_id"`
	Code       string    `bun:"code"`
	ActedOn    time.Time `bun:"acted_on,type:date"`
	ActionLeaf []byte    `bun:"action_leaf"`
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

// Recuse steps back from a message for good. A claim on it goes; a coding that was sent stays. The same again is no error.
// reminder may be nil. Errors: ErrGone, ErrSignature, *seal.ShapeError.
func (s *Store) Recuse(ctx context.Context, clinicID string, by *account.Reviewer, leaf [32]byte, signature []byte, reminder *Reminder) error {
	if !VerifyRecusal(by.VerifyKey, clinicID, leaf, by.ID, signature) {
		return ErrSignature
	}
	row := &Recusal{LeafHash: leaf[:], ReviewerID: by.ID, Signature: signature}
	if reminder != nil {
		if err := reminder.check(by, clinicID, leaf); err != nil {
			return err
		}
		row.Reminder, row.ReminderSignature = reminder.File, reminder.Signature
	}
	err := s.onMessage(ctx, clinicID, by.ID, leaf, func(ctx context.Context, tx bun.Tx) error {
		if _, err := dropClaim(ctx, tx, by.ID, leaf); err != nil {
			return err
		}
		if err := dropDraft(ctx, tx, by.ID, leaf); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("keep recusal: %w", err)
		}
		return nil
	})
	if errors.Is(err, ErrRecused) {
		return nil
	}
	return err
}

func (r *Reminder) check(by *account.Reviewer, clinicID string, leaf [32]byte) error {
	if err := checkSize(r.File); err != nil {
		return err
	}
	if !VerifyReminder(by.VerifyKey, clinicID, leaf, by.ID, seal.FileHash(r.File), r.Signature) {
		return ErrSignature
	}
	return nil
}

// checkSize holds what a reviewer sealed to the one size and shape that all of it has. Errors: *seal.ShapeError.
func checkSize(file []byte) error {
	if len(file) != seal.SmallBucket+seal.Overhead {
		return &seal.ShapeError{Reason: "A review file has the size of a small message."}
	}
	return seal.CheckShape(file)
}

// Take claims a part in a message. Of two who claim the last part at once, one gets ErrClaimed. The same claim again is no
// error. Errors: ErrGone, ErrRecused, ErrKind, ErrEarly for a third before two codings are in, ErrNotYours for a checker
// who has coded it, ErrWeek for who has enough for one week.
func (s *Store) Take(ctx context.Context, clinicID, reviewerID string, leaf [32]byte, role string) error {
	return s.onMessage(ctx, clinicID, reviewerID, leaf, func(ctx context.Context, tx bun.Tx) error {
		board, err := boardOf(ctx, tx, leaf)
		if err != nil {
			return err
		}
		if has, claimed := board.Roles[reviewerID]; claimed && has == role {
			return nil
		}
		if err := board.MayTake(reviewerID, role); err != nil {
			return err
		}
		if err := s.weekFull(ctx, tx, clinicID, reviewerID); err != nil {
			return err
		}
		row := &Claim{LeafHash: leaf[:], ReviewerID: reviewerID, Role: role, ClaimedOn: s.today()}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (leaf_hash, reviewer_id) DO UPDATE").
			Set("role = EXCLUDED.role").Set("claimed_on = EXCLUDED.claimed_on").Exec(ctx)
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		return nil
	})
}

// HandBack gives a claim up, and with it the draft of whoever has coded nothing, which would name them. There is no reason and no
// record of who did: it is counted for the whole panel's week. A coding that was sent stays.
func (s *Store) HandBack(ctx context.Context, clinicID, reviewerID string, leaf [32]byte) error {
	return s.onMessage(ctx, clinicID, reviewerID, leaf, func(ctx context.Context, tx bun.Tx) error {
		coded, err := tx.NewSelect().Model((*File)(nil)).
			Where("leaf_hash = ?", leaf[:]).Where("author_id = ?", reviewerID).Where("kind = ?", KindCoding).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for coding: %w", err)
		}
		if !coded {
			if err := dropDraft(ctx, tx, reviewerID, leaf); err != nil {
				return err
			}
		}
		dropped, err := dropClaim(ctx, tx, reviewerID, leaf)
		if err != nil || !dropped {
			return err
		}
		_, err = tx.NewDelete().Model((*File)(nil)).
			Where("leaf_hash = ?", leaf[:]).Where("author_id = ?", reviewerID).Where("kind = ?", KindDraft).
			Where("NOT EXISTS (SELECT FROM review_file AS sent WHERE sent.leaf_hash = file.leaf_hash AND sent.author_id = file.author_id AND sent.kind IN (?, ?, ?))",
				KindCoding, KindCheck, KindSharing).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete draft: %w", err)
		}
		return s.countHandback(ctx, tx, clinicID)
	})
}

func dropDraft(ctx context.Context, tx bun.Tx, reviewerID string, leaf [32]byte) error {
	_, err := tx.NewDelete().Model((*File)(nil)).
		Where("leaf_hash = ?", leaf[:]).Where("author_id = ?", reviewerID).Where("kind = ?", KindDraft).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete draft: %w", err)
	}
	return nil
}

func dropClaim(ctx context.Context, tx bun.Tx, reviewerID string, leaf [32]byte) (dropped bool, err error) {
	res, err := tx.NewDelete().Model((*Claim)(nil)).Where("leaf_hash = ?", leaf[:]).Where("reviewer_id = ?", reviewerID).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("hand back: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// seated is a condition on a claim: its reviewer still sits on the message's panel. Whoever has left has no claims.
const seated = `EXISTS (SELECT FROM submission JOIN panel_member AS seat ON seat.clinic_id = submission.clinic_id
	WHERE submission.leaf_hash = claim.leaf_hash AND seat.reviewer_id = claim.reviewer_id AND seat.left_on IS NULL)`

// Put keeps a review file whose envelope its author signed. The same file again is no error. Errors: *seal.ShapeError,
// ErrGone, ErrRecused, ErrSignature, ErrDay, ErrKind, ErrNumber, and of the order of the work ErrEarly, ErrNotYours and
// ErrFrozen.
func (s *Store) Put(ctx context.Context, e *Envelope, by *account.Reviewer, file, signature []byte) error {
	return s.put(ctx, e, by, file, signature, nil)
}

// PutDraft keeps a draft in the place of the one whose sealed file has the hash given, zero for none: what its author typed elsewhere
// meanwhile is not written over. Errors: those of Put, and ErrDraft.
func (s *Store) PutDraft(ctx context.Context, e *Envelope, by *account.Reviewer, file, signature []byte, replaces [32]byte) error {
	if e.Kind != KindDraft {
		return ErrKind
	}
	return s.put(ctx, e, by, file, signature, &replaces)
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

func (s *Store) put(ctx context.Context, e *Envelope, by *account.Reviewer, file, signature []byte, replaces *[32]byte) error {
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
		if replaces != nil {
			if err := replacesDraft(ctx, tx, e, by.ID, *replaces); err != nil {
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
}

// Work lists the messages of an epoch that a reviewer has not stepped back from, in order of leaf hash, and how they stand.
func (s *Store) Work(ctx context.Context, clinicID, epochID, reviewerID string) ([]Standing, error) {
	var rows []Standing
	err := s.db(ctx).NewSelect().Model((*intake.Submission)(nil)).
		Column("leaf_hash", "batch_day").
		ColumnExpr("NOT ("+uncarded+") AS carded", KindCard, cardsNeeded, KindCard, reviewerID).
		ColumnExpr("EXISTS (SELECT FROM coded WHERE coded.leaf_hash = submission.leaf_hash) AS coded").
		ColumnExpr("EXISTS (SELECT FROM finding WHERE finding.leaf_hash = submission.leaf_hash AND retracted_on IS NULL) AS finding").
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

// Recusals gives what a reviewer signed to step back, sorted by leaf hash: the only files that may be missing among those
// delivered to them.
func (s *Store) Recusals(ctx context.Context, clinicID, reviewerID string) ([]Recusal, error) {
	var rows []Recusal
	err := s.db(ctx).NewSelect().Model(&rows).
		Join("JOIN submission ON submission.leaf_hash = recusal.leaf_hash").
		Where("submission.clinic_id = ?", clinicID).
		Where("recusal.reviewer_id = ?", reviewerID).
		Order("recusal.leaf_hash").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list recusals: %w", err)
	}
	return rows, nil
}

// Do owns up to an act: its leaf waits for the batch in the same transaction. The same leaf again is no error. Errors:
// transparency.ErrLeaf, ErrSignature, ErrDay, ErrTag when the tag is taken, and then the client takes the next one.
func (s *Store) Do(ctx context.Context, clinicID string, by *account.Reviewer, leaf transparency.Leaf) error {
	a, err := transparency.ParseAction(leaf)
	if err != nil {
		return err
	}
	if a.ReviewerID != by.ID || !a.Verify(by.VerifyKey) {
		return ErrSignature
	}
	day := s.today()
	if a.Code == transparency.ActContacted {
		day = transparency.WeekOf(day)
	}
	hash := leaf.Hash()
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := intake.HoldClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var had Act
		err := tx.NewSelect().Model(&had).Where("tag = ?", a.Tag[:]).Where("clinic_id = ?", clinicID).Scan(ctx)
		switch {
		case err == nil && string(had.ActionLeaf) == string(hash[:]):
			return nil
		case err == nil:
			return ErrTag
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("look up act: %w", err)
		}
		if !a.Day.Equal(day) {
			return ErrDay
		}
		row := &Act{Tag: a.Tag[:], ClinicID: clinicID, Code: a.Code, ActedOn: a.Day, ActionLeaf: hash[:]}
		res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep act: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrTag, err)
		}
		return transparency.Append(ctx, tx, leaf)
	})
}

// Acts lists the acts of a clinic since its oldest message that is still here, in order of their tags: those whose tags may still be
// needed.
func (s *Store) Acts(ctx context.Context, clinicID string) ([]Act, error) {
	var rows []Act
	err := s.db(ctx).NewSelect().Model(&rows).
		Where("clinic_id = ?", clinicID).
		Where("acted_on >= (SELECT min(batch_day) - ?::int FROM submission WHERE submission.clinic_id = ?)", week, clinicID).
		Order("tag").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list acts: %w", err)
	}
	return rows, nil
}

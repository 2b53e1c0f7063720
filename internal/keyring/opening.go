package keyring

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

const (
	labelOpen  = "answerable/v1/open"
	labelShare = "answerable/v1/share"

	// openingDays is how long a request to open waits for answers, and the answers for the asker.
	openingDays = 7
)

// ErrOpening means that lines are not a request to open, or one that cannot be made.
var ErrOpening = errors.New("this epoch cannot be asked for")

// Opening is a member's signed request to open an epoch together. Everybody on the panel sees it, and it stands in the
// log; the answers are shares sealed to a key of the asker's that only this request names.
type Opening struct {
	bun.BaseModel `bun:"table:opening"`

	ID          string    `bun:"id,pk"`
	ClinicID    string    `bun:"clinic_id"`
	EpochID     string    `bun:"epoch_id"`
	RequesterID string    `bun:"requester_id"`
	Lines       string    `bun:"lines"`
	Signature   []byte    `bun:"signature"`
	RequestedOn time.Time `bun:"requested_on,type:date"`

	Answers []OpeningAnswer `bun:"-"`
}

// OpeningAnswer is a colleague's share, sealed to the asker.
type OpeningAnswer struct {
	bun.BaseModel `bun:"table:opening_answer"`

	OpeningID  string `bun:"opening_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	File       []byte `bun:"file"`
	Signature  []byte `bun:"signature"`
}

// OpeningRequest is the text of a request.
type OpeningRequest struct {
	ClinicID, EpochID, Requester string
	Recipient                    string // age1pq1, made for this request alone
	Day                          time.Time
}

// Lines is the text that the asker signs, each line ended by a newline. The first two make it a leaf.
func (r *OpeningRequest) Lines() string {
	return string(transparency.NewLeaf(transparency.KindOpen, r.ClinicID, r.EpochID, r.Requester, r.Recipient, r.Day.Format(time.DateOnly)))
}

// ParseOpeningRequest reads exactly what Lines writes. Errors wrap ErrOpening.
func ParseOpeningRequest(text string) (*OpeningRequest, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 7 || transparency.Leaf(text).Kind() != transparency.KindOpen {
		return nil, fmt.Errorf("%w: it has the wrong number of lines", ErrOpening)
	}
	r := &OpeningRequest{ClinicID: lines[2], EpochID: lines[3], Requester: lines[4], Recipient: lines[5]}
	var err error
	if r.Day, err = time.Parse(time.DateOnly, lines[6]); err != nil || !ValidEpochID(r.EpochID) {
		return nil, fmt.Errorf("%w: a line does not read", ErrOpening)
	}
	if _, err := age.ParseHybridRecipient(r.Recipient); err != nil {
		return nil, fmt.Errorf("%w: its recipient is not an age1pq1 key", ErrOpening)
	}
	if r.Lines() != text {
		return nil, fmt.Errorf("%w: not written as we write it", ErrOpening)
	}
	return r, nil
}

// SignOpening signs a request as the one who asks.
func SignOpening(key ed25519.PrivateKey, lines string) []byte {
	return signLines(key, labelOpen, lines)
}

// VerifyOpening reports whether the member who asks signed the request.
func VerifyOpening(m *Manifest, lines string, by Signature) bool {
	r := m.Member(by.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelOpen, lines, by.Signature)
}

func shareLines(request string, file []byte) string {
	asked, hash := sha256.Sum256([]byte(request)), sha256.Sum256(file)
	b64 := base64.StdEncoding.EncodeToString
	return b64(asked[:]) + "\n" + b64(hash[:]) + "\n"
}

// SignShare signs an answer: the hash of the request's lines, and that of the sealed share.
func SignShare(key ed25519.PrivateKey, request string, file []byte) []byte {
	return signLines(key, labelShare, shareLines(request, file))
}

// VerifyShare reports whether a member of m gave this answer to this request.
func VerifyShare(m *Manifest, request string, file []byte, by Signature) bool {
	r := m.Member(by.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelShare, shareLines(request, file), by.Signature)
}

// RequestOpening records a request and puts it into the log. The same request again is the same one.
// Errors: ErrOpening, ErrNotMember, ErrSignature, ErrStale when the epoch has nothing to open.
func (s *Store) RequestOpening(ctx context.Context, clinicID, lines string, by Signature) (*Opening, error) {
	r, err := ParseOpeningRequest(lines)
	if err != nil {
		return nil, err
	}
	if r.ClinicID != clinicID || r.Requester != by.ReviewerID {
		return nil, fmt.Errorf("%w: it is another clinic's, or another reviewer's", ErrOpening)
	}
	if d := s.today().Sub(r.Day); d < -24*time.Hour || d > 24*time.Hour {
		return nil, fmt.Errorf("%w: its day is not today", ErrOpening)
	}
	var opening *Opening
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		_, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if panel.Member(by.ReviewerID) == nil {
			return ErrNotMember
		}
		if !VerifyOpening(panel, lines, by) {
			return ErrSignature
		}
		opening, err = s.storeOpening(ctx, tx, r, lines, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("request opening: %w", err)
	}
	return opening, nil
}

func (s *Store) storeOpening(ctx context.Context, tx bun.Tx, r *OpeningRequest, lines string, by Signature) (*Opening, error) {
	known := new(Opening)
	err := tx.NewSelect().Model(known).Where("lines = ?", lines).Scan(ctx)
	if !errors.Is(err, sql.ErrNoRows) {
		return known, err
	}
	shared, err := tx.NewSelect().Model((*Epoch)(nil)).
		Where("id = ?", r.EpochID).
		Where("clinic_id = ?", r.ClinicID).
		Where("quorum_k > 1").
		Where("state IN (?)", bun.List(handedOn)).
		Exists(ctx)
	if err != nil {
		return nil, err
	}
	if !shared {
		return nil, ErrStale
	}
	o := &Opening{
		ID: uuid.NewString(), ClinicID: r.ClinicID, EpochID: r.EpochID, RequesterID: r.Requester,
		Lines: lines, Signature: by.Signature, RequestedOn: s.today(),
	}
	if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
		return nil, err
	}
	return o, transparency.Append(ctx, tx, transparency.Leaf(lines+signatureLines("signature", []Signature{by})))
}

// AnswerOpening stores a colleague's share for the one who asked; given again, it takes the place of the one before. Errors: ErrStale when nobody asks any more,
// ErrNotMember, ErrSignature, ErrRecord for a file that is no share.
func (s *Store) AnswerOpening(ctx context.Context, clinicID, openingID string, file []byte, by Signature) error {
	if uuid.Validate(openingID) != nil {
		return ErrStale
	}
	if len(file) == 0 || len(file) > maxWrap {
		return fmt.Errorf("%w: the share is empty or too large", ErrRecord)
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var o Opening
		err := tx.NewSelect().Model(&o).Where("id = ?", openingID).Where("clinic_id = ?", clinicID).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrStale
		}
		if err != nil {
			return err
		}
		_, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if panel.Member(by.ReviewerID) == nil || by.ReviewerID == o.RequesterID {
			return ErrNotMember
		}
		if !VerifyShare(panel, o.Lines, file, by) {
			return ErrSignature
		}
		row := &OpeningAnswer{OpeningID: o.ID, ReviewerID: by.ReviewerID, File: file, Signature: by.Signature}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (opening_id, reviewer_id) DO UPDATE").
			Set("file = EXCLUDED.file").Set("signature = EXCLUDED.signature").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("answer opening: %w", err)
	}
	return nil
}

// Openings lists requests that still wait, the newest first. Only the one who asked is given the sealed shares.
func (s *Store) Openings(ctx context.Context, clinicID, reviewerID string) ([]Opening, error) {
	var openings []Opening
	err := s.db(ctx).NewSelect().Model(&openings).
		Where("clinic_id = ?", clinicID).
		Where("requested_on >= ?", s.today().AddDate(0, 0, -openingDays)).
		Order("requested_on DESC", "id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list openings: %w", err)
	}
	for i := range openings {
		o := &openings[i]
		if err := s.db(ctx).NewSelect().Model(&o.Answers).Where("opening_id = ?", o.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return nil, fmt.Errorf("list answers: %w", err)
		}
		for j := range o.Answers {
			if o.RequesterID != reviewerID {
				o.Answers[j].File = nil
			}
		}
	}
	return openings, nil
}

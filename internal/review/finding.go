package review

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/account"
)

const (
	labelFinding = "answerable/v1/finding"       // without its day: an older program's
	labelDated   = "answerable/v1/dated-finding" // with it
)

// Forms of a finding, from the one that says least. Which one a writer allows is sealed, and the panel's clients hold to it.
var findingForms = []string{"theme", "paraphrase", "quote", "public"}

// mustNots are what goes along with words for the clinic to keep to, of what a writer said must not happen.
var mustNots = []string{"do_not_call_police", "do_not_change_my_care", "do_not_put_in_my_notes"}

// maxWords bounds the words of a finding, in bytes: as much as a small message holds.
const maxWords = 16384

// ObjectionDays is how many whole days every member has to object: neither the day of the decision nor today is one.
const ObjectionDays = 2

// Finding is what of a message may be read outside the panel.
type Finding struct {
	bun.BaseModel `bun:"table:finding"`

	ID          string     `bun:"id,pk"`
	LeafHash    []byte     `bun:"leaf_hash"`
	Form        string     `bun:"form"`
	Words       string     `bun:"words"`          // in the clear; "" where the form has none
	Themes      []string   `bun:"themes,array"`   // of the form theme alone
	MustNot     []string   `bun:"must_not,array"` // with words alone: what the writer said must not happen, for the clinic alone
	Sharing     []byte     `bun:"sharing"`        // hash of the sealed decision it comes from
	AuthorID    string     `bun:"author_id"`
	Signature   []byte     `bun:"signature"`
	FoundOn     time.Time  `bun:"found_on,type:date"`
	RetractedOn *time.Time `bun:"retracted_on,type:date"`
}

// Lines is the text that the member who posts a finding signs: that its words are those that were decided on, and that the
// writer allows them in this form. Its day is none of it: an older program signs no more than this.
func (f *Finding) Lines(clinicID string) string {
	all := f.said(clinicID)
	if len(f.MustNot) > 0 {
		all = append(all, strings.Join(f.MustNot, " "))
	}
	return lines(all...)
}

// DatedLines is the text that is signed with the day on which it is posted.
func (f *Finding) DatedLines(clinicID string) string {
	return lines(append(f.said(clinicID), listed(f.MustNot), f.FoundOn.Format(time.DateOnly))...)
}

func (f *Finding) said(clinicID string) []string {
	b64, words := base64.StdEncoding.EncodeToString, sha256.Sum256([]byte(f.Words))
	return []string{clinicID, b64(f.LeafHash), f.Form, b64(words[:]), listed(f.Themes), b64(f.Sharing)}
}

func listed(codes []string) string {
	if len(codes) == 0 {
		return "-"
	}
	return strings.Join(codes, " ")
}

// Sign signs a finding, with its day where it has one.
func (f *Finding) Sign(key ed25519.PrivateKey, clinicID string) []byte {
	if f.FoundOn.IsZero() {
		return sign(key, labelFinding, f.Lines(clinicID))
	}
	return sign(key, labelDated, f.DatedLines(clinicID))
}

// Verify reports whether the holder of key signed the finding, with its day or, as an older program does, without one.
func (f *Finding) Verify(key ed25519.PublicKey, clinicID string, signature []byte) bool {
	dated := !f.FoundOn.IsZero() && verify(key, labelDated, f.DatedLines(clinicID), signature)
	return dated || verify(key, labelFinding, f.Lines(clinicID), signature)
}

func (f *Finding) check() error {
	if len(f.LeafHash) != 32 || len(f.Sharing) != 32 || !slices.Contains(findingForms, f.Form) {
		return fmt.Errorf("%w: the form or a hash", ErrFacts)
	}
	if !codesInOrder(f.Themes, codePattern) {
		return fmt.Errorf("%w: the themes are not codes in order, each once", ErrFacts)
	}
	if len(f.Themes) > 0 && f.Form != "theme" {
		return fmt.Errorf("%w: words go out without themes", ErrFacts)
	}
	unknown := func(code string) bool { return !slices.Contains(mustNots, code) }
	if len(f.MustNot) > 0 && !codesInOrder(f.MustNot, codePattern) || slices.ContainsFunc(f.MustNot, unknown) || len(f.MustNot) > 0 && f.Form == "theme" {
		return fmt.Errorf("%w: what must not happen", ErrFacts)
	}
	if len(f.Words) > maxWords || !utf8.ValidString(f.Words) || strings.ContainsRune(f.Words, 0) || (f.Form == "theme") != (strings.TrimSpace(f.Words) == "") {
		return fmt.Errorf("%w: the words do not fit the form, or are too long", ErrFacts)
	}
	return nil
}

// Find puts what may be read of a message into the clear. The same finding again gives the same id. Errors: ErrGone,
// ErrRecused, ErrFacts, ErrSignature, ErrEarly, ErrDay where it is signed for another day than today, ErrFrozen while another finding
// stands, and ErrTakenBack when one of this decision was taken back. ErrEarly: fewer than two coders agree, nobody checked, the decision named is not the
// newest, whoever checked or decided has stepped back, or members may object yet.
func (s *Store) Find(ctx context.Context, clinicID string, by *account.Reviewer, f *Finding) (id string, err error) {
	if err := f.check(); err != nil {
		return "", err
	}
	if !f.Verify(by.VerifyKey, clinicID, f.Signature) {
		return "", ErrSignature
	}
	if !f.FoundOn.IsZero() && !f.FoundOn.Equal(s.today()) {
		return "", ErrDay
	}
	leaf := [32]byte(f.LeafHash)
	err = s.onMessage(ctx, clinicID, by.ID, leaf, func(ctx context.Context, tx bun.Tx) error {
		var had []Finding
		if err := tx.NewSelect().Model(&had).Where("leaf_hash = ?", leaf[:]).Scan(ctx); err != nil {
			return fmt.Errorf("list findings: %w", err)
		}
		for _, other := range had {
			if other.RetractedOn == nil && other.Lines(clinicID) == f.Lines(clinicID) {
				id = other.ID
				return nil
			}
			if other.RetractedOn == nil {
				return ErrFrozen
			}
			if string(other.Sharing) == string(f.Sharing) {
				return ErrTakenBack
			}
		}
		if err := s.mayFind(ctx, tx, leaf, f.Sharing); err != nil {
			return err
		}
		row := *f
		row.MustNot = append([]string{}, f.MustNot...)
		row.ID, row.AuthorID, row.FoundOn = uuid.NewString(), by.ID, s.today()
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return fmt.Errorf("keep finding: %w", err)
		}
		id = row.ID
		return nil
	})
	return id, err
}

// mayFind holds what can be seen here of the way to a finding. An objection is a sharing file like a decision, so each of them
// begins the days anew.
func (s *Store) mayFind(ctx context.Context, tx bun.Tx, leaf [32]byte, decision []byte) error {
	board, err := boardOf(ctx, tx, leaf)
	if err != nil {
		return err
	}
	if err := board.agreed(); err != nil {
		return err
	}
	if !board.checked() {
		return ErrEarly
	}
	var sharings []File
	err = tx.NewSelect().Model(&sharings).ExcludeColumn("file").Where("leaf_hash = ?", leaf[:]).Where("kind = ?", KindSharing).Scan(ctx)
	if err != nil {
		return fmt.Errorf("list decisions: %w", err)
	}
	named := slices.IndexFunc(sharings, func(f File) bool { return string(f.FileHash) == string(decision) })
	if named < 0 {
		return ErrEarly
	}
	of := sharings[named]
	if board.Stepped[of.AuthorID] {
		return ErrEarly
	}
	for _, other := range sharings {
		if other.WrittenOn.After(of.WrittenOn) || other.AuthorID == of.AuthorID && other.N > of.N {
			return ErrEarly
		}
	}
	if s.today().Before(of.WrittenOn.AddDate(0, 0, ObjectionDays+1)) {
		return ErrEarly
	}
	return nil
}

// Findings are those of a clinic that stand, in order of their ids, which are random: for a member of its panel, and without
// those on messages that the member has stepped back from.
func (s *Store) Findings(ctx context.Context, clinicID, reviewerID string) ([]Finding, error) {
	var rows []Finding
	err := s.db(ctx).NewSelect().Model(&rows).
		Join("JOIN submission ON submission.leaf_hash = finding.leaf_hash").
		Where("submission.clinic_id = ?", clinicID).
		Where("finding.retracted_on IS NULL").
		Where(notRecused, reviewerID).
		Order("finding.id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	return rows, nil
}

// Retract takes a finding back: its words and themes, and what went along, are gone at once. The decision behind it cannot
// bring it back; a new one can. Any member may who has not stepped back. Errors: ErrGone, ErrRecused.
func (s *Store) Retract(ctx context.Context, clinicID, reviewerID, id string) error {
	if uuid.Validate(id) != nil {
		return ErrGone
	}
	var leaf []byte
	err := s.db(ctx).NewSelect().Model((*Finding)(nil)).Column("finding.leaf_hash").
		Join("JOIN submission ON submission.leaf_hash = finding.leaf_hash").
		Where("submission.clinic_id = ?", clinicID).
		Where("finding.id = ?", id).Scan(ctx, &leaf)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("look up finding: %w", err)
	}
	return s.onMessage(ctx, clinicID, reviewerID, [32]byte(leaf), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*Finding)(nil)).Set("words = ''").Set("themes = '{}'").Set("must_not = '{}'").Set("retracted_on = ?", s.today()).
			Where("id = ?", id).Where("retracted_on IS NULL").Exec(ctx)
		if err != nil {
			return fmt.Errorf("retract finding: %w", err)
		}
		return nil
	})
}

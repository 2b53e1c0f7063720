// Package liaison knows who speaks for a clinic here: people of the clinic, each of whom is a role and no name.
//
// A liaison opens nothing sealed, so they need no key. They sign in as a writer comes back: with eight words that this place
// draws for them. There is no password to choose, to guess or to take from elsewhere, and the page works without script.
// Whoever holds the words can speak for the clinic, and do nothing else.
//
// It promises that the database holds nothing with which one could sign in, and that an account of the clinic's side is never
// one of the panel's: the two have tables, cookies and invitations of their own, and neither opens anything of the other.
//
// It cannot know whether one person holds one of each. The panel sees which roles are there.
package liaison

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/postgres"
	"answerable/internal/seal"
)

const (
	// SessionLifetime is how long a liaison stays signed in.
	SessionLifetime = 8 * time.Hour
	// invitationDays is how long an invitation can be used.
	invitationDays = 14
	maxRole        = 400 // bytes

	labelInvitation = "answerable/v1/liaison-invitation\n"
	labelWords      = "answerable/v1/liaison-words\n"

	kindInvitation = "invitation"
	kindWords      = "words"
)

// Errors that somebody can act on.
var (
	ErrInvitation = errors.New("invitation unknown, used or too old")
	ErrWords      = errors.New("these words open nothing here")
	ErrSession    = errors.New("not signed in")
	ErrUnknown    = errors.New("no such liaison here")
	ErrRole       = errors.New("a role has 1 to 400 bytes of text, such as: practice manager")
)

// Liaison is somebody who speaks for a clinic. Role says what they are there; there is no name.
type Liaison struct {
	bun.BaseModel `bun:"table:liaison"`

	ID        string     `bun:"id,pk"`
	ClinicID  string     `bun:"clinic_id"`
	Role      string     `bun:"role"`
	InvitedOn time.Time  `bun:"invited_on,type:date"`
	JoinedOn  *time.Time `bun:"joined_on,type:date"` // nil while the invitation waits
	LeftOn    *time.Time `bun:"left_on,type:date"`
}

// Key is the hash of an invitation, or of the words with which a liaison signs in.
type Key struct {
	bun.BaseModel `bun:"table:liaison_key"`

	Hash      []byte     `bun:"hash,pk"`
	LiaisonID string     `bun:"liaison_id"`
	ClinicID  string     `bun:"clinic_id"`
	Kind      string     `bun:"kind"`
	EndsOn    *time.Time `bun:"ends_on,type:date"` // of an invitation
}

// Session is a signed-in liaison. The cookie holds the token, the table its hash.
type Session struct {
	bun.BaseModel `bun:"table:liaison_session"`

	TokenHash []byte    `bun:"token_hash,pk"`
	LiaisonID string    `bun:"liaison_id"`
	ClinicID  string    `bun:"clinic_id"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// Store keeps liaisons. Inviting, joining, signing in and removing are work of the whole place: they stand outside every
// clinic's walls.
type Store struct {
	DB  *bun.DB
	Now func() time.Time
}

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// Invite makes a place for a liaison of a clinic, and the code that takes it, once, within 14 days. Errors: ErrRole.
func (s *Store) Invite(ctx context.Context, clinicID, role string) (code string, l *Liaison, err error) {
	role = strings.TrimSpace(role)
	if role == "" || len(role) > maxRole || !utf8.ValidString(role) || strings.ContainsAny(role, "\x00\r\n") {
		return "", nil, ErrRole
	}
	code = account.NewCode()
	l = &Liaison{ID: uuid.NewString(), ClinicID: clinicID, Role: role, InvitedOn: s.today()}
	ends := s.today().AddDate(0, 0, invitationDays)
	key := &Key{Hash: hashOf(labelInvitation, []byte(code)), LiaisonID: l.ID, ClinicID: clinicID, Kind: kindInvitation, EndsOn: &ends}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(l).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(key).Exec(ctx)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("invite liaison: %w", err)
	}
	return code, l, nil
}

func hashOf(label string, secret []byte) []byte {
	hash := sha256.Sum256(append([]byte(label), secret...))
	return hash[:]
}

// Join uses an invitation up and draws the words with which its liaison signs in from now on. They are shown this once: here
// is only their hash. Errors: ErrInvitation.
func (s *Store) Join(ctx context.Context, code string) (words seal.Receipt, err error) {
	words, err = seal.NewReceipt(rand.Reader)
	if err != nil {
		return words, err
	}
	code = strings.ToLower(strings.TrimSpace(code))
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var spent Key
		err := tx.NewDelete().Model(&spent).
			Where("hash = ?", hashOf(labelInvitation, []byte(code))).
			Where("kind = ?", kindInvitation).
			Where("ends_on >= ?", s.today()).
			Returning("liaison_id, clinic_id").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrInvitation
		}
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model((*Liaison)(nil)).Set("joined_on = ?", s.today()).Where("id = ?", spent.LiaisonID).Exec(ctx)
		if err != nil {
			return err
		}
		key := &Key{Hash: hashOf(labelWords, words[:]), LiaisonID: spent.LiaisonID, ClinicID: spent.ClinicID, Kind: kindWords}
		_, err = tx.NewInsert().Model(key).Exec(ctx)
		return err
	})
	if err != nil {
		return seal.Receipt{}, fmt.Errorf("join as liaison: %w", err)
	}
	return words, nil
}

// SignIn opens a session for whoever holds a liaison's words, and sweeps old ones away. Errors: ErrWords.
func (s *Store) SignIn(ctx context.Context, words seal.Receipt) (token string, err error) {
	_, err = s.DB.NewDelete().Model((*Session)(nil)).Where("expires_at < ?", s.Now()).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("sweep sessions: %w", err)
	}
	var key Key
	err = s.DB.NewSelect().Model(&key).Where("hash = ?", hashOf(labelWords, words[:])).Where("kind = ?", kindWords).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrWords
	}
	if err != nil {
		return "", fmt.Errorf("look for words: %w", err)
	}
	token, hash := account.NewToken()
	row := &Session{TokenHash: hash, LiaisonID: key.LiaisonID, ClinicID: key.ClinicID, ExpiresAt: s.Now().Add(SessionLifetime)}
	if _, err := s.DB.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

// Session finds who a token belongs to. Errors: ErrSession.
func (s *Store) Session(ctx context.Context, token string) (*Session, error) {
	hash := account.HashToken(token)
	if hash == nil {
		return nil, ErrSession
	}
	var row Session
	err := s.DB.NewSelect().Model(&row).Where("token_hash = ?", hash).Where("expires_at >= ?", s.Now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrSession
	}
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	return &row, nil
}

// SignOut ends a session.
func (s *Store) SignOut(ctx context.Context, token string) error {
	if _, err := s.DB.NewDelete().Model((*Session)(nil)).Where("token_hash = ?", account.HashToken(token)).Exec(ctx); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Of is a clinic's liaison who has joined and not left. Errors: ErrUnknown.
func (s *Store) Of(ctx context.Context, clinicID, id string) (*Liaison, error) {
	var l Liaison
	err := postgres.Within(ctx, s.DB).NewSelect().Model(&l).
		Where("id = ?", id).
		Where("clinic_id = ?", clinicID).
		Where("joined_on IS NOT NULL").
		Where("left_on IS NULL").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("find liaison: %w", err)
	}
	return &l, nil
}

// List gives a clinic's liaisons, those who left last.
func (s *Store) List(ctx context.Context, clinicID string) ([]Liaison, error) {
	var rows []Liaison
	err := postgres.Within(ctx, s.DB).NewSelect().Model(&rows).Where("clinic_id = ?", clinicID).
		OrderExpr("left_on IS NOT NULL, role, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list liaisons: %w", err)
	}
	return rows, nil
}

// Remove ends a liaison's account: invitation, words and sign-ins are gone at once. What they wrote stays, under their role.
// Errors: ErrUnknown.
func (s *Store) Remove(ctx context.Context, clinicID, id string) error {
	if uuid.Validate(id) != nil {
		return ErrUnknown
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Model((*Liaison)(nil)).Set("left_on = ?", s.today()).
			Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("left_on IS NULL").Exec(ctx)
		if err != nil {
			return fmt.Errorf("remove liaison: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrUnknown
		}
		for _, model := range []any{(*Key)(nil), (*Session)(nil)} {
			if _, err := tx.NewDelete().Model(model).Where("liaison_id = ?", id).Exec(ctx); err != nil {
				return fmt.Errorf("remove liaison: %w", err)
			}
		}
		return nil
	})
}

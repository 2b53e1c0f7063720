// Package account knows the people who sign in. A reviewer is a key: the one they sign in with is derived from their
// age identity, so there is no password to steal, no name to leak and no challenge that would make a reviewer's browser
// decrypt something on a server's request.
//
// It promises that a sign-in can be used once, at the place it was made for, within two minutes; and that the database
// holds nothing with which one could sign in.
//
// It leaves to keyring which reviewers sit on which panel with what rights, and to web the cookie.
package account

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

const (
	labelLogin     = "answerable/v1/login"
	labelEnrol     = "answerable/v1/enrol"
	saltReviewer   = "answerable/v1/reviewer"
	infoSigning    = "sign/ed25519"
	nonceLifetime  = 10 * time.Minute // between asking for a nonce and using it
	signInLifetime = 120 * time.Second
	// SessionLifetime is how long a reviewer stays signed in.
	SessionLifetime = 8 * time.Hour
	// invitationDays is how long an invitation to a panel can be used.
	invitationDays = 14
)

// SigningKey derives the key a reviewer signs with from the 32 bytes of their age identity.
func SigningKey(seed [32]byte) ed25519.PrivateKey {
	derived, err := hkdf.Key(sha256.New, seed[:], []byte(saltReviewer), infoSigning, ed25519.SeedSize)
	if err != nil {
		panic(err) // only for lengths that are constants here
	}
	return ed25519.NewKeyFromSeed(derived)
}

// ReviewerID names a reviewer by their key: "r" and the first eight characters of lower-case base32 of its SHA-256.
func ReviewerID(key ed25519.PublicKey) string {
	hash := sha256.Sum256(key)
	return "r" + strings.ToLower(base32.StdEncoding.EncodeToString(hash[:]))[:8]
}

// SignInText is what a reviewer signs: the place as their browser or terminal sees it, who they are, the server's
// nonce and when the text stops being good, in Unix seconds.
func SignInText(origin, reviewer string, nonce [32]byte, expires time.Time) []byte {
	return []byte(strings.Join([]string{
		labelLogin, origin, reviewer, base64.RawURLEncoding.EncodeToString(nonce[:]),
		strconv.FormatInt(expires.Unix(), 10), "",
	}, "\n"))
}

// EnrolText is what a new reviewer signs to show that they hold the key they bring.
func EnrolText(invitation, recipient string) []byte {
	return []byte(labelEnrol + "\n" + invitation + "\n" + recipient + "\n")
}

// Errors a visitor can act on.
var (
	ErrSignIn     = errors.New("sign-in refused")
	ErrSession    = errors.New("not signed in")
	ErrInvitation = errors.New("invitation unknown, used or too old")
	ErrKnown      = errors.New("this key is enrolled already")
	ErrNotSteward = errors.New("not a steward of this place")
)

// Reviewer is two public keys. ID is ReviewerID of VerifyKey.
type Reviewer struct {
	bun.BaseModel `bun:"table:reviewer"`

	ID        string            `bun:"id,pk"`
	Recipient string            `bun:"recipient"`
	VerifyKey ed25519.PublicKey `bun:"verify_key,type:bytea"`
}

// Nonce is a server nonce that waits to be signed. Its fine time belongs to a reviewer, never to a writer.
type Nonce struct {
	bun.BaseModel `bun:"table:sign_in_nonce"`

	Nonce     []byte    `bun:"nonce,pk"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// Session is a signed-in reviewer. The cookie holds the token, the table its hash.
type Session struct {
	bun.BaseModel `bun:"table:session"`

	TokenHash  []byte    `bun:"token_hash,pk"`
	ReviewerID string    `bun:"reviewer_id"`
	ExpiresAt  time.Time `bun:"expires_at"`
	Device     string    `bun:"device"` // the name the reviewer gave it, at most 60 characters
	SignedInOn time.Time `bun:"signed_in_on,type:date"`
}

// Invitation to a clinic's panel or, without a clinic, to the stewards. Kept as a hash.
type Invitation struct {
	bun.BaseModel `bun:"table:invitation"`

	CodeHash  []byte    `bun:"code_hash,pk"`
	ClinicID  *string   `bun:"clinic_id"`
	ExpiresOn time.Time `bun:"expires_on,type:date"`
}

// Steward runs the instance: invites, sets up, reads nothing.
type Steward struct {
	bun.BaseModel `bun:"table:steward"`

	ReviewerID string    `bun:"reviewer_id,pk"`
	Since      time.Time `bun:"since,type:date"`
}

// PasskeyFile is a reviewer's identity locked to a passkey of theirs: an age file that opens nowhere else.
type PasskeyFile struct {
	bun.BaseModel `bun:"table:passkey_file"`

	CredentialID []byte    `bun:"credential_id,pk"`
	ReviewerID   string    `bun:"reviewer_id"`
	Name         string    `bun:"name"` // the name the reviewer gave it, at most 60 characters
	File         []byte    `bun:"file"` // at most 4096 bytes
	AddedOn      time.Time `bun:"added_on,type:date"`
}

// Store keeps reviewers, nonces and sessions. Origins are the web origins (scheme, host, port) at which signing in is
// allowed: a signature made for another place is refused.
type Store struct {
	DB      *bun.DB
	Origins []string
	Now     func() time.Time
}

// NewNonce makes a nonce for one sign-in and sweeps old ones away.
func (s *Store) NewNonce(ctx context.Context) ([32]byte, error) {
	var nonce [32]byte
	rand.Read(nonce[:])
	_, err := s.DB.NewDelete().Model((*Nonce)(nil)).Where("expires_at < ?", s.Now()).Exec(ctx)
	if err != nil {
		return nonce, fmt.Errorf("sweep nonces: %w", err)
	}
	row := &Nonce{Nonce: nonce[:], ExpiresAt: s.Now().Add(nonceLifetime)}
	if _, err := s.DB.NewInsert().Model(row).Exec(ctx); err != nil {
		return nonce, fmt.Errorf("store nonce: %w", err)
	}
	return nonce, nil
}

// SignIn checks a signed text and opens a session. The nonce is spent whatever the outcome. The error is ErrSignIn for
// everything a stranger could try, without saying which part was wrong. device is the name that the reviewer gives the place,
// "" for none.
func (s *Store) SignIn(ctx context.Context, text, signature []byte, device string) (token string, reviewer *Reviewer, err error) {
	in, err := parseSignIn(string(text))
	if err != nil {
		return "", nil, ErrSignIn
	}
	if err := s.spendNonce(ctx, in.nonce); err != nil {
		return "", nil, err
	}
	now := s.Now()
	if !slices.Contains(s.Origins, in.origin) || now.After(in.expires) || in.expires.After(now.Add(signInLifetime+5*time.Second)) {
		return "", nil, ErrSignIn
	}
	reviewer, err = s.Reviewer(ctx, s.DB, in.reviewer)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, ErrSignIn
	}
	if err != nil {
		return "", nil, err
	}
	if !ed25519.Verify(reviewer.VerifyKey, text, signature) {
		return "", nil, ErrSignIn
	}
	token, err = s.openSession(ctx, reviewer.ID, device)
	return token, reviewer, err
}

var reviewerID = regexp.MustCompile(`^r[a-z2-7]{8}$`)

type signIn struct {
	origin, reviewer string
	nonce            []byte
	expires          time.Time
}

func parseSignIn(text string) (*signIn, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[0] != labelLogin || lines[5] != "" || !reviewerID.MatchString(lines[2]) {
		return nil, errors.New("not a sign-in text")
	}
	nonce, err := base64.RawURLEncoding.Strict().DecodeString(lines[3])
	if err != nil || len(nonce) != 32 {
		return nil, errors.New("nonce does not read")
	}
	seconds, err := strconv.ParseInt(lines[4], 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != lines[4] {
		return nil, errors.New("time does not read")
	}
	return &signIn{origin: lines[1], reviewer: lines[2], nonce: nonce, expires: time.Unix(seconds, 0)}, nil
}

func (s *Store) spendNonce(ctx context.Context, nonce []byte) error {
	res, err := s.DB.NewDelete().Model((*Nonce)(nil)).Where("nonce = ?", nonce).Where("expires_at >= ?", s.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("spend nonce: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return ErrSignIn
	}
	return nil
}

func (s *Store) openSession(ctx context.Context, reviewer, device string) (string, error) {
	token, hash := NewToken()
	row := &Session{TokenHash: hash, ReviewerID: reviewer, ExpiresAt: s.Now().Add(SessionLifetime), Device: cleanName(device), SignedInOn: s.Now().UTC()}
	if _, err := s.DB.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

// Session finds who a token belongs to. ErrSession when nobody, or when it has ended.
func (s *Store) Session(ctx context.Context, token string) (*Reviewer, error) {
	hash := HashToken(token)
	if hash == nil {
		return nil, ErrSession
	}
	var reviewer Reviewer
	err := s.DB.NewSelect().Model(&reviewer).
		Join("JOIN session AS s ON s.reviewer_id = reviewer.id").
		Where("s.token_hash = ?", hash).
		Where("s.expires_at >= ?", s.Now()).
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrSession
	}
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	return &reviewer, nil
}

// SignOut ends a session, and sweeps away those that have ended by themselves.
func (s *Store) SignOut(ctx context.Context, token string) error {
	_, err := s.DB.NewDelete().Model((*Session)(nil)).
		Where("token_hash = ?", HashToken(token)).
		WhereOr("expires_at < ?", s.Now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Reviewer finds a reviewer; the error wraps sql.ErrNoRows when there is none.
func (s *Store) Reviewer(ctx context.Context, db bun.IDB, id string) (*Reviewer, error) {
	var r Reviewer
	if err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find reviewer: %w", err)
	}
	return &r, nil
}

// Invite makes a one-time invitation to a clinic's panel, good for 14 days. Only its hash is kept.
func (s *Store) Invite(ctx context.Context, clinicID string) (code string, err error) {
	return s.invite(ctx, &clinicID)
}

// InviteSteward makes a one-time invitation to the stewards, good for 14 days.
func (s *Store) InviteSteward(ctx context.Context) (code string, err error) {
	return s.invite(ctx, nil)
}

func (s *Store) invite(ctx context.Context, clinicID *string) (string, error) {
	code := NewCode()
	row := &Invitation{CodeHash: invitationHash(code), ClinicID: clinicID, ExpiresOn: s.Now().UTC().AddDate(0, 0, invitationDays)}
	if _, err := s.DB.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", fmt.Errorf("store invitation: %w", err)
	}
	return code, nil
}

// CountInvitations says how many invitations to a clinic's panel are good and not used yet.
func (s *Store) CountInvitations(ctx context.Context, clinicID string) (int, error) {
	n, err := s.DB.NewSelect().Model((*Invitation)(nil)).
		Where("clinic_id = ?", clinicID).
		Where("expires_on >= ?", s.Now().UTC().Format(time.DateOnly)).
		Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count invitations: %w", err)
	}
	return int(n), nil
}

func invitationHash(code string) []byte {
	hash := sha256.Sum256([]byte(code))
	return hash[:]
}

// SpendInvitation uses an invitation up. It returns the clinic whose panel it led to, or "" when it led to the stewards;
// ErrInvitation when it is not good.
func (s *Store) SpendInvitation(ctx context.Context, tx bun.IDB, code string) (clinicID string, err error) {
	var spent Invitation
	err = tx.NewDelete().Model(&spent).
		Where("code_hash = ?", invitationHash(code)).
		Where("expires_on >= ?", s.Now().UTC().Format(time.DateOnly)).
		Returning("clinic_id").
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrInvitation
	}
	if err != nil {
		return "", fmt.Errorf("spend invitation: %w", err)
	}
	if spent.ClinicID == nil {
		return "", nil
	}
	return *spent.ClinicID, nil
}

// AddSteward makes a reviewer a steward. One who is one already stays one, and added is false.
func (s *Store) AddSteward(ctx context.Context, tx bun.IDB, reviewerID string) (added bool, err error) {
	row := &Steward{ReviewerID: reviewerID, Since: s.Now().UTC()}
	res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("add steward: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// RequireSteward is ErrNotSteward for everybody else.
func (s *Store) RequireSteward(ctx context.Context, reviewerID string) error {
	is, err := s.IsSteward(ctx, reviewerID)
	if err == nil && !is {
		return ErrNotSteward
	}
	return err
}

// IsSteward says whether a reviewer keeps this house.
func (s *Store) IsSteward(ctx context.Context, reviewerID string) (bool, error) {
	is, err := s.DB.NewSelect().Model((*Steward)(nil)).Where("reviewer_id = ?", reviewerID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find steward: %w", err)
	}
	return is, nil
}

// HasSteward says whether anybody keeps this house yet.
func (s *Store) HasSteward(ctx context.Context) (bool, error) {
	return s.DB.NewSelect().Model((*Steward)(nil)).Exists(ctx)
}

// Register keeps a reviewer's two public keys. A key that is here already is left as it is, so that one person can sit
// on several panels; ErrKnown when only one of the two keys is known, which no honest client brings about.
func (s *Store) Register(ctx context.Context, tx bun.IDB, recipient string, key ed25519.PublicKey) (*Reviewer, error) {
	r := &Reviewer{ID: ReviewerID(key), Recipient: recipient, VerifyKey: key}
	if _, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return nil, fmt.Errorf("store reviewer: %w", err)
	}
	var kept Reviewer
	err := tx.NewSelect().Model(&kept).Where("id = ?", r.ID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (kept.Recipient != recipient || !kept.VerifyKey.Equal(key)) {
		return nil, ErrKnown
	}
	if err != nil {
		return nil, fmt.Errorf("find reviewer: %w", err)
	}
	return &kept, nil
}

package account

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

const (
	maxName     = 60 // characters of a name that a reviewer gives a device or a passkey
	maxPasskeys = 10 // of one reviewer
	maxFile     = 4096
)

// passkeyStart is how every file begins that opens with a passkey and nothing else.
var passkeyStart = []byte("age-encryption.org/v1\n-> age-encryption.org/fido2prf ")

// Errors a reviewer can act on.
var (
	ErrPasskey        = errors.New("not a passkey file")
	ErrTooMany        = errors.New("too many passkeys")
	ErrUnknownPasskey = errors.New("no file for this passkey here")
	ErrUnknownSession = errors.New("no such sign-in")
)

// cleanName is a name as it is kept: without edges, at most 60 characters.
func cleanName(name string) string {
	name = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), ""))
	if utf8.RuneCountInString(name) > maxName {
		name = string([]rune(name)[:maxName])
	}
	return name
}

// SignedIn is one place at which a reviewer is signed in. ID names it to that reviewer only and opens nothing.
type SignedIn struct {
	ID     string
	Device string
	On     time.Time // the day
	Here   bool      // the sign-in that asks
}

// Sessions lists where a reviewer is signed in, newest day first. token is that of the one who asks.
func (s *Store) Sessions(ctx context.Context, reviewerID, token string) ([]SignedIn, error) {
	var rows []Session
	err := s.DB.NewSelect().Model(&rows).
		Where("reviewer_id = ?", reviewerID).
		Where("expires_at >= ?", s.Now()).
		Order("signed_in_on DESC", "token_hash").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	here := HashToken(token)
	list := make([]SignedIn, 0, len(rows))
	for _, row := range rows {
		list = append(list, SignedIn{hex.EncodeToString(row.TokenHash[:8]), row.Device, row.SignedInOn, bytes.Equal(row.TokenHash, here)})
	}
	return list, nil
}

// EndSession signs a reviewer out somewhere. Errors: ErrUnknownSession.
func (s *Store) EndSession(ctx context.Context, reviewerID, id string) error {
	prefix, err := hex.DecodeString(id)
	if err != nil || len(prefix) != 8 {
		return ErrUnknownSession
	}
	res, err := s.DB.NewDelete().Model((*Session)(nil)).
		Where("reviewer_id = ?", reviewerID).
		Where("substr(token_hash, 1, 8) = ?", prefix).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrUnknownSession
	}
	return nil
}

// AddPasskey keeps a reviewer's identity locked to a passkey of theirs. The same file again, after an answer that was lost, is
// kept once. Errors: ErrPasskey for anything else, ErrTooMany.
func (s *Store) AddPasskey(ctx context.Context, reviewerID string, credential []byte, name string, file []byte) error {
	if len(credential) < 16 || len(credential) > 1023 || len(file) > maxFile || !bytes.HasPrefix(file, passkeyStart) {
		return ErrPasskey
	}
	row := &PasskeyFile{CredentialID: credential, ReviewerID: reviewerID, Name: cleanName(name), File: file, AddedOn: s.Now().UTC()}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw(`SELECT FROM reviewer WHERE id = ? FOR UPDATE`, reviewerID).Exec(ctx); err != nil {
			return err
		}
		again, err := tx.NewSelect().Model((*PasskeyFile)(nil)).
			Where("credential_id = ?", credential).
			Where("reviewer_id = ?", reviewerID).
			Where("file = ?", file).
			Exists(ctx)
		if err != nil || again {
			return err
		}
		n, err := tx.NewSelect().Model((*PasskeyFile)(nil)).Where("reviewer_id = ?", reviewerID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxPasskeys {
			return ErrTooMany
		}
		res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrPasskey // the credential is in use already, which no honest browser brings about
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add passkey: %w", err)
	}
	return nil
}

// Passkeys lists a reviewer's passkeys, without their files.
func (s *Store) Passkeys(ctx context.Context, reviewerID string) ([]PasskeyFile, error) {
	var rows []PasskeyFile
	err := s.DB.NewSelect().Model(&rows).ExcludeColumn("file").Where("reviewer_id = ?", reviewerID).Order("added_on", "credential_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return rows, nil
}

// RemovePasskey forgets a file. Errors: ErrUnknownPasskey.
func (s *Store) RemovePasskey(ctx context.Context, reviewerID string, credential []byte) error {
	res, err := s.DB.NewDelete().Model((*PasskeyFile)(nil)).Where("reviewer_id = ?", reviewerID).Where("credential_id = ?", credential).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove passkey: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrUnknownPasskey
	}
	return nil
}

// PasskeyFile gives the file that a passkey opens, to whoever can name the passkey: a random number that only the device
// with the passkey knows. It is asked for before anybody has signed in. Errors: ErrUnknownPasskey.
func (s *Store) PasskeyFile(ctx context.Context, credential []byte) ([]byte, error) {
	var row PasskeyFile
	err := s.DB.NewSelect().Model(&row).Column("file").Where("credential_id = ?", credential).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrUnknownPasskey
	}
	if err != nil {
		return nil, fmt.Errorf("find passkey file: %w", err)
	}
	return row.File, nil
}

// LookAtInvitation says where an invitation leads without using it up: to a clinic's panel, or to the stewards when the
// answer is "". Errors: ErrInvitation.
func (s *Store) LookAtInvitation(ctx context.Context, code string) (clinicID string, err error) {
	var row Invitation
	err = s.DB.NewSelect().Model(&row).
		Where("code_hash = ?", invitationHash(code)).
		Where("expires_on >= ?", s.Now().UTC().Format(time.DateOnly)).
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrInvitation
	}
	if err != nil {
		return "", fmt.Errorf("find invitation: %w", err)
	}
	if row.ClinicID == nil {
		return "", nil
	}
	return *row.ClinicID, nil
}

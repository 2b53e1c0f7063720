package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/seal"
)

// serverKeys are what a server signs with and recognises things by. None of them opens anything that people wrote.
type serverKeys struct {
	log       note.Signer
	logKey    string // verifier key of log
	ticket    note.Signer
	ticketKey string // verifier key of ticket
	secret    []byte // 32 bytes
}

// keyFiles says where the keys lie.
type keyFiles struct{ log, ticket, secret string }

// keyFiles gives the files named, or those below Data.
func (c *Config) keyFiles() keyFiles {
	files := keyFiles{c.LogKeyFile, c.TicketKeyFile, c.ServerSecretFile}
	if !c.Embedded {
		return files
	}
	for _, f := range []struct {
		path *string
		name string
	}{{&files.log, "log.key"}, {&files.ticket, "ticket.key"}, {&files.secret, "server.secret"}} {
		if *f.path == "" {
			*f.path = filepath.Join(c.Data, "keys", f.name)
		}
	}
	return files
}

// load reads the keys of an origin. Where fresh, nothing relies on them yet, and a file that is missing is made. Later
// a missing file is an error: a new key would make every ticket given out look false.
func (f keyFiles) load(origin string, fresh bool) (*serverKeys, error) {
	var k serverKeys
	var err error
	if k.log, k.logKey, err = loadSigner(f.log, origin, "ANSWERABLE_LOG_KEY_FILE", fresh); err != nil {
		return nil, err
	}
	if k.ticket, k.ticketKey, err = loadSigner(f.ticket, seal.TicketKeyName(origin), "ANSWERABLE_TICKET_KEY_FILE", fresh); err != nil {
		return nil, err
	}
	secret, err := loadOrMake(f.secret, "ANSWERABLE_SERVER_SECRET_FILE", fresh, func() (string, error) {
		raw := make([]byte, 32)
		rand.Read(raw)
		return base64.StdEncoding.EncodeToString(raw), nil
	})
	if err != nil {
		return nil, err
	}
	if k.secret, err = base64.StdEncoding.Strict().DecodeString(secret); err != nil || len(k.secret) != 32 {
		return nil, fmt.Errorf("%s does not hold 32 bytes in base64", f.secret)
	}
	return &k, nil
}

// loadSigner reads a signing key and works out its verifier key.
func loadSigner(path, name, setting string, fresh bool) (note.Signer, string, error) {
	text, err := loadOrMake(path, setting, fresh, func() (string, error) {
		private, _, err := note.GenerateKey(rand.Reader, name)
		return private, err
	})
	if err != nil {
		return nil, "", err
	}
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, "", fmt.Errorf("%s does not hold a signing key", path)
	}
	if signer.Name() != name {
		return nil, "", withHint(fmt.Errorf("the key in %s is for %s, and this place is %s", path, signer.Name(), name), "Each place has keys of its own. Check "+setting+".")
	}
	verifier, err := verifierKey(text)
	if err != nil {
		return nil, "", fmt.Errorf("%s does not hold a signing key", path)
	}
	return signer, verifier, nil
}

func loadOrMake(path, setting string, fresh bool, makeKey func() (string, error)) (string, error) {
	if path == "" {
		return "", usage("a key of the server is not named", "Set "+setting+" to a file. At the very first start it may be missing; it is made then.")
	}
	content, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the key file %s cannot be read: %w", path, cause(err))
	}
	if !fresh {
		return "", withHint(fmt.Errorf("the key file %s is missing, and promises were made with it", path), "Bring it back from your backup. See "+setting+".")
	}
	key, err := makeKey()
	if err != nil {
		return "", fmt.Errorf("make key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make folder for keys: %w", err)
	}
	return key, writeNew(path, []byte(key+"\n"))
}

// verifierKey works out the public half of a note's signing key (golang.org/x/mod/sumdb/note), for others to check with.
func verifierKey(private string) (string, error) {
	parts := strings.SplitN(private, "+", 5) // PRIVATE, KEY, name, hash, and base64, which may hold a + itself
	if len(parts) != 5 {
		return "", errors.New("not a note key")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("not an Ed25519 note key")
	}
	return note.NewEd25519VerifierKey(parts[2], ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
}

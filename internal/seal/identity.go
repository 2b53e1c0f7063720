package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/btcsuite/btcd/btcutil/bech32"
)

const identityPrefix = "age-secret-key-pq-"

// Work factors (log2) accepted for passphrase-protected identity files: age -p writes 18. A larger one would let a file
// hold the reader's machine for minutes.
const (
	minWorkFactor = 10
	maxWorkFactor = 18
)

// IdentityFromSeed makes the age identity whose private key is seed: a hybrid age key is nothing but 32 bytes.
func IdentityFromSeed(seed [32]byte) (*age.HybridIdentity, error) {
	s, err := bech32.EncodeFromBase256(identityPrefix, seed[:])
	if err != nil {
		return nil, fmt.Errorf("encode identity: %w", err)
	}
	return age.ParseHybridIdentity(strings.ToUpper(s))
}

// IdentitySeed gives the 32 bytes of a hybrid identity.
func IdentitySeed(identity *age.HybridIdentity) ([32]byte, error) {
	prefix, seed, err := bech32.DecodeToBase256(strings.ToLower(identity.String()))
	if err != nil || prefix != identityPrefix || len(seed) != 32 {
		return [32]byte{}, errors.New("identity is not a post-quantum age identity")
	}
	return [32]byte(seed), nil
}

// ErrPassphrase means that the passphrase does not open the identity file.
var ErrPassphrase = errors.New("this passphrase does not open the identity file")

// IdentityFileError says in a sentence what is wrong with an identity file. It never quotes the file.
type IdentityFileError struct{ Reason string }

func (e *IdentityFileError) Error() string { return e.Reason }

// maxIdentityFile bounds an identity file, in bytes. The largest honest one holds a few comments and one key.
const maxIdentityFile = 16384

// ParseIdentityFile reads a reviewer's identity: a file as age-keygen -pq writes it, or one protected by age -p,
// armored or not. passphrase is asked only for the second kind. Errors: *IdentityFileError, ErrPassphrase, and what
// passphrase returns.
func ParseIdentityFile(file []byte, passphrase func() (string, error)) (*age.HybridIdentity, error) {
	if len(file) > maxIdentityFile {
		return nil, &IdentityFileError{"This file is too large for an identity file. Choose the file that holds your AGE-SECRET-KEY-PQ-1 line."}
	}
	if bytes.HasPrefix(bytes.TrimSpace(file), []byte(armor.Header)) {
		binary, err := io.ReadAll(armor.NewReader(bytes.NewReader(file)))
		if err != nil {
			return nil, &IdentityFileError{"This file is damaged: its armor does not read. Use another copy."}
		}
		file = binary
	}
	if !bytes.HasPrefix(file, []byte(headerVersion+"\n")) {
		return parseIdentityLines(file)
	}
	plain, err := decryptIdentityFile(file, passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return parseIdentityLines(plain)
}

func parseIdentityLines(file []byte) (*age.HybridIdentity, error) {
	var found *age.HybridIdentity
	lines := bufio.NewScanner(bytes.NewReader(file))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		identity, err := age.ParseHybridIdentity(line)
		if err != nil {
			return nil, &IdentityFileError{"This file holds something that is not an AGE-SECRET-KEY-PQ-1 line. Make an identity with: answerable identity new, or age-keygen -pq."}
		}
		if found != nil {
			return nil, &IdentityFileError{"This file holds two identities. Keep one in each file."}
		}
		found = identity
	}
	if found == nil {
		return nil, &IdentityFileError{"This file holds no identity. Choose the file that holds your AGE-SECRET-KEY-PQ-1 line."}
	}
	return found, nil
}

func decryptIdentityFile(file []byte, passphrase func() (string, error)) ([]byte, error) {
	if err := checkWorkFactor(file); err != nil {
		return nil, err
	}
	phrase, err := passphrase()
	if err != nil {
		return nil, err
	}
	identity, err := age.NewScryptIdentity(phrase)
	if err != nil {
		return nil, ErrPassphrase
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	plain, err := decrypt(file, identity)
	if err != nil || len(plain) > maxIdentityFile {
		return nil, ErrPassphrase
	}
	return plain, nil
}

// checkWorkFactor looks at the stanza before any key is derived, so that a hostile file costs nothing.
func checkWorkFactor(file []byte) error {
	lines := strings.SplitN(string(file), "\n", 3)
	if len(lines) < 3 || !strings.HasPrefix(lines[1], "-> scrypt ") {
		return &IdentityFileError{"This file is sealed for a key, not with a passphrase. Choose your identity file."}
	}
	fields := strings.Fields(lines[1])
	factor, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil || factor < minWorkFactor || factor > maxWorkFactor {
		return &IdentityFileError{fmt.Sprintf("This file's passphrase is stretched in a way we do not take (work factor %d to %d). Protect the identity again with: age -p.", minWorkFactor, maxWorkFactor)}
	}
	return nil
}

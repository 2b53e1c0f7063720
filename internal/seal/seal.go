// Package seal makes and reads sealed files: what a person tells, padded and encrypted so that only the community
// review panel can open it, and the receipt that lets the writer, and nobody else, come back to it.
//
// It promises that every sealed submission has one of two sizes and one shape, whoever sealed it: the writer's browser,
// the writer's terminal, or (for people without script) the server in memory. It refuses what it cannot read exactly;
// it never repairs.
//
// It leaves to others where files are kept (intake), which key is current (keyring) and who may read (review).
// FORMAT.md in this folder is the specification; ui/src holds the twin for browsers; testdata/vectors binds the two.
package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// Sizes in bytes. A plaintext is padded to a bucket; a sealed file is its bucket plus Overhead: age's header with one
// post-quantum stanza (1627 bytes), a nonce (16) and one chunk's tag (16). 65 536 bytes are exactly one age chunk, so
// both buckets cost the same.
const (
	SmallBucket = 16384
	LargeBucket = 65536
	Overhead    = 1659
)

// Buckets are the sizes a plaintext may be padded to, smallest first.
var Buckets = []int{SmallBucket, LargeBucket}

const (
	headerVersion = "age-encryption.org/v1"
	stanzaPrefix  = "-> mlkem768x25519 "
	encapsulation = 1120 // bytes of the stanza's one argument
	wrappedKey    = 32   // bytes of the stanza's body: a 16-byte file key and its tag
)

// ShapeError says in a sentence why a file is not a sealed submission.
type ShapeError struct{ Reason string }

func (e *ShapeError) Error() string { return e.Reason }

func shapeError(format string, args ...any) error {
	return &ShapeError{Reason: fmt.Sprintf(format, args...)}
}

// CheckShape reports whether file looks exactly like a sealed submission: one of two sizes, binary, one hybrid stanza.
// It cannot tell for which key the file was made, nor whether it opens: the encryption hides the recipient.
// The error is a *ShapeError.
func CheckShape(file []byte) error {
	if strings.HasPrefix(string(file[:min(len(file), 64)]), "-----BEGIN AGE ENCRYPTED FILE-----") {
		return shapeError("This file is armored text. Send the binary age file: leave out -a when you seal it.")
	}
	if len(file) == 0 {
		return sizeError(0)
	}
	header, err := age.ExtractHeader(bytes.NewReader(file))
	if err != nil {
		return shapeError("This is not an age file. Seal the padded text with age, for the key of this clinic's panel.")
	}
	if err := checkHeader(header); err != nil {
		return err
	}
	if len(file) != SmallBucket+Overhead && len(file) != LargeBucket+Overhead {
		return sizeError(len(file))
	}
	return nil
}

func sizeError(size int) error {
	return shapeError("This file has %d bytes. A sealed file has exactly %d or %d. Pad the text to %d or %d bytes before you seal it, and send the whole file.",
		size, SmallBucket+Overhead, LargeBucket+Overhead, SmallBucket, LargeBucket)
}

// checkHeader wants the version line, one mlkem768x25519 stanza of the usual lengths and the line with the MAC.
func checkHeader(header []byte) error {
	lines := strings.Split(strings.TrimSuffix(string(header), "\n"), "\n")
	if lines[0] != headerVersion {
		return shapeError("This is not an age version 1 file. Seal the padded text with age, for the key of this clinic's panel.")
	}
	var stanzas []string
	for _, line := range lines[1:] {
		if strings.HasPrefix(line, "-> ") {
			stanzas = append(stanzas, line)
		}
	}
	if len(stanzas) != 1 {
		return shapeError("This file is sealed for %d keys. Seal it for one key only: the key of this clinic's panel.", len(stanzas))
	}
	arg, ok := strings.CutPrefix(stanzas[0], stanzaPrefix)
	if !ok {
		return shapeError("This file is sealed for another kind of key. Seal it for the age1pq1 key of this clinic's panel.")
	}
	if !isBase64(arg, encapsulation) || len(lines) != 4 || !isBase64(lines[2], wrappedKey) || !strings.HasPrefix(lines[3], "--- ") {
		return shapeError("The head of this file is not as age writes it. Seal the text again.")
	}
	return nil
}

func isBase64(s string, size int) bool {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == size
}

// Seal pads p and encrypts it to recipient, which must be one age1pq1 string. The result has passed CheckShape.
// It returns a *TooLongError when the words do not fit the larger bucket.
func Seal(p *Plaintext, recipient string) ([]byte, error) {
	padded, err := p.Encode()
	if err != nil {
		return nil, err
	}
	defer clear(padded)
	return sealPadded(padded, recipient)
}

// SealDecoy seals a file that opens to nothing, as large as the bucket given. Without the key it looks like any other.
func SealDecoy(bucket int, recipient string) ([]byte, error) {
	if !slices.Contains(Buckets, bucket) {
		return nil, fmt.Errorf("seal: %d bytes are no bucket", bucket)
	}
	p := Plaintext{V: 1, T: KindDecoy}
	b, err := p.marshal()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealPadded(pad(b, bucket), recipient)
}

func sealPadded(padded []byte, recipient string) ([]byte, error) {
	file, err := encryptTo(recipient, padded)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := CheckShape(file); err != nil {
		return nil, fmt.Errorf("seal: result has the wrong shape: %w", err)
	}
	return file, nil
}

// encryptTo takes post-quantum recipients only: a file for an older kind of key could be opened by a later machine.
func encryptTo(recipient string, plaintext []byte) ([]byte, error) {
	r, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("recipient is not an age1pq1 key")
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, r)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plaintext); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// ErrWillNotOpen means that a file has the right shape and yet this identity does not open it: it was made for another
// key, or it is not what it claims to be.
var ErrWillNotOpen = errors.New("this file does not open with this key")

// Open decrypts a sealed submission and reads it strictly. Errors: *ShapeError, ErrWillNotOpen, *PlaintextError.
// The caller still has to compare Epoch, Origin and Anchor with what the log says; see Plaintext.Check.
func Open(file []byte, identity age.Identity) (*Plaintext, error) {
	if err := CheckShape(file); err != nil {
		return nil, err
	}
	padded, err := decrypt(file, identity)
	if err != nil {
		return nil, ErrWillNotOpen
	}
	return ParsePlaintext(padded)
}

func decrypt(file []byte, identity age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// FileHash is the SHA-256 of a sealed file, as it stands in the log.
func FileHash(file []byte) [32]byte { return sha256.Sum256(file) }

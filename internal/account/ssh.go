package account

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
)

// SignSSH signs a message with a reviewer's key as ssh-keygen -Y sign -n NAMESPACE does, so that a program that everybody has can
// check it. What is signed begins with SSHSIG, so it is never taken for a text that this program signs otherwise.
func SignSSH(key ed25519.PrivateKey, namespace string, message []byte) []byte {
	return ed25519.Sign(key, sshSigned(namespace, message))
}

// VerifySSH reports whether a signature is one that SignSSH made.
func VerifySSH(key ed25519.PublicKey, namespace string, message, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, sshSigned(namespace, message), signature)
}

// sshSigned is what is signed of a message (PROTOCOL.sshsig of OpenSSH, "Signed Data").
func sshSigned(namespace string, message []byte) []byte {
	hash := sha512.Sum512(message)
	return sshStrings([]byte("SSHSIG"), []byte(namespace), nil, []byte("sha512"), hash[:])
}

// sshStrings is a beginning, and then each part with its length before it.
func sshStrings(begin []byte, parts ...[]byte) []byte {
	for _, part := range parts {
		begin = binary.BigEndian.AppendUint32(begin, uint32(len(part)))
		begin = append(begin, part...)
	}
	return begin
}

// SSHKey is a public key as SSH writes it.
func SSHKey(key ed25519.PublicKey) []byte { return sshStrings(nil, []byte("ssh-ed25519"), key) }

const (
	sshBegin = "-----BEGIN SSH SIGNATURE-----\n"
	sshEnd   = "-----END SSH SIGNATURE-----\n"
)

// SSHFile is a signature as ssh-keygen -Y sign writes it.
func SSHFile(key ed25519.PublicKey, namespace string, signature []byte) []byte {
	blob := sshStrings([]byte("SSHSIG\x00\x00\x00\x01"), SSHKey(key), []byte(namespace), nil, []byte("sha512"), sshStrings(nil, []byte("ssh-ed25519"), signature))
	var b strings.Builder
	b.WriteString(sshBegin)
	for b64 := base64.StdEncoding.EncodeToString(blob); b64 != ""; {
		n := min(70, len(b64))
		b.WriteString(b64[:n] + "\n")
		b64 = b64[n:]
	}
	b.WriteString(sshEnd)
	return []byte(b.String())
}

// ErrNoSSH means that a file is no signature of ssh-keygen's.
var ErrNoSSH = errors.New("this is no SSH signature")

// ReadSSHFile gives the signature in a file that SSHFile wrote: it is the last part of it. Whoever reads it writes the file again
// to see that nothing else in it was changed. Errors: ErrNoSSH.
func ReadSSHFile(file []byte) ([]byte, error) {
	body, ok := strings.CutPrefix(string(file), sshBegin)
	body, ok2 := strings.CutSuffix(body, sshEnd)
	blob, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", ""))
	if !ok || !ok2 || err != nil || len(blob) < ed25519.SignatureSize {
		return nil, ErrNoSSH
	}
	return blob[len(blob)-ed25519.SignatureSize:], nil
}

package export

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// Namespace is the purpose for which an SSH signature of a bundle is good (ssh-keygen -n).
const Namespace = transparency.ExportNamespace

// Signature is what a member of the panel gives: one signature of the lines, which stands in the log and in the signed note, and
// one of MANIFEST as ssh-keygen makes them. Both are of the key that the panel's list names.
type Signature struct {
	ReviewerID string
	Lines      []byte
	SSH        []byte
}

// Sign signs a bundle as a member of its panel.
func Sign(key ed25519.PrivateKey, reviewerID, lines string, manifest []byte) Signature {
	return Signature{reviewerID, keyring.SignDecision(key, lines), account.SignSSH(key, Namespace, manifest)}
}

// Verify reports whether both signatures are those of a member of a panel's list.
func (s *Signature) Verify(panel *keyring.Manifest, lines string, manifest []byte) bool {
	m := panel.Member(s.ReviewerID)
	return m != nil && account.VerifySSH(m.VerifyKey, Namespace, manifest, s.SSH) &&
		keyring.VerifyDecision(panel, lines, keyring.Signature{ReviewerID: s.ReviewerID, Signature: s.Lines})
}

// allowedSigners names the members of a list as ssh-keygen -f reads them.
func allowedSigners(panel *keyring.Manifest) []byte {
	var b strings.Builder
	for _, m := range panel.Reviewers {
		fmt.Fprintf(&b, "%s namespaces=\"%s\" ssh-ed25519 %s\n", m.ID, Namespace, base64.StdEncoding.EncodeToString(account.SSHKey(m.VerifyKey)))
	}
	return []byte(b.String())
}

// noteText is the text of the signed note (c2sp.org/signed-note): the label and the lines, just what members sign for the log, so
// that one signature is good for both.
func noteText(lines string) string { return "answerable/v1/" + transparency.KindExport + "\n" + lines }

// noteKeys are the members of a list as keys of signed notes, one a line.
func noteKeys(panel *keyring.Manifest) []byte {
	var b strings.Builder
	for _, m := range panel.Reviewers {
		fmt.Fprintf(&b, "%s+%08x+%s\n", m.ID, noteHash(m), base64.StdEncoding.EncodeToString(append([]byte{1}, m.VerifyKey...)))
	}
	return []byte(b.String())
}

// noteHash is a key's id in a signed note.
func noteHash(m keyring.Member) uint32 {
	sum := sha256.Sum256([]byte(m.ID + "\n\x01" + string(m.VerifyKey)))
	return binary.BigEndian.Uint32(sum[:])
}

// signedNote is the lines with their signatures as a signed note.
func signedNote(panel *keyring.Manifest, lines string, signatures []Signature) []byte {
	var b strings.Builder
	b.WriteString(noteText(lines) + "\n")
	for _, s := range signatures {
		if m := panel.Member(s.ReviewerID); m != nil {
			signed := append(binary.BigEndian.AppendUint32(nil, noteHash(*m)), s.Lines...)
			fmt.Fprintf(&b, "— %s %s\n", m.ID, base64.StdEncoding.EncodeToString(signed))
		}
	}
	return []byte(b.String())
}

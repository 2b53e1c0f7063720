package export

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/figures"
	"answerable/internal/keyring"
)

// panel walks the lists of members, from the first one to the one that MANIFEST names.
func (c *check) panel(b *Bundle) {
	chain := &keyring.Chain{ClinicID: b.Facts.Clinic.ID, Manifests: c.proof.Lists}
	c.v.Fingerprint, c.v.Pinned = chain.Fingerprint(), c.Fingerprint != ""
	lists, hashes, err := chain.Lists(c.Fingerprint)
	if err != nil {
		c.v.wrong(proofDir+"panel-*.leaf", "%v", err)
		return
	}
	c.lists, b.Panel, c.v.List = lists, hashes[len(hashes)-1], lists[len(lists)-1].Version
	if hex.EncodeToString(b.Panel[:]) != c.head["panel"] {
		c.v.wrong(fmt.Sprintf(listPath, len(lists)), "it is not the list of members that MANIFEST names")
	}
}

func (c *check) signed(b *Bundle) {
	if c.lists == nil {
		return
	}
	panel, lines := c.lists[len(c.lists)-1], b.Lines()
	c.v.Needed = panel.M
	for _, s := range c.proof.Signatures {
		if !s.Verify(panel, lines, b.Manifest) {
			c.v.wrong(proofDir+s.ReviewerID+sigEnd, "the signatures of %s do not hold, or %s is not on the panel's list", s.ReviewerID, s.ReviewerID)
			continue
		}
		c.v.Signers = append(c.v.Signers, s.ReviewerID)
	}
	if len(c.v.Signers) < panel.M && !c.Draft {
		c.v.wrong(leafPath, "%d of the panel have signed MANIFEST, and %d must", len(c.v.Signers), panel.M)
	}
}

// proofFiles holds every byte of the proof against what follows from its parts.
func (c *check) proofFiles(b *Bundle) {
	want := map[string][]byte{}
	for _, f := range c.proof.files(b.Lines(), b.Manifest) {
		want[f.Path] = f.Content
		if got, there := c.by[f.Path]; !there {
			c.v.wrong(f.Path, "it is missing")
		} else if !bytes.Equal(got, f.Content) {
			c.v.wrong(f.Path, "it was changed: it is not what follows from the lists, the signatures and MANIFEST")
		}
	}
	for _, f := range c.files {
		if _, known := want[f.Path]; !known && strings.HasPrefix(f.Path, proofDir) {
			c.v.wrong(f.Path, "it was added or changed: nothing asks for it, or it does not read")
		}
	}
}

// releases checks who signed the figures.
func (c *check) releases(f *Facts) {
	for _, one := range []struct {
		signed     *Signed
		leaf, path string
	}{{f.Release, c.proof.Release, releasePath}, {f.Before, c.proof.Before, beforePath}} {
		switch {
		case one.signed == nil:
		case !releaseSigned(c.lists, one.leaf, one.signed.Lines):
			c.v.wrong(one.path, "the figures are not signed by as many of the panel as it asks for")
		default:
			c.v.Releases = append(c.v.Releases, (&figures.Release{Content: one.signed.Content}).Hash())
		}
	}
}

// logged checks the proofs of the places in the log, where there are any.
func (c *check) logged(b *Bundle) {
	c.v.LogKey, c.v.LogPinned = c.proof.VKey, c.VKey != ""
	if c.proof.VKey == "" {
		if c.Policy != nil {
			c.v.wrong(proofDir+"export"+placedEnd, "it is missing, so nobody has cosigned its place in the log. Take the bundle again a day later")
		}
		return
	}
	verifier, err := note.NewVerifier(c.proof.VKey)
	if err != nil || strings.ToLower(keyHash(c.proof.VKey)) != keyHash(c.proof.VKey) {
		c.v.wrong(vkeyPath, "it is no key of a log")
		return
	}
	if c.VKey != "" && c.VKey != c.proof.VKey {
		c.v.wrong(vkeyPath, "it is the key of another log than the one you named")
		return
	}
	keys := c.proof.Witnesses
	if _, err := watchersOf(keys); err != nil {
		c.v.wrong(watchPath, "%v", err)
		return
	}
	signed := map[string]bool{}
	for _, name := range placedNames {
		leaf := c.proof.leaf(name, b.Lines())
		if len(leaf) == 0 {
			continue
		}
		at, by, err := checkPlaced(c.proof.Placed[name], leaf, verifier, keys, b.Facts.Origin)
		if err != nil {
			c.v.wrong(proofDir+name+placedEnd, "%v", err)
			continue
		}
		for _, key := range by {
			signed[key] = true
		}
		if name == "export" && c.Policy != nil && !c.Policy.Satisfied(at.Note) {
			c.v.wrong(proofDir+name+placedEnd, "it is not cosigned by those whom your policy asks for")
		}
		if name == "export" {
			c.v.Logged, c.v.LogSize, c.v.Cosigned = true, at.Size, append(c.v.Cosigned, by...)
		}
	}
	for _, key := range keys {
		if !signed[key] {
			c.v.wrong(watchPath, "it names a witness, %s, who cosigned none of the places", key)
		}
	}
}

// keyHash is the middle part of a verifier's key.
func keyHash(vkey string) string {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

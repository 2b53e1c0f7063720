package export

import (
	"fmt"
	"slices"
	"strings"

	"answerable/internal/account"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// Proof is what shows that a bundle is its panel's: each part holds itself, by a signature or by a hash in what is signed.
type Proof struct {
	Lists           []string // leaves of the panel's lists, the first one first, the one in force last
	Release, Before string   // leaves of the releases in the bundle; "" where there is none
	Signatures      []Signature

	// The place in the public log; empty before the log has it.
	VKey      string            // of the log
	Witnesses []string          // verifier keys of those who cosigned, sorted; none where nobody did
	Placed    map[string][]byte // c2sp.org/tlog-proof@v1 by export, release and before
}

// panel is the list in force; nil without one that reads.
func (p *Proof) panel() *keyring.Manifest {
	if len(p.Lists) == 0 {
		return nil
	}
	m, err := keyring.ParseManifest(keyring.SplitDecision(transparency.Leaf(p.Lists[len(p.Lists)-1])).Lines)
	if err != nil {
		return nil
	}
	return m
}

// Leaf is the lines with the signatures, as they enter the log.
func (p *Proof) Leaf(lines string) transparency.Leaf {
	var signed []keyring.Signature
	for _, s := range p.Signatures {
		signed = append(signed, keyring.Signature{ReviewerID: s.ReviewerID, Signature: s.Lines})
	}
	return keyring.DecisionLeaf(lines, signed)
}

const (
	listPath    = proofDir + "panel-%04d.leaf"
	leafPath    = proofDir + "export.leaf"
	releasePath = proofDir + "release.leaf"
	beforePath  = proofDir + "before.leaf"
	vkeyPath    = proofDir + "log.vkey"
	watchPath   = proofDir + "witnesses.vkey"
	sigEnd      = ".sig"
	placedEnd   = ".tlog-proof"
)

// files are the proof as it stands in a bundle.
func (p *Proof) files(lines string, manifest []byte) []File {
	var files []File
	for i, leaf := range p.Lists {
		files = append(files, File{fmt.Sprintf(listPath, i+1), []byte(leaf)})
	}
	for path, leaf := range map[string]string{releasePath: p.Release, beforePath: p.Before} {
		if leaf != "" {
			files = append(files, File{path, []byte(leaf)})
		}
	}
	files = append(files, File{leafPath, p.Leaf(lines)})
	if panel := p.panel(); panel != nil {
		sorted := slices.SortedFunc(slices.Values(p.Signatures), func(a, b Signature) int { return strings.Compare(a.ReviewerID, b.ReviewerID) })
		files = append(files, File{proofDir + "allowed_signers", allowedSigners(panel)}, File{proofDir + "keys.txt", noteKeys(panel)},
			File{proofDir + "export.note", signedNote(panel, lines, sorted)})
		for _, s := range sorted {
			if m := panel.Member(s.ReviewerID); m != nil {
				files = append(files, File{proofDir + s.ReviewerID + sigEnd, account.SSHFile(m.VerifyKey, Namespace, s.SSH)})
			}
		}
	}
	if p.VKey != "" {
		files = append(files, File{vkeyPath, []byte(p.VKey + "\n")})
		if len(p.Witnesses) > 0 {
			files = append(files, File{watchPath, []byte(strings.Join(p.Witnesses, "\n") + "\n")})
		}
		for name, proof := range p.Placed {
			files = append(files, File{proofDir + name + placedEnd, proof})
		}
	}
	sortFiles(files)
	return files
}

// readProof gathers what files writes. What does not read is left out, and then is missing when the files are written again.
func readProof(files []File) *Proof {
	p := &Proof{Placed: map[string][]byte{}}
	by := map[string][]byte{}
	for _, f := range files {
		by[f.Path] = f.Content
	}
	for i := 1; by[fmt.Sprintf(listPath, i)] != nil; i++ {
		p.Lists = append(p.Lists, string(by[fmt.Sprintf(listPath, i)]))
	}
	p.Release, p.Before = string(by[releasePath]), string(by[beforePath])
	for _, s := range keyring.SplitDecision(by[leafPath]).Signatures {
		signature := Signature{ReviewerID: s.ReviewerID, Lines: s.Signature}
		if ssh, err := account.ReadSSHFile(by[proofDir+s.ReviewerID+sigEnd]); err == nil {
			signature.SSH = ssh
		}
		p.Signatures = append(p.Signatures, signature)
	}
	p.VKey = strings.TrimSuffix(string(by[vkeyPath]), "\n")
	if keys := strings.TrimSuffix(string(by[watchPath]), "\n"); keys != "" && p.VKey != "" {
		p.Witnesses = strings.Split(keys, "\n")
	}
	for _, name := range placedNames {
		if proof := by[proofDir+name+placedEnd]; proof != nil && p.VKey != "" {
			p.Placed[name] = proof
		}
	}
	return p
}

var placedNames = []string{"export", "release", "before"}

// leaf is that whose place a proof of a name shows.
func (p *Proof) leaf(name, lines string) transparency.Leaf {
	switch name {
	case "release":
		return transparency.Leaf(p.Release)
	case "before":
		return transparency.Leaf(p.Before)
	}
	return p.Leaf(lines)
}

// releaseSigned reports whether a release's leaf holds its lines, signed by as many of one of the lists as that asks for, with
// every signature good.
func releaseSigned(lists []*keyring.Manifest, leaf, lines string) bool {
	signed := keyring.SplitDecision(transparency.Leaf(leaf))
	if signed.Lines != lines {
		return false
	}
	return slices.ContainsFunc(lists, func(panel *keyring.Manifest) bool {
		good := !slices.ContainsFunc(signed.Signatures, func(s keyring.Signature) bool { return !figures.VerifyRelease(panel, lines, s) })
		return good && len(signed.Signatures) >= panel.M
	})
}

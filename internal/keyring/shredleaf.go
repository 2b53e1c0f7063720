package keyring

import (
	"slices"

	"answerable/internal/transparency"
)

// Panels are the panels of all clinics as a log shows them, leaf after leaf, for whoever has nothing but the log.
type Panels struct {
	chains map[string][]*Manifest
	newest map[string][32]byte // leaf hash
}

// Add takes a panel leaf. One that does not follow the newest of its clinic, signed as it must be, counts for nothing; ok
// says whether it counts.
func (p *Panels) Add(leaf transparency.Leaf) (ok bool) {
	lines, signatures := splitSigned(string(leaf), "signature")
	m, err := ParseManifest(lines)
	if err != nil {
		return false
	}
	var before *Manifest
	if chain := p.chains[m.ClinicID]; len(chain) > 0 {
		before = chain[len(chain)-1]
	}
	if !m.Complete(before, signatures) || before != nil && *m.Previous != p.newest[m.ClinicID] {
		return false
	}
	if p.chains == nil {
		p.chains, p.newest = map[string][]*Manifest{}, map[string][32]byte{}
	}
	p.chains[m.ClinicID], p.newest[m.ClinicID] = append(p.chains[m.ClinicID], m), leaf.Hash()
	return true
}

// Shredded gives the epoch that a shred leaf destroys, when two of a panel of its clinic have signed it, or the only one
// there is.
func (p *Panels) Shredded(leaf transparency.Leaf) (epoch string, ok bool) {
	lines, signatures := splitSigned(string(leaf), "signature")
	r, err := ParseResolution(lines)
	if err != nil || r.Kind != KindShred {
		return "", false
	}
	ok = slices.ContainsFunc(p.chains[r.ClinicID], func(m *Manifest) bool {
		valid := slices.DeleteFunc(slices.Clone(signatures), func(s Signature) bool { return !VerifyDecision(m, lines, s) })
		return len(valid) >= min(2, len(m.Reviewers))
	})
	return r.Epochs[0], ok
}

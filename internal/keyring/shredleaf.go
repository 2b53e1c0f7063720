package keyring

import (
	"errors"
	"fmt"
	"slices"

	"answerable/internal/transparency"
)

// Panels are the panels of all clinics and their epochs as a log shows them, leaf after leaf, for whoever has nothing but
// the log.
type Panels struct {
	chains map[string][]listed
	epochs map[EpochOf]string // lines of the record that came first
}

// listed is a manifest in its chain, with the hash of its leaf.
type listed struct {
	*Manifest
	hash [32]byte
}

// EpochOf names an epoch together with the clinic whose panel made it: what another clinic's panel says about it counts
// for nothing.
type EpochOf struct{ ClinicID, ID string }

// Add takes a panel leaf. One that does not follow the newest of its clinic, signed as it must be, counts for nothing; ok
// says whether it counts.
func (p *Panels) Add(leaf transparency.Leaf) (ok bool) {
	lines, signatures := splitSigned(string(leaf), "signature")
	m, err := ParseManifest(lines)
	if err != nil {
		return false
	}
	chain := p.chains[m.ClinicID]
	if before := newestOf(chain); !m.Complete(before.Manifest, signatures) || before.Manifest != nil && *m.Previous != before.hash {
		return false
	}
	if p.chains == nil {
		p.chains = map[string][]listed{}
	}
	p.chains[m.ClinicID] = append(chain, listed{m, leaf.Hash()})
	return true
}

// newestOf is the list in force; its Manifest is nil before the first.
func newestOf(chain []listed) (last listed) {
	if len(chain) > 0 {
		last = chain[len(chain)-1]
	}
	return last
}

// ErrOtherRecord means that an epoch has a record already, and this is another one.
var ErrOtherRecord = errors.New("this epoch has another record already")

// Epoch takes an epoch leaf. It counts when it names a list of its clinic's panel of which nobody has left since, when its
// dealer is on that list, and when as many of the list as it asks for have acknowledged it. The first that counts stays; a
// later one with other lines is given with ErrOtherRecord. Other errors wrap ErrRecord or ErrSignature.
func (p *Panels) Epoch(leaf transparency.Leaf) (*Record, error) {
	lines, dealers, acks := splitRecord(string(leaf))
	r, err := ParseRecord(lines)
	if err != nil {
		return nil, err
	}
	chain := p.chains[r.ClinicID]
	at := slices.IndexFunc(chain, func(l listed) bool { return l.hash == r.Manifest })
	if at < 0 || !stillSeated(chain[at].Manifest, newestOf(chain).Manifest) {
		return nil, fmt.Errorf("%w: it was not made for the panel as it was then", ErrRecord)
	}
	if !acknowledged(chain[at].Manifest, lines, dealers, acks) {
		return nil, ErrSignature
	}
	of := EpochOf{r.ClinicID, r.ID}
	if first, ok := p.epochs[of]; ok && first != lines {
		return r, ErrOtherRecord
	}
	if p.epochs == nil {
		p.epochs = map[EpochOf]string{}
	}
	p.epochs[of] = lines
	return r, nil
}

// acknowledged reports whether a record is signed by one dealer of a panel and by as many of it as it asks for.
func acknowledged(panel *Manifest, lines string, dealers, acks []Signature) bool {
	valid := slices.DeleteFunc(slices.Clone(acks), func(a Signature) bool { return !VerifyAck(panel, lines, a) })
	return len(dealers) == 1 && VerifyDeal(panel, lines, dealers[0]) && len(valid) >= panel.M
}

// Shredded gives the epoch that a shred leaf destroys, when two of a panel of its clinic have signed it, or the only one
// there is, and the epoch is that clinic's.
func (p *Panels) Shredded(leaf transparency.Leaf) (epoch EpochOf, ok bool) {
	lines, signatures := splitSigned(string(leaf), "signature")
	r, err := ParseResolution(lines)
	if err != nil || r.Kind != KindShred {
		return EpochOf{}, false
	}
	epoch = EpochOf{r.ClinicID, r.Epochs[0]}
	if _, known := p.epochs[epoch]; !known {
		return EpochOf{}, false
	}
	ok = slices.ContainsFunc(p.chains[r.ClinicID], func(l listed) bool {
		valid := slices.DeleteFunc(slices.Clone(signatures), func(s Signature) bool { return !VerifyDecision(l.Manifest, lines, s) })
		return len(valid) >= min(2, len(l.Reviewers))
	})
	return epoch, ok
}

package client

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/promise"
	"answerable/internal/transparency"
)

// addSigned checks what a panel, or one of it, signed and what nothing else here depends on.
func (l *Ledger) addSigned(index int64, kind string, leaf transparency.Leaf) (odd, signer string) {
	var err error
	switch kind {
	case transparency.KindAction:
		if err = l.panels.Acted(leaf); err == nil {
			l.acted(index, leaf)
		}
	case transparency.KindOpen:
		err = l.panels.Asked(leaf)
	case transparency.KindRevoke, transparency.KindCharter, transparency.KindSupport, transparency.KindRotation, transparency.KindSettings:
		err = l.panels.Decided(leaf)
	case transparency.KindRelease:
		err = l.released(leaf)
	case transparency.KindExport:
		err = l.exported(leaf)
	case transparency.KindJudgement:
		err = l.judged(leaf)
	default:
		return OddKind, ""
	}
	if why, ok := errors.AsType[*keyring.LeafError](err); ok {
		return why.Reason, why.Signer
	}
	return "", ""
}

func (l *Ledger) released(leaf transparency.Leaf) error {
	signed := keyring.SplitDecision(leaf)
	clinicID, err := figures.ParseRelease(signed.Lines)
	if err != nil {
		return &keyring.LeafError{Reason: keyring.LeafForm}
	}
	return l.panels.Signed(clinicID, signed.Lines, signed.Signatures)
}

func (l *Ledger) exported(leaf transparency.Leaf) error {
	signed := keyring.SplitDecision(leaf)
	e, err := transparency.ParseExport(transparency.Leaf(signed.Lines))
	if err != nil {
		return &keyring.LeafError{Reason: keyring.LeafForm}
	}
	return l.panels.Signed(e.ClinicID, signed.Lines, signed.Signatures)
}

// judged checks what members said of a promise.
func (l *Ledger) judged(leaf transparency.Leaf) error {
	d, err := promise.ParseDecided(leaf)
	if err != nil {
		return &keyring.LeafError{Reason: keyring.LeafForm}
	}
	return judgedBy(&l.panels, d)
}

// judgedBy checks that enough of the list in force signed it, and nobody else. A round of a promise is decided once.
func judgedBy(panels *keyring.Panels, d *promise.Decided) error {
	by := make([]keyring.Own, 0, len(d.By))
	for _, said := range d.By {
		by = append(by, keyring.Own{ReviewerID: said.ReviewerID, Holds: func(key ed25519.PublicKey) bool { return d.Verify(key, said) }})
	}
	round := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%d\n", transparency.KindJudgement, d.ClinicID, d.PromiseID, d.Round))
	return panels.SignedEach(d.ClinicID, judgesNeeded, by, round)
}

package promise

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"time"

	"answerable/internal/transparency"
)

const labelJudgement = "answerable/v1/" + transparency.KindJudgement

// TextHash names what was promised: SHA-256 over what, who, how and the first date, each followed by a zero byte, which none of
// them can hold.
func (p *Promise) TextHash() [32]byte {
	return sha256.Sum256([]byte(strings.Join([]string{p.What, p.Who, p.How, p.DueOn.Format(time.DateOnly), ""}, "\x00")))
}

// round is what a member signs who judges the promise, without the day. n counts what two have decided of it before.
func (p *Promise) round(n int, verdict string) *Decided {
	return &Decided{ClinicID: p.ClinicID, PromiseID: p.ID, TextHash: p.TextHash(), Round: n, Verdict: verdict}
}

// Lines is the text that a member signs who judges a promise. round counts what two have decided of it before.
func (p *Promise) Lines(round int, verdict string, day time.Time) string {
	return p.round(round, verdict).signedLines(day)
}

// Sign judges a promise.
func (p *Promise) Sign(key ed25519.PrivateKey, round int, verdict string, day time.Time) []byte {
	return ed25519.Sign(key, []byte(labelJudgement+"\n"+p.Lines(round, verdict, day)))
}

// Verify reports whether the holder of key judged the promise.
func (p *Promise) Verify(key ed25519.PublicKey, round int, verdict string, day time.Time, signature []byte) bool {
	return p.round(round, verdict).Verify(key, Said{Day: day, Signature: signature})
}

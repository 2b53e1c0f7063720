package client

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/go-json-experiment/json"

	"answerable/internal/coding"
)

// ToSign names what a reviewer could sign of a message now, each by a hash, base64url; "" where there is nothing to sign. Who has
// looked at it says the hash, so that nothing else is signed which came in between.
type ToSign struct {
	Agree   string `json:"agree,omitzero"`   // of the agreement that is proposed: HashOf
	Share   string `json:"share,omitzero"`   // the check whose words would be decided on
	Release string `json:"release,omitzero"` // the decision whose words would go into the clear
}

// ToSign is what this reviewer could sign of a message now.
func (b *Bench) ToSign(ctx context.Context, c *Case) (out ToSign) {
	if body, err := b.ToAgree(ctx, c, nil); err == nil {
		out.Agree, _ = HashOf(body) // it was held to be one that can be sent
	}
	if check, err := b.ToShare(c); err == nil {
		out.Share = check.Hash
	}
	if decision, _, err := b.ToRelease(c); err == nil {
		out.Release = decision.Hash
	}
	return out
}

// HashOf names an agreement by all that it says: base64url.
func HashOf(body *coding.Consensus) (string, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("write agreement: %w", err)
	}
	return b64Hash(sha256.Sum256(text)), nil
}

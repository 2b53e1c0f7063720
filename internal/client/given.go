package client

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"slices"

	"answerable/internal/coding"
)

// isGiven says whether a finding stands that a member signed, by the newest decision. The server alone can say of none that it went
// out. Twin of ui/src/panel/decisions.ts.
func (c *Case) isGiven() bool { return slices.ContainsFunc(c.newestOfDay(), c.gave) }

// gave says whether a finding stands by a decision.
func (c *Case) gave(decision *Dated[*coding.Sharing]) bool {
	return c.Finding && decision.Body.Decision == coding.Share && slices.Contains(c.given, decision.Hash)
}

// unsigned counts the messages of which the server says that a finding stands, while it lists none that a member signed by the newest
// decision.
func (b *Bench) unsigned() (n int) {
	for _, c := range b.cases {
		if c.Finding && !c.isGiven() {
			n++
		}
	}
	return n
}

// takeFindings holds what the server says of findings against what members signed. A folder of before has no list of them: nothing of
// it counts as given out, and nobody is accused.
func (b *Bench) takeFindings(ctx context.Context) error {
	if b.unsigned() == 0 {
		return nil
	}
	if err := b.given(ctx); err != nil || b.unsigned() == 0 {
		return b.unlisted(err)
	}
	// One that was taken back between the two questions is in the work no more.
	if err := b.stillFound(ctx); err != nil {
		return b.unlisted(err)
	}
	b.Unsigned = b.unsigned()
	return nil
}

// unlisted takes it that a folder holds no list of findings.
func (b *Bench) unlisted(err error) error {
	var p *Problem
	if b.offline == nil || !errors.As(err, &p) || !p.Kind(problemOfOffline) {
		return err
	}
	b.Outdated = true
	return nil
}

// given takes from the findings that the server lists the decisions that are named by those that a member signed.
func (b *Bench) given(ctx context.Context) error {
	findings, err := b.findings(ctx, b.clinic)
	if err != nil {
		return err
	}
	for _, c := range b.cases {
		c.given = nil
	}
	for i := range findings {
		f := &findings[i]
		if !b.signedFinding(f) {
			continue
		}
		if c := b.cases[[32]byte(f.Leaf)]; c != nil {
			c.given = append(c.given, base64.RawURLEncoding.EncodeToString(f.Sharing))
		}
	}
	return nil
}

// stillFound asks anew of which messages a finding stands, and for the list of findings after that.
func (b *Bench) stillFound(ctx context.Context) error {
	epochs := map[string]bool{}
	for _, c := range b.cases {
		if c.Finding && !c.isGiven() {
			epochs[c.Epoch] = true
		}
	}
	for _, epoch := range slices.Sorted(maps.Keys(epochs)) {
		var now workAnswer
		if err := b.get(ctx, b.path("epochs", epoch, "work"), &now); err != nil {
			return err
		}
		for _, m := range now.Messages {
			if c := b.held(m.Leaf); c != nil {
				c.Finding = m.Finding
			}
		}
	}
	return b.given(ctx)
}

package client

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// deskStep is one thing that a member may try, the same with and without a network. fits says whether the state allows it, as a person
// would know; nil for what no state does. What does not fit is tried now and then, and has to be refused alike.
type deskStep struct {
	name string
	fits func(*Bench, *Case) bool
	does func(*Bench, *Case) error
}

func (w *team) deskSteps(random *rand.Rand) []deskStep {
	ctx, text := w.t.Context(), fmt.Sprint("text ", random.IntN(1000))
	otherwise := foundHere()
	otherwise.Seriousness = 0
	return []deskStep{
		{"declare", func(b *Bench, c *Case) bool { return !b.declared(c) }, func(b *Bench, c *Case) error { return b.Declare(c) }},
		{"claim", mayClaim(review.RoleCoder), func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleCoder) }},
		{"check's part", mayClaim(review.RoleChecker), func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleChecker) }},
		{"third's part", mayClaim(review.RoleThird), func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleThird) }},
		{"no part", nil, func(b *Bench, c *Case) error { return b.Claim(ctx, c, "king") }},
		{"hand back", func(b *Bench, c *Case) bool { return c.role(b.ID) != "" && !c.has(b.ID, partCoded) }, func(b *Bench, c *Case) error { return b.HandBack(ctx, c) }},
		{"code", mayCode, func(b *Bench, c *Case) error { return b.Code(ctx, c, foundHere()) }},
		{"code otherwise", mayCode, func(b *Bench, c *Case) error { return b.Code(ctx, c, otherwise) }},
		{"code nonsense", nil, func(b *Bench, c *Case) error { return b.Code(ctx, c, &coding.Found{}) }},
		{"note", hasDeclared, func(b *Bench, c *Case) error { return b.Note(ctx, c, text) }},
		{"draft", hasDeclared, func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, text) }},
		{"reply", hasDeclared, func(b *Bench, c *Case) error { return w.answers(b, c, text) }},
		{"agree", mayAgree, func(b *Bench, c *Case) error { _, err := b.Agree(ctx, c, nil); return err }},
		{"agree on more", mayAgree, func(b *Bench, c *Case) error { _, err := b.Agree(ctx, c, foundHere()); return err }},
		{"check", mayCheck, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormParaphrase, text, false, "") }},
		{"guess", mayCheck, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormTheme, "", true, "") }},
		{"share", maySharePlainly, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err }},
		{"keep", mayKeep, func(b *Bench, c *Case) error { return b.Keep(ctx, c, text) }},
		{"object", func(b *Bench, c *Case) bool { return c.standing() != nil && c.standing().Body.Decision == coding.Share }, func(b *Bench, c *Case) error { return b.Object(ctx, c, text) }},
		{"recuse", hasDeclared, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) }},
	}
}

func hasDeclared(b *Bench, c *Case) bool { return b.declared(c) }

func mayClaim(role string) func(*Bench, *Case) bool {
	return func(b *Bench, c *Case) bool {
		coded, working, held := 0, 0, false
		for _, p := range c.Parts {
			switch {
			case p.Part == partCoded:
				coded++
			case p.Part == review.RoleCoder && !c.has(p.Reviewer, partCoded):
				working++
			}
			held = held || p.Part == role
		}
		free := b.declared(c) && c.role(b.ID) == "" && !c.has(b.ID, partCoded)
		switch role {
		case review.RoleCoder:
			return free && coded+working < 2
		case review.RoleThird:
			return free && !held && c.Stage(b.Today) == StageDiffers && b.mayReadAlone(c) == nil
		}
		return free && !held && coded > 1
	}
}

func mayCode(b *Bench, c *Case) bool {
	return slices.Contains([]string{review.RoleCoder, review.RoleThird}, c.role(b.ID)) && !c.has(b.ID, partCoded)
}

func mayAgree(b *Bench, c *Case) bool { return c.coder(b.ID) && len(c.Codings) > 1 }

func mayCheck(b *Bench, c *Case) bool {
	return c.role(b.ID) == review.RoleChecker && len(c.Consensuses) > 1
}

func mayKeep(b *Bench, c *Case) bool { return b.mayDecide(c) == nil && c.mayKeepOn(b.Today) == nil }

func maySharePlainly(b *Bench, c *Case) bool {
	return b.mayDecide(c) == nil && c.check() != nil && b.mayShare(c, c.check().Body.Form) == nil
}

// role is what somebody has taken and not handed back; "" for nothing.
func (c *Case) role(reviewer string) string {
	for _, p := range c.Parts {
		if p.Reviewer == reviewer && p.Part != partCoded {
			return p.Part
		}
	}
	return ""
}

// answers answers a writer as the command does: at once where there is a server, and with the rest where there is none.
func (w *team) answers(b *Bench, c *Case, text string) error {
	ctx := w.t.Context()
	if b.offline != nil {
		_, err := b.Reply(ctx, c, text)
		return err
	}
	reply, err := b.SealReply(b.own.root.Name(), hex.EncodeToString(c.Leaf[:]), text, "")
	if err != nil {
		return err
	}
	return errors.Join(b.PostReply(ctx, testClinic, reply), b.Contacted(ctx, testClinic, reply))
}

// refusedAs says as what a step was refused: a problem's kind, or an error's own words.
func refusedAs(err error) string {
	var p *Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		return p.Type
	}
	return err.Error()
}

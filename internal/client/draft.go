package client

import (
	"context"
	"errors"
	"slices"
	"strings"

	"answerable/internal/coding"
)

// problemDraft is answered where the reviewer kept another draft meanwhile, elsewhere.
const problemDraft = "draft-changed"

// SaveDraft keeps unfinished work, sealed to nobody but this reviewer. The next draft takes its place; what they typed in a browser
// stays beside it, and what came from another terminal meanwhile stands below it. Errors: those of MayWrite, *Problem.
func (b *Bench) SaveDraft(ctx context.Context, c *Case, text string) error {
	if err := b.MayWrite(c); err != nil {
		return err
	}
	before := c.Drafted()
	err := b.saveDraft(ctx, c, text)
	var refused *Problem
	if !errors.As(err, &refused) || refused.Type != problemPrefix+problemDraft {
		return err
	}
	if err := b.ownDraft(ctx, c); err != nil {
		return err
	}
	if other := c.field("terminal"); other != "" && other != before && other != text {
		text += "\n\n" + other
	}
	return b.saveDraft(ctx, c, text)
}

func (b *Bench) saveDraft(ctx context.Context, c *Case, text string) error {
	fields := []coding.Field{{Q: "terminal", A: text}}
	if c.Draft != nil { // what the reviewer keeps in a browser stays
		fields = append(fields, slices.DeleteFunc(slices.Clone(c.Draft.Fields), func(f coding.Field) bool { return f.Q == "terminal" })...)
	}
	slices.SortFunc(fields, func(x, y coding.Field) int { return strings.Compare(x.Q, y.Q) })
	_, err := b.send(ctx, c, &coding.Draft{Fields: fields})
	return err
}

// Drafted is what SaveDraft kept; "" when there is nothing.
func (c *Case) Drafted() string {
	if c.Draft == nil {
		return ""
	}
	if text := c.field("terminal"); text != "" {
		return text
	}
	var lines []string
	for _, f := range c.Draft.Fields {
		lines = append(lines, f.Q+": "+f.A)
	}
	return strings.Join(lines, "\n")
}

// field is one of the draft's.
func (c *Case) field(name string) string {
	if c.Draft == nil {
		return ""
	}
	for _, f := range c.Draft.Fields {
		if f.Q == name {
			return f.A
		}
	}
	return ""
}

package main

import (
	"context"
	"errors"
)

type reviewDeclareCmd struct {
	caseConfig
	Yes bool `help:"Do not ask: nothing ties me to it."`
}

// What ties somebody to a message is asked here as the panel's page asks it (ui/src/panel/casewords.ts).
const (
	declareHard = "You must step back if you"
	declareSoft = "You can also step back for a reason of your own. Nobody asks which, and none is kept."
)

var declareBars = []string{
	"work for this clinic or its owner, or did in the last five years",
	"are paid by it",
	"are kin, a close friend, the therapist or a client of somebody it may be about",
	"may be named in it",
	"may have written it",
}

const declareHow = "To step back: answerable review recuse"

// Run shows the card and what would tie somebody to it, and asks. The answer stays on this machine.
func (c *reviewDeclareCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := showRow(t, b.Row(one)); err != nil {
		return err
	}
	t.note("%s", declareHard)
	for _, bar := range declareBars {
		t.note("  - %s", bar)
	}
	t.note("%s %s", declareSoft, declareHow)
	if !c.Yes {
		sure, err := t.confirm("Does nothing tie you to it?")
		if err != nil {
			return err
		}
		if !sure {
			return withHint(errors.New("you have not declared"), declareHow)
		}
	}
	if err := b.Declare(one); err != nil {
		return err
	}
	return c.done(t, b, one, "You have declared that nothing ties you to it. Read it with: answerable review open --leaf "+c.Leaf+" "+c.From)
}

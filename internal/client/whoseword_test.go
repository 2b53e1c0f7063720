package client

import (
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// readyCase is a message that ra and rb coded alike, rc checked, and somebody decided to share; rd is the fourth on the panel.
func readyCase(by string) *Case {
	found := coding.Found{Taxonomy: "0.2.0", Yes: []string{"force"}, No: []string{"voice"}, Items: []string{}, Good: []string{}, Seriousness: 2, Involved: []string{}, Repair: []string{}}
	c := &Case{
		Card: coding.NewCard(seal.KindSubmission, "", nil), members: []string{"ra", "rb", "rc", "rd"},
		Codings: []Dated[*coding.Coding]{dated(&coding.Coding{Found: found}, "ra", "ha", "2026-11-21", 0), dated(&coding.Coding{Found: found}, "rb", "hb", "2026-11-21", 0)},
		Parts:   []Part{{nil, "ra", partCoded}, {nil, "rb", partCoded}, {nil, "rc", review.RoleChecker}},
	}
	agreed := coding.Proposal(plainOf(c.Codings))
	c.Consensuses = []Dated[*coding.Consensus]{dated(agreed, "ra", "sa", "2026-11-21", 0), dated(agreed, "rb", "sb", "2026-11-21", 0)}
	out := coding.Outgoing{Form: coding.FormParaphrase, Words: "Somebody was held down."}
	c.Checks = []Dated[*coding.Check]{dated(&coding.Check{Outgoing: out}, "rc", "hc", "2026-11-21", 0)}
	c.Sharings = []Dated[*coding.Sharing]{dated(&coding.Sharing{
		Decision: coding.Share, Form: out.Form, Words: out.Words, Consensus: []string{"sa", "sb"}, Check: "hc",
	}, by, "d", "2026-11-22", 0)}
	return c
}

func (c *Case) stepBack(who ...string) *Case {
	for _, id := range who {
		c.Parts = slices.DeleteFunc(c.Parts, func(p Part) bool { return p.Reviewer == id && p.Part != partCoded })
		c.Parts = append(c.Parts, Part{nil, id, partRecused})
	}
	return c
}

func (c *Case) leave(who ...string) *Case {
	c.members = slices.DeleteFunc(slices.Clone(c.members), func(id string) bool { return slices.Contains(who, id) })
	return c
}

// The cases are those of ui/test/casework.test.ts.
func TestWhatWasCheckedOrDecidedBeforeAStepBackCountsForNothing(t *testing.T) {
	const today = "2026-11-25"
	kept := readyCase("rc")
	kept.Sharings = []Dated[*coding.Sharing]{dated(&coding.Sharing{Decision: coding.Keep}, "rd", "k", today, 0)}
	kept.Checks = nil
	given := readyCase("rc").stepBack("ra", "rb", "rc")
	given.Finding, given.given = true, []string{"d"}
	for name, one := range map[string]struct {
		c    *Case
		want string
	}{
		"nobody":                             {readyCase("rc"), StageReady},
		"who checked and decided":            {readyCase("rc").stepBack("rc"), StageAgreed},
		"who decided":                        {readyCase("rd").stepBack("rd"), StageChecked},
		"who checked":                        {readyCase("rd").stepBack("rc"), StageAgreed},
		"one coder":                          {readyCase("rc").stepBack("ra"), StageReady},
		"both coders":                        {readyCase("rc").stepBack("ra", "rb"), StageOneLeft},
		"both, and only the checker is left": {readyCase("rc").leave("rd").stepBack("ra", "rb"), StageNoThird},
		"one coder, where the other left":    {readyCase("rc").leave("rb").stepBack("ra"), StageOneLeft},
		"all of them only left":              {readyCase("rc").leave("ra", "rb", "rc"), StageReady},
		"all, after it was given out":        {given, StageReleased},
		"who kept it":                        {kept.stepBack("rd"), StageAgreed},
	} {
		if got := one.c.Stage(today); got != one.want {
			t.Errorf("%s: %s, want %s", name, got, one.want)
		}
	}
	if !given.closed() || given.signedAlike() == nil || readyCase("rc").stepBack("ra", "rb").signedAlike() == nil {
		t.Error("a step back takes back what stands in public")
	}
}

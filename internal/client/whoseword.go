package client

import (
	"slices"

	"answerable/internal/coding"
)

// Whose word about a message counts. Who steps back takes no part in it, and neither do the checks and decisions that they signed before.
// What they objected to stays stopped, until somebody decides anew: that lets nothing out. Twin of ui/src/panel/whoseword.ts.

// counts says whether what somebody signed alone does: a check, or a decision. Who has only left the panel signed as the member they
// were. What was given out before somebody stepped back stays as it was decided.
func (c *Case) counts(by string) bool {
	return c.isGiven() || !c.has(by, partRecused)
}

// Settled is the consensus that two coders signed alike, with the hashes of their files; nil when there is none. Once one of them has
// stepped back, somebody who signed it has to be left: on the panel and not stepped back.
func (c *Case) Settled() (*coding.Consensus, []string) {
	free := c.free()
	return coding.SettledBy(plainOf(c.Codings), plainOf(c.Consensuses), func(signers []string) bool {
		stepped := slices.ContainsFunc(signers, func(id string) bool { return !c.counts(id) })
		return !stepped || slices.ContainsFunc(signers, func(id string) bool { return slices.Contains(free, id) })
	})
}

// signedAlike is what two coders signed alike, whoever of them has stepped back; nil for nothing. That it was assessed stands in public
// after that too, and its codes stay counted.
func (c *Case) signedAlike() *coding.Consensus {
	agreed, _ := coding.Settled(plainOf(c.Codings), plainOf(c.Consensuses))
	return agreed
}

package client

import (
	"slices"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// Who of the panel is left for which part in a message. Twin of ui/src/panel/seats.ts; the server holds to the same in review.Board.

// members are on the newest signed list.
func (b *Bench) members() (ids []string) {
	for _, m := range b.panel.Current.Reviewers {
		ids = append(ids, m.ID)
	}
	return ids
}

// codedBy are those who handed in a coding: the server says so before it hands any out.
func (c *Case) codedBy() (ids []string) {
	for _, p := range c.Parts {
		if p.Part == partCoded {
			ids = append(ids, p.Reviewer)
		}
	}
	for _, f := range c.Codings {
		ids = append(ids, f.By)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// free are the members who may still take part: those on the signed list who have not stepped back.
func (c *Case) free() []string {
	return slices.DeleteFunc(slices.Clone(c.members), func(id string) bool { return c.has(id, partRecused) })
}

// mayCheck are those who may still look whether somebody could guess who wrote: everybody left who did not code it.
func (c *Case) mayCheck() []string {
	coded := c.codedBy()
	return slices.DeleteFunc(c.free(), func(id string) bool { return slices.Contains(coded, id) })
}

func (c *Case) fewerThanTwo() bool {
	both := append(c.codedBy(), c.free()...)
	slices.Sort(both)
	return len(slices.Compact(both)) < 2
}

// canAgree says whether two coders can still sign the same: who left has signed already, or cannot any more.
func (c *Case) canAgree() bool {
	here, signed := 0, false
	free := c.free()
	for _, f := range c.Codings {
		if slices.Contains(free, f.By) {
			here++
			continue
		}
		last := slices.IndexFunc(c.Consensuses, func(s Dated[*coding.Consensus]) bool { return s.By == f.By && c.lastOf(s.By) == s.Hash })
		signed = signed || last >= 0 && coding.Follows(c.Consensuses[last].Body, plainOf(c.Codings))
	}
	return here >= 2 || here == 1 && signed
}

// lastOf is the hash of the newest consensus of a coder. They stand by author.
func (c *Case) lastOf(by string) (hash string) {
	for _, s := range c.Consensuses {
		if s.By == by {
			hash = s.Hash
		}
	}
	return hash
}

// thirdReads says whether somebody reads it as the third and has not sent what they found.
func (c *Case) thirdReads() bool {
	coded := c.codedBy()
	return slices.ContainsFunc(c.Parts, func(p Part) bool { return p.Part == review.RoleThird && !slices.Contains(coded, p.Reviewer) })
}

// thirdToCome says whether a third reads it, or somebody is left who can, with whom there are two. Who has the checker's part has seen
// what others found, and would have to give it back first.
func (c *Case) thirdToCome() bool {
	left, free := c.mayCheck(), c.free()
	here := slices.DeleteFunc(c.codedBy(), func(id string) bool { return !c.coder(id) || !slices.Contains(free, id) })
	could := slices.ContainsFunc(left, func(id string) bool { return !c.has(id, review.RoleChecker) })
	return c.thirdReads() || could && len(left)+len(here) >= 2
}

// readsAlone says whether somebody may still read a message on their own: they have not coded it, and they have a coding to do or no two
// coders have agreed. Any of them can be the one who reads it alone, as the third.
func (c *Case) readsAlone(me string) bool {
	if slices.Contains(c.codedBy(), me) {
		return false
	}
	agreed, _ := c.Settled()
	return agreed == nil || c.has(me, review.RoleCoder) || c.has(me, review.RoleThird)
}

// wordless is a note of a colleague for who reads blind. What was shown to a writer tells what they found in the message, and so may what
// they typed beside it: no text stays. Twin of wordless in ui/src/panel/casework.ts.
func wordless(n *coding.Note) *coding.Note {
	return &coding.Note{Asked: n.Asked, Had: n.Had, Over: n.Over, Unsent: n.Unsent}
}

// blind takes away from somebody who has a coding to do what a colleague found: from one of the first two the notes of others, but
// for those that stop a clock; from the third the codings and agreements of others too. That two have agreed meanwhile is told, by the
// server's word: then nobody need read it alone any more, and who hands it back can still look whether somebody could guess. Twin of
// blind in ui/src/panel/casework.ts.
func (c *Case) blind(me string) {
	third := c.has(me, review.RoleThird)
	if slices.Contains(c.codedBy(), me) || !third && !c.has(me, review.RoleCoder) {
		return
	}
	c.Notes = slices.DeleteFunc(c.Notes, func(f Dated[*coding.Note]) bool { return f.By != me && !f.Body.Asked && f.Body.Over == "" })
	for i, f := range c.Notes {
		if f.By != me {
			c.Notes[i].Body = wordless(f.Body)
		}
	}
	if third {
		c.meanwhile = c.agreed
		c.Codings = slices.DeleteFunc(c.Codings, func(f Dated[*coding.Coding]) bool { return f.By != me })
		c.Consensuses = slices.DeleteFunc(c.Consensuses, func(f Dated[*coding.Consensus]) bool { return f.By != me })
	}
}

package client

import (
	"cmp"
	"slices"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// inOrder gives the codings, those first that were made without sight of another: by the day, which is signed. A third reader's comes after
// both. Which part somebody has is the server's word, and who left the panel has none any more: it tells apart only those of one day. What
// that leaves has no order and goes by author. Twin of ui/src/panel/firstcodings.ts.
func (c *Case) inOrder() []Dated[*coding.Coding] {
	role := func(f Dated[*coding.Coding]) int {
		switch {
		case c.has(f.By, review.RoleCoder):
			return 0
		case c.has(f.By, review.RoleThird):
			return 2
		}
		return 1
	}
	all := slices.Clone(c.Codings)
	slices.SortStableFunc(all, func(x, y Dated[*coding.Coding]) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(role(x), role(y)), cmp.Compare(x.By, y.By))
	})
	return all
}

// SideBySide gives the codings, those first that were made without sight of another, and how the first two compare: whether a
// message is agreed on goes by these. nil before there are two.
func (c *Case) SideBySide() (all []Dated[*coding.Coding], first *coding.Comparison) {
	all = c.inOrder()
	if len(all) < 2 {
		return all, nil
	}
	compared := coding.Compare(&all[0].Body.Found, &all[1].Body.Found)
	return all, &compared
}

// alike says whether the first two codings say the same.
func (c *Case) alike() bool {
	_, first := c.SideBySide()
	return first != nil && first.Agree
}

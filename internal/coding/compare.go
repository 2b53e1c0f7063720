package coding

import (
	"encoding/json"
	"slices"
)

// A Difference is one question on which two codings are not the same.
type Difference struct {
	Of   string `json:"of"`   // theme, items, own, good, seriousness, involved, repair or role
	Code string `json:"code"` // the theme, or the code that only one of them has; "" for seriousness and role
	// What each says: yes, no or not_asked; 0 to 3 for seriousness; client, worker or "" for role.
	A string `json:"a"`
	B string `json:"b"`
}

// Comparison holds two codings side by side.
type Comparison struct {
	Agree       bool         `json:"agree"` // on every theme that both were asked, and on seriousness within 1
	Differences []Difference `json:"differences"`
}

// Compare holds two codings side by side. A theme that only one list of codes asked is shown and stands against nothing:
// its coder could not be contradicted. Two of one list were asked the same, so what one of them leaves open stands against the other's
// answer; but for work that was not there, about which only what people told who work there is asked. Agreement is about themes and
// seriousness; the rest is for the talk that follows.
func Compare(a, b *Found) Comparison {
	c := Comparison{Agree: true, Differences: []Difference{}}
	for _, theme := range union(a.Yes, a.No, b.Yes, b.No) {
		left, right := a.says(theme), b.says(theme)
		if left == right {
			continue
		}
		c.Differences = append(c.Differences, Difference{"theme", theme, left, right})
		open := left == notAsked || right == notAsked
		c.Agree = c.Agree && open && (a.Taxonomy != b.Taxonomy || theme == workTheme && left != "yes" && right != "yes")
	}
	if a.Seriousness != b.Seriousness {
		c.Differences = append(c.Differences, Difference{"seriousness", "", digit(a.Seriousness), digit(b.Seriousness)})
		c.Agree = c.Agree && max(a.Seriousness-b.Seriousness, b.Seriousness-a.Seriousness) <= 1
	}
	for _, list := range []struct {
		of   string
		a, b []string
	}{{"items", a.Items, b.Items}, {"own", a.Own, b.Own}, {"good", a.Good, b.Good}, {"involved", a.Involved, b.Involved}, {"repair", a.Repair, b.Repair}} {
		for _, code := range union(list.a, list.b) {
			if left, right := ticked(list.a, code), ticked(list.b, code); left != right {
				c.Differences = append(c.Differences, Difference{list.of, code, left, right})
			}
		}
	}
	if a.Role != b.Role {
		c.Differences = append(c.Differences, Difference{"role", "", a.Role, b.Role})
	}
	return c
}

const notAsked = "not_asked"

func (f *Found) says(theme string) string {
	if slices.Contains(f.Yes, theme) {
		return "yes"
	}
	if slices.Contains(f.No, theme) {
		return "no"
	}
	return notAsked
}

func ticked(list []string, code string) string {
	if slices.Contains(list, code) {
		return "yes"
	}
	return "no"
}

func digit(n int) string { return string(rune('0' + n)) }

func union(lists ...[]string) []string { return sorted(slices.Concat(lists...)) }

// Coded is a coding or a consensus with who signed it and the hash of the sealed file, as a reader checked them.
type Coded[B any] struct {
	By   string `json:"by"`
	Hash string `json:"hash"` // base64url of H of the sealed file
	Body B      `json:"body"`

	On string `json:"-"` // the day signed with it, YYYY-MM-DD; "" where it is not known
}

// Proposal begins a consensus from codings that agree: what any of them found, and the higher seriousness where they are
// next to each other; who wrote, where all say the same. Coders change it before they sign, where they think otherwise.
func Proposal(codings []Coded[*Coding]) *Consensus {
	out := &Consensus{Codings: []string{}}
	var yes, no, items, own, good, involved, repair []string
	for _, c := range codings {
		yes, no = append(yes, c.Body.Yes...), append(no, c.Body.No...)
		items, own, good = append(items, c.Body.Items...), append(own, c.Body.Own...), append(good, c.Body.Good...)
		involved, repair = append(involved, c.Body.Involved...), append(repair, c.Body.Repair...)
		out.Codings = append(out.Codings, c.Hash)
		out.Seriousness = max(out.Seriousness, c.Body.Seriousness)
		out.Taxonomy = c.Body.Taxonomy
		out.Role = codings[0].Body.Role
	}
	if slices.ContainsFunc(codings, func(c Coded[*Coding]) bool { return c.Body.Role != out.Role }) {
		out.Role = ""
	}
	out.Yes, out.Items, out.Good, out.Involved, out.Repair = sorted(yes), sorted(items), sorted(good), sorted(involved), sorted(repair)
	if len(own) > 0 {
		out.Own = sorted(own)
	}
	out.No = slices.DeleteFunc(sorted(no), func(theme string) bool { return slices.Contains(out.Yes, theme) })
	out.Codings = sorted(out.Codings)
	return out
}

// Settled gives the consensus that two different coders signed alike, and the hashes of their files; nil when there is
// none. It names every coding there is, and says of each theme what one of the coders said. Nobody's newer word counts
// but their last: consensuses come in the order in which each author sent them.
//
// A coding that came in on the day of the agreement or later, as that of a third who was still reading when the others agreed, stands
// beside it and takes nothing back: a third coder is for where two do not agree. An agreement that names it, too, takes its place.
func Settled(codings []Coded[*Coding], consensuses []Coded[*Consensus]) (*Consensus, []string) {
	return SettledBy(codings, consensuses, func([]string) bool { return true })
}

// SettledBy is Settled where counts says whether what these coders signed together still does.
func SettledBy(codings []Coded[*Coding], consensuses []Coded[*Consensus], counts func(signers []string) bool) (*Consensus, []string) {
	if agreed, hashes := settled(codings, consensuses, counts); agreed != nil {
		return agreed, hashes
	}
	for i, late := range codings {
		agreed, hashes := settled(slices.Delete(slices.Clone(codings), i, i+1), consensuses, counts)
		before := func(c Coded[*Consensus]) bool {
			return slices.Contains(hashes, c.Hash) && (c.On == "" || c.On > late.On)
		}
		if agreed != nil && !slices.ContainsFunc(consensuses, before) {
			return agreed, hashes
		}
	}
	return nil, nil
}

func settled(codings []Coded[*Coding], consensuses []Coded[*Consensus], counts func(signers []string) bool) (*Consensus, []string) {
	last := map[string]Coded[*Consensus]{}
	for _, c := range consensuses {
		last[c.By] = c
	}
	for _, c := range last {
		var hashes, signers []string
		for _, coder := range codings {
			if other, signed := last[coder.By]; signed && same(other.Body, c.Body) && !slices.Contains(hashes, other.Hash) {
				hashes, signers = append(hashes, other.Hash), append(signers, other.By)
			}
		}
		if len(hashes) >= 2 && counts(signers) && Follows(c.Body, codings) {
			return c.Body, sorted(hashes)
		}
	}
	return nil, nil
}

func same(a, b *Consensus) bool {
	left, errA := json.Marshal(a)
	right, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(left) == string(right)
}

// Follows says whether a consensus is one of these codings and of all of them: no theme that nobody found, none left out
// that everybody found, and a seriousness between the lowest and the highest.
func Follows(c *Consensus, codings []Coded[*Coding]) bool {
	var hashes, coders []string
	low, high := 3, 0
	for _, coding := range codings {
		hashes, coders = append(hashes, coding.Hash), append(coders, coding.By)
		low, high = min(low, coding.Body.Seriousness), max(high, coding.Body.Seriousness)
	}
	if len(sorted(coders)) != len(codings) || !slices.Equal(sorted(hashes), c.Codings) {
		return false
	}
	if c.Seriousness < low || c.Seriousness > high {
		return false
	}
	asked := c.No
	for _, coding := range codings {
		asked = union(asked, c.Yes, coding.Body.Yes, coding.Body.No)
	}
	return !slices.ContainsFunc(asked, func(theme string) bool {
		return !slices.ContainsFunc(codings, func(coding Coded[*Coding]) bool { return coding.Body.says(theme) == c.says(theme) })
	})
}

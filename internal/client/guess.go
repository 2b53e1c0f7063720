package client

import (
	"fmt"
	"slices"
	"strings"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// A RepeatsError means that words were to go out as the panel's which are its writer's own, and those may not go out.
type RepeatsError struct{ Stretches []string }

func (e *RepeatsError) Error() string {
	const said = "the writer does not allow their own words to go out, and here %d of them or more stand in a row: “%s”. " +
		"Say it in other words"
	return fmt.Sprintf(said, coding.OwnRun, strings.Join(e.Stretches, "”; “"))
}

// ownWords are all that the writer of a message wrote in words of their own, and what they said about themselves.
func (c *Case) ownWords() []string {
	var answers []seal.Answer
	for _, one := range append([]*Case{c.head()}, c.head().later...) {
		if one.message != nil {
			answers = append(answers, one.message.Answers...)
		}
	}
	return coding.OwnWords(answers)
}

// repeats are the stretches for which something may not go out of a message, as its writer wishes now.
func (c *Case) repeats(out coding.Outgoing) []string {
	wishes := c.wishes()
	return wishes.Repeats(out, c.ownWords())
}

// Quotes are the stretches of words that are its writer's own, for whoever checks them: coding.MarkedRun in a row. Errors:
// ErrNotDeclared.
func (b *Bench) Quotes(c *Case, words string) ([]string, error) {
	if !b.declared(c) {
		return nil, ErrNotDeclared
	}
	return coding.Repeated(words, c.ownWords(), coding.MarkedRun), nil
}

// Crowd is how large the crowd is that a message stands in. It counts messages and not people: one person can have written several,
// so the true crowd may be smaller, and those who wrote nothing here make it larger.
type Crowd struct {
	K    int    // messages, this one among them, of the same service, month and role: the least over its roles
	Role string // for which there are so few; "" when none was named
	Rare *Rare  // of its themes and roles those that the fewest of these messages have together; nil without themes
}

// Rare is a theme that few of a crowd have, with the role for which they are few.
type Rare struct {
	Theme, Role string
	K           int
}

// Crowd counts first messages that came in in the same month and name the same service and role, and of them those about the same
// theme, as coders agree; before they do, or before this reviewer may know, a message is about the themes of the warnings in its
// row, those of what its writer sent later among them. Twin of crowd in ui/src/panel/guess.ts.
func (b *Bench) Crowd(c *Case) Crowd {
	roles := c.Card.Roles
	if len(roles) == 0 {
		roles = []string{""}
	}
	var out *Crowd
	var rare *Rare
	for _, role := range roles {
		near := b.near(c, role)
		if out == nil || len(near) < out.K {
			out = &Crowd{K: len(near), Role: role}
		}
		for _, theme := range b.themesOf(c) {
			k := 0
			for _, one := range near {
				if slices.Contains(b.themesOf(one), theme) {
					k++
				}
			}
			if rare == nil || k < rare.K {
				rare = &Rare{theme, role, k}
			}
		}
	}
	out.Rare = rare
	return *out
}

// near are the messages of a crowd, by one role; "" for those that name none.
func (b *Bench) near(c *Case, role string) (near []*Case) {
	for _, one := range b.ordered() {
		same := one.Card.Of == seal.KindSubmission && one.Card.Service == c.Card.Service && month(one.Day) == month(c.Day)
		if (one == c || same) && (slices.Contains(one.Card.Roles, role) || role == "" && len(one.Card.Roles) == 0) {
			near = append(near, one)
		}
	}
	return near
}

// month is that of a day, `YYYY-MM`.
func month(day string) string { return day[:min(len(day), len("2006-01"))] }

func (b *Bench) themesOf(c *Case) (themes []string) {
	if agreed := c.signedAlike(); agreed != nil && !c.readsAlone(b.ID) {
		return agreed.Yes
	}
	for _, chip := range c.withLater().Chips {
		if theme, _, _ := strings.Cut(chip, "."); !slices.Contains(themes, theme) {
			themes = append(themes, theme)
		}
	}
	return themes
}

package client

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// Row is all that is shown of a message before a reviewer has declared: its card, and how far the panel is.
type Row struct {
	LeafHash string       `json:"leaf_hash"` // hex
	Epoch    string       `json:"epoch"`
	Day      string       `json:"day"`
	Card     *coding.Card `json:"card"` // as coding.Card.Shown; what it belongs to only for who has declared
	Stage    string       `json:"stage"`
	Parts    []Part       `json:"parts"`
	Declared bool         `json:"declared"`
	Later    int          `json:"later"`             // further messages of the same writer
	CheckIn  string       `json:"check_in,omitzero"` // from which Monday the writer wishes to be asked what happened since

	Due    *Due           `json:"due,omitzero"`    // the clock that runs, without pauses before the reviewer has declared
	Pauses []coding.Pause `json:"pauses,omitzero"` // while the writer looks at what may go out; only for who has declared

	Answering *Answering `json:"answering,omitzero"`  // the clock of whoever wrote
	LaterGone bool       `json:"later_gone,omitzero"` // see GoneLater; of what the panel works on alone, and has not decided and done
}

// Queue lists the messages that the panel works on: the urgent first, then the oldest. Decoys, junk and further messages whose first is
// here have no row.
func (b *Bench) Queue() []Row {
	var rows []Row
	for _, c := range b.ordered() {
		if c.message == nil || c.Card.Of == seal.KindDecoy || c.first != nil {
			continue
		}
		rows = append(rows, b.Row(c))
	}
	slices.SortStableFunc(rows, func(x, y Row) int {
		if x.Card.Urgent != y.Card.Urgent {
			if x.Card.Urgent {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Day, y.Day)
	})
	return rows
}

// ErrNoTheme means that there is no theme of this code.
var ErrNoTheme = errors.New("there is no theme of this code")

// Avoid leaves out rows whose warnings touch themes that a reviewer would rather not read, but for those on which they have a part, and
// counts them. What a writer did not tick cannot be known before reading. Nobody is told. Error: ErrNoTheme.
func (b *Bench) Avoid(rows []Row, themes []string) (left []Row, hidden int, err error) {
	for _, theme := range themes {
		if !slices.ContainsFunc(taxonomy.Themes(), func(t taxonomy.Theme) bool { return t.Code == theme }) {
			return nil, 0, fmt.Errorf("%w: %s", ErrNoTheme, theme)
		}
	}
	touches := func(chip string) bool { return slices.Contains(themes, coding.ThemeOf(chip)) }
	mine := func(p Part) bool {
		return p.Reviewer == b.ID && (p.Part == review.RoleCoder || p.Part == review.RoleThird || p.Part == review.RoleChecker)
	}
	left = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		return slices.ContainsFunc(r.Card.Chips, touches) && !slices.ContainsFunc(r.Parts, mine)
	})
	return left, len(rows) - len(left), nil
}

// Row shows a message by its card.
func (b *Bench) Row(c *Case) Row {
	card, parts := c.withLater(), append([]Part{}, c.Parts...)
	row := Row{
		hex.EncodeToString(c.Leaf[:]), c.Epoch, c.Day, card.Shown(""), c.Stage(b.Today), parts, b.declared(c), len(c.later), b.CheckIn(c),
		nil, nil, nil, false,
	}
	row.LaterGone = b.laterGone(c) && !c.beside() && row.Stage != StageKept && row.Stage != StageReleased
	if row.Declared {
		row.Card.Thread, row.Pauses = card.Thread, b.Pauses(c)
	}
	row.Due = b.Practice.due(c.Day, c.clock(row.Stage), b.Today, coding.PausedDays(row.Pauses, b.Today))
	row.Answering = b.answering(c, row.Declared, row.Pauses)
	return row
}

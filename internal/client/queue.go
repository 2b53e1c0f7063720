package client

import (
	"encoding/hex"
	"slices"
	"strings"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// Row is all that is shown of a message before a reviewer has declared: its card, and how far the panel is.
type Row struct {
	LeafHash string       `json:"leaf_hash"` // hex
	Epoch    string       `json:"epoch"`
	Day      string       `json:"day"`
	Card     *coding.Card `json:"card"`
	Stage    string       `json:"stage"`
	Parts    []Part       `json:"parts"`
	Declared bool         `json:"declared"`
	Later    int          `json:"later"`             // further messages of the same writer
	CheckIn  string       `json:"check_in,omitzero"` // from which Monday the writer wishes to be asked what happened since

	Due    *Due           `json:"due,omitzero"`    // the clock that runs, without pauses before the reviewer has declared
	Pauses []coding.Pause `json:"pauses,omitzero"` // while the writer looks at what may go out; only for who has declared

	Answering *Answering `json:"answering,omitzero"` // the clock of whoever wrote
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

// Row shows a message by its card.
func (b *Bench) Row(c *Case) Row {
	parts := append([]Part{}, c.Parts...)
	row := Row{hex.EncodeToString(c.Leaf[:]), c.Epoch, c.Day, c.withLater(), c.Stage(b.Today), parts, b.declared(c), len(c.later), b.CheckIn(c), nil, nil, nil}
	if row.Declared {
		row.Pauses = b.Pauses(c)
	}
	row.Due = b.Practice.due(c.Day, c.clock(row.Stage), b.Today, coding.PausedDays(row.Pauses, b.Today))
	row.Answering = b.answering(c, row.Declared, row.Pauses)
	return row
}

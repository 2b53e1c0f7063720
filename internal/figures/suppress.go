package figures

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Protected is one table, or several that are shown together, made safe: small lines merged, small cells hidden, and as
// many others as are needed so that nobody works the small ones out.
type Protected struct {
	Rule   Rule
	Layers []*Table // after small lines were merged
	Hidden Pattern  // the same cells in every layer, and in the sum of the layers; never a total

	Primary   int // cells hidden because they are small in some layer
	Secondary int // cells hidden to protect those
}

// Unsafe means that tables cannot be shown: its cells could be worked out whatever else is hidden. It names cells, so it is
// for the panel's eyes only.
type Unsafe struct {
	Cells  []string // "row / column", in order
	TooFew bool     // so few reports that none of it can be shown; Cells are those they stand in
}

func (e *Unsafe) Error() string {
	cells := strings.Join(e.Cells, ", ")
	if e.TooFew {
		return "the table holds too few reports to show any of it, in these cells: " + cells
	}
	return "these cells could be worked out whatever else is hidden: " + cells
}

// Protect makes a table safe. With several layers (such as concerns and other feedback), which must have the same rows and
// columns, each layer and their sum may be shown: they are one system. The same cells are hidden in all, and then the
// sum says nothing new: where it is shown every layer is, and where it is hidden every layer is. So a hidden cell of a
// layer has the interval it has in its own table, exactly, and one of the sum the sum of those.
//
// In this order: small lines are merged, and rows of nearly all; small cells hidden, and cells of nearly all; then, the narrowest interval first, each small cell whose
// interval is too narrow gets the cheapest cycle of further cells through it (a cell costs its count and a half, hidden
// ones nothing; a 0 that is shown is never used, since it may be known to be impossible); then what turns out not to be
// needed is shown again, the largest first; last, Audit judges the result. Totals are never hidden: tables with a line in
// common stay independent that way. After Kelly, Golden and Assad (1992), "Cell suppression: disclosure protection for
// sensitive tabular data", Networks 22, with the audit by flows of network.
//
// Errors: *Unsafe, and those that wrap ErrTable or ErrRule.
func Protect(rule Rule, layers ...*Table) (*Protected, error) {
	if err := checkLayers(rule, layers); err != nil {
		return nil, err
	}
	for _, t := range layers {
		if t.reports() <= 2*rule.K {
			return nil, tooFew(t)
		}
	}
	layers = collapse(rule.K, layers)
	s := newSearch(rule, layers)
	if unsafe := s.run(); len(unsafe) > 0 {
		return nil, namedUnsafe(layers, unsafe)
	}
	p := &Protected{Rule: rule, Layers: layers, Hidden: s.pattern(), Primary: s.primary}
	p.Secondary = s.hiddenCells() - s.primary
	return p, p.verify()
}

func checkLayers(rule Rule, layers []*Table) error {
	if len(layers) == 0 {
		return fmt.Errorf("%w: there is none", ErrTable)
	}
	errs := []error{rule.Check()}
	for _, t := range layers {
		errs = append(errs, t.Check())
		if !slices.Equal(t.Rows, layers[0].Rows) || !slices.Equal(t.Cols, layers[0].Cols) {
			errs = append(errs, fmt.Errorf("%w: its layers have different lines", ErrTable))
		}
	}
	return errors.Join(errs...)
}

func namedUnsafe(layers []*Table, cells []place) *Unsafe {
	slices.SortFunc(cells, func(a, b place) int { return (a.row-b.row)*maxLines*2 + a.col - b.col })
	err := &Unsafe{}
	for _, c := range slices.Compact(cells) {
		err.Cells = append(err.Cells, layers[0].CellName(c.row, c.col))
	}
	return err
}

// tooFew names the cells that a table's few reports stand in, as they were before lines were merged; its total when there
// are none.
func tooFew(t *Table) *Unsafe {
	err := &Unsafe{TooFew: true}
	for i, row := range t.Counts {
		for j, n := range row {
			if n > 0 {
				err.Cells = append(err.Cells, t.CellName(i, j))
			}
		}
	}
	if len(err.Cells) == 0 {
		err.Cells = []string{t.CellName(len(t.Rows), len(t.Cols))}
	}
	return err
}

// verify audits every layer from nothing, so that a mistake in the search above cannot let anything out.
func (p *Protected) verify() error {
	var cells []place
	for _, t := range p.Layers {
		for _, f := range audit(p.Rule, t, p.Hidden, p.Rule.K+1).Findings {
			cells = append(cells, place{f.Row, f.Col})
		}
	}
	if len(cells) > 0 {
		return namedUnsafe(p.Layers, cells)
	}
	return nil
}

// Sum is the table of all layers together.
func (p *Protected) Sum() *Table { return sumOf(p.Layers) }

func sumOf(layers []*Table) *Table {
	sum := NewTable(layers[0].Rows, layers[0].Cols)
	for _, t := range layers {
		if t.Reports != nil && sum.Reports == nil {
			sum.Reports = make([]int, len(t.Cols))
		}
		for j, n := range t.Reports {
			sum.Reports[j] += n
		}
		for i, row := range t.Counts {
			for j, n := range row {
				sum.Counts[i][j] += n
			}
		}
	}
	return sum
}

// HiddenShare is the part of all counts that stands in hidden cells, from 0 to 1. For the panel only.
func (p *Protected) HiddenShare() float64 {
	sum := p.Sum()
	hidden := 0
	for i, row := range sum.Counts {
		for j, n := range row {
			if p.Hidden[i][j] {
				hidden += n
			}
		}
	}
	return float64(hidden) / float64(max(1, sum.Total()))
}

type place struct{ row, col int }

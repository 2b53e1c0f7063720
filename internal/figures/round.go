package figures

import "slices"

// Base is what shown counts are rounded to. Hiding comes first and rounding second: neither is enough alone.
const Base = 5

// Round is a count to the nearest multiple of Base, as in the disclosure control of OpenSAFELY and of NHS Digital's
// hospital statistics (2018). A whole number is never half way between two multiples of 5.
func Round(count int) int { return (count + Base/2) / Base * Base }

// Hidden is the value of a cell that is not shown. It never says why: small cells and those that protect them look alike.
const Hidden = -1

// Shown is a table as it is published. Its totals are the sums of the rounded cells that are shown, so nothing can be
// worked out from a total that cannot be worked out from the cells; they are smaller than the true ones by what is hidden.
// A merged line of answers is not shown at all: twelve answers in it may be those of three reports.
type Shown struct {
	Rows      []string `json:"rows"`
	Cols      []string `json:"cols"`
	Counts    [][]int  `json:"counts"`     // rounded, or Hidden
	RowTotals []int    `json:"row_totals"` // Hidden where nothing of the line is shown
	ColTotals []int    `json:"col_totals"`
	Total     int      `json:"total"`
}

// Show is a layer as it is published.
func (p *Protected) Show(layer int) *Shown { return show(p.Layers[layer], p.Hidden) }

// ShowSum is the sum of the layers as it is published: sums of what the layers show, so that layers and sum agree.
func (p *Protected) ShowSum() *Shown {
	rounded := make([]*Table, len(p.Layers))
	for l, t := range p.Layers {
		rounded[l] = NewTable(t.Rows, t.Cols)
		rounded[l].Reports = t.Reports
		for i, row := range t.Counts {
			for j, n := range row {
				rounded[l].Counts[i][j] = Round(n)
			}
		}
	}
	return show(sumOf(rounded), p.Hidden)
}

func show(t *Table, hidden Pattern) *Shown {
	s := &Shown{Rows: slices.Clone(t.Rows), Cols: slices.Clone(t.Cols), RowTotals: make([]int, len(t.Rows)), ColTotals: make([]int, len(t.Cols))}
	for i, row := range t.Counts {
		line := make([]int, len(row))
		for j, n := range row {
			if hidden[i][j] || t.Reports != nil && t.Rows[i] == Other {
				line[j] = Hidden
				continue
			}
			line[j] = Round(n)
			s.RowTotals[i] += line[j]
			s.ColTotals[j] += line[j]
			s.Total += line[j]
		}
		s.Counts = append(s.Counts, line)
	}
	s.hideEmptyTotals()
	return s
}

// hideEmptyTotals keeps the sum of nothing from looking like nobody.
func (s *Shown) hideEmptyTotals() {
	shownInCol := make([]bool, len(s.Cols))
	shownAtAll := false
	for i, line := range s.Counts {
		shownInRow := false
		for j, n := range line {
			if n != Hidden {
				shownInRow, shownInCol[j], shownAtAll = true, true, true
			}
		}
		if !shownInRow {
			s.RowTotals[i] = Hidden
		}
	}
	for j, shown := range shownInCol {
		if !shown {
			s.ColTotals[j] = Hidden
		}
	}
	if !shownAtAll {
		s.Total = Hidden
	}
}

// Percent is a cell as a whole percentage of what is shown of its row. ok is false where it would say something about a
// hidden cell: the cell itself, or any other of its row, is hidden, or nothing of the row is shown.
func (s *Shown) Percent(row, col int) (percent int, ok bool) {
	if slices.Contains(s.Counts[row], Hidden) || s.RowTotals[row] <= 0 {
		return 0, false
	}
	return (200*s.Counts[row][col] + s.RowTotals[row]) / (2 * s.RowTotals[row]), true
}

// Median is the column in which the middle report of a row lies, where columns have an order (such as bands of days). It
// is worked out from the rounded counts; ok is false when a cell of the row is hidden, when nothing of it is shown, or when
// the middle falls between two columns.
func (s *Shown) Median(row int) (col int, ok bool) {
	if slices.Contains(s.Counts[row], Hidden) || s.RowTotals[row] <= 0 {
		return 0, false
	}
	sum := 0
	for col, n := range s.Counts[row] {
		sum += n
		if 2*sum > s.RowTotals[row] {
			return col, true
		}
		if 2*sum == s.RowTotals[row] {
			return 0, false
		}
	}
	return 0, false
}

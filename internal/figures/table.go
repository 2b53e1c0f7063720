package figures

import (
	"errors"
	"fmt"
	"slices"
)

// Limits of a table. They bound work, not meaning: 200 x 50 is larger than anything a clinic releases.
const (
	maxLines = 400     // rows, or columns
	maxCount = 1 << 30 // of one cell, so that sums fit
)

// Other is the line into which small lines are merged. It is a code: pages say "all other".
const Other = "other"

// ErrTable means that a table is not one: its message says what to mend.
var ErrTable = errors.New("this is not a table of counts")

// Table is a two-way table of counts, without its totals, which are always worked out.
type Table struct {
	Rows   []string
	Cols   []string
	Counts [][]int // by row, then by column

	// Reports is how many reports each column is about, where one may stand in several rows of it: somebody names three
	// themes. It is nil where every report stands in one cell.
	Reports []int
}

// NewTable is a table of zeros.
func NewTable(rows, cols []string) *Table {
	t := &Table{Rows: slices.Clone(rows), Cols: slices.Clone(cols), Counts: make([][]int, len(rows))}
	for i := range t.Counts {
		t.Counts[i] = make([]int, len(cols))
	}
	return t
}

// Check finds what cannot be counted. Errors wrap ErrTable.
func (t *Table) Check() error {
	if len(t.Rows) == 0 || len(t.Cols) == 0 {
		return fmt.Errorf("%w: it has no rows or no columns", ErrTable)
	}
	if len(t.Rows) > maxLines || len(t.Cols) > maxLines {
		return fmt.Errorf("%w: it has %d rows and %d columns, and at most %d of each are looked at", ErrTable, len(t.Rows), len(t.Cols), maxLines)
	}
	if len(t.Counts) != len(t.Rows) {
		return fmt.Errorf("%w: it has %d names of rows and %d rows", ErrTable, len(t.Rows), len(t.Counts))
	}
	if t.Reports != nil && len(t.Reports) != len(t.Cols) {
		return fmt.Errorf("%w: it has reports of %d columns, and there are %d", ErrTable, len(t.Reports), len(t.Cols))
	}
	for _, names := range [][]string{t.Rows, t.Cols} {
		if name, twice := doubled(names); twice {
			return fmt.Errorf("%w: the name %q stands on two lines", ErrTable, name)
		}
	}
	for i, row := range t.Counts {
		if len(row) != len(t.Cols) {
			return fmt.Errorf("%w: row %q has %d cells, and there are %d columns", ErrTable, t.Rows[i], len(row), len(t.Cols))
		}
		for j, n := range row {
			if n < 0 || n > maxCount {
				return fmt.Errorf("%w: row %q, column %q is %d, and a count is a whole number from 0 to %d", ErrTable, t.Rows[i], t.Cols[j], n, maxCount)
			}
		}
	}
	return nil
}

// most is how high a cell may be thought to be. Where a report may stand in several rows, no cell of a column is above the
// column's reports. In a line of merged answers a report may be counted more than once, and the bound is taken to be the
// cell itself where that is higher. It is what a reader could know, or too strict, never too loose.
func (t *Table) most(row, col int) int {
	if t.Reports == nil {
		return unbounded
	}
	return max(t.Reports[col], t.Counts[row][col])
}

// leftOut is how many reports of a column do not stand in a cell of answers. ok is false where nothing is said of them: where
// every report stands in one cell, and in a line of merged answers, which counts a report more than once and is never shown.
func (t *Table) leftOut(row, col int) (n int, ok bool) {
	if t.Reports == nil || t.Rows[row] == Other || t.Counts[row][col] > t.Reports[col] {
		return 0, false
	}
	return t.Reports[col] - t.Counts[row][col], true
}

// fullRows are the rows in which all reports of some table stand, or all but k. They cannot be shown, for what their
// total says no hiding of cells takes back.
func fullRows(k int, tables []*Table) (full []int) {
	for i, name := range tables[0].Rows {
		if name != Other && slices.ContainsFunc(tables, func(t *Table) bool {
			return t.Reports != nil && t.reports()-t.At(i, len(t.Cols)) <= k
		}) {
			full = append(full, i)
		}
	}
	return full
}

func doubled(names []string) (string, bool) {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return name, true
		}
		seen[name] = true
	}
	return "", false
}

// At is the count of a cell; the line after the last is that of totals.
func (t *Table) At(row, col int) int {
	rows, cols := t.Counts, [2]int{col, col + 1}
	if row < len(t.Rows) {
		rows = t.Counts[row : row+1]
	}
	if col == len(t.Cols) {
		cols = [2]int{0, len(t.Cols)}
	}
	sum := 0
	for _, r := range rows {
		for _, n := range r[cols[0]:cols[1]] {
			sum += n
		}
	}
	return sum
}

// Total is the sum of all cells.
func (t *Table) Total() int { return t.At(len(t.Rows), len(t.Cols)) }

// CellName names a cell for people, a total included.
func (t *Table) CellName(row, col int) string {
	name := func(names []string, i int) string {
		if i == len(names) {
			return "total"
		}
		return names[i]
	}
	return name(t.Rows, row) + " / " + name(t.Cols, col)
}

// people are the totals by which lines are small: of reports, where a column's counts are of answers.
func (t *Table) people(ofRows bool) []int {
	if t.Reports != nil && !ofRows {
		return t.Reports
	}
	return t.totals(ofRows)
}

// reports is how many reports a table is about.
func (t *Table) reports() int {
	sum := 0
	for _, n := range t.people(false) {
		sum += n
	}
	return sum
}

// totals are the row totals, or the column totals.
func (t *Table) totals(ofRows bool) []int {
	n := len(t.Cols)
	if ofRows {
		n = len(t.Rows)
	}
	sums := make([]int, n)
	for i, row := range t.Counts {
		for j, count := range row {
			if ofRows {
				sums[i] += count
			} else {
				sums[j] += count
			}
		}
	}
	return sums
}

// collapse merges the small lines of tables with the same lines, rows first and then columns, so that every line that is
// left totals more than 2k in each of them, as long as there is more than one line. A line of 2k or less leaves its cells
// no room to hide in: a printed total of 12 says that none of its cells is 13. Rows of answers that nearly all reports
// stand in are merged with them, whether zeros are small or not: tables that share rows must merge the same.
func collapse(k int, tables []*Table) []*Table {
	for _, ofRows := range []bool{true, false} {
		var full []int
		if ofRows {
			full = fullRows(k, tables)
		}
		if merged := mergedLines(k, tables, ofRows, full); len(merged) > 0 {
			next := make([]*Table, len(tables))
			for i, t := range tables {
				next[i] = t.merge(merged, ofRows)
			}
			tables = next
		}
	}
	return tables
}

// mergedLines are the lines to merge: those of 2k or less, and the next smallest until together they total more than 2k in
// every table; and the full ones, which hide among those and count for nothing there. A line that is called Other already
// goes with them.
func mergedLines(k int, tables []*Table, ofRows bool, full []int) []int {
	names := tables[0].Cols
	if ofRows {
		names = tables[0].Rows
	}
	least := make([]int, len(names))
	sums := make([][]int, len(tables))
	for l, t := range tables {
		sums[l] = t.people(ofRows)
		for i, n := range sums[l] {
			if l == 0 || n < least[i] {
				least[i] = n
			}
		}
	}
	var order []int
	for i := range names {
		if !slices.Contains(full, i) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return least[a] - least[b] })
	if len(full) == 0 && least[order[0]] > 2*k {
		return nil
	}
	if i := slices.Index(names, Other); i >= 0 {
		order = append([]int{i}, slices.DeleteFunc(order, func(x int) bool { return x == i })...)
	}
	merged := make([]int, len(tables))
	for n, i := range order {
		if least[i] > 2*k && names[i] != Other && slices.Min(merged) > 2*k {
			return append(order[:n:n], full...)
		}
		for l := range tables {
			merged[l] += sums[l][i]
		}
	}
	return append(order, full...)
}

// merge puts lines together into one called Other, after the rest.
func (t *Table) merge(lines []int, ofRows bool) *Table {
	names := t.Cols
	if ofRows {
		names = t.Rows
	}
	to := make([]int, len(names))
	var kept []string
	for i, name := range names {
		if slices.Contains(lines, i) {
			to[i] = -1
			continue
		}
		to[i] = len(kept)
		kept = append(kept, name)
	}
	for i := range to {
		if to[i] < 0 {
			to[i] = len(kept)
		}
	}
	kept = append(kept, Other)
	var out *Table
	if ofRows {
		out = NewTable(kept, t.Cols)
	} else {
		out = NewTable(t.Rows, kept)
	}
	if t.Reports != nil {
		out.Reports = make([]int, len(out.Cols))
	}
	for j, n := range t.Reports {
		if ofRows {
			out.Reports[j] = n
		} else {
			out.Reports[to[j]] += n
		}
	}
	for i, row := range t.Counts {
		for j, n := range row {
			if ofRows {
				out.Counts[to[i]][j] += n
			} else {
				out.Counts[i][to[j]] += n
			}
		}
	}
	return out
}

// Classes names the lines whose reports all stand in one cell, though they could stand in several: whoever is known to
// belong to such a line is known to belong to that cell. Where 0 is small such cells are protected like any other.
func (t *Table) Classes() []string {
	var names []string
	for _, ofRows := range []bool{true, false} {
		lines, across := t.Cols, len(t.Rows)
		if ofRows {
			lines, across = t.Rows, len(t.Cols)
		}
		for i, total := range t.totals(ofRows) {
			most := 0
			for j := range across {
				if ofRows {
					most = max(most, t.Counts[i][j])
				} else {
					most = max(most, t.Counts[j][i])
				}
			}
			if across > 1 && total > 0 && most == total {
				names = append(names, lines[i])
			}
		}
	}
	return names
}

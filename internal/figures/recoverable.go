package figures

import "slices"

// Recoverable names the hidden cells of a released table that whoever knows all of its true totals could work out, by
// the rules of Audit: the true counts are not there any more, so it asks only whether a cell can be anything else at all. many
// says that a report may stand in several rows: the row of merged answers is then never shown, and hides nothing small.
func (t *ReleasedTable) Recoverable(k int, many bool) ([]string, error) {
	s := t.Shown
	stand := NewTable(s.Rows, s.Cols)
	hidden := NewPattern(len(s.Rows), len(s.Cols))
	for i, row := range s.Counts {
		for j, n := range row {
			stand.Counts[i][j] = n
			if n == Hidden {
				stand.Counts[i][j], hidden[i][j] = k+1, true // any number that can fall as well as rise
			}
		}
	}
	report, err := Audit(Rule{K: k, Zeros: t.Zeros}, stand, hidden)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, cell := range report.Recoverable() {
		if many && s.Rows[cell.Row] == Other && !slices.ContainsFunc(s.Counts[cell.Row], func(n int) bool { return n != Hidden }) {
			continue
		}
		names = append(names, stand.CellName(cell.Row, cell.Col))
	}
	return names, nil
}

package figures

import (
	"errors"
	"fmt"
)

// K is how many reports a cell must exceed to be shown: cells of 1 to K are hidden. The default is the rule of US health
// data (CMS cell size suppression policy); LeastK is the floor that no setting goes below.
const (
	K      = 10
	LeastK = 5
)

// ErrRule means that a rule would protect nobody.
var ErrRule = errors.New("this rule does not protect")

// Rule says which counts are small, and so must not be shown or worked out.
type Rule struct {
	K     int  // counts of 1 to K are small
	Zeros bool // so is 0: for tables where "nobody said this" tells as much as "everybody did"
}

// Check refuses a k below LeastK. Errors wrap ErrRule.
func (r Rule) Check() error {
	if r.K < LeastK || r.K > 1000 {
		return fmt.Errorf("%w: k is %d, and must be from %d to 1000", ErrRule, r.K, LeastK)
	}
	return nil
}

func (r Rule) small(count int) bool { return count <= r.K && (count > 0 || r.Zeros) }

// nearlyAll reports whether so few of a column's reports are not in a cell of answers that they are a small count.
func (r Rule) nearlyAll(t *Table, row, col int) bool {
	if row == len(t.Rows) || col == len(t.Cols) {
		return false
	}
	out, ok := t.leftOut(row, col)
	return ok && r.small(out)
}

// Pattern says what is hidden of a table, by row and column; the line after the last is that of totals.
type Pattern [][]bool

// NewPattern hides nothing of a table with so many rows and columns.
func NewPattern(rows, cols int) Pattern {
	p := make(Pattern, rows+1)
	for i := range p {
		p[i] = make([]bool, cols+1)
	}
	return p
}

// Unbounded is the High of a cell that could be anything from Low up.
const Unbounded = -1

// Interval is what can be worked out about a hidden cell by whoever knows all that is shown exactly: it is a whole number
// from Low to High, each of them possible.
type Interval struct {
	Row, Col int // the line after the last is that of totals
	Count    int
	Low      int
	High     int // or Unbounded
}

// width is High - Low.
func (i Interval) width() int {
	if i.High == Unbounded {
		return unbounded
	}
	return i.High - i.Low
}

// Fault says what is wrong with a cell.
type Fault string

// Faults, the gravest first.
const (
	FaultShown  Fault = "shown"  // a small count stands in the table
	FaultExact  Fault = "exact"  // it is hidden, and only one value is possible
	FaultLow    Fault = "low"    // every value possible is k or less
	FaultAll    Fault = "all"    // every value possible leaves out k reports or fewer: everybody said it, or nearly
	FaultNarrow Fault = "narrow" // the values possible span less than k
)

// Finding is a cell that the rule does not allow.
type Finding struct {
	Interval
	Fault Fault
}

// Report is the audit of a table as it would be shown.
type Report struct {
	Hidden   []Interval // every hidden cell, by row
	Findings []Finding  // what makes it unsafe; none when it may be shown
}

// Safe reports whether the table may be shown.
func (r *Report) Safe() bool { return len(r.Findings) == 0 }

// Recoverable are the hidden cells of which only one value is possible, small or not. One that is not small was hidden for
// some reason of whoever hid it, or in vain.
func (r *Report) Recoverable() (cells []Interval) {
	for _, in := range r.Hidden {
		if in.Low == in.High {
			cells = append(cells, in)
		}
	}
	return cells
}

// Audit works out what a reader could, of a table shown with its totals, every one of them exact unless hidden. It is the
// worst case: the reader knows each shown number to the last one, though releases round.
// Errors wrap ErrTable or ErrRule.
func Audit(rule Rule, t *Table, hidden Pattern) (*Report, error) {
	if err := errors.Join(rule.Check(), t.Check()); err != nil {
		return nil, err
	}
	if len(hidden) != len(t.Rows)+1 || len(hidden[0]) != len(t.Cols)+1 {
		return nil, fmt.Errorf("%w: what is hidden has other lines than the table", ErrTable)
	}
	return audit(rule, t, hidden, unbounded), nil
}

// audit follows flows up to a limit. Of more than k+1 the rule asks nothing, and whoever wants only its verdict saves much.
func audit(rule Rule, t *Table, hidden Pattern, limit int) *Report {
	report := &Report{}
	g := tableNetwork(t, hidden)
	sums := t.withTotals()
	e := int32(0)
	for i, row := range hidden {
		for j, isHidden := range row {
			at := Interval{Row: i, Col: j, Count: sums[i][j], Low: sums[i][j], High: sums[i][j]}
			if isHidden {
				if rule.small(at.Count) || rule.nearlyAll(t, i, j) || limit == unbounded {
					at = g.interval(e, at, isMargin(t, i, j), limit)
				}
				report.Hidden = append(report.Hidden, at)
				e++
			}
			if fault := rule.fault(t, at, isHidden); fault != "" {
				report.Findings = append(report.Findings, Finding{at, fault})
			}
		}
	}
	return report
}

// withTotals is the table with its line of totals each way.
func (t *Table) withTotals() [][]int {
	sums := make([][]int, len(t.Rows)+1)
	for i := range sums {
		sums[i] = make([]int, len(t.Cols)+1)
	}
	for i, row := range t.Counts {
		for j, n := range row {
			sums[i][j] += n
			sums[i][len(t.Cols)] += n
			sums[len(t.Rows)][j] += n
			sums[len(t.Rows)][len(t.Cols)] += n
		}
	}
	return sums
}

// isMargin says that a total enters its lines as a negative number: the grand total does not.
func isMargin(t *Table, row, col int) bool { return (row == len(t.Rows)) != (col == len(t.Cols)) }

// tableNetwork has an edge for every hidden cell, in order of rows.
func tableNetwork(t *Table, hidden Pattern) *network {
	g := newNetwork(len(t.Rows)+1, len(t.Cols)+1)
	sums := t.withTotals()
	for i, row := range hidden {
		for j, isHidden := range row {
			switch {
			case !isHidden:
			case isMargin(t, i, j):
				g.add(i, j, sums[i][j], unbounded)
			default:
				g.add(i, j, t.roomAbove(i, j), sums[i][j])
			}
		}
	}
	return g
}

// roomAbove is how far a reader must think that a cell could rise. The grand total has no bound.
func (t *Table) roomAbove(row, col int) int {
	if row == len(t.Rows) {
		return unbounded
	}
	if most := t.most(row, col); most < unbounded {
		return most - t.Counts[row][col]
	}
	return unbounded
}

// interval finds the bounds of a cell by two maximum flows, followed up to a limit.
func (g *network) interval(e int32, at Interval, margin bool, limit int) Interval {
	own := g.edges[e]
	up, down := own.rise, own.fall
	if margin {
		up, down = down, up
	}
	up = min(up, g.most(e, !margin, limit))
	down = min(down, g.most(e, margin, min(down, limit)))
	g.reset()
	at.Low = at.Count - down
	at.High = at.Count + up
	if up >= unbounded {
		at.High = Unbounded
	}
	return at
}

// fault applies the rule to what can be known about a cell.
func (r Rule) fault(t *Table, at Interval, hidden bool) Fault {
	small, nearlyAll := r.small(at.Count), r.nearlyAll(t, at.Row, at.Col)
	switch {
	case !small && !nearlyAll:
		return ""
	case !hidden:
		return FaultShown
	case at.width() == 0:
		return FaultExact
	case small && at.High != Unbounded && at.High <= r.K:
		return FaultLow
	case nearlyAll && t.Reports[at.Col]-at.Low <= r.K:
		return FaultAll
	case at.width() < r.K:
		return FaultNarrow
	}
	return ""
}

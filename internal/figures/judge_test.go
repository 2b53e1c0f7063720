package figures_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"

	"answerable/internal/figures"
)

// Two judges that share nothing with the code they judge. bruteForce tries every table of whole numbers that agrees with
// what is shown. linear states what is shown as equations and asks the simplex method of gonum for the least and the
// most of a cell.

type bounds struct{ low, high int }

// bruteForce needs all totals shown.
func bruteForce(t *figures.Table, hidden figures.Pattern) map[[2]int]bounds {
	rows, cols := len(t.Rows), len(t.Cols)
	rowLeft, colLeft := make([]int, rows), make([]int, cols)
	var cells [][2]int
	lastOfRow := map[[2]int]bool{}
	for i := range rows {
		last := -1
		for j := range cols {
			if hidden[i][j] {
				cells = append(cells, [2]int{i, j})
				rowLeft[i] += t.Counts[i][j]
				colLeft[j] += t.Counts[i][j]
				last = j
			}
		}
		lastOfRow[[2]int{i, last}] = true
	}
	value := make([]int, len(cells))
	found := map[[2]int]bounds{}
	var try func(n int)
	try = func(n int) {
		if n == len(cells) {
			for _, left := range colLeft {
				if left != 0 {
					return
				}
			}
			for i, c := range cells {
				b, ok := found[c]
				if !ok {
					b = bounds{math.MaxInt, -1}
				}
				found[c] = bounds{min(b.low, value[i]), max(b.high, value[i])}
			}
			return
		}
		i, j := cells[n][0], cells[n][1]
		first, most := 0, min(rowLeft[i], colLeft[j])
		if lastOfRow[cells[n]] {
			first = rowLeft[i]
		}
		for v := first; v <= most; v++ {
			value[n] = v
			rowLeft[i] -= v
			colLeft[j] -= v
			try(n + 1)
			rowLeft[i] += v
			colLeft[j] += v
		}
	}
	try(0)
	return found
}

// equations are what a reader knows: every line sums to its total. Hidden cells, totals among them, are the variables.
type equations struct {
	at map[[2]int]int
	a  *mat.Dense
	b  []float64
}

func newEquations(t *figures.Table, hidden figures.Pattern) *equations {
	e := &equations{at: map[[2]int]int{}}
	for i, row := range hidden {
		for j, h := range row {
			if h {
				e.at[[2]int{i, j}] = len(e.at)
			}
		}
	}
	rows, cols := len(t.Rows), len(t.Cols)
	var bounded [][2]int // cells that cannot be above the number of reports
	for c := range e.at {
		if t.Reports != nil && c[0] < rows && c[1] < cols {
			bounded = append(bounded, c)
		}
	}
	vars := len(e.at) + len(bounded) // each bound has a variable for what is left below it
	var lines [][]float64
	for i, c := range bounded {
		line := make([]float64, vars+1)
		line[e.at[c]], line[len(e.at)+i], line[vars] = 1, 1, float64(max(t.Reports[c[1]], t.Counts[c[0]][c[1]]))
		lines = append(lines, line)
	}
	addLine := func(n int, cell func(x int) [2]int) {
		line := make([]float64, vars+1)
		for x := range n + 1 {
			sign := 1.0
			if x == n {
				sign = -1
			}
			c := cell(x)
			if v, ok := e.at[c]; ok {
				line[v] += sign
			} else {
				line[vars] -= sign * float64(t.At(c[0], c[1]))
			}
		}
		lines = append(lines, line)
	}
	for i := range rows + 1 {
		addLine(cols, func(x int) [2]int { return [2]int{i, x} })
	}
	for j := range cols + 1 {
		addLine(rows, func(x int) [2]int { return [2]int{x, j} })
	}
	lines = independent(lines)
	if len(lines) > 0 {
		e.a = mat.NewDense(len(lines), vars, nil)
		for i, line := range lines {
			e.a.SetRow(i, line[:vars])
			e.b = append(e.b, line[vars])
		}
	}
	return e
}

// bothLayers are the equations of two layers in which a report may stand in several rows: what is hidden of each, each line's
// sum, and for every cell that both together are not above their column's reports. Rows of the
// second layer are numbered from 100. It is nil when nothing is hidden.
func bothLayers(p *figures.Protected) *equations {
	e := &equations{at: map[[2]int]int{}}
	rows, cols := len(p.Layers[0].Rows), len(p.Layers[0].Cols)
	var hidden [][2]int
	for i := range rows {
		for j := range cols {
			if p.Hidden[i][j] {
				hidden = append(hidden, [2]int{i, j})
				e.at[[2]int{i, j}] = len(e.at)
				e.at[[2]int{i + 100, j}] = len(e.at)
			}
		}
	}
	if len(hidden) == 0 {
		return nil
	}
	vars := len(e.at) + len(hidden)
	var lines [][]float64
	for n, c := range hidden {
		line := make([]float64, vars+1)
		line[e.at[c]], line[e.at[[2]int{c[0] + 100, c[1]}]], line[len(e.at)+n] = 1, 1, 1
		for _, t := range p.Layers { // in a merged line a report may be counted more than once
			line[vars] += float64(max(t.Reports[c[1]], t.Counts[c[0]][c[1]]))
		}
		lines = append(lines, line)
	}
	for l, t := range p.Layers {
		for x := range rows + cols {
			line := make([]float64, vars+1)
			for _, c := range hidden {
				if c[0] == x || c[1] == x-rows {
					line[e.at[[2]int{c[0] + l*100, c[1]}]] = 1
					line[vars] += float64(t.Counts[c[0]][c[1]])
				}
			}
			lines = append(lines, line)
		}
	}
	lines = independent(lines)
	e.a = mat.NewDense(len(lines), vars, nil)
	for i, line := range lines {
		e.a.SetRow(i, line[:vars])
		e.b = append(e.b, line[vars])
	}
	return e
}

// independent drops equations that follow from others, by elimination; the last number of each is its right side.
func independent(lines [][]float64) (kept [][]float64) {
	var reduced [][]float64
	for _, line := range lines {
		r := append([]float64(nil), line...)
		for _, other := range reduced {
			p := pivot(other)
			if f := r[p] / other[p]; f != 0 {
				for x := range r {
					r[x] -= f * other[x]
				}
			}
		}
		if p := pivot(r); p < len(r)-1 {
			reduced, kept = append(reduced, r), append(kept, line)
		}
	}
	return kept
}

func pivot(line []float64) int {
	for x, v := range line {
		if math.Abs(v) > 1e-9 {
			return x
		}
	}
	return len(line)
}

// linear is the least and the most of a cell; most is figures.Unbounded where there is no limit.
func (e *equations) linear(t testing.TB, cell [2]int) bounds {
	t.Helper()
	rows, n := e.a.Dims()
	if rows == n {
		var x mat.VecDense
		if err := x.SolveVec(e.a, mat.NewVecDense(n, e.b)); err != nil {
			t.Fatalf("solve: %v", err)
		}
		v := int(math.Round(x.AtVec(e.at[cell])))
		return bounds{v, v}
	}
	var ends [2]int
	for i, sign := range []float64{1, -1} {
		c := make([]float64, n)
		c[e.at[cell]] = sign
		best, _, err := lp.Simplex(c, e.a, e.b, 1e-10, nil)
		switch {
		case errors.Is(err, lp.ErrUnbounded) && sign < 0:
			ends[i] = figures.Unbounded
		case err != nil:
			t.Fatalf("simplex: %v", err)
		default:
			ends[i] = int(math.Round(sign * best))
			if math.Abs(sign*best-math.Round(sign*best)) > 1e-6 {
				t.Fatalf("the bound %v is no whole number", sign*best)
			}
		}
	}
	return bounds{ends[0], ends[1]}
}

// randomTable is sparse, skewed, with empty lines, or with columns that hold a whole row, by turns.
func randomTable(r *rand.Rand, rows, cols int) *figures.Table {
	names := func(letter string, n int) (out []string) {
		for i := range n {
			out = append(out, letter+string(rune('a'+i)))
		}
		return out
	}
	t := figures.NewTable(names("r", rows), names("c", cols))
	kind, size := r.IntN(5), []int{3, 12, 40, 150}[r.IntN(4)]
	for i := range rows {
		only := r.IntN(cols)
		empty := kind == 2 && r.IntN(4) == 0
		for j := range cols {
			n := r.IntN(size)
			switch {
			case empty, kind == 0 && r.IntN(10) < 7:
				n = 0
			case kind == 1: // skewed: a few large cells, many tiny ones
				n = int(float64(2*size) * math.Exp(-4*r.Float64()))
			case kind == 3 && j != only && i%2 == 0:
				n = 0
			}
			t.Counts[i][j] = n
		}
	}
	return t
}

func randomPattern(r *rand.Rand, t *figures.Table, totals bool) figures.Pattern {
	p := figures.NewPattern(len(t.Rows), len(t.Cols))
	part := r.Float64()
	for i := range p {
		for j := range p[i] {
			if totals || i < len(t.Rows) && j < len(t.Cols) {
				p[i][j] = r.Float64() < part
			}
		}
	}
	return p
}

// someReports are reports by column of which one may stand in several rows: at least its highest cell, at most all of them.
func someReports(r *rand.Rand, t *figures.Table) []int {
	reports := make([]int, len(t.Cols))
	for j := range reports {
		for i := range t.Rows {
			reports[j] = max(reports[j], t.Counts[i][j])
		}
		reports[j] += r.IntN(t.At(len(t.Rows), j) - reports[j] + 1)
	}
	return reports
}

// leftOut is how many reports of a cell's column do not stand in it, where the cell is one of answers that may be shown.
func leftOut(t *figures.Table, row, col int) (n int, ok bool) {
	if t.Reports == nil || t.Rows[row] == figures.Other || t.Counts[row][col] > t.Reports[col] {
		return 0, false
	}
	return t.Reports[col] - t.Counts[row][col], true
}

// mustNotSayAll judges by linear programming that of no cell of answers it is known how few did not give the answer, and by
// addition that no line says it either.
func mustNotSayAll(t *testing.T, p *figures.Protected) (nearlyAll int) {
	t.Helper()
	k := p.Rule.K
	for _, table := range p.Layers {
		var eq *equations
		for i, row := range table.Counts {
			out, answers := 0, true
			for j, n := range row {
				left, ok := leftOut(table, i, j)
				answers, out = answers && ok, out+left
				if !ok || left > k || left == 0 && !p.Rule.Zeros {
					continue
				}
				nearlyAll++
				if !p.Hidden[i][j] {
					t.Fatalf("%v of %v reports: cell %d,%d shows that all but %d said it", table.Counts, table.Reports, i, j, left)
				}
				if eq == nil {
					eq = newEquations(table, p.Hidden)
				}
				b := eq.linear(t, [2]int{i, j})
				if table.Reports[j]-b.low <= k || b.high-b.low < k || b.low > n || b.high < n {
					t.Fatalf("%v of %v reports: cell %d,%d is %d, and known to be in %v", table.Counts, table.Reports, i, j, n, b)
				}
			}
			if answers && out <= k {
				t.Fatalf("%v of %v reports: row %s says that all but %d said it", table.Counts, table.Reports, table.Rows[i], out)
			}
		}
	}
	return nearlyAll
}

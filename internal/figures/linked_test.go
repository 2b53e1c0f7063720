package figures_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"answerable/internal/figures"
)

// What a plan that lets a table with layers share its rows with another would give away: both tables are safe alone, each
// merges the smallest row with another, by its own counts, and a subtraction gives the smallest row back.
func TestALayeredTableAndItsSiblingGiveASmallCountBySubtraction(t *testing.T) {
	first := tableOf([][]int{{1, 1}, {10, 9}, {13, 12}, {200, 210}})
	second := tableOf([][]int{{2, 1}, {30, 30}, {12, 13}, {220, 230}})
	layered, err := figures.Protect(figures.Rule{K: 10}, first, second)
	if err != nil {
		t.Fatal(err)
	}
	sibling, err := figures.Protect(figures.Rule{K: 10}, tableOf([][]int{{3, 2}, {40, 39}, {25, 25}, {430, 430}}))
	if err != nil {
		t.Fatal(err)
	}
	total := func(table *figures.Table, row string) int {
		i := slices.Index(table.Rows, row)
		if i < 0 {
			t.Fatalf("no row %s in %v", row, table.Rows)
		}
		return table.At(i, len(table.Cols))
	}
	// The layered table merged ra with rb and shows rc; its sibling merged ra with rc and shows rb.
	if got := total(layered.Sum(), figures.Other) - total(sibling.Layers[0], "rb"); got != 5 {
		t.Errorf("the subtraction gives %d, and the small row is 5", got)
	}
}

// linkedSystem is what a reader knows of a plan's tables together: reports by one code of each dimension are the variables,
// and every shown cell of every table, and every total, is an equation over them.
type linkedSystem struct {
	sizes []int
	lines [][]float64
}

func (s *linkedSystem) vars() int {
	n := 1
	for _, size := range s.sizes {
		n *= size
	}
	return n
}

// code is the code of a variable in a dimension.
func (s *linkedSystem) code(v, dim int) int {
	for d := range dim {
		v /= s.sizes[d]
	}
	return v % s.sizes[dim]
}

// sum adds the equation that so many reports are in the variables a test picks.
func (s *linkedSystem) sum(truth []int, picks func(v int) bool) {
	line := make([]float64, s.vars()+1)
	for v, n := range truth {
		if picks(v) {
			line[v] = 1
			line[s.vars()] += float64(n)
		}
	}
	s.lines = append(s.lines, line)
}

// view is a table as a plan counts it: the dimensions of its rows, columns and layers (-1 for none).
type view struct{ rows, cols, layers int }

func (s *linkedSystem) tables(truth []int, w view) []*figures.Table {
	names := func(d int) (list []string) {
		for c := range s.sizes[d] {
			list = append(list, "d"+strconv.Itoa(d)+"."+strconv.Itoa(c))
		}
		return list
	}
	count := 1
	if w.layers >= 0 {
		count = s.sizes[w.layers]
	}
	list := make([]*figures.Table, count)
	for l := range list {
		list[l] = figures.NewTable(names(w.rows), names(w.cols))
	}
	for v, n := range truth {
		l := 0
		if w.layers >= 0 {
			l = s.code(v, w.layers)
		}
		list[l].Counts[s.code(v, w.rows)][s.code(v, w.cols)] += n
	}
	return list
}

// cell picks the variables of a cell of a protected table; a row or column after the last stands for all.
func (s *linkedSystem) cell(p *figures.Protected, w view, layer, row, col int) func(v int) bool {
	in := func(names []string, line, dim, v int) bool {
		if line == len(names) {
			return true
		}
		at := slices.Index(names, "d"+strconv.Itoa(dim)+"."+strconv.Itoa(s.code(v, dim)))
		return at == line || at < 0 && names[line] == figures.Other
	}
	t := p.Layers[layer]
	return func(v int) bool {
		return (w.layers < 0 || s.code(v, w.layers) == layer) && in(t.Rows, row, w.rows, v) && in(t.Cols, col, w.cols, v)
	}
}

func (s *linkedSystem) learn(truth []int, p *figures.Protected, w view) {
	for l, t := range p.Layers {
		for i := range len(t.Rows) + 1 {
			for j := range len(t.Cols) + 1 {
				if !p.Hidden[i][j] {
					s.sum(truth, s.cell(p, w, l, i, j))
				}
			}
		}
	}
}

// bounds are the least and the most of a cell, by the simplex method.
func (s *linkedSystem) bounds(t *testing.T, truth []int, picks func(v int) bool) bounds {
	n := s.vars() + 1 // the cell itself is one more variable
	var lines [][]float64
	for _, line := range s.lines {
		lines = append(lines, append(append(slices.Clone(line[:n-1]), 0), line[n-1]))
	}
	own := make([]float64, n+1)
	for v := range truth {
		if picks(v) {
			own[v] = 1
		}
	}
	own[n-1] = -1
	kept := independent(append(lines, own))
	e := &equations{at: map[[2]int]int{{0, 0}: n - 1}, a: mat.NewDense(len(kept), n, nil)}
	for i, line := range kept {
		e.a.SetRow(i, line[:n])
		e.b = append(e.b, line[n])
	}
	return e.linear(t, [2]int{0, 0})
}

// Plans that are still allowed, a table with layers and others that share nothing with it, attacked as one system: the reader
// knows every shown cell and every total of all tables exactly.
func TestAllowedPlansWithLayersAreSafeTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 43))
	safe, small := 0, 0
	for range 400 {
		s := &linkedSystem{sizes: []int{2 + r.IntN(2), 2 + r.IntN(2), 2, 2, 2}}
		views := []view{{0, 1, 2}, {3, 4, -1}}
		truth := make([]int, s.vars())
		size := []int{4, 10, 20}[r.IntN(3)]
		for v := range truth {
			if r.IntN(3) > 0 {
				truth[v] = r.IntN(size)
			}
		}
		rule := figures.Rule{K: 5, Zeros: r.IntN(2) == 0}
		var made []*figures.Protected
		for _, w := range views {
			p, err := figures.Protect(rule, s.tables(truth, w)...)
			var unsafe *figures.Unsafe
			if err != nil && !errors.As(err, &unsafe) {
				t.Fatal(err)
			}
			if err != nil {
				break
			}
			s.learn(truth, p, w)
			made = append(made, p)
		}
		if len(made) < len(views) {
			continue
		}
		safe++
		for n, p := range made {
			for l, table := range p.Layers {
				for i, row := range table.Counts {
					for j, count := range row {
						if count > rule.K || count == 0 && !rule.Zeros {
							continue
						}
						small++
						b := s.bounds(t, truth, s.cell(p, views[n], l, i, j))
						if b.high <= rule.K || b.high-b.low < rule.K || b.low > count || b.high < count {
							t.Fatalf("table %d, layer %d, cell %d,%d is %d, and known to be in %v", n, l, i, j, count, b)
						}
					}
				}
			}
		}
	}
	t.Logf("%d plans safe, with %d small cells", safe, small)
	if safe < 100 || small < 100 {
		t.Errorf("only %d plans were safe, with %d small cells", safe, small)
	}
}

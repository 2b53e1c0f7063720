package figures

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
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

// search hides cells of one system of layers until all small ones are safe.
type search struct {
	rule       Rule
	layers     []*Table
	rows, cols int
	cost       []int      // of hiding a cell, doubled: 2 x count + 1, by row
	edge       []int32    // of each cell in all networks alike; -1 while it is shown
	cells      []place    // of each edge
	nets       []*network // one a layer
	jobs       []*job
	primary    int
}

// job is a small cell of one layer that needs an interval wide enough, or one of nearly all.
type job struct {
	layer, cell int     // cell by row
	few         int     // its count, or how many reports of its column it leaves out
	rise        bool    // so that few may be more than k, it must rise; one of nearly all must fall
	width       int     // when it was last looked at
	witness     []int32 // edges that the two tables which show it to be safe differ in
}

func newSearch(rule Rule, layers []*Table) *search {
	s := &search{rule: rule, layers: layers, rows: len(layers[0].Rows), cols: len(layers[0].Cols)}
	s.cost = make([]int, s.rows*s.cols)
	s.edge = make([]int32, s.rows*s.cols)
	for range layers {
		s.nets = append(s.nets, newNetwork(s.rows, s.cols))
	}
	for cell := range s.cost {
		s.edge[cell] = -1
		s.cost[cell] = 1
		for l := range layers {
			s.cost[cell] += 2 * s.count(l, cell)
		}
	}
	for cell := range s.cost {
		before := len(s.jobs)
		for l, t := range layers {
			if rule.small(s.count(l, cell)) {
				s.jobs = append(s.jobs, &job{layer: l, cell: cell, few: s.count(l, cell), rise: true})
			}
			if rule.nearlyAll(t, cell/s.cols, cell%s.cols) {
				out, _ := t.leftOut(cell/s.cols, cell%s.cols)
				s.jobs = append(s.jobs, &job{layer: l, cell: cell, few: out})
			}
		}
		if len(s.jobs) > before {
			s.hide(cell)
			s.primary++
		}
	}
	return s
}

func (s *search) count(layer, cell int) int {
	return s.layers[layer].Counts[cell/s.cols][cell%s.cols]
}

func (s *search) hide(cell int) {
	if e := s.edge[cell]; e >= 0 { // hidden once, then shown again
		for _, g := range s.nets {
			g.edges[e].off = false
		}
		return
	}
	s.edge[cell] = int32(len(s.cells))
	s.cells = append(s.cells, place{cell / s.cols, cell % s.cols})
	for l, g := range s.nets {
		g.add(cell/s.cols, cell%s.cols, s.layers[l].roomAbove(cell/s.cols, cell%s.cols), s.count(l, cell))
	}
}

func (s *search) isHidden(cell int) bool {
	return s.edge[cell] >= 0 && !s.nets[0].edges[s.edge[cell]].off
}

func (s *search) hiddenCells() (n int) {
	for cell := range s.edge {
		if s.isHidden(cell) {
			n++
		}
	}
	return n
}

func (s *search) pattern() Pattern {
	p := NewPattern(s.rows, s.cols)
	for cell := range s.edge {
		p[cell/s.cols][cell%s.cols] = s.isHidden(cell)
	}
	return p
}

// run hides until every job passes, then shows again what is not needed. It gives the cells that cannot be made safe.
func (s *search) run() (unsafe []place) {
	var waiting narrowest
	for _, j := range s.jobs {
		if !s.passes(j) {
			waiting = append(waiting, j)
		}
	}
	heap.Init(&waiting)
	for len(waiting) > 0 {
		j := heap.Pop(&waiting).(*job)
		was := j.width
		if s.passes(j) { // hiding others only ever widens an interval
			continue
		}
		if j.width > was && len(waiting) > 0 && j.width > waiting[0].width {
			heap.Push(&waiting, j)
			continue
		}
		if !s.addCycle(j) {
			unsafe = append(unsafe, place{j.cell / s.cols, j.cell % s.cols})
			continue
		}
		heap.Push(&waiting, j)
	}
	if len(unsafe) == 0 {
		s.prune()
	}
	return unsafe
}

// needs are how far a cell must be able to go its way so that its interval is wide enough by that alone, and how far so
// that it gets away from what is small at all.
func (s *search) needs(j *job) (alone, least int) {
	least = max(0, s.rule.K+1-j.few)
	return max(s.rule.K, least), least
}

// reach is how far a cell itself may rise, or fall.
func (e *edge) reach(rise bool) int {
	if rise {
		return e.rise
	}
	return e.fall
}

// passes looks whether a cell's interval is wide enough, and keeps the edges that show it.
func (s *search) passes(j *job) bool {
	g, e := s.nets[j.layer], s.edge[j.cell]
	alone, least := s.needs(j)
	there := min(g.edges[e].reach(j.rise), g.most(e, j.rise, alone))
	witness := g.used(nil)
	back := 0
	if there < alone {
		back = min(g.edges[e].reach(!j.rise), g.most(e, !j.rise, s.rule.K-there))
		witness = g.used(witness)
	}
	j.width = there + back
	if there < least || j.width < s.rule.K {
		return false
	}
	j.witness = witness
	return true
}

// used adds the edges that carry flow to a list.
func (g *network) used(list []int32) []int32 {
	for _, e := range g.moved {
		if g.edges[e].flow != 0 && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

// addCycle hides the cheapest cells that let a cell go its way further, or else the other way. First it looks for a cycle
// that is enough by itself.
func (s *search) addCycle(j *job) bool {
	g, e := s.nets[j.layer], s.edge[j.cell]
	alone, least := s.needs(j)
	own := g.edges[e].reach(j.rise)
	there := g.most(e, j.rise, min(own, alone))
	if there < own {
		for _, room := range []int{min(own, alone) - there, 1} {
			if s.hidePath(j, j.rise, room) {
				return true
			}
		}
	}
	if there < least {
		return false
	}
	back := g.most(e, !j.rise, s.rule.K)
	return s.hidePath(j, !j.rise, max(1, s.rule.K-there-back)) || s.hidePath(j, !j.rise, 1)
}

// hidePath finds the cheapest way for at least room more flow round a cell, given the flow that is in the network, and
// hides the cells on it. It is Dijkstra's search in its form for dense graphs.
func (s *search) hidePath(j *job, rise bool, room int) bool {
	g := s.nets[j.layer]
	from, to := s.rows+j.cell%s.cols, j.cell/s.cols
	if !rise {
		from, to = to, from
	}
	n := s.rows + s.cols
	dist, via, done := make([]int, n), make([]int, n), make([]bool, n)
	for i := range dist {
		dist[i], via[i] = math.MaxInt, -1
	}
	dist[from] = 0
	for !done[to] {
		at := -1
		for i := range dist {
			if !done[i] && dist[i] < math.MaxInt && (at < 0 || dist[i] < dist[at]) {
				at = i
			}
		}
		if at < 0 {
			return false
		}
		done[at] = true
		s.relax(g, j, at, room, dist, via, done)
	}
	for at := to; at != from; at = via[at] {
		if cell := s.cellBetween(at, via[at]); !s.isHidden(cell) {
			s.hide(cell)
		}
	}
	return true
}

func (s *search) cellBetween(a, b int) int { return min(a, b)*s.cols + max(a, b) - s.rows }

// relax looks at every cell of a line.
func (s *search) relax(g *network, j *job, at, room int, dist, via []int, done []bool) {
	first, last := s.rows, s.rows+s.cols
	if at >= s.rows {
		first, last = 0, s.rows
	}
	for next := first; next < last; next++ {
		cell := s.cellBetween(at, next)
		if done[next] || cell == j.cell {
			continue
		}
		cost := s.cost[cell]
		if s.isHidden(cell) {
			if _, left := g.room(int32(at), &g.edges[s.edge[cell]]); left < room {
				continue
			}
			cost = 0
		} else if !s.usable(j.layer, cell, at >= s.rows, room) {
			continue
		}
		if dist[at]+cost < dist[next] {
			dist[next], via[next] = dist[at]+cost, at
		}
	}
}

// usable reports whether a shown cell could fall (or else rise) by so much. A 0 is never used.
func (s *search) usable(layer, cell int, fall bool, room int) bool {
	count := s.count(layer, cell)
	if count == 0 {
		return false
	}
	if fall {
		return count >= room
	}
	return s.layers[layer].roomAbove(cell/s.cols, cell%s.cols) >= room
}

// prune shows again, the largest first, what no small cell needs. Only those jobs are looked at again whose witness used
// the cell.
func (s *search) prune() {
	var extra []int
	for cell := range s.edge {
		if s.isHidden(cell) && !s.isPrimary(cell) {
			extra = append(extra, cell)
		}
	}
	slices.SortStableFunc(extra, func(a, b int) int { return s.cost[b] - s.cost[a] })
	for _, cell := range extra {
		s.show(cell)
	}
}

func (s *search) isPrimary(cell int) bool {
	for l, t := range s.layers {
		if s.rule.small(s.count(l, cell)) || s.rule.nearlyAll(t, cell/s.cols, cell%s.cols) {
			return true
		}
	}
	return false
}

func (s *search) show(cell int) {
	e := s.edge[cell]
	for _, g := range s.nets {
		g.edges[e].off = true
	}
	for _, j := range s.jobs {
		// One that does not pass keeps its old witness, which holds again; those before it pass without the cell.
		if slices.Contains(j.witness, e) && !s.passes(j) {
			s.hide(cell)
			return
		}
	}
}

// narrowest is a heap of jobs.
type narrowest []*job

func (h narrowest) Len() int { return len(h) }
func (h narrowest) Less(a, b int) bool {
	if h[a].width != h[b].width {
		return h[a].width < h[b].width
	}
	return h[a].cell < h[b].cell
}
func (h narrowest) Swap(a, b int) { h[a], h[b] = h[b], h[a] }
func (h *narrowest) Push(x any)   { *h = append(*h, x.(*job)) }
func (h *narrowest) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

package figures

import (
	"container/heap"
	"math"
	"slices"
)

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

func (h *narrowest) Push(x any) { *h = append(*h, x.(*job)) }

func (h *narrowest) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

package figures

import "math"

// unbounded is a capacity without a limit.
const unbounded = math.MaxInt / 4

// network is what a reader does not know about a table, as a graph. Lines are nodes, rows first, then columns, each kind
// with its line of totals; hidden cells are edges. With totals written as negative entries (the grand total as a positive
// one) every line sums to 0, so two tables that agree in all that is shown differ by a circulation: as much as one hidden
// cell rises, other hidden cells of its row and column fall, and so on around. How far a cell can rise or fall is
// therefore a maximum flow between its row and its column over the other hidden cells (Cox 1995, "Network models for
// complementary cell suppression", J. Am. Stat. Assoc. 90; capacities here by count and infinity). Flows are whole
// numbers, and so are the bounds: exact, without rounding.
type network struct {
	edges []edge
	at    [][]int32 // edges of each node
	rows  int       // nodes that are rows

	level []int32 // of each node in the last search
	next  []int32 // edges of each node that the last search is done with
	queue []int32
	moved []int32 // edges whose flow is not 0, some twice
}

// edge is a hidden cell. Its entry may rise by rise and fall by fall; flow says by how much it has risen so far.
type edge struct {
	row, col   int32 // nodes
	rise, fall int
	flow       int
	off        bool // shown after all
}

func newNetwork(rows, cols int) *network {
	n := rows + cols
	return &network{at: make([][]int32, n), rows: rows, level: make([]int32, n), next: make([]int32, n)}
}

func (g *network) add(row, col, rise, fall int) {
	e := int32(len(g.edges))
	g.edges = append(g.edges, edge{row: int32(row), col: int32(g.rows + col), rise: rise, fall: fall})
	g.at[row] = append(g.at[row], e)
	g.at[g.rows+col] = append(g.at[g.rows+col], e)
}

// room is how much more may go from a node along an edge, and to where.
func (g *network) room(from int32, e *edge) (to int32, room int) {
	if e.off {
		return from, 0
	}
	if from == e.row {
		return e.col, e.rise - e.flow
	}
	return e.row, e.fall + e.flow
}

func (g *network) push(from, e int32, by int) {
	edge := &g.edges[e]
	if from != edge.row {
		by = -by
	}
	edge.flow += by
	g.moved = append(g.moved, e)
}

// reset forgets all flow.
func (g *network) reset() {
	for _, e := range g.moved {
		g.edges[e].flow = 0
	}
	g.moved = g.moved[:0]
}

// most finds how far a cell's entry can rise (or fall) by what the other edges allow, at most limit. The flow stays in the
// network until reset. The method is Dinic's.
func (g *network) most(cell int32, rise bool, limit int) (flow int) {
	g.reset()
	own := &g.edges[cell]
	source, sink := own.col, own.row
	if !rise {
		source, sink = sink, source
	}
	was := own.off
	own.off = true
	defer func() { own.off = was }()
	for flow < limit && g.search(source, sink) {
		for i := range g.next {
			g.next[i] = 0
		}
		for flow < limit {
			pushed := g.augment(source, sink, limit-flow)
			if pushed == 0 {
				break
			}
			flow += pushed
		}
	}
	return flow
}

// search numbers nodes by their distance from source, and reports whether sink is reached.
func (g *network) search(source, sink int32) bool {
	for i := range g.level {
		g.level[i] = -1
	}
	g.level[source] = 0
	g.queue = append(g.queue[:0], source)
	for at := 0; at < len(g.queue); at++ {
		from := g.queue[at]
		for _, e := range g.at[from] {
			to, room := g.room(from, &g.edges[e])
			if room <= 0 || g.level[to] >= 0 {
				continue
			}
			g.level[to] = g.level[from] + 1
			if to == sink {
				return true
			}
			g.queue = append(g.queue, to)
		}
	}
	return false
}

func (g *network) augment(from, sink int32, limit int) int {
	if from == sink {
		return limit
	}
	for ; int(g.next[from]) < len(g.at[from]); g.next[from]++ {
		e := g.at[from][g.next[from]]
		to, room := g.room(from, &g.edges[e])
		if room <= 0 || g.level[to] != g.level[from]+1 {
			continue
		}
		if pushed := g.augment(to, sink, min(limit, room)); pushed > 0 {
			g.push(from, e, pushed)
			return pushed
		}
	}
	return 0
}

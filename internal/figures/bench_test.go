package figures_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"answerable/internal/figures"
)

// A normal clinic's largest table is 13 x 8. The other two are larger than anything a clinic releases.
func BenchmarkProtectAndAudit(b *testing.B) {
	for _, size := range [][2]int{{13, 8}, {50, 50}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			table := skewed(rand.New(rand.NewPCG(5, 8)), size[0], size[1])
			var p *figures.Protected
			var err error
			for b.Loop() {
				if p, err = figures.Protect(figures.Rule{K: figures.K}, table); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(p.Primary), "small")
			b.ReportMetric(float64(p.Secondary), "more")
			b.ReportMetric(100*p.HiddenShare(), "%hidden")
		})
	}
}

// skewed has a few large cells and many small ones, as complaints have: about a third of its cells are small.
func skewed(r *rand.Rand, rows, cols int) *figures.Table {
	t := figures.NewTable(make([]string, rows), make([]string, cols))
	for i := range rows {
		t.Rows[i] = fmt.Sprint("r", i)
	}
	for j := range cols {
		t.Cols[j] = fmt.Sprint("c", j)
	}
	for i := range t.Counts {
		for j := range t.Counts[i] {
			t.Counts[i][j] = int(200 * math.Exp(-4.5*r.Float64()))
		}
	}
	return t
}

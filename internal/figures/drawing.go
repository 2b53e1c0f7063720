package figures

import (
	"fmt"

	"answerable/internal/draw"
)

// Drawing turns a chart into one to be drawn. labels name its points in order; hidden says of each label whether its number
// is not shown: the chart was made without those, and the drawing has a gap there. Words for what stands out are by Signal,
// in the page's language. The caller adds id, title, description and heads.
func (c *Chart) Drawing(labels []string, hidden []bool, centre string, signals map[Signal]string) (*draw.Line, error) {
	if len(labels) != len(hidden) {
		return nil, fmt.Errorf("draw chart: %d labels and %d marks of hidden ones", len(labels), len(hidden))
	}
	l := &draw.Line{Limits: c.Limits, Centre: draw.Mark{Value: c.Centre, Label: centre}}
	next := 0
	for i, label := range labels {
		p := draw.Point{Label: label, Hidden: hidden[i]}
		if at := min(next, len(c.Points)-1); at >= 0 { // a hidden point has the limits of the next one that is shown
			p.Lower, p.Upper = c.Points[at].Lower, c.Points[at].Upper
		}
		if !p.Hidden {
			if next == len(c.Points) {
				return nil, fmt.Errorf("draw chart: more labels than its %d points", len(c.Points))
			}
			p.Value, p.Signal = c.Points[next].Value, signals[c.Points[next].Signal]
			next++
		}
		l.Points = append(l.Points, p)
	}
	if next != len(c.Points) {
		return nil, fmt.Errorf("draw chart: %d labels for %d points", next, len(c.Points))
	}
	return l, nil
}

// Times is a chart with all its values and limits multiplied, such as proportions made into percentages.
func (c *Chart) Times(by float64) *Chart {
	out := *c
	out.Centre *= by
	out.Points = make([]Point, len(c.Points))
	for i, p := range c.Points {
		out.Points[i] = Point{Value: p.Value * by, Lower: p.Lower * by, Upper: p.Upper * by, Signal: p.Signal}
	}
	return &out
}

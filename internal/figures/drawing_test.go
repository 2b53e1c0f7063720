package figures_test

import (
	"strings"
	"testing"

	"answerable/internal/draw"
	"answerable/internal/figures"
)

func TestAChartIsDrawnWithItsGapsAndSignals(t *testing.T) {
	c, err := figures.XmR([]float64{20, 25, 20, 25, 20, 90}, false)
	if err != nil {
		t.Fatal(err)
	}
	labels := []string{"Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7"}
	hidden := []bool{false, false, true, false, false, false, false}
	l, err := c.Drawing(labels, hidden, "middle", map[figures.Signal]string{figures.SignalOutside: "beyond a limit"})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Points) != 7 || !l.Points[2].Hidden || l.Points[3].Value != 20 || l.Points[6].Signal != "beyond a limit" || l.Points[0].Signal != "" || l.Points[6].Upper != c.Points[5].Upper {
		t.Errorf("drawn as %+v", l.Points)
	}
	l.ID, l.Title, l.Desc, l.Words = "x", "t", "d", draw.Words{Hidden: "hidden"}
	html, err := l.Figure()
	if err != nil || strings.Count(string(html), `class="chart-line"`) != 2 || strings.Count(string(html), `class="chart-signal"`) != 1 {
		t.Errorf("%v\n%s", err, html)
	}
	for name, marks := range map[string][]bool{"too few are hidden": make([]bool, 7), "too many are": {true, true, true, false, false, false, false}, "marks are missing": nil} {
		if _, err := c.Drawing(labels, marks, "", nil); err == nil {
			t.Errorf("%s, and it is drawn", name)
		}
	}
}

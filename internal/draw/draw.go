// Package draw makes charts as SVG that a screen reader can name and a strict page can hold, each with its table.
//
// It promises that a drawing has a title and a description, that text in it is text, that it has no style of its own (no
// style attribute or element, which the pages' policy would refuse, and no colour but the text's own until a style sheet
// gives it one by class), that nothing in it is told by colour alone, and that whatever it shows stands in the table too.
// What is handed to it is escaped.
//
// It knows nothing of statistics: limits and signals come ready, words in the page's language.
package draw

import (
	"fmt"
	"html/template"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Width and height of a line chart, in units of its own: a phone shows about four fifths of a pixel a unit, so that text
// of 15 units is 12 pixels high there.
const (
	width  = 400
	height = 250
	left   = 8
	right  = 96 // room for what the lines are called
	top    = 26
	bottom = 34
)

// Words are the few that a drawing and its table need, in the page's language.
type Words struct {
	Table   string // what opens the table: "The numbers as a table"
	Hidden  string // a number that is not shown: "hidden: too few"
	Lower   string // "lower limit"
	Upper   string // "upper limit"
	Limits  string // heads both: "Limits"
	Signal  string // "what stands out"
	Nothing string // where nothing does: "nothing"
}

// Line is a series over time with its centre line and limits.
type Line struct {
	ID     string // unique in its page, of a-z, 0-9 and -
	Title  string
	Desc   string // what one would say of it to someone who cannot see it
	When   string // heads the first column: "Quarter"
	Value  string // heads the numbers: "Reports"
	Suffix string // after each number, such as "%"
	Points []Point
	Centre Mark
	Limits bool // whether points have limits
	Words  Words
}

// Mark is a level with a name, drawn across.
type Mark struct {
	Value float64
	Label string // "" for none
}

// Point is one value. Signal is what stands out about it, in words; such a point has another shape.
type Point struct {
	Label        string
	Value        float64
	Hidden       bool // the number is not shown: a gap in the line
	Lower, Upper float64
	Signal       string
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Figure draws the chart and its table. It is an error when the id cannot be one, nothing is to be drawn, or a number is none.
func (l *Line) Figure() (template.HTML, error) {
	if err := checkID(l.ID, len(l.Points)); err != nil {
		return "", err
	}
	for _, p := range l.Points {
		if !p.Hidden && !finite(p.Value) || l.Limits && !(finite(p.Lower) && finite(p.Upper)) {
			return "", fmt.Errorf("draw %s: the point %q is no number", l.ID, p.Label)
		}
	}
	return render("line", l.layout())
}

func checkID(id string, parts int) error {
	switch {
	case !idPattern.MatchString(id):
		return fmt.Errorf("draw: %q cannot be an id", id)
	case parts == 0:
		return fmt.Errorf("draw %s: there is nothing to draw", id)
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func render(name string, data any) (template.HTML, error) {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("draw: %w", err)
	}
	return template.HTML(b.String()), nil
}

// number writes a number as people do: whole where it is, else with two digits at most.
func number(x float64, suffix string) string {
	s := strconv.FormatFloat(x, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		s = "0"
	}
	return strings.Replace(s, "-", "\u2212", 1) + suffix
}

// at writes a place in a drawing.
func at(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// lineLayout is a line chart with every place worked out.
type lineLayout struct {
	*Line
	Width, Height int
	Ticks         []tick
	Paths         []string // stretches of the line between gaps
	Upper, Lower  string   // paths of the limits
	CentreY       string
	Shapes        []shape
	Times         []label
	Names         []label // of the lines, at their right ends
	Start, End    string  // x of the plot's sides
	Foot          string  // y of its foot
	Rows          []row
	Signals       bool // whether anybody can say of a point that it stands out
}

type tick struct{ Y, Text string }
type label struct{ X, Y, Anchor, Text string }

// shape is a point: a dot, or a diamond where something stands out.
type shape struct {
	X, Y    string
	Diamond string // path; "" for a dot
}

type row struct {
	Label, Value, Limits, Signal string
}

func (l *Line) layout() *lineLayout {
	low, high := l.span()
	ticks := niceTicks(low, high)
	low, high = math.Min(low, ticks[0]), math.Max(high, ticks[len(ticks)-1])
	y := func(v float64) float64 { return top + (high-v)/(high-low)*(height-top-bottom) }
	widest := 0
	for _, t := range ticks {
		widest = max(widest, len([]rune(number(t, l.Suffix))))
	}
	start := float64(left + 9*widest + 6)
	x := func(i int) float64 {
		if len(l.Points) == 1 {
			return (start + width - right) / 2
		}
		return start + 6 + float64(i)/float64(len(l.Points)-1)*(width-right-start-12)
	}
	d := &lineLayout{Line: l, Width: width, Height: height, Start: at(start), End: at(width - right), Foot: at(height - bottom)}
	for _, t := range ticks {
		d.Ticks = append(d.Ticks, tick{at(y(t)), number(t, l.Suffix)})
	}
	d.trace(x, y)
	d.name(y)
	d.Times = l.times(x)
	d.Rows = l.rows()
	d.Signals = l.Limits || slices.ContainsFunc(l.Points, func(p Point) bool { return p.Signal != "" })
	return d
}

// span is from the least to the most of what is drawn; it is never empty, and begins at 0 when nothing is below it.
func (l *Line) span() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	add := func(v float64) { low, high = math.Min(low, v), math.Max(high, v) }
	for _, p := range l.Points {
		if !p.Hidden {
			add(p.Value)
		}
		if l.Limits {
			add(p.Lower)
			add(p.Upper)
		}
	}
	if l.Centre.Label != "" {
		add(l.Centre.Value)
	}
	if low > 0 || low > high {
		low = 0
	}
	if high <= low {
		high = low + 1
	}
	return low, high
}

// niceTicks are three to six round numbers from about low to about high.
func niceTicks(low, high float64) []float64 {
	base := math.Pow(10, math.Floor(math.Log10((high-low)/3)))
	step := base
	for _, by := range []float64{1, 2, 5, 10} {
		if step = base * by; (high-low)/step <= 5 {
			break
		}
	}
	var ticks []float64
	for v := math.Floor(low/step) * step; v < high+step*0.999; v += step {
		ticks = append(ticks, math.Round(v/step)*step)
	}
	return ticks
}

// trace draws lines and points. A hidden point, and only that, breaks the line.
func (d *lineLayout) trace(x func(int) float64, y func(float64) float64) {
	path, upper, lower := "", "", ""
	for i, p := range d.Points {
		if d.Limits {
			upper += step(upper, x(i), y(p.Upper))
			lower += step(lower, x(i), y(p.Lower))
		}
		if p.Hidden {
			if path != "" {
				d.Paths = append(d.Paths, path)
			}
			path = ""
			continue
		}
		path += step(path, x(i), y(p.Value))
		s := shape{X: at(x(i)), Y: at(y(p.Value))}
		if p.Signal != "" {
			s.Diamond = fmt.Sprintf("M%s %sl7 7-7 7-7-7z", at(x(i)), at(y(p.Value)-7))
		}
		d.Shapes = append(d.Shapes, s)
	}
	if path != "" {
		d.Paths = append(d.Paths, path)
	}
	d.Upper, d.Lower = upper, lower
	if d.Centre.Label != "" {
		d.CentreY = at(y(d.Centre.Value))
	}
}

func step(path string, x, y float64) string {
	letter := "L"
	if path == "" {
		letter = "M"
	}
	return letter + at(x) + " " + at(y)
}

// name writes at the right end what each line is, no two names on one another.
func (d *lineLayout) name(y func(float64) float64) {
	type named struct {
		y    float64
		text string
	}
	var list []named
	last := d.Points[len(d.Points)-1]
	if d.Limits {
		list = append(list, named{y(last.Upper), d.Words.Upper})
	}
	if d.Centre.Label != "" {
		list = append(list, named{y(d.Centre.Value), d.Centre.Label})
	}
	if d.Limits {
		list = append(list, named{y(last.Lower), d.Words.Lower})
	}
	const lineHeight = 17
	for i := range list { // from the top down, each at least a line below the one before
		if i > 0 && list[i].y < list[i-1].y+lineHeight {
			list[i].y = list[i-1].y + lineHeight
		}
	}
	for i, foot := len(list)-1, float64(height-bottom); i >= 0; i, foot = i-1, foot-lineHeight { // and back up from the foot
		list[i].y = math.Min(list[i].y, foot)
	}
	for _, n := range list {
		d.Names = append(d.Names, label{X: at(width - right + 8), Y: at(n.y + 5), Anchor: "start", Text: n.text})
	}
}

// times names the first point and the last, and the middle one where there is room.
func (l *Line) times(x func(int) float64) []label {
	last := len(l.Points) - 1
	y := at(height - bottom + 22)
	list := []label{{X: at(x(0)), Y: y, Anchor: "start", Text: l.Points[0].Label}}
	if last == 0 {
		list[0].Anchor = "middle"
		return list
	}
	return append(list, label{X: at(x(last)), Y: y, Anchor: "end", Text: l.Points[last].Label})
}

func (l *Line) rows() []row {
	rows := make([]row, len(l.Points))
	for i, p := range l.Points {
		// Word joiners keep a narrow screen from breaking a pair of limits in two.
		rows[i] = row{Label: p.Label, Value: number(p.Value, l.Suffix), Limits: number(p.Lower, l.Suffix) + "\u2060\u2013\u2060" + number(p.Upper, l.Suffix), Signal: p.Signal}
		if p.Hidden {
			rows[i].Value = l.Words.Hidden
		}
		if p.Signal == "" {
			rows[i].Signal = l.Words.Nothing
		}
	}
	return rows
}

// Bars are counts side by side, such as reports by theme.
type Bars struct {
	ID    string // unique in its page, of a-z, 0-9 and -
	Title string
	Desc  string
	Name  string // heads the first column: "Theme"
	Value string // heads the numbers: "Reports"
	Bars  []Bar
	Words Words

	// Longest is what the longest bar of several charts stands for, so that all have one scale; below its own longest bar, a chart
	// has its own.
	Longest float64
}

// Bar is one count.
type Bar struct {
	Label  string
	Value  float64
	Hidden bool
}

// Heights of a bar with its label above it.
const (
	barStep   = 46
	barHeight = 16
	barRoom   = 64 // right of the longest bar, for its number
)

type barsLayout struct {
	*Bars
	Width, Height int
	Drawn         []drawnBar
}

type drawnBar struct {
	TextY, BarY, NumberX, NumberY, Length string
	Thick                                 int
	Label, Number                         string
	Hidden                                bool
}

// Figure draws the bars and their table, with the same errors as Line's.
func (b *Bars) Figure() (template.HTML, error) {
	if err := checkID(b.ID, len(b.Bars)); err != nil {
		return "", err
	}
	most := b.Longest
	for _, bar := range b.Bars {
		if bar.Hidden {
			continue
		}
		if !finite(bar.Value) || bar.Value < 0 {
			return "", fmt.Errorf("draw %s: the bar %q has no length", b.ID, bar.Label)
		}
		most = math.Max(most, bar.Value)
	}
	d := &barsLayout{Bars: b, Width: width, Height: barStep*len(b.Bars) + 6}
	for i, bar := range b.Bars {
		y := float64(i * barStep)
		length := 0.0
		if most > 0 && !bar.Hidden {
			length = bar.Value / most * (width - barRoom)
		}
		drawn := drawnBar{
			TextY: at(y + 16), BarY: at(y + 23), NumberX: at(length + 8), NumberY: at(y + 23 + barHeight - 3), Length: at(length),
			Thick: barHeight, Label: bar.Label, Number: number(bar.Value, ""), Hidden: bar.Hidden,
		}
		if bar.Hidden {
			drawn.Number, drawn.NumberX = b.Words.Hidden, "0"
		}
		d.Drawn = append(d.Drawn, drawn)
	}
	return render("bars", d)
}

var templates = template.Must(template.New("").Parse(`
{{- define "head"}}<figure class="chart">
<figcaption class="chart-title">{{.Title}}</figcaption>
<svg class="chart-drawing" viewBox="0 0 {{.Width}} {{.Height}}" role="img" aria-labelledby="{{.ID}}-title {{.ID}}-desc" fill="currentColor" font-size="15" direction="ltr">
<title id="{{.ID}}-title">{{.Title}}</title>
<desc id="{{.ID}}-desc">{{.Desc}}</desc>
{{end}}
{{- define "line"}}{{template "head" .}}
{{- range .Ticks}}<line class="chart-grid" x1="{{$.Start}}" x2="{{$.End}}" y1="{{.Y}}" y2="{{.Y}}" stroke="currentColor" stroke-opacity="0.25"/>
<text class="chart-quiet" x="{{$.Start}}" dx="-6" dy="5" y="{{.Y}}" text-anchor="end">{{.Text}}</text>
{{end}}
{{- with .Upper}}<path class="chart-limit" d="{{.}}" fill="none" stroke="currentColor" stroke-dasharray="5 4"/>
{{end}}
{{- with .Lower}}<path class="chart-limit" d="{{.}}" fill="none" stroke="currentColor" stroke-dasharray="5 4"/>
{{end}}
{{- with .CentreY}}<line class="chart-centre" x1="{{$.Start}}" x2="{{$.End}}" y1="{{.}}" y2="{{.}}" stroke="currentColor" stroke-width="2"/>
{{end}}
{{- range .Paths}}<path class="chart-line" d="{{.}}" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>
{{end}}
{{- range .Shapes}}{{if .Diamond}}<path class="chart-signal" d="{{.Diamond}}"/>
{{else}}<circle class="chart-point" cx="{{.X}}" cy="{{.Y}}" r="3.5"/>
{{end}}{{end}}
{{- range .Names}}<text class="chart-name" x="{{.X}}" y="{{.Y}}" text-anchor="{{.Anchor}}">{{.Text}}</text>
{{end}}
{{- range .Times}}<text class="chart-quiet" x="{{.X}}" y="{{.Y}}" text-anchor="{{.Anchor}}">{{.Text}}</text>
{{end}}</svg>
<details class="chart-table">
<summary>{{.Words.Table}}</summary>
<table>
<caption>{{.Title}}</caption>
<thead><tr><th scope="col">{{.When}}</th><th class="chart-number" scope="col">{{.Value}}</th>{{if .Limits}}<th class="chart-number" scope="col">{{.Words.Limits}}</th>{{end}}{{if .Signals}}<th scope="col">{{.Words.Signal}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr><th scope="row">{{.Label}}</th><td class="chart-number">{{.Value}}</td>{{if $.Limits}}<td class="chart-number">{{.Limits}}</td>{{end}}{{if $.Signals}}<td>{{.Signal}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
</details>
</figure>
{{end}}
{{- define "bars"}}{{template "head" .}}
{{- range .Drawn}}<text class="chart-name" x="0" y="{{.TextY}}">{{.Label}}</text>
{{if .Hidden}}<text class="chart-quiet" x="{{.NumberX}}" y="{{.NumberY}}">{{.Number}}</text>
{{else}}<rect class="chart-bar" x="0" y="{{.BarY}}" width="{{.Length}}" height="{{.Thick}}"/>
<text class="chart-quiet" x="{{.NumberX}}" y="{{.NumberY}}">{{.Number}}</text>
{{end}}{{end}}</svg>
<details class="chart-table">
<summary>{{.Words.Table}}</summary>
<table>
<caption>{{.Title}}</caption>
<thead><tr><th scope="col">{{.Name}}</th><th class="chart-number" scope="col">{{.Value}}</th></tr></thead>
<tbody>
{{range .Drawn}}<tr><th scope="row">{{.Label}}</th><td class="chart-number">{{.Number}}</td></tr>
{{end}}</tbody>
</table>
</details>
</figure>
{{end}}`))

package web

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"answerable/internal/draw"
	"answerable/internal/figures"
)

// measure is one number or sentence about a clinic, with what it means one click away. Other parts of the page have measures of
// their own in the same form.
type measure struct {
	Name  string
	Value string
	Parts []string // instead of Value, where it is several
	Means string
}

// What measures are worked out from: tables by what they sort by, and codes in them.
const (
	byTheme       = "theme"
	bySeriousness = "seriousness"
	byItem        = "item"
	themeBias     = "bias"
	solidarity    = "good_solidarity"
	gravest       = "serious.3"
)

// measures are what one release says about a clinic as a whole. Each is worked out from numbers that it shows, which are rounded,
// and from nothing else; a measure whose number is hidden says so.
func (in *pages) measures(c *figures.Content, name func(code string) string) []measure {
	say := func(key string, values ...string) measure { return in.measure(key, values) }
	list := []measure{say("received", in.say("measure.reports", "Count", c.Reports))}
	if t := tableOf(c, byTheme); t != nil {
		list = append(list,
			say("theme_share", in.shares(t, c.Reports, name, func(code string) bool { return !strings.HasPrefix(code, "good_") })...),
			say("good_share", in.shares(t, c.Reports, name, func(code string) bool { return strings.HasPrefix(code, "good_") && code != solidarity })...),
			say("solidarity", in.share(countIn(t, solidarity), c.Reports)))
	}
	if t := tableOf(c, bySeriousness); t != nil {
		list = append(list, say("serious3", in.share(countIn(t, gravest), c.Reports)))
	}
	return list
}

func (in *pages) measure(key string, values []string) measure {
	m := measure{Name: in.say("measure." + key), Means: in.say("measure." + key + ".means")}
	if len(values) == 1 {
		m.Value = values[0]
	} else {
		m.Parts = values
	}
	return m
}

// equity is what a release says about who is treated unfairly: from what people told, for nobody is asked who they are. It
// compares no groups and ranks none.
func (in *pages) equity(c *figures.Content, name func(code string) string) []measure {
	say := func(key string, values ...string) measure { return in.measure(key, values) }
	var list []measure
	if t := tableOf(c, byTheme); t != nil {
		list = append(list, say("unfair", in.share(countIn(t, themeBias), c.Reports)))
	}
	for i := range c.Tables {
		t := &c.Tables[i]
		row := slices.Index(t.Shown.Rows, themeBias)
		if t.Rows != byTheme || t.Cols != "service" || t.Layers != "" || row < 0 {
			continue
		}
		list = append(list, say("unfair_where", in.byColumn(t.Shown, row, name)...))
	}
	if t := tableOf(c, byItem); t != nil {
		list = append(list, say("unfair_why", in.shares(t, c.Reports, name, func(string) bool { return true })...))
	}
	return list
}

// tableOf is the table that sorts by one dimension and nothing else; nil when a release has none.
func tableOf(c *figures.Content, rows string) *figures.Shown {
	for _, t := range c.Tables {
		if t.Rows == rows && t.Cols == "" && t.Layers == "" {
			return t.Shown
		}
	}
	return nil
}

// countIn is a row of a table with one column. A row that was merged with others is hidden.
func countIn(t *figures.Shown, code string) int {
	if i := slices.Index(t.Rows, code); i >= 0 {
		return t.Counts[i][0]
	}
	return figures.Hidden
}

// shares are the parts of all reports that name each of some codes, in the order of the table: nothing is ranked.
func (in *pages) shares(t *figures.Shown, reports int, name func(code string) string, wanted func(code string) bool) []string {
	var parts []string
	for i, code := range t.Rows {
		if code != figures.Other && wanted(code) && t.Counts[i][0] != figures.Hidden {
			parts = append(parts, name(code)+": "+in.share(t.Counts[i][0], reports))
		}
	}
	if len(parts) == 0 {
		return []string{in.say("measure.hidden")}
	}
	return parts
}

// share is a part of all reports, to the nearest five in a hundred: both numbers are rounded, and no closer.
func (in *pages) share(count, reports int) string {
	if count == figures.Hidden || reports == 0 {
		return in.say("measure.hidden")
	}
	return in.say("measure.share", "Part", int(math.Round(float64(count)/float64(reports)*20))*5)
}

// byColumn are the counts of a row by column; one sentence where all of them are hidden.
func (in *pages) byColumn(t *figures.Shown, row int, name func(code string) string) []string {
	var parts []string
	any := false
	for j, col := range t.Cols {
		any = any || t.Counts[row][j] != figures.Hidden
		parts = append(parts, name(col)+": "+in.aboutOrHidden(t.Counts[row][j]))
	}
	if !any {
		return []string{in.say("measure.hidden")}
	}
	return parts
}

func (in *pages) aboutOrHidden(count int) string {
	if count == figures.Hidden {
		return in.say("figures.hidden")
	}
	return in.say("measure.about", "Count", count)
}

// series are the numbers of one thing over all releases, the oldest first.
type series struct {
	title  string
	labels []string
	hidden []bool
	parts  []figures.Part // of those that are shown
}

// overTime draws what releases show one after another: reports, and the part of them that names each theme. What is not shown is
// a gap with a word, and then there is no centre line and no limits either: they would be those of the larger numbers alone.
func (in *pages) overTime(releases []*figures.Release, name func(code string) string) ([]template.HTML, error) {
	contents, err := inOrder(releases)
	if err != nil || len(contents) < 2 {
		return nil, err
	}
	var figs []template.HTML
	for i, one := range in.allSeries(contents, name) {
		if len(one.parts) < 2 {
			continue
		}
		figure, err := in.drawSeries("time"+strconv.Itoa(i), &one, i == 0)
		if err != nil {
			return nil, err
		}
		figs = append(figs, figure)
	}
	return figs, nil
}

// inOrder are the contents of releases, the oldest first, as far back as their periods are as long as the newest one's. A
// time that was not let out stands among them as nil.
func inOrder(releases []*figures.Release) (contents []*periodOf, err error) {
	for i, r := range releases {
		months := monthsOf(r)
		if months != monthsOf(releases[0]) {
			break
		}
		content, err := r.Read()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			for first := contents[len(contents)-1].first.AddDate(0, -months, 0); first.After(r.FirstOn); first = first.AddDate(0, -months, 0) {
				contents = append(contents, &periodOf{first, nil})
			}
		}
		contents = append(contents, &periodOf{r.FirstOn.UTC(), content})
	}
	slices.Reverse(contents)
	return contents, nil
}

// periodOf is a period by its first day, with what was let out of it; nil for nothing.
type periodOf struct {
	first   time.Time
	content *figures.Content
}

func monthsOf(r *figures.Release) int {
	first, next := r.FirstOn.UTC(), r.LastOn.UTC().AddDate(0, 0, 1)
	return (next.Year()-first.Year())*12 + int(next.Month()) - int(first.Month())
}

func (in *pages) allSeries(periods []*periodOf, name func(code string) string) []series {
	list := []series{{title: in.say("measure.received")}}
	at := map[string]int{} // themes, in the order in which the newest release has them
	for _, p := range slices.Backward(periods) {
		if p.content == nil {
			continue
		}
		if t := tableOf(p.content, byTheme); t != nil {
			for _, code := range t.Rows {
				if _, known := at[code]; !known && code != figures.Other {
					at[code] = len(list)
					list = append(list, series{title: name(code)})
				}
			}
		}
	}
	for _, p := range periods {
		label, reports, shown := p.first.Format("Jan 2006"), 0, (*figures.Shown)(nil)
		if p.content != nil {
			reports, shown = p.content.Reports, tableOf(p.content, byTheme)
		}
		list[0].add(label, reports, reports, p.content == nil)
		for code, i := range at {
			count := figures.Hidden
			if shown != nil {
				count = countIn(shown, code)
			}
			list[i].add(label, count, reports, count == figures.Hidden)
		}
	}
	return list
}

func (s *series) add(label string, count, of int, hidden bool) {
	s.labels, s.hidden = append(s.labels, label), append(s.hidden, hidden)
	if !hidden {
		s.parts = append(s.parts, figures.Part{Count: float64(count), Of: float64(of)})
	}
}

// chart is the control chart of a series: runs about the median for how many reports there are, limits of proportions for parts
// of them.
func (s *series) chart(volume bool) (*figures.Chart, error) {
	if !volume {
		c, err := figures.PChart(s.parts)
		if err != nil {
			return nil, err
		}
		return c.Times(100), nil
	}
	values := make([]float64, len(s.parts))
	for i, p := range s.parts {
		values[i] = p.Count
	}
	return figures.RunChart(values)
}

func (in *pages) drawSeries(id string, one *series, volume bool) (template.HTML, error) {
	c, err := one.chart(volume)
	if err != nil {
		return "", fmt.Errorf("chart %s: %w", id, err)
	}
	gaps, few := slices.Contains(one.hidden, true), len(c.Points) < figures.RunPoints
	centre := in.say("chart.mean")
	if volume {
		centre = in.say("chart.median")
	}
	if gaps {
		centre = ""
	}
	if gaps || few {
		c.Limits = false
		for i := range c.Points {
			c.Points[i].Signal = "" // worked out with limits that are not drawn
		}
	}
	line, err := c.Drawing(one.labels, one.hidden, centre, in.signalWords())
	if err != nil {
		return "", err
	}
	if !volume {
		wholeParts(line.Points)
	}
	line.ID, line.Title, line.When = id, one.title, in.say("chart.from")
	line.Value, line.Suffix = in.say("chart.of_hundred"), "%"
	if volume {
		line.Value, line.Suffix = in.say("figures.reports"), ""
	}
	line.Desc = in.say("chart.desc", "Title", one.title, "Count", len(one.labels), "Hidden", len(one.labels)-len(one.parts)) + " " + in.verdict(c, gaps, volume)
	line.Words = draw.Words{
		Table: in.say("figures.as_table"), Hidden: in.say("chart.not_shown"), Lower: in.say("chart.lower"), Upper: in.say("chart.upper"),
		Limits: in.say("chart.limits"), Signal: in.say("chart.signal"), Nothing: in.say("chart.nothing"),
	}
	figure, err := line.Figure()
	return figure + template.HTML("<p>"+template.HTMLEscapeString(in.verdict(c, gaps, volume))+"</p>\n"), err
}

// wholeParts rounds parts in a hundred, and their limits, to whole ones: they are worked out from rounded numbers, and digits behind
// the point would say that more is known.
func wholeParts(points []draw.Point) {
	for i := range points {
		p := &points[i]
		p.Value, p.Lower, p.Upper = math.Round(p.Value), math.Round(p.Lower), math.Round(p.Upper)
	}
}

// verdict is what a chart says in a sentence, or why it says nothing.
func (in *pages) verdict(c *figures.Chart, gaps, volume bool) string {
	outside := slices.ContainsFunc(c.Points, func(p figures.Point) bool { return p.Signal != "" })
	switch {
	case gaps:
		return in.say("chart.verdict.gaps")
	case volume && !c.Runs.Judged && len(c.Points) >= figures.RunPoints:
		return in.say("chart.verdict.few_off", "Least", figures.RunPoints)
	case volume && !c.Runs.Judged, !volume && len(c.Points) < figures.RunPoints:
		return in.say("chart.verdict.few", "Least", figures.RunPoints)
	case outside || c.Runs.Signal:
		return in.say("chart.verdict.signal")
	case c.Trial && c.Limits:
		return in.say("chart.verdict.trial", "Least", figures.TrialPoints)
	}
	return in.say("chart.verdict.nothing")
}

func (in *pages) signalWords() map[figures.Signal]string {
	return map[figures.Signal]string{
		figures.SignalOutside: in.say("chart.outside"), figures.SignalTrend: in.say("chart.trend"),
		figures.SignalNear: in.say("chart.near"), figures.SignalShift: in.say("chart.shift"),
	}
}

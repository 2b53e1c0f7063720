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
	Lines []string // what it says, a sentence a line
	Means string
}

// themeShares and others are the tables that measures are worked out from, by what they sort by.
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
func (s *server) measures(c *figures.Content, name func(code string) string) []measure {
	say := func(key string, lines ...string) measure {
		return measure{s.pages.say("measure." + key), lines, s.pages.say("measure." + key + ".means")}
	}
	list := []measure{say("received", s.pages.say("measure.reports", "Count", c.Reports))}
	if t := tableOf(c, byTheme); t != nil {
		list = append(list,
			say("theme_share", s.shares(t, c.Reports, name, func(code string) bool { return !strings.HasPrefix(code, "good_") })...),
			say("good_share", s.shares(t, c.Reports, name, func(code string) bool { return strings.HasPrefix(code, "good_") && code != solidarity })...),
			say("solidarity", s.share(countIn(t, solidarity), c.Reports)))
	}
	if t := tableOf(c, bySeriousness); t != nil {
		list = append(list, say("serious3", s.share(countIn(t, gravest), c.Reports)))
	}
	return list
}

// equity is what a release says about who is treated unfairly: from what people told, for nobody is asked who they are. It
// compares no groups and ranks none.
func (s *server) equity(c *figures.Content, name func(code string) string) []measure {
	say := func(key string, lines ...string) measure {
		return measure{s.pages.say("measure." + key), lines, s.pages.say("measure." + key + ".means")}
	}
	var list []measure
	if t := tableOf(c, byTheme); t != nil {
		list = append(list, say("unfair", s.share(countIn(t, themeBias), c.Reports)))
	}
	for i := range c.Tables {
		t := &c.Tables[i]
		row := slices.Index(t.Shown.Rows, themeBias)
		if t.Rows != byTheme || t.Cols != "service" || t.Layers != "" || row < 0 {
			continue
		}
		var parts []string
		for j, col := range t.Shown.Cols {
			parts = append(parts, name(col)+": "+s.aboutOrHidden(t.Shown.Counts[row][j]))
		}
		list = append(list, say("unfair_where", parts...))
	}
	if t := tableOf(c, byItem); t != nil {
		list = append(list, say("unfair_why", s.shares(t, c.Reports, name, func(string) bool { return true })...))
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
func (s *server) shares(t *figures.Shown, reports int, name func(code string) string, wanted func(code string) bool) (parts []string) {
	for i, code := range t.Rows {
		if code != figures.Other && wanted(code) && t.Counts[i][0] != figures.Hidden {
			parts = append(parts, name(code)+": "+s.share(t.Counts[i][0], reports))
		}
	}
	if len(parts) == 0 {
		return []string{s.pages.say("measure.hidden")}
	}
	return parts
}

// share is a part of all reports, to the nearest five in a hundred: both numbers are rounded, and no closer.
func (s *server) share(count, reports int) string {
	if count == figures.Hidden || reports == 0 {
		return s.pages.say("measure.hidden")
	}
	return s.pages.say("measure.share", "Part", int(math.Round(float64(count)/float64(reports)*20))*5)
}

func (s *server) aboutOrHidden(count int) string {
	if count == figures.Hidden {
		return s.pages.say("figures.hidden")
	}
	return s.pages.say("measure.about", "Count", count)
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
func (s *server) overTime(releases []*figures.Release, name func(code string) string) ([]template.HTML, error) {
	contents, err := inOrder(releases)
	if err != nil || len(contents) < 2 {
		return nil, err
	}
	var figs []template.HTML
	for i, one := range s.allSeries(contents, name) {
		if len(one.parts) < 2 {
			continue
		}
		figure, err := s.drawSeries("time"+strconv.Itoa(i), &one, i == 0)
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

func (s *server) allSeries(periods []*periodOf, name func(code string) string) []series {
	list := []series{{title: s.pages.say("measure.received")}}
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

func (s *server) drawSeries(id string, one *series, volume bool) (template.HTML, error) {
	c, err := one.chart(volume)
	if err != nil {
		return "", fmt.Errorf("chart %s: %w", id, err)
	}
	gaps := slices.Contains(one.hidden, true)
	c.Limits = c.Limits && !gaps
	centre := s.pages.say("chart.mean")
	if volume {
		centre = s.pages.say("chart.median")
	}
	if gaps {
		centre = ""
		for i := range c.Points {
			c.Points[i].Signal = "" // worked out with limits that are not drawn
		}
	}
	line, err := c.Drawing(one.labels, one.hidden, centre, s.signalWords())
	if err != nil {
		return "", err
	}
	line.ID, line.Title, line.When = id, one.title, s.pages.say("chart.from")
	line.Value, line.Suffix = s.pages.say("chart.of_hundred"), "%"
	if volume {
		line.Value, line.Suffix = s.pages.say("figures.reports"), ""
	}
	line.Desc = s.pages.say("chart.desc", "Title", one.title, "Count", len(one.labels), "Hidden", len(one.labels)-len(one.parts)) + " " + s.verdict(c, gaps, volume)
	line.Words = draw.Words{
		Table: s.pages.say("figures.as_table"), Hidden: s.pages.say("chart.not_shown"), Lower: s.pages.say("chart.lower"), Upper: s.pages.say("chart.upper"),
		Limits: s.pages.say("chart.limits"), Signal: s.pages.say("chart.signal"), Nothing: s.pages.say("chart.nothing"),
	}
	figure, err := line.Figure()
	return figure + template.HTML("<p>"+template.HTMLEscapeString(s.verdict(c, gaps, volume))+"</p>\n"), err
}

// verdict is what a chart says in a sentence, or why it says nothing.
func (s *server) verdict(c *figures.Chart, gaps, volume bool) string {
	outside := slices.ContainsFunc(c.Points, func(p figures.Point) bool { return p.Signal != "" })
	switch {
	case gaps:
		return s.pages.say("chart.verdict.gaps")
	case volume && !c.Runs.Judged, !volume && len(c.Points) < figures.RunPoints:
		return s.pages.say("chart.verdict.few", "Least", figures.RunPoints)
	case outside || c.Runs.Signal:
		return s.pages.say("chart.verdict.signal")
	case c.Trial && c.Limits:
		return s.pages.say("chart.verdict.trial", "Least", figures.TrialPoints)
	}
	return s.pages.say("chart.verdict.nothing")
}

func (s *server) signalWords() map[figures.Signal]string {
	return map[figures.Signal]string{
		figures.SignalOutside: s.pages.say("chart.outside"), figures.SignalTrend: s.pages.say("chart.trend"),
		figures.SignalNear: s.pages.say("chart.near"), figures.SignalShift: s.pages.say("chart.shift"),
	}
}

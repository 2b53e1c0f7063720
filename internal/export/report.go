package export

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"answerable/internal/draw"
	"answerable/internal/figures"
	"answerable/internal/promise"
	"answerable/internal/taxonomy"
)

//go:embed report.html
var reportHTML string

//go:embed report.css
var reportCSS string

// rooms are what there is room to answer, for each theme.
var rooms = []string{"What we heard", "What we will do, and who", "By when", "How you will know"}

// report is a bundle for people: one page, with charts and their tables, that prints.
type report struct {
	Facts           *Facts
	Period          string
	Style           template.CSS
	Release, Before *figures.Content
	Tables          []reportTable
	Themes          []reportTheme
	Rooms, All      []string
	Themeless       bool // answers or promises stand under no theme, so of no theme can be said that there are none
}

type reportTable struct {
	Title   string
	Figures []reportFigure
}

type reportFigure struct {
	Column string // in words; "" where a table has one
	Chart  template.HTML
}

// reportTheme is a theme with what was said and promised about it, in this period and before.
type reportTheme struct {
	Name, Count string
	Prompts     []string
	Now, Then   said
}

type said struct {
	Responses []Response
	Promises  []Promise
	Nothing   string // what to say where there are none
}

// None says whether nothing was said.
func (s said) None() bool { return len(s.Responses)+len(s.Promises) == 0 }

func (f *Facts) report() ([]byte, error) {
	r := &report{Facts: f, Period: longDay(f.First) + " to " + longDay(f.Last), Style: template.CSS(reportCSS), Rooms: rooms, All: prompts}
	var err error
	for signed, to := range map[*Signed]**figures.Content{f.Release: &r.Release, f.Before: &r.Before} {
		if signed == nil {
			continue
		}
		if *to, _, err = signed.read(f.Clinic.ID); err != nil {
			return nil, err
		}
	}
	if r.Release != nil {
		if r.Tables, err = drawTables(r.Release, f.words()); err != nil {
			return nil, err
		}
	}
	r.Themes, r.Themeless = f.themes(r.Release, r.Before), f.themeless()
	var b bytes.Buffer
	page, err := template.New("report").Funcs(template.FuncMap{
		"day": longDay, "word": f.words(), "state": func(s string) string { return states[s] }, "silence": silenceWords,
	}).Parse(reportHTML)
	if err == nil {
		err = page.Execute(&b, r)
	}
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return b.Bytes(), nil
}

func longDay(day string) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return d.Format("2 January 2006")
}

func silenceWords(what string) string { return strings.ReplaceAll(what, "-", " ") }

var dimensionWords = map[string]string{
	"theme": "What it is about", "service": "Service", "seriousness": "How serious the panel finds it", "involved": "Who was involved",
	"repair": "What is asked for", "item": "What happened", "role": "Who wrote",
}

func dimension(key string) string {
	if words := dimensionWords[key]; words != "" {
		return words
	}
	return strings.ReplaceAll(key, "_", " ")
}

// drawTables draws each table as one chart for each of its columns, with the numbers beside it, as the public page does.
func drawTables(c *figures.Content, word func(code string) string) (drawn []reportTable, err error) {
	for i, t := range c.Tables {
		table := reportTable{Title: dimension(t.Rows)}
		if t.Cols != "" {
			table.Title += ", by: " + dimension(t.Cols)
		}
		if t.Layer != "" {
			table.Title += ". " + word(t.Layer)
		}
		for j, col := range t.Shown.Cols {
			bars := draw.Bars{
				ID: "table" + strconv.Itoa(i) + "-" + strconv.Itoa(j), Title: word(col), Name: dimension(t.Rows), Value: "Reports",
				Words: draw.Words{Table: "The numbers as a table", Hidden: "hidden: too few, or keeps others safe"},
			}
			hidden := 0
			for k, row := range t.Shown.Rows {
				n := t.Shown.Counts[k][j]
				if n == figures.Hidden {
					hidden++
				}
				bars.Bars = append(bars.Bars, draw.Bar{Label: word(row), Value: float64(max(n, 0)), Hidden: n == figures.Hidden})
			}
			bars.Desc = fmt.Sprintf("%s: %s. Bars for %d lines, %d of them hidden. The table below has the same numbers.", table.Title, bars.Title, len(bars.Bars), hidden)
			figure, err := bars.Figure()
			if err != nil {
				return nil, err
			}
			// Open: what is closed is not printed.
			drawn := reportFigure{Chart: template.HTML(strings.Replace(string(figure), "<details ", "<details open ", 1))}
			if t.Cols != "" {
				drawn.Column = bars.Title
			}
			table.Figures = append(table.Figures, drawn)
		}
		drawn = append(drawn, table)
	}
	return drawn, nil
}

// themes are those that figures, answers or promises name; all of them where there are no figures.
func (f *Facts) themes(now, before *figures.Content) (list []reportTheme) {
	word := f.words()
	for _, theme := range slices.Concat(taxonomy.Themes(), taxonomy.Good()) {
		t := reportTheme{Name: word(theme.Code)}
		count, shown := themeCount(now, theme.Code)
		t.Now, t.Then = f.saidOf(theme.Code)
		if now != nil && !shown && t.Now.None() && t.Then.None() {
			continue
		}
		if !f.themeless() {
			t.Now.Nothing, t.Then.Nothing = nothingNow, nothingThen
		}
		if shown {
			t.Count = "This time: " + count + "."
			if then, ok := themeCount(before, theme.Code); ok {
				t.Count += " The time before: " + then + "."
			}
		}
		for _, n := range promise.PromptsFor([]string{theme.Code}) {
			t.Prompts = append(t.Prompts, prompts[n-1])
		}
		list = append(list, t)
	}
	return list
}

// What is said of a theme about which nobody said anything.
const (
	nothingNow  = "No answer and no promise about this."
	nothingThen = "No promise of before about this is open."
)

// themeless reports whether there are answers or promises without a theme that everybody may read.
func (f *Facts) themeless() bool {
	return f.Accountability != nil && (slices.ContainsFunc(f.Accountability.Responses, func(r Response) bool { return r.Theme == "" }) ||
		slices.ContainsFunc(f.Accountability.Promises, func(p Promise) bool { return p.Theme == "" }))
}

// themeCount is what a release shows of a theme over all reports, in words.
func themeCount(c *figures.Content, code string) (words string, ok bool) {
	if c == nil {
		return "", false
	}
	for _, t := range c.Tables {
		i := slices.Index(t.Shown.Rows, code)
		if t.Rows != "theme" || t.Cols != "" || t.Layers != "" || i < 0 {
			continue
		}
		if n := t.Shown.Counts[i][0]; n != figures.Hidden {
			return fmt.Sprintf("about %d reports", n), true
		}
		return "hidden", true
	}
	return "", false
}

// saidOf are answers and promises about a theme since the period's first day, and promises of before.
func (f *Facts) saidOf(theme string) (now, then said) {
	if f.Accountability == nil {
		return now, then
	}
	for _, r := range f.Accountability.Responses {
		at := pick(&now, &then, r.On >= f.First)
		if r.Theme == theme {
			at.Responses = append(at.Responses, r)
		}
	}
	for _, p := range f.Accountability.Promises {
		at := pick(&now, &then, p.MadeOn >= f.First)
		if p.Theme == theme {
			at.Promises = append(at.Promises, p)
		}
	}
	return now, then
}

func pick(now, then *said, isNow bool) *said {
	if isNow {
		return now
	}
	return then
}

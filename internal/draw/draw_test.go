package draw_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"answerable/internal/draw"
)

var words = draw.Words{
	Table: "The numbers as a table", Hidden: "hidden: too few", Lower: "lower limit", Upper: "upper limit", Limits: "Limits",
	Signal: "What stands out", Nothing: "nothing",
}

func line(values ...float64) *draw.Line {
	l := &draw.Line{
		ID: "late", Title: "Answers that came late", Desc: "Thirty to ninety of a hundred, with a peak in the fourth quarter.",
		When: "Quarter", Value: "Late", Suffix: "%", Limits: true, Centre: draw.Mark{Value: 40, Label: "middle 40%"}, Words: words,
	}
	for i, v := range values {
		l.Points = append(l.Points, draw.Point{Label: "2024 Q" + strconv.Itoa(i+1), Value: v, Lower: 10, Upper: 70})
	}
	return l
}

// elements are the names of all elements in order, with their attributes and the text directly in them.
type element struct {
	name, text string
	attributes map[string]string
}

func elements(t testing.TB, figure string) (list []element) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(figure))
	var open []int
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("the figure is not well formed: %v\n%s", err, figure)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			open = append(open, len(list))
			list = append(list, e)
		case xml.CharData:
			if len(open) > 0 {
				list[open[len(open)-1]].text += string(token)
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func texts(list []element, name string) (all []string) {
	for _, e := range list {
		if e.name == name {
			all = append(all, e.text)
		}
	}
	return all
}

func TestDrawingsHaveATitleADescriptionAndText(t *testing.T) {
	bars := &draw.Bars{ID: "themes", Title: "Reports by theme", Desc: "Most are about choice.", Name: "Theme", Value: "Reports", Words: words,
		Bars: []draw.Bar{{Label: "Choice", Value: 45}, {Label: "Money", Hidden: true}}}
	for name, figure := range map[string]func() (string, error){
		"line": func() (string, error) { h, err := line(30, 50, 45).Figure(); return string(h), err },
		"bars": func() (string, error) { h, err := bars.Figure(); return string(h), err },
	} {
		html, err := figure()
		if err != nil {
			t.Fatal(err)
		}
		list := elements(t, html)
		byID := map[string]element{}
		for _, e := range list {
			byID[e.attributes["id"]] = e
		}
		for _, e := range list {
			if e.name != "svg" {
				continue
			}
			ids := strings.Fields(e.attributes["aria-labelledby"])
			if e.attributes["role"] != "img" || len(ids) != 2 || byID[ids[0]].name != "title" || byID[ids[1]].name != "desc" || byID[ids[0]].text == "" || byID[ids[1]].text == "" {
				t.Errorf("%s: the drawing has no name: %v", name, e.attributes)
			}
		}
		if len(texts(list, "text")) < 4 || len(texts(list, "caption")) != 1 {
			t.Errorf("%s: text %q, caption %q", name, texts(list, "text"), texts(list, "caption"))
		}
	}
}

func TestDrawingsHaveNoStyleOfTheirOwn(t *testing.T) {
	l := line(30, 90, 45)
	l.Points[1].Signal = "outside the limits"
	html, err := l.Figure()
	if err != nil {
		t.Fatal(err)
	}
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgb|hsl`)
	for _, e := range elements(t, string(html)) {
		if e.name == "style" || e.name == "script" || e.name == "image" || e.name == "use" {
			t.Errorf("it holds <%s>", e.name)
		}
		for name, value := range e.attributes {
			if name == "style" || strings.HasPrefix(name, "on") || name == "href" || colour.MatchString(value) && name != "d" {
				t.Errorf("<%s> has %s=%q", e.name, name, value)
			}
			if (name == "fill" || name == "stroke") && value != "none" && value != "currentColor" {
				t.Errorf("<%s> has the colour %q", e.name, value)
			}
		}
	}
}

func TestWhatIsDrawnStandsInTheTable(t *testing.T) {
	l := line(30, 90.256, 61.37, 0)
	l.Points[1].Signal = "outside the limits"
	l.Points[2].Hidden = true
	html, err := l.Figure()
	if err != nil {
		t.Fatal(err)
	}
	list := elements(t, string(html))
	got := strings.Join(texts(list, "td"), "|")
	want := "30%|10%\u2060\u2013\u206070%|nothing|90.26%|10%\u2060\u2013\u206070%|outside the limits|hidden: too few|10%\u2060\u2013\u206070%|nothing|0%|10%\u2060\u2013\u206070%|nothing"
	if got != want {
		t.Errorf("the table holds\n%s, want\n%s", got, want)
	}
	if strings.Contains(string(html), "61.37") {
		t.Error("a number that is hidden is in the page")
	}
	count := map[string]int{}
	for _, e := range list {
		count[e.attributes["class"]]++
	}
	// Two stretches with a gap between them, two dots and a diamond.
	if count["chart-line"] != 2 || count["chart-point"] != 2 || count["chart-signal"] != 1 {
		t.Errorf("drawn: %v", count)
	}
	bars := &draw.Bars{ID: "b", Title: "t", Desc: "d", Name: "n", Value: "v", Words: words, Bars: []draw.Bar{{Label: "Money", Value: 77, Hidden: true}, {Label: "Choice"}}}
	if html, err = bars.Figure(); err != nil || strings.Contains(string(html), "77") || strings.Count(string(html), "hidden: too few") != 2 {
		t.Errorf("a hidden bar is in the page, %v", err)
	}
}

// Everything lies within the drawing, whatever the numbers, and no number is lost to rounding.
func TestEverythingLiesWithinTheDrawing(t *testing.T) {
	for name, l := range map[string]*draw.Line{
		"one point": line(5), "all the same": line(0, 0, 0), "negative": line(-40, 3, -7), "tiny": line(0.002, 0.004), "huge": line(4e9, 1e9),
		"many": line(make([]float64, 200)...),
	} {
		html, err := l.Figure()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, e := range elements(t, string(html)) {
			for _, key := range []string{"cx", "x", "x1", "x2", "cy", "y", "y1", "y2"} {
				value, ok := e.attributes[key]
				if !ok {
					continue
				}
				most := 400.0
				if strings.Contains(key, "y") {
					most = 250
				}
				if v, err := strconv.ParseFloat(value, 64); err != nil || math.IsNaN(v) || v < 0 || v > most {
					t.Errorf("%s: <%s> has %s=%q", name, e.name, key, value)
				}
			}
		}
	}
}

func TestWordsAreEscaped(t *testing.T) {
	l := line(3, 4)
	l.Title, l.Desc = `</title><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`
	l.Points[0].Label = `<b onclick="x">`
	l.Points[1].Signal = `</td><script>`
	html, err := l.Figure()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements(t, string(html)) {
		if e.name == "script" || e.name == "img" || e.name == "b" {
			t.Errorf("it holds <%s>", e.name)
		}
	}
}

func TestWhatCannotBeDrawnIsRefused(t *testing.T) {
	bad := line(1, 2)
	bad.ID = "a b"
	for name, figure := range map[string]func() error{
		"an id with a space": func() error { _, err := bad.Figure(); return err },
		"no points":          func() error { _, err := line().Figure(); return err },
		"not a number":       func() error { _, err := line(1, math.NaN()).Figure(); return err },
		"no bars":            func() error { _, err := (&draw.Bars{ID: "x"}).Figure(); return err },
		"a bar below 0": func() error {
			_, err := (&draw.Bars{ID: "x", Bars: []draw.Bar{{Value: -1}}}).Figure()
			return err
		},
	} {
		if figure() == nil {
			t.Errorf("%s is drawn", name)
		}
	}
}

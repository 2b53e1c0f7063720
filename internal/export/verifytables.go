package export

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"answerable/internal/figures"
)

// tables audits every table again, from what it shows, and compares the formats.
func (c *check) tables(f *Facts) {
	for _, signed := range []*Signed{f.Release, f.Before} {
		if signed == nil {
			continue
		}
		content, plan, err := signed.read(f.Clinic.ID)
		if err != nil {
			c.v.wrong(factsPath, "%v", err)
			continue
		}
		for _, t := range content.Tables {
			c.audit(content, plan, &t)
		}
	}
	c.formats(f)
	if f.Release != nil && string(c.by["figures.json"]) != f.Release.Content {
		c.v.wrong("figures.json", "its figures are not those of facts.json")
	}
}

func (c *check) audit(content *figures.Content, plan *figures.Plan, t *figures.ReleasedTable) {
	c.v.Tables++
	t.Shown.EachCell(func(row, col string, n int) {
		if n == figures.Hidden && row != "total" && col != "total" {
			c.v.Hidden++
		}
	})
	many := slices.ContainsFunc(plan.Dimensions, func(d figures.Dimension) bool { return d.Key == t.Rows && d.Many })
	cells, err := t.Recoverable(content.K, many)
	if err != nil {
		c.v.wrong("figures.json", "the table %s cannot be audited: %v", t.Key, err)
		return
	}
	for _, cell := range cells {
		c.v.wrong("figures.json", "in the table %s, whoever knows the totals can work out a hidden number: %s", t.Key, cell)
	}
}

// formats compares CSV, XLSX and JSON with the tables that follow from the facts, cell by cell, totals included. What another
// program calls its codes is that program's: there the formats are compared with each other, and all but those words with the facts.
func (c *check) formats(f *Facts) {
	want, err := f.sheets()
	if err != nil {
		c.v.wrong(factsPath, "%v", err)
		return
	}
	var all tables
	if err := json.Unmarshal(c.by["tables.json"], &all, json.RejectUnknownMembers(true)); err != nil || all.V != 1 {
		c.v.wrong("tables.json", "it does not read")
	} else if f.Generator != Generator {
		c.sameButWords(want, all.Sheets)
		want = all.Sheets
	} else {
		c.sameSheets("tables.json", want, all.Sheets)
	}
	if book, err := readWorkbook(c.by["tables.xlsx"]); err != nil {
		c.v.wrong("tables.xlsx", "%v", err)
	} else {
		c.sameSheets("tables.xlsx", want, book)
	}
	for _, s := range want {
		path := s.Name + ".csv"
		got, err := readCSV(s.Name, c.by[path])
		if err != nil {
			c.v.wrong(path, "%v", err)
			continue
		}
		if differs := s.same(got); differs != "" {
			c.v.wrong(path, "it does not agree with the other formats: %s", differs)
		}
	}
}

// sameButWords compares the sheets of what facts say, without the words for codes. The sheet of codes has nothing but those.
func (c *check) sameButWords(want, got []Sheet) {
	for _, w := range want {
		if w.Name == codesSheet {
			continue
		}
		i := slices.IndexFunc(got, func(s Sheet) bool { return s.Name == w.Name })
		if i < 0 {
			c.v.wrong("tables.json", "the table %s is missing in it", w.Name)
			continue
		}
		if differs := withoutWords(w).same(withoutWords(got[i])); differs != "" {
			c.v.wrong("tables.json", "the table %s does not agree with facts.json: %s", w.Name, differs)
		}
	}
}

// withoutWords is a sheet without its columns of words for codes.
func withoutWords(s Sheet) *Sheet {
	isWords := func(j int) bool { return j < len(s.Columns) && strings.HasSuffix(s.Columns[j], "_words") }
	out := &Sheet{Name: s.Name}
	for j, name := range s.Columns {
		if !isWords(j) {
			out.Columns = append(out.Columns, name)
		}
	}
	for _, row := range s.Rows {
		var kept []Cell
		for j, cell := range row {
			if !isWords(j) {
				kept = append(kept, cell)
			}
		}
		out.Rows = append(out.Rows, kept)
	}
	return out
}

func (c *check) sameSheets(path string, want, got []Sheet) {
	if len(want) != len(got) {
		c.v.wrong(path, "it has %d tables, and should have %d", len(got), len(want))
		return
	}
	for i, s := range want {
		if differs := s.same(&got[i]); differs != "" {
			c.v.wrong(path, "the table %s does not agree with facts.json: %s", s.Name, differs)
		}
	}
}

// rebuilt makes every file again from the facts. What another program made of them cannot be made again here: its files are named
// as not checked, but for those that were compared with the facts.
func (c *check) rebuilt(f *Facts) {
	if f.Generator != Generator {
		c.v.NotChecked = c.unchecked()
		return
	}
	files, err := f.files()
	if err != nil {
		c.v.wrong(factsPath, "%v", err)
		return
	}
	c.v.Rebuilt = true
	for _, want := range files {
		if !bytes.Equal(want.Content, c.by[want.Path]) {
			c.v.Rebuilt = false
			c.v.wrong(want.Path, "it is not what follows from facts.json")
		}
	}
}

// unchecked are the files of another program's bundle, in the order of their paths, of which nothing shows that they say what the
// facts do. The PDF is not among them: nobody can make that again, and it is told apart.
func (c *check) unchecked() (paths []string) {
	for _, path := range slices.Sorted(maps.Keys(c.hashes)) {
		checked := path == factsPath || path == pdfPath || path == "figures.json" || path == "tables.json" || path == "tables.xlsx" ||
			strings.HasSuffix(path, ".csv") && path != codesSheet+".csv"
		if !checked {
			paths = append(paths, path)
		}
	}
	return paths
}

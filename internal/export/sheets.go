package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"answerable/internal/figures"
	"answerable/internal/taxonomy"
)

// Sheet is a table of texts and whole numbers, the same in CSV, XLSX and JSON.
type Sheet struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    [][]Cell `json:"rows"`
}

// Cell is a text or a whole number, 0 or more.
type Cell struct {
	Text     string
	Number   int
	IsNumber bool
}

func text(s string) Cell { return Cell{Text: s} }
func number(n int) Cell  { return Cell{Number: n, IsNumber: true} }

// MarshalJSON writes a text or a number.
func (c Cell) MarshalJSON() ([]byte, error) {
	if c.IsNumber {
		return strconv.AppendInt(nil, int64(c.Number), 10), nil
	}
	return json.Marshal(c.Text)
}

// UnmarshalJSON reads a text or a number.
func (c *Cell) UnmarshalJSON(b []byte) error {
	*c = Cell{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &c.Text)
	}
	n, err := strconv.Atoi(string(b))
	if err != nil || n < 0 {
		return errors.New("a cell is a text or a whole number")
	}
	*c = number(n)
	return nil
}

// String is a cell as it stands in a file of text.
func (c Cell) String() string {
	if c.IsNumber {
		return strconv.Itoa(c.Number)
	}
	return c.Text
}

// tables is all sheets in one file.
type tables struct {
	V      int     `json:"v"`
	Sheets []Sheet `json:"sheets"`
}

// numeric names the columns whose cells are numbers wherever they can be read as one.
var numeric = map[string]bool{"reports": true, "count": true, "times_extended": true}

// codesSheet is the table of what codes mean.
const codesSheet = "codes"

// sheets are the facts as tables. Without a release there is none of figures: a bundle of words.
func (f *Facts) sheets() ([]Sheet, error) {
	var all []Sheet
	if f.Release != nil {
		s, err := f.figures()
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if f.Accountability != nil {
		all = append(all, f.promises(), f.responses(), f.silences())
	}
	return append(all, f.codes()), nil
}

func (f *Facts) figures() (Sheet, error) {
	s := Sheet{Name: "figures", Columns: []string{"release_sha256", "first_day", "last_day", "table", "layer", "row", "row_words", "column", "column_words", "reports"}, Rows: [][]Cell{}}
	words := f.words()
	for _, signed := range []*Signed{f.Release, f.Before} {
		if signed == nil {
			continue
		}
		c, _, err := signed.read(f.Clinic.ID)
		if err != nil {
			return s, err
		}
		hash := (&figures.Release{Content: signed.Content}).Hash()
		for _, t := range c.Tables {
			t.Shown.EachCell(func(row, col string, n int) {
				count := text(figures.HiddenWord)
				if n != figures.Hidden {
					count = number(n)
				}
				s.Rows = append(s.Rows, []Cell{
					text(hash), text(c.First), text(c.Last), text(t.Key), text(t.Layer), text(row), text(words(row)), text(col), text(words(col)), count,
				})
			})
		}
	}
	return s, nil
}

func (f *Facts) promises() Sheet {
	s := Sheet{Name: "promises", Columns: []string{"as_of", "theme", "theme_words", "what", "who", "made_on", "due", "how_one_will_know", "state", "state_on", "times_extended"}, Rows: [][]Cell{}}
	words := f.words()
	for _, p := range f.Accountability.Promises {
		s.Rows = append(s.Rows, []Cell{
			text(f.AsOf), text(p.Theme), text(words(p.Theme)), text(p.What), text(p.Who), text(p.MadeOn), text(p.Due), text(p.How), text(p.State), text(p.StateOn), number(p.Extended),
		})
	}
	return s
}

func (f *Facts) responses() Sheet {
	s := Sheet{Name: "answers", Columns: []string{"as_of", "on", "theme", "theme_words", "role", "answer"}, Rows: [][]Cell{}}
	words := f.words()
	for _, r := range f.Accountability.Responses {
		s.Rows = append(s.Rows, []Cell{text(f.AsOf), text(r.On), text(r.Theme), text(words(r.Theme)), text(r.Role), text(r.Text)})
	}
	return s
}

func (f *Facts) silences() Sheet {
	s := Sheet{Name: "silences", Columns: []string{"as_of", "whose", "what", "count"}, Rows: [][]Cell{}}
	for _, one := range f.Accountability.Silences {
		s.Rows = append(s.Rows, []Cell{text(f.AsOf), text(one.Whose), text(one.What), number(one.Count)})
	}
	return s
}

// codes is what codes mean, with the nearest names in lists that others keep.
func (f *Facts) codes() Sheet {
	s := Sheet{Name: codesSheet, Columns: []string{"code", "kind", "words", "hcat_indicative", "ko41a_indicative", "ko41a_words", "ko41a_name_was_read"}, Rows: [][]Cell{}}
	add := func(code, kind, words, hcat, ko41a string) {
		subject, known := taxonomy.Subjects()[ko41a]
		read := ""
		if known {
			read = map[bool]string{true: "yes", false: "no, from memory"}[subject.Verified]
		}
		s.Rows = append(s.Rows, []Cell{text(code), text(kind), text(words), text(hcat), text(ko41a), text(subject.Label), text(read)})
	}
	for _, theme := range slices.Concat(taxonomy.Themes(), taxonomy.Good()) {
		add(theme.Code, "theme", theme.Label, "", "")
		for _, item := range theme.Items {
			add(item.Code, "item", item.Label, strings.TrimPrefix(item.HCAT, "-"), strings.TrimPrefix(item.KO41a, "-"))
		}
	}
	for i, step := range taxonomy.Impact() {
		scales := taxonomy.HarmScales()
		hcat := ""
		if i < len(scales) {
			hcat = strings.Join(scales[i], "; ")
		}
		add("impact."+step.Code, "impact", step.Label, hcat, "")
	}
	for _, step := range taxonomy.SeriousnessScale() {
		add(fmt.Sprintf("serious.%d", step.Value), "seriousness", step.Anchor, "", "")
	}
	for _, n := range f.Names {
		add(n.Code, "own", n.Words, "", "")
	}
	return s
}

// CSV is a sheet as RFC 4180 has it: UTF-8, lines end in CR LF. A text at which a spreadsheet would begin to work something out
// has an apostrophe before it, and so has one that begins with an apostrophe.
func (s *Sheet) CSV() ([]byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	lines := [][]string{s.Columns}
	for _, row := range s.Rows {
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = c.String()
			if !c.IsNumber {
				line[i] = tame(c.Text)
			}
		}
		lines = append(lines, line)
	}
	if err := out.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("write %s: %w", s.Name, err)
	}
	return b.Bytes(), nil
}

// tame puts an apostrophe before a text that a spreadsheet takes for a formula (OWASP, "CSV Injection"), whatever blanks and
// invisible characters stand before its sign, and before one that begins with an apostrophe, so that one can be taken away again.
func tame(s string) string {
	if strings.HasPrefix(s, "'") {
		return "'" + s
	}
	first, _ := utf8.DecodeRuneInString(s)
	if first == '\t' || first == '\n' || first == '\r' {
		return "'" + s
	}
	rest := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc) })
	if sign, _ := utf8.DecodeRuneInString(rest); rest != "" && strings.ContainsRune("=+-@＝＋－＠|%", sign) {
		return "'" + s
	}
	return s
}

// readCSV reads what CSV writes.
func readCSV(name string, file []byte) (*Sheet, error) {
	in := csv.NewReader(bytes.NewReader(file))
	in.ReuseRecord = false
	s := &Sheet{Name: name, Rows: [][]Cell{}}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("it is no CSV: %w", err)
		}
		if s.Columns == nil {
			s.Columns = record
			continue
		}
		row := make([]Cell, len(record))
		for i, field := range record {
			row[i] = cellOf(s.Columns[i], strings.TrimPrefix(field, "'"))
		}
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

// cellOf reads a cell of a file that has no kinds of cells.
func cellOf(column, field string) Cell {
	if n, err := strconv.Atoi(field); numeric[column] && err == nil && strconv.Itoa(n) == field {
		return number(n)
	}
	return text(field)
}

// same says where two sheets differ; "" where they do not.
func (s *Sheet) same(other *Sheet) string {
	if s.Name != other.Name || !slices.Equal(s.Columns, other.Columns) {
		return "its columns are others"
	}
	if len(s.Rows) != len(other.Rows) {
		return fmt.Sprintf("it has %d rows, and should have %d", len(other.Rows), len(s.Rows))
	}
	for i, row := range s.Rows {
		if len(other.Rows[i]) != len(row) || len(row) != len(s.Columns) {
			return fmt.Sprintf("row %d has another number of columns", i+1)
		}
		for j, c := range row {
			if other.Rows[i][j] != c {
				return fmt.Sprintf("row %d, column %s is another", i+1, s.Columns[j])
			}
		}
	}
	return ""
}

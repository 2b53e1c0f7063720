package figures_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"answerable/internal/figures"
)

func TestCSVReadsCountsHiddenCellsAndTotals(t *testing.T) {
	want := [][]int{{30, 47}, {90, 7}}
	for name, text := range map[string]string{
		"plain":              ",a,b\nw,30,47*\nx,90,7*\n",
		"with totals":        "rows,a,b,Total\nw,30,47*,77\nx,90,7*,97\ntotal,120,54,174\n",
		"semicolons":         ";a;b\r\nw;30;47*\r\nx;90;7 *\r\n",
		"tabs":               "\ta\tb\nw\t30\t47*\nx\t90\t7*\n",
		"a mark at the head": "\ufeff,a,b\nw,30,47*\nx,90,7*\n",
		"quotes":             "\"\",\"a\",\"b\"\n\"w\",\"30\",\"47*\"\nx,90,7*\n",
	} {
		table, hidden, err := figures.ReadCSV(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, row := range want {
			for j, n := range row {
				if table.Counts[i][j] != n || hidden[i][j] != (j == 1) {
					t.Errorf("%s: cell %d,%d is %d, hidden %v", name, i, j, table.Counts[i][j], hidden[i][j])
				}
			}
		}
		if len(hidden) != 3 || len(hidden[0]) != 3 || hidden[0][2] || hidden[2][2] {
			t.Errorf("%s: totals are hidden: %v", name, hidden)
		}
	}
	_, hidden, err := figures.ReadCSV(strings.NewReader(",a,b,total\nw,30,47,77*\nx,90,7,97\ntotal,120,54,174*\n"))
	if err != nil || !hidden[0][2] || !hidden[2][2] || hidden[1][2] {
		t.Errorf("hidden totals: %v, %v", hidden, err)
	}
}

func TestWhatIsNoCSVOfCountsSaysWhichCellToMend(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":                {"", "a line of column names"},
		"one line":               {",a,b\n", "a line of column names"},
		"one column":             {"a\nb\n", "a line of column names"},
		"a negative count":       {",a\nw,-3\n", `row "w", column "a" is -3. A count is 0 or more`},
		"a fraction":             {",a\nw,2.5\n", `row "w", column "a" is "2.5". A count is a whole number`},
		"a thousands mark":       {",a\nw,\"1,234\"\n", "such as 1234"},
		"a word":                 {",a\nw,few\n", `is "few"`},
		"an empty cell":          {",a\nw,\n", "is empty. Write 0"},
		"a star alone":           {",a\nw,*\n", "a star without its count"},
		"a huge count":           {",a\nw,99999999999999999999\n", "at most"},
		"a large count":          {",a\nw,9999999999\n", "at most"},
		"a short line":           {",a,b\nw,1\n", "line 2 has 2 cells, and the first has 3"},
		"a name twice":           {",a,a\nw,1,2\n", `"a" stands on two lines`},
		"a total that is off":    {",a,b,total\nw,1,2,4\n", "w / total is 4, and the cells add up to 3"},
		"a grand total off":      {",a,b,total\nw,1,2,3\nx,1,1,2\ntotal,2,3,6\n", "total / total is 6, and the cells add up to 5"},
		"an open quote":          {",a\nw,\"1\n", "is not CSV"},
		"another encoding":       {",a\nw\xe9,1\n", "UTF-8"},
		"a spreadsheet's zip":    {"PK\x03\x04\x00\x00", "UTF-8"},
		"a file without an end":  {strings.Repeat("a,", 3<<20), "longer than 4 MiB"},
		"more lines than we do":  {",a\n" + strings.Repeat("w,1\n", 500), "at most 400"},
		"only totals and a name": {",total\ntotal,3\n", ""},
	} {
		_, _, err := figures.ReadCSV(strings.NewReader(tt.text))
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, figures.ErrTable) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(",a,b,total\nw,30,47*,77\nx,90,7*,97\ntotal,120,54,174\n"))
	f.Add([]byte(";a;b\nw;1*;2\n"))
	f.Add([]byte(",a\nw,\"1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, hidden, err := figures.ReadCSV(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if err := table.Check(); err != nil {
			t.Fatalf("a table that is none is read: %v", err)
		}
		if len(table.Rows)*len(table.Cols) > 400 {
			return
		}
		report, err := figures.Audit(figures.Rule{K: 10}, table, hidden)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range report.Hidden {
			if in.Low > in.Count || in.High != figures.Unbounded && in.High < in.Count || in.Low < 0 {
				t.Fatalf("a count of %d is in [%d, %d]", in.Count, in.Low, in.High)
			}
		}
		p, err := figures.Protect(figures.Rule{K: 10, Zeros: true}, table)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := p.Show(0).WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
	})
}

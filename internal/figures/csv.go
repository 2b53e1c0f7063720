package figures

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxCSV bounds a file of a table in bytes.
const maxCSV = 4 << 20

// HiddenMark stands after a count that is hidden.
const HiddenMark = "*"

// ReadCSV reads a table and what is hidden of it. The first line names the columns, after a first cell that may hold anything;
// the first cell of each further line names a row. A cell is a whole number, with a star after it where it is hidden: 7*. A
// last column or a last row called total holds totals, which must add up and may be hidden too. Totals that are not there
// are taken to be shown. Cells stand between commas, semicolons or tabs. Errors wrap ErrTable and say which cell to mend.
func ReadCSV(r io.Reader) (*Table, Pattern, error) {
	records, err := readRecords(r, ErrTable)
	if err != nil {
		return nil, nil, err
	}
	head := records[0]
	colTotals := len(head) > 2 && strings.EqualFold(head[len(head)-1], "total")
	rowTotals := len(records) > 2 && strings.EqualFold(records[len(records)-1][0], "total")
	cols, rows := head[1:], records[1:]
	if colTotals {
		cols = cols[:len(cols)-1]
	}
	if rowTotals {
		rows = rows[:len(rows)-1]
	}
	t := &Table{Cols: slices.Clone(cols)}
	for _, record := range rows {
		t.Rows = append(t.Rows, record[0])
	}
	hidden := NewPattern(len(rows), len(cols))
	printed := make([][]int, len(records)-1) // counts as they stand, totals included
	for i, record := range records[1:] {
		printed[i] = make([]int, len(head)-1)
		for j, cell := range record[1:] {
			n, isHidden, err := parseCount(cell)
			if err != nil {
				return nil, nil, fmt.Errorf("%w: row %q, column %q %w", ErrTable, record[0], head[j+1], err)
			}
			printed[i][j] = n
			hidden[i][j] = isHidden
		}
	}
	for i := range rows {
		t.Counts = append(t.Counts, printed[i][:len(cols)])
	}
	if err := t.Check(); err != nil {
		return nil, nil, err
	}
	return t, hidden, t.checkTotals(printed)
}

// readRecords reads lines of the same number of cells, two by two at least. What it refuses wraps a sentinel of the caller's.
func readRecords(r io.Reader, refused error) ([][]string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxCSV+1))
	if err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	if len(raw) > maxCSV {
		return nil, fmt.Errorf("%w: it is longer than %d MiB", refused, maxCSV>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) || bytes.ContainsRune(raw, 0) {
		return nil, fmt.Errorf("%w: it is not text in UTF-8. Save it again as CSV UTF-8", refused)
	}
	reader := csv.NewReader(bytes.NewReader(raw))
	reader.Comma = separator(raw)
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	var where *csv.ParseError
	if errors.As(err, &where) {
		return nil, fmt.Errorf("%w: line %d is not CSV: %w", refused, where.Line, where.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	if len(records) < 2 || len(records[0]) < 2 {
		return nil, fmt.Errorf("%w: it needs a line of column names, and a line for each row that begins with its name", refused)
	}
	for i, record := range records {
		if len(record) != len(records[0]) {
			return nil, fmt.Errorf("%w: line %d has %d cells, and the first has %d", refused, i+1, len(record), len(records[0]))
		}
		for j := range record {
			record[j] = strings.TrimSpace(record[j])
		}
	}
	return records, nil
}

// separator is what the first line has most of.
func separator(raw []byte) rune {
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, sep := range ";\t" {
		if n := bytes.Count(first, []byte(string(sep))); n > most {
			best, most = sep, n
		}
	}
	return best
}

// parseCount reads a count with or without a star. Its errors go on after the name of a cell.
func parseCount(cell string) (n int, hidden bool, err error) {
	digits, hidden := strings.CutSuffix(cell, HiddenMark)
	digits = strings.TrimSpace(digits)
	switch n, err = strconv.Atoi(digits); {
	case digits == "" && hidden:
		return 0, false, errors.New("is a star without its count. An audit needs the true count of a hidden cell: write 7* for a hidden 7")
	case digits == "":
		return 0, false, errors.New("is empty. Write 0 where nobody is counted, and 7* for a hidden 7")
	case errors.Is(err, strconv.ErrRange):
		return 0, false, fmt.Errorf("is %.40s, and a count is at most %d", digits, maxCount)
	case err != nil:
		return 0, false, fmt.Errorf("is %.40q. A count is a whole number, written with digits alone, such as 1234", digits)
	case n < 0:
		return 0, false, fmt.Errorf("is %d. A count is 0 or more", n)
	case n > maxCount*4:
		return 0, false, fmt.Errorf("is %d, and a count is at most %d", n, maxCount)
	}
	return n, hidden, nil
}

// checkTotals compares totals as they stand with what they should be.
func (t *Table) checkTotals(printed [][]int) error {
	for i, row := range printed {
		for j, n := range row {
			if i < len(t.Rows) && j < len(t.Cols) {
				continue
			}
			if want := t.At(i, j); n != want {
				return fmt.Errorf("%w: %s is %d, and the cells add up to %d", ErrTable, t.CellName(i, j), n, want)
			}
		}
	}
	return nil
}

// WriteCSV writes a table as it is published: a star for what is hidden, totals last.
func (s *Shown) WriteCSV(w io.Writer) error {
	cell := func(n int) string {
		if n == Hidden {
			return HiddenMark
		}
		return strconv.Itoa(n)
	}
	line := func(name string, counts []int, total int) []string {
		record := []string{name}
		for _, n := range counts {
			record = append(record, cell(n))
		}
		return append(record, cell(total))
	}
	out := csv.NewWriter(w)
	out.Write(append(append([]string{""}, s.Cols...), "total")) // errors are kept until Flush
	for i, name := range s.Rows {
		out.Write(line(name, s.Counts[i], s.RowTotals[i]))
	}
	out.Write(line("total", s.ColTotals, s.Total))
	out.Flush()
	return out.Error()
}

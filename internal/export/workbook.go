package export

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// workbook is all sheets as XLSX. Texts are texts whatever they begin with: nothing in it is worked out. The parts are put
// together anew, in order and without compression, so that the same sheets give the same bytes with every version of Go.
func workbook(sheets []Sheet) ([]byte, error) {
	x := excelize.NewFile()
	defer x.Close()
	bold, err := x.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("make workbook: %w", err)
	}
	for i, s := range sheets {
		if i == 0 {
			err = x.SetSheetName("Sheet1", s.Name)
		} else {
			_, err = x.NewSheet(s.Name)
		}
		if err == nil {
			err = fill(x, &s, bold)
		}
		if err != nil {
			return nil, fmt.Errorf("make workbook, sheet %s: %w", s.Name, err)
		}
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return repack(b.Bytes())
}

func fill(x *excelize.File, s *Sheet, bold int) error {
	w, err := x.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	err = w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	if err != nil {
		return err
	}
	head := make([]any, len(s.Columns))
	for j, name := range s.Columns {
		head[j] = excelize.Cell{StyleID: bold, Value: name}
	}
	if err := w.SetRow("A1", head); err != nil {
		return err
	}
	for i, row := range s.Rows {
		line := make([]any, len(row))
		for j, c := range row {
			line[j] = c.Text
			if c.IsNumber {
				line[j] = c.Number
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// repack writes the parts of a workbook anew.
func repack(xlsx []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(xlsx), int64(len(xlsx)))
	if err != nil {
		return nil, fmt.Errorf("repack workbook: %w", err)
	}
	var parts []File
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			return nil, fmt.Errorf("repack workbook: %w", err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("repack workbook: %w", err)
		}
		parts = append(parts, File{part.Name, content})
	}
	// Programs that look at the beginning of a file to tell what it is want this part first.
	first := func(f File) int { return strings.Compare(f.Path, "[Content_Types].xml") }
	slices.SortFunc(parts, func(a, b File) int {
		if first(a) == 0 || first(b) == 0 {
			return map[bool]int{true: -1, false: 1}[first(a) == 0]
		}
		return strings.Compare(a.Path, b.Path)
	})
	var b bytes.Buffer
	if err := writeZip(&b, parts); err != nil {
		return nil, fmt.Errorf("repack workbook: %w", err)
	}
	return b.Bytes(), nil
}

// maxPart bounds what a part of a workbook unpacks to, in bytes.
const maxPart = 64 << 20

// readWorkbook reads what workbook writes.
func readWorkbook(file []byte) ([]Sheet, error) {
	x, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{UnzipSizeLimit: maxPart, UnzipXMLSizeLimit: maxPart, RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("it is no workbook: %w", err)
	}
	defer x.Close()
	var sheets []Sheet
	for _, name := range x.GetSheetList() {
		s := Sheet{Name: name, Rows: [][]Cell{}}
		rows, err := x.GetRows(name)
		if err != nil || len(rows) == 0 {
			return nil, fmt.Errorf("the sheet %s does not read", name)
		}
		s.Columns = rows[0]
		for i := range rows[1:] {
			row := make([]Cell, len(s.Columns))
			for j, column := range s.Columns {
				if j < len(rows[i+1]) {
					row[j] = cellOf(column, rows[i+1][j])
				}
			}
			s.Rows = append(s.Rows, row)
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

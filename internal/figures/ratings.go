package figures

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"answerable/internal/figures/agreement"
)

// Ratings are codings as somebody wrote them down in a file.
type Ratings struct {
	Coders []string
	Codes  []string // what words stand for the numbers from 0 on; nil where the file has numbers
	agreement.Ratings
}

// ReadRatings reads codings. The first line names the coders, after a first cell that may hold anything; the first cell of
// each further line names what was coded. A cell is a number, or empty or NA where that coder did not code it. Where codes have no
// order (nominal) they may be words. Errors wrap agreement.ErrRatings and say which cell to mend.
func ReadRatings(r io.Reader, metric agreement.Metric) (*Ratings, error) {
	records, err := readRecords(r, agreement.ErrRatings)
	if err != nil {
		return nil, err
	}
	out := &Ratings{Coders: records[0][1:]}
	for i, coder := range out.Coders {
		if coder == "" || slices.Contains(out.Coders[:i], coder) {
			return nil, fmt.Errorf("%w: column %d has no name of its own. Name each coder once", agreement.ErrRatings, i+2)
		}
	}
	read := parseCode
	if metric == agreement.Nominal {
		if out.Codes = wordsIn(records[1:]); out.Codes != nil {
			read = out.place
		}
	}
	for _, record := range records[1:] {
		unit := make([]float64, len(out.Coders))
		for j, cell := range record[1:] {
			var ok bool
			if unit[j], ok = read(cell); !ok {
				return nil, fmt.Errorf("%w: row %q, column %q is %.40q. A code is a number, or empty where nobody coded; words are for the nominal metric", agreement.ErrRatings, record[0], out.Coders[j], cell)
			}
		}
		out.Ratings = append(out.Ratings, unit)
	}
	return out, out.Check()
}

func missing(cell string) bool { return cell == "" || cell == "NA" }

func parseCode(cell string) (code float64, ok bool) {
	if missing(cell) {
		return agreement.Missing, true
	}
	code, err := strconv.ParseFloat(cell, 64)
	return code, err == nil && !math.IsNaN(code) && !math.IsInf(code, 0)
}

// wordsIn are the different codes of a file, in order; nil when all are numbers.
func wordsIn(records [][]string) []string {
	words, numbers := map[string]bool{}, true
	for _, record := range records {
		for _, cell := range record[1:] {
			if missing(cell) {
				continue
			}
			words[cell] = true
			_, ok := parseCode(cell)
			numbers = numbers && ok
		}
	}
	if numbers {
		return nil
	}
	return slices.Sorted(maps.Keys(words))
}

func (r *Ratings) place(cell string) (code float64, ok bool) {
	if missing(cell) {
		return agreement.Missing, true
	}
	i, ok := slices.BinarySearch(r.Codes, cell)
	return float64(i), ok
}

// Name is a code as the file has it.
func (r *Ratings) Name(code float64) string {
	if i := int(code); r.Codes != nil && i < len(r.Codes) {
		return r.Codes[i]
	}
	return strconv.FormatFloat(code, 'f', -1, 64)
}

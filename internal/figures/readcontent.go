package figures

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

// readContent reads what a release says, and refuses whatever newRelease never writes: a reviewer signs these bytes after
// having been shown the counts, so nothing may stand in them that is not shown or does not follow from what is. Errors wrap ErrTampered.
func readContent(text string) (*Content, error) {
	c := new(Content)
	if err := json.Unmarshal([]byte(text), c, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: it does not read", ErrTampered)
	}
	again, err := json.Marshal(c, json.Deterministic(true))
	if err != nil || string(again) != text {
		return nil, fmt.Errorf("%w: it is not written as releases are", ErrTampered)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Content) check() error {
	first, err1 := time.Parse(time.DateOnly, c.First)
	last, err2 := time.Parse(time.DateOnly, c.Last)
	switch {
	case c.V != 1 || c.Plan < 1 || err1 != nil || err2 != nil || last.Before(first):
		return fmt.Errorf("%w: it has no version, plan or period", ErrTampered)
	case c.Base != Base || Rule{K: c.K}.Check() != nil:
		return fmt.Errorf("%w: it is rounded to %d, and hides %d or fewer", ErrTampered, c.Base, c.K)
	case c.Reports%Base != 0 || c.Reports < enoughAYear || c.Reports > maxCount:
		return fmt.Errorf("%w: it counts %d reports", ErrTampered, c.Reports)
	case len(c.Tables) == 0:
		return fmt.Errorf("%w: it has no tables", ErrTampered)
	}
	for i := range c.Tables {
		if err := c.Tables[i].check(c.K); err != nil {
			return err
		}
	}
	return c.checkGroups()
}

// checkGroups holds the layers of each table together: they come one after another, and their sum is last.
func (c *Content) checkGroups() error {
	keys := map[string]bool{}
	for rest := c.Tables; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Key == rest[0].Key {
			n++
		}
		group := rest[:n]
		rest = rest[n:]
		if keys[group[0].Key] {
			return fmt.Errorf("%w: the table %s is in two places", ErrTampered, group[0].Key)
		}
		keys[group[0].Key] = true
		if err := checkGroup(group); err != nil {
			return err
		}
	}
	if len(keys) > maxTables {
		return fmt.Errorf("%w: it has %d tables", ErrTampered, len(keys))
	}
	return nil
}

func checkGroup(group []ReleasedTable) error {
	head := group[0]
	if head.Layers == "" {
		if len(group) > 1 || head.Layer != "" {
			return fmt.Errorf("%w: the table %s has layers of nothing", ErrTampered, head.Key)
		}
		return nil
	}
	layers, sum := group[:len(group)-1], group[len(group)-1]
	if len(layers) == 0 || sum.Layer != LayerSum {
		return fmt.Errorf("%w: the table %s has no sum", ErrTampered, head.Key)
	}
	names := map[string]bool{}
	for _, t := range group {
		same := t.Rows == head.Rows && t.Cols == head.Cols && t.Layers == head.Layers && t.Zeros == head.Zeros &&
			slices.Equal(t.Shown.Rows, head.Shown.Rows) && slices.Equal(t.Shown.Cols, head.Shown.Cols)
		if !same || !codePattern.MatchString(t.Layer) || names[t.Layer] {
			return fmt.Errorf("%w: the layers of the table %s are not those of one table", ErrTampered, head.Key)
		}
		names[t.Layer] = true
	}
	for i, row := range sum.Shown.Counts {
		for j, n := range row {
			if !addsUp(layers, i, j, n) {
				return fmt.Errorf("%w: the layers of the table %s do not add up", ErrTampered, head.Key)
			}
		}
	}
	return nil
}

// addsUp reports whether a cell of the sum is that of its layers: hidden in all, or in none.
func addsUp(layers []ReleasedTable, row, col, sum int) bool {
	total := 0
	for _, t := range layers {
		n := t.Shown.Counts[row][col]
		if (n == Hidden) != (sum == Hidden) {
			return false
		}
		total += n
	}
	return sum == Hidden || total == sum
}

// check refuses a table whose names are none, or that shows a count which a rule of hiding k or fewer does not let through.
func (t *ReleasedTable) check(k int) error {
	for _, key := range []string{t.Key, t.Rows, t.Cols, t.Layers} {
		if key != "" && !keyPattern.MatchString(key) {
			return fmt.Errorf("%w: a table or a dimension has no proper name", ErrTampered)
		}
	}
	s := t.Shown
	if t.Key == "" || t.Rows == "" || s == nil || !properLines(s.Rows) || !properLines(s.Cols) || t.Cols == "" && !slices.Equal(s.Cols, []string{All}) {
		return fmt.Errorf("%w: the table %s has no proper lines", ErrTampered, t.Key)
	}
	if len(s.Counts) != len(s.Rows) || slices.ContainsFunc(s.Counts, func(row []int) bool { return len(row) != len(s.Cols) }) {
		return fmt.Errorf("%w: the table %s lacks counts", ErrTampered, t.Key)
	}
	for _, row := range s.Counts {
		for _, n := range row {
			if !mayShow(n, k, t.Zeros) {
				return fmt.Errorf("%w: the table %s shows a count that should be hidden or rounded", ErrTampered, t.Key)
			}
		}
	}
	if again := s.totalled(); !slices.Equal(again.RowTotals, s.RowTotals) || !slices.Equal(again.ColTotals, s.ColTotals) || again.Total != s.Total {
		return fmt.Errorf("%w: the totals of the table %s are not the sums of what it shows", ErrTampered, t.Key)
	}
	return nil
}

// properLines reports whether codes name the lines of a table, each once.
func properLines(codes []string) bool {
	seen := map[string]bool{}
	for _, code := range codes {
		if !codePattern.MatchString(code) || seen[code] {
			return false
		}
		seen[code] = true
	}
	return len(codes) > 0 && len(codes) <= maxLines
}

// mayShow reports whether a count is one that is shown where k or fewer are hidden, and 0 with zeros: the least is k+1, rounded.
func mayShow(n, k int, zeros bool) bool {
	switch n {
	case Hidden:
		return true
	case 0:
		return !zeros
	}
	return n%Base == 0 && n >= Round(k+1) && n <= maxCount
}

// totalled is a table with the totals that follow from its counts.
func (s *Shown) totalled() *Shown {
	made := &Shown{Rows: s.Rows, Cols: s.Cols, Counts: s.Counts, RowTotals: make([]int, len(s.Rows)), ColTotals: make([]int, len(s.Cols))}
	for i, row := range s.Counts {
		for j, n := range row {
			if n != Hidden {
				made.RowTotals[i] += n
				made.ColTotals[j] += n
				made.Total += n
			}
		}
	}
	made.hideEmptyTotals()
	return made
}

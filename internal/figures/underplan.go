package figures

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CheckPlan reads the plan of a release as somebody gave it. It refuses a text that is not the one whose hash the signed lines
// name, and a content that is not what such a plan makes: other tables, other names, another period, or other rules. So nobody
// adds a table, or takes one away, for a single period. Errors: ErrTampered.
func CheckPlan(lines string, c *Content, text string) (*Plan, error) {
	p, err := readPlan(text) // not judged by today's rules, which may be newer than a release
	if err != nil {
		return nil, fmt.Errorf("%w: its plan does not read", ErrTampered)
	}
	parts := strings.Split(lines, "\n")
	if len(parts) < 5 || parts[4] != p.Hash() || parts[3] != strconv.Itoa(p.Version) {
		return nil, fmt.Errorf("%w: its plan is not the one that was signed", ErrTampered)
	}
	first, err := time.Parse(time.DateOnly, c.First)
	if err != nil {
		return nil, ErrTampered
	}
	period, err := p.periodFrom(first)
	if err != nil || period.Last.Format(time.DateOnly) != c.Last || p.ClinicID != c.Clinic || p.Version != c.Plan || p.K != c.K {
		return nil, fmt.Errorf("%w: it is not made by its plan", ErrTampered)
	}
	if !p.makes(c.Tables) {
		return nil, fmt.Errorf("%w: its tables are not those of its plan", ErrTampered)
	}
	return p, nil
}

// makes reports whether tables are those of a plan, all of them and in its order.
func (p *Plan) makes(tables []ReleasedTable) bool {
	var keys []string
	for _, t := range tables {
		if len(keys) == 0 || keys[len(keys)-1] != t.Key {
			keys = append(keys, t.Key)
		}
		if len(keys) > len(p.Tables) || !p.lists(p.Tables[len(keys)-1], t) {
			return false
		}
	}
	return len(keys) == len(p.Tables)
}

// lists reports whether a released table is one of a plan, with no names but those that the plan lists or that are always there.
func (p *Plan) lists(t TablePlan, r ReleasedTable) bool {
	if r.Key != t.Key || r.Rows != t.Rows || r.Cols != t.Cols || r.Layers != t.Layers || r.Zeros != t.Zeros {
		return false
	}
	return p.known(t.Rows, r.Shown.Rows, "") && p.known(t.Cols, r.Shown.Cols, All) && (t.Layers == "" || p.known(t.Layers, []string{r.Layer}, LayerSum))
}

// known reports whether codes are of a dimension, or the one that stands where there is none.
func (p *Plan) known(key string, codes []string, besides string) bool {
	d := p.dimension(key)
	for _, code := range codes {
		if code != besides && (d == nil || !slices.Contains(d.all(), code)) {
			return false
		}
	}
	return true
}

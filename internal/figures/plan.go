package figures

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"answerable/internal/taxonomy"
)

const labelPlan = "answerable/plan/v1"

// Limits of a plan. Six tables are what a reader takes in, and each one more is one more way in.
const (
	maxTables     = 6
	leastDelay    = 30 // days after a period's end
	maxDelay      = 366
	maxCategories = 100
)

// None is in every dimension that takes one answer, for reports that gave none, and Other in every dimension, for answers
// that are not on its list. A report that gave no answer where several may be given is in no row of that table.
const None = "none"

// ErrPlan means that a plan cannot be, or would let differences between its tables tell on somebody.
var ErrPlan = errors.New("this plan cannot be used")

// Plan is which tables a clinic releases, for which periods. It is fixed before there is anything to see.
type Plan struct {
	ClinicID   string
	Version    int
	From       time.Time // first day of its first period, the first of a month
	Months     int       // length of a period: 3, 6 or 12
	DelayDays  int       // from a period's end to its release, 30 at least
	K          int
	Dimensions []Dimension
	Tables     []TablePlan

	// DecidedOn is the day on which the panel decided it, as it is kept; no part of its text. Nil as StoredPlan says.
	DecidedOn *time.Time
}

// Dimension is one way to sort reports, always the same within a plan. Its key is what facts are named by.
type Dimension struct {
	Key   string
	Many  bool // a report may have several of its codes
	Codes []string
}

// TablePlan is one table: rows by columns, and by layers where there are any. Zeros hides 0 as a small count. A table without
// columns is the totals of its rows, which every audit takes to be known anyway.
type TablePlan struct {
	Key    string
	Rows   string
	Cols   string // "" for one column
	Layers string // "" for one layer
	Zeros  bool
}

// dimensions are those that a table uses, rows first.
func (t TablePlan) dimensions() []string {
	return slices.DeleteFunc([]string{t.Rows, t.Cols, t.Layers}, func(key string) bool { return key == "" })
}

// all codes of a dimension, with those that are always there.
func (d *Dimension) all() []string {
	if d.Many {
		return append(slices.Clone(d.Codes), Other)
	}
	return append(slices.Clone(d.Codes), None, Other)
}

func (p *Plan) dimension(key string) *Dimension {
	i := slices.IndexFunc(p.Dimensions, func(d Dimension) bool { return d.Key == key })
	if i < 0 {
		return nil
	}
	return &p.Dimensions[i]
}

// DefaultPlan is the plan a clinic begins with, a quarter at a time: themes, alone, by service, by how serious the panel finds
// it and by who wrote, so that what therapist community members report is counted apart from what client community members do. It sorts by what two reviewers agree on of every report. What few say, such as what repair they ask, is for a clinic's
// own plan: a table that too few stand in holds a whole release up. Zeros are hidden in all.
func DefaultPlan(clinicID string, from time.Time, services []string) *Plan {
	themes := Dimension{Key: "theme", Many: true}
	for _, theme := range slices.Concat(taxonomy.Themes(), taxonomy.Good()) {
		themes.Codes = append(themes.Codes, theme.Code)
	}
	service := Dimension{Key: "service"}
	for _, code := range services {
		service.Codes = append(service.Codes, "service."+code)
	}
	return &Plan{
		ClinicID: clinicID, Version: 1, From: quarter(from), Months: 3, DelayDays: leastDelay, K: K,
		Dimensions: []Dimension{
			themes, service,
			{Key: "seriousness", Codes: []string{"serious.0", "serious.1", "serious.2", "serious.3"}},
			{Key: "role", Codes: []string{"role.client", "role.worker"}},
		},
		Tables: []TablePlan{
			{Key: "theme", Rows: "theme", Zeros: true},
			{Key: "theme_by_service", Rows: "theme", Cols: "service", Zeros: true},
			{Key: "theme_by_seriousness", Rows: "theme", Cols: "seriousness", Zeros: true},
			{Key: "theme_by_role", Rows: "theme", Cols: "role", Zeros: true},
		},
	}
}

func quarter(day time.Time) time.Time {
	return time.Date(day.Year(), (day.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
}

// SuggestMonths is how long a clinic's periods should be, from its reports in a year: a period wants 40 of them or more,
// and a year 20. Below that there are words only, and ok is false.
func SuggestMonths(reportsAYear int) (months int, ok bool) {
	for _, months := range []int{3, 6} {
		if reportsAYear*months/12 >= enoughReports {
			return months, true
		}
	}
	return 12, reportsAYear >= enoughAYear
}

// How many reports a period needs before any count of it is released.
const (
	enoughReports = 40
	enoughAYear   = 20 // for periods of a year
)

func (p *Plan) enough() int {
	if p.Months == 12 {
		return enoughAYear
	}
	return enoughReports
}

var (
	keyPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	codePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,79}$`)
)

// Check refuses a plan that makes no sense or whose tables would tell on one another. Errors wrap ErrPlan.
func (p *Plan) Check() error {
	return errors.Join(p.checkNumbers(), p.checkDimensions(), p.checkTables())
}

func (p *Plan) checkNumbers() error {
	switch {
	case p.Version < 1:
		return fmt.Errorf("%w: its version is %d, and they are counted from 1", ErrPlan, p.Version)
	case p.From.Day() != 1 || !p.From.Equal(p.From.UTC().Truncate(24*time.Hour)):
		return fmt.Errorf("%w: it begins on %s, and must begin on the first of a month", ErrPlan, p.From.Format(time.DateOnly))
	case p.Months != 3 && p.Months != 6 && p.Months != 12:
		return fmt.Errorf("%w: a period has %d months, and must have 3, 6 or 12", ErrPlan, p.Months)
	case p.DelayDays < leastDelay || p.DelayDays > maxDelay:
		return fmt.Errorf("%w: a release waits for %d days, and must wait from %d to %d", ErrPlan, p.DelayDays, leastDelay, maxDelay)
	case Rule{K: p.K}.Check() != nil:
		return fmt.Errorf("%w: k is %d, and must be from %d to 1000", ErrPlan, p.K, LeastK)
	case len(p.Tables) == 0 || len(p.Tables) > maxTables:
		return fmt.Errorf("%w: it has %d tables, and must have from 1 to %d", ErrPlan, len(p.Tables), maxTables)
	}
	return nil
}

// checkDimensions makes sure that every way to sort is there once. Two groupings of the same thing (under 20 and 20 to 39;
// under 25 and 25 to 39) give, by subtraction, those from 20 to 24.
func (p *Plan) checkDimensions() error {
	home := map[string]string{}
	keys := map[string]bool{}
	for _, d := range p.Dimensions {
		if !keyPattern.MatchString(d.Key) || keys[d.Key] {
			return fmt.Errorf("%w: the dimension %q is not named by a-z, 0-9 and _, or is there twice", ErrPlan, d.Key)
		}
		keys[d.Key] = true
		if len(d.Codes) == 0 || len(d.Codes) > maxCategories {
			return fmt.Errorf("%w: the dimension %s has %d codes, and must have from 1 to %d", ErrPlan, d.Key, len(d.Codes), maxCategories)
		}
		for _, code := range d.Codes {
			if !codePattern.MatchString(code) || code == None || code == Other {
				return fmt.Errorf("%w: %q is not a code of the dimension %s: a-z, 0-9, ., _ and -, and neither none nor other, which are always there", ErrPlan, code, d.Key)
			}
			if other, taken := home[code]; taken {
				return fmt.Errorf("%w: the code %s is in %s and in %s. Two groupings of the same thing tell, by their difference, on those between; keep one", ErrPlan, code, other, d.Key)
			}
			home[code] = d.Key
		}
	}
	return nil
}

// checkTables makes sure that each table can be protected by itself.
//
// Two tables that share one dimension share its totals, and totals are never hidden: given them, every table that agrees
// with the first goes together with every one that agrees with the second, so neither says anything about the other's
// hidden cells. That holds for any number of tables as long as they share one dimension at a time and close no loop
// (the theorem on decomposable models: Dobra and Fienberg 2000, "Bounds for cell entries in contingency tables given
// marginal totals and decomposable graphs", PNAS 97). With two dimensions shared, or a loop such as theme by service, service by
// role, role by theme, bounds follow that no audit of one table sees. Totals are the same only if both tables count the
// same: reports, or the answers to one question that takes several.
func (p *Plan) checkTables() error {
	keys, used := map[string]bool{}, map[string]bool{}
	for _, t := range p.Tables {
		if t.Rows == "" {
			return fmt.Errorf("%w: the table %s has no rows", ErrPlan, t.Key)
		}
		if !keyPattern.MatchString(t.Key) || keys[t.Key] || t.Key == reportsKey {
			return fmt.Errorf("%w: the table %q is not named by a-z, 0-9 and _, or is there twice", ErrPlan, t.Key)
		}
		keys[t.Key] = true
		for i, key := range t.dimensions() {
			d := p.dimension(key)
			if d == nil {
				return fmt.Errorf("%w: the table %s sorts by %q, which is no dimension of this plan", ErrPlan, t.Key, key)
			}
			if d.Many && i > 0 {
				return fmt.Errorf("%w: the table %s has %s across, which takes several answers: put it in the rows", ErrPlan, t.Key, key)
			}
			used[key] = true
		}
		if dims := t.dimensions(); len(slices.Compact(slices.Sorted(slices.Values(dims)))) != len(dims) {
			return fmt.Errorf("%w: the table %s sorts by one dimension twice", ErrPlan, t.Key)
		}
	}
	for _, d := range p.Dimensions {
		if !used[d.Key] {
			return fmt.Errorf("%w: no table uses the dimension %s", ErrPlan, d.Key)
		}
	}
	return p.checkLinks()
}

func (p *Plan) checkLinks() error {
	for i, t := range p.Tables {
		for _, other := range p.Tables[:i] {
			shared := common(t.dimensions(), other.dimensions())
			if len(shared) > 1 {
				return fmt.Errorf("%w: the tables %s and %s both sort by %s. What one hides the other's totals could show; merge them, or drop one", ErrPlan, other.Key, t.Key, strings.Join(shared, " and "))
			}
			if len(shared) == 1 && p.answers(t) != p.answers(other) {
				return fmt.Errorf("%w: the tables %s and %s share %s, and do not count the same: one counts reports, or another question's answers", ErrPlan, other.Key, t.Key, shared[0])
			}
			if len(shared) == 1 && (t.Layers != "" || other.Layers != "") {
				return fmt.Errorf("%w: the tables %s and %s share %s, and one has layers. Small lines are merged in each by its own counts, and subtraction would undo it; drop the layers, or one table", ErrPlan, other.Key, t.Key, shared[0])
			}
		}
	}
	if loop := p.loop(); loop != "" {
		return fmt.Errorf("%w: the tables %s close a loop, and together give bounds that none gives alone; drop one", ErrPlan, loop)
	}
	return nil
}

func common(a, b []string) (both []string) {
	for _, key := range a {
		if slices.Contains(b, key) {
			both = append(both, key)
		}
	}
	return both
}

// answers names the dimension whose answers a table counts; "" when it counts reports.
func (p *Plan) answers(t TablePlan) string {
	if p.dimension(t.Rows).Many {
		return t.Rows
	}
	return ""
}

// loop names tables that close one; "" when none do. Where tables share at most one dimension each, they close none when
// taking tables and dimensions as nodes, and "is sorted by" as edges, makes a graph without circles.
func (p *Plan) loop() string {
	parent := map[string]string{}
	var root func(key string) string
	root = func(key string) string {
		if up, ok := parent[key]; ok && up != key {
			return root(up)
		}
		return key
	}
	for i, t := range p.Tables {
		node := "table " + t.Key
		for _, key := range t.dimensions() {
			a, b := root(node), root(key)
			if a == b {
				var names []string
				for _, u := range p.Tables[:i+1] {
					names = append(names, u.Key)
				}
				return strings.Join(names, ", ")
			}
			parent[a] = b
		}
	}
	return ""
}

// Lines is the plan as text, each line ended by a newline. FORMAT.md describes it.
func (p *Plan) Lines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%d\n%s %d %d %d\n", labelPlan, p.ClinicID, p.Version, p.From.Format(time.DateOnly), p.Months, p.DelayDays, p.K)
	for _, d := range p.Dimensions {
		fmt.Fprintf(&b, "dimension %s %s %s\n", d.Key, word(d.Many, "many", "one"), strings.Join(d.Codes, " "))
	}
	for _, t := range p.Tables {
		fmt.Fprintf(&b, "table %s %s %s %s %s\n", t.Key, word(t.Zeros, "zeros", "-"), t.Rows, cmp.Or(t.Cols, "-"), cmp.Or(t.Layers, "-"))
	}
	return b.String()
}

func word(yes bool, one, other string) string {
	if yes {
		return one
	}
	return other
}

// Hash is what a release names its plan by: SHA-256 of its lines, in base64.
func (p *Plan) Hash() string {
	hash := sha256.Sum256([]byte(p.Lines()))
	return base64.StdEncoding.EncodeToString(hash[:])
}

// maxPlan bounds a plan's text in bytes.
const maxPlan = 64 << 10

// ParsePlan reads exactly what Lines writes, and checks it. Errors wrap ErrPlan.
func ParsePlan(text string) (*Plan, error) {
	p, err := readPlan(text)
	if err != nil {
		return nil, err
	}
	return p, p.Check()
}

// readPlan reads a plan without judging it: one that is kept may be older than a rule.
func readPlan(text string) (*Plan, error) {
	if len(text) > maxPlan {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrPlan, maxPlan)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 5 || lines[0] != labelPlan {
		return nil, fmt.Errorf("%w: it does not begin as a plan does", ErrPlan)
	}
	p := &Plan{ClinicID: lines[1]}
	var from string
	p.Version, _ = strconv.Atoi(lines[2])
	if _, err := fmt.Sscanf(lines[3], "%s %d %d %d", &from, &p.Months, &p.DelayDays, &p.K); err != nil {
		return nil, fmt.Errorf("%w: its days do not read", ErrPlan)
	}
	var err error
	if p.From, err = time.Parse(time.DateOnly, from); err != nil {
		return nil, fmt.Errorf("%w: its first day does not read", ErrPlan)
	}
	for _, line := range lines[4:] {
		if err := p.parseLine(strings.Split(line, " ")); err != nil {
			return nil, err
		}
	}
	if p.Lines() != text {
		return nil, fmt.Errorf("%w: it is not written as we write it", ErrPlan)
	}
	return p, nil
}

func (p *Plan) parseLine(words []string) error {
	switch {
	case words[0] == "dimension" && len(words) > 3:
		p.Dimensions = append(p.Dimensions, Dimension{Key: words[1], Many: words[2] == "many", Codes: words[3:]})
	case words[0] == "table" && len(words) == 6:
		t := TablePlan{Key: words[1], Zeros: words[2] == "zeros", Rows: words[3], Cols: words[4], Layers: words[5]}
		t.Cols, t.Layers = strings.TrimPrefix(t.Cols, "-"), strings.TrimPrefix(t.Layers, "-")
		p.Tables = append(p.Tables, t)
	default:
		return fmt.Errorf("%w: a line does not read", ErrPlan)
	}
	return nil
}

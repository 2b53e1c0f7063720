package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"answerable/internal/figures"
)

type figuresCmd struct {
	Audit     figuresAuditCmd     `cmd:"" help:"Work out what a reader could about the hidden cells of a table."`
	Protect   figuresProtectCmd   `cmd:"" help:"Make a table safe to show: merge, hide, audit, round."`
	Agreement figuresAgreementCmd `cmd:"" help:"Work out how far coders agree: alpha with its interval, kappa of each two, plain agreement."`
	Due       figuresDueCmd       `cmd:"" help:"List what the panel can release, what waits for signatures, and what is released."`
	Draft     figuresDraftCmd     `cmd:"" help:"Draft the release of a period, for the panel to look at and sign."`
	Sign      figuresSignCmd      `cmd:"" help:"Look at a draft and sign it; the last signature that is needed releases it."`
	Drop      figuresDropCmd      `cmd:"" help:"Give a draft up."`
	Plan      figuresPlanCmd      `cmd:"" help:"See and set which tables are released for which periods."`
	Show      figuresShowCmd      `cmd:"" help:"Fetch what was released, check it against the panel's signatures and the log, and show it. Needs no identity."`
}

// tableConfig names a table and the rule it is held to.
type tableConfig struct {
	File  string `arg:"" placeholder:"FILE" help:"The table as CSV: column names first, then a line a row that begins with its name. A star marks a hidden count: 7*. Totals are a last row or column called total. A dash reads standard input."`
	K     int    `default:"10" help:"Counts of 1 to k are small. At least 5."`
	Zeros bool   `help:"Count 0 as small, for tables where nobody tells as much as everybody."`
}

func (c *tableConfig) rule() (figures.Rule, error) {
	rule := figures.Rule{K: c.K, Zeros: c.Zeros}
	if err := rule.Check(); err != nil {
		return rule, usage(err.Error(), "Give --k 10, as releases do, or another from 5 to 1000.")
	}
	return rule, nil
}

// read reads the table from its file, or from standard input.
func (c *tableConfig) read(t *terminal) (*figures.Table, figures.Pattern, error) {
	if c.File == "-" {
		return figures.ReadCSV(t.in)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, nil, withHint(fmt.Errorf("the table cannot be read: %w", cause(err)), "Check the path of the file.")
	}
	defer file.Close()
	return figures.ReadCSV(file)
}

type figuresAuditCmd struct {
	tableConfig
	NoTotals bool `help:"The table is shown without any totals."`
}

// auditedCell is a cell of an audit's result.
type auditedCell struct {
	Row   string `json:"row"`
	Col   string `json:"col"`
	Count int    `json:"count"`
	Low   int    `json:"low"`
	High  *int   `json:"high"` // null when there is no upper bound
	Fault string `json:"fault,omitempty"`
}

// Run audits a table that somebody made safe, or wants to attack. It ends with status 1 when a small count can be worked
// out, or any hidden one exactly: whoever hid it had a reason.
func (c *figuresAuditCmd) Run(t *terminal) error {
	rule, err := c.rule()
	if err != nil {
		return err
	}
	table, hidden, err := c.read(t)
	if err != nil {
		return err
	}
	if c.NoTotals {
		hideTotals(hidden)
	}
	report, err := figures.Audit(rule, table, hidden)
	if err != nil {
		return err
	}
	result := struct {
		Safe     bool          `json:"safe"`
		K        int           `json:"k"`
		Zeros    bool          `json:"zeros"`
		Total    int           `json:"total"`
		Hidden   []auditedCell `json:"hidden"`
		Findings []auditedCell `json:"findings"`
		Classes  []string      `json:"classes"` // lines whose reports all stand in one cell
	}{report.Safe() && len(report.Recoverable()) == 0, rule.K, rule.Zeros, table.Total(), []auditedCell{}, []auditedCell{}, append([]string{}, table.Classes()...)}
	for _, in := range report.Hidden {
		result.Hidden = append(result.Hidden, newAuditedCell(table, in, ""))
	}
	small := map[figures.Interval]bool{}
	for _, f := range report.Findings {
		small[f.Interval] = true
		result.Findings = append(result.Findings, newAuditedCell(table, f.Interval, f.Fault))
	}
	for _, in := range report.Recoverable() {
		if !small[in] {
			result.Findings = append(result.Findings, newAuditedCell(table, in, figures.FaultExact))
		}
	}
	if err := t.show(result, "%s", auditText(result.Hidden, result.Findings, result.Classes, rule)); err != nil {
		return err
	}
	if !result.Safe {
		return withHint(errors.New("this table is not safe to show"), "See what would be: answerable figures protect "+c.File)
	}
	return nil
}

func hideTotals(hidden figures.Pattern) {
	last := len(hidden) - 1
	for i := range hidden {
		hidden[i][len(hidden[i])-1] = true
	}
	for j := range hidden[last] {
		hidden[last][j] = true
	}
}

func newAuditedCell(table *figures.Table, in figures.Interval, fault figures.Fault) auditedCell {
	cell := auditedCell{Row: lineName(table.Rows, in.Row), Col: lineName(table.Cols, in.Col), Count: in.Count, Low: in.Low, Fault: string(fault)}
	if in.High != figures.Unbounded {
		cell.High = &in.High
	}
	return cell
}

// lineName is a line's name; the line after the last is that of totals.
func lineName(names []string, i int) string {
	if i == len(names) {
		return "total"
	}
	return names[i]
}

// faultWords say what is wrong with a cell.
var faultWords = map[string]string{
	string(figures.FaultShown):  "is small and shown",
	string(figures.FaultExact):  "can be worked out exactly",
	string(figures.FaultLow):    "is known to be small",
	string(figures.FaultNarrow): "is known too closely",
	string(figures.FaultAll):    "is known to be nearly everybody",
}

func auditText(hidden, findings []auditedCell, classes []string, rule figures.Rule) string {
	var b strings.Builder
	if len(findings) == 0 {
		fmt.Fprintf(&b, "Safe: no count of 1 to %d can be worked out, and no hidden one exactly.\n", rule.K)
	} else {
		fmt.Fprintf(&b, "Not safe. Cells that tell too much: %d\n", len(findings))
	}
	for _, c := range findings {
		fmt.Fprintf(&b, "  %s / %s: %d %s\n", c.Row, c.Col, c.Count, faultWords[c.Fault])
	}
	if len(hidden) > 0 {
		fmt.Fprintf(&b, "\nWhat a reader can work out about the hidden cells, %d in all:\n", len(hidden))
	}
	for _, c := range hidden {
		upTo := "any number up"
		if c.High != nil {
			upTo = fmt.Sprintf("%d", *c.High)
		}
		fmt.Fprintf(&b, "  %s / %s: %d, could be %d to %s\n", c.Row, c.Col, c.Count, c.Low, upTo)
	}
	if len(classes) > 0 && !rule.Zeros {
		fmt.Fprintf(&b, "\nAll reports of these lines stand in one cell, so whoever is known to be in the line is known to be in the cell: %s.\nWith --zeros such cells are protected too.\n", strings.Join(classes, ", "))
	}
	return b.String()
}

type figuresProtectCmd struct {
	tableConfig
}

// Run makes a table safe as a release would, and prints it as CSV. Stars in the table that is read are ignored.
func (c *figuresProtectCmd) Run(t *terminal) error {
	rule, err := c.rule()
	if err != nil {
		return err
	}
	table, _, err := c.read(t)
	if err != nil {
		return err
	}
	p, err := figures.Protect(rule, table)
	var unsafe *figures.Unsafe
	if errors.As(err, &unsafe) {
		return withHint(err, "Take fewer or larger rows and columns, or a longer time.")
	}
	if err != nil {
		return err
	}
	shown := p.Show(0)
	var out bytes.Buffer
	if err := shown.WriteCSV(&out); err != nil {
		return err
	}
	t.note("hidden because they are small: %d; hidden to protect those: %d; together %.1f %% of all counts", p.Primary, p.Secondary, 100*p.HiddenShare())
	result := struct {
		*figures.Shown
		Small int     `json:"small"`
		More  int     `json:"more"`
		Share float64 `json:"hidden_share"`
	}{shown, p.Primary, p.Secondary, p.HiddenShare()}
	return t.show(result, "%s", out.String())
}

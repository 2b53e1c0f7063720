package figures

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/taxonomy"
)

// Coded is what two reviewers agreed on about one report whose writer lets it be counted, as the panel's work keeps it. It
// names no writer and no message.
type Coded struct {
	Day         time.Time // of the report's batch
	Service     string    // a code of the clinic's services; "" where none is known
	Role        string    // who wrote: client or worker; "" where it is not known. Others are of before, and not known either
	Themes      []string
	Items       []string // of themes
	Good        []string // items of good care; of their themes, that nobody names by themselves, each counts as named
	Seriousness int      // 0 to 3; below 0 where it is not known
	Who         []string // who was involved: codes of the form's roles
	Repair      []string // what repair is asked: codes of the form's wants
	Version     string   // of the list of codes
}

// facts names what is counted by dimension. A plan takes the dimensions it has; DefaultPlan has
// themes, services, seriousness and who wrote.
func (c *Coded) facts() Facts {
	f := Facts{"theme": c.themes()}
	for key, codes := range map[string][]string{"service": {c.Service}, "role": {who(c.Role)}, "involved": c.Who, "repair": c.Repair} {
		for _, code := range codes {
			if answered(code) {
				f[key] = append(f[key], key+"."+code)
			}
		}
	}
	f["item"] = slices.Concat(c.Items, c.Good)
	if c.Seriousness >= 0 {
		f["seriousness"] = []string{fmt.Sprintf("serious.%d", c.Seriousness)}
	}
	return f
}

// roles are who writes: client community members and those who stand by them, and therapist community members, who work there.
var roles = []string{"client", "worker"}

// who is a role that is counted, or "".
func who(role string) string {
	if slices.Contains(roles, role) {
		return role
	}
	return ""
}

// themes are those that were named, and those of good care that an item was named of: coders pick items there. An item says
// itself which theme it is of, so that a report is taken out of the counts by the themes it was counted by, whatever the list of
// codes has become meanwhile.
func (c *Coded) themes() []string {
	themes := slices.Clone(c.Themes)
	for _, item := range c.Good {
		if theme, _, ok := strings.Cut(item, "."); ok && !slices.Contains(themes, theme) {
			themes = append(themes, theme)
		}
	}
	return themes
}

func answered(code string) bool {
	return code != "" && code != taxonomy.Skip && code != taxonomy.NotSure
}

// CountCoded counts a report in the transaction in which its codes are agreed, once: the caller keeps what was agreed with the
// month it was counted in, and does not call twice for it. A report whose month is in a release or a draft counts in the first
// month that is not.
func CountCoded(ctx context.Context, tx bun.Tx, clinicID string, c Coded) (month time.Time, err error) {
	return Count(ctx, tx, clinicID, c.Day, c.facts())
}

// CountPast counts many reports as CountCoded does each of them, a month at a time: for a demo, and for bringing old records in.
func CountPast(ctx context.Context, tx bun.Tx, clinicID string, all []Coded) error {
	byMonth := map[time.Time][]Coded{}
	for _, c := range all {
		byMonth[monthOf(c.Day)] = append(byMonth[monthOf(c.Day)], c)
	}
	for _, month := range slices.SortedFunc(maps.Keys(byMonth), time.Time.Compare) {
		err := add(ctx, tx, clinicID, month, func(p *Plan, in time.Time) []Cell {
			var cells []Cell
			for _, c := range byMonth[month] {
				cells = append(cells, c.facts().cells(p, in)...)
			}
			return summed(cells)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// summed puts counts of the same cell together, in order.
func summed(cells []Cell) (sums []Cell) {
	slices.SortStableFunc(cells, func(a, b Cell) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	for _, c := range cells {
		if n := len(sums); n > 0 && sums[n-1].sortKey() == c.sortKey() {
			sums[n-1].Reports += c.Reports
			continue
		}
		sums = append(sums, c)
	}
	return sums
}

// UncountCoded takes back what CountCoded added in a month for the same codes: the writer took the report back, or its codes do
// not stand any more. A draft that holds it is dropped. A number that stands in a release stays, as does one whose plan does
// not read; then stays is true, and whoever counts the report again later would count it twice. One that was never counted is no
// error either: somebody's taking back must never fail for a count. Only the database's own errors are. The caller knows
// which reports it counted, and calls once.
func UncountCoded(ctx context.Context, tx bun.Tx, clinicID string, month time.Time, c Coded) (stays bool, err error) {
	month = monthOf(month)
	// In a savepoint, so that a report of which a part is not there leaves the rest as it was, a draft included.
	err = tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return Uncount(ctx, tx, clinicID, month, c.facts())
	})
	switch {
	case errors.Is(err, ErrNotCounted):
		return false, nil
	case errors.Is(err, ErrReleased):
		return true, nil
	case errors.Is(err, ErrPlan): // it may be counted, and nobody can say where: no draft goes out with it
		return true, dropDraftOf(ctx, tx, clinicID, month)
	}
	return false, err
}

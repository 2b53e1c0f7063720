package figures

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
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
	Role        string    // who wrote, in a word; "" where it is not known
	Themes      []string
	Items       []string // of themes, and of good care
	Seriousness int      // 0 to 3; below 0 where it is not known
	Who         []string // who was involved: codes of the form's roles
	Repair      []string // what repair is asked: codes of the form's wants
	Version     string   // of the list of codes
}

// facts names what is counted by dimension. A plan takes the dimensions it has; DefaultPlan has
// themes, services and seriousness.
func (c *Coded) facts() Facts {
	f := Facts{"theme": c.themes()}
	for key, codes := range map[string][]string{"service": {c.Service}, "role": {c.Role}, "involved": c.Who, "repair": c.Repair} {
		for _, code := range codes {
			if answered(code) {
				f[key] = append(f[key], key+"."+code)
			}
		}
	}
	f["item"] = c.Items
	if c.Seriousness >= 0 {
		f["seriousness"] = []string{fmt.Sprintf("serious.%d", c.Seriousness)}
	}
	return f
}

// themes are those that were named, and those of good care that an item was named of: coders pick items there.
func (c *Coded) themes() []string {
	themes := slices.Clone(c.Themes)
	for _, good := range taxonomy.Good() {
		if !slices.Contains(themes, good.Code) && slices.ContainsFunc(c.Items, func(item string) bool { return strings.HasPrefix(item, good.Code+".") }) {
			themes = append(themes, good.Code)
		}
	}
	return themes
}

func answered(code string) bool {
	return code != "" && code != taxonomy.Skip && code != taxonomy.NotSure
}

// Late is how many reports with the same codes of one month are counted in another.
type Late struct {
	bun.BaseModel `bun:"table:figure_late,alias:late"`

	ClinicID string    `bun:"clinic_id,pk"`
	Codes    []byte    `bun:"codes,pk"`
	Month    time.Time `bun:"month,pk,type:date"`
	Reports  int       `bun:"reports"`
}

// hash names a month and codes, whatever order they come in. Reports that share it count alike, so that none needs a name.
func (c *Coded) hash() []byte {
	var lines []string
	for key, codes := range c.facts() {
		for _, code := range codes {
			lines = append(lines, key+" "+code)
		}
	}
	slices.Sort(lines)
	text := monthOf(c.Day).Format(time.DateOnly) + "\n" + strings.Join(slices.Compact(lines), "\n")
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// CountCoded counts a report in the transaction in which its codes are agreed, once: the caller keeps what was agreed, and
// does not call twice for it. A report whose month is in a release or a draft counts in the first month that is not.
func CountCoded(ctx context.Context, tx bun.Tx, clinicID string, c Coded) error {
	month, err := Count(ctx, tx, clinicID, c.Day, c.facts())
	if err != nil || month.Equal(monthOf(c.Day)) {
		return err
	}
	_, err = tx.NewInsert().Model(&Late{ClinicID: clinicID, Codes: c.hash(), Month: month, Reports: 1}).
		On("CONFLICT (clinic_id, codes, month) DO UPDATE").
		Set("reports = late.reports + 1").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("count late report: %w", err)
	}
	return nil
}

// UncountCoded takes back what CountCoded added for the same codes: the writer took the report back, or its codes do not
// stand any more. A draft that holds it is dropped. A number that stands in a release stays, as does one that was never
// counted or whose plan does not read, and none of them is an error: somebody's taking back must never fail for a count. Only
// the database's own errors are. The caller knows which reports it counted, and calls once.
func UncountCoded(ctx context.Context, tx bun.Tx, clinicID string, c Coded) error {
	if err := holdReleases(ctx, tx, clinicID); err != nil {
		return fmt.Errorf("uncount report: %w", err)
	}
	month, err := countedIn(ctx, tx, clinicID, &c)
	if err != nil {
		return err
	}
	// In a savepoint, so that a report of which a part is not there leaves the rest as it was, a draft included.
	err = tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return Uncount(ctx, tx, clinicID, month, c.facts())
	})
	switch {
	case errors.Is(err, ErrReleased) || errors.Is(err, ErrNotCounted):
		return nil
	case errors.Is(err, ErrPlan): // it may be counted, and nobody can say where: no draft goes out with it
		return dropDraftOf(ctx, tx, clinicID, month)
	}
	if err != nil || month.Equal(monthOf(c.Day)) {
		return err
	}
	_, err = tx.NewUpdate().Model(&Late{ClinicID: clinicID, Codes: c.hash(), Month: month}).Set("reports = reports - 1").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("uncount late report: %w", err)
	}
	return nil
}

// countedIn is the month of a report's counts: the newest late one of its codes, or its own. With the newest, one that can
// still be taken off a count is taken before one that cannot, and the sum over all months is right either way.
func countedIn(ctx context.Context, tx bun.Tx, clinicID string, c *Coded) (time.Time, error) {
	row := new(Late)
	err := tx.NewSelect().Model(row).
		Where("clinic_id = ?", clinicID).
		Where("codes = ?", c.hash()).
		Where("reports > 0").
		Order("month DESC").
		Limit(1).
		For("UPDATE").
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return monthOf(c.Day), nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("find late report: %w", err)
	}
	return row.Month.UTC(), nil
}

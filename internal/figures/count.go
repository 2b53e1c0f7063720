package figures

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// reportsKey is the table that counts reports, one cell. anyRow is the row of a table of answers that counts the reports
// behind them, by column.
const (
	reportsKey = "reports"
	anyRow     = ""
)

// StoredPlan is a plan as it is kept.
type StoredPlan struct {
	bun.BaseModel `bun:"table:figure_plan"`

	ClinicID  string    `bun:"clinic_id,pk"`
	Version   int       `bun:"version,pk"`
	FromMonth time.Time `bun:"from_month,type:date"`
	Lines     string    `bun:"lines"`

	// DecidedOn is the day on which the panel decided it; nil for the plan that the first report brought, and for one that is older
	// than the panel's signatures.
	DecidedOn *time.Time `bun:"decided_on,type:date"`
}

// Cell is how many reports of a month stand in one cell of one table.
type Cell struct {
	bun.BaseModel `bun:"table:figure_count"`

	ClinicID string    `bun:"clinic_id,pk"`
	Month    time.Time `bun:"month,pk,type:date"`
	TableKey string    `bun:"table_key,pk"`
	Layer    string    `bun:"layer_code,pk"`
	Row      string    `bun:"row_code,pk"`
	Col      string    `bun:"col_code,pk"`
	Reports  int       `bun:"reports"`
}

// Facts are what is counted of one report: its codes by dimension, as two reviewers agreed on them. A dimension that is
// not there, or has no codes, counts as None (or not at all, where it takes several); a code that the plan does not list as Other.
type Facts map[string][]string

// codes are a report's codes in a dimension, each once; none only where several may be given. Where a table has no such
// dimension it is "".
func (f Facts) codes(d *Dimension) []string {
	if d == nil {
		return []string{""}
	}
	var codes []string
	for _, code := range f[d.Key] {
		if !slices.Contains(d.Codes, code) {
			code = Other
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	switch {
	case !d.Many && len(codes) == 0:
		return []string{None}
	case !d.Many && len(codes) > 1:
		return []string{Other} // several answers to a question that takes one
	}
	return codes
}

// cells are those of a plan's tables that a report stands in, in order, so that no two acts wait for one another in a circle.
func (f Facts) cells(p *Plan, month time.Time) []Cell {
	cells := []Cell{{ClinicID: p.ClinicID, Month: month, TableKey: reportsKey, Reports: 1}}
	for _, t := range p.Tables {
		for _, layer := range f.codes(p.dimension(t.Layers)) {
			rows := f.codes(p.dimension(t.Rows))
			if d := p.dimension(t.Rows); d != nil && d.Many && len(rows) > 0 {
				rows = append([]string{anyRow}, rows...)
			}
			for _, row := range rows {
				for _, col := range f.codes(p.dimension(t.Cols)) {
					cells = append(cells, Cell{ClinicID: p.ClinicID, Month: month, TableKey: t.Key, Layer: layer, Row: row, Col: col, Reports: 1})
				}
			}
		}
	}
	slices.SortFunc(cells, func(a, b Cell) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	return cells
}

func (c *Cell) sortKey() string { return c.TableKey + "\n" + c.Layer + "\n" + c.Row + "\n" + c.Col }

// Count adds one report to a clinic's counts, inside the transaction of the act that makes it count: the second of two
// codings that agree, of a report whose writer said count me or more. received is the day of its batch. It gives the month
// the report was counted in, which Uncount needs: that of received, or the first that no release holds.
//
// A clinic without a plan gets DefaultPlan, from the quarter of this report on. Count shares a lock on the clinic's row with
// other counts until the act's end: an act that writes a leaf which gets its place at once counts before it.
func Count(ctx context.Context, tx bun.IDB, clinicID string, received time.Time, facts Facts) (month time.Time, err error) {
	month = monthOf(received)
	err = add(ctx, tx, clinicID, month, func(p *Plan, in time.Time) []Cell {
		month = in
		return facts.cells(p, in)
	})
	return month, err
}

// add counts in a month, or in the first after it that is in no release: what cells gives for the plan in force then.
func add(ctx context.Context, tx bun.IDB, clinicID string, month time.Time, cellsOf func(p *Plan, month time.Time) []Cell) error {
	if err := holdReleases(ctx, tx, clinicID); err != nil {
		return fmt.Errorf("count report: %w", err)
	}
	plans, err := plansOf(ctx, tx, clinicID)
	if err == nil && len(plans) == 0 {
		plans, err = firstPlan(ctx, tx, clinicID, month)
	}
	if err != nil {
		return fmt.Errorf("count report: %w", err)
	}
	made, err := ledgerOf(ctx, tx, clinicID, anyDay)
	if err != nil {
		return fmt.Errorf("count report: %w", err)
	}
	if first := firstMonth(plans); month.Before(first) {
		month = first
	}
	month = made.openMonth(month)
	cells := cellsOf(inForce(plans, month), month)
	_, err = tx.NewInsert().Model(&cells).
		On("CONFLICT (clinic_id, month, table_key, layer_code, row_code, col_code) DO UPDATE").
		Set("reports = cell.reports + EXCLUDED.reports").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("count report: %w", err)
	}
	return nil
}

// anyDay takes every draft: an act that counts has no clock, and to it a draft closes its period until Sweep has dropped it.
var anyDay time.Time

// ErrReleased means that a month is in a release, and what it counts cannot change any more.
var ErrReleased = errors.New("this month is in a release, which never changes")

// ErrNotCounted means that no such report was counted in a month.
var ErrNotCounted = errors.New("no such report was counted in this month")

// Uncount takes back what Count added in a month, with the same facts: its writer took the report back. A draft that holds
// the month is dropped: it counts a report that is none any more, and nobody outside has seen it. It is ErrReleased when the
// month stands in a release; the number stays, and says of nobody that they wrote. It is ErrNotCounted when a cell of it is
// empty, and ErrPlan when a plan does not read: the caller takes its transaction back, for the draft and other cells may be
// gone by then.
func Uncount(ctx context.Context, tx bun.IDB, clinicID string, month time.Time, facts Facts) error {
	if err := holdReleases(ctx, tx, clinicID); err != nil {
		return fmt.Errorf("uncount report: %w", err)
	}
	if err := dropDraftOf(ctx, tx, clinicID, month); err != nil {
		return fmt.Errorf("uncount report: %w", err)
	}
	made, err := ledgerOf(ctx, tx, clinicID, anyDay)
	if err != nil {
		return fmt.Errorf("uncount report: %w", err)
	}
	if !made.openMonth(month).Equal(month) {
		return ErrReleased
	}
	plans, err := plansOf(ctx, tx, clinicID)
	if err != nil {
		return fmt.Errorf("uncount report: %w", err)
	}
	if len(plans) == 0 {
		return fmt.Errorf("uncount report: %w", ErrNotCounted)
	}
	for _, cell := range facts.cells(inForce(plans, month), month) {
		res, err := tx.NewUpdate().Model(&cell).Set("reports = reports - 1").WherePK().Where("reports > 0").Exec(ctx)
		if err != nil {
			return fmt.Errorf("uncount report: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("uncount report in the table %s: %w", cell.TableKey, errors.Join(err, ErrNotCounted))
		}
	}
	return nil
}

// dropDraftOf gives up the draft that holds a month, if one does.
func dropDraftOf(ctx context.Context, tx bun.IDB, clinicID string, month time.Time) error {
	_, err := tx.NewUpdate().Model((*Release)(nil)).
		Set("state = ?", StateDropped).
		Where("clinic_id = ?", clinicID).
		Where("state = ?", StateDraft).
		Where("? BETWEEN first_on AND last_on", month).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

// holdReleases lets counts go on beside each other, and not beside a draft that is being made from them.
func holdReleases(ctx context.Context, tx bun.IDB, clinicID string) error {
	_, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR SHARE`, clinicID).Exec(ctx)
	return err
}

// plansOf are a clinic's plans, the newest first. They are not checked: what was allowed when it was set is counted by, and
// only a draft refuses it, so no report is lost and a better plan can follow.
func plansOf(ctx context.Context, db bun.IDB, clinicID string) ([]*Plan, error) {
	var rows []StoredPlan
	if err := db.NewSelect().Model(&rows).Where("clinic_id = ?", clinicID).Order("version DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	var plans []*Plan
	for _, row := range rows {
		p, err := readPlan(row.Lines)
		if err != nil {
			return nil, fmt.Errorf("plan %d: %w", row.Version, err)
		}
		p.DecidedOn = row.DecidedOn
		plans = append(plans, p)
	}
	return plans, nil
}

// firstPlan keeps DefaultPlan. Where two acts do so at once, both go on with the one that was first.
func firstPlan(ctx context.Context, tx bun.IDB, clinicID string, month time.Time) ([]*Plan, error) {
	services, err := servicesOf(ctx, tx, clinicID)
	if err != nil {
		return nil, err
	}
	if len(services) == 0 {
		services = []string{"all"}
	}
	p := DefaultPlan(clinicID, month, services)
	if err := p.Check(); err != nil {
		return nil, err
	}
	row := &StoredPlan{ClinicID: clinicID, Version: 1, FromMonth: p.From, Lines: p.Lines()}
	if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return nil, err
	}
	return plansOf(ctx, tx, clinicID)
}

func servicesOf(ctx context.Context, db bun.IDB, clinicID string) (services []string, err error) {
	err = db.NewRaw(`SELECT code FROM service WHERE clinic_id = ? AND retired_on IS NULL ORDER BY position`, clinicID).Scan(ctx, &services)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	return services, nil
}

// inForce is the newest plan that has begun in a month; the oldest when none has.
func inForce(plans []*Plan, month time.Time) *Plan {
	for _, p := range plans {
		if !p.From.After(month) {
			return p
		}
	}
	return plans[len(plans)-1]
}

func firstMonth(plans []*Plan) time.Time {
	first := plans[0].From
	for _, p := range plans {
		if p.From.Before(first) {
			first = p.From
		}
	}
	return first
}

// countedMonths is how far back Counts goes.
const countedMonths = 60

// Counts are a clinic's exact counts of the last five years, by month, without those that are 0: small ones are among them, and
// only its panel is given them.
func (s *Store) Counts(ctx context.Context, clinicID string) ([]Cell, error) {
	var cells []Cell
	err := s.db(ctx).NewSelect().Model(&cells).
		Where("clinic_id = ?", clinicID).
		Where("month > ?", monthOf(s.today()).AddDate(0, -countedMonths, 0)).
		Where("reports > 0").
		Order("month", "table_key", "layer_code", "row_code", "col_code").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list counts: %w", err)
	}
	return cells, nil
}

// ledgerOf is the periods of a clinic's releases and of its drafts that were made on a day or later.
func ledgerOf(ctx context.Context, db bun.IDB, clinicID string, drafted time.Time) (ledger, error) {
	var rows []Release
	err := db.NewSelect().Model(&rows).Column("first_on", "last_on").
		Where("clinic_id = ?", clinicID).
		Where("state = ? OR (state = ? AND drafted_on >= ?)", StateReleased, StateDraft, drafted).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	var l ledger
	for _, r := range rows {
		l = append(l, r.Period())
	}
	return l, nil
}

package figures

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// Draft makes the release of the plan's period that begins on a day, for reviewers to sign. From then on its period is
// closed: what is agreed later counts in the next. It costs the same however many reports there are.
// Errors: keyring.ErrNotMember, keyring.ErrNoPanel, ErrPeriod, ErrPlan, and *Refused, which names cells.
func (s *Store) Draft(ctx context.Context, clinicID string, first time.Time, reviewerID string) (*Release, error) {
	if err := s.Keys.RequireMember(ctx, clinicID, reviewerID); err != nil {
		return nil, err
	}
	if err := s.Sweep(ctx, clinicID); err != nil {
		return nil, err
	}
	var draft *Release
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		plan, period, err := s.admit(ctx, tx, clinicID, monthOf(first))
		if err != nil {
			return err
		}
		content, err := s.tables(ctx, tx, plan, period)
		if err != nil {
			return err
		}
		draft, err = s.newRelease(plan, period, content, reviewerID)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(draft).Exec(ctx); err != nil {
			return err
		}
		return s.fill(ctx, tx, draft)
	})
	if err != nil {
		return nil, fmt.Errorf("draft release: %w", err)
	}
	return draft, nil
}

// admit finds plan and period, and asks the ledger.
func (s *Store) admit(ctx context.Context, tx bun.Tx, clinicID string, first time.Time) (*Plan, Period, error) {
	plans, err := plansOf(ctx, tx, clinicID)
	if err != nil {
		return nil, Period{}, err
	}
	if len(plans) == 0 {
		return nil, Period{}, fmt.Errorf("%w: nothing has been counted yet, and no plan is set", ErrPeriod)
	}
	plan := inForce(plans, first)
	if err := plan.Check(); err != nil {
		return nil, Period{}, err
	}
	period, err := plan.periodFrom(first)
	if err != nil {
		return nil, Period{}, err
	}
	if last := inForce(plans, monthOf(period.Last)); last.Version != plan.Version {
		return nil, Period{}, fmt.Errorf("%w: plan %d begins on %s, within it", ErrPeriod, last.Version, last.From.Format(time.DateOnly))
	}
	made, err := ledgerOf(ctx, tx, clinicID, s.oldestDraft())
	if err != nil {
		return nil, Period{}, err
	}
	return plan, period, made.admit(plan, period, s.today())
}

// tables protects and rounds every table of a period.
func (s *Store) tables(ctx context.Context, tx bun.Tx, plan *Plan, period Period) (*Content, error) {
	counts, err := countsOf(ctx, tx, plan.ClinicID, period)
	if err != nil {
		return nil, err
	}
	reports := counts[place3{reportsKey, "", ""}][""]
	if reports < plan.enough() {
		return nil, fmt.Errorf("%w: %d reports are counted in it, and a period of %d months needs %d. Longer periods may do, or words without counts", ErrPeriod, reports, plan.Months, plan.enough())
	}
	c := &Content{
		V: 1, Clinic: plan.ClinicID, Plan: plan.Version, First: period.First.Format(time.DateOnly), Last: period.Last.Format(time.DateOnly),
		K: plan.K, Base: Base, Reports: Round(reports),
	}
	for _, t := range plan.Tables {
		shown, err := release(plan, t, counts)
		var unsafe *Unsafe
		if errors.As(err, &unsafe) {
			return nil, &Refused{t.Key, unsafe}
		}
		if err != nil {
			return nil, err
		}
		c.Tables = append(c.Tables, shown...)
	}
	return c, nil
}

// place3 is a row of a layer of a table.
type place3 struct{ table, layer, row string }

// countsOf sums a period's months, by table, layer and row, then by column.
func countsOf(ctx context.Context, db bun.IDB, clinicID string, period Period) (map[place3]map[string]int, error) {
	var cells []Cell
	err := db.NewSelect().Model(&cells).
		Column("table_key", "layer_code", "row_code", "col_code").
		ColumnExpr("sum(reports) AS reports").
		Where("clinic_id = ?", clinicID).
		Where("month BETWEEN ? AND ?", period.First, period.Last).
		Group("table_key", "layer_code", "row_code", "col_code").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("sum counts: %w", err)
	}
	counts := map[place3]map[string]int{}
	for _, c := range cells {
		at := place3{c.TableKey, c.Layer, c.Row}
		if counts[at] == nil {
			counts[at] = map[string]int{}
		}
		counts[at][c.Col] = c.Reports
	}
	return counts, nil
}

// release makes one table of a plan safe, layer by layer.
func release(plan *Plan, t TablePlan, counts map[place3]map[string]int) ([]ReleasedTable, error) {
	layers, codes := layersOf(plan, t, counts)
	p, err := Protect(Rule{K: plan.K, Zeros: t.Zeros}, layers...)
	if err != nil {
		return nil, err
	}
	made := ReleasedTable{Key: t.Key, Rows: t.Rows, Cols: t.Cols, Zeros: t.Zeros}
	if t.Layers == "" {
		made.Shown = p.Show(0)
		return []ReleasedTable{made}, nil
	}
	made.Layers = t.Layers
	var list []ReleasedTable
	for l, code := range codes {
		made.Layer, made.Shown = code, p.Show(l)
		list = append(list, made)
	}
	made.Layer, made.Shown = LayerSum, p.ShowSum()
	return append(list, made), nil
}

// layersOf are a table's layers with the lines of its plan, and their codes. The lines Other and None are there when something
// stands in them. Small layers are merged as small lines are.
func layersOf(plan *Plan, t TablePlan, counts map[place3]map[string]int) ([]*Table, []string) {
	codes := []string{""}
	if t.Layers != "" {
		codes = plan.dimension(t.Layers).all()
	}
	rows, cols := plan.dimension(t.Rows), []string{All}
	if t.Cols != "" {
		cols = plan.dimension(t.Cols).all()
	}
	layers := make([]*Table, len(codes))
	for l, code := range codes {
		layers[l] = NewTable(rowsOf(t, rows), cols)
		if rows.Many {
			layers[l].Reports = make([]int, len(cols))
		}
		for i, row := range layers[l].Rows {
			for j, col := range layers[l].Cols {
				if t.Cols == "" {
					col = ""
				}
				layers[l].Counts[i][j] = counts[place3{t.Key, code, row}][col]
				if rows.Many {
					layers[l].Reports[j] = counts[place3{t.Key, code, anyRow}][col]
				}
			}
		}
	}
	if t.Layers != "" {
		layers, codes = mergeLayers(plan.K, layers, codes)
	}
	return dropEmpty(layers), codes
}

// rowsOf are the lines of a table. Only who works there is asked about the theme of work: beside who wrote, whoever knows a total
// of that line knows its cells, and could take them off a column. So it is no line there; its count stands where themes stand alone.
func rowsOf(t TablePlan, rows *Dimension) []string {
	codes := rows.all()
	if !slices.Contains(t.dimensions(), "role") {
		return codes
	}
	return slices.DeleteFunc(codes, func(code string) bool { return code == themeWork })
}

// themeWork is the theme that only therapist community members are asked about.
const themeWork = "work"

// mergeLayers puts layers of 2k or less together, and the next smallest until they total more. The last layer is Other.
func mergeLayers(k int, layers []*Table, codes []string) ([]*Table, []string) {
	totals := &Table{Rows: []string{""}, Cols: codes, Counts: [][]int{make([]int, len(codes))}}
	for l, t := range layers {
		totals.Counts[0][l] = t.reports()
	}
	if last := len(codes) - 1; totals.Counts[0][last] == 0 { // nothing is in Other
		layers, codes = layers[:last], codes[:last]
		totals.Cols, totals.Counts[0] = codes, totals.Counts[0][:last]
	}
	merged := mergedLines(k, []*Table{totals}, false, nil)
	if len(merged) == 0 {
		return layers, codes
	}
	var kept []*Table
	var names []string
	var small []*Table
	for l, t := range layers {
		if slices.Contains(merged, l) {
			small = append(small, t)
			continue
		}
		kept, names = append(kept, t), append(names, codes[l])
	}
	return append(kept, sumOf(small)), append(names, Other)
}

// dropEmpty leaves out the lines of what no list names, and of those who gave no answer, where nothing stands in them in any
// layer: they would take a line that need not be merged with them. That nobody left a question out is not hidden.
func dropEmpty(layers []*Table) []*Table {
	for _, code := range []string{Other, None} {
		row, col := slices.Index(layers[0].Rows, code), slices.Index(layers[0].Cols, code)
		emptyRow, emptyCol := row >= 0 && len(layers[0].Rows) > 1, col >= 0 && len(layers[0].Cols) > 1
		for _, t := range layers {
			emptyRow = emptyRow && t.At(row, len(t.Cols)) == 0
			emptyCol = emptyCol && t.At(len(t.Rows), col) == 0
		}
		for _, t := range layers {
			if emptyRow {
				t.Rows, t.Counts = slices.Delete(t.Rows, row, row+1), slices.Delete(t.Counts, row, row+1)
			}
			if emptyCol {
				t.dropColumn(col)
			}
		}
	}
	return layers
}

func (t *Table) dropColumn(col int) {
	t.Cols = slices.Delete(t.Cols, col, col+1)
	for i, row := range t.Counts {
		t.Counts[i] = slices.Delete(row, col, col+1)
	}
	if t.Reports != nil {
		t.Reports = slices.Delete(t.Reports, col, col+1)
	}
}

// newRelease writes down what was made, and the lines to sign.
func (s *Store) newRelease(plan *Plan, period Period, content *Content, reviewerID string) (*Release, error) {
	text, err := json.Marshal(content, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	lines := transparency.NewLeaf(transparency.KindRelease, plan.ClinicID, strconv.Itoa(plan.Version), plan.Hash(),
		period.First.Format(time.DateOnly)+" "+period.Last.Format(time.DateOnly), s.today().Format(time.DateOnly),
		base64.StdEncoding.EncodeToString(hash[:]))
	return &Release{
		ID: uuid.NewString(), ClinicID: plan.ClinicID, PlanVersion: plan.Version, State: StateDraft, FirstOn: period.First, LastOn: period.Last,
		Content: string(text), Lines: string(lines), DraftedBy: reviewerID, DraftedOn: s.today(),
	}, nil
}

// oldestDraft is the first day whose drafts still wait for signatures.
func (s *Store) oldestDraft() time.Time { return s.today().AddDate(0, 0, -draftDays) }

// Sweep gives up drafts that nobody completed in draftDays: their periods are open again.
func (s *Store) Sweep(ctx context.Context, clinicID string) error {
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*Release)(nil)).
			Set("state = ?", StateDropped).
			Where("clinic_id = ?", clinicID).
			Where("state = ?", StateDraft).
			Where("drafted_on < ?", s.oldestDraft()).
			Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep drafts of figures: %w", err)
	}
	return nil
}

// Drop gives a draft up, as a member of the panel. Its period can be drafted again: nobody outside has seen it.
// Errors: ErrStale, keyring.ErrNotMember.
func (s *Store) Drop(ctx context.Context, clinicID, id, reviewerID string) error {
	if err := s.Keys.RequireMember(ctx, clinicID, reviewerID); err != nil {
		return err
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		r, err := s.draftOf(ctx, tx, clinicID, id)
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(r).Set("state = ?", StateDropped).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

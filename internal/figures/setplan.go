package figures

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/postgres"
	"answerable/internal/taxonomy"

	"github.com/uptrace/bun"
)

// Plans are a clinic's plans, the newest first; none before anything was counted or a plan was set.
func (s *Store) Plans(ctx context.Context, clinicID string) ([]*Plan, error) {
	return plansOf(ctx, s.db(ctx), clinicID)
}

// Offered are the dimensions that a plan may sort by: what is counted of every report that two reviewers agree on. A plan lists
// as many of their codes as it likes; what it does not list counts as Other.
func Offered(services []string) []Dimension {
	dimension := func(key string, many bool, prefix string, codes []string) Dimension {
		d := Dimension{Key: key, Many: many}
		for _, code := range codes {
			if answered(code) {
				d.Codes = append(d.Codes, prefix+code)
			}
		}
		return d
	}
	var unfair []string // why somebody was treated unfairly: who is hurt, without asking anybody who they are
	for _, theme := range taxonomy.Themes() {
		for _, item := range theme.Items {
			if theme.Code == themeUnfair {
				unfair = append(unfair, item.Code)
			}
		}
	}
	roles, _ := taxonomy.FieldByKey("roles")
	wants, _ := taxonomy.FieldByKey("wants")
	list := slices.Clone(DefaultPlan("", time.Time{}, nil).Dimensions)
	list[1] = dimension("service", false, "service.", services)
	return append(list,
		dimension("item", true, "", unfair),
		dimension("involved", true, "involved.", roles.Codes),
		dimension("repair", true, "repair.", wants.Codes))
}

// themeUnfair is the theme whose items say because of what somebody was treated unfairly.
const themeUnfair = "bias"

// Services are the codes of the services that a clinic offers now.
func (s *Store) Services(ctx context.Context, clinicID string) ([]string, error) {
	return servicesOf(ctx, s.db(ctx), clinicID)
}

// checkOffered refuses a plan that sorts by what nobody counts: its tables would stand empty, and look as if nothing happened.
func (p *Plan) checkOffered(services []string) error {
	offered := &Plan{Dimensions: Offered(services)}
	for _, d := range p.Dimensions {
		known := offered.dimension(d.Key)
		if known == nil {
			var keys []string
			for _, o := range offered.Dimensions {
				keys = append(keys, o.Key)
			}
			return fmt.Errorf("%w: nothing is counted by %s. What is: %s", ErrPlan, d.Key, strings.Join(keys, ", "))
		}
		if known.Many != d.Many {
			return fmt.Errorf("%w: the dimension %s is %s, and a report has %s of its codes: write %s", ErrPlan, d.Key, word(d.Many, "many", "one"), word(known.Many, "several", "one"), word(known.Many, "many", "one"))
		}
		for _, code := range d.Codes {
			if !slices.Contains(known.Codes, code) && !(d.Key == "service" && strings.HasPrefix(code, "service.")) { // a service may have been closed since
				return fmt.Errorf("%w: no report is counted with the code %s in %s", ErrPlan, code, d.Key)
			}
		}
	}
	return nil
}

// ReportsAYear is how many reports were counted in the twelve months before this one. For the panel only.
func (s *Store) ReportsAYear(ctx context.Context, clinicID string) (n int, err error) {
	now := monthOf(s.today())
	err = s.db(ctx).NewSelect().Model((*Cell)(nil)).ColumnExpr("coalesce(sum(reports), 0)").
		Where("clinic_id = ?", clinicID).
		Where("table_key = ?", reportsKey).
		Where("month >= ?", now.AddDate(-1, 0, 0)).
		Where("month < ?", now).
		Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count reports of a year: %w", err)
	}
	return n, nil
}

// MaySetPlan says why a plan cannot be decided: as it is proposed, and once more when the last signature is given. It begins where
// a period of the plan before it begins and nothing is released or drafted; with other tables, in a month that has not begun, since
// what was counted by other tables cannot be counted again. The plan that is in force already may stand in settings again. Errors
// wrap ErrPlan, also for a text that does not read, is another clinic's, or sorts by what is not counted.
func (s *Store) MaySetPlan(ctx context.Context, tx bun.Tx, clinicID, text string) error {
	_, err := s.nextPlan(ctx, tx, clinicID, text)
	return err
}

// SetPlan keeps the plan of settings that a panel decided on a day as its next one. Errors: those of MaySetPlan.
func (s *Store) SetPlan(ctx context.Context, tx bun.Tx, clinicID, text string, on time.Time) error {
	p, err := s.nextPlan(ctx, tx, clinicID, text)
	if p == nil || err != nil {
		return err
	}
	row := &StoredPlan{ClinicID: clinicID, Version: p.Version, FromMonth: p.From, Lines: text, DecidedOn: &on}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("set plan: %w", err)
	}
	return nil
}

// nextPlan reads a plan that may follow; nil for the one that is the newest already. No draft is made beside it.
func (s *Store) nextPlan(ctx context.Context, tx bun.Tx, clinicID, text string) (*Plan, error) {
	if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
		return nil, err
	}
	plans, err := plansOf(ctx, tx, clinicID)
	if err != nil {
		return nil, err
	}
	if len(plans) > 0 && plans[0].Lines() == text {
		return nil, nil
	}
	p, err := ParsePlan(text)
	if err != nil {
		return nil, err
	}
	if p.ClinicID != clinicID {
		return nil, fmt.Errorf("%w: it is the plan of another clinic", ErrPlan)
	}
	services, err := servicesOf(ctx, tx, clinicID)
	if err != nil {
		return nil, err
	}
	if err := p.checkOffered(services); err != nil {
		return nil, err
	}
	made, err := ledgerOf(ctx, tx, clinicID, s.oldestDraft())
	if err != nil {
		return nil, err
	}
	return p, mayFollow(p, plans, made, s.today())
}

// mayFollow refuses a plan that would overlap what is released, cut a period in two, or leave what was counted behind.
func mayFollow(p *Plan, plans []*Plan, made ledger, today time.Time) error {
	if p.Version != len(plans)+1 {
		return fmt.Errorf("%w: its version is %d, and the next one is %d", ErrPlan, p.Version, len(plans)+1)
	}
	for _, period := range made {
		if !p.From.After(period.Last) {
			return fmt.Errorf("%w: it begins on %s, and %s is released or drafted by another plan. It may begin on %s", ErrPlan, p.From.Format(time.DateOnly), period, period.Last.AddDate(0, 0, 1).Format(time.DateOnly))
		}
	}
	if len(plans) == 0 {
		return nil
	}
	newest := plans[0]
	if p.From.Before(newest.From) {
		return fmt.Errorf("%w: it begins on %s, before the plan it follows, which begins on %s", ErrPlan, p.From.Format(time.DateOnly), newest.From.Format(time.DateOnly))
	}
	if _, err := newest.periodFrom(p.From); err != nil {
		return fmt.Errorf("%w: %w", ErrPlan, err)
	}
	if !sameTables(p, newest) && !p.From.After(monthOf(today)) {
		return fmt.Errorf("%w: it has other tables, and begins on %s. What has been counted cannot be counted again: begin it in a month that has not begun", ErrPlan, p.From.Format(time.DateOnly))
	}
	return nil
}

// sameTables reports whether counts made for one plan are those of the other.
func sameTables(a, b *Plan) bool {
	x, y := *a, *b
	x.Version, x.From, x.Months, x.DelayDays, x.K = y.Version, y.From, y.Months, y.DelayDays, y.K
	return x.Lines() == y.Lines()
}

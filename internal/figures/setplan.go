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

// Propose reads a plan as a member of the panel wrote it, and keeps it as the next one. Errors: those of SetPlan; and ErrPlan
// for a text that does not read, is another clinic's, or sorts by what is not counted.
func (s *Store) Propose(ctx context.Context, clinicID, text, reviewerID string) (*Plan, error) {
	p, err := ParsePlan(text)
	if err != nil {
		return nil, err
	}
	if p.ClinicID != clinicID {
		return nil, fmt.Errorf("%w: it is the plan of another clinic", ErrPlan)
	}
	services, err := s.Services(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	if err := p.checkOffered(services); err != nil {
		return nil, err
	}
	return p, s.SetPlan(ctx, p, reviewerID)
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

// SetPlan keeps the next version of a clinic's plan, as a member of its panel. It begins where a period of the plan before it
// begins and nothing is released or drafted; with other tables, in a month that has not begun, since what was counted by
// other tables cannot be counted again. Errors: ErrPlan, keyring.ErrNotMember.
func (s *Store) SetPlan(ctx context.Context, p *Plan, reviewerID string) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := s.Keys.RequireMember(ctx, p.ClinicID, reviewerID); err != nil {
		return err
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, p.ClinicID); err != nil {
			return err
		}
		plans, err := plansOf(ctx, tx, p.ClinicID)
		if err != nil {
			return err
		}
		made, err := ledgerOf(ctx, tx, p.ClinicID, s.oldestDraft())
		if err != nil {
			return err
		}
		if err := mayFollow(p, plans, made, s.today()); err != nil {
			return err
		}
		row := &StoredPlan{ClinicID: p.ClinicID, Version: p.Version, FromMonth: p.From, Lines: p.Lines()}
		_, err = tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("set plan: %w", err)
	}
	return nil
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

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"answerable/internal/client"
	"answerable/internal/figures"
)

type figuresPlanCmd struct {
	Show figuresPlanShowCmd `cmd:"" help:"Print the newest plan as the text that set reads; with --all every plan."`
	Set  figuresPlanSetCmd  `cmd:"" help:"Propose the next plan to your panel: which tables are released for which periods. It is never changed, only followed."`
}

type figuresPlanShowCmd struct {
	memberConfig
	All bool `help:"Print all plans, the newest first."`
}

// Run prints plans, and beside them how long periods should be with as many reports as there are.
func (c *figuresPlanShowCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	served, err := r.FiguresPlans(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i, p := range served.Plans {
		if i > 0 && !c.All {
			break
		}
		b.WriteString(p.Lines)
	}
	if b.Len() == 0 {
		b.WriteString("There is no plan yet. The first report that is counted brings one.\n")
	}
	t.note("%s", suggestion(served))
	return t.show(served, "%s", b.String())
}

func suggestion(p *client.FiguresPlans) string {
	if p.Months == 0 {
		return fmt.Sprintf("reports counted in twelve months: %d. That is too few for numbers: a year needs 20. Words can still go out.", p.ReportsAYear)
	}
	return fmt.Sprintf("reports counted in twelve months: %d. For so many, periods of %d months are right.", p.ReportsAYear, p.Months)
}

type figuresPlanSetCmd struct {
	memberConfig
	File   string `arg:"" optional:"" type:"path" placeholder:"FILE" help:"The plan as a text, as figures plan show prints it; version and clinic are filled in. Without it, the newest plan with what the flags change. A dash reads standard input."`
	From   string `placeholder:"DAY" help:"First day of its first period, such as 2027-01-01."`
	Months int    `placeholder:"N" help:"Months of a period: 3, 6 or 12."`
	Delay  int    `placeholder:"DAYS" help:"Days from a period's end to its release, at least 30."`
	K      int    `placeholder:"N" help:"Counts of 1 to k are hidden. At least 5."`
}

// Run proposes the next plan, with the settings as they hold. What is refused is refused with the reason: an overlap, a period cut in two, tables that would tell on
// one another.
func (c *figuresPlanSetCmd) Run(ctx context.Context, t *terminal) error {
	if c.File == "" && c.From == "" && c.Months == 0 && c.Delay == 0 && c.K == 0 {
		return usage("there is nothing to set", "Name a file, or what changes: answerable figures plan set --from 2027-01-01 --months 6")
	}
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	served, err := r.FiguresPlans(ctx, c.Clinic)
	if err != nil {
		return err
	}
	plan, err := c.next(t, served)
	if err != nil {
		return err
	}
	d, err := r.DecideFiguresPlan(ctx, c.Clinic, plan)
	if err != nil {
		return err
	}
	return t.show(d, "%s%s\nPlan %d would hold from %s on. Releases would name it by %s.\n", plan.Lines(), nextStep(d), plan.Version, plan.From.Format(time.DateOnly), plan.Hash())
}

// next is the plan that is sent: that of the file, or the newest, with what the flags change.
func (c *figuresPlanSetCmd) next(t *terminal, served *client.FiguresPlans) (*figures.Plan, error) {
	text, err := c.text(t, served)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(text, "\n")
	if len(lines) > 3 { // whoever copies a plan need not count
		lines[1], lines[2] = served.Clinic+"\n", fmt.Sprintf("%d\n", len(served.Plans)+1)
	}
	plan, err := figures.ParsePlan(strings.Join(lines, ""))
	if err != nil {
		return nil, withHint(err, "Begin with what answerable figures plan show prints. internal/figures/FORMAT.md says what each line means.")
	}
	if c.From != "" {
		if plan.From, err = time.Parse(time.DateOnly, c.From); err != nil {
			return nil, usage("the first day is no day", "Give --from as 2027-01-01.")
		}
	}
	for flag, to := range map[*int]*int{&c.Months: &plan.Months, &c.Delay: &plan.DelayDays, &c.K: &plan.K} {
		if *flag != 0 {
			*to = *flag
		}
	}
	return plan, plan.Check()
}

func (c *figuresPlanSetCmd) text(t *terminal, served *client.FiguresPlans) (string, error) {
	switch {
	case c.File == "-":
		raw, err := io.ReadAll(io.LimitReader(t.in, 1<<20))
		return string(raw), err
	case c.File != "":
		raw, err := os.ReadFile(c.File)
		if err != nil {
			return "", withHint(fmt.Errorf("the plan cannot be read: %w", cause(err)), "Check the path of the file.")
		}
		return string(raw), nil
	case len(served.Plans) == 0:
		return "", withHint(errors.New("there is no plan yet that could be changed"), "Write one into a file; internal/figures/FORMAT.md says how.")
	}
	return served.Plans[0].Lines, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/figures"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

const (
	// demoReports is how many made-up reports are counted in a quarter, give or take.
	demoReports = 240
	// leastHistory is the two quarters of which there is always one released and one to try.
	leastHistory = 6
)

// demoThemes are how many of a hundred made-up reports name a theme in the newest quarter, and how many more or fewer did in each
// quarter before.
var demoThemes = []struct {
	code     string
	in, back int
}{
	{"voice", 46, 1}, {"respect", 38, 0}, {"access", 22, 3}, {"response", 22, 0}, {"treatment", 20, 0}, {"force", 14, 1}, {"place", 12, 0},
	{"money", 9, 0}, {"privacy", 6, 0}, {"good_care", 26, -1}, {"good_solidarity", 12, 0}, {"bias", 13, 0},
}

// countFigures counts made-up reports in quarters that are long over, and lets two members sign all of them but the newest, each
// when it could first be signed: so there is something to look at and something to try. It goes on where a start that was cut off
// stopped.
func (d *demo) countFigures(ctx context.Context) error {
	quarters := demoQuarters(now(), d.History/3)
	if plans, err := d.figures.Plans(ctx, d.place.ID); err != nil {
		return err
	} else if len(plans) == 0 {
		if err := d.count(ctx, d.place, d.makeUpReports(quarters)); err != nil {
			return err
		}
	}
	for _, quarter := range quarters[:len(quarters)-1] {
		var refused *figures.Refused
		if err := d.release(ctx, quarter); errors.As(err, &refused) {
			d.note("no figures of the quarter from %s: %v", quarter.Format(time.DateOnly), err)
		} else if err != nil {
			return err
		}
	}
	released, err := d.figures.Released(ctx, d.place.ID)
	if err != nil || len(released) == 0 {
		return err
	}
	return d.signBundle(ctx, released[0].FirstOn)
}

// release drafts and signs the figures of a quarter as on the first day on which that could be done.
func (d *demo) release(ctx context.Context, quarter time.Time) error {
	day := quarter.AddDate(0, 3, 32)
	store := &figures.Store{DB: d.db, Keys: d.keys, Now: func() time.Time { return day }}
	ledger, err := store.Ledger(ctx, d.place.ID)
	if err != nil {
		return err
	}
	var draft *figures.Release
	if i := slices.IndexFunc(ledger, func(r *figures.Release) bool { return r.FirstOn.Equal(quarter) && r.State != figures.StateDropped }); i >= 0 {
		draft = ledger[i]
	} else if draft, err = store.Draft(ctx, d.place.ID, quarter, d.members[0].ID); err != nil {
		return err
	}
	for _, m := range d.members[:demoNeeded] {
		if draft.State != figures.StateDraft {
			return nil
		}
		if draft, err = store.Sign(ctx, d.place.ID, draft.ID, m.signs(draft.Lines)); err != nil {
			return err
		}
	}
	return nil
}

// signBundle lets two members sign the bundle of a quarter, so that there is one to take away.
func (d *demo) signBundle(ctx context.Context, first time.Time) error {
	made, err := d.exports.Signed(ctx, d.place.ID)
	if err != nil || len(made) > 0 {
		return err
	}
	if err := d.untilLogged(ctx); err != nil {
		return err
	}
	var bundle *client.Export
	for _, m := range d.members[:demoNeeded] {
		if bundle == nil {
			if bundle, err = m.ProposeExport(ctx, demoSlug, first.Format(time.DateOnly), "", ""); err != nil {
				return err
			}
		}
		if _, err := m.SignExport(ctx, demoSlug, bundle.ID, bundle.Lines, []byte(bundle.Manifest)); err != nil {
			return err
		}
	}
	return nil
}

// demoQuarters are the first days of the newest quarters that may be released on a day, the oldest first.
func demoQuarters(today time.Time, n int) (quarters []time.Time) {
	over := today.AddDate(0, 0, -32) // the delay, and a day to spare
	newest := time.Date(over.Year(), (over.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, -3, 0)
	for back := n - 1; back >= 0; back-- {
		quarters = append(quarters, newest.AddDate(0, -3*back, 0))
	}
	return quarters
}

// count keeps invented codes through the door that the panel's work uses. No message stands behind them.
func (d *demo) count(ctx context.Context, place *clinic.Clinic, reports []figures.Coded) error {
	return postgres.InClinic(ctx, d.db, place.ID, func(ctx context.Context, tx bun.Tx) error {
		return figures.CountPast(ctx, tx, place.ID, reports)
	})
}

// makeUpReports invents what two reviewers might have agreed on.
func (d *demo) makeUpReports(quarters []time.Time) (reports []figures.Coded) {
	chance, whose := rand.New(demoChance(d.Seed)), rand.New(demoChance(d.Seed+1))
	services := demoClinic().Services
	for i, quarter := range quarters {
		back := len(quarters) - 1 - i
		for range demoReports - 7*back + chance.IntN(14) {
			c := figures.Coded{
				Day: quarter.AddDate(0, chance.IntN(3), chance.IntN(28)), Service: services[min(chance.IntN(len(services)), chance.IntN(len(services)))].Code,
				Seriousness: min(chance.IntN(4), chance.IntN(4)), Role: []string{"worker", "client", "client", "client"}[whose.IntN(4)],
			}
			for _, theme := range demoThemes {
				if chance.IntN(100) < theme.in+theme.back*back {
					c.Themes = append(c.Themes, theme.code)
				}
			}
			reports = append(reports, c)
		}
	}
	return reports
}

// untilLogged waits until everybody is given a log that has the demo's releases: members sign nothing about figures that it lacks.
func (d *demo) untilLogged(ctx context.Context) error {
	released, err := d.figures.Released(ctx, d.place.ID)
	if err != nil {
		return err
	}
	for _, r := range released {
		for {
			var proof *transparency.Proof
			if proof, err = d.tlog.ProvePublished(ctx, figures.ReleaseLeaf(r.Lines, r.Signatures)); err != nil {
				return fmt.Errorf("look for a release in the log: %w", err)
			}
			if proof != nil {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(200 * time.Millisecond):
			}
		}
	}
	return nil
}

package figures_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// place is a clinic with a panel of three, two of whom must sign, and a clock.
type place struct {
	*keyringtest.Place
	figures *figures.Store
	at      time.Time
}

func newPlace(t testing.TB) *place {
	t.Helper()
	p := &place{at: day("2026-08-15")}
	now := func() time.Time { return p.at }
	p.Place = keyringtest.New(t, pgtest.New(t), now)
	p.figures = &figures.Store{DB: p.DB, Keys: p.Keys, Now: now}
	for i, code := range []string{"ward", "day_clinic"} {
		_, err := p.DB.NewRaw(`INSERT INTO service (clinic_id, code, label, position) VALUES (?, ?, ?, ?)`, p.ClinicID, code, code, i).Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// keepPlan keeps a plan that sorts by what only these tests count: no panel could decide on it.
func (p *place) keepPlan(t testing.TB, plan *figures.Plan) error {
	t.Helper()
	row := &figures.StoredPlan{ClinicID: p.ClinicID, Version: plan.Version, FromMonth: plan.From, Lines: plan.Lines()}
	_, err := p.DB.NewInsert().Model(row).Exec(t.Context())
	return err
}

// setPlan keeps a plan as one that the panel decided today.
func (p *place) setPlan(t testing.TB, plan *figures.Plan) error {
	t.Helper()
	return p.decide(t, plan.Lines())
}

func (p *place) decide(t testing.TB, plan string) error {
	t.Helper()
	return postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
		return p.figures.SetPlan(ctx, tx, p.ClinicID, plan, p.at)
	})
}

// count adds n reports with random facts to a month.
func (p *place) count(t testing.TB, r *rand.Rand, month string, n int) {
	t.Helper()
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			if _, err := figures.Count(ctx, tx, p.ClinicID, day(month).AddDate(0, 0, 9), someFacts(r)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *place) countOne(t testing.TB, month string, facts figures.Facts) time.Time {
	t.Helper()
	var in time.Time
	err := postgres.InClinic(t.Context(), p.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) (err error) {
		in, err = figures.Count(ctx, tx, p.ClinicID, day(month).AddDate(0, 0, 9), facts)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func someFacts(r *rand.Rand) figures.Facts {
	themes := []string{"voice", "respect", "access", "force", "money", "response"}
	var named []string
	for i, theme := range themes {
		if r.IntN(2+i) == 0 {
			named = append(named, theme)
		}
	}
	impacts := []string{"", "none", "small", "some", "big", "lasting"}
	services := []string{"ward", "ward", "day_clinic", ""}
	whens := []string{"this_week", "last_12_months", "1_to_5_years", "longer", "not_sure", ""}
	return newFacts(named, services[r.IntN(4)], impacts[r.IntN(6)], r.IntN(5)-1, whens[r.IntN(6)])
}

func (p *place) sign(t testing.TB, n int, r *figures.Release) (*figures.Release, error) {
	t.Helper()
	by := p.Reviewers[n]
	return p.figures.Sign(t.Context(), p.ClinicID, r.ID, keyring.Signature{ReviewerID: by.ID, Signature: figures.SignRelease(by.Key, r.Lines)})
}

func (p *place) draft(t testing.TB, first string) *figures.Release {
	t.Helper()
	r, err := p.figures.Draft(t.Context(), p.ClinicID, day(first), p.Reviewers[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (p *place) released(t testing.TB) []*figures.Release {
	t.Helper()
	list, err := p.figures.Released(t.Context(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

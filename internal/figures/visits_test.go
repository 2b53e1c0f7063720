package figures_test

import (
	"errors"
	"testing"

	"answerable/internal/figures"
	"answerable/internal/keyring"
)

func TestVisitsAreOfQuartersThatAreOver(t *testing.T) {
	p := newPlace(t)
	member := p.Reviewers[0].ID
	set := func(quarter string, n int, who string) error {
		return p.figures.SetVisits(t.Context(), figures.Visits{ClinicID: p.ClinicID, Quarter: day(quarter), Visits: n, ReviewerID: who})
	}
	for name, err := range map[string]error{
		"no quarter":     set("2026-05-01", 900, member),
		"its second day": set("2026-04-02", 900, member),
		"not over":       set("2026-07-01", 900, member),
		"none":           set("2026-04-01", 0, member),
		"less than none": set("2026-04-01", -3, member),
	} {
		if !errors.Is(err, figures.ErrVisits) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := set("2026-04-01", 900, "nobody"); !errors.Is(err, keyring.ErrNotMember) {
		t.Errorf("of somebody else: %v", err)
	}
	for _, n := range []int{900, 1100} { // written down again, the newer one holds
		if err := set("2026-04-01", n, member); err != nil {
			t.Fatal(err)
		}
	}
	list, err := p.figures.Visits(t.Context(), p.ClinicID)
	if err != nil || len(list) != 1 || list[0].Visits != 1100 || list[0].ReviewerID != member || !list[0].Quarter.Equal(day("2026-04-01")) {
		t.Errorf("got %+v, %v", list, err)
	}
}

package doctor

import (
	"context"
	"fmt"
	"time"

	"answerable/internal/postgres"
	"answerable/internal/setup"
)

// late is how long after its time a batch may run before somebody has to look: the server tries every minute.
const late = 2 * time.Hour

func (p *Place) database(ctx context.Context, r *report) {
	if p.DB == nil {
		r.skip("database", "No database was named.", "Set DATABASE_URL as for the server.")
		return
	}
	if err := postgres.Check(ctx, p.DB); err != nil {
		r.add(Bad, "database", "Do what the sentence says, then run this again.", "%v.", err)
		return
	}
	r.ok("database", "It answers, has the schema of this program, and keeps what it acknowledges.")
	p.leaks(ctx, r)
	p.batch(ctx, r)
	p.clinics(ctx, r)
}

func (p *Place) leaks(ctx context.Context, r *report) {
	leaks, err := postgres.Leaks(ctx, p.DB)
	if err != nil {
		r.add(Bad, "postgres-settings", "Check that this user may read pg_settings.", "The settings of Postgres could not be read: %v.", err)
		return
	}
	for _, l := range leaks {
		state := Bad
		if l.Unsure {
			state = Warn
		}
		do := l.Do + " Then, as an administrator: SELECT pg_reload_conf();"
		if l.Restart {
			do = l.Do + " Then restart Postgres."
		}
		r.add(state, "postgres-settings", do, "Postgres has %s = %s. %s", l.Setting, l.Value, l.Why)
	}
	if len(leaks) == 0 {
		r.ok("postgres-settings", "No setting lets statements or times outlive what was written.")
	}
}

// batch finds words that wait longer than they should. It asks whether something waits and never how much.
func (p *Place) batch(ctx context.Context, r *report) {
	var slots []int64
	if err := p.DB.NewRaw(`SELECT batch_slot FROM instance`).Scan(ctx, &slots); err != nil || len(slots) == 0 || slots[0] == 0 {
		r.add(Warn, "batch", "Start the server. The first batch runs with it.", "No batch has run yet.")
		return
	}
	began := time.Unix(slots[0], 0).UTC()
	if due := began.Add(p.BatchEvery + late); p.Now().After(due) {
		r.add(Bad, "batch", "Check that the server runs, and read its log for: batch failed.",
			"The last batch is that of %s. What was told since waits, and tickets promise more.", began.Format(time.DateOnly))
		return
	}
	r.ok("batch", "The last one is that of %s, as it should be.", began.Format(time.DateOnly))
}

// clinics finds forms that cannot take words, or soon will not.
func (p *Place) clinics(ctx context.Context, r *report) {
	list, err := p.Setup.Clinics.List(ctx)
	if err != nil {
		r.add(Bad, "clinics", "Run this again when the database is well.", "The clinics could not be read: %v.", err)
		return
	}
	if len(list) == 0 {
		r.add(Warn, "clinics", "Add one: answerable clinic add SLUG --name NAME", "No clinic is here.")
	}
	for _, place := range list {
		stands, err := p.Setup.Report(ctx, place.Slug)
		if err != nil {
			r.add(Bad, "clinics", "Run this again when the database is well.", "%s could not be looked at: %v.", place.Slug, err)
			continue
		}
		clinicFindings(stands, r)
	}
}

func clinicFindings(stands *setup.Report, r *report) {
	name := "clinic " + stands.Clinic.Slug
	whole := true
	for _, step := range stands.Steps {
		if step.Done {
			continue
		}
		whole = false
		state := Warn
		if step.Needed && stands.Clinic.Open {
			state = Bad
		}
		r.add(state, name, fmt.Sprintf("Next acts: %s. See: answerable clinic setup %s", step.Who, stands.Clinic.Slug), "%s", step.Say)
	}
	if whole {
		r.ok(name, "Everything that it needs is there.")
	}
}

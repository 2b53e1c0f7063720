package doctor

import (
	"context"
	"runtime/debug"
	"time"
)

// How far clocks may be apart. Days are all that is kept, and a ticket has three of them; a sign-in has two minutes.
const (
	apart   = time.Minute
	astray  = 30 * time.Minute
	dayDone = 24 * time.Hour
)

// clock compares this machine's clock with what else knows the time: the database, the days it has written, the release
// of this program, and the kernel's own knowledge of whether somebody keeps it right. It asks nobody else.
func (p *Place) clock(ctx context.Context, r *report) {
	before := len(r.findings)
	if built, ok := releaseTime(); ok {
		beforeRelease(r, p.Now(), built)
	}
	if p.DB != nil {
		p.databaseClock(ctx, r)
		p.futureDays(ctx, r)
	}
	keptByNobody(r, kernelClock)
	if len(r.findings) == before {
		r.ok("clock", "It agrees with the database and with the days in it.")
	}
}

// beforeRelease finds a clock that is behind the day on which this program was made.
func beforeRelease(r *report, now, built time.Time) {
	if now.Before(built.Add(-dayDone)) {
		r.add(Bad, "clock", "Set the clock, and let the machine keep it: apt install systemd-timesyncd",
			"This machine's clock says %s, which is before this program was made (%s).", now.Format(time.DateOnly), built.Format(time.DateOnly))
	}
}

func keptByNobody(r *report, kernel func() (synchronised, known bool)) {
	if synchronised, known := kernel(); known && !synchronised {
		r.add(Warn, "clock", "Let the machine keep its clock right: apt install systemd-timesyncd", "Nothing keeps this machine's clock right.")
	}
}

func (p *Place) databaseClock(ctx context.Context, r *report) {
	asked := p.Now()
	var theirs time.Time
	if err := p.DB.NewRaw(`SELECT clock_timestamp()`).Scan(ctx, &theirs); err != nil {
		return // database says so
	}
	// Half of the way there and back is the best guess at the moment of the answer.
	off := theirs.Sub(asked.Add(p.Now().Sub(asked) / 2)).Abs()
	if off < apart {
		return
	}
	state := Warn
	if off >= astray {
		state = Bad
	}
	r.add(state, "clock", "Set the one that is wrong, and let both machines keep their clocks: apt install systemd-timesyncd",
		"The clocks of this machine and of the database are %s apart. Sign-ins fail, and days are wrong.", off.Round(time.Second))
}

// futureDays finds days that have not come: the clock was ahead when they were written, or is behind now.
func (p *Place) futureDays(ctx context.Context, r *report) {
	var latest *time.Time
	err := p.DB.NewRaw(`
		SELECT max(day) FROM (
			SELECT max(batch_day) AS day FROM submission
			UNION ALL SELECT max(joined_on) FROM panel_member
			UNION ALL SELECT max(offered_on) FROM epoch
			UNION ALL SELECT max(proposed_on) FROM decision
		) AS days`).Scan(ctx, &latest)
	if err != nil || latest == nil || !latest.After(p.Now()) {
		return
	}
	r.add(Bad, "clock", "Set the clock. What carries a wrong day cannot be mended, and ends by that day.",
		"The database holds the day %s, which has not come. The clock was ahead then, or is behind now.", latest.Format(time.DateOnly))
}

// releaseTime is when the commit that this program was built from was made.
func releaseTime() (time.Time, bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}, false
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, err := time.Parse(time.RFC3339, s.Value)
			return at, err == nil
		}
	}
	return time.Time{}, false
}

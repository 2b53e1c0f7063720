package promise_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/postgres"
	"answerable/internal/promise"
	"answerable/internal/review"
)

func TestSilenceIsCountedOnFindings(t *testing.T) {
	o := newOffice(t)
	o.handOver(o.finding("theme")) // not answered
	late, bare, full := o.handOver(o.finding("theme")), o.handOver(o.finding("theme")), o.handOver(o.finding("theme"))
	withdrawn := o.finding("theme")
	o.handOver(withdrawn)
	o.must(o.review.Retract(t.Context(), o.ClinicID, o.Reviewers[0].ID, withdrawn))
	words := anAnswer("2027-02-01")
	o.answer(full, words)
	words.Promises = []promise.Draft{{}}
	if s := o.account("2026-12-21").Silences; s != (promise.Silences{Handed: 1}) {
		t.Errorf("a finding for the clinic only was counted before it was answered: %+v", s)
	}
	o.answer(bare, words)
	open := o.handOver(o.finding("public"))
	if s := o.account("2026-12-21").Silences; s.Due != 0 || s.Waiting != 1 || s.Handed != 3 {
		t.Errorf("on the last day: %+v", s)
	}
	o.answer(open, anAnswer("2027-02-01"))
	o.on("2026-12-22") // twenty working days after 23 November are over
	o.answer(late, anAnswer("2027-02-01"))
	if s := o.account("2026-12-22").Silences; s.Due != 5 || s.None != 1 || s.Late != 1 || s.OnTime != 3 || s.WithoutPromise != 1 || s.Waiting != 0 || s.Handed != 6 {
		t.Errorf("the day after: %+v", s)
	}
	quarter := promise.Period{First: day("2027-01-01"), Last: day("2027-03-31")}
	a, err := o.store.Account(t.Context(), o.ClinicID, quarter, day("2027-03-31"))
	if err != nil || a.Silences.Due != 0 || a.Silences.Handed != 0 || a.Counts.Due != 3 || a.Counts.Overdue != 3 {
		t.Errorf("the next quarter: %+v %+v, %v", a.Silences, a.Counts, err)
	}
}

// Who takes a finding back, pressed to or not, does not take back that the clinic was silent.
func TestASilenceOutlivesTheFinding(t *testing.T) {
	o := newOffice(t)
	inTime, retracted, withdrawn := o.finding("public"), o.finding("public"), o.finding("public")
	o.handOver(inTime)
	o.handOver(retracted)
	h := o.handOver(withdrawn)
	o.on("2026-12-21") // the last day to answer
	o.must(o.review.Retract(t.Context(), o.ClinicID, o.Reviewers[0].ID, inTime))
	o.on("2026-12-23")
	before := o.account("2026-12-22").Silences
	o.must(o.review.Retract(t.Context(), o.ClinicID, o.Reviewers[0].ID, retracted))
	_, err := o.in.Withdraw(t.Context(), o.ClinicID, o.anchor[withdrawn], o.token[withdrawn])
	o.must(err)
	var today bool
	o.must(o.DB.NewRaw(`UPDATE handover SET taken_back_on = '2026-12-23' FROM handover AS old WHERE handover.id = ? AND old.id = handover.id
		RETURNING old.taken_back_on BETWEEN current_date - 1 AND current_date + 1`, h).Scan(t.Context(), &today))
	if !today {
		t.Error("a withdrawal is not dated on its day")
	}
	if s := o.account("2026-12-24").Silences; s.Due != 2 || s.None != 2 || s.Waiting != 0 {
		t.Errorf("after both were taken back: %+v", s)
	}
	if s := o.account("2026-12-22").Silences; s != before || s.None != 2 {
		t.Errorf("as of the day before: %+v, and it was %+v", s, before)
	}
	if s := o.account("2026-12-20").Silences; s.Waiting != 3 || s.Due != 0 {
		t.Errorf("as of a day on which all waited: %+v", s)
	}
}

func TestDeadlinesKeepToTheClinicsDays(t *testing.T) {
	o := newOffice(t)
	practice := review.DefaultPractice()
	practice.WorkingDays, practice.Holidays = []int{1, 2, 3, 4}, []string{"2026-12-24", "2026-12-25"}
	o.must(o.review.SetPractice(t.Context(), o.ClinicID, o.Reviewers[0].ID, practice))
	_, err := o.DB.NewRaw(`UPDATE clinic SET time_zone = 'Pacific/Auckland'`).Exec(t.Context())
	o.must(err)
	o.at = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC) // it is Tuesday there
	h := o.handOver(o.finding("theme"))
	got := o.account("2026-11-24").Findings[0]
	if got.ID != h || !got.HandedOn.Equal(day("2026-11-24")) || !got.AnswerBy.Equal(day("2026-12-30")) {
		t.Errorf("handed over on %v, to be answered by %v", got.HandedOn, got.AnswerBy)
	}
	practice.Holidays = []string{}
	o.must(o.review.SetPractice(t.Context(), o.ClinicID, o.Reviewers[0].ID, practice))
	if got := o.account("2026-11-24").Findings[0].AnswerBy; !got.Equal(day("2026-12-30")) {
		t.Errorf("a new calendar moved the deadline to %v", got)
	}
	o.answer(h, anAnswer("2026-12-01"))
	o.at = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) // past midnight there
	p := o.only("2026-12-02")
	if today, err := o.store.Today(t.Context(), o.ClinicID); err != nil || !today.Equal(day("2026-12-02")) {
		t.Errorf("today there is %v, %v", today, err)
	}
	if moved, err := o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-12-20"), "why"); err != nil || moved {
		t.Errorf("moved after its day had passed there: %v, %v", moved, err)
	}
}

// TestClocksThatThePanelDecidesMoveNoDayThatHasCome changes all three while a finding and a promise stand.
func TestClocksThatThePanelDecidesMoveNoDayThatHasCome(t *testing.T) {
	o := newOffice(t)
	h, later := o.handOver(o.finding("theme")), o.finding("theme")
	o.answer(h, anAnswer("2026-12-01"))
	o.must(o.store.Claim(t.Context(), o.ClinicID, o.only("2026-11-23").ID, "The lock is gone."))
	before := o.account("2026-11-23")

	settings := `{"intro":"","shared":false,"services":[],"items":[],"support":[],"clocks":{"answer":10,"judge":7,"look_back":60}}`
	places := &clinic.Store{DB: o.DB, Now: func() time.Time { return o.at }}
	apply := func(body string) error {
		return postgres.InClinic(t.Context(), o.DB, o.ClinicID, func(ctx context.Context, tx bun.Tx) error {
			if err := places.CheckSettings(ctx, tx, o.ClinicID, body); err != nil {
				return err
			}
			return places.ApplySettings(ctx, tx, o.ClinicID, body, day("2026-11-23"))
		})
	}
	o.must(apply(settings))
	var problem *clinic.Problem
	if err := apply(strings.Replace(settings, `"answer":10`, `"answer":90`, 1)); !errors.As(err, &problem) || !strings.Contains(problem.Reason, "5 to 40") {
		t.Errorf("a clinic that never has to answer: %v", err)
	}
	if after := o.account("2026-11-23"); after.Clocks != before.Clocks || after.Silences != before.Silences || !after.Findings[0].AnswerBy.Equal(before.Findings[0].AnswerBy) {
		t.Errorf("the account of the day of the decision is another: %+v, was %+v", after, before)
	}
	o.on("2026-11-24")
	if got := o.account("2026-11-24").Clocks; got != clinic.DefaultClocks() {
		t.Errorf("on the day after the decision %+v", got)
	}
	o.on("2026-11-25")
	o.handOver(later)
	a := o.account("2026-11-25")
	if got := a.Findings[0].AnswerBy; !got.Equal(day("2026-12-09")) {
		t.Errorf("handed over under ten days, to be answered by %v", got)
	}
	if got := a.Findings[1].AnswerBy; !got.Equal(day("2026-12-21")) {
		t.Errorf("handed over under twenty days, to be answered by %v", got)
	}
	p := o.only("2026-11-25")
	if by, _ := p.JudgeBy(day("2026-11-25")); !by.Equal(day("2026-12-23")) {
		t.Errorf("what was done under thirty days is to be judged by %v", by)
	}
	o.bothJudge(p, promise.Kept)
	p = o.only("2026-11-25")
	if by, waits := p.JudgeBy(day("2027-01-24")); !p.LookBackOn.Equal(day("2027-01-24")) || !waits || !by.Equal(day("2027-01-31")) {
		t.Errorf("kept under sixty days: ask again on %v, judge by %v", p.LookBackOn, by)
	}
	// A text from before there were any clocks leaves them as they are.
	o.must(apply(`{"intro":"","shared":false,"services":[],"items":[],"support":[]}`))
	if got := o.account("2026-11-25").Clocks; got != (clinic.Clocks{Answer: 10, Judge: 7, LookBack: 60}) {
		t.Errorf("settings without clocks: %+v", got)
	}
}

// Which messages wait for their writers is for the panel alone: it stands in sealed notes, and the public sentence beside the
// number says that such days are counted in.
func TestDaysOnWhichThePanelWaitedForAWriterCountAsItsOwn(t *testing.T) {
	o := newOffice(t)
	f := o.finding("theme")
	for _, file := range []struct{ kind, day string }{{"note", "2026-11-25"}, {"note", "2026-12-10"}, {"sharing", "2026-12-15"}} {
		_, err := o.DB.NewRaw(`INSERT INTO review_file VALUES (?, ?, ?, ?, repeat('x', 18043)::bytea, sha256(convert_to(?, 'UTF8')), repeat('s', 64)::bytea, ?)`,
			o.leaf[f], file.kind, o.Reviewers[0].ID, map[string]int{"2026-12-10": 1}[file.day], file.day, file.day).Exec(t.Context())
		o.must(err)
	}
	o.on("2026-12-18")
	o.answer(o.handOver(f), anAnswer("2026-12-20"))
	if s := o.account("2026-12-18").Silences; s.LateDecided != 1 {
		t.Errorf("decided on the 22nd day, of which the panel may have waited 15: %+v", s)
	}
	words, err := os.ReadFile("../../ui/locales/en.json")
	o.must(err)
	if !strings.Contains(string(words), "Days on which it waited for the person who wrote are counted in. Only the panel knows of those.") {
		t.Error("the page does not say that such days are counted in")
	}
}

func TestThePanelsOwnLatenessStandsBeside(t *testing.T) {
	o := newOffice(t)
	f := o.finding("theme")
	_, err := o.DB.NewRaw(`INSERT INTO claim VALUES (?, ?, 'coder', '2026-11-27')`, o.leaf[f], o.Reviewers[0].ID).Exec(t.Context())
	o.must(err)
	_, err = o.DB.NewRaw(`INSERT INTO review_file VALUES (?, 'sharing', ?, 0, repeat('x', 18043)::bytea, sha256('x'), repeat('s', 64)::bytea, '2026-12-14')`, o.leaf[f], o.Reviewers[0].ID).Exec(t.Context())
	o.must(err)
	o.on("2026-12-18")
	lenient := review.DefaultPractice()
	lenient.Taken, lenient.Decided, lenient.Holidays = 30, 180, []string{"2026-11-24", "2026-11-25", "2026-11-26"}
	o.must(o.review.SetPractice(t.Context(), o.ClinicID, o.Reviewers[0].ID, lenient)) // too late for what has come
	o.answer(o.handOver(f), anAnswer("2026-12-20"))
	if s := o.account("2026-12-18").Silences; s.LateTaken != 1 || s.LateDecided != 0 || s.LateJudged != 0 {
		t.Errorf("taken on the fourth working day, decided on the last day: %+v", s)
	}
	o.must(o.store.Claim(t.Context(), o.ClinicID, o.only("2026-12-18").ID, "done"))
	if s := o.account("2027-01-17").Silences; s.LateJudged != 0 {
		t.Errorf("on the last day to judge: %+v", s)
	}
	if s := o.account("2027-01-18").Silences; s.LateJudged != 1 {
		t.Errorf("the day after: %+v", s)
	}
}

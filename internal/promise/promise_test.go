package promise_test

import (
	"context"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/transparency"
)

func TestAPromiseLivesFromMadeToHeld(t *testing.T) {
	o := newOffice(t)
	h, later := o.handOver(o.finding("paraphrase")), o.finding("theme")
	o.answer(h, anAnswer("2026-12-01"))
	p := o.only("2026-11-23")
	if p.State != promise.StateOpen || !p.Due.Equal(day("2026-12-01")) || p.HandoverID != h {
		t.Fatalf("made: %+v", p)
	}
	_, err := o.judge(0, p, promise.Kept)
	o.want("judged before anybody says it is done", err, promise.ErrEarly)
	if got := o.only("2026-12-01").State; got != promise.StateOpen {
		t.Errorf("on its day it is %s", got)
	}
	if late := o.only("2026-12-04"); late.State != promise.StateOverdue || late.DaysLate != 3 {
		t.Errorf("three days late: %s, %d days", late.State, late.DaysLate)
	}

	moved, err := o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-12-10"), "The locksmith is ill.")
	if err != nil || !moved {
		t.Fatal(moved, err)
	}
	o.on("2026-12-12")
	moved, err = o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-12-20"), "Later still.")
	if err != nil || moved {
		t.Fatalf("a date was moved after it had come: %v, %v", moved, err)
	}
	p = o.only("2026-12-12")
	if p.State != promise.StateOverdue || p.Extended != 1 || p.Refused != 1 || !p.Due.Equal(day("2026-12-10")) || p.Events[1].Kind != promise.KindRefused || p.Events[1].Reason != "Later still." {
		t.Errorf("after a refused move: %+v", p)
	}

	o.must(o.store.Claim(t.Context(), o.ClinicID, p.ID, "The lock is gone."))
	p = o.only("2026-12-12")
	if p.State != promise.StateClaimed || p.DaysLate != 2 {
		t.Errorf("claimed: %s, %d days late", p.State, p.DaysLate)
	}
	decided, err := o.judge(0, p, promise.Kept)
	if err != nil || decided {
		t.Fatalf("one member decided: %v, %v", decided, err)
	}
	decided, err = o.judge(1, p, promise.Partly)
	if err != nil || decided {
		t.Fatalf("two who differ decided: %v, %v", decided, err)
	}
	if got := o.only("2026-12-12").State; got != promise.StateClaimed {
		t.Errorf("two who differ made it %s", got)
	}
	open, err := o.store.Waiting(t.Context(), o.ClinicID, o.Reviewers[1].ID)
	if err != nil || open[p.ID] != (promise.Open{Members: 2, Own: promise.Partly}) {
		t.Errorf("waiting: %+v, %v", open, err)
	}
	if decided, err = o.judge(1, p, promise.Kept); err != nil || !decided {
		t.Fatalf("two who agree did not decide: %v, %v", decided, err)
	}
	_, err = o.judge(2, p, promise.NotKept)
	o.want("a third after the decision", err, promise.ErrDecided)
	p = o.only("2026-12-12")
	if p.State != promise.StateKept || len(p.Judgements) != 2 || !p.LookBackOn.Equal(day("2027-03-12")) || p.ToJudge(day("2027-03-11")) || !p.ToJudge(day("2027-03-12")) {
		t.Errorf("kept: %+v", p)
	}
	o.want("claimed when it is kept", o.store.Claim(t.Context(), o.ClinicID, p.ID, "again"), promise.ErrClosed)
	_, err = o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2027-12-20"), "why")
	o.want("moved when it is kept", err, promise.ErrClosed)
	if early := o.only("2026-12-11"); early.State != promise.StateOverdue || len(early.Judgements) != 0 || early.Refused != 0 {
		t.Errorf("as of the day before: %+v", early)
	}

	o.on("2027-03-15")
	again := o.handOver(later)
	o.must(o.store.Repeat(t.Context(), o.ClinicID, o.Reviewers[1].ID, p.ID, again))
	o.must(o.store.Repeat(t.Context(), o.ClinicID, o.Reviewers[1].ID, p.ID, again))
	o.want("tied to its own finding", o.store.Repeat(t.Context(), o.ClinicID, o.Reviewers[1].ID, p.ID, h), promise.ErrGone)
	o.bothJudge(o.only("2027-03-15"), promise.NotKept)
	p = o.only("2027-03-15")
	if p.State != promise.StateNotKept || p.Rounds != 2 || p.AfterKept != 1 || len(p.Judgements) != 4 {
		t.Errorf("looked back: %+v", p)
	}
	o.must(o.store.Claim(t.Context(), o.ClinicID, p.ID, "The new lock is gone too."))
	o.bothJudge(o.only("2027-03-15"), promise.Kept)
	o.on("2027-06-20")
	o.bothJudge(o.only("2027-06-20"), promise.Kept)
	if p = o.only("2027-06-20"); p.State != promise.StateKept || !p.Held || p.LookBackOn != nil || p.ToJudge(day("2030-01-01")) {
		t.Errorf("held: %+v", p)
	}
}

// A word counts of a member whom the list in force names, and of what the clinic says is done now.
func TestOnlyWordsOfMembersNowAndSinceItIsDoneDecide(t *testing.T) {
	o := newOffice(t)
	o.answer(o.handOver(o.finding("theme")), anAnswer("2026-12-01"))
	o.on("2026-12-05")
	_, err := o.judge(0, o.only("2026-12-05"), promise.Kept) // before anybody says that it is done
	o.must(err)
	o.on("2027-06-05")
	p := o.only("2027-06-05")
	o.must(o.store.Claim(t.Context(), o.ClinicID, p.ID, "The lock is gone."))
	open, err := o.store.Waiting(t.Context(), o.ClinicID, o.Reviewers[0].ID)
	if err != nil || len(open) != 0 {
		t.Errorf("a word of half a year before waits: %+v, %v", open, err)
	}
	p = o.only("2027-06-05")
	undecided := func(what string, who int) {
		t.Helper()
		if decided, err := o.judge(who, p, promise.Kept); err != nil || decided {
			t.Errorf("%s decided: %v, %v", what, decided, err)
		}
	}
	undecided("a word of half a year before", 2)
	o.unlist(2)
	undecided("the word of a member who left", 0)
	if decided, err := o.judge(1, p, promise.Kept); err != nil || !decided {
		t.Fatalf("two members of now did not decide: %v, %v", decided, err)
	}
	var by []string
	for _, j := range o.only("2027-06-05").Judgements {
		by = append(by, j.ReviewerID)
	}
	want := []string{o.Reviewers[0].ID, o.Reviewers[1].ID}
	slices.Sort(want)
	if !slices.Equal(by, want) {
		t.Errorf("shown as decided by %v, want %v", by, want)
	}
}

// Whoever speaks for the clinic cannot fill a promise's life until nothing else has room, nor move the day from which the panel's
// time runs, and nothing that they said is thrown away under "we have it".
func TestALiaisonCannotFreezeAPromise(t *testing.T) {
	o := newOffice(t)
	o.answer(o.handOver(o.finding("theme")), anAnswer("2026-12-01"))
	o.on("2026-12-05")
	p := o.only("2026-12-05")
	extend := func(reason string) error {
		moved, err := o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-12-30"), reason)
		if moved {
			t.Error("moved after its day")
		}
		return err
	}
	o.must(extend("Later."))
	o.want("a second try on the same day", extend("Still later."), promise.ErrOften)
	o.on("2026-12-06")
	o.must(extend("Still later."))
	_, err := o.DB.NewRaw(`INSERT INTO promise_event SELECT ?, n, 'refused', '2026-12-06', '2026-12-30', 'x' FROM generate_series(3, 900) AS n`, p.ID).Exec(t.Context())
	o.must(err)
	o.on("2026-12-07")
	o.want("when there is no room", extend("Once more."), promise.ErrOften)
	claim := func(reason string) error { return o.store.Claim(t.Context(), o.ClinicID, p.ID, reason) }
	o.must(claim("The lock is gone."))
	o.must(claim("The lock is gone."))
	o.want("more words when there is no room", claim("Look at the door."), promise.ErrOften)
	if p = o.only("2026-12-07"); len(p.Events) != 901 || p.State != promise.StateClaimed {
		t.Errorf("%d events, %s", len(p.Events), p.State)
	}
	o.bothJudge(p, promise.Partly)
	_, err = o.DB.NewRaw(`DELETE FROM promise_event WHERE n BETWEEN 3 AND 900`).Exec(t.Context())
	o.must(err)
	_, err = o.DB.NewRaw(`UPDATE promise_event SET n = n - 898 WHERE n > 900`).Exec(t.Context())
	o.must(err)
	o.must(claim("Now it is all gone."))
	o.on("2026-12-10")
	o.must(claim("The new door is there too."))
	o.must(claim("The new door is there too."))
	p = o.only("2026-12-10")
	if n := len(p.Events); n != 6 || p.Events[n-1].Reason != "The new door is there too." || !p.ClaimedOn.Equal(day("2026-12-07")) {
		t.Errorf("saying more of what is done: %+v", p)
	}
}

// A clinic can never set kept: neither by its own acts nor by writing past them.
func TestOnlyTwoMembersMakeAPromiseKept(t *testing.T) {
	o := newOffice(t)
	o.answer(o.handOver(o.finding("theme")), anAnswer("2026-12-01"))
	o.on("2026-12-05")
	p := o.only("2026-12-05")
	_, err := o.judge(0, p, promise.Kept)
	o.must(err)
	event := func(kept string) error {
		return postgres.InClinic(t.Context(), o.DB, o.ClinicID, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw(`INSERT INTO promise_event VALUES (?, 1, 'judged', '2026-12-05', NULL, '', 0, ?)`, p.ID, kept).Exec(ctx)
			return err
		})
	}
	if event(promise.Kept) == nil {
		t.Error("one member's word was written down as the panel's")
	}
	for _, statement := range []string{`UPDATE promise SET what = 'less'`, `UPDATE promise_event SET verdict = 'kept'`, `DELETE FROM promise`, `UPDATE response SET words = 'other'`, `DELETE FROM promise_event`} {
		err := postgres.InClinic(t.Context(), o.DB, o.ClinicID, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		if err == nil {
			t.Errorf("the database let through: %s", statement)
		}
	}
	today := o.at.Truncate(24 * time.Hour)
	other := *p
	other.What = "Something easier."
	for name, w := range map[string]promise.Word{
		"another text":  {Verdict: promise.Kept, Day: today, Signature: other.Sign(o.Reviewers[1].Key, 0, promise.Kept, today)},
		"another key":   {Verdict: promise.Kept, Day: today, Signature: p.Sign(o.Reviewers[2].Key, 0, promise.Kept, today)},
		"another word":  {Verdict: promise.Kept, Day: today, Signature: p.Sign(o.Reviewers[1].Key, 0, promise.Partly, today)},
		"another round": {Verdict: promise.Kept, Day: today, Signature: p.Sign(o.Reviewers[1].Key, 1, promise.Kept, today)},
		"no signature":  {Verdict: promise.Kept, Day: today, Signature: make([]byte, ed25519.SignatureSize)},
	} {
		_, err := o.store.Judge(t.Context(), o.ClinicID, o.member[1], p.ID, w)
		o.want(name, err, promise.ErrSignature)
	}
	old := today.AddDate(0, 0, -1)
	_, err = o.store.Judge(t.Context(), o.ClinicID, o.member[1], p.ID, promise.Word{Verdict: promise.Kept, Day: old, Signature: p.Sign(o.Reviewers[1].Key, 0, promise.Kept, old)})
	o.want("yesterday's signature", err, review.ErrDay)
	_, err = o.store.Judge(t.Context(), o.ClinicID, o.member[1], p.ID, promise.Word{Verdict: "great", Day: today})
	o.want("a word that there is not", err, promise.ErrVerdict)
}

func TestWhatWasJudgedBeforeTheLogHadItEntersItOnce(t *testing.T) {
	o := newOffice(t)
	o.answer(o.handOver(o.finding("theme")), anAnswer("2026-12-01"))
	o.on("2026-12-05")
	p := o.only("2026-12-05")
	today := o.at.Truncate(24 * time.Hour)
	for who := range 2 { // the rows that an earlier version left
		_, err := o.DB.NewInsert().Model(&promise.Judgement{
			PromiseID: p.ID, ReviewerID: o.Reviewers[who].ID, Verdict: promise.NotKept, JudgedOn: today, Signature: p.Sign(o.Reviewers[who].Key, 0, promise.NotKept, today),
		}).Exec(t.Context())
		o.must(err)
	}
	_, err := o.DB.NewRaw(`UPDATE judgement SET counted = true`).Exec(t.Context())
	o.must(err)
	_, err = o.DB.NewRaw(`INSERT INTO promise_event VALUES (?, 1, 'judged', '2026-12-05', NULL, '', 0, 'not_kept')`, p.ID).Exec(t.Context())
	o.must(err)
	for range 2 {
		left, err := o.store.LogEarlier(t.Context())
		o.must(err)
		var leaves [][]byte
		o.must(o.DB.NewRaw(`SELECT leaf FROM log_leaf WHERE convert_from(leaf, 'UTF8') LIKE E'%\njudgement\n%'`).Scan(t.Context(), &leaves))
		if left != 0 || len(leaves) != 1 {
			t.Fatalf("%d leaves, %d left out", len(leaves), left)
		}
		d, err := promise.ParseDecided(transparency.Leaf(leaves[0]))
		if o.must(err); d.PromiseID != p.ID || d.Verdict != promise.NotKept || len(d.By) != 2 {
			t.Errorf("the log has %+v", d)
		}
	}
}

// How many writers were asked or answered has no place in which it could stand.
func TestNothingIsKeptOfWhoWasAsked(t *testing.T) {
	var columns []string
	err := pgtest.New(t).NewRaw(`SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_name IN ('handover', 'response', 'promise', 'promise_event', 'judgement', 'promise_repeat') ORDER BY 1`).Scan(t.Context(), &columns)
	want := strings.Fields(`handover.answer_by handover.clinic_id handover.finding_id handover.handed_by handover.handed_on handover.id
		handover.late_decided handover.late_taken handover.praise handover.public handover.taken_back_on handover.themes
		judgement.after_n judgement.counted judgement.judged_on judgement.promise_id judgement.reviewer_id judgement.round judgement.signature judgement.verdict
		promise.clinic_id promise.due_on promise.how promise.id promise.made_on promise.response_id promise.what promise.who
		promise_event.due_on promise_event.happened_on promise_event.kind promise_event.n promise_event.promise_id promise_event.reason promise_event.round promise_event.verdict
		promise_repeat.handover_id promise_repeat.linked_by promise_repeat.linked_on promise_repeat.promise_id
		response.clinic_id response.handover_id response.id response.power response.responded_on response.role response.shown_by response.shown_on response.words`)
	if err != nil || !slices.Equal(columns, want) {
		t.Errorf("%v, the columns are %q; ask of each new one whether it counts writers", err, columns)
	}
}

func TestWhatIsTakenBackVanishesAndWhatIsOldDoesNot(t *testing.T) {
	o := newOffice(t)
	retracted, withdrawn, old := o.finding("public"), o.finding("public"), o.finding("public")
	for _, f := range []string{retracted, withdrawn, old} {
		r := o.answer(o.handOver(f), anAnswer("2026-12-01"))
		o.must(o.store.Show(t.Context(), o.ClinicID, o.Reviewers[0].ID, r, true))
	}
	if a := o.account("2026-11-23").Public(); len(a.Findings) != 3 || a.Findings[0].Finding == nil || a.Findings[0].Responses[0].Words == "" {
		t.Fatalf("public: %+v", a.Findings[0])
	}
	for _, p := range o.account("2026-11-23").Promises {
		_, err := o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-12-10"), "Because of what it said.")
		o.must(err)
	}
	o.must(o.review.Retract(t.Context(), o.ClinicID, o.Reviewers[0].ID, retracted))
	_, err := o.in.Withdraw(t.Context(), o.ClinicID, o.anchor[withdrawn], o.token[withdrawn])
	o.must(err)
	// The key of the third is destroyed, as at the end of its time.
	_, err = o.DB.NewRaw(`DELETE FROM wrap`).Exec(t.Context())
	o.must(err)
	_, err = o.DB.NewRaw(`UPDATE epoch SET state = 'shred-pending'`).Exec(t.Context())
	o.must(err)
	_, err = o.DB.NewRaw(`DELETE FROM submission WHERE leaf_hash = ?`, o.leaf[old]).Exec(t.Context())
	o.must(err)
	back, kept := 0, 0
	for _, f := range o.account("2026-11-23").Public().Findings {
		if f.Finding != nil {
			t.Error("words that are gone are shown")
		}
		switch {
		case f.TakenBack && f.Responses[0].Words == "":
			back++
		case !f.TakenBack && f.Responses[0].Words != "":
			kept++
		}
	}
	if back != 2 || kept != 1 {
		t.Errorf("%d are taken back and %d are kept, want 2 and 1", back, kept)
	}
	gone := 0
	for _, p := range o.account("2026-11-23").Public().Promises {
		said := p.What + p.Who + p.How + p.Events[0].Reason
		if p.TakenBack != (said == "") {
			t.Errorf("a promise about a finding that is taken back (%v) says %q", p.TakenBack, said)
		}
		if p.TakenBack {
			gone++
		}
	}
	if gone != 2 {
		t.Errorf("%d promises are about what was taken back, want 2", gone)
	}
	var h string
	o.must(o.DB.NewRaw(`SELECT id FROM handover WHERE taken_back_on IS NOT NULL LIMIT 1`).Scan(t.Context(), &h))
	_, err = o.store.Answer(t.Context(), o.ClinicID, h, promise.Answer{Role: "r", Power: "p", Words: "other words"})
	o.want("an answer to what is taken back", err, promise.ErrTakenBack)
}

func TestNothingOfTheClinicIsPublicBeforeThePanelLooked(t *testing.T) {
	o := newOffice(t)
	r := o.answer(o.handOver(o.finding("quote")), anAnswer("2026-12-01"))
	o.on("2026-12-02")
	o.must(o.store.Claim(t.Context(), o.ClinicID, o.only("2026-12-02").ID, "Ask Jo from room 4."))
	hidden := o.account("2026-12-02").Public()
	if f := hidden.Findings[0]; f.Finding != nil || f.Themes != nil || f.Responses[0].Words+f.Responses[0].Power+f.Responses[0].Role != "" {
		t.Errorf("finding and answer: %+v", f)
	}
	if p := hidden.Promises[0]; p.What+p.Who+p.How+p.Events[0].Reason != "" || p.State != promise.StateClaimed {
		t.Errorf("promise: %+v", p)
	}
	o.must(o.store.Show(t.Context(), o.ClinicID, o.Reviewers[0].ID, r, true))
	shown := o.account("2026-12-02").Public()
	if f, p := shown.Findings[0], shown.Promises[0]; f.Finding != nil || f.Responses[0].Words == "" || p.What == "" || p.Events[0].Reason != "" {
		t.Errorf("shown: %+v %+v", f, p)
	}
	o.must(o.store.Show(t.Context(), o.ClinicID, o.Reviewers[0].ID, r, false))
	if p := o.account("2026-12-02").Public().Promises[0]; p.What != "" {
		t.Error("an answer that was taken off is still shown")
	}
	o.want("an answer of elsewhere", o.store.Show(t.Context(), o.ClinicID, o.Reviewers[0].ID, uuid.NewString(), true), promise.ErrGone)
}

// Acts can be dated into the past, in their order.
func TestOldRecordsAreBroughtIn(t *testing.T) {
	o := newOffice(t)
	then := o.store.On(day("2024-01-08"))
	h, err := then.HandOverPast(t.Context(), o.ClinicID, o.Reviewers[0].ID, []string{"voice"}, true, false)
	o.must(err)
	_, err = o.store.On(day("2024-01-20")).Answer(t.Context(), o.ClinicID, h, anAnswer("2024-03-01"))
	o.must(err)
	p := o.only("2024-02-01")
	o.must(o.store.On(day("2024-02-20")).Claim(t.Context(), o.ClinicID, p.ID, "done"))
	for who := range 2 {
		at := day("2024-03-05")
		w := promise.Word{Verdict: promise.Kept, Day: at, Signature: p.Sign(o.Reviewers[who].Key, 0, promise.Kept, at)}
		_, err := o.store.On(at).Judge(t.Context(), o.ClinicID, o.member[who], p.ID, w)
		o.must(err)
	}
	year := promise.Period{First: day("2024-01-01"), Last: day("2024-12-31")}
	a, err := o.store.Account(t.Context(), o.ClinicID, year, day("2024-12-31"))
	o.must(err)
	if a.Counts != (promise.Promises{Made: 1, Due: 1, Kept: 1}) || a.Silences.LateTaken != 1 || a.Silences.OnTime != 1 || a.Silences.LateJudged != 1 {
		t.Errorf("the year: %+v %+v", a.Counts, a.Silences)
	}
}

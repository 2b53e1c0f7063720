package promise_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// office is a clinic with a panel of three, and its answers and promises. Its Monday is 2026-11-23.
type office struct {
	*keyringtest.Place
	t      *testing.T
	store  *promise.Store
	review *review.Store
	in     *intake.Store
	at     time.Time
	member []*account.Reviewer
	token  map[string]seal.Token // that takes the message of a finding back
	anchor map[string]seal.Commitment
	leaf   map[string][]byte
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, at: day("2026-11-23").Add(12 * time.Hour), token: map[string]seal.Token{}, anchor: map[string]seal.Commitment{}, leaf: map[string][]byte{}}
	now := func() time.Time { return o.at }
	o.Place = keyringtest.New(t, pgtest.New(t), now)
	o.Deal(t, o.at)
	o.store, o.review = &promise.Store{DB: o.DB, Now: now}, &review.Store{DB: o.DB, Now: now}
	o.in = &intake.Store{DB: o.DB, Origin: keyringtest.Origin, Tickets: o.Tickets, Keys: o.Keys, Now: now, OnGone: o.review.Forget}
	o.Keys.OnShred = o.in.Shred
	for _, r := range o.Reviewers {
		row, err := o.Keys.Accounts.Reviewer(t.Context(), o.DB, r.ID)
		o.must(err)
		o.member = append(o.member, row)
	}
	return o
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) want(what string, got, want error) {
	o.t.Helper()
	if !errors.Is(got, want) {
		o.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (o *office) on(text string) { o.at = day(text).Add(12 * time.Hour) }

// finding makes one that stands, as the row that the panel's acts leave: they are tested where they are.
func (o *office) finding(form string) string {
	o.t.Helper()
	var epoch struct{ ID, Recipient string }
	o.must(o.DB.NewRaw(`SELECT id, recipient FROM epoch LIMIT 1`).Scan(o.t.Context(), &epoch))
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, epoch.Recipient)
	o.must(err)
	r := intake.Request{Epoch: epoch.ID, File: file}
	var token seal.Token
	rand.Read(r.Anchor[:])
	rand.Read(token[:])
	r.Withdraw = token.Commitment()
	got, err := o.in.Submit(o.t.Context(), o.ClinicID, r)
	o.must(err)
	_, err = o.in.Batch(o.t.Context())
	o.must(err)
	decision := sha256.Sum256(got.LeafHash[:])
	f := &review.Finding{
		ID: uuid.NewString(), LeafHash: got.LeafHash[:], Form: form, Words: "They locked the door.", Themes: []string{"force"}, Sharing: decision[:],
		AuthorID: o.Reviewers[0].ID, FoundOn: o.at.Truncate(24 * time.Hour),
	}
	f.Signature = f.Sign(o.Reviewers[0].Key, o.ClinicID)
	_, err = o.DB.NewInsert().Model(f).Exec(o.t.Context())
	o.must(err)
	o.token[f.ID], o.anchor[f.ID], o.leaf[f.ID] = token, r.Anchor, got.LeafHash[:]
	return f.ID
}

func (o *office) handOver(findingID string) string {
	o.t.Helper()
	id, err := o.store.HandOver(o.t.Context(), o.ClinicID, o.Reviewers[0].ID, findingID)
	o.must(err)
	return id
}

func anAnswer(due string) promise.Answer {
	return promise.Answer{
		Role: "practice manager", Power: "I set the hours of the ward.", Words: "We locked it, and that was wrong.",
		Promises: []promise.Draft{{What: "The door stays open from 7 to 22.", Who: "ward manager", Due: day(due), How: "Anybody can try the door."}},
	}
}

func (o *office) answer(handover string, a promise.Answer) string {
	o.t.Helper()
	id, err := o.store.Answer(o.t.Context(), o.ClinicID, handover, a)
	o.must(err)
	return id
}

func (o *office) account(on string) *promise.Account {
	o.t.Helper()
	a, err := o.store.Account(o.t.Context(), o.ClinicID, promise.Period{}, day(on))
	o.must(err)
	return a
}

// only is the one promise there is, as it stands on a day.
func (o *office) only(on string) *promise.Standing {
	o.t.Helper()
	a := o.account(on)
	if len(a.Promises) != 1 {
		o.t.Fatalf("%d promises on %s", len(a.Promises), on)
	}
	return a.Promises[0]
}

func (o *office) judge(who int, p *promise.Standing, verdict string) (bool, error) {
	today := o.at.Truncate(24 * time.Hour)
	w := promise.Word{Round: p.Rounds, Verdict: verdict, Day: today, Signature: p.Sign(o.Reviewers[who].Key, p.Rounds, verdict, today)}
	return o.store.Judge(o.t.Context(), o.ClinicID, o.member[who], p.ID, w)
}

func (o *office) bothJudge(p *promise.Standing, verdict string) {
	o.t.Helper()
	for who := range 2 {
		decided, err := o.judge(who, p, verdict)
		if err != nil || decided != (who == 1) {
			o.t.Fatalf("member %d judges: decided %v, %v", who, decided, err)
		}
	}
}

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

// unlist logs a next list that does not name a member, as the row that signing leaves: that is tested where it is.
func (o *office) unlist(who int) {
	o.t.Helper()
	stored, m, err := o.Keys.Current(o.t.Context(), o.DB, o.ClinicID)
	o.must(err)
	m.Reviewers = slices.DeleteFunc(m.Reviewers, func(one keyring.Member) bool { return one.ID == o.Reviewers[who].ID })
	m.Version, m.Previous = m.Version+1, (*[32]byte)(stored.LeafHash)
	stored.Version, stored.Lines = m.Version, m.Lines()
	next := sha256.Sum256([]byte(stored.Lines))
	stored.LeafHash = next[:]
	_, err = o.DB.NewInsert().Model(stored).Exec(o.t.Context())
	o.must(err)
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
		handover.late_decided handover.late_taken handover.public handover.taken_back_on handover.themes
		judgement.after_n judgement.counted judgement.judged_on judgement.promise_id judgement.reviewer_id judgement.round judgement.signature judgement.verdict
		promise.clinic_id promise.due_on promise.how promise.id promise.made_on promise.response_id promise.what promise.who
		promise_event.due_on promise_event.happened_on promise_event.kind promise_event.n promise_event.promise_id promise_event.reason promise_event.round promise_event.verdict
		promise_repeat.handover_id promise_repeat.linked_by promise_repeat.linked_on promise_repeat.promise_id
		response.clinic_id response.handover_id response.id response.power response.responded_on response.role response.shown_by response.shown_on response.words`)
	if err != nil || !slices.Equal(columns, want) {
		t.Errorf("%v, the columns are %q; ask of each new one whether it counts writers", err, columns)
	}
}

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
		case f.TakenBack && len(f.Themes) == 0 && f.Responses[0].Words == "":
			back++
		case !f.TakenBack && slices.Equal(f.Themes, []string{"force"}) && f.Responses[0].Words != "":
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

func TestAnAnswerSaysAllThatItHasTo(t *testing.T) {
	o := newOffice(t)
	h := o.handOver(o.finding("theme"))
	a := promise.Answer{Words: strings.Repeat("x", promise.MaxWords+1), Role: "r\x00", Promises: []promise.Draft{{}, {What: "something", Due: day("2026-11-23")}, {What: "w", Who: "w", How: "h", Due: day("2029-01-01")}}}
	_, err := o.store.Answer(t.Context(), o.ClinicID, h, a)
	var faults promise.Faults
	want := promise.Faults{{"role", "text"}, {"power", "empty"}, {"words", "long"}, {"who2", "empty"}, {"due2", "early"}, {"how2", "empty"}, {"due3", "far"}}
	if !errors.As(err, &faults) || !slices.Equal(faults, want) {
		t.Errorf("got %v, want %v", faults, want)
	}
	first := o.answer(h, anAnswer("2026-12-01"))
	if again := o.answer(h, anAnswer("2026-12-01")); again != first || len(o.account("2026-11-23").Promises) != 1 {
		t.Error("an answer that was sent twice is there twice")
	}
	more, role := anAnswer("2026-12-01"), anAnswer("2026-12-01")
	more.Promises = append(more.Promises, promise.Draft{What: "A second lock goes too.", Who: "ward manager", Due: day("2026-12-02"), How: "Look at the door."})
	role.Role = "director"
	if second := o.answer(h, more); second == first || o.answer(h, more) != second || o.answer(h, role) == first {
		t.Error("the same words with another promise or by another role were taken for the same answer")
	}
	if n := len(o.account("2026-11-23").Promises); n != 4 {
		t.Errorf("%d promises are kept of the 4 that were made", n)
	}
	more.Words = "A fourth answer today."
	_, err = o.store.Answer(t.Context(), o.ClinicID, h, more)
	if !errors.As(err, &faults) || !slices.Equal(faults, promise.Faults{{"words", "often"}}) {
		t.Errorf("a fourth answer on one day: %v", err)
	}
	if o.answer(h, anAnswer("2026-12-01")) != first {
		t.Error("an answer that was kept is not found again once there is no room")
	}
	for n := 3; n < promise.MaxAnswers; n++ {
		_, err = o.store.On(day("2026-11-23").AddDate(0, 0, n/promise.MaxAnswersADay)).Answer(t.Context(), o.ClinicID, h, promise.Answer{Role: "r", Power: "p", Words: strings.Repeat("x", n)})
		o.must(err)
	}
	_, err = o.store.On(day("2027-11-23")).Answer(t.Context(), o.ClinicID, h, promise.Answer{Role: "r", Power: "p", Words: "One too many."})
	if !errors.As(err, &faults) || !slices.Equal(faults, promise.Faults{{"words", "full"}}) {
		t.Errorf("an answer without end: %v", err)
	}
	_, err = o.store.Answer(t.Context(), o.ClinicID, "x", anAnswer("2026-12-01"))
	o.want("to nothing", err, promise.ErrGone)
	_, err = o.store.HandOver(t.Context(), o.ClinicID, o.Reviewers[0].ID, uuid.NewString())
	o.want("handing nothing over", err, promise.ErrGone)
	p := o.account("2026-11-23").Promises[0]
	_, err = o.store.Extend(t.Context(), o.ClinicID, p.ID, day("2026-11-30"), " ")
	if !errors.As(err, &faults) || !slices.Equal(faults, promise.Faults{{"reason", "empty"}, {"due", "early"}}) && !slices.Equal(faults, promise.Faults{{"reason", "empty"}}) {
		t.Errorf("moving a date to an earlier one without a reason: %v", err)
	}
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

func TestPromptsFitTheThemes(t *testing.T) {
	for _, themes := range [][]string{nil, {"force"}, {"force", "bias", "money", "access"}, {"nothing_known"}, {"ending", "treatment"}} {
		got := promise.PromptsFor(themes)
		if len(got) != 3 || got[0] == got[1] || got[1] == got[2] || got[0] == got[2] || slices.Min(got) < 1 || slices.Max(got) > promise.Prompts {
			t.Errorf("%v: %v", themes, got)
		}
	}
	if got := promise.PromptsFor([]string{"force"}); !slices.Equal(got, []int{7, 8, 5}) {
		t.Errorf("force: %v", got)
	}
}

package export_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// house is a clinic with a panel of three, two of whom must sign, figures of one quarter released, and a clock.
type house struct {
	*keyringtest.Place
	t       *testing.T
	clinic  *clinic.Clinic
	figures *figures.Store
	exports *export.Store
	at      time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, at: day(t, "2026-11-20")}
	now := func() time.Time { return h.at }
	h.Place = keyringtest.New(t, pgtest.New(t), now)
	h.clinic = &clinic.Clinic{ID: h.ClinicID, Slug: "riverside", Name: "Riverside", Services: []clinic.Service{{Code: "ward", Label: "The ward"}}}
	_, err := h.DB.NewRaw(`INSERT INTO service (clinic_id, code, label, position) VALUES (?, 'ward', 'The ward', 0)`, h.ClinicID).Exec(t.Context())
	h.must(err)
	h.figures = &figures.Store{DB: h.DB, Keys: h.Keys, Now: now}
	h.exports = &export.Store{DB: h.DB, Origin: "words.example.org/answerable", Keys: h.Keys, Figures: h.figures, Now: now}
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// release counts a quarter and lets two sign it.
func (h *house) release(first string) {
	h.t.Helper()
	h.must(postgres.InClinic(h.t.Context(), h.DB, h.ClinicID, func(ctx context.Context, tx bun.Tx) error {
		themes := []string{"voice", "respect", "access", "force", "money", "place"}
		for i := range 200 {
			c := figures.Coded{Day: day(h.t, first).AddDate(0, i%3, 3), Service: "ward", Themes: []string{themes[i%6], themes[(i+i/6)%6]}, Seriousness: i % 4}
			if _, err := figures.CountCoded(ctx, tx, h.ClinicID, c); err != nil {
				return err
			}
		}
		return nil
	}))
	draft, err := h.figures.Draft(h.t.Context(), h.ClinicID, day(h.t, first), h.Reviewers[0].ID)
	h.must(err)
	for _, r := range h.Reviewers[:2] {
		_, err := h.figures.Sign(h.t.Context(), h.ClinicID, draft.ID, keyring.Signature{ReviewerID: r.ID, Signature: figures.SignRelease(r.Key, draft.Lines)})
		h.must(err)
	}
}

// propose asks as a server does, behind the clinic's walls.
func (h *house) propose(asked export.Asked) (e *export.Export, err error) {
	h.t.Helper()
	err = postgres.InClinic(h.t.Context(), h.DB, h.ClinicID, func(ctx context.Context, _ bun.Tx) error {
		e, err = h.exports.Propose(ctx, h.clinic, asked, h.Reviewers[0].ID)
		return err
	})
	return e, err
}

func (h *house) sign(e *export.Export, n int) (*export.Export, error) {
	r := h.Reviewers[n]
	return h.exports.Sign(h.t.Context(), h.ClinicID, e.ID, export.Sign(r.Key, r.ID, e.Lines, []byte(e.Manifest)))
}

func (h *house) verified(e *export.Export, draft bool) *export.Verified {
	h.t.Helper()
	var b bytes.Buffer
	h.must(h.exports.WriteZip(h.t.Context(), &b, h.ClinicID, e.ID))
	v, err := export.Verify(bytes.NewReader(b.Bytes()), int64(b.Len()), export.Options{Draft: draft})
	h.must(err)
	return v
}

// With the last signature a bundle is in the ledger, in the log and for everybody, all at once.
func TestABundleIsSignedByThePanelAndLogged(t *testing.T) {
	h := newHouse(t)
	h.release("2026-04-01")
	h.release("2026-07-01")
	e, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
	h.must(err)
	if v := h.verified(e, true); !v.Holds || v.Tables != 8 {
		t.Errorf("as a draft: %s", says(v))
	}
	if v := h.verified(e, false); v.Holds {
		t.Error("it holds though nobody has signed")
	}
	again, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
	if h.must(err); again.ID != e.ID {
		t.Error("asked twice, it was made twice")
	}
	if e, err = h.sign(e, 0); err != nil || e.State != export.StateDraft {
		t.Fatalf("after one of two: %v, %v", e, err)
	}
	if list, err := h.exports.Signed(t.Context(), h.ClinicID); err != nil || len(list) != 0 {
		t.Errorf("it is given out after one signature: %v, %v", list, err)
	}
	bad := export.Sign(h.Reviewers[0].Key, h.Reviewers[1].ID, e.Lines, []byte(e.Manifest))
	if _, err := h.exports.Sign(t.Context(), h.ClinicID, e.ID, bad); !errors.Is(err, export.ErrSignature) {
		t.Errorf("another's signature: %v", err)
	}
	e, err = h.sign(e, 1)
	h.must(err)
	var leaf []byte
	h.must(h.DB.NewRaw(`SELECT leaf FROM log_leaf ORDER BY index DESC LIMIT 1`).Scan(t.Context(), &leaf))
	if e.State != export.StateSigned || transparency.Leaf(leaf).Kind() != transparency.KindExport || !strings.HasPrefix(string(leaf), e.Lines) {
		t.Errorf("%s, and the last leaf is %q", e.State, leaf)
	}
	if v := h.verified(e, false); !v.Holds || len(v.Signers) != 2 || len(v.Releases) != 2 {
		t.Errorf("signed: %s", says(v))
	}
	if _, err := h.sign(e, 2); !errors.Is(err, export.ErrStale) {
		t.Errorf("a third signature: %v", err)
	}
	watching := h.publishCosigned()
	if v := h.verified(e, false); !v.Holds || !v.Logged || !slices.Equal(v.Cosigned, []string{watching}) {
		t.Errorf("in a log that a witness cosigned: by %v, %s", v.Cosigned, says(v))
	}
	kept := func() (n int) {
		t.Helper()
		h.must(h.DB.NewRaw(`SELECT count(*) FROM export WHERE placed IS NOT NULL`).Scan(t.Context(), &n))
		return n
	}
	if kept() != 0 {
		t.Error("whoever takes it first fixes for everybody that the other witness is missing")
	}
	h.at = h.at.AddDate(0, 0, 1) // the other one had a day
	if v := h.verified(e, false); !v.Holds || !slices.Equal(v.Cosigned, []string{watching}) || kept() != 1 {
		t.Errorf("a day later: by %v, %s", v.Cosigned, says(v))
	}
	h.exports.Witnesses = nil // what was placed stays as it is, whoever is asked later
	if v := h.verified(e, false); !v.Holds || !slices.Equal(v.Cosigned, []string{watching}) {
		t.Errorf("taken again: by %v, %s", v.Cosigned, says(v))
	}
	for _, change := range []string{`DELETE FROM export`, `TRUNCATE export CASCADE`, `UPDATE export SET manifest = 'x'`, `UPDATE export SET state = 'dropped'`} {
		if _, err := h.DB.ExecContext(t.Context(), change); err == nil {
			t.Errorf("%s was let through", change)
		}
	}
}

// publishCosigned puts all leaves into a log, of which two witnesses are asked and one has cosigned what is published. It gives that one's
// key.
func (h *house) publishCosigned() (key string) {
	h.t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, h.exports.Origin)
	h.must(err)
	l := &transparency.Log{DB: h.DB, VKey: vkey, Memory: &transparency.Memory{}, Witnessed: func(string) bool { return true }}
	l.Signer, err = note.NewSigner(skey)
	h.must(err)
	l.Verifier, err = note.NewVerifier(vkey)
	h.must(err)
	h.must(l.SignNow(h.t.Context()))
	head, err := l.Head(h.t.Context())
	h.must(err)
	cosigner, key := newWatcher(h.t, "hillside.example/witness")
	text, _, _ := strings.Cut(head.Note, "\n\n")
	cosigned, err := note.Sign(&note.Note{Text: text + "\n"}, cosigner)
	h.must(err)
	if done, err := l.Publish(h.t.Context(), head.Note+string(cosigned[len(text)+2:])); err != nil || !done {
		h.t.Fatal(done, err)
	}
	h.exports.Log, h.exports.Witnesses = l, []string{key, absentKey(h.t)}
	return key
}

// Whatever is asked for, only whole periods are given, and the refusal says what can be had.
func TestDaysThatAreNoPeriodAreRefusedWithAWayForward(t *testing.T) {
	h := newHouse(t)
	h.release("2026-07-01")
	for name, c := range map[string]struct {
		asked export.Asked
		want  string
	}{
		"a part":              {export.Asked{First: day(t, "2026-08-01")}, "smaller group of reports. Ask for a whole one: 2026-07-01 to 2026-09-30"},
		"another end":         {export.Asked{First: day(t, "2026-07-01"), Last: day(t, "2026-08-31")}, "smaller group"},
		"across two":          {export.Asked{First: day(t, "2026-05-01"), Last: day(t, "2026-07-31")}, "smaller group"},
		"not over":            {export.Asked{First: day(t, "2026-10-01")}, "not over yet"},
		"a day that goes on":  {export.Asked{First: day(t, "2026-07-01"), AsOf: day(t, "2026-11-20")}, "any day that is over, 2026-11-19 at the latest"},
		"a day in the period": {export.Asked{First: day(t, "2026-07-01"), AsOf: day(t, "2026-09-30")}, "any day from 2026-10-01"},
	} {
		if _, err := h.propose(c.asked); !errors.Is(err, export.ErrPeriod) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where nothing was ever counted there is a bundle of words, and figures that come later get one of their own.
func TestAClinicBelowEveryThresholdHasABundleOfWords(t *testing.T) {
	h := newHouse(t)
	words, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
	h.must(err)
	if v := h.verified(words, true); !v.Holds || v.Tables != 0 || words.PlanVersion != nil {
		t.Errorf("%s", says(v))
	}
	h.release("2026-07-01")
	e, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
	if h.must(err); e.ID == words.ID || e.ReleaseID == nil {
		t.Error("figures were released, and the bundle is still one of words")
	}
}

// A browser that hangs holds up nobody: it is asked before the clinic is held. One that fails leaves its PDF out, and the manifest
// says so.
func TestABrowserHoldsUpNothing(t *testing.T) {
	h := newHouse(t)
	asked := export.Asked{First: day(t, "2026-07-01")}
	h.exports.Print = func(context.Context, []byte) ([]byte, error) {
		_, err := h.DB.ExecContext(t.Context(), `SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE NOWAIT`, h.ClinicID)
		h.must(err)
		return nil, errors.New("it does not start")
	}
	e, err := h.propose(asked)
	h.must(err)
	if v := h.verified(e, true); !v.Holds || v.PDF || !strings.Contains(e.Manifest, "\n# pdf left out: no browser printed it\n") {
		t.Errorf("with a browser that fails: %s", says(v))
	}
	h.must(h.exports.Drop(t.Context(), h.ClinicID, e.ID, h.Reviewers[0].ID))
	h.exports.Print = func(context.Context, []byte) ([]byte, error) { return []byte("%PDF-1.4"), nil }
	e, err = h.propose(asked)
	h.must(err)
	if v := h.verified(e, true); !v.Holds || !v.PDF {
		t.Errorf("with one that prints: %s", says(v))
	}
	h.exports.Print = func(context.Context, []byte) ([]byte, error) { return nil, errors.New("it is asked again") }
	if again, err := h.propose(asked); err != nil || again.ID != e.ID {
		t.Errorf("asked twice: %v", err)
	}
}

// Nobody can sign what another release of this program proposed, since no client makes that again: it gives way to a new one.
func TestADraftOfAnotherReleaseGivesWay(t *testing.T) {
	h := newHouse(t)
	asked := export.Asked{First: day(t, "2026-07-01")}
	e, err := h.propose(asked)
	h.must(err)
	id := uuid.NewString()
	_, err = h.DB.NewRaw(`UPDATE export SET state = 'dropped' WHERE id = ?`, e.ID).Exec(t.Context())
	h.must(err)
	old := *e
	old.ID, old.Manifest = id, strings.Replace(e.Manifest, "\n# generator ", "\n# generator 9", 1)
	_, err = h.DB.NewInsert().Model(&old).Exec(t.Context())
	h.must(err)
	if _, err := h.sign(&old, 0); !errors.Is(err, export.ErrStale) {
		t.Errorf("signed: %v", err)
	}
	list, err := h.exports.Ledger(t.Context(), h.ClinicID)
	if h.must(err); len(list) != 2 || list[0].State != export.StateDropped || list[1].State != export.StateDropped {
		t.Errorf("the ledger does not say that it is dropped")
	}
	now, err := h.propose(asked)
	if h.must(err); now.ID == id {
		t.Error("it is proposed once more")
	}
}

// What a bundle costs does not depend on how many messages there are: nothing of it reads a table of them.
func TestABundleReadsNoMessages(t *testing.T) {
	for _, name := range []string{"store.go", "propose.go", "periods.go", "proven.go"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"submission", "coded", "pending", "review_file", "reply", "finding"} {
			if strings.Contains(string(source), table) {
				t.Errorf("%s names %s", name, table)
			}
		}
	}
	h := newHouse(t)
	for _, table := range []string{"submission", "pending", "review_file", "coded", "figure_count", "finding", "reply"} {
		_, err := h.DB.ExecContext(t.Context(), `REVOKE ALL ON ? FROM answerable_clinic`, bun.Ident(table))
		h.must(err)
	}
	_, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
	h.must(err)
}

func TestManyWhoAskAtOnceGetOneBundle(t *testing.T) {
	h := newHouse(t)
	h.release("2026-07-01")
	ids := make([]string, 4)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			e, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = e.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("%v", ids)
		}
	}
}

// A bundle says what everybody may read of answers and promises as of its day, and that there is more where there is.
func TestABundleHoldsAnswersAndPromisesAsOfItsDay(t *testing.T) {
	h := newHouse(t)
	h.exports.Promises = &promise.Store{DB: h.DB, Now: h.figures.Now}
	reviewer := h.Reviewers[0].ID
	for i, shown := range []any{"2026-08-20", nil} {
		ids := []any{uuid.NewString(), uuid.NewString(), uuid.NewString()}
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`INSERT INTO handover (id, clinic_id, public, themes, handed_on, handed_by, answer_by, late_taken, late_decided) VALUES (?, ?, true, '{voice}', '2026-08-01', ?, '2026-08-29', false, false)`, []any{ids[0], h.ClinicID, reviewer}},
			{`INSERT INTO response (id, clinic_id, handover_id, role, power, words, responded_on, shown_on, shown_by) VALUES (?, ?, ?, 'manager', 'the rules', ?, '2026-08-15', ?, ?)`, []any{ids[1], h.ClinicID, ids[0], "=We heard you.\r\nTruly.", shown, reviewer}},
			{`INSERT INTO promise (id, clinic_id, response_id, what, who, how, made_on, due_on) VALUES (?, ?, ?, 'We ask first.', 'All', 'Ask us.', '2026-08-15', ?)`, []any{ids[2], h.ClinicID, ids[1], []string{"2026-10-01", "2027-01-01"}[i]}},
		} {
			if shown == nil {
				q.sql = strings.Replace(strings.Replace(q.sql, ", shown_on, shown_by)", ")", 1), "'2026-08-15', ?, ?)", "'2026-08-15')", 1)
				if strings.Contains(q.sql, "INTO response") {
					q.args = q.args[:4]
				}
			}
			_, err := h.DB.NewRaw(q.sql, q.args...).Exec(t.Context())
			h.must(err)
		}
	}
	e, err := h.propose(export.Asked{First: day(t, "2026-07-01")})
	h.must(err)
	v := h.verified(e, true)
	if !v.Holds {
		t.Fatal(says(v))
	}
	a := v.Facts.Accountability
	if v.AsOf != "2026-11-19" {
		t.Errorf("made on 2026-11-20, it stands as of %s", v.AsOf)
	}
	states, words := map[string]int{}, ""
	for _, p := range a.Promises {
		states[p.State]++
	}
	for _, r := range a.Responses {
		words += r.Text + "|"
	}
	if len(a.Promises) != 2 || states[export.StateOverdue] != 1 || states[export.StateOpen] != 1 || !strings.Contains(words, "=We heard you.\nTruly.|") || !strings.Contains(words, "has not let the words be read") {
		t.Errorf("%+v", a)
	}
	h.saidInOtherTimes(reviewer)
	full, err := h.propose(export.Asked{First: day(t, "2026-07-01"), AsOf: day(t, "2026-11-01")})
	h.must(err)
	v = h.verified(full, true)
	if !v.Holds {
		t.Fatal(says(v))
	}
	a = v.Facts.Accountability
	back, made := 0, []string{}
	for _, r := range a.Responses {
		if strings.Contains(r.Text, "was taken back") && r.Theme == "" && r.Role == "" {
			back++
		}
	}
	for _, p := range a.Promises {
		if made = append(made, p.MadeOn); p.MadeOn == "2026-08-16" && (!strings.Contains(p.What, "was taken back") || p.Who != "" || p.How != "") {
			t.Errorf("of what was taken back stands %+v", p)
		}
	}
	slices.Sort(made)
	if len(a.Responses) != 3 || back != 1 || !slices.Equal(made, []string{"2026-05-15", "2026-08-15", "2026-08-15", "2026-08-16"}) {
		t.Errorf("%d answers, %d of them to what was taken back, promises made on %v", len(a.Responses), back, made)
	}
	early, err := h.propose(export.Asked{First: day(t, "2026-07-01"), AsOf: day(t, "2026-10-01")})
	h.must(err)
	for _, p := range h.verified(early, true).Facts.Accountability.Promises {
		if p.State != export.StateOpen {
			t.Errorf("as of the due day a promise is %s", p.State)
		}
	}
}

// saidInOtherTimes has the clinic answer 2001 times in May, to something that is for it alone, with a promise that is still open
// and one that was kept in June; and in August answer something that is taken back since.
func (h *house) saidInOtherTimes(reviewer string) {
	h.t.Helper()
	may, taken, open, kept, back := uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString()
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO handover (id, clinic_id, public, themes, handed_on, handed_by, answer_by, late_taken, late_decided) VALUES (?, ?, false, '{voice}', '2026-05-01', ?, '2026-05-29', false, false)`, []any{may, h.ClinicID, reviewer}},
		{`INSERT INTO response (id, clinic_id, handover_id, role, power, words, responded_on) SELECT gen_random_uuid(), ?, ?, 'manager', 'the rules', 'word ' || n, '2026-05-15' FROM generate_series(1, 2000) n`, []any{h.ClinicID, may}},
		{`INSERT INTO response (id, clinic_id, handover_id, role, power, words, responded_on) VALUES (?, ?, ?, 'manager', 'the rules', 'the last', '2026-05-15')`, []any{open, h.ClinicID, may}},
		{`INSERT INTO promise (id, clinic_id, response_id, what, who, how, made_on, due_on) VALUES (?, ?, ?, 'Open.', 'All', 'Ask.', '2026-05-15', '2027-01-01')`, []any{uuid.NewString(), h.ClinicID, open}},
		{`INSERT INTO promise (id, clinic_id, response_id, what, who, how, made_on, due_on) VALUES (?, ?, ?, 'Kept.', 'All', 'Ask.', '2026-05-15', '2026-06-01')`, []any{kept, h.ClinicID, open}},
		{`INSERT INTO promise_event (promise_id, n, kind, happened_on, round, verdict) VALUES (?, 1, 'judged', '2026-06-10', 1, 'kept')`, []any{kept}},
		{`INSERT INTO handover (id, clinic_id, public, themes, handed_on, handed_by, answer_by, late_taken, late_decided) VALUES (?, ?, true, '{force}', '2026-08-02', ?, '2026-08-30', false, false)`, []any{taken, h.ClinicID, reviewer}},
		{`INSERT INTO response (id, clinic_id, handover_id, role, power, words, responded_on, shown_on, shown_by) VALUES (?, ?, ?, 'manager', 'the rules', 'Gone.', '2026-08-16', '2026-08-17', ?)`, []any{back, h.ClinicID, taken, reviewer}},
		{`INSERT INTO promise (id, clinic_id, response_id, what, who, how, made_on, due_on) VALUES (?, ?, ?, 'Gone.', 'All', 'Ask.', '2026-08-16', '2027-01-01')`, []any{uuid.NewString(), h.ClinicID, back}},
		{`UPDATE handover SET taken_back_on = '2026-11-01' WHERE id = ?`, []any{taken}},
	} {
		_, err := h.DB.NewRaw(q.sql, q.args...).Exec(h.t.Context())
		h.must(err)
	}
}

package client

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/promise"
)

func TestTwoTerminalsJudgeAPromise(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 2)
	ctx := t.Context()
	then := (&promise.Store{DB: p.clinics.DB, Now: p.now}).On(p.now().AddDate(0, 0, -30))
	var handed [2]string
	for i := range handed {
		var err error
		handed[i], err = then.HandOverPast(ctx, p.clinicID, panel[0].ID, nil, false, false)
		must(t, err)
	}
	due := p.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3)
	_, err := then.Answer(ctx, p.clinicID, handed[0], promise.Answer{Role: "manager", Power: "The doors.", Words: "We locked it.", Promises: []promise.Draft{{What: "Open doors.", Who: "manager", How: "Try it.", Due: due}}})
	must(t, err)

	ledger, err := panel[0].Promises(ctx, testClinic)
	must(t, err)
	if len(ledger.Handovers) != 2 || len(ledger.Promises) != 1 || ledger.Promises[0].State != "overdue" || !ledger.Promises[0].ToJudge {
		t.Fatalf("listed: %+v", ledger)
	}
	must(t, panel[0].Repeat(ctx, testClinic, ledger.Promises[0].ID, handed[1]))
	for _, h := range ledger.Handovers {
		for _, a := range h.Responses {
			must(t, panel[0].ShowAnswer(ctx, testClinic, a.ID, true))
		}
	}
	changed := ledger.Promises[0]
	changed.What = "Fewer doors."
	if _, err := panel[0].Judge(ctx, testClinic, ledger.Day, &changed, promise.Kept); err == nil {
		t.Error("a word on another text was taken")
	}
	changed.What = "Open\x00doors."
	if _, err := panel[0].Judge(ctx, testClinic, ledger.Day, &changed, promise.Kept); !errors.Is(err, ErrPledge) {
		t.Errorf("a promise that does not read: %v", err)
	}
	for who, r := range panel {
		decided, err := r.Judge(ctx, testClinic, ledger.Day, &ledger.Promises[0], promise.NotKept)
		if err != nil || decided != (who == 1) {
			t.Fatalf("member %d: decided %v, %v", who, decided, err)
		}
	}
	after, err := panel[1].Promises(ctx, testClinic)
	must(t, err)
	if one := after.Promises[0]; one.State != promise.NotKept || one.Round != 1 || len(one.Repeats) != 1 {
		t.Errorf("judged: %+v", one)
	}
	if d := after.Promises[0].Doubts; len(d) != 0 {
		t.Errorf("what two members signed does not hold: %q", d)
	}
	const few, other, hidden = "and it takes 2", "and the public log says not_kept", "the public log says that members judged it not_kept, and that is not shown"
	for _, broken := range []struct {
		sql  string
		want []string
	}{
		{`UPDATE judgement SET signature = decode(repeat('00', 64), 'hex') WHERE reviewer_id = ?`, []string{few}},
		{`UPDATE judgement SET counted = false WHERE reviewer_id = ?`, []string{few}},
		{`UPDATE promise_event SET verdict = 'kept' WHERE kind = 'judged' AND ? <> ''`, []string{other, few}},
		{`DELETE FROM promise_event WHERE kind = 'judged' AND ? <> ''`, []string{hidden}},
		{`UPDATE promise SET what = 'Fewer doors.' WHERE ? <> ''`, []string{hidden}},
	} {
		_, err := p.clinics.DB.NewRaw(broken.sql, panel[0].ID).Exec(ctx)
		must(t, err)
		doubtful, err := panel[1].Promises(ctx, testClinic)
		must(t, err)
		d := doubtful.Promises[0].Doubts
		if !slices.EqualFunc(d, broken.want, strings.Contains) {
			t.Errorf("after %s: %q", broken.sql, d)
		}
	}
	if err := panel[0].TakeBack(ctx, testClinic, handed[0]); err == nil {
		t.Error("something was handed over that is no finding")
	}
}

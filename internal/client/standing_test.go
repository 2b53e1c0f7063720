package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// past keeps what a server answers now at paths that end so, for a server that lies by giving it again later.
func (p *place) past(by *Reviewer, suffixes ...string) map[string]string {
	p.t.Helper()
	answers := map[string]string{}
	for _, suffix := range suffixes {
		path := clinicPath(publicAPI, testClinic) + suffix
		if strings.HasPrefix(suffix, "/panel/") {
			path = clinicPath(panelAPI, testClinic) + strings.TrimPrefix(suffix, "/panel")
		}
		content, status, err := by.fetch(p.t.Context(), path)
		if err != nil || status != http.StatusOK {
			p.t.Fatalf("%s: %d, %v", path, status, err)
		}
		answers[path] = string(content)
	}
	return answers
}

// replays lets the server answer what it answered before.
func (p *place) replays(answers map[string]string) {
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, answer)
	})
}

// acts are all things that a reviewer makes or signs; none may be done for a server that leaves something out.
func (p *place) acts(r *Reviewer, colleague string) map[string]func() error {
	ctx := p.t.Context()
	return map[string]func() error{
		"deal": func() error { _, _, err := r.Deal(ctx, testClinic, p.term()); return err },
		"ack":  func() error { _, err := r.Ack(ctx, testClinic); return err },
		"give": func() error { _, err := r.Give(ctx, testClinic, colleague, func(int, int) {}); return err },
		"decide": func() error {
			_, err := r.Decide(ctx, testClinic, keyring.Resolution{Kind: keyring.KindSupport}, "")
			return err
		},
		"look at requests": func() error { _, err := r.Requests(ctx, testClinic); return err },
		"sign a list": func() error {
			shown, err := r.PanelAndDraft(ctx, testClinic)
			must(p.t, err)
			if shown.Draft == nil {
				shown.Draft = shown.Current
			}
			_, err = r.SignManifest(ctx, testClinic, shown)
			return err
		},
	}
}

// A server that works with one member would like keys that one opens, where the panel decided on two. It gives again what it
// gave before the panel decided.
func TestKeysOfBeforeADecisionAreNeitherMadeNorSigned(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	_, _, err := panel[0].Deal(ctx, testClinic, p.term())
	must(t, err)
	offered := p.past(panel[1], "/panel/epochs", "/panel/plan")
	decided := p.past(panel[1], "/panel/decisions")
	p.decideToOpenBy(panel, 2)

	p.replays(offered)
	if _, err := panel[1].Ack(ctx, testClinic); !errors.Is(err, ErrPanel) || !errors.Is(err, keyring.ErrNumber) {
		t.Errorf("a key that one opens is acknowledged: %v", err)
	}
	if _, _, err := panel[1].Deal(ctx, testClinic, p.term()); !errors.Is(err, ErrPanel) || !strings.Contains(err.Error(), "decided on 2") {
		t.Errorf("a key that one opens is made: %v", err)
	}
	for path, answer := range decided {
		offered[path] = answer
	}
	p.replays(offered)
	for name, act := range p.acts(panel[1], panel[2].ID) {
		if err := act(); !errors.Is(err, ErrWithheld) || !strings.Contains(err.Error(), "what the panel decided last about its keys") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	p.setMeddler(nil)
	must(t, p.acts(panel[1], panel[2].ID)["deal"]())
	if acked, err := panel[2].Ack(ctx, testClinic); err != nil || len(acked) != 1 || acked[0].K != 2 {
		t.Errorf("acknowledged %+v, %v", acked, err)
	}
}

// A decision that is not in the log yet rules nothing: nobody else has been shown it. An honest server has it there in a second.
func TestDecisionsRuleOnceTheyAreInTheLog(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	checkpoint, _, err := panel[0].fetch(ctx, "/log/checkpoint")
	must(t, err)
	p.decideToOpenBy(panel, 2)
	asked := 0
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/log/checkpoint" || asked > 2 {
			next.ServeHTTP(w, r)
			return
		}
		asked++
		w.Write(checkpoint)
	})
	if k, _, err := panel[0].Decided(ctx, testClinic); err != nil || k == nil || k.K != 2 || asked != 3 {
		t.Errorf("decided %+v, %v, after %d checkpoints", k, err, asked)
	}
	asked = -1000
	if _, _, err := panel[2].Deal(ctx, testClinic, p.term()); !errors.Is(err, ErrNotLogged) {
		t.Errorf("it never comes: %v", err)
	}
}

// A log from before the panel's first list says nothing of what the panel decided, and nobody takes that for no decision.
func TestALogWithoutTheListInForceDecidesNothing(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	before, _, err := p.client().fetch(ctx, "/log/checkpoint")
	must(t, err)
	panel := p.newPanel(3, 2)
	p.decideToOpenBy(panel, 2)
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/log/checkpoint" {
			next.ServeHTTP(w, r)
			return
		}
		w.Write(before)
	})
	member, err := p.client().Reviewer(panel[0].identity) // who reads the log for the first time
	must(t, err)
	must(t, member.SignIn(ctx))
	if k, _, err := member.Decided(ctx, testClinic); !errors.Is(err, ErrNotLogged) {
		t.Errorf("decided %+v, %v", k, err)
	}
	if _, _, err := member.Deal(ctx, testClinic, p.term()); !errors.Is(err, ErrNotLogged) {
		t.Errorf("a key is dealt by no decision: %v", err)
	}
}

func TestListsAndRevocationsThatAreHeldBackStopEverything(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	first := p.newEpoch(panel)
	lists := p.past(panel[0], "/panel", "/chain", "/panel/decisions")
	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 0))
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	p.replays(lists)
	pulled, err := panel[1].Pull(ctx, testClinic, t.TempDir(), func(int, int) {})
	if err != nil || !strings.Contains(pulled.Withheld, "list 2 of the panel's members") {
		t.Errorf("what is told is fetched all the same, with a warning: %+v, %v", pulled, err)
	}
	for name, act := range p.acts(panel[1], panel[2].ID) {
		if err := act(); !errors.Is(err, ErrWithheld) || !strings.Contains(err.Error(), "list 2 of the panel's members") {
			t.Errorf("a list is held back: %s: got %v", name, err)
		}
	}
	if _, err := p.client().WatchedPanel(ctx, testClinic); !errors.Is(err, ErrWithheld) {
		t.Errorf("anybody who looks: %v", err)
	}
	p.setMeddler(nil)

	p.later(24 * time.Hour)
	for _, r := range append(panel[:2:2], newcomer) {
		must(t, r.SignIn(ctx))
	}
	_, _, err = panel[0].Deal(ctx, testClinic, p.term())
	must(t, err)
	for _, r := range []*Reviewer{panel[1], newcomer} {
		_, err := r.Ack(ctx, testClinic)
		must(t, err)
	}
	before := p.past(panel[0], "/chain", "/epoch", "/panel/decisions", "/panel/epochs")
	second := p.client()
	e, err := second.ProvenEpoch(ctx, testClinic)
	must(t, err)
	d, err := panel[0].Decide(ctx, testClinic, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{e.ID}}, "")
	must(t, err)
	_, err = panel[1].SignDecision(ctx, testClinic, d)
	must(t, err)
	p.replays(before)
	for name, act := range p.acts(panel[1], panel[2].ID) {
		if err := act(); !errors.Is(err, ErrWithheld) || !strings.Contains(err.Error(), "that the panel called a key back") {
			t.Errorf("a revocation is held back: %s: got %v", name, err)
		}
	}
	if _, err := second.ProvenEpoch(ctx, testClinic); !errors.Is(err, ErrUnproven) || !strings.Contains(err.Error(), "called a key back") {
		t.Errorf("and a writer would seal to it: %v", err)
	}
	if e.ID == first {
		t.Error("the second epoch is not in use")
	}
}

// A key whose days are over is taken only while the log has none that follows.
func TestKeyPastItsDaysIsNotSealedToOnceAnotherFollows(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	first := p.newEpoch(panel)
	p.later(35 * 24 * time.Hour)
	if e, err := p.client().ProvenEpoch(ctx, testClinic); err != nil || e.ID != first {
		t.Fatalf("five days late, with nothing after it: %v, %v", e, err)
	}
	for _, r := range panel {
		must(t, r.SignIn(ctx))
	}
	late := p.past(panel[0], "/chain", "/epoch")
	p.newEpoch(panel)
	p.later(3 * 24 * time.Hour)
	p.replays(late)
	c := p.client()
	receipt, err := c.NewReceipt()
	must(t, err)
	if _, err := c.Submit(ctx, testClinic, receipt, "en", []seal.Answer{{Q: "words", A: "x"}}); !errors.Is(err, ErrUnproven) || !strings.Contains(err.Error(), "not for today") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutTheLogNothingIsMadeOrSigned(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.newEpoch(panel)
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.URL.Path, "/log/") {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
	for name, act := range p.acts(panel[1], panel[2].ID) {
		if err := act(); !errors.Is(err, ErrUnread) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := p.client().ProvenEpoch(ctx, testClinic); !errors.Is(err, ErrUnproven) || !errors.Is(err, ErrUnread) {
		t.Errorf("a writer: %v", err)
	}
}

// Kept in a file, the log that a reviewer has seen once is the one they go on with.
func TestLogFileFindsAnotherHistory(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	r := panel[0]
	r.LogFile = filepath.Join(t.TempDir(), "log")
	early, _, err := r.fetch(ctx, "/log/checkpoint")
	must(t, err)
	p.newEpoch(panel)
	_, err = r.Ack(ctx, testClinic)
	must(t, err)
	p.setMeddler(func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		if req.URL.Path != "/log/checkpoint" {
			next.ServeHTTP(w, req)
			return
		}
		w.Write(early)
	})
	if _, err := r.Ack(ctx, testClinic); !errors.Is(err, ErrUnread) || !strings.Contains(err.Error(), "fewer leaves") {
		t.Errorf("an old state of the log: %v", err)
	}
}

// A server cannot have what is told kept for longer than the panel decided, nor have a key in use for longer.
func TestTermsBeyondWhatWasDecidedAreRefused(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	deal := func() error {
		_, _, err := panel[0].DealMissing(ctx, testClinic, func(int, int) {})
		return err
	}
	kept := func(s string) string { return strings.Replace(s, `"retain_until":"20`, `"retain_until":"21`, 1) }
	p.changes("kept for a century", "/plan", kept)
	if err := deal(); !errors.Is(err, ErrPanel) || !errors.Is(err, keyring.ErrTerm) {
		t.Errorf("kept for a century, by a panel that has not decided: %v", err)
	}
	p.setMeddler(nil)
	d, err := panel[0].Decide(ctx, testClinic, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: 1, Days: 7, RetainDays: 60}}, "")
	must(t, err)
	_, err = panel[1].SignDecision(ctx, testClinic, d)
	must(t, err)
	today := p.now().Truncate(24 * time.Hour)
	for name, change := range map[string]struct{ days, retain int }{"in use for eight days": {8, 60}, "kept for a day more": {7, 61}, "kept for a day less": {7, 59}} {
		last := today.AddDate(0, 0, change.days-1)
		_, _, err := panel[0].Deal(ctx, testClinic, Term{today, last, last.AddDate(0, 0, change.retain)})
		if !errors.Is(err, ErrPanel) || !errors.Is(err, keyring.ErrTerm) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must(t, deal())
}

// Nobody has to open a page to learn that the keys come to an end, and no server can keep it back.
func TestEndOfTheKeysIsSeenInTheLog(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	ends := func() (int, bool) {
		days, few, err := panel[0].Ends(ctx, testClinic)
		must(t, err)
		return days, few
	}
	if days, few := ends(); days != -1 || !few {
		t.Errorf("without a key: %d, %v", days, few)
	}
	p.newEpoch(panel)
	if days, few := ends(); days != 29 || few {
		t.Errorf("with a new key: %d, %v", days, few)
	}
	p.later(15 * 24 * time.Hour)
	if days, few := ends(); days != 14 || !few {
		t.Errorf("14 days before its end: %d, %v", days, few)
	}
}

// One copy of a key that does not open stops neither its receiver nor who hands keys on, and is mended by a colleague.
func TestCopyThatDoesNotOpenIsToldAndGivenAgain(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	epoch := p.newEpoch(panel)
	_, leaf := p.submit("for all three")
	p.batch()
	dir := t.TempDir()
	p.pull(panel[2], dir)
	if err := panel[2].Refuse(ctx, testClinic, epoch); !errors.Is(err, ErrOpens) {
		t.Errorf("a copy that opens is refused: %v", err)
	}
	spoil := func(r *Reviewer) {
		_, err := p.keys.DB.NewRaw(`UPDATE wrap SET file = overlay(file placing 'xxxxxxxx' from octet_length(file) - 20) WHERE reviewer_id = ?`, r.ID).Exec(ctx)
		must(t, err)
	}
	spoil(panel[2])
	pulled := p.pull(panel[2], dir)
	if all, _ := p.read(dir, panel[2]); len(pulled.Unreadable) != 1 || pulled.Unreadable[0] != epoch || all[leaf].Error != "" {
		t.Errorf("pulled %+v over a copy that opened: %+v", pulled, all[leaf])
	}
	must(t, panel[2].Refuse(ctx, testClinic, epoch))

	spoil(panel[1]) // who would hand it on has the same trouble with it
	given, err := panel[1].Give(ctx, testClinic, panel[2].ID, func(int, int) {})
	if err != nil || given.Keys != 0 || len(given.Skipped) != 1 || given.Skipped[0].Epoch != epoch || given.Skipped[0].Why == "" {
		t.Errorf("gave %+v, %v", given, err)
	}
	if given, err := panel[0].Give(ctx, testClinic, panel[2].ID, func(int, int) {}); err != nil || given.Keys != 1 || len(given.Skipped) != 0 {
		t.Errorf("gave %+v, %v", given, err)
	}
	fresh := t.TempDir()
	if pulled := p.pull(panel[2], fresh); len(pulled.Unreadable) != 0 {
		t.Errorf("pulled %+v", pulled)
	}
	if all, _ := p.read(fresh, panel[2]); all[leaf].Error != "" || all[leaf].Answers[0].A != "for all three" {
		t.Errorf("read %+v", all[leaf])
	}
}

package client

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"answerable/internal/keyring"
)

// A whole year of a panel's keys, from a terminal: they are made ahead, somebody joins and gets the past, somebody leaves
// and what they hold is called back, and at the end a key is destroyed with all that it locked.
func TestPanelLooksAfterItsKeys(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	p.keys.OnShred = p.intake.Shred
	panel := p.newPanel(3, 2)
	silent := func(int, int) {}
	deal := func(by *Reviewer, acks ...*Reviewer) []string {
		t.Helper()
		ids, _, err := by.DealMissing(ctx, testClinic, silent)
		must(t, err)
		for _, r := range acks {
			if acked, err := r.Ack(ctx, testClinic); err != nil || len(acked) != len(ids) {
				t.Fatalf("%s acknowledged %v, %v, want %d", r.ID, acked, err, len(ids))
			}
		}
		return ids
	}
	state := func(id string) string {
		t.Helper()
		epochs, err := panel[0].Epochs(ctx, testClinic)
		must(t, err)
		for _, e := range epochs {
			if e.ID == id {
				return e.State
			}
		}
		return ""
	}

	first := deal(panel[0], panel[1], panel[2])
	if len(first) < 4 || state(first[0]) != keyring.StateActive || state(first[1]) != keyring.StateLogged {
		t.Fatalf("dealt %v", first)
	}
	if again := deal(panel[1]); len(again) != 0 {
		t.Errorf("nothing is missing, and %v was dealt", again)
	}
	_, told := p.submit("before the newcomer")
	p.batch()

	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 0))
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	second := deal(panel[1], panel[0], newcomer)
	if state(second[0]) != keyring.StateActive || state(first[0]) == keyring.StateActive {
		t.Errorf("the new panel's key is %s", state(second[0]))
	}
	dir := t.TempDir()
	p.pull(newcomer, dir)
	if all, _ := p.read(dir, newcomer); all[told].Error == "" {
		t.Error("the newcomer reads the past before anybody gave it")
	}
	if given, err := panel[2].Give(ctx, testClinic, newcomer.ID, silent); err != nil || given.Keys != len(first) || len(given.Together) != 0 {
		t.Fatalf("gave %v, %v, want %d", given, err, len(first))
	}
	p.pull(newcomer, dir)
	if all, _ := p.read(dir, newcomer); all[told].Error != "" || all[told].Answers[0].A != "before the newcomer" {
		t.Errorf("the newcomer reads %+v", all[told])
	}

	leaver := panel[2]
	must(t, panel[0].ProposePanel(ctx, testClinic, 0, leaver.ID))
	for _, r := range panel[:2] {
		signWaiting(t, r)
	}
	third := deal(panel[0], panel[1], newcomer)
	d, err := panel[0].Decide(ctx, testClinic, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: slices.Sorted(slices.Values(second))}, "")
	must(t, err)
	if d, err = newcomer.SignDecision(ctx, testClinic, d); err != nil || d.State != keyring.DecisionMade {
		t.Fatalf("got %+v, %v", d, err)
	}
	if state(third[0]) != keyring.StateActive || state(second[1]) != keyring.StateRevoked {
		t.Errorf("after somebody left: %s and %s", state(third[0]), state(second[1]))
	}
	var refused *Problem
	if _, err := leaver.Decisions(ctx, testClinic); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("who left is told what the panel decides: %v", err)
	}
	_, after := p.submit("after somebody left")
	p.batch()
	p.pull(newcomer, dir)
	if all, _ := p.read(dir, newcomer); all[after].Error != "" {
		t.Errorf("those who stayed cannot read: %s", all[after].Error)
	}

	p.later(365 * 24 * time.Hour)
	for _, r := range []*Reviewer{panel[0], panel[1]} {
		must(t, r.SignIn(ctx))
	}
	p.pull(panel[0], dir) // a folder of before, which nothing here can reach
	d, err = panel[0].Decide(ctx, testClinic, keyring.Resolution{Kind: keyring.KindShred, Epochs: first[:1], Effective: p.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 35)}, "")
	must(t, err)
	_, err = panel[1].SignDecision(ctx, testClinic, d)
	must(t, err)
	empty := t.TempDir()
	p.pull(panel[0], empty)
	if all, _ := p.read(empty, panel[0]); state(first[0]) != keyring.StateShredded || all[told] != nil || all[after] == nil {
		t.Errorf("after shredding %s: %v is left", state(first[0]), all[told])
	}
	// Even with the file of before in a folder of now, nobody holds a wrap that would open it.
	file, err := os.ReadFile(filepath.Join(dir, told+".age"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(empty, told+".age"), file, 0o600))
	for _, r := range []*Reviewer{panel[0], panel[1]} {
		p.pull(r, empty)
		if all, _ := p.read(empty, r); all[told] == nil || all[told].Error == "" {
			t.Errorf("%s opens what was shredded: %+v", r.ID, all[told])
		}
	}
	// A folder that was pulled before, with its wraps, still opens: that is what SECURITY.md says remains.
	if all, _ := p.read(dir, panel[0]); all[told] == nil || all[told].Error != "" {
		t.Errorf("the folder of before gives %+v", all[told])
	}
}

// A server that wants to read along offers a key, or hands one on, that nobody on the panel made.
func TestKeysThatNobodyOnThePanelMadeAreNotTaken(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.newEpoch(panel)
	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 0))
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	_, err := panel[0].Give(ctx, testClinic, newcomer.ID, func(int, int) {})
	must(t, err)
	for name, change := range map[string]func(string) string{
		"a stranger's name": func(s string) string {
			return strings.Replace(s, `"wrap_from":{"reviewer":"`+panel[0].ID, `"wrap_from":{"reviewer":"`+panel[1].ID, 1)
		},
		"another's wrap": func(s string) string { return strings.Replace(s, `"wrap":"YWdl`, `"wrap":"YWdm`, 1) },
	} {
		p.lie(name, change)
		if _, err := newcomer.Pull(ctx, testClinic, t.TempDir(), func(int, int) {}); !errors.Is(err, ErrPanel) || !strings.Contains(err.Error(), "handed on") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// lie lets the server change what it says of the panel's epochs.
func (p *place) lie(name string, change func(string) string) {
	p.changes(name, "/panel/c/"+testClinic+"/epochs", change)
}

// changes lets the server change its answers at paths that end so.
func (p *place) changes(name, path string, change func(string) string) {
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, path) {
			next.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := rec.Body.String()
		if change(body) == body {
			p.t.Errorf("%s: nothing was changed in %s", name, body)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, change(body))
	})
}

// The page refuses the same; its tests are in ui/test/keywork.test.ts and ui/e2e/keys.test.ts.
func TestTerminalRefusesSwappedKeys(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	id := p.newEpoch(panel)
	other, err := age.GenerateHybridIdentity()
	must(t, err)
	key := regexp.MustCompile(`age1pq1[a-z0-9]+`)
	for name, lie := range map[string]struct {
		change func(string) string
		says   string
	}{
		"another key": {func(s string) string { return key.ReplaceAllString(s, other.Recipient().String()) }, "as its dealer"},
		"more who open it": {func(s string) string {
			return strings.Replace(s, `\n1/3\n`, `\n2/3 `+base64.StdEncoding.EncodeToString(make([]byte, 32))+`\n`, 1)
		}, "as its dealer"},
		"another dealer": {func(s string) string {
			return strings.Replace(s, `"dealer":"`+panel[0].ID, `"dealer":"`+panel[1].ID, 1)
		}, "as its dealer"},
		"signatures left out": {func(s string) string { return regexp.MustCompile(`"acks":\[[^]]*\]`).ReplaceAllString(s, `"acks":[]`) }, "too few"},
		"one signature, thrice": {func(s string) string {
			return regexp.MustCompile(`"acks":\[(\{[^}]*\})[^]]*\]`).ReplaceAllString(s, `"acks":[$1,$1,$1]`)
		}, "too few"},
		"signatures under others": {func(s string) string {
			return strings.ReplaceAll(s, `"reviewer":"`+panel[1].ID, `"reviewer":"raaaaaaaa`)
		}, ""},
	} {
		p.lie(name, lie.change)
		_, err := panel[1].Pull(t.Context(), testClinic, t.TempDir(), func(int, int) {})
		if lie.says == "" { // two of three still hold, which is enough
			must(t, err)
			continue
		}
		if !errors.Is(err, ErrPanel) || !strings.Contains(err.Error(), lie.says) || !strings.Contains(err.Error(), id) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

package main

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"answerable/internal/client"
	"answerable/internal/seal"
)

// pullAndOpen gives what a reviewer of a demo can read.
func (d *demoProcess) pullAndOpen(t testing.TB, reviewer int, dir string) []client.Opened {
	t.Helper()
	identity := d.Identities[reviewer]
	answerable(t, "", "review", "pull", "--server", d.URL, "--clinic", d.Clinic, "--identity", identity, "--out", dir)
	return everythingIn(t, identity, dir)
}

func (d *demoProcess) submit(t testing.TB, text string) told {
	t.Helper()
	return answerableJSON[told](t, text, "submit", "--server", d.URL, "--clinic", d.Clinic)
}

// batch waits until the demo's batch, a second apart, must have run.
func batch() { time.Sleep(2500 * time.Millisecond) }

func TestDemoFindsEverythingAgain(t *testing.T) {
	data := newData()
	t.Cleanup(func() { os.RemoveAll(data) })
	// Whatever is written outside of data would land here.
	home, temp := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("TMPDIR", temp)

	first, err := startDemo(data, "--submissions", "3", "--seed", "7", "--history", "36")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range first.Identities {
		info, err := os.Stat(path)
		if err != nil || !filepath.IsAbs(path) || !strings.HasPrefix(path, data) || info.Mode().Perm() != 0o600 {
			t.Errorf("identity %s: %v, %v", path, err, info)
		}
	}
	if !strings.HasPrefix(first.URL, "http://localhost:") || first.Clinic != "riverside" || len(first.Identities) != 3 {
		t.Errorf("announced %+v", first)
	}
	first.showsPast(t)
	past, err := demoPast()
	if err != nil {
		t.Fatal(err)
	}
	texts := 4 // three that were made up, and one that is told now
	for _, f := range past[first.Clinic] {
		if f.Told != nil {
			texts++
		}
	}
	yesterday := first.submit(t, "told before the power cut\r\n")
	epochs := answerable(t, "", "epoch", "list", "--json", "--server", first.URL, "--clinic", first.Clinic)
	panel := answerable(t, "", "panel", "manifest", "show", "--json", "--server", first.URL, "--clinic", first.Clinic)
	first.kill()

	quickest := time.Hour
	for _, reviewer := range []int{0, 2} {
		began := time.Now()
		again, err := startDemo(data, "--submissions", "9", "--seed", "8")
		if err != nil {
			t.Fatal(err)
		}
		quickest = min(quickest, time.Since(began))
		if again.URL == first.URL || strings.Join(again.Identities, " ") != strings.Join(first.Identities, " ") {
			t.Errorf("announced %+v after %+v", again, first)
		}
		if got := answerable(t, "", "epoch", "list", "--json", "--server", again.URL, "--clinic", again.Clinic); !bytes.Equal(got, epochs) {
			t.Errorf("epochs changed: %s", got)
		}
		if got := answerable(t, "", "panel", "manifest", "show", "--json", "--server", again.URL, "--clinic", again.Clinic); !bytes.Equal(got, panel) {
			t.Errorf("the panel changed: %s", got)
		}
		batch()
		all := again.pullAndOpen(t, reviewer, filepath.Join(data, "pulled"))
		found := false
		for _, o := range all {
			if o.Error != "" {
				t.Errorf("%s: %s", o.LeafHash, o.Error)
			}
			if o.LeafHash == yesterday.LeafHash {
				found = len(o.Answers) == 1 && o.Answers[0].A == "told before the power cut\r\n"
			}
		}
		if !found || len(all) != texts {
			t.Errorf("%d texts, want %d; yesterday's found: %v", len(all), texts, found)
		}
		api, err := client.New(again.URL)
		if err != nil {
			t.Fatal(err)
		}
		e, err := api.Epoch(t.Context(), again.Clinic)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.VerifyTicket(yesterday.Ticket, e.TicketKey); err != nil {
			t.Errorf("yesterday's ticket: %v", err)
		}
		if err := again.stop(); err != nil {
			t.Errorf("stop: %v\n%s", err, again.said)
		}
		if _, err := os.Stat(filepath.Join(data, "postgres", "data", "postmaster.pid")); err == nil {
			t.Error("Postgres goes on after the demo has stopped")
		}
	}
	if quickest > 3*time.Second {
		t.Errorf("a second start took %v", quickest)
	}
	for _, outside := range []string{home, temp} {
		if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
			t.Errorf("written outside of --data: %v, %v", left, err)
		}
	}
}

// showsPast fails the test unless the demo's pages hold what it says of its past: figures of eleven quarters, promises in every
// state, words of findings, silences of both sides, a bundle, somebody who speaks for the clinic, and a small clinic with words only.
func (d *demoProcess) showsPast(t testing.TB) {
	t.Helper()
	page := func(path string) string {
		resp, err := http.Get(d.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, resp.Status, err)
		}
		return string(body)
	}
	large, small := page("/c/riverside/accountability"), page("/c/hillside/accountability")
	if others := strings.Count(large, `<li><a href="/c/riverside/accountability/`); others < 10 {
		t.Errorf("%d links to further quarters and files", others)
	}
	if !strings.Contains(large, ".zip\"") {
		t.Error("there is no bundle to take away")
	}
	for _, state := range []string{"Kept.", "Kept in part.", "Not kept.", "Late: its day has passed.", "There is time left.", "The clinic says it is done. The panel has not said so yet."} {
		if !strings.Contains(large, "<strong>"+state+"</strong>") {
			t.Errorf("no promise is: %s", state)
		}
	}
	if strings.Contains(small, `class="figures"`) || !strings.Contains(small, `<article class="pledge"`) {
		t.Error("the small clinic shows numbers, or no promise")
	}
	past, err := demoPast()
	if err != nil {
		t.Fatal(err)
	}
	for slug, body := range map[string]string{"riverside": large, "hillside": small} {
		for _, f := range past[slug] {
			if f.Told != nil && strings.Contains(body, html.EscapeString(f.Told.Words)) != (f.Told.Form == "public") {
				t.Errorf("%s: a finding for everybody is not shown, or one for the clinic only is: %s", slug, f.Told.Words)
			}
		}
	}
	words, err := os.ReadFile(filepath.Join(d.data, "identities", "liaison.txt"))
	if err != nil || len(strings.Fields(string(words))) != 8 {
		t.Errorf("the liaison's words: %d of them, %v", len(strings.Fields(string(words))), err)
	}
}

func TestDemoTextsFitTheForm(t *testing.T) {
	t.Parallel()
	texts, err := demoTexts()
	if err != nil || len(texts) < 14 {
		t.Fatalf("%d texts, %v", len(texts), err)
	}
	for i, text := range texts {
		if text.Lang == "" || len(text.Answers) == 0 {
			t.Errorf("text %d says nothing", i)
		}
	}
}

func TestTakenPortIsSaid(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	_, err := startDemo(newData(), "--addr", strings.TrimPrefix(demo.URL, "http://"))
	if err == nil || !strings.Contains(err.Error(), "is taken by another program") {
		t.Errorf("got %v", err)
	}
	_, err = startDemo(demo.data)
	if err == nil || !strings.Contains(err.Error(), "another answerable uses this directory") {
		t.Errorf("got %v", err)
	}
}

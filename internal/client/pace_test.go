package client

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"answerable/internal/review"
)

// TestTheTerminalLooksAfterWhoReads holds the panel's caps on one machine, from command to command.
func TestTheTerminalLooksAfterWhoReads(t *testing.T) {
	dir := t.TempDir()
	identity, err := age.GenerateHybridIdentity()
	must(t, err)
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	pace := func() *Pace {
		p, err := NewPace(dir, identity, at)
		must(t, err)
		return p
	}
	brake := func(leaf string) string {
		if rest := pace().Brake(leaf); rest != nil {
			return fmt.Sprint(rest, rest.Hard)
		}
		return ""
	}
	wants := func(leaf, says string) {
		t.Helper()
		if got := brake(leaf); says == "" && got != "" || !strings.Contains(got, says) {
			t.Errorf("%s: %q, want %q", leaf, got, says)
		}
	}
	_, err = makeFolder(dir)
	must(t, err)
	must(t, pace().Opened("a"))
	wants("b", "") // nothing is known of a panel yet
	n, err := notebookIn(dir, identity)
	must(t, err)
	must(t, (&Bench{own: n, Practice: Practice{review.PracticeSetting{Sitting: 3, Serious: 2, Gap: 10, Hard: true}}}).keepPractice())
	wants("b", "")
	must(t, pace().Coded("a", 3))
	wants("a", "")
	wants("b", "take 10 more minutes away")
	at = at.Add(9*time.Minute + time.Second)
	wants("b", "take 1 more minutes away")
	at = at.Add(time.Minute)
	wants("b", "")
	must(t, pace().Coded("b", 3))
	at = at.Add(time.Hour)
	wants("c", "2 stories of the gravest kind in this sitting")
	at = at.Add(sittingEnds)
	wants("c", "")
	for _, leaf := range []string{"c", "d", "c", "e"} {
		must(t, pace().Opened(leaf))
	}
	wants("f", "3 stories in this sitting, which is enough; rest, and come back in some hours true")
	wants("e", "")
	must(t, os.WriteFile(filepath.Join(dir, deskDir, ownFile), []byte("{"), 0o600))
	if _, err := NewPace(dir, identity, at); !errors.Is(err, ErrOwn) {
		t.Errorf("a sitting that somebody wrote over: %v", err)
	}
}

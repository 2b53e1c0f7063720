package client

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheTerminalLooksAfterWhoReads holds the panel's caps on one machine, from command to command.
func TestTheTerminalLooksAfterWhoReads(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	brake := func(leaf string) string {
		if rest := NewPace(dir, at).Brake(leaf); rest != nil {
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
	must(t, NewPace(dir, at).Opened("a"))
	wants("b", "") // nothing is known of a panel yet
	must(t, (&Bench{dir: dir, Practice: Practice{Sitting: 3, Serious: 2, Gap: 10, Hard: true}}).keepPractice())
	wants("b", "")
	must(t, NewPace(dir, at).Coded("a", 3))
	wants("a", "")
	wants("b", "take 10 more minutes away")
	at = at.Add(9*time.Minute + time.Second)
	wants("b", "take 1 more minutes away")
	at = at.Add(time.Minute)
	wants("b", "")
	must(t, NewPace(dir, at).Coded("b", 3))
	at = at.Add(time.Hour)
	wants("c", "2 stories of the gravest kind in this sitting")
	at = at.Add(sittingEnds)
	wants("c", "")
	for _, leaf := range []string{"c", "d", "c", "e"} {
		must(t, NewPace(dir, at).Opened(leaf))
	}
	wants("f", "3 stories in this sitting, which is enough; rest, and come back in some hours true")
	wants("e", "")
	must(t, os.WriteFile(filepath.Join(dir, sittingFile), []byte("{"), 0o600))
	wants("f", "")
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What was cut out of somebody's words comes from a file, and never from the command line, which a machine keeps and shows.
func TestWhatACheckChangedIsReadFromAFile(t *testing.T) {
	at := filepath.Join(t.TempDir(), "changed")
	if err := os.WriteFile(at, []byte("took out a name\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := (&reviewCheckCmd{Changed: at}).changed(); err != nil || got != "took out a name" {
		t.Errorf("read %q, %v", got, err)
	}
	if got, err := (&reviewCheckCmd{}).changed(); err != nil || got != "" {
		t.Errorf("without a file: %q, %v", got, err)
	}
	if _, err := (&reviewCheckCmd{Changed: "took out the name of X"}).changed(); err == nil || strings.Contains(err.Error(), "name of X") {
		t.Errorf("words in the place of a file: %v", err)
	}
}

// Who pulls is told what a folder gives away that nothing hides.
func TestAPullSaysWhatItsFolderGivesAway(t *testing.T) {
	for _, want := range []string{"missing here are those you stepped", "back to an earlier time"} {
		if !strings.Contains(whoHasTheFolder, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"answerable/ui"
)

// TestBuildFailsWithoutThePageScripts runs make's own check on a folder where scripts are missing.
func TestBuildFailsWithoutThePageScripts(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "ui", "static"), 0o700); err != nil {
		t.Fatal(err)
	}
	makefile, err := filepath.Abs("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	// The stamp says that scripts were built, and they are gone.
	for _, sub := range []string{"bin/.ui-built", "ui/src/x", "ui/styles/x", "ui/build.mjs", "ui/package.json", "ui/package-lock.json", "ui/node_modules/.installed"} {
		path := filepath.Join(dir, sub)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("make", "-C", dir, "-f", makefile, "-o", "bin/.ui-built", "scripts").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "The page script tell.js is missing") || !strings.Contains(string(out), "UNSCRIPTED=1") {
		t.Errorf("make said %v: %s", err, out)
	}
	if out, err := exec.Command("make", "-n", "-C", dir, "-f", makefile, "build", "UNSCRIPTED=1").CombinedOutput(); err != nil || strings.Contains(string(out), "npm") || !strings.Contains(string(out), "go build") {
		t.Errorf("when asked to, make would do %v: %s", err, out)
	}
}

// Every script of the pages is on make's list.
func TestMakeKnowsEveryPageScript(t *testing.T) {
	_, list, _ := strings.Cut(single(t, "Makefile"), "\nSCRIPTS = ")
	list, _, _ = strings.Cut(list, "\n")
	names := strings.Fields(list)
	built, err := fs.Glob(ui.FS, "static/*.js")
	if err != nil || len(built) == 0 {
		t.Fatalf("no scripts are compiled in: %v; run make build first", err)
	}
	for _, path := range built {
		name := strings.TrimSuffix(filepath.Base(path), ".js")
		if !slices.Contains(names, name) {
			t.Errorf("%s is not among the scripts that make build looks for", name)
		}
	}
	if len(built) != len(names) {
		t.Errorf("make looks for %v, and %v are compiled in", names, built)
	}
}

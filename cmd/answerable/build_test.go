package main

import (
	"bytes"
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
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "ui", "static"), 0o700); err != nil {
		t.Fatal(err)
	}
	makefile, err := filepath.Abs("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	// The stamp says that scripts were built, and they are gone.
	for _, sub := range []string{"bin/.ui-built", "ui/src/x", "ui/styles/x", "ui/build.mjs", "ui/package.json", "ui/package-lock.json", "ui/tsconfig.json", "ui/node_modules/.installed"} {
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
	t.Parallel()
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

// The page scripts and the style sheet follow from the sources and the locked packages alone: built in another folder, with
// another home, language and time zone, they are those of this program, byte for byte. The long tests do the same with the
// program and its image.
func TestPageScriptsAreTheSameFromAnotherFolder(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs("../../ui")
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(t.TempDir(), "another folder")
	for _, dir := range []string{"src", "styles"} {
		if err := os.CopyFS(filepath.Join(there, dir), os.DirFS(filepath.Join(here, dir))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"build.mjs", "package.json", "tsconfig.json"} {
		content, err := os.ReadFile(filepath.Join(here, file))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, there, file, string(content))
	}
	// Not a link: the names of the packages' files stand in the scripts, beside their licences.
	if out, err := exec.Command("cp", "-R", filepath.Join(here, "node_modules"), there).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	build := exec.Command("node", "build.mjs")
	build.Dir = there
	build.Env = append(os.Environ(), "HOME="+there, "LANG=de_AT.UTF-8", "TZ=Pacific/Kiritimati")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	compareStatic(t, ui.FS, os.DirFS(there))
}

// compareStatic wants the same files in static of both, not counting what keeps the folder in git.
func compareStatic(t *testing.T, one, other fs.FS) {
	t.Helper()
	read := func(fsys fs.FS) map[string][]byte {
		files := map[string][]byte{}
		entries, err := fs.ReadDir(fsys, "static")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if files[e.Name()], err = fs.ReadFile(fsys, "static/"+e.Name()); err != nil {
				t.Fatal(err)
			}
		}
		delete(files, ".keep")
		return files
	}
	a, b := read(one), read(other)
	if len(a) != len(b) || len(a) < 9 {
		t.Errorf("%d files here, %d there", len(a), len(b))
	}
	for name, content := range a {
		if !bytes.Equal(content, b[name]) {
			t.Errorf("%s has %d bytes here and %d there, or others", name, len(content), len(b[name]))
		}
	}
}

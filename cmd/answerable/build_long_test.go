//go:build long

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"answerable/ui"
)

// TestLongAStrangerBuildsTheSame makes the image twice, in two folders: once as it is made here, once with nothing that was
// compiled before and with another home, language, time zone and rights of new files. The page scripts, the program, the image
// and its list of parts are the same, byte for byte.
func TestLongAStrangerBuildsTheSame(t *testing.T) {
	modules, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	one, other := sourceCopy(t, "one"), sourceCopy(t, "the other")
	makeImage(t, one, "umask 022; make image")
	home := t.TempDir()
	makeImage(t, other, "umask 077; make image", "HOME="+home, "GOCACHE="+filepath.Join(home, "compiled"), "GOFLAGS=-modcacherw",
		"GOMODCACHE="+strings.TrimSpace(string(modules)), "LANG=de_AT.UTF-8", "TZ=Pacific/Kiritimati")
	compareStatic(t, os.DirFS(filepath.Join(one, "ui")), os.DirFS(filepath.Join(other, "ui")))
	compareStatic(t, ui.FS, os.DirFS(filepath.Join(other, "ui")))
	for _, name := range []string{"answerable", "answerable.tar", "answerable.spdx.json"} {
		a, errA := os.ReadFile(filepath.Join(one, "bin/image", name))
		b, errB := os.ReadFile(filepath.Join(other, "bin/image", name))
		if errA != nil || errB != nil || len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s: %d bytes and %d, not the same: %v, %v", name, len(a), len(b), errA, errB)
		}
	}
}

// sourceCopy copies what the program is built from, packages of npm included, and nothing that was built.
func sourceCopy(t *testing.T, name string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"Makefile", "go.mod", "go.sum", "cmd", "internal", "migrations", "ui"} {
		if out, err := exec.Command("cp", "-a", filepath.Join("../..", path), to).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	built, err := filepath.Glob(filepath.Join(to, "ui/static/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(built, filepath.Join(to, "ui/.test-build")) {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func makeImage(t *testing.T, dir, command string, env ...string) {
	t.Helper()
	cmd := exec.Command("sh", "-eu", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

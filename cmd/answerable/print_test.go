package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The browser that prints is told nothing of what this program was started with, is never root, and keeps its sandbox.
func TestABrowserThatPrintsIsGivenNoSecrets(t *testing.T) {
	t.Setenv("ANSWERABLE_DATABASE_URL", "postgres://secret")
	open, err := os.MkdirTemp("", "answerable-browser-") // where another user can reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(open) })
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", open)
	browser := filepath.Join(open, "browser")
	script := `#!/bin/sh
for arg; do case "$arg" in --print-to-pdf=*) to="${arg#*=}";; esac; done
{ printf '%%PDF-'; env; echo "uid=$(id -u)."; echo "args=$*"; } > "$to"
`
	if err := os.WriteFile(browser, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := printWith(browser)(t.Context(), []byte("<p>page</p>"))
	if err != nil || !strings.Contains(string(got), "HOME=") || strings.Contains(string(got), "secret") {
		t.Errorf("%s, %v", got, err)
	}
	if strings.Contains(string(got), "uid=0.") || strings.Contains(string(got), "no-sandbox") {
		t.Errorf("it runs as root or without its sandbox: %s", got)
	}
	if err := os.WriteFile(browser, []byte("#!/bin/sh\necho 'No usable sandbox!' >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := printWith(browser)(t.Context(), []byte("<p>page</p>")); err == nil || !strings.Contains(err.Error(), "sandbox cannot start") {
		t.Errorf("without a sandbox: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(open, "answerable-print-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatAPrintingBrowserLeavesIsReadWithCare(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe, large := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe"), filepath.Join(dir, "large")
	err := errors.Join(os.WriteFile(file, []byte("%PDF-1"), 0o600), os.Symlink(file, link), syscall.Mkfifo(pipe, 0o600), os.WriteFile(large, nil, 0o600), os.Truncate(large, maxPrinted+1))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readPrinted(file); err != nil || string(got) != "%PDF-1" {
		t.Errorf("a file: %q, %v", got, err)
	}
	for _, path := range []string{link, pipe, large, dir} {
		if got, err := readPrinted(path); err == nil {
			t.Errorf("%s was read: %d bytes", filepath.Base(path), len(got))
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
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

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The browser that prints is told nothing of what this program was started with.
func TestABrowserThatPrintsIsGivenNoSecrets(t *testing.T) {
	t.Setenv("ANSWERABLE_DATABASE_URL", "postgres://secret")
	browser := filepath.Join(t.TempDir(), "browser")
	script := `#!/bin/sh
for arg; do case "$arg" in --print-to-pdf=*) to="${arg#*=}";; esac; done
{ printf '%%PDF-'; env; } > "$to"
`
	if err := os.WriteFile(browser, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := printWith(browser)(t.Context(), []byte("<p>page</p>"))
	if err != nil || !strings.Contains(string(got), "HOME=") || strings.Contains(string(got), "secret") {
		t.Errorf("%s, %v", got, err)
	}
}

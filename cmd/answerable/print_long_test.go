//go:build long

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A report is printed with texts of both directions and emoji, twice to the same bytes, and pdftotext reads it.
func TestLongReportsArePrinted(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("this test prints with Chromium: apt-get install chromium")
	}
	page := []byte(`<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Report</title><style>@page { size: A4 }</style><h1>What was told</h1><p dir="auto">مرحبا</p><p dir="auto">שלום</p><p>🫂 done</p>`)
	print := printWith(chromium)
	one, err := print(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	two, err := print(t.Context(), page)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("printed twice, the bytes differ: %v", err)
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, one, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("pdftotext", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("this test reads with pdftotext: apt-get install poppler-utils: %v\n%s", err, said)
	}
	for _, want := range []string{"What was told", "done", "שלום"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("pdftotext does not find %q: %s", want, said)
		}
	}
}

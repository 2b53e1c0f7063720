package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// printTime is how long a browser may take to print a report.
const printTime = 15 * time.Second

// printWith prints a page as PDF with a Chromium. The page loads nothing and has no script; the browser has a folder of its own,
// which is gone afterwards, and is given no way to the network and nothing of this program's environment but where programs are:
// there are the database's password and keys in it.
func printWith(chromium string) func(ctx context.Context, page []byte) ([]byte, error) {
	return func(ctx context.Context, page []byte) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, printTime)
		defer cancel()
		dir, err := os.MkdirTemp("", "answerable-print-")
		if err != nil {
			return nil, fmt.Errorf("print: %w", err)
		}
		defer os.RemoveAll(dir)
		from, to := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.pdf")
		if err := os.WriteFile(from, page, 0o600); err != nil {
			return nil, fmt.Errorf("print: %w", err)
		}
		args := []string{
			"--headless", "--disable-gpu", "--no-pdf-header-footer", "--generate-pdf-document-outline", "--proxy-server=127.0.0.1:9",
			"--disable-background-networking", "--user-data-dir=" + filepath.Join(dir, "profile"), "--print-to-pdf=" + to, "file://" + from,
		}
		if os.Geteuid() == 0 {
			args = append([]string{"--no-sandbox"}, args...) // Chromium's own refuses to run for root
		}
		cmd := exec.CommandContext(ctx, chromium, args...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "TZ=UTC"}
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("print with %s: %w", chromium, err)
		}
		pdf, err := os.ReadFile(to)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			return nil, errors.New("the browser printed no PDF")
		}
		return withoutTimes(pdf), nil
	}
}

var pdfTime = regexp.MustCompile(`\((D:[0-9]{14}[^)]{0,10})\)`)

// withoutTimes puts one day in the place of the times at which a PDF was made, of the same length, so that no place in it moves.
func withoutTimes(pdf []byte) []byte {
	return pdfTime.ReplaceAllFunc(pdf, func(at []byte) []byte {
		return append(append([]byte{}, "(D:20000101000000"...), at[len("(D:20000101000000"):]...)
	})
}

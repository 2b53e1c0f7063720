package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// printTime is how long a browser may take to print a report.
const printTime = 15 * time.Second

// printWith prints a page as PDF with a Chromium. The page loads nothing and has no script; the browser has a folder of its own,
// which is gone afterwards, and is given no way to the network and nothing of this program's environment but where programs are:
// there are the database's password and keys in it. It keeps its own sandbox, which refuses to run for root: root lends it the user
// nobody. Where the sandbox cannot start there is no PDF.
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
		attributes, err := lent(dir, from)
		if err != nil {
			return nil, fmt.Errorf("print: %w", err)
		}
		args := []string{
			"--headless", "--disable-gpu", "--no-pdf-header-footer", "--generate-pdf-document-outline", "--proxy-server=127.0.0.1:9",
			"--disable-background-networking", "--user-data-dir=" + filepath.Join(dir, "profile"), "--print-to-pdf=" + to, "file://" + from,
		}
		cmd := exec.CommandContext(ctx, chromium, args...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "TZ=UTC"}
		cmd.Dir, cmd.SysProcAttr = dir, attributes
		// All processes of its group end with it, when it is done too: one that hangs would hold the folder.
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		defer func() {
			if cmd.Process != nil {
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // mostly none is left
			}
		}()
		cmd.WaitDelay = time.Second
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			if strings.Contains(said.String(), "sandbox") {
				return nil, fmt.Errorf("print with %s: its sandbox cannot start here, and without it nothing is printed: %w", chromium, err)
			}
			return nil, fmt.Errorf("print with %s: %w", chromium, err)
		}
		pdf, err := readPrinted(to)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			return nil, errors.New("the browser printed no PDF")
		}
		return withoutTimes(pdf), nil
	}
}

// maxPrinted is how large a PDF may be, in bytes.
const maxPrinted = 64 << 20

// readPrinted reads what the browser printed. The folder belongs to another user than this program's: it follows no link, waits for no
// pipe, and reads no more than a report can have.
func readPrinted(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPrinted {
		return nil, errors.New("what was printed is no file of a size that a report has")
	}
	return io.ReadAll(io.LimitReader(f, maxPrinted))
}

// lent is how the browser starts: in a process group of its own, and not as root. What it reads and writes is given to its user.
func lent(paths ...string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, errors.New("root prints as the user nobody, and there is none on this machine")
	}
	uid, uidErr := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := os.Lchown(path, int(uid), int(gid)); err != nil {
			return nil, err
		}
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}

var pdfTime = regexp.MustCompile(`\((D:[0-9]{14}[^)]{0,10})\)`)

// withoutTimes puts one day in the place of the times at which a PDF was made, of the same length, so that no place in it moves.
func withoutTimes(pdf []byte) []byte {
	return pdfTime.ReplaceAllFunc(pdf, func(at []byte) []byte {
		return append(append([]byte{}, "(D:20000101000000"...), at[len("(D:20000101000000"):]...)
	})
}

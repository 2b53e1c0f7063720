//go:build long && linux

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLongServerKeepsToTheUnitsSystemCalls writes down what a server asks of the kernel while people tell and read, and holds
// it against the filter of the unit, as systemd resolves it. systemd itself need not run.
func TestLongServerKeepsToTheUnitsSystemCalls(t *testing.T) {
	allowed := unitsCalls(t)
	p := newPlace(t)
	p.stop()
	trace, said := filepath.Join(p.dir, "trace"), filepath.Join(p.dir, "said")
	out, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("strace", append([]string{"-f", "-qq", "-o", trace, "answerable", "serve", "--addr", strings.TrimPrefix(p.url, "http://"), "--metrics-addr", "127.0.0.1:0",
		"--checkpoint-file", filepath.Join(p.dir, "checkpoint")}, p.flags()...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = environment(t), out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("this needs strace: %v", err)
	}
	p.stop = func() {}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) { // strace is slow, and a busy machine slower
		if response, err := http.Get(p.url + "/readyz"); err == nil {
			response.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			text, _ := os.ReadFile(said)
			t.Fatalf("under strace the server does not begin; it says %s", text)
		}
	}
	told := p.tell(t, "under a filter")
	if read := p.read(t, filepath.Join(p.dir, "pulled")); read[told.LeafHash] != "under a filter" {
		text, _ := os.ReadFile(said)
		t.Errorf("read %v; the server says %s", read, text)
	}
	syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	cmd.Wait()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\d+ +(?:<\.\.\. )?([a-z][a-z0-9_]*)(?:\(| resumed)`).FindAllStringSubmatch(string(text), -1) {
		used[m[1]] = true
	}
	// Go raises its own limit of open files at the start, and goes on where that is refused.
	spared := []string{"prlimit64", "setrlimit"}
	for name := range used {
		if !allowed[name] && !slices.Contains(spared, name) {
			t.Errorf("the server calls %s, which the unit refuses", name)
		}
	}
	if len(used) < 30 || allowed["reboot"] || allowed["mount"] {
		t.Errorf("%d calls were seen; mount is allowed: %v", len(used), allowed["mount"])
	}
	t.Logf("%d different calls, of %d that the unit allows", len(used), len(allowed))
}

// unitsCalls resolves the unit's filter: the sets of its lines in turn, those after ~ taken out.
func unitsCalls(t *testing.T) map[string]bool {
	t.Helper()
	allowed := map[string]bool{}
	var resolve func(set string, put bool)
	resolve = func(set string, put bool) {
		out, err := exec.Command("systemd-analyze", "syscall-filter", "--no-pager", set).Output()
		if err != nil {
			t.Fatalf("systemd-analyze syscall-filter %s: %v", set, err)
		}
		for _, line := range strings.Split(string(out), "\n")[1:] {
			switch name := strings.TrimSpace(line); {
			case strings.HasPrefix(name, "@"):
				resolve(name, put)
			case name != "" && !strings.HasPrefix(name, "#"):
				allowed[name] = put
			}
		}
	}
	lines := regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`).FindAllStringSubmatch(single(t, "charts/single/answerable.service"), -1)
	if len(lines) != 2 {
		t.Fatalf("the unit has %d lines of system calls", len(lines))
	}
	for _, line := range lines {
		for _, set := range strings.Fields(line[2]) {
			resolve(set, line[1] == "")
		}
	}
	return allowed
}

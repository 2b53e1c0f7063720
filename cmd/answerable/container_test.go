package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The images that the Dockerfile builds with have the Go of go.mod and a Node that the page scripts can be built with; the
// program in it is the one of make image.
func TestDockerfileTakesTheVersionsOfTheSource(t *testing.T) {
	t.Parallel()
	file := single(t, "Dockerfile")
	find := func(text, pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("nothing like %s", pattern)
		}
		return m[1]
	}
	if of, in := find(single(t, "go.mod"), `(?m)^go ([0-9]+\.[0-9]+)`), find(file, `FROM docker\.io/library/golang:([0-9.]+)-`); of != in {
		t.Errorf("go.mod asks for Go %s and the Dockerfile takes %s", of, in)
	}
	if least, in := find(single(t, "ui/package.json"), `"node": ">=([0-9]+)\.`), find(file, `FROM docker\.io/library/node:([0-9]+)-`); least > in {
		t.Errorf("package.json asks for Node.js %s and the Dockerfile takes %s", least, in)
	}
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(file, -1) {
		if from[1] != "scratch" && !strings.HasPrefix(from[1], "docker.io/library/") {
			t.Errorf("%s does not say where it comes from; Podman asks", from[1])
		}
	}
}

// What is compiled in and is not built must reach the engine: one file less is another program than that of make image.
func TestNothingCompiledInIsKeptFromTheDockerfile(t *testing.T) {
	t.Parallel()
	lines := strings.Fields(single(t, ".dockerignore"))
	out, at := slices.Index(lines, "/ui/static/*"), slices.Index(lines, "!/ui/static/.keep")
	if out < 0 || at < out {
		t.Errorf("static/.keep, which is compiled in, does not reach the engine: %q", lines)
	}
	for _, path := range embedded(t) {
		if path != "ui/static" && slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix("/"+path, strings.TrimSuffix(l, "*")) }) {
			t.Errorf("%s is compiled in and kept from the engine", path)
		}
	}
}

// What asks whether the server is well is a command of the program: the image holds no other.
func TestHealthOfTheComposeFileIsAskedByTheProgram(t *testing.T) {
	t.Parallel()
	server := compose(t).Services["server"]
	asked := server.Healthcheck.Test
	if len(asked) < 3 || asked[0] != "CMD" || asked[1] != "/usr/bin/answerable" {
		t.Fatalf("health is asked by %v", asked)
	}
	if err := understood(t, asked[2:]); err != nil {
		t.Errorf("%v: %v", asked, err)
	}
	_, port, _ := strings.Cut(server.Environment["ANSWERABLE_ADDR"], ":")
	if !strings.HasSuffix(asked[len(asked)-1], ":"+port) {
		t.Errorf("%v asks elsewhere than at port %s", asked, port)
	}
}

// Without what it needs the check with an engine fails with a sentence and has changed nothing.
func TestContainerCheckSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	calls := filepath.Join(dir, "calls")
	writeFile(t, dir, "silent", "#!/bin/sh\nexit 1\n")
	writeFile(t, dir, "lonely", "#!/bin/sh\necho \"$*\" >>"+calls+"\n[ \"$1\" = info ]\n")
	for _, name := range []string{"silent", "lonely"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for engine, want := range map[string]string{
		"/nowhere":                   "is not here. Install it, or name another: make container-check ENGINE=podman",
		filepath.Join(dir, "silent"): "does not answer. Start it",
		filepath.Join(dir, "lonely"): "compose is not here. Install it",
	} {
		cmd := exec.Command("../../charts/single/container-check.sh")
		cmd.Env = append(os.Environ(), "ENGINE="+engine, "COMPOSE=", "BUILD=")
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), want) {
			t.Errorf("with %s it said %v: %s", engine, err, out)
		}
	}
	if called, _ := os.ReadFile(calls); string(called) != "info\ncompose version\n" {
		t.Errorf("it called %s", called)
	}
	if makefile := single(t, "Makefile"); strings.Count(makefile, "container-check.sh") != 1 {
		t.Error("make does not call it, or more than once")
	}
}

// The check types what README.md says, up to the start.
func TestReadmeSaysHowContainersStart(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(single(t, "charts/single/README.md"), "\n## In containers\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var typed []string
	for _, line := range indented.FindAllStringSubmatch(section, -1) {
		typed = append(typed, line[1])
	}
	if i := slices.Index(typed, "docker compose up -d"); i < 5 || !strings.Contains(typed[1], "keys new") {
		t.Errorf("the section says %q", typed)
	}
	for name, secret := range compose(t).Secrets {
		if !strings.Contains(section, secret.File[len("./"):]) && !slices.Contains([]string{"log.key", "ticket.key", "server.secret"}, name) {
			t.Errorf("README.md does not say how %s is made", secret.File)
		}
	}
}

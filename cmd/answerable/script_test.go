package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"answerable/internal/postgres"
)

// ageDir is a folder with the public age command of the pinned version. Systems carry older ones that cannot read our
// keys.
func ageDir(t testing.TB) string {
	t.Helper()
	path, err := exec.Command("go", "tool", "-n", "age").Output()
	if err != nil {
		t.Fatalf("build the public age command: %v", err)
	}
	dir := t.TempDir()
	if err := os.Symlink(strings.TrimSpace(string(path)), filepath.Join(dir, "age")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// privateDatabase starts a Postgres without a schema and gives its address.
func privateDatabase(t testing.TB) string {
	t.Helper()
	dir := newData()
	private, err := postgres.StartEmbedded(t.Context(), postgres.EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := private.Stop(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return private.DSN()
}

// TestCommandLine runs the scripts in testdata/script. In them $SERVER is the address of the shared demo, $IDENTITY a
// reviewer's file there, and $DATABASE the address of an empty database for one script alone.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	path := ageDir(t) + string(os.PathListSeparator) + os.Getenv("PATH")
	server := privateDatabase(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", path)
			env.Setenv("SERVER", demo.URL)
			env.Setenv("IDENTITY", demo.Identities[0])
			env.Setenv("TODAY", time.Now().UTC().Format(time.DateOnly))
			env.Setenv("DATABASE", databaseOn(t, server, filepath.Base(env.WorkDir)))
			return nil
		},
	})
}

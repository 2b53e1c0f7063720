//go:build long

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/client"
	"answerable/migrations"
)

// TestLongUpgradeUnderLoad puts schema and program in place one after the other, in both orders, while people tell: two
// servers of an earlier program behind a balancer, the new schema under them, then the new program, then the earlier one
// again. No request may fail. The earlier program is built from the history of the source: the newest that knows what a schema
// says about older programs and lacks the newest step.
func TestLongUpgradeUnderLoad(t *testing.T) {
	now, earlier := os.Getenv("PATH"), earlierProgram(t)
	before := func() { t.Setenv("PATH", earlier+string(os.PathListSeparator)+now) }
	after := func() { t.Setenv("PATH", now) }

	before()
	p := earlierPlace(t)
	defer func() { p.stop() }()
	serve := func() *replica {
		url, stop := startServer(t, p.flags("--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0")...)
		return &replica{url, stop}
	}
	b := newBalancer(t)
	servers := []*replica{serve(), serve()}
	for _, s := range servers {
		b.add(s.url)
	}
	replace := func() {
		t.Helper()
		for i, old := range servers {
			servers[i] = serve()
			b.add(servers[i].url)
			b.remove(old.url)
			time.Sleep(500 * time.Millisecond)
			old.stop()
		}
	}
	api, err := client.New(p.url)
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := api.ProvenEpoch(t.Context(), "northside")
	if err != nil {
		t.Fatal(err)
	}
	load := startLoad(t, b.url, epoch)
	more := func(when string) {
		t.Helper()
		load.waitFor(load.acknowledged()+20, time.Minute)
		if failed := b.failures.Load(); failed > 0 {
			t.Errorf("%s %d requests failed", when, failed)
		}
	}
	more("before anything changed")

	after()
	ends(t, exitFailed, "the database is older than this program", "run `answerable migrate up`", append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags()...)...)
	more("when the program came first")
	answerable(t, "", "migrate", "up")
	more("with the earlier program on the new schema")
	before()
	replace()
	more("when the earlier program was started anew on the new schema")
	after()
	replace()
	more("when the new program came")
	before()
	replace()
	more("when the program was taken back")
	after()
	replace()
	more("when it came again")

	told, refusals := load.stop()
	for why, n := range refusals {
		t.Errorf("%d times a writer was told: %s", n, why)
	}
	answerable(t, "", "log", "batch")
	p.stop()
	p.start(t)
	pulled := filepath.Join(p.dir, "pulled")
	answerable(t, "", append([]string{"review", "pull", "--identity", p.identities[0], "--out", pulled}, p.at()...)...)
	for _, hash := range told {
		if _, err := os.Stat(filepath.Join(pulled, hash+".age")); err != nil {
			t.Errorf("%s was acknowledged and is lost", hash)
		}
	}
	for _, s := range servers {
		s.stop()
	}
	t.Logf("%d files acknowledged, none lost, no request failed", len(told))
}

// earlierPlace makes a place by what the program now and the one before it can do: one reviewer, who signs the list.
func earlierPlace(t *testing.T) *place {
	t.Helper()
	p := &place{dir: t.TempDir(), database: privateDatabase(t)}
	useDatabase(t, p.database)
	answerable(t, "", "migrate", "up")
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside", "--legal-notice", "Nothing.")
	p.start(t)
	p.identities = []string{filepath.Join(p.dir, "ada")}
	as := append([]string{"--identity", p.identities[0]}, p.at()...)
	answerable(t, "", "identity", "new", "--out", p.identities[0])
	invited := answerableJSON[struct{ Invitation string }](t, "", "panel", "invite", "--clinic", "northside")
	answerable(t, "", "panel", "join", "--server", p.url, "--identity", p.identities[0], "--invitation", invited.Invitation)
	answerable(t, "", "panel", "manifest", "propose", "--clinic", "northside", "--m", "1")
	signList(t, p.identities[0], p.at()...)
	answerable(t, "", append([]string{"epoch", "make"}, as...)...)
	answerable(t, "", append([]string{"epoch", "ack"}, as...)...)
	p.inDatabase(t, `UPDATE clinic SET open = true`)
	p.settle(t)
	return p
}

// earlierProgram builds the newest program of the history that lacks the newest step of the schema and can read, in the
// schema, whether it may still work on it. It gives the folder in which it lies.
func earlierProgram(t *testing.T) string {
	t.Helper()
	steps, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil || len(steps) == 0 {
		t.Fatal(err)
	}
	slices.Sort(steps)
	newest := "migrations/" + steps[len(steps)-1]
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", "../.."}, args...)...).Output()
		if err != nil {
			t.Fatalf("the program before this one is built from the history of the source, which is not here: git %s: %v. Run this in a whole clone (git fetch --unshallow).", strings.Join(args, " "), err)
		}
		return string(out)
	}
	for _, commit := range strings.Fields(git("log", "--format=%H")) {
		tree := git("ls-tree", "--name-only", commit, "migrations/")
		if strings.Contains(tree, newest) || !strings.Contains(tree, "migrations/0013_readers") {
			continue
		}
		source, program := t.TempDir(), t.TempDir()
		t.Logf("the program of %s lacks %s", commit[:12], newest)
		for _, step := range [][]string{
			{"sh", "-c", "git -C ../.. archive " + commit + " | tar -x -C " + source},
			{"go", "build", "-C", source, "-o", filepath.Join(program, "answerable"), "./cmd/answerable"},
		} {
			if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", step, err, out)
			}
		}
		return program
	}
	t.Fatal("the history that is here holds no program that lacks the newest step. Run this in a whole clone (git fetch --unshallow).")
	return ""
}

package charts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// bench is a PATH with stand-ins for the programs that speak to a cluster. Each writes down how it was called.
type bench struct {
	*testing.T
	dir, calls string
}

// Answers of a cluster on which all goes well. FAILS names what is in the call that fails.
const standIn = `#!/bin/bash
line="$(basename $0) $*"
line="${line//$'\n'/ }"
echo "$line" >>"$CALLS"
if [ -n "$FAILS" ] && [[ "$line" == *"$FAILS"* ]]; then exit 1; fi
case "$line" in
*"config current-context"*) echo somewhere ;;
*"run open"*) echo "violates PodSecurity"; exit 1 ;;
*"backoffLimit=0"*|*"existingSecret=missing"*) exit 1 ;;
*"logs job/words-migrate"*) echo "answerable: the database does not answer: no database" ;;
*readyReplicas*) echo -n 3 ;;
*metadata.name*) echo -n "words-1 words-2" ;;
*"--raw"*) # each server is let go when it is asked for again
	[ "$(tail -n 2 "$CALLS" | sort -u | wc -l)" = 1 ] || { echo "it would violate the pod's disruption budget" >&2; exit 1; } ;;
*"logs asks --tail"*) echo "900 asked, 0 failed" ;;
*"count(*)"*) echo t ;;
*port-forward*) echo "Forwarding from 127.0.0.1"; exec sleep 60 ;;
*"panel manifest draft"*) echo '{"list":"k7"}' ;;
*"panel invite"*) echo '{"invitation":"abc"}' ;;
*"identity new"*) touch "${@: -1}" ;;
esac
exit 0
`

func newBench(t *testing.T, programs ...string) *bench {
	t.Helper()
	b := &bench{T: t, dir: t.TempDir()}
	b.calls = filepath.Join(b.dir, "calls")
	for _, name := range append(programs, "answerable") {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(standIn), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"bash", "sh", "dirname", "basename", "mktemp", "rm", "grep", "sed", "seq", "sleep", "cat", "tail", "touch", "sort", "wc", "tr"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(b.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// run gives what the check said and whether it passed, and how the stand-ins were called.
func (b *bench) run(env ...string) (said string, passed bool, calls string) {
	b.Helper()
	os.Remove(b.calls)
	cmd := exec.Command("./cluster-check.sh")
	cmd.Env = append([]string{"PATH=" + b.dir, "HOME=" + b.dir, "TMPDIR=" + b.dir, "CALLS=" + b.calls, "ANSWERABLE=" + filepath.Join(b.dir, "answerable"), "PATIENCE=5"}, env...)
	out, err := cmd.CombinedOutput()
	text, _ := os.ReadFile(b.calls)
	return string(out), err == nil, string(text)
}

// Without what it needs the check on a cluster fails with a sentence, and has changed nothing.
func TestClusterCheckSaysWhatItLacks(t *testing.T) {
	whole := newBench(t, "kubectl", "helm")
	for _, c := range []struct {
		bench *bench
		env   []string
		want  string
	}{
		{newBench(t, "kubectl"), nil, "helm is not here. Install it"},
		{newBench(t, "helm"), nil, "kubectl is not here. Install it"},
		{whole, []string{"ANSWERABLE=/nowhere"}, "Run make build first"},
		{whole, []string{"FAILS=config current-context"}, "there is no current kubeconfig. Set KUBECONFIG"},
		{whole, []string{"FAILS=version --request-timeout"}, "the cluster of the context somewhere does not answer"},
		{whole, nil, "no image is named. Push"},
		{whole, []string{"IMAGE=answerable"}, "is no image with a tag or a digest"},
	} {
		said, passed, calls := c.bench.run(c.env...)
		if passed || !strings.Contains(said, c.want) || strings.Contains(calls, "create") || strings.Contains(calls, "delete") {
			t.Errorf("want %q, have %q, passed: %v, calls:\n%s", c.want, said, passed, calls)
		}
	}
	if path, err := exec.LookPath("kubectl"); err == nil { // the real one, with no kubeconfig
		b := newBench(t, "helm")
		if err := os.Symlink(path, filepath.Join(b.dir, "kubectl")); err != nil {
			t.Fatal(err)
		}
		if said, passed, _ := b.run("KUBECONFIG="+filepath.Join(b.dir, "none"), "IMAGE=r/a:1"); passed || !strings.Contains(said, "there is no current kubeconfig") {
			t.Errorf("kubectl itself without a kubeconfig: %s", said)
		}
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(makefile), "cluster-check.sh"); n != 1 {
		t.Errorf("the Makefile calls it %d times", n)
	}
}

// The check goes the whole way in its order; wherever a step fails it fails, and its namespace goes away.
func TestClusterCheckGoesTheWholeWay(t *testing.T) {
	b := newBench(t, "kubectl", "helm")
	image := "IMAGE=registry.example.org/answerable:1"
	said, passed, calls := b.run(image, "BEFORE_CHART=../earlier")
	if !passed {
		t.Fatalf("%s\ncalls:\n%s", said, calls)
	}
	at := 0
	for _, step := range []string{"create namespace", "enforce=restricted", "run open", "--dry-run=server", "install words", "backoffLimit=0", "logs job/words-migrate", "--wait", "readyReplicas", "count(*)",
		"upgrade words", "backoffLimit=0", "logs job/words-migrate", "metadata.generation", "existingSecret=missing", "readyReplicas", "rollback words", "support --open-without", "test words",
		"install voices", "test voices", "test words", "uninstall voices", "networkPolicy.from", "pod/guest", "pod/stranger", "pod/outward", "test words",
		"rollout restart", "logs pod/asks", "words-1/eviction", "words-2/eviction", "logs pod/asks", "upgrade words ../earlier", "logs pod/asks", "upgrade words", "logs pod/asks", "rollback words", "logs pod/asks", "exec asks", "pod/asks",
		"condition=complete job/tells", "test words", "uninstall words --wait", "delete namespace"} {
		found := strings.Index(calls[at:], step)
		if found < 0 {
			t.Fatalf("after %d calls nobody did %q:\n%s", strings.Count(calls[:at], "\n"), step, calls)
		}
		at += found
	}
	inside := regexp.MustCompile(`^(answerable|(kubectl|helm) -n answerable-check-[0-9]+) |^kubectl (config current-context|version|create namespace|label namespace|delete namespace answerable-check-|create --raw /api/v1/namespaces/answerable-check-[0-9]+/)`)
	for line := range strings.Lines(calls) {
		if !inside.MatchString(line) {
			t.Errorf("it reaches outside its namespace: %s", line)
		}
	}
	for _, step := range []string{"rollout status deploy/words", "test words", "Succeeded pod/asks", "rollback", "epoch make", "Failed pod/stranger", "--dry-run=server"} {
		if said, passed, calls := b.run(image, "FAILS="+step); passed || !strings.Contains(calls, "delete namespace answerable-check-") {
			t.Errorf("when %q fails it passes: %v: %s", step, passed, said)
		}
	}
}

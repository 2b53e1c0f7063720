package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/client"
	"answerable/internal/postgres"
)

// night is a server with a clinic whose panel of three decided that two open a key, an open form, and a folder in which each
// of them has an identity.
type night struct {
	*testing.T
	url, dir string
	people   []string // paths of identities
	said     string   // what was printed beside the last result
}

// as runs a command as one of the panel.
func (n *night) as(person int, args ...string) string {
	n.Helper()
	out, ok := n.run(person, args...)
	if !ok {
		n.Fatalf("answerable %v: %s", args, n.said)
	}
	return out
}

func (n *night) run(person int, args ...string) (out string, ok bool) {
	n.Helper()
	args = append(args, "--identity", n.people[person])
	if args[0] != "review" || args[1] != "open" {
		args = append(args, "--server", n.url, "--clinic", "northside")
	}
	cmd := command(n, args...)
	var said strings.Builder
	cmd.Stderr = &said
	printed, err := cmd.Output()
	n.said = said.String()
	return string(printed), err == nil
}

// decide lets the first member propose and the second sign.
func (n *night) decide(args ...string) {
	n.Helper()
	proposed := regexp.MustCompile(`--sign ([0-9a-f-]{36})`).FindStringSubmatch(n.as(0, append([]string{"panel"}, args...)...))
	if proposed == nil {
		n.Fatalf("nothing was proposed: %v", args)
	}
	if out := n.as(1, "panel", "decisions", "--sign", proposed[1]); !strings.Contains(out, "It is made") {
		n.Fatalf("not made: %s", out)
	}
}

func newNight(t *testing.T) *night {
	t.Helper()
	useDatabase(t, privateDatabase(t))
	n := &night{T: t, dir: t.TempDir()}
	answerable(t, "", "migrate", "up")
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside", "--legal-notice", "Nothing.")
	url, stop := startServer(t, "--origin", "words.example/answerable", "--log-key-file", filepath.Join(n.dir, "log"),
		"--ticket-key-file", filepath.Join(n.dir, "ticket"), "--server-secret-file", filepath.Join(n.dir, "secret"))
	t.Cleanup(stop)
	n.url = url
	for _, name := range []string{"ada", "bo", "cy"} {
		path := filepath.Join(n.dir, name)
		n.people = append(n.people, path)
		answerable(t, "", "identity", "new", "--out", path)
		invited := answerableJSON[struct{ Invitation string }](t, "", "panel", "invite", "--clinic", "northside")
		answerable(t, "", "panel", "join", "--server", url, "--identity", path, "--invitation", invited.Invitation)
	}
	answerable(t, "", "panel", "manifest", "propose", "--clinic", "northside", "--m", "2")
	for _, path := range n.people {
		signList(t, path, "--server", url, "--clinic", "northside")
	}
	setup := string(answerable(t, "", "clinic", "setup", "northside"))
	if !strings.Contains(setup, "We recommend two: answerable panel rotation --open-by 2") {
		t.Errorf("the setup recommends nothing: %s", setup)
	}
	charter := filepath.Join(n.dir, "charter.json")
	if err := os.WriteFile(charter, []byte(`{"chosen":"By lot.","peers":"All three.","paid":"Nobody.","barred":"Who works there.","more":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	n.decide("rotation", "--open-by", "2")
	n.decide("charter", "--file", charter)
	n.decide("support", "--open-without")
	return n
}

func TestTwoOpenAnEpochInATerminal(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	if n.as(2, "panel", "decisions"); !strings.Contains(n.said, "no key is made for today") || !strings.Contains(n.said, "epoch make") {
		t.Errorf("nobody is told that there is no key: %s", n.said)
	}
	// The number stays what it was when something else of the rotation changes.
	if out := n.as(2, "panel", "rotation", "--days", "30"); !strings.Contains(out, "opened by any 2 members together, never by one alone") {
		t.Errorf("rotation without --open-by: %s", out)
	}
	n.as(0, "panel", "rotation", "--open-by", "3")
	if !strings.Contains(n.said, "When one loses their key, nobody can read what was told") {
		t.Errorf("all of three: %s", n.said)
	}

	kits := filepath.Join(n.dir, "kits")
	n.as(0, "epoch", "make", "--kit", kits)
	for i := range n.people {
		if out := n.as(i, "epoch", "ack"); !strings.Contains(out, "the part its record names for you; any 2 of 3 open it together") {
			t.Errorf("acknowledged: %s", out)
		}
	}
	answerable(t, "", "clinic", "edit", "northside", "--open")
	first := answerableJSON[told](t, "only together", "submit", "--server", n.url, "--clinic", "northside")
	answerable(t, "", "log", "batch")

	pulled := filepath.Join(n.dir, "pulled")
	n.as(1, "review", "pull", "--out", pulled)
	ask := regexp.MustCompile(`Ask for it with: answerable epoch open --epoch (\S+) --out`).FindStringSubmatch(n.said)
	if ask == nil {
		t.Fatalf("pull does not say how to ask: %s", n.said)
	}
	epoch := ask[1]
	if out := n.as(1, "review", "open", pulled); !strings.Contains(out, "2 of 3 open epoch "+epoch+" together") {
		t.Errorf("open before the opening: %s", out)
	}
	if _, ok := n.run(1, "epoch", "collect", "--out", pulled); ok || !strings.Contains(n.said, "nothing was asked for from this folder") {
		t.Errorf("collected before asking: %s", n.said)
	}
	if out := n.as(1, "epoch", "open", "--epoch", epoch, "--out", pulled); !strings.Contains(out, "Still needed from colleagues: 1.") {
		t.Errorf("asked: %s", out)
	}
	if out := n.as(1, "epoch", "collect", "--out", pulled); !strings.Contains(out, "1 of 2 parts are here") {
		t.Errorf("collected at once: %s", out)
	}
	list := n.as(2, "epoch", "answer")
	request := regexp.MustCompile(`--request ([0-9a-f-]{36})`).FindStringSubmatch(list)
	if request == nil || !strings.Contains(list, "they read all that was told in it, and what comes until") {
		t.Fatalf("listed: %s", list)
	}
	n.as(2, "epoch", "answer", "--request", request[1])
	if out := n.as(2, "epoch", "answer"); !strings.Contains(out, "You have given your part") {
		t.Errorf("listed after the answer: %s", out)
	}
	if _, ok := n.run(1, "epoch", "answer", "--request", request[1]); ok || !strings.Contains(n.said, "it is your own") {
		t.Errorf("one's own request: %s", n.said)
	}
	if _, ok := n.run(2, "epoch", "answer", "--request", "nothing"); ok || !strings.Contains(n.said, "nobody asks under the name nothing") {
		t.Errorf("a request that is not there: %s", n.said)
	}
	collected := answerableJSON[[]client.Collected](t, "", "epoch", "collect", "--out", pulled, "--identity", n.people[1], "--server", n.url, "--clinic", "northside")
	if len(collected) != 1 || !collected[0].Open || len(collected[0].From) != 2 {
		t.Fatalf("collected %+v", collected)
	}
	n.as(1, "review", "declare", "--yes", "--from", pulled, "--leaf", first.LeafHash)
	if out := n.as(1, "review", "open", "--leaf", first.LeafHash, pulled); !strings.Contains(out, "only together") {
		t.Errorf("open after the opening: %s", out)
	}
	if _, ok := n.run(1, "epoch", "open", "--epoch", epoch, "--out", pulled); ok || !strings.Contains(n.said, "open in this folder already") {
		t.Errorf("asked again: %s", n.said)
	}
	if _, ok := n.run(2, "epoch", "kit", "--epoch", epoch, "--opened", n.dir, "--out", kits); ok || !strings.Contains(n.said, "Open it first") {
		t.Errorf("a kit of what is not open: %s", n.said)
	}
	later := filepath.Join(n.dir, "later")
	n.as(1, "epoch", "kit", "--epoch", epoch, "--opened", pulled, "--out", later)

	// The public age alone, as FORMAT.md and the kits say.
	sealed := filepath.Join(pulled, first.LeafHash+".age")
	n.byHand(pulled, `age -d -i `+n.people[1]+` epochs/`+epoch+`.age | sed -n 's/.*"identity":"\([^"]*\)".*/\1/p' > epoch.txt
age -d -i epoch.txt `+sealed+` > opened.json`)
	for _, kit := range []string{filepath.Join(kits, epoch), filepath.Join(later, epoch)} {
		n.kitOpens(kit, sealed)
	}
	n.strangersFindNothing(epoch)
}

// strangersFindNothing follows the log, in which there are two lists, a charter, a rotation, whether the form may open, a request
// to open, and at last a key called back: a stranger finds all of them signed as they must be.
func (n *night) strangersFindNothing(epoch string) {
	n.Helper()
	proposed := regexp.MustCompile(`--sign ([0-9a-f-]{36})`).FindStringSubmatch(n.as(0, "epoch", "revoke", "--epoch", epoch))
	if proposed == nil {
		n.Fatal("nothing is called back")
	}
	n.as(2, "panel", "decisions", "--sign", proposed[1])
	db, err := postgres.Open(databaseOf(n))
	if err != nil {
		n.Fatal(err)
	}
	defer db.Close()
	var kinds []string
	if err := db.NewRaw(`SELECT DISTINCT split_part(convert_from(leaf, 'UTF8'), E'\n', 2) AS kind FROM log_leaf ORDER BY kind`).Scan(n.Context(), &kinds); err != nil {
		n.Fatal(err)
	}
	for _, kind := range []string{"charter", "open", "revoke", "rotation", "support"} {
		if !slices.Contains(kinds, kind) {
			n.Errorf("no leaf of the kind %s is in the log: %v", kind, kinds)
		}
	}
	for range 100 { // leaves of keys are signed within a second
		if out := answerableJSON[verifiedLog](n, "", "log", "verify", n.url); out.Size == n.leaves(db) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	n.Error("the log is not signed to its end")
}

func (n *night) leaves(db *bun.DB) (leaves int64) {
	n.Helper()
	if err := db.NewRaw(`SELECT count(*) FROM log_leaf`).Scan(n.Context(), &leaves); err != nil {
		n.Fatal(err)
	}
	return leaves
}

// byHand runs commands in a folder with the pinned age, and wants the words in opened.json.
func (n *night) byHand(dir, commands string) {
	n.Helper()
	cmd := exec.Command("sh", "-eu", "-c", commands)
	cmd.Dir = dir
	cmd.Env = append(environment(n), "PATH="+ageDir(n)+string(os.PathListSeparator)+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		n.Fatalf("%s\n%v: %s", commands, err, out)
	}
	opened, err := os.ReadFile(filepath.Join(dir, "opened.json"))
	if err != nil || !strings.Contains(string(opened), "only together") {
		n.Errorf("%s\nopened %s, %v", commands, opened, err)
	}
}

// kitOpens types what a kit's README says, for each pair in each order, and tries with one identity alone.
func (n *night) kitOpens(kit, sealed string) {
	n.Helper()
	readme, err := os.ReadFile(filepath.Join(kit, "README.txt"))
	if err != nil {
		n.Fatal(err)
	}
	var commands []string
	for _, line := range indented.FindAllStringSubmatch(string(readme), -1) {
		commands = append(commands, line[1])
	}
	if len(commands) != 3 {
		n.Fatalf("the kit says %v", commands)
	}
	ids := map[string]string{}
	for _, path := range n.people {
		ids[answerableJSON[struct{ Reviewer string }](n, "", "identity", "show", "--identity", path).Reviewer] = path
	}
	opened := 0
	for a, first := range ids {
		for b, then := range ids {
			if a == b {
				continue
			}
			dir := n.TempDir()
			if err := os.CopyFS(dir, os.DirFS(kit)); err != nil {
				n.Fatal(err)
			}
			script := strings.NewReplacer("A.txt", first, "B.txt", then, "A-then-B.age", a+"-then-"+b+".age", "SEALED.age", sealed).Replace(strings.Join(commands, "\n"))
			n.byHand(dir, script)
			alone := exec.Command(filepath.Join(ageDir(n), "age"), "-d", "-i", then, filepath.Join(kit, a+"-then-"+b+".age"))
			if alone.Run() == nil {
				n.Errorf("%s opens what %s opens first", b, a)
			}
			opened++
		}
	}
	if opened != 6 {
		n.Errorf("%d pairs", opened)
	}
}

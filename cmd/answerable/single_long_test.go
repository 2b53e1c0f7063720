//go:build long && linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// TestLongUnitsAreClosedIn asks systemd how much a unit leaves open: 0 is nothing, 10 everything. make test-long installs
// systemd-analyze where it is missing.
func TestLongUnitsAreClosedIn(t *testing.T) {
	level := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)
	for _, unit := range []string{"answerable.service", "answerable-backup.service"} {
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "../../charts/single/"+unit).CombinedOutput()
		m := level.FindSubmatch(out)
		if err != nil || m == nil {
			t.Fatalf("%s: %v\n%s", unit, err, out)
		}
		if open, err := strconv.ParseFloat(string(m[1]), 64); err != nil || open >= 2 {
			t.Errorf("%s leaves %s open, %v; below 2.0 is asked for\n%s", unit, m[1], err, out)
		}
	}
}

// TestLongNothingLeavesTheServerUnasked is the short test for those who are not root.
func TestLongNothingLeavesTheServerUnasked(t *testing.T) {
	if err := inOwnNetwork(t); err != nil {
		t.Fatalf("%v\nRun make test-long as root, on a machine of your own.", err)
	}
}

// machine is a fresh Debian in a folder, and in a network of its own.
type machine struct {
	*testing.T
	root, people string
	words        *strings.Replacer
}

// TestLongFromBareDebianToAnOpenForm types what charts/single/README.md says on a root that debootstrap made: Debian's own
// Postgres, the units, a certificate by ACME, a clinic, a panel, a copy, and doctor at the end. systemd itself does not run in a
// folder; what stands in for systemctl reads the unit that is installed there.
func TestLongFromBareDebianToAnOpenForm(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("a machine from nothing is made by root only: run make test-long as root")
	}
	root := os.Getenv("FRESH_ROOT")
	if root == "" {
		root = freshRoot(t)
		t.Setenv("FRESH_ROOT", root)
	}
	if os.Getenv(alone) == "" {
		// Debian's packages come from its mirrors, as long as there is a network.
		m := &machine{T: t, root: root}
		m.in("", "DEBIAN_FRONTEND=noninteractive apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --download-only --no-install-recommends postgresql ca-certificates")
		cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
		cmd.Env = append(os.Environ(), alone+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if err := exec.Command("sh", "-ec", "ip link set lo up; mount --make-rprivate /; mount -t proc proc "+root+"/proc; mount --bind /dev "+root+"/dev").Run(); err != nil {
		t.Fatal(err)
	}
	given := newAuthority(t, 80, 443)
	m := &machine{T: t, root: root, people: t.TempDir(), words: strings.NewReplacer()}
	m.prepare(given)
	m.performs(m.page())
	out := m.in("answerable", m.operates("answerable doctor --json --url https://words.example.org --ca-file /opt/roots.pem --data /var/lib/answerable --backups /var/backups/answerable/rest --wraps-backups /var/backups/answerable/wraps"))
	m.isGreen(out)
}

// freshRoot makes a Debian 12. It takes two minutes; FRESH_ROOT names one that was made before.
func freshRoot(t *testing.T) string {
	t.Helper()
	root, err := os.MkdirTemp("/var/tmp", "answerable-debian-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("debootstrap", "--variant=minbase", "bookworm", root).CombinedOutput(); err != nil {
		t.Fatalf("debootstrap: %v\n%s", err, out[max(0, len(out)-2000):])
	}
	return root
}

// in runs a script in the folder as one of its users, root where none is named.
func (m *machine) in(user, script string) string {
	m.Helper()
	args := []string{m.root, "sh", "-ec", script}
	if user != "" {
		args = []string{m.root, "su", "-s", "/bin/sh", user, "-c", "set -e\n" + script}
	}
	cmd := exec.Command("chroot", args...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(m.root, "var/log/answerable/server.log"))
		m.Fatalf("%s typed\n%s\n%v: %s\nserver.log: %s", user, script, err, out, log)
	}
	return string(out)
}

// operates is a command as the operator has it: with the database's address, in a folder to write in.
func (m *machine) operates(command string) string {
	return "export DATABASE_URL='postgres:///answerable?host=/run/postgresql' HOME=/tmp; cd /tmp\n" + command
}

// systemctl does what the page asks systemd for, by what stands in the installed units.
const systemctl = `#!/bin/sh -e
case "$*" in
daemon-reload|"enable --now answerable-backup.timer") ;;
"restart postgresql") pg_ctlcluster $(pg_lsclusters -h | cut -d" " -f1,2) restart ;;
"enable --now answerable"|"start answerable-backup.service")
	unit=/etc/systemd/system/answerable.service
	case "$*" in *backup*) unit=/etc/systemd/system/answerable-backup.service ;; esac
	user=$(sed -n 's/^User=//p' $unit)
	secrets=$(mktemp -d /run/credentials.XXXXXX)
	sed -n 's/^LoadCredential=//p' $unit | while IFS=: read -r id path; do install -m 400 -o $user "$path" $secrets/$id; done
	chown $user $secrets
	install -d -m 700 -o $user /var/lib/answerable
	set -a
	. $(sed -n 's/^EnvironmentFile=//p' $unit)
	eval "$(sed -n 's/^Environment=//p' $unit | sed "s|%d|$secrets|g; s|%S|/var/lib|g")"
	set +a
	run=$(sed -n 's/^ExecStart=//p' $unit)
	case "$*" in *backup*) eval "exec setpriv --reuid=$user --regid=$user --clear-groups $run" ;; esac
	# Root's ports go along as the unit's ambient capability does.
	setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service --bounding-set=-all,+net_bind_service $run >>/var/log/answerable/server.log 2>&1 &
	;;
*) echo "systemctl $*: not known here" >&2; exit 1 ;;
esac
`

// prepare brings what an operator copies over, and what stands in for the world: names, an authority, systemd.
func (m *machine) prepare(given *authority) {
	m.Helper()
	for to, from := range map[string]string{"opt/answerable": binary, "opt/trust.pem": given.trust} {
		m.copy(from, to)
	}
	units, err := filepath.Glob("../../charts/single/*")
	if err != nil || len(units) < 6 {
		m.Fatal(units, err)
	}
	for _, unit := range units {
		m.copy(unit, "opt/"+filepath.Base(unit))
	}
	write(m.T, filepath.Join(m.root, "opt/roots.pem"), given.rootsPEM)
	write(m.T, filepath.Join(m.root, "usr/local/bin/systemctl"), systemctl)
	write(m.T, filepath.Join(m.root, "etc/hosts"), "127.0.0.1 localhost words.example.org\n")
	for _, path := range []string{"opt/answerable", "opt/trust.pem", "opt/roots.pem", "usr/local/bin/systemctl", "etc/hosts"} {
		if err := os.Chmod(filepath.Join(m.root, path), 0o755); err != nil {
			m.Fatal(err)
		}
	}
	hosts := filepath.Join(m.root, "etc/hosts")
	if err := exec.Command("mount", "--bind", hosts, "/etc/hosts").Run(); err != nil {
		m.Fatal(err)
	}
	settings, err := os.OpenFile(filepath.Join(m.root, "opt/answerable.env"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		m.Fatal(err)
	}
	defer settings.Close()
	if _, err := settings.WriteString("ANSWERABLE_ACME_DIRECTORY=" + given.directory + "\nANSWERABLE_ACME_CA_FILE=/opt/trust.pem\n"); err != nil {
		m.Fatal(err)
	}
	m.Setenv("SSL_CERT_FILE", filepath.Join(m.root, "opt/roots.pem"))
}

func (m *machine) copy(from, to string) {
	m.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		m.Fatalf("%v; run make build first", err)
	}
	write(m.T, filepath.Join(m.root, to), string(content))
}

var whoseStep = regexp.MustCompile(`(?m)^\*\*(Root|Operator)\*\*`)

// page reads who types what.
func (m *machine) page() (acts []act) {
	m.Helper()
	text := single(m.T, "charts/single/README.md")
	text, _, _ = strings.Cut(text, "\n## Bringing a copy back\n")
	at := whoseStep.FindAllStringSubmatchIndex(text, -1)
	for i, step := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		var lines []string
		for _, line := range indented.FindAllStringSubmatch(text[step[0]:end], -1) {
			lines = append(lines, line[1])
		}
		acts = append(acts, act{text[step[2]:step[3]], strings.Join(lines, "\n") + "\n"})
	}
	if len(acts) != 7 {
		m.Fatalf("the page has %d steps", len(acts))
	}
	return acts
}

// performs types the page, and README's way to an open form where it says so.
func (m *machine) performs(acts []act) {
	m.Helper()
	recipient := ""
	for i, a := range acts {
		switch {
		case i == len(acts)-1:
			return // doctor, which the test asks in its own way
		case a.who == "Operator":
			out := m.in("answerable", m.operates(a.commands))
			if r := regexp.MustCompile(`age1pq1[a-z0-9]+`).FindString(out); r != "" {
				recipient = r
			}
		default:
			m.in("", "cd /opt\n"+strings.ReplaceAll(a.commands, "RECIPIENT", recipient))
		}
		if strings.Contains(a.commands, "enable --now answerable\n") {
			m.answers()
			m.opens()
		}
	}
}

// answers waits for the certificate and the first page.
func (m *machine) answers() {
	m.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(300 * time.Millisecond) {
		out, err := exec.Command("curl", "--silent", "--show-error", "--fail", "--cacert", os.Getenv("SSL_CERT_FILE"), "https://words.example.org/readyz").CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(m.root, "var/log/answerable/server.log"))
			m.Fatalf("%v: %s\nserver.log: %s", err, out, log)
		}
	}
}

// opens goes README's way from the second step on: the operator in the folder, reviewers elsewhere.
func (m *machine) opens() {
	m.Helper()
	s := &stage{T: m.T, dir: m.people, words: strings.NewReplacer()}
	reviewers := []string{"ada", "bo", "cy"}
	acts := walk(m.T)
	add, invite, _ := strings.Cut(acts[1].commands, "\n")
	added := m.in("answerable", m.operates(add))
	link := regexp.MustCompile(`/panel/join#([a-z2-7]{32})`).FindStringSubmatch(added)
	if link == nil {
		m.Fatalf("no link for a steward: %s", added)
	}
	s.types("steward", "answerable identity new --out me.txt\nanswerable panel join --server https://words.example.org --identity me.txt --invitation "+link[1])
	for _, person := range reviewers {
		code := codePrinted.FindStringSubmatch(m.in("answerable", m.operates(invite)))
		s.types(person, strings.ReplaceAll(acts[2].commands, "CODE", code[1]))
	}
	for _, a := range acts[3:] {
		if a.who == "Operator" {
			m.in("answerable", m.operates(a.commands))
			continue
		}
		s.perform(a, reviewers)
	}
	s.types("writer", "printf 'They listened.' | answerable submit --server https://words.example.org --clinic riverside")
}

// isGreen holds what doctor found against what a folder cannot have: a clock that somebody keeps, and a disk of its own.
func (m *machine) isGreen(out string) {
	m.Helper()
	var findings []findingRow
	if err := json.Unmarshal([]byte(strings.TrimSpace(out)), &findings); err != nil {
		m.Fatalf("%v: %s", err, out)
	}
	if len(findings) < 12 {
		m.Errorf("doctor looked at %d things only", len(findings))
	}
	for _, f := range findings {
		m.Logf("%s %s: %s", f.State, f.Check, f.Say)
		ofThisMachine := f.Check == "swap" || f.Check == "disk" && f.State == "look" || f.Check == "clock" && strings.HasPrefix(f.Say, "Nothing keeps this machine's clock right")
		if f.State != "ok" && !ofThisMachine {
			m.Errorf("%s %s: %s %s", f.State, f.Check, f.Say, f.Do)
		}
	}
}

// TestLongFullDiskIsSurvived fills the disk under a server and its own Postgres, and makes room again.
func TestLongFullDiskIsSurvived(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("a small disk is mounted by root only: run make test-long as root")
	}
	disk := newData()
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=160m,mode=755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Unmount(disk, syscall.MNT_DETACH)
		os.Remove(disk)
	})
	p := &place{dir: t.TempDir()}
	p.serveQuietly(t, filepath.Join(disk, "data"))
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside", "--legal-notice", "Nothing.")
	p.populate(t)
	kept := map[string]string{}
	tell := func(words string) (refused string) {
		t.Helper()
		var said strings.Builder
		cmd := command(t, append([]string{"submit", "--json"}, p.at()...)...)
		cmd.Stdin, cmd.Stderr = strings.NewReader(words), &said
		out, err := cmd.Output()
		var accepted told
		if err == nil && json.Unmarshal(out, &accepted) == nil {
			kept[accepted.LeafHash] = words
		}
		return said.String()
	}
	tell("before")
	filler, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = filler.Write(block)
	}
	refused := ""
	for i := 0; i < 200 && !strings.Contains(refused, "storage cannot be reached"); i++ {
		refused = tell("while it is full " + strconv.Itoa(i))
	}
	if !strings.Contains(refused, "storage cannot be reached") {
		t.Errorf("a full disk is told as %q", refused)
	}
	t.Logf("%d were kept before nothing more fitted", len(kept))
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	filler.Close()
	time.Sleep(3 * time.Second)
	if said := tell("there is room again"); !strings.Contains(strings.Join(words(kept), "\n"), "there is room again") {
		t.Errorf("with room again: %s", said)
	}
	time.Sleep(2500 * time.Millisecond)
	read := p.read(t, filepath.Join(p.dir, "pulled"))
	for leaf, words := range kept {
		if read[leaf] != words {
			t.Errorf("%q was acknowledged and is gone", words)
		}
	}
	p.stop()
}

func words(kept map[string]string) (list []string) {
	for _, w := range kept {
		list = append(list, w)
	}
	return list
}

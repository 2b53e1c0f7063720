package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/client"
	"answerable/internal/postgres"
	"answerable/internal/seal"
)

// TestFirstEvening goes the way of somebody who sets a place up: a server, a clinic, a panel, a key, and the first words.
func TestFirstEvening(t *testing.T) {
	t.Parallel()
	database := privateDatabase(t)
	useDatabase(t, database)
	dir := t.TempDir()
	answerable(t, "", "migrate", "up")
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside", "--legal-notice", "Nothing.", "--service", "night=The night service")

	url, stop := startServer(t, "--origin", "words.example/answerable",
		"--log-key-file", filepath.Join(dir, "log"), "--ticket-key-file", filepath.Join(dir, "ticket"), "--server-secret-file", filepath.Join(dir, "secret"))
	at := []string{"--server", url, "--clinic", "northside"}
	if said := refusal(t, "hello", append([]string{"submit"}, at...)...); !strings.Contains(said, "form is closed now") {
		t.Errorf("without a key: %s", said)
	}
	lines := filepath.Join(dir, "lines")
	line := []byte(`[{"name":"Night line","contacts_emergency_services":"never","mandatory_reporting":"none","can_trace":"no",` +
		`"ways":["voice"],"cost":"free","checked_on":"2999-12-01"}]`)
	if err := os.WriteFile(lines, line, 0o600); err != nil {
		t.Fatal(err)
	}
	const early = `2999-12-01 is still to come, and the line "Night line"`
	if said := refusal(t, "", "clinic", "support", "northside", "--file", lines); !strings.Contains(said, early) {
		t.Errorf("a line that was checked in years to come: %s", said)
	}

	var identities []string
	for _, name := range []string{"ada", "bo"} {
		path := filepath.Join(dir, name)
		identities = append(identities, path)
		answerable(t, "", "identity", "new", "--out", path)
		invited := answerableJSON[struct{ Invitation string }](t, "", "panel", "invite", "--clinic", "northside")
		answerable(t, "", "panel", "join", "--server", url, "--identity", path, "--invitation", invited.Invitation)
	}
	answerable(t, "", "panel", "manifest", "propose", "--clinic", "northside", "--m", "2")
	unseen := append([]string{"panel", "manifest", "sign", "--identity", identities[0]}, at...)
	if said := refusal(t, "yes\n", unseen...); !strings.Contains(said, "nobody is here to look at the list") || !strings.Contains(said, "panel manifest draft") {
		t.Errorf("signing what nobody saw: %s", said)
	}
	if said := refusal(t, "", append(unseen, "--list", "AAAA-AAAA-AAAA-AAAA-AAAA")...); !strings.Contains(said, "another list waits now") {
		t.Errorf("signing another list than was seen: %s", said)
	}
	draft := string(answerable(t, "", append([]string{"panel", "manifest", "draft", "--identity", identities[0]}, at...)...))
	if !strings.Contains(draft, "needed: 2 of 2 must sign") || !strings.Contains(draft, "signed: nobody") || !listNamed.MatchString(draft) {
		t.Errorf("the draft reads %s", draft)
	}
	fingerprints := map[string]bool{}
	for _, identity := range identities {
		fingerprints[signList(t, identity, at...)] = true
	}
	if len(fingerprints) != 1 {
		t.Errorf("fingerprints %v", fingerprints)
	}
	answerable(t, "", append([]string{"epoch", "make", "--identity", identities[1]}, at...)...)
	for i, identity := range identities {
		acked := answerableJSON[[]client.Acked](t, "", append([]string{"epoch", "ack", "--identity", identity}, at...)...)
		if want := []string{"offered", "logged"}[i]; len(acked) != 4 || acked[0].State != want {
			t.Errorf("ack %d: %+v, want %s", i, acked, want)
		}
	}
	charter := filepath.Join(dir, "charter.json")
	if err := os.WriteFile(charter, []byte(`{"chosen":"By lot.","peers":"Two of two.","paid":"Nobody.","barred":"Who works there.","more":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, propose := range [][]string{{"charter", "--file", charter}, {"support", "--open-without"}} {
		if said := refusal(t, "", "clinic", "edit", "northside", "--open"); !strings.Contains(said, "cannot open yet") {
			t.Errorf("before %s: %s", propose[0], said)
		}
		proposed := answerableJSON[struct{ ID string }](t, "", append(append([]string{"panel"}, propose...), append([]string{"--identity", identities[0]}, at...)...)...)
		answerable(t, "", append([]string{"panel", "decisions", "--sign", proposed.ID, "--identity", identities[1]}, at...)...)
	}
	answerable(t, "", "clinic", "edit", "northside", "--open")
	seen := filepath.Join(dir, "seen")
	first := answerableJSON[told](t, "the first words", append([]string{"submit", "--seen", seen}, at...)...)
	for _, args := range [][]string{{"panel", "manifest", "show"}, {"panel", "members", "--identity", identities[0]}} {
		answerable(t, "", append(append(args, "--seen", seen), at...)...)
	}
	another := refusal(t, "", "panel", "manifest", "show", "--server", shared.start(t).URL, "--clinic", "riverside", "--seen", seen)
	if kept, err := client.ReadPinned(seen); err != nil || kept.Checkpoint.Size == 0 || !strings.Contains(another, "public log could not be read") {
		t.Errorf("what was seen of the log: %v; and another log is %s", err, another)
	}
	moved := answerableJSON[struct{ Files int }](t, "", "log", "batch")
	if moved.Files != 1 {
		t.Errorf("the batch moved %d", moved.Files)
	}
	somebodyJoins(t, dir, identities, at)
	pulled := filepath.Join(dir, "pulled")
	answerable(t, "", append([]string{"review", "pull", "--identity", identities[0], "--out", pulled}, at...)...)
	if got := everythingIn(t, identities[0], pulled); !slices.ContainsFunc(got, func(o client.Opened) bool {
		return o.LeafHash == first.LeafHash && len(o.Answers) == 1 && o.Answers[0].A == "the first words"
	}) {
		t.Errorf("opened %+v", got)
	}

	answerable(t, "", "clinic", "edit", "northside", "--no-open")
	if said := refusal(t, "hello", append([]string{"submit"}, at...)...); !strings.Contains(said, "form is closed now") {
		t.Errorf("closed: %s", said)
	}
	stop()

	// With a promise given, a lost key is not replaced in silence.
	if err := os.Remove(filepath.Join(dir, "ticket")); err != nil {
		t.Fatal(err)
	}
	said := refusal(t, "", "serve", "--addr", "127.0.0.1:0",
		"--log-key-file", filepath.Join(dir, "log"), "--ticket-key-file", filepath.Join(dir, "ticket"), "--server-secret-file", filepath.Join(dir, "secret"))
	if !strings.Contains(said, "is missing, and promises were made with it") {
		t.Errorf("lost key: %s", said)
	}
	if _, err := os.Stat(filepath.Join(dir, "ticket")); err == nil {
		t.Error("a new key was made")
	}
}

// somebodyJoins lets a panel of two take in a third, and each see and end their sign-ins, all from terminals.
func somebodyJoins(t *testing.T, dir string, identities, at []string) {
	t.Helper()
	as := func(identity string, args ...string) []string {
		return append(append(args, "--identity", identity), at...)
	}
	cy := filepath.Join(dir, "cy")
	who := answerableJSON[publicIdentity](t, "", "identity", "new", "--out", cy)
	invited := answerableJSON[struct{ Invitation string }](t, "", "panel", "invite", "--clinic", "northside")
	answerable(t, "", "panel", "join", at[0], at[1], "--identity", cy, "--invitation", invited.Invitation)
	if out := string(answerable(t, "", as(identities[0], "panel", "members")...)); !strings.Contains(out, who.Reviewer+"  joined ") || !strings.Contains(out, "panel add") {
		t.Errorf("members: %s", out)
	}
	if said := refusal(t, "", as(identities[0], "panel", "add", "--reviewer", "raaaaaaaa")...); !strings.Contains(said, "not just what you asked for") {
		t.Errorf("adding somebody else than who joined: %s", said)
	}
	answerable(t, "", as(identities[0], "panel", "add", "--reviewer", who.Reviewer)...)
	for _, identity := range []string{identities[1], cy} {
		signList(t, identity, at...)
	}
	answerable(t, "", as(identities[0], "epoch", "make")...)
	answerable(t, "", as(identities[1], "epoch", "ack")...)
	answerable(t, "", as(cy, "epoch", "ack")...)
	answerable(t, "", as(identities[0], "epoch", "give", "--to", who.Reviewer)...)

	// A terminal signs out when it is done; a browser elsewhere stays signed in until it is ended.
	elsewhere, err := client.New(at[1])
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(cy)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := seal.ParseIdentityFile(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := elsewhere.Reviewer(identity)
	if err == nil {
		err = r.SignIn(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	account := func(args ...string) []string {
		return append(append([]string{"account"}, args...), "--identity", cy, at[0], at[1])
	}
	listed := answerableJSON[struct{ Sessions []client.Session }](t, "", account("list")...).Sessions
	if len(listed) != 2 || listed[0].Here == listed[1].Here {
		t.Errorf("signed in at %+v", listed)
	}
	if said := refusal(t, "", account("end", "0123456789abcdef")...); !strings.Contains(said, "not signed in elsewhere as") {
		t.Errorf("ending what is not there: %s", said)
	}
	if said := refusal(t, "", account("remove-passkey", "AAAAAAAAAAAAAAAAAAAAAA")...); !strings.Contains(said, "no key here for this passkey") {
		t.Errorf("removing what is not there: %s", said)
	}
	answerable(t, "", account("end", "--others")...)
	if _, err := r.Sessions(t.Context()); err == nil {
		t.Error("what was ended goes on")
	}
	if out := string(answerable(t, "", account("list")...)); !strings.Contains(out, "a terminal  (this one") || strings.Count(out, "a terminal") != 1 || !strings.Contains(out, "none") {
		t.Errorf("account list: %s", out)
	}
}

// startServer runs serve on a free port until stop.
func startServer(t testing.TB, args ...string) (url string, stop func()) {
	t.Helper()
	cmd := command(t, append([]string{"serve", "--json", "--addr", "127.0.0.1:0"}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		cmd.Wait()
		t.Fatalf("serve said: %s", said.String())
	}
	var announced struct{ URL, Origin string }
	if err := json.Unmarshal(line[:n], &announced, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	return announced.URL, func() {
		t.Helper()
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v\n%s", err, said.String())
		}
	}
}

// refusal runs a command that must fail and gives what it said.
func refusal(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	var said bytes.Buffer
	cmd := command(t, args...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), &said
	if err := cmd.Run(); err == nil {
		t.Errorf("answerable %v did not fail", args)
	}
	return said.String()
}

func TestWordsToldWhileTheDatabaseIsAwayAreNotAcknowledged(t *testing.T) {
	t.Parallel()
	data := newData()
	t.Cleanup(func() { os.RemoveAll(data) })
	demo, err := startDemo(data, "--submissions", "0", "--batch-every", "24h") // no batch, so no decoys either
	if err != nil {
		t.Fatal(err)
	}
	pid, err := os.ReadFile(filepath.Join(data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(string(pid), "\n")
	if err := exec.Command("kill", "-QUIT", number).Run(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	said := refusal(t, "lost?", "submit", "--server", demo.URL, "--clinic", demo.Clinic)
	if !strings.Contains(said, "our storage cannot be reached") {
		t.Errorf("said: %s", said)
	}
	demo.kill()

	again, err := startDemo(data, "--submissions", "0", "--batch-every", "24h")
	if err != nil {
		t.Fatal(err)
	}
	if said := again.submit(t, "not lost"); said.Ticket == "" {
		t.Error("no ticket after the restart")
	}
	if n := rowsIn(t, data, "pending"); n != 1 {
		t.Fatalf("%d messages wait for the batch before the restart", n)
	}
	again.kill() // between submit and batch
	third, err := startDemo(data, "--submissions", "0", "--batch-every", "24h")
	if err != nil {
		t.Fatal(err)
	}
	if waits, done := rowsIn(t, data, "pending"), rowsIn(t, data, "submission"); waits != 1 || done != 0 {
		t.Fatalf("after the restart %d messages wait for the batch, and it took %d", waits, done)
	}
	third.kill()
	third, err = startDemo(data, "--submissions", "0")
	if err != nil {
		t.Fatal(err)
	}
	batch()
	if n := rowsIn(t, data, "pending"); n != 0 {
		t.Errorf("after the batch %d messages wait", n)
	}
	all := third.pullAndOpen(t, 0, filepath.Join(data, "pulled"))
	if len(all) != 1 || all[0].Answers[0].A != "not lost" {
		t.Errorf("after a restart between submit and batch: %d texts", len(all))
	}
	if err := third.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// rowsIn counts the rows of a table of a demo that runs.
func rowsIn(t testing.TB, data, table string) (n int) {
	t.Helper()
	db, err := postgres.Open("postgres:///postgres?host=" + filepath.Join(data, "postgres", "run") + "&port=5432&user=answerable&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.NewRaw(`SELECT count(*) FROM ?`, bun.Ident(table)).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestServerPutsOldDraftsAway(t *testing.T) {
	t.Parallel()
	useDatabase(t, privateDatabase(t))
	answerable(t, "", "migrate", "up")
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside")
	db, err := postgres.Open(databaseOf(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`INSERT INTO reviewer VALUES ('raaaaaaaa', 'age1pq1x', repeat('k', 32)::bytea)`,
		`INSERT INTO decision (id, clinic_id, kind, state, lines, proposed_by, proposed_on)
			SELECT gen_random_uuid(), id, 'support', 'draft', age::text, 'raaaaaaaa', (now() AT TIME ZONE 'UTC')::date - age
			FROM clinic, (VALUES (20), (5)) AS ages (age)`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	_, stop := startServer(t, "--origin", "words.example/answerable",
		"--log-key-file", filepath.Join(dir, "log"), "--ticket-key-file", filepath.Join(dir, "ticket"), "--server-secret-file", filepath.Join(dir, "secret"))
	defer stop()
	var states []string
	for range 100 {
		states = nil
		if err := db.NewRaw(`SELECT state FROM decision ORDER BY lines`).Scan(t.Context(), &states); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(states, "dropped") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !slices.Equal(states, []string{"dropped", "draft"}) {
		t.Errorf("the drafts of 20 and 5 days are %v", states)
	}
}

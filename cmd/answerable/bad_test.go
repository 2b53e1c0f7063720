package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"answerable/internal/postgres"
)

// ends runs a command that must fail, and holds its status and what it says against what is wanted.
func ends(t *testing.T, status int, say, do string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	cmd := command(t, args...)
	cmd.Stderr = &said
	cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("answerable %v ended with status %d, want %d", args, got, status)
	}
	if !strings.Contains(said.String(), say) || !strings.Contains(said.String(), do) {
		t.Errorf("answerable %v said\n%swant %q and %q", args, said.String(), say, do)
	}
}

// Each thing that goes wrong at a start is a sentence with the way forward, and a status that a supervisor sees.
func TestBadStartsEndWithASentence(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	serve := func(flags ...string) []string {
		return append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags(flags...)...)
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	nowhere := strings.Replace(p.database, "/postgres?", "/nowhere?", 1)
	closed := "postgres://someone:hidden@127.0.0.1:1/words?sslmode=disable"

	ends(t, exitFailed, "the database address cannot be read", "Check DATABASE_URL", serve("--database-url", "mysql://x y")...)
	ends(t, exitFailed, "the database does not answer", "Check that Postgres runs", serve("--database-url", nowhere)...)
	ends(t, exitFailed, "the database does not answer", "DATABASE_URL names its host, user, password and database", serve("--database-url", closed)...)
	// The Job of the Helm chart runs this first; its log is all that an operator sees.
	ends(t, exitFailed, "the database does not answer", "DATABASE_URL names its host, user, password and database", "migrate", "up", "--database-url", closed)
	ends(t, exitFailed, "the database does not answer", "Check that Postgres runs", "migrate", "up", "--database-url", nowhere)
	if said := refusal(t, "", serve("--database-url", closed)...); strings.Contains(said, "hidden") {
		t.Errorf("the password was printed: %s", said)
	}
	_, empty := unmigrated(t, p.database)
	ends(t, exitFailed, "the database is older than this program", "run `answerable migrate up`", serve("--database-url", empty)...)

	ends(t, exitFailed, "is taken by another program", "--addr localhost:0 takes any free port", append(serve(), "--addr", "127.0.0.1:"+port)...)
	ends(t, exitFailed, "is taken by another program", "or give another", append(serve(), "--metrics-addr", "127.0.0.1:"+port)...)

	ends(t, exitUsage, "a key of the server is not named", "Set ANSWERABLE_LOG_KEY_FILE to a file", "serve", "--addr", "127.0.0.1:0")
	ends(t, exitFailed, "is missing, and promises were made with it", "Bring it back from your backup", append(serve(), "--ticket-key-file", filepath.Join(p.dir, "none"))...)
	useDatabase(t, "")
	ends(t, exitFailed, "the file with the database URL cannot be read", "Check DATABASE_URL_FILE", serve("--database-url-file", filepath.Join(p.dir, "none"))...)
	ends(t, exitUsage, "no database is named", "--embedded", serve()...)
}

// unmigrated makes a database without a schema.
func unmigrated(t *testing.T, server string) (name, dsn string) {
	t.Helper()
	name = fmt.Sprintf("empty%d", time.Now().UnixNano())
	admin, err := postgres.Open(server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return name, strings.Replace(server, "/postgres?", "/"+name+"?", 1)
}

func TestClocksThatAreHoursApartAreRefused(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.stop()
	p.inDatabase(t, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`)
	p.start(t, "--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0")
	defer func() { p.stop() }()
	p.drifts(t)
	for _, off := range []time.Duration{-5 * time.Hour, 3 * time.Hour, 29 * time.Minute, -29 * time.Minute, 0} {
		var said bytes.Buffer
		err := checkClock(t.Context(), &terminal{err: &said}, p.db(t), func() time.Time { return now().Add(off) })
		if refused := err != nil; refused != (off.Abs() > astray) {
			t.Errorf("a clock that is off by %s: %v", off, err)
		}
		if err != nil {
			if what, hint := explain(err); !strings.Contains(what, "apart") || !strings.Contains(hint, "Set the one that is wrong") {
				t.Errorf("said %q, %q", what, hint)
			}
		}
	}
	p.inDatabase(t, fmt.Sprintf(`UPDATE instance SET batch_slot = %d`, now().Add(30*time.Hour).Unix()))
	var said bytes.Buffer
	if err := checkClock(t.Context(), &terminal{err: &said}, p.db(t), now); err != nil || !strings.Contains(said.String(), "has not come") {
		t.Errorf("a batch that lies ahead: %v, %q", err, said.String())
	}
}

// drifts sets the database's clock five hours ahead under a server that runs, and right again. Meanwhile the server is not
// ready and runs no batch; afterwards it goes on by itself. A function that is found before Postgres' own stands for its clock.
func (p *place) drifts(t *testing.T) {
	t.Helper()
	db := p.db(t)
	pending := func() (n, asked int) {
		t.Helper()
		if err := db.NewRaw(`SELECT (SELECT count(*) FROM pending), (SELECT last_value FROM asked)`).Scan(t.Context(), &n, &asked); err != nil {
			t.Fatal(err)
		}
		return n, asked
	}
	p.inDatabase(t, `CREATE SEQUENCE asked`, `CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
		$$ SELECT pg_catalog.clock_timestamp() + interval '5 hours' FROM nextval('asked') $$`)
	if status := statusOf(t, p.url+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("with a clock five hours off ready is %d", status)
	}
	answerable(t, "told meanwhile", append([]string{"submit"}, p.at()...)...)
	_, before := pending()
	for n, asked := 0, before; asked < before+3; time.Sleep(100 * time.Millisecond) { // two more batches would have been due
		if n, asked = pending(); n != 1 {
			t.Fatalf("a batch ran with a clock five hours off: %d wait", n)
		}
	}
	p.inDatabase(t, `DROP FUNCTION public.clock_timestamp()`)
	if status := statusOf(t, p.url+"/readyz"); status != http.StatusOK {
		t.Errorf("with the clock right again ready is %d", status)
	}
	for n := 1; n > 0; time.Sleep(100 * time.Millisecond) {
		n, _ = pending()
	}
}

// When nothing more can be written, a person is told so, gets the words back, and nothing is acknowledged.
func TestFullDiskLosesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	p.inDatabase(t, `CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`,
		`CREATE TRIGGER full_disk BEFORE INSERT ON pending FOR EACH ROW EXECUTE FUNCTION disk_is_full()`)
	response, err := http.PostForm(p.url+"/c/northside/tell", plainForm("come back to me"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "come back to me") {
		t.Errorf("without script: status %d, words back: %v, %v", response.StatusCode, strings.Contains(string(body), "come back to me"), err)
	}
	p.inDatabase(t, `DROP TRIGGER full_disk ON pending`)
	told := p.tell(t, "there is room again")
	if read := p.read(t, filepath.Join(p.dir, "pulled")); len(read) != 1 || read[told.LeafHash] == "" {
		t.Errorf("read %v", read)
	}
}

// A database that is away at the start ends it with a sentence, so that a supervisor tries again; one that goes and comes
// back needs nobody.
func TestPostgresThatComesBackLater(t *testing.T) {
	t.Parallel()
	dir := newData()
	t.Cleanup(func() { os.RemoveAll(dir) })
	start := func() *postgres.Embedded {
		t.Helper()
		private, err := postgres.StartEmbedded(context.Background(), postgres.EmbeddedOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return private
	}
	private := start()
	p := &place{dir: t.TempDir(), database: private.DSN()}
	useDatabase(t, p.database)
	answerable(t, "", "migrate", "up")
	if err := private.Stop(); err != nil {
		t.Fatal(err)
	}
	ends(t, exitFailed, "the database does not answer", "Check that Postgres runs", append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags()...)...)

	private = start()
	p.start(t)
	defer func() { p.stop() }()
	if status := statusOf(t, p.url+"/readyz"); status != http.StatusOK {
		t.Errorf("ready is %d", status)
	}
	if err := private.Stop(); err != nil {
		t.Fatal(err)
	}
	if status := statusOf(t, p.url+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("with the database away ready is %d", status)
	}
	if status := statusOf(t, p.url+"/"); status != http.StatusServiceUnavailable {
		t.Errorf("with the database away the first page has the status %d", status)
	}
	private = start()
	defer private.Stop()
	for range 50 {
		if statusOf(t, p.url+"/readyz") == http.StatusOK {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the server did not find the database again")
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// process is a server that a test ends by itself.
type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

func (p *place) run(t *testing.T, flags ...string) *process {
	t.Helper()
	_, port, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), ":")
	s := &process{cmd: command(t, append([]string{"serve", "--addr", "127.0.0.1:" + port}, p.flags(flags...)...)...)}
	s.cmd.Stderr = &s.said
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if response, err := http.Get(p.url + "/readyz"); err == nil {
			response.Body.Close()
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not ready: %s", s.said.String())
	return nil
}

// terminate asks a server to end and says how long that took.
func (s *process) terminate(t *testing.T, meanwhile func()) time.Duration {
	t.Helper()
	began := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	meanwhile()
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, s.said.String())
	}
	return time.Since(began)
}

// TestStoppingDrainsAndLosesNothing stops a server while a message is half sent, another connection does nothing, and a
// batch waits for its lock.
func TestStoppingDrainsAndLosesNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.stop()
	s := p.run(t, "--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0")
	acknowledged := map[string]string{}
	for i := range 5 {
		words := fmt.Sprint("told before ", i)
		acknowledged[answerableJSON[told](t, words, append([]string{"submit"}, p.at()...)...).LeafHash] = words
	}
	reader, err := p.db(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ExecContext(t.Context(), `LOCK TABLE pending IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1200 * time.Millisecond) // a batch is due and waits behind the reader
	idle := dial(t, p.url)
	defer idle.Close()
	half := dial(t, p.url)
	defer half.Close()
	body := plainForm("told while it stops").Encode()
	fmt.Fprintf(half, "POST /c/northside/tell HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", strings.TrimPrefix(p.url, "http://"), len(body), body[:9])
	time.Sleep(200 * time.Millisecond)

	answer := ""
	took := s.terminate(t, func() {
		time.Sleep(time.Second)
		reader.Rollback()
		io.WriteString(half, body[9:])
		half.SetReadDeadline(time.Now().Add(8 * time.Second))
		response, err := http.ReadResponse(bufio.NewReader(half), nil)
		if err != nil {
			t.Errorf("the request that had begun got no answer: %v", err)
			return
		}
		defer response.Body.Close()
		page, _ := io.ReadAll(response.Body)
		answer = string(page)
		if response.StatusCode != http.StatusOK {
			t.Errorf("the request that had begun got status %d", response.StatusCode)
		}
	})
	if took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	s = p.run(t, "--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0")
	time.Sleep(2500 * time.Millisecond)
	read := p.read(t, filepath.Join(p.dir, "pulled"))
	for leaf, words := range acknowledged {
		if read[leaf] != words {
			t.Errorf("%q was acknowledged and is gone", words)
		}
	}
	if len(read) != 6 || !strings.Contains(answer, "answerable/ticket/v1") {
		t.Errorf("%d messages are there, want 6; the last was acknowledged: %v", len(read), strings.Contains(answer, "answerable/ticket/v1"))
	}

	// Whoever never sends the rest does not hold the server up.
	stalled := dial(t, p.url)
	defer stalled.Close()
	fmt.Fprintf(stalled, "POST /c/northside/tell HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nwor")
	time.Sleep(200 * time.Millisecond)
	if took := s.terminate(t, func() {}); took > 10*time.Second {
		t.Errorf("stopping took %s with a request that never ends", took)
	}
}

// plainForm is what a browser without script sends.
func plainForm(words string) url.Values {
	return url.Values{"words": {words}, "nonce": {"AAECAwQFBgcICQoLDA0ODw"}}
}

func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(strings.Replace(url, "localhost", "127.0.0.1", 1), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// While a database fails over it may be read only for a while: a person is told to try again in a moment and gets the words
// back, nothing is acknowledged, and when it can be written to again the server needs nobody.
func TestReadOnlyDatabaseAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	told := p.tell(t, "before")
	p.inDatabase(t, `ALTER SYSTEM SET default_transaction_read_only = on`, `SELECT pg_reload_conf()`)
	time.Sleep(500 * time.Millisecond)
	response, err := http.PostForm(p.url+"/c/northside/tell", plainForm("come back to me"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "come back to me") || !strings.Contains(string(body), "Send again: if we had them already") {
		t.Errorf("without script: status %d, %v\n%s", response.StatusCode, err, body)
	}
	if said := refusal(t, "not now", append([]string{"submit"}, p.at()...)...); !strings.Contains(said, "storage cannot be reached") {
		t.Errorf("in a terminal: %s", said)
	}
	p.inDatabase(t, `ALTER SYSTEM RESET default_transaction_read_only`, `SELECT pg_reload_conf()`)
	time.Sleep(500 * time.Millisecond)
	again := p.tell(t, "after")
	if read := p.read(t, filepath.Join(p.dir, "pulled")); len(read) != 2 || read[told.LeafHash] != "before" || read[again.LeafHash] != "after" {
		t.Errorf("read %v", read)
	}
}

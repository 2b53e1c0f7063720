//go:build long

package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"answerable/internal/client"
	"answerable/internal/postgres"
	"answerable/internal/seal"
)

// TestLongReplicasLoseNothing runs three servers behind a balancer on two Postgres, a primary and a synchronous standby, each
// behind a pooler in transaction mode. While people tell, every server is restarted, one after the other; then the primary
// is killed and the standby promoted. What was acknowledged must be there, once, and the log must hold.
func TestLongReplicasLoseNothing(t *testing.T) {
	c := newCluster(t)
	place := c.firstClinic()
	b := newBalancer(t)
	for i := range c.servers {
		c.servers[i] = c.serve()
		b.add(c.servers[i].url)
	}
	load := startLoad(t, b.url, place.epoch)
	time.Sleep(3 * time.Second)

	for i, old := range c.servers {
		b.remove(old.url) // as Kubernetes does before it tells a pod to end
		time.Sleep(500 * time.Millisecond)
		c.servers[i] = c.serve()
		b.add(c.servers[i].url)
		old.stop()
		time.Sleep(time.Second)
	}
	during := load.acknowledged()
	if failed := b.failures.Load(); failed > 0 || during == 0 {
		t.Errorf("while the servers were restarted %d requests failed, of %d and more", failed, during)
	}
	t.Logf("every server restarted while %d files were taken: no request failed", during)

	before := load.acknowledged()
	c.primary.kill()
	killed := time.Now()
	time.Sleep(2 * time.Second) // a manager takes its time to be sure
	c.standby.promote()
	promoted := time.Now()
	load.waitFor(load.acknowledged()+10, 30*time.Second)
	back := time.Since(promoted)
	t.Logf("primary killed after %d files; ten more were taken %v after the promotion, %v after the kill", before, back.Round(100*time.Millisecond), time.Since(killed).Round(100*time.Millisecond))
	if back > 10*time.Second {
		t.Errorf("service was back %v after the promotion, want 10 s", back)
	}
	time.Sleep(3 * time.Second)
	told, refusals := load.stop() // a pooler may hold on to a request of the dead primary: its writer is told all the same
	for why, n := range refusals {
		t.Logf("%d times: %s", n, why)
		if !strings.Contains(why, "again") && !strings.Contains(why, "does not answer") {
			t.Errorf("a writer was told, with nothing to do next: %s", why)
		}
	}

	c.env(t, c.standbyDSN())
	answerable(t, "", "log", "batch")
	pulled := filepath.Join(t.TempDir(), "pulled")
	answerable(t, "", "review", "pull", "--server", c.servers[0].url, "--clinic", clinicSlug, "--identity", place.identity, "--out", pulled)
	lost := 0
	for _, hash := range told {
		if _, err := os.Stat(filepath.Join(pulled, hash+".age")); err != nil {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged files are lost", lost, len(told))
	}
	answerable(t, "", "log", "verify", c.servers[0].url)
	for _, s := range c.servers {
		s.stop()
	}
	if cut := b.failures.Load(); cut > 0 {
		t.Errorf("%d requests got no answer of a server within %v", cut, proxyPatience)
	}
	t.Logf("%d files acknowledged, none lost; the log holds", len(told))
}

const clinicSlug = "northside"

// cluster is two Postgres with a pooler before each.
type cluster struct {
	t                *testing.T
	dir              string
	bin              string
	uid, gid         int
	primary, standby *node
	poolers          []int // ports
	servers          [3]*replica
	keys             string
}

// node is one Postgres.
type node struct {
	c    *cluster
	data string
	port int
	cmd  *exec.Cmd
}

// bareCluster prepares folders and ports, and starts nothing.
func bareCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: newData()}
	t.Cleanup(func() { os.RemoveAll(c.dir) })
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_basebackup")
	if err != nil || len(found) == 0 {
		t.Fatal("this needs a Postgres with pg_basebackup: apt-get install postgresql")
	}
	slices.Sort(found)
	c.bin = filepath.Dir(found[len(found)-1])
	c.lend()
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(c.dir, c.uid, c.gid); err != nil {
		t.Fatal(err)
	}
	c.primary = &node{c: c, data: filepath.Join(c.dir, "primary"), port: freePort(t)}
	c.standby = &node{c: c, data: filepath.Join(c.dir, "standby"), port: freePort(t)}
	return c
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := bareCluster(t)
	if _, err := exec.LookPath("pgbouncer"); err != nil {
		t.Fatal("this needs a pooler: apt-get install pgbouncer")
	}
	c.run("initdb", "-D", c.primary.data, "-A", "trust", "-U", "postgres", "--no-sync")
	c.primary.start()
	c.run("pg_basebackup", "-h", "127.0.0.1", "-p", strconv.Itoa(c.primary.port), "-U", "postgres", "-D", c.standby.data, "-R", "--no-sync", "-c", "fast")
	c.standby.start()
	c.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
	c.sql("SELECT pg_reload_conf()")
	c.sql("CREATE DATABASE answerable")
	for _, n := range []*node{c.primary, c.standby} {
		c.poolers = append(c.poolers, c.pooler(n))
	}
	return c
}

// lend chooses whom Postgres runs as: it refuses root.
func (c *cluster) lend() {
	c.uid, c.gid = os.Getuid(), os.Getgid()
	if c.uid != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		c.t.Fatal(err)
	}
	c.uid, _ = strconv.Atoi(u.Uid)
	c.gid, _ = strconv.Atoi(u.Gid)
}

// command prepares a program as the user that Postgres runs as. It ends with the test.
func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(c.uid), Gid: uint32(c.gid)}
	}
	return cmd
}

func (c *cluster) run(program string, args ...string) {
	c.t.Helper()
	if out, err := c.command(filepath.Join(c.bin, program), args...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func (c *cluster) sql(statement string) {
	c.t.Helper()
	c.run("psql", "-h", "127.0.0.1", "-p", strconv.Itoa(c.primary.port), "-U", "postgres", "-q", "-c", statement, "postgres")
}

func (n *node) start() {
	n.c.t.Helper()
	args := []string{"-D", n.data, "-p", strconv.Itoa(n.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + n.c.dir}
	n.cmd = n.c.command(filepath.Join(n.c.bin, "postgres"), args...)
	logFile, err := os.Create(n.data + ".log")
	if err != nil {
		n.c.t.Fatal(err)
	}
	n.cmd.Stdout, n.cmd.Stderr = logFile, logFile
	if err := n.cmd.Start(); err != nil {
		n.c.t.Fatal(err)
	}
	n.c.t.Cleanup(func() { n.cmd.Process.Signal(syscall.SIGQUIT); n.cmd.Wait() })
	for range 100 {
		if n.c.command(filepath.Join(n.c.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(n.port)).Run() == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := os.ReadFile(n.data + ".log")
	n.c.t.Fatalf("Postgres did not start:\n%s", text)
}

// kill ends it as a power cut would. Its children notice and end too.
func (n *node) kill() {
	n.cmd.Process.Kill()
	n.cmd.Wait()
}

func (n *node) promote() { n.c.run("pg_ctl", "-D", n.data, "promote", "-w") }

// pooler starts a pgbouncer in transaction mode before a node.
func (c *cluster) pooler(n *node) (port int) {
	c.t.Helper()
	port = freePort(c.t)
	users, ini := filepath.Join(c.dir, fmt.Sprintf("users-%d", port)), filepath.Join(c.dir, fmt.Sprintf("pooler-%d.ini", port))
	config := fmt.Sprintf(`[databases]
answerable = host=127.0.0.1 port=%d dbname=answerable user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
auth_file = %s
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
server_login_retry = 1
ignore_startup_parameters = extra_float_digits
`, n.port, port, users)
	for path, text := range map[string]string{users: "\"postgres\" \"\"\n", ini: config} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
	cmd := c.command("pgbouncer", "-q", ini)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	waitForPort(c.t, port)
	return port
}

// dsn names both poolers; whoever connects takes the one that can be written to.
func (c *cluster) dsn() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/answerable?target_session_attrs=read-write&sslmode=disable&connect_timeout=2", c.poolers[0], c.poolers[1])
}

func (c *cluster) primaryDSN() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/answerable?sslmode=disable", c.primary.port)
}

func (c *cluster) standbyDSN() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/answerable?sslmode=disable", c.standby.port)
}

func (c *cluster) env(t *testing.T, dsn string) { useDatabase(t, dsn) }

// replica is one server.
type replica struct {
	url  string
	stop func()
}

// serve starts one more server of the place, by way of the poolers.
func (c *cluster) serve() *replica {
	c.t.Helper()
	c.env(c.t, c.dsn())
	url, stop := startServer(c.t, "--origin", "words.example/answerable", "--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0",
		"--log-key-file", filepath.Join(c.keys, "log.key"), "--ticket-key-file", filepath.Join(c.keys, "ticket.key"), "--server-secret-file", filepath.Join(c.keys, "server.secret"))
	return &replica{url, stop}
}

type firstClinic struct {
	identity string
	epoch    *client.Epoch
}

// firstClinic makes a clinic with a panel of one and an open form.
func (c *cluster) firstClinic() *firstClinic {
	c.t.Helper()
	t := c.t
	dir := t.TempDir()
	c.keys = filepath.Join(dir, "keys")
	c.env(t, c.primaryDSN())
	answerable(t, "", "migrate", "up")
	answerable(t, "", "keys", "new", "--origin", "words.example/answerable", "--out", c.keys)
	answerable(t, "", "clinic", "add", clinicSlug, "--name", "Northside", "--legal-notice", "Nothing.", "--service", "night=The night service")
	s := c.serve()
	defer s.stop()
	c.env(t, c.primaryDSN())
	identity := filepath.Join(dir, "ada")
	as := []string{"--server", s.url, "--clinic", clinicSlug, "--identity", identity}
	answerable(t, "", "identity", "new", "--out", identity)
	invited := answerableJSON[struct{ Invitation string }](t, "", "panel", "invite", "--clinic", clinicSlug)
	answerable(t, "", "panel", "join", "--server", s.url, "--identity", identity, "--invitation", invited.Invitation)
	answerable(t, "", "panel", "manifest", "propose", "--clinic", clinicSlug, "--m", "1")
	signList(t, identity, "--server", s.url, "--clinic", clinicSlug)
	answerable(t, "", append([]string{"epoch", "make"}, as...)...)
	answerable(t, "", append([]string{"epoch", "ack"}, as...)...)
	charter := filepath.Join(dir, "charter.json")
	if err := os.WriteFile(charter, []byte(`{"chosen":"By lot.","peers":"One of one.","paid":"Nobody.","barred":"Who works there.","more":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	answerable(t, "", append([]string{"panel", "charter", "--file", charter}, as...)...)
	answerable(t, "", append([]string{"panel", "support", "--open-without"}, as...)...)
	answerable(t, "", "clinic", "edit", clinicSlug, "--open")
	api, err := client.New(s.url)
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := api.ProvenEpoch(t.Context(), clinicSlug)
	if err != nil {
		t.Fatal(err)
	}
	return &firstClinic{identity, epoch}
}

// proxyPatience is what the README asks of a proxy: longer than a server waits for its database.
const proxyPatience = 30 * time.Second

// balancer hands requests round to the servers that it has, without trying any twice.
type balancer struct {
	url      string
	failures atomic.Int64 // requests that no server answered

	mu      sync.Mutex
	servers []string
	next    int
}

func newBalancer(t *testing.T) *balancer {
	b := &balancer{}
	proxy := &httputil.ReverseProxy{
		ErrorLog:  log.New(io.Discard, "", 0),
		Transport: &http.Transport{MaxIdleConnsPerHost: 20, ResponseHeaderTimeout: proxyPatience},
		Rewrite: func(r *httputil.ProxyRequest) {
			to, _ := url.Parse(b.choose())
			r.SetURL(to)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			b.failures.Add(1)
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: proxy}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	b.url = "http://" + listener.Addr().String()
	return b
}

func (b *balancer) choose() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	return b.servers[b.next%len(b.servers)]
}

func (b *balancer) add(server string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.servers = append(b.servers, server)
}

func (b *balancer) remove(server string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.servers = slices.DeleteFunc(b.servers, func(s string) bool { return s == server })
}

// load is people who tell, each one message after the other. Somebody who is told to try again sends the same file again,
// as the page and the terminal do.
type load struct {
	t    *testing.T
	end  context.CancelFunc
	done sync.WaitGroup

	mu       sync.Mutex
	told     []string       // leaf hashes of what was acknowledged
	refusals map[string]int // sentences
}

func startLoad(t *testing.T, server string, epoch *client.Epoch) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{t: t, end: cancel, refusals: map[string]int{}}
	t.Cleanup(cancel)
	for range 4 {
		l.done.Go(func() {
			for ctx.Err() == nil {
				l.tell(ctx, server, epoch)
				time.Sleep(time.Duration(20+rand.IntN(60)) * time.Millisecond)
			}
		})
	}
	return l
}

func (l *load) tell(ctx context.Context, server string, epoch *client.Epoch) {
	api, err := client.New(server)
	if err != nil {
		l.t.Error(err)
		return
	}
	receipt, err := api.NewReceipt()
	if err != nil {
		l.t.Error(err)
		return
	}
	keys := receipt.Derive(epoch.Origin)
	file, err := seal.Seal(seal.NewSubmission(keys, epoch.ID, epoch.Origin, epoch.Form, "en", seal.SealedByClient, []seal.Answer{{Q: "words", A: "told under load"}}), epoch.Recipient)
	if err != nil {
		l.t.Error(err)
		return
	}
	api.Wait = func(context.Context, time.Duration) error { return errors.New("no second try inside") }
	for ctx.Err() == nil {
		accepted, err := api.PostFile(context.Background(), clinicSlug, epoch, file, keys.AnchorToken.Commitment(), keys.WithdrawToken.Commitment())
		l.mu.Lock()
		if err == nil {
			l.told = append(l.told, hex.EncodeToString(accepted.LeafHash[:]))
			l.mu.Unlock()
			return
		}
		why, _, _ := strings.Cut(err.Error(), " Reference ")
		l.refusals[why]++
		l.mu.Unlock()
		time.Sleep(200 * time.Millisecond)
	}
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.told)
}

func (l *load) waitFor(n int, within time.Duration) {
	for deadline := time.Now().Add(within); l.acknowledged() < n; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Errorf("only %d files were taken, want %d", l.acknowledged(), n)
			return
		}
	}
}

func (l *load) stop() (told []string, refusals map[string]int) {
	l.end()
	l.done.Wait()
	return l.told, l.refusals
}

func waitForPort(t *testing.T, port int) {
	t.Helper()
	for range 100 {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing listens on port %d", port)
}

// No session state on the pooled path: what one statement sets is not there for the next.
func TestLongPooledPathKeepsNoSession(t *testing.T) {
	c := newCluster(t)
	c.firstClinic()
	db, err := postgres.Open(c.dsn())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var prepared, locks int
	if err := db.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')").Scan(&prepared, &locks); err != nil {
		t.Fatal(err)
	}
	if prepared > 0 || locks > 0 {
		t.Errorf("%d prepared statements and %d advisory locks stay in the pooler's sessions", prepared, locks)
	}
	var role, clinic *string
	if err := db.QueryRowContext(t.Context(), "SELECT current_user::text, nullif(current_setting('answerable.clinic', true), '')").Scan(&role, &clinic); err != nil || clinic != nil || role == nil || *role != "postgres" {
		t.Errorf("a session of the pooler stands in a clinic: %v %v %v", role, clinic, err)
	}
}

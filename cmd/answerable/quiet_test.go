//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TestNothingLeavesTheServerUnasked runs a server's whole life in a network of its own, whose one way out leads to a wire
// that is listened on: start, pages, a message, a batch, the end. No packet may be on the wire. At last the wire is shown
// to carry what is sent.
func TestNothingLeavesTheServerUnasked(t *testing.T) {
	if os.Geteuid() != 0 {
		leftToLong(t, "only root makes a network of its own here")
	}
	if err := inOwnNetwork(t); errors.Is(err, errNoNetwork) {
		leftToLong(t, err.Error())
	} else if err != nil {
		t.Fatal(err)
	}
}

// leftToLong passes a test on to make test-long, which does not. make test says so at its end: go test alone would not.
func leftToLong(t *testing.T, why string) {
	t.Helper()
	if name := os.Getenv("SKIPPED"); name != "" {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "%s: %s\n", t.Name(), why)
		f.Close()
	}
	t.Skip(why)
}

// alone says that this process is the one in the network of its own.
const alone = "IN_A_NETWORK_OF_ITS_OWN"

// errNoNetwork means that this machine lets nobody make a network, as containers often do not.
var errNoNetwork = errors.New("no network of its own can be made here")

// inOwnNetwork runs this test once more, in a network and among mounts of its own; as an ordinary user within a namespace of
// users, which some systems do not allow.
func inOwnNetwork(t *testing.T) error {
	t.Helper()
	if os.Getenv(alone) != "" {
		quietLife(t)
		return nil
	}
	program, err := os.Executable() // by its path: through /proc it would belong to the mounts that are left behind
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), alone+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if uid := os.Geteuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW, unix.CAP_SYS_ADMIN}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", errNoNetwork, err)
	}
	err = cmd.Wait()
	switch {
	case strings.Contains(out.String(), errNoNetwork.Error()):
		return fmt.Errorf("%w\n%s", errNoNetwork, out.String())
	case err != nil || !strings.Contains(out.String(), "--- PASS: "+t.Name()):
		return fmt.Errorf("in a network of its own: %w\n%s", err, out.String())
	}
	return nil
}

func quietLife(t *testing.T) {
	wire := layWire(t)
	data := newData()
	t.Cleanup(func() { os.RemoveAll(data) })
	p := &place{dir: t.TempDir()}
	p.serveQuietly(t, data)
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside", "--legal-notice", "Nothing.")
	p.populate(t)
	for _, path := range []string{"/", "/c/northside", "/c/northside/tell", "/c/northside/keys", "/c/northside/mailbox", "/log/checkpoint", "/leave", "/steward", "/panel", "/readyz", "/nowhere"} {
		visit(t, p.url+path)
	}
	told := answerableJSON[told](t, "the first words", append([]string{"submit"}, p.at()...)...)
	unscripted(t, p.url)
	time.Sleep(3 * time.Second) // batches, checkpoints, sweeps
	if read := p.read(t, filepath.Join(p.dir, "pulled")); read[told.LeafHash] != "the first words" {
		t.Errorf("the batch did not run: %v", read)
	}
	p.stop()
	if seen := wire.seen(); len(seen) != 0 {
		t.Errorf("nobody asked for these packets:\n%s", strings.Join(seen, "\n"))
	}
	probe(t, wire)
}

// serveQuietly starts a server with a Postgres of its own, and names that one to operators' commands.
func (p *place) serveQuietly(t *testing.T, data string) {
	t.Helper()
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd := command(t, "serve", "--embedded", "--data", data, "--addr", "127.0.0.1:0", "--metrics-addr", "127.0.0.1:0",
		"--origin", "words.example/answerable", "--batch-every", "1s", "--checkpoint-file", filepath.Join(data, "seen"))
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() }) // where the test did not come to its end
	line := make([]byte, 4096)
	n, err := out.Read(line)
	notes, _ := os.ReadFile(said.Name())
	address := regexp.MustCompile(`http://localhost:[0-9]+`).Find(line[:n])
	database := regexp.MustCompile(`--database-url '([^']+)'`).FindSubmatch(notes)
	if err != nil || address == nil || database == nil {
		cmd.Process.Kill()
		t.Fatalf("serve said %v: %s", err, notes)
	}
	p.url, p.database = string(address), string(database[1])
	useDatabase(t, p.database)
	p.stop = func() {
		t.Helper()
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			notes, _ := os.ReadFile(said.Name())
			t.Errorf("serve: %v\n%s", err, notes)
		}
	}
}

func visit(t *testing.T, url string) {
	t.Helper()
	stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // Leave leads away
	response, err := stay.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

// unscripted sends the plain form, which the server locks itself.
func unscripted(t *testing.T, url string) {
	t.Helper()
	response, err := http.PostForm(url+"/c/northside/tell", plainForm("without script"))
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	response.Body.Close()
}

// wire is the far end of the only way out.
type wire struct {
	sync.Mutex
	packets []string
}

func (w *wire) seen() []string {
	w.Lock()
	defer w.Unlock()
	return append([]string(nil), w.packets...)
}

// The addresses are those set aside for documents (RFC 5737, RFC 3849): nobody is there.
const (
	nearby  = "192.0.2.254"
	nearby6 = "2001:db8::fe"
	names   = "192.0.2.53"
)

// layWire makes two ends of a wire, one with addresses and every route, and listens at the other. Names are asked for over
// it, too.
func layWire(t *testing.T) *wire {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v: %v", errNoNetwork, err)
		}
	}
	ok(netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "near"}, PeerName: "far"}))
	near, err := netlink.LinkByName("near")
	ok(err)
	far, err := netlink.LinkByName("far")
	ok(err)
	lo, err := netlink.LinkByName("lo")
	ok(err)
	w := &wire{}
	for _, address := range []string{"192.0.2.1/24", "2001:db8::1/64"} {
		a, err := netlink.ParseAddr(address)
		ok(err)
		a.Flags = unix.IFA_F_NODAD
		ok(netlink.AddrAdd(near, a))
	}
	for _, link := range []netlink.Link{lo, near, far} {
		ok(netlink.LinkSetUp(link))
	}
	w.listen(t, far.Attrs().Index) // an end that is down cannot be listened at
	// Neighbours that are known need not be asked for, so that what is sent is seen itself.
	for _, ip := range []string{nearby, nearby6, names} {
		ok(netlink.NeighSet(&netlink.Neigh{LinkIndex: near.Attrs().Index, State: netlink.NUD_PERMANENT, IP: net.ParseIP(ip), HardwareAddr: far.Attrs().HardwareAddr}))
	}
	for _, ip := range []string{nearby, nearby6} {
		ok(netlink.RouteAdd(&netlink.Route{LinkIndex: near.Attrs().Index, Gw: net.ParseIP(ip)}))
	}
	ok(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	ok(os.WriteFile(resolv, []byte("nameserver "+names+"\n"), 0o644))
	ok(unix.Mount(resolv, "/etc/resolv.conf", "", unix.MS_BIND, ""))
	return w
}

// listen notes every packet that arrives at the far end, but for those by which the kernel itself says that it is there
// (ICMPv6: neighbours, routers, groups).
func (w *wire) listen(t *testing.T, index int) {
	t.Helper()
	const everything = unix.ETH_P_ALL
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, int(swapped(everything)))
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: swapped(everything), Ifindex: index})
	}
	if err != nil {
		t.Fatalf("listen on the wire: %v", err)
	}
	go func() {
		packet := make([]byte, 2048)
		for {
			n, from, err := unix.Recvfrom(fd, packet, 0)
			if err != nil {
				return
			}
			link, known := from.(*unix.SockaddrLinklayer)
			if !known || link.Pkttype == unix.PACKET_OUTGOING || fromKernel(swapped(link.Protocol), packet[:n]) {
				continue
			}
			w.Lock()
			w.packets = append(w.packets, fmt.Sprintf("%04x %x", swapped(link.Protocol), packet[:min(n, 80)]))
			w.Unlock()
		}
	}()
}

// swapped turns the bytes round: this field is in network order.
func swapped(n uint16) uint16 { return n<<8 | n>>8 }

// fromKernel finds ICMPv6, also behind the header by which groups are joined.
func fromKernel(protocol uint16, packet []byte) bool {
	const header, next, hopByHop, icmp = 40, 6, 0, 58
	if protocol != unix.ETH_P_IPV6 || len(packet) <= header {
		return false
	}
	return packet[next] == icmp || packet[next] == hopByHop && packet[header] == icmp
}

// probe sends what a chatty server would, and fails when it is not seen.
func probe(t *testing.T, w *wire) {
	t.Helper()
	for _, p := range []struct {
		name string
		send func(ctx context.Context)
	}{
		{"a packet", func(context.Context) {
			if conn, err := net.Dial("udp", "198.51.100.7:9"); err == nil {
				conn.Write([]byte("x"))
				conn.Close()
			}
		}},
		{"a connection", func(ctx context.Context) { (&net.Dialer{}).DialContext(ctx, "tcp", "198.51.100.7:443") }},
		{"a connection over IPv6", func(ctx context.Context) { (&net.Dialer{}).DialContext(ctx, "tcp", "[2001:db8:1::7]:443") }},
		{"a name that is asked for", func(ctx context.Context) { net.DefaultResolver.LookupHost(ctx, "words.example.org") }},
	} {
		before := len(w.seen())
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		p.send(ctx)
		cancel()
		time.Sleep(100 * time.Millisecond)
		if len(w.seen()) == before {
			t.Errorf("%s was not seen: this test would see nothing", p.name)
		}
	}
}

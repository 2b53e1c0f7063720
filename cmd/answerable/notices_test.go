package main

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNoNoticeFollowsAMessage runs a server whose hour for notices is days away: none goes out when somebody writes or
// reads, and the operator's trial arrives. Package notice tests the hour itself.
func TestNoNoticeFollowsAMessage(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 10)
	go http.Serve(listener, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	defer listener.Close()
	addresses := writeFile(t, p.dir, "addresses", "ntfy http://"+listener.Addr().String()+"/topic\n")
	later := strings.ToLower(now().AddDate(0, 0, 2).Weekday().String()) + " 9"
	p.start(t, "--notices-file", addresses, "--notices-at", later)
	defer func() { p.stop() }()
	p.tell(t, "told in between")
	p.read(t, filepath.Join(p.dir, "pulled"))
	time.Sleep(500 * time.Millisecond)
	if len(got) != 0 {
		t.Errorf("a notice went out when somebody wrote: %q", <-got)
	}
	answerable(t, "", "notices", "send", "--notices-file", addresses)
	if words := <-got; !strings.Contains(words, "or nothing") || strings.Contains(words, "Northside") {
		t.Errorf("the notice says %q", words)
	}
	ends(t, exitUsage, "is no day for notices", "monday 9", append([]string{"serve", "--addr", "127.0.0.1:0", "--notices-file", addresses, "--notices-at", "someday 9"}, p.flags()...)...)
}

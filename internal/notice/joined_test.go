package notice

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// People put their own address among those that get notices, and take it out, and the file says nothing else about them.
func TestPeopleJoinAndLeaveByThemselves(t *testing.T) {
	office := newPostOffice(t)
	s, log := newSender(t, office, "mail ada@example.org\n")
	s.Joined = filepath.Join(t.TempDir(), "joined")
	if sent := s.Send(t.Context()); sent != 1 {
		t.Errorf("before anybody joined %d were sent: %s", sent, log)
	}
	for _, address := range []string{"cy@example.org", "bo@example.org", " bo@example.org "} {
		if err := s.Join("mail", address, true); err != nil {
			t.Fatal(err)
		}
	}
	text, _ := os.ReadFile(s.Joined)
	if info, err := os.Stat(s.Joined); err != nil || info.Mode().Perm() != 0o600 || string(text) != "mail bo@example.org\nmail cy@example.org\n" {
		t.Errorf("the file: %v, %q", info, text)
	}
	if sent := s.Send(t.Context()); sent != 3 {
		t.Errorf("with two more %d were sent: %s", sent, log)
	}
	for range 2 { // who is not there leaves like who is
		if err := s.Join("mail", "bo@example.org", false); err != nil {
			t.Error(err)
		}
	}
	if text, _ := os.ReadFile(s.Joined); string(text) != "mail cy@example.org\n" {
		t.Errorf("after one left: %q", text)
	}
}

func TestNobodyJoinsWithWhatIsNoAddress(t *testing.T) {
	s, _ := newSender(t, newPostOffice(t), "")
	if err := s.Join("mail", "bo@example.org", true); !errors.Is(err, ErrNotOffered) || s.Offered() != nil {
		t.Errorf("where nobody may: %v", err)
	}
	var none *Sender
	if err := none.Join("mail", "bo@example.org", true); !errors.Is(err, ErrNotOffered) {
		t.Errorf("where there are none: %v", err)
	}
	s.Joined = filepath.Join(t.TempDir(), "joined")
	for _, c := range [][2]string{{"mail", ""}, {"mail", "bo"}, {"mail", "bo@example.org\nwebhook https://x y"}, {"mail", "Bo <bo@example.org>"}, {"ntfy", "ftp://example.org/x"}, {"ntfy", "https://a:b@example.org/x"}, {"mail", strings.Repeat("a", 300) + "@example.org"}} {
		if err := s.Join(c[0], c[1], true); !errors.Is(err, ErrAddress) || strings.Contains(err.Error(), "bo") {
			t.Errorf("%q: %v", c, err)
		}
	}
	if err := s.Join("webhook", "https://example.org/hook", true); !errors.Is(err, ErrNotOffered) {
		t.Errorf("a webhook: %v", err)
	}
	lines := make([]string, mostJoined)
	for i := range lines {
		lines[i] = "mail p" + strconv.Itoa(i) + "@example.org"
	}
	if err := os.WriteFile(s.Joined, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Join("mail", "one@more.example", true); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	s.Mail = nil
	if !slices.Equal(s.Offered(), []string{"ntfy"}) {
		t.Errorf("without a server for mail %v is offered", s.Offered())
	}
}

// What somebody types on a page leads to the internet and to nothing beside the server. The operator's own lines may.
func TestAddressesOfThoseWhoJoinedLeadOutOnly(t *testing.T) {
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	s, _ := newSender(t, newPostOffice(t), "ntfy "+inside.URL+"/operators\n")
	s.Joined = filepath.Join(t.TempDir(), "joined")
	if err := s.Join("ntfy", inside.URL+"/typed", true); err != nil {
		t.Fatal(err)
	}
	if sent := s.Send(t.Context()); sent != 1 || asked != 1 {
		t.Errorf("%d were sent, %d asked", sent, asked)
	}
	for address, out := range map[string]bool{
		"1.1.1.1:443": true, "[2606:4700::1111]:443": true,
		"127.0.0.1:443": false, "10.0.0.1:443": false, "192.168.1.1:443": false, "172.16.0.1:443": false, "169.254.169.254:80": false, "0.0.0.0:443": false,
		"100.64.0.1:443": false, "[::1]:443": false, "[::]:443": false, "[fc00::1]:443": false, "[fe80::1]:443": false, "[::ffff:10.0.0.1]:443": false,
		"[64:ff9b::a00:1]:443": false, "[2002:a00:1::]:443": false, "224.0.0.1:443": false, "words:443": false, "words": false,
	} {
		if err := outside(t.Context(), "tcp", address, nil); (err == nil) != out {
			t.Errorf("%s: %v", address, err)
		}
	}
}

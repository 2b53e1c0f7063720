package notice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// postOffice is a server for mail that keeps what it gets.
type postOffice struct {
	sync.Mutex
	address string
	mails   []letter
}

type letter struct {
	from string
	to   []string
	text string
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	p := &postOffice{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = listener.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &counter{office: p}, nil }))
	server.Domain = "localhost"
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return p
}

// counter takes one letter at a time.
type counter struct {
	office *postOffice
	letter
}

func (c *counter) Reset()        { c.letter = letter{} }
func (c *counter) Logout() error { return nil }
func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "gone@") {
		return errors.New("nobody is here")
	}
	c.to = append(c.to, to)
	return nil
}
func (c *counter) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	c.text = string(text)
	c.office.Lock()
	defer c.office.Unlock()
	c.office.mails = append(c.office.mails, c.letter)
	return err
}

func newSender(t *testing.T, office *postOffice, lines string) (*Sender, *bytes.Buffer) {
	t.Helper()
	m, err := NewMail("smtp://"+office.address, "", "desk@words.example")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "addresses")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	at := time.Date(2026, 11, 23, 9, 0, 0, 7, time.UTC)
	return &Sender{File: file, Mail: m, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return at }}, &log
}

// A mail says the same to everybody, names no place and no machine, and one person's failure is nobody else's.
func TestNoticesSayNothing(t *testing.T) {
	office := newPostOffice(t)
	s, log := newSender(t, office, "# who looks in\nmail ada@example.org\n\nmail gone@example.org\nmail bo@example.net\n")
	if sent := s.Send(t.Context()); sent != 2 {
		t.Errorf("%d were sent: %s", sent, log)
	}
	if strings.Contains(log.String(), "@") || !strings.Contains(log.String(), "line=4") {
		t.Errorf("the log says %s", log)
	}
	machine, _ := os.Hostname()
	var bodies []string
	for i, m := range office.mails {
		read, err := mail.ReadMessage(strings.NewReader(m.text))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(read.Body)
		bodies = append(bodies, string(body))
		if want := []string{"ada@example.org", "bo@example.net"}[i]; !slices.Equal(m.to, []string{want}) || m.from != "desk@words.example" || strings.Contains(m.text, []string{"bo@", "ada@"}[i]) {
			t.Errorf("from %s to %v", m.from, m.to)
		}
		if read.Header.Get("Subject") != Subject || read.Header.Get("X-Mailer") != "" || read.Header.Get("User-Agent") != "" || machine != "" && machine != "localhost" && strings.Contains(m.text, machine) {
			t.Errorf("the head of the mail: %v", read.Header)
		}
		if date, err := read.Header.Date(); err != nil || date.Minute() != 0 || date.Second() != 0 {
			t.Errorf("it is of %s, %v", date, err)
		}
	}
	if len(bodies) != 2 || bodies[0] != bodies[1] || regexp.MustCompile(`[0-9]|://|clinic`).MatchString(Subject+Text) {
		t.Errorf("the notices differ, or hold a number, a link or a clinic: %q", bodies)
	}
}

// Nothing that the sender holds tells it whether there is news: it has no database, and it sends at each hour.
func TestNoticesAreSentAtTheirHourWithOrWithoutNews(t *testing.T) {
	office := newPostOffice(t)
	s, _ := newSender(t, office, "mail ada@example.org\n")
	s.When = Schedule{Hour: 9}
	began := time.Now()
	s.Now = func() time.Time { // its hour is soon
		return time.Date(2026, 11, 23, 8, 59, 59, 900_000_000, time.UTC).Add(time.Since(began))
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	for range 1000 {
		time.Sleep(20 * time.Millisecond)
		office.Lock()
		n := len(office.mails)
		office.Unlock()
		if n > 0 {
			break
		}
	}
	stop()
	<-done
	if len(office.mails) != 1 {
		t.Errorf("%d mails", len(office.mails))
	}
}

func TestHoursOfNotices(t *testing.T) {
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for text, next := range map[string]time.Time{
		"daily 9":    monday.AddDate(0, 0, 1),
		"daily 10":   monday.Add(time.Hour),
		"monday 9":   monday.AddDate(0, 0, 7),
		"sunday 0":   time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC),
		"tuesday 23": time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC),
	} {
		s, err := ParseSchedule(text)
		if err != nil || !s.Next(monday).Equal(next) {
			t.Errorf("%s: next is %s, %v; want %s", text, s.Next(monday), err, next)
		}
	}
	for _, text := range []string{"", "daily", "daily 24", "daily -1", "noday 3", "hourly 1", "Monday 9", "daily 09", "daily 9 x"} {
		if _, err := ParseSchedule(text); err == nil {
			t.Errorf("%q is an hour", text)
		}
	}
}

// Whoever takes a signed notice can tell it from a forged one (Standard Webhooks).
func TestWebhooksAreSigned(t *testing.T) {
	var got []*http.Request
	var bodies []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, bodies = append(got, r), append(bodies, string(body))
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	defer hook.Close()
	secret := []byte("0123456789abcdef0123456789abcdef")
	s, log := newSender(t, newPostOffice(t), "webhook "+hook.URL+"/hook whsec_"+base64.StdEncoding.EncodeToString(secret)+"\nntfy "+hook.URL+"/topic\nntfy "+hook.URL+"/away\n")
	if sent := s.Send(t.Context()); sent != 2 || len(got) != 3 {
		t.Fatalf("%d were sent in %d requests: %s", sent, len(got), log)
	}
	h := got[0].Header
	sum := hmac.New(sha256.New, secret)
	io.WriteString(sum, h.Get("webhook-id")+"."+h.Get("webhook-timestamp")+"."+bodies[0])
	if want := "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil)); h.Get("webhook-signature") != want || bodies[0] != webhookBody {
		t.Errorf("signature %q over %q, want %q", h.Get("webhook-signature"), bodies[0], want)
	}
	if got[1].Header.Get("Title") != Subject || bodies[1] != Text {
		t.Errorf("ntfy got %q, %q", got[1].Header.Get("Title"), bodies[1])
	}
	if strings.Contains(log.String(), "127.0.0.1") {
		t.Errorf("the log names an address: %s", log)
	}
}

func TestAddressesThatDoNotReadAreNamedByTheirLineOnly(t *testing.T) {
	for _, line := range []string{"mail", "mail nobody", "mail a@b c@d", "mail Ada <ada@example.org>", "ntfy http://ntfy.example/x", "ntfy topic", "ntfy https://u:p@ntfy.example/x",
		"webhook https://hook.example/x", "webhook https://hook.example/x whsec_AAAA", "webhook https://hook.example/x secret", "sms 123"} {
		_, err := parse([]byte("\n" + line + "\n"))
		if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", line, err)
		}
		if parts := strings.Fields(line); err != nil && len(parts) > 1 && strings.Contains(err.Error(), parts[1]) {
			t.Errorf("%q is quoted: %v", line, err)
		}
	}
	s := &Sender{File: filepath.Join(t.TempDir(), "none")}
	if err := s.Check(); !errors.Is(err, ErrFile) {
		t.Errorf("no file: %v", err)
	}
}

func TestMailGoesEncryptedOrStaysOnThisMachine(t *testing.T) {
	for _, bad := range [][2]string{{"http://mail.example", "a@b.example"}, {"smtp://", "a@b.example"}, {"smtps://u:p@mail.example", "a@b.example"}, {"smtps://mail.example", "nobody"}, {"smtps://mail.example/x", "a@b.example"}} {
		if _, err := NewMail(bad[0], "", bad[1]); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	// A server elsewhere that offers no TLS gets nothing: the name leads here and is not this machine's.
	office := newPostOffice(t)
	_, port, _ := net.SplitHostPort(office.address)
	there, err := NewMail("smtp://mail.example:"+port, "", "desk@words.example")
	if err != nil {
		t.Fatal(err)
	}
	there.host = "127.0.0.1"
	if err := there.send(t.Context(), "ada@example.org", time.Now()); err == nil || len(office.mails) != 0 {
		t.Errorf("mail went in the clear: %v", err)
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add([]byte("mail ada@example.org\nntfy https://ntfy.example/x\nwebhook https://h.example/x whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n# no\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		targets, err := parse(file)
		if err != nil && !errors.Is(err, ErrFile) {
			t.Errorf("another error: %v", err)
		}
		for _, to := range targets {
			if to.kind != kindMail && !strings.HasPrefix(to.address, "http") || to.kind == kindWebhook && len(to.secret) < 24 {
				t.Errorf("taken: %+v", to)
			}
		}
	})
}

func TestALineThatIsGoneGetsNothingMore(t *testing.T) {
	office := newPostOffice(t)
	s, _ := newSender(t, office, "mail ada@example.org\nmail bo@example.net\n")
	s.Send(t.Context())
	if err := os.WriteFile(s.File, []byte("mail bo@example.net\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Send(t.Context())
	if len(office.mails) != 3 || office.mails[2].to[0] != "bo@example.net" {
		t.Errorf("mails %+v", office.mails)
	}
}

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/letsencrypt/challtestsrv"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// freePort names a port that nobody has just now.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// authority is one that gives certificates by ACME, which finds every name on this machine.
type authority struct {
	directory, trust string         // its address, and a file with its own certificate
	roots            *x509.CertPool // what it signs with
	rootsPEM         string
}

func newAuthority(t *testing.T, plainPort, tlsPort int) *authority {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	quiet := log.New(io.Discard, "", 0)
	names := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	dns, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{names}, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	dns.SetDefaultDNSIPv4("127.0.0.1")
	dns.SetDefaultDNSIPv6("")
	go dns.Run()
	t.Cleanup(dns.Shutdown)
	store := db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "default"}})
	front := wfe.New(quiet, store, va.New(quiet, plainPort, tlsPort, false, names, store), issuer, []string{"authority.example"}, false, false, 1, 1)
	server := httptest.NewTLSServer(naming(front.Handler()))
	t.Cleanup(server.Close)
	a := &authority{directory: server.URL + wfe.DirectoryPath, trust: filepath.Join(t.TempDir(), "authority.pem"), roots: x509.NewCertPool()}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(a.trust, own, 0o600); err != nil {
		t.Fatal(err)
	}
	a.roots.AddCert(issuer.GetRootCert(0).Cert)
	a.rootsPEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issuer.GetRootCert(0).Cert.Raw}))
	return a
}

// naming names the order in the answer to its end, as Let's Encrypt does. RFC 8555 leaves that open and Pebble leaves it
// out, but golang.org/x/crypto/acme needs it to go on.
func naming(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ends := strings.CutPrefix(r.URL.Path, "/finalize-order/"); ends {
			w.Header().Set("Location", "https://"+r.Host+"/my-order/"+id)
		}
		next.ServeHTTP(w, r)
	})
}

// TestServerGetsItsCertificateByItself starts a server with nothing but a name, and visits it as a browser would.
func TestServerGetsItsCertificateByItself(t *testing.T) {
	useDatabase(t, privateDatabase(t))
	answerable(t, "", "migrate", "up")
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside")
	plainPort, tlsPort, metricsPort := freePort(t), freePort(t), freePort(t)
	given := newAuthority(t, plainPort, tlsPort)
	dir := t.TempDir()
	url, stop := startServer(t, "--addr", fmt.Sprintf("127.0.0.1:%d", tlsPort), "--plain-addr", fmt.Sprintf("127.0.0.1:%d", plainPort),
		"--metrics-addr", fmt.Sprintf("127.0.0.1:%d", metricsPort),
		"--tls-host", "words.example", "--tls-dir", filepath.Join(dir, "tls"), "--acme-directory", given.directory, "--acme-ca-file", given.trust,
		"--origin", "words.example/answerable",
		"--log-key-file", filepath.Join(dir, "log"), "--ticket-key-file", filepath.Join(dir, "ticket"), "--server-secret-file", filepath.Join(dir, "secret"))
	defer stop()
	if url != "https://words.example" {
		t.Errorf("it prints %s", url)
	}
	address := fmt.Sprintf("127.0.0.1:%d", tlsPort)
	browser := &http.Client{
		Transport: &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			return tls.Dial("tcp", address, &tls.Config{RootCAs: given.roots, ServerName: "words.example"})
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var page *http.Response
	var err error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if page, err = browser.Get("https://words.example/c/northside"); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(page.Body)
	page.Body.Close()
	if err != nil || !strings.Contains(string(body), `data-way="tls"`) || page.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("status %d, HSTS %q: %v", page.StatusCode, page.Header.Get("Strict-Transport-Security"), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "tls", "words.example*"))
	if err != nil || len(files) == 0 {
		t.Errorf("the certificate is kept nowhere: %v", err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", file, err)
		}
	}

	t.Run("modern TLS only, and no tickets", func(t *testing.T) { modernOnly(t, address, given.roots) })
	t.Run("plain http leads to https", func(t *testing.T) { leadsToHTTPS(t, plainPort) })
	t.Run("metrics know the certificate's end", func(t *testing.T) {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", metricsPort))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || !strings.Contains(string(text), "\nanswerable_database_up 1\n") {
			t.Errorf("scraped %s, %v", text, err)
		}
	})
}

func modernOnly(t *testing.T, address string, roots *x509.CertPool) {
	for name, offered := range map[string]*tls.Config{
		"TLS 1.1":               {MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		"no forward secrecy":    {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}},
		"CBC":                   {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA}},
		"a name that is not us": {ServerName: "other.example"},
	} {
		offered.RootCAs = roots
		if offered.ServerName == "" {
			offered.ServerName = "words.example"
		}
		if conn, err := tls.Dial("tcp", address, offered); err == nil {
			conn.Close()
			t.Errorf("%s is taken", name)
		}
	}
	// A browser that was here before must not be known again.
	cache := tls.NewLRUClientSessionCache(4)
	for range 2 {
		for _, newest := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, ServerName: "words.example", ClientSessionCache: cache, MaxVersion: newest})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(conn, "GET /healthz HTTP/1.0\r\nHost: words.example\r\n\r\n")
			io.Copy(io.Discard, conn)
			if conn.ConnectionState().DidResume {
				t.Errorf("a session of TLS version %x was resumed", newest)
			}
			conn.Close()
		}
	}
}

func leadsToHTTPS(t *testing.T, port int) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, host := range []string{"words.example", "evil.example"} {
		request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/c/northside/tell?secret=1", port), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if to := response.Header.Get("Location"); response.StatusCode != http.StatusPermanentRedirect || to != "https://words.example/c/northside/tell" {
			t.Errorf("%s leads with %d to %s", host, response.StatusCode, to)
		}
	}
	response, err := client.Post(fmt.Sprintf("http://127.0.0.1:%d/c/northside/tell", port), "application/x-www-form-urlencoded", strings.NewReader("words=secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(string(said), "where others can read it. Nothing was stored") || strings.Contains(string(said), "secret") {
		t.Errorf("a form sent in the clear: %d %s, %v", response.StatusCode, said, err)
	}
}

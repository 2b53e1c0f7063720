package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// ownTLS ends TLS in this program, with certificates that an authority gives by ACME (RFC 8555).
type ownTLS struct {
	hosts   []string
	manager *autocert.Manager
	plain   net.Listener // where http is led to https
	log     *slog.Logger

	mu   sync.Mutex
	ends time.Time // of the certificate that ends first; zero while there is none
}

// ownTLS makes ready to serve TLS; nil when nobody asked for it. It opens the listener for plain http and calls nobody.
func (c *Config) ownTLS(log *slog.Logger) (*ownTLS, error) {
	if len(c.TLSHosts) == 0 {
		return nil, nil
	}
	if err := os.MkdirAll(c.tlsDir(), 0o700); err != nil {
		return nil, withHint(fmt.Errorf("the folder for certificates cannot be used: %w", cause(err)), "Choose another with --tls-dir DIR.")
	}
	client := &acme.Client{DirectoryURL: c.ACMEDirectory, UserAgent: "answerable"}
	if c.ACMECAFile != "" {
		pem, err := os.ReadFile(c.ACMECAFile)
		roots := x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(pem) {
			return nil, usage("the certificate of the authority does not read", "Give it in PEM with --acme-ca-file FILE.")
		}
		client.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	}
	plain, err := listen(c.PlainAddr)
	if err != nil {
		return nil, err
	}
	return &ownTLS{hosts: c.TLSHosts, plain: plain, log: log, manager: &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(c.tlsDir()), HostPolicy: autocert.HostWhitelist(c.TLSHosts...),
		Email: c.ACMEEmail, Client: client,
	}}, nil
}

// config speaks TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers only. It gives out no session tickets: a
// server that gives them knows a browser again without any cookie.
func (o *ownTLS) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are all sound
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		SessionTicketsDisabled: true,
		NextProtos:             []string{"http/1.1", acme.ALPNProto},
		GetCertificate:         o.certificate,
	}
}

func (o *ownTLS) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	found, err := o.manager.GetCertificate(hello)
	if err == nil && found.Leaf != nil && !slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if now := time.Now(); o.ends.Before(now) || found.Leaf.NotAfter.Before(o.ends) || len(o.hosts) == 1 {
			o.ends = found.Leaf.NotAfter
		}
	}
	return found, err
}

// certEnds is when the certificate ends that ends first; zero while there is none.
func (o *ownTLS) certEnds() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ends
}

// run leads plain http to https and gets the certificates, so that the first visitor does not wait for them.
func (o *ownTLS) run(ctx context.Context) {
	server := &http.Server{
		Handler: o.manager.HTTPHandler(http.HandlerFunc(o.lead)), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0), // it would write addresses
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	var getting sync.WaitGroup
	getting.Go(func() { o.getAll(ctx) })
	if err := server.Serve(o.plain); !errors.Is(err, http.ErrServerClosed) {
		o.log.Error("plain http is no longer led to https", "error", err)
	}
	getting.Wait()
}

// lead sends browsers to the same page over https, at a name of ours whatever name they used. A form that was sent in the
// clear is not sent on: its words were readable on the way, and whoever wrote them should know.
func (o *ownTLS) lead(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "This came over plain http, where others can read it. Nothing was stored. Begin again at https://"+o.hosts[0]+"/", http.StatusBadRequest)
		return
	}
	host := o.hosts[0]
	if slices.Contains(o.hosts, r.Host) {
		host = r.Host
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "https://"+host+r.URL.EscapedPath(), http.StatusPermanentRedirect)
}

// again is how long to wait before an authority is asked again. Authorities limit how often one may fail.
const again = 15 * time.Minute

func (o *ownTLS) getAll(ctx context.Context) {
	for _, host := range o.hosts {
		for ctx.Err() == nil {
			// What a browser of today says, so that its kind of certificate is got; autocert looks at suites of TLS 1.2 only.
			_, err := o.certificate(&tls.ClientHelloInfo{
				ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
				SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
			})
			if err == nil {
				break
			}
			if ctx.Err() == nil {
				o.log.Error("no certificate was given; it is tried again. Check that the name leads here and that ports 80 and 443 are reachable from outside", "host", host, "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(again):
			}
		}
	}
}

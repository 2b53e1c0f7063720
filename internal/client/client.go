// Package client is the terminal's twin of the browser: it seals what a person tells, enrols and signs in a reviewer,
// makes epoch keys, pulls sealed files and opens them. It speaks to a server over HTTP only.
//
// It promises that words, receipts and private keys never leave the machine it runs on: what it sends are sealed files,
// commitments, signatures and public keys. It checks what it is sent (leaf hashes, tickets, the panel's signatures,
// epoch records) before it relies on it.
//
// It leaves to cmd/answerable what is printed, and to seal, keyring and transparency the formats.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	// maxAnswer bounds what is read from a server, in bytes. A full page of the largest files has about 4.5 MiB.
	maxAnswer = 16 << 20
	// patience is how long one request may take: slow mobile links and Tor are normal here.
	patience = 2 * time.Minute
)

// Client speaks to one server.
type Client struct {
	server string // scheme://host[:port]
	http   *http.Client

	log  *keptTiles
	seen readLog

	offline *desk // a folder that answers in the server's place; nil where there is a server

	LogFile     string                                           // where the log's key and newest checkpoint are kept; "" for nowhere
	Fingerprint string                                           // of the panel's first list, from its poster; "" when nobody holds one
	Random      io.Reader                                        // receipts are drawn from it
	Now         func() time.Time                                 // signed into sign-in texts and epoch dates
	Wait        func(ctx context.Context, d time.Duration) error // pauses between tries
}

// AddressError says in a sentence why an address cannot be a server's.
type AddressError struct{ Reason string }

func (e *AddressError) Error() string { return e.Reason }

// New makes a client for a server's address such as https://clinic.example. Plain http is taken for this machine and
// for onion services only: elsewhere somebody on the way could hand over a key of their own and read the words.
// The error is an *AddressError.
func New(server string) (*Client, error) { return dial(server, false) }

// NewPlain is New that takes plain http anywhere, such as inside a cluster. No person's words may go that way: it is for what a
// canary makes up.
func NewPlain(server string) (*Client, error) { return dial(server, true) }

func dial(server string, plain bool) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, &AddressError{"the server's address must look like https://clinic.example"}
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, &AddressError{"give only the first part of the server's address, such as https://clinic.example"}
	}
	if u.Scheme == "http" && !plain && !private(u.Hostname()) {
		return nil, &AddressError{"plain http is not safe here: somebody on the way could read the words. Use https, or an onion address"}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make cookie jar: %w", err)
	}
	return &Client{
		server: u.Scheme + "://" + strings.ToLower(u.Host),
		http: &http.Client{
			Jar:     jar,
			Timeout: patience,
			// A redirect could lead the words' seal, or a signature, to another place.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Random: rand.Reader,
		Now:    time.Now,
		Wait:   wait,
	}, nil
}

// private reports whether nobody sits between us and host: this machine, or an onion service.
func private(host string) bool {
	return isOwnMachine(host) || strings.HasSuffix(host, ".onion")
}

func isOwnMachine(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Problem is a server's refusal (RFC 9457). Detail says in a few sentences what happened and what to do next.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// Kinds of problems that a client acts on.
const (
	problemPrefix     = "urn:answerable:problem:"
	ProblemFormClosed = "form-closed"
	ProblemStaleEpoch = "stale-epoch"
	ProblemAnchorUsed = "anchor-used"
	ProblemUnknown    = "unknown-clinic"
)

func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}

// Kind reports whether the problem is of the kind name, such as ProblemFormClosed.
func (p *Problem) Kind(name string) bool { return p.Type == problemPrefix+name }

// UnreachableError means that no answer came.
type UnreachableError struct {
	Server string
	Err    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no answer from %s: %v", e.Server, cause(e.Err))
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// cause strips the method and address that net/http puts before every error.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// StrangerError means that something answers at the address, and it is not an Answerable server.
type StrangerError struct {
	Server string
	Status int
}

func (e *StrangerError) Error() string {
	return fmt.Sprintf("%s answers, but not as an Answerable server does (status %d)", e.Server, e.Status)
}

// MovedError means that the server sends us to another address.
type MovedError struct{ Server, To string }

func (e *MovedError) Error() string { return fmt.Sprintf("%s sends us on to %s", e.Server, e.To) }

func (c *Client) get(ctx context.Context, path string, out any) error {
	return c.send(ctx, http.MethodGet, path, nil, out)
}

func (c *Client) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("write request: %w", err)
	}
	return c.send(ctx, http.MethodPost, path, body, out)
}

// send makes one request and reads its answer into out, unless out is nil. Errors: *UnreachableError, *StrangerError,
// *MovedError, *Problem.
func (c *Client) send(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "answerable") // the same for everybody
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unanswered(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return &UnreachableError{Server: c.server, Err: err}
	}
	return c.read(resp, answer, out)
}

// unanswered is why no answer came: from a server, or from a folder in its place.
func (c *Client) unanswered(err error) error {
	if c.offline != nil {
		return cause(err)
	}
	return &UnreachableError{Server: c.server, Err: err}
}

func (c *Client) read(resp *http.Response, answer []byte, out any) error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return &MovedError{Server: c.server, To: resp.Header.Get("Location")}
	}
	stranger := &StrangerError{Server: c.server, Status: resp.StatusCode}
	if resp.StatusCode >= 400 {
		var p Problem
		if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(answer, &p) != nil {
			return stranger
		}
		p.Status = resp.StatusCode
		return &p
	}
	if out == nil {
		return nil
	}
	if len(answer) > maxAnswer || json.Unmarshal(answer, out) != nil {
		return stranger
	}
	return nil
}

// clinicPath is the path of something that belongs to a clinic.
func clinicPath(prefix, clinic string, rest ...string) string {
	path := prefix + "/c/" + url.PathEscape(clinic)
	for _, r := range rest {
		path += "/" + url.PathEscape(r)
	}
	return path
}

const (
	publicAPI = "/api/v1"
	panelAPI  = "/api/v1/panel"
)

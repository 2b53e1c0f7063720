package doctor

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/transparency"
)

// maxPage is how much of a page or script is read, in bytes.
const maxPage = 4 << 20

// visitor fetches pages as people's browsers would.
type visitor struct {
	base   *url.URL
	http   *http.Client
	pages  []page // what was fetched
	clinic string // path of the clinic's page; "" when there is none
}

type page struct {
	path   string
	header http.Header
	body   []byte
}

func (p *Place) web(ctx context.Context, r *report) {
	if p.URL == "" {
		r.skip("web", "No address was named.", "Give the one people see: --url https://words.example.org")
		return
	}
	base, err := url.Parse(p.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		r.add(Bad, "web", "Give scheme and host, such as --url https://words.example.org", "%q is not an address people see.", p.URL)
		return
	}
	v := &visitor{base: base, http: p.client()}
	if err := v.visit(ctx); err != nil {
		r.add(Bad, "web", "Check that the server runs, that its name leads to this machine, and that no firewall is in between.",
			"%s does not answer as it should: %v.", p.URL, err)
		p.transport(ctx, r, base)
		return
	}
	r.ok("web", "%s answers.", p.URL)
	v.headers(r)
	v.packed(ctx, r)
	v.scripts(ctx, r)
	v.witnesses(ctx, r)
	p.transport(ctx, r, base)
	v.date(r, p.Now)
}

const answerWithin = 10 * time.Second

func (p *Place) client() *http.Client {
	return &http.Client{
		Timeout:   answerWithin,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.Roots, MinVersion: tls.VersionTLS12}},
		// A way that leads elsewhere is itself a finding.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

var clinicLink = regexp.MustCompile(`href="(/c/[a-z0-9-]+)"`)

// visit fetches the first page, a clinic's page and its form.
func (v *visitor) visit(ctx context.Context) error {
	first, err := v.fetch(ctx, "/")
	if err != nil {
		return err
	}
	link := first.header.Get("Location")
	if link == "" {
		v.pages = append(v.pages, *first)
		if found := clinicLink.FindSubmatch(first.body); found != nil {
			link = string(found[1])
		}
	}
	if link == "" {
		return nil
	}
	if to, err := v.base.Parse(link); err != nil || to.Host != v.base.Host {
		return fmt.Errorf("it leads to %s", link)
	}
	v.clinic = link
	for _, path := range []string{link, link + "/tell"} {
		fetched, err := v.fetch(ctx, path)
		if err != nil {
			return err
		}
		v.pages = append(v.pages, *fetched)
	}
	return nil
}

func (v *visitor) fetch(ctx context.Context, path string) (*page, error) {
	to, err := v.base.Parse(path)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, err
	}
	response, err := v.http.Do(request)
	if err != nil {
		return nil, innermost(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return nil, fmt.Errorf("%s answers with status %d", path, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPage))
	return &page{path, response.Header, body}, err
}

// innermost drops the address that net/http repeats before what happened.
func innermost(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// headers looks for what a proxy in front may have taken away, changed or added.
func (v *visitor) headers(r *report) {
	const do = "Let the proxy in front pass our headers on as they are, and add none but Strict-Transport-Security."
	before := len(r.findings)
	for _, p := range v.pages {
		for _, wrong := range headerProblems(p.header, v.base.Scheme == "https") {
			r.add(Bad, "headers", do, "%s: %s", p.path, wrong)
		}
	}
	if len(r.findings) == before {
		r.ok("headers", "They came as we sent them, without a cookie.")
	}
}

var policySource = regexp.MustCompile(`(?:script|style|connect|img|form-action|worker)[a-z-]* ([^;]*)`)

func headerProblems(h http.Header, secure bool) (problems []string) {
	policy := h.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		problems = append(problems, "the Content-Security-Policy is missing or weakened, so a page may load from elsewhere")
	}
	for _, sources := range policySource.FindAllStringSubmatch(policy, -1) {
		if strings.TrimSpace(sources[1]) != "'self'" {
			problems = append(problems, fmt.Sprintf("the Content-Security-Policy lets in %s", sources[1]))
		}
	}
	for name, want := range map[string][]string{
		"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer", "same-origin"}, "Cache-Control": {"no-store, no-transform"},
	} {
		if !slices.Contains(want, h.Get(name)) {
			problems = append(problems, fmt.Sprintf("%s is %q and should be %s", name, h.Get(name), want[0]))
		}
	}
	for _, name := range []string{"Set-Cookie", "Report-To", "NEL", "Server-Timing", "ETag", "Last-Modified"} {
		if h.Get(name) != "" {
			problems = append(problems, "something adds the header "+name+", which can tell visitors apart or report them elsewhere")
		}
	}
	if secure && !strings.Contains(h.Get("Strict-Transport-Security"), "max-age=") {
		problems = append(problems, "Strict-Transport-Security is missing, so a first visit can be led to plain http")
	}
	slices.Sort(problems)
	return problems
}

var (
	scriptTag = regexp.MustCompile(`(?i)<script\b[^>]*>`)
	inertData = regexp.MustCompile(`^<script type="application/json" id="[a-z]+">$`) // sentences for our script; browsers run nothing in it
	ownScript = regexp.MustCompile(`src="(/static/([a-z0-9.-]+)\?v=[0-9a-f]+)"`)
	elsewhere = regexp.MustCompile(`(?i)<(?:script|link|img|iframe|form|object|embed)\b[^>]*(?:src|href|action|data)\s*=\s*["']?(?:https?:)?//`)
)

const changed = "Somebody between the server and people changes the page: a proxy, a CDN, or an intruder. Close the form until you know who."

// packed asks for an answer to a form as a browser does, with words that are none. We fill such answers up to one length; whoever
// packs them on the way takes that off again, and their length tells words that open a mailbox from others.
func (v *visitor) packed(ctx context.Context, r *report) {
	const do = "Switch packing of answers (gzip, brotli, zstd) off in the proxy in front. We pack what may be packed."
	if v.clinic == "" {
		r.skip("packing", "There is no clinic whose answers could be looked at.", do)
		return
	}
	to := v.base.JoinPath(v.clinic, "mailbox").String()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader("receipt=none"))
	if err != nil {
		r.add(Bad, "packing", do, "%s is no address.", to)
		return
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept-Encoding", "gzip, br, zstd")
	response, err := v.http.Do(request)
	if err != nil {
		r.add(Bad, "packing", do, "The mailbox's page does not answer: %v.", innermost(err))
		return
	}
	response.Body.Close()
	if packed := response.Header.Get("Content-Encoding"); packed != "" {
		r.add(Bad, "packing", do, "Answers to what people send come packed (%s), so that their length tells what is in them.", packed)
		return
	}
	r.ok("packing", "Answers to what people send come as they are.")
}

// scripts compares each script that a page names with the newest leaf of the log that names page code, byte for byte.
func (v *visitor) scripts(ctx context.Context, r *report) {
	before := len(r.findings)
	seen := v.scriptsOfPages(ctx, r)
	if len(r.findings) > before {
		return
	}
	if len(seen) == 0 {
		r.add(Warn, "script", "Where a form should be open, build with the page scripts: make build",
			"No page carries a script, so nobody's browser can lock what they write.")
		return
	}
	codes, err := v.code(ctx)
	if err != nil {
		r.add(Bad, "script", "Check that the server signs its log, and run: answerable log verify "+v.base.String()+" --scripts", "The scripts cannot be held against the log: %v.", err)
		return
	}
	if len(codes) == 0 {
		r.add(Bad, "script", "Restart the server: it owns up to its page code when it starts.", "No leaf of the log names the page code.")
		return
	}
	newest := codes[len(codes)-1]
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		sum := seen[name]
		if newest.Files[name] == sum {
			r.ok("script", "%s came as the newest leaf of the log about page code says. SHA-256 %x", name, sum)
			continue
		}
		old := slices.IndexFunc(codes, func(c *transparency.Code) bool { return c.Files[name] == sum })
		if old >= 0 {
			r.add(Bad, "script", "Let every server and everything in front of them give the newest release, and restart what does not.",
				"%s is an old one, of the release %s; the newest that the log names is %s.", name, codes[old].Release, newest.Release)
			continue
		}
		r.add(Bad, "script", changed, "The script %s is in no leaf of the log; what came has the SHA-256 %x.", name, sum)
	}
}

// scriptsOfPages fetches what the pages name, and gives the SHA-256 by name.
func (v *visitor) scriptsOfPages(ctx context.Context, r *report) map[string][32]byte {
	seen := map[string][32]byte{}
	for _, p := range v.pages {
		if elsewhere.Match(p.body) {
			r.add(Bad, "script", changed, "%s loads something from another site.", p.path)
		}
		for _, tag := range scriptTag.FindAllString(string(p.body), -1) {
			if inertData.MatchString(tag) {
				continue
			}
			own := ownScript.FindStringSubmatch(tag)
			if own == nil {
				r.add(Bad, "script", changed, "%s holds a script that is not ours.", p.path)
				continue
			}
			served, err := v.fetch(ctx, own[1])
			if err != nil {
				r.add(Bad, "script", "Check that the server answers.", "The script %s does not come: %v.", own[2], err)
				continue
			}
			seen[own[2]] = sha256.Sum256(served.body)
		}
	}
	return seen
}

// code reads the leaves of this server's log that name page code, the newest last. The key that signs the log is the one
// that the server names: whoever wants to hold it against another uses log verify.
func (v *visitor) code(ctx context.Context) ([]*transparency.Code, error) {
	said, err := v.fetch(ctx, "/api/v1/log")
	if err != nil {
		return nil, err
	}
	var info struct {
		VKey string `json:"vkey"`
	}
	if err := json.Unmarshal(said.body, &info); err != nil {
		return nil, errors.New("what the server says about its log does not read")
	}
	source := logFiles{v}
	head, err := client.Newest(ctx, source, info.VKey, nil)
	if err != nil {
		return nil, err
	}
	ledger, err := client.ReadLedger(ctx, source, head)
	if err != nil {
		return nil, err
	}
	return ledger.Code, nil
}

// logFiles reads the files of the log as anybody gets them.
type logFiles struct{ *visitor }

// Read fetches one file.
func (l logFiles) Read(ctx context.Context, path string) ([]byte, error) {
	got, err := l.fetch(ctx, "/log/"+path)
	if err != nil {
		return nil, err
	}
	return got.body, nil
}

// How many days before its end a certificate should have been renewed.
const (
	certificateSoon = 20
	certificateNow  = 5
)

// transport looks at the encryption of the way here.
func (p *Place) transport(ctx context.Context, r *report, base *url.URL) {
	host := base.Hostname()
	if base.Scheme == "http" {
		ip := net.ParseIP(host)
		switch {
		case strings.HasSuffix(host, ".onion"):
			r.ok("tls", "An onion address is encrypted by Tor.")
		case host == "localhost" || (ip != nil && ip.IsLoopback()):
			r.add(Warn, "tls", "Give the address that people see.", "This address is for this machine only.")
		default:
			r.add(Bad, "tls", "Serve with TLS: answerable serve --tls-host "+host+", or a proxy in front.", "On plain http no browser can lock what is written, and the whole way can read it.")
		}
		return
	}
	address := net.JoinHostPort(host, cmpPort(base.Port(), "443"))
	p.certificate(ctx, r, address, host)
	if oldTLS(ctx, address, host) {
		r.add(Bad, "tls", "Turn TLS 1.0 and 1.1 off in the proxy in front.", "TLS 1.1 or older is accepted.")
	}
	p.plainWay(ctx, r, host, base)
}

func cmpPort(port, otherwise string) string {
	if port == "" {
		return otherwise
	}
	return port
}

func (p *Place) certificate(ctx context.Context, r *report, address, host string) {
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: answerWithin}, Config: &tls.Config{RootCAs: p.Roots, ServerName: host, MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		r.add(Bad, "tls", "Check the certificate, its chain and the name in it.", "No safe connection is possible: %v.", err)
		return
	}
	defer conn.Close()
	end := conn.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter
	days := int(end.Sub(p.Now()).Hours() / 24)
	switch {
	case days < certificateNow:
		r.add(Bad, "tls", "Find out why it was not renewed: ports 80 and 443 must be reachable from outside.", "The certificate ends on %s.", end.Format(time.DateOnly))
	case days < certificateSoon:
		r.add(Warn, "tls", "Find out why it was not renewed yet.", "The certificate ends on %s.", end.Format(time.DateOnly))
	default:
		r.ok("tls", "The certificate is good until %s.", end.Format(time.DateOnly))
	}
}

// oldTLS tries what nobody should be offered any more (RFC 8996).
func oldTLS(ctx context.Context, address, host string) bool {
	old := &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
		InsecureSkipVerify: true, // only whether it is spoken; nothing is sent
	}
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: answerWithin}, Config: old}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// plainWay looks at port 80 of a place on the ordinary port: it leads to https, or is closed.
func (p *Place) plainWay(ctx context.Context, r *report, host string, base *url.URL) {
	if base.Port() != "" && base.Port() != "443" {
		return
	}
	plainAnswer(ctx, r, host, &visitor{base: &url.URL{Scheme: "http", Host: host}, http: p.client()})
}

func plainAnswer(ctx context.Context, r *report, host string, plain *visitor) {
	answer, err := plain.fetch(ctx, "/")
	if err != nil || strings.HasPrefix(answer.header.Get("Location"), "https://"+host) {
		return
	}
	r.add(Bad, "tls", "Let port 80 lead to https://"+host+" and nowhere else.", "Plain http is answered with a page.")
}

// date compares the clocks when the server is another machine.
func (v *visitor) date(r *report, now func() time.Time) {
	if len(v.pages) == 0 {
		return
	}
	theirs, err := http.ParseTime(v.pages[len(v.pages)-1].header.Get("Date"))
	if err != nil {
		return
	}
	if off := now().Sub(theirs).Abs(); off > 5*time.Minute {
		r.add(Bad, "clock", "Set the one that is wrong, and let both machines keep their clocks.", "The server's clock and this machine's are %s apart.", off.Round(time.Second))
	}
}

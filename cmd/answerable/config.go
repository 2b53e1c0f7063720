package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// cli is the whole command line. Every flag can also be given as ANSWERABLE_<FLAG> in the environment, hyphens as
// underscores; settings that end in _FILE name a file that holds the value.
type cli struct {
	JSON bool `help:"Print JSON for machines on standard output."`

	Demo     demoCmd     `cmd:"" help:"Try everything on this machine with made-up words."`
	Serve    serveCmd    `cmd:"" help:"Run the server."`
	Keys     keysCmd     `cmd:"" help:"Make the server's own keys."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database's schema up to date."`
	Clinic   clinicCmd   `cmd:"" help:"Add, list and edit clinics."`
	Steward  stewardCmd  `cmd:"" help:"Run a place from elsewhere, as its stewards do on their page."`
	Panel    panelCmd    `cmd:"" help:"Invite and enrol reviewers, propose and sign a panel's manifest."`
	Account  accountCmd  `cmd:"" help:"See and end your own sign-ins and passkeys at a server."`
	Identity identityCmd `cmd:"" help:"Make and show a reviewer's identity."`
	Epoch    epochCmd    `cmd:"" help:"Make, acknowledge and list the keys that people seal to."`
	Submit   submitCmd   `cmd:"" help:"Tell a clinic's panel something: words on standard input, sealed here."`
	Mailbox  mailboxCmd  `cmd:"" help:"Come back with the receipt words: read answers, write again, take it back."`
	Review   reviewCmd   `cmd:"" help:"Pull and open what was told."`
	Poster   posterCmd   `cmd:"" help:"Write a clinic's poster: short address, code to scan, the panel's fingerprint."`
	Export   exportCmd   `cmd:"" help:"Take a clinic's bundle of figures and promises, and check such a bundle, or a file that somebody kept."`
	Figures  figuresCmd  `cmd:"" help:"Counts that are safe to show: audit a table, make one safe, draft, sign and check releases."`
	Log      logCmd      `cmd:"" help:"Work on the log."`
	Backup   backupCmd   `cmd:"" help:"Copy the database, locked, with the wraps apart."`
	Restore  restoreCmd  `cmd:"" help:"Fill an empty database from a copy."`
	Notices  noticesCmd  `cmd:"" help:"Try the notices that people get at fixed hours."`
	Leave    leaveCmd    `cmd:"" help:"Take a whole place somewhere else."`
	Doctor   doctorCmd   `cmd:"" help:"Look at a running place and say what is wrong and what to do."`
	Canary   canaryCmd   `cmd:"" help:"Tell something made up and read it, to see that a place works."`
}

// Config is every setting of a running server.
type Config struct {
	// Addr is the host and port to listen on. Behind a proxy that ends TLS this is usually localhost or :8080.
	Addr string `default:"localhost:8080" placeholder:"HOST:PORT" help:"Address to listen on."`

	// Origin names this place in every seal, receipt and leaf: a host name and /answerable. It is chosen at the first
	// start, stored in the database, and cannot be changed: old receipts would open nothing.
	Origin string `placeholder:"HOST/answerable" help:"Name of this place, chosen once at the first start."`

	// WebOrigins are the addresses (scheme, host, port) under which reviewers sign in. A sign-in made for any other
	// address is refused. Where Addr is on this machine, its own addresses are the default.
	WebOrigins []string `name:"web-origin" sep:"none" placeholder:"https://HOST" help:"Address people see; sign-ins for others are refused. Repeatable."`

	// Onion is this place as an onion service of Tor. Tor Browser offers it to those who come over https, and reviewers may
	// sign in there.
	Onion string `placeholder:"http://NAME.onion" help:"Onion address that leads here, for those who come through Tor."`

	// BatchEvery is how long words wait before they are put in their place together, sorted, so that nobody can tell
	// who wrote first. A day hides the most. Below a day is for trying things out.
	BatchEvery time.Duration `default:"24h" help:"How long words wait for the batch that hides their order."`

	// Every day each clinic's words get company: files that open to nothing, a number drawn between these two, each alike.
	// They hide how many people wrote. The bounds are public. 0 to 0 makes none.
	DecoysFrom int `default:"2" help:"Fewest decoys a clinic's words get each day."`
	DecoysTo   int `default:"10" help:"Most decoys a clinic's words get each day."`

	// CheckpointFile remembers, outside the database, how far the log had come. A database that was set back agrees with
	// itself; only this, or witnesses, can tell. It belongs on another disk than the database, one for each replica.
	CheckpointFile string `type:"path" placeholder:"FILE" help:"Keep the log's newest checkpoint here, and refuse to run on a database that is older."`

	// WitnessPolicyFile names who must have cosigned the log's checkpoint before it is given out (c2sp.org/tlog-policy).
	WitnessPolicyFile string `type:"path" placeholder:"FILE" help:"Who witnesses the log. Without it nobody is asked."`

	// TLSHosts makes the server end TLS itself, on Addr (usually :443), with certificates that it gets and renews by ACME
	// for these names. Whoever turns this on accepts the terms of the authority at ACMEDirectory, which is the one machine
	// that this server ever calls. PlainAddr answers plain http with the way to https, and the authority's questions.
	TLSHosts      []string `name:"tls-host" sep:"none" placeholder:"NAME" help:"Name to get a certificate for by ACME, whose authority's terms you accept with it. Repeatable."`
	TLSDir        string   `name:"tls-dir" type:"path" placeholder:"DIR" help:"Where certificates and their keys are kept."`
	PlainAddr     string   `default:":80" placeholder:"HOST:PORT" help:"With --tls-host: where plain http is led to https."`
	ACMEDirectory string   `name:"acme-directory" default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL" help:"Authority that gives certificates."`
	ACMEEmail     string   `name:"acme-email" placeholder:"ADDRESS" help:"Where the authority may write to about certificates. It may be left out."`
	ACMECAFile    string   `name:"acme-ca-file" type:"path" placeholder:"FILE" help:"Certificate of an authority of your own, in PEM."`

	// Chromium prints the report in a clinic's bundle as PDF. Without it bundles have none, and say so.
	Chromium string `type:"path" placeholder:"FILE" help:"Chromium that prints reports as PDF."`

	// MetricsAddr is a listener of its own for Prometheus. It is for your own network only.
	MetricsAddr string `placeholder:"HOST:PORT" help:"Address to serve /metrics on; without it there are none."`

	noticeConfig

	databaseConfig

	// Embedded runs a Postgres of our own below Data. It is for one machine; the schema is kept up to date by itself.
	Embedded bool   `help:"Run a private Postgres below --data."`
	Data     string `type:"path" placeholder:"DIR" help:"Where the private Postgres and the server's keys lie."`

	// PostgresBin is the folder of the Postgres programs to use for Embedded. The default looks in the usual places.
	PostgresBin string `type:"path" placeholder:"DIR" help:"Programs of the private Postgres (initdb, pg_ctl, postgres)."`

	// The server's own keys, the same on every replica. A file that is missing at the very first start is made. With
	// Embedded they lie in keys below Data unless named.
	LogKeyFile       string `type:"path" placeholder:"FILE" help:"Key that signs the log."`
	TicketKeyFile    string `type:"path" placeholder:"FILE" help:"Key that signs tickets."`
	ServerSecretFile string `type:"path" placeholder:"FILE" help:"32 random bytes in base64, for what the server must recognise again."`
}

// databaseConfig says where the database is.
type databaseConfig struct {
	DatabaseURL     string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Postgres to use, such as postgres://user@host/name."`
	DatabaseURLFile string `name:"database-url-file" env:"DATABASE_URL_FILE" type:"path" placeholder:"FILE" help:"File that holds the database URL."`
}

// dsn gives the database's address from the setting or its file.
func (c *databaseConfig) dsn() (string, error) {
	if c.DatabaseURL != "" && c.DatabaseURLFile != "" {
		return "", usage("DATABASE_URL and DATABASE_URL_FILE are both set", "Keep one of them.")
	}
	if c.DatabaseURLFile != "" {
		content, err := os.ReadFile(c.DatabaseURLFile)
		if err != nil {
			return "", withHint(fmt.Errorf("the file with the database URL cannot be read: %w", err), "Check DATABASE_URL_FILE.")
		}
		return strings.TrimSpace(string(content)), nil
	}
	if c.DatabaseURL == "" {
		return "", usage("no database is named", "Set DATABASE_URL or give --database-url. A server with --embedded prints its own when it starts.")
	}
	return c.DatabaseURL, nil
}

// check finds what cannot be before anything is started.
func (c *Config) check() error {
	if c.BatchEvery > 24*time.Hour {
		return usage("a batch must run at least once a day, or tickets promise what does not happen", "Give --batch-every 24h or less.")
	}
	if c.BatchEvery < time.Second {
		return usage("a batch cannot run more often than once a second", "Give --batch-every 24h, or a few seconds for trying things out.")
	}
	if c.DecoysFrom < 0 || c.DecoysTo < c.DecoysFrom || c.DecoysTo > 1000 {
		return usage("the bounds of the decoys make no sense", "Give --decoys-from and --decoys-to, 0 to 1000, the first not above the second.")
	}
	if c.Embedded && c.Data == "" {
		return usage("--embedded needs a place for its data", "Give --data DIR.")
	}
	if c.Embedded && (c.DatabaseURL != "" || c.DatabaseURLFile != "") {
		return usage("both a private Postgres and another database are asked for", "Drop --embedded, or unset DATABASE_URL.")
	}
	if !c.Embedded && c.DatabaseURL == "" && c.DatabaseURLFile == "" {
		return usage("no database is named", "Set DATABASE_URL to a Postgres, or give --embedded and --data DIR for a private one on this machine.")
	}
	if len(c.TLSHosts) > 0 && c.tlsDir() == "" {
		return usage("certificates need a place to be kept", "Give --tls-dir DIR, closed to others.")
	}
	for _, host := range c.TLSHosts {
		if !hostName.MatchString(host) {
			return usage(fmt.Sprintf("%q is not a name to get a certificate for", host), "Give a host name alone, such as --tls-host words.example.org")
		}
	}
	for _, origin := range c.WebOrigins {
		if !isWebOrigin(origin) {
			return usage(fmt.Sprintf("%q is not an address people see", origin), "It has a scheme and a host, such as https://words.example.org, and nothing after.")
		}
	}
	if c.Onion != "" && !onionAddress.MatchString(c.Onion) {
		return usage(fmt.Sprintf("%q is not an onion address", c.Onion), "It is http:// and 56 letters and digits before .onion, as in the file hostname of Tor's HiddenServiceDir.")
	}
	return nil
}

// hostName is a name in small letters with at least one dot; authorities give nothing for others.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// tlsDir is where certificates are kept: below Data unless named.
func (c *Config) tlsDir() string {
	if c.TLSDir == "" && c.Data != "" {
		return filepath.Join(c.Data, "tls")
	}
	return c.TLSDir
}

// onionAddress is a version 3 onion service over http, which Tor encrypts (rend-spec-v3, section 6).
var onionAddress = regexp.MustCompile(`^http://[a-z2-7]{56}\.onion$`)

func isWebOrigin(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	return ok && rest != "" && !strings.ContainsAny(rest, "/?# ") && rest == strings.ToLower(rest)
}

// webOrigins gives the addresses at which sign-in is allowed, for the listener's real address.
func (c *Config) webOrigins(listening net.Addr) ([]string, error) {
	var onion []string
	if c.Onion != "" {
		onion = []string{c.Onion}
	}
	if len(c.WebOrigins) > 0 {
		return append(slices.Clone(c.WebOrigins), onion...), nil
	}
	if len(c.TLSHosts) > 0 {
		var named []string
		for _, host := range c.TLSHosts {
			named = append(named, "https://"+host)
		}
		return append(named, onion...), nil
	}
	local := localOrigins(listening)
	if local == nil {
		return nil, usage("it is not known under which address people will see this server", "Give it once or more: --web-origin https://words.example.org")
	}
	return append(local, onion...), nil
}

// localOrigins are the names of a loopback address; nil for any other, since those have names we cannot know.
func localOrigins(listening net.Addr) []string {
	tcp, ok := listening.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return nil
	}
	return []string{
		fmt.Sprintf("http://localhost:%d", tcp.Port),
		fmt.Sprintf("http://%s", tcp),
	}
}

// checkSettings refuses ANSWERABLE_ names that no flag has: a setting with a typing error would be ignored in silence,
// and the server would run with another one than its operator believes.
func checkSettings(node *kong.Node, environ []string) error {
	known := settings(node)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "ANSWERABLE_") && !slices.Contains(known, name) {
			return usage(fmt.Sprintf("the environment holds a setting we do not know: %s", name), "Check its spelling. Each setting is a flag in capitals: --batch-every is ANSWERABLE_BATCH_EVERY.")
		}
	}
	return nil
}

func settings(node *kong.Node) []string {
	var names []string
	for _, flag := range node.Flags {
		names = append(names, flag.Envs...)
	}
	for _, child := range node.Children {
		names = append(names, settings(child)...)
	}
	return names
}

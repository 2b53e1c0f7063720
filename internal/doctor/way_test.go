package doctor

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/setup"
)

// What was not named is said not to have been looked at, and never to be well.
func TestWhatWasNotNamedIsNotLookedAt(t *testing.T) {
	p := &Place{Now: time.Now}
	findings := p.Examine(t.Context())
	for _, check := range []string{"web", "database", "backup"} {
		if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Check == check && f.State == Skipped && f.Do != "" }) {
			t.Errorf("%s is not said to be left out: %+v", check, findings)
		}
	}
	for _, f := range findings {
		if f.State == OK && f.Check != "swap" && f.Check != "clock" {
			t.Errorf("nothing was named, and %s is well: %s", f.Check, f.Say)
		}
	}
}

func TestAddressesAreJudgedByTheWayTheyHide(t *testing.T) {
	for address, want := range map[string]Finding{
		"words.example.org":                {"web", Bad, "is not an address people see", "--url"},
		"ftp://words.example.org":          {"web", Bad, "is not an address people see", "--url"},
		"http://words.example.org.invalid": {"tls", Bad, "On plain http no browser can lock", "--tls-host words.example.org.invalid"},
		"http://127.0.0.1:1":               {"tls", Warn, "This address is for this machine only", "that people see"},
		"http://abcd.onion":                {"tls", OK, "encrypted by Tor", ""},
	} {
		r := &report{}
		if base, err := url.Parse(address); err == nil && want.Check == "tls" {
			(&Place{Now: time.Now}).transport(t.Context(), r, base)
		} else {
			(&Place{URL: address, Now: time.Now}).web(t.Context(), r)
		}
		if len(r.findings) != 1 || r.findings[0].Check != want.Check || r.findings[0].State != want.State || !strings.Contains(r.findings[0].Say, want.Say) || !strings.Contains(r.findings[0].Do, want.Do) {
			t.Errorf("%s: %+v, want %+v", address, r.findings, want)
		}
	}
}

// Port 80 leads to https under the same name, or is closed; a page on it would be read by the whole way.
func TestPlainHTTPThatIsAnsweredIsFound(t *testing.T) {
	to := ""
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusPermanentRedirect)
		}
	}))
	at, err := url.Parse(plain.URL)
	if err != nil {
		t.Fatal(err)
	}
	visitor := &visitor{base: at, http: (&Place{}).client()}
	look := func() []Finding {
		r := &report{}
		plainAnswer(t.Context(), r, "words.example.org", visitor)
		return r.findings
	}
	for where, well := range map[string]bool{"": false, "https://elsewhere.example/": false, "http://words.example.org/": false, "https://words.example.org/": true} {
		to = where
		if found := look(); (len(found) == 0) != well {
			t.Errorf("port 80 leads to %q: %+v", where, found)
		}
	}
	plain.Close()
	if found := look(); len(found) != 0 {
		t.Errorf("a closed port 80: %+v", found)
	}
}

func TestCertificateThatEndsSoonIsFound(t *testing.T) {
	front := httptest.NewUnstartedServer(nil)
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	defer front.Close()
	roots := x509.NewCertPool()
	roots.AddCert(front.Certificate())
	for days, want := range map[int]State{30: OK, 10: Warn, 2: Bad, -3: Bad} {
		now := front.Certificate().NotAfter.AddDate(0, 0, -days)
		p := &Place{Roots: roots, Now: func() time.Time { return now }}
		r := &report{}
		p.certificate(t.Context(), r, front.Listener.Addr().String(), "example.com")
		if len(r.findings) != 1 || r.findings[0].State != want {
			t.Errorf("%d days before its end: %+v, want %s", days, r.findings, want)
		}
	}
	r := &report{}
	(&Place{Roots: roots, Now: time.Now}).certificate(t.Context(), r, front.Listener.Addr().String(), "words.example.org")
	if len(r.findings) != 1 || r.findings[0].State != Bad {
		t.Errorf("a certificate for another name: %+v", r.findings)
	}
}

func TestClockThatNobodyKeepsIsFound(t *testing.T) {
	for _, kernel := range []struct{ synchronised, known bool }{{true, true}, {false, true}, {false, false}} {
		r := &report{}
		keptByNobody(r, func() (bool, bool) { return kernel.synchronised, kernel.known })
		if found := len(r.findings) == 1 && r.findings[0].State == Warn; found != (kernel.known && !kernel.synchronised) {
			t.Errorf("%+v: %+v", kernel, r.findings)
		}
	}
	built := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for off, want := range map[time.Duration]int{-72 * time.Hour: 1, -time.Hour: 0, time.Hour: 0} {
		r := &report{}
		beforeRelease(r, built.Add(off), built)
		if len(r.findings) != want {
			t.Errorf("%s after the release: %+v", off, r.findings)
		}
	}
}

func TestPlaceWithoutClinicsIsSaid(t *testing.T) {
	db := pgtest.New(t)
	p := &Place{DB: db, Setup: &setup.Store{Clinics: &clinic.Store{DB: db, Now: time.Now}}, BatchEvery: 24 * time.Hour, Folders: []string{"/nowhere/at/all"}, Now: time.Now}
	r := &report{}
	p.clinics(t.Context(), r)
	(&visitor{}).packed(t.Context(), r)
	p.machine(r)
	for i, want := range []Finding{{"clinics", Warn, "No clinic is here", "clinic add"}, {"packing", Skipped, "There is no clinic", ""}, {"disk", Warn, "cannot be looked at", "Check the path"}} {
		if f := r.findings[i]; f.Check != want.Check || f.State != want.State || !strings.Contains(f.Say, want.Say) || !strings.Contains(f.Do, want.Do) {
			t.Errorf("%+v, want %+v", f, want)
		}
	}
}

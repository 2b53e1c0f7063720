package web

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
)

// way is how a visitor came here, as far as the address says that they asked for. It is shown to them alone and kept
// nowhere.
type way string

const (
	wayOnion   way = "onion"   // through Tor, to our onion service
	wayTLS     way = "tls"     // https
	wayPlain   way = "plain"   // http, which the whole way can read
	wayHere    way = "here"    // an address of one computer only, for trying things out
	wayUnknown way = "unknown" // a name that nobody told us of: a proxy may have put it there
)

// wayOf compares the host that was asked for with the addresses that people see. Headers that a proxy adds do not count:
// a visitor could send them as well.
func (s *server) wayOf(c *fiber.Ctx) way {
	host := strings.ToLower(string(c.Request().Host()))
	switch {
	case s.Onion != "" && s.Onion == "http://"+host:
		return wayOnion
	case slices.Contains(s.WebOrigins, "https://"+host):
		return wayTLS
	case !slices.Contains(s.WebOrigins, "http://"+host):
		return wayUnknown
	case isLoopback(host):
		return wayHere
	}
	return wayPlain
}

func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// year is how long a browser asks for https only, in seconds.
const year = "31536000"

// wayHeaders tell browsers of better ways here. Neighbours under the same domain are not ours to bind.
func (s *server) wayHeaders(c *fiber.Ctx) {
	if s.wayOf(c) != wayTLS {
		return
	}
	c.Set(fiber.HeaderStrictTransportSecurity, "max-age="+year)
	// Tor Browser offers this to who came over the ordinary web: https://community.torproject.org/onion-services/advanced/onion-location/
	if s.Onion != "" && c.Method() == fiber.MethodGet && !isAPI(c) && !strings.HasPrefix(c.Path(), "/static/") {
		c.Set("Onion-Location", s.Onion+(&url.URL{Path: c.Path()}).EscapedPath())
	}
}

// page is what every page shows around its own content; place is nil on pages that belong to no clinic.
func (s *server) page(c *fiber.Ctx, place *clinic.Clinic) page {
	code, chosen := chosenLanguage(c)
	p := s.pageIn(c, place, code)
	p.chosen = chosen
	p.Languages = s.languageChoices(p)
	return p
}

// ownDevice is for pages on which somebody prints or types in what came on paper: they sit at a device of their own, whatever the
// clinic's devices are. Who adds ?shared to the address has said otherwise. In another language it is the same page: that of a form
// from paper, with as many copies, of that size.
func (s *server) ownDevice(c *fiber.Ctx, p page) page {
	asked := c.Request().URI().QueryArgs()
	p.Shared = asked.Has("shared")
	for _, name := range []string{"paper", "copies"} {
		if value := string(asked.Peek(name)); value != "" {
			p.here = withQuery(p.here, name+"="+url.QueryEscape(value))
		} else if asked.Has(name) {
			p.here = withQuery(p.here, name)
		}
	}
	p.Languages = s.languageChoices(p)
	return p
}

// pageIn is the same in a language that nobody chose, and with no way to others.
func (s *server) pageIn(c *fiber.Ctx, place *clinic.Clinic, code string) page {
	in := s.pages[code]
	return page{Lang: code, Dir: in.dir, Draft: in.draft, Clinic: place,
		Shared: c.Request().URI().QueryArgs().Has("shared") || place != nil && place.SharedDevice, Posted: c.Method() == fiber.MethodPost, Way: s.wayOf(c),
		Onion: s.Onion, in: in, house: s.house(place), beside: s.besideOf(code, place), here: c.Path()}
}

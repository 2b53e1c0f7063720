package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const onion = "http://duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"

// A page says which way one came and what that hides, and never claims a way that it cannot know.
func TestPagesSayWhichWayOneCame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.WebOrigins = []string{"https://words.example", "http://words.plain.example", "http://localhost:8080", onion}
	h.config.Onion = onion
	h.app = New(h.config)
	for host, want := range map[string]struct {
		way, says     string
		hsts, pointer bool
	}{
		"words.example":                      {"tls", "It can see that you visit this site and, by sizes, that you write and send something.", true, true},
		"WORDS.example":                      {"tls", "Our onion address is <a href=\"" + onion, true, true},
		strings.TrimPrefix(onion, "http://"): {"onion", "hides from us where you are", false, false},
		"words.plain.example":                {"plain", "Anybody between you and us can read this page", false, false},
		"localhost:8080":                     {"here", "for trying things out", false, false},
		"proxy.internal:8080":                {"unknown", "We cannot tell which way you came", false, false},
	} {
		for _, path := range []string{"/c/riverside", "/c/riverside/tell", "/c/riverside/keys", "/panel", "/no-such-page"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Host = host
			r.Header.Set("X-Forwarded-Proto", "https") // anybody can send it
			got := h.do(r)
			if !strings.Contains(got.body, `data-way="`+want.way+`"`) || !strings.Contains(got.body, want.says) {
				t.Errorf("%s%s does not say %q", host, path, want.says)
			}
			if has := got.Header.Get("Strict-Transport-Security") == "max-age=31536000"; has != want.hsts {
				t.Errorf("%s%s: Strict-Transport-Security is %q", host, path, got.Header.Get("Strict-Transport-Security"))
			}
			location := ""
			if want.pointer {
				location = onion + path
			}
			if got := got.Header.Get("Onion-Location"); got != location {
				t.Errorf("%s%s: Onion-Location %q, want %q", host, path, got, location)
			}
		}
	}
}

func TestOnionLocationCannotBeBent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.WebOrigins, h.config.Onion = []string{"https://words.example"}, onion
	h.app = New(h.config)
	for _, path := range []string{"/c/x%0d%0aSet-Cookie:a=b", "//evil.example/", "/c/riverside?x=y"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "words.example"
		got := h.do(r)
		location := got.Header.Get("Onion-Location")
		if got.Header.Get("Set-Cookie") != "" || !strings.HasPrefix(location, onion+"/") || strings.ContainsAny(location, "?\r\n ") {
			t.Errorf("%s: Onion-Location %q", path, location)
		}
	}
}

// By sizes a network tells a told message from a page that somebody looks at. The form says so, and the poster, in every language.
func TestPagesSayWhatANetworkSees(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.WebOrigins = []string{"https://words.example"}
	h.app = New(h.config)
	for code, sizes := range map[string][2]string{
		"en": {"and, by sizes, that you write and send something.", "and, by sizes, that you send something."},
		"es": {"y, por los tamaños, que escribes y envías algo.", "y, por los tamaños, que envías algo."},
		"ar": {"وتعرف من الأحجام أنكم تكتبون وترسلون شيئًا.", "وأن يعرف من الأحجام أنكم ترسلون شيئًا."},
	} {
		for path, want := range map[string]string{tellPath: sizes[0], "/c/riverside/about-you": sizes[0], "/c/riverside/poster": sizes[1]} {
			r := httptest.NewRequest(http.MethodGet, path+"?lang="+code, nil)
			r.Host = "words.example"
			h.do(r).says(t, want)
		}
	}
}

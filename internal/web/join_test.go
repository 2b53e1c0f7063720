package web

import (
	"net/http"
	"strings"
	"testing"
)

// Pages that handle keys run no code but their own, start no worker but their own, and stand in nobody's frame.
func TestPagesWithKeysAreUnderTheStrictPolicy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/panel", "/panel/join", "/panel/practise", "/steward"} {
		a := h.get(path)
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, a.StatusCode)
		}
		if got := a.Header.Get("Content-Security-Policy"); got != panelPolicy {
			t.Errorf("%s: %s", path, got)
		}
		for header, want := range map[string]string{"Cache-Control": "no-store, no-transform", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Set-Cookie": ""} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", path, header, got, want)
			}
		}
	}
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types answerable"} {
		if !strings.Contains(panelPolicy, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
}

// The link that a steward hands over leads to a page that is there, and says without script how to join.
func TestAnInvitationLeadsToAPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	address, code, found := strings.Cut(joinPath+"abc", "#")
	if !found || code != "abc" {
		t.Fatalf("the code is not in the fragment of %s", joinPath)
	}
	h.get(address).says(t, "Use your invitation", "answerable panel join --server ADDRESS", "answerable identity new")
}

package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cached are the routes whose answers a browser may keep, each with an address that has one. What they give is the same for
// everybody: sheets and scripts, tiles of the public log, and figures that are let out. keptUnless says what else they answer.
var cached = map[string]string{
	"/static/:name":                      "",
	"/log/tile/*":                        "/log/tile/0/000.p/1",
	"/c/:clinic/accountability/:release": accountabilityPath + "/2026-07-01.json",
	"/c/:clinic/exports/:export":         "",
}

// params stand in for what a route's address has in it.
var params = regexp.MustCompile(`:(\w+)\??|\*`)

// What lies in a browser's cache tells who has the device that this site was used. So what may lie there is counted out here, and
// everything else, whether it is there or not and whoever asks, is not to be kept.
func TestABrowserKeepsOnlyWhatIsTheSameForEverybody(t *testing.T) {
	t.Parallel()
	for name, a := range shownIn(t, sourceLanguage) {
		if got := a.Header.Get("Cache-Control"); got != "no-store, no-transform" {
			t.Errorf("%s: %q", name, got)
		}
	}
	f := newFurnished(t)
	seen := map[string]bool{}
	for _, route := range f.app.GetRoutes(true) {
		if route.Method != http.MethodGet {
			continue
		}
		path := params.ReplaceAllStringFunc(route.Path, func(param string) string {
			return map[string]string{":clinic": "riverside", ":name": "app.css"}[param]
		})
		got := f.get(path).Header.Get("Cache-Control")
		if _, may := cached[route.Path]; may {
			seen[route.Path] = true
		} else if !strings.HasPrefix(got, "no-store") {
			t.Errorf("%s: %q", route.Path, got)
		}
	}
	for route := range cached {
		if !seen[route] {
			t.Errorf("%s is no route", route)
		}
	}
	if got := f.get(cached["/c/:clinic/accountability/:release"]).Header.Get("Cache-Control"); strings.Contains(got, "no-store") {
		t.Errorf("figures that are let out: %q", got)
	}
	for name, file := range loadAssets().byName {
		got := f.get("/static/" + name + "?v=" + file.version).Header.Get("Cache-Control")
		if kept := strings.Contains(got, "immutable"); kept == slices.Contains(toldByWriting, name) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Where one writes or comes back, a page names all that it may fetch: what is not for whoever only looks at it is kept by no browser.
func TestEveryFileThatOnlyWritingFetchesIsKnown(t *testing.T) {
	t.Parallel()
	before := []string{"steps", "guard", "tiles", "look", "kept"} // comes with the form, or with pictures
	for path, least := range map[string]int{tellPath: 8, "/c/riverside/about-you": 1, mailboxPath: 2, mailboxPath + "/room": 2, "/c/riverside/back": 1} {
		seen := 0
		for _, m := range regexp.MustCompile(`data-(\w+)="/static/([\w-]+\.\w+)`).FindAllStringSubmatch(shownIn(t, sourceLanguage)[path].body, -1) {
			if m[1] == "script" {
				continue // another language is for whoever looks, too
			}
			seen++
			if slices.Contains(before, m[1]) == slices.Contains(toldByWriting, m[2]) {
				t.Errorf("%s: for whoever looks %v, kept by no browser %v", m[2], slices.Contains(before, m[1]), slices.Contains(toldByWriting, m[2]))
			}
		}
		if seen < least {
			t.Errorf("%s names %d files, want at least %d", path, seen, least)
		}
	}
}

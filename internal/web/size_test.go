package web

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"regexp"
	"strings"
	"sync"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/review"
)

// firstView is how many bytes page and sheet may take together, and how many the page with its headers: what a server may send
// before it hears from the other side, ten packets (RFC 6928), so that a slow line waits once for the words.
const firstView = 14 << 10

// furnish gives the clinic as much to say as that of the demo has, and things of its own to ask.
func (h *house) furnish() {
	h.t.Helper()
	h.config.Keys.Settings = &review.Settings{Clinics: h.config.Clinics, Review: h.config.Review, Figures: h.config.Figures}
	h.decide(settingsOf(demoLike, [32]byte{}), demoLike)
	place, err := h.config.Clinics.BySlug(h.t.Context(), h.place.Slug)
	h.must(err)
	_, err = h.db.NewUpdate().Model(&clinic.Clinic{
		Name: "Riverside Community Clinic",
		PanelNote: "Three people read what you tell. They were picked by people who use this clinic, at an open meeting. " +
			"None of them works here, and none is paid by the clinic. This is a demo: every number it shows is made up.",
		LegalNotice: "This is a demo with a made-up clinic: nobody real reads it, so do not use it for anything real. " +
			"In a real place this says what the law may make the panel do, for example when a child is in danger now.",
	}).OmitZero().Where("id = ?", place.ID).Exec(h.t.Context())
	h.must(err)
}

// demoLike are settings with the services of the demo's clinic, three items of its own and two lines to turn to.
const demoLike = `{"intro":"Riverside gives talking therapy and a bed for a bad night. This is the place to say what happened.",
"shared":false,"services":[
{"code":"front_door","label":"Front desk and first visits"},{"code":"talking_therapy","label":"Talking therapy"},
{"code":"medicines","label":"Medicine reviews"},{"code":"crisis_house","label":"The crisis house"},
{"code":"drop_in","label":"Drop-in and groups"}],
"items":[{"theme":"place","code":"x_riverside.cold_hall","label":"The hall was cold"},
{"theme":"access","code":"x_riverside.lift","label":"The lift did not work"},
{"theme":"respect","code":"x_riverside.called_out","label":"My name was called out in the hall"}],
"support":[
{"name":"River peers","what":"Somebody to talk to, day and night.","run_by_peers":true,"contacts_emergency_services":"never",
"mandatory_reporting":"none","can_trace":"no","ways":["voice","text"],"languages":["English","Polish"],"hours":"18:00 to 06:00",
"time_zone":"Europe/London","region":"any","cost":"free","source_url":"https://peers.example/","checked_on":"2026-11-20","checked_by":"panel"},
{"name":"Night line","what":"Trained listeners.","run_by_peers":false,"contacts_emergency_services":"only_if_you_agree",
"mandatory_reporting":"some_law_duties","can_trace":"unknown","ways":["voice","chat"],"languages":["English"],"hours":"always",
"time_zone":"Europe/London","region":"any","cost":"local_call","source_url":"https://night.example/","checked_on":"2026-11-20","checked_by":"panel"}]}`

// onTheWire is how many bytes an answer takes with its status line and its headers.
func (a answer) onTheWire(t *testing.T) int {
	t.Helper()
	head, err := httputil.DumpResponse(a.Response, false)
	if err != nil {
		t.Fatal(err)
	}
	return len(head) + len(a.body)
}

// What a browser fetches that runs no script: the page and the sheets that it names, with everything that a clinic can add, and all
// that is said to who comes over https.
func TestTheFormWithoutScriptIsSmallInEveryLanguage(t *testing.T) {
	h := newHouse(t)
	h.furnish()
	h.config.WebOrigins = []string{"https://example.com"} // where httptest asks
	h.app = New(h.config)
	for i := range len(languages) * len(languages) { // each in clinics that write in each
		lang, writes := languages[i%len(languages)].code, languages[i/len(languages)].code
		_, err := h.db.NewUpdate().Model(&clinic.Clinic{Language: writes}).OmitZero().Where("id = ?", h.place.ID).Exec(t.Context())
		h.must(err)
		a := h.packed(tellPath+"?lang="+lang, "gzip, deflate, br, zstd")
		page := a.unpacked(t)
		answer{a.Response, page}.says(t, "River peers", "Night line", "The lift did not work", "The crisis house", "open meeting", "made-up clinic", `data-way="tls"`)
		bytes, sheets := len(a.body), 0
		for _, sheet := range regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			sheets++
			bytes += len(h.packed(sheet[1], "br").body)
		}
		size := fmt.Sprintf("the form in %s, of a clinic that writes in %s: %d bytes with its sheet, %d with its headers and without",
			lang, writes, bytes, a.onTheWire(t))
		t.Log(size)
		if bytes > firstView || a.onTheWire(t) > firstView || sheets == 0 || bytes < firstView/4 {
			t.Errorf("%s: want at most %d", size, firstView)
		}
	}
}

// A page that took another length while somebody else is served would tell whoever asks again and again when others come.
func TestAPageHasOneLengthWhoeverElseIsServed(t *testing.T) {
	h := newHouse(t)
	const path = "/c/riverside/keys" // nothing in it is drawn at random
	alone := h.packed(path, "br").body
	var others sync.WaitGroup
	for range 8 {
		others.Go(func() { h.packed(tellPath, "br") })
	}
	for range 16 {
		if got := h.packed(path, "br").body; got != alone {
			t.Errorf("got %d bytes beside others, and %d alone", len(got), len(alone))
		}
	}
	others.Wait()
}

// What speaks to documents and workers stands on pages and scripts, and not on sheets, which are neither.
func TestSheetsCarryNoPolicyForDocumentsAndScriptsDo(t *testing.T) {
	h := newHouse(t)
	for name, file := range loadAssets().byName {
		a := h.get("/static/" + name + "?v=" + file.version)
		a.hasStatus(t, http.StatusOK)
		_, isSheet := strings.CutSuffix(name, ".css")
		if has := a.Header.Get("Content-Security-Policy") != ""; has == isSheet {
			t.Errorf("%s: carries a policy: %v", name, has)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Set-Cookie": "", "Server": "", "Etag": "", "Last-Modified": ""} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
	}
}

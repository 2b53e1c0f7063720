package web

import (
	"net/http"
	"net/http/httputil"
	"regexp"
	"strings"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/review"
)

// firstView is how many bytes the form may take on the wire for those without script: what a server may send before it hears
// from the other side, ten packets (RFC 6928), so that a slow line waits once. spare is kept free below it.
const (
	firstView = 14 << 10
	spare     = 300
)

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

// What a browser fetches that runs no script: the page and the sheets that it names, with everything that a clinic can add.
func TestTheFormWithoutScriptIsSmallInEveryLanguage(t *testing.T) {
	h := newHouse(t)
	h.furnish()
	for _, l := range languages {
		a := h.packed(tellPath+"?lang="+l.code, "gzip, deflate, br, zstd")
		page := a.unpacked(t)
		answer{a.Response, page}.says(t, "River peers", "Night line", "The lift did not work", "The crisis house", "open meeting", "made-up clinic")
		size, sheets := a.onTheWire(t), 0
		for _, sheet := range regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			sheets++
			size += h.packed(sheet[1], "br").onTheWire(t)
		}
		left := firstView - size
		t.Logf("the form in %s takes %d bytes with headers, %d of them its page; %d are left", l.code, size, a.onTheWire(t), left)
		if left < spare || sheets == 0 || size < firstView/4 {
			t.Errorf("the form in %s takes %d bytes with headers: %d of %d are left, want at least %d", l.code, size, left, firstView, spare)
		}
	}
}

// One page at a time is packed thoroughly; who comes meanwhile does not wait and gets the same page, a little larger.
func TestWhoComesWhileAPageIsPackedDoesNotWait(t *testing.T) {
	h := newHouse(t)
	const path = "/c/riverside/keys" // nothing in it is drawn at random
	alone := h.packed(path, "br")
	packer <- struct{}{}
	meanwhile := h.packed(path, "br")
	<-packer
	if meanwhile.unpacked(t) != alone.unpacked(t) || len(meanwhile.body) <= len(alone.body) {
		t.Errorf("got %d bytes alone and %d meanwhile, or another page", len(alone.body), len(meanwhile.body))
	}
	packer <- struct{}{}
	more := len(h.packed(tellPath, "br").body)
	<-packer
	if more -= len(h.packed(tellPath, "br").body); more < 700 || more > 1400 {
		t.Errorf("the form takes %d bytes more, want about 1 KB", more)
	}
	if again := h.packed(path, "br"); again.body != alone.body {
		t.Error("the one who comes after does not get it thoroughly packed")
	}
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

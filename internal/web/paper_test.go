package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// What can be told on the page can be told with a pen, and each copy has words of its own.
func TestPaperAsksTheSameAndEachCopyHasWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.get("/c/riverside/paper?copies=3")
	a.hasStatus(t, http.StatusOK)
	a.says(t, "Nobody reads this right away.", "Paper is not locked.", "Tear this off and keep it: your eight words")
	if n := strings.Count(a.body, "<script"); n != strings.Count(a.body, `<script src="/static/leave.js`) || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Error("the page runs script besides that for leaving, or may be kept")
	}
	text := a.text()
	for _, theme := range taxonomy.Themes() {
		for _, item := range theme.Items {
			if strings.Count(text, item.Label) < 3 {
				t.Errorf("%q is not on every copy", item.Code)
			}
		}
	}
	seen := map[seal.Receipt]bool{}
	for _, n := range paperNumbers(t, a) {
		receipt, err := seal.ParseReceipt(n[:seal.ReceiptDigits])
		if err != nil || receipt.PaperNumber() != n {
			t.Fatalf("the number %s reads with %v, or its last digits do not check it", n, err)
		}
		seen[receipt] = true
		each := strings.Count(strings.ReplaceAll(a.body, " ", ""), `<pclass="each-sheet"aria-hidden="true"><bdidir="ltr"translate="no">`+n+"</bdi>")
		if each != 1 {
			t.Errorf("a copy has %d numbers for all of its sheets, want 1", each)
		}
		for _, word := range strings.Fields(receipt.Words()) {
			if !strings.Contains(a.body, "<li>"+word+"</li>") {
				t.Errorf("the strip lacks %q", word)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("3 copies have %d numbers", len(seen))
	}
	one := 0
	for _, step := range taxonomy.Steps() {
		for _, q := range step.Fields {
			if q.Kind == taxonomy.One {
				one++
			}
		}
	}
	if got := strings.Count(a.body, `<p class="hint">Tick one.</p>`); one == 0 || got != 3*one {
		t.Errorf("on 3 copies %d questions say that they take one answer, want %d", got, 3*one)
	}
	parts := 0
	for _, step := range taxonomy.Steps() {
		parts += min(1, len(step.Fields))
	}
	for part := range parts { // so that one that is missing is missed
		if want := fmt.Sprintf("<small>Part %d of %d</small></h3>", part+1, parts); strings.Count(a.body, want) != 3 {
			t.Errorf("%s does not stand on each copy", want)
		}
	}
	for _, wrong := range []string{"0", "21", "many", "-1"} {
		if n := strings.Count(h.get("/c/riverside/paper?copies="+wrong).body, `<article class="paper"`); n != 1 {
			t.Errorf("copies=%s makes %d", wrong, n)
		}
	}
}

// paperNumbers are those on the sheets, without spaces.
func paperNumbers(t *testing.T, a answer) (numbers []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`<p class="number">[^<]*<bdi dir="ltr" translate="no">([0-9 ]+)</bdi>`).FindAllStringSubmatch(a.body, -1) {
		numbers = append(numbers, strings.ReplaceAll(m[1], " ", ""))
	}
	if len(numbers) == 0 {
		t.Fatal("no sheet has a number that runs from left to right")
	}
	return numbers
}

// Paper keeps what the page keeps: numbers in their order, digits first without a list of words, the clinic's language beside a
// draft where a wrong word harms, warnings, hints, headings, and who answers today.
func TestPaperPromisesWhatThePageDoesInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addSupportLine()
	for _, l := range languages {
		p := compiled()[l.code]
		a := h.get("/c/riverside/paper?lang=" + l.code)
		text := a.text()
		if n := paperNumbers(t, a)[0]; len(n) != seal.ReceiptDigits+2 {
			t.Errorf("%s: the number is %s", l.code, n)
		}
		_, strip, _ := strings.Cut(text, `<aside class="strip">`)
		digits, words := strings.Index(strip, `<p class="digits" translate="no" dir="ltr">`), strings.Index(strip, `<ol class="receipt" translate="no" dir="ltr" lang="`+seal.WordsLanguage(l.code)+`">`)
		if first := seal.WordsLanguage(l.code) != l.code; words < 0 || first != (digits >= 0) || digits > words {
			t.Errorf("%s: on the strip digits stand at %d and words at %d", l.code, digits, words)
		}
		if !regexp.MustCompile(`<strong translate="no" dir="ltr">[^<]+/mailbox</strong>`).MatchString(strip) {
			t.Errorf("%s: the address does not run from left to right", l.code)
		}
		for _, want := range []string{
			p.say("warning.force"), p.maybe("item_hint.treatment.procedure"), ">" + p.say("theme.good_care") + "</h5>", "River peers", p.say("support.police.never"),
			`<span lang="en" dir="auto">` + h.place.LegalNotice + `</span>`, `<span lang="en" dir="auto">The ward</span>`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the sheet lacks %q", l.code, want)
			}
		}
		for _, key := range []string{"tell.law", "question.share_level", "option.share_level.my_words_public", "option.hide.quotes"} {
			if stands := strings.Contains(text, `dir="ltr">`+compiled()["en"].say(key)+`</small>`); stands != p.draft {
				t.Errorf("%s: English beside %s: %v", l.code, key, stands)
			}
		}
	}
}

// Copies go to different people: on each stands that a machine wrote it, and nothing on the page has the id of another thing.
func TestEachCopyOfADraftSaysThatItIsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, l := range languages {
		a := h.get("/c/riverside/paper?copies=20&lang=" + l.code)
		copies := strings.Split(a.text(), `<article class="paper">`)[1:]
		for n, sheet := range copies {
			if strings.Contains(sheet, compiled()[l.code].say("site.draft")) != l.draft {
				t.Errorf("%s: whether a machine wrote it is not said on copy %d", l.code, n+1)
			}
		}
		ids := map[string]bool{}
		for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
			if ids[id[1]] {
				t.Errorf("%s: the id %s is there twice", l.code, id[1])
			}
			ids[id[1]] = true
		}
		if len(copies) != mostCopies || len(ids) == 0 {
			t.Errorf("%s: %d copies and %d ids", l.code, len(copies), len(ids))
		}
	}
}

// Who is at the clinic finds the form to print where the poster is, and whoever came to print it finds where it is typed in.
func TestPagesLeadToTheFormOnPaper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for page, to := range map[string]string{"/keys": "/paper", "/poster": "/paper", "/paper": "/tell?paper"} {
		if !strings.Contains(h.get("/c/riverside"+page).body, `<a href="/c/riverside`+to+`">`) {
			t.Errorf("%s does not lead to %s", page, to)
		}
	}
}

func TestPaperIsEnteredByTheWeek(t *testing.T) {
	t.Parallel()
	for day := 22; day <= 29; day++ { // November 2026: the 23rd is a Monday
		weeks := weeksBefore(time.Date(2026, 11, day, 23, 59, 0, 0, time.UTC))
		want := map[bool]string{true: "2026-11-23", false: "2026-11-16"}[day >= 23]
		if weeks[0].Monday != want || len(weeks) != paperWeeks {
			t.Errorf("on the %dth: %s and %d weeks, want %s", day, weeks[0].Monday, len(weeks), want)
		}
	}
	h := newHouse(t)
	h.ownDevicesKeepTheirPages()
	entry := h.get("/c/riverside/tell?paper")
	entry.says(t, "A form from paper", "The week of Monday, 16 November 2026")
	if !strings.Contains(entry.body, `class="button" disabled>`) || !strings.Contains(entry.body, `action="/c/riverside/tell?paper"`) {
		t.Error("without script it can be sent, and the words of the strip are lost")
	}
	if strings.Contains(entry.body, "our computer locks your words") {
		t.Error("it says what becomes of words that cannot be sent")
	}
}

// Some browsers without script press a button that is disabled. What they send is refused, and stays on its way to the panel's page
// for paper whatever else fails.
func TestWithoutScriptAFormFromPaperIsRefusedAndGivenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := formBody("words", "written by hand", "themes", "force", surelyKey, "yes")
	for range 2 { // sent again it is no more welcome
		a := h.post("/c/riverside/tell?paper", urlencoded, body)
		a.hasStatus(t, http.StatusUnprocessableEntity)
		a.says(t, `<a href="#paper-number">A form from paper cannot be sent without script`, "Turn script on for this page", "\nwritten by hand</textarea>",
			`value="force" checked`, `id="paper-entry"`, `action="/c/riverside/tell?paper"`)
	}
	if n := h.rows(); n != 0 {
		t.Errorf("%d messages of it are kept", n)
	}
	gone := h.post("/c/nowhere/tell?paper", urlencoded, body)
	h.now = h.now.AddDate(0, 0, 60)
	closed := h.post("/c/riverside/tell?paper", urlencoded, body)
	for place, a := range map[string]answer{"nowhere": gone, "riverside": closed} {
		a.says(t, "\nwritten by hand</textarea>")
		for _, to := range []string{`action="/c/` + place + `/tell?paper"`, `action="/c/` + place + `/tell?paper&amp;lang=es"`} {
			if !strings.Contains(a.body, to) {
				t.Errorf("%s: given back it does not lead to %s", place, to)
			}
		}
	}
}

// Where somebody prints or types in, another language is the same page at the same device: not one that wipes itself and prints
// nothing, or the form for who writes, which locks under other words than those of the strip.
func (h *house) ownDevicesKeepTheirPages() {
	h.t.Helper()
	for path, want := range map[string]string{
		"/poster": "/poster?lang=es", "/poster?paper=a5": "/poster?paper=a5&amp;lang=es", "/paper": "/paper?lang=es",
		"/paper?copies=3": "/paper?copies=3&amp;lang=es", "/tell?paper": "/tell?paper&amp;lang=es",
		"/tell?paper&shared": "/tell?paper&amp;shared&amp;lang=es", "/paper?copies=%22%3E": "/paper?copies=%22%3E&amp;lang=es",
	} {
		a := h.get("/c/riverside" + path)
		if to := ` hreflang="es" href="/c/riverside` + want + `">`; !strings.Contains(a.body, to) {
			h.t.Errorf("%s in Spanish does not lead to %s", path, want)
		}
		if strings.HasPrefix(path, "/tell") {
			continue // there the switch is a button
		}
		if !strings.Contains(a.body, `<a href="/c/riverside`+want+`" hreflang="es"`) || strings.Contains(a.body, "data-shared") {
			h.t.Errorf("%s: its switch leads elsewhere than to %s, or it wipes itself", path, want)
		}
	}
	a := h.get("/c/riverside/paper?copies=3&lang=es")
	if n := strings.Count(a.body, `<article class="paper"`); n != 3 || !strings.Contains(a.body, `<input type="hidden" name="lang" value="es">`) {
		h.t.Errorf("in Spanish there are %d copies, want 3, or other copies come in another language", n)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} { // with script, and without
		a = h.get("/c/riverside/tell?paper&lang=es")
		if method == http.MethodPost {
			a = h.post("/c/riverside/tell?paper&lang=es", urlencoded, formBody("words", "written by hand", languageKey, "es"))
		}
		if !strings.Contains(a.body, `id="paper-entry"`) || strings.Contains(a.body, "written by hand") != (method == http.MethodPost) || !strings.Contains(a.body, `<html lang="es"`) {
			h.t.Errorf("%s: a form from paper in Spanish is no form from paper, or loses what was typed", method)
		}
	}
}

package web

import (
	"crypto/sha256"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/review"
)

// publicPages are the addresses that anybody may open, with the status each answers with.
var publicPages = map[string]int{
	"/c/riverside": 200, tellPath: 200, "/c/riverside/keys": 200, "/c/riverside/mailbox": 200, "/c/riverside/back": 200, logCheckPath: 200,
	"/c/riverside/accountability": 200, "/c/riverside/poster": 200, "/c/shut": 200, "/c/shut/tell": 409, "/c/nowhere/tell": 404, "/nothing/here": 404, "/": 200,
}

// beside is what stands on a draft's page in the clinic's language.
var beside = regexp.MustCompile(`<small class="beside"[^>]*>[^<]*</small>`)

func TestEveryPublicPageIsThereInEveryLanguageAndSpeaksNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "shut", Name: "Shut", RetentionDays: 30}))
	english := localeFile(t, sourceLanguage)
	for _, l := range languages {
		in := compiled()[l.code]
		words := localeFile(t, l.code)
		for path, status := range publicPages {
			a := h.get(path + "?lang=" + l.code)
			a.hasStatus(t, status)
			if !strings.Contains(a.body, `<html lang="`+l.code+`" dir="`+in.dir+`">`) || a.Header.Get("Content-Language") != l.code {
				t.Errorf("%s in %s does not say its language and direction", path, l.code)
			}
			if got := strings.Contains(a.text(), words["site.draft"]["other"]); got != l.draft {
				t.Errorf("%s in %s: marked as a draft is %v, want %v", path, l.code, got, l.draft)
			}
			for _, other := range languages {
				if !strings.Contains(a.body, `<link rel="alternate" hreflang="`+other.code+`" href="`+path+`?lang=`+other.code+`">`) {
					t.Errorf("%s in %s does not name itself in %s", path, l.code, other.code)
				}
			}
			for _, link := range regexp.MustCompile(`(?:href|action)="(/[^"]*)"`).FindAllStringSubmatch(a.body, -1) {
				if to := link[1]; to != "/leave" && !strings.HasPrefix(to, "/static/") && !strings.Contains(to, "lang=") {
					t.Errorf("%s in %s leads to %s, which forgets the language", path, l.code, to)
				}
			}
			if l.code == sourceLanguage {
				continue
			}
			shown := html.UnescapeString(beside.ReplaceAllString(a.body, ""))
			for key, forms := range english {
				text := forms["other"]
				if len(text) > 12 && !strings.Contains(text, "{") && text != words[key]["other"] && strings.Contains(shown, text) {
					t.Errorf("%s in %s says in English, %s: %s", path, l.code, key, text)
				}
			}
		}
	}
}

func TestDraftsStandBesideTheClinicsLanguageWhereSharingAndLawAreAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, code := range translations() {
		a := h.get(tellPath + "?lang=" + code)
		for _, sentence := range []string{"Who may see or hear of it?", "If you change nothing, only the panel sees it.", "Everyone may read my words", "What the law may make the panel do:"} {
			if !strings.Contains(a.text(), `<small class="beside" lang="en" dir="ltr">`+sentence+`</small>`) {
				t.Errorf("%s: %q does not stand beside the draft", code, sentence)
			}
		}
		if !strings.Contains(a.body, `<div lang="en" dir="auto">If a child is in danger now`) {
			t.Errorf("%s: the legal notice does not say that it is English", code)
		}
		if a := h.get("/c/riverside?lang=" + code); !strings.Contains(a.body, `<small class="beside" lang="en" dir="ltr">What the law may make the panel do</small>`) {
			t.Errorf("%s: the law does not stand beside the draft on the first page", code)
		}
	}
	if strings.Contains(h.get(tellPath).body, `dir="ltr">Who may see`) {
		t.Error("English stands beside itself")
	}
}

// A panel says with its settings in which language it and its clinic write: a screen reader and the voice of the pictures read
// their words in it, and it stands beside what a machine translated.
func TestAClinicsOwnWordsAreInTheLanguageThatItsPanelNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.Keys.Settings = &review.Settings{Clinics: h.config.Clinics, Review: h.config.Review, Figures: h.config.Figures}
	if !slices.Equal(Languages(), clinic.Languages) {
		t.Errorf("a clinic can write in %v, and pages are there in %v", clinic.Languages, Languages())
	}
	h.place.Language = "es"
	h.must(h.config.Clinics.Edit(t.Context(), h.place))
	if a := h.get("/c/riverside?lang=en"); !strings.Contains(a.text(), `<span lang="es" dir="auto">`+h.place.LegalNotice) {
		t.Error("before the panel has decided, the language that the operator named does not hold")
	}
	spanish := strings.Replace(settled, `"shared"`, `"language":"es","panel_note":"Somos cinco.","shared"`, 1)
	h.decide(settingsOf(spanish, [32]byte{}), spanish)
	following := func(body string) keyring.Resolution {
		t.Helper()
		made, err := h.config.Keys.LatestDecision(t.Context(), h.place.ID, keyring.KindSettings)
		h.must(err)
		return settingsOf(body, sha256.Sum256([]byte(made.Lines)))
	}
	notice := h.place.LegalNotice
	for path, want := range map[string][]string{
		"/c/riverside":       {`<p lang="es" dir="auto">First words.</p>`, `<p lang="es" dir="auto">Somos cinco.</p>`, `<span lang="es" dir="auto"><strong>A line</strong>. Peers.</span>`, `<span lang="es" dir="auto">` + notice},
		tellPath:             {`<div lang="es" dir="auto">` + notice, `<span lang="es" dir="auto">The attic<`, `<span lang="es" dir="auto">The hall was cold<`, `<span lang="es" dir="auto"><strong>A line</strong>. Peers.</span>`},
		"/c/riverside/paper": {`<span lang="es" dir="auto">` + notice, `<span lang="es" dir="auto">The attic</span>`, `<span lang="es" dir="auto">The hall was cold</span>`},
	} {
		for _, code := range Languages() {
			a := h.get(path + "?lang=" + code)
			for _, own := range want {
				if !strings.Contains(a.text(), own) {
					t.Errorf("%s in %s lacks %s", path, code, own)
				}
			}
			if code != "en" && strings.Contains(a.text(), `lang="en" dir="auto"`) {
				t.Errorf("%s in %s: something of the clinic's own is said to be English", path, code)
			}
		}
	}

	// Spanish stands beside the Arabic draft. The Spanish pages are a draft themselves, and have beside them what they were made from.
	for _, path := range []string{tellPath, "/c/riverside/paper", "/c/riverside/mailbox/room"} {
		for code, other := range map[string]string{"ar": "es", "es": "en"} {
			a := h.get(path + "?lang=" + code)
			for _, key := range []string{"question.share_level", "option.share_level.my_words_public"} {
				if !strings.Contains(a.text(), `<small class="beside" lang="`+other+`" dir="ltr">`+compiled()[other].say(key)+`</small>`) {
					t.Errorf("%s: %s does not stand in %s beside the draft in %s", path, key, other, code)
				}
			}
			if n := strings.Count(a.text(), `class="beside" lang="`); n == 0 || n != strings.Count(a.text(), `class="beside" lang="`+other+`"`) {
				t.Errorf("%s in %s: beside it stands more than one language", path, code)
			}
		}
		if regexp.MustCompile(`class="beside"[^>]*>[^<]`).MatchString(h.get(path + "?lang=en").text()) {
			t.Errorf("%s: something stands beside English", path)
		}
	}
	if a := h.get("/c/riverside?lang=ar"); !strings.Contains(a.text(), `<small class="beside" lang="es" dir="ltr">`+compiled()["es"].say("clinic.law")+`</small>`) {
		t.Error("the law does not stand in Spanish beside the draft on the first page")
	}

	// Arabic beside Spanish runs from right to left, and a language that no page has is refused.
	arabic := strings.Replace(spanish, `"es"`, `"ar"`, 1)
	h.decide(following(arabic), arabic)
	if a := h.get(tellPath + "?lang=es"); !strings.Contains(a.text(), `<small class="beside" lang="ar" dir="rtl">`+compiled()["ar"].say("question.share_level")) {
		t.Error("Arabic does not stand beside the Spanish draft, from right to left")
	}
	unknown := strings.Replace(spanish, `"es"`, `"tlh"`, 1)
	r := following(unknown)
	r.ClinicID, r.Day = h.place.ID, h.now
	by := keyring.Signature{ReviewerID: h.panel[0].ID, Signature: keyring.SignDecision(h.panel[0].Key, r.Lines())}
	if _, err := h.config.Keys.Decide(t.Context(), h.place.ID, r.Lines(), unknown, by); !errors.Is(err, keyring.ErrDecision) || !strings.Contains(err.Error(), "one that these pages have: en, es, ar") {
		t.Errorf("a language that no page has: %v", err)
	}

	// What says nothing of it is English again, and what holds is given to the panel without it.
	h.decide(following(settled), settled)
	if a := h.get("/c/riverside?lang=es"); !strings.Contains(a.text(), `<p lang="en" dir="auto">First words.</p>`) {
		t.Error("settings that name no language are not English")
	}
	place, err := h.config.Clinics.BySlug(t.Context(), "riverside")
	h.must(err)
	if now, err := h.config.Clinics.CurrentSettings(t.Context(), place); err != nil || now.Language != "" {
		t.Errorf("English is named: %+v, %v", now, err)
	}
	place.Language = "es"
	if err := h.config.Clinics.Edit(t.Context(), place); !errors.As(err, new(*clinic.Problem)) {
		t.Errorf("whoever runs the server changes the language that the panel decides: %v", err)
	}
}

// Nothing is stored, and the form that comes back sends what was typed, with the page's mark against sending twice.
func TestSwitchingTheLanguageOfAFormKeepsEveryWordAndStoresNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tell("words", "They <held> me\r\ndown.", "themes", "force", "items", "force.held_down", "share_level", "count_me", "names", "Dr Blue", languageKey, "ar")
	a.hasStatus(t, http.StatusOK)
	for _, want := range []string{`<html lang="ar" dir="rtl">`, "\nThey &lt;held&gt; me\ndown.</textarea>", "Dr Blue</textarea>", `value="force.held_down" checked>`, `value="force" checked>`,
		`value="count_me" checked>`, `name="nonce" value="` + testNonce + `"`, `action="/c/riverside/tell?lang=ar"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the form that comes back lacks %s", want)
		}
	}
	if h.rows() != 0 {
		t.Error("the switch stored a message")
	}
	sent := h.post(tellPath+"?lang=ar", urlencoded, formBody("words", "They <held> me\r\ndown."))
	sent.hasStatus(t, http.StatusOK)
	if p := h.opened()[0]; p.Lang != "ar" {
		t.Errorf("the message says that it is in %q, want ar", p.Lang)
	}
	if strings.Index(sent.body, `class="digits"`) > strings.Index(sent.body, `class="receipt"`) || strings.Contains(sent.body, `class="languages"`) {
		t.Error("where the language has no words the digits come first, and no link leads away from what is shown once")
	}

	// Spanish has words of its own, and they are as good as the digits.
	own := h.post(tellPath+"?lang=es", urlencoded, formBody("words", "en español"))
	words := receiptFor(form{{nonceKey, testNonce}}, []byte(formBody("words", "en español"))).WordsIn("es")
	own.says(t, `translate="no" dir="ltr" lang="es"><li>`+strings.Fields(words)[0]+"</li>")
	if strings.Index(own.body, `class="digits"`) < strings.Index(own.body, `class="receipt"`) {
		t.Error("the digits come before words of the page's own language")
	}
	h.post("/c/riverside/back", urlencoded, url.Values{"receipt": {strings.ToUpper(words)}}.Encode()).says(t, "It is gone.")

	// An empty form is no mistake while it is only switched.
	a = h.tell(languageKey, "es")
	a.hasStatus(t, http.StatusOK)
	a.says(t, "Cuéntaselo al panel")
	if strings.Contains(a.body, `id="problems"`) {
		t.Error("the switch finds fault")
	}
	h.must(h.config.Clinics.SetOpen(t.Context(), h.place.ID, false))
	a = h.tell("words", "kept while shut", languageKey, "es")
	a.hasStatus(t, http.StatusConflict)
	a.says(t, "Tus palabras están aquí", "kept while shut</textarea>")
}

func TestSwitchingTheLanguageKeepsTheReceiptThatWasTypedAndWhatAnOpenMailboxHolds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.tell("words", "hello")
	words := receiptFor(form{{nonceKey, testNonce}}, []byte(formBody("words", "hello"))).Words()
	body := func(pairs ...string) string {
		values := url.Values{"receipt": {words}}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return values.Encode()
	}
	for _, path := range []string{"/c/riverside/mailbox", "/c/riverside/back"} {
		a := h.post(path, urlencoded, body(languageKey, "es"))
		a.hasStatus(t, http.StatusOK)
		a.says(t, "\n"+words+"</textarea>", `<html lang="es" dir="ltr">`)
	}
	if h.rows() != 1 {
		t.Fatal("the switch took the message back")
	}
	a := h.post("/c/riverside/mailbox", urlencoded, body("act", "write", "words", "more to say", "wish", "practical", "nonce", testNonce, languageKey, "ar"))
	a.hasStatus(t, http.StatusOK)
	a.says(t, "more to say</textarea>", `<html lang="ar" dir="rtl">`, `value="practical" checked>`, "لا جواب هنا.")
	a = h.post("/c/riverside/mailbox", urlencoded, body("act", "consent", "share_level", "my_words_public", "nonce", testNonce, languageKey, "ar"))
	a.says(t, `value="my_words_public" checked>`)
	if h.rows() != 1 {
		t.Error("the switch sent a message")
	}
	if got := h.post("/c/riverside/mailbox?lang=es", urlencoded, body("receipt", strings.Replace(words, " ", "x ", 1))); !strings.Contains(got.text(), "no está en nuestra lista") {
		t.Error("a wrong word is not named in the page's language")
	}
}

func TestABrowsersWishIsAFirstGuessThatIsNeitherKeptNorLogged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	wish := func(path, header string) answer {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Language", header)
		return h.do(r)
	}
	for _, row := range []struct{ path, header, want string }{
		{"/c/riverside", "ar-EG,ar;q=0.9,en;q=0.8", "ar"},
		{"/c/riverside", "es-419", "es"},
		{"/c/riverside", "tlh,fr;q=0.5", "en"},
		{"/c/riverside", "\x7f;;q=nonsense", "en"},
		{"/c/riverside?lang=es", "ar", "es"},
		{"/c/riverside?lang=xx", "ar", "ar"},
		{"/c/riverside?lang=../en", "", "en"},
	} {
		a := wish(row.path, row.header)
		if !strings.Contains(a.body, `<html lang="`+row.want+`"`) {
			t.Errorf("%s with %q: want %s", row.path, row.header, row.want)
		}
		if !slices.Contains(strings.Split(a.Header.Get("Vary"), ", "), "Accept-Language") {
			t.Errorf("%s: the answer does not say that it depends on the wish: %q", row.path, a.Header.Get("Vary"))
		}
		if a.Header.Get("Set-Cookie") != "" {
			t.Error("the language is kept in a cookie")
		}
	}
	if a := wish("/c/riverside", "ar"); strings.Contains(a.body, `href="/c/riverside/tell?`) {
		t.Error("a guess is kept in links as if somebody had chosen")
	}
	if strings.Contains(h.log.String(), "tlh") || strings.Contains(h.log.String(), "lang") {
		t.Error("the log holds a browser's wish")
	}
}

func TestDaysAndNumbersAreSaidAsTheLanguageSaysThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	all := compiled()
	for code, want := range map[string]string{"en": "22 November 2026", "es": "22 de noviembre de 2026", "ar": "22 نوفمبر 2026"} {
		if got, err := all[code].day(h.now); err != nil || got != want {
			t.Errorf("%s: got %q, want %q: %v", code, got, want, err)
		}
	}
	for days, want := range map[int]string{1: "يومًا واحدًا", 2: "يومين", 5: "5 أيام", 30: "30 يومًا", 180: "180 يومًا", 100: "100 يوم "} {
		if got := all["ar"].say("clinic.kept_days", "Days", days); !strings.Contains(got, want) {
			t.Errorf("%d: got %q, want %q in it", days, got, want)
		}
	}
	if got := all["ar"].say("who.what", "Clinic", "Riverside"); !strings.Contains(got, "\u2068Riverside\u2069") {
		t.Errorf("a name in other letters is not isolated: %q", got)
	}
}

// The panel's pages have one language, and say so whatever a browser wishes.
func TestPagesOfThePanelSayThatTheyAreEnglish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/panel", "/panel/join", "/panel/practise", "/steward"} {
		if a := h.get(path + "?lang=ar"); !strings.Contains(a.body, `<html lang="en" dir="ltr">`) || strings.Contains(a.body, "hreflang") {
			t.Errorf("%s is said to be in another language", path)
		}
	}
}

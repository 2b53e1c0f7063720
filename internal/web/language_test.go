package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"answerable/internal/clinic"
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

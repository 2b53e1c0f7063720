package web

import (
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/taxonomy"
)

// text is what a page says, without its markup's escapes.
func (a answer) text() string { return html.UnescapeString(a.body) }

func (a answer) says(t *testing.T, sentences ...string) {
	t.Helper()
	for _, sentence := range sentences {
		if !strings.Contains(a.text(), sentence) {
			t.Errorf("the page does not say %q", sentence)
		}
	}
}

func (a answer) hasStatus(t *testing.T, want int) {
	t.Helper()
	if a.StatusCode != want {
		t.Errorf("got status %d, want %d", a.StatusCode, want)
	}
}

func TestPublicPagesSetNoCookieAndLoadNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answers := map[string]answer{
		"form sent":    h.tell("words", "hello"),
		"form refused": h.tell("words", ""),
	}
	for _, path := range []string{"/", "/c/riverside", tellPath, "/c/riverside/keys", logCheckPath, "/c/riverside/poster", "/leave", "/nowhere", "/c/nowhere",
		"/api/v1/c/riverside/epoch", "/healthz", "/favicon.ico"} {
		answers[path] = h.get(path)
	}
	for name, a := range answers {
		if cookie := a.Header.Get("Set-Cookie"); cookie != "" {
			t.Errorf("%s sets a cookie", name)
		}
		policy := a.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s has the policy %q", name, policy)
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options":     "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Server":                     "", "Etag": "", "Last-Modified": "",
		} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: got %s %q, want %q", name, header, got, want)
			}
		}
		if got := a.Header.Get("Cache-Control"); got != "no-store, no-transform" {
			t.Errorf("%s: got Cache-Control %q, want no-store", name, got)
		}
		if strings.Contains(a.body, `src="http`) || strings.Contains(a.body, `src="//`) || strings.Contains(a.body, " style=") {
			t.Errorf("%s loads from elsewhere or styles inline", name)
		}
	}
}

// Shift three times leaves each of them, and each says what leaving cannot hide. What a browser gets that runs no script is that alone.
func TestEveryPageForWritersAndThePublicCanBeLeftByKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "harbor", Name: "Harbor House", RetentionDays: 30}))
	answers := map[string]answer{"sent": h.tell("words", "hello"), "refused": h.tell("words", "")}
	for _, path := range []string{"/", "/c/harbor", "/c/harbor/tell", "/nowhere", "/c/nowhere/tell"} {
		answers[path] = h.get(path)
	}
	for _, name := range []string{"", "/tell", "/tell?paper", "/paper", "/poster", "/keys", "/accountability", "/mailbox", "/back", "/check", "/about-you"} {
		answers[name] = h.get("/c/riverside" + name)
	}
	for name, a := range answers {
		script := regexp.MustCompile(`<script src="/static/leave\.js\?v=[0-9a-f]+" defer>`).FindAllString(a.body, -1)
		about := strings.Count(a.text(), `data-module="leaving"`)
		if len(script) != 1 || about != 1 || strings.Count(a.text(), "Leaving cannot hide that you were here.") != 1 || !strings.Contains(a.body, `<a class="leave" href="/leave"`) {
			t.Errorf("%s: brings the script %d times, and %d times what leaving cannot hide", name, len(script), about)
		}
	}
}

// A browser keeps what was sent with the page that answers it, and Leave cannot reach that. So such a page says it, and none says
// without script that what was not sent is gone.
func TestPagesThatAnswerSayThatGoingBackMayShowThem(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		again, gone := compiled()[l.code].say("leave.again"), compiled()[l.code].say("leave.gone")
		answering, others := 0, 0
		for name, a := range shownIn(t, l.code) {
			if !strings.Contains(a.body, `data-module="leaving"`) {
				continue // a part that a script fetches
			}
			answers := !strings.HasPrefix(name, "/")
			if answers {
				answering++
			} else {
				others++
			}
			if got := strings.Contains(a.text(), "<p>"+again+"</p>"); got != answers {
				t.Errorf("%s in %s: says that going back may show it again: %v", name, l.code, got)
			}
			if got := strings.Contains(a.text(), `data-gone="`+gone+`"`); got == answers || strings.Contains(a.text(), ">"+gone) {
				t.Errorf("%s in %s: with script it says that what was not sent is gone: %v, or it says so without", name, l.code, got)
			}
		}
		if answering < 20 || others < 12 {
			t.Errorf("%s: only %d pages that answer are seen, and %d others", l.code, answering, others)
		}
	}
}

func TestPagesWithAFormNameTheirOwnOriginAndNoOtherPageDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for path, want := range map[string]string{
		tellPath: "same-origin", "/c/riverside": "no-referrer", "/c/riverside/keys": "no-referrer", logCheckPath: "no-referrer", "/leave": "no-referrer",
	} {
		if got := h.get(path).Header.Get("Referrer-Policy"); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestOneClinicIsGoneToAndSeveralAreListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.get("/")
	a.hasStatus(t, http.StatusSeeOther)
	if got, want := a.Header.Get("Location"), "/c/riverside"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "northside", Name: "Northside <House>", RetentionDays: 30}))
	a = h.get("/")
	a.hasStatus(t, http.StatusOK)
	a.says(t, "Riverside Clinic", "Northside <House>")
	if strings.Contains(a.body, "<House>") {
		t.Error("a clinic's name is taken for markup")
	}
}

func TestFirstLinesSayWhatThisIsAndWhoReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/c/riverside", tellPath, "/c/riverside/keys"} {
		h.get(path).says(t, "Here you can tell how it was for you at Riverside Clinic",
			"Who reads it: a small group of peers", "Who never reads it: therapist community members",
			"Client community members are people who come here for care.")
	}
}

func TestFirstScreenSaysThatNobodyReadsRightAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := h.get(tellPath).text()
	notNow, list, form := strings.Index(body, "Nobody reads this right away."), strings.Index(body, "We have no list here yet."), strings.Index(body, "<form")
	if notNow < 0 || list < notNow || form < list {
		t.Errorf("got not now at %d, list at %d, form at %d; want them in this order", notNow, list, form)
	}
}

func TestSupportLinesSayWhatTheyDoAboutPolice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	line := clinic.SupportLine{
		ClinicID: h.place.ID, Name: "River peers", What: "Somebody to talk to.", RunByPeers: true,
		ContactsEmergencyServices: "never", MandatoryReporting: "none", CanTrace: "no", Ways: []string{"voice", "text"},
		Languages: []string{"English", "Polish"}, Hours: "18:00 to 06:00", TimeZone: "Europe/London", Region: "any", Cost: "free",
		SourceURL: "https://peers.example/", CheckedOn: h.now, CheckedBy: "steward",
	}
	h.must(h.config.Clinics.AddSupportLine(t.Context(), &line))
	h.get(tellPath).says(t, "River peers", "They never call police or an ambulance for you.", "Checked on 22 November 2026.",
		"Ways: voice, text.", "Languages: English, Polish.", "Run by peers.")
	h.now = h.now.AddDate(0, 0, 91)
	if strings.Contains(h.get("/c/riverside").body, "River peers") {
		t.Error("a line that nobody checked for 91 days is shown")
	}
}

func TestFormAsksEveryQuestionOnceAndPicksOnlyTheMostPrivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := h.get(tellPath).body
	for _, key := range []string{"words", "pictures", "for_whom", "themes", "items", "good", "other_text", "when", "still_going", "service",
		"roles", "names", "impact", "impact_on", "scope", "wants", "wants_text", "must_not", "share_level", "ask_me_first",
		"hold_until", "hide", "reply_form", "language"} {
		if !strings.Contains(body, ` name="`+key+`"`) {
			t.Errorf("the form does not ask %s", key)
		}
	}
	radios, picked := map[string]bool{}, map[string][]string{}
	for _, m := range regexp.MustCompile(`<input type="(radio|checkbox)"(?: id="[^"]*")? name="([^"]*)" value="([^"]*)"( checked)?>`).FindAllStringSubmatch(body, -1) {
		radios[m[2]] = radios[m[2]] || m[1] == "radio"
		if m[4] != "" {
			picked[m[2]] = append(picked[m[2]], m[3])
		}
	}
	// Where a page picks none of several radios, lynx picks the first, and answers in a person's name.
	for name, isRadio := range radios {
		var want []string
		if isRadio {
			want = []string{taxonomy.Skip}
		}
		if name == "share_level" {
			want = []string{"panel_only"}
		}
		if !slices.Equal(picked[name], want) {
			t.Errorf("%s: got %q picked beforehand, want %q", name, picked[name], want)
		}
	}
	if strings.Contains(body, `type="file"`) || strings.Contains(body, "multipart") {
		t.Error("the form takes files")
	}
}

// Without script the page cannot follow whom it is about, and whose harm is rated has to stand at the rating itself.
func TestWhomTheChoicesMeanStandsAtAllThatSpeakAsI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ofTheWriter := append([]string{"for_whom", "items"}, sharingQuestions...) // items stand under themes
	speaks := regexp.MustCompile(`\b(I|[Mm]e|[Mm]y)\b`)
	for _, l := range languages {
		p := compiled()[l.code]
		form, paper := h.get(tellPath+"?lang="+l.code).text(), h.get("/c/riverside/paper?lang="+l.code).text()
		said := 0
		for _, step := range taxonomy.Steps() {
			for _, q := range step.Fields {
				if q.Kind.Typed() {
					continue
				}
				own := slices.ContainsFunc(codesOf(q, h.place), func(code string) bool {
					en := compiled()["en"]
					return speaks.MatchString(en.maybe("option."+q.Key+"."+code) + " " + en.maybe("item."+code))
				})
				want := own && !slices.Contains(ofTheWriter, q.Key) || q.Key == "themes"
				_, in, _ := strings.Cut(form, `id="`+q.Key+`"`)
				before, _, _ := strings.Cut(in, "<input")
				if says := strings.Contains(before, p.say("tell.meant")) || strings.Contains(before, p.say("tell.meant_both")); says != want {
					t.Errorf("%s: over the choices of %s stands whom they mean: %v, want %v", l.code, q.Key, says, want)
				}
				if want {
					said++
				}
			}
		}
		for _, body := range []string{form, paper} {
			n := strings.Count(body, p.say("tell.meant")+"<") + strings.Count(body, p.say("tell.meant_both")+"<")
			if n != said || said != 6 {
				t.Errorf("%s: it stands %d times, want %d, and 6", l.code, n, said)
			}
			if _, in, _ := strings.Cut(body, p.say("question.must_not")); !strings.Contains(in, p.say("tell.meant_both")) {
				t.Errorf("%s: what must not happen is not said to count for the writer", l.code)
			}
		}
	}
}

func TestHardListsWarnBeforeTheyOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := h.get(tellPath).body
	before, _, _ := strings.Cut(body, `value="force.held_down"`)
	summary := before[strings.LastIndex(before, "<summary>"):]
	if !strings.Contains(summary, "These lines name police, force and being locked up.") {
		t.Error("the list about force opens without a warning")
	}
	if strings.Contains(body, "<details open>") {
		t.Error("a list is open beforehand")
	}
}

func TestEveryControlHasALabelAndEveryIDIsUnique(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := h.get(tellPath).body
	seen := map[string]bool{}
	for _, part := range strings.Split(body, ` id="`)[1:] {
		id := part[:strings.IndexByte(part, '"')]
		if seen[id] {
			t.Errorf("id %q stands twice", id)
		}
		seen[id] = true
	}
	for _, part := range strings.Split(body, "<textarea ")[1:] {
		id := strings.SplitN(strings.SplitN(part, `id="`, 2)[1], `"`, 2)[0]
		if !strings.Contains(body, `<label for="`+id+`">`) {
			t.Errorf("textarea %s has no label", id)
		}
		for _, want := range []string{`autocomplete="off"`, `autocorrect="off"`, `writingsuggestions="false"`, `spellcheck="false"`, `translate="no"`} {
			if !strings.Contains(part[:strings.IndexByte(part, '>')], want) {
				t.Errorf("textarea %s lacks %s", id, want)
			}
		}
	}
	boxes := strings.Count(body, `type="checkbox"`) + strings.Count(body, `type="radio"`)
	if labels := strings.Count(body, `<label class="choice">`); labels != boxes {
		t.Errorf("got %d labels for %d boxes", labels, boxes)
	}
}

func TestKeysPageShowsFingerprintAndKeyInUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.get("/c/riverside/keys").says(t, "Fingerprint of the panel", ": in use.", h.epoch.Recipient().String(),
		"From 22 November 2026 until 22 December 2026.", "Members today: 3. Signatures needed: 2.")
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "northside", Name: "Northside", RetentionDays: 30}))
	h.get("/c/northside/keys").says(t, "The panel has not signed its list of members yet.", "No key has been made yet.")
}

func TestLeaveGoesAwayAndAsksTheBrowserToForget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.get("/leave")
	a.hasStatus(t, http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != awayTo {
		t.Errorf("got %q, want %q", got, awayTo)
	}
	if got, want := a.Header.Get("Clear-Site-Data"), `"cache", "cookies", "storage"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, path := range []string{"/c/riverside", tellPath, "/c/riverside/keys", "/nowhere"} {
		if !strings.Contains(h.get(path).body, `href="/leave"`) {
			t.Errorf("%s has no way out", path)
		}
	}
}

func TestUnknownPagesAndClinicsSayWhatToDo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.get("/c/nowhere/tell")
	a.hasStatus(t, http.StatusNotFound)
	a.says(t, "We do not know this place", "Look at the address on the poster or card again")
	a = h.get("/c/" + strings.Repeat("x", 200))
	a.hasStatus(t, http.StatusNotFound)
	a = h.get("/nowhere")
	a.hasStatus(t, http.StatusNotFound)
	a.says(t, "This page is not here")
	a = h.get("/api/v1/c/nowhere/epoch")
	a.hasStatus(t, http.StatusNotFound)
	if got, want := a.Header.Get("Content-Type"), "application/problem+json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a = h.post("/c/riverside", urlencoded, "x=1")
	a.hasStatus(t, http.StatusMethodNotAllowed)
	a.says(t, "This page does not take that")
}

func TestClosedFormSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.now = h.now.AddDate(0, 0, 60) // past the key's last day and the days of patience after it
	a := h.get(tellPath)
	a.hasStatus(t, http.StatusConflict)
	a.says(t, "The form is closed right now", "The panel has no key ready", "Nobody knows yet when it opens again", "There is no other way here right now", "We have no list here yet.")
	h.get("/c/riverside").says(t, "The form is closed right now.")
	h.must(h.config.Clinics.SetOpen(t.Context(), h.place.ID, false))
	h.get(tellPath).says(t, "This place has not opened its form.", "Nobody can say when it opens.")
}

// The page names a day only when a key in the log begins on it; what was sent meanwhile comes back beside it.
func TestClosedFormNamesOtherWaysAndTheDayItOpens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.now = h.now.AddDate(0, 0, 60)
	begins := h.now.AddDate(0, 0, 9)
	h.keys.Deal(t, begins)
	h.must(h.config.Clinics.SetOtherWays(t.Context(), h.place.ID, []clinic.OtherWay{
		{Name: "Letter box <b>", What: "A locked box in the hall", RunBy: "The tenants' union", Reach: "Next to the lift"},
	}))
	for _, a := range []answer{h.get(tellPath), h.tell("words", "kept for me")} {
		a.hasStatus(t, http.StatusConflict)
		a.says(t, "probably be open again on that day", begins.Format("2 January 2006"), "Letter box <b>", "A locked box in the hall",
			"not locked by us", "Run by: The tenants' union", "How to reach it: Next to the lift")
	}
	h.tell("words", "kept for me").says(t, "kept for me</textarea>")
	h.must(h.config.Clinics.SetOpen(t.Context(), h.place.ID, false))
	if a := h.get(tellPath); strings.Contains(a.body, "probably") {
		t.Error("a form that people closed names a day")
	}
}

func TestStaticFilesMayBeKeptUnderTheirHashOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := h.get("/c/riverside").body
	_, rest, _ := strings.Cut(page, `href="/static/app.css`)
	address := "/static/app.css" + rest[:strings.IndexByte(rest, '"')]
	a := h.get(address)
	a.hasStatus(t, http.StatusOK)
	if got, want := a.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
		t.Errorf("%s: got %q, want %q", address, got, want)
	}
	if got := h.get("/static/app.css?v=old").Header.Get("Cache-Control"); got != "no-store, no-transform" {
		t.Errorf("an old address: got %q, want no-store", got)
	}
	h.get("/static/nothing.js").hasStatus(t, http.StatusNotFound)
	h.get("/static/.keep").hasStatus(t, http.StatusNotFound)
}

func TestFetchedPagesArePackedAndAnswersToFormsAreNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for accepted, want := range map[string]string{
		"gzip": "gzip", "gzip, deflate, br, zstd": "br", "br;q=0, gzip;q=0.5": "gzip", "": "", "identity": "", "BR": "br",
	} {
		for _, path := range []string{tellPath, tellPath + "/words", "/static/app.css"} {
			a := h.packed(path, accepted)
			if got := a.Header.Get("Content-Encoding"); got != want {
				t.Errorf("%s: to one who takes %q: got %q, want %q", path, accepted, got, want)
			}
			plain := h.get(path).body
			if page := a.unpacked(t); path != tellPath && page != plain || want != "" && len(a.body)*2 > len(plain) {
				t.Errorf("%s: got %d bytes for %d", path, len(a.body), len(page))
			}
		}
	}
	r := httptest.NewRequest(http.MethodGet, tellPath, nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	r.AddCookie(&http.Cookie{Name: "any", Value: "secret"})
	if a := h.do(r); a.Header.Get("Content-Encoding") != "" || !strings.Contains(a.Header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("to somebody with a cookie: packed with %q, and depends on %q", a.Header.Get("Content-Encoding"), a.Header.Get("Vary"))
	}
	r = httptest.NewRequest(http.MethodPost, tellPath, strings.NewReader(formBody("words", "hello")))
	r.Header.Set("Accept-Encoding", "gzip, br")
	r.Header.Set("Content-Type", urlencoded)
	if got := h.do(r).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("the answer to a form is packed with %s", got)
	}
}

// packed fetches a page as a browser would that takes these codings.
func (h *house) packed(path, accepted string) answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", accepted)
	return h.do(r)
}

// unpacked is what an answer says once its coding is undone.
func (a answer) unpacked(t *testing.T) string {
	t.Helper()
	var r io.Reader = strings.NewReader(a.body)
	switch a.Header.Get("Content-Encoding") {
	case "gzip":
		zipped, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zipped
	case "br":
		r = brotli.NewReader(r)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestLogTellsNeitherWhoNorWhenNorWhat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := httptest.NewRequest(http.MethodPost, tellPath, strings.NewReader(formBody("words", "SECRETWORDS", "themes", "SECRETCODE")))
	r.Header.Set("Content-Type", urlencoded)
	r.Header.Set("User-Agent", "SECRETAGENT")
	r.Header.Set("X-Forwarded-For", "203.0.113.77")
	h.do(r)
	h.get("/c/SECRETPLACE/tell?lang=SECRETQUERY")
	h.do(httptest.NewRequest("SECRETMETHOD", "/", nil))
	got := h.log.String()
	for _, secret := range []string{"SECRET", "203.0.113", "0.0.0.0", "time=", "2026", "riverside", time.Now().Format("15:04")} {
		if strings.Contains(got, secret) {
			t.Errorf("the log holds %q:\n%s", secret, got)
		}
	}
	if !strings.Contains(got, "method=POST route=/c/:clinic/tell status=422") {
		t.Errorf("the log lacks the request:\n%s", got)
	}
}

func TestAPanicBecomesAPageWithAReference(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.Clinics = nil // a fault of ours: every handler that asks for a clinic now panics
	h.app = New(h.config)
	a := h.tell("words", "SECRETWORDS")
	a.hasStatus(t, http.StatusInternalServerError)
	a.says(t, "Something broke on our side", "This is our fault, not yours.", "If you tell the people who run this about it, say:")
	if strings.Contains(h.log.String(), "SECRETWORDS") || !strings.Contains(h.log.String(), "reference=") {
		t.Errorf("the log is not fit:\n%s", h.log.String())
	}
}

func TestReadyMeansThatWordsCouldBeKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.get("/readyz").hasStatus(t, http.StatusOK)
	h.cutDatabase()
	h.get("/readyz").hasStatus(t, http.StatusServiceUnavailable)
	h.get("/healthz").hasStatus(t, http.StatusOK)
}

func TestBodiesBeyondTheLimitsGetASentence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.post("/c/riverside/keys", urlencoded, strings.Repeat("x", restBody+1))
	a.hasStatus(t, http.StatusRequestEntityTooLarge)
	a = h.post(tellPath, urlencoded, "words="+strings.Repeat("x", tellBody))
	a.hasStatus(t, http.StatusRequestEntityTooLarge)
	a.says(t, "This is too long to give back to you", "Press Back: your words may still be in the form.")
	if got := h.rows(); got != 0 {
		t.Errorf("got %d rows, want none", got)
	}
	if a.Header.Get(fiber.HeaderContentSecurityPolicy) == "" {
		t.Error("the answer carries no policy")
	}
}

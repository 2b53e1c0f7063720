package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

func TestUnscriptedWordsComeBackByteForByte(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"leading line break":  "\nThey held me down.\n\n",
		"blanks at both ends": "  I said no.  ",
		"emoji and quotes":    "“They laughed” 😡 it’s & <b>not</b> fine",
		"right to left":       "لم يسألني أحد",
		"combining marks":     "é à नि",
		"20 000 characters":   strings.Repeat("Schrei! ", 2500),
		"form signs":          "a=b&c=d%20e+f;g",
		"a zero byte":         "before\x00after",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			a := h.tell("words", strings.ReplaceAll(text, "\n", "\r\n"))
			a.hasStatus(t, http.StatusOK)
			opened := h.opened()
			if len(opened) != 1 {
				t.Fatalf("got %d files, want 1", len(opened))
			}
			if got, want := opened[0].Answers, []seal.Answer{{Q: "words", A: text}}; !reflect.DeepEqual(got, want) {
				t.Error("the words changed on their way")
			}
		})
	}
}

func TestUnscriptedFileSaysWhoLockedItAndHasTheShapeOfEveryOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.tell("words", "hello")
	p := h.opened()[0]
	if p.SealedBy != seal.SealedByServer || p.Form != taxonomy.FormHash() || p.Lang != "en" || p.Origin != testOrigin || p.ReplyTo == nil {
		t.Errorf("sealed by %s, form %s, lang %s, origin %s", p.SealedBy, p.Form, p.Lang, p.Origin)
	}
}

func TestAnswersComeInTheOrderOfTheFormWhateverTheOrderOfTicking(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.tell("share_level", "count_me", "items", "work.unpaid", "items", "force.held_down", "themes", "other", "themes", "force",
		"roles", "skip", "scope", "skip", "words", "x", "service", "day_clinic", "language", " ")
	want := []seal.Answer{
		{Q: "words", A: "x"}, {Q: "themes", A: "force\nother"}, {Q: "items", A: "force.held_down\nwork.unpaid"},
		{Q: "service", A: "day_clinic"}, {Q: "share_level", A: "count_me"},
	}
	if got := h.opened()[0].Answers; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestThanksShowsWordsDigitsAndTicketOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tell("words", "hello")
	a.hasStatus(t, http.StatusOK)
	a.says(t, "We have it", "Our computer saw your words for a moment while it locked them.", "Your eight words",
		"By 24 November 2026 at the latest", "After 10 June 2027 the panel deletes it.", "answerable/ticket/v1\n"+testOrigin)
	receipt := receiptFor(form{{nonceKey, testNonce}}, []byte(formBody("words", "hello")))
	for i, word := range strings.Fields(receipt.Words()) {
		if !strings.Contains(a.body, "<li>"+word+"</li>") {
			t.Errorf("word %d is not shown", i+1)
		}
	}
	digits, shown, _ := strings.Cut(a.body, `<p class="digits" translate="no" dir="ltr">`)
	shown = shown[:strings.IndexByte(shown, '<')]
	if got, want := strings.ReplaceAll(shown, " ", ""), receipt.Digits(); got != want || digits == "" {
		t.Errorf("the digits shown are not the receipt's")
	}
	if strings.Contains(a.body, "hello") {
		t.Error("the page repeats what was told")
	}
	if !strings.Contains(a.body, "<title>Tell the panel - Riverside Clinic</title>") {
		t.Error("a title, which browsers keep in their history, tells that something was sent")
	}
	if here := strings.Count(a.body, `target="_self"`); !strings.Contains(a.body, `<base target="_blank">`) || here != 2 {
		t.Errorf("links take the words away, or Leave and the way to the page's words do not stay in the tab: %d", here)
	}
	_, rest, _ := strings.Cut(a.text(), `<pre class="ticket" translate="no" dir="ltr">`)
	ticket, _, _ := strings.Cut(rest, "</pre>")
	if _, err := seal.VerifyTicket(ticket, h.config.Keys.TicketKey); err != nil {
		t.Errorf("the ticket shown does not verify: %v", err)
	}
}

func TestSamePageSentTwiceIsOneMessageWithOneTicket(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.tell("words", "hello")
	h.now = h.now.AddDate(0, 0, 1) // a retry on the next day still gets the stored ticket, with its day
	second := h.tell("words", "hello")
	if first.body != second.body {
		t.Error("the second answer differs from the first")
	}
	if got := h.rows(); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
	h.tell("words", "hello!")
	if got := h.rows(); got != 2 {
		t.Errorf("changed words: got %d rows, want 2", got)
	}
}

func TestDoubleClickIsOneMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bodies := make([]string, 4)
	var wait sync.WaitGroup
	for i := range bodies {
		wait.Go(func() { bodies[i] = h.tell("words", "hello").body })
	}
	wait.Wait()
	if len(slices.Compact(bodies)) != 1 || !strings.Contains(bodies[0], "Your eight words") {
		t.Error("clicks at once got different answers")
	}
	if got := h.rows(); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
}

func TestEveryPageHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nonce := func() string {
		_, rest, _ := strings.Cut(h.get(tellPath).body, `name="nonce" value="`)
		return rest[:strings.IndexByte(rest, '"')]
	}
	first, second := nonce(), nonce()
	if len(first) != 22 || first == second {
		t.Errorf("got %q and %q", first, second)
	}
}

func TestFaultsAreSaidAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	kept := "Typed <here> & kept"
	for name, c := range map[string]struct {
		body     string
		status   int
		sentence string
		at       string // the field that is marked
	}{
		"nothing said": {formBody("names", kept), 422, "Nothing is said yet.", "words"},
		"blank words":  {formBody("words", " \r\n\t\u00a0 ", "names", kept), 422, "Nothing is said yet.", "words"},
		"too many bytes": {formBody("words", strings.Repeat("ä", 40000), "names", kept), 413,
			"and 65535 fit. Take out", "words"},
		"not text":       {formBody("names", kept) + "&words=caf%E9", 422, "Look for the sign �", "words"},
		"unknown code":   {formBody("names", kept, "themes", "force", "scope", "everyone"), 422, "One answer here is not on our list. Pick again", "scope"},
		"unknown item":   {formBody("names", kept, "items", "force.made_up"), 422, "One answer here is not on our list. Pick again", "themes"},
		"code of others": {formBody("names", kept, "words", "x", "service", "north_wing"), 422, "One answer here is not on our list. Pick again", "service"},
		"doubled field":  {formBody("names", kept, "words", "one", "words", "two"), 422, "There are two answers to this question", "words"},
		"doubled radio":  {formBody("names", kept, "words", "x", "scope", "team", "scope", "rule"), 422, "There are two answers to this question", "scope"},
		"doubled tick":   {formBody("names", kept, "themes", "force", "themes", "force"), 422, "The same answer came twice", "themes"},
		"unknown field":  {formBody("names", kept, "words", "x", "surname", "y"), 422, "something that this form does not ask", ""},
		"no nonce":       {strings.TrimPrefix(formBody("names", kept, "words", "x"), "nonce="+testNonce+"&"), 422, "This page lost the small mark", ""},
		"short nonce":    {"nonce=AAAA&" + strings.TrimPrefix(formBody("names", kept, "words", "x"), "nonce="+testNonce+"&"), 422, "This page lost the small mark", ""},
		"broken escape":  {formBody("names", kept, "words", "x") + "&themes=%zz", 422, "A part of what arrived was broken on the way.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			a := h.post(tellPath, urlencoded, c.body)
			a.hasStatus(t, c.status)
			a.says(t, c.sentence, "Something is not right yet", "Nothing was sent. Everything you wrote is still here.",
				"<title>Error: Tell the panel", "\n"+kept+"</textarea>")
			if c.at != "" && !strings.Contains(a.body, `id="`+c.at+`-problem"`) {
				t.Errorf("field %s is not marked", c.at)
			}
			if got := h.rows(); got != 0 {
				t.Errorf("got %d rows, want none", got)
			}
			if strings.Contains(h.log.String(), "kept") {
				t.Error("the log holds what was typed")
			}
		})
	}
}

func TestTooLongWordsComeBackWholeWithTheByteCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	words := strings.Repeat("Zu viel. ", 8000)
	a := h.tell("words", words)
	a.hasStatus(t, http.StatusRequestEntityTooLarge)
	p := seal.NewSubmission(seal.Receipt{}.Derive(testOrigin), "2026-11-abcd", testOrigin, taxonomy.FormHash(), "en",
		seal.SealedByServer, []seal.Answer{{Q: "words", A: words}})
	size, err := p.Size()
	h.must(err)
	a.says(t, words, "it takes "+itoa(size)+" bytes and 65535 fit", "Take out "+itoa(size-65535)+" bytes or more")
}

// What is taken out is counted in bytes, so a text of two-byte letters fits once that many bytes are gone, and not before.
func TestWhatIsTooLongFitsWhenThatMuchIsTakenOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	words := strings.Repeat("ä", 40_000)
	page := h.tell("words", words).body
	said := regexp.MustCompile(`Take out (\d+) bytes or more`).FindStringSubmatch(page)
	if said == nil {
		t.Fatal("no count is said")
	}
	over, err := strconv.Atoi(said[1])
	h.must(err)
	letters := (over + 1) / 2
	h.tell("words", strings.Repeat("ä", 40_000-letters+1)).hasStatus(t, http.StatusRequestEntityTooLarge)
	h.tell("words", strings.Repeat("ä", 40_000-letters)).hasStatus(t, http.StatusOK)
}

func TestWordsOfJustUnder1MiBComeBackInTheForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	words := strings.Repeat("x", tellBody-200)
	a := h.tell("words", words)
	a.hasStatus(t, http.StatusRequestEntityTooLarge)
	a.says(t, words, "This is too long to lock in one piece")
}

func TestTicksComeBackAndTheirListIsOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := h.tell("items", "bias.prison", "themes", "bias", "for_whom", "saw_it", "share_level", "my_words_public", "scope", "wrong").body
	for _, tick := range []string{`value="bias.prison"`, `name="themes" value="bias"`, `name="for_whom" value="saw_it"`, `name="share_level" value="my_words_public"`} {
		_, rest, _ := strings.Cut(body, tick)
		if !strings.Contains(rest[:strings.IndexByte(rest, '>')], " checked") {
			t.Errorf("%s is not ticked any more", tick)
		}
	}
	if got, want := strings.Count(body, "<details open>"), 2; got != want { // the theme and, in it, the lines after the first eight
		t.Errorf("got %d lists open, want %d", got, want)
	}
	if strings.Contains(body, `value="panel_only" checked`) {
		t.Error("the beforehand choice came back over the person's own")
	}
}

func TestWrongContentTypesAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, kind := range []string{"text/plain", "application/json", "multipart/form-data; boundary=x"} {
		a := h.post(tellPath, kind, formBody("words", "hello"))
		a.hasStatus(t, http.StatusUnsupportedMediaType)
		a.says(t, "We take text only, and no files.", "Open the form and send from there.")
	}
	h.post(tellPath, "application/x-www-form-urlencoded; charset=UTF-8", formBody("words", "hello")).hasStatus(t, http.StatusOK)
	if got := h.rows(); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
}

func TestCrossSiteHeadersDoNotStopTheUnscriptedForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(tellPath, formBody("words", "hello"))
	r.Header.Set("Origin", "null") // Tor Browser's safest level, and old browsers
	h.do(r).hasStatus(t, http.StatusOK)
}

// Filters of hospitals, schools and telephone companies, and anonymizing proxies, take out what they do not know or do not like. Here
// nothing is left but what HTTP itself needs and what says how to read the body.
func TestAFilterThatStripsHeadersStopsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	address := strings.TrimPrefix(h.listen(), "http://")
	ask := func(method, path, kind, body string) (int, string) {
		conn, err := net.Dial("tcp", address)
		h.must(err)
		defer conn.Close()
		lines := method + " " + path + " HTTP/1.1\r\nHost: " + address + "\r\n"
		if kind != "" {
			lines += "Content-Type: " + kind + "\r\n"
		}
		if body != "" {
			lines += "Content-Length: " + itoa(len(body)) + "\r\n"
		}
		_, err = io.WriteString(conn, lines+"\r\n"+body)
		h.must(err)
		a, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
		h.must(err)
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		h.must(err)
		if got := a.Header.Get("Content-Encoding"); got != "" {
			t.Errorf("%s came packed as %s, and nobody said they can open it", path, got)
		}
		return a.StatusCode, string(text)
	}
	if status, page := ask("GET", tellPath, "", ""); status != http.StatusOK || !strings.Contains(page, "What happened?") || !strings.Contains(page, `lang="en"`) {
		t.Fatalf("the form: %d\n%s", status, page)
	}
	if status, page := ask("POST", tellPath, urlencoded, formBody("words", "without script")); status != http.StatusOK || !strings.Contains(page, "Your eight words") {
		t.Errorf("without script: %d\n%s", status, page)
	}
	for _, kind := range []string{"", "/", "application/x-www-form-urlencoded; charset"} {
		if status, page := ask("POST", tellPath, kind, formBody("words", "no type")); status != http.StatusOK || !strings.Contains(page, "Your eight words") {
			t.Errorf("without script, of the type %q: %d\n%s", kind, status, page)
		}
	}
	if status, page := ask("POST", aboutPath, "", formBody("communities", "no type")); status != http.StatusOK {
		t.Errorf("about a person: %d\n%s", status, page)
	}
	for _, path := range []string{"/static/tell.js", tellPath + "/words", "/api/v1/c/riverside/epoch", "/api/v1/c/riverside/chain"} {
		if status, page := ask("GET", path, "", ""); status != http.StatusOK || page == "" {
			t.Errorf("%s: %d", path, status)
		}
	}
	m := h.newMessage("with script").json()
	if status, page := ask("POST", submissionsPath, jsonType, m); status != http.StatusCreated || !strings.Contains(page, "answerable/ticket/v1") {
		t.Errorf("with script: %d\n%s", status, page)
	}
	if got := len(h.opened()); got != 4 { // the same sent three times is one
		t.Errorf("got %d messages, want 4", got)
	}
}

func TestUnknownClinicGivesTheWordsBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.post("/c/nowhere/tell", urlencoded, formBody("words", "hello there"))
	a.hasStatus(t, http.StatusNotFound)
	a.says(t, "We do not know this place", "\nhello there</textarea>", "/static/leave.js", `data-module="leaving"`)
}

func TestClosedFormGivesTheWordsBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.now = h.now.AddDate(0, 0, 60)
	a := h.tell("words", "hello there", "themes", "force")
	a.hasStatus(t, http.StatusConflict)
	a.says(t, "The form is closed right now", "Nothing was kept on our side this time.", "\nhello there</textarea>",
		`<input type="hidden" name="themes" value="force">`, "/static/leave.js", `data-module="leaving"`)
	if got := h.rows(); got != 0 {
		t.Errorf("got %d rows, want none", got)
	}
}

func TestDatabaseDownAtSubmitKeepsNothingAndGivesTheWordsBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := formBody("words", "\r\nHeld down & <scared>\r\n", "themes", "force", "names", "", "share_level", "panel_only")
	h.cutDatabase()
	a := h.post(tellPath, urlencoded, body)
	a.hasStatus(t, http.StatusServiceUnavailable)
	a.says(t, "We cannot keep anything right now", "Nothing was kept on our side this time.", "\n\nHeld down & <scared>\n</textarea>")
	if strings.Contains(a.body, "Your eight words") {
		t.Error("something was acknowledged")
	}
	if strings.Contains(h.log.String(), "Held") {
		t.Errorf("the log holds what was told:\n%s", h.log.String())
	}
	if got, want := keptBody(t, a.text()), body; got != want {
		t.Errorf("sending again would send\n%q, want\n%q", got, want)
	}
}

// The answer to a submit can be lost after the message was stored. Then the page must not claim that nothing was kept.
func TestLostAnswerIsNotCalledALoss(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.db.ExecContext(t.Context(), "DROP TABLE pending CASCADE"); err != nil {
		t.Fatal(err)
	}
	a := h.tell("words", "hello there")
	a.hasStatus(t, http.StatusInternalServerError)
	a.says(t, "We do not know if your words were kept.", "\nhello there</textarea>")
	if strings.Contains(a.text(), "Nothing was kept") {
		t.Error("the page claims what it cannot know")
	}
}

func TestBodyOfTheRequestIsOverwritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := newFastRequest(tellPath, formBody("words", "wipe me"))
	h.app.Handler()(ctx)
	seen := ctx.Request.Body()
	if ctx.Response.StatusCode() != http.StatusOK || len(seen) == 0 {
		t.Fatalf("got status %d and %d bytes", ctx.Response.StatusCode(), len(seen))
	}
	if strings.Trim(string(seen), "\x00") != "" {
		t.Error("the body still holds what was sent")
	}
}

func FuzzForm(f *testing.F) {
	f.Add([]byte(formBody("words", "hello", "themes", "force")))
	f.Add([]byte("words=%zz&=&&nonce"))
	f.Add([]byte("nonce=" + testNonce + "&words=caf%E9&scope=team&scope=rule"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sent, err := parseForm(body)
		answers, faults := sent.check(nil)
		if err == nil && len(faults) == 0 && !saysSomething(answers) {
			t.Error("a form that says nothing passed")
		}
		for i, a := range answers {
			q, ok := taxonomy.FieldByKey(a.Q)
			if !ok || a.A == "" || i > 0 && answers[i-1].Q == a.Q {
				t.Errorf("answer %d to %q is none", i, a.Q)
			}
			for code := range strings.SplitSeq(a.A, "\n") {
				if !q.Kind.Typed() && (code == taxonomy.Skip || !slices.Contains(codesOf(q, nil), code)) {
					t.Errorf("%s was answered with an unknown code", a.Q)
				}
			}
		}
		for _, field := range sent.keep() {
			if strings.ToValidUTF8(field.Value, "") != field.Value {
				t.Error("bytes that are no text go back into the page")
			}
		}
	})
}

// The words were kept, the answer to it was lost, and the form changed or closed before the person sent them again.
func TestSameAgainIsAnsweredThoughTheFormHasChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pairs := []string{"words", "kept already", "service", "ward"}
	first := h.tell(pairs...)
	first.hasStatus(t, http.StatusOK)
	for name, change := range map[string]string{
		"closed":          `UPDATE clinic SET open = false`,
		"service retired": `UPDATE clinic SET open = true; UPDATE service SET retired_on = '2026-11-01' WHERE code = 'ward'`,
		"no epoch left":   `UPDATE epoch SET not_before = '2025-01-01', not_after = '2025-01-31', retain_until = '2025-12-31'`,
	} {
		if _, err := h.db.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		again := h.tell(pairs...)
		if got, want := receiptOn(again.text()), receiptOn(first.text()); again.StatusCode != http.StatusOK || len(got) != 8 || !slices.Equal(got, want) {
			t.Errorf("%s: status %d with words %q, want 200 with the first words", name, again.StatusCode, got)
		}
	}
	h.tell("words", "new words").hasStatus(t, http.StatusConflict)
	if got := h.rows(); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
}

func receiptOn(page string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`<li>([a-z]+)</li>`).FindAllStringSubmatch(page, -1) {
		words = append(words, m[1])
	}
	return words
}

// The connection is cut when the answer to COMMIT is on its way: the words are kept, and nobody here can know it.
func TestAnswerCutAtCommitIsNotCalledALoss(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cutAfterCommit()
	a := h.tell("words", "kept or not")
	a.hasStatus(t, http.StatusServiceUnavailable)
	a.says(t, "We do not know if your words were kept.", "\nkept or not</textarea>")
	if strings.Contains(a.text(), "Nothing was kept") {
		t.Error("the page claims what it cannot know")
	}
	if got := h.rows(); got != 1 {
		t.Fatalf("got %d rows, want the message kept", got)
	}
	h.mendDatabase()
	again := h.post(tellPath, urlencoded, keptBody(t, a.text()))
	again.hasStatus(t, http.StatusOK)
	if got := h.rows(); got != 1 || len(receiptOn(again.text())) != 8 {
		t.Errorf("got %d rows, want 1, with its words", got)
	}
}

func TestTextWithoutShapeIsNothingSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, words := range []string{"\u200b\u2060\ufeff", "\x01\x02", " \n\t\u00a0"} {
		h.tell("words", words).hasStatus(t, http.StatusUnprocessableEntity)
	}
	h.tell("words", "\U0001f54a\ufe0f").hasStatus(t, http.StatusOK)
}

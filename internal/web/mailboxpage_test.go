package web

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/mailbox"
	"answerable/internal/seal"
)

const mailboxPath = "/c/riverside/mailbox"

// told stores a first message and gives its receipt and keys.
func (h *house) told(text string) (seal.Receipt, *seal.Keys) {
	h.t.Helper()
	receipt, err := seal.NewReceipt(rand.Reader)
	h.must(err)
	return receipt, h.toldWith(receipt, text)
}

func (h *house) toldWith(receipt seal.Receipt, text string) *seal.Keys {
	h.t.Helper()
	_, err := h.config.Intake.SealAndSubmit(h.t.Context(), h.place.ID, receipt, "en", "f", []seal.Answer{{Q: "words", A: text}})
	h.must(err)
	return receipt.Derive(testOrigin)
}

// enter posts a form of the mailbox: keys and values in turn, after the words.
func (h *house) enter(receipt string, pairs ...string) answer {
	h.t.Helper()
	parts := []string{"receipt=" + url.QueryEscape(receipt)}
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	return h.post(mailboxPath, urlencoded, strings.Join(parts, "&"))
}

// answers posts a reviewer's answer to a message.
func (h *house) answers(keys *seal.Keys, text string) {
	h.t.Helper()
	h.answersAsking(keys, text, "")
}

func (h *house) answersAsking(keys *seal.Keys, text, asks string) {
	h.t.Helper()
	file, err := seal.SealReply(testOrigin, h.panel[0].ID, h.panel[0].Key, keys.AnchorToken.Commitment(),
		keys.ReplyIdentity.Recipient().String(), h.now, text, asks)
	h.must(err)
	h.must(h.config.Mailboxes.Post(h.t.Context(), h.place.ID, keys.MailboxToken.Commitment(), file, h.now))
}

func TestWithoutScriptAnswersAreReadAndGivenForThreeRounds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, err := seal.ParseReceipt(wordsNoLogSays)
	h.must(err)
	keys := h.toldWith(receipt, "the first")
	h.get(mailboxPath).says(t, "Our computer sees your words, the answers and what you write for the moment")
	first := h.enter(receipt.Words())
	first.hasStatus(t, http.StatusOK)
	first.says(t, "There is no answer here.", "This mailbox ends on "+mailbox.LastDay(keys.MailboxToken.Commitment(), h.until()).Format("2 January 2006"))
	for round, text := range []string{"what we think", "and more <b>", "at last"} {
		h.answers(keys, text)
		h.answers(keys, text+", said twice")
		a := h.enter(strings.ToUpper(strings.ReplaceAll(receipt.Words(), " ", " - ")))
		a.says(t, text, text+", said twice", "signed by")
		if strings.Contains(a.body, "Take care.") {
			t.Error("an answer of the panel is said not to be signed")
		}
		a = h.enter(receipt.Digits(), "act", "write", "words", "round "+itoa(round), "wish", "peer_support", "wish", "practical")
		a.says(t, "We have it. It goes to the panel", "answerable/ticket/v1")
	}
	var further []*seal.Plaintext
	for _, p := range h.opened() {
		if p.T == seal.KindFollowup {
			further = append(further, p)
		}
	}
	if len(further) != 3 {
		t.Fatalf("%d follow-ups are here", len(further))
	}
	for _, p := range further {
		if p.Thread == nil || *p.Mailbox != keys.MailboxToken.Commitment().String() || p.SealedBy != seal.SealedByServer || len(p.Answers) != 3 || p.Answers[1].A != "peer_support" {
			t.Errorf("a follow-up is not tied to what was told, or does not hold what was sent")
		}
	}
	if h.logHoldsAWordOf(receipt.Words()) {
		t.Error("the log holds words of a receipt")
	}
	for _, secret := range []string{receipt.Digits(), keys.MailboxToken.Commitment().String(), "round 1"} {
		if strings.Contains(h.log.String(), secret) {
			t.Error("the log holds digits of a receipt, a mailbox, or words of a writer")
		}
	}
}

func (h *house) until() time.Time {
	h.t.Helper()
	epoch, err := h.config.Keys.Active(h.t.Context(), h.place.ID)
	h.must(err)
	return epoch.RetainUntil
}

func TestAnAnswerThatNobodyOnThePanelSignedIsShownAsSuch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, keys := h.told("x")
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	h.must(err)
	file, err := seal.SealReply(testOrigin, h.panel[0].ID, stranger, keys.AnchorToken.Commitment(), keys.ReplyIdentity.Recipient().String(), h.now, "come and meet me", seal.AsksCheckIn)
	h.must(err)
	h.must(h.config.Mailboxes.Post(t.Context(), h.place.ID, keys.MailboxToken.Commitment(), file, h.now))
	h.enter(receipt.Words()).says(t, "Take care. This answer is not signed by anybody on the panel.")
}

func TestADoubleClickInTheMailboxIsOneMessageAndTwoDevicesAreTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, _ := h.told("x")
	for range 2 {
		h.enter(receipt.Words(), "nonce", testNonce, "act", "write", "words", "the same").says(t, "We have it.")
	}
	if got := h.rows(); got != 2 {
		t.Errorf("%d messages are here, want the first and one more", got)
	}
	done := make(chan answer)
	for _, device := range []string{"one", "two"} {
		go func() { done <- h.enter(receipt.Words(), "nonce", device, "act", "write", "words", device) }()
	}
	for range 2 {
		if a := <-done; !strings.Contains(a.body, "We have it.") {
			t.Errorf("two devices at once: %d", a.StatusCode)
		}
	}
	if got := h.rows(); got != 4 {
		t.Errorf("%d messages are here, want 4", got)
	}
}

func TestWithoutScriptConsentIsChangedAndWhatHappenedSinceIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, _ := h.told("x")
	h.enter(receipt.Words(), "act", "consent").says(t, "Choose who may see it.")
	h.enter(receipt.Words(), "act", "consent", "share_level", "everything", "hold_until", "now").says(t, "Choose who may see it.")
	h.enter(receipt.Words(), "act", "consent", "share_level", "count_me", "hold_until", "wait_until_i_say", "hide", "quotes", "hide", "the_date", "ask_me_first", "show_me_before_sharing").says(t, "We have it.")
	h.enter(receipt.Words(), "act", "since", "words", "kept").says(t, "Say first if something happened, or choose when to be asked.", "kept")
	h.enter(receipt.Words(), "act", "since", "since", "payback", "words", "they stopped calling", "check_in", "month").says(t, "We have it.",
		"We cannot remind you", "Come back on 28 December 2026 or later")
	if a := h.enter(receipt.Words(), "act", "since", "check_in", "never"); !strings.Contains(a.body, "We have it.") || strings.Contains(a.body, "or later") {
		t.Error("who does not want to be asked is told when to come back")
	}
	h.enter(receipt.Words(), "act", "since", "check_in", "tomorrow").says(t, "Say first if something happened")
	h.enter(receipt.Words(), "act", "write", "words", "  ").says(t, "Nothing was written.")
	var choice *seal.Consent
	said := map[string]string{}
	var wished []string
	for _, p := range h.opened() {
		switch p.T {
		case seal.KindConsent:
			choice = p.Consent
		case seal.KindFollowup:
			for _, a := range p.Answers {
				said[a.Q] = a.A
				if a.Q == seal.CheckInKey {
					wished = append(wished, a.A)
				}
			}
		}
	}
	if choice == nil || choice.ShareLevel != "count_me" || choice.Hold != "wait_until_i_say" || !choice.AskMeFirst || !slices.Equal(choice.Hide, []string{"the_date", "quotes"}) {
		t.Errorf("the choice that came is %+v", choice)
	}
	slices.Sort(wished)
	if said["items"] != "response.payback" || said["words"] != "they stopped calling" || !slices.Equal(wished, []string{"month", "never"}) {
		t.Errorf("what happened since came as %v, %v", said, wished)
	}
}

func TestWithoutScriptEverythingIsTakenBackAtEachStage(t *testing.T) {
	t.Parallel()
	for further := range 3 {
		h := newHouse(t)
		receipt, _ := h.told("x")
		h.enter(receipt.Words()).says(t, "may see that the two belong together", "Files that the panel signed before keep what they say.")
		for i := range further {
			h.enter(receipt.Words(), "act", "write", "words", itoa(i)).says(t, "We have it.")
			if i == 0 {
				_, err := h.config.Intake.Batch(t.Context())
				h.must(err)
			}
		}
		h.enter(receipt.Words(), "act", "back").says(t, "Tick the line above the button first. Nothing was taken back yet.")
		h.enter(receipt.Words(), "act", "back", "sure", "yes").says(t, "Messages taken back: "+itoa(further+1)+".", "answerable/ticket/v1")
		var left int
		h.must(h.db.NewRaw(`SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM submission)`).Scan(t.Context(), &left))
		if left != 0 {
			t.Errorf("%d messages are left", left)
		}
		h.enter(receipt.Words(), "act", "write", "words", "after all").says(t, "We have it.")
	}
}

// The question comes only where its writer wished for it, and only from somebody on the panel; it stands behind the answers then.
func TestWithoutScriptThePanelsQuestionStandsOpenBehindTheAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, keys := h.told("x")
	const asks = "The panel asks you, as you wished"
	closed := h.enter(receipt.Words())
	if strings.Contains(closed.body, asks) || strings.Contains(closed.body, "<details data-part=\"since-room\" open>") {
		t.Error("the page asks who was not asked by the panel")
	}
	h.answersAsking(keys, "", seal.AsksCheckIn)
	a := h.enter(receipt.Words())
	a.says(t, asks, "<details data-part=\"since-room\" open>", "signed by")
	if order := indexes(a.body, "answers-title\" tab", "since-title\" tab", "write-title\" tab", "consent-title\" tab", "back-title\" tab"); !slices.IsSorted(order) {
		t.Errorf("the question does not stand behind the answers: %v", order)
	}
	if order := indexes(closed.body, "answers-title\" tab", "write-title\" tab", "consent-title\" tab", "since-title\" tab", "back-title\" tab"); !slices.IsSorted(order) {
		t.Errorf("the page is not in the order of use: %v", order)
	}
}

func indexes(text string, parts ...string) (at []int) {
	for _, part := range parts {
		at = append(at, strings.Index(text, part))
	}
	return at
}

// A text browser shows what others hide, so nothing stands on a page that does not apply.
func TestAPageOfTheMailboxHoldsNothingThatDoesNotApply(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, _ := h.told("x")
	empty := regexp.MustCompile(`<(?:p|div|section|button|pre)\b[^>]*\bhidden\b[^>]*>`)
	first := h.get(mailboxPath)
	first.says(t, `name="receipt"`, "Only take back what you told")
	for _, part := range []string{`name="act"`, `id="write-title"`, `data-part="log"`} {
		if strings.Contains(first.body, part) {
			t.Errorf("a mailbox that is not open shows %s", part)
		}
	}
	h.get(mailboxPath+"/room").says(t, `id="write-title"`, `data-part="log"`, `data-part="come-back"`)
	opened := h.enter(receipt.Words())
	for _, part := range []string{`data-part="log"`, `data-part="packet"`, `data-part="close"`, `data-part="ticket"`, `data-part="come-back"`, `id="enter"`} {
		if strings.Contains(opened.body, part) {
			t.Errorf("an open mailbox without script shows %s", part)
		}
	}
	for _, tag := range empty.FindAllString(opened.body, -1) {
		if !strings.Contains(tag, "mailbox-problem") && !strings.Contains(tag, "leav") && !strings.Contains(tag, "disabled hidden") {
			t.Errorf("something is hidden: %s", tag)
		}
	}
}

// What somebody on the line sees of a page is its length, its status and how long it takes.
func TestWithoutScriptWordsThatOpenNothingLookLikeOthers(t *testing.T) {
	h := newHouse(t)
	receipt, keys := h.told("x")
	h.answers(keys, strings.Repeat("a long answer ", 500))
	other, err := seal.NewReceipt(rand.Reader)
	h.must(err)
	ask := func(words string) (length int) {
		a := h.enter(words)
		if a.hasStatus(t, http.StatusOK); len(a.body)%pageStep != 0 {
			t.Errorf("%d bytes", len(a.body))
		}
		return len(a.body)
	}
	var hits, misses int
	var ratio float64
	for range 4 { // a machine that is busy enough holds one side up for a whole round; a difference of ours shows in each
		hit, miss := quickest(3, func() { hits = ask(receipt.Words()) }, func() { misses = ask(other.Words()) })
		if hits != misses {
			t.Fatalf("lengths differ: %d and %d", hits, misses)
		}
		if ratio = float64(hit) / float64(miss); 0.6 <= ratio && ratio <= 1.6 {
			return
		}
		h.now = h.now.Add(time.Minute)
	}
	t.Errorf("words that open something take %.2f times as long", ratio)
}

// Words whose message has no place in the log yet, or that are nobody's, have no last day, and the page names none.
func TestAMailboxThatIsNotInTheLogYetHasNoLastDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nobody, err := seal.NewReceipt(rand.Reader)
	h.must(err)
	a := h.enter(nobody.Words())
	a.says(t, "Mailboxes end some months after you wrote.")
	if strings.Contains(a.body, "This mailbox ends on") || strings.Contains(a.body, "0001") {
		t.Error("a day is named that nobody knows")
	}
}

func TestWordsThatAreNoneAreNamedWithThoseNear(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for typed, want := range map[string]string{
		"abandn ability":              "Word 1, \"abandn\", is not on our list. Did you mean abandon?",
		"zebra xylophonist":           "Word 2, \"xylophonist\", is not on our list. Look at it again.",
		"abandon ability able":        "These are 3 words. There must be eight, or 27 digits.",
		"123 456":                     "These are 6 digits. There must be 27, or eight words.",
		strings.Repeat("9", 27):       "These are no words and no digits of ours.",
		"":                            "These are 0 words.",
		"<script>alert(1)</script> x": "is not on our list",
	} {
		a := h.enter(typed, "act", "write", "words", "what I typed")
		a.hasStatus(t, http.StatusUnprocessableEntity)
		a.says(t, want)
		if len(a.body)%pageStep != 0 || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%q: %d bytes", typed, len(a.body))
		}
	}
}

func TestWordsWrittenInTheMailboxAreNotLostWithTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, _ := h.told("x")
	h.cutDatabase()
	a := h.enter(receipt.Words(), "nonce", testNonce, "act", "write", "words", "do not lose me")
	a.hasStatus(t, http.StatusServiceUnavailable)
	a.says(t, "do not lose me")
	h.mendDatabase()
	h.post(mailboxPath, urlencoded, keptBody(t, a.body)).says(t, "We have it.")
}

func TestWordsOfAnotherClinicOpenNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, keys := h.told("x")
	h.answers(keys, "for the other place")
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "northside", Name: "Northside", RetentionDays: 30}))
	a := h.post("/c/northside/mailbox", urlencoded, "receipt="+url.QueryEscape(receipt.Words()))
	a.hasStatus(t, http.StatusOK)
	a.says(t, "There is no answer here.")
	if strings.Contains(a.body, "for the other place") {
		t.Error("words of one clinic open a mailbox of another")
	}
}

func TestMailboxScriptSaysOnlyWhatItIsGiven(t *testing.T) {
	t.Parallel()
	said := []string{"script.mailbox_there", "script.mailbox_withdrawn", "script.mailbox_shredded"} // put together from a state
	pattern := regexp.MustCompile(`"((?:mailbox|back|check|site|script)\.[a-z_]+)"`)
	files, err := filepath.Glob("../../ui/src/mailbox/*.ts")
	h := append(files, "../../ui/src/mailbox.ts", "../../ui/src/tell/links.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range h {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(source), -1) {
			said = append(said, m[1])
		}
	}
	for _, key := range said {
		if !slices.Contains(mailboxSentences, key) {
			t.Errorf("the script says %q, which the page does not carry", key)
		}
	}
	for _, key := range mailboxSentences {
		if !slices.Contains(said, key) {
			t.Errorf("the page carries %q, which its script does not say", key)
		}
	}
}

// Whoever takes the database, the log or an answer in the middle of it all finds nothing that ties a mailbox to a message, a
// message to another of the same receipt, or any of them to a withdrawal of another.
func TestNothingTiesAMailboxToAMessageInTheMiddleOfItAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, keys := h.told("canary zebrafinch")
	h.answers(keys, "canary answer")
	h.enter(receipt.Words(), "act", "write", "words", "canary quillwort").says(t, "We have it.")
	_, err := h.config.Intake.Batch(t.Context())
	h.must(err)
	h.enter(receipt.Words(), "act", "consent", "share_level", "count_me", "hold_until", "now").says(t, "We have it.")
	h.answers(keys, "another canary answer")
	h.enter(receipt.Words(), "act", "since", "since", "nothing", "check_in", "three_months").says(t, "We have it.")
	h.answersAsking(keys, "", seal.AsksCheckIn)

	stretched := receipt.Stretch(testOrigin)
	var marks [][]string // of each message, in every spelling that a column or a log could have
	for message := range uint(4) {
		k := stretched.Message(message)
		marks = append(marks, append(spellings(k.AnchorToken.Commitment()), spellings(k.WithdrawToken.Commitment())...))
	}
	box := spellings(keys.MailboxToken.Commitment())
	never := slices.Concat(spellings(seal.Commitment(keys.MailboxToken)), spellings(seal.Commitment(keys.ActionsKey)), strings.Fields("canary check_in three_months "+receipt.Digits()),
		[]string{receipt.Words(), keys.ReplyIdentity.Recipient().String()[:60]})
	var tables []string
	h.must(h.db.NewRaw(`SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = 'public'`).Scan(t.Context(), &tables))
	rows := strings.Split(h.log.String(), "\n")
	for _, table := range tables {
		var of []string
		h.must(h.db.NewRaw(`SELECT t::text FROM `+table+` t`).Scan(t.Context(), &of))
		rows = append(rows, of...)
	}
	seen := 0
	for _, row := range rows {
		var found []int
		for message, mark := range marks {
			if containsAny(row, mark) {
				found = append(found, message)
			}
		}
		boxed := containsAny(row, box)
		if len(found) > 1 || boxed && len(found) > 0 || containsAny(row, never) {
			t.Errorf("a row or a line ties what must not be tied: %.200s", row)
		}
		if boxed || len(found) > 0 {
			seen++
		}
	}
	if seen < 7 { // four messages and three answers at least, or nothing was looked at
		t.Errorf("only %d rows of this receipt were found", seen)
	}
	var columns []string
	h.must(h.db.NewRaw(`SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_name IN ('submission', 'pending') AND column_name ~ 'mailbox|thread|receipt'
		UNION SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_name = 'reply' AND column_name ~ 'anchor|leaf|submission|thread|reviewer|epoch'`).Scan(t.Context(), &columns))
	if len(columns) > 0 {
		t.Errorf("columns that could tie them: %v", columns)
	}
}

func spellings(c seal.Commitment) []string {
	b64 := base64.StdEncoding.EncodeToString(c[:])
	return []string{c.String(), hex.EncodeToString(c[:]), b64, hex.EncodeToString([]byte(b64))} // the last as in a leaf's bytes
}

func containsAny(text string, marks []string) bool {
	return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(text, m) })
}

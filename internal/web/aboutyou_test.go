package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"answerable/internal/seal"
)

const aboutPath = "/c/riverside/about-you"

// tiedForm is a filled form about a person, with words that are to tie it.
func tiedForm(words string, more ...string) []string {
	filled := []string{"age_band", "65_plus", "communities", "We who knit", "link", "link_to_my_report", "receipt", words}
	return append(filled, more...)
}

// aboutYou sends a form about a person.
func (h *house) aboutYou(pairs ...string) answer {
	return h.post(aboutPath, urlencoded, formBody(pairs...))
}

// kinds counts what is stored, by its kind and whether it names a mailbox.
func (h *house) kinds() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for _, p := range h.opened() {
		if p.Mailbox == nil {
			out[p.T+" apart"]++
		} else {
			out[p.T+" of "+*p.Mailbox]++
		}
	}
	return out
}

func TestWhoWishesItTiesWhatTheySayAboutThemselvesToWhatTheyTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := h.get(aboutPath)
	page.says(t, "Do these answers belong to what you told?", "It can then guess more easily who you are.",
		"The clinic is never given them", "our computer sees them for a moment")
	field := page.body[strings.Index(page.body, `<textarea id="receipt"`):]
	field = field[:strings.Index(field, ">")]
	for _, off := range []string{`autocomplete="off"`, `spellcheck="false"`, `autocorrect="off"`, `translate="no"`} {
		if !strings.Contains(field, off) {
			t.Errorf("the field for words lacks %s", off)
		}
	}
	receipt, keys := h.told("They laughed.")
	mailbox := keys.MailboxToken.Commitment().String()

	body := formBody(tiedForm(receipt.WordsIn("es"))...)
	for range 2 { // a double click is one message
		a := h.post(aboutPath, urlencoded, body)
		a.says(t, "We have your two answers", "beside what you told")
		if len(a.body)%pageStep != 0 || strings.Contains(a.body, strings.Fields(receipt.WordsIn("es"))[0]) {
			t.Error("the answer's length tells, or it holds a word")
		}
	}
	if got := h.kinds(); got["submission of "+mailbox] != 1 || got["about_you of "+mailbox] != 1 || len(got) != 2 {
		t.Fatalf("stored are %v", got)
	}
	for _, p := range h.opened() {
		if p.T != seal.KindAboutYou {
			continue
		}
		if p.ReplyTo != nil || p.Actions != nil || p.Thread != nil || p.SealedBy != seal.SealedByServer {
			t.Error("it is tied by more than its mailbox")
		}
		if len(p.Answers) != 2 || p.Answers[1].A != "We who knit" {
			t.Errorf("it says %v", p.Answers)
		}
	}
	h.post("/c/riverside/back", urlencoded, formBody("receipt", receipt.Digits())).says(t, "Messages taken back: 2.")
	if n := h.rows(); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	h.aboutYou(tiedForm(receipt.Words())...).says(t, "These words open no message here.")
}

func TestNothingAboutAPersonIsTiedOrSentByMistake(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, _ := h.told("They laughed.")
	for words, says := range map[string]string{
		"": "There must be eight", "abandon ability able": "These are 3 words.", "12345": "These are 5 digits.",
		"zzzzz " + receipt.Words(): "is not on our list",
		seal.Receipt{7}.Words():    "These words open no message here.",
	} {
		a := h.aboutYou(tiedForm(words)...)
		a.hasStatus(t, http.StatusUnprocessableEntity)
		a.says(t, says, "We who knit")
		for _, given := range []string{`value="65_plus" checked`, `value="link_to_my_report" checked`, "\n" + words + "</textarea>"} {
			if !strings.Contains(a.body, given) {
				t.Errorf("%q: %s is lost", words, given)
			}
		}
		if len(a.body)%pageStep != 0 {
			t.Errorf("%q: the answer's length tells", words)
		}
	}
	h.aboutYou(tiedForm(receipt.Words(), "link", "keep_apart")...).says(t, "There are two answers to this question")
	if n := h.rows(); n != 1 {
		t.Fatalf("%d rows are stored, want the message alone", n)
	}
	// Whoever keeps them apart, or says nothing, is never tied, though their words stand in the form.
	h.aboutYou("age_band", "65_plus", "link", "keep_apart", "receipt", receipt.Words()).says(t, "apart from what you told")
	h.aboutYou("age_band", "18_25", "receipt", receipt.Words()).says(t, "We have your two answers")
	if got := h.kinds(); got["about_you apart"] != 2 || len(got) != 2 {
		t.Errorf("stored are %v", got)
	}
	for _, p := range h.opened() {
		if p.T == seal.KindAboutYou && (len(p.Answers) != 1 || p.Answers[0].Q != "age_band") {
			t.Errorf("it says %v", p.Answers)
		}
	}
}

func TestWordsThatTieAnswersAreInNoLogAndTriedSlowly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	receipt, _ := h.told("They laughed.")
	started := time.Now()
	h.aboutYou(tiedForm(receipt.Words())...)
	if took := time.Since(started); took < plainStep {
		t.Errorf("words that open something are answered after %s", took)
	}
	h.aboutYou(tiedForm(receipt.Words(), "lang", "es")...).says(t, "Solo para eso, escribe tus palabras.")
	for range triesOfOne {
		h.aboutYou(tiedForm(receipt.Words(), "age_band", "18_25")...)
	}
	log := h.log.String()
	for _, word := range strings.Fields(receipt.Words()) {
		if strings.Contains(log, word) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// What goes wrong takes nothing that was typed: not a form that is closed, not a place that is not found, not a database that is away.
func TestWhatSomebodySaysAboutThemselvesIsGivenBackWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	typed, picked := "\nWe who knit</textarea>", `<input type="hidden" name="age_band" value="65_plus">`
	for name, fault := range map[string]struct {
		wrong  func(h *house)
		path   string
		status int
	}{
		"a closed form":           {func(h *house) { h.now = h.now.AddDate(0, 0, 60) }, aboutPath, http.StatusConflict},
		"a place nobody knows":    {func(*house) {}, "/c/nowhere/about-you", http.StatusNotFound},
		"a database that is away": {func(h *house) { h.cutDatabase() }, aboutPath, http.StatusServiceUnavailable},
		"a table that is gone": {func(h *house) {
			_, err := h.db.ExecContext(t.Context(), "DROP TABLE pending CASCADE")
			h.must(err)
		}, aboutPath, http.StatusInternalServerError},
	} {
		h := newHouse(t)
		body := formBody("age_band", "65_plus", "communities", "We who knit")
		fault.wrong(h)
		a := h.post(fault.path, urlencoded, body)
		a.hasStatus(t, fault.status)
		a.says(t, typed, picked)
		if strings.Contains(h.log.String(), "knit") {
			t.Errorf("%s: the log holds what was typed", name)
		}
	}
}

func TestMuchAboutAPersonComesBackWhenItIsTooMuch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fits := strings.Repeat("ش", 3000) // two bytes each, six on the way
	kept := h.aboutYou("communities", fits)
	kept.hasStatus(t, http.StatusOK)
	if got := h.opened(); len(got) != 1 || got[0].Answers[0].A != fits {
		t.Error("it was not kept as it came")
	}
	long := strings.Repeat("ش", 60_000)
	h.aboutYou("communities", long).says(t, long)
}

// Where only who has sent something is led to a page, its address in a browser's history tells that somebody sent.
func TestTheClinicsPageLeadsToTheQuestionsAboutAPersonToo(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		shown := shownIn(t, l.code)
		for path, want := range map[string]bool{"/c/riverside": true, "/c/shut": false} {
			if got := strings.Contains(shown[path].body, `/about-you?lang=`+l.code+`">`+compiled()[l.code].say("about.open_here")); got != want {
				t.Errorf("%s in %s leads there: %v, want %v", path, l.code, got, want)
			}
		}
	}
}

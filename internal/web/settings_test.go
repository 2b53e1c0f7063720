package web

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// settled is what a panel of riverside proposes in these tests.
const settled = `{"intro":"First words.","shared":true,"services":[{"code":"attic","label":"The attic"}],` +
	`"items":[{"theme":"place","code":"x_riverside.cold_hall","label":"The hall was cold"}],` +
	`"support":[{"name":"A line","what":"Peers.","run_by_peers":true,"contacts_emergency_services":"never","mandatory_reporting":"none","can_trace":"no","ways":["voice"],` +
	`"languages":["English"],"hours":"always","time_zone":"Europe/London","region":"any","cost":"free","source_url":"https://line.example","checked_on":"2026-11-20","checked_by":"panel"}]}`

func settingsOf(body string, after [32]byte) keyring.Resolution {
	return keyring.Resolution{Kind: keyring.KindSettings, Settings: sha256.Sum256([]byte(body)), After: after}
}

func TestThePanelDecidesWhatTheFormSaysAndAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.Keys.Settings = &review.Settings{Clinics: h.config.Clinics, Review: h.config.Review, Figures: h.config.Figures}
	h.decide(settingsOf(settled, [32]byte{}), settled)

	about := h.get("/c/riverside")
	about.says(t, "First words.", "A line")
	form := h.get("/c/riverside/tell")
	form.says(t, "The attic", "The hall was cold", "A line", "Others use this device.")

	// The setting is about who tells and comes back, not about who prints forms or types them in at a device of their own.
	const wipes = "<body data-shared>"
	for path, want := range map[string]bool{
		"/tell": true, "/about-you": true, "/mailbox": true, "/back": true, "/check": true,
		"/paper": false, "/poster": false, "/tell?paper": false, "/paper?shared": true, "/tell?paper&shared": true,
	} {
		if got := strings.Contains(h.get("/c/riverside"+path).body, wipes); got != want {
			t.Errorf("%s wipes itself: got %v, want %v", path, got, want)
		}
	}
	h.ownDevicesKeepTheirPages()
	h.tell("items", "x_riverside.cold_hall", "service", "attic").hasStatus(t, http.StatusOK)
	if got := h.opened()[0].Answers; got[0] != (seal.Answer{Q: "items", A: "x_riverside.cold_hall"}) {
		t.Errorf("got %v", got)
	}
	if answer := h.tell("words", "x", "service", "day_clinic"); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a service that the panel took out is taken: %d", answer.StatusCode)
	} else {
		answer.says(t, "One answer here is not on our list any more: “The day clinic”. Pick again, or skip it.")
		if strings.Contains(answer.body, "day_clinic") {
			t.Error("a code is shown to who picked its label")
		}
		ticked(t, answer.body, "service", "skip")
	}
	switched := h.tell("words", "x", "service", "day_clinic", "lang", "es")
	switched.hasStatus(t, http.StatusOK)
	switched.says(t, "ya no está en nuestra lista: «The day clinic»")
	ticked(t, switched.body, "service", "skip")
	const ended = `INSERT INTO own_item (clinic_id, code, theme, label, position, retired_on)
		VALUES (?, 'x_riverside.loud', 'place', 'It was loud', 1, '2026-11-20')`
	_, err := h.db.NewRaw(ended, h.place.ID).Exec(t.Context())
	h.must(err)
	h.tell("words", "x", "items", "x_riverside.loud").says(t, "not on our list any more: “It was loud”.")

	// Whoever runs the server changes none of it any more.
	var problem *clinic.Problem
	place, err := h.config.Clinics.BySlug(t.Context(), "riverside")
	h.must(err)
	if err := h.config.Clinics.SetSupportLines(t.Context(), place.ID, nil); !errors.As(err, &problem) {
		t.Errorf("the operator takes the lines off: %v", err)
	}
	if err := h.config.Clinics.SetServices(t.Context(), place.ID, nil); !errors.As(err, &problem) {
		t.Errorf("the operator takes the services off: %v", err)
	}
	place.LegalNotice = "Another notice."
	if err := h.config.Clinics.Edit(t.Context(), place); !errors.As(err, &problem) {
		t.Errorf("the operator changes the legal notice: %v", err)
	}
	place, err = h.config.Clinics.BySlug(t.Context(), "riverside")
	h.must(err)
	place.Intro = "Other words."
	if err := h.config.Clinics.Edit(t.Context(), place); !errors.As(err, &problem) {
		t.Errorf("the operator changes the first words: %v", err)
	}
	place, err = h.config.Clinics.BySlug(t.Context(), "riverside")
	h.must(err)
	place.PanelNote = "The clinic's director picks who reads."
	if err := h.config.Clinics.Edit(t.Context(), place); !errors.As(err, &problem) {
		t.Errorf("the operator changes who is said to read: %v", err)
	}

	// The next settings name these; others were written without knowing them.
	next := strings.Replace(settled, "First words.", "Later words.", 1)
	made, err := h.config.Keys.LatestDecision(t.Context(), place.ID, keyring.KindSettings)
	h.must(err)
	for name, bad := range map[string]struct {
		body  string
		after [32]byte
	}{
		"without knowing what holds":      {next, [32]byte{}},
		"a code under another theme":      {strings.Replace(next, `"theme":"place"`, `"theme":"force"`, 1), sha256.Sum256([]byte(made.Lines))},
		"other words for an own code":     {strings.Replace(next, "The hall was cold", "A worker hit me", 1), sha256.Sum256([]byte(made.Lines))},
		"a code of another clinic":        {strings.Replace(next, "x_riverside.", "x_harbor.", 1), sha256.Sum256([]byte(made.Lines))},
		"a line that nobody checked":      {strings.Replace(next, "2026-11-20", "", 1), sha256.Sum256([]byte(made.Lines))},
		"a line checked in years to come": {strings.Replace(next, "2026-11-20", "2062-12-01", 1), sha256.Sum256([]byte(made.Lines))},
		"a line without a police policy":  {strings.Replace(next, `"never"`, `"sometimes"`, 1), sha256.Sum256([]byte(made.Lines))},
		"text that does not read":         {"{}x", sha256.Sum256([]byte(made.Lines))},
	} {
		r := settingsOf(bad.body, bad.after)
		r.ClinicID, r.Day = place.ID, h.now
		by := keyring.Signature{ReviewerID: h.panel[0].ID, Signature: keyring.SignDecision(h.panel[0].Key, r.Lines())}
		if _, err := h.config.Keys.Decide(t.Context(), place.ID, r.Lines(), bad.body, by); !errors.Is(err, keyring.ErrDecision) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	next = strings.Replace(next, `"shared"`, `"panel_note":"Five of us, picked at an open meeting.","shared"`, 1)
	h.decide(settingsOf(next, sha256.Sum256([]byte(made.Lines))), next)
	h.get("/c/riverside").says(t, "Later words.")
	h.get("/c/riverside/tell").says(t, "Five of us, picked at an open meeting.")
}

// The operator cannot change alone what people are told about the law, and the panel cannot soften it alone.
func TestALegalNoticeHoldsWhenThePanelSignsWhatTheOperatorProposes(t *testing.T) {
	h := newHouse(t)
	h.config.Keys.Settings = &review.Settings{Clinics: h.config.Clinics, Review: h.config.Review, Figures: h.config.Figures}
	w := &witness{house: h}
	member := w.signIn(0)
	const child, court = "If a child is in danger now, the panel has to tell the child office.", "A court can make the panel speak."
	saying := func(notice string) string {
		return strings.Replace(settled, `"support"`, `"legal_notice":"`+notice+`","support"`, 1)
	}
	after := func() (hash [32]byte) {
		t.Helper()
		made, err := h.config.Keys.LatestDecision(t.Context(), h.place.ID, keyring.KindSettings)
		h.must(err)
		if made != nil {
			hash = sha256.Sum256([]byte(made.Lines))
		}
		return hash
	}
	sign := func(n int, body string) error {
		r := settingsOf(body, after())
		r.ClinicID, r.Day = h.place.ID, h.now
		_, err := h.config.Keys.Decide(t.Context(), h.place.ID, r.Lines(), body, keyring.Signature{ReviewerID: h.panel[n].ID, Signature: keyring.SignDecision(h.panel[n].Key, r.Lines())})
		return err
	}
	propose := func(text string) bool {
		t.Helper()
		waits, err := h.config.Clinics.SetNotice(t.Context(), h.place.ID, text)
		h.must(err)
		return waits
	}
	refused := func(n int, notice, why string) {
		t.Helper()
		if err := sign(n, saying(notice)); !errors.Is(err, keyring.ErrDecision) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: got %v", notice, err)
		}
	}
	shown := func() string {
		return w.do(shot{path: onPanel + "/settings"}.as(member).request(http.MethodGet)).body
	}

	// At setting up, before the panel has decided, it holds at once.
	if propose("Nothing.") || propose(child) {
		t.Error("a notice waits for a panel that has decided nothing")
	}
	refused(0, court, "Whoever runs the server proposes the legal notice")
	h.decide(settingsOf(settled, after()), settled)

	if !propose(court) || !strings.Contains(shown(), `"legal_notice":"`+child+`"`) || !strings.Contains(shown(), `"notice_proposed":{"text":"`+court+`","on":"`) {
		t.Errorf("a proposal is not shown to the panel: %s", shown())
	}
	h.get("/c/riverside").says(t, child)
	var problem *clinic.Problem
	if _, err := h.config.Clinics.SetNotice(t.Context(), h.place.ID, " "); !errors.As(err, &problem) {
		t.Errorf("an empty notice is proposed: %v", err)
	}
	refused(0, "The panel tells nobody.", "neither the one that holds nor the one that is proposed")
	refused(0, "", "neither the one that holds nor the one that is proposed")

	// What the operator proposes between two signatures is not what the panel signs.
	h.must(sign(0, saying(court)))
	h.get("/c/riverside").says(t, child)
	propose("The panel has to tell everything.")
	refused(1, court, "neither the one that holds nor the one that is proposed")
	propose(court)
	h.must(sign(1, saying(court)))
	h.get("/c/riverside").says(t, court)
	if strings.Contains(shown(), "notice_proposed") {
		t.Error("what holds is still proposed")
	}
	if made, err := h.config.Keys.LatestDecision(t.Context(), h.place.ID, keyring.KindSettings); err != nil || made.Body != saying(court) {
		t.Errorf("the signed text is not kept: %v", err)
	}

	// Other settings leave it as it is, and the operator can take a proposal back.
	propose(child)
	h.decide(settingsOf(settled, after()), settled)
	h.get("/c/riverside").says(t, court)
	if propose(court) || strings.Contains(shown(), "notice_proposed") {
		t.Error("a proposal cannot be taken back")
	}
}

// How much one member reads, and when the panel is late, no single one of it changes.
func TestThePanelDecidesTogetherHowItWorks(t *testing.T) {
	h := newHouse(t)
	h.config.Keys.Settings = &review.Settings{Clinics: h.config.Clinics, Review: h.config.Review, Figures: h.config.Figures}
	works := func(practice string) string {
		return strings.Replace(settled, `"support"`, `"practice":`+practice+`,"support"`, 1)
	}
	const calmer = `{"taken":2,"coded":10,"decided":15,"reply":5,"feedback":60,"working_days":[1,2,4],"holidays":["2026-12-25"],"sitting":5,"serious":1,"week":4,"gap":15,"hard":true}`
	lines := func(body string, after [32]byte) string {
		r := settingsOf(body, after)
		r.ClinicID, r.Day = h.place.ID, h.now
		return r.Lines()
	}
	sign := func(n int, lines string) keyring.Signature {
		return keyring.Signature{ReviewerID: h.panel[n].ID, Signature: keyring.SignDecision(h.panel[n].Key, lines)}
	}
	now := func() (*review.Practice, []review.Practice) {
		t.Helper()
		p, history, err := h.config.Review.Practice(t.Context(), h.place.ID)
		h.must(err)
		return p, history
	}

	w := &witness{house: h}
	member := w.signIn(0)
	propose := func(body string) answer {
		first := lines(body, [32]byte{})
		return w.do(shot{path: onPanel + "/decisions", kind: jsonType, body: asJSON(map[string]any{"lines": first, "body": body, "signature": b64(sign(0, first).Signature)})}.as(member).request(http.MethodPost))
	}
	for practice, want := range map[string]string{
		strings.Replace(calmer, `[1,2,4]`, `[]`, 1):                  "Name at least one working day: 1 for Monday to 7 for Sunday, in order, each once.",
		strings.Replace(calmer, `"week":4`, `"week":0`, 1):           "In a week one person may take 1 to 100 messages.",
		strings.Replace(calmer, `2026-12-25`, `Christmas`, 1):        "Write days off as in 2026-12-25, in order, each once.",
		strings.Replace(calmer, `"reply":5`, `"reply":0`, 1):         "Until a writer is first answered there may be 1 to 30 days.",
		strings.Replace(calmer, `"feedback":60`, `"feedback":91`, 1): "Until a writer is told what was decided there may be 1 to 90 days.",
		strings.Replace(calmer, `"reply":5`, `"reply":null`, 1):      "a limit that is left out would be gone",
		strings.Replace(calmer, `"gap"`, `"rest"`, 1):                "How the panel works does not read.",
		strings.Replace(calmer, `"sitting":5,`, "", 1):               "a limit that is left out would be gone",
		strings.Replace(calmer, `,"hard":true`, "", 1):               "a limit that is left out would be gone",
		strings.Replace(calmer, `"gap":15,`, "", 1):                  "a limit that is left out would be gone",
		strings.Replace(calmer, `["2026-12-25"]`, "null", 1):         "a limit that is left out would be gone",
	} {
		if got := propose(works(practice)); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", practice, got.StatusCode, got.body)
		}
	}
	if got := w.do(shot{path: onPanel + "/practice", kind: jsonType, body: calmer}.as(member).request(http.MethodPost)); got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusNotFound {
		t.Errorf("one member alone changes it: %d", got.StatusCode)
	}

	body := works(calmer)
	propose(body).hasStatus(t, http.StatusCreated)
	if p, history := now(); p.Week != 12 || len(history) != 0 {
		t.Errorf("one of three is enough: %+v", p)
	}
	first := lines(body, [32]byte{})
	_, err := h.config.Keys.Decide(t.Context(), h.place.ID, first, body, sign(1, first))
	h.must(err)
	p, history := now()
	if p.Week != 4 || p.Gap != 15 || len(history) != 1 || history[0].AuthorID != h.panel[0].ID {
		t.Errorf("two of three decided, and it is %+v", p)
	}
	w.do(shot{path: onPanel + "/settings"}.as(member).request(http.MethodGet)).says(t, `"practice":`+calmer)

	// What was signed before there were clocks of an answer reads, with those that hold.
	before := strings.Replace(calmer, `"reply":5,"feedback":60,`, "", 1)
	older, err := review.ReadPractice([]byte(before), review.DefaultPractice())
	if err != nil || older.Reply != 7 || older.Feedback != 90 || older.Week != 4 {
		t.Errorf("a practice of before: %+v, %v", older, err)
	}

	// Settings that say nothing of it, or of its younger clocks, or the same, leave it as it is.
	for _, next := range []string{settled, works(before), strings.Replace(body, "First words.", "Later words.", 1)} {
		made, err := h.config.Keys.LatestDecision(t.Context(), h.place.ID, keyring.KindSettings)
		h.must(err)
		h.decide(settingsOf(next, sha256.Sum256([]byte(made.Lines))), next)
		if p, history := now(); p.Week != 4 || p.Reply != 5 || p.Feedback != 60 || len(history) != 1 {
			t.Errorf("after other settings it is %+v, changed %d times", p, len(history))
		}
	}
}

// ticked expects one choice of a question to be marked, and none besides.
func ticked(t *testing.T, body, question, code string) {
	t.Helper()
	var marked []string
	for _, m := range regexp.MustCompile(`<input[^>]* name="`+question+`" value="([^"]*)"[^>]* checked`).FindAllStringSubmatch(body, -1) {
		marked = append(marked, m[1])
	}
	if !slices.Equal(marked, []string{code}) {
		t.Errorf("of %s are marked %q, want %q", question, marked, code)
	}
}

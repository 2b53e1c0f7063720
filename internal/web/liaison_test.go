package web

import (
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"answerable/internal/intake"
	"answerable/internal/liaison"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// finding makes one that stands, as the row that the panel's acts leave: they are tested where they are.
func (h *house) finding(form, words string) string {
	h.t.Helper()
	h.tell("words", form+words+uuid.NewString())
	return h.findingOnWhatHasNone(form, words)
}

func (h *house) findingOnWhatHasNone(form, words string) string {
	h.t.Helper()
	_, err := h.config.Intake.Batch(h.t.Context())
	h.must(err)
	var leaf []byte
	h.must(h.db.NewSelect().Model((*intake.Submission)(nil)).Column("leaf_hash").
		Where("NOT EXISTS (SELECT FROM finding WHERE finding.leaf_hash = submission.leaf_hash)").Limit(1).Scan(h.t.Context(), &leaf))
	decision := sha256.Sum256(leaf)
	f := &review.Finding{
		ID: uuid.NewString(), LeafHash: leaf, Form: form, Words: words, Themes: []string{}, MustNot: []string{"do_not_call_police", "do_not_change_my_care"}, Sharing: decision[:],
		AuthorID: h.panel[0].ID, FoundOn: h.now.UTC().Truncate(24 * time.Hour),
	}
	f.Signature = f.Sign(h.panel[0].Key, h.place.ID)
	_, err = h.db.NewInsert().Model(f).Exec(h.t.Context())
	h.must(err)
	return f.ID
}

func (h *house) handOver(findingID string) string {
	h.t.Helper()
	id, err := h.config.Promises.HandOver(h.t.Context(), h.place.ID, h.panel[0].ID, findingID)
	h.must(err)
	return id
}

// speaker is somebody who speaks for the clinic, with what their browser keeps.
type speaker struct {
	*house
	words  string
	cookie *http.Cookie
}

// newSpeaker is invited, joins by the page and signs in.
func (h *house) newSpeaker() *speaker {
	h.t.Helper()
	code, _, err := h.config.Liaisons.Invite(h.t.Context(), h.place.ID, "practice manager")
	h.must(err)
	joined := h.post("/clinic/join", urlencoded, "code=http%3A%2F%2Flocalhost%2Fclinic%2Fjoin%23"+code+"&apart=yes")
	var words []string
	for _, m := range regexp.MustCompile(`<li>([a-z]+)</li>`).FindAllStringSubmatch(joined.body, -1) {
		words = append(words, m[1])
	}
	if len(words) != 8 {
		h.t.Fatalf("joining shows the words %q", words)
	}
	s := &speaker{house: h, words: strings.Join(words, " ")}
	s.signIn()
	return s
}

func (s *speaker) signIn() {
	s.t.Helper()
	in := s.post("/clinic/sign-in", urlencoded, "receipt="+url.QueryEscape(s.words))
	cookies := in.Cookies()
	if len(cookies) != 1 || cookies[0].Path != "/clinic" || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
		s.t.Fatalf("signing in sets %v", cookies)
	}
	s.cookie = cookies[0]
}

func (s *speaker) sees(path string) answer {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(s.cookie)
	return s.do(r)
}

// sends posts a form: keys and values in turn.
func (s *speaker) sends(path string, pairs ...string) answer {
	s.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", urlencoded)
	r.AddCookie(s.cookie)
	return s.do(r)
}

func TestALiaisonAnswersAndPromises(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	kept, hidden := h.finding("quote", "They locked the door."), h.finding("paraphrase", "not handed over")
	at := "/clinic/findings/" + h.handOver(kept)
	s := h.newSpeaker()
	s.sees("/clinic").says(t, "The panel has not let any numbers out yet.")
	h.countReports("2026-07-10", 160)
	r := h.draftRelease("2026-07-01")
	h.signRelease(r, 0)
	if strings.Contains(s.sees("/clinic").body, "160") {
		t.Error("the clinic sees figures that are not let out")
	}
	h.signRelease(r, 1)
	home := s.sees("/clinic")
	home.says(t, "1 July 2026 to 30 September 2026. About 160 reports are counted.", " name: Choice and being heard.")
	home.says(t, "You speak as: practice manager.", "Answer: Finding of 22 November 2026: They locked the door., by 18 December 2026")
	page := s.sees(at)
	page.says(t, "They locked the door.", "words of a person who wrote", "says what must not happen", "<li>Do not call police</li>", "<li>Do not change my care</li>", "When someone was in crisis, whom did I call first", "Write no names of people", `value="practice manager"`)
	if title, _, _ := strings.Cut(page.body, "</title>"); strings.Contains(title, "They locked") || !strings.Contains(title, "<title>Finding of") {
		t.Errorf("what a browser keeps of the page: %s", title)
	}
	for _, a := range []answer{home, page} {
		if strings.Contains(a.body, "not handed over") || strings.Contains(a.body, hidden) || strings.Contains(a.body, "<script") {
			t.Error("a page shows more than what was handed over, or has script")
		}
	}

	half := s.sends(at, "speaks", "manager", "power", "", "answer", "We locked it <b>.", "what1", "Open doors", "due1", "2026-11-22", "who1", "", "how1", "")
	half.hasStatus(t, http.StatusUnprocessableEntity)
	half.says(t, "We locked it <b>.", "Open doors", `value="2026-11-22"`, "Nothing is written here yet.", "This day is too early.", "<title>Error: ")
	s.sends(at, "answer", "x", "due1", "tomorrow").says(t, "This is no day.", "tomorrow")
	sent := s.sends(at, "speaks", "practice manager", "power", "I set the hours.", "answer", "We locked it, and that was wrong.",
		"what1", "The door stays open.", "who1", "ward manager", "due1", "2026-12-01", "how1", "Try the door.")
	sent.hasStatus(t, http.StatusSeeOther)
	s.sees(at+"?saved").says(t, "We have your answer.", "We locked it, and that was wrong.", "The panel has not let everybody read this yet.")

	for n := range promise.MaxAnswersADay - 1 {
		s.sends(at, "speaks", "r", "power", "p", "answer", "More "+itoa(n)).hasStatus(t, http.StatusSeeOther)
	}
	over := s.sends(at, "speaks", "r", "power", "p", "answer", "One too many today.")
	over.hasStatus(t, http.StatusUnprocessableEntity)
	over.says(t, "often enough today", "One too many today.")
	_, err := h.db.NewRaw(`DELETE FROM response WHERE words LIKE 'More %'`).Exec(t.Context())
	h.must(err)

	h.get(accountabilityPath).says(t, "Promises made here: 1.", "A promise whose words the panel has not looked at yet", "The clinic has answered.", "20 working days from the day",
		"is to ask those who were harmed", "Nobody can check that they asked")
	if strings.Contains(h.get(accountabilityPath).body, "were asked.") {
		t.Error("the page says that somebody was asked, which nothing enforces")
	}
	if body := h.get(accountabilityPath).body; strings.Contains(body, "locked") || strings.Contains(body, "The door stays open.") || strings.Contains(body, "ward manager") {
		t.Error("everybody reads what the panel has not looked at")
	}
	account, err := h.config.Promises.Account(t.Context(), h.place.ID, promise.Period{}, h.now)
	h.must(err)
	h.must(h.config.Promises.Show(t.Context(), h.place.ID, h.panel[0].ID, account.Findings[0].Responses[0].ID, true))
	public := h.get(accountabilityPath)
	public.says(t, "The door stays open.", "We locked it, and that was wrong.", "I set the hours.", "There is time left.", "What this finding says is for the clinic only.",
		`Promised with it:</strong></p>`, `<a href="#promise-`+account.Promises[0].ID+`">The door stays open.</a>`)
	if strings.Contains(public.body, "They locked the door.") || strings.Contains(public.body, "practice manager</title>") {
		t.Error("everybody reads a finding that is for the clinic only")
	}

	own := "/clinic/promises/" + account.Promises[0].ID
	s.sees(own).says(t, "Say that it is done", "Move the day")
	s.sends(own, "act", "extend", "until", "2026-12-10", "reason", "").says(t, "Nothing is written here yet.", `value="2026-12-10"`)
	s.sends(own, "act", "extend", "until", "2026-12-10", "reason", "The locksmith is ill.").says(t, "The day is moved.", "Times its day was moved: 1.", "The locksmith is ill.")
	h.now = h.now.AddDate(0, 0, 20)
	s.signIn()
	s.sees("/clinic").says(t, "Late.", "Promises that are late today: 1.")
	late := s.sends(own, "act", "extend", "until", "2026-12-30", "reason", "Later.")
	late.hasStatus(t, http.StatusConflict)
	late.says(t, "so it was not moved")
	often := s.sends(own, "act", "extend", "until", "2026-12-31", "reason", "A second try today.")
	often.hasStatus(t, http.StatusConflict)
	often.says(t, "this was not kept, and nothing changed", "A second try today.", `value="2026-12-31"`)
	h.get(accountabilityPath).says(t, "Late: its day has passed.", "Times somebody tried to move its day after it had passed: 1.")
	s.sends(own, "act", "done", "done", "The lock is gone.").says(t, "We have it. The panel", "Say more about it")
	s.sends(own, "act", "done", "done", "The new door is there.").says(t, "We have it.", "The new door is there.")
	page = h.get(accountabilityPath)
	page.says(t, "The clinic says it is done. The panel has not said so yet.")
	if strings.Contains(page.body, "The lock is gone.") || strings.Contains(page.body, "The locksmith") {
		t.Error("a reason that nobody looked at is public")
	}
	for _, act := range []string{"kept", "judged", ""} {
		s.sends(own, "act", act).hasStatus(t, http.StatusBadRequest)
	}

	_, err = h.db.NewRaw(`INSERT INTO judgement SELECT ?, 0, id, 'kept', '2026-12-12', decode(repeat('00', 64), 'hex'), 2, true FROM reviewer LIMIT 2`, account.Promises[0].ID).Exec(t.Context())
	h.must(err)
	_, err = h.db.NewRaw(`INSERT INTO promise_event SELECT ?, max(n) + 1, 'judged', '2026-12-12', NULL, '', 0, 'kept' FROM promise_event`, account.Promises[0].ID).Exec(t.Context())
	h.must(err)
	closed := s.sends(own, "act", "done", "done", "Words about what is kept.")
	closed.hasStatus(t, http.StatusConflict)
	closed.says(t, "This promise is kept already.", "Words about what is kept.")
	h.must(h.config.Review.Retract(t.Context(), h.place.ID, h.panel[0].ID, kept))
	gone := s.sends(at, "speaks", "r", "power", "p", "answer", "Some more words.")
	gone.hasStatus(t, http.StatusConflict)
	gone.says(t, "This finding was taken back.", "Some more words.")
	h.get(accountabilityPath).says(t, "This finding was taken back.")
	h.cutDatabase()
	s.sends(at, "answer", "Words that must not be lost.", "what1", "A promise too.").says(t, "Words that must not be lost.", "A promise too.", "What will you do?")
	h.mendDatabase()
	for _, path := range []string{accountabilityPath, "/api/v1/c/riverside/promises"} {
		if body := h.get(path).body; strings.Contains(body, "The door stays open.") || strings.Contains(body, "ward manager") {
			t.Errorf("%s: a promise outlives the words it was about", path)
		}
	}
	h.get(accountabilityPath).says(t, "A promise about a finding that was taken back.")
	if strings.Contains(gone.body, "They locked the door.") || strings.Contains(h.get(accountabilityPath).body, "that was wrong") {
		t.Error("words that were taken back are still shown")
	}
}

// What a writer said must not happen goes to the clinic with their words, also with those that everybody may read.
func TestWhatMustNotHappenIsForTheClinicAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := "/clinic/findings/" + h.handOver(h.finding("public", "They locked the door."))
	public := h.get(accountabilityPath)
	public.says(t, "They locked the door.")
	if strings.Contains(public.body, "Do not call police") || strings.Contains(public.body, "must not happen") {
		t.Error("everybody reads what is for the clinic alone")
	}
	h.newSpeaker().sees(at).says(t, "They locked the door.", "<li>Do not call police</li>")
}

// What a liaison promised is the clinic's: it stands when they leave, and whoever comes next goes on with it.
func TestPromisesOutliveWhoSpokeForTheClinic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := "/clinic/findings/" + h.handOver(h.finding("public", "They locked the door."))
	first := h.newSpeaker()
	first.sends(at, "speaks", "practice manager", "power", "I set the hours.", "answer", "We locked it, and that was wrong.",
		"what1", "The door stays open.", "who1", "ward manager", "due1", "2026-12-01", "how1", "Try the door.").hasStatus(t, http.StatusSeeOther)
	account := func() *promise.Account {
		t.Helper()
		a, err := h.config.Promises.Account(t.Context(), h.place.ID, promise.Period{}, h.now)
		h.must(err)
		return a
	}
	before := account()
	h.must(h.config.Promises.Show(t.Context(), h.place.ID, h.panel[0].ID, before.Findings[0].Responses[0].ID, true))
	list, err := h.config.Liaisons.List(t.Context(), h.place.ID)
	h.must(err)
	h.must(h.config.Liaisons.Remove(t.Context(), h.place.ID, list[0].ID))
	own := "/clinic/promises/" + before.Promises[0].ID
	first.sends(own, "act", "done", "done", "By who has left.").hasStatus(t, http.StatusUnauthorized)

	h.get(accountabilityPath).says(t, "The door stays open.", "The clinic answers as: practice manager", "There is time left.", "Promises made here: 1.")
	h.now = h.now.AddDate(0, 0, 20)
	if a := account(); a.Counts.Made != 1 || a.Counts.Overdue != 1 || a.Promises[0].State != promise.StateOverdue {
		t.Errorf("a promise of who has left is not late: %+v", a.Counts)
	}
	next := h.newSpeaker()
	next.sees("/clinic").says(t, "The door stays open.", "Late.")
	next.sees(at).says(t, "We locked it, and that was wrong.")
	next.sends(own, "act", "done", "done", "The lock is gone.").says(t, "We have it. The panel")
	next.sends(at, "speaks", "director", "power", "I decide.", "answer", "I am new, and this stays promised.").hasStatus(t, http.StatusSeeOther)
	if a := account(); a.Promises[0].State != promise.StateClaimed || len(a.Promises[0].Events) != 1 || len(a.Findings[0].Responses) != 2 {
		t.Errorf("the next one could not go on with it: %+v", a.Promises[0])
	}
}

func TestALiaisonsWordsAreTheOnlyWayIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code, _, err := h.config.Liaisons.Invite(t.Context(), h.place.ID, "nurse")
	h.must(err)
	h.post("/clinic/join", urlencoded, "code="+code).says(t, "Who sits on the panel cannot speak for the clinic too.", code)
	h.post("/clinic/join", urlencoded, "apart=yes&code=zzzz").says(t, "unknown, used already or too old")
	panelCode, err := h.config.Accounts.Invite(t.Context(), h.place.ID)
	h.must(err)
	h.post("/clinic/join", urlencoded, "apart=yes&code="+panelCode).hasStatus(t, http.StatusForbidden)
	if _, err := h.config.Accounts.LookAtInvitation(t.Context(), code); err == nil {
		t.Error("an invitation of the clinic's side leads to a panel")
	}
	s := h.newSpeaker()
	h.post("/clinic/join", urlencoded, "apart=yes&code="+code).hasStatus(t, http.StatusOK)
	h.post("/clinic/join", urlencoded, "apart=yes&code="+code).hasStatus(t, http.StatusForbidden)

	for words, want := range map[string]string{
		"abandon abandon":                    "eight words",
		"lanternn a a a a a a a":             "is not on our list",
		seal.Receipt{1, 2, 3}.Words():        "These words open nothing here.",
		strings.Replace(s.words, " ", "", 1): "",
	} {
		in := h.post("/clinic/sign-in", urlencoded, "receipt="+url.QueryEscape(words))
		if in.StatusCode < 400 || len(in.Cookies()) != 0 || !strings.Contains(in.body, want) {
			t.Errorf("%q: %d, cookies %v", words, in.StatusCode, in.Cookies())
		}
	}
	var hashes int
	h.must(h.db.NewRaw(`SELECT count(*) FROM liaison_key WHERE position(convert_to(?, 'UTF8') IN hash) > 0`, strings.Fields(s.words)[0]).Scan(t.Context(), &hashes))
	if hashes != 0 || strings.Contains(h.log.String(), strings.Join(strings.Fields(s.words)[:2], " ")) {
		t.Error("the words are kept")
	}

	other := httptest.NewRequest(http.MethodPost, "/clinic/sign-out", nil)
	other.Header.Set("Sec-Fetch-Site", "cross-site")
	other.AddCookie(s.cookie)
	h.do(other).hasStatus(t, http.StatusForbidden)
	s.sees("/clinic").says(t, "You speak as")
	h.now = h.now.Add(9 * time.Hour)
	slept := s.sends("/clinic/findings/"+uuid.NewString(), "answer", "A long answer.", "what2", "A promise.")
	slept.hasStatus(t, http.StatusUnauthorized)
	slept.says(t, "This page slept too long. Your words are still here.", "A long answer.", "A promise.")

	s.signIn()
	list, err := h.config.Liaisons.List(t.Context(), h.place.ID)
	h.must(err)
	i := slices.IndexFunc(list, func(l liaison.Liaison) bool { return l.Role == "practice manager" })
	h.must(h.config.Liaisons.Remove(t.Context(), h.place.ID, list[i].ID))
	if body := s.sees("/clinic").body; strings.Contains(body, "You speak as") {
		t.Error("who was removed is still signed in")
	}
	h.post("/clinic/sign-in", urlencoded, "receipt="+url.QueryEscape(s.words)).hasStatus(t, http.StatusForbidden)
}

// Neither side's session opens anything of the other: not as itself, nor under the other's cookie.
func TestALiaisonReachesNothingOfThePanel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.newSpeaker()
	w := &witness{house: h}
	member := w.signIn(0)
	tried := 0
	for _, route := range h.app.GetRoutes(true) {
		path, panels := strings.CutPrefix(route.Path, "/api/v1/panel/")
		if !panels && !strings.HasPrefix(route.Path, "/api/v1/steward") || route.Method == http.MethodHead {
			continue
		}
		if slices.Contains([]string{"nonce", "sign-in", "sign-out", "enrol", "invitation", "passkeys/open"}, path) {
			continue // for who has not signed in
		}
		at := strings.NewReplacer(":clinic", "riverside", ":epoch", "2026-11-aaaa").Replace(route.Path)
		for _, name := range []string{liaisonCookie, panelCookie} {
			r := httptest.NewRequest(route.Method, at, strings.NewReader("{}"))
			r.Header.Set("Content-Type", jsonType)
			r.AddCookie(&http.Cookie{Name: name, Value: s.cookie.Value})
			if got := h.do(r); got.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s answers a liaison with %d: %s", route.Method, at, got.StatusCode, got.body)
			}
			tried++
		}
	}
	if tried < 60 {
		t.Errorf("only %d requests were tried", tried)
	}
	for _, name := range []string{liaisonCookie, panelCookie} {
		r := httptest.NewRequest(http.MethodGet, "/clinic", nil)
		r.AddCookie(&http.Cookie{Name: name, Value: member.Value})
		h.do(r).says(t, "Your eight words as a speaker of the clinic")
	}
}

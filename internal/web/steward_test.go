package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"answerable/internal/account"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/setup"
)

// addSteward enrols somebody who is a steward and sits on no panel, as the last of the house's reviewers.
func (h *house) addSteward() (n int) {
	h.t.Helper()
	code, err := h.config.Accounts.InviteSteward(h.t.Context())
	h.must(err)
	h.panel = append(h.panel, h.join(code))
	return len(h.panel) - 1
}

// join uses an invitation with a new identity.
func (h *house) join(code string) keyringtest.Reviewer {
	h.t.Helper()
	r := keyringtest.NewReviewer(h.t)
	h.joinAs(r, code)
	return r
}

func (h *house) joinAs(r keyringtest.Reviewer, code string) {
	h.t.Helper()
	got := h.post("/api/v1/panel/enrol", jsonType, asJSON(enrolText(code, r, r)))
	if got.StatusCode != http.StatusCreated {
		h.t.Fatalf("joining: %d %s", got.StatusCode, got.body)
	}
}

const removals = "POST /steward/c/{clinic}/liaisons/{liaison}/remove"

func (w *witness) prepareStewards() {
	steward := w.signIn(w.addSteward())
	const there = "/steward/c/riverside"
	get := func(path string) shot { return shot{path: path}.as(steward) }
	post := func(path string, body any) shot {
		return shot{path: path, body: asJSON(body), kind: jsonType}.as(steward)
	}
	w.good["GET /steward/clinics"] = get("/steward/clinics")
	w.good["POST /steward/clinics"] = post("/steward/clinics", map[string]any{"slug": "lakeside", "name": "Lakeside"})
	w.good["POST /steward/invitations"] = get("/steward/invitations")
	w.good["GET /steward/c/{clinic}/setup"] = get(there + "/setup")
	w.good["POST /steward/c/{clinic}/invitations"] = get(there + "/invitations")
	w.good["POST /steward/c/{clinic}/manifest"] = post(there+"/manifest", map[string]any{"m": 2})
	w.good["POST /steward/c/{clinic}/legal-notice"] = post(there+"/legal-notice", map[string]any{"text": "Nothing."})
	ways := []map[string]any{{"name": "Letter box", "what": "A locked box", "run_by": "The tenants' union", "reach": "In the hall"}}
	w.good["POST /steward/c/{clinic}/other-ways"] = post(there+"/other-ways", map[string]any{"ways": ways})
	w.good["GET /steward/c/{clinic}/liaisons"] = get(there + "/liaisons")
	w.good["POST /steward/c/{clinic}/liaisons"] = post(there+"/liaisons", map[string]any{"role": "Practice manager"})
	_, nurse, err := w.config.Liaisons.Invite(w.t.Context(), w.place.ID, "Nurse")
	w.must(err)
	w.good[removals] = get(there + "/liaisons/" + nurse.ID + "/remove")
	w.good["POST /steward/c/{clinic}/open"] = post(there+"/open", map[string]any{"open": true})
}

func (w *witness) refuseStewards() {
	clinics := w.good["POST /steward/clinics"]
	w.sends("POST /steward/clinics", clinics.with("slug", "Lake Side"), "422 clinic", false)
	w.sends("POST /steward/clinics", clinics.with("slug", "riverside"), "409 clinic-exists", true)
	name := "POST /steward/c/{clinic}/manifest"
	w.sends(name, w.good[name].with("m", 9), "422 record", true)
	name = "POST /steward/c/{clinic}/legal-notice"
	w.sends(name, w.good[name].with("text", " "), "422 clinic", true)
	name = "POST /steward/c/{clinic}/other-ways"
	w.sends(name, w.good[name].with("ways", []map[string]any{{"name": "Letter box", "what": "A box", "run_by": " ", "reach": "Hall"}}), "422 clinic", true)
	name = "POST /steward/c/{clinic}/liaisons"
	w.sends(name, w.good[name].with("role", " "), "422 clinic", true)
	w.sends(removals, w.good[removals].in("hillside"), "404 not-here", true)
	name = "POST /steward/c/{clinic}/open"
	w.sends(name, w.good[name].in("hillside"), "409 not-ready", true)
}

// TestAStewardSitsOnNoPanel tries every operation of a panel, now and whenever one is added, with the session of somebody
// who is a steward and nothing else.
func TestAStewardSitsOnNoPanel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	steward := h.signIn(h.addSteward())
	in := strings.NewReplacer("{clinic}", "riverside", "{epoch}", h.epochAnswer().Epoch)
	tried := 0
	for _, o := range readDescription(t, openapiJSON).operations() {
		if !strings.HasPrefix(o.path, "/panel/c/{clinic}/") {
			continue
		}
		tried++
		s := shot{path: in.Replace(o.path), body: "{}", kind: jsonType}.as(steward)
		if got := h.do(s.request(o.method)); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "not-a-member") {
			t.Errorf("%s answers a steward with %d %s", o.name, got.StatusCode, got.body)
		}
	}
	if tried < 10 {
		t.Errorf("tried %d operations only", tried)
	}
}

// TestAReviewerMayBeStewardToo: one session, both.
func TestAReviewerMayBeStewardToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	member := h.panel[0]
	code, err := h.config.Accounts.InviteSteward(t.Context())
	h.must(err)
	h.joinAs(member, code)
	session := h.signIn(0)
	for _, path := range []string{"/steward/c/riverside/setup", "/panel/c/riverside/epochs"} {
		if got := h.do(shot{path: path}.as(session).request(http.MethodGet)); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
}

// TestStewardsInviteAndSetUp goes from an empty clinic to a panel's list, as a steward does, over HTTP.
func TestStewardsInviteAndSetUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	steward := h.signIn(h.addSteward())
	call := func(path string, body any, into any) {
		t.Helper()
		method, s := http.MethodPost, shot{path: "/steward" + path}.as(steward)
		if body == nil {
			method = http.MethodGet
		} else if body != "" {
			s.body, s.kind = asJSON(body), jsonType
		}
		got := h.do(s.request(method))
		if got.StatusCode >= 300 {
			t.Fatalf("%s: %d %s", path, got.StatusCode, got.body)
		}
		h.must(json.Unmarshal([]byte(got.body), into))
	}
	var added stewardClinicJSON
	call("/clinics", map[string]string{"slug": "lakeside", "name": "Lakeside"}, &added)
	var list struct{ Clinics []stewardClinicJSON }
	call("/clinics", nil, &list)
	if len(list.Clinics) != 2 || list.Clinics[0] != added {
		t.Errorf("got the clinics %+v", list.Clinics)
	}
	var members []keyringtest.Reviewer
	for range 3 {
		var made struct{ Link string }
		call("/c/lakeside/invitations", "", &made)
		address, code, _ := strings.Cut(made.Link, "#")
		if address != keyringtest.WebOrigin+"/panel/join" {
			t.Errorf("the link leads to %s", address)
		}
		members = append(members, h.join(code))
	}
	var draft manifestJSON
	call("/c/lakeside/manifest", map[string]int{"m": 2}, &draft)
	for _, r := range members {
		if !strings.Contains(draft.Lines, r.ID) {
			t.Errorf("the list lacks %s", r.ID)
		}
	}
	var where setupJSON
	call("/c/lakeside/legal-notice", map[string]string{"text": "Nothing."}, &where)
	if where.Reviewers != 3 || !where.Proposed || where.LegalNotice != "Nothing." || where.Open {
		t.Errorf("got %+v", where)
	}
	done := map[string]bool{}
	for _, step := range where.Steps {
		done[step.Key] = step.Done
	}
	for key, want := range map[string]bool{setup.KeySteward: true, setup.KeyReviewers: true, setup.KeyNotice: true, setup.KeyManifest: false, setup.KeyForm: false} {
		if done[key] != want {
			t.Errorf("%s: got %t, want %t", key, done[key], want)
		}
	}
	// Another steward, and the code of a clinic's invitation makes none.
	var made struct{ Link string }
	call("/invitations", "", &made)
	_, code, _ := strings.Cut(made.Link, "#")
	second := h.join(code)
	h.must(h.config.Accounts.RequireSteward(t.Context(), second.ID))
	if err := h.config.Accounts.RequireSteward(t.Context(), members[0].ID); err != account.ErrNotSteward {
		t.Errorf("a member is a steward: %v", err)
	}
}

// TestStewardsSayWhoSpeaksForAClinic invites somebody, who joins, and ends their account.
func TestStewardsSayWhoSpeaksForAClinic(t *testing.T) {
	h := newHouse(t)
	steward := h.signIn(h.addSteward())
	list := func() (out []liaisonJSON) {
		t.Helper()
		got := h.do(shot{path: "/steward/c/riverside/liaisons"}.as(steward).request(http.MethodGet))
		var read struct{ Liaisons []liaisonJSON }
		h.must(json.Unmarshal([]byte(got.body), &read))
		return read.Liaisons
	}
	post := func(path string, body any, into any) {
		t.Helper()
		got := h.do(shot{path: "/steward/c/riverside" + path, body: asJSON(body), kind: jsonType}.as(steward).request(http.MethodPost))
		if got.StatusCode >= 300 {
			t.Fatalf("%s: %d %s", path, got.StatusCode, got.body)
		}
		h.must(json.Unmarshal([]byte(got.body), into))
	}
	var made struct{ Link string }
	post("/liaisons", map[string]string{"role": "  Practice manager "}, &made)
	address, code, _ := strings.Cut(made.Link, "#")
	if address != keyringtest.WebOrigin+"/clinic/join" {
		t.Errorf("the link leads to %s", address)
	}
	if all := list(); len(all) != 1 || all[0].State != "invited" || all[0].Role != "Practice manager" {
		t.Errorf("invited: %+v", all)
	}
	words, err := h.config.Liaisons.Join(t.Context(), code)
	h.must(err)
	joined := list()
	if len(joined) != 1 || joined[0].State != "joined" {
		t.Fatalf("joined: %+v", joined)
	}
	var left struct{ Liaisons []liaisonJSON }
	post("/liaisons/"+joined[0].ID+"/remove", map[string]string{}, &left)
	if len(left.Liaisons) != 1 || left.Liaisons[0].State != "left" {
		t.Errorf("removed: %+v", left)
	}
	if _, err := h.config.Liaisons.SignIn(t.Context(), words); err == nil {
		t.Error("their words still open the clinic's side")
	}
	// A member of the panel who is no steward makes no such place.
	member := h.signIn(0)
	got := h.do(shot{path: "/steward/c/riverside/liaisons", body: asJSON(map[string]string{"role": "Nurse"}), kind: jsonType}.as(member).request(http.MethodPost))
	if got.StatusCode != http.StatusForbidden {
		t.Errorf("a member of the panel invites: %d %s", got.StatusCode, got.body)
	}
}

package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
)

// town is a house with a second clinic, hillside. The first reviewer of riverside sits on its panel too, with the same
// identity; the two others there are its own.
type town struct {
	*house
	hillside *clinic.Clinic
	there    *keyringtest.Place
	both     *http.Cookie // of the one who sits on both panels
	epoch    *keyring.Record
}

func newTown(t *testing.T) *town {
	h := newHouse(t)
	w := &town{house: h, hillside: &clinic.Clinic{Slug: "hillside", Name: "Hillside", RetentionDays: 365, LegalNotice: "Nothing."}}
	h.must(h.config.Clinics.Add(t.Context(), w.hillside))
	code, err := h.config.Accounts.Invite(t.Context(), w.hillside.ID)
	h.must(err)
	h.joinAs(h.panel[0], code)
	w.there = h.panelOf()
	w.there.ClinicID, w.there.Reviewers = w.hillside.ID, []keyringtest.Reviewer{h.panel[0]}
	for range 2 {
		w.there.Reviewers = append(w.there.Reviewers, w.there.Enrol(t))
	}
	w.there.SignManifest(t, 3)
	offer := w.there.NewOffer(t, h.now)
	h.must(w.there.Send(offer))
	for n := range 3 {
		_, err := w.there.Ack(n, offer)
		h.must(err)
	}
	w.epoch = offer.Record
	h.must(h.config.Clinics.SetOpen(t.Context(), w.hillside.ID, true))
	w.both = h.signIn(0)
	return w
}

// as sends a request to the panel's API with a session, and reads the answer into a value unless that is nil.
func (w *town) as(session *http.Cookie, method, path string, body, into any) answer {
	w.t.Helper()
	s := shot{path: "/panel" + path}.as(session)
	if body != nil {
		s.body, s.kind = asJSON(body), jsonType
	}
	got := w.do(s.request(method))
	if into != nil {
		w.must(json.Unmarshal([]byte(got.body), into))
	}
	return got
}

func TestOneIdentitySitsOnTwoPanels(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	epochs, plans := map[string]string{}, map[string]planJSON{}
	for _, place := range []string{"riverside", "hillside"} {
		var own panelEpochsJSON
		w.as(w.both, http.MethodGet, "/c/"+place+"/epochs", nil, &own)
		if len(own.Epochs) != 1 || own.Epochs[0].Wrap == nil {
			t.Fatalf("%s: got %d epochs", place, len(own.Epochs))
		}
		epochs[place] = own.Epochs[0].ID
		var list manifestJSON
		w.as(w.both, http.MethodGet, "/c/"+place+"/manifest", nil, &list)
		m, err := keyring.ParseManifest(list.Lines)
		w.must(err)
		if want := map[string]int{"riverside": 2, "hillside": 3}[place]; m.M != want || m.Version != 1 || len(m.Reviewers) != 3 || m.Member(w.panel[0].ID) == nil {
			t.Errorf("%s: list %d of %d, of whom %d sign; want %d", place, m.Version, len(m.Reviewers), m.M, want)
		}
	}
	if epochs["riverside"] == epochs["hillside"] {
		t.Error("the two clinics share an epoch")
	}
	// A setting that one panel decides is not the other's.
	w.decide(keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: 2, Days: 7, RetainDays: 60}}, "")
	for _, place := range []string{"riverside", "hillside"} {
		var plan planJSON
		w.as(w.both, http.MethodGet, "/c/"+place+"/plan", nil, &plan)
		plans[place] = plan
	}
	if plans["riverside"].K != 2 || plans["hillside"].K != 1 {
		t.Errorf("opened by %d and %d, want 2 and 1", plans["riverside"].K, plans["hillside"].K)
	}
	// The key called back by one panel stays in use at the other.
	w.decide(keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{epochs["riverside"]}}, "")
	w.get("/api/v1/c/riverside/epoch").hasStatus(t, http.StatusConflict)
	w.get("/api/v1/c/hillside/epoch").hasStatus(t, http.StatusOK)
}

// TestAMemberElsewhereIsRefusedEverywhere tries every operation of a panel as a member of another clinic's.
func TestAMemberElsewhereIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	elsewhere := w.signIn(1) // sits on riverside's panel only
	in := strings.NewReplacer("{clinic}", "hillside", "{epoch}", w.epoch.ID)
	tried := 0
	for _, o := range readDescription(t, openapiJSON).operations() {
		if !strings.HasPrefix(o.path, "/panel/c/{clinic}/") {
			continue
		}
		tried++
		got := w.do(shot{path: in.Replace(o.path), body: "{}", kind: jsonType}.as(elsewhere).request(o.method))
		if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "not-a-member") {
			t.Errorf("%s answers %d %s", o.name, got.StatusCode, got.body)
		}
	}
	if tried < 10 {
		t.Errorf("tried %d operations only", tried)
	}
}

// TestIdsOfAnotherClinicOpenNothing lets somebody who sits on both panels, so that only the clinic in the address decides,
// bring the one clinic's ids to the other.
func TestIdsOfAnotherClinicOpenNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	me := w.panel[0]
	decision := keyring.Resolution{Kind: keyring.KindSupport, ClinicID: w.hillside.ID, Day: w.now.Truncate(24 * time.Hour), Without: true}
	sign := func(lines string) string { return b64(keyring.SignDecision(me.Key, lines)) }
	theirs, err := w.config.Keys.Decide(t.Context(), w.hillside.ID, decision.Lines(), "", keyring.Signature{
		ReviewerID: w.there.Reviewers[1].ID, Signature: keyring.SignDecision(w.there.Reviewers[1].Key, decision.Lines()),
	})
	w.must(err)
	here := decision
	here.ClinicID = w.place.ID
	draft, err := w.config.Keys.ProposeManifest(t.Context(), w.hillside.ID, 3)
	w.must(err)
	_, err = w.config.Keys.ProposeManifest(t.Context(), w.place.ID, 2)
	w.must(err)
	offer := w.there.NewOffer(t, w.now.AddDate(0, 0, 40))
	revoke := keyring.Resolution{Kind: keyring.KindRevoke, ClinicID: w.place.ID, Day: here.Day, Epochs: []string{w.epoch.ID}}
	late := []byte("sealed")

	for name, c := range map[string]struct {
		path string
		body any
		want string
	}{
		"an ack":                           {"/epochs/" + w.epoch.ID + "/acks", map[string]string{"signature": b64(keyring.SignAck(me.Key, w.epoch.Lines()))}, "stale"},
		"a decision of theirs signed here": {"/decisions/" + theirs.ID + "/signatures", map[string]string{"signature": sign(decision.Lines())}, "stale"},
		"a decision about them taken here": {"/decisions", map[string]string{"lines": decision.Lines(), "body": "", "signature": sign(decision.Lines())}, "decision"},
		"their key called back here":       {"/decisions", map[string]string{"lines": revoke.Lines(), "body": "", "signature": sign(revoke.Lines())}, "decision"},
		"their list signed here":           {"/manifest/signatures", map[string]any{"version": draft.Version, "signature": b64(keyring.SignManifest(me.Key, draft.Lines()))}, "signature"},
		"their key offered here":           {"/epochs", offerBody(offer), "stale"},
		"their key handed on here": {"/wraps", map[string]any{"wraps": []any{map[string]any{
			"epoch": w.epoch.ID, "reviewer": w.panel[1].ID, "file": b64(late), "signature": b64(keyring.SignWrap(me.Key, w.epoch.ID, w.panel[1].ID, late)),
		}}}, "stale"},
		"a copy of theirs refused here": {"/epochs/" + w.epoch.ID + "/refusals", map[string]string{"signature": b64(keyring.SignRefusal(me.Key, w.epoch.ID, me.ID, late))}, "stale"},
	} {
		got := w.as(w.both, http.MethodPost, "/c/riverside"+c.path, c.body, nil)
		if got.StatusCode < 400 || !strings.Contains(got.body, problemPrefix+c.want+`"`) {
			t.Errorf("%s: %d %s, want %s", name, got.StatusCode, got.body, c.want)
		}
	}

	// What was told at hillside is fetched there and nowhere else, also under its own key's id.
	var e epochAnswer
	w.must(json.Unmarshal([]byte(w.get("/api/v1/c/hillside/epoch").body), &e))
	message := w.newMessageFor(e, "told at hillside").json()
	w.post(submissionsPath, jsonType, message).hasStatus(t, http.StatusConflict) // not riverside's key
	w.post("/api/v1/c/hillside/submissions", jsonType, message).hasStatus(t, http.StatusCreated)
	_, err = w.config.Intake.Batch(t.Context())
	w.must(err)
	var ours, tours filesJSON
	w.as(w.both, http.MethodGet, "/c/riverside/epochs/"+w.epoch.ID+"/files", nil, &ours)
	w.as(w.both, http.MethodGet, "/c/hillside/epochs/"+w.epoch.ID+"/files", nil, &tours)
	if len(ours.Files) != 0 || len(tours.Files) != 1 {
		t.Errorf("fetched %d here and %d there, want 0 and 1", len(ours.Files), len(tours.Files))
	}
	for _, listing := range []string{"/decisions", "/epochs", "/manifest", "/members", "/wraps/missing"} {
		got := w.as(w.both, http.MethodGet, "/c/riverside"+listing, nil, nil).body
		for what, id := range map[string]string{"epoch": w.epoch.ID, "decision": theirs.ID, "clinic": w.hillside.ID} {
			if strings.Contains(got, id) {
				t.Errorf("riverside's %s names hillside's %s", listing, what)
			}
		}
	}
	if n, err := w.db.NewSelect().Model((*intake.Submission)(nil)).Where("clinic_id = ?", w.place.ID).Count(t.Context()); err != nil || n != 0 {
		t.Errorf("riverside holds %d messages, %v", n, err)
	}
}

// TestOneWhoJoinedAndIsOnNoSignedListFetchesNothing tries every operation of a panel as somebody whom an invitation let in
// and the panel has not.
func TestOneWhoJoinedAndIsOnNoSignedListFetchesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	place := h.panelOf()
	newcomer := place.Enrol(t)
	h.panel = append(h.panel, newcomer)
	session := h.signIn(len(h.panel) - 1)
	in := strings.NewReplacer("{clinic}", "riverside", "{epoch}", "2026-12-aaaa")
	tried := 0
	for _, o := range readDescription(t, openapiJSON).operations() {
		if !strings.HasPrefix(o.path, "/panel/c/{clinic}/") || openToNewcomers[o.path] {
			continue
		}
		tried++
		got := h.do(shot{path: in.Replace(o.path), body: "{}", kind: jsonType}.as(session).request(o.method))
		if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "not-listed") {
			t.Errorf("%s answers %d %s", o.name, got.StatusCode, got.body)
		}
	}
	if tried < 10 {
		t.Errorf("tried %d operations only", tried)
	}
	// What joining needs is there: the lists, who has joined, and a signature, once a draft names the newcomer.
	for _, path := range []string{"/manifest", "/members"} {
		if got := h.do(shot{path: "/panel/c/riverside" + path}.as(session).request(http.MethodGet)); got.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d %s", path, got.StatusCode, got.body)
		}
	}
	signs := func(without ...string) answer {
		draft, err := h.config.Keys.ProposeManifest(t.Context(), h.place.ID, 2, without...)
		h.must(err)
		body := map[string]any{"version": draft.Version, "signature": b64(keyring.SignManifest(newcomer.Key, draft.Lines()))}
		return h.do(shot{path: "/panel/c/riverside/manifest/signatures", body: asJSON(body), kind: jsonType}.as(session).request(http.MethodPost))
	}
	if got := signs(newcomer.ID); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "not-listed") {
		t.Errorf("signing a list without them answers %d %s", got.StatusCode, got.body)
	}
	if got := signs(); got.StatusCode != http.StatusOK {
		t.Errorf("signing a list with them answers %d %s", got.StatusCode, got.body)
	}
	// Signed by the others too, and everything opens.
	chain, err := h.config.Keys.Manifests(t.Context(), h.db, h.place.ID)
	h.must(err)
	draft := chain[len(chain)-1]
	for _, r := range h.panel[:2] {
		_, err := h.config.Keys.SignManifest(t.Context(), h.place.ID, r.ID, draft.Version, keyring.SignManifest(r.Key, draft.Lines))
		h.must(err)
	}
	if got := h.do(shot{path: "/panel/c/riverside/plan"}.as(session).request(http.MethodGet)); got.StatusCode != http.StatusOK {
		t.Errorf("on the list, the plan answers %d %s", got.StatusCode, got.body)
	}
}

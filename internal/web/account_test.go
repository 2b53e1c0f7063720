package web

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/account"
)

// passkeyFile is a file as it comes from a browser: locked to a passkey, and nothing to us.
func passkeyFile() []byte {
	return []byte("age-encryption.org/v1\n-> age-encryption.org/fido2prf AAAAAAAAAAAAAAAAAAAAAA\nbody\n--- mac\n")
}

func passkeyBody(n byte) map[string]string {
	return map[string]string{"credential": credential(n), "name": "Phone", "file": base64.StdEncoding.EncodeToString(passkeyFile())}
}

func credential(n byte) string {
	return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{n}, 16))
}

// prepareAccounts adds a good request for each operation on one's own account.
func (w *witness) prepareAccounts(member *http.Cookie) {
	post := func(path string, body any) shot { return shot{path: path, body: asJSON(body), kind: jsonType} }
	w.good["POST /panel/invitation"] = post("/panel/invitation", map[string]string{"invitation": w.invitation()})
	w.good["GET /panel/me"] = shot{path: "/panel/me"}.as(member)
	w.good["GET /panel/sessions"] = shot{path: "/panel/sessions"}.as(member)
	w.good["POST /panel/sessions/{session}/end"] = shot{path: "/panel/sessions/" + w.sessionOf(w.signIn(0)) + "/end"}.as(member)
	w.good["GET /panel/passkeys"] = shot{path: "/panel/passkeys"}.as(member)
	w.good["POST /panel/passkeys"] = post("/panel/passkeys", passkeyBody(1)).as(member)
	for n := byte(2); n < 4; n++ {
		w.must(w.config.Accounts.AddPasskey(w.t.Context(), w.panel[0].ID, bytes.Repeat([]byte{n}, 16), "", passkeyFile()))
	}
	w.good["POST /panel/passkeys/remove"] = post("/panel/passkeys/remove", map[string]string{"credential": credential(2)}).as(member)
	w.good["GET /panel/notices"] = shot{path: "/panel/notices"}.as(member)
	w.good["POST /panel/notices"] = post("/panel/notices", noticeBody()).as(member)
	w.good["POST /panel/passkeys/open"] = post("/panel/passkeys/open", map[string]string{"credential": credential(3)})
}

func noticeBody() map[string]any {
	return map[string]any{"kind": "ntfy", "address": "https://ntfy.example.org/a-topic", "wanted": true}
}

// sessionOf is the id of the sign-in that a cookie belongs to.
func (h *house) sessionOf(cookie *http.Cookie) string {
	h.t.Helper()
	for _, one := range h.sessions(cookie) {
		if one.Here {
			return one.ID
		}
	}
	h.t.Fatal("the one who asks is not on the list")
	return ""
}

// read asks, and reads the answer's JSON.
func (h *house) read(s shot, into any) {
	h.t.Helper()
	method := http.MethodGet
	if s.body != "" {
		method = http.MethodPost
	}
	got := h.do(s.request(method))
	if got.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d %s", s.path, got.StatusCode, got.body)
	}
	h.must(json.Unmarshal([]byte(got.body), into, json.MatchCaseInsensitiveNames(true)))
}

func (h *house) sessions(cookie *http.Cookie) []sessionJSON {
	h.t.Helper()
	var list struct{ Sessions []sessionJSON }
	h.read(shot{path: "/panel/sessions"}.as(cookie), &list)
	return list.Sessions
}

func (w *witness) refuseAccounts() {
	name := "POST /panel/invitation"
	w.sends(name, w.good[name].with("invitation", strings.Repeat("a", 32)), "403 invitation", true)
	name = "POST /panel/sessions/{session}/end"
	unknown := w.good[name]
	unknown.path = "/panel/sessions/0123456789abcdef/end"
	w.sends(name, unknown, "404 unknown-session", true)
	name = "POST /panel/passkeys"
	w.sends(name, w.good[name].with("file", base64.StdEncoding.EncodeToString([]byte("AGE-SECRET-KEY-PQ-1"))), "422 passkey", true)
	stranger := w.panel[1].ID
	for n := byte(10); n < 20; n++ {
		w.must(w.config.Accounts.AddPasskey(w.t.Context(), stranger, bytes.Repeat([]byte{n}, 16), "", passkeyFile()))
	}
	full := asJSON(passkeyBody(30))
	w.sends(name, shot{path: "/panel/passkeys", body: full, kind: jsonType}.as(w.signIn(1)), "409 too-many-passkeys", true)
	name = "POST /panel/passkeys/remove"
	w.sends(name, w.good[name].with("credential", credential(10)), "404 unknown-passkey", true) // another reviewer's
	name = "POST /panel/passkeys/open"
	w.sends(name, w.good[name].with("credential", credential(99)), "404 unknown-passkey", true)
	name = "POST /panel/notices"
	w.sends(name, w.good[name].with("address", "no address"), "422 notice-address", true)
	w.sends(name, w.good[name].with("kind", "mail"), "404 no-notices", true) // no server for mail is named
	joined := w.config.Notices.Joined
	w.must(os.WriteFile(joined, bytes.Repeat([]byte("ntfy https://ntfy.example.org/other\n"), 500), 0o600))
	w.sends(name, w.good[name], "409 notices-full", true)
	w.must(os.Remove(joined))
}

// A reviewer sees where they are signed in, by day and by the name they gave, and ends it from elsewhere.
func TestSignInsAreSeenAndEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	there := h.signInOn(0, "  The laptop in the kitchen ")
	here := h.signInOn(0, "")
	h.signInOn(1, "somebody else's")
	list := h.sessions(here)
	if len(list) != 2 {
		t.Fatalf("got %v, want two", list)
	}
	var other sessionJSON
	for _, one := range list {
		if one.SignedInOn != "2026-11-22" {
			t.Errorf("signed in on %q", one.SignedInOn)
		}
		if !one.Here {
			other = one
		}
	}
	if other.Device != "The laptop in the kitchen" {
		t.Errorf("the other one is %q", other.Device)
	}
	end := func(cookie *http.Cookie, id string, want int) {
		t.Helper()
		if got := h.do(shot{path: "/panel/sessions/" + id + "/end"}.as(cookie).request(http.MethodPost)); got.StatusCode != want {
			t.Errorf("ending %s: %d %s, want %d", id, got.StatusCode, got.body, want)
		}
	}
	end(h.signIn(1), other.ID, http.StatusNotFound) // not theirs
	end(here, other.ID, http.StatusNoContent)
	end(here, other.ID, http.StatusNotFound)
	if got := h.do(shot{path: "/panel/me"}.as(there).request(http.MethodGet)); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("the ended sign-in still works: %d", got.StatusCode)
	}
	if got := h.do(shot{path: "/panel/me"}.as(here).request(http.MethodGet)); got.StatusCode != http.StatusOK {
		t.Errorf("the one that stays: %d", got.StatusCode)
	}
}

// What a passkey opens is given to whoever can name it, before sign-in; it is listed for its owner only.
func TestPasskeyFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	member, other := h.signIn(0), h.signIn(1)
	add := func(cookie *http.Cookie, n byte, want int) {
		t.Helper()
		s := shot{path: "/panel/passkeys", body: asJSON(passkeyBody(n)), kind: jsonType}.as(cookie)
		if got := h.do(s.request(http.MethodPost)); got.StatusCode != want {
			t.Errorf("passkey %d: %d %s, want %d", n, got.StatusCode, got.body, want)
		}
	}
	add(member, 1, http.StatusNoContent)
	add(member, 1, http.StatusNoContent)          // the answer was lost, and the same is sent again
	add(other, 1, http.StatusUnprocessableEntity) // another reviewer's passkey cannot be taken over
	var opened struct{ File []byte }
	h.read(shot{path: "/panel/passkeys/open", body: asJSON(map[string]string{"credential": credential(1)}), kind: jsonType}, &opened)
	if !bytes.Equal(opened.File, passkeyFile()) {
		t.Errorf("got %q", opened.File)
	}
	for cookie, want := range map[*http.Cookie]int{member: 1, other: 0} {
		var list struct{ Passkeys []passkeyJSON }
		h.read(shot{path: "/panel/passkeys"}.as(cookie), &list)
		if len(list.Passkeys) != want {
			t.Errorf("got %v, want %d", list.Passkeys, want)
		}
	}
	remove := shot{path: "/panel/passkeys/remove", body: asJSON(map[string]string{"credential": credential(1)}), kind: jsonType}
	for _, step := range []struct {
		cookie *http.Cookie
		want   int
	}{{other, http.StatusNotFound}, {member, http.StatusNoContent}, {member, http.StatusNotFound}} {
		if got := h.do(remove.as(step.cookie).request(http.MethodPost)); got.StatusCode != step.want {
			t.Errorf("remove: %d, want %d", got.StatusCode, step.want)
		}
	}
}

// An invitation can be looked at as often as one likes; joining uses it up.
func TestInvitationSaysWhereItLeads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code, err := h.config.Accounts.Invite(t.Context(), h.place.ID)
	h.must(err)
	toStewards, err := h.config.Accounts.InviteSteward(t.Context())
	h.must(err)
	for range 2 {
		for invitation, want := range map[string]string{code: "riverside", toStewards: ""} {
			var answer leadsTo
			h.read(shot{path: "/panel/invitation", body: asJSON(map[string]string{"invitation": invitation}), kind: jsonType}, &answer)
			got := ""
			if answer.Clinic != nil {
				got = answer.Clinic.Slug
			}
			if got != want {
				t.Errorf("leads to %q, want %q", got, want)
			}
		}
	}
	left, err := h.db.NewSelect().Model((*account.Invitation)(nil)).Count(t.Context())
	h.must(err)
	if left != 2 {
		t.Errorf("%d invitations are left, want both", left)
	}
}

// Whoever has signed in puts an address among those that get notices; no answer tells which are there.
func TestPeopleJoinNoticesFromTheirPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	cookie := h.signIn(0)
	send := func(wanted bool) string {
		t.Helper()
		body := noticeBody()
		body["wanted"] = wanted
		got := h.do(shot{path: "/panel/notices", body: asJSON(body), kind: jsonType}.as(cookie).request(http.MethodPost))
		return fmt.Sprint(got.StatusCode, got.body)
	}
	left := send(false)
	joined := send(true)
	if text, err := os.ReadFile(h.config.Notices.Joined); joined != "204" || left != joined || err != nil || string(text) != "ntfy https://ntfy.example.org/a-topic\n" {
		t.Errorf("joined %q, left before %q: %q, %v", joined, left, text, err)
	}
	var offer map[string]any
	h.read(shot{path: "/panel/notices"}.as(cookie), &offer)
	if strings.Contains(fmt.Sprint(offer), "a-topic") || len(offer) != 3 {
		t.Errorf("the offer says %v", offer)
	}
	if again := send(false); again != joined {
		t.Errorf("left: %s", again)
	}
	if text, _ := os.ReadFile(h.config.Notices.Joined); strings.Contains(string(text), "topic") {
		t.Errorf("still there: %q", text)
	}
	if strings.Contains(h.log.String(), "topic") {
		t.Errorf("the log says %s", h.log)
	}
}

package web

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"answerable/internal/mailbox"
	"answerable/internal/seal"
)

// prepareMailbox writes down a good request for each way in and out of a mailbox, and stores a message to take back.
func (w *witness) prepareMailbox(member *http.Cookie) {
	token, withdraw := seal.Token{1}, seal.Token{2}
	sent := w.newMessage("to take back").with("withdraw", withdraw.Commitment().String())
	if a := w.post("/api/v1/c/riverside/submissions", jsonType, sent.json()); a.StatusCode != http.StatusCreated {
		w.t.Fatalf("%d: %s", a.StatusCode, a.body)
	}
	w.good["POST /c/{clinic}/mailbox"] = shot{path: "/c/riverside/mailbox", kind: jsonType, body: asJSON(map[string]any{"token": tokenText(token)})}
	w.good["POST /c/{clinic}/withdraw"] = shot{path: "/c/riverside/withdraw", kind: jsonType, body: asJSON(map[string]any{
		"anchor": sent.body["anchor"], "token": tokenText(withdraw),
	})}
	w.good["POST /panel/c/{clinic}/replies"] = shot{path: onPanel + "/replies", kind: jsonType, body: asJSON(w.replyBody(token))}.as(member)
	w.good["POST /panel/c/{clinic}/replies/kept"] = shot{path: onPanel + "/replies/kept", kind: jsonType, body: asJSON(map[string]any{
		"hash": b64(make([]byte, 32)),
	})}.as(member)
}

func tokenText(t seal.Token) string { return seal.Commitment(t).String() }

func (h *house) replyBody(token seal.Token) map[string]any {
	return map[string]any{
		"mailbox": token.Commitment().String(), "ct": h.newMessage("an answer").body["ct"], "expires_on": h.now.Format(time.DateOnly),
	}
}

func (w *witness) refuseMailboxes() {
	const open, back, reply = "POST /c/{clinic}/mailbox", "POST /c/{clinic}/withdraw", "POST /panel/c/{clinic}/replies"
	w.sends(open, w.good[open].with("token", "AAAA"), "400 bad-request", false)
	w.sends(open, w.good[open].with("page", mailboxPages), "400 bad-request", false)
	w.sends(back, w.good[back].with("anchor", "AAAA"), "400 bad-request", false)
	w.sends(back, w.good[back].with("token", "AAAA"), "400 bad-request", false)
	w.sends(back, w.good[back].with("token", tokenText(seal.Token{9})), "404 nothing-to-withdraw", true)
	for range triesOfOne {
		w.sends(open, w.good[open].with("token", tokenText(seal.Token{7})), "200", true)
		w.sends(back, w.good[back].with("token", tokenText(seal.Token{7})), "404 nothing-to-withdraw", true)
	}
	w.sends(open, w.good[open].with("token", tokenText(seal.Token{7})), "429 slow-down", true)
	w.sends(back, w.good[back].with("token", tokenText(seal.Token{7})), "429 slow-down", true)

	w.sends(reply, w.good[reply].with("mailbox", "AAAA"), "400 bad-request", false)
	w.sends(reply, w.good[reply].with("ct", "?"), "400 bad-request", true)
	w.sends(reply, w.good[reply].with("expires_on", "soon"), "400 bad-request", false)
	w.sends(reply, w.good[reply].with("ct", "AAAA"), "422 shape", true)
	w.sends(reply, w.good[reply].with("expires_on", "2020-01-01"), "409 mailbox-expired", true)
	w.sends(reply, w.good[reply].with("expires_on", "2999-01-01"), "422 mailbox-day", true)
	const kept = "POST /panel/c/{clinic}/replies/kept"
	w.sends(kept, w.good[kept].with("hash", "AAAA"), "400 bad-request", false)
	full := seal.Token{8}.Commitment()
	_, err := w.db.NewRaw(`INSERT INTO reply SELECT sha256(n::text::bytea), ?, ?, repeat('x', 18043)::bytea, ?::date FROM generate_series(1, ?) n`,
		w.place.ID, full[:], w.now.Format(time.DateOnly), mailbox.MostReplies).Exec(w.t.Context())
	w.must(err)
	w.sends(reply, w.good[reply].with("mailbox", full.String()), "409 mailbox-full", true)
}

func TestWrongWordsAndAnEmptyMailboxGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	full := seal.Token{1}
	member := h.signIn(0)
	post := func(path string, body any, cookie *http.Cookie) answer {
		return h.do(shot{path: path, kind: jsonType, body: asJSON(body)}.as(cookie).request(http.MethodPost))
	}
	reply := h.replyBody(full)
	if a := post(onPanel+"/replies", reply, member); a.StatusCode != http.StatusNoContent {
		t.Fatalf("%d: %s", a.StatusCode, a.body)
	}
	hit := post("/c/riverside/mailbox", map[string]any{"token": tokenText(full)}, nil)
	if !strings.Contains(hit.body, reply["ct"].(string)) || !strings.HasPrefix(hit.body, `{"count":"001",`) {
		t.Errorf("the answer is not in its mailbox: %d", hit.StatusCode)
	}
	for name, token := range map[string]seal.Token{"wrong words": {2}, "other wrong words": {3}} {
		a := post("/c/riverside/mailbox", map[string]any{"token": tokenText(token)}, nil)
		if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.body, `{"count":"000",`) || strings.Contains(a.body, reply["ct"].(string)) {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
		if len(a.body) != len(hit.body) || a.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d bytes, and %d where an answer lies", name, len(a.body), len(hit.body))
		}
	}
	for _, secret := range []string{tokenText(full), full.Commitment().String()} {
		if strings.Contains(h.log.String(), secret) {
			t.Error("the log names a mailbox or its token")
		}
	}
}

func TestTenThousandTriesAMinuteAreStoppedWithoutAddresses(t *testing.T) {
	t.Parallel()
	var g gate
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	through := 0
	for i := range 10_000 {
		if g.allow([32]byte{byte(i), byte(i >> 8)}, at) {
			through++
		}
	}
	if through != triesOfAll || len(g.one) > triesOfAll {
		t.Errorf("%d tries got through and %d are remembered", through, len(g.one))
	}
	at = at.Add(time.Minute)
	for i := range 2 * triesOfOne {
		if got := g.allow([32]byte{1}, at); got != (i < triesOfOne) {
			t.Errorf("try %d at one mailbox: %v", i, got)
		}
	}
	if !g.allow([32]byte{2}, at) || len(g.one) != 2 {
		t.Error("another mailbox is shut too, or the last minute is remembered")
	}
}

// A mailbox with eight answers, an empty one and words that open nothing take the same time to whoever watches the line.
// Without the even steps a full one takes longer than the others.
func TestAFullMailboxAndWrongWordsTakeTheSameTime(t *testing.T) {
	h := newHouse(t)
	token := seal.Token{1}
	id := token.Commitment()
	for range mailbox.PageSize {
		file, err := base64.StdEncoding.DecodeString(h.replyBody(token)["ct"].(string))
		h.must(err)
		h.must(h.config.Mailboxes.Post(t.Context(), h.place.ID, id, file, h.now))
	}
	ask := func(token seal.Token) {
		h.post("/api/v1/c/riverside/mailbox", jsonType, asJSON(map[string]any{"token": tokenText(token)})).hasStatus(t, http.StatusOK)
	}
	wrong := byte(0)
	var ratio float64
	for range 5 { // a machine that is busy enough holds one side up for a whole round; a difference of ours shows in each
		hit, miss := quickest(triesOfOne-5, func() { ask(token) }, func() { wrong++; ask(seal.Token{2, wrong}) })
		if min(hit, miss) < mailboxStep {
			t.Errorf("answers came after %v and %v, before their step of %v", hit, miss, mailboxStep)
		}
		if ratio = float64(hit) / float64(miss); 0.8 <= ratio && ratio <= 1.25 {
			return
		}
		h.now = h.now.Add(time.Minute)
	}
	t.Errorf("a full mailbox takes %.2f times as long as wrong words", ratio)
}

// quickest gives the shortest time that each of two acts took, over tries in turn: what a busy machine adds to a try tells
// nothing about the act, and it never takes anything away.
func quickest(tries int, one, other func()) (ones, others time.Duration) {
	ones, others = time.Hour, time.Hour
	for range tries {
		begun := time.Now()
		one()
		between := time.Now()
		other()
		ones, others = min(ones, between.Sub(begun)), min(others, time.Since(between))
	}
	return ones, others
}

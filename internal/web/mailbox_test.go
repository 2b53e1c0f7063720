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
	full := seal.Token{8}.Commitment()
	_, err := w.db.NewRaw(`INSERT INTO reply SELECT sha256(n::text::bytea), ?, ?, repeat('x', 18043)::bytea, ?::date FROM generate_series(1, ?) n`,
		w.place.ID, full[:], w.now.Format(time.DateOnly), mailbox.MostReplies).Exec(w.t.Context())
	w.must(err)
	w.sends(reply, w.good[reply].with("mailbox", full.String()), "409 mailbox-full", true)
}

func TestWrongWordsAndAnEmptyMailboxGetTheSameAnswer(t *testing.T) {
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
	if a := post("/c/riverside/mailbox", map[string]any{"token": tokenText(full)}, nil); !strings.Contains(a.body, reply["ct"].(string)) {
		t.Errorf("the answer is not in its mailbox: %d", a.StatusCode)
	}
	for name, token := range map[string]seal.Token{"wrong words": {2}, "other wrong words": {3}} {
		a := post("/c/riverside/mailbox", map[string]any{"token": tokenText(token)}, nil)
		if a.StatusCode != http.StatusOK || a.body != `{"replies":[]}` {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	for _, secret := range []string{tokenText(full), full.Commitment().String()} {
		if strings.Contains(h.log.String(), secret) {
			t.Error("the log names a mailbox or its token")
		}
	}
}

func TestTenThousandTriesAMinuteAreStoppedWithoutAddresses(t *testing.T) {
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

// Words that open nothing and words whose mailbox is empty take the same work. The ratio is of sums over many alternating
// tries, with a wide margin: it catches a second query or a key derivation on one side, not microseconds. A mailbox with
// answers sends them, so its answer is longer, which whoever watches the line can see.
func TestWrongWordsAndAnEmptyMailboxTakeTheSameTime(t *testing.T) {
	h := newHouse(t)
	token := seal.Token{1}
	file, err := base64.StdEncoding.DecodeString(h.replyBody(token)["ct"].(string))
	h.must(err)
	h.must(h.config.Mailboxes.Post(t.Context(), h.place.ID, token.Commitment(), file, h.now))
	h.now = h.now.AddDate(0, 0, 1) // the answer has expired and is not swept away yet
	var empty, wrong time.Duration
	for i := range 400 {
		begun := time.Now()
		_, err := h.config.Mailboxes.Open(t.Context(), h.place.ID, token)
		h.must(err)
		between := time.Now()
		_, err = h.config.Mailboxes.Open(t.Context(), h.place.ID, seal.Token{2, byte(i), byte(i >> 8)})
		h.must(err)
		empty, wrong = empty+between.Sub(begun), wrong+time.Since(between)
	}
	if ratio := float64(empty) / float64(wrong); ratio < 0.5 || ratio > 2 {
		t.Errorf("an empty mailbox takes %.2f times as long as wrong words", ratio)
	}
}

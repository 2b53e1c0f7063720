package web

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"answerable/internal/seal"
)

// ownOfARequest differs between two pages that show the same: a number is drawn for each form.
var ownOfARequest = regexp.MustCompile(`name="nonce" value="[^"]*"`)

// Whoever comes to have the words of a message that was taken back sees in the mailbox what wrong words show. Taking it back once
// more is a lost answer: it brings the same receipt.
func TestWordsOfATakenBackMessageOpenWhatWrongWordsOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seen := func(r seal.Receipt) (page, script string) {
		a := h.enter(r.Words())
		a.hasStatus(t, http.StatusOK)
		a.says(t, "There is no answer here.", "Mailboxes end some months after you wrote.")
		token := r.Derive(testOrigin).MailboxToken
		b := h.post("/api/v1/c/riverside/mailbox", jsonType, asJSON(map[string]any{"token": tokenText(token)}))
		if len(a.body)%pageStep != 0 || !strings.HasPrefix(b.body, `{"count":"000",`) {
			t.Errorf("the page has %d bytes, and a script gets %.20s", len(a.body), b.body)
		}
		page = ownOfARequest.ReplaceAllString(strings.ReplaceAll(a.body, r.Words(), "words"), "")
		return strings.TrimRight(page, "\n"), itoa(len(b.body))
	}
	wrong, err := seal.NewReceipt(rand.Reader)
	h.must(err)
	wrongPage, wrongScript := seen(wrong)
	if none := h.takeBack("riverside", wrong.Words()); none.StatusCode != http.StatusNotFound || ticketIn(none.body) != "" {
		t.Errorf("taking back with wrong words: %d", none.StatusCode)
	}
	for _, batched := range []bool{false, true} {
		receipt, keys := h.told("x")
		if batched {
			_, err := h.config.Intake.Batch(t.Context())
			h.must(err)
		}
		gone := h.takeBack("riverside", receipt.Words())
		gone.says(t, "Messages taken back: 1.")
		if page, script := seen(receipt); page != wrongPage || script != wrongScript {
			t.Errorf("taken-back words show something else than wrong ones (in the log: %v)", batched)
		}
		again := h.takeBack("riverside", receipt.Words())
		if again.StatusCode != http.StatusOK || ticketIn(again.body) == "" || ticketIn(again.body) != ticketIn(gone.body) {
			t.Errorf("taking back once more: %d, or with another receipt", again.StatusCode)
		}
		if !batched {
			continue
		}
		h.answers(keys, "We wrote before it was gone.") // no server can tell whose mailbox it is, so its answers stay until it ends
		late := h.enter(receipt.Words())
		late.says(t, "We wrote before it was gone.", "signed by")
		if strings.Contains(late.body, "Take care.") {
			t.Error("an answer to what was taken back since is said not to be signed")
		}
	}
}

var ticketPattern = regexp.MustCompile(`(?s)answerable/ticket/v1.*?</`)

func ticketIn(page string) string { return ticketPattern.FindString(page) }

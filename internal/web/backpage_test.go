package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"answerable/internal/seal"
)

// wordsNoLogSays are eight words of a receipt that a log line says only if they came from the receipt. Words drawn at random
// may be "answer" or "start".
const wordsNoLogSays = "zebra velvet umbrella tomato walnut violin giraffe lobster"

// logHoldsAWordOf says whether the log holds one of the words; they are to be wordsNoLogSays.
func (h *house) logHoldsAWordOf(words string) bool {
	return slices.ContainsFunc(strings.Fields(words), func(word string) bool { return strings.Contains(h.log.String(), word) })
}

func (h *house) takeBack(clinic, typed string) answer {
	return h.post("/c/"+clinic+"/back", urlencoded, "receipt="+url.QueryEscape(typed))
}

func TestWordsAreTakenBackWithoutScript(t *testing.T) {
	t.Parallel()
	for _, batched := range []bool{false, true} {
		h := newHouse(t)
		receipt, err := seal.ParseReceipt(wordsNoLogSays)
		h.must(err)
		_, err = h.config.Intake.SealAndSubmit(t.Context(), h.place.ID, receipt, "en", "f", []seal.Answer{{Q: "words", A: "x"}})
		h.must(err)
		for _, more := range []string{"1", "2"} {
			h.enter(receipt.Words(), "act", "write", "words", more).says(t, "We have it.")
		}
		// The key of the second was destroyed meanwhile.
		between := receipt.DeriveMessage(h.config.Origin, 1).AnchorToken.Commitment()
		_, err = h.db.NewRaw(`DELETE FROM pending WHERE anchor = ?`, between[:]).Exec(t.Context())
		h.must(err)
		if batched {
			_, err = h.config.Intake.Batch(t.Context())
			h.must(err)
		}
		if a := h.get("/c/riverside/back"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "sees your words for the moment") {
			t.Errorf("the page does not say what the server sees: %d", a.StatusCode)
		}
		h.get("/c/riverside/back").says(t, "may see that the two belong together", "Files that the panel signed before keep what they say.")
		other, err := seal.NewReceipt(rand.Reader)
		h.must(err)
		if a := h.takeBack("riverside", other.Words()); a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, other.Words()) {
			t.Errorf("wrong words: %d, or they are not given back", a.StatusCode)
		}
		if a := h.takeBack("riverside", "zebra xylophonist"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Word 2, &#34;xylophonist&#34;, is not on our list.") {
			t.Errorf("a word that is not on the list: %d %s", a.StatusCode, a.body)
		}
		h.takeBack("riverside", "abandn ability").says(t, "Did you mean abandon?")
		if a := h.takeBack("riverside", "zebra"); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("too few words: %d", a.StatusCode)
		}
		for range 2 { // a double click, or a lost answer
			a := h.takeBack("riverside", strings.ToUpper(strings.ReplaceAll(receipt.Words(), " ", " - ")))
			if a.StatusCode != http.StatusOK || strings.Count(a.body, "answerable/ticket/v1") != 2 || !strings.Contains(a.body, "Messages taken back: 2.") || strings.Contains(a.body, receipt.Words()) {
				t.Errorf("taking back: %d", a.StatusCode)
			}
		}
		var left int
		h.must(h.db.NewRaw(`SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM submission)`).Scan(t.Context(), &left))
		if left != 0 {
			t.Errorf("%d messages are left", left)
		}
		if h.logHoldsAWordOf(receipt.Words()) {
			t.Error("the log holds words of a receipt")
		}
	}
}

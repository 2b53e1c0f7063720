package web

import (
	"net/http"
	"strings"
	"testing"

	"answerable/internal/promise"
)

// Words that everybody could read leave every page at once, whether the writer takes the message back or the panel the words since
// their writer allows less; with them goes what the clinic said about them. The mailbox says so before, and what cannot be undone.
func TestPublishedWordsLeaveThePublicPagesOnceTheirWriterTakesThemBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const allowedLess, takenBack = "They locked the green door.", "They locked the blue door."
	retracted := h.finding("public", allowedLess)
	receipt, _ := h.told("x")
	withdrawn := h.findingOnWhatHasNone("public", takenBack)
	s := h.newSpeaker()
	for _, id := range []string{retracted, withdrawn} {
		s.sends("/clinic/findings/"+h.handOver(id), "speaks", "practice manager", "power", "I set the hours.", "answer", "We locked it, and that was wrong.").hasStatus(t, http.StatusSeeOther)
	}
	account, err := h.config.Promises.Account(t.Context(), h.place.ID, promise.Period{}, h.now)
	h.must(err)
	for _, f := range account.Findings {
		h.must(h.config.Promises.Show(t.Context(), h.place.ID, h.panel[0].ID, f.Responses[0].ID, true))
	}
	pages := []string{accountabilityPath, "/api/v1/c/riverside/promises"}
	shown := func(words string) (n int) {
		for _, path := range pages {
			a := h.get(path)
			a.hasStatus(t, http.StatusOK)
			n += strings.Count(a.body, words)
		}
		return n
	}
	for _, words := range []string{allowedLess, takenBack} {
		if !strings.Contains(h.get(accountabilityPath).body, words) {
			t.Fatalf("%q is not public", words)
		}
	}

	h.must(h.config.Review.Retract(t.Context(), h.place.ID, h.panel[0].ID, retracted))
	if shown(allowedLess) > 0 || shown(takenBack) == 0 {
		t.Error("words whose writer allows less now are public, or others are gone with them")
	}
	open := h.enter(receipt.Words())
	open.says(t, "Words that may not be shared any more leave our pages then, and no new file holds them.",
		"others may have read or copied, and files that the panel signed before keep what they say. That cannot be undone.")
	h.enter(receipt.Words(), "act", "back", "sure", "yes").says(t, "Messages taken back: 1.")
	if shown(takenBack) > 0 || shown("that was wrong") > 0 {
		t.Error("words that were taken back, or an answer to them, are public")
	}
	if n := strings.Count(h.get(accountabilityPath).body, "This finding was taken back."); n != 2 {
		t.Errorf("%d findings are said to be taken back, want 2", n)
	}
	var kept int
	h.must(h.db.NewRaw(`SELECT count(*) FROM finding WHERE words <> ''`).Scan(t.Context(), &kept))
	if kept != 0 {
		t.Errorf("the words of %d findings are kept", kept)
	}
}

package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"answerable/internal/seal"
)

// Who can or will not write says how it felt with a face, and that is enough.
func TestAFaceAloneIsSomethingSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, l := range languages {
		body := h.get(tellPath + "?lang=" + l.code).body
		if strings.Count(body, ` name="pictures"`) != 3 || strings.Contains(body, ` name="pictures" value="sad" checked`) {
			t.Errorf("the form in %s does not ask for three faces, or picks one", l.code)
		}
	}
	h.tell("pictures", "furious").says(t, "One answer here is not on our list. Pick again")
	h.tell("pictures", "sad", "themes", "other").hasStatus(t, http.StatusOK)
	h.tell("pictures", "sad", "pictures", "happy").hasStatus(t, http.StatusOK)
	var told []string
	for _, p := range h.opened() {
		told = append(told, p.Answers[0].Q+": "+p.Answers[0].A)
	}
	slices.Sort(told)
	if want := []string{"pictures: happy\nsad", "pictures: sad"}; !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
	h.tell("words", "no face").hasStatus(t, http.StatusOK)
	if i := slices.IndexFunc(h.opened(), func(p *seal.Plaintext) bool { return p.Answers[0].A == "no face" }); i < 0 {
		t.Error("without a face nothing came")
	}
}

func TestFacesAreDrawnOnPaper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, l := range languages {
		paper := h.get("/c/riverside/paper?copies=2&lang=" + l.code).body
		if n := strings.Count(paper, `<svg class="face"`); n != 6 {
			t.Errorf("two copies in %s have %d faces, want 6", l.code, n)
		}
	}
}

// Whoever practises sees faces where a writer picked them.
func TestExamplesShowFaces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := h.get("/panel/practise").body
	for _, picked := range []string{"<li>Happy</li>", "<li>In between</li>"} {
		if !strings.Contains(body, picked) {
			t.Errorf("no example has %s", picked)
		}
	}
}

package web

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/seal"
)

func TestDoubtVectors(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/doubts.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Name    string            `json:"name"`
			Answers map[string]string `json:"answers"`
			Want    []string          `json:"want"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		var answers []seal.Answer
		for q, a := range c.Answers {
			answers = append(answers, seal.Answer{Q: q, A: a})
		}
		got := []string{}
		for _, f := range doubted(answers) {
			got = append(got, strings.TrimPrefix(f.Say, "doubt."))
		}
		if !slices.Equal(got, c.Want) {
			t.Errorf("%s: got %v, want %v", c.Name, got, c.Want)
		}
	}
}

func TestADoubtIsAskedOnceAndKeepsTheWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pairs := []string{"words", "I want to be counted.", "wants", "be_counted", "share_level", "panel_only"}
	asked := h.tell(pairs...)
	asked.hasStatus(t, http.StatusUnprocessableEntity)
	asked.says(t, "If you leave both, you are not counted.", "I want to be counted.", "I mean it like this. Send it.")
	if n := h.rows(); n != 0 {
		t.Errorf("%d rows are stored", n)
	}
	h.tell(append(pairs, "surely", "yes")...).hasStatus(t, http.StatusOK)
	if got := h.opened()[0].Answers; slices.ContainsFunc(got, func(a seal.Answer) bool { return a.Q == "surely" }) {
		t.Errorf("the tick is among the answers: %v", got)
	}
}

// Who skips a question and answers it too is asked which holds; if both stay, nothing of it goes.
func TestAQuestionThatIsSkippedAndAnsweredIsAskedAboutAndStaysSkipped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pairs := []string{"words", "x", "roles", "nurse", "roles", "not_sure", "roles", "skip", "themes", "force", "themes", "not_sure"}
	asked := h.tell(pairs...)
	asked.hasStatus(t, http.StatusUnprocessableEntity)
	asked.says(t, `<a href="#roles-therapist">You skipped a question and answered it too.`,
		`<a href="#themes-force">You ticked “Not sure” and something else too.`, `value="nurse" checked`, `value="skip" checked`)
	h.tell(append(pairs, "surely", "yes")...).hasStatus(t, http.StatusOK)
	want := []seal.Answer{{Q: "words", A: "x"}, {Q: "themes", A: "force\nnot_sure"}}
	if got := h.opened()[0].Answers; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhatSomebodySaysAboutThemselvesIsTiedToNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const path = "/c/riverside/about-you"
	h.get(path).says(t, "About you, if you want", "How old are you?", "they could guess that both are yours")
	h.post(path, urlencoded, formBody("age_band", "skip")).says(t, "Nothing is answered yet.")
	h.post(path, urlencoded, formBody("age_band", "ancient")).says(t, "One answer here is not on our list. Pick again")
	body := formBody("age_band", "65_plus", "communities", "We who knit")
	for range 2 { // a double click is one message
		h.post(path, urlencoded, body).says(t, "We have your two answers")
	}
	opened := h.opened()
	if len(opened) != 1 {
		t.Fatalf("%d files are stored, want 1", len(opened))
	}
	p := opened[0]
	if p.T != seal.KindAboutYou || p.Mailbox != nil || p.Thread != nil || p.ReplyTo != nil || p.Actions != nil {
		t.Errorf("it is a %s that something could be tied to", p.T)
	}
	want := []seal.Answer{{Q: "age_band", A: "65_plus"}, {Q: "communities", A: "We who knit"}}
	if !slices.Equal(p.Answers, want) {
		t.Errorf("got %v, want %v", p.Answers, want)
	}
}

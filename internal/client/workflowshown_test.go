package client

import (
	"encoding/json"
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// showing is what a writer was shown first, as the test saw it happen.
type showing struct {
	what   string // a form and words
	by     string
	day    string
	moment int
	unsent bool // its author said since that it did not go
}

// look is a check, whether it was let through, and what its writer hid then.
type look struct {
	by    string
	what  string // a form and words
	guess bool
	hide  []string
}

// happens gives the moment of what happens now.
func (w *walk) happens(what string) int {
	w.moments++
	w.did[what]++
	return w.moments
}

func (w *walk) shows(one *toldOf, b *Bench, what string) {
	one.shown = append(one.shown, showing{what, b.ID, b.Today, w.happens("shown"), false})
}

// comes notes that more came from a writer.
func (w *walk) comes(one *toldOf) { one.came = append(one.came, w.happens("came")) }

// writes lets a writer send more on this very day: before they are shown something, or as an answer to it.
func (w *walk) writes(one *toldOf) {
	w.t.Helper()
	m, err := w.client().Mailbox(w.t.Context(), testClinic, one.receipt)
	must(w.t, err)
	answers := []seal.Answer{{Q: "words", A: "is anybody there?"}}
	if code := "do_not_put_in_my_notes"; w.rand.IntN(3) == 0 {
		answers = append(answers, seal.Answer{Q: "must_not", A: code})
		one.mustNo = []string{code}
	}
	_, err = m.Write(w.t.Context(), "en", answers)
	must(w.t, err)
	w.batch()
	if one.waits() {
		w.did["answered on the day"]++
	}
	w.comes(one)
}

// beside adds a writer whose first message is gone, which allowed nothing, while what came later, and allows all, is here.
func (w *walk) beside() {
	w.t.Helper()
	receipt, _, followup := w.withFollowup()
	w.losesFirst(receipt)
	w.told = append(w.told, &toldOf{receipt: receipt, leaf: followup, level: "panel_only", signed: map[string]string{}, beside: true})
}

// hidesEnough holds a finding that was just posted against what its writer hides and what must not happen: somebody looked for the
// one, and the other goes along.
func (w *walk) hidesEnough(one *toldOf, c *Case, form string) {
	w.t.Helper()
	what, hide := form+" "+c.standing().Body.Words, one.hide
	if form == coding.FormTheme {
		hide = nil // it has no words
	}
	if !slices.ContainsFunc(one.lookedLast(), func(l look) bool {
		return l.what == what && !l.guess && !slices.ContainsFunc(hide, func(code string) bool { return !slices.Contains(l.hide, code) })
	}) {
		w.t.Errorf("%q went out of a message whose writer hides %v, and looked at was %+v", what, hide, one.looked)
	}
	if form == coding.FormTheme {
		return
	}
	got, decided := c.outgoing(form, "").MustNot, c.standing().Body.Wishes.MustNot
	if !slices.Equal(got, one.mustNo) || !slices.Equal(decided, one.mustNo) {
		w.t.Errorf("%q went out with %v, and must not happen: %v", what, got, one.mustNo)
	}
	if len(one.hide) > 0 {
		w.did["out with something hidden"]++
	}
}

// lookedLast is what each checker said last.
func (one *toldOf) lookedLast() (last []look) {
	for _, l := range one.looked {
		last = append(slices.DeleteFunc(last, func(had look) bool { return had.by == l.by }), l)
	}
	return last
}

// takesWordsBack notes that what a member showed last did not go.
func (w *walk) takesWordsBack(one *toldOf, by string) {
	w.did["taken back"]++
	for i := len(one.shown) - 1; i >= 0; i-- {
		if s := &one.shown[i]; s.by == by && !s.unsent {
			s.unsent = true
			return
		}
	}
	w.t.Fatal("words were taken back that nobody showed")
}

// stand are the showings that were not taken back.
func (one *toldOf) stand() []showing {
	return slices.DeleteFunc(slices.Clone(one.shown), func(s showing) bool { return s.unsent })
}

// answered says whether more came from the writer after they were shown something.
func (one *toldOf) answered(s showing) bool {
	return slices.ContainsFunc(one.came, func(moment int) bool { return moment > s.moment })
}

// waits says whether a writer has not come back since they were shown something.
func (one *toldOf) waits() bool {
	return slices.ContainsFunc(one.stand(), func(s showing) bool { return !one.answered(s) })
}

// saidYesTo says whether a writer was shown this on the newest day on which they were shown anything, and came back since.
func (one *toldOf) saidYesTo(what string) bool {
	newest := ""
	for _, s := range one.stand() {
		newest = max(newest, s.day)
	}
	return slices.ContainsFunc(one.stand(), func(s showing) bool { return s.what == what && s.day == newest && one.answered(s) })
}

// agreedNow is what two coders signed alike, of what each signed last.
func (one *toldOf) agreedNow() (bodies []string) {
	for by, body := range one.signed {
		for other, same := range one.signed {
			if by < other && body == same {
				bodies = append(bodies, body)
			}
		}
	}
	return bodies
}

// alikeNow says whether what two coders signed last is the same.
func (one *toldOf) alikeNow() bool { return len(one.agreedNow()) > 0 }

// factsNow are the facts that two coders agree on now.
func (one *toldOf) factsNow(t *testing.T) (facts []string) {
	t.Helper()
	for _, body := range one.agreedNow() {
		var agreed coding.Consensus
		must(t, json.Unmarshal([]byte(body), &agreed))
		f := factsOf(&coding.Card{Service: "ward"}, &agreed)
		canonical, err := f.Canonical()
		must(t, err)
		facts = append(facts, string(canonical))
	}
	return facts
}

// whoseTurn is most often a member who can go on with a message, and now and then anybody.
func (w *walk) whoseTurn(one *toldOf) int {
	fits := slices.DeleteFunc(slices.Clone(w.seats), func(who int) bool {
		hasCoded := slices.Contains(one.coders, w.panel[who].ID)
		return hasCoded != (len(one.coders) > 1 && !one.alikeNow())
	})
	if len(fits) == 0 || w.rand.IntN(4) == 0 {
		fits = w.seats
	}
	return fits[w.rand.IntN(len(fits))]
}

// insteadOf says what a member does instead of what comes next: words are shown to a writer who wants to see them, taken back now
// and then, and shown again; and a third reads slowly, while the two others come to agree; and a coder thinks again.
func (w *walk) insteadOf(action int, one *toldOf, b *Bench, c *Case, stage string) int {
	unseen := func(check *coding.Check) bool { return !one.saidYesTo(check.Form + " " + check.Words) }
	third := c.role(b.ID) == review.RoleThird && !c.coder(b.ID)
	decides := slices.Contains([]string{StageChecked, StageObjecting, StageObjected, StageReady}, stage)
	switch {
	case third && w.rand.IntN(3) > 0 && len(one.signed) < 2:
		return -1
	case third:
		return 1
	case stage == StageDiffers && c.role(b.ID) == "" && !c.coder(b.ID):
		return 2
	case one.first && stage == StageAgreed && len(one.stand()) == 0, one.first && decides && w.rand.IntN(20) == 0:
		return 12
	case one.first && stage == StageChecked && unseen(c.check().Body) && c.has(b.ID, review.RoleChecker) && w.rand.IntN(2) == 0:
		return 5 // others try to share it as it is
	case one.first && len(one.stand()) > 0 && w.rand.IntN(20) == 0:
		return 13
	case c.has(b.ID, review.RoleChecker) && (stage == StageObjecting || stage == StageReady) && w.rand.IntN(4) == 0:
		return 5 // a checker looks again
	case c.coder(b.ID) && stage != StageReleased && one.alikeNow() && w.rand.IntN(12) == 0:
		return 3 // one of the coders thinks again
	}
	return action
}

package client

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// toldOf is a message as its writer knows it, and what the panel did about it as the test saw it happen.
type toldOf struct {
	receipt  seal.Receipt
	leaf     string
	level    string
	gone     bool
	decided  string // day of the newest decision to share
	objected string // day of the newest objection

	signed map[string]string // each coder's newest consensus
	alike  bool              // two coders had signed the same, once

	coders []string // who sent a coding

	first bool // its writer wished to see first what goes out
	shown []showing
	came  []int // when more came from the writer

	beside bool     // it came later, and what came first is gone
	mustNo []string // what must not happen, as its writer said so far, of what goes along
	hide   []string // what its writer hides now
	looked []look   // what checkers looked at, in order
}

// walk is a random way through the panel's work, with the writers' changes of mind, days that pass and members who leave.
type walk struct {
	*team
	rand    *rand.Rand
	told    []*toldOf
	seats   []int          // members who are still there
	reached map[string]int // stages that were seen
	did     map[string]int // what was done that goes wrong most easily
	out     int            // findings that were posted
	moments int            // counts what happens, for an order within a day
}

// TestWhateverHappensNothingGoesOutThatMustNot takes random ways through the work and looks at the database after every step.
func TestWhateverHappensNothingGoesOutThatMustNot(t *testing.T) {
	if testing.Short() {
		walks(t, 30, 0, 1)
		return
	}
	out, did := walks(t, 80, 0, 1)
	for seed := uint64(1); out == 0 && seed < 8; seed++ { // who is who is drawn, so a way is not always the same
		out, did = walks(t, 80, seed, seed+1)
	}
	if out == 0 {
		t.Errorf("no way led to a finding, so nothing was tried: %v", did)
	}
}

// walks goes one way of so many steps for each seed, and counts the findings and what was done.
func walks(t *testing.T, steps int, from, to uint64) (out int, did map[string]int) {
	reached, did := map[string]int{}, map[string]int{}
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := &walk{team: newTeam(t, 4), rand: rand.New(rand.NewPCG(seed, 4)), seats: []int{0, 1, 2, 3}, reached: reached, did: did}
			for _, level := range []string{"my_words_public", "panel_summary_to_clinic"} {
				first := level != "my_words_public"
				var more []seal.Answer
				if first {
					more = append(more, seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"})
				}
				receipt, leaf := w.tells(level, more...)
				w.told = append(w.told, &toldOf{receipt: receipt, leaf: leaf, level: level, signed: map[string]string{}, first: first})
			}
			w.batch()
			w.beside()
			for range steps {
				w.step()
				w.look()
			}
			t.Logf("%d findings", w.out)
			out += w.out
		})
	}
	t.Logf("%d findings; stages seen: %v; done: %v", out, reached, did)
	return out, did
}

func (w *walk) step() {
	w.t.Helper()
	one := w.told[w.rand.IntN(len(w.told))]
	switch n := w.rand.IntN(100); {
	case n < 6:
		w.later(24 * time.Hour)
	case n < 8 && !one.gone, n < 35 && !one.gone && one.waits():
		w.changesMind(one)
	case n < 14 && n > 10 && !one.gone, n < 50 && !one.gone && one.waits():
		w.writes(one)
	case n < 9 && !one.gone && !one.beside && w.out > 0 && w.withdrawnSoFar() == 0:
		w.takesBack(one)
	case n < 10 && len(w.seats) == 4:
		w.leaves()
	case n < 14 && len(w.seats) == 3:
		w.comesBack()
	default:
		w.works(w.whoseTurn(one), one)
	}
}

func (w *walk) withdrawnSoFar() (n int) {
	for _, one := range w.told {
		if one.gone {
			n++
		}
	}
	return n
}

func (w *walk) changesMind(one *toldOf) {
	w.t.Helper()
	m, err := w.client().Mailbox(w.t.Context(), testClinic, one.receipt)
	must(w.t, err)
	one.level = seal.ShareLevels[w.rand.IntN(len(seal.ShareLevels))]
	one.hide = [][]string{{}, {"the_date"}, {"the_date", "the_role"}}[w.rand.IntN(3)]
	if one.first { // they look, more often than not, at what they were shown, and say yes
		one.level = "my_words_public"
	}
	_, err = m.Consent(w.t.Context(), seal.Consent{ShareLevel: one.level, Hold: "now", Hide: one.hide})
	must(w.t, err)
	if one.beside { // nobody knows what they wished first
		one.level = "panel_only"
	}
	w.later(24 * time.Hour) // of two changes on one day the closer one holds
	w.batch()
	w.comes(one)
}

func (w *walk) takesBack(one *toldOf) {
	w.t.Helper()
	keys := one.receipt.Derive(testOrigin)
	_, err := w.intake.Withdraw(w.t.Context(), w.clinicID, keys.AnchorToken.Commitment(), keys.WithdrawToken)
	must(w.t, err)
	one.gone = true
	w.batch()
}

func (w *walk) leaves() {
	w.t.Helper()
	i := w.rand.IntN(len(w.seats))
	_, err := w.tlog.DB.NewRaw(`UPDATE panel_member SET left_on = '2026-11-01' WHERE reviewer_id = ?`, w.panel[w.seats[i]].ID).Exec(w.t.Context())
	must(w.t, err)
	w.seats = slices.Delete(w.seats, i, i+1)
}

func (w *walk) comesBack() {
	w.t.Helper()
	for who, r := range w.panel {
		if slices.Contains(w.seats, who) {
			continue
		}
		_, err := w.tlog.DB.NewRaw(`UPDATE panel_member SET left_on = NULL WHERE reviewer_id = ?`, r.ID).Exec(w.t.Context())
		must(w.t, err)
		must(w.t, w.tlog.DB.RunInTx(w.t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			return w.review.EndParts(ctx, tx, w.clinicID, r.ID)
		}))
		w.seats = append(w.seats, who)
	}
	slices.Sort(w.seats)
}

// works lets a member try something with a message: most often what comes next, sometimes anything.
func (w *walk) works(who int, one *toldOf) {
	w.t.Helper()
	b := w.bench(who)
	_, err := b.Tend(w.t.Context())
	must(w.t, err)
	c, err := b.Case(one.leaf)
	if one.gone || errors.Is(err, ErrNoMessage) {
		return // taken back, or this member has stepped back
	}
	must(w.t, err)
	w.heeded(one, c)
	must(w.t, b.Declare(c))
	stage := c.Stage(b.Today)
	w.reached[stage]++
	action := sensible(b, c, stage)
	action = w.insteadOf(action, one, b, c, stage)
	if w.rand.IntN(10) == 0 || stage == StageBeside {
		action = w.rand.IntN(14)
	}
	switch {
	case action >= 0:
		w.tries(action, b, c, one)
	case stage == StageObjecting && w.rand.IntN(6) > 0:
		w.later(24 * time.Hour)
	case stage == StageObjecting:
		w.tries(8, b, c, one)
	}
}

// leastLevel is the place in seal.ShareLevels of the least share level of a form.
var leastLevel = map[string]int{coding.FormTheme: 2, coding.FormParaphrase: 2, coding.FormQuote: 3, coding.FormPublic: 4}

// heeded holds what lies in the clear against what the writer allows now, just after a member's client tended to it.
func (w *walk) heeded(one *toldOf, c *Case) {
	w.t.Helper()
	var forms []string
	must(w.t, w.tlog.DB.NewRaw(`SELECT form FROM finding WHERE leaf_hash = ? AND retracted_on IS NULL`, c.Leaf[:]).Scan(w.t.Context(), &forms))
	for _, form := range forms {
		if slices.Index(seal.ShareLevels, one.level) < leastLevel[form] {
			w.t.Fatalf("a %s stands in the clear after its writer allowed no more than %s", form, one.level)
		}
	}
}

// sensible is what a member would do next; less than 0 for nothing.
func sensible(b *Bench, c *Case, stage string) int {
	switch stage {
	case StageCoding:
		if c.has(b.ID, review.RoleCoder) {
			return 1
		}
		return 0
	case StageDiffers, StageCompared, StageOneLeft:
		switch {
		case c.coder(b.ID):
			return 3
		case c.has(b.ID, review.RoleThird):
			return 1
		case stage == StageOneLeft:
			return 2
		}
	case StageNoChecker:
		return 9
	case StageAgreed:
		if c.has(b.ID, review.RoleChecker) {
			return 5
		}
		return 4
	case StageChecked, StageObjected, StageTakenBack:
		if check := c.check(); check != nil && check.Body.Guess && c.has(b.ID, review.RoleChecker) {
			return 5
		}
		return 6
	case StageReady:
		return 10
	}
	return -1
}

// tries does one thing. What the rules refuse is no failure here: what came of it all is looked at afterwards.
func (w *walk) tries(action int, b *Bench, c *Case, one *toldOf) {
	ctx := w.t.Context()
	var err error
	switch action {
	case 0:
		err = b.Claim(ctx, c, review.RoleCoder)
	case 1:
		found := foundHere()
		if w.rand.IntN(3) == 0 {
			found.Seriousness = w.rand.IntN(4)
		}
		late := c.role(b.ID) == review.RoleThird && len(one.signed) > 1
		if err = b.Code(ctx, c, found); err == nil {
			one.coders = append(one.coders, b.ID)
			if late {
				w.did["late third"]++
			}
		}
	case 2:
		err = b.Claim(ctx, c, review.RoleThird)
	case 3:
		var found *coding.Found
		switch agreed, _ := c.Settled(); {
		case c.Stage(b.Today) == StageDiffers:
			found = foundHere()
		case agreed != nil && w.rand.IntN(3) == 0:
			found = foundThemes([]string{"force", "voice"})
		}
		had := len(one.agreedNow())
		if _, err = b.Agree(ctx, c, found); err == nil {
			if one.signs(w.t, b.ID, c); len(one.agreedNow()) < had {
				w.did["thought again"]++
			}
		}
	case 4, 7:
		if err = b.Claim(ctx, c, review.RoleChecker); action == 7 {
			if _, err = b.Share(ctx, c); err == nil {
				one.decided = b.Today
			}
		}
	case 5, 6, 12:
		form := coding.Forms[1+w.rand.IntN(4)]
		words := []string{"Somebody was held down.", "Somebody was hurt."}[w.rand.IntN(2)]
		if form == coding.FormTheme {
			words = ""
		}
		if action == 12 {
			if err = b.ShowFirst(ctx, c, form, words, "This would go out:", went); err == nil {
				w.shows(one, b, form+" "+words)
			}
			break
		}
		if n := len(one.shown); n > 0 && w.rand.IntN(3) > 0 {
			form, words, _ = strings.Cut(one.shown[max(n-1-w.rand.IntN(5)/4, 0)].what, " ")
		}
		if action == 5 {
			guess, over := w.rand.IntN(5) == 0, c.Stage(b.Today)
			if err = b.Check(ctx, c, form, words, guess, ""); err == nil {
				one.looked = append(one.looked, look{b.ID, form + " " + words, guess, one.hide})
				if over == StageObjecting || over == StageReady {
					w.did["looked again"]++
				}
			}
			break
		}
		if _, err = b.Share(ctx, c); err == nil {
			one.decided = b.Today
		}
	case 8:
		if err = b.Object(ctx, c, "Not like this."); err == nil {
			one.objected = b.Today
			w.did["objected"]++
		}
	case 9:
		err = b.Keep(ctx, c, "It is for us.")
	case 10:
		if _, err = b.Release(ctx, c); err == nil {
			w.out++
			w.mayBeOut(one, c, b.Today)
		}
	case 11:
		switch w.rand.IntN(6) {
		case 0:
			err = b.Recuse(ctx, c)
		case 1, 2:
			err = b.HandBack(ctx, c)
		}
	case 13:
		if err = b.NotSent(ctx, c); err == nil {
			w.takesWordsBack(one, b.ID)
		}
	}
	var p *Problem
	if err != nil && !errors.As(err, &p) && !errors.As(err, new(*ForbiddenError)) && !errors.As(err, new(*RestError)) && !isStep(err) {
		w.t.Fatalf("action %d: %v", action, err)
	}
	if p != nil && (p.Status >= 500 || p.Status == 400) {
		w.t.Fatalf("action %d: %v", action, err)
	}
}

func isStep(err error) bool {
	return errors.As(err, new(*StageError)) || errors.Is(err, ErrBeside) || slices.ContainsFunc([]error{ErrTwoCodings, ErrDiffer, ErrUndecided, ErrNoCheck, ErrNobodys, ErrNoSay, ErrKept, ErrNotAskFirst, ErrNotShown, ErrAgreed, ErrHasSeen}, func(step error) bool { return errors.Is(err, step) })
}

// signs knows what a coder signed last, and whether another has signed the same.
func (one *toldOf) signs(t *testing.T, by string, c *Case) {
	t.Helper()
	for _, f := range c.Consensuses {
		if f.By == by {
			body, err := json.Marshal(f.Body)
			must(t, err)
			one.signed[by] = string(body)
		}
	}
	for other, body := range one.signed {
		one.alike = one.alike || other != by && body == one.signed[by]
	}
}

// mayBeOut holds a finding that was just posted against what the test saw itself.
func (w *walk) mayBeOut(one *toldOf, c *Case, today string) {
	w.t.Helper()
	form := c.standing().Body.Form
	if slices.Index(seal.ShareLevels, one.level) < leastLevel[form] {
		w.t.Errorf("a %s went out of a message of level %s", form, one.level)
	}
	if what := form + " " + c.standing().Body.Words; one.first && !one.saidYesTo(what) {
		w.t.Errorf("%q went out of a message whose writer was to see it first: shown %+v, more came at %v", what, one.shown, one.came)
	} else if one.first {
		w.did["out as shown"]++
	}
	w.hidesEnough(one, c, form)
	if !one.alikeNow() {
		w.t.Errorf("a finding without two who agree: %v", one.signed)
	}
	if one.decided == "" || wholeDays(one.decided, today) < coding.ObjectionDays {
		w.t.Errorf("decided on %q and out on %s", one.decided, today)
	}
	if one.objected >= one.decided && one.objected != "" {
		w.t.Errorf("objected to on %s, decided on %s, and out on %s", one.objected, one.decided, today)
	}
}

// look holds what lies in the database against what must never be there.
func (w *walk) look() {
	w.t.Helper()
	ctx := w.t.Context()
	for _, one := range w.told {
		leaf, err := hex.DecodeString(one.leaf)
		must(w.t, err)
		var findings, left int
		var facts []string
		must(w.t, w.tlog.DB.NewRaw(`SELECT facts FROM coded WHERE leaf_hash = ?`, leaf).Scan(ctx, &facts))
		must(w.t, w.tlog.DB.NewRaw(`SELECT (SELECT count(*) FROM finding WHERE leaf_hash = ?0 AND retracted_on IS NULL),
			(SELECT count(*) FROM review_file WHERE leaf_hash = ?0) + (SELECT count(*) FROM claim WHERE leaf_hash = ?0) + (SELECT count(*) FROM recusal WHERE leaf_hash = ?0) +
			(SELECT count(*) FROM finding WHERE leaf_hash = ?0)`, leaf).Scan(ctx, &findings, &left))
		if one.gone && len(facts)+left != 0 {
			w.t.Fatalf("of a message that was taken back %d rows are left", len(facts)+left)
		}
		if findings > 0 && !one.alike {
			w.t.Fatalf("%d findings with no two who ever agreed", findings)
		}
		for _, f := range facts {
			if !slices.Contains(one.factsNow(w.t), f) {
				w.t.Fatalf("the codes in the clear are not what two agree on now: %s, signed last: %v", f, one.signed)
			}
			w.did["counted"]++
		}
		if one.beside && len(facts)+findings != 0 {
			w.t.Fatalf("of what came later, and whose first message is gone, %d codes and %d findings are in the clear", len(facts), findings)
		}
	}
	var codes int
	must(w.t, w.tlog.DB.NewRaw(`SELECT count(*) FROM coded`).Scan(ctx, &codes))
	if codes != w.counts {
		w.t.Fatalf("%d messages have codes and %d are counted", codes, w.counts)
	}
}

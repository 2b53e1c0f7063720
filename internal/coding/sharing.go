package coding

import (
	"slices"
	"strings"

	"answerable/internal/seal"
)

// Forms in which a message may go out, from the one that says least. Each names the least share level that covers it.
const (
	FormCount      = "count"      // one more in a table whose small numbers are hidden
	FormTheme      = "theme"      // the clinic learns that its themes were told of, in no words of anybody
	FormParaphrase = "paraphrase" // the clinic reads the panel's words
	FormQuote      = "quote"      // the clinic reads the writer's words
	FormPublic     = "public"     // everybody may read the writer's words
)

// Forms are all of them, from the one that says least.
var Forms = []string{FormCount, FormTheme, FormParaphrase, FormQuote, FormPublic}

// needs is the least share level for each form.
var needs = map[string]string{
	FormCount: "count_me", FormTheme: "panel_summary_to_clinic", FormParaphrase: "panel_summary_to_clinic",
	FormQuote: "my_words_to_clinic", FormPublic: "my_words_public",
}

var mustNots = []string{
	"do_not_call_police", "do_not_change_my_care", "do_not_contact_me", "do_not_put_in_my_notes", "do_not_tell_my_worker",
}

func hasWords(form string) bool {
	return form == FormParaphrase || form == FormQuote || form == FormPublic
}

// Wishes are what a writer allowed and forbade, the newest answer to each question. Lists are sorted.
type Wishes struct {
	ShareLevel string   `json:"share_level"`
	AskMeFirst bool     `json:"ask_me_first"` // not yet taken back by the writer
	Hold       string   `json:"hold"`
	Hide       []string `json:"hide"`
	MustNot    []string `json:"must_not"`
}

// MostPrivate is what holds where a writer said nothing.
func MostPrivate() Wishes {
	return Wishes{ShareLevel: seal.ShareLevels[0], Hold: seal.Holds[0], Hide: []string{}, MustNot: []string{}}
}

func (w *Wishes) check() error {
	if !slices.Contains(seal.ShareLevels, w.ShareLevel) || !slices.Contains(seal.Holds, w.Hold) {
		return wrong("the writer's wishes are not known")
	}
	for _, list := range []struct{ picked, known []string }{{w.Hide, seal.Hides}, {w.MustNot, mustNots}} {
		if err := checkCodes("wishes", list.picked, codePattern); err != nil {
			return err
		}
		if slices.ContainsFunc(list.picked, func(code string) bool { return !slices.Contains(list.known, code) }) {
			return wrong("the writer's wishes are not known")
		}
	}
	return nil
}

// Reasons why a form may not be shared.
const (
	NotAllowed  = "not-allowed"  // the writer's share level does not go so far
	AskFirst    = "ask-first"    // the writer wants to see it first and has not said yes
	OnHold      = "on-hold"      // the writer said to wait
	NoQuotes    = "no-quotes"    // the writer hid quotes
	WorkerReads = "worker-reads" // the writer's worker must not be told, and could read it
	NotAgreed   = "not-agreed"   // no two coders agree
	NotShown    = "not-shown"    // the writer wished to see it first, and was not shown these words, or has not come back since
	NotChecked  = "not-checked"  // no third member looked whether someone could guess who
	CouldGuess  = "could-guess"  // that member said somebody could
	Objected    = "objected"     // a member objects
	StillTime   = "still-time"   // members may object yet
	NotRead     = "not-read"     // a later message of the writer has not been opened, and may take this back
	LaterGone   = "later-gone"   // a younger key was destroyed, and a message under it may have taken this back
	NotKnown    = "not-known"    // the writer's answer is not one we know
)

// against lists why the writer's wishes alone forbid a form.
func (w *Wishes) against(form string) (why []string) {
	if slices.Index(seal.ShareLevels, w.ShareLevel) < slices.Index(seal.ShareLevels, needs[form]) {
		why = append(why, NotAllowed)
	}
	if w.AskMeFirst {
		why = append(why, AskFirst)
	}
	if w.Hold != seal.Holds[0] {
		why = append(why, OnHold)
	}
	if (form == FormQuote || form == FormPublic) && slices.Contains(w.Hide, hideQuotes) {
		why = append(why, NoQuotes)
	}
	// Nobody can promise which of a clinic's staff reads what the clinic is given.
	if hasWords(form) && slices.Contains(w.MustNot, "do_not_tell_my_worker") {
		why = append(why, WorkerReads)
	}
	return why
}

// hideQuotes forbids the writer's own words, which a program can tell.
const hideQuotes = "quotes"

// LeftOut is what of a writer's Hide somebody has to look for in a form: all but their own words. It is nil where there is none,
// and for a form without words, which shows nothing of it.
func (w *Wishes) LeftOut(form string) (codes []string) {
	for _, code := range w.Hide {
		if hasWords(form) && isLeftOut(code) {
			codes = append(codes, code)
		}
	}
	return codes
}

func isLeftOut(code string) bool { return code != hideQuotes && slices.Contains(seal.Hides, code) }

// HidesMore says whether the writer wants something left out of a form by now that was not among had, for which somebody looked.
func (w *Wishes) HidesMore(form string, had []string) bool {
	return slices.ContainsFunc(w.LeftOut(form), func(code string) bool { return !slices.Contains(had, code) })
}

// Progress is how far the panel has come with a message.
type Progress struct {
	Agreed    bool `json:"agreed"`     // two coders signed the same consensus
	Checked   bool `json:"checked"`    // a third member, who is none of them, looked at the very words, and for what the writer hides
	Guess     bool `json:"guess"`      // and said that somebody could guess who
	Objected  bool `json:"objected"`   // a member objects to the decision that stands
	WholeDays int  `json:"whole_days"` // that have passed since the decision; not the day it was made, nor today
	AllRead   bool `json:"all_read"`   // every later message of this writer that was delivered is open
	LaterGone bool `json:"later_gone"` // something that came in after this message went with its key, and nobody knows whose it was
	Unseen    bool `json:"unseen"`     // the writer wished, once, to see it first, and was not shown the words that were checked
}

// ObjectionDays is how many whole days every member has to object.
const ObjectionDays = 2

// Verdict says whether a form may be decided on, and whether it may go out today.
type Verdict struct {
	Form string   `json:"form"`
	Why  []string `json:"why"`  // why it may not be decided on; empty when it may
	Wait []string `json:"wait"` // what else must be before it goes out; empty when it may go
}

// Verdicts goes through all forms. Nothing goes out that its own wishes, or a missing step, forbid.
func Verdicts(w Wishes, p Progress) []Verdict {
	out := make([]Verdict, 0, len(Forms))
	for _, form := range Forms {
		v := Verdict{Form: form, Why: append([]string{}, w.against(form)...), Wait: []string{}}
		if w.check() != nil {
			v.Why = append(v.Why, NotKnown)
		}
		v.Why = append(v.Why, p.against(form)...)
		v.Wait = append(v.Wait, p.waits()...)
		out = append(out, v)
	}
	return out
}

func (p Progress) against(form string) (why []string) {
	if !p.Agreed {
		why = append(why, NotAgreed)
	}
	if !p.AllRead {
		why = append(why, NotRead)
	}
	if p.LaterGone {
		why = append(why, LaterGone)
	}
	// A count goes through the tables' own rules against small numbers; everything else waits for a third pair of eyes.
	if form == FormCount {
		return why
	}
	if p.Unseen {
		why = append(why, NotShown)
	}
	if !p.Checked {
		return append(why, NotChecked)
	}
	if p.Guess {
		why = append(why, CouldGuess)
	}
	return why
}

func (p Progress) waits() (wait []string) {
	if p.Objected {
		wait = append(wait, Objected)
	}
	if p.WholeDays < ObjectionDays {
		wait = append(wait, StillTime)
	}
	return wait
}

// WishesOf are the wishes of a writer, by all messages of their receipt: what they allow as seal.ConsentNow has it, and all that any of
// them says must not happen. Nothing is taken from what they say about themselves. A code that is not known counts as the most private
// one, and so does silence. Nothing that was forbidden is ever allowed again by silence.
func WishesOf(said []seal.Said) Wishes {
	now := seal.ConsentNow(said)
	w := Wishes{ShareLevel: now.ShareLevel, AskMeFirst: now.AskMeFirst, Hold: now.Hold, Hide: sorted(now.Hide), MustNot: []string{}}
	for _, m := range said {
		for _, a := range m.Answers {
			if a.Q == "must_not" && m.Kind != seal.KindAboutYou {
				w.MustNot = union(w.MustNot, only(strings.Split(a.A, "\n"), mustNots))
			}
		}
	}
	return w
}

func only(codes, known []string) []string {
	return slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return !slices.Contains(known, code) })
}

// Against lists why a writer's wishes alone forbid a form.
func Against(w Wishes, form string) []string { return w.against(form) }

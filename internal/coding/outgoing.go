package coding

import (
	"slices"
	"strings"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// goAlong is what of must_not goes along with words, for who reads them at a clinic to keep to. The other two are the
// program's to keep: with do_not_tell_my_worker no words go out, and do_not_contact_me is asked about before an answer.
var goAlong = []string{"do_not_call_police", "do_not_change_my_care", "do_not_put_in_my_notes"}

// Outgoing is all that would leave the panel of one message. The same is shown to a writer who wished it, checked, decided on
// and put into the clear, and nothing besides.
type Outgoing struct {
	Form    string   `json:"form"`
	Words   string   `json:"words"`             // "" where the form has none
	Themes  []string `json:"themes,omitzero"`   // of FormTheme alone: those agreed on; nil where there are none
	MustNot []string `json:"must_not,omitzero"` // with words alone, and for the clinic alone; nil where there is none
}

// GoesOut is what goes out in a form and in words: themes with FormTheme alone, as they were agreed on, and with words what of the
// writer's MustNot goes along. agreed may be nil.
func GoesOut(form, words string, agreed *Consensus, w *Wishes) Outgoing {
	o := Outgoing{Form: form, Words: words, MustNot: w.GoAlong(form)}
	if form == FormTheme && agreed != nil && len(agreed.Yes) > 0 {
		o.Themes = agreed.Yes
	}
	return o
}

// GoAlong is what of MustNot goes to the clinic beside what goes out in a form; nil where there is none.
func (w *Wishes) GoAlong(form string) (codes []string) {
	for _, code := range w.MustNot {
		if hasWords(form) && slices.Contains(goAlong, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// Same says whether two are the same to the byte.
func (o Outgoing) Same(other Outgoing) bool {
	return o.Form == other.Form && o.Words == other.Words && slices.Equal(o.Themes, other.Themes) && slices.Equal(o.MustNot, other.MustNot)
}

// check refuses a count too: codes are counted once two coders agree, by the tables' own rules.
func (o Outgoing) check() error {
	if o.Form == FormCount || !slices.Contains(Forms, o.Form) {
		return wrong("its form of sharing is not known")
	}
	if hasWords(o.Form) == seal.Blank(o.Words) || !hasWords(o.Form) && o.Words != "" {
		return wrong("its words do not fit its form")
	}
	if o.Themes != nil {
		if o.Form != FormTheme || len(o.Themes) == 0 {
			return wrong("it names themes that do not go out")
		}
		if err := checkCodes("themes", o.Themes, codePattern); err != nil {
			return err
		}
	}
	if o.MustNot == nil {
		return nil
	}
	if !hasWords(o.Form) || len(o.MustNot) == 0 || slices.ContainsFunc(o.MustNot, func(code string) bool { return !slices.Contains(goAlong, code) }) {
		return wrong("it names what does not go along")
	}
	return checkCodes("conditions", o.MustNot, codePattern)
}

// mustNotSaid is what goes along, in English.
var mustNotSaid = map[string]string{
	"do_not_call_police": "Do not call police", "do_not_change_my_care": "Do not change my care", "do_not_put_in_my_notes": "Do not put it in my notes",
}

// Said is what goes out, in English sentences, as a writer is shown it below what a reviewer says before it: the words or the
// themes, and what goes along. Twin of outgoingText in ui/src/panel/outgoingview.ts.
func (o Outgoing) Said() string {
	said := o.Words
	if len(o.Themes) > 0 {
		said = listed(ThemesSaid(o.Themes))
	}
	if len(o.MustNot) > 0 {
		var along []string
		for _, code := range o.MustNot {
			along = append(along, mustNotSaid[code])
		}
		said += "\n\n" + MustNotLead + "\n\n" + listed(along)
	}
	return said
}

// MustNotLead stands before what goes along.
const MustNotLead = "And for the clinic alone, what must not happen, as you said:"

func listed(said []string) string { return "- " + strings.Join(said, "\n- ") }

// ThemesSaid are what themes are called in English; the code with spaces where the list has no such theme.
func ThemesSaid(codes []string) (said []string) {
	for _, code := range codes {
		said = append(said, strings.ReplaceAll(code, "_", " "))
		for _, theme := range taxonomy.Themes() {
			if theme.Code == code {
				said[len(said)-1] = theme.Label
			}
		}
	}
	return said
}

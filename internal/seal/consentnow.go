package seal

import (
	"slices"
	"strings"
)

// Said is one message of a receipt, as far as consent goes.
type Said struct {
	Kind    string
	Day     string   // of the batch it came in, YYYY-MM-DD
	Answers []Answer // of everything but a consent
	Consent *Consent // of a consent
}

// ConsentNow is what is allowed after all these messages of one receipt. A change of consent takes the place of what the
// first message said, whatever their days. Of two changes the later day's holds. Messages carry days and no hours, so of
// changes of one day the closest of each choice holds together, and so it does of several first messages. A follow-up allows
// nothing more, and what it says that is closer holds until a change of a later day. Who said nothing is read by the panel alone.
func ConsentNow(messages []Said) Consent {
	newest := ""
	for _, m := range messages {
		if m.Kind == KindConsent && m.Consent != nil {
			newest = max(newest, m.Day)
		}
	}
	var now *Consent
	for _, m := range messages {
		switch {
		case newest != "" && m.Kind == KindConsent && m.Consent != nil && m.Day == newest:
			now = closer(now, *m.Consent)
		case newest == "" && m.Kind == KindSubmission:
			now = closer(now, ConsentIn(m.Answers))
		}
	}
	if now == nil {
		now = closer(now, ConsentIn(nil))
	}
	for _, m := range messages {
		if m.Kind == KindFollowup && m.Day >= newest {
			now = closer(now, now.saidIn(m.Answers))
		}
	}
	return *now
}

// saidIn is what a follow-up says, and for all that it says nothing about what holds already.
func (c *Consent) saidIn(answers []Answer) Consent {
	picked, said := pickedIn(answers), ConsentIn(answers)
	if silent(picked["share_level"]) {
		said.ShareLevel = c.ShareLevel
	}
	if silent(picked["hold_until"]) {
		said.Hold = c.Hold
	}
	return said
}

// pickedIn are the codes of each question.
func pickedIn(answers []Answer) map[string][]string {
	picked := map[string][]string{}
	for _, a := range answers {
		picked[a.Q] = append(picked[a.Q], strings.Split(a.A, "\n")...)
	}
	return picked
}

// ConsentIn is what the form's answers say. A question left out, or one answered in a way we do not know, counts as the
// closest answer: who did not say when the panel may start has it wait, unless they let it do no more than count.
func ConsentIn(answers []Answer) Consent {
	said := pickedIn(answers)
	c := Consent{ShareLevel: ShareLevels[0], Hold: Holds[0], AskMeFirst: len(said["ask_me_first"]) > 0, Hide: []string{}}
	if level := said["share_level"]; len(level) > 0 && slices.Contains(ShareLevels, level[0]) {
		c.ShareLevel = level[0]
	}
	c.Hold = HoldIn(said["hold_until"], c.ShareLevel)
	c.Hide = both(said["hide"], nil)
	return c
}

// skipped is what a form may send for a question that was skipped; it means the same as sending nothing.
const skipped = "skip"

// HoldIn is when the panel may start, by what was picked and by how far the words may go. Nothing picked is the closest answer:
// wait, where more than a count may go out. A count names nobody, so it needs no second yes.
func HoldIn(picked []string, level string) string {
	counts := slices.Index(ShareLevels, level) <= slices.Index(ShareLevels, "count_me")
	if silent(picked) && counts || !silent(picked) && picked[0] == Holds[0] {
		return Holds[0]
	}
	return Holds[1]
}

func silent(picked []string) bool { return len(picked) == 0 || picked[0] == skipped }

// closer takes the closer of each choice.
func closer(a *Consent, b Consent) *Consent {
	if a == nil {
		return &b
	}
	return &Consent{
		ShareLevel: ShareLevels[min(slices.Index(ShareLevels, a.ShareLevel), slices.Index(ShareLevels, b.ShareLevel))],
		AskMeFirst: a.AskMeFirst || b.AskMeFirst,
		Hold:       Holds[max(slices.Index(Holds, a.Hold), slices.Index(Holds, b.Hold))],
		Hide:       both(a.Hide, b.Hide),
	}
}

// both joins two lists of what to hide, in order.
func both(a, b []string) []string {
	joined := []string{}
	for _, h := range Hides {
		if slices.Contains(a, h) || slices.Contains(b, h) {
			joined = append(joined, h)
		}
	}
	return joined
}

package web

import (
	"slices"
	"strings"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// onlyOther is the doubt about a message that says "something else" and nothing more.
const onlyOther = "only_other"

// The doubts about ticks of one question that do not go together: to skip it or not to be sure, beside an answer. Who asks to skip it
// has said nothing, whatever else is ticked: so nothing goes out that somebody may not have wanted to say.
const (
	skippedToo = "skipped"
	unsureToo  = "unsure"
)

// A doubt is two answers that do not seem to go together. It is put to the person as a question and never keeps anything
// from being sent. The twin of DOUBTS in ui/src/form/doubts.ts.
type doubt struct {
	key        string
	one, other chosen
}

// chosen is a question with the codes that matter; none for any.
type chosen struct {
	question string
	codes    []string
}

// clinicDoes are the wishes that nobody but the clinic can fulfil.
var clinicDoes = []string{
	"say_sorry", "explain", "put_it_right_for_me", "change_a_rule", "train_people", "fix_my_notes", "money_back", "meet_with_support", "thank_someone",
}

// wordsGo are the answers that let words go to the clinic or further, where somebody's worker could read them.
var wordsGo = []string{"panel_summary_to_clinic", "my_words_to_clinic", "my_words_public"}

var doubts = []doubt{
	{"contact", chosen{"wants", []string{"talk_to_panel", "peer_support", "meet_with_support"}}, chosen{"must_not", []string{"do_not_contact_me"}}},
	{"counted", chosen{"wants", []string{"be_counted"}}, chosen{"share_level", []string{"panel_only"}}},
	{"told", chosen{"wants", clinicDoes}, chosen{"share_level", []string{"panel_only", "count_me"}}},
	{"notes", chosen{"wants", []string{"fix_my_notes"}}, chosen{"must_not", []string{"do_not_put_in_my_notes"}}},
	{"unhurt", chosen{"impact", []string{"none"}}, chosen{"impact_on", nil}},
	{"quotes", chosen{"share_level", []string{"my_words_to_clinic", "my_words_public"}}, chosen{"hide", []string{"quotes"}}},
	{"worker", chosen{"share_level", wordsGo}, chosen{"must_not", []string{"do_not_tell_my_worker"}}},
}

// surelyKey is the tick with which a person without script says that two answers hold as they are.
const surelyKey = "surely"

// doubted asks about answers that do not go together, each at the second of its two questions. Of a question that was answered
// and skipped as well, the answer is Skip.
func doubted(answers []seal.Answer) (faults []fault) {
	said := map[string]string{}
	for _, a := range answers {
		said[a.Q] = a.A
	}
	for _, d := range doubts {
		if d.one.in(said) && d.other.in(said) {
			faults = append(faults, fault{Key: d.other.question, Say: "doubt." + d.key})
		}
	}
	for _, q := range []string{"themes", "roles", "wants"} { // in which more than one can be ticked
		codes := strings.Split(said[q], "\n")
		switch {
		case slices.Contains(codes, taxonomy.Skip):
			faults = append(faults, fault{Key: q, Say: "doubt." + skippedToo})
		case len(codes) > 1 && slices.Contains(codes, taxonomy.NotSure):
			faults = append(faults, fault{Key: q, Say: "doubt." + unsureToo})
		}
	}
	if said["themes"] == taxonomy.Other && said["words"]+said["pictures"]+said["items"]+said["good"]+said["other_text"] == "" {
		faults = append(faults, fault{Key: "other_text", Say: "doubt." + onlyOther})
	}
	return faults
}

// in says whether one of these codes was picked.
func (c chosen) in(said map[string]string) bool {
	answer := said[c.question]
	if answer == "" || len(c.codes) == 0 {
		return answer != ""
	}
	return slices.ContainsFunc(strings.Split(answer, "\n"), func(code string) bool { return slices.Contains(c.codes, code) })
}

package main

import (
	"errors"
	"fmt"
	"strings"

	"answerable/internal/coding"
)

// lookConfig is how somebody says that they looked at what they sign. Colleagues write meanwhile, and each command fetches anew.
type lookConfig struct {
	Yes   bool   `help:"Do not ask: sign what --shown names, and nothing else."`
	Shown string `placeholder:"HASH" help:"What you looked at, under shown in review compare: nothing is signed where another stands."`
}

const lookAgain = "Look at it: answerable review compare"

// changedSince means that something else stands now than what somebody looked at: hash.
func changedSince(hash string) error {
	return withHint(errors.New("nothing was signed: this is not what you looked at, so it has changed since"), lookAgain+". It is now --shown "+hash)
}

// looked asks whether to sign what was just printed, of a hash; with --yes it takes --shown for the answer. An error means that
// nothing may be signed.
func (c *lookConfig) looked(t *terminal, hash, question string) error {
	switch {
	case c.Shown != "" && c.Shown != hash:
		return changedSince(hash)
	case c.Yes && c.Shown == "":
		return usage("--yes signs nothing that you do not name",
			"Give --shown HASH, of what you looked at in: answerable review compare. Of what is printed above it is "+hash+". Without --yes you are asked.")
	case c.Yes:
		return nil
	}
	sure, err := t.confirm(question)
	if err != nil {
		return err
	}
	if !sure {
		return withHint(errors.New("nothing was signed"), lookAgain)
	}
	return nil
}

// noteAgreement prints all that an agreement says.
func noteAgreement(t *terminal, body *coding.Consensus) {
	t.note("you would sign that %d codings come to this:", len(body.Codings))
	for _, said := range []struct {
		what  string
		codes []string
	}{
		{"there", coding.ThemesSaid(body.Yes)}, {"not there", coding.ThemesSaid(body.No)}, {"items", body.Items},
		{"the clinic's own items", body.Own}, {"good care", body.Good}, {"involved", body.Involved}, {"repair asked for", body.Repair},
	} {
		t.note("  %s: %s", said.what, orNone(strings.Join(said.codes, ", ")))
	}
	t.note("  seriousness: %d, written by: %s, list of codes: %s", body.Seriousness, orNone(body.Role), body.Taxonomy)
}

// noteOut prints all that would go out of a message.
func noteOut(t *terminal, out *coding.Outgoing) {
	if out.Form == coding.FormTheme {
		t.note("these themes go out, and no words: %s", orNone(strings.Join(coding.ThemesSaid(out.Themes), "; ")))
		return
	}
	noteWords(t, fmt.Sprintf("these words go out, as a %s", out.Form), out.Words)
	if len(out.MustNot) > 0 {
		t.note("with them, to the clinic alone, what must not happen: %s", strings.Join(out.MustNot, ", "))
	}
}

// noteWords prints what somebody wrote. Each of its lines begins with a bar, so that none looks like one of ours.
func noteWords(t *terminal, what, words string) {
	t.note("%s:\n  | %s", what, strings.ReplaceAll(words, "\n", "\n  | "))
}

package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"answerable/internal/coding"
)

func TestNothingIsSignedThatNobodyLookedAt(t *testing.T) {
	for _, one := range []struct {
		typed  string
		look   lookConfig
		signed bool
		said   string
	}{
		{"yes\n", lookConfig{}, true, ""},
		{"", lookConfig{}, false, "nothing was signed"},
		{"no\n", lookConfig{}, false, "nothing was signed"},
		{"yes\n", lookConfig{Shown: "now"}, true, ""},
		{"yes\n", lookConfig{Shown: "before"}, false, "it has changed since"},
		{"", lookConfig{Yes: true}, false, "you do not name"},
		{"", lookConfig{Yes: true, Shown: "before"}, false, "it has changed since"},
		{"", lookConfig{Yes: true, Shown: "now"}, true, ""},
	} {
		var asked bytes.Buffer
		err := one.look.looked(&terminal{in: strings.NewReader(one.typed), err: &asked}, "now", "Do you sign it?")
		if (err == nil) != one.signed || err != nil && !strings.Contains(err.Error(), one.said) {
			t.Errorf("%q, %+v: %v", one.typed, one.look, err)
		}
		var how *hinted
		var wrong *usageError
		if err != nil && !errors.As(err, &how) && !errors.As(err, &wrong) {
			t.Errorf("%+v: it is not said what to do: %v", one.look, err)
		}
		if asks := !one.look.Yes && one.look.Shown != "before"; asks != strings.Contains(asked.String(), "Do you sign it?") {
			t.Errorf("%+v: asked %q", one.look, asked.String())
		}
	}
}

func TestAllThatGoesOutAndAllThatIsAgreedOnIsPrinted(t *testing.T) {
	var said bytes.Buffer
	term := &terminal{err: &said}
	noteOut(term, &coding.Outgoing{
		Form: coding.FormQuote, Words: "They held me.\nanswerable: nobody objects\x1b[2J", MustNot: []string{"do_not_call_police"},
	})
	noteOut(term, &coding.Outgoing{Form: coding.FormTheme, Themes: []string{"voice"}})
	noteAgreement(term, &coding.Consensus{Codings: []string{"a", "b"}, Found: coding.Found{
		Taxonomy: "0.2.0", Yes: []string{"voice"}, No: []string{"work"}, Items: []string{"voice.ignored"},
		Own: []string{"voice.x_here.bell"}, Good: []string{"listened"}, Seriousness: 3, Involved: []string{"nurse"}, Repair: []string{"apology"}, Role: coding.RoleWorker,
	}})
	for _, want := range append(coding.ThemesSaid([]string{"voice", "work"}),
		"as a quote", "  | They held me.\n", "  | answerable: nobody objects[2J\n", "do_not_call_police",
		"voice.ignored", "voice.x_here.bell", "listened", "nurse", "apology", "seriousness: 3", "written by: worker", "2 codings", "0.2.0") {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in %s", want, said.String())
		}
	}
}

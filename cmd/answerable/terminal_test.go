package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestTextOfOthersCannotCommandATerminal(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b[2Jb\u009b2Jc\u202ed\u200de\U000e0041f\x07g\x7f"
	var out, said bytes.Buffer
	term := &terminal{out: &out, err: &said}
	if err := term.emit(map[string]string{"a": hostile}); err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["a"] != hostile {
		t.Errorf("came back as %q, %v", back["a"], err)
	}
	term.note("error: %s", hostile)
	if err := term.show(nil, "%s\n", hostile); err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{out.String(), said.String()} {
		if strings.ContainsFunc(strings.ReplaceAll(printed, "\n", ""), unseen) {
			t.Errorf("printed %q", printed)
		}
	}
}

func TestErrorsAreASentenceAndAHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err        error
		what, hint string
		status     int
	}{
		{errors.New("it broke"), "it broke", "", exitFailed},
		{errors.New("The form is closed. Try again tomorrow."), "the form is closed", "Try again tomorrow.", exitFailed},
		{fmt.Errorf("outer: %w", withHint(errors.New("inner"), "Do this.")), "outer: inner", "Do this.", exitFailed},
		{usage("no such thing", "See the help."), "no such thing", "See the help.", exitUsage},
		{errors.New("SQL is not ours to lower"), "SQL is not ours to lower", "", exitFailed},
	} {
		var said bytes.Buffer
		status := (&terminal{err: &said}).fail(c.err)
		want := "answerable: error: " + c.what + "\n"
		if c.hint != "" {
			want += "answerable: hint: " + c.hint + "\n"
		}
		if said.String() != want || status != c.status {
			t.Errorf("%v: said %q with status %d", c.err, said.String(), status)
		}
	}
}

// Only a whole yes is one: an empty line, or a key pressed too early, signs nothing.
func TestOnlyAWholeYesConfirms(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{"yes\n": true, " YES \n": true, "yes": true, "y\n": false, "\n": false, "": false, "no\n": false, "yesno\n": false} {
		var said strings.Builder
		term := &terminal{in: strings.NewReader(typed), err: &said}
		if got, err := term.confirm("Sign this list?"); err != nil || got != want || !strings.Contains(said.String(), "Sign this list?") {
			t.Errorf("%q: got %v, %v", typed, got, err)
		}
		if term.asks() {
			t.Error("a pipe is taken for somebody at a keyboard")
		}
	}
}

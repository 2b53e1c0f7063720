package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"answerable/internal/client"
)

// To destroy a key before an older one takes what writers changed under it, and lets nothing go out of what is older: who signs that
// is told and asked.
func TestWhoDestroysAYoungerKeyIsToldWhatThatMeansBeforeTheySign(t *testing.T) {
	older := []client.OlderKey{{ID: "2026-10-abcd", Files: 3}}
	for _, tt := range []struct {
		older []client.OlderKey
		typed string
		yes   bool
		want  error
	}{
		{nil, "", false, nil}, {older, "", false, errNotSigned}, {older, "no\n", false, errNotSigned}, {older, "yes\n", false, nil}, {older, "", true, nil},
	} {
		var said bytes.Buffer
		err := askYounger(&terminal{in: strings.NewReader(tt.typed), err: &said}, "2026-11-efgh", tt.older, tt.yes)
		if !errors.Is(err, tt.want) {
			t.Errorf("with %q typed: %v", tt.typed, err)
		}
		for _, word := range []string{"2026-10-abcd (messages: 3)", "2026-11-efgh", "shared or counted"} {
			if strings.Contains(said.String(), word) != (tt.older != nil) {
				t.Errorf("with older keys %v it is said: %s", tt.older, said.String())
			}
		}
	}
}

func TestAFileOfSettingsSaysFromWhichItBegins(t *testing.T) {
	const settings = `{"intro":"Words.","shared":false}`
	for _, after := range [][32]byte{{}, sha256.Sum256([]byte("lines"))} {
		file, err := withAfter([]byte(settings), after)
		if err != nil || !strings.HasPrefix(string(file), `{"after":"`) {
			t.Fatalf("%s, %v", file, err)
		}
		from, rest, err := splitAfter(file)
		if err != nil || from != afterText(after) || string(rest) != settings {
			t.Errorf("%q and %s, %v", from, rest, err)
		}
	}
	if from, rest, err := splitAfter([]byte(settings)); err != nil || from != "" || string(rest) != settings {
		t.Errorf("of a file that does not say it: %q and %s, %v", from, rest, err)
	}
	if _, _, err := splitAfter([]byte("[]")); err == nil {
		t.Error("a list was read")
	}
}

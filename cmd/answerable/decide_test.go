package main

import (
	"crypto/sha256"
	"strings"
	"testing"
)

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

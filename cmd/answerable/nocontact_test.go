package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWhoSaidNotToBeContactedIsAnsweredOnlyWhenToldSoAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		forbidden, though bool
		sent, said        bool
	}{
		"who did not say so":       {false, false, true, false},
		"who did":                  {true, false, false, true},
		"who did, and it is meant": {true, true, true, false},
	} {
		var out bytes.Buffer
		err := mayContact(&terminal{in: strings.NewReader("yes\n"), err: &out}, tt.forbidden, tt.though)
		if (err == nil) != tt.sent || strings.Contains(out.String(), "do not contact me") != tt.said {
			t.Errorf("%s: %v, and it says %q", name, err, out.String())
		}
		var h *hinted
		if err != nil && (!errors.Is(err, errNoContact) || !errors.As(err, &h) || !strings.Contains(h.hint, "--though-not-to-be-contacted")) {
			t.Errorf("%s: %v says nothing of what to do", name, err)
		}
	}
}

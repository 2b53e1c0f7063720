package main

import (
	"strings"
	"testing"

	"answerable/internal/client"
)

func TestAJudgementThatDoesNotHoldIsMarked(t *testing.T) {
	l := &client.PromiseLedger{Promises: []client.Pledge{{ID: "a", What: "Open doors.", State: "kept", Doubts: []string{"signatures of 1 members hold\n"}}, {ID: "b", State: "kept"}}}
	if text := promisesText(l); strings.Count(text, "DOES NOT HOLD") != 1 || !strings.Contains(text, "DOES NOT HOLD: signatures of 1 members hold \n") {
		t.Errorf("listed: %s", text)
	}
}

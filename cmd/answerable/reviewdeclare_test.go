package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page and the terminal ask the same before anything is opened.
func TestTheTerminalAsksBeforeReadingWhatThePageAsks(t *testing.T) {
	page, err := os.ReadFile("../../ui/src/panel/casewords.ts")
	if err != nil {
		t.Fatal(err)
	}
	bars := regexp.MustCompile(`(?s)\n  hardBars: \[\n(.*?)\n  \],`).FindSubmatch(page)
	if bars == nil {
		t.Fatal("the page's words have no hardBars")
	}
	var asked []string
	for line := range strings.Lines(string(bars[1]) + "\n") {
		asked = append(asked, strings.Trim(strings.TrimSpace(line), `",`))
	}
	if !slices.Equal(asked, declareBars) {
		t.Errorf("the page asks %q, the terminal %q", asked, declareBars)
	}
	for member, sentence := range map[string]string{"hard": declareHard, "soft": declareSoft} {
		if !strings.Contains(string(page), "\n  "+member+": \""+sentence+"\",\n") {
			t.Errorf("the page's %s is not %q", member, sentence)
		}
	}
}

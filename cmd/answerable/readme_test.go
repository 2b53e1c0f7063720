package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestCommandsInTheDocsAreUnderstood parses every call of answerable that README and SECURITY show, as the command line
// would, without running it.
func TestCommandsInTheDocsAreUnderstood(t *testing.T) {
	call := regexp.MustCompile("(?m)(?:^    (?:.*\\| )?|`)(?:bin/)?answerable ([a-z](?:[^`\n\\\\]|\\\\\n)*)")
	word := regexp.MustCompile(`'[^']*'|[^\s']+`) // as a shell parts them
	found := 0
	for _, name := range []string{"../../README.md", "../../SECURITY.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			found++
			var args []string
			for _, word := range word.FindAllString(strings.ReplaceAll(m[1], "\\\n", " "), -1) {
				args = append(args, strings.Trim(word, "'"))
			}
			if err := understood(t, args); err != nil {
				t.Errorf("%s: answerable %s: %v", name, m[1], err)
			}
		}
	}
	if found < 7 {
		t.Errorf("found %d calls only", found)
	}
	if understood(t, []string{"submit", "--nonsense"}) == nil {
		t.Error("anything would be understood")
	}
}

func understood(t *testing.T, args []string) error {
	t.Helper()
	if args[len(args)-1] == "--help" {
		args = args[:len(args)-1]
	}
	var commands cli
	parser, err := newParser(t.Context(), &terminal{out: io.Discard, err: io.Discard}, &commands)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	if err == nil {
		return nil
	}
	// In a sentence a command stands without its arguments.
	if strings.Contains(err.Error(), "missing flags") || strings.Contains(err.Error(), "expected ") && !strings.Contains(err.Error(), "unexpected") {
		return nil
	}
	return err
}

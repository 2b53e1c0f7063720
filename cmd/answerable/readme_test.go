package main

import (
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestCommandsInTheDocsAreUnderstood parses every call of answerable that README and SECURITY show, as the command line
// would, without running it.
func TestCommandsInTheDocsAreUnderstood(t *testing.T) {
	t.Parallel()
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

// TestCommandsThatSentencesNameExist looks up every command that a text in the program tells somebody to type.
func TestCommandsThatSentencesNameExist(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`answerable ([a-z]+)(?: ([a-z-]+))?(?: ([a-z-]+))?`)
	prose := regexp.MustCompile(`^(what|uses|here|answerable|and|to)$`) // "answerable" as a word
	var commands cli
	parser, err := newParser(t.Context(), &terminal{out: io.Discard, err: io.Discard}, &commands)
	if err != nil {
		t.Fatal(err)
	}
	exists := func(words []string) bool {
		node := parser.Model.Node
		for _, word := range words {
			if len(node.Children) == 0 {
				return true // what follows are its arguments, or the rest of a sentence
			}
			i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word })
			if i < 0 {
				return false
			}
			node = node.Children[i]
		}
		return true
	}
	found := 0
	for file, text := range textsIn(t, "../../cmd/answerable", "../../internal") {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if prose.MatchString(m[1]) {
				continue
			}
			found++
			if words := slices.DeleteFunc(m[1:], func(w string) bool { return w == "" }); !exists(words) {
				t.Errorf("%s names a command that is not there: %s", file, m[0])
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d only", found)
	}
	if exists([]string{"epoch", "nonsense"}) || exists([]string{"nonsense"}) {
		t.Error("anything would exist")
	}
}

// textsIn gives the strings in Go files that are no tests, by the file's path.
func textsIn(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var s scanner.Scanner
			s.Init(token.NewFileSet().AddFile(path, -1, len(source)), source, nil, 0)
			for {
				_, tok, text := s.Scan()
				if tok == token.EOF {
					return nil
				}
				if tok == token.STRING {
					texts[path] += text + "\n"
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

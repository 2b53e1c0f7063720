package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// atKeyboard is standard input with somebody at it, whose words are gone once they were read.
type atKeyboard struct{ read bool }

func (k *atKeyboard) Read([]byte) (int, error) {
	k.read = true
	return 0, io.EOF
}

// What stands in the way of a step is found before anybody types.
func TestNothingIsAskedForBeforeItCanBeUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	identity := filepath.Join(dir, "identity")
	made := []string{"identity", "new", "--out", identity}
	if code := run(t.Context(), made, strings.NewReader(""), io.Discard, io.Discard); code != exitOK {
		t.Fatal("no identity was made")
	}
	at := []string{
		"--server", "http://127.0.0.1:1", "--clinic", "northside", "--identity", identity, "--from", filepath.Join(dir, "work"),
		"--leaf", strings.Repeat("a", 64),
	}
	for _, step := range [][]string{
		{"note"}, {"note", "--over"}, {"check", "--form", "paraphrase"}, {"share", "--keep"}, {"object"}, {"draft"},
		{"show-first", "--form", "quote"},
	} {
		var said bytes.Buffer
		keyboard := &atKeyboard{}
		code := run(t.Context(), slices.Concat([]string{"review"}, step, at), keyboard, io.Discard, &said)
		if code != exitFailed || !strings.Contains(said.String(), "no answer from") || keyboard.read {
			t.Errorf("%v: status %d, typed before it: %v, said %s", step, code, keyboard.read, said.String())
		}
	}
}

// What fails afterwards gives back what was typed. What is still in a file stays there.
func TestWhatWasTypedComesBackWithAFailure(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(file, []byte("a long afternoon\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for _, from := range []struct {
		in   io.Reader
		back bool
	}{{strings.NewReader("a long afternoon\n"), true}, {opened, false}} {
		var said bytes.Buffer
		term := &terminal{in: from.in, err: &said}
		if text, err := term.readWork("write"); err != nil || text != "a long afternoon\n" {
			t.Fatalf("read %q, %v", text, err)
		}
		term.fail(errors.New("the network is away"))
		got := said.String()
		if strings.Contains(got, "a long afternoon\n") != from.back || !strings.HasSuffix(got, "error: the network is away\n") {
			t.Errorf("said %s", got)
		}
	}
}

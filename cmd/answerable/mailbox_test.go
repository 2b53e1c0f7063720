package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/seal"
)

// mailbox runs the writer's command with words on standard input.
func (d *demoProcess) mailbox(t testing.TB, in string, flags ...string) string {
	t.Helper()
	return string(answerable(t, in, slices.Concat([]string{"mailbox", "--json", "--server", d.URL, "--clinic", d.Clinic}, flags)...))
}

func (d *demoProcess) replies(t testing.TB, receipt string) []client.Answer {
	t.Helper()
	var out struct {
		Replies []client.Answer `json:"replies"`
	}
	if err := json.Unmarshal([]byte(d.mailbox(t, receipt+"\n")), &out); err != nil {
		t.Fatal(err)
	}
	return out.Replies
}

// Three rounds in both directions, each side from a terminal, and everything taken back at the end.
func TestAWriterAndThePanelSpeakInATerminalForThreeRounds(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	said := demo.submit(t, "the first words of three rounds")
	receipt := strings.ToUpper(strings.ReplaceAll(said.Receipt, " ", "-"))
	if got := demo.replies(t, receipt); len(got) != 0 {
		t.Fatalf("%d answers before anybody wrote", len(got))
	}
	leaf := said.LeafHash
	folders := []string{t.TempDir(), t.TempDir()}
	as := func(who int, leaf string) []string {
		return []string{"--server", demo.URL, "--clinic", demo.Clinic, "--identity", demo.Identities[who], "--from", folders[who], "--leaf", leaf}
	}
	for round, text := range []string{"we read it\nand believe it", "שלום \x1b[2J", "at last"} {
		batch()
		answerable(t, "", append([]string{"review", "declare", "--yes"}, as(round%2, leaf)...)...)
		answerable(t, text, append([]string{"review", "reply"}, as(round%2, leaf)...)...)
		got := demo.replies(t, said.Digits)
		if len(got) != round+1 || !slices.ContainsFunc(got, func(a client.Answer) bool { return a.Text == text && a.Signed && len(a.Day) == 10 }) {
			t.Fatalf("round %d: the answer is not there, or not signed: %d answers", round, len(got))
		}
		var sent told
		if err := json.Unmarshal([]byte(demo.mailbox(t, receipt+"\nround "+fmt.Sprint(round), "--write")), &sent); err != nil {
			t.Fatal(err)
		}
		leaf = sent.LeafHash // the next answer is to the newest message
	}
	demo.mailbox(t, receipt+"\n", "--share", "count_me", "--hide", "quotes", "--ask-first")
	demo.mailbox(t, receipt+"\nthey stopped calling", "--since", "payback", "--ask-again", "month")
	batch()
	var box *string
	kinds := map[string]int{}
	var since []string
	for _, o := range demo.pullAndOpen(t, 0, t.TempDir()) {
		if o.LeafHash == said.LeafHash {
			box = o.Mailbox
		}
	}
	for _, o := range demo.pullAndOpen(t, 1, t.TempDir()) {
		if o.Mailbox != nil && box != nil && *o.Mailbox == *box {
			kinds[o.Kind]++
			for _, a := range o.Answers {
				if a.Q == "items" || a.Q == seal.CheckInKey {
					since = append(since, a.A)
				}
			}
		}
	}
	if kinds["submission"] != 1 || kinds["followup"] != 4 || kinds["consent"] != 1 {
		t.Errorf("the panel sees %v of this receipt", kinds)
	}
	if !slices.Equal(since, []string{"response.payback", "month"}) {
		t.Errorf("what happened since came as %v", since)
	}
	early := command(t, append([]string{"review", "reply", "--check-in"}, as(0, said.LeafHash)...)...)
	if out, err := early.CombinedOutput(); err == nil || !strings.Contains(string(out), "They wish to be asked from 20") {
		t.Errorf("asked before their time: %s", out)
	}
	if out := demo.mailbox(t, receipt+"\n", "--withdraw", "--pace", "10ms"); !strings.Contains(out, `"withdrawn":6`) {
		t.Errorf("taken back: %.80s", out)
	}
	batch()
	for _, o := range demo.pullAndOpen(t, 0, t.TempDir()) {
		if o.Mailbox != nil && *o.Mailbox == *box {
			t.Error("a message that was taken back is still delivered")
		}
	}
}

// Taken back and asked again, in a terminal: the mailbox shows what wrong words show, and the receipt comes once more.
func TestWordsOfATakenBackMessageOpenNothingInATerminal(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	receipt := demo.submit(t, "told and taken back").Receipt + "\n"
	gone := demo.mailbox(t, receipt, "--withdraw", "--pace", "1ms")
	if again := demo.mailbox(t, receipt, "--withdraw", "--pace", "1ms"); again != gone || !strings.Contains(gone, `"withdrawn":1`) {
		t.Errorf("once more it says %.80s", again)
	}
	wrong := demo.mailbox(t, strings.Repeat("abandon ", 8)+"\n")
	if got := demo.mailbox(t, receipt); got != wrong || !strings.Contains(wrong, `"replies":[]`) {
		t.Errorf("taken-back words show %.80s, wrong ones %.80s", got, wrong)
	}
}

func TestMailboxInATerminalSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	at, folder := []string{"--server", demo.URL, "--clinic", demo.Clinic}, t.TempDir()
	for _, c := range []struct {
		in   string
		args []string
		want string
	}{
		{"abandn ability", []string{"mailbox"}, "Did you mean abandon?"},
		{"abandon ability", []string{"mailbox"}, "here are 2 words"},
		{strings.Repeat("abandon ", 8) + "\n", []string{"mailbox", "--withdraw"}, "there is nothing here for these words"},
		{strings.Repeat("abandon ", 8) + "\n", []string{"mailbox", "--write"}, "there are no words here"},
		{strings.Repeat("abandon ", 8) + "\n", []string{"mailbox", "--share", "everything"}, "this is no choice"},
		{"", []string{"mailbox", "--write", "--withdraw"}, "do not go together"},
		{"", []string{"mailbox", "--since", "something"}, "nothing or payback"},
		{"", []string{"mailbox", "--ask-again", "tomorrow"}, "is one of month"},
		{"x", []string{"review", "reply", "--identity", demo.Identities[0], "--from", folder, "--leaf", "abc"}, "64 hexadecimal digits"},
	} {
		cmd := command(t, append(slices.Clone(c.args), at...)...)
		cmd.Stdin = strings.NewReader(c.in)
		said, err := cmd.CombinedOutput()
		out := string(said)
		if err == nil || !strings.Contains(strings.ToLower(out), strings.ToLower(c.want)) {
			t.Errorf("%v says %q, want %q", c.args, out, c.want)
		}
	}
}

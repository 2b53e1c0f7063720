package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/seal"
)

// sentLines reads what review push printed.
func sentLines(t *testing.T, out []byte) (results []string) {
	t.Helper()
	for line := range strings.Lines(string(out)) {
		var s client.Sent
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		results = append(results, s.Do+" "+s.Result)
	}
	return results
}

// tellsWithWishes sends a message whose writer wants something left out, and something not to happen.
func tellsWithWishes(t *testing.T, demo *demoProcess) (receipt seal.Receipt, leaf string) {
	t.Helper()
	c, err := client.New(demo.URL)
	if err != nil {
		t.Fatal(err)
	}
	if receipt, err = c.NewReceipt(); err != nil {
		t.Fatal(err)
	}
	accepted, err := c.Submit(t.Context(), demo.Clinic, receipt, "en", []seal.Answer{
		{Q: "words", A: "they shut the door"}, {Q: "hide", A: "the_date"}, {Q: "must_not", A: "do_not_call_police\ndo_not_change_my_care"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return receipt, hex.EncodeToString(accepted.LeafHash[:])
}

// TestOneOfThreeReviewersWorksWithoutANetwork takes a report from the queue to a decision. The third of the panel has a folder on a stick and no
// network; the two others work at the server meanwhile.
func TestOneOfThreeReviewersWorksWithoutANetwork(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	receipt, leaf := tellsWithWishes(t, demo)
	batch()
	dirs := []string{t.TempDir(), t.TempDir(), t.TempDir()}
	args := func(who int, offline bool, words []string) []string {
		out := append([]string{"review"}, words...)
		out = append(out, "--identity", demo.Identities[who], "--from", dirs[who])
		if offline {
			return append(out, "--offline")
		}
		return append(out, "--server", demo.URL, "--clinic", demo.Clinic)
	}
	online := func(who int, in string, words ...string) []byte {
		t.Helper()
		return answerable(t, in, args(who, false, words)...)
	}
	offline := func(in string, words ...string) string {
		t.Helper()
		return string(answerable(t, in, args(2, true, words)...))
	}
	refused := func(in string, words ...string) string {
		t.Helper()
		return refusal(t, in, args(2, true, words)...)
	}
	pull := func() string {
		t.Helper()
		words := []string{"review", "pull", "--server", demo.URL, "--clinic", demo.Clinic, "--identity", demo.Identities[2], "--out", dirs[2]}
		// The same reviewer may step back from something meanwhile, in another test: then the server gives a file less than it counted.
		if out, err := command(t, words...).Output(); err == nil {
			return string(out)
		}
		return string(answerable(t, "", words...))
	}
	at := []string{"--leaf", leaf}
	with := func(words ...string) []string { return append(words, at...) }

	if out := pull(); !strings.Contains(out, "Whoever gets hold of this folder learns") {
		t.Errorf("pulling does not say what a folder gives away: %s", out)
	}
	if out := offline("", "queue"); !strings.Contains(out, leaf) || strings.Contains(out, "shut the door") {
		t.Errorf("the queue without a network: %.200s", out)
	}
	for _, own := range []bool{false, true} { // with and without a network it says how the work lies on the panel
		said, err := command(t, args(2, own, []string{"queue", "--avoid", "force"})...).CombinedOutput()
		if err != nil || strings.Count(string(said), "taken in seven days 0, nothing sent yet 0") != 3 || strings.Count(string(said), " (you)") != 1 {
			t.Errorf("how the work lies on the panel: %v, %s", err, said)
		}
	}
	if out := refused("", "queue", "--avoid", "froce"); !strings.Contains(out, "froce") || !strings.Contains(out, "codes such as force") {
		t.Errorf("a theme that is none: %s", out)
	}
	if out := refusal(t, "", "review", "open", "--identity", demo.Identities[2], "--leaf", leaf, dirs[2]); !strings.Contains(out, "you have not declared yet") {
		t.Errorf("reading before a declaration: %s", out)
	}
	// Without a message named, and before a declaration, there are cards and no words, and no answer is written.
	cards, err := command(t, "review", "open", "--identity", demo.Identities[2], dirs[2]).CombinedOutput()
	if err != nil || !strings.Contains(string(cards), `{"leaf_hash":"`+leaf) || !strings.Contains(string(cards), `"declared":false`) || strings.Contains(string(cards), "shut the door") ||
		!strings.Contains(string(cards), "review declare --offline") {
		t.Errorf("a folder opened whole: %v, %.300s", err, cards)
	}
	for _, out := range []string{
		refused("\xff", with("show-first", "--form", "paraphrase")...), // it does not come so far as to read what was typed
		refused("hello", with("reply")...),
		refusal(t, "hello", "review", "reply", "--server", demo.URL, "--clinic", demo.Clinic, "--identity", demo.Identities[2], "--from", dirs[2], "--leaf", leaf),
	} {
		if !strings.Contains(out, "you have not declared yet") {
			t.Errorf("an answer before a declaration: %s", out)
		}
	}
	if out := refused("hello", with("note")...); !strings.Contains(out, "you have not declared yet") {
		t.Errorf("a note before a declaration: %s", out)
	}
	if out := refused("no\n", with("declare")...); !strings.Contains(out, "in the last five years") || !strings.Contains(out, "therapist or a client") ||
		!strings.Contains(out, "you have not declared") || !strings.Contains(out, "review recuse") {
		t.Errorf("the question before reading: %s", out)
	}
	if out := offline("", with("declare", "--yes")...); !strings.Contains(out, leaf) || strings.Index(out, leaf) > strings.Index(out, "You have declared") {
		t.Errorf("declaring shows no card first: %s", out)
	}
	if out := string(answerable(t, "", "review", "open", "--identity", demo.Identities[2], "--leaf", leaf, dirs[2])); !strings.Contains(out, "shut the door") {
		t.Errorf("read after it: %.200s", out)
	}
	coding := string(answerable(t, "", "review", "code", "--blank", "--from", dirs[2], "--leaf", leaf))
	if out := refused(coding, with("code")...); !strings.Contains(out, "somebody else's") && !strings.Contains(out, "belongs to somebody else") {
		t.Errorf("a coding without a part: %s", out)
	}
	if out := offline("", with("claim")...); !strings.Contains(out, "1 step waits") || !strings.Contains(out, "review push") {
		t.Errorf("a claim without a network: %s", out)
	}
	offline(coding, with("code")...)
	if out := refused(coding, with("code")...); !strings.Contains(out, "does not change") {
		t.Errorf("a second coding: %s", out)
	}
	if out := refused("half a note \xff", with("note")...); !strings.Contains(out, "not text") || !strings.Contains(out, "half a note") {
		t.Errorf("what was typed and could not be kept: %s", out)
	}
	if out := refused("why it stays", with("share", "--keep")...); strings.Contains(out, "why it stays") { // nobody could decide yet
		t.Errorf("it asked for words that it could not use: %s", out)
	}
	offline("a note from the train", with("note")...)
	offline("half a thought", with("draft")...)
	offline("we have read it", with("reply")...)
	if out := refused("", with("release")...); !strings.Contains(out, "no decision to share") {
		t.Errorf("a release: %s", out)
	}
	if out := refused("", with("close")...); !strings.Contains(out, "takes the server") {
		t.Errorf("closing: %s", out)
	}
	if out := string(answerable(t, "", "review", "waiting", "--identity", demo.Identities[2], "--from", dirs[2], "--step", "3")); !strings.Contains(out, "a note from the train") {
		t.Errorf("what was written: %s", out)
	}

	// Meanwhile a colleague codes it, too.
	online(0, "", with("declare", "--yes")...)
	online(0, "", with("claim")...)
	online(0, coding, with("code")...)
	push := []string{"--json", "review", "push", "--now", "--server", demo.URL, "--clinic", demo.Clinic, "--identity", demo.Identities[2], "--from", dirs[2]}
	want := []string{"claim done", "coding done", "note done", "draft done", "reply done"}
	if got := sentLines(t, answerable(t, "", push...)); !slices.Equal(got, want) {
		t.Fatalf("sent %v", got)
	}
	if got := sentLines(t, answerable(t, "", push...)); len(got) != 0 {
		t.Errorf("a second push sends %v", got)
	}
	if out := string(answerable(t, "", slices.Concat(push[1:])...)); !strings.Contains(out, "Nothing waits here") {
		t.Errorf("a third says %q", out)
	}
	if got := demo.replies(t, receipt.Digits()); len(got) != 1 || got[0].Text != "we have read it" || !got[0].Signed {
		t.Errorf("the writer reads %+v", got)
	}

	// The folder was filled anew: both codings are in it, and the third of the panel agrees without a network. A colleague agrees to
	// something else meanwhile, so nothing of that is written over.
	if out := offline("", with("compare")...); strings.Count(out, `"taxonomy"`) < 2 || !strings.Contains(out, "a note from the train") {
		t.Errorf("both codings: %.300s", out)
	}
	online(1, "", with("declare", "--yes")...)
	if out := refusal(t, "", args(1, false, with("compare"))...); !strings.Contains(out, "you may be the one who reads it alone") || !strings.Contains(out, "once two who read it agree") {
		t.Errorf("what others found, before two agree: %s", out)
	}
	offline("yes\n", with("agree")...)
	online(0, "yes\n", with("agree")...)
	out := refusal(t, "", push[1:]...)
	if !strings.Contains(out, "not sent, and kept in the folder: 1 step waits") {
		t.Errorf("an agreement that a colleague's came before: %s", out)
	}
	if !strings.Contains(out, "you took 6 steps so far, and of them 1 step waits") {
		t.Errorf("what was done in this folder so far: %s", out)
	}
	if got := sentLines(t, answerable(t, "", append(push, "--anyway", "6")...)); !slices.Equal(got, []string{"consensus done"}) {
		t.Errorf("sent after a look %v", got)
	}
	online(1, "", with("compare")...) // two have agreed
	online(1, "", with("claim", "--role", "checker")...)
	online(1, "", with("check", "--form", "theme")...)
	// In another folder nobody has declared. Neither what the writer wishes nor what was agreed on is shown there, with a network or without.
	fresh := t.TempDir()
	answerable(t, "", "review", "pull", "--server", demo.URL, "--clinic", demo.Clinic, "--identity", demo.Identities[1], "--out", fresh)
	for _, at := range [][]string{{"--offline"}, {"--server", demo.URL, "--clinic", demo.Clinic}} {
		for _, step := range [][]string{{"check", "--form", "theme"}, {"check", "--form", "paraphrase"}, {"share"}} {
			out := refusal(t, "somebody waited", slices.Concat([]string{"review"}, with(step...), []string{"--identity", demo.Identities[1], "--from", fresh}, at)...)
			if !strings.Contains(out, "you have not declared yet") || strings.Contains(out, "would") || strings.Contains(out, "the_date") || strings.Contains(out, "do_not_") {
				t.Errorf("%v %v before a declaration: %s", step, at, out)
			}
		}
	}
	pull()
	offline("it is for us alone", with("decide", "--keep")...)
	if got := sentLines(t, answerable(t, "", push...)); !slices.Equal(got, []string{"sharing done"}) {
		t.Errorf("the decision: %v", got)
	}
	if out := string(online(1, "", with("card")...)); !strings.Contains(out, "kept") {
		t.Errorf("a colleague sees %s", out)
	}

	// What lies on the stick is sealed, and dropping what waits asks for nothing else.
	offline("a last word", with("note")...)
	answerable(t, "", "review", "drop", "--step", "8", "--identity", demo.Identities[2], "--from", dirs[2])
	entries, err := os.ReadDir(filepath.Join(dirs[2], "desk"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if content := read(t, filepath.Join(dirs[2], "desk"), e.Name()); !strings.HasPrefix(content, "age-encryption.org/v1\n") {
			t.Errorf("%s lies open in the folder", e.Name())
		}
	}
	if out := refusal(t, "", "review", "queue", "--offline", "--identity", demo.Identities[1], "--from", dirs[2]); !strings.Contains(out, "sealed to somebody else") {
		t.Errorf("a colleague's identity on this folder: %s", out)
	}
	if out := refusal(t, "", "review", "queue", "--identity", demo.Identities[1], "--from", dirs[2]); !strings.Contains(out, "--server=URL") {
		t.Errorf("neither a server nor a folder: %s", out)
	}

	// Whoever takes away all that is the reviewer's own takes away that anything was done. Only the number tells them.
	if err := os.RemoveAll(filepath.Join(dirs[2], "desk")); err != nil {
		t.Fatal(err)
	}
	gone, err := command(t, push[1:]...).CombinedOutput()
	if err != nil || !strings.Contains(string(gone), "you took 0 steps so far") || !strings.Contains(string(gone), "If you remember more") {
		t.Errorf("after the desk was taken away: %v, %s", err, gone)
	}
}

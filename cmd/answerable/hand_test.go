package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/seal"
)

// recipes are the shell commands of FORMAT.md's section "By hand", so that what people are told is what is tried here.
func recipes(t *testing.T) (tell, open string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "internal", "seal", "FORMAT.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "\n## By hand\n")
	section, _, _ = strings.Cut(section, "\n## ")
	parts := strings.Split(section, "```")
	if !ok || len(parts) != 5 || !strings.HasPrefix(parts[1], "sh\n") || !strings.HasPrefix(parts[3], "sh\n") {
		t.Fatalf("the section holds %d parts", len(parts))
	}
	return strings.TrimPrefix(parts[1], "sh\n"), strings.TrimPrefix(parts[3], "sh\n")
}

// shell runs a recipe with the public age command in the path.
func shell(t *testing.T, age, dir, script string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(env, "PATH="+age+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestRecipeByHand(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	tell, _ := recipes(t)
	age := ageDir(t)
	for name, text := range map[string]string{
		"short":    "one line",
		"awkward":  "tab\t quote \" backslash \\ slash / percent %s $HOME `date`\r\n\n“curly” 🌱 العربية e\u0301 </script>",
		"large":    strings.Repeat("grüße ", 5_000),
		"no words": "\x01\x02visible\x1b",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "words.txt"), text+"\n")
			if said, err := shell(t, age, dir, tell, "SERVER="+demo.URL, "CLINIC="+demo.Clinic); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			if _, err := os.Stat(filepath.Join(dir, "plain.json")); err == nil {
				t.Error("the words lie open beside the sealed file")
			}
			ticket := readJSON[struct{ Ticket string }](t, filepath.Join(dir, "ticket.json")).Ticket

			// The same file through the program gets the same ticket.
			again := answerableJSON[told](t, "", "submit", "--server", demo.URL, "--clinic", demo.Clinic, "--sealed", filepath.Join(dir, "sealed.age"),
				"--anchor", read(t, dir, "anchor.hex"), "--withdraw", read(t, dir, "withdraw.hex"))
			if again.Ticket != ticket {
				t.Errorf("another ticket: %s", again.Ticket)
			}

			batch()
			pulled := filepath.Join(dir, "pulled")
			want := strings.NewReplacer("\x01", "", "\x02", "", "\x1b", "").Replace(text)
			found := false
			for _, o := range demo.pullAndOpen(t, 1, pulled) {
				if o.LeafHash != again.LeafHash {
					continue
				}
				found = true
				if o.Error != "" || len(o.Answers) != 1 || o.Answers[0].A != want {
					t.Errorf("opened as %+v", o)
				}
			}
			if !found {
				t.Error("it is not among the pulled files")
			}
		})
	}
}

func TestPublicAgeOpensWhatWasPulled(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	_, open := recipes(t)
	age := ageDir(t)
	sent := demo.submit(t, "for the public age\r\n🌱")
	batch()
	pulled := filepath.Join(t.TempDir(), "pulled")
	epoch := ""
	for _, o := range demo.pullAndOpen(t, 1, pulled) {
		if o.LeafHash == sent.LeafHash {
			epoch = o.Epoch
		}
	}
	env := func(reviewer int) []string {
		return []string{"IDENTITY=" + demo.Identities[reviewer], "EPOCH=" + epoch, "FILE=" + sent.LeafHash + ".age"}
	}
	if _, err := shell(t, age, pulled, open, env(2)...); err == nil {
		t.Error("another reviewer's identity opens this reviewer's wrap")
	}
	if said, err := shell(t, age, pulled, open, env(1)...); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	opened := readJSON[seal.Plaintext](t, filepath.Join(pulled, "opened.json"))
	if len(opened.Answers) != 1 || opened.Answers[0].A != "for the public age\r\n🌱" {
		t.Error("it opens to something else")
	}
	if _, err := os.Stat(filepath.Join(pulled, "epoch.txt")); err == nil {
		t.Error("the epoch's key lies open in the folder")
	}
}

func TestRecipeByHandRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	tell, _ := recipes(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "words.txt"), strings.Repeat("a", 70_000))
	said, err := shell(t, ageDir(t), dir, tell, "SERVER="+demo.URL, "CLINIC="+demo.Clinic)
	if err == nil || !strings.Contains(said, "too long: 70") {
		t.Errorf("%v: %s", err, said)
	}
}

func TestPreparedReceiptFitsAFileSealedByHand(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	prepared := answerableJSON[struct {
		Receipt, Anchor, Withdraw, Epoch, Recipient, Origin, Form string
		AnchorB64                                                 string `json:"anchor_base64url"`
	}](t, "", "submit", "--prepare", "--server", demo.URL, "--clinic", demo.Clinic)
	receipt, err := seal.ParseReceipt(prepared.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	anchor := receipt.Derive(prepared.Origin).AnchorToken.Commitment()
	if anchor.String() != prepared.AnchorB64 {
		t.Error("the words lead to another anchor")
	}
	file, err := seal.Seal(&seal.Plaintext{
		V: 1, T: seal.KindSubmission, Epoch: prepared.Epoch, Origin: prepared.Origin, SealedBy: seal.SealedByClient, Form: prepared.Form,
		Lang: "en", Answers: []seal.Answer{{Q: "words", A: "by hand, with a receipt"}}, Anchor: prepared.AnchorB64,
	}, prepared.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sealed.age")
	write(t, path, string(file))
	answerable(t, "", "submit", "--server", demo.URL, "--clinic", demo.Clinic, "--epoch", prepared.Epoch,
		"--sealed", path, "--anchor", prepared.Anchor, "--withdraw", prepared.Withdraw)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func readJSON[T any](t *testing.T, path string) T {
	t.Helper()
	var v T
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(bytes.TrimSpace(content), &v, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

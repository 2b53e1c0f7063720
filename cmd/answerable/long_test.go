//go:build long

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// binary is what make build leaves.
const binary = "../../bin/answerable"

// TestLongEveryTextComesBackByteForByte sends texts through the command line to a running demo, pulls and opens them all
// as a reviewer in the terminal, and compares. Texts are made up; COMMENTS_CSV may name a CSV file with a
// column "feedback" for real ones, and COMMENTS_LIMIT how many of its rows to take (default 3000, 0 for all).
func TestLongEveryTextComesBackByteForByte(t *testing.T) {
	texts := append(hardTexts(), randomTexts(300)...)
	texts = append(texts, comments(t)...)
	demo := startLongDemo(t)
	began := time.Now()
	want, refused := submitAll(t, demo, texts)
	t.Logf("%d texts: %d accepted, %d refused with a sentence, in %v", len(texts), len(want), refused, time.Since(began).Round(time.Second))
	got := pullAndOpen(t, demo, len(want))
	if len(got) != len(want) {
		t.Errorf("%d texts came back, want %d", len(got), len(want))
	}
	different := 0
	for leaf, text := range want {
		if got[leaf] != text {
			different++
			t.Errorf("leaf %s came back different or not at all", leaf)
		}
	}
	t.Logf("%d texts came back, %d different, all in %v", len(got), different, time.Since(began).Round(time.Second))
}

// hardTexts are those a form meets and a careless program breaks; the last ones must be refused.
func hardTexts() []string {
	return []string{
		"Thank you.", "\r\nwith\r\nCR LF\r\n", "tab\tand nul \x00 and \x7f", "“curly” ‘quotes’ – and — dashes …",
		"שלום, עזרו לי", "أهلا وسهلا بكم", "mixed עברית and English مع العربية", "e\u0301\u0323 n\u0303 ạ̈", "👩🏽‍🦽👍🏿🫶", "\u2028line\u2029para",
		"<script>alert(1)</script> & <b>", `\"\\ \u0041 {"v":1}`, strings.Repeat("x", 20000), strings.Repeat("ä", 20000),
		strings.Repeat("語", 20000), strings.Repeat("🙂 ", 10000), " leading and trailing \n\n",
		"", " ", "\n\t\r\n", "caf\xe9", "\xff\xfe", string([]byte{0xed, 0xa0, 0x80}), strings.Repeat("y", 66000),
	}
}

// randomTexts are made of words of many scripts, with a fixed seed.
func randomTexts(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("they listened nobody asked why the door 再见 спасибо 🙂 não ça weiß נכון شكرا “so” it’s… \u200fx a\u0308 -- 12:30 £5 \u00a0 <br>")
	texts := make([]string, n)
	for i := range texts {
		var b strings.Builder
		for range 1 + r.IntN(200) {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteString([]string{" ", "\n", "\r\n", "", "  "}[r.IntN(5)])
		}
		texts[i] = b.String()
	}
	return texts
}

func comments(t *testing.T) []string {
	name := os.Getenv("COMMENTS_CSV")
	if name == "" {
		t.Log("COMMENTS_CSV names no file: only made-up texts are sent")
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	limit, err := strconv.Atoi(os.Getenv("COMMENTS_LIMIT"))
	if err != nil {
		limit = 4000
	}
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	column := -1
	for i, name := range head {
		if name == "feedback" {
			column = i
		}
	}
	if column < 0 {
		t.Fatalf("%s has no column feedback", name)
	}
	var texts []string
	for limit == 0 || len(texts) < limit {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, row[column])
	}
	return texts
}

type longDemo struct {
	URL        string
	Clinic     string
	Identities []string
}

// startLongDemo runs the real binary with a Postgres of its own and ends both when the test ends.
func startLongDemo(t *testing.T) *longDemo {
	t.Helper()
	parent := ""
	if os.Geteuid() == 0 {
		parent = "/var/tmp" // Postgres runs as another user then
	}
	dir, err := os.MkdirTemp(parent, "answerable-long-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cmd := exec.Command(binary, "demo", "--json", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--submissions", "0", "--batch-every", "2s")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var demo longDemo
	if err != nil || json.Unmarshal(line, &demo) != nil {
		t.Fatalf("the demo did not start: %v", err)
	}
	response, err := http.Get(demo.URL + "/readyz")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("not ready: %v", err)
	}
	response.Body.Close()
	return &demo
}

// submitAll runs the command once for each text, two at a time, and gives what was accepted by leaf hash.
func submitAll(t *testing.T, demo *longDemo, texts []string) (accepted map[string]string, refused int64) {
	t.Helper()
	accepted = map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var refusals atomic.Int64
	queue := make(chan string)
	for range 2 {
		wg.Go(func() {
			for text := range queue {
				leaf, err := submitLong(demo, text)
				if err != nil {
					if mayBeRefused(text) {
						refusals.Add(1)
					} else {
						t.Errorf("a text of %d bytes was refused: %v", len(text), err)
					}
					continue
				}
				mu.Lock()
				accepted[leaf] = text
				if len(accepted)%500 == 0 {
					t.Logf("%d accepted", len(accepted))
				}
				mu.Unlock()
			}
		})
	}
	for _, text := range texts {
		queue <- text
	}
	close(queue)
	wg.Wait()
	return accepted, refusals.Load()
}

// mayBeRefused says which texts must not be taken: nothing, bytes that are no text, more than fits.
func mayBeRefused(text string) bool {
	return strings.TrimSpace(text) == "" || !utf8.ValidString(text) || len(text) > 62000
}

func submitLong(demo *longDemo, text string) (leaf string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "submit", "--json", "--server", demo.URL, "--clinic", demo.Clinic)
	cmd.Stdin = strings.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		said := stderr.String()
		if !strings.Contains(said, "answerable: error: ") || !strings.Contains(said, "answerable: hint: ") {
			return "", errors.New("refused without a sentence and a hint: " + said)
		}
		return "", errors.New(said)
	}
	var answer struct {
		LeafHash string `json:"leaf_hash"`
	}
	if err := json.Unmarshal(out, &answer); err != nil || mayBeRefused(text) {
		return "", errors.New("answered, but not as it should")
	}
	return answer.LeafHash, nil
}

// pullAndOpen fetches until everything accepted has come through its batch, then opens all of it.
func pullAndOpen(t *testing.T, demo *longDemo, want int) map[string]string {
	t.Helper()
	dir := t.TempDir()
	deadline := time.Now().Add(time.Minute)
	for {
		out, err := exec.Command(binary, "review", "pull", "--server", demo.URL, "--clinic", demo.Clinic, "--identity", demo.Identities[0], "--out", dir).CombinedOutput()
		if err != nil {
			t.Fatalf("pull: %v %s", err, out)
		}
		got := openAll(t, demo, dir) // files are no measure: some of them are decoys
		if len(got) >= want || time.Now().After(deadline) {
			return got
		}
		time.Sleep(500 * time.Millisecond)
	}
}

func openAll(t *testing.T, demo *longDemo, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, o := range everythingIn(t, demo.Identities[0], dir) {
		if o.Error != "" || len(o.Answers) != 1 || o.SealedBy != "client" {
			t.Errorf("%s does not read: %s", o.LeafHash, o.Error)
			continue
		}
		got[o.LeafHash] = o.Answers[0].A
	}
	return got
}

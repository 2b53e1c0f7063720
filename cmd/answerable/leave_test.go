package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// travelled is a place with what travels: messages that wait and that have their place, an answer, decisions, figures, a
// passkey's file.
func travelled(t *testing.T) (p *place, kept told, mailbox seal.Token) {
	t.Helper()
	p = newPlace(t)
	kept = p.tell(t, "kept words")
	p.tell(t, "other words")
	answerableJSON[told](t, "words that still wait", append([]string{"submit"}, p.at()...)...)
	proposed := answerableJSON[struct{ ID string }](t, "", append([]string{"panel", "support", "--open-without", "--identity", p.identities[0]}, p.at()...)...)
	answerable(t, "", append([]string{"panel", "decisions", "--sign", proposed.ID, "--identity", p.identities[1]}, p.at()...)...)
	receipt, err := seal.ParseReceipt(kept.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	mailbox = receipt.Derive("words.example/answerable").MailboxToken
	box := mailbox.Commitment()
	file := bytes.Repeat([]byte("an answer, sealed "), 1003)[:18043]
	name := sha256.Sum256(file)
	db := p.db(t)
	if _, err := db.NewRaw(`INSERT INTO reply SELECT ?, id, ?, ?, current_date + 20 FROM clinic`, name[:], box[:], file).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.inDatabase(t,
		`INSERT INTO passkey_file SELECT decode(repeat('ab', 32), 'hex'), id, 'my “old” phone', '\x00ff0a0d', current_date FROM reviewer LIMIT 1`,
		`INSERT INTO figure_plan SELECT id, 1, '2026-10-01', E'lines\n\twith "quotes" and \\ and ümläut' FROM clinic`,
		`INSERT INTO figure_release (id, clinic_id, plan_version, state, first_on, last_on, content, lines, drafted_by, drafted_on)
			SELECT gen_random_uuid(), clinic.id, 1, 'draft', '2026-10-01', '2026-12-31', 'c', 'l', reviewer.id, current_date FROM clinic, reviewer LIMIT 1`)
	p.settle(t)
	return p, kept, mailbox
}

// TestLeavingTakesEverythingAlong exports a place, imports it into a fresh database, and goes on there: row for row the same,
// one log, and receipts from before open what they opened.
func TestLeavingTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	p, kept, mailbox := travelled(t)
	seen := filepath.Join(p.dir, "seen")
	before := answerableJSON[verifiedLog](t, "", "log", "verify", p.url, "--checkpoint", seen)
	old := p.db(t)
	out := filepath.Join(p.dir, "left")
	left := answerableJSON[leaveResult](t, "", "leave", "export", "--out", out)
	if left.Origin != "words.example/answerable" || left.Rows < 30 {
		t.Errorf("left %+v", left)
	}
	p.stop()
	checkLogFolder(t, filepath.Join(out, "log"), before)

	fresh, dsn := emptyDatabase(t, p.database, "elsewhere")
	came := answerableJSON[leaveResult](t, "", "leave", "import", "--database-url", dsn, "--from", out)
	if came != left {
		t.Errorf("came %+v of %+v", came, left)
	}
	want, got := contents(t, old), contents(t, fresh)
	for table, rows := range want {
		if travels := !slices.Contains([]string{"session", "sign_in_nonce", "opening_answer"}, table); travels && !slices.Equal(rows, got[table]) {
			t.Errorf("%s: %d rows came of %d, or others", table, len(got[table]), len(rows))
		}
	}
	if said := refusal(t, "", "leave", "import", "--database-url", dsn, "--from", out); !strings.Contains(said, "not empty") {
		t.Errorf("a second import: %s", said)
	}

	useDatabase(t, dsn)
	p.database = dsn
	p.start(t, "--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0")
	defer func() { p.stop() }()
	time.Sleep(2500 * time.Millisecond)
	p.settle(t)
	after := answerableJSON[verifiedLog](t, "", "log", "verify", p.url, "--checkpoint", seen)
	if after.VKey != before.VKey || after.Origin != before.Origin || after.Size <= before.Size {
		t.Errorf("the log was %+v and is %+v", before, after)
	}
	if read := p.read(t, filepath.Join(p.dir, "pulled")); len(read) != 3 || read[kept.LeafHash] != "kept words" {
		t.Errorf("read %v", read)
	}
	answerable(t, kept.Receipt, "log", "proof", p.url, "--out", filepath.Join(p.dir, "mine"))
	answerable(t, "", "log", "proof", p.url, "--ticket", writeFile(t, p.dir, "ticket.txt", kept.Ticket), "--out", filepath.Join(p.dir, "by-ticket"))
	if body := openMailbox(t, p.url, mailbox); !strings.Contains(body, base64.StdEncoding.EncodeToString([]byte("an answer, sealed "))) {
		t.Errorf("the mailbox of a receipt from before holds %.80q", body)
	}
}

func openMailbox(t *testing.T, url string, token seal.Token) string {
	t.Helper()
	response, err := http.Post(url+"/api/v1/c/northside/mailbox", "application/json", strings.NewReader(`{"token":"`+seal.Commitment(token).String()+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// checkLogFolder reads an exported log as a stranger would who has the key.
func checkLogFolder(t *testing.T, dir string, want verifiedLog) {
	t.Helper()
	verifier, err := note.NewVerifier(want.VKey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := transparency.ParseCheckpoint(signed, verifier)
	if err != nil {
		t.Fatal(err)
	}
	leaves := int64(0)
	err = transparency.Walk(t.Context(), transparency.Directory(dir), checkpoint, 0, func(int64, transparency.Leaf) error {
		leaves++
		return nil
	})
	if err != nil || leaves != checkpoint.Size || leaves != want.Size {
		t.Errorf("%d leaves of %d, %v", leaves, want.Size, err)
	}
}

// Whatever is changed in an export is found, and nothing of it stays.
func TestChangedExportsAreNotImported(t *testing.T) {
	t.Parallel()
	p, kept, _ := travelled(t)
	defer func() { p.stop() }()
	out := filepath.Join(p.dir, "left")
	answerable(t, "", "leave", "export", "--out", out)
	if said := refusal(t, "", "leave", "export", "--out", out); !strings.Contains(said, "not empty") {
		t.Errorf("a second export: %s", said)
	}
	sealed, err := filepath.Glob(filepath.Join(out, "sealed", "*", kept.LeafHash+".age"))
	if err != nil || len(sealed) != 1 {
		t.Fatal(sealed, err)
	}
	fresh, dsn := emptyDatabase(t, p.database, "elsewhere")
	for name, change := range map[string]func(){
		"a sealed file that was changed": func() { flip(t, sealed[0]) },
		"a table that was changed":       func() { flip(t, filepath.Join(out, "tables", "clinic.jsonl")) },
		"a list that does not read":      func() { write(t, filepath.Join(out, "manifest.json"), "{}") },
	} {
		saved := snapshot(t, out)
		change()
		if said := refusal(t, "", "leave", "import", "--database-url", dsn, "--from", out); !strings.Contains(said, "this is not a whole export") || !strings.Contains(said, "nothing was taken in") && name != "a list that does not read" {
			t.Errorf("%s: %s", name, said)
		}
		putBack(t, saved)
	}
	for table, rows := range contents(t, fresh) {
		if len(rows) != 0 {
			t.Errorf("%d rows of %s stayed", len(rows), table)
		}
	}
	answerable(t, "", "leave", "import", "--database-url", dsn, "--from", out)
}

func flip(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndexAny(content, "abcdefghijklm")
	content[at]++
	write(t, path, string(content))
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func putBack(t *testing.T, files map[string]string) {
	t.Helper()
	for path, content := range files {
		write(t, path, content)
	}
}

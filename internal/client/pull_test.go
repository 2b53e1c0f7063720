package client

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"answerable/internal/seal"
)

func TestPullCanBeCutOffAndRunAgain(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 1)
	p.newEpoch(panel)
	for i := range 120 { // three pages
		p.submitFast(i)
	}
	p.batch()
	dir := t.TempDir()
	pages := 0
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/files") {
			if pages++; pages >= 2 {
				panic(http.ErrAbortHandler)
			}
		}
		next.ServeHTTP(w, r)
	})
	if _, err := panel[0].Pull(t.Context(), testClinic, dir, func(int, int) {}); err == nil {
		t.Fatal("the cut was not noticed")
	}
	p.setMeddler(nil)
	if pulled := p.pull(panel[0], dir); pulled.Kept != 50 || pulled.New != 70 {
		t.Errorf("after the cut: %+v", pulled)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.age"))
	must(t, err)
	must(t, os.Truncate(files[3], 100))
	must(t, os.Remove(files[7]))
	must(t, os.WriteFile(strings.TrimSuffix(files[9], ".age")+".leaf", []byte("nonsense"), 0o600))
	if pulled := p.pull(panel[0], dir); pulled.New != 3 || pulled.Kept != 117 {
		t.Errorf("after damage: %+v", pulled)
	}
	if _, tally := p.read(dir, panel[0]); tally.Read != 120 {
		t.Errorf("read %d", tally.Read)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".part-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// submitFast tells a short text under commitments of our own, without stretching a receipt.
func (p *place) submitFast(i int) {
	p.t.Helper()
	p.submitAs(fmt.Sprintf("text %d", i), [32]byte{byte(i), 1}, [32]byte{byte(i), 2}, nil)
}

// submitAs seals a text by hand: change may spoil the plaintext first.
func (p *place) submitAs(text string, anchor, withdraw seal.Token, change func(*seal.Plaintext)) string {
	p.t.Helper()
	c := p.client()
	e, err := c.Epoch(p.t.Context(), testClinic)
	must(p.t, err)
	plain := &seal.Plaintext{
		V: 1, T: seal.KindSubmission, Epoch: e.ID, Origin: e.Origin, SealedBy: seal.SealedByClient, Form: e.Form, Lang: "en",
		Answers: []seal.Answer{{Q: "words", A: text}}, Anchor: anchor.Commitment().String(),
	}
	if change != nil {
		change(plain)
	}
	file, err := seal.Seal(plain, e.Recipient)
	must(p.t, err)
	accepted, err := c.PostFile(p.t.Context(), testClinic, e, file, anchor.Commitment(), withdraw.Commitment())
	must(p.t, err)
	return hex.EncodeToString(accepted.LeafHash[:])
}

func TestJunkIsShownAndStopsNothing(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 1)
	p.newEpoch(panel)
	c := p.client()
	e, err := c.Epoch(t.Context(), testClinic)
	must(t, err)
	other, err := age.GenerateHybridIdentity()
	must(t, err)
	wrongKey, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindSubmission, SealedBy: "client"}, other.Recipient().String())
	must(t, err)
	a, w := seal.Token{99, 1}.Commitment(), seal.Token{99, 2}.Commitment()
	accepted, err := c.PostFile(t.Context(), testClinic, e, wrongKey, a, w)
	must(t, err)

	sentences := map[string]string{
		hex.EncodeToString(accepted.LeafHash[:]): "does not open with this key",
		p.submitAs("another's anchor", seal.Token{1}, seal.Token{1, 1}, func(s *seal.Plaintext) {
			s.Anchor = seal.Token{7}.Commitment().String()
		}): "another leaf",
		p.submitAs("another place", seal.Token{2}, seal.Token{2, 1}, func(s *seal.Plaintext) { s.Origin = "other.example/answerable" }): "another place",
		p.submitAs("another epoch", seal.Token{3}, seal.Token{3, 1}, func(s *seal.Plaintext) { s.Epoch = "2020-01-aaaa" }):              "another epoch",
		p.submitAs("another version", seal.Token{4}, seal.Token{4, 1}, func(s *seal.Plaintext) { s.V = 2 }):                             "version 2",
	}
	good := p.submitAs("good", seal.Token{5}, seal.Token{5, 1}, nil)
	p.submitAs("", seal.Token{6}, seal.Token{6, 1}, func(s *seal.Plaintext) { *s = seal.Plaintext{V: 1, T: seal.KindDecoy} })
	p.batch()
	dir := t.TempDir()
	p.pull(panel[1], dir)
	all, tally := p.read(dir, panel[1])
	if tally.Read != 1 || tally.Unreadable != len(sentences) || tally.Decoys != 1 {
		t.Errorf("tally %+v", tally)
	}
	if all[good] == nil || all[good].Answers[0].A != "good" {
		t.Error("the good one is not shown")
	}
	for leaf, want := range sentences {
		if o := all[leaf]; o == nil || !strings.Contains(o.Error, want) || o.Answers != nil || o.Epoch != e.ID {
			t.Errorf("want %q, got %+v", want, o)
		}
	}
}

func TestFolderThatWasChangedIsNoticed(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 1)
	epoch := p.newEpoch(panel)
	leaves := []string{}
	for i := range 4 {
		leaves = append(leaves, p.submitAs(fmt.Sprint(i), seal.Token{byte(i), 1}, seal.Token{byte(i), 2}, nil))
	}
	p.batch()
	dir := t.TempDir()
	p.pull(panel[0], dir)
	at := func(i int, ext string) string { return filepath.Join(dir, leaves[i]+ext) }
	other, err := os.ReadFile(at(1, ".age"))
	must(t, err)
	must(t, os.WriteFile(at(0, ".age"), other, 0o600))
	otherLeaf, err := os.ReadFile(at(2, ".leaf"))
	must(t, err)
	must(t, os.WriteFile(at(1, ".leaf"), otherLeaf, 0o600))
	must(t, os.Remove(at(3, ".leaf")))
	all, _ := p.read(dir, panel[0])
	for i, want := range map[int]string{0: "not the one its leaf names", 1: "not the one the file is named after", 2: "", 3: "missing"} {
		if got := all[leaves[i]].Error; (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%d: got %q, want %q", i, got, want)
		}
	}
	must(t, os.Remove(filepath.Join(dir, "epochs", epoch+".age")))
	if all, _ := p.read(dir, panel[0]); !strings.Contains(all[leaves[2]].Error, "no wrap of epoch "+epoch) {
		t.Errorf("missing wrap: %q", all[leaves[2]].Error)
	}
	if _, err := Open(t.TempDir(), panel[0].identity, nil); !errors.Is(err, ErrNothingPulled) {
		t.Errorf("empty folder: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "origin"), []byte("other.example/answerable\n"), 0o600))
	if _, err := panel[0].Pull(t.Context(), testClinic, dir, func(int, int) {}); !errors.Is(err, ErrOtherPlace) {
		t.Errorf("another place's folder: %v", err)
	}
}

func TestFilesTheLogDoesNotNameAreRefused(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(1, 1)
	p.newEpoch(panel)
	for i := range 3 {
		p.submitFast(i)
	}
	p.batch()
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, "/files") {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		var page struct {
			Files []delivery `json:"files"`
			Next  *string    `json:"next"`
		}
		must(t, json.Unmarshal(answer.Body.Bytes(), &page))
		page.Files[0].File[5000] ^= 1
		page.Files = page.Files[:2] // and one is held back
		out, err := json.Marshal(page)
		must(t, err)
		w.Write(out)
	})
	if pulled := p.pull(panel[0], t.TempDir()); pulled.Refused != 1 || pulled.New != 1 || pulled.Missing != 1 {
		t.Errorf("pulled %+v", pulled)
	}
}

func TestNewcomerIsToldThatOldWordsStayClosed(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 2)
	epoch := p.newEpoch(panel)
	leaf := p.submitAs("old", seal.Token{1}, seal.Token{2}, nil)
	p.batch()
	newcomer := p.newReviewer()
	if _, err := newcomer.Pull(t.Context(), testClinic, t.TempDir(), func(int, int) {}); err == nil || !strings.Contains(err.Error(), "no signed list names you yet") {
		t.Errorf("before a list names them: %v", err)
	}
	_, err := p.keys.ProposeManifest(t.Context(), p.clinicID, 2)
	must(t, err)
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	dir := t.TempDir()
	if pulled := p.pull(newcomer, dir); pulled.New != 1 || pulled.Epochs != 0 {
		t.Errorf("pulled %+v", pulled)
	}
	all, _ := p.read(dir, newcomer)
	if !strings.Contains(all[leaf].Error, "no wrap of epoch "+epoch) {
		t.Errorf("got %q", all[leaf].Error)
	}
}

func TestServersFileNamesStayInTheFolder(t *testing.T) {
	f, err := makeFolder(t.TempDir())
	must(t, err)
	p := &puller{folder: f}
	for _, id := range []string{"../evil", "a/b", "..", "x", strings.Repeat("a", 40)} {
		if err := p.key(&panelEpoch{ID: id}); err == nil {
			t.Errorf("%q names a file", id)
		}
	}
}

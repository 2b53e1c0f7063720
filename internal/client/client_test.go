package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

var awkward = []string{
	"plain",
	" leading and trailing spaces \n\n",
	"carriage return\r\nand line feed\n",
	"“curly” quotes \"straight\" \\ backslash <b>&amp;</b> \u2028\u2029",
	"👩🏽‍🦽 🌱 e\u0301 combining ẹ̀",
	"العربية עברית \u202eoverride\u202c",
	"nul \x00 escape \x1b[31m bell \x07",
	strings.Repeat("ö", 20_000),
	strings.Repeat("long ", 3_000),
}

func TestWordsArriveByteForByteAndInOrderOfLeafHash(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	epoch := p.newEpoch(panel)
	want := map[string]string{}
	for _, text := range awkward {
		_, leaf := p.submit(text)
		want[leaf] = text
	}
	p.batch()
	for _, r := range panel {
		dir := t.TempDir()
		pulled := p.pull(r, dir)
		if pulled.New != len(awkward) || pulled.Refused != 0 || pulled.Missing != 0 || pulled.Epochs != 1 {
			t.Fatalf("pulled %+v", pulled)
		}
		var order []string
		tally, err := Open(dir, r.identity, func(o *Opened) error {
			order = append(order, o.LeafHash)
			if o.Error != "" || o.Epoch != epoch || o.SealedBy != "client" || len(o.Answers) != 1 {
				t.Errorf("%s: error %q, epoch %s, sealed by %s", o.LeafHash, o.Error, o.Epoch, o.SealedBy)
				return nil
			}
			if o.Answers[0].Q != "words" || o.Answers[0].A != want[o.LeafHash] {
				t.Errorf("%s does not hold what was written", o.LeafHash)
			}
			return nil
		})
		must(t, err)
		if tally.Read != len(awkward) || !slices.IsSorted(order) {
			t.Errorf("read %d, sorted %v", tally.Read, slices.IsSorted(order))
		}
	}
}

func TestNothingButSealedFilesLeavesTheWriter(t *testing.T) {
	p := newPlace(t)
	p.newEpoch(p.newPanel(1, 1))
	const words = "nobody but the panel may read this sentence"
	p.bodies = nil
	receipt, _ := p.submit(words)
	keys := receipt.Derive(testOrigin)
	secrets := map[string][]byte{
		"words": []byte(words), "receipt": receipt[:], "receipt words": []byte(receipt.Words()), "digits": []byte(receipt.Digits()),
		"anchor token": keys.AnchorToken[:], "withdraw token": keys.WithdrawToken[:], "mailbox token": keys.MailboxToken[:],
	}
	sent := slices.DeleteFunc(slices.Clone(p.bodies), func(body []byte) bool { return len(body) == 0 })
	if len(sent) != 1 { // the epoch, its chain and the log are asked for, the file is posted
		t.Fatalf("%d requests with a body of %d", len(sent), len(p.bodies))
	}
	posted := sent[0]
	var body submission
	must(t, json.Unmarshal(posted, &body))
	file, err := base64.StdEncoding.DecodeString(body.File)
	must(t, err)
	for name, secret := range secrets {
		for coding, form := range map[string][]byte{
			"plain": secret, "base64": []byte(base64.StdEncoding.EncodeToString(secret)),
			"base64url": []byte(base64.RawURLEncoding.EncodeToString(secret)), "hex": []byte(hex.EncodeToString(secret)),
		} {
			if bytes.Contains(posted, form) || bytes.Contains(file, form) {
				t.Errorf("the %s stands in the request as %s", name, coding)
			}
		}
	}
}

func TestNoPrivateKeyLeavesTheDealer(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	id := p.newEpoch(panel)
	dir := t.TempDir()
	p.pull(panel[1], dir)
	o, _, err := openerOf(dir, panel[1].identity)
	must(t, err)
	key, err := o.epochKey(id)
	must(t, err)
	secrets := []string{key.String()}
	for _, r := range panel {
		secrets = append(secrets, r.identity.String())
	}
	for _, body := range p.bodies {
		for _, secret := range secrets {
			if bytes.Contains(body, []byte(secret)) || bytes.Contains(body, []byte(strings.ToLower(secret))) {
				t.Fatal("a private key stands in a request")
			}
		}
	}
}

func TestAnswerThatWasLostIsAskedForAgainAndStoredOnce(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(1, 1)
	p.newEpoch(panel)
	lost := 0
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/submissions") && lost < 2 {
			lost++
			next.ServeHTTP(httptest.NewRecorder(), r) // the server takes it, and its answer goes nowhere
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
	_, leaf := p.submit("once")
	if lost != 2 {
		t.Fatalf("%d answers were lost", lost)
	}
	p.setMeddler(nil)
	p.batch()
	dir := t.TempDir()
	if pulled := p.pull(panel[0], dir); pulled.New != 1 {
		t.Errorf("stored %d times", pulled.New)
	}
	if all, _ := p.read(dir, panel[0]); all[leaf] == nil || all[leaf].Answers[0].A != "once" {
		t.Error("the text is not there")
	}
}

func TestServerThatNeverAnswersLeavesItUncertain(t *testing.T) {
	p := newPlace(t)
	p.newEpoch(p.newPanel(1, 1))
	tries := 0
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPost {
			tries++
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
	c := p.client()
	receipt, err := c.NewReceipt()
	must(t, err)
	_, err = c.Submit(t.Context(), testClinic, receipt, "en", []seal.Answer{{Q: "words", A: "hello"}})
	var uncertain *UncertainError
	if !errors.As(err, &uncertain) || tries < len(pauses)+1 {
		t.Errorf("got %v after %d tries", err, tries)
	}
}

func TestServerThatIsNotThereIsCertain(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c, err := New(gone.URL)
	must(t, err)
	c.Wait = func(context.Context, time.Duration) error { return nil }
	_, err = c.Submit(t.Context(), testClinic, seal.Receipt{}, "en", nil)
	var uncertain *UncertainError
	var unreachable *UnreachableError
	if errors.As(err, &uncertain) || !errors.As(err, &unreachable) {
		t.Errorf("got %v", err)
	}
}

func TestEpochThatEndedMeanwhileIsSealedForTheNext(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(1, 1)
	first := p.newEpoch(panel)
	old, err := http.Get(p.url + "/api/v1/c/" + testClinic + "/epoch")
	must(t, err)
	stale, err := io.ReadAll(old.Body)
	must(t, errors.Join(err, old.Body.Close()))

	p.later(31 * 24 * time.Hour)
	must(t, panel[0].SignIn(t.Context()))
	second := p.newEpoch(panel)
	p.later(3 * 24 * time.Hour)
	asked := 0
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/epoch") {
			if asked++; asked == 1 {
				w.Header().Set("Content-Type", "application/json")
				w.Write(stale)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
	c := p.client()
	receipt, err := c.NewReceipt()
	must(t, err)
	accepted, err := c.Submit(t.Context(), testClinic, receipt, "en", []seal.Answer{{Q: "words", A: "late"}})
	must(t, err)
	if accepted.Epoch != second || first == second || asked != 2 {
		t.Errorf("sealed for %s, want %s; asked %d times", accepted.Epoch, second, asked)
	}
}

func TestTicketThatDoesNotHoldIsNotTaken(t *testing.T) {
	p := newPlace(t)
	p.newEpoch(p.newPanel(1, 1))
	for name, change := range map[string]func(string) string{
		"signature": func(s string) string { return s[:len(s)-8] + "AAAAAAA\n" },
		"leaf":      func(s string) string { return strings.Replace(s, `"leaf_hash":"`, `"leaf_hash":"A`, 1) },
	} {
		p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method != http.MethodPost {
				next.ServeHTTP(w, r)
				return
			}
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body struct {
				LeafHash string `json:"leaf_hash"`
				Ticket   string `json:"ticket"`
			}
			must(t, json.Unmarshal(answer.Body.Bytes(), &body))
			if name == "signature" {
				body.Ticket = change(body.Ticket)
			}
			out, err := json.Marshal(body)
			must(t, err)
			if name == "leaf" {
				out = []byte(change(string(out)))
			}
			w.WriteHeader(answer.Code)
			w.Write(out)
		})
		c := p.client()
		receipt, err := c.NewReceipt()
		must(t, err)
		_, err = c.Submit(t.Context(), testClinic, receipt, "en", []seal.Answer{{Q: "words", A: "hello"}})
		if !errors.Is(err, ErrPromise) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRefusalsAreSentences(t *testing.T) {
	p := newPlace(t)
	closed := &Problem{}
	_, err := p.client().Epoch(t.Context(), testClinic)
	if !errors.As(err, &closed) || !closed.Kind(ProblemFormClosed) {
		t.Errorf("no epoch yet: %v", err)
	}
	unknown := &Problem{}
	_, err = p.client().Epoch(t.Context(), "nowhere")
	if !errors.As(err, &unknown) || !unknown.Kind(ProblemUnknown) || !strings.Contains(unknown.Error(), "no clinic of this name") {
		t.Errorf("unknown clinic: %v", err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello") }))
	t.Cleanup(other.Close)
	c, err := New(other.URL)
	must(t, err)
	var stranger *StrangerError
	if _, err := c.Epoch(t.Context(), testClinic); !errors.As(err, &stranger) {
		t.Errorf("another server: %v", err)
	}
	away := httptest.NewServer(http.RedirectHandler("https://elsewhere.example/", http.StatusMovedPermanently))
	t.Cleanup(away.Close)
	c, err = New(away.URL)
	must(t, err)
	var moved *MovedError
	if _, err := c.Epoch(t.Context(), testClinic); !errors.As(err, &moved) || moved.To != "https://elsewhere.example/" {
		t.Errorf("redirect: %v", err)
	}
}

func TestPlainHTTPIsForThisMachineOnly(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1:1": true, "http://[::1]:1": true, "https://clinic.example": true,
		"https://clinic.example/": true, "http://" + strings.Repeat("a", 56) + ".onion": true,
		"http://clinic.example": false, "http://192.168.1.5:8080": false, "http://localhost.example": false,
		"clinic.example": false, "": false, "ftp://clinic.example": false, "https://clinic.example/c/riverside": false,
		"https://user:pw@clinic.example": false, "https://clinic.example?x=1": false,
	} {
		_, err := New(address)
		var bad *AddressError
		if (err == nil) != ok || err != nil && !errors.As(err, &bad) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestOnlyACanaryComesByPlainHTTP(t *testing.T) {
	if _, err := NewPlain("http://clinic.example"); err != nil {
		t.Error(err)
	}
	var bad *AddressError
	for _, address := range []string{"ftp://clinic.example", "http://user:pw@clinic.example", ""} {
		if _, err := NewPlain(address); !errors.As(err, &bad) {
			t.Errorf("%q: %v", address, err)
		}
	}
	var callers []string
	for _, root := range []string{"..", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			if strings.Contains(string(code), "client.NewPlain(") {
				callers = append(callers, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(callers, []string{"../../cmd/answerable/canary.go"}) {
		t.Errorf("words go by plain http in %v", callers)
	}
}

func TestTextThatNobodyCouldReadIsRefused(t *testing.T) {
	for _, text := range []string{"", " ", "\n\t\r\n", "\u00a0\u200b\u2060\ufeff", "\x00\x01", "\xff\xfe", "caf\xe9", "\xed\xa0\x80"} {
		var bad *TextError
		if err := CheckText([]byte(text)); !errors.As(err, &bad) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range append(slices.Clone(awkward), ".", "👍", "\u0301") {
		if err := CheckText([]byte(text)); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

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

func TestManifestChainIsCheckedFromTheFirst(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	newcomer := p.newReviewer()
	_, err := p.keys.ProposeManifest(t.Context(), p.clinicID, 2)
	must(t, err)
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	good, err := p.client().Panel(t.Context(), testClinic)
	must(t, err)
	if good.Current.Version != 2 || len(good.Current.Reviewers) != 4 || len(good.Fingerprint) != 24 {
		t.Fatalf("panel %+v", good)
	}
	for name, spoil := range map[string]func(*storedPanel){
		"first gone":      func(s *storedPanel) { s.Manifests = s.Manifests[1:] },
		"signature gone":  func(s *storedPanel) { s.Manifests[0].Signatures = s.Manifests[0].Signatures[1:] },
		"signature twice": func(s *storedPanel) { s.Manifests[0].Signatures[1] = s.Manifests[0].Signatures[0] },
		"signature bent":  func(s *storedPanel) { s.Manifests[1].Signatures[0].Signature[3] ^= 1 },
		"fewer needed": func(s *storedPanel) {
			s.Manifests[1].Lines = strings.Replace(s.Manifests[1].Lines, "\n2\nr", "\n1\nr", 1)
		},
		"newcomer did not sign": func(s *storedPanel) {
			s.Manifests[1].Signatures = slices.DeleteFunc(s.Manifests[1].Signatures, func(one signature) bool { return one.Reviewer == newcomer.ID })
		},
		"another key beside the name of one who stays": func(s *storedPanel) { s.swapRecipient(t, panel[2].ID, panel[0], panel[1], newcomer) },
		"another key beside the newcomer's name":       func(s *storedPanel) { s.swapRecipient(t, newcomer.ID, panel...) },
		"other clinic":                                 func(s *storedPanel) { s.Clinic = "00000000-0000-4000-8000-000000000000" },
		"draft as logged":                              func(s *storedPanel) { s.Manifests[1].Signatures = nil },
	} {
		var stored storedPanel
		must(t, p.client().get(t.Context(), clinicPath(publicAPI, testClinic, "panel"), &stored))
		spoil(&stored)
		if _, err := checkChain(stored.Clinic, stored.Manifests); !errors.Is(err, ErrPanel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// swapRecipient puts another age key beside a member's name in the second list, and lets those sign it who are named.
func (s *storedPanel) swapRecipient(t *testing.T, id string, by ...*Reviewer) {
	t.Helper()
	m, err := keyring.ParseManifest(s.Manifests[1].Lines)
	must(t, err)
	other, err := age.GenerateHybridIdentity()
	must(t, err)
	m.Member(id).Recipient = other.Recipient().String()
	s.Manifests[1].Lines, s.Manifests[1].Signatures = m.Lines(), nil
	for _, r := range by {
		s.Manifests[1].Signatures = append(s.Manifests[1].Signatures, signature{r.ID, keyring.SignManifest(r.key, m.Lines())})
	}
}

func TestManifestWithOurNameAndAnothersKeysIsNotSigned(t *testing.T) {
	p := newPlace(t)
	panel := []*Reviewer{p.newReviewer(), p.newReviewer()}
	_, err := p.keys.ProposeManifest(t.Context(), p.clinicID, 1)
	must(t, err)
	stranger, err := age.GenerateHybridIdentity()
	must(t, err)
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		body := strings.ReplaceAll(answer.Body.String(), panel[0].identity.Recipient().String(), stranger.Recipient().String())
		w.WriteHeader(answer.Code)
		io.WriteString(w, body)
	})
	waiting, err := panel[0].PanelAndDraft(t.Context(), testClinic)
	must(t, err)
	if _, err := panel[0].SignManifest(t.Context(), testClinic, waiting); !errors.Is(err, ErrPanel) {
		t.Errorf("got %v", err)
	}
}

// Whoever signs a list has looked at it: who joins, who leaves, and how many sign from then on. One that a server, or
// somebody who may propose, puts in its place meanwhile is not signed.
func TestExactlyTheListThatWasShownIsSigned(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 3, panel[2].ID))
	shown, err := panel[0].PanelAndDraft(ctx, testClinic)
	must(t, err)
	change := shown.Change()
	if change.Version != 2 || change.M != 3 || !slices.Equal(change.Joined, []string{newcomer.ID}) || !slices.Equal(change.Left, []string{panel[2].ID}) || len(change.Members) != 3 || len(change.Hash) != 24 {
		t.Fatalf("shown %+v", change)
	}
	intruder := p.newReviewer()
	must(t, panel[1].ProposePanel(ctx, testClinic, 3, panel[2].ID))
	if _, err := panel[0].SignManifest(ctx, testClinic, shown); !errors.Is(err, ErrReplaced) {
		t.Errorf("another list waits, with %s on it: got %v", intruder.ID, err)
	}
	again, err := panel[0].PanelAndDraft(ctx, testClinic)
	must(t, err)
	if len(again.SignedBy) != 0 || again.Change().Hash == change.Hash {
		t.Errorf("signed by %v", again.SignedBy)
	}
	// Replaced after the last look: what was sent is a signature of the list that was shown, and good for no other.
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/manifest/signatures") {
			_, err := p.keys.ProposeManifest(ctx, p.clinicID, 1)
			must(t, err)
		}
		next.ServeHTTP(w, r)
	})
	if _, err := panel[0].SignManifest(ctx, testClinic, again); err == nil {
		t.Error("a list that came in between was signed")
	}
	p.setMeddler(nil)
	if last, err := panel[0].PanelAndDraft(ctx, testClinic); err != nil || len(last.SignedBy) != 0 || last.Draft.M != 1 {
		t.Errorf("the draft is %+v, %v", last, err)
	}
}

func TestWrapWithAnotherKeyIsNotAcknowledged(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	current, err := p.client().Panel(t.Context(), testClinic)
	must(t, err)
	known, err := panel[0].epochs(t.Context(), testClinic)
	must(t, err)
	record, _, wraps, err := deal(current, known, p.term(), 1)
	must(t, err)
	// The dealer gives the second reviewer a key of another epoch, and the record says so as the server wants it.
	other, err := age.GenerateHybridIdentity()
	must(t, err)
	var files [][]byte
	for i := range wraps {
		if wraps[i].Reviewer == panel[1].ID {
			wraps[i].File, err = seal.WrapEpochKey(record.ID, other, panel[1].identity.Recipient().String())
			must(t, err)
		}
		files = append(files, wraps[i].File)
	}
	record.Wraps = keyring.HashWraps(files)
	must(t, panel[0].post(t.Context(), clinicPath(panelAPI, testClinic, "epochs"), map[string]any{
		"record": record.Lines(), "signature": keyring.SignDeal(panel[0].key, record.Lines()), "wraps": wraps,
	}, nil))
	if _, err := panel[1].Ack(t.Context(), testClinic); !errors.Is(err, seal.ErrWrap) {
		t.Errorf("got %v", err)
	}
	acked, err := panel[2].Ack(t.Context(), testClinic)
	must(t, err)
	if len(acked) != 1 || acked[0].State != keyring.StateOffered {
		t.Errorf("one honest ack of two: %+v", acked)
	}
	if _, err := p.client().Epoch(t.Context(), testClinic); err == nil {
		t.Error("an epoch that one reviewer cannot open takes words after a single ack of two")
	}
}

func TestRecordForAnotherPanelIsNotAcknowledged(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 2)
	_, _, err := panel[0].Deal(t.Context(), testClinic, p.term())
	must(t, err)
	known, err := panel[1].epochs(t.Context(), testClinic)
	must(t, err)
	current, err := panel[1].heldPanel(t.Context(), testClinic)
	must(t, err)
	offered := known.Epochs[0]
	_, err = panel[1].checkOffer(current, &offered)
	must(t, err)
	for name, spoil := range map[string]func(p *Panel, e *panelEpoch){
		"another manifest": func(p *Panel, _ *panelEpoch) { p.Leaf[0] ^= 1 },
		"another dealer":   func(_ *Panel, e *panelEpoch) { e.Dealer = panel[1].ID },
		"signature bent":   func(_ *Panel, e *panelEpoch) { e.DealerSignature[0] ^= 1 },
		"another name":     func(_ *Panel, e *panelEpoch) { e.ID = "2020-01-aaaa" },
		"longer than dealt": func(_ *Panel, e *panelEpoch) {
			e.Record = strings.Replace(e.Record, "\n1/2\n", "\n2/2 "+base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n", 1)
		},
		"no wrap": func(_ *Panel, e *panelEpoch) { e.Wrap = nil },
	} {
		spoiltPanel, spoilt := *current, offered
		spoilt.DealerSignature = slices.Clone(offered.DealerSignature)
		spoil(&spoiltPanel, &spoilt)
		if _, err := panel[1].checkOffer(&spoiltPanel, &spoilt); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestInvitationIsGoodOnceAndSignInOnlyForThePanel(t *testing.T) {
	p := newPlace(t)
	code, err := p.accounts.Invite(t.Context(), p.clinicID)
	must(t, err)
	reviewers := []*Reviewer{}
	for range 2 {
		identity, err := age.GenerateHybridIdentity()
		must(t, err)
		r, err := p.client().Reviewer(identity)
		must(t, err)
		reviewers = append(reviewers, r)
	}
	must(t, reviewers[0].Enrol(t.Context(), code))
	if err := reviewers[1].Enrol(t.Context(), code); err == nil || !strings.Contains(err.Error(), "used already") {
		t.Errorf("second use: %v", err)
	}
	must(t, reviewers[0].SignIn(t.Context()))
	if err := reviewers[1].SignIn(t.Context()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a stranger's sign-in: %v", err)
	}
	if _, err := reviewers[1].Pull(t.Context(), testClinic, t.TempDir(), func(int, int) {}); err == nil {
		t.Error("a stranger pulls")
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

// A server that wants to read along gives out a key of its own, in every place where a key stands.
func TestKeysThatAreNotThePanelsAreNotSealedTo(t *testing.T) {
	p := newPlace(t)
	p.newEpoch(p.newPanel(3, 2))
	theirs, err := age.GenerateHybridIdentity()
	must(t, err)
	key := regexp.MustCompile(`age1pq1[02-9a-z]+`)
	signatures := func(word string) func(string) string {
		pattern := regexp.MustCompile(`\\n` + word + ` \S+ [A-Za-z0-9+/=]+`)
		return func(s string) string { return pattern.ReplaceAllString(s, "") }
	}
	swap := func(s string) string { return key.ReplaceAllString(s, theirs.Recipient().String()) }
	for name, tt := range map[string]struct {
		path   string
		change func(string) string
		says   string
	}{
		"another key":            {"/epoch", swap, "not the one that the panel signed"},
		"another ticket key":     {"/epoch", func(s string) string { return strings.Replace(s, `"ticket_key":"`, `"ticket_key":"x`, 1) }, "not the one that the panel signed"},
		"another key everywhere": {"/chain", swap, "list of the panel's members"},
		"no acknowledgements":    {"/chain", signatures("ack"), "not signed by enough of the panel"},
		"no dealer":              {"/chain", signatures("dealer"), "not signed by enough of the panel"},
		"a list nobody signed":   {"/chain", signatures("signature"), "list of the panel's members"},
		"no chain": {"/chain", func(string) string {
			return `{"clinic_id":"","manifests":[],"epoch":"","revocations":[],"instead_of":""}`
		}, "list of the panel's members"},
	} {
		posted := false
		p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			posted = posted || r.Method == http.MethodPost
			if !strings.HasSuffix(r.URL.Path, tt.path) {
				next.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			body := rec.Body.String()
			if tt.change(body) == body {
				t.Errorf("%s: nothing was changed in %s", name, body)
			}
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, tt.change(body))
		})
		c := p.client()
		receipt, err := c.NewReceipt()
		must(t, err)
		_, err = c.Submit(t.Context(), testClinic, receipt, "en", []seal.Answer{{Q: "words", A: "for the panel only"}})
		if !errors.Is(err, ErrUnproven) || !strings.Contains(err.Error(), tt.says) || posted {
			t.Errorf("%s: posted %v, got %v, want it to say %q", name, posted, err, tt.says)
		}
	}
	p.setMeddler(nil)
	c := p.client()
	c.Fingerprint = "AAAA-BBBB-CCCC-DDDD-EEEE"
	if _, err := c.ProvenEpoch(t.Context(), testClinic); !errors.Is(err, ErrUnproven) || !strings.Contains(err.Error(), "fingerprint") {
		t.Errorf("another panel than on the poster: %v", err)
	}
}

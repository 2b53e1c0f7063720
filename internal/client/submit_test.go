package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"answerable/internal/seal"
)

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

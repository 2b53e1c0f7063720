package web

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"

	"answerable/internal/intake"
	"answerable/internal/transparency"
)

// listen serves the site on a port of its own until the test ends, and gives its address.
func (h *house) listen() string {
	h.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	done := make(chan error, 1)
	go func() { done <- h.app.Listener(listener) }()
	h.t.Cleanup(func() {
		h.app.Shutdown()
		<-done
	})
	return "http://" + listener.Addr().String()
}

// growLog puts leaves at the end of the log until it has size, and signs them.
func (h *house) growLog(size int) {
	h.t.Helper()
	ctx := context.Background()
	var had int
	h.must(h.db.NewRaw(`SELECT count(*) FROM log_leaf`).Scan(ctx, &had))
	var rows []transparency.Entry
	for i := had; i < size; i++ {
		leaf := transparency.Submission{Epoch: fmt.Sprintf("e-%06d", i)}.Leaf()
		hash := leaf.Hash()
		rows = append(rows, transparency.Entry{Index: int64(i), LeafHash: hash[:], Leaf: leaf})
		if len(rows) == 5000 || i == size-1 {
			_, err := h.db.NewInsert().Model(&rows).Exec(ctx)
			h.must(err)
			rows = nil
		}
	}
	h.must(h.config.TransparencyLog.SignNow(ctx))
}

// bundleHashes reads a bundle of entries as the specification describes it, for fsck.
func bundleHashes(bundle []byte) (hashes [][]byte, err error) {
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		n := int(bundle[0])<<8 | int(bundle[1])
		if len(bundle) < 2+n {
			return nil, io.ErrUnexpectedEOF
		}
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(bundle[2:2+n]))
		bundle = bundle[2+n:]
	}
	return hashes, nil
}

func (h *house) fsck(address string) error {
	h.t.Helper()
	root, err := url.Parse(address + "/log/")
	h.must(err)
	fetcher, err := client.NewHTTPFetcher(root, nil)
	h.must(err)
	log := h.config.TransparencyLog
	return fsck.New(testOrigin, log.Verifier, fetcher, bundleHashes, fsck.Opts{N: 2}).Check(context.Background())
}

// Somebody else's program goes through the whole log, as it would on any log of this kind.
func TestTesseraFindsNothingWrongWithOurLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.db.NewRaw(`DELETE FROM log_leaf`).Exec(t.Context()) // to begin at one leaf
	h.must(err)
	address := h.listen()
	for _, size := range []int{1, 255, 256, 257, 2020} {
		h.growLog(size)
		if err := h.fsck(address); err != nil {
			t.Errorf("at %d leaves: %v", size, err)
		}
	}
	_, err = h.db.NewRaw(`UPDATE log_leaf SET leaf = 'x' || substr(leaf, 2) WHERE index = 700`).Exec(t.Context())
	h.must(err)
	if err := h.fsck(address); err == nil {
		t.Error("a changed leaf was not found")
	}
}

func TestLogIsServedAsTlogTiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got := h.get("/log/checkpoint"); got.StatusCode != http.StatusNotFound {
		t.Errorf("before anything is signed: %d", got.StatusCode)
	}
	h.growLog(300)
	const year = "public, max-age=31536000, immutable"
	for path, want := range map[string]struct{ contentType, cache string }{
		"/log/checkpoint":             {"text/plain; charset=utf-8", "no-store, no-transform"},
		"/log/tile/0/000":             {"application/octet-stream", year},
		"/log/tile/0/001.p/44":        {"application/octet-stream", year},
		"/log/tile/1/000.p/1":         {"application/octet-stream", year},
		"/log/tile/entries/000":       {"application/octet-stream", year},
		"/log/tile/entries/001.p/44":  {"application/octet-stream", year},
		"/log/tile/entries/001.p/044": {},
		"/log/tile/entries/001.p/45":  {},
		"/log/tile/entries/001":       {},
		"/log/tile/2/000.p/1":         {},
		"/log/tile/data/000":          {},
		"/log/tile/8/0/000":           {},
		"/log/tile/0/x000/000":        {},
		"/log/tile/0/%2e%2e/0/000":    {},
		"/log/tile":                   {},
		"/log/":                       {},
	} {
		got := h.get(path)
		if want.contentType == "" {
			if got.StatusCode != http.StatusNotFound || got.Header.Get("Content-Type") != "application/problem+json" || got.Header.Get("Cache-Control") != "no-store, no-transform" {
				t.Errorf("%s: %d, %s, %s", path, got.StatusCode, got.Header.Get("Content-Type"), got.Header.Get("Cache-Control"))
			}
			continue
		}
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != want.contentType || got.Header.Get("Cache-Control") != want.cache {
			t.Errorf("%s: %d, %s, %s", path, got.StatusCode, got.Header.Get("Content-Type"), got.Header.Get("Cache-Control"))
		}
		if got.Header.Get("Access-Control-Allow-Origin") != "*" || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: is not open to all, or sets a cookie", path)
		}
	}
	c, err := transparency.ParseCheckpoint([]byte(h.get("/log/checkpoint").body), h.config.TransparencyLog.Verifier)
	if err != nil || c.Size != 300 {
		t.Errorf("the checkpoint: %+v, %v", c, err)
	}

	r := httptest.NewRequest(http.MethodGet, "/log/tile/entries/000", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	packed := h.do(r)
	unpacked, err := gzip.NewReader(strings.NewReader(packed.body))
	h.must(err)
	plain, err := io.ReadAll(unpacked)
	h.must(err)
	if string(plain) != h.get("/log/tile/entries/000").body || len(packed.body) > len(plain)/2 {
		t.Errorf("packed %d bytes are %d", len(packed.body), len(plain))
	}
}

func TestLogSaysHowToCheckIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.growLog(10)
	h.config.Intake.Decoys = &intake.Decoys{From: 2, To: 9}
	var got struct {
		Origin, VKey      string
		Signed, Published int64
		Decoys            struct{ From, To int }
		Policy            *string
	}
	h.must(json.Unmarshal([]byte(h.get("/api/v1/log").body), &got))
	if got.Origin != testOrigin || got.VKey != h.config.TransparencyLog.VKey || got.Signed != 10 || got.Published != 10 || got.Decoys.To != 9 || got.Policy != nil {
		t.Errorf("got %+v", got)
	}
}

const logCheckPath = "/c/riverside/check"

func TestLogCheckTakesNothingAndSaysHowToAskElsewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.get(logCheckPath)
	a.hasStatus(t, http.StatusOK)
	a.says(t, "Your words stay in this browser", "answerable log proof ", "--ticket ticket.txt", "Never send anybody the eight words")
	form := a.body[strings.Index(a.body, "<form"):strings.Index(a.body, "</form>")]
	if strings.Contains(form, " name=") || strings.Contains(form, " action=") || !strings.Contains(form, " hidden") {
		t.Errorf("without script the form is shown, or could send something: %s", form)
	}
	if got := h.post(logCheckPath, urlencoded, "words=abandon"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a post is answered %d", got.StatusCode)
	}
}

func TestLogCheckScriptSaysOnlyWhatItIsGiven(t *testing.T) {
	t.Parallel()
	said := []string{"check.there", "check.withdrawn", "check.shredded"} // put together from a state
	for _, name := range []string{"logcheck.ts", "mailbox/typed.ts"} {   // the words of a receipt are read as everywhere
		source, err := os.ReadFile("../../ui/src/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"((?:check|site|mailbox|script)\.[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
			said = append(said, m[1])
		}
	}
	for _, key := range said {
		if !slices.Contains(logCheckSentences, key) {
			t.Errorf("the script says %q, which the page does not carry", key)
		}
	}
	for _, key := range logCheckSentences {
		if !slices.Contains(said, key) {
			t.Errorf("the page carries %q, which its script does not say", key)
		}
	}
}

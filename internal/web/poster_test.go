package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"answerable/internal/clinic"
)

var (
	codeSize = regexp.MustCompile(`<svg class="code"[^>]* viewBox="0 0 (\d+) (\d+)"`)
	codePath = regexp.MustCompile(`<path d="([^"]+)" fill="#000"/>`)
	darkRun  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// scan reads the code of a page, from the squares that its markup draws.
func scan(t *testing.T, page string) string {
	t.Helper()
	size, path := codeSize.FindStringSubmatch(page), codePath.FindStringSubmatch(page)
	if size == nil || path == nil || size[1] != size[2] {
		t.Fatal("there is no code")
	}
	const zoom = 4
	units, _ := strconv.Atoi(size[1])
	picture := image.NewGray(image.Rect(0, 0, units*zoom, units*zoom))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	if left := darkRun.ReplaceAllString(path[1], ""); left != "" {
		t.Fatalf("the path holds %q", left)
	}
	for _, run := range darkRun.FindAllStringSubmatch(path[1], -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		wide, _ := strconv.Atoi(run[3])
		for dx := range wide * zoom {
			for dy := range zoom {
				picture.SetGray(x*zoom+dx, y*zoom+dy, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	// The picture is drawn and not photographed: this reader looks for the marks of a photographed code with a chance to miss
	// them, which depends on the fingerprint.
	drawn := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, drawn)
	if err != nil {
		t.Fatalf("a reader cannot read the code: %v", err)
	}
	return read.GetText()
}

func TestPosterCodeLeadsToTheFormWithTheFingerprint(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tell := h.get(tellPath).body
	fingerprint := regexp.MustCompile(`data-fingerprint="([A-Z2-7-]{24})"`).FindStringSubmatch(tell)[1]
	want := "http://localhost:8080/c/riverside/tell#p=" + fingerprint
	for _, path := range []string{"/c/riverside/poster", "/c/riverside/poster?paper=a5", "/c/riverside/poster?paper=%22x"} {
		page := h.get(path)
		page.hasStatus(t, http.StatusOK)
		if got := scan(t, page.body); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
		page.says(t, "Tell what happened here", "Riverside Clinic", "http://localhost:8080/c/riverside", strings.Split(fingerprint, "-")[2])
	}
	if page := h.get("/c/riverside/poster?paper=a5").body; !strings.Contains(page, `class="poster a5"`) {
		t.Error("the small paper is not used")
	}

	var file bytes.Buffer
	place := &clinic.Clinic{Slug: "riverside", Name: "Riverside <Clinic>"}
	h.must(NewPoster(place, "https://words.example.org", fingerprint, "a4").WriteIn("en", &file))
	if got := scan(t, file.String()); got != "https://words.example.org/c/riverside/tell#p="+fingerprint {
		t.Errorf("the file leads to %q", got)
	}
	for _, part := range []string{"words.example.org/c/riverside<", "Riverside &lt;Clinic&gt;", "@page", "<h2>Tell what happened here"} {
		if !strings.Contains(file.String(), part) {
			t.Errorf("the file lacks %q", part)
		}
	}
	if regexp.MustCompile(`(?:src|href)=|url\(|@import`).MatchString(file.String()) {
		t.Error("the file wants something else than itself")
	}
}

// posterPart is the poster itself, as a page and a file hold it.
var posterPart = regexp.MustCompile(`(?s)<article class="poster a4">.*</article>`)

func TestAPosterAsAFileSaysInEveryLanguageWhatThePageDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	place := &clinic.Clinic{Slug: "riverside", Name: "Riverside Clinic"}
	fingerprint := regexp.MustCompile(`data-fingerprint="([A-Z2-7-]{24})"`).FindStringSubmatch(h.get(tellPath).body)[1]
	seen := map[string]bool{}
	for _, lang := range Languages() {
		var file strings.Builder
		h.must(NewPoster(place, "http://localhost:8080", fingerprint, "a4").WriteIn(lang, &file))
		got, want := posterPart.FindString(file.String()), posterPart.FindString(h.get("/c/riverside/poster?lang="+lang).body)
		if got == "" || got != want || seen[got] {
			t.Errorf("in %s the file says %q, the page %q", lang, got, want)
		}
		seen[got] = true
		if begins := `<html lang="` + lang + `" dir="` + compiled()[lang].dir + `">`; !strings.Contains(file.String(), begins) {
			t.Errorf("the file in %s does not begin with %s", lang, begins)
		}
		if !strings.Contains(got, `<p class="short" translate="no" dir="ltr">`) || !strings.Contains(got, `<p class="mark" translate="no" dir="ltr">`) {
			t.Errorf("in %s the address or the fingerprint turns round", lang)
		}
	}
	if err := NewPoster(place, "http://localhost:8080", fingerprint, "a4").WriteIn("xx", &strings.Builder{}); err == nil {
		t.Error("a poster in no language is written")
	}
}

// TestPosterCodesOfEveryLengthRead tries names from the shortest to the longest, so that codes of several sizes are drawn.
func TestPosterCodesOfEveryLengthRead(t *testing.T) {
	t.Parallel()
	sizes := map[int]bool{}
	for _, n := range []int{2, 10, 20, 30, 40} {
		p := NewPoster(&clinic.Clinic{Slug: strings.Repeat("x", n), Name: "X"}, "https://"+strings.Repeat("h", 5*n)+".example", "AAAA-BBBB-CCCC-DDDD-EEEE", "a4")
		drawn, err := p.Code()
		if err != nil {
			t.Fatal(err)
		}
		sizes[drawn.Size] = true
		page := fmt.Sprintf(`<svg class="code" viewBox="0 0 %d %d"><path d="%s" fill="#000"/>`, drawn.Size, drawn.Size, drawn.Path)
		if got := scan(t, page); got != p.Address {
			t.Errorf("got %q, want %q", got, p.Address)
		}
	}
	if len(sizes) < 3 {
		t.Errorf("drew the sizes %v only", sizes)
	}
}

func TestThereIsNoPosterWithoutAFingerprint(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "northside", Name: "Northside", RetentionDays: 180}))
	page := h.get("/c/northside/poster")
	page.hasStatus(t, http.StatusOK)
	page.says(t, "there is no fingerprint to print")
	if strings.Contains(page.body, "<svg") {
		t.Error("a code is drawn")
	}
	h.get("/c/nowhere/poster").hasStatus(t, http.StatusNotFound)
}

package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// What can be told on the page can be told with a pen, and each copy has words of its own.
func TestPaperAsksTheSameAndEachCopyHasWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.get("/c/riverside/paper?copies=3")
	a.hasStatus(t, http.StatusOK)
	a.says(t, "Nobody reads this right away.", "Paper is not locked.", "Tear this off and keep it: your eight words")
	if strings.Contains(a.body, "<script") || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Error("the page runs script or may be kept")
	}
	text := a.text()
	for _, theme := range taxonomy.Themes() {
		for _, item := range theme.Items {
			if strings.Count(text, item.Label) < 3 {
				t.Errorf("%q is not on every copy", item.Code)
			}
		}
	}
	numbers := regexp.MustCompile(`Number of this form: ([0-9 ]+)`).FindAllStringSubmatch(text, -1)
	seen := map[seal.Receipt]bool{}
	for _, n := range numbers {
		receipt, err := seal.ParseReceipt(n[1])
		if err != nil {
			t.Fatal(err)
		}
		seen[receipt] = true
		for _, word := range strings.Fields(receipt.Words()) {
			if !strings.Contains(a.body, "<li>"+word+"</li>") {
				t.Errorf("the strip lacks %q", word)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("3 copies have %d numbers", len(seen))
	}
	for _, wrong := range []string{"0", "21", "many", "-1"} {
		if n := strings.Count(h.get("/c/riverside/paper?copies="+wrong).body, `<article class="paper"`); n != 1 {
			t.Errorf("copies=%s makes %d", wrong, n)
		}
	}
}

func TestPaperIsEnteredByTheWeek(t *testing.T) {
	t.Parallel()
	for day := 22; day <= 29; day++ { // November 2026: the 23rd is a Monday
		weeks := weeksBefore(time.Date(2026, 11, day, 23, 59, 0, 0, time.UTC))
		want := map[bool]string{true: "2026-11-23", false: "2026-11-16"}[day >= 23]
		if weeks[0].Monday != want || len(weeks) != paperWeeks {
			t.Errorf("on the %dth: %s and %d weeks, want %s", day, weeks[0].Monday, len(weeks), want)
		}
	}
	h := newHouse(t)
	entry := h.get("/c/riverside/tell?paper")
	entry.says(t, "A form from paper", "The week of Monday, 16 November 2026")
	if !strings.Contains(entry.body, `class="button" disabled>`) {
		t.Error("without script it can be sent, and the words of the strip are lost")
	}
}

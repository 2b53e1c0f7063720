package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// outward are links that lead away from a page, with their attributes and their words.
var outward = regexp.MustCompile(`(?s)<a ([^>]*\bhref="[^#"][^>]*)>(.*?)</a>`)

// Without script a page cannot know whether something was typed, and an old phone that goes back may bring it empty. So links out of a
// page with a form leave it where it is, and say so; but not where the next person on the device would find it.
func TestLinksOutOfAPageWithAFormOpenApartAndSaySo(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		anew, here := ">"+compiled()[l.code].say("site.anew")+"</small>", compiled()[l.code].say("site.links_here")
		forms, links := 0, 0
		for name, a := range shownIn(t, l.code) {
			typed := strings.Contains(a.body, `method="post"`)
			apart := (typed || name == "back: done") && name != tellPath+"&shared" && name != mailboxPath+"/room"
			if typed {
				forms++
			}
			if strings.Contains(a.text(), here) != (name == tellPath+"&shared") {
				t.Errorf("%s in %s: that links stay in this tab is said where they do not, or not where they do", name, l.code)
			}
			if name == mailboxPath+"/room" {
				continue // a part that a script fetches, and makes its links open apart itself
			}
			for _, m := range outward.FindAllStringSubmatch(a.body, -1) {
				if strings.Contains(m[1], `href="/leave"`) {
					if strings.Contains(m[1], "_blank") {
						t.Errorf("%s in %s: Leave opens apart and leaves this page behind", name, l.code)
					}
					continue
				}
				links++
				opens := strings.Contains(m[1], `target="_blank"`) && strings.Contains(m[1], `rel="noopener noreferrer"`)
				if opens != apart || strings.Contains(m[2], anew) != opens {
					t.Errorf("%s in %s: %s opens apart: %v, want %v, or does not say so", name, l.code, m[0], opens, apart)
				}
			}
		}
		if forms < 20 || links < 200 {
			t.Errorf("%s: only %d pages with a form and %d links are seen", l.code, forms, links)
		}
	}
}

// What is shown once stays in its tab while links open others. Where others use the device they stay in that tab: the next person would
// find it. There nothing is printed, and with script the page says on that it wipes itself.
func TestAfterSendingLinksOpenApartOnlyOnADeviceOfOnesOwn(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		in, shown := compiled()[l.code], shownIn(t, l.code)
		for name, a := range shown {
			if based := strings.Contains(a.body, "<base"); based != (name == "tell: sent") {
				t.Errorf("%s in %s: every link opens apart: %v", name, l.code, based)
			}
		}
		own, here := shown["tell: sent"], shown["tell: sent&shared"]
		here.hasStatus(t, http.StatusOK)
		if strings.Contains(here.body, `target="`) || !strings.Contains(here.body, `class="receipt"`) || !strings.Contains(here.body, `data-module="shared"`) {
			t.Errorf("%s: a link leaves the eight words in a tab behind, or there are none, or nothing wipes them", l.code)
		}
		for key, want := range map[string]bool{"thanks.once": false, "about.open": false, "site.links_apart": false, "thanks.once_here": true, "about.open_here": true} {
			if got := strings.Contains(here.text(), in.say(key)+"</"); got != want {
				t.Errorf("%s: where others use the device %s is said: %v", l.code, key, got)
			}
			if got := strings.Contains(own.text(), in.say(key)+"</"); got == want {
				t.Errorf("%s: on a device of one's own %s is said: %v", l.code, key, got)
			}
		}
	}
}

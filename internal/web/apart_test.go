package web

import (
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
				if opens != apart && !strings.Contains(m[1], "/about-you") || strings.Contains(m[2], anew) != opens {
					t.Errorf("%s in %s: %s opens apart: %v, want %v, or does not say so", name, l.code, m[0], opens, apart)
				}
			}
		}
		if forms < 20 || links < 200 {
			t.Errorf("%s: only %d pages with a form and %d links are seen", l.code, forms, links)
		}
	}
}

package web

import (
	"html"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/promise"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// furnished is a house whose pages have something to say: figures that are let out, a finding with its answer and promise, a line
// to turn to, a mailbox with an answer that asks, and a clinic that is shut.
type furnished struct {
	*house
	receipt seal.Receipt
}

func newFurnished(t *testing.T) *furnished {
	t.Helper()
	h := newHouse(t)
	h.addSupportLine()
	h.must(h.config.Clinics.Add(t.Context(), &clinic.Clinic{Slug: "shut", Name: "Shut", RetentionDays: 30}))
	for _, quarter := range [][2]string{{"2026-04-10", "2026-04-01"}, {"2026-07-10", "2026-07-01"}} { // the older first, as a plan goes
		on, first := quarter[0], quarter[1]
		h.countReports(on, 120)
		r := h.draftRelease(first)
		h.signRelease(r, 0)
		h.signRelease(r, 1)
	}
	s := h.newSpeaker()
	s.sends("/clinic/findings/"+h.handOver(h.finding("public", "They locked the door.")),
		"speaks", "practice manager", "power", "I set the hours.", "answer", "We locked it.",
		"what1", "The door stays open.", "who1", "ward manager", "due1", "2026-12-01", "how1", "Try the door.").hasStatus(t, http.StatusSeeOther)
	account, err := h.config.Promises.Account(t.Context(), h.place.ID, promise.Period{}, h.now)
	h.must(err)
	h.must(h.config.Promises.Show(t.Context(), h.place.ID, h.panel[0].ID, account.Findings[0].Responses[0].ID, true))
	receipt, keys := h.told("x")
	h.answersAsking(keys, "An answer.", seal.AsksCheckIn)
	return &furnished{h, receipt}
}

// shownOnce are the pages of a furnished house in every language, by language and name. Making them takes a while.
var shownOnce struct {
	sync.Once
	in map[string]map[string]answer
}

// shownIn gives all that people who tell, come back or look are shown in a language, by name: each public page, and what comes back
// when something is sent from it.
func shownIn(t *testing.T, code string) map[string]answer {
	t.Helper()
	shownOnce.Do(func() {
		f := newFurnished(t)
		shownOnce.in = map[string]map[string]answer{}
		for _, l := range languages {
			shownOnce.in[l.code] = f.pages(l.code)
		}
	})
	if len(shownOnce.in[code]) < 41 {
		t.Fatalf("only %d pages are shown in %s", len(shownOnce.in[code]), code)
	}
	return shownOnce.in[code]
}

func (f *furnished) pages(code string) map[string]answer {
	in := "?lang=" + code
	var mu sync.Mutex
	var asked sync.WaitGroup
	shown := map[string]answer{}
	ask := func(name string, request func() answer) {
		asked.Go(func() {
			a := request()
			mu.Lock()
			defer mu.Unlock()
			shown[name] = a
		})
	}
	more := []string{"/c/riverside/about-you", "/c/riverside/paper", mailboxPath + "/room", accountabilityPath + "/2026-07-01"}
	for _, path := range append(more, slices.Collect(maps.Keys(publicPages))...) {
		ask(path, func() answer { return f.get(path + in) })
	}
	for _, way := range []string{"&shared", "&paper"} {
		ask(tellPath+way, func() answer { return f.get(tellPath + in + way) })
	}
	send := func(name, path string, pairs ...string) {
		ask(name, func() answer { return f.post(path+in, urlencoded, formBody(pairs...)) })
	}
	words := f.receipt.Words()
	mine, _ := f.told("mine in " + code)
	empty, _ := f.told("nobody answers in " + code)
	send("tell: nothing said", tellPath, "words", "")
	send("tell: doubts", tellPath, "words", "x", "wants", "be_counted", "share_level", "panel_only")
	send("tell: broken", tellPath, "words", "x", "when", "never")
	send("tell: too long", tellPath, "words", strings.Repeat("x", 70_000))
	send("tell: sent", tellPath, "words", "told in "+code)
	ask("tell: sent&shared", func() answer {
		return f.post(tellPath+in+"&shared", urlencoded, formBody("words", "told there in "+code))
	})
	send("tell: unknown place", "/c/nowhere/tell", "words", "x")
	send("tell: shut", "/c/shut/tell", "words", "x")
	send("tell: far too long", tellPath, "words", strings.Repeat("x", tellBody))
	send("about-you: nothing said", "/c/riverside/about-you")
	send("about-you: sent", "/c/riverside/about-you", "communities", "told in "+code)
	send("back: a wrong word", "/c/riverside/back", "receipt", "zebra xylophonist")
	send("back: done", "/c/riverside/back", "receipt", mine.Words())
	send("mailbox: a wrong word", mailboxPath, "receipt", "abandn ability")
	send("mailbox: open", mailboxPath, "receipt", words)
	send("mailbox: nothing written", mailboxPath, "receipt", words, "act", "write")
	send("mailbox: written", mailboxPath, "receipt", words, "act", "write", "words", "more in "+code)
	send("mailbox: since", mailboxPath, "receipt", words, "act", "since", "since", "nothing", "check_in", "month")
	send("mailbox: nothing chosen", mailboxPath, "receipt", words, "act", "consent")
	send("mailbox: not sure", mailboxPath, "receipt", words, "act", "back")
	send("mailbox: empty", mailboxPath, "receipt", empty.Words())
	send("no such thing", "/c/riverside")
	asked.Wait()
	send("mailbox: taken back", mailboxPath, "receipt", empty.Words(), "act", "back", "sure", "yes")
	asked.Wait()
	return shown
}

// The pages that the tests of what is said go through are those that they are taken for.
func TestPagesOfAFurnishedHouseAreThere(t *testing.T) {
	t.Parallel()
	shown := shownIn(t, sourceLanguage)
	for name, want := range map[string]string{
		accountabilityPath: "The door stays open.", "tell: nothing said": "Nothing is said yet.", "tell: doubts": `id="surely"`,
		"tell: broken": "not on our list", "tell: too long": "too long to lock", "tell: sent": "Your eight words",
		"tell: unknown place": "Your words are here", "tell: shut": "Your words are here", "tell: far too long": "too long to give back",
		"about-you: nothing said": `id="problems"`, "about-you: sent": "We have your two answers", "back: a wrong word": "xylophonist",
		"back: done": "Messages taken back: 1.", "mailbox: a wrong word": "Did you mean", "mailbox: open": "The panel asks you",
		"mailbox: written": "We have it.", "mailbox: since": "Come back on", "mailbox: nothing written": "Nothing was written.",
		"mailbox: nothing chosen": "Choose who may see it.", "mailbox: not sure": "Tick the line",
		"mailbox: empty": "There is no answer here.", "mailbox: taken back": "It is gone.", "no such thing": "does not take that",
	} {
		shown[name].says(t, want)
	}
}

// mostWords is how long a label may be.
const mostWords = 12

var (
	labelTags = regexp.MustCompile(`(?s)<label\b[^>]*>(.*?)</label>|<legend\b[^>]*>(.*?)</legend>|<button\b[^>]*>(.*?)</button>|` +
		`<summary\b[^>]*>(.*?)</summary>|<option\b[^>]*>(.*?)</option>|<a class="[^"]*button[^"]*"[^>]*>(.*?)</a>|` +
		`<nav\b[^>]*>(.*?)</nav>|aria-label="([^"]*)"`)
	// What stands in a label and is none: a hint below it, its English beside a draft, and the warning before a hard list opens.
	besideLabels = regexp.MustCompile(`(?s)<small\b.*?</small>|<span class="warning">.*?</span>|<svg\b.*?</svg>`)
	endOfLabel   = regexp.MustCompile(`</li>`)
)

// labelsOf are the words on everything on a page that one presses, ticks, opens or fills.
func labelsOf(page string) (labels []string) {
	for _, m := range labelTags.FindAllStringSubmatch(page, -1) {
		for _, part := range endOfLabel.Split(strings.Join(m[1:], ""), -1) {
			text := html.UnescapeString(markup.ReplaceAllString(besideLabels.ReplaceAllString(part, ""), ""))
			if label := strings.Join(strings.Fields(text), " "); label != "" {
				labels = append(labels, label)
			}
		}
	}
	return labels
}

// scriptLabels are those that scripts put on what they make. TestEveryLabelOfAScriptIsKnown finds one that does not stand here.
var scriptLabels = []string{
	"about.open", "check.change", "check.checkpoint", "check.save_proof", "guard.back", "guard.use", "mailbox.packet_save",
	"promise.check.do", "script.again", "script.plain", "script.scan", "script.scan_stop", "shared.stay", "steps.back", "steps.continue",
	"steps.rest", "thanks.copy", "thanks.forget", "thanks.print", "tiles.off", "tiles.on", "tiles.say",
}

// Labels stand beside a box or on a button, and are read again and again.
func TestLabelsAreShortInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		long := map[string]string{}
		count := func(label, where string) {
			if len(strings.Fields(label)) > mostWords {
				long[label] = where
			}
		}
		seen := 0
		for name, a := range shownIn(t, l.code) {
			labels := labelsOf(a.body)
			seen += len(labels)
			for _, label := range labels {
				count(label, name)
			}
		}
		if seen < 1000 {
			t.Errorf("%s: only %d labels are seen", l.code, seen)
		}
		in := compiled()[l.code]
		for _, key := range scriptLabels {
			count(in.say(key), key)
		}
		for _, step := range taxonomy.Steps() {
			for _, q := range step.Fields {
				count(in.say("check.change")+": "+in.say("question."+q.Key), q.Key)
			}
		}
		for _, voice := range voices {
			for _, question := range voiced {
				key := "voice." + voice + "." + question
				count(in.say("check.change")+": "+in.say(key), key) // as a button says it where two answers do not go together
			}
		}
		for _, label := range slices.Sorted(maps.Keys(long)) {
			t.Errorf("%s: %s: %d words, more than %d: %s", l.code, long[label], len(strings.Fields(label)), mostWords, label)
		}
	}
}

// labelled is how a script of those who tell puts a sentence on a button, a link or something that opens.
var labelled = []*regexp.Regexp{
	regexp.MustCompile(`\bbutton\([^;\n]*?say\("([a-z_]+\.[a-z_]+)"`),
	regexp.MustCompile(`say\("([a-z_]+\.[a-z_]+)"\), \(\) =>`),
	regexp.MustCompile(`\b(?:button|link|summary)\.textContent = (?:this\.)?say\("([a-z_]+\.[a-z_]+)"`),
	regexp.MustCompile(`createElement\("(?:a|button)"\), \{[^}\n]*textContent: (?:this\.)?say\("([a-z_]+\.[a-z_]+)"`),
	regexp.MustCompile(`aria-label", [^;\n]*say\("([a-z_]+\.[a-z_]+)"`),
	regexp.MustCompile(`\bel\("(?:a|button|summary|label|legend|option)"[^;\n]*?say\("([a-z_]+\.[a-z_]+)"`),
}

func TestEveryLabelOfAScriptIsKnown(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, glob := range []string{"../../ui/src/*.ts", "../../ui/src/tell/*.ts", "../../ui/src/mailbox/*.ts", "../../ui/src/form/*.ts"} {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) < 5 {
			t.Fatalf("no sources at %s: %v", glob, err)
		}
		for _, name := range files {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(source)
		}
	}
	found := map[string]bool{}
	for _, pattern := range labelled {
		matches := pattern.FindAllStringSubmatch(all.String(), -1)
		for _, m := range matches {
			found[m[1]] = true
		}
	}
	for key := range found {
		if !slices.Contains(scriptLabels, key) {
			t.Errorf("a script labels something with %q, whose length nobody looks at", key)
		}
	}
	if len(found) < len(scriptLabels)-6 {
		t.Errorf("of %d labels only %d are found in the sources", len(scriptLabels), len(found))
	}
	sources := all.String() + "shared.stay promise.check.do"
	for _, key := range scriptLabels {
		if !strings.Contains(sources, key) {
			t.Errorf("%q labels nothing any more", key)
		}
	}
}

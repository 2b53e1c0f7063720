package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/promise"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
	"answerable/internal/transparency"
	"answerable/ui"
)

// englishKeys are the keys of the language file.
func englishKeys(t *testing.T) map[string]string {
	t.Helper()
	raw, err := fs.ReadFile(ui.FS, "locales/en.json")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

// usedKeys are the keys that templates, this package and the page script name, and those they build from codes.
func usedKeys(t *testing.T) map[string]string {
	t.Helper()
	used := map[string]string{}
	inTemplates := regexp.MustCompile(`\bt "([a-z0-9_.-]+)"`)
	inGo := regexp.MustCompile(`"((?:act|about|chart|figures|measure|promise|liaison|question|back|problem|problems|thanks|script|site|option|step|check|mailbox)\.[a-z0-9_.]+)"`)
	find := func(pattern *regexp.Regexp, name string, source []byte) {
		for _, match := range pattern.FindAllStringSubmatch(string(source), -1) {
			used[match[1]] = name
		}
	}
	err := fs.WalkDir(ui.FS, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(ui.FS, name)
		find(inTemplates, name, source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		find(inGo, name, source)
	}
	for _, key := range builtKeys() {
		used[key] = "built from a code"
	}
	return used
}

// builtKeys are those that code puts together at run time.
func builtKeys() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	for _, f := range []failure{failNotFound, failNoClinic, failMethod, failTooBig, failContentType, failBadRequest, failCrossSite, failUnavailable, failInternal} {
		add(f.key, ".title", ".what", ".now")
	}
	add("support.police.", clinic.Policies...)
	add("support.law.", "none", "some_law_duties", "unknown")
	add("support.trace.", "no", "yes", "unknown")
	add("support.cost.", "free", "local_call", "other")
	add("support.way.", "voice", "text", "chat", "relay", "sign_video")
	add("keys.state.", "offered", "logged", "active", "grace", "closed", "abandoned", "revoked", "shred-pending", "shredded")
	add("month.", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
	add("keys.charter.", keyring.CharterParts...)
	add("act.", transparency.ActCodes...)
	add("poster.paper.", Papers...)
	for _, measure := range []string{"answered_90", "answer_days", "change_rate", "kept_rate", "overdue_age"} {
		add("promise.measure."+measure, "", ".means")
	}
	add("figures.dimension.", "theme", "service", "seriousness", "involved", "repair", "item", "role")
	add("figures.role.", "client", "worker")
	add("figures.code.", figures.All, figures.Other, figures.None, figures.LayerSum)
	for _, theme := range taxonomy.Themes() {
		if theme.ContentWarning() {
			add("warning.", theme.Code)
		}
	}
	add("mailbox.wish.", wishes...)
	for _, state := range []promise.State{promise.StateOpen, promise.StateOverdue, promise.StateClaimed, promise.StateKept, promise.StatePartly, promise.StateNotKept} {
		add("promise.state.", string(state))
	}
	for _, count := range []string{"count.made", "count.due", "count.kept", "count.partly", "count.not_kept", "count.overdue", "count.moved", "count.repeats",
		"silence.due", "silence.on_time", "silence.late", "silence.none", "silence.no_promise", "silence.waiting", "panel.handed", "panel.taken", "panel.decided", "panel.judged"} {
		add("promise."+count, "", ".means")
	}
	for _, name := range []string{"received", "theme_share", "good_share", "solidarity", "serious3", "unfair", "unfair_where", "unfair_why"} {
		add("measure."+name, "", ".means")
	}
	add("promise.event.", promise.KindExtended, promise.KindRefused)
	add("promise.fault.", "empty", "long", "text", "early", "far", "day", "often", "full")
	for n := range promise.Prompts {
		add("prompt.", strconv.Itoa(n+1))
	}
	keys = append(keys, partKeys()...)
	keys = slices.AppendSeq(keys, maps.Values(meant))
	add("question.", "since", "check_in")
	add("option.since.", "nothing", "payback")
	add("option.check_in.", seal.CheckIns...)
	for _, q := range append([]taxonomy.Field{taxonomy.Link()}, taxonomy.AboutYou()...) {
		add("question.", q.Key)
		add("option."+q.Key+".", q.Codes...)
	}
	for _, step := range taxonomy.Steps() {
		for _, q := range step.Fields {
			add("question.", q.Key)
			if q.Key == "themes" {
				add("option.themes.", taxonomy.Other)
			} else if q.Key != "items" && q.Key != "good" {
				add("option."+q.Key+".", q.Codes...)
			}
		}
	}
	return append(keys, "option.not_sure", "option.skip")
}

func TestEverySentenceUsedIsThere(t *testing.T) {
	t.Parallel()
	words, labels := englishKeys(t), taxonomyWords()
	for key, place := range usedKeys(t) {
		code := key[strings.LastIndex(key, ".")+1:]
		if strings.HasSuffix(key, ".") || strings.HasPrefix(key, "option.") && (code == taxonomy.Skip || code == taxonomy.NotSure) {
			continue // a beginning that code completes, or worded once for all questions
		}
		if words[key] == "" && labels[key] == "" {
			t.Errorf("%s uses %q, which en.json does not have", place, key)
		}
	}
}

func TestEverySentenceThereIsUsed(t *testing.T) {
	t.Parallel()
	used := usedKeys(t)
	for key := range englishKeys(t) {
		if used[key] == "" && !strings.HasPrefix(key, "hint.") {
			t.Errorf("en.json has %q, which nothing uses", key)
		}
		if hinted, ok := strings.CutPrefix(key, "hint."); ok {
			if _, asked := taxonomy.FieldByKey(hinted); !asked && hinted != "check_in" && hinted != "communities" {
				t.Errorf("en.json hints at %q, which is not asked", hinted)
			}
		}
	}
}

func TestPageScriptSaysOnlyWhatItIsGiven(t *testing.T) {
	t.Parallel()
	var said []string
	pattern := regexp.MustCompile(`"((?:about|mailbox|problem|problems|thanks|script|site)\.[a-z_]+)"`)
	for _, glob := range []string{"../../ui/src/tell.ts", "../../ui/src/tell/*.ts"} {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources at %s: %v", glob, err)
		}
		for _, name := range files {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range pattern.FindAllStringSubmatch(string(source), -1) {
				said = append(said, match[1])
			}
		}
	}
	for _, key := range said {
		if !slices.Contains(scriptSentences, key) {
			t.Errorf("the page script says %q, which the page does not carry", key)
		}
	}
	for _, key := range scriptSentences {
		if !slices.Contains(said, key) {
			t.Errorf("the page carries %q, which the page script does not say", key)
		}
	}
}

func TestVoice(t *testing.T) {
	t.Parallel()
	banned := regexp.MustCompile(`(?i)\b(please|incident|alleged|patients?|complaints?|brave|bravery|invalid|submission|submitted|error occurred|are you sure)\b`)
	for key, text := range englishKeys(t) {
		if found := banned.FindString(text); found != "" {
			t.Errorf("%s says %q: %s", key, found, text)
		}
		if strings.Contains(text, "  ") || strings.TrimSpace(text) != text && key != "site.error" {
			t.Errorf("%s has stray blanks", key)
		}
	}
}

// scripted are pages of those who work here, in one language, and the parts of those: their scripts bring more words.
var scripted = []string{"panel.html", "training.html", "steward.html", "join.html", "parts/unlock.html", "parts/copies.html", "parts/own.html"}

// Templates must not hold sentences of their own, or no translation could reach them.
func TestTemplatesHoldNoWords(t *testing.T) {
	t.Parallel()
	actions := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tags := regexp.MustCompile(`(?s)<[^>]*>`)
	attributes := regexp.MustCompile(`[a-z-]+="[^"]*"`)
	spoken := regexp.MustCompile(`(?:alt|title|placeholder|aria-label)="[^"{]*[a-z]`)
	err := fs.WalkDir(ui.FS, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(scripted, strings.TrimPrefix(name, "templates/")) {
			return err
		}
		source, err := fs.ReadFile(ui.FS, name)
		without := actions.ReplaceAll(source, []byte("X"))
		if spoken.Match(without) {
			t.Errorf("%s speaks in an attribute: %s", name, spoken.Find(without))
		}
		text := attributes.ReplaceAllString(tags.ReplaceAllString(string(without), " "), " ")
		if found := regexp.MustCompile(`[a-z]{2,}`).FindString(text); found != "" {
			t.Errorf("%s holds the word %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

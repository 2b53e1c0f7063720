package taxonomy_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"

	"answerable/internal/taxonomy"
)

// A code once shipped keeps its meaning, so a lost or renamed code is a bug. Grow this number, never shrink it.
func TestEveryCodeIsThereOnceAndWellFormed(t *testing.T) {
	pattern := regexp.MustCompile(`^[a-z_]+\.[a-z_0-9]+$`)
	seen := map[string]bool{}
	for _, theme := range slices.Concat(taxonomy.Themes(), taxonomy.Good()) {
		for _, item := range theme.Items {
			if !pattern.MatchString(item.Code) || !strings.HasPrefix(item.Code, theme.Code+".") {
				t.Errorf("code %q is not theme.item of theme %q", item.Code, theme.Code)
			}
			if seen[item.Code] {
				t.Errorf("code %q stands twice", item.Code)
			}
			if item.Label == "" {
				t.Errorf("code %q has no label", item.Code)
			}
			seen[item.Code] = true
		}
	}
	if got, want := len(seen), 126; got < want {
		t.Errorf("got %d codes, want at least %d", got, want)
	}
}

func TestFormHashNamesTheExactBytes(t *testing.T) {
	sum := sha256.Sum256(taxonomy.FormJSON())
	if got, want := taxonomy.FormHash(), base64.RawURLEncoding.EncodeToString(sum[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// Every sealed submission carries this name. A new form gets a new file beside the old one.
	if got, want := taxonomy.FormHash(), "JevZg0FPe5d3BymuSmhoTQYFAYK0KkW6olRkx0XDjsQ"; got != want {
		t.Errorf("the shipped form changed: got %s, want %s", got, want)
	}
}

func TestEveryChoiceHasCodesAndEveryDefaultIsOneOfThem(t *testing.T) {
	asked := 0
	for _, s := range taxonomy.Steps() {
		for _, f := range s.Fields {
			asked++
			if f.Kind.Typed() != (len(f.Codes) == 0) && f.Key != taxonomy.ServiceKey {
				t.Errorf("%s: kind %d with %d codes", f.Key, f.Kind, len(f.Codes))
			}
			if f.Default != "" && !slices.Contains(f.Codes, f.Default) {
				t.Errorf("%s: default %q cannot be picked", f.Key, f.Default)
			}
		}
	}
	if got, want := asked, 24; got != want {
		t.Errorf("asks %d questions, want %d", got, want)
	}
	if _, ok := taxonomy.FieldByKey("recording"); ok {
		t.Error("asks for a recording, which nothing here can play safely")
	}
	ownWords := func(f taxonomy.Field) bool { return f.Key == "communities" && f.Kind.Typed() && len(f.Codes) == 0 }
	if !slices.ContainsFunc(taxonomy.AboutYou(), ownWords) {
		t.Errorf("does not ask for communities in words alone: %v", taxonomy.AboutYou())
	}
}

func TestSkippingShareLevelIsTheMostPrivate(t *testing.T) {
	f, ok := taxonomy.FieldByKey("share_level")
	if !ok || f.Default != "panel_only" || f.Codes[0] != "panel_only" {
		t.Errorf("got default %q first of %v, want panel_only", f.Default, f.Codes)
	}
}

func TestAnswersAboutAPersonStayApartUnlessTheySayOtherwise(t *testing.T) {
	link := taxonomy.Link()
	codes := []string{"keep_apart", taxonomy.LinkToReport}
	if link.Kind != taxonomy.One || link.Default != "keep_apart" || !slices.Equal(link.Codes, codes) {
		t.Errorf("got %+v", link)
	}
	for _, q := range taxonomy.AboutYou() {
		if q.Key == link.Key {
			t.Error("whether they belong together is sealed as an answer")
		}
	}
}

func TestThingsToSayAreAsked(t *testing.T) {
	for _, key := range taxonomy.Says() {
		if _, ok := taxonomy.FieldByKey(key); !ok {
			t.Errorf("%q is not asked", key)
		}
	}
}

func TestHeldDownWarnsAndIsUrgent(t *testing.T) {
	force := taxonomy.Themes()[0]
	i := slices.IndexFunc(force.Items, func(i taxonomy.Item) bool { return i.Code == "force.held_down" })
	if i < 0 || !force.Items[i].ContentWarning() || !force.Items[i].Urgent() || !force.ContentWarning() {
		t.Error("force.held_down must warn and go to the fast lane")
	}
	place := slices.IndexFunc(taxonomy.Themes(), func(t taxonomy.Theme) bool { return t.Code == "place" })
	if taxonomy.Themes()[place].ContentWarning() {
		t.Error("the list about the place itself needs no warning")
	}
}

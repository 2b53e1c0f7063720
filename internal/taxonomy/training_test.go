package taxonomy_test

import (
	"slices"
	"strings"
	"testing"

	"answerable/internal/taxonomy"
)

// Who practises compares their answers with the key: a code that the form does not ask would mark them wrong for good.
func TestEveryExampleHasAKeyThatCoversItAndAReasonForEachCode(t *testing.T) {
	items := func(themes []taxonomy.Theme) (codes []string) {
		for _, theme := range themes {
			for _, item := range theme.Items {
				codes = append(codes, item.Code)
			}
		}
		return codes
	}
	options := func(key string) []string {
		field, ok := taxonomy.FieldByKey(key)
		if !ok {
			t.Fatalf("the form has no question %s", key)
		}
		return field.Codes
	}
	var themes []string
	for _, theme := range taxonomy.Themes() {
		themes = append(themes, theme.Code)
	}
	harm, good := items(taxonomy.Themes()), items(taxonomy.Good())
	known := func(id, what string, list, in []string) {
		t.Helper()
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("%s: %s is not in order: %v", id, what, list)
		}
		for _, code := range list {
			if !slices.Contains(in, code) {
				t.Errorf("%s: %s holds %q, which the form does not ask", id, what, code)
			}
		}
	}
	stepBack, levels := 0, map[int]bool{}
	for _, e := range taxonomy.Examples() {
		known(e.ID, "yes", e.Key.Yes, themes)
		known(e.ID, "items", e.Key.Items, harm)
		known(e.ID, "good", e.Key.Good, good)
		known(e.ID, "involved", e.Key.Involved, options("roles"))
		known(e.ID, "repair", e.Key.Repair, options("wants"))
		known(e.ID, "picked faces", e.Pictures, options("pictures"))
		known(e.ID, "picked themes", e.Themes, themes)
		known(e.ID, "picked items", e.Items, slices.Concat(harm, good))
		known(e.ID, "impact", []string{e.Impact}, options("impact"))
		known(e.ID, "for_whom", []string{e.ForWhom}, options("for_whom"))
		for _, item := range e.Key.Items {
			if theme, _, _ := strings.Cut(item, "."); !slices.Contains(e.Key.Yes, theme) {
				t.Errorf("%s: %s belongs to no theme of the key", e.ID, item)
			}
		}
		if slices.Contains(e.Key.Yes, "work") != (e.ForWhom == "worker_there") {
			t.Errorf("%s: the theme work is asked about people who work there, and about nobody else", e.ID)
		}
		var reasons []string
		for _, r := range e.Why {
			if r.Because == "" {
				t.Errorf("%s: no reason for %s", e.ID, r.Code)
			}
			reasons = append(reasons, r.Code)
		}
		slices.Sort(reasons)
		want := slices.Sorted(slices.Values(slices.Concat(e.Key.Items, e.Key.Good, []string{"seriousness"})))
		if !slices.Equal(reasons, want) {
			t.Errorf("%s: reasons for %v, want for %v", e.ID, reasons, want)
		}
		for name, text := range map[string]string{"title": e.Title, "imagine": e.Imagine, "step_back_why": e.StepBackWhy, "service": e.Service, "words": e.Words, "guess": e.Guess} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", e.ID, name)
			}
		}
		if e.StepBack {
			stepBack++
		}
		levels[e.Key.Seriousness] = true
	}
	if n := len(taxonomy.Examples()); n < 6 || stepBack == 0 || stepBack == n || len(levels) < 3 {
		t.Errorf("%d examples, %d to step back from, levels %v: too few kinds to learn from", n, stepBack, levels)
	}
}

func TestAnExamplesWarningsStandBeforeIt(t *testing.T) {
	last := taxonomy.Examples()[len(taxonomy.Examples())-1]
	if got, want := last.Warnings(), []string{"force.kept_in", "force.threatened"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

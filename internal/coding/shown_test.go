package coding_test

import (
	"slices"
	"testing"

	"answerable/internal/coding"
)

func TestOnlyTheVeryWordsThatAWriterWasShownAndAnsweredCountAsShown(t *testing.T) {
	note := func(n byte, day string, body *coding.Note) coding.Noted {
		return coding.Noted{Coded: coding.Coded[*coding.Note]{By: anna, Hash: hash(n), Body: body}, Day: day}
	}
	unsent := func(n byte, by string, of byte) coding.Noted {
		said := note(n, "2026-11-07", &coding.Note{Text: "It did not go.", Over: hash(of), Unsent: true})
		said.By = by
		return said
	}
	words := shows().Words
	notes := []coding.Noted{
		note(1, "2026-11-03", &coding.Note{Text: "as before", Asked: true}),
		note(2, "2026-11-05", shows()),
		note(3, "2026-11-07", shows()),
	}
	named := note(6, "2026-11-07", had(hash(0), hash(5)))
	other := &coding.Note{Text: "other words", Asked: true, Form: coding.FormQuote, Words: "They held me down."}
	for name, tt := range map[string]struct {
		back        []coding.Came
		form, words string
		more        []coding.Noted
		want        []string
	}{
		"nobody came back":              {nil, coding.FormParaphrase, words, nil, nil},
		"who came back before":          {on("2026-11-04"), coding.FormParaphrase, words, nil, nil},
		"what the first was a yes to":   {on("2026-11-05"), coding.FormParaphrase, words, nil, nil},
		"on the day of the newest":      {on("2026-11-07"), coding.FormParaphrase, words, nil, []string{hash(3)}},
		"after both":                    {on("2026-11-09"), coding.FormParaphrase, words, nil, []string{hash(3)}},
		"two of one day":                {on("2026-11-09"), coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-07", shows())}, []string{hash(3), hash(4)}},
		"in other words":                {on("2026-11-09"), coding.FormParaphrase, words + " ", nil, nil},
		"in another form":               {on("2026-11-09"), coding.FormQuote, words, nil, nil},
		"a theme, never shown":          {on("2026-11-09"), coding.FormTheme, "", nil, nil},
		"shown something else since":    {on("2026-11-09"), coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-08", other)}, nil},
		"which never went":              {on("2026-11-09"), coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-08", other), unsent(5, anna, 4)}, []string{hash(3)}},
		"the first was never sent":      {on("2026-11-09"), coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 2)}, []string{hash(3)}},
		"the newest was never sent":     {on("2026-11-09"), coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 3)}, []string{hash(2)}},
		"as one says who showed it not": {on("2026-11-09"), coding.FormParaphrase, words, []coding.Noted{unsent(4, bela, 3)}, []string{hash(3)}},
		"a wait that was ended":         {on("2026-11-07"), coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-07", &coding.Note{Text: "yes", Over: hash(3)})}, []string{hash(3)}},
		"there when they were shown it": {on("2026-11-07"), coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 3), named}, nil},
		"and more on that day":          {on("2026-11-07", "2026-11-07"), coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 3), named}, []string{hash(6)}},
		"more, and of a day before":     {on("2026-11-07", "2026-11-06"), coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 3), named}, nil},
	} {
		if got := coding.Shown(slices.Concat(notes, tt.more), tt.back, coding.Outgoing{Form: tt.form, Words: tt.words}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	here := []string{anna, bela}
	if !coding.WasAsked(notes, here) || coding.WasAsked(nil, here) {
		t.Error("it is not known whether a writer was asked")
	}
	if coding.WasAsked([]coding.Noted{notes[0], unsent(2, anna, 1)}, here) || !coding.WasAsked([]coding.Noted{notes[0], unsent(2, bela, 1)}, here) {
		t.Error("a note binds for ever though its author says that it never went, or for no longer than anybody likes")
	}
}

func TestTwoWhoAreHereSetAsideWhatSomebodyWhoIsGoneSaysOfAWriterWithoutTheirWords(t *testing.T) {
	bare := coding.Noted{Coded: coding.Coded[*coding.Note]{By: anna, Hash: hash(1), Body: &coding.Note{Text: "x", Asked: true}}, Day: "2026-11-03"}
	named := bare
	named.Body = shows()
	against := func(n byte, by string, unsent bool) coding.Noted {
		body := &coding.Note{Text: "they do not say so", Over: hash(1), Unsent: unsent}
		return coding.Noted{Coded: coding.Coded[*coding.Note]{By: by, Hash: hash(n), Body: body}, Day: "2026-11-05"}
	}
	const dora = "rdddddddd"
	both := []coding.Noted{bare, against(2, bela, true), against(3, cleo, true)}
	for name, tt := range map[string]struct {
		notes []coding.Noted
		here  []string
		binds bool
	}{
		"nobody says otherwise":             {both[:1], []string{bela, cleo}, true},
		"one alone":                         {both[:2], []string{bela, cleo}, true},
		"one twice":                         {append(both[:2:2], against(4, bela, true)), []string{bela, cleo}, true},
		"two":                               {both, []string{bela, cleo, dora}, false},
		"while its author can take it back": {both, []string{anna, bela, cleo}, true},
		"of two one has left":               {both, []string{bela, dora}, true},
		"who only end the wait":             {[]coding.Noted{bare, against(2, bela, false), against(3, cleo, false)}, []string{bela, cleo}, true},
		"of words that were shown":          {append([]coding.Noted{named}, both[1:]...), []string{bela, cleo}, true},
		"and another stands":                {append(slices.Clone(both), coding.Noted{Coded: coding.Coded[*coding.Note]{By: bela, Hash: hash(9), Body: bare.Body}, Day: bare.Day}), []string{bela, cleo}, true},
	} {
		if coding.WasAsked(tt.notes, tt.here) != tt.binds || (len(coding.Bare(tt.notes, tt.here)) > 0) != (tt.binds && tt.notes[0].Body.Form == "") {
			t.Errorf("%s: want %v", name, tt.binds)
		}
	}
}

func TestANoteOfAShowingNamesWhatHadComeAndNoMoreThanItMay(t *testing.T) {
	if got := coding.Had(nil); got == nil || len(got) != 0 {
		t.Errorf("that nothing had come is not said: %v", got)
	}
	if got := coding.Had(append(on("2026-11-02", "2026-11-01"), on("2026-11-02")...)); !slices.Equal(got, many(2)) {
		t.Errorf("%v are not two in order", got)
	}
	var all []coding.Came
	for i := range coding.MostHad + 3 {
		all = append(all, coding.Came{Leaf: hash(byte(i)), Day: []string{"2026-11-01", "2026-11-02"}[min(i/3, 1)]})
	}
	got := coding.Had(all)
	if len(got) != coding.MostHad || slices.Contains(got, all[0].Leaf) || !slices.Contains(got, all[3].Leaf) || !slices.IsSorted(got) {
		t.Errorf("of too many not the newest are named: %d", len(got))
	}
}

func TestTheSameWordsAreTheSameBytesWhateverTheyWereTypedWith(t *testing.T) {
	for typed, want := range map[string]string{"a\r\nb": "a\nb", "a\rb\r": "a\nb", "a\nb\n\n": "a\nb", "\n a ": "\n a "} {
		if got := coding.Lines(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

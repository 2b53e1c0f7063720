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
	other := &coding.Note{Text: "other words", Asked: true, Form: coding.FormQuote, Words: "They held me down."}
	for name, tt := range map[string]struct {
		back        []string
		form, words string
		more        []coding.Noted
		want        []string
	}{
		"nobody came back":              {nil, coding.FormParaphrase, words, nil, nil},
		"who came back before":          {[]string{"2026-11-04"}, coding.FormParaphrase, words, nil, nil},
		"what the first was a yes to":   {[]string{"2026-11-05"}, coding.FormParaphrase, words, nil, nil},
		"on the day of the newest":      {[]string{"2026-11-07"}, coding.FormParaphrase, words, nil, []string{hash(3)}},
		"after both":                    {[]string{"2026-11-09"}, coding.FormParaphrase, words, nil, []string{hash(3)}},
		"two of one day":                {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-07", shows())}, []string{hash(3), hash(4)}},
		"in other words":                {[]string{"2026-11-09"}, coding.FormParaphrase, words + " ", nil, nil},
		"in another form":               {[]string{"2026-11-09"}, coding.FormQuote, words, nil, nil},
		"a theme, never shown":          {[]string{"2026-11-09"}, coding.FormTheme, "", nil, nil},
		"shown something else since":    {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-08", other)}, nil},
		"which never went":              {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-08", other), unsent(5, anna, 4)}, []string{hash(3)}},
		"the first was never sent":      {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 2)}, []string{hash(3)}},
		"the newest was never sent":     {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{unsent(4, anna, 3)}, []string{hash(2)}},
		"as one says who showed it not": {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{unsent(4, bela, 3)}, []string{hash(3)}},
		"a wait that was ended":         {[]string{"2026-11-07"}, coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-07", &coding.Note{Text: "yes", Over: hash(3)})}, []string{hash(3)}},
	} {
		if got := coding.Shown(slices.Concat(notes, tt.more), tt.back, coding.Outgoing{Form: tt.form, Words: tt.words}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if !coding.WasAsked(notes) || coding.WasAsked(nil) {
		t.Error("it is not known whether a writer was asked")
	}
	if coding.WasAsked([]coding.Noted{notes[0], unsent(2, anna, 1)}) || !coding.WasAsked([]coding.Noted{notes[0], unsent(2, bela, 1)}) {
		t.Error("a note binds for ever though its author says that it never went, or for no longer than anybody likes")
	}
}

func TestTheSameWordsAreTheSameBytesWhateverTheyWereTypedWith(t *testing.T) {
	for typed, want := range map[string]string{"a\r\nb": "a\nb", "a\rb\r": "a\nb", "a\nb\n\n": "a\nb", "\n a ": "\n a "} {
		if got := coding.Lines(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

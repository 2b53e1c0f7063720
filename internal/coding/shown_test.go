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
	words := shows().Words
	notes := []coding.Noted{
		note(1, "2026-11-03", &coding.Note{Text: "as before", Asked: true}),
		note(2, "2026-11-05", shows()),
		note(3, "2026-11-07", shows()),
	}
	for name, tt := range map[string]struct {
		back        []string
		form, words string
		more        []coding.Noted
		want        []string
	}{
		"nobody came back":         {nil, coding.FormParaphrase, words, nil, nil},
		"who came back before":     {[]string{"2026-11-04"}, coding.FormParaphrase, words, nil, nil},
		"on the day of the first":  {[]string{"2026-11-05"}, coding.FormParaphrase, words, nil, []string{hash(2)}},
		"after both":               {[]string{"2026-11-09"}, coding.FormParaphrase, words, nil, []string{hash(2), hash(3)}},
		"in other words":           {[]string{"2026-11-09"}, coding.FormParaphrase, words + " ", nil, nil},
		"in another form":          {[]string{"2026-11-09"}, coding.FormQuote, words, nil, nil},
		"a theme, never shown":     {[]string{"2026-11-09"}, coding.FormTheme, "", nil, nil},
		"the first was never sent": {[]string{"2026-11-09"}, coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-05", &coding.Note{Text: "no", Over: hash(2), Unsent: true})}, []string{hash(3)}},
		"a wait that was ended":    {[]string{"2026-11-05"}, coding.FormParaphrase, words, []coding.Noted{note(4, "2026-11-05", &coding.Note{Text: "yes", Over: hash(2)})}, []string{hash(2)}},
	} {
		if got := coding.Shown(slices.Concat(notes, tt.more), tt.back, tt.form, tt.words); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if !coding.WasAsked(notes) || coding.WasAsked(nil) {
		t.Error("it is not known whether a writer was asked")
	}
}

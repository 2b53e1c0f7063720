package coding_test

import (
	"slices"
	"testing"

	"answerable/internal/coding"
)

// on is what came on some days, each message with a leaf of its own: the nth has hash(n).
func on(days ...string) (out []coding.Came) {
	for i, day := range days {
		out = append(out, coding.Came{Leaf: hash(byte(i)), Day: day})
	}
	return out
}

func TestAPauseLastsFromTheQuestionToTheAnswer(t *testing.T) {
	const asked, over = "2026-11-10", "2026-11-14"
	note := func(n byte, day string, body coding.Note) coding.Noted {
		body.Text = "x"
		return coding.Noted{Coded: coding.Coded[*coding.Note]{By: anna, Hash: hash(n), Body: &body}, Day: day}
	}
	named := had(hash(0))
	begins, again := note(1, asked, coding.Note{Asked: true}), note(2, over, coding.Note{Asked: true})
	ends := note(3, over, coding.Note{Over: hash(1)})
	for _, tt := range []struct {
		name  string
		notes []coding.Noted
		back  []coding.Came
		want  []coding.Pause
		days  int
	}{
		{"nobody asked", []coding.Noted{note(1, asked, coding.Note{})}, on(over), nil, 0},
		{"it lasts", []coding.Noted{begins}, nil, []coding.Pause{{asked, ""}}, 10},
		{"what came before is no answer", []coding.Noted{begins}, on("2026-11-09", asked), []coding.Pause{{asked, ""}}, 10},
		{"the writer came back", []coding.Noted{begins}, on("2026-11-19", "2026-11-12"), []coding.Pause{{asked, "2026-11-12"}}, 2},
		{"the panel waits no longer", []coding.Noted{ends, begins}, nil, []coding.Pause{{asked, over}}, 4},
		{"on the same day", []coding.Noted{begins, note(3, asked, coding.Note{Over: hash(1)})}, nil, []coding.Pause{{asked, asked}}, 0},
		{"of the same day, and not there when they were asked", []coding.Noted{note(1, asked, *named)}, on(asked, asked), []coding.Pause{{asked, asked}}, 0},
		{"of the same day, and there already", []coding.Noted{note(1, asked, *named)}, on(asked), []coding.Pause{{asked, ""}}, 10},
		{"another wait is over", []coding.Noted{begins, note(3, over, coding.Note{Over: hash(9)})}, nil, []coding.Pause{{asked, ""}}, 10},
		{"a word of before ends nothing", []coding.Noted{begins, note(3, "2026-11-09", coding.Note{Over: hash(1)})}, nil, []coding.Pause{{asked, ""}}, 10},
		{"two asked, and no day counts twice", []coding.Noted{begins, note(4, "2026-11-12", coding.Note{Asked: true})}, nil, []coding.Pause{{asked, ""}}, 10},
		{"asked again on the day of the end", []coding.Noted{begins, ends, again}, nil, []coding.Pause{{asked, ""}}, 10},
		{"asked again later", []coding.Noted{begins, ends, note(5, "2026-11-16", coding.Note{Asked: true})}, on("2026-11-18"), []coding.Pause{{asked, over}, {"2026-11-16", "2026-11-18"}}, 6},
	} {
		got := coding.Pauses(tt.notes, tt.back)
		if !slices.Equal(got, tt.want) || coding.PausedDays(got, "2026-11-20") != tt.days {
			t.Errorf("%s: %v, %d days", tt.name, got, coding.PausedDays(got, "2026-11-20"))
		}
	}
}

package client

import (
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// A writer is reminded of until somebody answers them in the week that they wished for, or later.
func TestAWriterIsToBeAskedUntilAnAnswerOfThatWeekOrLater(t *testing.T) {
	own, other := [32]byte{8}, [32]byte{9}
	first := &Case{Card: coding.NewCard(seal.KindSubmission, "", nil), actions: own, Day: "2026-11-20"}
	wish := &Case{Card: coding.NewCard(seal.KindFollowup, "", []seal.Answer{{Q: seal.CheckInKey, A: "month"}}), Day: "2026-11-26", first: first}
	first.later = []*Case{wish}
	tag := func(key [32]byte, n int) [32]byte { return transparency.ActionTag(key, transparency.ActContacted, n) }
	for _, tt := range []struct {
		name     string
		answered map[[32]byte]string
		today    string
		from     string
		due      bool
	}{
		{"not yet", nil, "2026-12-27", "2026-12-28", false},
		{"on the day", nil, "2026-12-28", "2026-12-28", true},
		{"answered before", map[[32]byte]string{tag(own, 0): "2026-12-21"}, "2026-12-28", "2026-12-28", true},
		{"another was answered", map[[32]byte]string{tag(other, 0): "2026-12-28"}, "2026-12-28", "2026-12-28", true},
		{"asked", map[[32]byte]string{tag(own, 0): "2026-12-21", tag(own, 1): "2026-12-28"}, "2026-12-29", "", false},
	} {
		b := &Bench{answeredOn: tt.answered, Today: tt.today}
		for _, c := range []*Case{first, wish} {
			if got := b.CheckIn(c); got != tt.from || b.toAsk(c) != tt.due {
				t.Errorf("%s: from %q, due %v", tt.name, got, b.toAsk(c))
			}
		}
	}
	first.later = append(first.later, &Case{Card: coding.NewCard(seal.KindFollowup, "", []seal.Answer{{Q: seal.CheckInKey, A: "never"}}), Day: "2026-11-27", first: first})
	if got := (&Bench{Today: "2027-12-28"}).CheckIn(first); got != "" {
		t.Errorf("who does not want to be asked is to be asked from %s", got)
	}
}

// A further message has no row of its own: that somebody was treated worse since must not hide behind a first message that is calm.
func TestWhatComesLaterIsAsUrgentAsWhatCameFirst(t *testing.T) {
	first := &Case{Card: coding.NewCard(seal.KindSubmission, "", []seal.Answer{{Q: "items", A: "force.held_down"}})}
	first.Card.Urgent = false
	first.later = []*Case{{Card: coding.NewCard(seal.KindFollowup, "", seal.SinceAnswers(seal.SincePayback, "", ""))}}
	card := first.withLater()
	if !card.Urgent || !slices.Contains(card.Chips, "response.payback") || !slices.Contains(card.Chips, "force.held_down") {
		t.Errorf("the row says %+v", card)
	}
	if first.Card.Urgent || slices.Contains(first.Card.Chips, "response.payback") {
		t.Error("the first message's own card changed")
	}
}

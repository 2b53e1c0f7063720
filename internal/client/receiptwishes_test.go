package client

import (
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// of is a message of a receipt, as a bench holds it once it is open. n makes its leaf hash, by which messages are in order.
func of(n byte, kind, day string, answers ...seal.Answer) *Case {
	box := seal.Token{77}.Commitment().String()
	c := &Case{Leaf: [32]byte{n}, Day: day, message: &seal.Plaintext{T: kind, Mailbox: &box, Answers: answers}, Card: coding.NewCard(kind, "", answers)}
	c.Card.Tie(box, "")
	return c
}

func allows(level string) []seal.Answer {
	return []seal.Answer{{Q: "share_level", A: level}, {Q: "hold_until", A: "now"}}
}

func changes(n byte, day, level string) *Case {
	c := of(n, seal.KindConsent, day)
	c.message.Consent = &seal.Consent{ShareLevel: level, Hold: "now", Hide: []string{}}
	return c
}

// tied are the wishes that each of some messages of one receipt has on a bench that holds them.
func tied(all ...*Case) (wishes []coding.Wishes) {
	b := &Bench{cases: map[[32]byte]*Case{}}
	for _, c := range all {
		b.cases[c.Leaf] = c
	}
	b.tie()
	for _, c := range all {
		wishes = append(wishes, c.wishes())
	}
	return wishes
}

// Leaf hashes are in no order of time, and nobody sees in a follow-up that wishes were changed.
func TestAFollowupAllowsNothingMoreWhateverItsHash(t *testing.T) {
	first := func(n byte, level string) *Case { return of(n, seal.KindSubmission, "2026-11-20", allows(level)...) }
	more := func(n byte, day, level string) *Case { return of(n, seal.KindFollowup, day, allows(level)...) }
	for _, n := range [][3]byte{{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {3, 2, 1}} {
		for _, tt := range []struct {
			name, want string
			all        []*Case
		}{
			{"one that says more", "panel_only", []*Case{first(n[0], "panel_only"), more(n[1], "2026-11-21", "my_words_public")}},
			{"more, then less", "panel_only", []*Case{
				first(n[0], "panel_only"), more(n[1], "2026-11-21", "my_words_public"), more(n[2], "2026-11-22", "panel_only"),
			}},
			{"less, then more", "count_me", []*Case{
				first(n[0], "my_words_public"), more(n[1], "2026-11-21", "count_me"), more(n[2], "2026-11-22", "my_words_public"),
			}},
			{"more, after a change", "count_me", []*Case{
				first(n[0], "panel_only"), changes(n[1], "2026-11-21", "count_me"), more(n[2], "2026-11-22", "my_words_public"),
			}},
			{"less, after a change", "count_me", []*Case{
				first(n[0], "panel_only"), changes(n[1], "2026-11-21", "my_words_public"), more(n[2], "2026-11-22", "count_me"),
			}},
			{"less, before a change", "my_words_public", []*Case{
				first(n[0], "panel_only"), more(n[1], "2026-11-21", "count_me"), changes(n[2], "2026-11-22", "my_words_public"),
			}},
		} {
			for i, w := range tied(tt.all...) {
				if w.ShareLevel != tt.want {
					t.Errorf("%s, hashes %v: message %d has %s, want %s", tt.name, n, i, w.ShareLevel, tt.want)
				}
			}
		}
	}
}

// A receipt in words can seal several first messages, and a panel member who knows the mailbox can make one, of whatever hash.
func TestOfSeveralFirstMessagesEachHasAllWishesOfTheReceipt(t *testing.T) {
	must := func(code string) seal.Answer { return seal.Answer{Q: "must_not", A: code} }
	for _, n := range [][2]byte{{1, 2}, {2, 1}} {
		one := of(n[0], seal.KindSubmission, "2026-11-20", append(allows("my_words_public"), must("do_not_call_police"))...)
		two := of(n[1], seal.KindSubmission, "2026-11-20", append(allows("my_words_to_clinic"), seal.Answer{Q: "ask_me_first", A: "x"})...)
		more := of(3, seal.KindFollowup, "2026-11-21", must("do_not_contact_me"), seal.Answer{Q: "hide", A: "quotes"})
		about := of(4, seal.KindAboutYou, "2026-11-21", must("do_not_tell_my_worker"))
		for i, w := range tied(one, two, more, about) {
			both := slices.Equal(w.MustNot, []string{"do_not_call_police", "do_not_contact_me"})
			if w.ShareLevel != "my_words_to_clinic" || !w.AskMeFirst || !slices.Equal(w.Hide, []string{"quotes"}) || !both {
				t.Errorf("hashes %v: message %d has %+v", n, i, w)
			}
		}
		for _, c := range []*Case{one, two, more} {
			if !c.asksFirst() {
				t.Errorf("hashes %v: of %s nobody knows that its writer wished to see it first", n, c.Card.Of)
			}
		}
		if len(one.later) != 2 || len(two.later) != 2 || more.first == nil || more.first.Leaf[0] != 1 {
			t.Errorf("hashes %v: %d and %d came later", n, len(one.later), len(two.later))
		}
		for i, w := range tied(one, two, more, changes(5, "2026-11-22", "panel_only")) {
			if w.ShareLevel != "panel_only" {
				t.Errorf("hashes %v: after less message %d has %s", n, i, w.ShareLevel)
			}
		}
	}
	// Where no first message is here, what came later allows nothing, and forbids what any of it does.
	for i, w := range tied(of(1, seal.KindFollowup, "2026-11-21", append(allows("my_words_public"), must("do_not_contact_me"))...),
		of(2, seal.KindFollowup, "2026-11-21"), changes(3, "2026-11-22", "my_words_public")) {
		if w.ShareLevel != "panel_only" || !slices.Equal(w.MustNot, []string{"do_not_contact_me"}) {
			t.Errorf("of message %d, without a first one: %+v", i, w)
		}
	}
}

package client

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"answerable/internal/intake"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// saysAboutThemselves sends answers about a person that are tied to what they told, and gives the leaf hash in hex.
func (w *team) saysAboutThemselves(receipt seal.Receipt, answers []seal.Answer) string {
	w.t.Helper()
	origin := w.intake.Origin
	accepted, err := w.intake.SealFurther(w.t.Context(), w.clinicID, receipt.Stretch(origin), func(f intake.Further) *seal.Plaintext {
		return seal.NewTiedAboutYou(f.Keys, f.Epoch, origin, "form", "en", seal.SealedByServer, answers)
	})
	must(w.t, err)
	return hex.EncodeToString(accepted.LeafHash[:])
}

// What a writer says about themselves stands beside their message for who reads it. It moves nothing, whatever stands in it: no wish, no
// code, no clock, no pause.
func TestAnswersAboutAPersonAreReadBesideTheirMessageAndMoveNothing(t *testing.T) {
	w := newTeam(t, 3)
	receipt, leaf := w.tells("count_me", seal.Answer{Q: "must_not", A: "do_not_call_police"})
	_, other := w.tells("count_me")
	w.batch()
	about := w.saysAboutThemselves(receipt, []seal.Answer{
		{Q: "age_band", A: "26_39"}, {Q: "communities", A: "We who knit"}, // and what no page of ours asks there:
		{Q: "items", A: "force.held_down"}, {Q: "themes", A: "respect"}, {Q: "must_not", A: "do_not_contact_me"},
		{Q: "share_level", A: "my_words_public"}, {Q: "ask_me_first", A: "show_me_before_sharing"},
		{Q: seal.CheckInKey, A: "month"}, {Q: "service", A: "ward"}, {Q: "pictures", A: "sad"},
	})
	w.batch()

	b, c := w.on(0, leaf)
	if rows := b.Queue(); len(rows) != 2 || slices.ContainsFunc(rows, func(r Row) bool { return r.LeafHash == about }) {
		t.Errorf("the queue is %+v", rows)
	}
	row := b.Row(c)
	if row.Card.Urgent || len(row.Card.Chips) != 0 || row.CheckIn != "" || len(c.back) != 0 {
		t.Errorf("the row tells of it: %+v, back on %v", row, c.back)
	}
	if c.asksFirst() || slices.Contains(c.wishes().MustNot, noContact) || len(c.rests(review.KindCoding).Later) != 0 {
		t.Error("a wish is taken from it, or a step rests on it")
	}
	if got := c.wishes(); got.ShareLevel != "count_me" || !slices.Equal(got.MustNot, []string{"do_not_call_police"}) {
		t.Errorf("the wishes are %+v", got)
	}
	own, err := b.Case(about)
	must(t, err)
	if card := own.Card; card.Of != seal.KindAboutYou || card.Service != "" || len(card.Chips) != 0 || card.Urgent {
		t.Errorf("its card is %+v", card)
	}
	must(t, errors.Join(b.Declare(c), b.Declare(own)))
	if err := b.Code(t.Context(), own, foundHere()); !errors.Is(err, ErrBeside) {
		t.Errorf("coding it: %v", err)
	}

	story, err := b.Story(c)
	must(t, err)
	if len(story) != 2 || story[0].Note != "" || story[1].LeafHash != about || story[1].Note != TiedByWish || len(story[1].Answers) < 2 {
		t.Errorf("the story is %+v", story)
	}
	var notes []string
	_, err = OpenDeclared(w.dirs[0], w.panel[0].identity, leaf, func(o *Opened) error {
		notes = append(notes, o.Kind+": "+o.Note)
		return nil
	})
	must(t, err)
	if want := []string{"submission: ", "about_you: " + TiedByWish}; !slices.Equal(notes, want) {
		t.Errorf("a terminal shows %q, want %q", notes, want)
	}
	if _, c := w.on(0, other); len(c.later) != 0 {
		t.Error("it stands with another's message too")
	}

	// Coding and agreeing goes on as if nothing had come, and nothing but that is counted.
	w.agrees(leaf)
	if w.counts != 1 {
		t.Errorf("%d are counted, want 1", w.counts)
	}
	gone, err := w.intake.WithdrawAll(t.Context(), w.clinicID, receipt.Stretch(w.intake.Origin))
	must(t, err)
	if len(gone) != 2 {
		t.Errorf("%d messages are taken back, want both", len(gone))
	}
}

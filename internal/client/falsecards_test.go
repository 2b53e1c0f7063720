package client

import (
	"encoding/hex"
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// cards has a member store a card of a message that their program would not make.
func (w *team) cards(who int, leaf string, lie func(*coding.Card)) {
	w.t.Helper()
	w.does(who, leaf, func(b *Bench, c *Case) error {
		card := *c.Card
		lie(&card)
		_, err := b.send(w.t.Context(), c, &card)
		return err
	})
}

// threadOf is how a message is named by its hash in hex.
func threadOf(t *testing.T, leaf string) string {
	t.Helper()
	hash, err := hex.DecodeString(leaf)
	must(t, err)
	return seal.Commitment(hash).String()
}

// A step back is final, and a reviewer's own. No card of a colleague makes their program sign one, nor what a message says of its
// thread: only the mailbox that is sealed with it ties it to one that they stepped back from. Who made such a card is named.
func TestOneMembersCardMakesNobodyStepBack(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, one := w.tells("count_me")
	_, other := w.tells("my_words_public")
	w.batch()
	thread, strange := threadOf(t, one), seal.Token{77}.Commitment().String()
	names := w.submitAs("", seal.Token{1, 1}, seal.Token{1, 2}, func(p *seal.Plaintext) {
		p.T, p.Thread, p.Mailbox = seal.KindFollowup, &thread, &strange
	})
	w.batch()
	_, c := w.on(1, one)
	w.does(2, one, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	for _, lie := range []func(*coding.Card){
		func(card *coding.Card) { card.Of, card.Thread, card.Receipt = seal.KindFollowup, thread, "" },
		func(card *coding.Card) { card.Receipt = c.Card.Receipt },
		func(card *coding.Card) { card.Thread = thread },
	} {
		w.cards(0, other, lie)
	}
	_, err := w.bench(2).Tend(ctx)
	must(t, err)
	for _, leaf := range []string{other, names} {
		b := w.bench(2)
		if _, err := b.Case(leaf); err != nil || len(b.recused) != 1 {
			t.Errorf("what a card or a message says of its thread: %v, %d stepped back from", err, len(b.recused))
		}
	}
	if _, c := w.on(1, other); len(c.free()) != 3 {
		t.Errorf("left for the other message: %v", c.free())
	}

	further := w.more(receipt)
	_, err = w.bench(2).Tend(ctx)
	must(t, err)
	if b := w.bench(2); len(b.recused) != 2 {
		t.Errorf("with what its writer sent later %d are stepped back from", len(b.recused))
	}
	if _, c := w.on(1, further); len(c.free()) != 2 {
		t.Errorf("left for what came later: %v", c.free())
	}
}

// What a card says of its thread alone is held against the message, too: where its maker can have known no better it is right.
func TestACardThatNamesAStrangeFirstMessageIsNamed(t *testing.T) {
	w := newTeam(t, 3)
	_, one := w.tells("count_me")
	receipt, first := w.tells("count_me")
	w.batch()
	w.does(2, one, func(b *Bench, c *Case) error { return b.Recuse(t.Context(), c) })
	further := w.more(receipt)
	wrong := func(who int) []WrongCard { return w.bench(who).WrongCards }
	for _, thread := range []string{"", threadOf(t, first), seal.Commitment{9}.String()} {
		w.cards(0, further, func(card *coding.Card) { card.Thread = thread })
	}
	if got := wrong(1); len(got) != 0 {
		t.Errorf("a card that names no message, its first one, and one that is not here: %v", got)
	}
	w.cards(0, further, func(card *coding.Card) { card.Thread = threadOf(t, one) })
	for _, who := range []int{1, 2} { // who stepped back from what it names, too
		if got := wrong(who); len(got) != 1 || got[0].By != w.panel[0].ID {
			t.Errorf("member %d is told of %v", who, got)
		}
	}
	w.cards(1, first, func(card *coding.Card) { card.Thread = seal.Commitment{9}.String() })
	if got := wrong(0); !slices.ContainsFunc(got, func(one WrongCard) bool { return one.By == w.panel[1].ID }) {
		t.Errorf("a first message that is said to be none: %v", got)
	}
}

// Who signed to have seen a longer log stops what goes out, for that is how a log that is shown to one member alone is found out.
// Nobody can prove it wrong, so the panel can end it: of who is on the list no more it is said, and stops nothing.
func TestALogThatSomebodySawWhoLeftIsToldAndStopsNothing(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	w.cards(3, leaf, func(card *coding.Card) { card.Log = coding.Sighting(1<<40, [32]byte{1}) })
	id := w.panel[3].ID
	if b := w.bench(1); !slices.Equal(b.Other, []string{id}) || len(b.OtherLeft) != 0 || b.allRead() {
		t.Errorf("on the list: %v, %v, all read %v", b.Other, b.OtherLeft, b.allRead())
	}
	_, err := w.keys.ProposeManifest(ctx, w.clinicID, 2, id)
	must(t, err)
	for _, r := range w.panel[:2] {
		signWaiting(t, r)
	}
	w.batch()
	if b := w.bench(1); len(b.Other) != 0 || !slices.Equal(b.OtherLeft, []string{id}) || !b.allRead() {
		t.Errorf("off the list: %v, %v, all read %v", b.Other, b.OtherLeft, b.allRead())
	}
}

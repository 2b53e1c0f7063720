package client

import (
	"encoding/hex"
	"slices"
	"testing"

	"answerable/internal/seal"
)

// Leaf hashes are public, and anybody can seal to a panel. A message that names another as its first, without the mailbox that
// only its writer and the panel know, changes nobody's wishes and is not shown as theirs.
func TestWhoOnlyNamesAMessageChangesNobodysWishes(t *testing.T) {
	w := newTeam(t, 3)
	receipt, leaf := w.tells("count_me")
	hash, err := hex.DecodeString(leaf)
	must(t, err)
	thread := seal.Commitment(hash).String()
	strange := seal.Token{77}.Commitment().String()
	var forged []string
	for i, mailbox := range []*string{nil, &strange} {
		for j, level := range []string{"panel_only", "my_words_public"} {
			forged = append(forged, w.submitAs("", seal.Token{byte(i), 1, byte(j)}, seal.Token{byte(i), 2, byte(j)}, func(p *seal.Plaintext) {
				p.T, p.Form, p.Lang, p.Answers, p.Thread, p.Mailbox = seal.KindConsent, "", "", nil, &thread, mailbox
				p.Consent = &seal.Consent{ShareLevel: level, Hold: "now", Hide: []string{}}
			}))
		}
	}
	w.batch()
	_, c := w.on(0, leaf)
	if wishes := c.Wishes(); wishes.ShareLevel != "count_me" || len(c.later) != 0 {
		t.Errorf("after forged changes: %+v, %d later messages", wishes, len(c.later))
	}
	b, _ := w.on(0, leaf)
	for _, one := range forged { // they are told, as what they are: messages that belong to nothing
		if f, err := b.Case(one); err != nil || f.Card.Thread != "" || f.first != nil {
			t.Errorf("the forged %s: %+v, %v", one, f, err)
		}
	}
	if shown := w.only(leaf); !slices.Equal(shown, []string{leaf}) {
		t.Errorf("shown beside it: %v", shown)
	}

	// The writer's own change has the mailbox, and holds.
	m, err := w.client().Mailbox(t.Context(), testClinic, receipt)
	must(t, err)
	_, err = m.Consent(t.Context(), seal.Consent{ShareLevel: "panel_only", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	if _, c := w.on(0, leaf); c.Wishes().ShareLevel != "panel_only" || len(c.later) != 1 {
		t.Errorf("the writer's own change: %+v", c.Wishes())
	}
	if shown := w.only(leaf); len(shown) != 2 {
		t.Errorf("shown with the writer's own change: %v", shown)
	}
}

// only are the hashes of what member 0 is shown of one message.
func (w *team) only(leaf string) (shown []string) {
	w.t.Helper()
	show, err := OnlyOf(w.dirs[0], w.panel[0].identity, leaf, func(o *Opened) error {
		shown = append(shown, o.LeafHash)
		return nil
	})
	must(w.t, err)
	_, err = Open(w.dirs[0], w.panel[0].identity, show)
	must(w.t, err)
	return shown
}

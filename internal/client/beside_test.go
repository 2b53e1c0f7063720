package client

import (
	"encoding/base64"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// withFollowup is a writer who told first what allows little, and then more, which allows much.
func (w *team) withFollowup() (receipt seal.Receipt, first, followup string) {
	w.t.Helper()
	ctx := w.t.Context()
	worker, asks := seal.Answer{Q: "must_not", A: "do_not_tell_my_worker"}, seal.Answer{Q: "ask_me_first", A: "show_me_before_sharing"}
	receipt, first = w.tells("panel_only", worker, asks)
	w.batch()
	followup = w.more(receipt)
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(w.t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "my_words_public", Hold: "now", Hide: []string{}})
	must(w.t, err)
	w.batch()
	return receipt, first, followup
}

// more sends more from a writer, as if it were all of it, and gives its leaf hash in hex.
func (w *team) more(receipt seal.Receipt) string {
	w.t.Helper()
	m, err := w.client().Mailbox(w.t.Context(), testClinic, receipt)
	must(w.t, err)
	accepted, err := m.Write(w.t.Context(), "en", []seal.Answer{
		{Q: "words", A: "and then they laughed"}, {Q: "service", A: "ward"}, {Q: "share_level", A: "my_words_public"},
	})
	must(w.t, err)
	w.batch()
	return leafHex(accepted)
}

// losesFirst has a writer take their first message back, and nothing else.
func (w *team) losesFirst(receipt seal.Receipt) {
	w.t.Helper()
	keys := receipt.Derive(testOrigin)
	_, err := w.intake.Withdraw(w.t.Context(), w.clinicID, keys.AnchorToken.Commitment(), keys.WithdrawToken)
	must(w.t, err)
	w.batch()
}

// forced lets a client of before bring a message, whatever it is, to where its words are decided on.
func (w *team) forced(leaf, words string) (decision string) {
	w.t.Helper()
	ctx := w.t.Context()
	claims := func(who int, role string) {
		in := struct {
			Leaf []byte `json:"leaf"`
			Role string `json:"role"`
		}{nil, role}
		w.does(who, leaf, func(b *Bench, c *Case) error {
			in.Leaf = c.Leaf[:]
			return errors.Join(b.Declare(c), b.post(ctx, b.path("claims"), in, nil))
		})
	}
	for who := range 2 {
		claims(who, review.RoleCoder)
		w.does(who, leaf, func(b *Bench, c *Case) error {
			_, err := b.send(ctx, c, &coding.Coding{Found: *foundHere()})
			return err
		})
	}
	for who := range 2 {
		w.does(who, leaf, func(b *Bench, c *Case) error {
			_, err := b.send(ctx, c, coding.Proposal(plainOf(c.Codings)))
			return err
		})
	}
	claims(2, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		out := coding.Outgoing{Form: coding.FormQuote, Words: words}
		check, err := b.send(ctx, c, &coding.Check{Outgoing: out})
		must(w.t, err)
		wishes := coding.Wishes{ShareLevel: "my_words_public", Hold: "now", Hide: []string{}, MustNot: []string{}}
		_, hashes := c.Settled()
		decision, err = b.send(ctx, c, &coding.Sharing{
			Decision: coding.Share, Form: out.Form, Words: words, Wishes: wishes, Consensus: hashes, Check: check,
		})
		return err
	})
	w.later(3 * 24 * time.Hour)
	return decision
}

// posts puts words into the clear as a client of before did.
func (w *team) posts(leaf, decision, words string) (id string) {
	w.t.Helper()
	ctx := w.t.Context()
	_, c := w.on(2, leaf)
	sharing, err := base64.RawURLEncoding.DecodeString(decision)
	must(w.t, err)
	f := &review.Finding{LeafHash: c.Leaf[:], Form: coding.FormQuote, Words: words, Themes: []string{}, Sharing: sharing}
	f.Signature = f.Sign(w.panel[2].key, w.clinicID)
	by, err := w.accounts.Reviewer(ctx, w.clinics.DB, w.panel[2].ID)
	must(w.t, err)
	id, err = w.review.Find(ctx, w.clinicID, by, f)
	must(w.t, err)
	return id
}

// What a writer sent later does not say what they wished first: their worker must not be told, and they wanted to see it. It is one
// with the first message, and where that is gone nothing of it goes out.
func TestWhatCameLaterIsReadWithTheFirstMessageAndWithoutItNeverSharedOrCounted(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, first, followup := w.withFollowup()

	b, whole := w.on(0, first)
	_, c := w.on(0, followup)
	got, want := c.wishes(), whole.wishes()
	if c.Orphan() || !reflect.DeepEqual(got, want) || !slices.Contains(got.MustNot, "do_not_tell_my_worker") || !c.asksFirst() {
		t.Errorf("of what came later the wishes are %+v, want %+v", got, want)
	}

	must(t, b.Declare(whole))
	story, err := b.Story(whole)
	must(t, err)
	notes := map[string]string{}
	for _, one := range story {
		notes[one.Kind] = one.Note
	}
	if want := map[string]string{seal.KindSubmission: "", seal.KindFollowup: OnlyLess, seal.KindConsent: ""}; !maps.Equal(notes, want) {
		t.Errorf("beside its messages stands %v", notes)
	}

	w.losesFirst(receipt)
	b, c = w.on(0, followup)
	must(t, b.Declare(c))
	if got := c.Stage(b.Today); !c.Orphan() || got != StageBeside || c.wishes().ShareLevel != "panel_only" {
		t.Errorf("it is at %s, and its writer wishes %+v", got, c.wishes())
	}
	for _, v := range b.Verdicts(c) {
		if !slices.Contains(v.Why, coding.NotAllowed) || !slices.Contains(v.Why, coding.NotRead) {
			t.Errorf("as a %s only %v forbids it", v.Form, v.Why)
		}
	}
	if told, err := b.Story(c); err != nil || len(told) != 1 || told[0].Note != WithoutFirst {
		t.Errorf("who reads it is told %+v, %v", told, err)
	}
	if !slices.ContainsFunc(b.Queue(), func(r Row) bool { return r.LeafHash == followup && r.Stage == StageBeside }) {
		t.Error("nobody would read it: it is not in the queue")
	}
	if err := b.Code(ctx, c, foundHere()); !errors.Is(err, ErrBeside) {
		t.Errorf("it is coded: %v", err)
	}

	const words = "And then they laughed."
	decision := w.forced(followup, words)
	b, c = w.on(2, followup)
	if _, err := b.Release(ctx, c); !errors.Is(err, ErrBeside) {
		t.Errorf("it goes out: %v", err)
	}
	if _, err := b.Share(ctx, c); !errors.Is(err, ErrBeside) {
		t.Errorf("it is decided on: %v", err)
	}
	if err := b.Check(ctx, c, coding.FormQuote, words, false, ""); !errors.Is(err, ErrBeside) {
		t.Errorf("it is checked: %v", err)
	}
	if err := b.MayShow(c, coding.FormQuote); !errors.Is(err, ErrBeside) {
		t.Errorf("its writer is shown it: %v", err)
	}
	id := w.posts(followup, decision, words)
	if got := w.held(0, id); got != Forbidden {
		t.Errorf("a finding of it is %s", got)
	}
	tended, err := w.bench(0).Tend(ctx)
	must(t, err)
	if tended.Taken != 1 || tended.Coded != 0 || w.counts != 0 {
		t.Errorf("of it %+v, and %d are counted", tended, w.counts)
	}
}

// The place and the role are in nobody's list of words: somebody looks for them. What a writer hides after that was looked for by
// nobody.
func TestWhatAWriterHidesAfterTheCheckKeepsWordsBackAndTakesThemBack(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	const words = "They held me down on Tuesday."
	receipt, leaf := w.tells("my_words_to_clinic")
	hides := func(codes ...string) {
		t.Helper()
		m, err := w.client().Mailbox(ctx, testClinic, receipt)
		must(t, err)
		w.later(24 * time.Hour) // of two changes on one day the closer one holds
		_, err = m.Consent(ctx, seal.Consent{ShareLevel: "my_words_to_clinic", Hold: "now", Hide: codes})
		must(t, err)
		w.batch()
	}
	stops := func(err error) {
		t.Helper()
		var forbidden *ForbiddenError
		if !errors.As(err, &forbidden) || !slices.Contains(forbidden.Why, coding.NotChecked) {
			t.Errorf("nobody looked for what is hidden, and the answer is %v", err)
		}
	}
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormQuote, words, false, "") })

	hides("the_role")
	b, c := w.on(2, leaf)
	_, err := b.Share(ctx, c)
	stops(err)
	must(t, b.Check(ctx, c, coding.FormQuote, words, false, ""))
	_, err = b.Share(ctx, c)
	must(t, err)
	if got := c.check().Body.Hide; !slices.Equal(got, []string{"the_role"}) {
		t.Errorf("the check says that they looked for %v", got)
	}

	hides("the_date", "the_role")
	w.later(3 * 24 * time.Hour)
	b, c = w.on(2, leaf)
	_, err = b.Release(ctx, c)
	stops(err)
	must(t, b.Object(ctx, c, "They hide more by now."))
	must(t, b.Check(ctx, c, coding.FormQuote, "They held me down.", false, ""))
	w.later(24 * time.Hour)
	b, c = w.on(2, leaf)
	_, err = b.Share(ctx, c)
	must(t, err)
	w.later(3 * 24 * time.Hour)
	b, c = w.on(2, leaf)
	id, err := b.Release(ctx, c)
	must(t, err)
	if got := w.held(0, id); got != Holds {
		t.Errorf("what they looked for all of is %s", got)
	}

	hides("the_date", "the_place", "the_role")
	if got := w.held(0, id); got != Forbidden {
		t.Errorf("what hides too little by now is %s", got)
	}
	tended, err := w.bench(1).Tend(ctx)
	must(t, err)
	if tended.Taken != 1 {
		t.Errorf("it stands: %+v", tended)
	}
}

// A summary in the writer's own words is no summary. Where they may not go out, six of them in a row do not.
func TestAParaphraseInTheWritersWordsGoesNowhereWhereTheyDoNotAllowThem(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	const own, half = "Somebody says: They held me down, and laughed.", "Somebody was held down and laughed at."
	_, little := w.tells("panel_summary_to_clinic")
	receipt, much := w.tells("my_words_to_clinic")
	w.batch()
	for _, leaf := range []string{little, much} {
		w.agrees(leaf)
		w.claims(2, leaf, review.RoleChecker)
	}
	b, c := w.on(2, little)
	var repeats *RepeatsError
	err := b.Check(ctx, c, coding.FormParaphrase, own, true, "")
	if !errors.As(err, &repeats) || !slices.Equal(repeats.Stretches, []string{"They held me down, and laughed"}) {
		t.Errorf("it is checked: %v", err)
	}
	if quotes, err := b.Quotes(c, own); err != nil || len(quotes) != 1 {
		t.Errorf("who checks is told of %v, %v", quotes, err)
	}
	// A client of before lets it through.
	_, err = b.send(ctx, c, &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormParaphrase, Words: own}})
	must(t, err)
	var forbidden *ForbiddenError
	if _, err := b.Share(ctx, c); !errors.As(err, &forbidden) || !slices.Equal(forbidden.Why, []string{coding.NoQuotes}) {
		t.Errorf("it is decided on: %v", err)
	}
	must(t, b.Check(ctx, c, coding.FormParaphrase, half, false, ""))

	// Where the writer allows their words it goes out, until they do not.
	b, c = w.on(2, much)
	must(t, b.Check(ctx, c, coding.FormParaphrase, own, false, ""))
	_, err = b.Share(ctx, c)
	must(t, err)
	w.later(3 * 24 * time.Hour)
	b, c = w.on(2, much)
	id, err := b.Release(ctx, c)
	must(t, err)
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_summary_to_clinic", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	tended, err := w.bench(1).Tend(ctx)
	must(t, err)
	if tended.Taken != 1 {
		t.Errorf("%s stands: %+v", id, tended)
	}
}

// A row is what a member is shown who may be close to somebody in the message: nothing in it ties the message to others of its writer, nor
// to acts in public, by which one could follow it for good.
func TestARowTiesNothingBeforeADeclaration(t *testing.T) {
	w := newTeam(t, 2)
	_, first, followup := w.withFollowup()
	_, err := w.bench(0).Tend(t.Context())
	must(t, err)
	b, c := w.on(1, first)
	later, err := b.Case(followup)
	must(t, err)
	_, err = b.Tend(t.Context()) // which notes on the card which log it was made by
	must(t, err)
	later.Card.CheckIn = "month"
	rows := func() string {
		all := []any{b.Queue(), b.Row(c), b.Row(later)}
		_, err := Cards(w.dirs[1], w.panel[1].identity, func(v *Veiled) error { all = append(all, v); return nil })
		must(t, err)
		out, err := json.Marshal(all)
		must(t, err)
		return string(out)
	}
	ties := map[string]string{
		"receipt": c.Card.Receipt, "actions": c.Card.Actions, "log": c.Card.Log, "later receipt": later.Card.Receipt, "later actions": later.Card.Actions,
		"receipt member": `"receipt"`, "actions member": `"actions"`, "log member": `"log"`, "thread": later.Card.Thread, "wish": `"check_in":"month"`,
	}
	for name, value := range ties {
		if value == "" {
			t.Errorf("%s is empty, so nothing is looked for", name)
		}
		if strings.Contains(rows(), value) {
			t.Errorf("a row has %s", name)
		}
	}
	must(t, errors.Join(b.Declare(c), b.Declare(later)))
	delete(ties, "thread") // who has declared is shown what it belongs to
	for name, value := range ties {
		if strings.Contains(rows(), value) {
			t.Errorf("a row has %s after the declaration, where nobody needs it", name)
		}
	}
	if !strings.Contains(rows(), later.Card.Thread) {
		t.Error("who has declared is not shown to which message another belongs")
	}
	if c.Card.Receipt == "" || c.Card.Actions == "" || later.Card.CheckIn == "" {
		t.Error("a row took something away from the message itself")
	}
}

// Whoever steps back from a change of wishes, or from more, steps back from the first message, too: the panel's work on that would go on
// here as if its writer had never said it.
func TestAStepBackFromWhatCameLaterIsOneFromTheFirstMessage(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, first, followup := w.withFollowup()
	other := w.more(receipt)
	takes := func(b *Bench, c *Case) error { return errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder)) }
	if b, c := w.on(0, followup); !errors.Is(takes(b, c), ErrBeside) || c.mine(b.ID) {
		t.Error("somebody takes a part in what came later")
	}

	w.does(0, followup, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	b := w.bench(0)
	if queue := b.Queue(); len(queue) != 0 || len(b.recused) != 4 {
		t.Errorf("of a writer's four messages %d are stepped back from, and %d are left", len(b.recused), len(queue))
	}

	// A program of before stepped back from what came later alone: nothing goes out by what is left, and the next look takes it along.
	w.does(1, other, func(b *Bench, c *Case) error { return b.recuse(ctx, c) })
	b, c := w.on(1, first)
	if b.Progress(c).AllRead {
		t.Error("what is left of a writer's messages passes for all of them")
	}
	_, err := b.Tend(ctx)
	must(t, err)
	if b = w.bench(1); len(b.Queue()) != 0 || len(b.recused) != 4 {
		t.Errorf("after the next look %d of four are stepped back from", len(b.recused))
	}
}

package coding_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

func TestCodersAgreeOnThemesAndOnSeriousnessWithinOne(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*coding.Found)
		agree       bool
		differences int
	}{
		"the same":             {func(*coding.Found) {}, true, 0},
		"next seriousness":     {func(f *coding.Found) { f.Seriousness = 3 }, true, 1},
		"far in seriousness":   {func(f *coding.Found) { f.Seriousness = 0 }, false, 1},
		"another theme":        {func(f *coding.Found) { f.Yes, f.No = []string{"bias", "force", "voice"}, []string{"access", "money"} }, false, 1},
		"another item":         {func(f *coding.Found) { f.Items = []string{"force.held_down"} }, true, 1},
		"others involved":      {func(f *coding.Found) { f.Involved = []string{"doctor"} }, true, 3},
		"a theme not asked":    {func(f *coding.Found) { f.Taxonomy, f.No = "0.1.0", []string{"access", "bias"} }, true, 1},
		"an old theme besides": {func(f *coding.Found) { f.Taxonomy, f.Yes = "0.1.0", []string{"force", "leaving", "voice"} }, true, 1},
		"a theme left open":    {func(f *coding.Found) { f.No = []string{"access", "bias"} }, false, 1},
		"nothing answered":     {func(f *coding.Found) { f.Yes, f.No, f.Items = []string{}, []string{}, []string{} }, false, 7},
		"no work, unasked":     {func(f *coding.Found) { f.No = append(f.No, "work") }, true, 1},
		"work, unasked":        {func(f *coding.Found) { f.Yes = append(f.Yes, "work") }, false, 1},
	} {
		a, b := found(), found()
		c.change(&b)
		got := coding.Compare(&a, &b)
		if got.Agree != c.agree || len(got.Differences) != c.differences {
			t.Errorf("%s: got %+v", name, got)
		}
		if back := coding.Compare(&b, &a); back.Agree != got.Agree || len(back.Differences) != len(got.Differences) {
			t.Errorf("%s: the other way round it is %+v", name, back)
		}
	}
}

// anyFound is some coding over a few themes, of which each list of codes knows others.
func anyFound(r *rand.Rand) coding.Found {
	f := coding.Found{Taxonomy: []string{"0.1.0", "0.2.0"}[r.IntN(2)], Yes: []string{}, No: []string{}, Items: []string{}, Good: []string{}, Involved: []string{}, Repair: []string{},
		Seriousness: r.IntN(4)}
	for _, theme := range []string{"access", "force", "money", "voice", "work"} {
		switch r.IntN(5) {
		case 0, 1:
			f.Yes = append(f.Yes, theme)
		case 2, 3:
			f.No = append(f.No, theme)
		}
	}
	if slices.Contains(f.Yes, "force") && r.IntN(2) == 0 {
		f.Own = []string{"force.x_mill_lane." + []string{"no_key", "the_blue_room"}[r.IntN(2)]}
	}
	return f
}

// TestNothingIsSettledWithoutTwoCodersWhoSignAlike tries thousands of ways in which a panel's files can lie on the table,
// and asks of each consensus whether two different coders of this message signed those very words, and kept to the codings.
func TestNothingIsSettledWithoutTwoCodersWhoSignAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2026))
	settled := 0
	for range 20_000 {
		codings, consensuses := table(r)
		c, hashes := coding.Settled(codings, consensuses)
		if c == nil {
			continue
		}
		settled++
		signers := map[string]bool{}
		for _, s := range consensuses {
			if slices.Contains(hashes, s.Hash) {
				signers[s.By] = true
			}
		}
		coder := func(by string) bool {
			return slices.ContainsFunc(codings, func(c coding.Coded[*coding.Coding]) bool { return c.By == by })
		}
		for by := range signers {
			if !coder(by) {
				t.Fatalf("%s is no coder of this message", by)
			}
		}
		if len(signers) < 2 || len(c.Codings) != len(codings) {
			t.Fatalf("signed by %d, of %d codings it names %d", len(signers), len(codings), len(c.Codings))
		}
		for _, theme := range c.Yes {
			if !slices.ContainsFunc(codings, func(c coding.Coded[*coding.Coding]) bool { return slices.Contains(c.Body.Yes, theme) }) {
				t.Fatalf("nobody found %s", theme)
			}
		}
	}
	if settled < 500 {
		t.Fatalf("only %d tables were settled: this test says little", settled)
	}
}

func table(r *rand.Rand) (codings []coding.Coded[*coding.Coding], consensuses []coding.Coded[*coding.Consensus]) {
	people := []string{anna, bela, cleo}
	for i, by := range people[:r.IntN(3)+1] {
		codings = append(codings, coding.Coded[*coding.Coding]{By: by, Hash: hash(byte(10 + i)), Body: &coding.Coding{Found: anyFound(r)}})
	}
	for i := range r.IntN(4) {
		c := coding.Proposal(codings)
		switch r.IntN(6) {
		case 0:
			c.Seriousness = r.IntN(4)
		case 1:
			c.Found = anyFound(r)
		case 2:
			c.Codings = []string{hash(10), hash(99)}
		}
		consensuses = append(consensuses, coding.Coded[*coding.Consensus]{By: append(people, "rdddddddd")[r.IntN(4)], Hash: hash(byte(30 + i)), Body: c})
	}
	return codings, consensuses
}

func TestACoderWhoThinksAgainTakesTheAgreementBack(t *testing.T) {
	a, b := found(), found()
	codings := []coding.Coded[*coding.Coding]{{By: anna, Hash: hash(2), Body: &coding.Coding{Found: a}}, {By: bela, Hash: hash(3), Body: &coding.Coding{Found: b}}}
	both := []coding.Coded[*coding.Consensus]{{By: anna, Hash: hash(4), Body: agreed()}, {By: bela, Hash: hash(5), Body: agreed()}}
	if c, hashes := coding.Settled(codings, both); c == nil || !slices.Equal(hashes, []string{hash(4), hash(5)}) {
		t.Fatalf("got %v %v, want an agreement", c, hashes)
	}
	other := agreed()
	other.Repair = []string{"explain"}
	if c, _ := coding.Settled(codings, append(both, coding.Coded[*coding.Consensus]{By: bela, Hash: hash(6), Body: other})); c != nil {
		t.Errorf("an agreement that one of two has left stands: %+v", c)
	}
	if c, _ := coding.Settled(codings, []coding.Coded[*coding.Consensus]{both[0], {By: anna, Hash: hash(7), Body: agreed()}}); c != nil {
		t.Error("one coder agrees with herself")
	}
}

// TestNothingGoesOutAboveTheLadder tries every wish with every state of the work.
func TestNothingGoesOutAboveTheLadder(t *testing.T) {
	every(func(w coding.Wishes, p coding.Progress) {
		for _, v := range coding.Verdicts(w, p) {
			if len(v.Why) > 0 || len(v.Wait) > 0 {
				continue
			}
			level := slices.Index(seal.ShareLevels, w.ShareLevel)
			least := map[string]int{"count": 1, "theme": 2, "paraphrase": 2, "quote": 3, "public": 4}[v.Form]
			words := v.Form != "count" && v.Form != "theme"
			switch {
			case level < least, w.AskMeFirst, w.Hold != "now", !p.Agreed, !p.AllRead, p.LaterGone, p.Objected, p.WholeDays < 2:
				t.Fatalf("%s goes out with %+v %+v", v.Form, w, p)
			case v.Form != "count" && p.Unseen:
				t.Fatalf("%s goes out in words that its writer was not shown: %+v", v.Form, p)
			case v.Form != "count" && (!p.Checked || p.Guess):
				t.Fatalf("%s goes out unchecked with %+v", v.Form, p)
			case words && slices.Contains(w.MustNot, "do_not_tell_my_worker"), least >= 3 && slices.Contains(w.Hide, "quotes"):
				t.Fatalf("%s goes out with %+v", v.Form, w)
			}
		}
	})
}

func every(try func(coding.Wishes, coding.Progress)) {
	bools := []bool{false, true}
	for n := range 1 << 9 {
		bit := func(i int) bool { return bools[n>>i&1] }
		for _, level := range append(slices.Clone(seal.ShareLevels), "everything") {
			w := coding.MostPrivate()
			w.ShareLevel, w.AskMeFirst = level, bit(0)
			if bit(1) {
				w.Hold = "wait_until_i_say"
			}
			if bit(2) {
				w.Hide = []string{"quotes"}
			}
			if bit(3) {
				w.MustNot = []string{"do_not_tell_my_worker"}
			}
			for days := range 4 {
				try(w, coding.Progress{
					Agreed: bit(4), Checked: bit(5), Guess: bit(6), Objected: bit(7), WholeDays: days, AllRead: days != 3 || bit(4), Unseen: bit(8),
					LaterGone: days == 2 && !bit(8),
				})
			}
		}
	}
}

func TestTheNewestWishOfAWriterStandsAndSilenceAllowsNothing(t *testing.T) {
	if w := coding.WishesOf(nil); w.ShareLevel != "panel_only" {
		t.Errorf("nothing said allows %+v", w)
	}
	answers := []seal.Answer{
		{Q: "share_level", A: "my_words_public"}, {Q: "hide", A: "quotes\nthe_date\nnonsense"},
		{Q: "must_not", A: "do_not_call_police"}, {Q: "must_not", A: "do_not_contact_me"},
	}
	first := seal.Said{Kind: seal.KindSubmission, Day: "2026-11-01", Answers: answers}
	w := coding.WishesOf([]seal.Said{first})
	if w.Hold != "wait_until_i_say" {
		t.Errorf("nothing was said of when, and the panel starts: %+v", w)
	}
	if !slices.Equal(w.MustNot, []string{"do_not_call_police", "do_not_contact_me"}) || !slices.Equal(w.Hide, []string{"quotes", "the_date"}) {
		t.Errorf("got %+v", w)
	}
	less := seal.Consent{ShareLevel: "count_me", AskMeFirst: true, Hold: "wait_until_i_say", Hide: []string{"the_place"}}
	w = coding.WishesOf([]seal.Said{first, {Kind: seal.KindConsent, Day: "2026-11-02", Consent: &less}})
	if w.ShareLevel != "count_me" || !w.AskMeFirst || w.Hold != "wait_until_i_say" || len(w.MustNot) != 2 {
		t.Errorf("after a change: %+v", w)
	}
	unknown := []seal.Answer{{Q: "share_level", A: "whatever"}, {Q: "hold_until", A: "later"}}
	if w := coding.WishesOf([]seal.Said{{Kind: seal.KindSubmission, Answers: unknown}}); w.ShareLevel != "panel_only" || w.Hold == "now" {
		t.Errorf("a code that is not known allows %+v", w)
	}
}

// TestNoFollowupAllowsMore holds the wishes of receipts against those of the same without their follow-ups, in both orders.
func TestNoFollowupAllowsMore(t *testing.T) {
	narrowed := 0
	level := func(w coding.Wishes) int { return slices.Index(seal.ShareLevels, w.ShareLevel) }
	for _, said := range someReceipts() {
		with := coding.WishesOf(said)
		without := coding.WishesOf(slices.DeleteFunc(slices.Clone(said), func(m seal.Said) bool { return m.Kind == seal.KindFollowup }))
		for _, form := range coding.Forms {
			if len(coding.Against(without, form)) > 0 && len(coding.Against(with, form)) == 0 {
				t.Fatalf("with %+v more goes out, as a %s", said, form)
			}
		}
		if level(with) > level(without) || len(without.Hide) > len(with.Hide) || len(without.MustNot) > len(with.MustNot) {
			t.Fatalf("%+v without follow-ups, and %+v with them", without, with)
		}
		if level(with) < level(without) {
			narrowed++
		}
		turned := slices.Clone(said)
		slices.Reverse(turned)
		if got := coding.WishesOf(turned); !reflect.DeepEqual(got, with) {
			t.Fatalf("in another order %+v, not %+v", got, with)
		}
	}
	if narrowed < 10 {
		t.Fatalf("%d allow less: this test says little", narrowed)
	}
}

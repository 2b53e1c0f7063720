package client

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// given brings a message to where a finding of it stands, in a writer's words, posted by member 2.
func (w *team) given(leaf, words string) (id string) {
	w.t.Helper()
	ctx := w.t.Context()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		must(w.t, b.Check(ctx, c, coding.FormQuote, words, false, ""))
		_, err := b.Share(ctx, c)
		return err
	})
	w.later(3 * 24 * time.Hour)
	w.does(2, leaf, func(b *Bench, c *Case) (err error) {
		id, err = b.Release(ctx, c)
		return err
	})
	return id
}

// held is what a member finds of the finding that stands.
func (w *team) held(who int, id string) Holding {
	w.t.Helper()
	findings, err := w.bench(who).Findings(w.t.Context())
	must(w.t, err)
	for _, f := range findings {
		if f.ID == id {
			return f.Holding
		}
	}
	w.t.Fatalf("%s does not stand: %+v", id, findings)
	return ""
}

func TestAFindingThatAServerChangesIsFoundOutAndNotHandedOver(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	_, leaf := w.tells("my_words_to_clinic", seal.Answer{Q: "must_not", A: "do_not_call_police"})
	w.batch()
	id := w.given(leaf, "They held me down.")
	for who := range 3 {
		if got := w.held(who, id); got != Holds {
			t.Errorf("member %d: what was decided is said to be %s", who, got)
		}
	}
	for _, change := range []string{"words = 'They were kind.'", "form = 'public'", "must_not = '{}'", "found_on = found_on - 1", "found_on = found_on + 1", "form = 'theme', words = '', must_not = '{}', themes = '{force}'"} {
		var before review.Finding
		must(t, w.clinics.DB.NewSelect().Model(&before).Where("id = ?", id).Scan(ctx))
		_, err := w.clinics.DB.NewRaw(`UPDATE finding SET `+change+` WHERE id = ?`, id).Exec(ctx)
		must(t, err)
		var bad *FindingError
		if _, err := w.bench(0).HandOver(ctx, id); w.held(1, id) != Differs || !errors.As(err, &bad) || bad.Holding != Differs {
			t.Errorf("%s: %s, handed over: %v", change, w.held(1, id), err)
		}
		_, err = w.clinics.DB.NewUpdate().Model(&before).WherePK().Exec(ctx)
		must(t, err)
	}
	if _, err := w.bench(0).HandOver(ctx, id); err != nil {
		t.Errorf("what was decided is not handed over: %v", err)
	}
	// Any member takes it back, also one who has no part in it and once the clinic has it.
	must(t, w.panel[1].TakeBack(ctx, testClinic, id))
	findings, err := w.bench(0).Findings(ctx)
	must(t, err)
	ledger, err := w.panel[0].Promises(ctx, testClinic)
	must(t, err)
	if len(findings) != 0 || len(ledger.Handovers) != 1 || !ledger.Handovers[0].TakenBack {
		t.Errorf("%d stand, handed over %+v", len(findings), ledger.Handovers)
	}
	if _, err := w.bench(0).HandOver(ctx, id); !errors.Is(err, ErrNoFinding) {
		t.Errorf("what was taken back is handed over: %v", err)
	}
}

// A member with a program of their own can post what they like once the steps before it are made. Their colleagues' programs
// find it out.
func TestAFindingThatWasNotDecidedOrIsNotAllowedIsFoundOut(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	posts := func(leaf string, decision string, f *review.Finding) string {
		t.Helper()
		_, c := w.on(2, leaf)
		sharing, err := base64.RawURLEncoding.DecodeString(decision)
		must(t, err)
		f.LeafHash, f.Sharing = c.Leaf[:], sharing
		f.Signature = f.Sign(w.panel[2].key, w.clinicID)
		by, err := w.accounts.Reviewer(ctx, w.clinics.DB, w.panel[2].ID)
		must(t, err)
		id, err := w.review.Find(ctx, w.clinicID, by, f)
		must(t, err)
		return id
	}
	_, leaf := w.tells("panel_summary_to_clinic")
	_, above := w.tells("panel_summary_to_clinic")
	w.batch()
	const words = "Somebody was held down."
	for _, one := range []string{leaf, above} {
		w.agrees(one)
		w.claims(2, one, review.RoleChecker)
	}
	w.does(2, leaf, func(b *Bench, c *Case) error {
		must(t, b.Check(ctx, c, coding.FormParaphrase, words, false, ""))
		_, err := b.Share(ctx, c)
		return err
	})
	// Its wishes are what this member would have them be.
	w.does(2, above, func(b *Bench, c *Case) error {
		check, err := b.send(ctx, c, &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormQuote, Words: words}})
		must(t, err)
		wishes := c.wishes()
		wishes.ShareLevel = "my_words_public"
		_, hashes := c.Settled()
		_, err = b.send(ctx, c, &coding.Sharing{Decision: coding.Share, Form: coding.FormQuote, Words: words, Wishes: wishes, Consensus: hashes, Check: check})
		return err
	})
	w.later(3 * 24 * time.Hour)
	_, c := w.on(2, leaf)
	other := posts(leaf, c.standing().Hash, &review.Finding{Form: "paraphrase", Words: "Nurse Quillwort held somebody down.", Themes: []string{}})
	_, c = w.on(2, above)
	ladder := posts(above, c.standing().Hash, &review.Finding{Form: "quote", Words: words, Themes: []string{}})
	for who := range 2 {
		if got := w.held(who, other); got != Differs {
			t.Errorf("words that nobody decided on: %s", got)
		}
		if got := w.held(who, ladder); got != Forbidden {
			t.Errorf("more than the writer allows: %s", got)
		}
	}
	var bad *FindingError
	if _, err := w.bench(0).HandOver(ctx, ladder); !errors.As(err, &bad) || bad.Holding != Forbidden {
		t.Errorf("it is handed over: %v", err)
	}
}

// That the clinic was told is owned up to in a week after the hand-over, dated to that week: an act of the same day would tie
// its tag to the finding for whoever sees both.
func TestThatTheClinicWasToldIsOwnedUpToOnceTheWeekIsOver(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("my_words_to_clinic")
	_, other := w.tells("my_words_to_clinic")
	w.batch()
	id := w.given(leaf, "They held me down.")
	w.given(other, "They held me down twice.") // stands, and is not handed over
	tend := func(who int) {
		t.Helper()
		_, err := w.bench(who).Tend(ctx)
		must(t, err)
	}
	tend(0)
	_, err := w.bench(0).HandOver(ctx, id)
	must(t, err)
	tend(0)
	w.holdsActs(receipt, "received", "assessed", "closed")
	w.later(7 * 24 * time.Hour)
	for range 2 {
		tend(1)
		tend(0)
	}
	w.holdsActs(receipt, "received", "assessed", "acted", "closed")
	if n := w.actsByCode()["acted"]; n != 1 {
		t.Errorf("it is said %d times, of one finding that the clinic was handed", n)
	}
	acts, err := w.review.Acts(ctx, w.clinicID)
	must(t, err)
	for _, a := range acts {
		if a.Code == "acted" && !a.ActedOn.Equal(transparency.WeekOf(w.now().Truncate(24*time.Hour))) {
			t.Errorf("it is dated %s", a.ActedOn)
		}
	}
}

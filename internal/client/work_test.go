package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// TestThreeReviewersWorkFromTheQueueToAFinding walks the whole way in the terminal's client, against a real server.
func TestThreeReviewersWorkFromTheQueueToAFinding(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic")
	w.batch()

	b := w.bench(0)
	tended, err := b.Tend(ctx)
	must(t, err)
	queue := b.Queue()
	if tended.Cards != 1 || len(queue) != 1 || queue[0].LeafHash != leaf || queue[0].Card.Service != "ward" || queue[0].Stage != StageCoding {
		t.Fatalf("tended %+v, queue %+v", tended, queue)
	}
	c, err := b.Case(leaf)
	must(t, err)
	if _, err := b.Story(c); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("the story before declaring: %v", err)
	}
	if err := b.Claim(ctx, c, review.RoleCoder); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("a claim before declaring: %v", err)
	}
	w.agrees(leaf)
	if w.counts != 1 {
		t.Errorf("%d are counted", w.counts)
	}
	w.claims(2, leaf, review.RoleChecker)
	const words = "Somebody was held down."
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if _, err := b.Share(ctx, c); !errors.Is(err, ErrNoCheck) {
			t.Errorf("a decision without a check: %v", err)
		}
		return b.Check(ctx, c, coding.FormParaphrase, words, false, "")
	})
	w.does(2, leaf, func(b *Bench, c *Case) error {
		form, err := b.Share(ctx, c)
		if form != coding.FormParaphrase {
			t.Errorf("shared as %q", form)
		}
		return err
	})
	var forbidden *ForbiddenError
	for range 3 {
		b, c := w.on(0, leaf)
		if _, err := b.Release(ctx, c); !errors.As(err, &forbidden) || !slices.Equal(forbidden.Why, []string{coding.StillTime}) {
			t.Errorf("on %s: %v", b.Today, err)
		}
		w.later(24 * time.Hour)
	}
	w.does(0, leaf, func(b *Bench, c *Case) error {
		if c.Stage(b.Today) != StageReady {
			t.Errorf("stage %s", c.Stage(b.Today))
		}
		_, err := b.Release(ctx, c)
		return err
	})
	findings, err := w.review.Findings(ctx, w.clinicID, w.panel[0].ID)
	must(t, err)
	if len(findings) != 1 || findings[0].Words != words || len(findings[0].Themes) > 0 { // words go out without the themes that were agreed on
		t.Fatalf("findings %+v", findings)
	}
	w.holdsActs(receipt, "received") // what came of each step waits, so that nobody can tell which step it was
	_, err = w.bench(0).Tend(ctx)
	must(t, err)
	w.holdsActs(receipt, "received", "assessed", "closed")
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Close(ctx, c) }) // the same again is no error

	// The writer allows less: what was said outside comes back, and is not counted.
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_only", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	if tended, err = w.bench(1).Tend(ctx); err != nil || tended.Taken != 1 || tended.Uncoded != 1 || w.counts != 0 {
		t.Errorf("after less is allowed: %+v, %d counted, %v", tended, w.counts, err)
	}
	if findings, err = w.review.Findings(ctx, w.clinicID, w.panel[0].ID); err != nil || len(findings) != 0 {
		t.Errorf("findings %v, %v", findings, err)
	}
}

func TestWhoStepsBackIsNotAlarmedAndIsGivenNothing(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("count_me")
	_, other := w.tells("count_me")
	w.batch()
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	for _, ext := range []string{ageExt, leafExt} {
		if _, err := os.Stat(filepath.Join(w.dirs[0], leaf+ext)); err == nil {
			t.Errorf("%s is still here", ext)
		}
	}
	if declared, err := Declared(w.dirs[0], w.panel[0].identity, leaf); err != nil || declared {
		t.Errorf("the declaration is still here: %v, %v", declared, err)
	}
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "and the next day"}})
	must(t, err)
	w.batch()
	b := w.bench(0) // alarms of a missing file would fail here
	further := 0
	_, err = Cards(w.dirs[0], w.panel[0].identity, func(v *Veiled) error {
		if v.LeafHash == other {
			return nil
		}
		if further++; v.Card != nil || v.Error != errStepped.Error() {
			t.Errorf("the card of what came later from its writer: %+v", v)
		}
		return nil
	})
	if err != nil || further != 1 {
		t.Errorf("what came later from its writer: %d, %v", further, err)
	}
	_, err = b.Tend(ctx)
	must(t, err)
	if queue := b.Queue(); len(queue) != 1 || queue[0].LeafHash != other {
		t.Errorf("the queue of who stepped back: %+v", queue)
	}
	if queue := w.bench(1).Queue(); len(queue) != 2 {
		t.Errorf("a colleague's queue: %+v", queue)
	}
	all, _ := w.read(w.dirs[0], w.panel[0])
	if len(all) != 1 {
		t.Errorf("%d messages are on this machine", len(all))
	}

	// On another machine, and where the message itself does not say what it belongs to.
	w.dirs[0] = t.TempDir()
	keys := receipt.Derive(testOrigin)
	mailbox := keys.MailboxToken.Commitment().String()
	if receipts, _ := w.bench(0).recusedReceipts(); len(receipts) != 1 || !receipts[coding.ReceiptOf(mailbox)] {
		t.Errorf("what is known there of the receipts stepped back from: %v", receipts)
	}
}

// The writer takes the message back, and writes on with the same words: whoever stepped back from it is given no card of that either,
// on a machine that knows nothing of it, nor where it was taken back before the step back was sent.
func TestAStepBackIsRememberedWhenItsMessageIsGone(t *testing.T) {
	for _, offline := range []bool{false, true} {
		w := newTeam(t, 3)
		ctx := t.Context()
		receipt, leaf := w.tells("count_me")
		w.batch()
		if offline {
			w.keeps(0)
			b, c := w.offlineOn(0, leaf)
			must(t, b.Recuse(ctx, c))
		} else {
			w.does(0, leaf, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
		}
		keys := receipt.Derive(testOrigin)
		_, err := w.intake.Withdraw(ctx, w.clinicID, keys.AnchorToken.Commitment(), keys.WithdrawToken)
		must(t, err)
		w.batch()
		if offline {
			w.pushes(0)
		}
		m, err := w.client().Mailbox(ctx, testClinic, receipt)
		must(t, err)
		_, err = m.Write(ctx, "en", []seal.Answer{{Q: "words", A: "and the next day"}})
		must(t, err)
		w.batch()
		w.dirs[0] = t.TempDir()
		b := w.bench(0)
		if len(b.recused) != 0 || len(b.Queue()) != 1 {
			t.Fatalf("%d steps back are listed, and %d messages", len(b.recused), len(b.Queue()))
		}
		_, err = b.Tend(ctx)
		must(t, err)
		if queue := b.Queue(); len(queue) != 0 {
			t.Errorf("offline %v: the queue of who stepped back: %+v", offline, queue)
		}
		if queue := w.bench(1).Queue(); len(queue) != 1 {
			t.Errorf("a colleague's queue: %+v", queue)
		}
		padded, err := seal.OpenReview(b.kept[0], b.identity)
		must(t, err)
		if f, err := coding.Parse(padded); err != nil || f.Leaf != (seal.Commitment{}).String() || f.Epoch != keptEpoch {
			t.Errorf("what is kept names a message or a month: %v", err)
		}
	}
}

// What a reviewer keeps of a message they stepped back from is their own word: nobody else's makes them step back from another.
func TestARemindersWordIsItsAuthorsAlone(t *testing.T) {
	w := newTeam(t, 2)
	_, leaf := w.tells("count_me")
	w.batch()
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Recuse(t.Context(), c) })
	nobody := base64.StdEncoding.EncodeToString(make([]byte, 64))
	reminders := list(t, "recusals", func(recusals []any) []any {
		recusals[0].(map[string]any)["reminder"].(map[string]any)["signature"] = nobody
		return recusals
	})
	kept := list(t, "kept", func(kept []any) []any {
		kept[0].(map[string]any)["signature"] = nobody
		return kept
	})
	w.changes("reminder", "/recusals", func(body string) string { return kept(reminders(body)) })
	if receipts, _ := w.bench(0).recusedReceipts(); len(receipts) != 1 {
		t.Errorf("on the machine where it was: %v", receipts)
	}
	w.dirs[0] = t.TempDir()
	b := w.bench(0)
	if receipts, err := b.recusedReceipts(); err != nil || len(b.recused) != 1 || len(receipts) != 0 {
		t.Errorf("%d steps back, %v", len(b.recused), receipts)
	}
}

// Checks stand in order of author and number. Of each author the last counts, of several authors' the newest, and of one day one that
// says that somebody could guess. ui/test/casework.test.ts asks the page the same.
func TestTheCheckThatStands(t *testing.T) {
	of := func(by, day string, guess bool) Dated[*coding.Check] {
		return dated(&coding.Check{Guess: guess}, by, by+day, day, 0)
	}
	for name, row := range map[string]struct {
		checks []Dated[*coding.Check]
		want   string
	}{
		"none":                         {nil, ""},
		"a coder's own":                {[]Dated[*coding.Check]{of("coder", "2026-12-02", false)}, ""},
		"the newer of two":             {[]Dated[*coding.Check]{of("a", "2026-12-03", true), of("b", "2026-12-02", false)}, "a2026-12-03"},
		"of one day one who guesses":   {[]Dated[*coding.Check]{of("a", "2026-12-02", true), of("b", "2026-12-02", false)}, "a2026-12-02"},
		"an author who looked again":   {[]Dated[*coding.Check]{of("a", "2026-12-02", true), of("a", "2026-12-02", false)}, "a2026-12-02"},
		"of one author, the last said": {[]Dated[*coding.Check]{of("a", "2026-12-03", true), of("a", "2026-12-02", false), of("b", "2026-12-02", false)}, "b2026-12-02"},
	} {
		c := &Case{Checks: row.checks, Codings: []Dated[*coding.Coding]{dated(&coding.Coding{}, "coder", "", "", 0)}}
		got := ""
		if check := c.check(); check != nil {
			got = check.Hash
		}
		if got != row.want {
			t.Errorf("%s: %q stands, want %q", name, got, row.want)
		}
		if name == "an author who looked again" && c.check().Body.Guess {
			t.Error("what an author said before counts still")
		}
	}
}

// A server may say of a colleague's file that this reviewer stepped back from it. Only their own signature counts.
func TestAServerCannotInventAStepBack(t *testing.T) {
	w := newTeam(t, 3)
	_, leaf := w.tells("count_me")
	w.batch()
	_, c := w.on(1, leaf)
	_, err := w.tlog.DB.NewRaw(`INSERT INTO recusal VALUES (?, ?, ?)`, c.Leaf[:], w.panel[0].ID,
		review.SignRecusal(w.panel[1].key, w.clinicID, c.Leaf, w.panel[0].ID)).Exec(t.Context())
	must(t, err)
	must(t, w.panel[0].SignIn(t.Context()))
	if pulled := w.pull(w.panel[0], w.dirs[0]); pulled.Undelivered != 1 {
		t.Errorf("pulled %+v", pulled)
	}
}

func TestADraftIsKeptForItsAuthorAlone(t *testing.T) {
	w := newTeam(t, 3)
	_, leaf := w.tells("count_me")
	w.batch()
	w.does(0, leaf, func(b *Bench, c *Case) error {
		return errors.Join(b.Declare(c), b.SaveDraft(t.Context(), c, "half a thought"), b.SaveDraft(t.Context(), c, "a whole\nthought"))
	})
	if _, c := w.on(0, leaf); c.Drafted() != "a whole\nthought" {
		t.Errorf("the draft is %q", c.Drafted())
	}
	if _, c := w.on(1, leaf); c.Drafted() != "" {
		t.Error("a colleague sees the draft")
	}
	// They type in a browser and in two terminals, none of which knows of the others.
	b, c := w.on(0, leaf)
	elsewhere, same := w.on(0, leaf)
	_, err := b.send(t.Context(), c, &coding.Draft{Fields: []coding.Field{{Q: "note", A: "in a browser"}, {Q: "terminal", A: "another terminal's thought"}}})
	must(t, err)
	must(t, elsewhere.SaveDraft(t.Context(), same, "a last thought"))
	_, c = w.on(0, leaf)
	if want := []coding.Field{{Q: "note", A: "in a browser"}, {Q: "terminal", A: "a last thought\n\nanother terminal's thought"}}; !slices.Equal(c.Draft.Fields, want) {
		t.Errorf("typed in three places: %+v", c.Draft.Fields)
	}
	for _, body := range w.bodies {
		if strings.Contains(string(body), "thought") {
			t.Error("a draft left the machine in the clear")
		}
	}
}

// What looks like a decoy in public must not show by its acts that it is one.
func TestDecoysAndJunkGetActsToo(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	epoch, err := w.keys.Active(ctx, w.clinicID)
	must(t, err)
	decoy, err := seal.SealDecoy(seal.SmallBucket, epoch.Recipient)
	must(t, err)
	stranger, err := seal.SealDecoy(seal.SmallBucket, w.panel[0].identity.Recipient().String())
	must(t, err)
	w.submitFile(epoch.ID, decoy)
	w.submitFile(epoch.ID, stranger)
	w.tells("count_me")
	w.batch()
	for who := range 3 { // the same acts from every client, each once
		_, err := w.bench(who).Tend(ctx)
		must(t, err)
	}
	count := map[string]int{}
	kept, err := w.review.Acts(ctx, w.clinicID)
	must(t, err)
	for _, a := range kept {
		count[a.Code]++
	}
	if count["received"] != 3 || count["undecryptable"] != 1 {
		t.Errorf("acts %v", count)
	}
	if queue := w.bench(0).Queue(); len(queue) != 1 || queue[0].Card.Of != seal.KindSubmission {
		t.Error("a decoy or junk stands in the queue")
	}
}

// The odds of FORMAT.md: over many decoys and days about one in eight a day is said to be assessed, whatever the hour.
func TestTheOddsOfCoverActs(t *testing.T) {
	r := &Reviewer{ID: "raaaaaaaa"}
	hits := 0
	const tries = 20_000
	for i := range tries {
		b := &Bench{Reviewer: r, Today: time.Date(2026, 1, 1+i%365, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}
		c := &Case{actions: [32]byte{byte(i), byte(i >> 8)}}
		first := b.chance(c, transparency.ActAssessed, coverAssessed)
		if first != b.chance(c, transparency.ActAssessed, coverAssessed) {
			t.Fatal("a second sign-in on one day draws again")
		}
		if first {
			hits++
		}
	}
	if hits < tries/8*9/10 || hits > tries/8*11/10 {
		t.Errorf("%d of %d", hits, tries)
	}
}

// A message can be taken back, and a batch can come, between any two questions of a pull. Nobody is alarmed by that; who
// drops a file at that moment is found all the same.
func TestTakenBackWhileItIsPulledIsNoAlarm(t *testing.T) {
	for _, at := range []string{"/epochs", "/files"} {
		for _, dropped := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, dropped %d", at, dropped), func(t *testing.T) {
				w := newTeam(t, 3)
				receipt, _ := w.tells("count_me")
				w.tells("count_me")
				w.batch()
				must(t, w.panel[0].SignIn(t.Context()))
				seen := 0
				w.meddle = func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
					if strings.HasSuffix(r.URL.Path, at) {
						if seen++; seen == 2 || at == "/files" && seen == 1 {
							keys := receipt.Derive(testOrigin)
							_, err := w.intake.Withdraw(context.Background(), w.clinicID, keys.AnchorToken.Commitment(), keys.WithdrawToken)
							must(t, err)
							if dropped > 0 {
								_, err = w.tlog.DB.NewRaw(`DELETE FROM submission`).Exec(context.Background())
								must(t, err)
							}
							w.batch()
						}
					}
					next.ServeHTTP(rw, r)
				}
				if pulled := w.pull(w.panel[0], w.dirs[0]); pulled.Undelivered != dropped || pulled.Log != "" {
					t.Errorf("pulled %+v", pulled)
				}
			})
		}
	}
}

package client

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
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

// keeps fills a member's folder for work without a network.
func (w *team) keeps(who int) {
	w.t.Helper()
	must(w.t, w.panel[who].SignIn(w.t.Context()))
	pulled, unkept, err := w.panel[who].Keep(w.t.Context(), testClinic, w.dirs[who], func(int, int) {})
	must(w.t, errors.Join(err, unkept))
	if pulled.Undelivered+pulled.Missing+pulled.Refused != 0 || pulled.Log != "" {
		w.t.Errorf("member %d pulled %+v", who, pulled)
	}
}

// offline is a member's desk on their folder alone. Whatever asks the server fails the test.
func (w *team) offline(who int) *Bench {
	w.t.Helper()
	w.setMeddler(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.t.Errorf("without a network it asks for %s", r.URL)
		panic(http.ErrAbortHandler)
	})
	defer w.setMeddler(nil)
	r, clinic, err := Desk(w.dirs[who], w.panel[who].identity)
	must(w.t, err)
	b, pulled, err := r.Bench(w.t.Context(), clinic, w.dirs[who], func(int, int) {})
	must(w.t, err)
	if pulled.Undelivered+pulled.Missing+pulled.Refused != 0 || pulled.Log != "" || b.Unread != 0 {
		w.t.Errorf("member %d finds %+v, %d review files do not hold", who, pulled, b.Unread)
	}
	return b
}

func (w *team) offlineOn(who int, leaf string) (*Bench, *Case) {
	w.t.Helper()
	b := w.offline(who)
	c, err := b.Case(leaf)
	must(w.t, err)
	return b, c
}

// pushes sends what waits, and does what a client does at sign-in.
func (w *team) pushes(who int, anyway ...int) (all []Sent) {
	w.t.Helper()
	b := w.bench(who)
	_, err := b.Tend(w.t.Context())
	must(w.t, err)
	before := w.actsByCode()
	_, err = b.Push(w.t.Context(), PushOptions{Anyway: anyway, Hour: w.again(b)}, func(s *Sent) { all = append(all, *s) })
	must(w.t, err)
	for code, n := range w.actsByCode() {
		if code != transparency.ActContacted && n != before[code] {
			w.t.Errorf("an act %s follows at once from what was sent, and tells which message it is about", code)
		}
	}
	return all
}

// again opens a bench anew, as a command does when the hour has come.
func (w *team) again(b *Bench) func(context.Context) (*Bench, error) {
	return func(ctx context.Context) (*Bench, error) {
		anew, _, err := b.Bench(ctx, testClinic, b.own.root.Name(), func(int, int) {})
		return anew, err
	}
}

// results are those of steps in their order.
func results(sent []Sent) (out []string) {
	for _, s := range sent {
		out = append(out, s.Do+" "+s.Result)
	}
	return out
}

// A folder gives what was done in it back to the next command, and the steps that the panel's rules refuse are refused there.
func TestARuleOfThePanelHoldsInAFolder(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	must(t, w.review.SetPractice(ctx, w.clinicID, w.panel[0].ID, &review.Practice{
		Taken: 3, Coded: 14, Decided: 21, Reply: 7, Feedback: 90, WorkingDays: []int{1}, Holidays: []string{}, Sitting: 9, Serious: 1, Week: 2, Gap: 10, Hard: true,
	}))
	var leaves []string
	for range 3 {
		_, leaf := w.tells("count_me")
		leaves = append(leaves, leaf)
	}
	w.batch()
	w.claims(2, leaves[0], review.RoleCoder)
	w.keeps(2)

	b, c := w.offlineOn(2, leaves[1])
	if err := b.Note(ctx, c, "x"); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("a note before a declaration: %v", err)
	}
	if _, err := b.Reply(ctx, c, "x"); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("an answer before a declaration: %v", err)
	}
	must(t, errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder)))
	b, c = w.offlineOn(2, leaves[2])
	must(t, b.Declare(c))
	if got := refusedAs(b.Claim(ctx, c, review.RoleCoder)); got != problemPrefix+"week-full" {
		t.Errorf("a third part in one week: %s", got)
	}
	// What was taken before the folder was filled, and is handed back in it, gives its place back as at the server.
	step := func(leaf string, does func(*Bench, *Case) error) {
		t.Helper()
		must(t, does(w.offlineOn(2, leaf)))
	}
	takes := func(b *Bench, c *Case) error { return errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder)) } // who hands back has to declare anew
	givesBack := func(b *Bench, c *Case) error { return b.HandBack(ctx, c) }
	step(leaves[0], givesBack)
	step(leaves[2], takes)
	b, c = w.offlineOn(2, leaves[0])
	must(t, b.Declare(c))
	if got := refusedAs(b.Claim(ctx, c, review.RoleCoder)); got != problemPrefix+"week-full" {
		t.Errorf("the part that was handed back, when its place is taken: %s", got)
	}
	step(leaves[2], givesBack)
	step(leaves[0], takes)
	b, c = w.offlineOn(2, leaves[2])
	must(t, b.Declare(c))
	if _, err := b.Release(ctx, c); !errors.Is(err, ErrNoSay) {
		t.Errorf("a release: %v", err)
	}
	b, c = w.offlineOn(2, leaves[1])
	grave := foundHere()
	grave.Seriousness = 3
	must(t, b.Code(ctx, c, grave))
	if got := refusedAs(b.Code(ctx, c, grave)); got != problemPrefix+"frozen" {
		t.Errorf("another coding: %s", got)
	}
	if got := refusedAs(b.Close(ctx, c)); got != problemPrefix+problemOfOffline {
		t.Errorf("an act in public without a network: %s", got)
	}
	_, c = w.offlineOn(2, leaves[1])
	if len(c.Codings) != 1 || !c.has(w.panel[2].ID, partCoded) {
		t.Errorf("the next command knows of %d codings", len(c.Codings))
	}
	// What was coded counts in the week, though it is handed back.
	step(leaves[1], givesBack)
	if b = w.offline(2); b.offline.takenInWeek([32]byte{}) != 2 {
		t.Errorf("with a coding handed back there are %d of this week", b.offline.takenInWeek([32]byte{}))
	}
	var rest *RestError
	b, c = w.offlineOn(2, leaves[2])
	if err := b.Claim(ctx, c, review.RoleCoder); !errors.As(err, &rest) {
		t.Errorf("right after something grave: %v", err)
	}
	older := map[string][]byte{}
	for _, ext := range []string{ageExt, leafExt} {
		name := filepath.Join(w.dirs[2], leaves[2]+ext)
		content, err := os.ReadFile(name)
		must(t, err)
		older[name] = content
	}
	must(t, b.Recuse(ctx, c))
	if _, err := w.offline(2).Case(leaves[2]); !errors.Is(err, ErrNoMessage) {
		t.Errorf("after a step back: %v", err)
	}
	w.keeps(2)
	if _, err := w.bench(2).Case(leaves[2]); !errors.Is(err, ErrNoMessage) {
		t.Errorf("after a step back that waits, and another pull: %v", err)
	}
	for _, ext := range []string{ageExt, leafExt} {
		if _, err := os.Stat(filepath.Join(w.dirs[2], leaves[2]+ext)); err == nil {
			t.Errorf("%s of what was stepped back from is still in the folder", ext)
		}
	}
	for name, content := range older {
		must(t, os.WriteFile(name, content, 0o600))
	}
	if all, _ := w.read(w.dirs[2], w.panel[2]); !strings.Contains(all[leaves[2]].Error, "stepped back") || all[leaves[2]].Answers != nil {
		t.Errorf("put back into the folder by somebody: %+v", all[leaves[2]])
	}
	mine, err := b.own.read()
	must(t, err)
	if err := Drop(w.dirs[2], w.panel[2], mine.Waiting[7].N); !errors.Is(err, ErrForGood) {
		t.Errorf("a step back is dropped: %v", err)
	}
	sealed := mine.Waiting[5].File
	want := []string{"claim done", "hand-back done", "claim done", "hand-back done", "claim done", "coding done", "hand-back done", "recuse done"}
	if got := results(w.pushes(2)); !slices.Equal(got, want) {
		t.Errorf("sent %v", got)
	}
	var kept review.File
	must(t, w.review.DB.NewSelect().Model(&kept).Where("kind = ?", review.KindCoding).Where("author_id = ?", w.panel[2].ID).Scan(ctx))
	if !bytes.Equal(kept.File, sealed) {
		t.Error("the server holds another file than the one that was sealed without a network")
	}
	if got := w.pushes(2); len(got) != 0 {
		t.Errorf("a second push sends %v", got)
	}
	if _, err := w.bench(2).Case(leaves[2]); !errors.Is(err, ErrNoMessage) {
		t.Errorf("after a step back that was sent: %v", err)
	}
}

// What somebody did themselves is no news to them.
func TestTwoOfOnesOwnStepsInARowAreNoConflict(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	w.keeps(1)
	b, c := w.offlineOn(1, leaf)
	must(t, errors.Join(b.Declare(c), b.SaveDraft(ctx, c, "half a thought")))
	for _, step := range []func(*Bench, *Case) error{
		func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, "half a thought, and its end") },
		func(b *Bench, c *Case) error { _, err := b.Reply(ctx, c, "We read you."); return err },
		func(b *Bench, c *Case) error { _, err := b.Reply(ctx, c, "And we thank you."); return err },
	} {
		must(t, step(w.offlineOn(1, leaf)))
	}
	if got := results(w.pushes(1)); !slices.Equal(got, []string{"draft done", "reply done", "reply done"}) {
		t.Errorf("sent %v", got)
	}
}

// Who handed a part back in a folder, and at a page as well, and then took another there, keeps that one.
func TestAHandBackGivesUpNoOtherPart(t *testing.T) {
	p := &pusher{Bench: &Bench{Reviewer: &Reviewer{ID: "rme"}}}
	back := &step{N: 3, Do: doHandBack, Role: review.RoleCoder}
	c := &Case{Parts: []Part{{nil, "rother", review.RoleCoder}, {nil, "rme", partCoded}}}
	if result, err := p.handBack(t.Context(), c, back); result != SentAlready || err != nil {
		t.Errorf("without a part: %s, %v", result, err)
	}
	c.Parts = append(c.Parts, Part{nil, "rme", review.RoleChecker})
	var conflict *conflictError
	if _, err := p.handBack(t.Context(), c, back); !errors.As(err, &conflict) || !strings.Contains(conflict.why, "another part in it meanwhile: checker") || !strings.Contains(conflict.next, "--anyway 3") {
		t.Errorf("with another part: %v", err)
	}
}

// TestWhatHappenedMeanwhileIsShownAndNothingIsWrittenOver works offline while colleagues, the writer and the member's own browser go on.
func TestWhatHappenedMeanwhileIsShownAndNothingIsWrittenOver(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("panel_summary_to_clinic")
	gone, lost := w.tells("count_me")
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, "at the browser, before") })
	w.keeps(2)

	offline := func(leaf string, step func(*Bench, *Case) error) {
		t.Helper()
		b, c := w.offlineOn(2, leaf)
		must(t, step(b, c))
	}
	offline(leaf, func(b *Bench, c *Case) error {
		return b.Check(ctx, c, coding.FormParaphrase, "Somebody was held.", false, "")
	})
	offline(leaf, func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err })
	offline(leaf, func(b *Bench, c *Case) error { return b.Note(ctx, c, "a note from the train") })
	offline(leaf, func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, "from the train") })
	offline(leaf, func(b *Bench, c *Case) error { _, err := b.Reply(ctx, c, "we believe you"); return err })
	offline(lost, func(b *Bench, c *Case) error {
		return errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder), b.Code(ctx, c, foundHere()))
	})

	w.later(24 * time.Hour)
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_only", Hold: seal.Holds[0], Hide: []string{}})
	must(t, err)
	taken, err := w.client().Mailbox(ctx, testClinic, gone)
	must(t, err)
	_, err = taken.Withdraw(ctx, 0, func(int) {})
	must(t, err)
	w.batch()
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, "at the browser, after") })
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Note(ctx, c, "a colleague's") })

	sent := w.pushes(2)
	want := []string{"check kept", "sharing kept", "note done", "draft kept", "claim gone", "coding gone", "reply kept"}
	if got := results(sent); !slices.Equal(got, want) {
		t.Fatalf("sent %v, want %v: %+v", got, want, sent)
	}
	for i, why := range map[int]string{0: "its writer has sent something more", 1: "its writer has sent something more", 3: "another draft, from elsewhere", 6: "its writer has sent something more"} {
		if !strings.Contains(sent[i].Why, why) || !strings.Contains(sent[i].Next, "--anyway") {
			t.Errorf("%s: %q, %q", sent[i].Do, sent[i].Why, sent[i].Next)
		}
	}
	b, c := w.on(2, leaf)
	if c.Drafted() != "at the browser, after" || len(c.Checks)+len(c.Sharings) != 0 || len(c.Notes) != 2 {
		t.Errorf("at the server: %q, %d checks, %d decisions, %d notes", c.Drafted(), len(c.Checks), len(c.Sharings), len(c.Notes))
	}
	for _, ext := range []string{ageExt, leafExt} {
		if _, err := os.Stat(filepath.Join(w.dirs[2], lost+ext)); err == nil {
			t.Errorf("%s of what its writer took back is still in the folder", ext)
		}
	}
	if waiting, _ := b.Waits(); waiting != 4 {
		t.Errorf("%d steps wait", waiting)
	}

	// Who has looked may send it all the same, and what the writer's wishes forbid stays forbidden.
	w.keeps(2)
	written, err := Written(w.dirs[2], w.panel[2], sent[3].N)
	must(t, err)
	if d, ok := written.(*coding.Draft); !ok || d.Fields[0].A != "from the train" {
		t.Errorf("what was written for the draft: %v", written)
	}
	sent = w.pushes(2, sent[0].N, sent[1].N, sent[6].N)
	if got := results(sent); !slices.Equal(got, []string{"check done", "sharing kept", "draft kept", "reply done"}) || !strings.Contains(sent[1].Why, "its writer does not allow so much") {
		t.Errorf("sent %+v", sent)
	}
	answers, unread, err := m.Read(ctx)
	must(t, err)
	if len(answers) != 1 || unread != 0 || answers[0].Text != "we believe you" || !answers[0].Signed {
		t.Errorf("answers %+v", answers)
	}
	must(t, errors.Join(Drop(w.dirs[2], w.panel[2], sent[1].N), Drop(w.dirs[2], w.panel[2], sent[2].N)))
	if err := Drop(w.dirs[2], w.panel[2], sent[2].N); !errors.Is(err, ErrNoStep) {
		t.Errorf("a second drop: %v", err)
	}
	if waiting, err := Waiting(w.dirs[2], w.panel[2]); err != nil || len(waiting) != 0 {
		t.Errorf("%+v waits, %v", waiting, err)
	}
}

// TestAPushThatIsCutOffGoesOn loses the answer of every request that changes something, in turn. Each step is there once in the end.
func TestAPushThatIsCutOffGoesOn(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	receipt, leaf := w.tells("count_me")
	_, other := w.tells("count_me")
	w.batch()
	w.keeps(1)
	for _, step := range []func(*Bench, *Case) error{
		func(b *Bench, c *Case) error { return b.Declare(c) },
		func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleCoder) },
		func(b *Bench, c *Case) error { return b.Code(ctx, c, foundHere()) },
		func(b *Bench, c *Case) error { return b.Note(ctx, c, "one") },
		func(b *Bench, c *Case) error { return b.Note(ctx, c, "two") },
		func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, "a draft") },
		func(b *Bench, c *Case) error { return b.HandBack(ctx, c) },
		func(b *Bench, c *Case) error { _, err := b.Reply(ctx, c, "one answer"); return err },
	} {
		b, c := w.offlineOn(1, leaf)
		must(t, step(b, c))
	}
	b, c := w.offlineOn(1, other)
	must(t, b.Recuse(ctx, c))
	cuts, before := 0, map[string]bool{}
	for {
		cut := false
		b := w.bench(1)
		w.setMeddler(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			body, err := io.ReadAll(r.Body)
			must(t, err)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if before[string(body)] || r.Method != http.MethodPost {
				next.ServeHTTP(rw, r)
				return
			}
			before[string(body)] = true
			next.ServeHTTP(discard{rw}, r)
			cut = true
			panic(http.ErrAbortHandler)
		})
		_, err := b.Push(ctx, PushOptions{Hour: w.again(b)}, func(*Sent) {})
		w.setMeddler(nil)
		if !cut {
			must(t, err)
			break
		}
		if cuts++; err == nil || cuts > 20 {
			t.Fatalf("cut %d times: %v", cuts, err)
		}
	}
	if cuts < 9 {
		t.Errorf("only %d requests were cut off", cuts)
	}
	_, c = w.on(1, leaf)
	if len(c.Codings) != 1 || len(c.Notes) != 2 || c.Notes[0].Body.Text != "one" || c.Drafted() != "a draft" || c.has(w.panel[1].ID, review.RoleCoder) {
		t.Errorf("at the server: %d codings, %d notes, draft %q", len(c.Codings), len(c.Notes), c.Drafted())
	}
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	if answers, _, err := m.Read(ctx); err != nil || len(answers) != 1 {
		t.Errorf("answers %+v, %v", answers, err)
	}
	w.holdsActs(receipt, "contacted")
}

// discard lets a handler work and its answer be lost.
type discard struct{ http.ResponseWriter }

func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
func (discard) Header() http.Header         { return http.Header{} }

// What lies on a stick tells whose panel it is and how much there is. No word, no name of what was read, no hour.
func TestAFolderTellsNothingOfWhatWasReadOrWritten(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	_, other := w.tells("count_me")
	w.batch()
	w.keeps(1)
	b, c := w.offlineOn(1, leaf)
	must(t, errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder), b.Note(ctx, c, "a note of mine"), b.SaveDraft(ctx, c, "a draft of mine")))
	_, err := b.Reply(ctx, c, "an answer of mine")
	must(t, err)
	must(t, b.Code(ctx, c, foundHere()))
	b, c = w.offlineOn(1, other)
	mailbox := *c.message.Mailbox
	must(t, b.Recuse(ctx, c))

	hash, err := hex.DecodeString(leaf)
	must(t, err)
	secrets := []string{"held me down", "of mine", "force", "coder", "claim", "declared", mailbox, w.panel[1].ID, seal.Commitment(hash).String(), b.Today}
	plain := map[string]bool{originFile: true, logFile: true}
	sizes := 0
	must(t, filepath.WalkDir(w.dirs[1], func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		info, err := d.Info()
		must(t, err)
		if !info.ModTime().Equal(quietTime) {
			t.Errorf("%s was changed at %s", path, info.ModTime())
		}
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		must(t, err)
		name := d.Name()
		if strings.HasSuffix(name, ageExt) != bytes.HasPrefix(content, []byte("age-encryption.org/v1\n")) {
			t.Errorf("%s is not what its name says", name)
		}
		if name == ownFile {
			sizes = len(content)
		}
		if !strings.HasSuffix(name, ageExt) && !strings.HasSuffix(name, leafExt) && !strings.HasSuffix(name, recordExt) && !plain[name] {
			t.Errorf("%s lies in the folder", name)
		}
		for _, secret := range secrets {
			// A record says when a key is in use, and the log's own lines on which day they were written.
			if bytes.Contains(content, []byte(secret)) && !(secret == b.Today || strings.HasSuffix(name, recordExt)) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
		return nil
	}))
	// A colleague who pulls into the same folder leaves this desk as it is, and gets none.
	mine := treeOf(t, filepath.Join(w.dirs[1], deskDir))
	must(t, w.panel[0].SignIn(ctx))
	if _, unkept, err := w.panel[0].Keep(ctx, testClinic, w.dirs[1], func(int, int) {}); err != nil || !errors.Is(unkept, ErrOwn) {
		t.Errorf("a colleague pulls into it: %v, %v", unkept, err)
	}
	if after := treeOf(t, filepath.Join(w.dirs[1], deskDir)); !maps.Equal(mine, after) {
		t.Error("a colleague's pull changed what waits")
	}
	if _, tally := w.read(w.dirs[1], w.panel[0]); tally.Read != 2 || !tally.Unproven {
		t.Errorf("the colleague reads %+v", tally)
	}
	if sizes%ownStep > 4096 {
		t.Errorf("own.age has %d bytes, which tells more than it must", sizes)
	}
}

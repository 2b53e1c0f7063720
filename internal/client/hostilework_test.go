package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
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
	if wishes := c.wishes(); wishes.ShareLevel != "count_me" || len(c.later) != 0 {
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
	if _, c := w.on(0, leaf); c.wishes().ShareLevel != "panel_only" || len(c.later) != 1 {
		t.Errorf("the writer's own change: %+v", c.wishes())
	}
	if shown := w.only(leaf); len(shown) != 2 {
		t.Errorf("shown with the writer's own change: %v", shown)
	}
}

// only are the hashes of what member 0 is shown of one message.
func (w *team) only(leaf string) (shown []string) {
	w.t.Helper()
	b, c := w.on(0, leaf)
	must(w.t, b.Declare(c))
	_, err := OpenDeclared(w.dirs[0], w.panel[0].identity, leaf, func(o *Opened) error {
		shown = append(shown, o.LeafHash)
		return nil
	})
	must(w.t, err)
	return shown
}

// hostileBench is a member's desk where the server may not be telling the truth, which the pull may well have found out.
func (w *team) hostileBench(who int) *Bench {
	w.t.Helper()
	must(w.t, w.panel[who].SignIn(w.t.Context()))
	b, _, err := w.panel[who].Bench(w.t.Context(), testClinic, w.dirs[who], func(int, int) {})
	must(w.t, err)
	return b
}

// list changes one list of a server's JSON answer.
func list(t *testing.T, name string, change func([]any) []any) func(string) string {
	return func(body string) string {
		var answer map[string]any
		must(t, json.Unmarshal([]byte(body), &answer))
		answer[name] = change(answer[name].([]any))
		out, err := json.Marshal(answer)
		must(t, err)
		return string(out)
	}
}

// A file that a server keeps back or swaps says nothing about the message: it is not called junk, in a card or in public, and while
// it is not here nothing goes out.
func TestAFileThatWasNotGivenIsNotCalledJunk(t *testing.T) {
	for name, change := range map[string]func([]any) []any{
		"kept back": func(files []any) []any { return files[:1] },
		"swapped": func(files []any) []any {
			files[1].(map[string]any)["file"] = base64.StdEncoding.EncodeToString([]byte("another"))
			return files
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTeam(t, 3)
			epoch := w.newest()
			_, one := w.tells("count_me")
			_, other := w.tells("count_me")
			here, gone := min(one, other), max(one, other) // pages are in order of leaf hash
			w.batch()
			w.changes(name, "/epochs/"+epoch+"/files", list(t, "files", change))
			b := w.hostileBench(0)
			if _, err := b.Case(gone); err == nil || b.allRead() {
				t.Errorf("what is not here: %v, all read: %v", err, b.allRead())
			}
			_, err := b.Tend(t.Context())
			must(t, err)
			w.setMeddler(nil)
			if acts := w.actsByCode(); acts[transparency.ActReceived] != 1 || acts[transparency.ActUndecryptable] != 0 {
				t.Errorf("acts %v", acts)
			}
			b, c := w.on(1, here)
			if !c.Carded {
				t.Error("what is here has no card")
			}
			if c, err = b.Case(gone); err != nil || c.Carded || !b.allRead() {
				t.Errorf("once it is given: %v, carded %v, all read: %v", err, c != nil && c.Carded, b.allRead())
			}
		})
	}
}

// newest is the epoch that is sealed to now.
func (w *team) newest() string {
	w.t.Helper()
	epoch, err := w.keys.Active(w.t.Context(), w.clinicID)
	must(w.t, err)
	return epoch.ID
}

func (w *team) actsByCode() map[string]int {
	w.t.Helper()
	kept, err := w.review.Acts(w.t.Context(), w.clinicID)
	must(w.t, err)
	count := map[string]int{}
	for _, a := range kept {
		count[a.Code]++
	}
	return count
}

// A server may give the file of a change of mind, as the log wants it, and leave it out of the work. Then nothing goes out.
func TestAMessageLeftOutOfTheWorkStopsEverything(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	epoch := w.newest()
	receipt, leaf := w.tells("panel_summary_to_clinic")
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		return b.Check(ctx, c, coding.FormParaphrase, "Somebody was held down.", false, "")
	})
	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "panel_only", Hold: "now", Hide: []string{}})
	must(t, err)
	w.batch()
	hash, err := hex.DecodeString(leaf)
	must(t, err)
	w.changes("left out", "/epochs/"+epoch+"/work", list(t, "messages", func(messages []any) []any {
		return slices.DeleteFunc(messages, func(m any) bool {
			return m.(map[string]any)["leaf"] != base64.StdEncoding.EncodeToString(hash)
		})
	}))
	b, c := w.on(2, leaf) // the pull itself finds nothing wrong
	var forbidden *ForbiddenError
	if _, err := b.Share(ctx, c); !errors.As(err, &forbidden) || !slices.Contains(forbidden.Why, coding.NotRead) {
		t.Errorf("sharing while a message is left out: %v", err)
	}
	// Nor while a server gives days that the log does not bear out, or lists a message under a key that its leaf does not name.
	w.changes("of another day", "/epochs/"+epoch+"/work", list(t, "messages", func(messages []any) []any {
		for _, m := range messages {
			if m := m.(map[string]any); m["leaf"] == base64.StdEncoding.EncodeToString(hash) {
				m["day"] = "2099-01-01"
			}
		}
		return messages
	}))
	if b, c = w.on(2, leaf); !b.Misdated {
		t.Error("a message that is dated after one that came later is not noticed")
	}
	if _, err := b.Share(ctx, c); !errors.As(err, &forbidden) || !slices.Contains(forbidden.Why, coding.NotRead) {
		t.Errorf("sharing while days are wrong: %v", err)
	}
	w.setMeddler(nil)
	b, c = w.on(2, leaf)
	if !b.allRead() || b.Misdated {
		t.Error("with everything there, not all is read")
	}
	moved := *c
	moved.Epoch = "2026-12-moved"
	b.opener.keys[moved.Epoch] = b.opener.keys[c.Epoch]
	if err := b.open(&moved); !errors.Is(err, errElsewhere) {
		t.Errorf("a message under another key: %v", err)
	}
	// Who has stepped back from a message misses nothing.
	_, other := w.tells("count_me")
	w.batch()
	w.does(2, other, func(b *Bench, c *Case) error { return b.Recuse(ctx, c) })
	if b := w.bench(2); !b.allRead() {
		t.Error("after a step back, not all is read")
	}
	// Nor when somebody on the panel has seen another log, or more of it.
	ordered := b.cases[[32]byte(c.Leaf)]
	ordered.Card.Log = coding.Sighting(2, [32]byte{9})
	_, err = b.send(ctx, ordered, ordered.Card)
	must(t, err)
	if b := w.bench(1); !slices.Equal(b.Other, []string{w.panel[2].ID}) || b.allRead() {
		t.Errorf("seen another log: %v", b.Other)
	}
}

// A count follows all of its writer's wishes as they stand, not the share level alone, and waits until everything is read.
func TestNothingIsCountedAgainstItsWritersWishes(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	epoch := w.newest()
	_, held := w.tells("count_me", seal.Answer{Q: "hold_until", A: "wait_until_i_say"})
	_, asked := w.tells("count_me", seal.Answer{Q: "ask_me_first", A: "yes"})
	w.batch()
	w.agrees(held)
	w.agrees(asked)
	if w.counts != 0 {
		t.Fatalf("%d are counted of those who said to wait or to ask", w.counts)
	}

	receipt, free := w.tells("count_me")
	_, unread := w.tells("panel_only")
	w.batch()
	hash, err := hex.DecodeString(unread)
	must(t, err)
	w.changes("left out", "/epochs/"+epoch+"/work", list(t, "messages", func(messages []any) []any {
		return slices.DeleteFunc(messages, func(m any) bool {
			return m.(map[string]any)["leaf"] == base64.StdEncoding.EncodeToString(hash)
		})
	}))
	w.agrees(free)
	if w.counts != 0 {
		t.Error("one is counted while not all is read")
	}
	w.setMeddler(nil)
	if tended, err := w.bench(1).Tend(ctx); err != nil || tended.Coded != 1 || w.counts != 1 {
		t.Errorf("with all read: %+v, %d counted, %v", tended, w.counts, err)
	}

	m, err := w.client().Mailbox(ctx, testClinic, receipt)
	must(t, err)
	_, err = m.Consent(ctx, seal.Consent{ShareLevel: "count_me", Hold: "wait_until_i_say", Hide: []string{}})
	must(t, err)
	w.batch()
	if tended, err := w.bench(2).Tend(ctx); err != nil || tended.Uncoded != 1 || w.counts != 0 {
		t.Errorf("after the writer says to wait: %+v, %d counted, %v", tended, w.counts, err)
	}
}

// Cards are posted by leaf; acts must not follow in that order, nor those of one receipt in a row, or the server knows whose they are.
func TestActsAreOwnedUpToInNoOrder(t *testing.T) {
	w := newTeam(t, 3)
	const receipts = 6 // of two messages each
	tagOf := map[string]int{}
	for i := range receipts {
		receipt, _ := w.tells("count_me")
		m, err := w.client().Mailbox(t.Context(), testClinic, receipt)
		must(t, err)
		_, err = m.Write(t.Context(), "en", []seal.Answer{{Q: "words", A: "and the next day"}})
		must(t, err)
		for n := range 2 {
			tag := transparency.ActionTag(receipt.Derive(testOrigin).ActionsKey, transparency.ActReceived, n)
			tagOf[base64.StdEncoding.EncodeToString(tag[:])] = i
		}
	}
	w.batch()
	b := w.bench(0)
	if owed := b.owed(); len(owed) != 2*receipts {
		t.Fatalf("%d acts are owed", len(owed))
	}
	var byLeaf []string // in the order in which the cards go out
	n := map[[32]byte]int{}
	for _, c := range b.ordered() {
		tag := transparency.ActionTag(c.actions, transparency.ActReceived, n[c.actions])
		n[c.actions]++
		byLeaf = append(byLeaf, base64.StdEncoding.EncodeToString(tag[:]))
	}
	var posted []string
	w.setMeddler(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/acts") {
			body, err := io.ReadAll(r.Body)
			must(t, err)
			var in struct {
				Leaf string `json:"leaf"`
			}
			must(t, json.Unmarshal(body, &in))
			for tag := range tagOf {
				if strings.Contains(in.Leaf, tag) {
					posted = append(posted, tag)
				}
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(rw, r)
	})
	_, err := b.Tend(t.Context())
	must(t, err)
	if len(posted) != 2*receipts || len(b.owed()) != 0 {
		t.Fatalf("%d acts were posted, %d are owed still", len(posted), len(b.owed()))
	}
	if slices.Equal(posted, byLeaf) { // by chance once in 12!
		t.Error("the acts went out in order of leaf hash")
	}
	inARow := 0
	for i := 0; i < len(posted); i += 2 {
		if tagOf[posted[i]] == tagOf[posted[i+1]] {
			inARow++
		}
	}
	if inARow == receipts { // by chance once in 10395
		t.Error("the acts of each receipt went out in a row")
	}
}

// A missing file is excused by what was taken back meanwhile and did not come, not by just any message that was.
func TestATakenBackMessageThatCameExcusesNoMissingFile(t *testing.T) {
	for name, gone := range map[string]bool{"the missing one is taken back": true, "the other one is": false} {
		t.Run(name, func(t *testing.T) {
			w := newTeam(t, 3)
			receipts := map[string]seal.Receipt{}
			for range 2 {
				receipt, leaf := w.tells("count_me")
				receipts[leaf] = receipt
			}
			leaves := slices.Sorted(maps.Keys(receipts)) // pages are in this order
			w.batch()
			taken := receipts[leaves[0]]
			if gone {
				taken = receipts[leaves[1]]
			}
			must(t, w.panel[0].SignIn(t.Context()))
			cut := list(t, "files", func(files []any) []any { return files[:1] })
			w.setMeddler(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if !strings.HasSuffix(r.URL.Path, "/files") {
					next.ServeHTTP(rw, r)
					return
				}
				rec := httptest.NewRecorder()
				next.ServeHTTP(rec, r)
				keys := taken.Derive(testOrigin)
				_, err := w.intake.Withdraw(context.Background(), w.clinicID, keys.AnchorToken.Commitment(), keys.WithdrawToken)
				must(t, err)
				w.batch()
				rw.Header().Set("Content-Type", "application/json")
				io.WriteString(rw, cut(rec.Body.String()))
			})
			want := 1
			if gone {
				want = 0
			}
			if pulled := w.pull(w.panel[0], w.dirs[0]); pulled.Missing != want || pulled.Undelivered != want || pulled.Log != "" {
				t.Errorf("missing %d, undelivered %d, log %q", pulled.Missing, pulled.Undelivered, pulled.Log)
			}
		})
	}
}

// Pages of review files end, whatever a server says comes next.
func TestPagesThatGoRoundInACircleAreLeft(t *testing.T) {
	page := func(first byte) string {
		return base64.RawURLEncoding.EncodeToString(append([]byte{first}, make([]byte, 31)...))
	}
	for name, c := range map[string]struct {
		next  []string // given one after the other, over and over
		wrong bool
	}{
		"one by one":   {[]string{page(0xcc), page(0xd0), ""}, false}, // of which base64url turns the order round
		"the same":     {[]string{page(1)}, true},
		"to and fro":   {[]string{page(1), page(2)}, true},
		"no hash":      {[]string{"AA", "AAA", "AAAA"}, true},
		"not readable": {[]string{"*"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTeam(t, 3)
			epoch := w.newest()
			w.tells("count_me")
			w.batch()
			must(t, w.panel[0].SignIn(t.Context()))
			asked := 0
			w.setMeddler(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if !strings.HasSuffix(r.URL.Path, "/epochs/"+epoch+"/reviews") {
					next.ServeHTTP(rw, r)
					return
				}
				to := c.next[asked%len(c.next)]
				if asked++; asked > 10 {
					to = "" // or this test would never end
				}
				rw.Header().Set("Content-Type", "application/json")
				must(t, json.NewEncoder(rw).Encode(map[string]any{"files": []any{}, "next": to}))
			})
			_, _, err := w.panel[0].Bench(t.Context(), testClinic, w.dirs[0], func(int, int) {})
			if (err != nil) != c.wrong || asked > 3 {
				t.Errorf("after %d pages: %v", asked, err)
			}
		})
	}
}

// A server that could close seats, or say that too few are left, could keep what it likes from being read, or send a panel to another
// one. Who has coded and who has stepped back is shown with the signature of whose it is, and nothing else counts.
func TestNothingUnsignedTakesAMessageOutOfTheWork(t *testing.T) {
	w := newTeam(t, 3)
	epoch := w.newest()
	_, leaf := w.tells("count_me")
	w.batch()
	hash, err := hex.DecodeString(leaf)
	must(t, err)
	ids := []string{w.panel[0].ID, w.panel[1].ID, w.panel[2].ID}
	forged := func(parts ...map[string]any) func(string) string {
		return list(t, "parts", func(had []any) []any {
			for _, p := range parts {
				p["leaf"] = hash
				had = append(had, p)
			}
			return had
		})
	}
	another := review.SignRecusal(w.panel[1].key, w.clinicID, [32]byte(hash), ids[0])
	w.changes("invented", "/epochs/"+epoch+"/work", forged(
		map[string]any{"reviewer": ids[0], "part": "coded"},
		map[string]any{"reviewer": ids[1], "part": "coded", "signature": make([]byte, 64), "file_hash": make([]byte, 32), "day": "2026-11-20"},
		map[string]any{"reviewer": ids[0], "part": "recused", "signature": another},
		map[string]any{"reviewer": ids[2], "part": "recused"},
		map[string]any{"reviewer": "rstranger", "part": review.RoleCoder},
	))
	b, c := w.on(2, leaf)
	if c.Stage(b.Today) != StageCoding || len(c.free()) != 3 || len(c.Parts) != 0 {
		t.Errorf("by a server's word it stands at %s with %v, and %v are free", c.Stage(b.Today), c.Parts, c.free())
	}
	if want := []Unproven{{ids[0], partCoded}, {ids[1], partCoded}, {ids[0], partRecused}, {ids[2], partRecused}}; !slices.Equal(b.Unproven, want) {
		t.Errorf("told of %v, want %v", b.Unproven, want)
	}
	w.setMeddler(nil)

	// What is signed counts before the coding itself is given to anybody, and nobody learns more of it than that it is there, and its day.
	w.claims(0, leaf, review.RoleCoder)
	w.does(0, leaf, func(b *Bench, c *Case) error { return b.Code(t.Context(), c, foundHere()) })
	w.does(1, leaf, func(b *Bench, c *Case) error { return b.Recuse(t.Context(), c) })
	b, c = w.on(2, leaf)
	if len(b.Unproven) != 0 || !c.has(ids[0], partCoded) || !c.has(ids[1], partRecused) || len(c.Codings) != 0 || len(c.free()) != 2 || slices.Contains(c.free(), ids[1]) {
		t.Errorf("what was signed: %v, %v unproven, %d codings", c.Parts, b.Unproven, len(c.Codings))
	}
	w.changes("another's envelope", "/epochs/"+epoch+"/work", func(body string) string { return strings.ReplaceAll(body, ids[0], ids[2]) })
	if b, c := w.on(2, leaf); c.has(ids[2], partCoded) || !slices.Contains(b.Unproven, Unproven{ids[2], partCoded}) {
		t.Errorf("a signature of somebody else's counts: %v", c.Parts)
	}
	w.setMeddler(nil)

	// A folder of before holds no signature of anybody's: nothing of it counts, and nobody is accused.
	w.changes("without signatures", "/epochs/"+epoch+"/work", list(t, "parts", func(had []any) []any {
		for _, p := range had {
			delete(p.(map[string]any), "signature")
		}
		return had
	}))
	if b, _ := w.on(2, leaf); len(b.Unproven) != 2 || b.Outdated {
		t.Errorf("from a server: %v, %v", b.Unproven, b.Outdated)
	}
	w.keeps(2)
	if b, c := w.offlineOn(2, leaf); !b.Outdated || len(b.Unproven) != 0 || c.has(ids[0], partCoded) {
		t.Errorf("from a folder: %v, %v, %v", b.Outdated, b.Unproven, c.Parts)
	}
	w.setMeddler(nil)
	w.keeps(2)
	if b, c := w.offlineOn(2, leaf); b.Outdated || !c.has(ids[0], partCoded) {
		t.Errorf("pulled again: %v, %v", b.Outdated, c.Parts)
	}
}

// Nobody goes by a colleague's card here, where all is opened; who made one that is not what its message says is named all the same.
func TestACardThatIsNotWhatItsMessageSaysIsNamed(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me", seal.Answer{Q: "roles", A: "nurse"})
	w.batch()
	must(t, w.panel[0].SignIn(ctx))
	b, c := w.on(0, leaf)
	right := *c.Card
	right.Thread, right.Taxonomy = "", "0.0.1"
	_, err := b.send(ctx, c, &right)
	must(t, err)
	if b := w.bench(1); len(b.WrongCards) != 0 {
		t.Errorf("an older list's card that says the same: %v", b.WrongCards)
	}
	for _, lie := range []func(card *coding.Card){
		func(card *coding.Card) { card.Service = "crisis_house" }, func(card *coding.Card) { card.Urgent = !card.Urgent },
		func(card *coding.Card) { card.Chips = []string{"bias"} }, func(card *coding.Card) { card.Roles = []string{} },
	} {
		wrong := right
		lie(&wrong)
		_, err := b.send(ctx, c, &wrong)
		must(t, err)
		got := w.bench(1)
		if got.bearsOut(got.cases[c.Leaf], &wrong) || !slices.Equal(got.WrongCards, []WrongCard{{b.ID, c.Day}}) {
			t.Errorf("a card of %+v: %v", wrong, got.WrongCards)
		}
	}
	if own := w.bench(0).WrongCards; len(own) != 0 {
		t.Errorf("one's own is no colleague's: %v", own)
	}
}

package client

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// mustBeTaken are the steps of which the test says something only if they were taken, with and without a network.
var mustBeTaken = []string{
	"declare", "claim", "check's part", "third's part", "hand back", "taken again", "code", "note", "draft", "draft twice", "reply", "reply twice", "agree", "check", "share",
	"keep", "object", "recuse",
}

// TestWorkWithoutANetworkComesToTheSameState lets one member do the same with two messages that are alike: with the first at the server,
// with the second in a folder that is sent later. Colleagues work on both alike in between. Every step is taken or refused alike, and in the
// end the server holds the same of both, to the byte of what was sealed.
func TestWorkWithoutANetworkComesToTheSameState(t *testing.T) {
	taken := sameStates(t, 0, 3)
	for _, name := range mustBeTaken {
		if taken[name] == 0 {
			t.Errorf("%s was never taken, so nothing is known of it: %v", name, taken)
		}
	}
}

// sameStates goes one way for each seed, each in a clinic of its own, and counts by name what was taken.
func sameStates(t *testing.T, from, to uint64) map[string]int {
	taken := map[string]int{}
	for seed := from; seed < to; seed++ {
		way := &sameWay{team: newTeam(t, 3), seed: seed, random: rand.New(rand.NewPCG(seed, 13)), taken: taken, since: map[string]int{}}
		way.goes()
	}
	t.Logf("taken: %v", taken)
	return taken
}

// What member 2 is on a way, by seed.
const (
	wayCoder = iota
	wayChecker
	wayThird // of two who differ
	ways
)

// sameWay is a random way of member 2 through the work on two messages.
type sameWay struct {
	*team
	seed    uint64
	random  *rand.Rand
	leaves  [2]string // the message at the server, and the one in the folder
	writers [2]*Mailbox
	taken   map[string]int // on all ways
	since   map[string]int // what was taken since the folder was sent last
	last    string
	back    bool    // a part was handed back
	ready   [2]bool // which colleagues have done all that is theirs
}

func (w *sameWay) goes() {
	w.t.Helper()
	for i := range w.leaves {
		var receipt seal.Receipt
		var err error
		receipt, w.leaves[i] = w.tells("panel_summary_to_clinic")
		w.writers[i], err = w.client().Mailbox(w.t.Context(), testClinic, receipt)
		must(w.t, err)
	}
	w.batch()
	rounds := 4
	if w.seed%ways == wayCoder {
		rounds = 5
	}
	for range 2 { // to code, and to agree
		w.colleagues()
	}
	for round := range rounds {
		w.keeps(2)
		clear(w.since)
		for range 4 {
			one, online, c := w.chooses()
			if w.takes(one, online, c) && mayNotGoOn[one.name] {
				break
			}
		}
		if round == rounds-1 {
			online, c := w.on(2, w.leaves[0])
			w.takes(w.named("recuse"), online, c)
		}
		for _, s := range w.pushes(2) {
			if s.Result != SentDone && s.Result != SentAlready {
				w.t.Fatalf("seed %d: %+v", w.seed, s)
			}
		}
		_, err := w.bench(0).Tend(w.t.Context()) // what follows in public waits for whoever signs in next
		must(w.t, err)
		if a, b := w.stateOf(0), w.stateOf(1); a != b {
			w.t.Fatalf("seed %d, round %d: with a network\n%s\nwithout\n%s", w.seed, round, a, b)
		}
		w.later(24 * time.Hour)
		w.colleagues()
	}
}

// mayNotGoOn are steps after which the server shows more than a folder has: a coding of one's own shows those of others.
var mayNotGoOn = map[string]bool{"code": true, "code otherwise": true}

// chooses says what is tried next: what fits, first what was taken less often so far; now and then anything, and the same again.
func (w *sameWay) chooses() (deskStep, *Bench, *Case) {
	w.t.Helper()
	online, c := w.on(2, w.leaves[0])
	all := w.deskSteps(w.random)
	fits := slices.DeleteFunc(slices.Clone(all), func(s deskStep) bool { return s.name == "recuse" || s.fits == nil || !s.fits(online, c) })
	switch n := w.random.IntN(8); {
	case !online.declared(c) && n > 2:
		return w.named("declare"), online, c
	case w.since[w.last] == 1 && (w.last == "draft" || w.last == "reply") && (n < 4 || w.taken[w.last+" twice"] == 0):
		return w.named(w.last), online, c
	case n == 7:
		all = slices.DeleteFunc(all, func(s deskStep) bool { return s.name == "recuse" }) // which is for good
		return all[w.random.IntN(len(all))], online, c
	}
	slices.SortStableFunc(fits, func(x, y deskStep) int { return w.taken[x.name] - w.taken[y.name] })
	return fits[w.random.IntN(min(len(fits), 3))], online, c
}

func (w *sameWay) named(name string) deskStep {
	steps := w.deskSteps(w.random)
	return steps[slices.IndexFunc(steps, func(s deskStep) bool { return s.name == name })]
}

// takes tries a step with both messages, and says whether it was taken.
func (w *sameWay) takes(one deskStep, online *Bench, c *Case) bool {
	w.t.Helper()
	offline, d := w.offlineOn(2, w.leaves[1])
	offline.Now = w.now
	seesLess := w.since["code"]+w.since["code otherwise"] > 0 // the server has shown the codings of others since
	got, want := refusedAs(one.does(offline, d)), refusedAs(one.does(online, c))
	if got != want {
		w.t.Fatalf("seed %d: %s without a network: %q, with one %q", w.seed, one.name, got, want)
	}
	if a, b := c.Stage(online.Today), d.Stage(offline.Today); a != b && !seesLess {
		w.t.Fatalf("seed %d: after %s the stage is %s without a network, %s with one", w.seed, one.name, b, a)
	}
	if got != "" {
		return false
	}
	w.counted(one.name)
	return true
}

func (w *sameWay) counted(name string) {
	w.taken[name]++
	w.since[name]++
	part := name == "claim" || strings.HasSuffix(name, " part")
	switch {
	case name == "hand back":
		w.back = true
	case part && w.back:
		w.taken["taken again"]++
	case w.since[name] > 1:
		w.taken[name+" twice"]++
	}
	w.last = name
}

// colleagues let the other members go on with both messages, as far as it goes.
func (w *sameWay) colleagues() {
	w.t.Helper()
	codes, checks := []string{"declare", "claim", "code", "agree"}, []string{"declare", "check's part", "check"}
	does := map[uint64][2][]string{
		wayCoder: {codes, checks}, wayChecker: {codes, codes}, wayThird: {codes, {"declare", "claim", "code otherwise"}},
	}[w.seed%ways]
	for who, names := range does {
		if w.ready[who] {
			continue
		}
		roll := w.random.Uint64()
		for _, leaf := range w.leaves {
			w.ready[who] = w.goesOn(who, leaf, names, rand.New(rand.NewPCG(roll, 1)))
		}
	}
}

// goesOn takes what fits of some steps, and says whether the last of them was taken.
func (w *sameWay) goesOn(who int, leaf string, names []string, random *rand.Rand) (all bool) {
	w.t.Helper()
	b, c := w.on(who, leaf)
	steps := w.deskSteps(random)
	for _, name := range names {
		one := steps[slices.IndexFunc(steps, func(s deskStep) bool { return s.name == name })]
		all = one.fits(b, c) && one.does(b, c) == nil // where the codings differ there is nothing to agree to yet
	}
	return all
}

// stateOf is everything that the server holds about a message, with its sealed files opened.
func (w *sameWay) stateOf(which int) string {
	w.t.Helper()
	leaf := w.leaves[which]
	hash, err := hex.DecodeString(leaf)
	must(w.t, err)
	var out []string
	var claims []review.Claim
	must(w.t, w.review.DB.NewSelect().Model(&claims).Where("leaf_hash = ?", hash).Scan(w.t.Context()))
	for _, c := range claims {
		out = append(out, fmt.Sprint("claim ", c.ReviewerID, c.Role, c.ClaimedOn))
	}
	var files []review.File
	must(w.t, w.review.DB.NewSelect().Model(&files).Where("leaf_hash = ?", hash).Scan(w.t.Context()))
	o, _, err := openerOf(w.dirs[0], w.panel[0].identity)
	must(w.t, err)
	defer o.folder.close()
	message, _, err := o.leaf(leaf)
	must(w.t, err)
	names := map[string]string{seal.Commitment(hash).String(): "this message"}
	for _, f := range files {
		names[b64Hash([32]byte(f.FileHash))] = fmt.Sprint(f.Kind, f.AuthorID, f.N)
	}
	for _, f := range files {
		by := w.panel[slices.IndexFunc(w.panel, func(r *Reviewer) bool { return r.ID == f.AuthorID })]
		opened, err := by.openReview(o, message.Epoch, f.Kind, f.File)
		must(w.t, err)
		if card, ok := opened.Body.(*coding.Card); ok {
			card.Receipt, card.Actions, card.Log = "", "", ""
		}
		if agreed, ok := opened.Body.(*coding.Consensus); ok { // in the order of hashes, which are drawn
			agreed.Codings = named(agreed.Codings, names)
		}
		if decided, ok := opened.Body.(*coding.Sharing); ok {
			decided.Consensus = named(decided.Consensus, names)
		}
		body, err := json.Marshal(opened.Body)
		must(w.t, err)
		place, err := json.Marshal(opened.Place)
		must(w.t, err)
		line := fmt.Sprint(f.Kind, f.AuthorID, f.N, f.WrittenOn, len(f.File), string(place), string(body))
		for hash, name := range names {
			line = strings.ReplaceAll(line, hash, name)
		}
		out = append(out, line)
	}
	var coded []review.Coded
	must(w.t, w.review.DB.NewSelect().Model(&coded).Where("leaf_hash = ?", hash).Scan(w.t.Context()))
	for _, c := range coded {
		out = append(out, fmt.Sprint("counted ", c.Facts, c.CountedIn))
	}
	var stepped []review.Recusal
	must(w.t, w.review.DB.NewSelect().Model(&stepped).Where("leaf_hash = ?", hash).Scan(w.t.Context()))
	for _, r := range stepped {
		out = append(out, fmt.Sprint("stepped back ", r.ReviewerID))
	}
	out = append(out, w.writerSees(w.writers[which])...)
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// writerSees are the answers in a mailbox, and the acts about its receipt that the log gets.
func (w *sameWay) writerSees(m *Mailbox) (out []string) {
	w.t.Helper()
	answers, unread, err := m.Read(w.t.Context())
	must(w.t, err)
	for _, a := range answers {
		out = append(out, fmt.Sprintf("answer %+v, unread %d", a, unread))
	}
	kept, err := w.review.Acts(w.t.Context(), w.clinicID)
	must(w.t, err)
	key := m.keys.Message(0).ActionsKey
	for _, code := range transparency.ActCodes {
		for n := range 20 {
			tag := transparency.ActionTag(key, code, n)
			for _, a := range kept {
				if string(a.Tag) == string(tag[:]) {
					out = append(out, fmt.Sprint("act ", a.Code, n))
				}
			}
		}
	}
	return out
}

// named puts names in place of hashes, in order.
func named(hashes []string, names map[string]string) (out []string) {
	for _, hash := range hashes {
		out = append(out, names[hash])
	}
	slices.Sort(out)
	return out
}

package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// deskStep is one thing that a member may try, the same with and without a network.
type deskStep struct {
	name string
	does func(*Bench, *Case) error
}

func deskSteps(ctx context.Context, random *rand.Rand) []deskStep {
	text := fmt.Sprint("text ", random.IntN(1000))
	return []deskStep{
		{"declare", func(b *Bench, c *Case) error { return b.Declare(c) }},
		{"claim", func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleCoder) }},
		{"check's part", func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleChecker) }},
		{"third's part", func(b *Bench, c *Case) error { return b.Claim(ctx, c, review.RoleThird) }},
		{"no part", func(b *Bench, c *Case) error { return b.Claim(ctx, c, "king") }},
		{"hand back", func(b *Bench, c *Case) error { return b.HandBack(ctx, c) }},
		{"code", func(b *Bench, c *Case) error { return b.Code(ctx, c, foundHere()) }},
		{"code nonsense", func(b *Bench, c *Case) error { return b.Code(ctx, c, &coding.Found{}) }},
		{"note", func(b *Bench, c *Case) error { return b.Note(ctx, c, text) }},
		{"draft", func(b *Bench, c *Case) error { return b.SaveDraft(ctx, c, text) }},
		{"agree", func(b *Bench, c *Case) error { _, err := b.Agree(ctx, c, nil); return err }},
		{"check", func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormParaphrase, text, false, "") }},
		{"guess", func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormTheme, "", true, "") }},
		{"share", func(b *Bench, c *Case) error { _, err := b.Share(ctx, c); return err }},
		{"keep", func(b *Bench, c *Case) error { return b.Keep(ctx, c, text) }},
		{"object", func(b *Bench, c *Case) error { return b.Object(ctx, c, text) }},
	}
}

// refusedAs says as what a step was refused: a problem's kind, or an error's own words.
func refusedAs(err error) string {
	var p *Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		return p.Type
	}
	return err.Error()
}

// TestWorkWithoutANetworkComesToTheSameState lets one member do the same with two messages that are alike: with the first at the server,
// with the second in a folder that is sent later. Colleagues work on both alike in between. Every step is taken or refused alike, and in the
// end the server holds the same of both, to the byte of what was sealed.
func TestWorkWithoutANetworkComesToTheSameState(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	for seed := range uint64(2) {
		random := rand.New(rand.NewPCG(seed, 13))
		_, here := w.tells("panel_summary_to_clinic")
		_, there := w.tells("panel_summary_to_clinic")
		w.batch()
		both := []string{here, there}
		for round := range 5 {
			w.keeps(2)
			for range 4 {
				// A coding of one's own shows those of others, and those are at the server.
				all := deskSteps(ctx, random)
				one := all[random.IntN(len(all))]
				if round == 0 || random.IntN(3) == 0 {
					one = all[random.IntN(2)]
				}
				online, c := w.on(2, here)
				offline, d := w.offlineOn(2, there)
				got, want := refusedAs(one.does(offline, d)), refusedAs(one.does(online, c))
				if got != want {
					t.Fatalf("seed %d: %s without a network: %q, with one %q", seed, one.name, got, want)
				}
				if a, b := c.Stage(online.Today), d.Stage(offline.Today); a != b {
					t.Fatalf("seed %d: after %s the stage is %s without a network, %s with one", seed, one.name, b, a)
				}
				if one.name == "code" && got == "" {
					break
				}
			}
			for _, s := range w.pushes(2) {
				if s.Result != SentDone && s.Result != SentAlready {
					t.Fatalf("seed %d: %+v", seed, s)
				}
			}
			if a, b := w.stateOf(here), w.stateOf(there); a != b {
				t.Fatalf("seed %d, round %d: with a network\n%s\nwithout\n%s", seed, round, a, b)
			}
			w.colleague(round, both, random)
		}
	}
}

// colleague lets another member go on with both messages, as far as it goes.
func (w *team) colleague(round int, leaves []string, random *rand.Rand) {
	w.t.Helper()
	who, roll := round%2, random.Uint64()
	for _, leaf := range leaves {
		b, c := w.on(who, leaf)
		steps := deskSteps(w.t.Context(), rand.New(rand.NewPCG(roll, 1)))
		for _, name := range []string{"declare", "claim", "code", "agree", "check's part", "check"} {
			i := slices.IndexFunc(steps, func(s deskStep) bool { return s.name == name })
			_ = steps[i].does(b, c) // what does not go yet is refused for both
		}
	}
}

// stateOf is everything that the server holds about a message, with its sealed files opened.
func (w *team) stateOf(leaf string) string {
	w.t.Helper()
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
	o, _, err := openerOf(w.dirs[2], w.panel[2].identity)
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
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// named puts names in place of hashes, in order.
func named(hashes []string, names map[string]string) (out []string) {
	for _, hash := range hashes {
		out = append(out, names[hash])
	}
	slices.Sort(out)
	return out
}

package client

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// TestTheTerminalLooksAfterWhoReads holds the panel's caps on one machine, from command to command.
func TestTheTerminalLooksAfterWhoReads(t *testing.T) {
	dir := t.TempDir()
	identity, err := age.GenerateHybridIdentity()
	must(t, err)
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	pace := func() *Pace {
		p, err := NewPace(dir, identity, at)
		must(t, err)
		return p
	}
	brake := func(leaf string) string {
		if rest := pace().Brake(leaf); rest != nil {
			return fmt.Sprint(rest, rest.Hard)
		}
		return ""
	}
	wants := func(leaf, says string) {
		t.Helper()
		if got := brake(leaf); says == "" && got != "" || !strings.Contains(got, says) {
			t.Errorf("%s: %q, want %q", leaf, got, says)
		}
	}
	_, err = makeFolder(dir)
	must(t, err)
	must(t, pace().Opened("a"))
	wants("b", "") // nothing is known of a panel yet
	n, err := notebookIn(dir, identity)
	must(t, err)
	must(t, (&Bench{own: n, Practice: Practice{review.PracticeSetting{Sitting: 3, Serious: 2, Gap: 10, Hard: true}}}).keepPractice())
	wants("b", "")
	must(t, pace().Coded("a", 3))
	wants("a", "")
	wants("b", "take 10 more minutes away")
	at = at.Add(9*time.Minute + time.Second)
	wants("b", "take 1 more minutes away")
	at = at.Add(time.Minute)
	wants("b", "")
	must(t, pace().Coded("b", 3))
	at = at.Add(time.Hour)
	wants("c", "2 stories of the gravest kind in this sitting")
	at = at.Add(sittingEnds)
	wants("c", "")
	for _, leaf := range []string{"c", "d", "c", "e"} {
		must(t, pace().Opened(leaf))
	}
	wants("f", "3 stories in this sitting, which is enough; rest, and come back in some hours true")
	wants("e", "")
	must(t, os.WriteFile(filepath.Join(dir, deskDir, ownFile), []byte("{"), 0o600))
	if _, err := NewPace(dir, identity, at); !errors.Is(err, ErrOwn) {
		t.Errorf("a sitting that somebody wrote over: %v", err)
	}
}

// Who checks a story that both coders found to be of the gravest kind has read it, and so has a coder who found it less grave.
func TestAStoryThatOthersFoundGraveBeginsThePauseToo(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	_, other := w.tells("count_me")
	w.batch()
	less := foundHere()
	for who, seriousness := range []int{3, 2} {
		w.claims(who, leaf, review.RoleCoder)
		found := foundHere()
		found.Seriousness = seriousness
		w.does(who, leaf, func(b *Bench, c *Case) error { return b.Code(ctx, c, found) })
	}
	rests := func(who int) bool {
		b, c := w.on(who, other)
		must(t, b.Declare(c))
		var rest *RestError
		return errors.As(b.Claim(ctx, c, review.RoleCoder), &rest)
	}
	less.Seriousness = 3
	if rests(1) {
		t.Error("there is a pause before anything grave was shown")
	}
	w.does(1, leaf, func(b *Bench, c *Case) error { _, err := b.Agree(ctx, c, less); return err })
	w.does(0, leaf, func(b *Bench, c *Case) error { _, err := b.Agree(ctx, c, less); return err })
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error { return b.Check(ctx, c, coding.FormTheme, "", false, "") })
	for who := range 3 {
		b, c := w.on(who, leaf)
		pace, err := b.own.pace(b.Now())
		must(t, err)
		if !slices.Equal(pace.sitting.Serious, []string{leaf}) || pace.Brake(other) == nil && who != 1 || !c.grave() {
			t.Errorf("member %d counts %v", who, pace.sitting.Serious)
		}
	}
}

func TestTheTerminalSharesFairlyAndLeavesOutThemes(t *testing.T) {
	w := newTeam(t, 2)
	_, hard := w.tells("count_me", seal.Answer{Q: "themes", A: "force"})
	_, calm := w.tells("count_me")
	w.batch()
	w.claims(1, calm, review.RoleCoder)
	left := func(who int, themes ...string) (leaves []string) {
		b := w.bench(who)
		rows, hidden, err := b.Avoid(b.Queue(), themes)
		must(t, err)
		if len(rows)+hidden != 2 {
			t.Errorf("%d rows, and %d hidden", len(rows), hidden)
		}
		for _, row := range rows {
			leaves = append(leaves, row.LeafHash)
		}
		return leaves
	}
	if got := left(0, "force"); !slices.Equal(got, []string{calm}) {
		t.Errorf("without force: %v", got)
	}
	if got := left(0, "voice"); len(got) != 2 {
		t.Errorf("without voice: %v", got)
	}
	b := w.bench(0)
	shares, err := b.Shares(t.Context())
	if want := []Share{{w.panel[0].ID, 0, 0}, {w.panel[1].ID, 1, 1}}; err != nil || !slices.Equal(shares, want) {
		t.Errorf("shares %+v, %v", shares, err)
	}
	if _, _, err := b.Avoid(b.Queue(), []string{"froce"}); !errors.Is(err, ErrNoTheme) {
		t.Errorf("a theme that is none: %v", err)
	}
	w.keeps(1)
	if shares, err := w.offline(1).Shares(t.Context()); err != nil || len(shares) != 2 || shares[1].Taken != 1 {
		t.Errorf("without a network: %+v, %v", shares, err)
	}
	w.claims(0, hard, review.RoleCoder)
	if got := left(0, "force"); len(got) != 2 {
		t.Errorf("what one has a part in: %v", got)
	}
}
